"""Inspection, its questions and its report; higher law; referral; cases against staff."""

import random
from dataclasses import replace
from datetime import datetime

import pytest

from bingjian.rules.decision import Grant, Refusal, UsageError, all_of
from bingjian.rules.decisions.supervision import (
    Breach,
    Inspection,
    Look,
    Referral,
    Report,
    StaffCase,
    cases_shown,
    is_police_act_recorded,
    is_question_answered,
    may_answer,
    may_ask,
    may_cite_higher_law,
    may_inspect,
    may_look,
    may_open_case,
    may_refer,
    may_take_report,
    report_of,
    under_higher_law,
)
from bingjian.rules.edition import Words
from bingjian.rules.library import law
from tests.unit.rules.times import SECOND, beijing

NOW = beijing("2026-11-26 12:00:00")
INSPECTION = Inspection(NOW - SECOND, NOW, frozenset({"daoli"}))


def codes(answer: Grant | Refusal) -> list[str]:
    return [refusal.code for refusal in all_of(answer)]


@pytest.mark.parametrize("reads", ["figures", "registers", "proofs"])
def test_R32_1_an_inspector_reads_everything_of_the_area(reads: str) -> None:
    assert isinstance(may_inspect(law(), INSPECTION, Look("daoli", reads, False, False), NOW), Grant)
    assert codes(may_inspect(law(), INSPECTION, Look("nangang", reads, False, False), NOW)) == ["R32.1"]


@pytest.mark.parametrize("reads", ["settings", "", "change"])
def test_R32_1_an_inspector_changes_no_setting(reads: str) -> None:
    assert codes(may_inspect(law(), INSPECTION, Look("daoli", reads, False, True), NOW)) == ["R32.1"]


def test_R32_1_footage_takes_a_grant_under_article_22() -> None:
    refused = may_inspect(law(), INSPECTION, Look("daoli", "figures", True, False), NOW)
    assert isinstance(refused, Refusal)
    assert (refused.code, [str(each) for each in refused.beside]) == ("R32.1", ["N24"])
    assert isinstance(may_inspect(law(), INSPECTION, Look("daoli", "", True, True), NOW), Grant)


@pytest.mark.parametrize(
    ("now", "granted"),
    [(NOW - 2 * SECOND, False), (NOW - SECOND, True), (NOW, True), (NOW + SECOND, False)],
)
def test_R32_1_the_period_is_bounded(now: datetime, granted: bool) -> None:
    given = may_inspect(law(), INSPECTION, Look("daoli", "figures", False, False), now)
    assert codes(given) == ([] if granted else ["R32.1"])


@pytest.mark.parametrize(("at", "on_time"), [(NOW - SECOND, True), (NOW, True), (NOW + SECOND, False)])
def test_R32_2_a_question_is_overdue_one_second_after_its_due_instant(at: datetime, on_time: bool) -> None:
    wanted = [] if on_time else ["R32.2"]
    assert codes(is_question_answered(law(), NOW, None, at)) == wanted
    assert codes(is_question_answered(law(), NOW, at, NOW + 9 * SECOND)) == wanted
    with pytest.raises(UsageError):
        is_question_answered(law(), NOW, at, at - SECOND)


@pytest.mark.parametrize("kind", ["installer_without_right", "forbidden_place", "without_security_duty"])
def test_N24_anyone_may_report_an_unlawful_camera(kind: str) -> None:
    report = Report(kind, "hotel, room 5", NOW, "p1")
    assert isinstance(may_take_report(law(), report), Grant)
    assert codes(may_take_report(law(), replace(report, place=" "))) == ["N24"]
    assert codes(may_take_report(law(), replace(report, kind="ugly"))) == ["N24"]
    assert codes(may_take_report(law(), replace(report, receiver=""))) == ["N24"]


def breach(code: str, facts: str = "f1") -> Breach:
    return Breach(law().duty(code).article, code, facts, ("e2", "e1"), Words("责令改正", "to be corrected"))


def test_R32_3_the_same_facts_give_the_same_bytes_in_the_order_of_articles() -> None:
    breaches = [breach(code) for code in ("N15", "R31.10", "R31.9", "R22.1", "R27.1")]
    first = report_of(breaches)
    for seed in range(5):
        random.Random(seed).shuffle(breaches)
        assert report_of([*breaches, breaches[0]]) == first
    order = [part.split('"')[0] for part in first.decode().split('"code":"')[1:]]
    assert order == ["R22.1", "R27.1", "R31.9", "R31.10", "N15"]
    assert report_of([replace(breach("N15"), evidence=("e1", "e2"))]) == report_of([breach("N15")])
    assert report_of([breach("N15", "f2")]) != report_of([breach("N15")])


