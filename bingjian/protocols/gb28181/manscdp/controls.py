"""DeviceControl: one message with one sub-command, and its answer where there is one."""

from dataclasses import dataclass

from bingjian.protocols.gb28181 import Edition, ptz
from bingjian.protocols.gb28181.manscdp.binding import part, real, text, whole
from bingjian.protocols.gb28181.manscdp.message import Message, Response, message

V2022 = Edition.V2022


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A rectangle drawn in a play window, in its pixels; the origin is top left."""

    window_length: int | None = whole("Length")
    window_width: int | None = whole("Width")
    mid_x: int | None = whole("MidPointX")
    mid_y: int | None = whole("MidPointY")
    length: int | None = whole("LengthX")
    width: int | None = whole("LengthY")


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePosition:
    enabled: str = text("Enabled")  # "1", "0"
    reset_time_s: int | None = whole("ResetTime")
    preset: int | None = whole("PresetIndex")  # 0–255


@dataclass(frozen=True, slots=True, kw_only=True)
class PrecisePosition:
    """2022."""

    pan: float | None = real("Pan")  # degrees, 0–360
    tilt: float | None = real("Tilt")  # degrees, −30 to 90, larger is further down
    zoom: float | None = real("Zoom")  # 1 or more


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """2022."""

    firmware: str = text("Firmware")
    url: str = text("FileURL")
    manufacturer: str = text("Manufacturer")
    session_id: str = text("SessionID")


@message("Control", "DeviceControl")
@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceControl(Message):
    """Exactly one of the commands is there; the fields below it belong to it."""

    ptz_cmd: str = text("PTZCmd")  # 16 hexadecimal digits: ``ptz.build``
    control_priority: int | None = whole("Info/ControlPriority")
    preset_name: str = text("PTZCmdParams/PresetName", since=V2022)
    cruise_track_name: str = text("PTZCmdParams/CruiseTrackName", since=V2022)
    tele_boot: str = text("TeleBoot")  # "Boot"
    record: str = text("RecordCmd")  # "Record", "StopRecord"
    stream_number: int | None = whole("StreamNumber", since=V2022)
    guard: str = text("GuardCmd")  # "SetGuard", "ResetGuard"
    alarm: str = text("AlarmCmd")  # "ResetAlarm"
    alarm_method: str = text("Info/AlarmMethod")
    alarm_type: str = text("Info/AlarmType")
    key_frame: str = text(
        "IFrameCmd", since=V2022, old="IFameCmd"
    )  # "Send"; 2016 knows the misspelt name only
    zoom_in: Area | None = part(Area, "DragZoomIn")
    zoom_out: Area | None = part(Area, "DragZoomOut")
    home_position: HomePosition | None = part(HomePosition, "HomePosition")
    precise: PrecisePosition | None = part(PrecisePosition, "PTZPreciseCtrl", since=V2022)
    upgrade: Upgrade | None = part(Upgrade, "DeviceUpgrade", since=V2022)
    format_card: int | None = whole("FormatSDCard", since=V2022)  # number from 1; 0: all
    track: str = text("TargetTrack", since=V2022)  # "Auto", "Manual", "Stop"
    panorama_id: str = text("DeviceID2", since=V2022)
    track_area: Area | None = part(Area, "TargetArea", since=V2022)

    @property
    def movement(self) -> ptz.Command | None:
        """The PTZ command, if it is one. Raises PeerError if it is there and cannot be read."""
        return ptz.parse(self.ptz_cmd) if self.ptz_cmd else None

    @property
    def is_answered(self) -> bool:
        """Does a device answer this command? To others it sends the 200 alone."""
        return bool(self.record or self.guard or self.alarm or self.home_position or self.upgrade)


@message("Response", "DeviceControl")
@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceControlResult(Response):
    pass
