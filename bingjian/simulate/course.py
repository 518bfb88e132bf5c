"""Where a camera looks while it moves: at any instant the same for who commands it and for who paints it."""

from dataclasses import asdict, dataclass
from typing import NamedTuple

PAN_LIMIT, TILT_LIMIT = 120.0, 40.0  # degrees to either side of straight ahead
ZOOM_LIMIT = 4.0
FIELD_ACROSS, FIELD_DOWN = 60.0, 33.75  # degrees that the picture shows at zoom 1


class Look(NamedTuple):
    pan: float  # degrees, to the right
    tilt: float  # degrees, downwards
    zoom: float  # 1: the whole field


AHEAD = Look(0.0, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Course:
    """From where, how fast in degrees (and factors of zoom) a second, since when (monotonic nanoseconds)."""

    pan: float = 0.0
    tilt: float = 0.0
    zoom: float = 1.0
    pan_speed: float = 0.0
    tilt_speed: float = 0.0
    zoom_speed: float = 0.0
    since_ns: float = 0

    def at(self, now_ns: float) -> Look:
        seconds = max(0, now_ns - self.since_ns) / 1e9
        return Look(
            _within(self.pan + self.pan_speed * seconds, -PAN_LIMIT, PAN_LIMIT),
            _within(self.tilt + self.tilt_speed * seconds, -TILT_LIMIT, TILT_LIMIT),
            _within(self.zoom + self.zoom_speed * seconds, 1.0, ZOOM_LIMIT),
        )

    @property
    def moves(self) -> bool:
        return bool(self.pan_speed or self.tilt_speed or self.zoom_speed)

    def to_json(self) -> dict[str, float]:
        return asdict(self)


def _within(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
