"""Documents read: who may know of which, and what of it."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, func, literal, or_, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.db.areas import CITY, inside
from bingjian.db.base import Instant
from bingjian.db.session import Database
from bingjian.documents.errors import NoSuchDocument
from bingjian.documents.models import DocumentRow, DocumentVersionRow, Reader
from bingjian.documents.service import name_of, versions_of
from bingjian.documents.sniff import SUFFIXES
from bingjian.documents.store import DocumentStore
from bingjian.entries import DocumentOpened
from bingjian.journal.append import Journal
from bingjian.journal.refusals import written_down
from bingjian.rules.decision import Case, Grant, Refusal, granted
from bingjian.rules.decisions.archive import Version, is_whole, may_read
from bingjian.rules.decisions.secrecy import Parcel, may_leave
from bingjian.rules.library import law

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Binding = Callable[[AsyncSession], Awaitable[frozenset[UUID]]]
WAY = "export"  # code of ``way_out``: a download


@dataclass(frozen=True, slots=True)
class Found:
    """A document as this person may know it."""

    row: DocumentRow
    newest: DocumentVersionRow
    is_veiled: bool  # title and file names may not be told to this person


@dataclass(frozen=True, slots=True)
class Page:
    items: list[Found]
    next_key: list[str] | None


@dataclass(frozen=True, slots=True)
class Sought:
    """What a list is limited to."""

    q: str | None = None
    kind: str | None = None
    subject: UUID | None = None
    organisation: UUID | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """A version's bytes, found whole."""

    path: Path
    media_type: str
    file_name: str  # ours, without anything that a person wrote


@dataclass(frozen=True, slots=True)
class State:
    """Whether a version is still what was archived."""

    version: DocumentVersionRow
    answer: Grant | Refusal


async def none_binds(session: AsyncSession) -> frozenset[UUID]:
    """Where nobody says otherwise."""
    return frozenset()


class Reading:
    """Every method raises NoSuchDocument for what is not there or outside the person's areas."""

    def __init__(
        self, database: Database, journal: Journal, store: DocumentStore, binding: Binding = none_binds
    ) -> None:
        """``binding``: the papers of the whole city that bind everybody, and so are everybody's to read."""
        self._database = database
        self._journal = journal
        self._store = store
        self._binding = binding

    async def page(self, limit: int, after: list[str] | None, who: Reader, sought: Sought) -> Page:
        """Newest first, after the instant (µs since 1970) and id given."""
        table, versions = DocumentRow, DocumentVersionRow
        newest = and_(versions.document == table.id, versions.number == table.version)
        query = select(table, versions).join(versions, newest).where(*wanted(sought, who))
        if after is not None:
            query = query.where(older(after))
        query = query.order_by(table.added_at.desc(), table.id.desc()).limit(limit + 1)
        async with self._database.read() as session:
            rows = (await session.execute(query.where(near(who, await self._bound(session, who))))).all()
        items = [Found(row, version, is_veiled(row, who)) for row, version in rows[:limit]]
        return Page(items, key_of(items[-1].row) if len(rows) > limit else None)

    async def get(self, document: UUID, who: Reader) -> tuple[Found, list[DocumentVersionRow]]:
        """One document and its versions, oldest first."""
        async with self._database.read() as session:
            query = select(DocumentRow).where(DocumentRow.id == document)
            row = await session.scalar(query.where(near(who, await self._bound(session, who))))
            if row is None:
                raise NoSuchDocument
            versions = await versions_of(session, document)
        return Found(row, versions[-1], is_veiled(row, who)), versions

    async def _bound(self, session: AsyncSession, who: Reader) -> frozenset[UUID]:
        """What a person may read though their areas are less than the city; asked whatever they look for."""
        return frozenset() if who.is_near(CITY) else await self._binding(session)

    async def content(self, document: UUID, number: int, who: Reader) -> Content:
        """A version's bytes, once it is written down who gets them.

        Raises:
            Refused: by secrecy (R6.1), without the right to base information (R17.3), or not whole (R17.3).
            JournalUnavailable, StoreUnavailable.
        """
        found, versions = await self.get(document, who)
        version = next((one for one in versions if one.number == number), None)
        if version is None:
            raise NoSuchDocument
        await written_down(
            self._journal, self._permitted(found.row, version, who), who, "document.read", document
        )
        entry = DocumentOpened(str(who.id), str(document), number, version.sha256, who.address)
        await self._journal.append(entry)
        return Content(
            self._store.path_of(version.sha256), version.media_type, safe_file_name(found.row, version)
        )

    async def _permitted(self, row: DocumentRow, version: DocumentVersionRow, who: Reader) -> None:
        case = Case(law())
        case.join(may_leave(law(), parcel_of(row, who)))
        if row.holds_base_info:
            case.join(may_read(law(), name_of(row), who.has_base_right(row)))
        granted(case.answer())
        granted(await self._state(row, version))

    async def verify(self, document: UUID, who: Reader) -> list[State]:
        """Each version read again from the disk."""
        found, versions = await self.get(document, who)
        return [State(one, await self._state(found.row, one)) for one in versions]

    async def _state(self, row: DocumentRow, version: DocumentVersionRow) -> Grant | Refusal:
        digest = await asyncio.to_thread(self._store.digest, version.sha256)
        return is_whole(law(), name_of(row), Version(version.number, version.sha256), digest)


