"""Officers at the counter: each item of arts. 21 and 22 alone, all together, and no way past them."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bingjian.rules.decision import Grant, Refusal, UsageError, all_of
from bingjian.rules.decisions.access import (
    Applicant,
    Application,
    AuthorityDocument,
    Certificate,
    Officer,
    different_officers,
    may_access,
)
from bingjian.rules.decisions.refusing import (
    OtherLaw,
    exceptions_in_month,
    may_except,
    may_refuse,
    refused_items,
)
from bingjian.rules.law import Law
from bingjian.rules.library import law, packaged, published
from bingjian.rules.reading import read_edition
from tests.unit.rules.times import SECOND, beijing

NOW = beijing("2026-11-26 10:00:00")
TODAY = date(2026, 11, 26)


def officer(person: str, **changes: object) -> Officer:
    card = Certificate("work_card", f"no-{person}", "Harbin police", date(2027, 1, 1), is_seen=True)
    return replace(Officer(person, person.upper(), "court", card, "v2"), **changes)  # type: ignore[arg-type]


def application(**changes: object) -> Application:
    made = Application(
        applicant=Applicant("court", is_state_organ=True),
        number="(2026)黑01刑初7号",
        purpose="court_proceeding",
        power="Criminal Procedure Law art. 54",
        cameras=("c1", "c2"),
        begin=beijing("2026-11-25 10:00:00"),
        end=beijing("2026-11-25 11:00:00"),
        verbs=frozenset({"view"}),
        officers=(officer("a"), officer("b")),
        documents=(AuthorityDocument("approval", "7", "court", TODAY, "hash"),),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def answer(asked: Application, now: datetime = NOW) -> Grant | Refusal:
    return may_access(law(), asked, "v2", now)


def codes(given: Grant | Refusal) -> list[str]:
    return [refusal.code for refusal in all_of(given)]


def test_R21_1_a_complete_application_is_granted_by_both_laws() -> None:
    granted = answer(application())
    assert isinstance(granted, Grant)
    assert {"21", "22(1)", "22(2)", "22(3)", "22(5)", "N20"} <= {str(each) for each in granted.articles}


@pytest.mark.parametrize("name", ["insurance company", "property firm", "unknown"])
def test_R21_1_who_is_no_state_organ_is_refused(name: str) -> None:
    organ = None if name == "unknown" else False
    assert codes(answer(application(applicant=Applicant(name, organ)))) == ["R21.1"]


def test_R21_1_a_private_person_is_offered_the_individual_view() -> None:
    refused = answer(application(applicant=Applicant("Li", False, is_individual=True)))
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.remedy.en) == ("R21.1", "apply for an individual view")
    with pytest.raises(UsageError):
        Applicant("Li", True, is_individual=True)


@pytest.mark.parametrize("name", ["court", "city management"])
def test_R21_1_state_organs_pass_on_to_article_22(name: str) -> None:
    asked = application(applicant=Applicant(name, True), officers=())
    assert codes(answer(asked))[0] == "R22.1"


@pytest.mark.parametrize(
    "changes",
    [
        {"purpose": ""},
        {"purpose": "attendance"},
        {"number": "  "},
        {"cameras": ()},
        {"cameras": ("*",)},
        {"cameras": ("c1", "district-*")},
        {"cameras": ("c1", "")},
    ],
)
def test_R21_2_purpose_number_and_each_camera_are_named_and_nothing_is_a_wildcard(
    changes: dict[str, object],
) -> None:
    assert codes(answer(application(**changes))) == ["R21.2"]


def test_N20_the_legal_power_is_cited_and_two_persons_are_needed_beside_it_C6() -> None:
    refused = answer(application(power=" "))
    assert isinstance(refused, Refusal)
    assert refused.code == "N20"
    assert {"21", "22(1)"} <= {str(each) for each in refused.beside}
    both = answer(application(power="", officers=(officer("a"),)))
    assert codes(both) == ["R22.1", "N20"]


@pytest.mark.parametrize("verbs", [set(), {"burn"}, {"view", "burn"}])
def test_R21_3_the_rights_asked_for_are_named(verbs: set[str]) -> None:
    assert codes(answer(application(verbs=frozenset(verbs)))) == ["R21.3"]


@pytest.mark.parametrize(
    ("persons", "granted"), [("", False), ("a", False), ("aa", False), ("ab", True), ("abc", True)]
)
def test_R22_1_at_least_two_distinct_officers(persons: str, granted: bool) -> None:
    given = answer(application(officers=tuple(officer(person) for person in persons)))
    assert isinstance(given, Grant) is granted
    if not granted:
        assert codes(given) == ["R22.1"]


def test_R22_1_two_persons_on_one_certificate_and_one_person_on_two_are_one() -> None:
    same_card = officer("b", certificate=officer("a").certificate)
    assert codes(answer(application(officers=(officer("a"), same_card)))) == ["R22.1"]
    same_person = replace(officer("b"), person=" A ")
    assert codes(answer(application(officers=(officer("a"), same_person)))) == ["R22.1"]
    assert different_officers([officer("a"), officer(" ")]) == 1
    bridge = replace(officer("b"), person="a")  # person a, the certificate of b
    assert different_officers([officer("a"), officer("b"), bridge]) == 1


@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("1234")), max_size=6).flatmap(
        lambda pairs: st.tuples(st.just(pairs), st.permutations(pairs))
    )
)
def test_R22_1_the_order_of_officers_does_not_matter(
    both: tuple[list[tuple[str, str]], list[tuple[str, str]]],
) -> None:
    def of(pairs: list[tuple[str, str]]) -> int:
        card = officer("a").certificate
        assert card is not None
        return different_officers([officer(p, certificate=replace(card, number=n)) for p, n in pairs])

    assert of(both[0]) == of(both[1])


@pytest.mark.parametrize(
    ("valid_to", "granted"),
    [(date(2026, 11, 25), False), (date(2026, 11, 26), True), (date(2026, 11, 27), True), (None, False)],
)
def test_R22_2_a_card_expiring_today_is_accepted_one_of_yesterday_names_the_officer(
    valid_to: date | None, granted: bool
) -> None:
    card = officer("b").certificate
    assert card is not None
    given = answer(
        application(officers=(officer("a"), officer("b", certificate=replace(card, valid_to=valid_to))))
    )
    assert isinstance(given, Grant) is granted
    if isinstance(given, Refusal):
        assert given.code == "R22.2"
        assert "of B:" in given.reason.en


@pytest.mark.parametrize(
    "changes", [{"kind": "library_card"}, {"number": ""}, {"issuer": " "}, {"is_seen": False}]
)
def test_R22_2_kind_number_issuer_and_the_custodians_look(changes: dict[str, object]) -> None:
    card = officer("b").certificate
    assert card is not None
    shown = officer("b", certificate=replace(card, **changes))  # type: ignore[arg-type]
    assert codes(answer(application(officers=(officer("a"), shown, officer("c"))))) == ["R22.2"]
    none = officer("b", certificate=None)
    assert codes(answer(application(officers=(officer("a"), none)))) == ["R22.2"]


def test_R22_3_no_document_or_one_of_another_unit_is_refused() -> None:
    other = AuthorityDocument("approval", "7", "health bureau", TODAY, "hash")
    assert codes(answer(application(documents=()))) == ["R22.3"]
    assert codes(answer(application(documents=(other,)))) == ["R22.3"]


@pytest.mark.parametrize(
    "changes",
    [{"kind": "postcard"}, {"number": ""}, {"scan": ""}, {"issued": None}, {"issued": date(2026, 11, 27)}],
)
def test_R22_3_a_document_has_kind_number_date_and_scan(changes: dict[str, object]) -> None:
    [document] = application().documents
    given = answer(application(documents=(replace(document, **changes),)))  # type: ignore[arg-type]
    assert codes(given) == ["R22.3"]


def test_R22_3_officers_of_two_units_bring_one_document_each() -> None:
    mixed = application(officers=(officer("a"), officer("b", unit="procuratorate")))
    refused = answer(mixed)
    assert isinstance(refused, Refusal)
    assert (codes(refused), "procuratorate" in refused.reason.en) == (["R22.3"], True)
    letter = AuthorityDocument("introduction_letter", "9", "procuratorate", TODAY, "hash")
    assert isinstance(answer(replace(mixed, documents=(*mixed.documents, letter))), Grant)


@pytest.mark.parametrize(("signed", "granted"), [("v1", False), ("", False), ("v2", True)])
def test_R22_5_an_old_version_of_the_rules_is_signed_again(signed: str, granted: bool) -> None:
    given = answer(application(officers=(officer("a"), officer("b", undertaking=signed))))
    assert isinstance(given, Grant) is granted
    assert codes(given) == ([] if granted else ["R22.5"])


def test_R22_5_while_no_rules_are_in_force_nobody_can_have_signed_them() -> None:
    blank = tuple(officer(person, undertaking="") for person in "ab")
    assert set(codes(may_access(law(), application(officers=blank), "", NOW))) == {"R22.5"}


def test_R22_6_two_missing_items_are_both_listed_and_named_for_the_written_form() -> None:
    given = answer(application(officers=(officer("a"),), documents=()))
    assert codes(given) == ["R22.1", "R22.3"]
    assert refused_items(law(), given) == ("min_two_officers", "show_authority_document")
    assert refused_items(law(), answer(application())) == ()


def test_R22_6_a_manual_refusal_names_an_item_and_is_written() -> None:
    assert isinstance(may_refuse(law(), frozenset({"registered"}), True), Grant)
    assert codes(may_refuse(law(), frozenset(), True)) == ["R22.6"]
    assert codes(may_refuse(law(), frozenset({"mood"}), True)) == ["R22.6"]
    assert codes(may_refuse(law(), frozenset({"registered"}), False)) == ["R22.6"]


def other_law(**changes: object) -> OtherLaw:
    made = OtherLaw(
        "statute", "Counter-terrorism Law art. 51", "search", "c1", "c2", frozenset({"min_two_officers"})
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_R22_7_another_law_drops_the_items_it_names_and_no_other() -> None:
    alone = application(officers=(officer("a"),), documents=(), other_law=other_law())
    assert codes(answer(alone)) == ["R22.3"]


def test_R22_7_an_exception_approved_by_its_own_opener_is_refused_and_drops_nothing() -> None:
    alone = application(officers=(officer("a"),), other_law=other_law(confirmed_by=" C1"))
    assert codes(answer(alone)) == ["R22.1", "R22.7"]


def test_R22_7_urgency_alone_drops_nothing() -> None:
    assert codes(answer(application(officers=(officer("a"),), is_urgent=True))) == ["R22.1"]


@pytest.mark.parametrize(
    "changes",
    [
        {"ground": "custom"},
        {"citation": ""},
        {"reason": " "},
        {"confirmed_by": ""},
        {"drops": frozenset()},
        {"drops": frozenset({"everything"})},
    ],
)
def test_R22_7_statute_article_reason_and_a_second_custodian(changes: dict[str, object]) -> None:
    assert isinstance(may_except(law(), other_law()), Grant)
    assert codes(may_except(law(), other_law(**changes))) == ["R22.7"]


def test_R22_7_exceptions_are_counted_by_the_month_in_china() -> None:
    made = [
        beijing("2026-10-31 23:59:59"),
        beijing("2026-11-01 00:00:00"),
        NOW,
        NOW + SECOND,
        beijing("2025-11-20"),
    ]
    assert exceptions_in_month(made, NOW) == 2


def test_all_that_is_missing_is_named_lowest_article_first() -> None:
    nothing = application(
        applicant=Applicant("x", None),
        number="",
        power="",
        verbs=frozenset(),
        officers=(officer("a", undertaking=""),),
        documents=(),
    )
    assert codes(answer(nothing)) == ["R21.1", "R21.2", "R21.3", "R22.1", "R22.3", "R22.5", "N20"]


def test_the_decree_goes_on_alone_when_the_citys_measures_have_ended() -> None:
    ended = published(date(2020, 1, 1)).at(NOW)
    assert codes(may_access(ended, application(power="", officers=()), "v2", NOW)) == ["N20"]


def test_another_edition_with_three_officers_and_one_more_certificate_needs_no_code() -> None:
    stricter = read_edition("elsewhere.toml", ELSEWHERE)
    both = law().adding(stricter)
    assert codes(may_access(both, application(), "v2", NOW)) == ["E22"]
    card = officer("c").certificate
    assert card is not None
    third = officer("c", certificate=replace(card, kind="chip"))
    three = application(officers=(*application().officers, third))
    assert isinstance(may_access(both, three, "v2", NOW), Grant)
    assert codes(answer(three)) == ["R22.2"]


ELSEWHERE = """
id = "elsewhere"
title.zh = "别市办法"
title.en = "Elsewhere"
rank = 3
mark = "E"
kind = "local_measure"
issued = 2026-01-01
articles = 1

[[article]]
number = 1
heading.zh = "查阅"
heading.en = "Access"
reference = "三人"
text.zh = "三人。"
text.en = "Three."

[[duty]]
code = "E22"
article = "1"
bound = ["officers"]
act = "enforce"
text.zh = "三人。"
text.en = "Three."
part = "access"

[[parameter]]
key = "access.min_officers"
value = 3
unit = "persons"
bound = "least"
article = "1"
duty = "E22"
text.zh = "至少"
text.en = "at least"

[[code]]
of = "certificate"
code = "chip"
article = "1"
text.zh = "芯片证"
text.en = "chip card"
"""


def test_facts_that_contradict_themselves_are_no_question() -> None:
    with pytest.raises(UsageError):
        application(end=application().begin)
    with pytest.raises(UsageError):
        application(begin=datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(UsageError):
        answer(application(), datetime(2026, 1, 1))  # noqa: DTZ001


def test_the_city_measures_alone_decide_without_the_decree() -> None:
    assert isinstance(
        may_access(Law([packaged("harbin_draft_2023")]), application(power=""), "v2", NOW), Grant
    )
