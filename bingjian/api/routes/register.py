"""The register of art. 25(5), and copies given on from it."""

import hashlib
from asyncio import to_thread
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal, TypeGuard
from uuid import UUID

from fastapi import Depends, Path, Query, Request
from fastapi.responses import Response

from bingjian.access.decisions import Verb
from bingjian.access.grants import GrantKind, GrantRow
from bingjian.access.register import RegisterFilter, RegisterRow
from bingjian.access.tracing import Clue, handed_to
from bingjian.api.paging import PAGE_DEFAULT, BadCursor, Cursor, Limit, cursor_of, key_of
from bingjian.api.permissions import Forwarder, RegisterReader
from bingjian.api.platform import Platform, ThePlatform
from bingjian.api.register_export import paper_of, sheet_of
from bingjian.api.routes.cameras import copy_ticket, expires_of
from bingjian.api.routing import api_router
from bingjian.api.schemas import ClipTicketOut, Moment
from bingjian.api.schemas_access import (
    CodedOut,
    ForwardIn,
    NamedOut,
    PackageOut,
    RecipientOut,
    RegisteredOut,
    RegisterOut,
    TracedOut,
    TraceIn,
    TraceOut,
)
from bingjian.api.schemas_procedures import WordsOut
from bingjian.documents.paper.render import ROWS_MAX
from bingjian.entries import ClipOpened, DownloadOpened, RegisterExported
from bingjian.inventory.errors import NotThere
from bingjian.inventory.workers import rfc3339
from bingjian.rules.decisions.protection import FORWARD

FORWARDABLE = frozenset({ClipOpened.kind, DownloadOpened.kind})
SEQUENCE_MAX = 2**63  # what a database counts to

router = api_router("/api/v1", "access")


Form = Literal["pdf", "csv"]
MEDIA: dict[Form, str] = {"pdf": "application/pdf", "csv": "text/csv; charset=utf-8"}


async def filter_in(
    person: Annotated[UUID | None, Query(description="What this person saw")] = None,
    camera: Annotated[UUID | None, Query(description="Who saw this camera")] = None,
    start: Annotated[Moment | None, Query(description="What was done from here on")] = None,
    end: Annotated[Moment | None, Query(description="What was done before this instant")] = None,
    shown_from: Annotated[Moment | None, Query(description="What was seen is of here or later")] = None,
    shown_until: Annotated[Moment | None, Query(description="What was seen is of before this")] = None,
    sha256: Annotated[
        str | None, Query(pattern=r"^[0-9a-f]{64}$", description="Of a file that left: to whom it was given")
    ] = None,
) -> RegisterFilter:
    return RegisterFilter(person, camera, start, end, shown_from, shown_until, sha256)


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
    return await register_page(platform, wanted, actor.areas, limit, cursor)


@router.post("/register/trace")
async def trace_file(clue: TraceIn, actor: RegisterReader, platform: ThePlatform) -> TraceOut:
    """To whom a file that turned up had been given; that it was asked is written down first (R31.5)."""
    known = Clue(clue.sha256, clue.entry, clue.camera)
    found = await platform.parts.tracing.trace(actor, known)
    told = await registered_out(platform, found.rows)
    items = [
        TracedOut(
            registered=registered,
            recipients=await recipients_out(platform, row),
            file=next((one.file for one in row.packages if one.sha256 == clue.sha256), None),
        )
        for row, registered in zip(found.rows, told, strict=True)
    ]
    return TraceOut(by=found.by, items=items)


@router.post("/register/{sequence}/forward", status_code=201)
async def forward_copy(
    sequence: Annotated[int, Path(ge=0, lt=SEQUENCE_MAX)],
    wish: ForwardIn,
    request: Request,
    actor: Forwarder,
    platform: ThePlatform,
) -> ClipTicketOut:
    """Give a copy on to one further recipient, as a file of its own: decided, registered, then served."""
    row = await platform.parts.register.get(sequence, actor.areas)
    if not is_copy(row):
        raise NotThere
    site = await platform.cameras.sited(row.camera)
    await platform.door.require_handled(actor, Verb.FORWARD, site)
    await platform.parts.serving.require_shown(actor, row.camera, Verb.FORWARD, row.start)
    told = wish.recipient, wish.destination
    opened = await platform.door.open_forward(actor, site, row, *told, expires_of(request))
    return copy_ticket(request, platform, site.row, opened)


async def register_page(
    platform: Platform, wanted: RegisterFilter, areas: tuple[str, ...], limit: int, cursor: str | None
) -> RegisterOut:
    rows = await platform.parts.register.page(wanted, areas, limit + 1, number_in(cursor))
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
    asked = {name: told_as(value) for name, value in asdict(wanted).items() if name != "grant"}
    entry = RegisterExported(str(actor.id), form, len(items), digest, actor.address, **asked)
    await platform.journal.append(entry)
    headers = {"Content-Disposition": f'attachment; filename="register.{form}"', "Cache-Control": "no-store"}
    return Response(content, media_type=MEDIA[form], headers=headers)


def told_as(value: UUID | datetime | str | None) -> str | None:
    if value is None:
        return None
    return rfc3339(value) if isinstance(value, datetime) else str(value)


def is_copy(row: RegisterRow | None) -> TypeGuard[RegisterRow]:
    """Whether it tells of a copy that was made under a grant: what can be given on."""
    return row is not None and row.grant is not None and row.kind in FORWARDABLE


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
    grants = await platform.parts.grants.known(row.grant for row in rows if row.grant is not None)
    return [
        RegisteredOut(
            sequence=row.sequence,
            at=row.at,
            kind=row.kind,
            verb=coded(platform, "protected_verb" if row.verb == FORWARD.verb else "access_verb", row.verb),
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
            grant_kind=GrantKind(grant.kind).value if (grant := grant_of(row, grants)) else None,
            grant_number=grant.number if grant else None,
            recipient=row.recipient,
            forwarded=row.forwarded,
            packages=[PackageOut.model_validate(asdict(one)) for one in row.packages],
        )
        for row in rows
    ]


async def recipients_out(platform: Platform, row: RegisterRow) -> list[RecipientOut]:
    if row.recipient:
        return [RecipientOut(name=row.recipient, unit=row.destination)]
    grants = await platform.parts.grants.known([row.grant] if row.grant is not None else [])
    found = await platform.parts.tracing.recipients(handed_to(row.person, grant_of(row, grants)))
    return [RecipientOut(name=one.name, unit=one.unit) for one in found]


def grant_of(row: RegisterRow, grants: dict[UUID, GrantRow]) -> GrantRow | None:
    return grants.get(row.grant) if row.grant is not None else None


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
