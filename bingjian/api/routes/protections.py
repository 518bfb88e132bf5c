"""What the routes of marks and holds have in common."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Query

from bingjian.access.decisions import Actor
from bingjian.access.door import TIMELINE_MAX, require_interval
from bingjian.api.paging import BadCursor, key_of
from bingjian.api.platform import Platform
from bingjian.api.schemas import Moment, ProtectionIn
from bingjian.retention.models import HoldRow, MarkRow, Person
from bingjian.retention.protections import Wish

MARK_MAX = TIMELINE_MAX  # of one mark; longer ones are several
HOLD_MAX = timedelta(days=31)  # of one hold: its copy is a terabyte already

CameraQuery = Annotated[UUID | None, Query(description="Of this camera alone")]
StartQuery = Annotated[Moment | None, Query(description="Those that end after this instant")]
EndQuery = Annotated[Moment | None, Query(description="Those that start before this instant")]


def person_of(actor: Actor) -> Person:
    return Person(actor.id, actor.name, actor.address)


def wish_of(camera: UUID, asked: ProtectionIn, longest: timedelta) -> Wish:
    """Raises IntervalNotAccepted."""
    require_interval(asked.start, asked.end, longest)
    return Wish(camera, asked.start, asked.end, asked.reason, asked.article)


def protection_key(cursor: str | None) -> list[str] | None:
    """Start and id in a cursor. Raises BadCursor."""
    key = key_of(cursor, 2)
    if key is None:
        return None
    try:
        start_90k, _ = int(key[0]), UUID(key[1])
    except ValueError as error:
        raise BadCursor from error
    if not -(2**63) <= start_90k < 2**63:
        raise BadCursor
    return key


async def camera_names(platform: Platform, rows: list[MarkRow] | list[HoldRow]) -> dict[UUID, str]:
    """Names of their cameras, of former ones too."""
    places = await platform.cameras.places(list({row.camera for row in rows}))
    return {place.camera: place.name for place in places}


def common_out(row: MarkRow | HoldRow, names: dict[UUID, str]) -> dict[str, object]:
    return {
        "id": row.id,
        "camera": row.camera,
        "camera_name": names[row.camera],
        "start": row.start,
        "end": row.end,
        "reason": row.reason,
        "article": row.article,
        "state": row.state,
        "by": row.by_name,
        "at": row.at,
        "release": release_out(row, row.asked_at),
    }


def release_out(row: MarkRow | HoldRow, asked_at: datetime | None) -> dict[str, object] | None:
    if asked_at is None:
        return None
    return {
        "asked_by": row.asked_by_name,
        "asked_at": asked_at,
        "confirmed_by": row.confirmed_by_name,
        "confirmed_at": row.confirmed_at,
        "reason": row.release_reason,
    }
