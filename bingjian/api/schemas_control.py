"""Turning cameras over the wire."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from bingjian.api.schemas import In, Name, Out, Purpose, RoleName
from bingjian.api.schemas_camera_files import Degrees, Tilt
from bingjian.inventory.cruises import DWELL_MAX_S, POINTS_MAX
from bingjian.inventory.presets import PRESET_MAX
from bingjian.inventory.turntable import FASTEST

Speed = Annotated[int, Field(ge=-FASTEST, le=FASTEST, description="Percent of the camera's fastest")]
Number = Annotated[
    int, Field(ge=1, le=2**31 - 1, description="Grows with every command: one that comes late does nothing")
]
RoundSpeed = Annotated[int, Field(ge=1, le=FASTEST, description="Percent of the camera's fastest")]
Pixels = Annotated[int, Field(ge=1, le=65_535)]  # as many as a device's numbers hold
Angle = Annotated[float, Field(gt=0, le=360, allow_inf_nan=False)]


class ControlIn(In):
    purpose: Purpose = Field(description="Code of `access_purpose`")


class LeaseOut(Out):
    """The right to turn a camera, while a beat comes every `beat_s`."""

    id: UUID
    until: datetime = Field(description="Its last instant, if no beat comes")
    expires: datetime = Field(description="Its last instant in any case")
    beat_s: float


class VoiceTicketOut(Out):
    """The right to speak through a camera once, while the WebSocket is open and brings sound."""

    url: str = Field(
        description="ws://host:port/m/<ticket>/voice. The page sends binary messages of 16-bit little-endian"
        " samples, 8000 a second; the worker says `ready` when the device listens, and `over` at the end"
    )
    opens_before: datetime
    expires: datetime = Field(description="Its last instant, however long it was spoken")


class ControllerOut(Out):
    name: str
    unit: str
    role: RoleName
    since: datetime
    until: datetime = Field(description="At least until then, unless they let go")
    is_me: bool


class PresetOut(Out):
    number: int
    name: str
    is_home: bool


class CruiseIn(In):
    """A round of presets that are registered and may be seen."""

    name: Name
    presets: list[Annotated[int, Field(ge=1, le=PRESET_MAX)]] = Field(min_length=2, max_length=POINTS_MAX)
    speed: RoundSpeed = 50
    dwell_s: Annotated[int, Field(ge=1, le=DWELL_MAX_S)] = Field(
        default=10, description="Seconds at each preset"
    )


class CruiseOut(Out):
    number: int
    name: str
    presets: list[int]
    speed: int
    dwell_s: int


class StartIn(In):
    """Go on by itself until the next command, or until the lease ends."""

    number: Number


class ScanIn(In):
    """An edge where the camera looks now, a speed, or both."""

    edge: Literal["left", "right"] | None = None
    speed: RoundSpeed | None = None


class SwitchIn(In):
    on: bool


class ReturnIn(In):
    delay_s: Annotated[int, Field(ge=10, le=86_400)] | None = Field(
        description="Seconds without a command after which the camera itself goes home; null: it does not"
    )


class FrameIn(In):
    """A rectangle drawn on the picture, in the picture's pixels from its top left."""

    closer: bool = Field(description="The rectangle fills the picture; else the picture goes into it")
    picture_width: Pixels
    picture_height: Pixels
    x: float = Field(ge=0, allow_inf_nan=False, description="Of its middle")
    y: float = Field(ge=0, allow_inf_nan=False, description="Of its middle")
    width: float = Field(ge=1, allow_inf_nan=False)
    height: float = Field(ge=1, allow_inf_nan=False)
    number: Number

    @model_validator(mode="after")
    def inside(self) -> Self:
        is_across = self.x <= self.picture_width and self.width <= self.picture_width
        if not (is_across and self.y <= self.picture_height and self.height <= self.picture_height):
            raise ValueError("the rectangle must lie in the picture")
        return self


class ControlOut(Out):
    """Who turns a camera now, and where it can be sent."""

    is_turnable: bool = Field(description="It has a way to its motors, and its file does not call it fixed")
    mobility: Literal["turns", "fixed", "unsure"] = Field(
        description="By its file, else by the device's catalogue; `unsure`: neither says that it turns"
    )
    can_speak: bool = Field(description="Whoever takes the lease may speak through it, also if it is fixed")
    cruises: list[CruiseOut]
    controller: ControllerOut | None
    presets: list[PresetOut]


class MotionIn(In):
    """Right, up and closer are positive; all 0: stand still."""

    pan: Speed = 0
    tilt: Speed = 0
    zoom: Speed = 0
    number: Number


class LensIn(In):
    """Farther focus and an iris that opens are positive; all 0: rest."""

    focus: Speed = 0
    iris: Speed = 0
    number: Number


class PresetViewIn(In):
    """What the camera shows there."""

    azimuth: Degrees = Field(description="Degrees clockwise from north")
    h_fov: Angle = Field(description="Width of the picture, degrees")
    pitch: Tilt = 0


class PresetIn(In):
    """Where the camera looks now, under a number."""

    name: Name
    is_home: bool = Field(default=False, description="It is the registered view, where it goes back to")
    view: PresetViewIn | None = Field(
        default=None, description="Absent: the registered view, or where the camera says that it looks"
    )
