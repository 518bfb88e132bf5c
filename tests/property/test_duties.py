"""Reconciling duties against a model: afterwards exactly what is expected is open."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bingjian.db.session import Database
from bingjian.duties.models import DueRow, DutyRow, Evidence, Obligation, Subject
from bingjian.duties.owing import Reconciled, meet, reconcile
from tests.backend import sqlite_as_new

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CODES = ("R8.2", "R25.4")
Model = dict[tuple[UUID, str, str], Obligation]

obligations = st.builds(
    lambda n, code, key, owner, due, remind: Obligation(
        code, Subject("plan", UUID(int=n), "计划", ""), owner, NOW, due, key, (NOW,) * remind
    ),
    st.integers(1, 4),
    st.sampled_from(CODES),
    st.sampled_from(["", "a"]),
    st.sampled_from([None, UUID(int=9)]),
    st.sampled_from([None, NOW, NOW + timedelta(days=1)]),
    st.integers(0, 2),
)
rounds = st.lists(
    st.tuples(st.lists(obligations, max_size=8), st.sets(st.sampled_from(CODES), min_size=1)),
    min_size=1,
    max_size=5,
)


@settings(max_examples=40)
@given(rounds, st.data())
def test_what_is_open_is_what_is_expected(
    steps: list[tuple[list[Obligation], set[str]]], data: st.DataObject
) -> None:
    asyncio.run(walk(steps, data))


async def walk(steps: list[tuple[list[Obligation], set[str]]], data: st.DataObject) -> None:
    database = await sqlite_as_new()
    model: Model = {}
    for wished, codes in steps:
        expected = {one.identity: one for one in wished if one.code in codes}
        found = await reconciled(database, sorted(codes), list(expected.values()))
        assert found == follow(model, codes, expected)
        is_met: bool = data.draw(st.booleans())
        if model and is_met:
            await close_one(database, model, data)
        await compare(database, model)
    await database.close()


async def reconciled(database: Database, codes: list[str], expected: list[Obligation]) -> Reconciled:
    return await database.run(lambda session: reconcile(session, codes, expected, NOW))


def follow(model: Model, codes: set[str], expected: Model) -> Reconciled:
    """The model does what was asked, one by one."""
    mine = {identity for identity, one in model.items() if one.code in codes}
    opened, lapsed = expected.keys() - mine, mine - expected.keys()
    changed = {
        i for i in mine & expected.keys()
        if (model[i].due, model[i].owner) != (expected[i].due, expected[i].owner)
    }  # fmt: skip
    for identity in lapsed:
        del model[identity]
    for identity in opened | changed:
        model[identity] = expected[identity]
    return Reconciled(len(opened), len(changed), len(lapsed))


async def close_one(database: Database, model: Model, data: st.DataObject) -> None:
    subject, code, key = data.draw(st.sampled_from(sorted(model, key=str)))
    evidence = Evidence("paper", UUID(int=5))
    await database.run(lambda s: meet(s, subject, code, evidence, NOW, key))
    del model[subject, code, key]


async def compare(database: Database, model: Model) -> None:
    async with database.read() as session:
        rows = list(await session.scalars(select(DutyRow).where(DutyRow.closed_at.is_(None))))
        dues = list(await session.scalars(select(DueRow).where(DueRow.done_at.is_(None))))
    assert {(r.subject, r.code, r.key): (r.due_at, r.owner) for r in rows} == {
        identity: (one.due, one.owner) for identity, one in model.items()
    }
    wanted = sum(len(one.reminders) + (one.due is not None) for one in model.values())
    assert len(dues) == wanted
    assert {due.subject for due in dues} <= {row.id for row in rows}
