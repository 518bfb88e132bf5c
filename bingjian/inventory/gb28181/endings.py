"""Recording that ends on purpose with a device, its password or a match (R31.7): by whoever has a say over
every camera concerned.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.clock import utc_now
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.inventory.endings import Endings
from bingjian.inventory.gb28181.models import GbChannelRow, GbDeviceRow
from bingjian.inventory.gb28181.registered import Storable, is_registered
from bingjian.inventory.models import CameraRow
from bingjian.protocols.gb28181.address import ChannelAddress

# Asks whether somebody has a say over cameras; by id the division that each stands in. Raises where not.
Admit = Callable[[Mapping[UUID, str]], Awaitable[None]]


class Concerned(NamedTuple):
    """A camera that is a channel of a device."""

    camera: UUID
    name: str
    division: str
    is_recorded: bool  # from this channel, where nothing else stops it


class DeviceEndings(Endings):
    """Of cameras that are channels."""

    async def of_device(self, session: AsyncSession, device: UUID) -> list[Concerned]:
        """All cameras that are its channels, by name."""
        return await self._concerned(session, GbChannelRow.device == device)

    async def require_device(
        self, session: AsyncSession, device: UUID, reason: str, admit: Admit
    ) -> list[UUID]:
        """The cameras whose recording ends with a device.

        Raises what ``admit`` raises, before anything is said of the cameras; Refused: no reason.
        """
        concerned = await self.of_device(session, device)
        await admit({one.camera: one.division for one in concerned})
        return self._reasoned(concerned, reason)

    async def require_channel(self, session: AsyncSession, channel: UUID, reason: str) -> list[UUID]:
        """The camera whose recording ends with a match, if it is recorded. Raises Refused: no reason."""
        return self._reasoned(await self._concerned(session, GbChannelRow.id == channel), reason)

    def _reasoned(self, concerned: Iterable[Concerned], reason: str) -> list[UUID]:
        ending = [one.camera for one in concerned if one.is_recorded]
        self.require(ending, reason)
        return ending

    async def _concerned(self, session: AsyncSession, where: ColumnElement[bool]) -> list[Concerned]:
        device, channel, file = GbDeviceRow, GbChannelRow, CameraFileRow
        facts = device.state, file.place.is_not(None), file.state
        source = device.code, channel.channel, CameraRow.url_shown
        query = select(file.id, file.name, file.division, *source, *facts)
        query = query.join_from(channel, device, device.id == channel.device)
        query = query.join(file, file.id == channel.camera).outerjoin(CameraRow, CameraRow.id == file.id)
        rows = await session.execute(query.where(where).order_by(file.name, file.id))
        may_be_stored, found = Storable(self._law_at(utc_now(self._clock))), []
        for camera, name, division, code, id, url, state, has_place, stage in rows:
            is_source = url == str(ChannelAddress(code, id))
            is_recorded = is_source and may_be_stored(id, is_registered(state, has_place, stage))
            found.append(Concerned(camera, name, division, is_recorded))
        return found
