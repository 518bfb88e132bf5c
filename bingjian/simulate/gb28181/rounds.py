"""What moves a camera without a hand: cruises from preset to preset, scans from edge to edge."""

import asyncio
from collections.abc import Callable

from bingjian.protocols.gb28181 import ptz
from bingjian.simulate.course import PAN_LIMIT
from bingjian.simulate.gb28181.mount import FASTEST, Mount

DWELL_S = 5  # at a point of a cruise, where nobody has said how long
SCAN_EDGES = (-60.0, 60.0)  # degrees, where nobody has set them
SCAN_SPEED = 500  # of 4095, where nobody has said how fast


class Round:
    """Of one camera; belongs to the event loop. Whatever turns the camera otherwise ends it."""

    def __init__(self, mount: Mount) -> None:
        self._mount = mount
        self._timer: asyncio.TimerHandle | None = None
        self.kind, self.group = "", 0  # "cruise", "scan"; empty: the camera is in somebody's hand

    def heard(self, command: ptz.Command) -> None:
        """A PTZ command that the mount has obeyed already."""
        match command:
            case ptz.StartCruise(group) if self._mount.cruises.get(group):
                self._begin("cruise", group)
                self._stay(group, 0)
            case ptz.Scan("start", group):
                self._begin("scan", group)
                self._sweep(group, 1)
            case ptz.Move() | ptz.Preset("goto"):
                self.stop()

    def stop(self) -> None:
        self.kind, self.group = "", 0
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _begin(self, kind: str, group: int) -> None:
        self.stop()
        self.kind, self.group = kind, group

    def _stay(self, group: int, at: int) -> None:
        """At one point, then at the next, round and round."""
        points = self._mount.cruises.get(group)
        if not points:
            self.stop()
            return
        self._mount.go_to(points[at % len(points)])
        self._later(self._mount.cruise_pace.get(("dwell", group), DWELL_S), self._stay, group, at + 1)

    def _sweep(self, group: int, direction: int) -> None:
        """To one edge, then back to the other."""
        left, right = self.edges(group)
        speed = max(self._mount.scan_speeds.get(group, SCAN_SPEED), 1) * FASTEST / ptz.MAX_12_BITS
        pan = self._mount.look.pan
        self._mount.pan_at(direction * speed)
        way = right - pan if direction > 0 else pan - left
        self._later(max(way, 0.0) / speed, self._sweep, group, -direction)

    def edges(self, group: int) -> tuple[float, float]:
        """Of a scan, in degrees of pan."""
        known = self._mount.scan_edges
        edges = (known.get((group, "left"), SCAN_EDGES[0]), known.get((group, "right"), SCAN_EDGES[1]))
        return max(min(edges), -PAN_LIMIT), min(max(edges), PAN_LIMIT)

    def _later(self, seconds: float, do: Callable[[int, int], None], group: int, next_: int) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, do, group, next_)
