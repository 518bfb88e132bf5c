"""The register of art. 25(5), and what officers were granted."""

import hashlib
from asyncio import to_thread
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from bingjian.access.decisions import Role
from bingjian.access.grants import GrantRow
from bingjian.access.register import RegisterFilter, RegisterRow
from bingjian.api.paging import PAGE_DEFAULT, BadCursor, Cursor, Limit, cursor_of, key_of
from bingjian.api.permissions import CopyTaker, GrantReader, RegisterReader
from bingjian.api.platform import Platform, ThePlatform
from bingjian.api.register_export import paper_of, sheet_of
from bingjian.api.schemas import Moment
from bingjian.api.schemas_access import (
    CodedOut,
    GrantOut,
    GrantsOut,
    NamedOut,
    RegisteredOut,
    RegisterOut,
)
from bingjian.api.schemas_procedures import WordsOut
from bingjian.documents.paper.render import ROWS_MAX
from bingjian.entries import RegisterExported
from bingjian.inventory.workers import rfc3339

FILE_VERBS = frozenset({"copy", "retrieve"})  # codes of ``access_verb``
SEQUENCE_MAX = 2**63  # what a database counts to

router = APIRouter(prefix="/api/v1", tags=["access"])


Form = Literal["pdf", "csv"]
MEDIA: dict[Form, str] = {"pdf": "application/pdf", "csv": "text/csv; charset=utf-8"}


def filter_in(
    person: Annotated[UUID | None, Query(description="What this person saw")] = None,
    camera: Annotated[UUID | None, Query(description="Who saw this camera")] = None,
    start: Annotated[Moment | None, Query(description="What was done from here on")] = None,
    end: Annotated[Moment | None, Query(description="What was done before this instant")] = None,
    shown_from: Annotated[Moment | None, Query(description="What was seen is of here or later")] = None,
    shown_until: Annotated[Moment | None, Query(description="What was seen is of before this")] = None,
) -> RegisterFilter:
    return RegisterFilter(person, camera, start, end, shown_from, shown_until)


Wanted = Annotated[RegisterFilter, Depends(filter_in)]


@router.get("/register")
async def read_register(
    actor: RegisterReader,
    platform: ThePlatform,
    wanted: Wanted,
    limit: Limit = PAGE_DEFAULT,
    cursor: Cursor = None,
) -> RegisterOut:
    """Views, copies and retrievals, newest first; of cameras in the person's areas."""
    rows = await platform.parts.register.page(wanted, actor.areas, limit + 1, number_in(cursor))
    following = [str(rows[limit - 1].sequence)] if len(rows) > limit else None
    return RegisterOut(items=await registered_out(platform, rows[:limit]), next=cursor_of(following))


@router.get("/register/export", response_class=Response)
async def export_register(
    actor: RegisterReader, platform: ThePlatform, wanted: Wanted, form: Form = "pdf"
) -> Response:
    """The same as a paper or a spreadsheet, written down first; the same looks give the same bytes."""
    rows = await platform.parts.register.all(wanted, actor.areas, ROWS_MAX)
    items = await registered_out(platform, rows)
    if form == "pdf":
        content = await to_thread(paper_of, items, wanted, platform.parts.lawbook.whole)
    else:
        content = sheet_of(items, actor.language)
    digest = hashlib.sha256(content).hexdigest()
    asked = {name: told_as(value) for name, value in asdict(wanted).items()}
    entry = RegisterExported(str(actor.id), form, len(items), digest, actor.address, **asked)
    await platform.journal.append(entry)
    headers = {"Content-Disposition": f'attachment; filename="register.{form}"', "Cache-Control": "no-store"}
    return Response(content, media_type=MEDIA[form], headers=headers)


def told_as(value: UUID | datetime | None) -> str | None:
    if value is None:
        return None
    return rfc3339(value) if isinstance(value, datetime) else str(value)


