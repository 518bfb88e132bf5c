"""Registered channels: what follows from matches for cameras, media workers and the signal process (R9.6).

There may be a hundred thousand, and they are read every few seconds: plain columns, in one query for all.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from bingjian.clock import Clock, utc_now
from bingjian.db.session import Database
from bingjian.inventory.camera_file_service import LawAt
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.inventory.errors import InventoryError, NameTaken
from bingjian.inventory.gb28181.models import GbChannelRow, GbDeviceRow
from bingjian.inventory.models import CameraRow
from bingjian.inventory.service import IDS_AT_ONCE, Cameras
from bingjian.protocols.gb28181.address import SCHEME, ChannelAddress
from bingjian.rules.decision import Grant
from bingjian.rules.decisions.lifecycle import State
from bingjian.rules.decisions.places import Device, may_store
from bingjian.rules.law import Law

log = structlog.get_logger()


class Registered(NamedTuple):
    """A channel of which footage may be stored, and its camera."""

    device: str  # code
    channel: str
    camera: UUID  # its file's id
    source: str | None  # the shown address of the camera's stream; None: it has none yet

    @property
    def address(self) -> str:
        return str(ChannelAddress(self.device, self.channel))


class Sources:
    """Cameras whose pictures come from channels."""

    def __init__(self, database: Database, cameras: Cameras, clock: Clock, law_at: LawAt) -> None:
        self._database = database
        self._cameras = cameras
        self._clock = clock
        self._law_at = law_at

    async def registered(self) -> list[Registered]:
        """All matched channels that may be stored, by the law of now (R9.6)."""
        device, channel, file = GbDeviceRow, GbChannelRow, CameraFileRow
        facts = device.state, file.place.is_not(None), file.state
        query = select(device.code, channel.channel, file.id, CameraRow.url_shown, *facts)
        query = query.join_from(channel, device, device.id == channel.device)
        query = query.join(file, file.id == channel.camera).outerjoin(CameraRow, CameraRow.id == file.id)
        async with self._database.read() as session:
            rows = (await session.execute(query.order_by(channel.id))).all()
        may_be_stored, found = Storable(self._law_at(utc_now(self._clock))), []
        for code, id, camera, source, state, has_place, stage in rows:
            if may_be_stored(id, is_registered(state, has_place, stage)):
                found.append(Registered(code, id, camera, source))
        return found

    async def unregistered(self) -> frozenset[UUID]:
        """Cameras whose source is a channel, but not one that is registered: no worker may have them."""
        query = select(CameraRow.id, CameraRow.url_shown).where(
            or_(
                CameraRow.url_shown.startswith(f"{SCHEME}://"),
                CameraRow.sub_url_shown.startswith(f"{SCHEME}://"),
            )
        )
        allowed = {(one.camera, one.address) for one in await self.registered()}
        async with self._database.read() as session:
            found = (await session.execute(query)).all()
        return frozenset(camera for camera, url in found if (camera, url) not in allowed)

    async def settle(self, registered: Iterable[Registered]) -> int:
        """Give each of their cameras its source; how many there were to give."""
        waiting = [one for one in registered if one.source != one.address]
        taken = await self._names_taken([one.camera for one in waiting])
        given = 0
        for one in waiting:
            if one.camera in taken:
                continue  # another stream has the file's name: the page shows that this one has no source
            try:
                await self._cameras.supply(one.camera, one.address)
            except NameTaken:
                continue  # since we asked
            except InventoryError as error:  # one camera must not stop what follows for all others
                log.warning("gb_channel_not_supplied", channel=one.channel, error=str(error))
                continue
            given += 1
        return given

    async def _names_taken(self, files: Sequence[UUID]) -> set[UUID]:
        """Those of these files without a stream, whose name another stream has."""
        own, other, found = aliased(CameraRow), aliased(CameraRow), set[UUID]()
        query = select(CameraFileRow.id).join(other, other.name == CameraFileRow.name)
        query = query.outerjoin(own, own.id == CameraFileRow.id).where(own.id.is_(None))
        async with self._database.read() as session:
            for first in range(0, len(files), IDS_AT_ONCE):
                some = files[first : first + IDS_AT_ONCE]
                found |= set(await session.scalars(query.where(CameraFileRow.id.in_(some))))
        return found


def is_registered(device_state: str, has_place: bool, file_state: str) -> bool:
    """An accepted device, and a camera with a place in the inventory."""
    return device_state == "accepted" and has_place and file_state != State.RETIRED


class Storable:
    """Whether channels may be stored by a law: one question to it for all that are registered alike."""

    def __init__(self, law: Law) -> None:
        self._law = law
        self._answers: dict[bool, bool] = {}

    def __call__(self, channel: str, is_registered: bool) -> bool:
        if is_registered not in self._answers:
            answer = may_store(self._law, Device(channel, is_registered))
            self._answers[is_registered] = isinstance(answer, Grant)
        return self._answers[is_registered]


def by_device(registered: Iterable[Registered]) -> dict[str, list[str]]:
    """By device code the channels whose pictures may be asked for."""
    found: dict[str, list[str]] = {}
    for one in registered:
        found.setdefault(one.device, []).append(one.channel)
    return found
