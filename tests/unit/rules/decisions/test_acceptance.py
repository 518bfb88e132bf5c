"""Acceptance: the last attempt decides, for the system and for each camera."""

from dataclasses import replace
from datetime import UTC
from itertools import permutations

import pytest

from bingjian.rules.decision import Grant, UsageError
from bingjian.rules.decisions.acceptance import (
    Attempt,
    Participant,
    TrialView,
    accepted_cameras,
    are_cameras_accepted,
    deciding,
    is_accepted,
    is_record_complete,
    may_delete_attempt,
    may_view_trial,
    took_part,
)
from bingjian.rules.library import law
from tests.unit.rules.answers import codes, third, told, told_zh
from tests.unit.rules.decisions.test_systems import system
from tests.unit.rules.times import SECOND, beijing

NOW = beijing("2026-06-01")
CAMERAS = frozenset({"C1", "C2"})
PUBLIC = system(government_invested=True, article8=True)
PRIVATE = system(class_a=True, article8=True)
VOLUNTARY = system()
PASSED = Attempt(
    system="S1",
    built=beijing("2026-02-01"),
    held=beijing("2026-03-01"),
    standards=("GB 50348-2018",),
    results=("第 1 项：合格",),
    is_passed=True,
    participants=(Participant("city_data_authority", "甲"), Participant("public_security", "乙")),
    report_hash="ab12",
    cameras=CAMERAS,
)
FAILED = replace(PASSED, is_passed=False)
LATER = {"held": beijing("2026-04-01")}


def judged(*attempts: Attempt, kind: object = PUBLIC, cameras: frozenset[str] = CAMERAS) -> list[str]:
    return codes(is_accepted(law(), kind, cameras, attempts, NOW))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("lack", "word"),
    [
        ({"standards": ()}, "the standards"),
        ({"standards": (" ",)}, "the standards"),
        ({"results": ()}, "the result of each item"),
        ({"is_passed": None}, "the conclusion"),
        ({"participants": ()}, "who took part"),
        ({"report_hash": ""}, "the report"),
    ],
)
def test_R16_1_a_record_names_each_element_it_lacks(lack: dict[str, object], word: str) -> None:
    answer = is_record_complete(law(), PUBLIC, replace(PASSED, **lack))
    assert codes(answer) == ["R16.1"]
    assert told(answer) == f"the acceptance record lacks {word}"


def test_R16_1_a_whole_record_and_several_gaps_at_once() -> None:
    assert codes(is_record_complete(law(), PUBLIC, PASSED)) == []
    answer = is_record_complete(law(), PUBLIC, replace(PASSED, standards=(), is_passed=None))
    assert told_zh(answer) == "验收记录缺少：所依标准、结论"


@pytest.mark.parametrize(
    ("bodies", "expected"),
    [
        (["city_data_authority", "public_security"], []),
        (["city_data_authority", "public_security", "housing"], []),
        (["public_security"], ["R16.2"]),
        (["city_data_authority"], ["R16.2"]),
    ],
)
def test_R16_2_data_authority_and_public_security_take_part(bodies: list[str], expected: list[str]) -> None:
    present = tuple(Participant(body, "某人") for body in bodies)
    assert codes(took_part(law(), PUBLIC, replace(PASSED, participants=present))) == expected


def test_R16_2_named_persons_and_the_missing_body_named() -> None:
    nameless = (Participant("city_data_authority", " "), Participant("public_security", "乙"))
    answer = took_part(law(), PUBLIC, replace(PASSED, participants=nameless))
    assert told(answer) == "nobody took part for the city data authority"


def test_R16_2_authorities_are_owed_for_government_investment_alone() -> None:
    owner = replace(PASSED, participants=(Participant("operator", "丙"),))
    assert codes(took_part(law(), PRIVATE, owner)) == []
    assert judged(owner, kind=PRIVATE) == []


def test_R16_2_another_edition_may_add_a_body() -> None:
    wider = law().adding(third(code=("acceptance_participant", "emergency")))
    assert codes(took_part(wider, PUBLIC, PASSED)) == ["R16.2"]


@pytest.mark.parametrize(
    ("attempts", "expected"),
    [
        ((), ["R16.3", "R16.6"]),
        ((FAILED,), ["R16.3", "R16.6"]),
        ((replace(PASSED, system="S2"),), ["R16.3", "R16.6"]),  # another system's
        ((PASSED,), []),
        ((replace(PASSED, held=NOW),), []),
        ((replace(PASSED, held=NOW + SECOND),), ["R16.3", "R16.6"]),  # not held yet
    ],
)
def test_R16_3_no_service_without_a_passed_acceptance(
    attempts: tuple[Attempt, ...], expected: list[str]
) -> None:
    assert judged(*attempts) == expected


@pytest.mark.parametrize(("revoked", "expected"), [(NOW - SECOND, 2), (NOW, 2), (NOW + SECOND, 0)])
def test_R16_3_a_revoked_acceptance_ends_service(revoked: object, expected: int) -> None:
    answer = is_accepted(law(), PUBLIC, CAMERAS, [replace(PASSED, revoked=revoked)], NOW)  # type: ignore[arg-type]
    assert len(codes(answer)) == expected
    assert not expected or "the acceptance was revoked" in told(answer)


def test_N11_private_class_a_systems_are_refused_by_the_decree() -> None:
    assert judged(kind=PRIVATE) == ["N11", "N11"]
    assert judged(PASSED, kind=PRIVATE) == []
    assert judged(replace(PASSED, standards=()), kind=PRIVATE) == ["N11"]


