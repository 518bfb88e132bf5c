"""Which channel is which camera: found by the 20-digit code, decided by a registrar.

A matched channel becomes the source of its camera once both are registered: the device accepted, the file of
the camera with a place of the inventory. Until then nothing of it is stored: no media worker has the camera,
and the signal process calls no such channel (arts. 9 and 16, R9.6).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.clock import Clock, utc_now
from bingjian.db.areas import Areas, inside, is_inside
from bingjian.db.session import Database
from bingjian.inventory.camera_file_service import CameraFiles, LawAt, own_file
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.inventory.device_code import DeviceCode, faults_of
from bingjian.inventory.errors import (
    AddressNotAccepted,
    ChannelTaken,
    CodesDiffer,
    NotThere,
)
from bingjian.inventory.gb28181.channels import LEAF
from bingjian.inventory.gb28181.devices import Registrar, own_device
from bingjian.inventory.gb28181.endings import DeviceEndings
from bingjian.inventory.gb28181.models import CHANNEL, GbChannelRow, GbDeviceRow
from bingjian.inventory.gb28181.registered import is_registered
from bingjian.inventory.history import Subject, remember
from bingjian.inventory.models import CameraRow
from bingjian.journal.append import Journal
from bingjian.journal.refusals import written_down
from bingjian.protocols.gb28181.address import ChannelAddress, parse
from bingjian.protocols.url import UrlError
from bingjian.rules.decision import Grant, Refusal, granted
from bingjian.rules.decisions.places import Device, may_store
from bingjian.rules.decisions.records import may_have_code
from bingjian.rules.edition import Words
from bingjian.rules.law import Law

SUGGESTIONS_MAX = 10  # of one channel
AT_ONCE = 500  # channels matched in one transaction


@dataclass(frozen=True, slots=True)
class Pair:
    """A matched channel, with its device and its camera's file."""

    channel: GbChannelRow
    device: GbDeviceRow
    file: CameraFileRow
    source: str | None  # the shown address of the camera's stream; None: it has none yet

    @property
    def address(self) -> str:
        return str(ChannelAddress(self.device.code, self.channel.channel))

    def may_store(self, law: Law) -> Grant | Refusal:
        """R9.6: registered are an accepted device and a camera with a place in the inventory."""
        registered = is_registered(self.device.state, self.file.place is not None, self.file.state)
        return may_store(law, Device(self.channel.channel, registered))


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A camera file that may be the channel's."""

    file: CameraFileRow
    by: str  # "code", "name"


@dataclass(frozen=True, slots=True)
class Checked:
    """A channel's id as a device code: faults in sentences, and who it may be."""

    is_code: bool  # 20 digits
    faults: list[Words]
    suggestions: list[Suggestion]


class Matching:
    """Every match by a person is in the journal before it holds."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        files: CameraFiles,
        clock: Clock,
        law_at: LawAt,
        endings: DeviceEndings,
    ) -> None:
        self._database = database
        self._journal = journal
        self._files = files
        self._clock = clock
        self._law_at = law_at
        self._endings = endings

    async def check(self, device: UUID, channel: str, areas: Areas) -> Checked:
        """What speaks for and against a match. Raises NotThere."""
        law = self._law_at(utc_now(self._clock))
        async with self._database.read() as session:
            owner = await own_device(session, device, areas)
            row = await channel_of(session, device, channel)
            suggestions = await suggested(session, row, areas)
        code = DeviceCode.read(row.channel)
        declared = suggestions[0].file.division if suggestions else owner.division
        faults = faults_of(code, law.codes("division").keys(), declared) if code else []
        return Checked(code is not None, faults, suggestions)

    async def match(
        self, device: UUID, channel: str, file: UUID, who: Registrar, *, may_differ: bool = False
    ) -> Pair:
        """This channel is that camera. A file without a device code takes the channel's.

        Args:
            may_differ: the file keeps its own code, though the device knows the channel by another.

        Raises:
            NotThere, ChannelTaken, CodesDiffer.
            AddressNotAccepted: no stream can be asked for by the channel's id.
            Refused: the device is not accepted (R9.6), the channel's id is no device code (R26.5).
        """

        async def work(session: AsyncSession) -> Pair:
            owner = await own_device(session, device, who.areas)
            row = await channel_of(session, device, channel)
            require_address(owner.code, row.channel)
            wanted = await own_file(session, file, who.areas)
            await require_free(session, row, wanted.id)
            law = self._law_at(utc_now(self._clock))
            granted(may_store(law, Device(owner.code, owner.state == "accepted")))
            if wanted.device_id is None:
                granted(may_have_code(law, row.channel, await codes_taken(session, row.channel)))
            elif wanted.device_id != row.channel and not may_differ:
                raise CodesDiffer
            await self._match(session, row, wanted.id, who)
            return Pair(row, owner, wanted, await source_of(session, wanted.id))

        running = self._database.run(work)
        pair = await written_down(self._journal, running, who, "gb_channel.match", file)
        if pair.file.device_id is None:
            fields = {"device_id": pair.channel.channel}
            await self._files.change(file, pair.file.version, fields, who)
        return pair

    async def match_equal(self, device: UUID, who: Registrar) -> int:
        """Match all channels whose code a file has that no channel has yet. Raises NotThere, Refused."""

        async def work(session: AsyncSession) -> int:
            owner = await own_device(session, device, who.areas)
            law = self._law_at(utc_now(self._clock))
            granted(may_store(law, Device(owner.code, owner.state == "accepted")))
            pairs = await equal_codes(session, device, who.areas)
            for row, file in pairs:
                await self._match(session, row, file, who)
            return len(pairs)

        running = self._database.run(work)
        return await written_down(self._journal, running, who, "gb_channel.match", device)

    async def unmatch(self, device: UUID, channel: str, reason: str, who: Registrar) -> None:
        """It is not that camera, which stands still from now on.

        Raises:
            NotThere, also of a camera that lies outside the areas.
            Refused: its recording ends, without a reason (R31.7).
        """

        async def work(session: AsyncSession) -> None:
            await own_device(session, device, who.areas)
            row = await channel_of(session, device, channel)
            if row.camera is None:
                raise NotThere
            await own_file(session, row.camera, who.areas)
            ending = await self._endings.require_channel(session, row.id, reason)
            await self._endings.write(ending, reason, "gb_channel.unmatch", device, who)
            await self._match(session, row, None, who, reason)

        await written_down(self._journal, self._database.run(work), who, "gb_channel.unmatch", device)

    async def _match(
        self, session: AsyncSession, row: GbChannelRow, file: UUID | None, who: Registrar, reason: str = ""
    ) -> None:
        now, before = utc_now(self._clock), row.camera
        row.camera, row.version = file, row.version + 1
        row.matched_by, row.matched_by_name = (who.id, who.name) if file else (None, "")
        row.matched_at = now if file else None
        changes = {"camera": [str(before) if before else None, str(file) if file else None]}
        changes["channel"] = [row.channel, row.channel]
        subject = Subject(CHANNEL, row.id, row.version)
        act = "matched" if file else "unmatched"
        await remember(session, self._journal, subject, act, changes, who, now, reason)

    async def pairs_of(self, rows: Sequence[GbChannelRow], areas: Areas) -> dict[UUID, Pair]:
        """Of these channels, by id, those whose camera lies in these areas."""
        query = paired().where(GbChannelRow.id.in_([row.id for row in rows]))
        async with self._database.read() as session:
            found = [Pair(*row) for row in await session.execute(query)]
        return {pair.channel.id: pair for pair in found if is_inside(pair.file.division, areas)}

    def may_store(self, pair: Pair) -> Grant | Refusal:
        """R9.6, by the law of now."""
        return pair.may_store(self._law_at(utc_now(self._clock)))


def paired() -> Select[GbChannelRow, GbDeviceRow, CameraFileRow, str]:
    """Matched channels, each with its device, its camera's file and the shown address of its stream."""
    query = select(GbChannelRow, GbDeviceRow, CameraFileRow, CameraRow.url_shown)
    query = query.join(GbDeviceRow, GbDeviceRow.id == GbChannelRow.device)
    query = query.join(CameraFileRow, CameraFileRow.id == GbChannelRow.camera)
    return query.outerjoin(CameraRow, CameraRow.id == CameraFileRow.id)


