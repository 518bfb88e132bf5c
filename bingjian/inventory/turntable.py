"""A camera's motors and lens, whatever protocol turns them: what the control service may ask of them."""

from dataclasses import dataclass
from typing import Literal, Protocol

FASTEST = 100  # percent; of the speeds below


class TurntableError(Exception):
    """Base: the camera was not told, or did not take it."""


class TurntableAway(TurntableError):
    """It does not answer: whether it took the command is not known."""


class NotTaken(TurntableError):
    """The camera says no; carries one sentence."""


@dataclass(frozen=True, slots=True)
class Motion:
    """Speeds in percent of the fastest. Right, up and closer are positive; all 0: it stands still."""

    pan: int = 0
    tilt: int = 0
    zoom: int = 0

    @property
    def axes(self) -> frozenset[str]:
        """Those that move."""
        moving = (("pan", self.pan), ("tilt", self.tilt), ("zoom", self.zoom))
        return frozenset(name for name, speed in moving if speed)

    def __bool__(self) -> bool:
        return bool(self.axes)


STILL = Motion()


@dataclass(frozen=True, slots=True)
class Lens:
    """Speeds in percent. Farther focus and an iris that opens are positive; all 0: it rests."""

    focus: int = 0
    iris: int = 0


@dataclass(frozen=True, slots=True)
class Position:
    """Where a camera says that it looks. Degrees, pan in its own frame, tilt up from level; zoom in times."""

    pan: float
    tilt: float
    zoom: float
    h_fov: float | None = None  # degrees, of the picture now


@dataclass(frozen=True, slots=True)
class Rectangle:
    """Drawn on a picture, all in the picture's pixels; the origin is top left."""

    picture_width: int
    picture_height: int
    x: float  # of its middle
    y: float
    width: float
    height: float

    @property
    def middle(self) -> tuple[float, float]:
        """As shares of the picture, 0 to 1."""
        return self.x / self.picture_width, self.y / self.picture_height

    @property
    def share(self) -> float:
        """Of the picture, by its smaller side: some cameras fill the picture with it as far as that goes."""
        return min(self.width / self.picture_width, self.height / self.picture_height)


@dataclass(frozen=True, slots=True)
class Tour:
    """A cruise as a camera keeps it: presets in order, how fast between them, how long at each."""

    number: int
    points: tuple[int, ...]
    speed: int  # percent
    dwell_s: int


Edge = Literal["left", "right"]


class Turntable(Protocol):
    """One camera. Every method raises TurntableAway, NotTaken."""

    async def move(self, motion: Motion) -> None:
        """Go on so until told otherwise."""

    async def adjust(self, lens: Lens) -> None:
        """Go on so until told otherwise."""

    async def go_to_preset(self, number: int) -> None: ...
    async def set_preset(self, number: int) -> None:
        """The camera keeps where it looks now under this number."""

    async def delete_preset(self, number: int) -> None: ...
    async def go_to(self, position: Position) -> None: ...
    async def frame(self, rectangle: Rectangle, *, closer: bool) -> None:
        """The rectangle fills the picture; or, if not ``closer``, the picture goes into the rectangle."""

    async def set_cruise(self, tour: Tour) -> None:
        """In place of what had this number."""

    async def delete_cruise(self, number: int) -> None: ...
    async def start_cruise(self, number: int) -> None:
        """Round and round until told to move otherwise."""

    async def set_scan_edge(self, number: int, edge: Edge) -> None:
        """The camera keeps where it looks now as this edge of a scan."""

    async def set_scan_speed(self, number: int, percent: int) -> None: ...
    async def start_scan(self, number: int) -> None:
        """To and fro until told to move otherwise."""

    async def switch(self, number: int, *, on: bool) -> None:
        """A wiper, a light, or whatever else the camera has under this number."""

    async def set_return(self, preset: int, delay_s: int | None) -> None:
        """It goes back to a preset by itself when nobody has turned it for so long; None: no longer."""

    async def position(self) -> Position | None:
        """Where it looks now; None: it is of a kind that does not say."""
