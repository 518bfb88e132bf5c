"""Protections in place, key posts, the register of calls, contractors."""

from dataclasses import replace
from datetime import datetime

import pytest

from bingjian.rules.decision import Grant, Refusal, UsageError, all_of
from bingjian.rules.decisions.entrusting import (
    Entrusted,
    Operation,
    is_registered_call,
    is_run_safely,
    may_contractor,
    may_entrust,
    may_take_post,
    safeguards_of,
)
from bingjian.rules.library import law
from tests.unit.rules.times import SECOND, beijing

NOW = beijing("2026-11-26 12:00:00")
PROTECTIONS = frozenset(law().codes("protection"))


def codes(answer: Grant | Refusal) -> list[str]:
    return [refusal.code for refusal in all_of(answer)]


def operation(**changes: object) -> Operation:
    made = Operation(True, PROTECTIONS, True, True, True, agreement="7", supervised=NOW)
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        *(
            ({"protections": PROTECTIONS - {one}}, law().words("protection", one).en)
            for one in sorted(PROTECTIONS)
        ),
        ({"is_maintained": False}, "regular maintenance"),
        ({"is_original_and_whole": False}, "verified original and whole"),
        ({"is_original_and_whole": None}, "verified original and whole"),
        ({"agreement": " "}, "security and secrecy agreement"),
        ({"supervised": None}, "supervision of the entrusted body"),
    ],
)
def test_N15_every_protection_and_an_agreement_where_it_is_entrusted(
    changes: dict[str, object], told: str
) -> None:
    assert isinstance(is_run_safely(law(), operation()), Grant)
    refused = is_run_safely(law(), operation(**changes))
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.reason.en) == ("N15", f"lacking: {told}")
    assert isinstance(is_run_safely(law(), operation(is_decree_class_a=False, **changes)), Grant)


def test_N15_who_entrusts_nobody_needs_no_agreement() -> None:
    alone = operation(is_entrusted=False, agreement="", supervised=None)
    assert isinstance(is_run_safely(law(), alone), Grant)
    with pytest.raises(UsageError):
        operation(is_entrusted=False)


@pytest.mark.parametrize("one", ["vetting", "secrecy_education", "post_training"])
def test_N16_a_key_post_takes_vetting_secrecy_education_and_training(one: str) -> None:
    every = frozenset(law().codes("post_safeguard"))
    assert isinstance(may_take_post(law(), True, every), Grant)
    assert codes(may_take_post(law(), True, every - {one})) == ["N16"]
    assert isinstance(may_take_post(law(), False, frozenset()), Grant)


@pytest.mark.parametrize("one", ["reason", "content", "caller_unit", "caller_name"])
def test_N16_the_register_has_reason_content_and_the_callers_unit_and_name(one: str) -> None:
    every = frozenset(law().codes("call_field"))
    assert isinstance(is_registered_call(law(), True, every), Grant)
    refused = is_registered_call(law(), True, every - {one})
    assert isinstance(refused, Refusal)
    assert law().words("call_field", one).en in refused.reason.en
    assert isinstance(is_registered_call(law(), False, frozenset()), Grant)


def contract() -> Entrusted:
    return Entrusted(NOW - SECOND, NOW, frozenset({"maintenance"}), has_promised_secrecy=True)


@pytest.mark.parametrize(
    ("now", "granted"),
    [(NOW - 2 * SECOND, False), (NOW - SECOND, True), (NOW, True), (NOW + SECOND, False)],
)
def test_N19_a_contractors_access_ends_with_the_contract(now: datetime, granted: bool) -> None:
    given = may_contractor(law(), contract(), "maintenance", frozenset(), now)
    assert codes(given) == ([] if granted else ["N19"])


@pytest.mark.parametrize("ban", ["keep", "process", "disclose", "provide", "other_use", "sell"])
def test_N19_no_own_copy_and_no_other_use(ban: str) -> None:
    assert codes(may_contractor(law(), contract(), "maintenance", frozenset({ban}), NOW)) == ["N19"]


def test_N19_inside_the_scope_and_with_a_promise_of_secrecy() -> None:
    assert codes(may_contractor(law(), contract(), "design", frozenset(), NOW)) == ["N19"]
    assert codes(may_contractor(law(), contract(), "", frozenset(), NOW)) == ["N19"]
    silent = replace(contract(), has_promised_secrecy=False)
    assert codes(may_contractor(law(), silent, "maintenance", frozenset(), NOW)) == ["N19"]


def test_facts_that_contradict_themselves_are_no_question() -> None:
    with pytest.raises(UsageError):
        replace(contract(), begin=NOW + SECOND)
    with pytest.raises(UsageError):
        replace(contract(), until=datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(UsageError):
        operation(supervised=datetime(2026, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("agreement", "signed", "refused"),
    [
        ("", "", True),
        ("7", "", True),
        ("7", "甲", True),
        ("7", "甲乙", False),
        ("7", "甲乙丙", False),
        ("", "甲乙", True),
    ],
)
def test_N15_nothing_is_entrusted_without_an_agreement_of_both(
    agreement: str, signed: str, refused: bool
) -> None:
    answer = may_entrust(law(), agreement, frozenset(signed), frozenset("甲乙"))
    assert codes(answer) == ["N15"] * refused


def test_N16_trainings_of_the_measures_are_safeguards_too() -> None:
    taught = safeguards_of(frozenset({"secrecy", "job_skills"}))
    assert codes(may_take_post(law(), True, taught)) == ["N16"]  # vetting is something else
    assert codes(may_take_post(law(), True, safeguards_of(taught | {"vetting"}))) == []
    assert codes(may_take_post(law(), True, safeguards_of(frozenset({"secrecy", "vetting"})))) == ["N16"]
