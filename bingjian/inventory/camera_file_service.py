"""Camera files: added, changed, read. Every change is in the journal before it holds."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.clock import Clock, utc_now
from bingjian.db.session import Database
from bingjian.inventory.camera_file_values import (
    Values,
    accepted,
    changed,
    locked_changes,
    positioned,
    row_values,
    standing_of,
)
from bingjian.inventory.camera_files import (
    BEGIN,
    CITY,
    KIND,
    CameraFileRow,
    SystemsChanged,
    nobody_is_told,
    values_of,
)
from bingjian.inventory.device_code import DeviceCode, allocate, prefix_of
from bingjian.inventory.errors import DeviceCodeTaken, FieldsNotAccepted, NameTaken, NotThere
from bingjian.inventory.history import HistoryRow, Subject, Who, differences, history_of, remember
from bingjian.inventory.models import CameraRow
from bingjian.inventory.siting import ConsentsOf, Siting, Standing, no_consents
from bingjian.inventory.versions import require_version
from bingjian.journal.append import Journal
from bingjian.journal.refusals import written_down
from bingjian.rules.decision import Grant, Refusal, granted
from bingjian.rules.decisions.keyplaces import Reclassification, may_reclassify
from bingjian.rules.decisions.lifecycle import STANDING, State
from bingjian.rules.decisions.moving import Camera, Notice, may_change_view
from bingjian.rules.decisions.places import may_be_filed
from bingjian.rules.decisions.records import may_have_code
from bingjian.rules.law import Law
from bingjian.rules.library import law

Areas = Sequence[str]  # prefixes of division codes: what lies outside does not exist for the person
NoticeOf = Callable[[AsyncSession, CameraFileRow], Awaitable[Notice | None]]
LawAt = Callable[[datetime], Law]  # what binds at an instant
OUTSIDE_AREAS = "it lies outside your areas"


class Registrar(Who, Protocol):
    """Whoever asks, with the areas that they are bound to."""

    @property
    def areas(self) -> tuple[str, ...]: ...


async def no_notice(session: AsyncSession, row: CameraFileRow) -> Notice | None:
    """Until procedures say otherwise, nobody has given notice of anything."""
    return None


@dataclass(frozen=True, slots=True)
class Filed:
    """A file as it is shown."""

    row: CameraFileRow
    has_stream: bool


class CameraFiles:
    """Whoever calls has been let in by the door; areas and law are asked here."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        clock: Clock,
        law_at: LawAt,
        notice_of: NoticeOf = no_notice,
        consents_of: ConsentsOf = no_consents,
        changed: SystemsChanged = nobody_is_told,
    ) -> None:
        self._database = database
        self._journal = journal
        self._clock = clock
        self._law_at = law_at
        self.notice_of = notice_of  # procedures hang theirs in
        self._consents_of = consents_of
        self._changed = changed

    async def add(self, raws: Mapping[str, Any], who: Registrar) -> Filed:
        """Add a file, in state planned. Raises FieldsNotAccepted, NotThere, Refused, DeviceCodeTaken."""
        values = positioned(accepted(raws))
        require_area(values, who.areas)

        async def work(session: AsyncSession) -> Filed:
            now = utc_now(self._clock)
            await require_code(session, self._law_at(now), values, None)
            await self._require_ground(session, values, now)
            row = CameraFileRow(id=uuid4(), state=BEGIN, version=1, created_at=now, changed_at=now)
            written(row, values)
            session.add(row)
            await session.flush()
            await self._changed(session, systems_in(row.system), now)
            changes = differences({}, values_of(row))
            await remember(session, self._journal, Subject(KIND, row.id, 1), "added", changes, who, now)
            return Filed(row, has_stream=False)

        return await self._decided(work, who, "camera_file.add", None)

    async def change(
        self, file: UUID, version: int, fields: Mapping[str, Any], who: Registrar, reason: str = ""
    ) -> Filed:
        """Change the given values; None empties one.

        Raises:
            NotThere, Stale, FieldsNotAccepted, DeviceCodeTaken, NameTaken.
            Refused: the law, position and view of a camera of art. 8 among it (R19.2).
        """

        async def work(session: AsyncSession) -> Filed:
            row = await own_file(session, file, who.areas)
            await require_version(session, row.id, row.version, version)
            before, system = values_of(row), row.system
            after = changed(before, fields)
            require_area(after, who.areas)
            now, stream = utc_now(self._clock), await session.get(CameraRow, file)
            await self._require(session, row, before, after, stream is not None, now)
            written(row, after)
            row.version, row.changed_at = row.version + 1, now
            if stream is not None:
                renamed(stream, row.name)
            await session.flush()
            await self._changed(session, systems_in(system, row.system), now)
            changes, subject = differences(before, values_of(row)), Subject(KIND, row.id, row.version)
            await remember(session, self._journal, subject, "changed", changes, who, now, reason)
            return Filed(row, stream is not None)

        return await self._decided(work, who, "camera_file.change", file)

    async def get(self, file: UUID, who: Registrar) -> Filed:
        """Raises NotThere, also for what lies outside the person's areas, by the same statements."""
        async with self._database.read() as session:
            row = await own_file(session, file, who.areas)
            return Filed(row, await has_stream(session, file))

    async def history(self, file: UUID, who: Registrar) -> list[HistoryRow]:
        """All changes, newest first. Raises NotThere."""
        async with self._database.read() as session:
            await own_file(session, file, who.areas)
            return await history_of(session, file)

    async def next_code(
        self, division: str, type_: str, industry: str, network: str, who: Registrar
    ) -> DeviceCode:
        """A code for a new camera, handed out once. Raises FieldsNotAccepted, CodesUsedUp."""
        if division not in law().codes("division").keys() | {CITY}:
            raise FieldsNotAccepted({"division": "it is no division of this city"})
        require_area({"division": division}, who.areas)
        prefix = prefix_of(division, type_, industry, network)

        async def work(session: AsyncSession) -> DeviceCode:
            return await allocate(session, prefix)

        return await self._database.run(work)

    async def _require(
        self,
        session: AsyncSession,
        row: CameraFileRow,
        before: Values,
        after: Values,
        has_stream: bool,
        now: datetime,
    ) -> None:
        """Raises Refused, NotThere: the law, on a change."""
        binding = self._law_at(now)
        if before.get("device_id") != after.get("device_id"):
            await require_code(session, binding, after, row.id)
        if stands(row, has_stream):
            notice = await self.notice_of(session, row)
            camera = Camera(str(row.id), str(row.management_unit or ""), row.is_article8)
            touched = locked_changes(before, after)
            granted(may_change_view(binding, camera, touched, notice, keeps_old_values=True, now=now))
        if before.get("is_article8") and not after.get("is_article8"):
            granted(may_reclassify(binding, Reclassification(("article8",), (), by="", decision="")))
        if standing_of(before) != standing_of(after):
            await self._require_ground(session, after, now)

    async def _require_ground(self, session: AsyncSession, values: Values, now: datetime) -> None:
        """Raises Refused: it stands or looks where the law lets no camera be; NotThere: an unknown place."""
        standing = standing_of(values)
        if not is_told(standing):
            return
        siting = await Siting.around(session, standing)
        told = standing.with_consents(await self._consents_of(session, now))
        granted(on_ground(siting, self._law_at(now), told, now))

    async def _decided(
        self,
        work: Callable[[AsyncSession], Awaitable[Filed]],
        who: Registrar,
        verb: str,
        about: UUID | None,
    ) -> Filed:
        """The work done; a refusal is written down first, a taken name or code is said."""
        try:
            return await written_down(self._journal, self._database.run(work), who, verb, about)
        except IntegrityError as error:
            raise (NameTaken if "name" in str(error.orig) else DeviceCodeTaken) from error


