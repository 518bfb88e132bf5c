"""Requests of state organs: the custodian's inbox, what their form asks for, and what was hindered."""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query

from bingjian.access.decisions import Actor, Deed, Role
from bingjian.access.door import require_interval
from bingjian.api.paging import PAGE_DEFAULT, BadCursor, Cursor, Limit, cursor_of, key_of
from bingjian.api.permissions import Needs
from bingjian.api.platform import Platform, ThePlatform
from bingjian.api.routing import api_router
from bingjian.api.schemas import Line, Moment
from bingjian.api.schemas_access import NamedOut
from bingjian.api.schemas_requests import (
    CameraPresenceOut,
    HindranceOut,
    HindrancesOut,
    InboxOut,
    LookedIntoIn,
    NameableCamerasOut,
    NameableOut,
    OfficerOut,
    OfficersOut,
    PresenceOut,
    PresentOut,
    WaitingOut,
)
from bingjian.clock import CHINA, utc_now
from bingjian.procedures.access_request_facts import LOOKERS
from bingjian.procedures.hindered import Hindrance
from bingjian.procedures.request_inbox import Waiting
from bingjian.rules.civil import DAY

router = api_router("/api/v1/requests", "requests")

ANSWER = Deed("access_request.answer", frozenset({Role.CUSTODIAN}))
ASK = Deed("access_request.ask", LOOKERS)
SUPERVISE = Deed("access_request.supervise", frozenset({Role.PUBLIC_SECURITY, Role.WORKGROUP_OFFICE}))
Answerer = Annotated[Actor, Depends(Needs(ANSWER))]
Asker = Annotated[Actor, Depends(Needs(ASK))]
Supervisor = Annotated[Actor, Depends(Needs(SUPERVISE))]

STRIP_CAMERAS = 20  # of one answer: each is asked of its media worker
STRIP_MAX = 31 * DAY  # what a strip shows at a time
STRIP_STEPS = 1000  # nothing shorter than this part of it is told apart
LISTED = 200  # hindered requests in one answer
Query_ = Annotated[str, Query(max_length=100), Line]


@router.get("/inbox")
async def read_request_inbox(
    actor: Answerer, platform: ThePlatform, limit: Limit = PAGE_DEFAULT, cursor: Cursor = None
) -> InboxOut:
    """Requests to be answered, the most urgent first."""
    page = await platform.parts.request_inbox.page(actor.areas, limit, key_from(cursor))
    now = utc_now(platform.clock)
    names = await platform.parts.organisations.names(one.record.organisation for one in page.items)
    items = [waiting_out(one, names, now) for one in page.items]
    return InboxOut(items=items, next=cursor_of(page.next_key), now=now)


@router.get("/cameras")
async def list_nameable_cameras(
    actor: Asker,
    platform: ThePlatform,
    q: Query_ = "",
    division: Annotated[str, Query(pattern=r"^(\d{6})?$")] = "",
) -> NameableCamerasOut:
    """Cameras that the person may name in a request: their names and districts, nothing else."""
    found = await platform.parts.request_inbox.cameras(actor, q, division)
    return NameableCamerasOut(items=[NameableOut.model_validate(one) for one in found])


@router.get("/presence")
async def read_presence(
    actor: Asker,
    platform: ThePlatform,
    camera: Annotated[list[UUID], Query(min_length=1, max_length=STRIP_CAMERAS)],
    start: Annotated[Moment, Query()],
    end: Annotated[Moment, Query()],
) -> PresenceOut:
    """When there are recordings of these cameras; of one that may not be named as of one that isn't there."""
    require_interval(start, end, STRIP_MAX)
    wanted = list(dict.fromkeys(camera))
    await platform.parts.request_inbox.require_nameable(actor, wanted)
    found = await asyncio.gather(*(presence_of(platform, one, start, end) for one in wanted))
    return PresenceOut(items=list(found))


