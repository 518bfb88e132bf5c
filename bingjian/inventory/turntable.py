"""A camera's motors and lens, whatever protocol turns them: what the control service may ask of them."""

from dataclasses import dataclass
from typing import Protocol

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
    async def position(self) -> Position | None:
        """Where it looks now; None: it is of a kind that does not say."""
