"""A camera's mount: PTZ commands in, where it looks out. Presets, home position, cruises."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bingjian.protocols.gb28181 import ptz
from bingjian.protocols.gb28181.manscdp.controls import Area, HomePosition, PrecisePosition
from bingjian.simulate.course import AHEAD, FIELD_ACROSS, FIELD_DOWN, Course, Look

FASTEST = 60.0  # degrees a second at speed 255
NO_HOME = HomePosition(enabled="0", reset_time_s=60, preset=1)
FASTEST_ZOOM = 1.0  # of the zoom factor a second at speed 15


@dataclass(slots=True)
class Mount:
    """``told``: called with every new course."""

    told: Callable[[Course], None] = lambda course: None
    course: Course = field(default_factory=Course)
    presets: dict[int, tuple[str, Look]] = field(default_factory=dict)  # with their names
    cruises: dict[int, list[int]] = field(default_factory=dict)  # presets in order
    cruise_names: dict[int, str] = field(default_factory=dict)
    cruise_pace: dict[tuple[str, int], int] = field(default_factory=dict)
    scan_edges: dict[tuple[int, str], float] = field(default_factory=dict)  # by group and "left" or "right"
    scan_speeds: dict[int, int] = field(default_factory=dict)  # of 4095, by group
    home: HomePosition = NO_HOME
    switches: set[int] = field(default_factory=set)
    lens: ptz.Lens = ptz.STOP_LENS  # what focus and iris are doing
    tracking: str = ""  # "Auto", "Manual"; empty: it follows nobody

    @property
    def look(self) -> Look:
        return self.course.at(time.monotonic_ns())

    @property
    def away(self) -> bool:
        return self.course.moves or self.look != AHEAD

    @property
    def is_home(self) -> bool:
        preset = self.presets.get(self.home.preset or 0)
        return preset is not None and not self.course.moves and self.look == preset[1]

    def command(self, command: ptz.Command, name: str = "", cruise_name: str = "") -> None:
        """The names of 2022 that may come with it: of a preset, of a cruise."""
        match command:
            case ptz.Move():
                self._move(command)
            case ptz.Preset("set", number):
                self.presets[number] = (name or f"preset {number}", self.look)
            case ptz.Preset("goto", number):
                self.go_to(number)
            case ptz.Preset("delete", number):
                self.presets.pop(number, None)
            case ptz.CruisePoint():
                self._cruise_point(command, cruise_name)
            case ptz.CruisePace(what, group, value):
                self.cruise_pace[what, group] = value
            case ptz.StartCruise(group):
                self.go_to(next(iter(self.cruises.get(group, ())), 0))
            case ptz.Scan("left" | "right" as edge, group):
                self.scan_edges[group, edge] = self.look.pan
            case ptz.ScanSpeed(group, value):
                self.scan_speeds[group] = value
            case ptz.Lens():
                self.lens = command
            case ptz.Switch(number, on):
                (self.switches.add if on else self.switches.discard)(number)

    def go_to(self, preset: int) -> None:
        """At once; nothing happens if there is no such preset."""
        if preset in self.presets:
            self.turn(self.presets[preset][1])

    def turn(self, look: Look) -> None:
        self._set(Course(*look))

    def turn_precisely(self, position: PrecisePosition) -> None:
        """Pan 0 to 360: what is over 180 lies to the left."""
        now = self.look
        pan = now.pan if position.pan is None else (position.pan + 180) % 360 - 180
        tilt = now.tilt if position.tilt is None else position.tilt
        wanted = Course(pan, tilt, now.zoom if position.zoom is None else position.zoom)
        self.turn(wanted.at(0))

    def frame(self, area: Area, *, closer: bool) -> None:
        """DragZoom: the rectangle fills the picture, or the picture goes into the rectangle."""
        if not (area.window_length and area.window_width and area.length and area.width):
            return
        look = self.look
        across = (area.mid_x or 0) / area.window_length - 0.5
        down = (area.mid_y or 0) / area.window_width - 0.5
        factor = min(area.window_length / area.length, area.window_width / area.width)
        wanted = Course(
            look.pan + across * FIELD_ACROSS / look.zoom,
            look.tilt + down * FIELD_DOWN / look.zoom,
            look.zoom * factor if closer else look.zoom / factor,
        )
        self.turn(wanted.at(0))

    def pan_at(self, degrees_a_second: float) -> None:
        """From where it looks, to the right if positive, until something else is said."""
        self._set(Course(*self.look, degrees_a_second, since_ns=time.monotonic_ns()))

    def track(self, mode: str, area: Area | None) -> None:
        """TargetTrack: by itself, or what is in an area, which it goes closer to at once."""
        self.tracking = "" if mode == "Stop" else mode
        if mode == "Manual" and area:
            self.frame(area, closer=True)

    def _move(self, move: ptz.Move) -> None:
        """Tilt counts downwards, as the standard's precise positions do."""
        self._set(
            Course(
                *self.look,
                move.pan * move.pan_speed * FASTEST / ptz.MAX_SPEED,
                -move.tilt * move.tilt_speed * FASTEST / ptz.MAX_SPEED,
                move.zoom * max(move.zoom_speed, 1) * FASTEST_ZOOM / ptz.MAX_ZOOM_SPEED,
                time.monotonic_ns(),
            )
        )

    def _cruise_point(self, point: ptz.CruisePoint, name: str) -> None:
        self.cruise_names[point.group] = name or self.cruise_names.get(point.group, f"cruise {point.group}")
        cruise = self.cruises.setdefault(point.group, [])
        if point.action == "add":
            cruise.append(point.preset)
        elif point.preset in cruise:
            cruise.remove(point.preset)
        elif not point.preset:
            del self.cruises[point.group]

    def _set(self, course: Course) -> None:
        self.course = course
        self.told(course)
