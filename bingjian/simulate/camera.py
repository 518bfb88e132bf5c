"""One simulated camera: what it plays, and what is wrong with it at the moment."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from bingjian.formats.access_unit import VIDEO_CLOCK_RATE
from bingjian.simulate import live
from bingjian.simulate.conversation import Offer
from bingjian.simulate.footage import LoopName
from bingjian.simulate.loop import LOOP_NS, Programme, Track

if TYPE_CHECKING:
    from bingjian.simulate.player import Player

LIVE_LIMIT = 2  # pictures encoded live at once in one simulator: each costs about half a core
HAND_BACK_SECONDS = 2.2  # a live effect goes on until the loop has had its next key picture (every 2 s)


class Fault(StrEnum):
    """What can go wrong on demand; every fault ends by itself after the seconds it was given.

    drop        connections are cut, new ones at their first request; with ``status`` they get that answer
    silent      connected, but not a packet is sent
    freeze      the picture stands still, packets go on (*)
    black       the picture is black (*)
    blur        out of focus; ``radius`` in pixels, 16 (*)
    cover       something dark hangs before most of the lens (*)
    shift       the camera was turned: the scene moves by ``x``, ``y`` pixels, 320, 120 (*)
    skew        the camera's clock (sender reports, ``Date``) is off by ``offset`` seconds, 60
    loss        ``percent`` of the packets are not sent, 5
    resolution  the main stream goes on as 640x360, parameter sets in-band
    long_gop    key pictures only every 8 s (with B-frames: it is the same loop)
    b_frames    pictures are reordered (the same loop)

    (*) encoded live: at most two cameras of one simulator at once.
    """

    DROP = "drop"
    SILENT = "silent"
    FREEZE = "freeze"
    BLACK = "black"
    BLUR = "blur"
    COVER = "cover"
    SHIFT = "shift"
    SKEW = "skew"
    LOSS = "loss"
    RESOLUTION = "resolution"
    LONG_GOP = "long_gop"
    B_FRAMES = "b_frames"


EFFECTS = frozenset({Fault.FREEZE, Fault.BLACK, Fault.BLUR, Fault.COVER, Fault.SHIFT})
_OTHER_LOOPS = {
    Fault.RESOLUTION: LoopName.SUB,
    Fault.LONG_GOP: LoopName.SMART,
    Fault.B_FRAMES: LoopName.SMART,
}


class FaultError(Exception):
    """A fault cannot be made; carries one plain sentence."""


@dataclass(frozen=True, slots=True)
class CameraSpec:
    """What a camera is to be."""

    name: str  # the first part of its path: letters, digits, "-", "_"
    video: str = "h264"  # "h264", "h265", "smart" (B-frames, long GOP) or "timecode" (see timecode.py)
    audio: str | None = None  # "aac" or "g711"
    sub: bool = True  # has a second, small stream
    transports: tuple[str, ...] = ("tcp", "udp")

    @property
    def loops(self) -> tuple[LoopName, ...]:
        """The loops it cannot do without."""
        video = {"h265": LoopName.H265, "smart": LoopName.SMART}.get(self.video, LoopName.MAIN)
        audio = {"aac": LoopName.AAC, "g711": LoopName.G711}.get(self.audio or "")
        return (video, *((audio,) if audio else ()), *((LoopName.SUB,) if self.sub else ()))


@dataclass(slots=True)
class Statistics:
    """What a camera has sent since the start, over all its clients."""

    bursts: int = 0
    packets: int = 0
    payload_bytes: int = 0
    lost_packets: int = 0  # by the fault ``loss``
    skipped_bursts: int = 0  # a client did not read, or this process was late


@dataclass(slots=True)
class Camera:
    """State of one camera. Everything happens on the event loop.

    Args:
        start_ns: monotonic instant at which its loop began; this is how cameras differ.
        loops: all loops loaded so far, shared by all cameras.
        main_loop: file name of the main loop, for live effects.
    """

    spec: CameraSpec
    start_ns: int
    loops: Mapping[LoopName, Track]
    main_loop: Path
    players: "set[Player]" = field(default_factory=set)
    statistics: Statistics = field(default_factory=Statistics)
    loss: float = 0.0  # 0 to 1
    silent: bool = False
    skew_ns: int = 0
    refusing: int | None = None  # None: not; 0: cuts connections; else the status it answers with
    showing: LoopName | None = None  # another loop than its own
    _live: "asyncio.Task[None] | None" = None
    _ending: "set[asyncio.Task[None]]" = field(default_factory=set)
    _effect: Fault | None = None
    _ends: dict[Fault, asyncio.TimerHandle] = field(default_factory=dict)
    _programmes: dict[tuple[LoopName, ...], Programme] = field(default_factory=dict)

    @property
    def timecode(self) -> bool:
        return self.spec.video == "timecode"

    def offer(self, role: str) -> Offer | int:
        """What a client may have; 503 while footage is being prepared."""
        if role not in ("main", "sub") or (role == "sub" and not self.spec.sub):
            return 404
        if any(name not in self.loops for name in self.spec.loops):
            return 503
        tracks = self.programme(role).tracks
        media = tuple(track.media for track in tracks)
        if self.timecode and role == "main":
            media = (live.form_of("timecode").media, *media[1:])
        return Offer(self.spec.name, role, media, self.spec.transports)

    def programme(self, role: str) -> Programme:
        """What it plays at the moment. Players leave out the pictures while live ones are shown."""
        video, *others = self.spec.loops
        sound = [name for name in others if name in (LoopName.AAC, LoopName.G711)]
        picture = LoopName.SUB if role == "sub" else self.showing or video
        names = (picture, *(sound if role == "main" else ()))
        if names not in self._programmes:
            self._programmes[names] = Programme.of(*(self.loops[name] for name in names))
        return self._programmes[names]

    # Clients

    def attach(self, player: "Player") -> None:
        self.players.add(player)
        if self.timecode and player.role == "main" and self._live is None:
            self._start_live("timecode", {})

    def detach(self, player: "Player") -> None:
        self.players.discard(player)
        if self.timecode and not any(other.role == "main" for other in self.players):
            self._stop_live()

    # Faults

    def begin(self, fault: Fault, seconds: float, parameters: Mapping[str, float], live_cameras: int) -> None:
        """Start a fault; it ends after ``seconds``.

        Args:
            live_cameras: how many other cameras are encoded live now.

        Raises:
            FaultError: it needs footage that is not there yet, or a third live encoder.
        """
        if fault in EFFECTS:
            self._begin_effect(fault, parameters, live_cameras)
        elif fault in _OTHER_LOOPS:
            self._begin_other_loop(_OTHER_LOOPS[fault])
        elif fault is Fault.DROP:
            self.refusing = int(parameters.get("status", 0))
            for player in list(self.players):
                player.cut()
        elif fault is Fault.SKEW:
            self.skew_ns = int(parameters.get("offset", 60.0) * 1e9)
        elif fault is Fault.LOSS:
            self.loss = min(max(parameters.get("percent", 5.0), 0.0), 100.0) / 100
        else:
            self.silent = True
        if fault in self._ends:
            self._ends.pop(fault).cancel()
        self._ends[fault] = asyncio.get_running_loop().call_later(seconds, self.end, fault)

    def end(self, fault: Fault) -> None:
        """Back to normal."""
        if timer := self._ends.pop(fault, None):
            timer.cancel()
        if fault is self._effect:
            self._effect = None
            asyncio.get_running_loop().call_later(HAND_BACK_SECONDS, self._stop_idle_live)
        elif fault in _OTHER_LOOPS:
            self.showing = None
        elif fault is Fault.DROP:
            self.refusing = None
        elif fault is Fault.SKEW:
            self.skew_ns = 0
        elif fault is Fault.LOSS:
            self.loss = 0.0
        elif fault is Fault.SILENT:
            self.silent = False

    def stop(self) -> None:
        for timer in self._ends.values():
            timer.cancel()
        self._ends.clear()
        self._stop_live()

    async def stopped(self) -> None:
        """Returns when no live process is left."""
        await asyncio.gather(*self._ending, return_exceptions=True)

    @property
    def encodes_live(self) -> bool:
        return self._live is not None

    @property
    def effect(self) -> Fault | None:
        """The picture fault in force. Once None, players go back to the loop at its next key picture."""
        return self._effect

    def _begin_effect(self, fault: Fault, parameters: Mapping[str, float], live_cameras: int) -> None:
        if self.spec.video != "h264":
            raise FaultError(f"{fault} needs a camera that plays the H.264 loop, not {self.spec.video}")
        if live_cameras >= LIVE_LIMIT:
            raise FaultError(f"only {LIVE_LIMIT} cameras can be encoded live at once")
        self._stop_live()
        self._effect = fault
        self._start_live(fault.value, dict(parameters))

    def _begin_other_loop(self, name: LoopName) -> None:
        if self.spec.video != "h264":
            raise FaultError(
                f"only a camera that plays the H.264 loop can change to another one, not {self.spec.video}"
            )
        if name not in self.loops:
            raise FaultError("its footage is still being prepared")
        self.showing = name

    def _start_live(self, effect: str, parameters: dict[str, float]) -> None:
        wish = live.Wish(effect, str(self.main_loop), self.start_ns, parameters)
        self._live = asyncio.get_running_loop().create_task(self._show(wish))

    def _stop_idle_live(self) -> None:
        if self._effect is None:
            self._stop_live()

    def _stop_live(self) -> None:
        if self._live is not None:
            self._live.cancel()
            self._ending.add(self._live)
            self._live.add_done_callback(self._ending.discard)
            self._live = None

    async def _show(self, wish: live.Wish) -> None:
        """Send what the live process encodes to all clients of the main stream."""
        form = live.form_of(wish.effect)
        with suppress(asyncio.CancelledError):
            async for unit in live.run(wish):
                burst = form.burst(unit.units, unit.key)
                since_start_ns = unit.capture_utc_ns - time.time_ns() + time.monotonic_ns() - self.start_ns
                ticks = since_start_ns * VIDEO_CLOCK_RATE // 1_000_000_000
                for player in list(self.players):
                    player.show_live(burst, ticks)


def start_offset_ns(number: int) -> int:
    """Where in the loop camera ``number`` begins: spread so that neighbours look different (golden ratio)."""
    return int(number * 0.618_033_988_75 * LOOP_NS) % LOOP_NS