@router.get("/officers")
async def find_officers(
    actor: Asker, platform: ThePlatform, q: Annotated[str, Query(min_length=1, max_length=100), Line]
) -> OfficersOut:
    """Officers and inspectors of the person's own unit, by part of the name or number of the certificate."""
    found = await platform.parts.request_inbox.officers(actor, q)
    return OfficersOut(items=[OfficerOut.model_validate(row) for row in found])


@router.get("/hindered")
async def list_hindered_requests(actor: Supervisor, platform: ThePlatform) -> HindrancesOut:
    """Requests that were not answered in time, or refused by what the record contradicts (art. 31(10))."""
    found = await platform.parts.hindered.listed(actor.areas, LISTED)
    ids = {one.record.organisation for one in found} | {one.data.keeper for one in found}
    names = await platform.parts.organisations.names(ids | {one.duty.owner for one in found})
    return HindrancesOut(items=[hindrance_out(one, names) for one in found])


@router.post("/hindered/{record}/looked-into", status_code=204)
async def look_into_refusal(
    record: UUID, wish: LookedIntoIn, actor: Supervisor, platform: ThePlatform
) -> None:
    """A refusal that the record contradicts was looked into: what came of it is kept with the request."""
    await platform.parts.hindered.look_into(record, wish.note, actor)


# --- translation


async def presence_of(platform: Platform, camera: UUID, start: datetime, end: datetime) -> CameraPresenceOut:
    row = await platform.cameras.get(camera)
    resolution_ms = int((end - start).total_seconds() * 1000) // STRIP_STEPS
    spans = await platform.workers.timeline(row, start, end, resolution_ms)
    return CameraPresenceOut(camera=camera, present=present_in(spans))


def present_in(spans: Iterable[dict[str, Any]]) -> list[PresentOut]:
    """The spans with recordings, those that touch as one: not even where files meet is told."""
    found = list[PresentOut]()
    for span in spans:
        if span["kind"] != "present":
            continue
        one = PresentOut.model_validate({"start": span["start"], "end": span["end"]})
        if found and found[-1].end >= one.start:
            one = PresentOut(start=found.pop().start, end=one.end)
        found.append(one)
    return found


def waiting_out(one: Waiting, names: dict[UUID, str], now: datetime) -> WaitingOut:
    record, data = one.record, one.data
    return WaitingOut(
        id=record.id,
        number=record.number,
        title=record.title,
        organ=named(names, record.organisation),
        due_at=one.due.due_at,
        state="overdue" if one.due.state(now) == "overdue" else "open",
        is_urgent=data.is_urgent,
        cameras=len(data.cameras),
        begin=data.begin,
        end=data.end,
        verbs=list(data.verbs),
        submitted=data.submitted,
    )


def hindrance_out(one: Hindrance, names: dict[UUID, str]) -> HindranceOut:
    refused = one.data.refused
    return HindranceOut(
        request=one.record.id,
        number=one.record.number,
        why="contradicted" if one.duty.key == "contradicted" else "reported",
        since=one.duty.begun_at,
        organ=named(names, one.record.organisation),
        keeper=NamedOut(id=one.data.keeper, name=names.get(one.data.keeper, "")),
        reported_to=named(names, one.duty.owner),
        submitted=one.data.submitted,
        answered=one.data.answered,
        items=list(refused.items) if refused else [],
        lacking=list(refused.lacking) if refused else [],
        reason=refused.reason if refused else "",
    )


def named(names: dict[UUID, str], one: UUID | None) -> NamedOut | None:
    return NamedOut(id=one, name=names.get(one, "")) if one is not None else None


def key_from(cursor: str | None) -> list[str] | None:
    """Due instant and id. Raises BadCursor."""
    key = key_of(cursor, 2)
    try:
        if key is not None and (
            datetime.fromisoformat(key[0]).astimezone(CHINA) is None or UUID(key[1]) is None
        ):
            raise BadCursor
    except (ValueError, OverflowError) as error:
        raise BadCursor from error
    return key
