"""One stream on its way: samples become packs, packs become RTP packets, each at its instant."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from bingjian.formats import h264, nal
from bingjian.formats.access_unit import VIDEO_CLOCK_RATE, AccessUnit, TrackConfig
from bingjian.formats.mpegps import Muxer
from bingjian.protocols.depacketize import program_stream
from bingjian.protocols.gb28181 import sdp
from bingjian.simulate import live
from bingjian.simulate.gb28181.film import PICTURE, Film
from bingjian.simulate.gb28181.outlet import Outlet
from bingjian.simulate.gb28181.plan import Moment, Plan
from bingjian.simulate.gb28181.plan import live as live_plan

BACKLOG_LIMIT = 4 * 1024 * 1024  # bytes not read: pictures are left out up to the next key picture
BATCH = 200  # samples sent in one go, a download at full speed: others must have their turn


@dataclass(slots=True)
class Statistics:
    pictures: int = 0
    packets: int = 0
    bytes: int = 0


@dataclass(slots=True, eq=False)
class Sender:
    """``change`` makes of a pack what an odd device sends; ``on_end`` is told when the plan is over."""

    film: Film
    outlet: Outlet
    ssrc: int
    origin_90k: int  # content that has the timestamp 0
    plan: Plan
    on_end: Callable[[], None]
    scale: float = 1.0
    change: Callable[[bytes], bytes] = lambda pack: pack
    away: Callable[[], bool] = lambda: False  # is another view shown instead of the loop's pictures?
    statistics: Statistics = field(default_factory=Statistics)
    paused: bool = False
    last_90k: int = 0  # content sent last
    _next: Moment | None = None
    _anchor_s: float = 0.0  # loop time at which ``_anchor_90k`` of the plan is due
    _anchor_90k: int = 0
    _timer: asyncio.TimerHandle | None = None
    _sequence: int = field(default_factory=lambda: secrets.randbelow(65536))
    _muxer: Muxer | None = None
    _wait_for_key: bool = False
    _shows_view: bool = False
    _played_90k: int = 0  # of the plan, sent last

    def start(self) -> None:
        self._muxer = self._muxer or Muxer(self.film.tracks)
        self._advance()
        self._anchor(self._next.played_90k if self._next else 0)
        self._tick()

    def stop(self) -> None:
        self._cancel()
        self.paused = True
        self.outlet.close()

    # Control

    def pause(self) -> None:
        self.paused = True
        self._cancel()

    def resume(self) -> None:
        if self.paused:
            self.paused = False
            self._anchor(self._next.played_90k if self._next else 0)
            self._tick()

    def change_speed(self, scale: float) -> None:
        """Of the same plan; how fast it is played from now on."""
        self.scale = scale
        self._anchor(self._next.played_90k if self._next else 0)
        if not self.paused:
            self._cancel()
            self._tick()

    def change_plan(self, plan: Plan, scale: float) -> None:
        """Go on elsewhere, at once."""
        self._cancel()
        self.plan, self.scale, self.paused = plan, scale, False
        self.start()

    def skip_to_key(self) -> None:
        """Of a live stream: what lies before the next key picture is left out, and time goes on as it was."""
        if self.paused or self._next is None:
            return
        played_90k, content_90k = self._next.played_90k, self._next.content_90k
        later = self.film.key_after(content_90k)
        shift = later - content_90k
        self._cancel()
        self.plan = live_plan(self.film, later)
        self._advance()
        self._anchor(0)
        self.origin_90k += shift
        self._played_90k = played_90k
        self._tick()

    # The live view of a camera that has turned

    def show_view(self, unit: live.Unit, config: TrackConfig) -> None:
        if self.paused or not (unit.key or self._shows_view):
            return
        self._shows_view = True
        now_s = asyncio.get_running_loop().time()
        played_90k = self._anchor_90k + int((now_s - self._anchor_s) * VIDEO_CLOCK_RATE)
        content_90k = played_90k + (self.last_90k - self._played_90k)
        told = config if unit.key else None
        at = content_90k - self.origin_90k
        self._send(AccessUnit(PICTURE, at, nal.join(unit.units), unit.key, config=told), at)

    # Pace

    def _anchor(self, played_90k: int) -> None:
        self._anchor_s, self._anchor_90k = asyncio.get_running_loop().time(), played_90k

    def _cancel(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(BATCH):
            if self.paused:
                return
            if self._next is None:
                self.on_end()
                return
            due_s = self._due(self._next)
            if due_s > loop.time() + 0.001:
                self._timer = loop.call_at(due_s, self._tick)
                return
            self._show(self._next)
            self._advance()
        self._timer = loop.call_later(0, self._tick)

    def _due(self, moment: Moment) -> float:
        return self._anchor_s + (moment.played_90k - self._anchor_90k) / VIDEO_CLOCK_RATE / abs(self.scale)

    def _advance(self) -> None:
        self._next = next(self.plan, None)

    def _show(self, moment: Moment) -> None:
        unit, config = moment.sample.unit, self.film.tracks[moment.sample.unit.track]
        self.last_90k, self._played_90k = moment.content_90k, moment.played_90k
        if unit.track == PICTURE and not self._takes(unit):
            return
        told = config if unit.track == PICTURE and unit.sync else None
        content_90k = moment.content_90k - self.origin_90k
        at = content_90k * config.clock_rate // VIDEO_CLOCK_RATE
        self._send(unit._replace(timestamp=at, config=told), content_90k)

    def _takes(self, unit: AccessUnit) -> bool:
        """Not while another view is shown; and after pictures were left out only from a key picture on."""
        if self._shows_view:
            self._shows_view = self.away() or not unit.sync
            return not self._shows_view
        if self.outlet.backlog() > BACKLOG_LIMIT:
            self._wait_for_key = True
        if unit.sync and self.outlet.backlog() <= BACKLOG_LIMIT:
            self._wait_for_key = False
        return not self._wait_for_key

    def _send(self, unit: AccessUnit, at_90k: int) -> None:
        assert self._muxer
        pack = self.change(self._muxer.pack(unit))
        packets = program_stream.packets(pack, sdp.PS.payload_type, self._sequence, at_90k, self.ssrc)
        self._sequence += len(packets)
        for packet in packets:
            self.outlet.send(packet)
        self.statistics.pictures += unit.track == PICTURE
        self.statistics.packets += len(packets)
        self.statistics.bytes += len(pack)


def view_config() -> TrackConfig:
    """Of the pictures that ``live.run`` encodes for the effect "view"."""
    return h264.config_from(live.form_of("view").parameter_sets)
