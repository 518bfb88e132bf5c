"""Alarms of GB/T 28181 devices: the list, one camera's timeline, handling."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query

from bingjian.access.decisions import Actor, Deed, Role
from bingjian.access.door import TIMELINE_MAX, require_interval
from bingjian.api.paging import PAGE_DEFAULT, PAGE_MAX, BadCursor, Cursor, Limit, cursor_of, key_of
from bingjian.api.permissions import Needs, TimelineReader
from bingjian.api.platform import ThePlatform
from bingjian.api.routing import api_router
from bingjian.api.schemas import Moment
from bingjian.api.schemas_gb_devices import (
    GbAlarmMark,
    GbAlarmMarksOut,
    GbAlarmOut,
    GbAlarmsOut,
    GbHandlingIn,
)
from bingjian.inventory.gb28181.alarms import AFTER, BEFORE, AlarmFilter
from bingjian.inventory.gb28181.models import GbAlarmRow

# Whoever is on watch. An alarm says where a camera stands and what a device wrote, so nobody else is told;
# a mark says neither, and is for whoever may see the camera's timeline.
READ = Deed("gb_alarm.read", frozenset({Role.WATCHER, Role.SHIFT_LEAD, Role.PUBLIC_SECURITY}))
HANDLE = Deed("gb_alarm.handle", frozenset({Role.WATCHER, Role.SHIFT_LEAD}))
AlarmReader = Annotated[Actor, Depends(Needs(READ))]
AlarmHandler = Annotated[Actor, Depends(Needs(HANDLE))]
MARKS_MAX = 2000  # alarms drawn on one timeline

router = api_router("/api/v1", "GB/T 28181")


@router.get("/gb-alarms")
async def list_gb_alarms(
    actor: AlarmReader,
    platform: ThePlatform,
    limit: Limit = PAGE_DEFAULT,
    cursor: Cursor = None,
    camera: UUID | None = None,
    cameras: Annotated[list[UUID] | None, Query(max_length=PAGE_MAX, description="Of these alone")] = None,
    device: UUID | None = None,
    open: Annotated[bool | None, Query(description="Nobody has handled it yet")] = None,
    start: Annotated[Moment | None, Query(description="From here on")] = None,
    end: Annotated[Moment | None, Query(description="Before this instant")] = None,
) -> GbAlarmsOut:
    """Alarms of the person's areas, newest first."""
    only = AlarmFilter(actor.areas, camera, tuple(cameras or ()), device, open, start, end)
    try:
        page = await platform.gb.alarms.page(limit, key_of(cursor, 2), only)
    except ValueError as error:
        raise BadCursor from error
    return GbAlarmsOut(items=[alarm_out(row) for row in page.items], next=cursor_of(page.next_key))


@router.post("/gb-alarms/{alarm}/handling")
async def handle_gb_alarm(
    alarm: UUID, wish: GbHandlingIn, actor: AlarmHandler, platform: ThePlatform
) -> GbAlarmOut:
    """Somebody has looked at it; who and what they noted is written down."""
    return alarm_out(await platform.gb.alarms.handle(alarm, wish.note, actor, actor.areas))


@router.get("/cameras/{camera}/alarms")
async def list_camera_alarms(
    camera: UUID,
    actor: TimelineReader,
    platform: ThePlatform,
    start: Annotated[Moment, Query()],
    end: Annotated[Moment, Query()],
) -> GbAlarmMarksOut:
    """Alarms on a camera's timeline, oldest first: which footage shows each. Of too many the newest."""
    require_interval(start, end, TIMELINE_MAX)
    rows = await platform.gb.alarms.of_camera(camera, start, end, MARKS_MAX + 1)
    return GbAlarmMarksOut(items=[mark_of(row) for row in rows[-MARKS_MAX:]], more=len(rows) > MARKS_MAX)


def mark_of(row: GbAlarmRow) -> GbAlarmMark:
    told = {"id": row.id, "method": row.method, "type": row.type, "is_handled": row.handled_at is not None}
    return GbAlarmMark.model_validate(told | interval_of(row))


def alarm_out(row: GbAlarmRow) -> GbAlarmOut:
    names = GbAlarmOut.model_fields.keys() - {"start", "end"}
    return GbAlarmOut.model_validate({name: getattr(row, name) for name in names} | interval_of(row))


def interval_of(row: GbAlarmRow) -> dict[str, Any]:
    """The footage that shows what it is about."""
    return {"start": row.happened_at - BEFORE, "end": row.happened_at + AFTER}
