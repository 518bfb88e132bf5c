"""What devices tell of their own accord, and what we tell them."""

from dataclasses import dataclass
from datetime import datetime

from bingjian.protocols.gb28181 import Edition
from bingjian.protocols.gb28181.manscdp.binding import items, moment, part, real, text, texts, whole
from bingjian.protocols.gb28181.manscdp.message import Message, Response, message

V2022 = Edition.V2022
END_OF_FILE = "121"  # the NotifyType of MediaStatus


@message("Notify", "Keepalive")
@dataclass(frozen=True, slots=True, kw_only=True)
class Keepalive(Message):
    status: str = text("Status")  # "OK", "ERROR"
    faulty: tuple[str, ...] = texts("Info", "DeviceID")  # ids of what is behind the device and does not work


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmInfo:
    type: str = text("AlarmType")
    event_type: str = text("AlarmTypeParam/EventType")  # intrusion: 1 enters, 2 leaves
    others: tuple[tuple[str, str], ...] = ()


@message("Notify", "Alarm")
@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm(Message):
    priority: str = text("AlarmPriority")  # 1 highest, 4 lowest
    method: str = text("AlarmMethod")  # 1 phone, 2 device, 3 SMS, 4 GPS, 5 video, 6 fault, 7 other
    time: datetime | None = moment("AlarmTime")
    description: str = text("AlarmDescription")
    longitude: float | None = real("Longitude")
    latitude: float | None = real("Latitude")
    info: AlarmInfo | None = part(AlarmInfo, "Info")
    extra: tuple[str, ...] = texts("", "ExtraInfo")

    @property
    def wants_reset(self) -> bool:
        """A device's own alarm: it reports the next only after ``ResetAlarm``."""
        return self.method == "2"

    @property
    def key(self) -> tuple[object, ...]:
        """The same alarm comes by MESSAGE and by NOTIFY: equal keys are one. Without a time only what is sent
        a few seconds apart can be.
        """
        type = self.info.type if self.info else ""
        if self.time is None:
            return self.device_id, self.method, type, self.sn, self.description
        return self.device_id, self.method, type, self.time


@message("Response", "Alarm")
@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmTaken(Response):
    """Sent back for an alarm that came by MESSAGE."""


@message("Notify", "MediaStatus")
@dataclass(frozen=True, slots=True, kw_only=True)
class MediaStatus(Message):
    notify_type: str = text("NotifyType")

    @property
    def is_end_of_file(self) -> bool:
        return self.notify_type == END_OF_FILE


@message("Notify", "Broadcast")
@dataclass(frozen=True, slots=True, kw_only=True)
class Broadcast(Message):
    """We want to speak; the device answers and then invites us. Has no DeviceID of its own."""

    source_id: str = text("SourceID")
    target_id: str = text("TargetID")


@message("Response", "Broadcast")
@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastResult(Response):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a moving device was."""

    device_id: str = text("DeviceID")
    time: datetime | None = moment("CaptureTime", "Time")
    longitude: float | None = real("Longitude")
    latitude: float | None = real("Latitude")
    speed: float | None = real("Speed")  # km/h
    direction: float | None = real("Direction")  # degrees
    altitude: float | None = real("Altitude")  # metres above the sea
    height: float | None = real("Height", since=V2022)  # metres above the ground


@message("Notify", "MobilePosition")
@dataclass(frozen=True, slots=True, kw_only=True)
class MobilePosition(Message):
    """2016 has the position in the message itself, 2022 a list: ``positions`` reads either."""

    time: datetime | None = moment("Time")
    longitude: float | None = real("Longitude", until=Edition.V2016)
    latitude: float | None = real("Latitude", until=Edition.V2016)
    speed: float | None = real("Speed", until=Edition.V2016)
    direction: float | None = real("Direction", until=Edition.V2016)
    altitude: float | None = real("Altitude", until=Edition.V2016)
    total: int | None = whole("SumNum", since=V2022)
    devices: tuple[Position, ...] = items(Position, "DeviceList", since=V2022)

    @property
    def positions(self) -> tuple[Position, ...]:
        if self.devices or self.longitude is None or self.latitude is None:
            return self.devices
        return (
            Position(
                device_id=self.device_id,
                time=self.time,
                longitude=self.longitude,
                latitude=self.latitude,
                speed=self.speed,
                direction=self.direction,
                altitude=self.altitude,
            ),
        )


@message("Notify", "VideoUploadNotify")
@dataclass(frozen=True, slots=True, kw_only=True)
class VideoUpload(Message):
    """2022: a moving device asks for its live picture to be fetched."""

    time: datetime | None = moment("Time")
    longitude: float | None = real("Longitude")
    latitude: float | None = real("Latitude")


@message("Notify", "DeviceUpgradeResult")
@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradeResult(Message):
    """2022: after the device has registered again."""

    session_id: str = text("SessionID")
    upgrade_result: str = text("UpgradeResult")  # "OK", "ERROR"
    firmware: str = text("Firmware")
    failed_reason: str = text("UpgradeFailedReason")  # 01 download timed out, 02 damaged, 03 system, 99 other


@message("Notify", "PTZPosition")
@dataclass(frozen=True, slots=True, kw_only=True)
class PtzPositionChange(Message):
    """2022: to a subscriber."""

    pan: float | None = real("Pan")
    tilt: float | None = real("Tilt")
    zoom: float | None = real("Zoom")
    horizontal_field_angle: float | None = real("HorizontalFieldAngle")
    vertical_field_angle: float | None = real("VerticalFieldAngle")
    max_view_distance: float | None = real("MaxViewDistance")