@router.get("/grants")
async def list_grants(actor: GrantReader, platform: ThePlatform) -> GrantsOut:
    """The grants that the person holds now, the first to end in front."""
    rows = await platform.parts.grants.of_person(actor.id)
    cameras = await camera_names(platform, [camera for row in rows for camera in row.cameras])
    return GrantsOut(items=[grant_out(platform, row, cameras) for row in rows])


@router.get("/cameras/{camera}/grants")
async def list_grants_of_camera(camera: UUID, actor: CopyTaker, platform: ThePlatform) -> GrantsOut:
    """By which a custodian may make files of this camera's footage: grants that hold, whoever has them."""
    rows = [row for row in await platform.parts.grants.for_camera(camera) if offers_file(row, camera)]
    mine = [row for row in rows if Role.CUSTODIAN in actor.roles or str(actor.id) in row.officers]
    names = await camera_names(platform, [camera for row in mine for camera in row.cameras])
    return GrantsOut(items=[grant_out(platform, row, names) for row in mine])


def offers_file(row: GrantRow, camera: UUID) -> bool:
    """Whether a copy may be made under it, or footage retrieved, and none has been of this camera."""
    return any(f"{verb} {camera}" not in row.uses for verb in FILE_VERBS & set(row.verbs.split(",")))


def number_in(cursor: str | None) -> int | None:
    """Raises BadCursor."""
    key = key_of(cursor, 1)
    if key is None:
        return None
    if not (key[0].isascii() and key[0].isdecimal()) or int(key[0]) >= SEQUENCE_MAX:
        raise BadCursor
    return int(key[0])


async def registered_out(platform: Platform, rows: list[RegisterRow]) -> list[RegisteredOut]:
    people = await platform.parts.register.names(row.person for row in rows)
    units = await platform.parts.organisations.names(row.unit for row in rows)
    cameras = await camera_names(platform, [row.camera for row in rows])
    return [
        RegisteredOut(
            sequence=row.sequence,
            at=row.at,
            kind=row.kind,
            verb=coded(platform, "access_verb", row.verb),
            person=named(people, row.person),
            unit=named(units, row.unit) if row.unit is not None else None,
            camera=named(cameras, row.camera),
            start=row.start,
            end=row.end,
            purpose=row.purpose,
            purpose_words=words_of(platform, "access_purpose", row.purpose),
            destination=row.destination,
            grant=row.grant,
            viewing=row.viewing,
            watched_s=row.watched_s,
        )
        for row in rows
    ]


def grant_out(platform: Platform, row: GrantRow, cameras: dict[UUID, str]) -> GrantOut:
    return GrantOut(
        id=row.id,
        request=row.request,
        number=row.number,
        cameras=[named(cameras, camera) for camera in row.cameras],
        begin=row.begin_at,
        end=row.end_at,
        verbs=[coded(platform, "access_verb", verb) for verb in row.verbs.split(",")],
        purpose=coded(platform, "access_purpose", row.purpose),
        destination=row.destination,
        expires=row.expires_at,
        has_whole_edges=row.has_whole_edges,
    )


async def camera_names(platform: Platform, cameras: list[UUID]) -> dict[UUID, str]:
    return {place.camera: place.name for place in await platform.cameras.places(list(set(cameras)))}


def named(names: dict[UUID, str], one: UUID) -> NamedOut:
    return NamedOut(id=one, name=names.get(one, ""))


def coded(platform: Platform, of: str, code: str) -> CodedOut:
    words = words_of(platform, of, code) or WordsOut(zh=code, en=code)
    return CodedOut(code=code, words=words)


def words_of(platform: Platform, of: str, code: str) -> WordsOut | None:
    """None: a text, or a code that the law does not know."""
    law = platform.parts.lawbook.whole
    if code not in law.codes(of):
        return None
    words = law.words(of, code)
    return WordsOut(zh=words.zh, en=words.en)