def test_R16_3_other_article_8_systems_too_but_no_bar_for_voluntary_cameras() -> None:
    assert judged(kind=system(article8=True)) == ["R16.3", "R16.6"]
    assert judged(kind=VOLUNTARY) == []
    assert judged(FAILED, kind=VOLUNTARY) == []


def test_R16_3_a_grant_cites_all_it_looked_at() -> None:
    answer = is_accepted(law(), PUBLIC, CAMERAS, [PASSED], NOW)
    assert isinstance(answer, Grant)
    assert [str(article) for article in answer.articles] == ["16", "N11"]


def test_R16_4_failed_put_right_passed() -> None:
    attempts = (FAILED, replace(PASSED, **LATER))
    assert judged(*attempts) == []
    assert judged(PASSED, replace(FAILED, **LATER)) == ["R16.3", "R16.6"]
    assert len(attempts) == 2


def test_R16_4_the_order_they_are_told_in_does_not_matter() -> None:
    attempts = (FAILED, replace(PASSED, **LATER), replace(FAILED, held=beijing("2026-05-01")))
    answers = {repr(is_accepted(law(), PUBLIC, CAMERAS, order, NOW)) for order in permutations(attempts)}
    assert len(answers) == 1
    for order in permutations(attempts):
        assert deciding(order, PUBLIC, NOW) == attempts[-1]


def test_R16_4_of_two_at_one_instant_the_failed_one_counts() -> None:
    assert judged(FAILED, PASSED) == judged(PASSED, FAILED) == ["R16.3", "R16.6"]


def test_R16_4_no_attempt_can_be_deleted() -> None:
    for attempt in (FAILED, PASSED):
        assert codes(may_delete_attempt(law(), attempt)) == ["R16.4"]
    assert "2026-03-01" in told(may_delete_attempt(law(), replace(PASSED, held=PASSED.held.astimezone(UTC))))


TRIAL = TrialView("builder", is_test_view=True, is_watermarked=True, is_kept=True, is_logged=True)


@pytest.mark.parametrize(
    ("view", "count"),
    [
        (TRIAL, 0),
        (replace(TRIAL, role="construction_unit"), 0),
        (replace(TRIAL, role="operator"), 1),
        (replace(TRIAL, is_test_view=False), 1),
        (replace(TRIAL, is_watermarked=False), 1),
        (replace(TRIAL, is_kept=False), 1),
        (replace(TRIAL, is_logged=False), 1),
        (replace(TRIAL, is_on_trial=False), 1),
        (replace(TRIAL, role="watcher", is_logged=False), 2),
    ],
)
def test_R16_5_a_trial_is_for_the_builders_test_view(view: TrialView, count: int) -> None:
    assert codes(may_view_trial(law(), view)) == ["R16.5"] * count


def test_R16_6_the_hundred_and_first_camera_waits_for_its_own_acceptance() -> None:
    hundred = frozenset(f"C{n:03}" for n in range(1, 101))
    main = replace(PASSED, cameras=hundred)
    assert judged(main, cameras=hundred) == []
    answer = are_cameras_accepted(law(), PUBLIC, hundred | {"C101"}, [main], NOW)
    assert codes(answer) == ["R16.6"]
    assert told(answer) == "1 of 101 cameras are not accepted: C101"
    more = replace(PASSED, cameras={"C101"}, is_supplementary=True, **LATER)
    assert judged(main, more, cameras=hundred | {"C101"}) == []


def test_R16_6_a_failed_supplement_bars_its_cameras_and_not_the_system() -> None:
    failed = replace(FAILED, cameras={"C3"}, is_supplementary=True, **LATER)
    assert judged(PASSED, failed) == []
    assert judged(PASSED, failed, cameras=CAMERAS | {"C3"}) == ["R16.6"]


def test_R16_6_a_supplement_is_held_by_the_same_rules() -> None:
    more = replace(PASSED, cameras={"C3"}, is_supplementary=True, report_hash="", participants=(), **LATER)
    assert judged(PASSED, more, cameras=CAMERAS | {"C3"}) == ["R16.1", "R16.2"]


def test_facts_that_contradict_themselves_are_no_question() -> None:
    for wrong in (
        {"held": PASSED.built - SECOND},
        {"revoked": PASSED.held - SECOND},
        {"held": PASSED.held.replace(tzinfo=None)},
    ):
        with pytest.raises(UsageError):
            replace(PASSED, **wrong)  # type: ignore[arg-type]
    at_once = replace(PASSED, held=PASSED.built, revoked=PASSED.built)
    assert judged(at_once) == ["R16.3", "R16.6"]
    with pytest.raises(UsageError):
        is_accepted(law(), PUBLIC, CAMERAS, [PASSED], NOW.replace(tzinfo=None))


def test_R16_6_the_cameras_that_may_be_in_service() -> None:
    three = CAMERAS | {"C3"}
    assert accepted_cameras(law(), PUBLIC, three, [PASSED], NOW) == CAMERAS
    supplement = replace(PASSED, cameras={"C3"}, is_supplementary=True, **LATER)
    assert accepted_cameras(law(), PUBLIC, three, [PASSED, supplement], NOW) == three
    failed = replace(supplement, cameras={"C1"}, is_passed=False)
    assert accepted_cameras(law(), PUBLIC, three, [PASSED, failed], NOW) == {"C2"}
    assert accepted_cameras(law(), VOLUNTARY, three, [], NOW) == three
