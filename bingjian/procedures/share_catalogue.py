"""What is offered for sharing, and how often it was used (art. 20: 数据运营)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select

from bingjian.access.decisions import Actor
from bingjian.access.register import Register
from bingjian.db.areas import within
from bingjian.db.session import Database
from bingjian.inventory.camera_files import CameraFileRow, levels_of
from bingjian.inventory.errors import NoSuchCamera
from bingjian.procedures.models import RecordRow
from bingjian.procedures.share_entry import NAME, PUBLISHED, Entry
from bingjian.procedures.share_request_data import ShareAsked
from bingjian.procedures.share_unanswered import NAME as REQUEST
from bingjian.procedures.step import data_of
from bingjian.rules.decisions.secrecy import shown_outside
from bingjian.rules.decisions.sharing import figures_of_use
from bingjian.rules.law import Law

LISTED = 1000  # published entries in one answer; a city has some dozens


@dataclass(frozen=True, slots=True)
class Offered:
    """A published entry."""

    record: RecordRow
    entry: Entry
    uses: int  # looks under grants that were asked for by it, since the beginning


class ShareCatalogue:
    """Read only."""

    def __init__(self, database: Database, register: Register) -> None:
        self._database = database
        self._register = register

    async def published(self, law: Law, areas: Sequence[str]) -> list[Offered]:
        """Of these areas, by name; cameras whose level may not be known outside are not in it (art. 27¶2)."""
        query = select(RecordRow).where(RecordRow.kind == NAME, RecordRow.state == PUBLISHED)
        query = query.where(within(RecordRow.division, areas)).order_by(RecordRow.title, RecordRow.id)
        async with self._database.read() as session:
            rows = list(await session.scalars(query.limit(LISTED)))
            entries = {row.id: data_of(row, Entry) for row in rows}
            named = {camera for entry in entries.values() for camera in entry.cameras}
            known = frozenset(shown_outside(law, await levels_of(session, named)))
        uses = figures_of_use([str(row.id) for row in rows], await self._uses())
        return [Offered(row, without(entries[row.id], known), uses[str(row.id)]) for row in rows]

    async def camera_name(self, law: Law, camera: UUID, actor: Actor) -> str:
        """What a camera is called that is offered in the person's areas, or that their body has asked for.

        Raises NoSuchCamera: it is neither, or its level may not be known outside.
        """
        table = RecordRow
        offered = (table.kind == NAME) & (table.state == PUBLISHED) & within(table.division, actor.areas)
        asked = (table.kind == REQUEST) & (table.organisation == actor.organisation)
        query = select(table).where(or_(offered, asked), table.data_json.contains(str(camera)))
        async with self._database.read() as session:
            named = {one for row in await session.scalars(query.limit(LISTED)) for one in cameras_of(row)}
            known = shown_outside(law, await levels_of(session, [camera]))
            row = await session.get(CameraFileRow, camera)
        if row is None or camera not in named or not known:
            raise NoSuchCamera
        return row.name

    async def _uses(self) -> Counter[str]:
        """By entry; a look's is found by the request that its grant was decided in."""
        counts = await self._register.uses_of_requests()
        query = select(RecordRow.id, RecordRow.subject)
        query = query.where(RecordRow.kind == REQUEST, RecordRow.subject.is_not(None))
        async with self._database.read() as session:
            entry_of: dict[UUID, UUID] = {row.id: row.subject for row in await session.execute(query)}
        uses = Counter[str]()
        for request, count in counts.items():
            if request in entry_of:
                uses[str(entry_of[request])] += count
        return uses


def cameras_of(record: RecordRow) -> tuple[UUID, ...]:
    """Those that an entry offers, or a request asks for."""
    if record.kind == NAME:
        return data_of(record, Entry).cameras
    return data_of(record, ShareAsked).cameras


def without(entry: Entry, known: frozenset[str]) -> Entry:
    """With those of its cameras alone that may be known outside: a level may have been set since."""
    cameras = tuple(camera for camera in entry.cameras if str(camera) in known)
    return entry.model_copy(update={"cameras": cameras})
