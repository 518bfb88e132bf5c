"""May this system enter service: everything that is missing, at once."""

from dataclasses import replace
from itertools import combinations

import pytest

from bingjian.rules.decision import Grant, Refusal, UsageError, Words
from bingjian.rules.decisions.connection import Connection, Interface
from bingjian.rules.decisions.service import ELSEWHERE, Readiness, may_enter_service
from bingjian.rules.decisions.surroundings import Place
from bingjian.rules.law import Law
from bingjian.rules.library import HARBIN, law, packaged
from tests.unit.rules.answers import codes, third, told
from tests.unit.rules.decisions import test_acceptance as acceptance
from tests.unit.rules.decisions.test_archive import PAPERS
from tests.unit.rules.decisions.test_archive import UNITS as ARCHIVED
from tests.unit.rules.decisions.test_qualification import CHECKS, LAST, PRODUCT, UNITS
from tests.unit.rules.decisions.test_surroundings import SIGN, TEMPLATES
from tests.unit.rules.decisions.test_systems import system
from tests.unit.rules.times import beijing

NOW = acceptance.NOW
CAMERAS = acceptance.CAMERAS
PUBLIC = system(government_invested=True, government_built=True, article8=True, class_a=True)
PRIVATE = system(article8=True, class_a=True)
VOLUNTARY = system()


def granted(code: str) -> Grant:
    """As the decision on a colleague's article grants it."""
    return Grant((law().duty(code).article,))


ANSWERS: dict[str, Grant | Refusal] = {code: granted(code) for code in ELSEWHERE}
READY = Readiness(
    system=PUBLIC,
    cameras=CAMERAS,
    places=(Place("人民广场", (SIGN,)),),
    templates=TEMPLATES,
    connection=Connection(NOW, CAMERAS, Interface("gb28181", "sip:1@10.0.0.1", NOW)),
    products=(PRODUCT,),
    units=tuple(UNITS),
    checks=tuple(CHECKS),
    attempts=(acceptance.PASSED,),
    papers=tuple(PAPERS),
    archived=tuple(ARCHIVED),
    jobs=0,
    answers=ANSWERS,
)
# What takes each duty away from READY, and the codes that refuse then.
LACKS: dict[str, tuple[dict[str, object], list[str]]] = {
    "sign": ({"places": (Place("人民广场", ()),)}, ["R11.1"]),
    "link test": ({"connection": replace(READY.connection, link_tested=None)}, ["R13.1"]),
    "catalogue": ({"connection": replace(READY.connection, catalogue={"C1"})}, ["R13.1"]),
    "certificate": ({"products": (replace(PRODUCT, valid_to=None),)}, ["R14.1"]),
    "malware": ({"products": (replace(PRODUCT, is_free_of_malware=None),)}, ["N12"]),
    "unit": ({"units": tuple(UNITS[:2])}, ["R14.2"]),
    "standard": ({"checks": (replace(CHECKS[0], is_passed=False),)}, ["R15.1"]),
    "record": ({"attempts": (replace(acceptance.PASSED, report_hash=""),)}, ["R16.1"]),
    "participant": (
        {"attempts": (replace(acceptance.PASSED, participants=acceptance.PASSED.participants[:1]),)},
        ["R16.2"],
    ),
    "acceptance": ({"attempts": ()}, ["R16.3", "R16.6"]),
    "camera": ({"attempts": (replace(acceptance.PASSED, cameras={"C1"}),)}, ["R16.6"]),
    "paper": ({"papers": tuple(PAPERS[:2])}, ["R17.1"]),
    "staff": ({"archived": tuple(ARCHIVED[:2])}, ["R17.2"]),
    "R23.1": ({"answers": {k: v for k, v in ANSWERS.items() if k != "R23.1"}}, ["R23.1"]),
    "R25.1": ({"answers": {k: v for k, v in ANSWERS.items() if k != "R25.1"}}, ["R25.1"]),
    "R28.10": ({"answers": {k: v for k, v in ANSWERS.items() if k != "R28.10"}}, ["R28.10"]),
}


def lacking(*names: str) -> Readiness:
    changes: dict[str, object] = {}
    for name in names:
        changes |= LACKS[name][0]
    return replace(READY, **changes)  # type: ignore[arg-type]


def test_R16_3_a_system_with_everything_enters_service() -> None:
    answer = may_enter_service(law(), READY, NOW)
    assert isinstance(answer, Grant)
    cited = {str(article) for article in answer.articles}
    assert {"11¶1", "13¶1", "14", "15", "16", "17", "23", "25(1)", "28¶1", "N11", "N12"} <= cited


@pytest.mark.parametrize("name", LACKS)
def test_R16_3_each_missing_item_alone_bars_service(name: str) -> None:
    assert codes(may_enter_service(law(), lacking(name), NOW)) == LACKS[name][1]


