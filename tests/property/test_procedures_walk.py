"""A walk of legal and illegal steps over filing, moving, projects, platforms, consent and who answers.

Against a model of each kind's states: a step out of order is refused by the kind's own duty; one that is
refused leaves nothing behind but the refusal in the journal; one that is taken counts one version and is in
the history; no other state is ever reached.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from bingjian.access.decisions import Actor, Role
from bingjian.api.parts import Parts
from bingjian.inventory.history import history_of
from bingjian.inventory.organisations import body_id
from bingjian.journal.append import Journal
from bingjian.procedures.kinds import STAYS, Kind, Move
from bingjian.procedures.models import RecordRow
from bingjian.rules.decision import Refused, UsageError, all_of
from bingjian.rules.library import law
from tests.backend import StillClock, clock, journal, sqlite_as_new  # noqa: F401  # pytest finds fixtures by name
from tests.property.procedures import paper as document_rows
from tests.unit.api.procedures.field import DAOLI, POLICE, Field

STEPS = 120
RIGHT, FORWARD = 0.75, 0.7  # share of steps by the right party; of steps that are in order
UNIT = UUID(int=1)  # stands for the managing unit
RIGHTLY = {
    "ask_corrections": POLICE,
    "give_receipt": POLICE,
    "receive": UNIT,
    "acknowledge": UNIT,
    "object": UNIT,
    "decide": body_id("district_government", DAOLI),
}
ANEW = 0.05  # share of steps before which another record is begun
ONE_EACH = ("platform", "responsibility")  # there may be one only, of the city, of a system
SELDOM = {  # states that a walk of this length need not reach
    "relocation": {"started", "lost", "restored", "finished"},
    "project": {"exempted", "finished"},
    "responsibility": {"open", "unclear"},
}
ENDS = ("withdraw", "exempt", "decline")  # steps that cut a walk short: taken seldom


@dataclass
class World:
    """What the steps may refer to."""

    field: Field
    parties: list[UUID]
    system: UUID
    camera: UUID
    place: UUID
    document: UUID
    chance: random.Random

    def one(self, *values: Any) -> Any:
        return self.chance.choice(values)

    def at(self) -> str:
        return (self.field.now - timedelta(hours=self.chance.randint(-1, 48))).isoformat()

    def actor(self, move: str = "") -> Actor:
        """Mostly whoever should take this step, else anybody."""
        fitting = RIGHTLY.get(move, self.parties[0])
        bodies = [*self.parties, POLICE, body_id("city_government"), body_id("district_government", DAOLI)]
        party = fitting if self.chance.random() < RIGHT else self.one(*bodies)
        return Actor(
            uuid4(),
            "somebody",
            frozenset(Role),
            "zh",
            organisation=self.parties[1] if party is UNIT else party,
        )


def paper(world: World) -> dict[str, Any]:
    documents = list(law().codes("filing_document"))
    several = documents[: world.one(2, 3, 3, 3)]
    return {
        "documents": {code: str(world.document) for code in several},
        "unit": "某公司",
        "location": world.one("", "友谊路", "友谊路"),
        "device_count": world.one(None, 1, 1),
        "device_types": "枪机",
        "storage_days": 90,
        "is_declared_true": world.one(True, True, False),
        "interface": {"exemption": "国家有关规定"},
        "receiver": str(world.one(POLICE, POLICE, world.parties[0])),
    }


def notice(world: World) -> dict[str, Any]:
    return {
        "reason": world.one("urban_construction", "urban_construction", "convenience"),
        "document": str(world.document),
        "plan": {"kind": "rebuild", "area": "友谊路口", "day": "2026-06-01"},
        "receiver": str(world.one(world.parties[1], world.parties[1], world.parties[2])),
        "planned": (world.field.now + timedelta(days=world.one(29, 31, 38, 38))).isoformat(),
    }


def holding(world: World) -> dict[str, Any]:
    roles = ("owner", "user", "manager")
    return {role: str(world.one(*world.parties)) for role in roles if world.one(True, False)}


def period(world: World) -> dict[str, Any]:
    return {"unit": str(world.one(*world.parties)), "contact": world.one("", "张某"), "start": world.at()}


def nothing(world: World) -> dict[str, Any]:
    return {}


Body = Callable[[World], dict[str, Any]]
BODIES: dict[str, dict[str, Body]] = {
    "filing": {
        "open": lambda world: {"subject": str(world.system), **paper(world)},
        "fill": paper,
        "file_change": paper,
        "ask_corrections": lambda world: {
            "note": "补正",
            "lacking": world.one([], ["test_material"], ["unit"]),
        },
    },
    "relocation": {
        "open": lambda world: {"subject": str(world.one(world.camera, world.system)), **notice(world)},
        "revise": notice,
        "receive": lambda world: {},
        "object": lambda world: {"objection": "案件高发"},
        "lose": lambda world: {"reported": world.at(), "cells": 4},
        "restore": lambda world: {
            "covered": world.one([0, 1, 2], [0, 1, 2, 3]),
            "picture": world.one(None, str(world.document)),
        },
    },
    "project": {
        "open": lambda world: {
            "kind": world.one("new", "repair", "other"),
            "has_system": world.one(True, False),
            "is_national_security": world.one(None, False, True),
        },
        "revise": lambda world: {"has_system": world.one(True, False), "is_national_security": False},
        "exempt": lambda world: {
            "reason": world.one("", "管廊"),
            "document": str(world.document),
            "approver": "王某",
        },
        "give_approval": lambda world: {"document": str(world.document)},
        "link": lambda world: {"system": str(world.system)},
        "reach": lambda world: {
            "of": world.one("main", "video"),
            "stage": world.one(*law().codes("sync_stage")),
            "at": world.at(),
        },
    },
    "platform": {
        "open": lambda world: {
            "level": "city",
            "is_government_built": True,
            "builder": str(world.one(body_id("public_security"), world.parties[0])),
        },
        "report_versions": lambda world: {"protocol": "GB/T 28181-2022"},
    },
    "consent": {
        "open": lambda world: {"subject": str(world.place)},
        "give": lambda world: {"document": world.one(None, str(world.document)), "consented_at": world.at()},
        "decline": lambda world: {"note": "不同意"},
        "withdraw": lambda world: {"note": "撤回"},
    },
    "responsibility": {
        "open": lambda world: {"subject": str(world.system), **holding(world)},
        "describe": holding,
        "propose": lambda world: {"body": str(world.one(*world.parties))},
        "appoint": period,
        "hand_over": period,
        "decide": lambda world: {
            "unit": str(world.parties[0]),
            "contact": "张某",
            "document": world.one(None, str(world.document)),
        },
    },
}


@pytest_asyncio.fixture
async def world(tmp_path: Path, clock: StillClock, journal: Journal) -> Any:  # noqa: F811
    database = await sqlite_as_new()
    parts = Parts.open(database, journal, clock, tmp_path, None)
    await parts.prepare()
    field = Field(database, journal, clock, parts)
    parties = [await field.organisation(name) for name in ("甲公司", "乙公司", "丙公司")]
    system = await field.system(
        state="accepted",
        accepted_at=field.now,
        organiser=parties[0],
        managing_unit=parties[1],
        decree_class="A",
    )
    document = uuid4()
    await field.add(*document_rows(document, field.now))
    camera = await field.camera(management_unit=parties[1], system=system)
    yield World(field, parties, system, camera, await field.place(), document, random.Random(18))
    await database.close()


async def read(world: World, record: UUID) -> tuple[str, int, str, int]:
    """Everything that a step may change of it: state, version, data, length of its history."""
    async with world.field.database.read() as session:
        row = await session.get(RecordRow, record)
        assert row is not None
        return row.state, row.version, row.data_json, len(await history_of(session, record))


async def begun(world: World, kind: Kind) -> UUID:
    """A new record, however often that is refused."""
    while True:
        wish = kind.opening.model_validate({"title": "试", **BODIES[kind.name]["open"](world)})
        try:
            return (await world.field.parts.procedures.open(kind, wish, world.actor())).id
        except Refused:
            continue


def chosen(world: World, kind: Kind, state: str) -> Move:
    """Mostly a step that is in order, seldom one that ends it, else any."""
    legal = [one for one in kind.moves if not one.source or state in one.source]
    moves = legal if world.chance.random() < FORWARD and legal else list(kind.moves)
    return world.chance.choices(moves, [0.1 if one.name in ENDS else 1 for one in moves])[0]


async def step(world: World, kind: Kind, record: UUID, move: Move) -> None:
    """One step of anybody, checked against the model."""
    before = await read(world, record)
    wish = move.body.model_validate(BODIES[kind.name].get(move.name, nothing)(world))
    is_in_order = not move.source or before[0] in move.source
    entries = world.field.journal.length
    try:
        await world.field.parts.procedures.move(
            kind, record, move.name, before[1], wish, world.actor(move.name)
        )
    except UsageError:  # facts that contradict themselves: said only of a step that is in order
        assert is_in_order
        assert await read(world, record) == before
        return
    except Refused as error:
        assert await read(world, record) == before
        assert world.field.journal.length == entries + 1
        code = all_of(error.refusal)[0].code
        refused = is_in_order or code == kind.order
        assert refused
        return
    after = await read(world, record)
    assert is_in_order
    assert after[0] == (before[0] if move.target == STAYS else move.target)
    assert after[0] in kind.states
    assert (after[1], after[3]) == (before[1] + 1, before[3] + 1)


@pytest.mark.parametrize("name", BODIES)
async def test_a_walk_never_leaves_the_model(world: World, name: str) -> None:
    kind = world.field.parts.procedures.kinds[name]
    seen, record = set[str](), await begun(world, kind)
    for _ in range(STEPS):
        state = (await read(world, record))[0]
        is_at_its_end = not any(state in one.source for one in kind.moves)
        if is_at_its_end or (name not in ONE_EACH and world.chance.random() < ANEW):
            record = await begun(world, kind)
        await step(world, kind, record, chosen(world, kind, (await read(world, record))[0]))
        seen.add((await read(world, record))[0])
        world.field.clock.wait(world.one(1, 3600, 86_400, 86_400 * 7))
    assert seen >= set(kind.states) - SELDOM.get(name, set())
