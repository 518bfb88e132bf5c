"""A grant is narrow: its purpose, its verbs, its cameras, its officers, once, and to the second."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bingjian.rules.decision import Grant, Refusal, UsageError, all_of
from bingjian.rules.decisions.serving import (
    AccessGrant,
    Entry,
    Piece,
    Use,
    may_serve,
    may_use_for,
    piece_of,
    stops_at,
)
from bingjian.rules.library import law
from tests.unit.rules.times import SECOND, beijing

NOW = beijing("2026-11-26 12:00:00")
TEN, ELEVEN = beijing("2026-11-25 10:00:00"), beijing("2026-11-25 11:00:00")


def grant(*verbs: str) -> AccessGrant:
    return AccessGrant(
        purpose="traffic_accident",
        verbs=frozenset(verbs or ("view",)),
        cameras=frozenset({"c1", "c2"}),
        begin=TEN,
        end=ELEVEN,
        officers=frozenset({"a", "b"}),
        expires=NOW,
    )


def use(verb: str = "view", *, is_file: bool = False) -> Use:
    return Use(
        verb=verb,
        purpose="traffic_accident",
        cameras=frozenset({"c1"}),
        persons=frozenset({"a", "b"}),
        begin=TEN,
        end=ELEVEN,
        is_file=is_file,
        marked=frozenset({"a", "b"}),
        times_before=0,
    )


def entry() -> Entry:
    return Entry(NOW, frozenset({"a", "b"}), frozenset({"c1"}), "traffic_accident", "traffic police")


def codes(answer: Grant | Refusal) -> list[str]:
    return [refusal.code for refusal in all_of(answer)]


def served(given: AccessGrant, used: Use, written: Entry | None = None, now: datetime = NOW) -> list[str]:
    return codes(may_serve(law(), given, used, written or entry(), now))


def test_R4_2_another_purpose_than_granted_is_refused_by_both_articles() -> None:
    answer = may_use_for(law(), "traffic_accident", "attendance")
    assert codes(answer) == ["R4.2", "R31.2"]
    assert [str(refusal.article) for refusal in all_of(answer)] == ["4", "31(2)"]
    assert "attendance" in all_of(answer)[0].reason.zh
    assert isinstance(may_use_for(law(), "traffic_accident", "traffic_accident"), Grant)


@pytest.mark.parametrize("purpose", ["", "attendance"])
def test_R4_2_an_unknown_purpose_is_none_even_if_it_was_granted(purpose: str) -> None:
    assert codes(may_use_for(law(), purpose, purpose)) == ["R4.2", "R31.2"]


def test_R31_2_a_purpose_changed_after_the_grant_serves_nothing() -> None:
    changed = replace(use(), purpose="criminal_case")
    assert served(grant(), changed, replace(entry(), purpose="criminal_case")) == ["R4.2", "R31.2"]
    assert served(grant(), use()) == []


def test_R21_3_a_grant_to_view_yields_no_file_and_no_other_verb() -> None:
    assert served(grant("view"), use("view", is_file=True)) == ["R21.3"]
    assert served(grant("view"), use("copy", is_file=True)) == ["R21.3"]
    assert served(grant("copy"), use("copy", is_file=True)) == []
    assert served(grant("copy"), use("view")) == ["R21.3"]


def test_R21_3_pictures_carry_the_mark_of_a_viewer() -> None:
    assert served(grant(), replace(use(), marked=frozenset())) == ["R21.3"]
    assert served(grant(), replace(use(), marked=frozenset({"a"}))) == ["R21.3"]


@pytest.mark.parametrize(
    ("written", "granted"), [(NOW - SECOND, True), (NOW, True), (NOW + SECOND, False), (None, False)]
)
def test_R22_4_nothing_is_served_before_the_entry_is_durable(written: datetime | None, granted: bool) -> None:
    found = served(grant(), use(), replace(entry(), written=written))
    assert found == ([] if granted else ["R22.4"])


def test_R22_4_without_the_register_the_request_fails() -> None:
    assert codes(may_serve(law(), grant(), use(), None, NOW)) == ["R22.4"]


@pytest.mark.parametrize(
    "changes",
    [
        {"persons": frozenset({"a"})},
        {"cameras": frozenset({"c2"})},
        {"purpose": ""},
        {"purpose": "criminal_case"},
        {"destination": " "},
    ],
)
def test_R22_4_the_entry_is_of_this_use(changes: dict[str, object]) -> None:
    assert served(grant(), use(), replace(entry(), **changes)) == ["R22.4"]  # type: ignore[arg-type]


def test_R22_8_cameras_and_officers_are_those_of_the_grant() -> None:
    wide = replace(entry(), cameras=frozenset({"c1", "c9"}), persons=frozenset({"a", "b", "z"}))
    assert served(grant(), replace(use(), cameras=frozenset({"c1", "c9"})), wide) == ["R22.8"]
    assert served(
        grant(), replace(use(), persons=frozenset({"a", "z"}), marked=frozenset({"a", "z"})), wide
    ) == ["R22.8"]
    assert "R22.8" in served(grant(), replace(use(), cameras=frozenset()), wide)
    assert "R22.8" in served(grant(), replace(use(), persons=frozenset()), wide)


@pytest.mark.parametrize(
    ("begin", "end", "granted"),
    [
        (TEN, ELEVEN - SECOND, True),
        (TEN, ELEVEN, True),
        (TEN, ELEVEN + SECOND, False),
        (TEN - SECOND, ELEVEN, False),
    ],
)
def test_R22_8_the_interval_is_kept_to_the_second(begin: datetime, end: datetime, granted: bool) -> None:
    assert served(grant(), replace(use(), begin=begin, end=end)) == ([] if granted else ["R22.8"])


@pytest.mark.parametrize(("now", "granted"), [(NOW - SECOND, True), (NOW, True), (NOW + SECOND, False)])
def test_R22_8_a_grant_ends_with_its_last_second(now: datetime, granted: bool) -> None:
    assert served(grant(), use(), replace(entry(), written=TEN), now) == ([] if granted else ["R22.8"])


@pytest.mark.parametrize(
    ("verb", "before", "granted"), [("copy", 0, True), ("copy", 1, False), ("copy", 2, False)]
)
def test_R22_8_a_copy_is_made_once(verb: str, before: int, granted: bool) -> None:
    used = replace(use(verb, is_file=True), times_before=before)
    assert served(grant(verb), used) == ([] if granted else ["R22.8"])


def test_R22_8_looking_again_is_not_limited() -> None:
    assert served(grant(), replace(use(), times_before=99)) == []


EDGE = (ELEVEN - SECOND, ELEVEN + SECOND)  # 10:59:59–11:00:01


def test_R22_8_a_fragment_is_never_served_beyond_the_end_of_the_interval() -> None:
    assert piece_of(law(), grant("view"), *EDGE, verb="view") == Piece(EDGE[0], ELEVEN, is_derived=False)
    assert piece_of(law(), grant("copy"), *EDGE, verb="copy") == Piece(EDGE[0], ELEVEN, is_derived=True)
    inner = (TEN, TEN + SECOND)
    assert piece_of(law(), grant("copy"), *inner, verb="copy") == Piece(*inner, is_derived=False)


def test_R22_8_the_whole_edge_fragment_is_handed_over_only_if_the_grant_names_it() -> None:
    whole = replace(grant("view", "copy"), has_whole_edges=True)
    assert piece_of(law(), whole, *EDGE, verb="copy") == Piece(*EDGE, is_derived=False)
    assert piece_of(law(), whole, *EDGE, verb="view") == Piece(EDGE[0], ELEVEN, is_derived=False)


def test_R22_8_what_lies_outside_or_was_not_granted_is_nothing() -> None:
    after = (ELEVEN, ELEVEN + SECOND)
    assert piece_of(law(), grant(), *after, verb="view") is None
    assert piece_of(law(), replace(grant("copy"), has_whole_edges=True), *after, verb="copy") is None
    assert piece_of(law(), grant("view"), *EDGE, verb="copy") is None


@pytest.mark.parametrize(
    ("position", "now", "stop"),
    [
        (ELEVEN - 10 * SECOND, NOW - timedelta(hours=1), NOW - timedelta(hours=1) + 10 * SECOND),
        (TEN, NOW - SECOND, NOW),
        (ELEVEN, NOW - SECOND, NOW - SECOND),
        (ELEVEN + SECOND, NOW - SECOND, NOW - SECOND),
        (TEN, NOW + SECOND, NOW + SECOND),
    ],
)
def test_R22_8_the_picture_stops_at_the_end_of_interval_or_grant(
    position: datetime, now: datetime, stop: datetime
) -> None:
    assert stops_at(grant(), position, now) == stop


def test_facts_that_contradict_themselves_are_no_question() -> None:
    for broken in (
        lambda: replace(grant(), end=TEN),
        lambda: replace(grant(), expires=datetime(2026, 1, 1)),  # noqa: DTZ001
        lambda: replace(grant(), officers=frozenset({""})),
        lambda: replace(use(), end=TEN),
        lambda: replace(use(), times_before=-1),
        lambda: replace(entry(), written=datetime(2026, 1, 1)),  # noqa: DTZ001
        lambda: piece_of(law(), grant(), ELEVEN, TEN, verb="view"),
    ):
        with pytest.raises(UsageError):
            broken()
