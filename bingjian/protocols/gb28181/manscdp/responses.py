"""What devices answer, apart from catalogue, configuration and controls."""

from dataclasses import dataclass
from datetime import datetime

from bingjian.protocols.gb28181 import Edition
from bingjian.protocols.gb28181.manscdp.binding import items, moment, part, real, text, whole
from bingjian.protocols.gb28181.manscdp.controls import HomePosition
from bingjian.protocols.gb28181.manscdp.message import Response, message

V2022 = Edition.V2022


@message("Response", "DeviceInfo")
@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceInfo(Response):
    name: str = text("DeviceName")
    manufacturer: str = text("Manufacturer")
    model: str = text("Model")
    firmware: str = text("Firmware")
    channels: int | None = whole("Channel")  # video inputs


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmInput:
    device_id: str = text("DeviceID")
    duty_status: str = text("DutyStatus")  # "ONDUTY", "OFFDUTY", "ALARM"


@message("Response", "DeviceStatus")
@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStatus(Response):
    online: str = text("Online")  # "ONLINE", "OFFLINE"
    status: str = text("Status")  # "OK", "ERROR"
    reason: str = text("Reason")
    encode: str = text("Encode")  # "ON", "OFF"
    record: str = text("Record")
    time: datetime | None = moment("DeviceTime")
    alarm_inputs: tuple[AlarmInput, ...] = items(AlarmInput, "Alarmstatus")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A file of a device's own storage; it may begin before and end after the window that was asked for."""

    device_id: str = text("DeviceID")
    name: str = text("Name")
    file_path: str = text("FilePath")
    address: str = text("Address")
    start_time: datetime | None = moment("StartTime")
    end_time: datetime | None = moment("EndTime")
    secrecy: str = text("Secrecy")
    type: str = text("Type")  # "time", "alarm", "manual"
    recorder_id: str = text("RecorderID")
    file_size: int | None = whole("FileSize")  # bytes
    record_location: str = text("RecordLocation", since=V2022)
    stream_number: int | None = whole("StreamNumber", since=V2022)
    others: tuple[tuple[str, str], ...] = ()


@message("Response", "RecordInfo")
@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPage(Response):
    """One page; ``collector`` puts them together."""

    name: str = text("Name")
    total: int | None = whole("SumNum")
    items: tuple[Recording, ...] = items(Recording, "RecordList")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    number: str = text("PresetID")
    name: str = text("PresetName")


@message("Response", "PresetQuery")
@dataclass(frozen=True, slots=True, kw_only=True)
class PresetList(Response):
    total: int | None = whole("SumNum")
    presets: tuple[Preset, ...] = items(Preset, "PresetList")


@message("Response", "HomePositionQuery")
@dataclass(frozen=True, slots=True, kw_only=True)
class HomePositionFound(Response):
    """2022."""

    home_position: HomePosition | None = part(HomePosition, "HomePosition")


@dataclass(frozen=True, slots=True, kw_only=True)
class CruiseTrackName:
    number: int | None = whole("Number")
    name: str = text("Name")


@message("Response", "CruiseTrackListQuery")
@dataclass(frozen=True, slots=True, kw_only=True)
class CruiseTrackList(Response):
    """2022."""

    total: int | None = whole("SumNum")
    tracks: tuple[CruiseTrackName, ...] = items(CruiseTrackName, "CruiseTrackList", "CruiseTrack")


@dataclass(frozen=True, slots=True, kw_only=True)
class CruisePoint:
    preset: int | None = whole("PresetIndex")
    stay_s: int | None = whole("StayTime")
    speed: int | None = whole("Speed")  # 1–15


@message("Response", "CruiseTrackQuery")
@dataclass(frozen=True, slots=True, kw_only=True)
class CruiseTrack(Response):
    """2022."""

    number: int | None = whole("Number")
    name: str = text("Name")
    total: int | None = whole("SumNum")
    points: tuple[CruisePoint, ...] = items(CruisePoint, "CruisePointList", "CruisePoint")


@message("Response", "PTZPosition")
@dataclass(frozen=True, slots=True, kw_only=True)
class PtzPosition(Response):
    """2022."""

    pan: float | None = real("Pan")  # degrees
    tilt: float | None = real("Tilt")
    zoom: float | None = real("Zoom")
    horizontal_field_angle: float | None = real("HorizontalFieldAngle")
    vertical_field_angle: float | None = real("VerticalFieldAngle")
    max_view_distance: float | None = real("MaxViewDistance")  # metres


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageCard:
    number: int | None = whole("ID")
    name: str = text("HddName")
    status: str = text("Status")  # "ok", "formatting", "unformatted", "idle", "error"
    format_progress: int | None = whole("FormatProgress")  # per cent
    capacity_mb: int | None = whole("Capacity")
    free_mb: int | None = whole("FreeSpace")


@message("Response", "SDCardStatus")
@dataclass(frozen=True, slots=True, kw_only=True)
class StorageCards(Response):
    """2022."""

    total: int | None = whole("SumNum")
    cards: tuple[StorageCard, ...] = items(StorageCard, "SDCardStatusInfo")


@message("Response", "MobilePosition")
@dataclass(frozen=True, slots=True, kw_only=True)
class MobilePositionResult(Response):
    """In the answer to a subscription."""
