"""The catalogue, giving and denying, and what is done with what was shared."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from bingjian.rules.decision import Grant, Refusal, UsageError, all_of
from bingjian.rules.decisions.sharing import (
    CatalogueEntry,
    Denial,
    Scope,
    SharedUse,
    ShareGrant,
    ShareRequest,
    answer_until,
    figures_of_use,
    is_answered_in_time,
    may_answer,
    may_ask,
    may_deny,
    may_grant_share,
    may_publish,
    may_share,
    may_use_share,
)
from bingjian.rules.library import holidays, law
from tests.unit.rules.times import SECOND, beijing

NOW = beijing("2026-11-26 12:00:00")
ENTRY = CatalogueEntry(frozenset({"c1"}), frozenset({"live"}), "public safety")


def codes(answer: Grant | Refusal) -> list[str]:
    return [refusal.code for refusal in all_of(answer)]


def test_R20_1_only_the_data_authority_publishes() -> None:
    assert isinstance(may_publish(law(), True, ENTRY), Grant)
    assert codes(may_publish(law(), False, ENTRY)) == ["R20.1"]
    empty = may_publish(law(), True, CatalogueEntry(frozenset(), frozenset(), " "))
    assert isinstance(empty, Refusal)
    assert empty.reason.en == "the entry lacks: cameras, kinds of data, conditions"
    assert codes(may_publish(law(), True, replace(ENTRY, kinds=frozenset({"video"})))) == ["R20.1"]


def test_R20_1_use_is_counted_for_each_entry() -> None:
    assert figures_of_use(["e2", "e1"], ["e1", "e1", "gone"]) == {"e1": 2, "e2": 0}
    assert figures_of_use(["e2", "e1"], {"e1": 2, "gone": 1}) == {"e1": 2, "e2": 0}


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


# --- what is asked for, and what is given of it


HOUR = timedelta(hours=1)
ASKED = Scope(frozenset({"c1", "c2"}), frozenset({"live", "footage"}), NOW, NOW + HOUR, NOW - HOUR)
WIDER: list[dict[str, object]] = [
    {"cameras": frozenset({"c1", "c3"})},
    {"kinds": frozenset({"live", "base_info"})},
    {"begin": NOW - SECOND},
    {"until": NOW + HOUR + SECOND},
    {"earliest": NOW - HOUR - SECOND},
]


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"cameras": frozenset()}, True),
        ({"kinds": frozenset()}, True),
        ({"kinds": frozenset({"video"})}, True),
        ({}, False),
    ],
)
def test_R20_2_a_request_names_cameras_and_kinds(changes: dict[str, object], refused: bool) -> None:
    asked = replace(ASKED, **changes)  # type: ignore[arg-type]
    assert codes(may_ask(law(), asked, "traffic_accident", None, NOW)) == (["R20.2"] if refused else [])
    assert codes(may_ask(law(), asked, "curiosity", None, NOW)) == ["R20.2"]


@pytest.mark.parametrize(("after", "refused"), [(-SECOND, False), (0 * SECOND, False), (SECOND, True)])
def test_R20_2_nothing_is_asked_for_a_time_gone_by(after: timedelta, refused: bool) -> None:
    answer = may_ask(law(), ASKED, "traffic_accident", None, NOW + HOUR + after)
    assert codes(answer) == (["R20.2"] if refused else [])


@pytest.mark.parametrize("changes", WIDER)
def test_R20_2_an_entry_is_asked_for_as_it_is_offered(changes: dict[str, object]) -> None:
    wider = replace(ASKED, **changes)  # type: ignore[arg-type]
    assert codes(may_ask(law(), wider, "traffic_accident", ASKED, NOW)) == ["R20.2"]
    assert isinstance(may_ask(law(), ASKED, "traffic_accident", ASKED, NOW), Grant)


@pytest.mark.parametrize("changes", WIDER)
def test_R20_3_what_is_given_is_no_more_than_was_asked_for(changes: dict[str, object]) -> None:
    wider = replace(ASKED, **changes)  # type: ignore[arg-type]
    assert codes(may_grant_share(law(), ASKED, wider, NOW)) == ["R20.3"]
    narrow = replace(ASKED, cameras=frozenset({"c1"}), until=NOW + SECOND)
    assert isinstance(may_grant_share(law(), ASKED, narrow, NOW), Grant)


@pytest.mark.parametrize(("after", "refused"), [(-SECOND, False), (0 * SECOND, False), (SECOND, True)])
def test_R20_3_nothing_is_given_for_a_time_gone_by(after: timedelta, refused: bool) -> None:
    answer = may_grant_share(law(), ASKED, ASKED, NOW + HOUR + after)
    assert codes(answer) == (["R20.3"] if refused else [])


@pytest.mark.parametrize(
    ("asked", "by", "is_authority", "refused"),
    [("a", "a", False, False), ("a", "b", False, True), ("a", "b", True, False), ("", "", False, True)],
)
def test_R20_2_whoever_was_asked_answers_or_the_data_authority(
    asked: str, by: str, is_authority: bool, refused: bool
) -> None:
    assert codes(may_answer(law(), asked, by, is_authority)) == (["R20.2"] if refused else [])


def test_R20_2_the_term_is_counted_in_working_days() -> None:
    asked = beijing("2026-11-13 10:00:00")  # a Friday
    assert answer_until(law(), asked, holidays()) == beijing("2026-11-21 00:00:00")


# --- using it


def grant(**changes: object) -> ShareGrant:
    scope = Scope(frozenset({"c1"}), frozenset({"footage"}), NOW - SECOND, NOW, NOW - HOUR)
    return ShareGrant("traffic_accident", replace(scope, **changes))  # type: ignore[arg-type]


USE = SharedUse("traffic_accident", "c1", "footage", NOW - HOUR)


@pytest.mark.parametrize(("now", "granted"), [(NOW - SECOND, True), (NOW, True), (NOW + SECOND, False)])
def test_R20_3_a_share_ends_with_its_last_second(now: datetime, granted: bool) -> None:
    assert codes(may_use_share(law(), grant(), USE, now)) == ([] if granted else ["R20.3"])


@pytest.mark.parametrize(("now", "granted"), [(-2, False), (-1, True), (0, True)])
def test_R20_3_a_share_begins_with_its_first_second(now: int, granted: bool) -> None:
    assert codes(may_use_share(law(), grant(), USE, NOW + now * SECOND)) == ([] if granted else ["R20.3"])


@pytest.mark.parametrize("changes", [{"camera": "c2"}, {"kind": "live"}, {"kind": "base_info"}])
def test_R20_3_out_of_scope_is_refused_and_base_information_is_no_part_of_it(
    changes: dict[str, object],
) -> None:
    use = replace(USE, **changes)  # type: ignore[arg-type]
    assert codes(may_use_share(law(), grant(), use, NOW)) == ["R20.3"]


@pytest.mark.parametrize(("start", "granted"), [(-1, False), (0, True), (1, True)])
def test_R20_3_how_far_back_footage_is_shared(start: int, granted: bool) -> None:
    use = replace(USE, start=NOW - HOUR + start * SECOND)
    assert codes(may_use_share(law(), grant(), use, NOW)) == ([] if granted else ["R20.3"])


def test_R20_3_base_information_that_was_granted_and_another_purpose() -> None:
    with_base = grant(kinds=frozenset({"base_info"}))
    base = SharedUse("traffic_accident", "c1", "base_info")
    assert isinstance(may_use_share(law(), with_base, base, NOW), Grant)
    other = replace(USE, purpose="inspection")
    assert codes(may_use_share(law(), grant(), other, NOW)) == ["R4.2", "R31.2"]


def test_R20_3_a_share_never_yields_a_file() -> None:
    refused = may_use_share(law(), grant(), replace(USE, is_file=True), NOW)
    assert codes(refused) == ["R20.3"]
    assert "art. 22" in all_of(refused)[0].remedy.en


def test_facts_that_contradict_themselves_are_no_question() -> None:
    with pytest.raises(UsageError):
        grant(begin=NOW + SECOND)
    with pytest.raises(UsageError):
        grant(begin=datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(UsageError):
        is_answered_in_time(law(), NOW, NOW - SECOND, holidays(), NOW)
    with pytest.raises(UsageError):
        is_answered_in_time(law(), NOW + SECOND, None, holidays(), NOW)
