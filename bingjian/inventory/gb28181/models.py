"""Devices of GB/T 28181, their channels and alarms: the tables."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import Float, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from bingjian.db.base import Base, Instant
from bingjian.protocols.gb28181.ids import LONGEST

DEVICE, CHANNEL, ALARM = "gb_device", "gb_channel", "gb_alarm"  # as their history and the journal name them
State = Literal["waiting", "accepted", "refused"]
Charset = Literal["auto", "gb", "utf-8"]
Edition = Literal["auto", "2016", "2022"]
Media = Literal["auto", "tcp", "tcp-active", "udp"]
Coordinates = Literal["wgs84", "gcj02"]
OPEN, HANDLED = text("handled_at IS NULL"), text("handled_at IS NOT NULL")  # alarms
NAMESPACE = uuid5(NAMESPACE_URL, "bingjian:gb28181:channels")


@dataclass(frozen=True, slots=True)
class DeviceSettings:
    """How a device is spoken to; as the signal process is told."""

    charset: Charset = "auto"
    edition: Edition = "auto"
    media: Media = "auto"  # how pictures come: auto: TCP, and UDP where that brings nothing
    roams: bool = False  # its address may change at any time: a vehicle
    tells_time: bool = True  # whether it is sent our time with its registration
    keep_alive_s: int = 60
    misses: int = 3  # keep-alives in a row that may fail to come
    positions_s: int = 0  # between positions that it is asked for; 0: none is asked for, none is kept
    coordinates: Coordinates = "wgs84"  # of its positions: by the standard WGS-84, of older ones often GCJ-02


class GbDeviceRow(Base):
    """A device that registers with us, or wants to. The password is in ``sealed`` alone."""

    __tablename__ = "gb_devices"
    __table_args__ = (
        Index("ix_gb_devices_state", "state", "label", "id"),
        Index("ix_gb_devices_division", "division"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(LONGEST), unique=True)  # 20 digits once it is accepted
    name: Mapped[str] = mapped_column(String(200))  # empty while it waits
    label: Mapped[str] = mapped_column(String(200))  # its name, else its code: what lists are sorted by
    division: Mapped[str] = mapped_column(String(6))  # whose device it is (GB/T 2260); empty: the city's
    organisation: Mapped[UUID | None]  # that runs it
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)  # vault: the password of its digest
    state: Mapped[State] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text)  # of a refusal
    charset: Mapped[Charset] = mapped_column(String(8))
    edition: Mapped[Edition] = mapped_column(String(8))
    media: Mapped[Media] = mapped_column(String(12))
    roams: Mapped[bool]
    tells_time: Mapped[bool]
    keep_alive_s: Mapped[int]
    misses: Mapped[int]
    positions_s: Mapped[int]
    coordinates: Mapped[Coordinates] = mapped_column(String(8))
    # what it says of itself, and what was seen of it
    manufacturer: Mapped[str] = mapped_column(String(200))
    model: Mapped[str] = mapped_column(String(200))
    firmware: Mapped[str] = mapped_column(String(200))
    user_agent: Mapped[str] = mapped_column(String(200))
    said_version: Mapped[str] = mapped_column(String(20))  # its X-GB-Ver; empty: none, so 2016
    address: Mapped[str] = mapped_column(String(100))  # where it was last heard
    transport: Mapped[str] = mapped_column(String(8))  # of its signalling
    online_since: Mapped[datetime | None] = mapped_column(Instant)  # None: it is not registered now
    offline_why: Mapped[str] = mapped_column(String(20))  # "removed", "expired", "silent", "connection"
    seen_at: Mapped[datetime | None] = mapped_column(Instant)
    knocks: Mapped[int]  # how often it was reported while nobody had accepted it
    first_seen_at: Mapped[datetime | None] = mapped_column(Instant)
    trouble: Mapped[str] = mapped_column(String(20))  # "password", "too_many", "malformed", "replayed", …
    trouble_at: Mapped[datetime | None] = mapped_column(Instant)
    realm_differs: Mapped[bool]  # it names another realm than ours: its server id or domain is set wrong
    time_offset_s: Mapped[float | None] = mapped_column(Float(53))  # its clock minus ours
    catalogue_run: Mapped[str] = mapped_column(String(100))  # of the last catalogue that began
    catalogue_at: Mapped[datetime | None] = mapped_column(Instant)  # when the last one ended
    catalogue_complete: Mapped[bool]
    search: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)

    @property
    def settings(self) -> DeviceSettings:
        return DeviceSettings(
            self.charset,
            self.edition,
            self.media,
            self.roams,
            self.tells_time,
            self.keep_alive_s,
            self.misses,
            self.positions_s,
            self.coordinates,
        )


class GbChannelRow(Base):
    """A node of a device's catalogue: a channel, or what channels are sorted under."""

    __tablename__ = "gb_channels"
    __table_args__ = (
        Index("ix_gb_channels_device", "device", "channel", unique=True),
        Index("ix_gb_channels_name", "device", "name", "channel"),
        Index("ix_gb_channels_channel", "channel"),
        Index("ix_gb_channels_camera", "camera"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)  # ``channel_id`` of the next two
    device: Mapped[UUID]
    channel: Mapped[str] = mapped_column(String(LONGEST))  # two devices may have the same
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))  # of ``protocols.gb28181.ids.Kind``, in small letters
    parents_text: Mapped[str] = mapped_column("parents", Text)  # "|id|id|"; empty: it stands at the top
    civil_code: Mapped[str] = mapped_column(String(20))
    business_group: Mapped[str] = mapped_column(String(LONGEST))
    manufacturer: Mapped[str] = mapped_column(String(200))
    model: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(10))  # "on", "off"; of a fault "vlost", "defect"
    ptz_type: Mapped[str] = mapped_column(String(4))
    longitude: Mapped[float | None] = mapped_column(Float(53))  # as the device says
    latitude: Mapped[float | None] = mapped_column(Float(53))
    run: Mapped[str] = mapped_column(String(100))  # of the catalogue that had it last
    since: Mapped[datetime] = mapped_column(Instant)  # in the catalogue from then on
    gone_at: Mapped[datetime | None] = mapped_column(Instant)  # no longer in it
    camera: Mapped[UUID | None]  # the camera file that it was matched with
    matched_by: Mapped[UUID | None]
    matched_by_name: Mapped[str] = mapped_column(String(200))
    matched_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int]  # of the matching

    @property
    def parents(self) -> tuple[str, ...]:
        return tuple(self.parents_text.strip("|").split("|")) if self.parents_text else ()


