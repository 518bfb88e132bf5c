"""What we ask, apart from the catalogue. Each is answered by a response of the same name."""

from dataclasses import dataclass
from datetime import datetime

from bingjian.protocols.gb28181 import Edition
from bingjian.protocols.gb28181.manscdp.binding import moment, text, whole
from bingjian.protocols.gb28181.manscdp.message import Message, message

V2022 = Edition.V2022


@message("Query", "DeviceInfo")
@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceInfoQuery(Message):
    pass


@message("Query", "DeviceStatus")
@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStatusQuery(Message):
    pass


@message("Query", "RecordInfo")
@dataclass(frozen=True, slots=True, kw_only=True)
class RecordInfoQuery(Message):
    start_time: datetime | None = moment("StartTime")
    end_time: datetime | None = moment("EndTime")
    file_path: str = text("FilePath")
    address: str = text("Address")
    secrecy: str = text("Secrecy")  # "0", "1"
    type: str = text("Type")  # "time", "alarm", "manual", "all"
    recorder_id: str = text("RecorderID")
    indistinct: str = text("IndistinctQuery")  # "1": of the device and of the centre
    stream_number: int | None = whole("StreamNumber", since=V2022)
    alarm_method: str = text("AlarmMethod", since=V2022)
    alarm_type: str = text("AlarmType", since=V2022)


@message("Query", "ConfigDownload")
@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigDownloadQuery(Message):
    config_type: str = text("ConfigType")  # names joined with "/": "BasicParam/VideoParamOpt"


@message("Query", "PresetQuery")
@dataclass(frozen=True, slots=True, kw_only=True)
class PresetQuery(Message):
    pass


@message("Query", "Alarm")
@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmQuery(Message):
    """The body of a subscription to alarms."""

    start_priority: str = text("StartAlarmPriority")
    end_priority: str = text("EndAlarmPriority")
    method: str = text("AlarmMethod")
    type: str = text("AlarmType")
    start_time: datetime | None = moment("StartAlarmTime")
    end_time: datetime | None = moment("EndAlarmTime")


POSITION_INTERVALS_S = range(5, 3601)  # that we ask for: from the standard's own 5 s to once an hour


@message("Query", "MobilePosition")
@dataclass(frozen=True, slots=True, kw_only=True)
class MobilePositionQuery(Message):
    interval: int | None = whole("Interval")  # seconds; 5 if not told


@message("Query", "HomePositionQuery")
@dataclass(frozen=True, slots=True, kw_only=True)
class HomePositionQuery(Message):
    """2022."""


@message("Query", "CruiseTrackListQuery")
@dataclass(frozen=True, slots=True, kw_only=True)
class CruiseTrackListQuery(Message):
    """2022."""


@message("Query", "CruiseTrackQuery")
@dataclass(frozen=True, slots=True, kw_only=True)
class CruiseTrackQuery(Message):
    """2022."""

    number: int | None = whole("Number")  # 0: the first


@message("Query", "PTZPosition")
@dataclass(frozen=True, slots=True, kw_only=True)
class PtzPositionQuery(Message):
    """2022; also the body of a subscription."""


@message("Query", "SDCardStatus")
@dataclass(frozen=True, slots=True, kw_only=True)
class StorageCardQuery(Message):
    """2022."""
