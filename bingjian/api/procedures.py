"""The routes of a kind of procedure, made from what the kind says of itself.

One kind gives: the list, opening, one record with its steps, and an address for each step. Each declares who
may call it, as every route does; the body of a step is its own model.
"""

import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import create_model

from bingjian.access.decisions import EVERYBODY, Actor
from bingjian.api.duties import duty_out
from bingjian.api.errors import refusal_out
from bingjian.api.paging import PAGE_DEFAULT, Cursor, Limit, cursor_of, key_of
from bingjian.api.permissions import Needs
from bingjian.api.platform import Platform, ThePlatform
from bingjian.api.routing import api_router
from bingjian.api.schemas import Line
from bingjian.api.schemas_organisations import ChangeOut
from bingjian.api.schemas_procedures import RecordOut, RecordsOut, StepOut, WholeRecordOut
from bingjian.clock import utc_now
from bingjian.procedures.kinds import Data, Kind, Move
from bingjian.procedures.models import RecordRow
from bingjian.procedures.service import NextStep, RecordFilter, Whole, kind_roles

Endpoint = Callable[..., Awaitable[Any]]


def router_of(kind: Kind) -> APIRouter:
    """All routes of a kind."""
    router = api_router(f"/api/v1/{kind.path}", "procedures")
    readers = EVERYBODY if kind.silent else kind_roles(kind)
    reading = Needs(kind.deed("read", readers))
    router.add_api_route("", listing(kind, reading), methods=["GET"], name=f"list_{kind.name}")
    opening = Needs(kind.deed("open", kind.openers))
    router.add_api_route(
        "", opener(kind, opening), methods=["POST"], status_code=201, name=f"open_{kind.name}"
    )
    router.add_api_route("/{record}", reader(kind, reading), methods=["GET"], name=f"get_{kind.name}")
    for move in kind.moves:
        taking = Needs(kind.deed(move.name, move.roles))
        path, name = f"/{{record}}/{move.name}", f"{kind.name}_{move.name}"
        router.add_api_route(path, taker(kind, move, taking), methods=["POST"], name=name)
    return router


def listing(kind: Kind, needs: Needs) -> Endpoint:
    async def list_records(
        actor: Annotated[Actor, Depends(needs)],
        platform: ThePlatform,
        limit: Limit = PAGE_DEFAULT,
        cursor: Cursor = None,
        state: Annotated[list[str] | None, Query()] = None,
        subject: UUID | None = None,
        division: Annotated[str, Query(pattern=r"^\d{0,6}$")] = "",
        organisation: UUID | None = None,
        q: Annotated[str, Query(max_length=100), Line] = "",
    ) -> RecordsOut:
        wanted = RecordFilter(tuple(state or ()), subject, division, organisation, q)
        now = utc_now(platform.clock)
        page = await platform.parts.procedures.page(kind, wanted, actor, limit, key_of(cursor, 2))
        items = [record_out(row, kind, now) for row in page.items]
        return RecordsOut(items=items, next=cursor_of(page.next_key))

    list_records.__doc__ = f"{kind.words.en}: those changed last come first."
    return list_records


def opener(kind: Kind, needs: Needs) -> Endpoint:
    async def open_record(wish: Any, actor: Any, platform: ThePlatform) -> RecordOut:
        row = await platform.parts.procedures.open(kind, wish, actor)
        return record_out(row, kind, utc_now(platform.clock))

    open_record.__annotations__ |= {"wish": kind.opening, "actor": Annotated[Actor, Depends(needs)]}
    open_record.__doc__ = f"Begin: {kind.words.en}."
    return open_record


def reader(kind: Kind, needs: Needs) -> Endpoint:
    async def get_record(
        record: UUID, request: Request, actor: Annotated[Actor, Depends(needs)], platform: ThePlatform
    ) -> WholeRecordOut:
        whole = await platform.parts.procedures.whole(kind, record, actor)
        return await whole_out(whole, kind, actor, platform)

    get_record.__doc__ = f"{kind.words.en}: with the steps that its state allows and what they miss."
    return get_record


def taker(kind: Kind, move: Move, needs: Needs) -> Endpoint:
    body = create_model(f"{title(kind.name)}{title(move.name)}In", __base__=move.body, version=(int, ...))

    async def take_step(record: UUID, wish: Any, actor: Any, platform: ThePlatform) -> RecordOut:
        version = wish.version
        fields: Data = move.body.model_validate(wish.model_dump(exclude={"version"}))
        row = await platform.parts.procedures.move(kind, record, move.name, version, fields, actor)
        if move.tells_workers:
            await platform.workers.assign_all()
        return record_out(row, kind, utc_now(platform.clock))

    take_step.__annotations__ |= {"wish": body, "actor": Annotated[Actor, Depends(needs)]}
    take_step.__doc__ = f"{kind.words.en}: {move.words.en}."
    return take_step


def record_out(row: RecordRow, kind: Kind, now: datetime) -> RecordOut:
    return RecordOut.model_validate(values_of(row, kind, now))


def values_of(row: RecordRow, kind: Kind, now: datetime) -> dict[str, Any]:
    """With the state in which it is now."""
    names = [name for name in RecordOut.model_fields if name != "data"]
    told = {name: getattr(row, name) for name in names}
    return told | {"state": kind.state_of(row, now), "data": json.loads(row.data_json)}


async def whole_out(whole: Whole, kind: Kind, actor: Actor, platform: Platform) -> WholeRecordOut:
    now = utc_now(platform.clock)
    names = await platform.parts.organisations.names([duty.owner for duty in whole.duties])
    return WholeRecordOut.model_validate(
        {
            **values_of(whole.record, kind, now),
            "steps": [step_out(step, actor) for step in whole.steps],
            "duties": [duty_out(row, now, names, platform.parts.lawbook.whole) for row in whole.duties],
            "history": [ChangeOut.model_validate(row) for row in whole.history],
        }
    )


def step_out(step: NextStep, actor: Actor) -> StepOut:
    missing = [refusal_out(one, actor.language == "zh") for one in step.missing]
    return StepOut(name=step.move.name, is_mine=step.is_mine, missing=missing)


def title(name: str) -> str:
    return name.title().replace("_", "")
