"""What a field engineer has a device do and tell. An order is in the journal before it is given.

Turning a camera is not among it: that takes control (``access.control``). Nor is anything that would lose
what a device has recorded: no card is formatted from here, and its own recording is begun but never stopped.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from uuid import UUID

from bingjian.db.areas import Areas
from bingjian.db.session import Database
from bingjian.entries import DeviceOrdered
from bingjian.inventory.errors import GbDeviceOther, NotThere
from bingjian.inventory.gb28181.devices import Registrar, own_device
from bingjian.inventory.gb28181.models import GbChannelRow, GbDeviceRow, channel_id
from bingjian.inventory.gb28181.signal_client import SignalClient
from bingjian.journal.append import Journal

# By name, what the signal process is told
ORDERS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "restart": {"restart": True},
        "guard": {"guard": True},
        "unguard": {"guard": False},
        "reset_alarm": {"reset_alarm": {}},
        "key_frame": {"key_frame": True},
        "record": {"record": True},
    }
)
OF_THE_WHOLE = frozenset({"restart"})  # there is no such thing for a channel
UPGRADE = "upgrade"
BLOCKS = ("BasicParam", "VideoParamOpt")
BLOCKS_2022 = (
    *("VideoParamAttribute", "VideoRecordPlan", "VideoAlarmRecord", "PictureMask"),
    *("FrameMirror", "AlarmReport", "OSDConfig"),
)


@dataclass(frozen=True, slots=True)
class Firmware:
    """What a device is to fetch by itself, and from where."""

    version: str
    url: str
    manufacturer: str


class Upkeep:
    """``client``: the signal process, which gives orders and passes on what devices answer."""

    def __init__(self, database: Database, journal: Journal, client: SignalClient) -> None:
        self._database = database
        self._journal = journal
        self._client = client

    async def order(self, device: UUID, order: str, channel: str, who: Registrar) -> bool:
        """Whether the device confirmed it; some only take it.

        Args:
            order: of ``ORDERS``.
            channel: empty: the device as a whole.

        Raises NotThere, GbDeviceOther, and what ``SignalClient.control`` raises.
        """
        row = await self._serving(device, channel, who.areas)
        if channel and order in OF_THE_WHOLE:
            raise GbDeviceOther("this is for the device as a whole")
        await self._write(row, order, channel, "", who)
        return await self._client.control(row.code, {**ORDERS[order], **named(channel)})

    async def upgrade(self, device: UUID, firmware: Firmware, who: Registrar) -> str:
        """The session that the device names when it tells what came of it. Raises as ``order``."""
        row = await self._serving(device, "", who.areas)
        session = secrets.token_hex(16)
        await self._write(row, UPGRADE, "", f"{firmware.version} {firmware.url}", who)
        wish = {"firmware": firmware.version, "url": firmware.url, "manufacturer": firmware.manufacturer}
        await self._client.control(row.code, {"upgrade": {**wish, "session": session}})
        return session

    async def status(self, device: UUID, channel: str, areas: Areas) -> dict[str, Any]:
        """How it is, by its own words. Raises NotThere, GbDeviceOther, and as ``SignalClient.query``."""
        row = await self._serving(device, channel, areas)
        return await self._client.query(row.code, "DeviceStatus", **named(channel))

    async def cards(self, device: UUID, areas: Areas) -> dict[str, Any]:
        """What it stores its recordings on (2022). Raises as ``status``."""
        row = await self._serving(device, "", areas)
        return await self._client.query(row.code, "SDCardStatus")

    async def configuration(self, device: UUID, channel: str, areas: Areas) -> dict[str, Any]:
        """What it is set to, block by block. Raises as ``status``."""
        row = await self._serving(device, channel, areas)
        blocks = "/".join((*BLOCKS, *BLOCKS_2022) if is_new(row) else BLOCKS)
        return await self._client.query(row.code, "ConfigDownload", config_type=blocks, **named(channel))

    async def _serving(self, device: UUID, channel: str, areas: Areas) -> GbDeviceRow:
        """A device that is accepted, and has this channel. Raises NotThere, GbDeviceOther."""
        async with self._database.read() as session:
            row = await own_device(session, device, areas)
            if row.state != "accepted":
                raise GbDeviceOther("only a device that is accepted is told anything")
            if channel and await session.get(GbChannelRow, channel_id(row.id, channel)) is None:
                raise NotThere
            return row

    async def _write(self, row: GbDeviceRow, order: str, channel: str, detail: str, who: Registrar) -> None:
        """Raises JournalUnavailable: then nothing is told to the device."""
        await self._journal.append(DeviceOrdered(str(who.id), row.code, channel, order, detail, who.address))


def named(channel: str) -> dict[str, str]:
    return {"channel": channel} if channel else {}


def is_new(row: GbDeviceRow) -> bool:
    """Whether it speaks the edition of 2022, as far as we know."""
    return row.edition == "2022" or (row.edition == "auto" and row.said_version.startswith("3"))