async def channel_of(session: AsyncSession, device: UUID, channel: str) -> GbChannelRow:
    """Raises NotThere: what channels are sorted under is none."""
    table = GbChannelRow
    query = select(table).where(table.device == device, table.channel == channel, table.kind == LEAF)
    row = await session.scalar(query)
    if row is None:
        raise NotThere
    return row


def require_address(device: str, channel: str) -> None:
    """Raises AddressNotAccepted."""
    try:
        parse(str(ChannelAddress(device, channel)))
    except UrlError as error:
        detail = "the device lists this channel by an id that is not of letters and digits alone"
        raise AddressNotAccepted("channel", detail) from error


async def require_free(session: AsyncSession, row: GbChannelRow, file: UUID) -> None:
    """Raises ChannelTaken."""
    query = select(GbChannelRow.id).where(GbChannelRow.camera == file, GbChannelRow.id != row.id)
    if (row.camera is not None and row.camera != file) or await session.scalar(query) is not None:
        raise ChannelTaken


async def codes_taken(session: AsyncSession, code: str) -> Sequence[str]:
    query = select(CameraFileRow.device_id).where(CameraFileRow.device_id == code)
    return [one for one in await session.scalars(query) if one is not None]


async def source_of(session: AsyncSession, camera: UUID) -> str | None:
    return await session.scalar(select(CameraRow.url_shown).where(CameraRow.id == camera))


async def suggested(session: AsyncSession, row: GbChannelRow, areas: Areas) -> list[Suggestion]:
    """Files that have no channel yet: of the same code, else of the same name."""
    file, taken = CameraFileRow, select(GbChannelRow.camera).where(GbChannelRow.camera.is_not(None))
    free = and_(inside(file.division, areas), file.id.not_in(taken))
    by_code = select(file).where(free, file.device_id == row.channel)
    found = [Suggestion(one, "code") for one in await session.scalars(by_code)]
    by_name = select(file).where(free, file.name == row.name, file.device_id.is_(None))
    by_name = by_name.order_by(file.id).limit(SUGGESTIONS_MAX)
    return [*found, *(Suggestion(one, "name") for one in await session.scalars(by_name))]


async def equal_codes(session: AsyncSession, device: UUID, areas: Areas) -> list[tuple[GbChannelRow, UUID]]:
    """Channels without a camera, each with the file that has its code and no channel."""
    file, taken = CameraFileRow, select(GbChannelRow.camera).where(GbChannelRow.camera.is_not(None))
    query = select(GbChannelRow, file.id).join(file, file.device_id == GbChannelRow.channel)
    query = query.where(GbChannelRow.device == device, GbChannelRow.kind == LEAF)
    query = query.where(GbChannelRow.camera.is_(None), GbChannelRow.gone_at.is_(None))
    query = query.where(inside(file.division, areas), file.id.not_in(taken))
    rows = await session.execute(query.order_by(GbChannelRow.channel).limit(AT_ONCE))
    return [(row, id) for row, id in rows]