class GbPositionRow(Base):
    """Where a channel of a moving device was last; there is one of each, and none of before."""

    __tablename__ = "gb_positions"
    __table_args__ = (Index("ix_gb_positions_device", "device"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)  # ``channel_id`` of the next two
    device: Mapped[UUID]
    channel: Mapped[str] = mapped_column(String(LONGEST))  # or the device's own code
    longitude: Mapped[float] = mapped_column(Float(53))  # WGS-84
    latitude: Mapped[float] = mapped_column(Float(53))
    told_in: Mapped[Coordinates] = mapped_column(String(8))  # what the device counts in, as was set then
    speed_kmh: Mapped[float | None] = mapped_column(Float(53))
    direction: Mapped[float | None] = mapped_column(Float(53))  # degrees from north, clockwise
    altitude_m: Mapped[float | None] = mapped_column(Float(53))
    said_at: Mapped[datetime | None] = mapped_column(Instant)  # by the device's clock
    received_at: Mapped[datetime] = mapped_column(Instant)


class GbAlarmRow(Base):
    """Something that a device reported. It is told once, however often the device says it."""

    __tablename__ = "gb_alarms"
    __table_args__ = (
        Index("ix_gb_alarms_happened_at", "happened_at", "id"),
        Index("ix_gb_alarms_camera", "camera", "happened_at"),
        Index("ix_gb_alarms_open", "happened_at", "id", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_gb_alarms_handled", "happened_at", "id", sqlite_where=HANDLED, postgresql_where=HANDLED),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)  # of device, channel, method, type and its time
    device: Mapped[UUID]
    channel: Mapped[str] = mapped_column(String(LONGEST))
    camera: Mapped[UUID | None]  # that the channel was matched with when it came
    division: Mapped[str] = mapped_column(String(6))  # where the camera stands, else the device's
    label: Mapped[str] = mapped_column(String(200))  # of the camera, else the channel, else the device
    priority: Mapped[str] = mapped_column(String(4))  # "1" highest … "4"
    method: Mapped[str] = mapped_column(String(4))
    type: Mapped[str] = mapped_column(String(8))
    event_type: Mapped[str] = mapped_column(String(8))
    description: Mapped[str] = mapped_column(Text)
    longitude: Mapped[float | None] = mapped_column(Float(53))
    latitude: Mapped[float | None] = mapped_column(Float(53))
    said_at: Mapped[str] = mapped_column(String(40))  # as the device wrote it
    received_at: Mapped[datetime] = mapped_column(Instant)
    happened_at: Mapped[datetime] = mapped_column(Instant)  # on our clock, see ``alarms.happened``
    handled_by: Mapped[UUID | None]
    handled_by_name: Mapped[str] = mapped_column(String(200))
    handled_at: Mapped[datetime | None] = mapped_column(Instant)
    note: Mapped[str] = mapped_column(Text)  # of whoever handled it
    version: Mapped[int]


@dataclass(frozen=True, slots=True)
class DeviceWish:
    """A device as a registrar accepts it."""

    name: str
    division: str
    organisation: UUID | None = None
    password: str | None = field(default=None, repr=False)  # None: one is made up
    settings: DeviceSettings = field(default_factory=DeviceSettings)


def channel_id(device: UUID, channel: str) -> UUID:
    """The same for the same channel of the same device, in every catalogue."""
    return uuid5(NAMESPACE, f"{device}/{channel}")