def written(row: CameraFileRow, values: Values) -> None:
    for name, value in row_values(values).items():
        setattr(row, name, value)


def systems_in(*systems: UUID | None) -> set[UUID]:
    return {system for system in systems if system is not None}


def renamed(stream: CameraRow, name: str) -> None:
    """A stream and its file have one name."""
    if stream.name != name:
        addresses = stream.search.split("\n")[1:]
        stream.name, stream.search_name = name, name.lower()
        stream.search = "\n".join([name.lower(), *addresses])


def stands(row: CameraFileRow, has_stream: bool) -> bool:
    """Whether something is there that art. 19 protects: by its state, or because it sends pictures."""
    return has_stream or State(row.state) in STANDING


def require_area(values: Mapping[str, Any], areas: Areas) -> None:
    """Raises FieldsNotAccepted: nobody files a camera where they have no say."""
    if not str(values.get("division", CITY)).startswith(tuple(areas)):
        raise FieldsNotAccepted({"division": OUTSIDE_AREAS})


async def own_file(session: AsyncSession, file: UUID, areas: Areas) -> CameraFileRow:
    """Raises NotThere, alike for what is not there and what lies outside the areas."""
    row = await session.get(CameraFileRow, file)
    if row is None or not row.division.startswith(tuple(areas)):
        raise NotThere
    return row


async def has_stream(session: AsyncSession, file: UUID) -> bool:
    return await session.scalar(select(CameraRow.id).where(CameraRow.id == file)) is not None


async def require_code(session: AsyncSession, binding: Law, values: Values, own: UUID | None) -> None:
    """Raises Refused: a code that is none, or is another file's (R26.5)."""
    code = values.get("device_id")
    if code is None:
        return
    query = select(CameraFileRow.device_id).where(CameraFileRow.device_id == code, CameraFileRow.id != own)
    taken = [found for found in await session.scalars(query) if found is not None]
    granted(may_have_code(binding, code, taken))


def is_told(standing: Standing) -> bool:
    """Whether the file says where the camera is."""
    return standing.position is not None or standing.place is not None or standing.division != CITY


def on_ground(siting: Siting, binding: Law, standing: Standing, now: datetime) -> Grant | Refusal:
    """Whether a camera that stands there may have a file. Raises NotThere."""
    proposal = siting.proposal(binding, standing)
    return may_be_filed(binding, proposal, now, has_position=standing.position is not None)
