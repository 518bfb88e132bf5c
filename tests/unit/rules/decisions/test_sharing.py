"""The catalogue, giving and denying, and what is done with what was shared."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from bingjian.rules.decision import Grant, Refusal, UsageError, all_of
from bingjian.rules.decisions.sharing import (
    CatalogueEntry,
    Denial,
    SharedUse,
    ShareGrant,
    ShareRequest,
    figures_of_use,
    is_answered_in_time,
    may_deny,
    may_publish,
    may_share,
    may_use_share,
)
from bingjian.rules.library import holidays, law
from tests.unit.rules.times import SECOND, beijing

NOW = beijing("2026-11-26 12:00:00")
ENTRY = CatalogueEntry(frozenset({"c1"}), frozenset({"video"}), "public safety")


def codes(answer: Grant | Refusal) -> list[str]:
    return [refusal.code for refusal in all_of(answer)]


def test_R20_1_only_the_data_authority_publishes() -> None:
    assert isinstance(may_publish(law(), True, ENTRY), Grant)
    assert codes(may_publish(law(), False, ENTRY)) == ["R20.1"]
    empty = may_publish(law(), True, CatalogueEntry(frozenset(), frozenset(), " "))
    assert isinstance(empty, Refusal)
    assert empty.reason.en == "the entry lacks: cameras, kinds of data, conditions"


def test_R20_1_use_is_counted_for_each_entry() -> None:
    assert figures_of_use(["e2", "e1"], ["e1", "e1", "gone"]) == {"e1": 2, "e2": 0}


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        (ShareRequest(False, "", "", ""), True),
        (ShareRequest(True, "traffic_accident", "", ""), True),
        (ShareRequest(True, "inspection", "", ""), False),
        (ShareRequest(True, "", "", ""), False),
        (ShareRequest(True, "inspection", "statute", "Environment Law art. 24"), True),
        (ShareRequest(True, "inspection", "statute", " "), False),
        (ShareRequest(True, "inspection", "wish", "letter"), False),
    ],
)
def test_R20_2_pictures_are_shared_for_public_safety_or_on_a_legal_ground_C10(
    asked: ShareRequest, granted: bool
) -> None:
    assert codes(may_share(law(), asked)) == ([] if granted else ["R20.2"])


def denial() -> Denial:
    return Denial("statute", "Secrets Law art. 9", "Wang", date(2026, 11, 27))


@pytest.mark.parametrize(
    "changes",
    [
        {"ground": ""},
        {"ground": "mood"},
        {"citation": ""},
        {"author": " "},
        {"review": None},
        {"review": date(2026, 11, 25)},
        {"review": date(2026, 11, 26)},
    ],
)
def test_R20_2_a_denial_without_ground_author_or_review_leaves_the_request_open(
    changes: dict[str, object],
) -> None:
    assert isinstance(may_deny(law(), denial(), NOW), Grant)
    refused = may_deny(law(), replace(denial(), **changes), NOW)  # type: ignore[arg-type]
    assert isinstance(refused, Refusal)
    assert (refused.code, "stays open" in refused.remedy.en) == ("R20.2", True)


@pytest.mark.parametrize(
    ("answered", "on_time"),
    [("2026-11-20 10:00:00", True), ("2026-11-20 23:59:59", True), ("2026-11-21 00:00:00", False)],
)
def test_R20_2_five_working_days_then_the_data_authority_is_told(answered: str, on_time: bool) -> None:
    asked = beijing("2026-11-13 10:00:00")  # a Friday
    given = is_answered_in_time(law(), asked, beijing(answered), holidays(), NOW)
    assert codes(given) == ([] if on_time else ["R20.2"])
    waiting = is_answered_in_time(law(), asked, None, holidays(), beijing(answered))
    assert codes(waiting) == ([] if on_time else ["R20.2"])


def grant() -> ShareGrant:
    return ShareGrant("traffic_accident", frozenset({"c1"}), frozenset({"video"}), NOW - SECOND, NOW)


USE = SharedUse("traffic_accident", "c1", "video", is_base_info=False)


@pytest.mark.parametrize(("now", "granted"), [(NOW - SECOND, True), (NOW, True), (NOW + SECOND, False)])
def test_R20_3_a_share_ends_with_its_last_second(now: datetime, granted: bool) -> None:
    assert codes(may_use_share(law(), grant(), USE, now)) == ([] if granted else ["R20.3"])
    assert codes(may_use_share(law(), grant(), USE, grant().begin - SECOND)) == ["R20.3"]


@pytest.mark.parametrize("changes", [{"camera": "c2"}, {"kind": "picture"}, {"is_base_info": True}])
def test_R20_3_out_of_scope_is_refused_and_base_information_is_no_part_of_it(
    changes: dict[str, object],
) -> None:
    use = replace(USE, **changes)  # type: ignore[arg-type]
    assert codes(may_use_share(law(), grant(), use, NOW)) == ["R20.3"]


def test_R20_3_base_information_that_was_granted_and_another_purpose() -> None:
    with_base = replace(grant(), has_base_info=True)
    assert isinstance(may_use_share(law(), with_base, replace(USE, is_base_info=True), NOW), Grant)
    other = replace(USE, purpose="inspection")
    assert codes(may_use_share(law(), grant(), other, NOW)) == ["R4.2", "R31.2"]


def test_facts_that_contradict_themselves_are_no_question() -> None:
    with pytest.raises(UsageError):
        replace(grant(), begin=NOW + SECOND)
    with pytest.raises(UsageError):
        replace(grant(), begin=datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(UsageError):
        is_answered_in_time(law(), NOW, NOW - SECOND, holidays(), NOW)
    with pytest.raises(UsageError):
        is_answered_in_time(law(), NOW + SECOND, None, holidays(), NOW)
