"""Reclassification: recorded, lawful, and never a shortening of what lies there."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bingjian.clock import ticks_of
from bingjian.inventory.errors import NoSuchCamera
from bingjian.journal.append import Journal
from bingjian.retention.classes import ClassWish, keeping_since, windows
from bingjian.retention.models import ClassRow, Kind
from bingjian.retention.service import Retention
from bingjian.rules.decision import Grant, Refused
from bingjian.rules.decisions.retention import days_to_keep, expirable_before, may_remove
from bingjian.rules.library import law
from tests.backend import StillClock, kinds
from tests.unit.retention.conftest import ME
from tests.unit.retention.shelf import Shelf
from tests.unit.retention.times import DAY, at

NOON = at("2026-01-01 12:00")


@pytest.mark.parametrize(("days", "citation"), [(15, "某条例"), (29, "某条例"), (180, ""), (180, "  ")])
async def test_R28_5_other_law_needs_its_citation_and_cannot_shorten(
    retention: Retention, camera: UUID, journal: Journal, days: int, citation: str
) -> None:
    with pytest.raises(Refused) as refused:
        await retention.classes.change(camera, ClassWish(Kind.OTHER_LAW, days, citation), "x", ME)
    assert refused.value.refusal.code == "R28.5"
    assert await kinds(journal) == ["camera.added", "refusal"]
    assert await retention.classes.current([camera]) == {}


async def test_R28_5_other_law_is_applied_from_30_days_on(
    retention: Retention, camera: UUID, journal: Journal
) -> None:
    await retention.classes.change(camera, ClassWish(Kind.OTHER_LAW, 30, "某条例"), "x", ME)
    await retention.classes.change(camera, ClassWish(Kind.OTHER_LAW, 180, "某条例第九条"), "新条例施行", ME)
    (kept,) = await retention.kept([camera])
    assert (kept.kind, kept.term.days, kept.term.code) == (Kind.OTHER_LAW, 180, "R28.5")
    assert kept.term.citation == "某条例第九条"
    (entry,) = await journal.read(1)
    told = [entry.entry[name] for name in ("before", "after", "days", "reason")]
    assert told == ["other_law", "other_law", 180, "新条例施行"]


async def test_only_cameras_that_are_or_were_are_classified(retention: Retention) -> None:
    with pytest.raises(NoSuchCamera):
        await retention.classes.change(uuid4(), ClassWish(Kind.COUNTER_TERROR), "x", ME)


async def test_the_summary(retention: Retention, camera: UUID, shelf: Shelf) -> None:
    (kept,) = await retention.kept([camera])
    assert (kept.kind, kept.term.days, kept.term.code, kept.oldest) == (Kind.DEFAULT, 30, "R28.1", None)
    shelf.put(camera, NOON - DAY, NOON - DAY + timedelta(minutes=5))
    shelf.put(camera, NOON - 2 * DAY, NOON - 2 * DAY + timedelta(minutes=5))
    (kept,) = await retention.kept([camera])
    assert kept.oldest == NOON - 2 * DAY
    shelf.away = True
    assert (await retention.kept([camera]))[0].oldest is None


async def test_two_changes_at_once_keep_their_order(
    retention: Retention, camera: UUID, clock: StillClock
) -> None:
    await retention.classes.change(camera, ClassWish(Kind.COUNTER_TERROR), "x", ME)
    clock.wait(-60)  # the clock was set back
    await retention.classes.change(camera, ClassWish(Kind.DEFAULT), "x", ME)
    assert (await retention.classes.current([camera]))[camera].kind == Kind.DEFAULT


kinds_of_class = st.sampled_from([(Kind.DEFAULT, None), (Kind.COUNTER_TERROR, None), (Kind.OTHER_LAW, 60)])
changes = st.lists(st.tuples(st.integers(0, 200), kinds_of_class), max_size=6)


def history_from(drawn: list[tuple[int, tuple[Kind, int | None]]]) -> list[ClassRow]:
    return [
        ClassRow(kind=str(kind), days=days, citation="x", since=NOON + day * DAY)
        for day, (kind, days) in sorted(drawn, key=lambda change: change[0])
    ]


@given(changes, st.integers(-50, 250), st.integers(0, 400))
def test_R28_7_windows_hold_exactly_what_may_go(
    drawn: list[tuple[int, tuple[Kind, int | None]]], start_day: int, now_day: int
) -> None:
    history, now = history_from(drawn), NOON + now_day * DAY
    start = NOON + start_day * DAY
    end, start_90k = start + timedelta(minutes=5), ticks_of(start)
    inside = [
        one
        for one in windows(history, now)
        if one.after_90k <= start_90k < one.until_90k and end < one.before
    ]
    keeping = keeping_since(history, start_90k)
    assert bool(inside) == isinstance(may_remove(law(), end, keeping, False, 0, now), Grant)
    assert len(inside) <= 1


@given(changes, st.integers(-50, 250), kinds_of_class)
def test_R28_7_another_class_never_shortens(
    drawn: list[tuple[int, tuple[Kind, int | None]]], start_day: int, more: tuple[Kind, int | None]
) -> None:
    start_90k = ticks_of(NOON + start_day * DAY)
    before, after = history_from(drawn), history_from([*drawn, (251, more)])
    if before:  # without any class there is the default one, which every keeping includes
        assert days_to_keep(law(), keeping_since(after, start_90k)) >= days_to_keep(
            law(), keeping_since(before, start_90k)
        )
    now = NOON + 500 * DAY
    assert expirable_before(law(), keeping_since(after, start_90k), now) <= expirable_before(
        law(), keeping_since([], start_90k), now
    )
