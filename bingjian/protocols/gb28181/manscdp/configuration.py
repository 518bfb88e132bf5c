"""Blocks of a device's configuration, read by ConfigDownload and set by DeviceConfig."""

from dataclasses import dataclass

from bingjian.protocols.gb28181 import Edition
from bingjian.protocols.gb28181.manscdp.binding import items, part, real, text, texts, whole
from bingjian.protocols.gb28181.manscdp.message import Message, Response, message

V2022 = Edition.V2022
MIN_HEARTBEAT_S = 5  # devices tell 0 and worse; below it a value is no interval
MAX_HEARTBEAT_S = 600  # a device that says more is not believed for so long
DEFAULT_HEARTBEAT_S, DEFAULT_HEARTBEAT_COUNT = 60, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class BasicParam:
    name: str = text("Name")
    expiration: int | None = whole("Expiration")  # seconds of a registration
    heartbeat_interval: int | None = whole("HeartBeatInterval")  # seconds
    heartbeat_count: int | None = whole("HeartBeatCount")  # missed ones after which it is offline
    position_capability: str = text("PositionCapability", until=Edition.V2016)
    longitude: float | None = real("Longitude", until=Edition.V2016)
    latitude: float | None = real("Latitude", until=Edition.V2016)
    others: tuple[tuple[str, str], ...] = ()

    @property
    def usable_heartbeat(self) -> tuple[int, int]:
        """Interval in seconds and count, the usual ones in place of what cannot be meant."""
        interval, count = self.heartbeat_interval or 0, self.heartbeat_count or 0
        return (
            interval if interval >= MIN_HEARTBEAT_S else DEFAULT_HEARTBEAT_S,
            count if count >= 1 else DEFAULT_HEARTBEAT_COUNT,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoParamOpt:
    download_speed: str = text("DownloadSpeed")  # "1/2/4"
    resolution: str = text("Resolution")  # codes of f=, joined with "/"


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoParam:
    """Of one stream; values as in f=."""

    stream_number: int | None = whole("StreamNumber")
    video_format: str = text("VideoFormat")
    resolution: str = text("Resolution")
    frame_rate: str = text("FrameRate")
    bit_rate_type: str = text("BitRateType")
    video_bit_rate: str = text("VideoBitRate")


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSegment:
    start_hour: int | None = whole("StartHour")
    start_minute: int | None = whole("StartMin")
    start_second: int | None = whole("StartSec")
    stop_hour: int | None = whole("StopHour")
    stop_minute: int | None = whole("StopMin")
    stop_second: int | None = whole("StopSec")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSchedule:
    """Of one day of the week."""

    week_day: int | None = whole("WeekDayNum")  # 1: Monday
    segment_count: int | None = whole("TimeSegmentSumNum")
    segments: tuple[TimeSegment, ...] = items(TimeSegment, "", "TimeSegment")


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoRecordPlan:
    enabled: str = text("RecordEnable")
    schedule_count: int | None = whole("RecordScheduleSumNum")
    schedules: tuple[RecordSchedule, ...] = items(RecordSchedule, "", "RecordSchedule")
    stream_number: int | None = whole("StreamNumber")


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoAlarmRecord:
    enabled: str = text("RecordEnable")
    after_s: int | None = whole("RecordTime")
    before_s: int | None = whole("PreRecordTime")
    stream_number: int | None = whole("StreamNumber")


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskRegion:
    number: int | None = whole("Seq")  # 1–4
    corners: str = text("Point")  # "left,top,right,bottom", pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureMask:
    on: str = text("On")
    count: int | None = whole("SumNum")
    regions: tuple[MaskRegion, ...] = items(MaskRegion, "RegionList")


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmReport:
    motion: str = text("MotionDetection")
    field: str = text("FieldDetection")


@dataclass(frozen=True, slots=True, kw_only=True)
class OsdText:
    content: str = text("Text")
    x: int | None = whole("X")
    y: int | None = whole("Y")


@dataclass(frozen=True, slots=True, kw_only=True)
class OsdConfig:
    length: int | None = whole("Length")
    width: int | None = whole("Width")
    time_x: int | None = whole("TimeX")
    time_y: int | None = whole("TimeY")
    time_enabled: str = text("TimeEnable")
    time_type: str = text("TimeType")  # 0 YYYY-MM-DD, 1 in Chinese
    text_enabled: str = text("TextEnable")
    count: int | None = whole("SumNum")
    texts: tuple[OsdText, ...] = items(OsdText, "", "Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapShotConfig:
    """Take pictures and bring them to an address of ours."""

    count: int | None = whole("SnapNum")  # 1–10
    interval_s: int | None = whole("Interval")
    upload_url: str = text("UploadURL")
    session_id: str = text("SessionID")  # 32 to 128 of [A-Za-z0-9-]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpaqueBlock:
    """A block of which we only keep the plain values (SVAC coding, parameters of 2011)."""

    others: tuple[tuple[str, str], ...] = ()


@message("Response", "ConfigDownload")
@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration(Response):
    """Devices may answer once for each block, all with the query's SN."""

    basic: BasicParam | None = part(BasicParam, "BasicParam")
    video_options: VideoParamOpt | None = part(VideoParamOpt, "VideoParamOpt")
    svac_encode: OpaqueBlock | None = part(OpaqueBlock, "SVACEncodeConfig")
    svac_decode: OpaqueBlock | None = part(OpaqueBlock, "SVACDecodeConfig")
    video_params: tuple[VideoParam, ...] = items(VideoParam, "VideoParamAttribute", since=V2022)
    record_plan: VideoRecordPlan | None = part(VideoRecordPlan, "VideoRecordPlan", since=V2022)
    alarm_record: VideoAlarmRecord | None = part(VideoAlarmRecord, "VideoAlarmRecord", since=V2022)
    mask: PictureMask | None = part(PictureMask, "PictureMask", since=V2022)
    mirror: str = text("FrameMirror", since=V2022)  # 0 none, 1 horizontal, 2 vertical, 3 both
    alarm_report: AlarmReport | None = part(AlarmReport, "AlarmReport", since=V2022)
    osd: OsdConfig | None = part(OsdConfig, "OSDConfig", since=V2022)
    snapshot: SnapShotConfig | None = part(SnapShotConfig, "SnapShotConfig", since=V2022)


@message("Control", "DeviceConfig")
@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceConfig(Message):
    """Sets the blocks that are there."""

    basic: BasicParam | None = part(BasicParam, "BasicParam")
    video_options: VideoParamOpt | None = part(VideoParamOpt, "VideoParamOpt")
    svac_encode: OpaqueBlock | None = part(OpaqueBlock, "SVACEncodeConfig")
    svac_decode: OpaqueBlock | None = part(OpaqueBlock, "SVACDecodeConfig")
    video_params: tuple[VideoParam, ...] = items(VideoParam, "VideoParamAttribute", since=V2022)
    record_plan: VideoRecordPlan | None = part(VideoRecordPlan, "VideoRecordPlan", since=V2022)
    alarm_record: VideoAlarmRecord | None = part(VideoAlarmRecord, "VideoAlarmRecord", since=V2022)
    mask: PictureMask | None = part(PictureMask, "PictureMask", since=V2022)
    mirror: str = text("FrameMirror", since=V2022)
    alarm_report: AlarmReport | None = part(AlarmReport, "AlarmReport", since=V2022)
    osd: OsdConfig | None = part(OsdConfig, "OSDConfig", since=V2022)
    snapshot: SnapShotConfig | None = part(SnapShotConfig, "SnapShotConfig", since=V2022)


@message("Response", "DeviceConfig")
@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceConfigResult(Response):
    pass


@message("Notify", "UploadSnapShotFinished")
@dataclass(frozen=True, slots=True, kw_only=True)
class SnapShotsUploaded(Message):
    """2022. Fewer files than were asked for: some failed."""

    session_id: str = text("SessionID")
    files: tuple[str, ...] = texts("SnapShotList", "SnapShotFileID")
