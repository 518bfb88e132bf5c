"""What a camera can see: a sector of the ground from its position, over all that it can sweep.

Walls are not known, so a view goes through them: it may be larger than what is seen, never smaller. A mask is
given as the ground that it hides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, cos, radians, sin

from bingjian.inventory.ground import Frame, Point, Ring, cells_of, united

TURN = 360.0  # degrees
STEP = 5.0  # degrees between two points of an arc; it is drawn around the circle, never inside it
DISTANCE_MOST_M = 2000.0  # no camera recognises anything further away; the flat frame holds so far


@dataclass(frozen=True, slots=True)
class Sweep:
    """How far a camera can turn: from a direction, clockwise."""

    pan_from: float  # degrees clockwise from north
    pan_width: float  # degrees, 0 to 360


@dataclass(frozen=True, slots=True)
class View:
    """Where a camera stands and how it looks. Raises ValueError for what no camera has."""

    longitude: float
    latitude: float
    azimuth: float  # of the middle of the picture, degrees clockwise from north
    h_fov: float  # width of the picture, degrees
    distance_m: float  # how far it sees
    sweep: Sweep | None = None

    def __post_init__(self) -> None:
        if not 0 < self.h_fov <= TURN or not 0 < self.distance_m <= DISTANCE_MOST_M:
            raise ValueError("a view is up to 360 degrees wide and up to 2000 m deep")
        if self.sweep is not None and not 0 <= self.sweep.pan_width <= TURN:
            raise ValueError("a sweep is 0 to 360 degrees wide")

    @property
    def directions(self) -> tuple[float, float]:
        """The first direction seen and how far round from it, in degrees; over the whole sweep."""
        if self.sweep is None:
            return self.azimuth - self.h_fov / 2, self.h_fov
        return self.sweep.pan_from - self.h_fov / 2, min(TURN, self.sweep.pan_width + self.h_fov)


def view_polygon(view: View) -> Ring:
    """The ground that the camera can see, as a ring; for a whole turn without the position itself."""
    start, width = view.directions
    frame, steps = Frame(view.longitude, view.latitude), max(1, ceil(width / STEP))
    reach = view.distance_m / cos(radians(width / steps / 2))  # so that the chords touch the circle
    angles = [radians(start + width * step / steps) for step in range(steps + 1)]
    arc = [frame.degrees(reach * sin(angle), reach * cos(angle)) for angle in angles]
    return tuple(arc[:-1]) if width >= TURN else ((view.longitude, view.latitude), *arc)


@dataclass(frozen=True, slots=True)
class Meeting:
    """Of what a view meets of a part, in cells: how many, and how many of them no mask covers."""

    cells: int
    uncovered: int


def meeting(view: Sequence[Point], part: Sequence[Point], masks: Sequence[Sequence[Point]] = ()) -> Meeting:
    """What a view meets of a part. A cell of which any corner is left open is not covered."""
    frame = Frame(*view[0])
    met = frame.polygon(view).intersection(frame.polygon(part))
    open_ = met.difference(united(frame.polygon(mask) for mask in masks)) if masks else met
    cells = cells_of(met)
    return Meeting(cells, min(cells, cells_of(open_)))