def test_R16_3_all_missing_items_are_listed_lowest_article_first() -> None:
    bare = Readiness(
        PUBLIC, CAMERAS, (Place("A", ()),), set(), Connection(None, set(), None), (), (), (), (), (), (), 0
    )
    assert codes(may_enter_service(law(), bare, NOW)) == [
        "R11.1",
        *["R13.1"] * 2,
        "R14.1",
        *["R14.2"] * 3,
        "R15.1",
        *["R16.3", "R16.6"],
        "R17.1",
        *["R17.2"] * 3,
        *["R23.1", "R25.1", "R28.10"],
    ]


@pytest.mark.parametrize(
    ("one", "other"), list(combinations(["sign", "link test", "unit", "acceptance", "paper"], 2))
)
def test_R16_3_a_second_gap_never_hides_the_first(one: str, other: str) -> None:
    assert codes(may_enter_service(law(), lacking(one, other), NOW)) == LACKS[one][1] + LACKS[other][1]


def test_R2_2_no_service_without_cameras_whatever_else_is_there() -> None:
    ready = replace(READY, system=VOLUNTARY, attempts=(), papers=(), archived=(), cameras=frozenset())
    assert codes(may_enter_service(law(), ready, NOW)) == ["R2.2"]


def test_R11_1_a_system_without_public_places_needs_no_sign() -> None:
    assert codes(may_enter_service(law(), replace(READY, places=()), NOW)) == []


def test_N11_a_private_class_a_system_by_the_decree() -> None:
    ready = replace(READY, system=PRIVATE)
    assert codes(may_enter_service(law(), ready, NOW)) == []
    assert codes(may_enter_service(law(), replace(ready, attempts=(), papers=()), NOW)) == ["N11"] * 3


def test_R13_2_others_keep_an_interface_ready() -> None:
    no_interface = replace(READY.connection, interface=None)
    ready = replace(READY, system=VOLUNTARY, connection=no_interface, attempts=(), papers=(), archived=())
    assert codes(may_enter_service(law(), ready, NOW)) == ["R13.2"] * 3  # and no acceptance, no archive


def test_R14_2_units_are_asked_for_on_the_day_of_service() -> None:
    assert codes(may_enter_service(law(), READY, beijing(f"{LAST} 23:59:59"))) == []
    assert codes(may_enter_service(law(), READY, beijing("2026-07-01 00:00:00"))) == ["R14.2"] * 3


@pytest.mark.parametrize("code", ELSEWHERE)
def test_R23_1_R25_1_R28_10_answers_from_elsewhere_are_joined(code: str) -> None:
    refusal = law().refusal(code, Words("缺一项", "one is missing"), Words("补齐", "complete it"))
    answer = may_enter_service(law(), replace(READY, answers=ANSWERS | {code: refusal}), NOW)
    assert codes(answer) == [code]
    assert told(answer) == "one is missing"


def test_R25_1_a_grant_of_another_question_is_no_answer() -> None:
    with pytest.raises(UsageError):
        may_enter_service(law(), replace(READY, answers=ANSWERS | {"R25.1": granted("R23.1")}), NOW)
    with pytest.raises(UsageError):
        may_enter_service(law(), replace(READY, answers=ANSWERS | {"R25.1": Grant(())}), NOW)


def test_only_what_binds_is_asked() -> None:
    city = Law([packaged(HARBIN)])
    assert codes(may_enter_service(city, lacking("malware"), NOW)) == []
    assert codes(may_enter_service(city, replace(READY, system=system(class_a=True), attempts=()), NOW)) == []


def test_a_third_edition_adds_a_gap_without_code() -> None:
    wider = law().adding(third(code=("archive_part", "inspection")))
    assert codes(may_enter_service(wider, READY, NOW)) == ["R17.1", "R17.2"]


def test_the_order_of_facts_does_not_matter() -> None:
    backwards = replace(
        READY,
        units=READY.units[::-1],
        checks=READY.checks[::-1],
        papers=READY.papers[::-1],
        archived=READY.archived[::-1],
    )
    for name in LACKS:
        one = may_enter_service(law(), replace(READY, **LACKS[name][0]), NOW)  # type: ignore[arg-type]
        other = may_enter_service(law(), replace(backwards, **LACKS[name][0]), NOW)  # type: ignore[arg-type]
        assert repr(one) == repr(other)


def test_facts_that_contradict_themselves_are_no_question() -> None:
    with pytest.raises(UsageError):
        may_enter_service(law(), READY, NOW.replace(tzinfo=None))
    with pytest.raises(UsageError):
        may_enter_service(law(), replace(READY, jobs=-1), NOW)
