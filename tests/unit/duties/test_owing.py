"""Duties opened, met, dropped and reconciled, with what is to be done about them."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from bingjian.db.session import Database
from bingjian.duties.models import DutyRow, Evidence
from bingjian.duties.owing import OVERDUE, REMIND, Reconciled, drop, meet, open_duties, owe, reconcile
from tests.unit.duties.owed import NOW, PAPER, dues, duties, open_all, owes

DAY, TICK = timedelta(days=1), timedelta(microseconds=1)


async def test_a_duty_is_opened_with_its_reminders_and_its_end(database: Database) -> None:
    await open_all(database, owes(due=NOW + 3 * DAY, reminders=(NOW + DAY,)))
    (row,) = await duties(database)
    assert (row.code, row.due_at, row.closed_at, row.outcome) == ("R25.4", NOW + 3 * DAY, None, "")
    assert [(due.kind, due.subject, due.due_at) for due in await dues(database)] == [
        (REMIND, row.id, NOW + DAY),
        (OVERDUE, row.id, NOW + 3 * DAY),
    ]


async def test_owed_again_nothing_is_doubled(database: Database) -> None:
    for _ in range(2):
        await open_all(database, owes(due=NOW + DAY))
    assert len(await duties(database)) == 1
    assert len(await dues(database)) == 1


async def test_another_term_takes_the_place_of_the_last(database: Database) -> None:
    await open_all(database, owes(due=NOW + DAY, reminders=(NOW,)))
    await open_all(database, owes(due=NOW + 2 * DAY, owner=UUID(int=5)))
    (row,) = await duties(database)
    assert (row.due_at, row.owner) == (NOW + 2 * DAY, UUID(int=5))
    assert [(due.kind, due.due_at) for due in await dues(database)] == [(OVERDUE, NOW + 2 * DAY)]


async def test_keys_tell_duties_of_one_code_apart(database: Database) -> None:
    for key in ("a", "b"):
        await open_all(database, owes(key=key))
    await database.run(lambda s: meet(s, UUID(int=1), "R25.4", Evidence("paper", PAPER), NOW, "a"))
    assert [(row.key, row.outcome) for row in await duties(database)] == [("a", "met"), ("b", "")]


async def test_it_is_met_by_evidence_and_nothing_is_left_to_do(database: Database) -> None:
    await open_all(database, owes(due=NOW + DAY, reminders=(NOW,)))
    met = await database.run(lambda s: meet(s, UUID(int=1), "R25.4", Evidence("paper", PAPER), NOW))
    assert met is not None
    (row,) = await duties(database)
    assert (row.closed_at, row.evidence_kind, row.evidence) == (NOW, "paper", PAPER)
    assert await dues(database) == []
    again = await database.run(lambda s: meet(s, UUID(int=1), "R25.4", Evidence("paper", PAPER), NOW))
    assert again is None


async def test_what_was_met_can_be_owed_anew(database: Database) -> None:
    await open_all(database, owes())
    await database.run(lambda s: meet(s, UUID(int=1), "R25.4", Evidence("paper", PAPER), NOW))
    await open_all(database, owes())
    assert sorted(row.outcome for row in await duties(database)) == ["", "met"]


async def test_dropped_by_code_or_altogether(database: Database) -> None:
    for code in ("R25.4", "R25.1", "R18.1"):
        await open_all(database, owes(code=code, due=NOW + DAY))
    await open_all(database, owes(2))
    await database.run(lambda s: drop(s, UUID(int=1), NOW, ["R25.4"]))
    async with database.read() as session:
        assert [row.code for row in await open_duties(session, UUID(int=1))] == ["R18.1", "R25.1"]
    await database.run(lambda s: drop(s, UUID(int=1), NOW))
    assert await dues(database) == []
    async with database.read() as session:
        assert await open_duties(session, UUID(int=1)) == []
        assert len(await open_duties(session, UUID(int=2))) == 1


async def test_a_transaction_that_fails_leaves_neither_duty_nor_due(database: Database) -> None:
    async def work(session: object) -> None:
        await owe(session, owes(due=NOW + DAY))  # type: ignore[arg-type]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.run(work)
    assert (await duties(database), await dues(database)) == ([], [])


@pytest.mark.parametrize(
    ("at", "before", "met"),
    [(-TICK, "open", "met"), (0 * TICK, "overdue", "met_late"), (TICK, "overdue", "met_late")],
)
def test_it_is_overdue_at_the_exact_instant(at: timedelta, before: str, met: str) -> None:
    row = DutyRow(due_at=NOW, outcome="", closed_at=None)
    assert row.state(NOW + at) == before
    row.outcome, row.closed_at = "met", NOW + at
    assert row.state(NOW + 9 * DAY) == met
    row.outcome = "lapsed"
    assert row.state(NOW) == "lapsed"


def test_without_a_term_it_is_never_overdue() -> None:
    assert DutyRow(due_at=None, outcome="", closed_at=None).state(NOW + 999 * DAY) == "open"


async def test_reconciled_duties_are_exactly_those_expected(database: Database) -> None:
    await open_all(database, owes(1, NOW + DAY), owes(2, NOW + DAY), owes(3, NOW + DAY, reminders=(NOW,)))
    kept, moved, new = owes(1, NOW + DAY), owes(2, NOW + 2 * DAY), owes(4, NOW + DAY, reminders=(NOW,))
    found = await database.run(lambda s: reconcile(s, ["R25.4"], [kept, moved, new], NOW))
    assert found == Reconciled(opened=1, changed=1, lapsed=1)
    rows = {row.subject.int: row for row in await duties(database)}
    assert (rows[2].due_at, rows[3].outcome, rows[4].outcome) == (NOW + 2 * DAY, "lapsed", "")
    left = [(due.kind, due.subject, due.due_at) for due in await dues(database)]
    assert sorted(left) == sorted([
        (OVERDUE, rows[1].id, NOW + DAY), (OVERDUE, rows[2].id, NOW + 2 * DAY),
        (REMIND, rows[4].id, NOW), (OVERDUE, rows[4].id, NOW + DAY),
    ])  # fmt: skip
    again = await database.run(lambda s: reconcile(s, ["R25.4"], [kept, moved, new], NOW))
    assert again == Reconciled()


async def test_reconciling_leaves_other_codes_and_other_subjects_alone(database: Database) -> None:
    await open_all(database, owes(1, code="R25.1"), owes(2, kind="person"), owes(3))
    found = await database.run(lambda s: reconcile(s, ["R25.4"], [], NOW, ["plan"]))
    assert found == Reconciled(lapsed=1)
    assert [row.outcome for row in await duties(database)] == ["", "", "lapsed"]


async def test_a_whole_city_is_opened_and_lapses_in_pieces(database: Database) -> None:
    """More than one statement takes."""
    city = [owes(number, NOW + DAY) for number in range(1, 1202)]
    assert (await database.run(lambda s: reconcile(s, ["R25.4"], city, NOW))).opened == 1201
    later = [replace(one, due=NOW + 2 * DAY) for one in city]
    assert (await database.run(lambda s: reconcile(s, ["R25.4"], later, NOW))).changed == 1201
    assert {due.due_at for due in await dues(database)} == {NOW + 2 * DAY}
    assert (await database.run(lambda s: reconcile(s, ["R25.4"], [], NOW))).lapsed == 1201
    assert await dues(database) == []