def parcel_of(row: DocumentRow, who: Reader) -> Parcel:
    """A download as the law sees it: to the organisation that the person acts for."""
    recipient = str(who.organisation or who.id)
    named = {*json.loads(row.recipients_json), str(row.organisation or "")} - {""}
    return Parcel({str(row.id): row.secrecy}, WAY, frozenset({recipient}), frozenset(named))


def is_veiled(row: DocumentRow, who: Reader) -> bool:
    """Titles and file names are a person's words: they may tell what the paper tells."""
    is_kept = row.secrecy in law().codes("secrecy_kept")
    return (row.holds_base_info or is_kept) and not who.has_base_right(row)


def safe_file_name(row: DocumentRow, version: DocumentVersionRow) -> str:
    """Of letters that every system takes, and without base information (art. 27¶1)."""
    return f"{row.kind}-{str(row.id)[:8]}-v{version.number}.{SUFFIXES[version.media_type]}"


# --- conditions


def near(who: Reader, bound: Collection[UUID]) -> ColumnElement[bool]:
    return or_(inside(DocumentRow.division, who.areas), binds(bound))


def binds(bound: Collection[UUID]) -> ColumnElement[bool]:
    """Papers of the city that bind everybody; one of a district stays that district's, whoever names it."""
    return and_(DocumentRow.division == CITY, DocumentRow.id.in_(bound))


def wanted(sought: Sought, who: Reader) -> Sequence[ColumnElement[bool]]:
    table, conditions = DocumentRow, list[ColumnElement[bool]]()
    if sought.q:
        conditions += [
            func.lower(table.title).contains(sought.q.lower(), autoescape=True),
            unveiled(who),
        ]
    if sought.kind:
        conditions.append(table.kind == sought.kind)
    if sought.subject is not None:
        conditions.append(table.subject == sought.subject)
    if sought.organisation is not None:
        conditions.append(table.organisation == sought.organisation)
    return conditions


def unveiled(who: Reader) -> ColumnElement[bool]:
    """As ``is_veiled``: a search must not find out what a title says."""
    if who.may_read_base:
        return true()
    open_ones = and_(~DocumentRow.holds_base_info, DocumentRow.secrecy.not_in(law().codes("secrecy_kept")))
    return or_(open_ones, DocumentRow.organisation == who.organisation) if who.organisation else open_ones


def older(after: list[str]) -> ColumnElement[bool]:
    at, identity = EPOCH + timedelta(microseconds=int(after[0])), UUID(after[1])
    return tuple_(DocumentRow.added_at, DocumentRow.id) < tuple_(
        literal(at, Instant), literal(identity, Uuid)
    )


def key_of(row: DocumentRow) -> list[str]:
    return [str((row.added_at - EPOCH) // timedelta(microseconds=1)), str(row.id)]
