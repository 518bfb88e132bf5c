"""Who got a copy that left, and to whom a file that turned up had been given (art. 31(5))."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy import select

from bingjian.access.decisions import Actor
from bingjian.access.grants import GrantRow, Grants
from bingjian.access.models import PersonRow
from bingjian.access.register import Register, RegisterFilter, RegisterRow
from bingjian.db.session import Database
from bingjian.documents.paper.glyphs import printable
from bingjian.entries import ClipOpened, CopyForwarded, DownloadOpened, FileTraced
from bingjian.inventory.organisations import OrganisationRow
from bingjian.journal.append import Journal
from bingjian.streaming.ticket import MARK_MAX

COPIES = frozenset({ClipOpened.kind, DownloadOpened.kind, CopyForwarded.kind})
FOUND_MAX = 100  # entries with a file of this hash; ours are of one entry each

Sign = Literal["sha256", "mark"]  # by what a file was known


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who got a copy, as they are called now."""

    name: str
    unit: str  # empty: nobody that is known


@dataclass(frozen=True, slots=True)
class Clue:
    """What a file that turned up can be known by."""

    sha256: str
    entry: int | None = None  # number of the journal's entry, as the file itself says; anybody can write that
    camera: UUID | None = None  # of whose footage it says it is


@dataclass(frozen=True, slots=True)
class Trace:
    """What the journal knows of it."""

    by: Sign | None  # None: nothing
    rows: list[RegisterRow]


class Tracing:
    """Reads the register; writes down that it was asked."""

    def __init__(self, database: Database, journal: Journal, register: Register, grants: Grants) -> None:
        self._database = database
        self._journal = journal
        self._register = register
        self._grants = grants

    async def mark_of(self, actor: Actor, grant: UUID | None) -> str:
        """What a copy is marked with that this person makes now: who gets it, and their unit."""
        row = (await self._grants.known([grant])).get(grant) if grant is not None else None
        return marked(await self.recipients(handed_to(actor.id, row)) or [Recipient(actor.name, "")])

    async def recipients(self, people: Iterable[UUID]) -> list[Recipient]:
        """These persons by name, with their units."""
        query = select(PersonRow.name, OrganisationRow.name.label("unit"))
        query = query.outerjoin(OrganisationRow, OrganisationRow.id == PersonRow.organisation)
        query = query.where(PersonRow.id.in_(set(people))).order_by(PersonRow.name)
        async with self._database.read() as session:
            return [Recipient(row.name, row.unit or "") for row in await session.execute(query)]

    async def trace(self, actor: Actor, clue: Clue) -> Trace:
        """Of cameras in this person's areas; in the journal before it is answered. Raises
        JournalUnavailable.
        """
        found = await self._found(clue, actor.areas)
        told = clue.sha256, found.by or "", tuple(row.sequence for row in found.rows), actor.address
        await self._journal.append(FileTraced(str(actor.id), *told))
        return found

    async def _found(self, clue: Clue, areas: Sequence[str]) -> Trace:
        rows = await self._register.page(RegisterFilter(sha256=clue.sha256), areas, FOUND_MAX, None)
        if rows:
            return Trace("sha256", rows)
        said = await self._register.get(clue.entry, areas) if clue.entry is not None else None
        if said is not None and said.kind in COPIES and said.camera == clue.camera:
            return Trace("mark", [said])
        return Trace(None, [])


def handed_to(person: UUID, grant: GrantRow | None) -> frozenset[UUID]:
    """Whoever made a copy; where a custodian made it for a grant's officers, these (art. 22)."""
    if grant is None or grant.is_share or str(person) in grant.officers:
        return frozenset({person})
    return frozenset(map(UUID, grant.officers))


def marked(recipients: Sequence[Recipient]) -> str:
    """Names and units in one line, in characters that can be drawn."""
    units = dict.fromkeys(one.unit for one in recipients if one.unit)
    told = "、".join(one.name for one in recipients), "、".join(units)
    return printable(" · ".join(filter(None, told)))[:MARK_MAX]
