"""Turning cameras over the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from bingjian.api.schemas import In, Name, Out, Purpose, RoleName
from bingjian.api.schemas_camera_files import Degrees, Tilt
from bingjian.inventory.turntable import FASTEST

Speed = Annotated[int, Field(ge=-FASTEST, le=FASTEST, description="Percent of the camera's fastest")]
Number = Annotated[
    int, Field(ge=1, le=2**31 - 1, description="Grows with every command: one that comes late does nothing")
]
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


class ControlOut(Out):
    """Who turns a camera now, and where it can be sent."""

    is_turnable: bool
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