def test_R33_1_a_higher_rule_replaces_the_consequence_and_never_the_facts() -> None:
    old = breach("R27.1")
    new = under_higher_law(old, "Data Security Law art. 45", Words("罚款", "a fine"))
    assert (new.facts, new.evidence) == (old.facts, old.evidence)
    assert isinstance(may_cite_higher_law(law(), old, new), Grant)
    for broken in (
        replace(new, facts="f2"),
        replace(new, evidence=()),
        replace(new, code="R27.2"),
        replace(new, citation=" "),
        replace(new, consequence=Words("罚款", "")),
    ):
        assert codes(may_cite_higher_law(law(), old, broken)) == ["R33.1"]
    with pytest.raises(UsageError):
        breach("R27.1", " ")


REFERRAL = Referral(frozenset({"f1", "f2"}), frozenset({"f1", "f2"}), True, True)


@pytest.mark.parametrize(
    "changes",
    [
        {"facts": frozenset(), "proofs": frozenset()},
        {"proofs": frozenset({"f1"})},
        {"has_verifier": False, "is_verified": None},
        {"is_verified": False},
        {"is_verified": None},
    ],
)
def test_R34_1_an_unverified_or_incomplete_referral_is_refused(changes: dict[str, object]) -> None:
    assert isinstance(may_refer(law(), REFERRAL), Grant)
    assert codes(may_refer(law(), replace(REFERRAL, **changes))) == ["R34.1"]  # type: ignore[arg-type]


CASE = StaffCase("k1", "p7", "police station 3", "abuse_of_power")


@pytest.mark.parametrize("role", sorted(law().codes("role")))
def test_R35_1_cases_are_seen_by_auditor_and_discipline_body_alone(role: str) -> None:
    seen = cases_shown(law(), "p1", frozenset({role}), [CASE])
    assert bool(seen) is (role in ("auditor", "discipline_body"))


def test_R35_1_nobody_sees_the_case_against_themselves() -> None:
    other = replace(CASE, id="k0", against="p8")
    assert cases_shown(law(), " P7", frozenset({"auditor"}), [CASE, other]) == (other,)
    assert cases_shown(law(), "", frozenset({"auditor"}), [CASE]) == ()
    assert cases_shown(law(), "p1", frozenset({"auditor"}), [CASE, other]) == (other, CASE)


@pytest.mark.parametrize("offence", ["abuse_of_power", "neglect_of_duty", "favouritism"])
def test_R35_1_a_case_names_person_unit_and_offence(offence: str) -> None:
    assert isinstance(may_open_case(law(), replace(CASE, offence=offence), "p1"), Grant)
    assert codes(may_open_case(law(), replace(CASE, offence="rude"), "p1")) == ["R35.1"]
    assert codes(may_open_case(law(), CASE, "P7 ")) == ["R35.1"]
    assert codes(may_open_case(law(), CASE, "")) == ["R35.1"]
    assert codes(may_open_case(law(), replace(CASE, unit=""), "p1")) == ["R35.1"]


def test_N25_what_public_security_does_is_journaled_as_everybodys_is() -> None:
    assert isinstance(is_police_act_recorded(law(), True, "j1", "case 7"), Grant)
    assert codes(is_police_act_recorded(law(), True, "", "case 7")) == ["N25"]
    assert codes(is_police_act_recorded(law(), True, "j1", " ")) == ["N25"]
    assert isinstance(is_police_act_recorded(law(), False, "", ""), Grant)


def test_facts_that_contradict_themselves_are_no_question() -> None:
    for broken in (
        lambda: replace(INSPECTION, begin=NOW + SECOND),
        lambda: replace(INSPECTION, until=datetime(2026, 1, 1)),  # noqa: DTZ001
        lambda: replace(REFERRAL, has_verifier=False),
        lambda: replace(REFERRAL, proofs=frozenset({"f9"})),
        lambda: Report("forbidden_place", "x", datetime(2026, 1, 1), "p"),  # noqa: DTZ001
    ):
        with pytest.raises(UsageError):
            broken()


def test_R32_1_an_account_reads_what_one_of_its_inspections_allows() -> None:
    look = Look("daoli", "figures", False, False)
    other = replace(INSPECTION, areas=frozenset({"nangang"}))
    assert codes(may_look(law(), [], look, NOW)) == ["R32.1"]
    assert codes(may_look(law(), [other], look, NOW)) == ["R32.1"]
    assert isinstance(may_look(law(), [other, INSPECTION], look, NOW), Grant)
    assert codes(may_look(law(), [other, INSPECTION], look, NOW + SECOND)) == ["R32.1"]


@pytest.mark.parametrize(("text", "due", "granted"), [("问", 0, True), ("问", -1, False), (" ", 0, False)])
def test_R32_2_a_question_says_what_and_leaves_time(text: str, due: int, granted: bool) -> None:
    answer = may_ask(law(), text, NOW + due * SECOND, NOW)
    assert codes(answer) == ([] if granted else ["R32.2"])


@pytest.mark.parametrize("code", ["R5.2", "R32.2"])
def test_R32_2_R5_2_the_unit_asked_answers(code: str) -> None:
    assert isinstance(may_answer(law(), code, "a", "A"), Grant)
    assert codes(may_answer(law(), code, "a", "b")) == [code]
    assert codes(may_answer(law(), code, "a", "")) == [code]
