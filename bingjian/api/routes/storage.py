"""Where footage lies: volumes and their forecast, how much of each day there is, what the audit found."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from bingjian.access.door import TIMELINE_MAX, require_interval
from bingjian.api.paging import PAGE_DEFAULT, Cursor, Limit, cursor_of, key_of
from bingjian.api.permissions import RecordingReader, SystemReader, TimelineReader
from bingjian.api.platform import Platform, ThePlatform
from bingjian.api.routing import api_router
from bingjian.api.schemas import (
    CompletenessDayOut,
    CompletenessOfDayOut,
    CompletenessOut,
    FindingsOut,
    Moment,
    StorageOut,
)
from bingjian.clock import utc_now
from bingjian.recording.cause import Cause
from bingjian.retention.space import Room, forecast
from bingjian.rules.civil import CHINA
from bingjian.rules.library import law

router = api_router("/api/v1", "storage")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAYS_MAX = 62  # of one completeness answer: each day is a question to the worker


@router.get("/storage")
async def read_storage(actor: SystemReader, platform: ThePlatform) -> StorageOut:
    """Every volume, how full it is, and when it will be at the rate of now."""
    days_needed = await platform.retention.days_needed()
    volumes = [with_forecast(volume, days_needed) for volume in platform.workers.volumes()]
    return StorageOut.model_validate({"volumes": volumes, "days_needed": days_needed})


@router.get("/cameras/{camera}/completeness")
async def read_completeness(
    camera: UUID,
    actor: TimelineReader,
    platform: ThePlatform,
    start: Annotated[Moment, Query()],
    end: Annotated[Moment, Query()],
) -> CompletenessOut:
    """How much there is of each day (Asia/Shanghai) that the interval touches, from registration to now."""
    require_interval(start, end, min(TIMELINE_MAX, timedelta(days=DAYS_MAX)))
    row = await platform.cameras.get(camera)
    now, days = utc_now(platform.clock), []
    for day in days_between(max(start, row.created_at), min(end, now)):
        begin, until = bounds(day, row.created_at, now)
        sums = await platform.workers.completeness(begin, until, outage_ms(), row)
        days.append(day_out(day, begin, until, sums.get(camera)))
    return CompletenessOut(days=days)


@router.get("/completeness")
async def read_completeness_of_all(
    actor: RecordingReader,
    platform: ThePlatform,
    day: date,
    limit: Limit = PAGE_DEFAULT,
    cursor: Cursor = None,
) -> CompletenessOfDayOut:
    """How much there is of one day (Asia/Shanghai), camera by camera, by name."""
    page = await platform.cameras.page(limit, key_of(cursor, 2), areas=actor.areas)
    now = utc_now(platform.clock)
    begin, until = bounds(day, EPOCH, now)
    sums = await platform.workers.completeness(begin, until, outage_ms()) if begin < until else {}
    items = [
        {
            "camera": row.id,
            "name": row.name,
            "due_s": seconds_between(*bounds(day, row.created_at, now)),
            "present_s": sums.get(row.id, {}).get("present_s", 0.0),
        }
        for row in page.items
    ]
    told = {"day": day, "items": items, "next": cursor_of(page.next_key)}
    return CompletenessOfDayOut.model_validate(told)


@router.get("/findings")
async def list_findings(
    actor: RecordingReader, platform: ThePlatform, limit: Limit = PAGE_DEFAULT, cursor: Cursor = None
) -> FindingsOut:
    """What the audit found not to be as it was recorded, newest first, and how far its round has come."""
    found, audit = await platform.workers.findings()
    reached = await platform.cameras.inside(actor.areas, {UUID(one["camera"]) for one in found})
    found = [one for one in found if UUID(one["camera"]) in reached]
    before = key_of(cursor, 2)
    older = [one for one in found if before is None or [one["found_at"], one["id"]] < before]
    page = older[:limit]
    names = await names_of(platform, {UUID(one["camera"]) for one in page})
    items = [{**one, "camera_name": names.get(UUID(one["camera"]), "")} for one in page]
    last = [page[-1]["found_at"], page[-1]["id"]] if len(older) > limit else None
    return FindingsOut.model_validate({"items": items, "next": cursor_of(last), "audit": audit})


async def names_of(platform: Platform, cameras: set[UUID]) -> dict[UUID, str]:
    """Of former cameras too."""
    return {place.camera: place.name for place in await platform.cameras.places(sorted(cameras))}


def rooms_of(volumes: list[dict[str, Any]]) -> list[Room]:
    """Of the volumes that can be written to."""
    return [room_of(volume) for volume in volumes if volume["id"] is not None]


def room_of(volume: dict[str, Any]) -> Room:
    return Room(volume["used_bytes"], volume["free_bytes"], volume["write_bytes_per_s"])


def with_forecast(volume: dict[str, Any], days_needed: int) -> dict[str, Any]:
    told = forecast(room_of(volume), days_needed)
    state = "full" if volume["cause"] == Cause.VOLUME_FULL else volume["state"]
    state = "away" if volume["id"] is None else state
    return {**volume, "state": state, "days_left": told.days_left, "alarm": told.alarm or state != "writable"}


def days_between(start: datetime, end: datetime) -> list[date]:
    """The civil days that the interval touches."""
    first, last = start.astimezone(CHINA).date(), (end - timedelta(microseconds=1)).astimezone(CHINA).date()
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def bounds(day: date, since: datetime, now: datetime) -> tuple[datetime, datetime]:
    """From its 00:00, or ``since``, to its 24:00, or now; never ends before it begins."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=CHINA)
    begin = max(midnight, since)
    return begin, max(begin, min(midnight + timedelta(days=1), now))


def seconds_between(begin: datetime, until: datetime) -> float:
    return (until - begin).total_seconds()


def day_out(day: date, begin: datetime, until: datetime, sums: dict[str, Any] | None) -> CompletenessDayOut:
    told = sums or {"present_s": 0.0, "missing": {}, "outages": 0}
    return CompletenessDayOut.model_validate({"day": day, "due_s": seconds_between(begin, until), **told})


def outage_ms() -> int:
    """A gap of more than this is an outage (R25.5)."""
    return law().number("outage.tolerance") * 1000
