"""What a device's own storage holds, played by the device for one viewer.

    receive ── Course (which instant, when shown) ── Timeline ── Broadcast of one viewer

The viewer's WebSocket speaks as a live one does, so a page plays it the same way. Beside it the page says
``{"type": "control", "action": "pause|resume|seek|speed", "at_ms": …, "speed": …}`` and is told once a
second, and whenever it changes, ``{"type": "position", …}``. One call to the device goes on as long as it
can; a pause that devices would not bear, a seek before the call's window, and whatever the device ends while
more is wanted are another call, from where the viewer is. When the viewer leaves, the call ends.
"""

import asyncio
import json
from collections import deque
from dataclasses import dataclass
from typing import Any

import structlog

from bingjian.clock import TICKS_PER_SECOND, Clock, instant_of
from bingjian.formats.access_unit import AccessUnit, FormatError, TrackConfig, VideoConfig
from bingjian.formats.mp4 import Sample
from bingjian.recording.cause import Cause
from bingjian.streaming.course import Course
from bingjian.streaming.http_websocket import WebSocket
from bingjian.streaming.live import MIN_BACKLOG, Broadcast, Right, Viewer
from bingjian.streaming.sources.base import SourceAddress, SourceError
from bingjian.streaming.sources.gb28181 import Channels
from bingjian.streaming.sources.signal_call import Action, CallEnded, Controlled, SignalCall, Wish
from bingjian.streaming.timeline import Timeline

log = structlog.get_logger(__name__)

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
BACKWARD = -1.0
PAUSE_S = 30  # devices end a longer one by themselves, or go on playing: the call is ended, its place kept
CALL_EVERY_S = 1.0  # at most: each takes a port, which then rests a while
GOOD_BYE_S = 3.0  # for the call to be ended
TELL_AFTER_S = 0.1  # orders: one position for all that come meanwhile
ANSWER_S = 10  # for a control to be answered; then it counts as refused
NEAR_END_90K = 12 * TICKS_PER_SECOND  # silence so close to the end is the end: some devices never say so
REACH_90K = 600 * TICKS_PER_SECOND  # so far back a call begins that is to be played backwards
HUSH_S = 5  # at most, for a call to go where it was to go at once
CONNECTING = "device_connecting"  # cause of a state: the device is being called
LEAST_90K = 2 * TICKS_PER_SECOND  # of a window that is asked for: devices know whole seconds
TEXT_MAX = 1000  # characters of what a page says
OUTSIDE = 300  # of SIP: refused from here on

CAUSES = {
    "busy": "device_busy",
    "refused": "device_refuses",
    "not_admitted": "device_refuses",
    "offline": "device_offline",
    "unknown": "device_offline",
    "no_answer": "device_silent",
    "peer": "device_ended",
    "file_end": "file_end",
    "lost": "signal_lost",
}


@dataclass(frozen=True, slots=True)
class Order:
    """Something the device is told. ``value``: an instant in 1/90000 s, or a speed."""

    action: Action
    value: float = 0.0

    @property
    def slot(self) -> str:
        """Of those that wait, only the newest of a slot is worth sending."""
        return {"pause": "run", "resume": "run", "reverse": "speed"}.get(self.action, self.action)


class DeviceViewer(Viewer):
    """The one who watches, and steers."""

    __slots__ = ("playback",)

    def __init__(self, socket: WebSocket, playback: "DevicePlayback", right: Right) -> None:
        self.playback = playback
        super().__init__(socket, playback.broadcast, right)

    def on_text(self, text: str) -> None:
        super().on_text(text)
        self.playback.obey(text)

    def on_closed(self) -> None:
        super().on_closed()
        self.playback.leave()


class DevicePlayback:
    """Lives on the event loop; is ``Sink`` and ``Steering`` of its source."""

    prompt = True

    def __init__(
        self,
        address: SourceAddress,
        window_90k: tuple[int, int],
        channels: Channels,
        clock: Clock,
        at_90k: int = 0,
    ) -> None:
        """``window_90k``: what may be shown, by the device's clock. ``at_90k``: where it begins."""
        self.broadcast = Broadcast()
        self.broadcast.set_state("waiting", CONNECTING)  # before anybody looks: without a cause it is over
        self.course = Course(*window_90k)
        self.is_paused = False
        self.address = address
        self._channels, self._clock = channels, clock
        self._timeline: Timeline | None = None
        self._tracks: tuple[TrackConfig, ...] = ()
        self._lead = 0
        self._speed = 1.0  # as the viewer wants it
        self._call: SignalCall | None = None
        begin_90k = self._within(at_90k)
        self._from_90k = self._call_90k = begin_90k  # where the next call begins; where this one did
        self._sent: deque[Order] = deque()  # orders under way, one at a time
        self._waiting: dict[str, Order] = {}  # by slot
        self._has_shown = False  # a picture of this call
        self._sent_ns = self._paused_ns = 0
        self._next_call_ns = 0  # not before
        self._telling: asyncio.TimerHandle | None = None
        self._then_90k: int | None = None  # where the next call goes at once, if not where it begins
        self._hushed_until_ns = 0  # what comes on the way there is not shown
        self._session: asyncio.Future[None] | None = None
        self._wanted = asyncio.Event()  # somebody waits for a call
        self._wanted.set()
        self._task: asyncio.Task[None] | None = None

    # --- its life

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    def leave(self) -> None:
        """The viewer has gone: so does the call."""
        if self._task is not None:
            self._task.cancel()

    @property
    def is_left(self) -> bool:
        """Its viewer has gone, and its call is over."""
        return self._task is not None and self._task.done()

    async def ended(self) -> None:
        """After ``leave``: until the call has been ended."""
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        """Calls, one after the other, each when it is wanted, to where is wanted when it begins."""
        while True:
            await self._wanted.wait()
            await self._until_due()
            self._wanted.clear()
            self._begin()
            cause = await self._one_call()
            self._call = None
            self._sent.clear()
            self._waiting.clear()
            if cause is not None:
                self._end(cause)

    async def _until_due(self) -> None:
        """A page that is dragged over wants another call with every move."""
        early_ns = self._next_call_ns - self._clock.monotonic_ns()
        if early_ns > 0:
            await asyncio.sleep(early_ns / 1_000_000_000)
        self._next_call_ns = self._clock.monotonic_ns() + int(CALL_EVERY_S * 1_000_000_000)

    def _begin(self) -> None:
        """Devices are asked in whole seconds, and begin there."""
        self._call_90k, self._has_shown = self._from_90k - self._from_90k % TICKS_PER_SECOND, False
        self.course.begin(self._call_90k)
        self.course.at_90k = self._from_90k if self._then_90k is None else self._then_90k
        self.broadcast.set_state("waiting", CONNECTING)
        self._tell_position()

    async def _one_call(self) -> str | None:
        """Why it ended; None: because another is wanted, or a pause lasts."""
        wish = Wish("playback", rfc3339(self._call_90k), rfc3339(self.course.end_90k))
        playing = self._channels.play_back(self.address, wish, self, self._clock, self)
        session = self._session = asyncio.ensure_future(playing)
        try:
            await asyncio.wait([session])
        finally:
            self._session = None
            session.cancel()
            await asyncio.wait([session], timeout=GOOD_BYE_S)
        if session.cancelled():
            return "file_end" if self.course.is_over else None
        try:
            session.result()
        except CallEnded as ended:
            return self._cause_of_call(ended)
        except SourceError as error:
            return self._cause_of_media(error)
        except Exception:
            log.exception("device_playback_failed")
        return Cause.PROTOCOL.value

    def _cause_of_call(self, ended: CallEnded) -> str | None:
        log.info("device_playback_ended", cause=ended.cause, status=ended.status, detail=ended.detail)
        if ended.cause in ("peer", "lost") and self.is_paused:
            return None  # it did not bear the pause; there will be another
        return "file_end" if ended.cause == "peer" and self._is_near_end() else _cause(ended)

    def _cause_of_media(self, error: SourceError) -> str:
        log.info("device_playback_ended", cause=error.cause.value, detail=error.detail)
        silent = error.cause in (Cause.NO_PACKETS, Cause.DISCONNECTED)
        return "file_end" if silent and self._is_near_end() else error.cause.value

    def _is_near_end(self) -> bool:
        if self._speed < 0:
            return self.course.at_90k - self.course.start_90k < NEAR_END_90K
        return self.course.end_90k - self.course.at_90k < NEAR_END_90K * max(1.0, self._speed)

    def _end(self, cause: str) -> None:
        """Nothing more comes until the viewer wants something."""
        self._from_90k = self.course.at_90k
        self.is_paused = True
        self._speed = abs(self._speed)  # backwards at the beginning there is nothing to go on with
        self.broadcast.set_state("waiting", cause)
        self._tell_position()

    def _hang_up(self) -> None:
        """End the call, keep its place."""
        self._from_90k = self.course.at_90k
        if self._session is not None:
            self._session.cancel()

    def _call_anew(self, at_90k: int) -> None:
        """Backwards a device goes to the beginning of its call and no further: that has to lie before."""
        self._hang_up()
        self._from_90k, self._then_90k = at_90k, None
        if self._speed < 0:
            self._from_90k, self._then_90k = max(self.course.start_90k, at_90k - REACH_90K), at_90k
        self.course.at_90k = at_90k
        self._wanted.set()

    # --- what the viewer wants

    def obey(self, text: str) -> None:
        """What is no order is a sign of life, and nothing else."""
        try:
            told = json.loads(text) if len(text) <= TEXT_MAX else None
        except (ValueError, RecursionError):
            return
        if not isinstance(told, dict) or told.get("type") != "control":
            return
        match told.get("action"):
            case "pause":
                self._pause()
            case "resume":
                self._resume()
            case "seek":
                self._seek(told.get("at_ms"))
            case "speed":
                self._change_speed(told.get("speed"))
        if self._telling is None:
            self._telling = asyncio.get_running_loop().call_later(TELL_AFTER_S, self._tell_position)

    def _pause(self) -> None:
        if not self.is_paused:
            self.is_paused, self._paused_ns = True, self._clock.monotonic_ns()
            self._order(Order("pause"))

    def _resume(self) -> None:
        """From its place; an end that was reached begins again."""
        if not self.is_paused:
            return
        self.is_paused = False
        if self._session is not None:
            self._run_on()
        else:
            at_90k = self.course.at_90k
            is_at_end = self.course.is_over or at_90k >= self.course.end_90k - TICKS_PER_SECOND
            self._call_anew(self.course.start_90k if is_at_end else at_90k)

    def _run_on(self) -> None:
        """After a pause, at the speed that was wanted meanwhile."""
        self._order(Order("resume"))
        if self._speed != self.course.speed:
            self._take_speed()

    def _within(self, at_90k: int) -> int:
        """The instant of the window that is nearest, with something left behind it."""
        return max(min(at_90k, self.course.end_90k - LEAST_90K), self.course.start_90k)

    def _seek(self, at_ms: object) -> None:
        if not isinstance(at_ms, int | float) or at_ms != at_ms or abs(at_ms) > 1e14:
            return
        at_90k = self._within(int(at_ms * 90))
        was_paused, self.is_paused = self.is_paused, False
        if self._session is None or self._call is None or self._wanted.is_set() or at_90k < self._call_90k:
            self._call_anew(at_90k)
            return
        self._order(Order("seek", at_90k))
        if was_paused:
            self._run_on()

    def _change_speed(self, speed: object) -> None:
        if not isinstance(speed, int | float) or (speed not in SPEEDS and speed != BACKWARD):
            return
        self._speed = float(speed)
        if not self.is_paused:  # a device that is told a speed plays on
            self._take_speed()

    def _take_speed(self) -> None:
        speed, at_90k = self._speed, self.course.at_90k
        if speed < 0 and at_90k - self._call_90k < REACH_90K // 2 and self._call_90k > self.course.start_90k:
            self._call_anew(at_90k)
            return
        self._order(Order("reverse" if speed < 0 else "speed", speed))

    # --- what the device is told

    def _order(self, order: Order) -> None:
        """One at a time: a page that is dragged over does not flood a device."""
        if self._session is None:
            return
        self._waiting.pop(order.slot, None)
        self._waiting[order.slot] = order
        self._send_next()

    def _send_next(self) -> None:
        if self._call is None or self._sent:
            return
        # Whoever pauses sees the picture at which it stands, so the first one is waited for.
        ready = (slot for slot, order in self._waiting.items() if self._has_shown or order.action != "pause")
        slot = next(ready, None)
        if slot is None:
            return
        order = self._waiting.pop(slot)
        self._sent.append(order)
        self._sent_ns = self._clock.monotonic_ns()
        if order.action == "seek":
            # Whole seconds: what every device reads. The key picture lies around it anyway.
            seek_s = (int(order.value) - self._call_90k) // TICKS_PER_SECOND
            self.course.seek(self._call_90k + seek_s * TICKS_PER_SECOND, self._now_90k())
            self._call.control("seek", seek_s=seek_s)
        elif order.slot == "speed":
            self._call.control(order.action, speed=abs(order.value))
        else:
            self._call.control(order.action)

    def on_call(self, call: SignalCall) -> None:
        self._call = call
        if self._then_90k is not None:
            self._waiting["seek"] = Order("seek", self._then_90k)
            self._hushed_until_ns = self._clock.monotonic_ns() + HUSH_S * 1_000_000_000
            self._then_90k = None
        if self._speed != 1.0:
            self._waiting["speed"] = Order("reverse" if self._speed < 0 else "speed", self._speed)
        if self.is_paused:
            self._waiting["run"] = Order("pause")  # wanted before there was a call to tell it
        self._send_next()

    def on_controlled(self, told: Controlled) -> None:
        if not self._sent:
            return
        order = self._sent.popleft()
        if told.status >= OUTSIDE:
            self._refused(order)
        elif order.slot == "speed":
            self.course.change_speed(order.value)
        elif order.action == "seek":
            at_90k = told.range_s and self._call_90k + int(told.range_s * TICKS_PER_SECOND)
            self.course.take_seek(at_90k or None)
        self._send_next()
        self._tell_position()

    def _refused(self, order: Order) -> None:
        """What it cannot do on the way is done by another call; a speed that it does not have is told."""
        if order.slot == "speed":
            self._speed = self.course.speed
            self._tell({"type": "refused", "action": "speed", "speed": order.value})
        elif order.action == "pause":
            self._hang_up()
        else:
            self._call_anew(int(order.value) if order.action == "seek" else self.course.at_90k)

    @property
    def rests(self) -> bool:
        return self.is_paused

    # --- what the device sends

    def on_tracks(self, tracks: tuple[TrackConfig, ...]) -> None:
        self._tracks = tracks
        self._lead = next((i for i, track in enumerate(tracks) if isinstance(track, VideoConfig)), 0)
        self._timeline = None
        try:
            self.broadcast.set_tracks(tracks)
        except FormatError:
            self.broadcast.set_state("waiting", Cause.CODEC_NOT_ACCEPTED.value)
            return
        self._timeline = Timeline(tracks)

    def on_units(self, units: list[AccessUnit], arrival_ns: int) -> None:
        timeline = self._timeline
        if timeline is None:
            return
        arrival_90k = self._in_90k(arrival_ns)
        fresh = [
            sample for unit in units if (sample := self._placed(timeline, unit, arrival_90k)) is not None
        ]
        if fresh and not self._is_hushed():
            self.broadcast.set_state("live", None)
            self.broadcast.push(fresh)
            if not self._has_shown:
                self._has_shown = True
                self._send_next()
        if self.course.is_over and self._session is not None:
            self._session.cancel()  # what lies behind the window is not for this viewer

    def _is_hushed(self) -> bool:
        """Not yet where the call was to go at once."""
        if self._hushed_until_ns and not self.course.is_seeking:
            self._hushed_until_ns = 0
        return self._clock.monotonic_ns() < self._hushed_until_ns

    def _placed(self, timeline: Timeline, unit: AccessUnit, arrival_90k: int) -> Sample | None:
        rate = self._tracks[unit.track].clock_rate
        stamp_90k = unit.timestamp * TICKS_PER_SECOND // rate
        if unit.track == self._lead:
            shown_90k = self.course.place(stamp_90k, arrival_90k, sync=unit.sync)
        else:
            shown_90k = self.course.place_sound(stamp_90k)
        if shown_90k is None:
            return None
        placed = unit._replace(timestamp=shown_90k * rate // TICKS_PER_SECOND)
        if not timeline.anchored:
            timeline.anchor([(placed, shown_90k)])
        return timeline.place(placed, shown_90k)  # shown time never leaps back: no Step

    def on_sender_report(self, track: int, rtp_timestamp: int, ntp_utc_ns: int, arrival_ns: int) -> None:
        """A device's clock of now says nothing of when it recorded."""

    def on_loss(self, track: int, packets: int) -> None:
        """Its pictures are flagged as damaged; nothing is kept of them."""

    def on_packets_only(self, first_ns: int, newest_ns: int) -> None:
        self.broadcast.set_state("waiting", Cause.NO_KEY_FRAME.value)

    # --- once a second

    def tick(self) -> None:
        now_ns = self._clock.monotonic_ns()
        if self._sent and now_ns - self._sent_ns > ANSWER_S * 1_000_000_000:
            self.on_controlled(Controlled(408, None))
        if self.is_paused and now_ns - self._paused_ns >= PAUSE_S * 1_000_000_000:
            self._hang_up()
        self._tell_position()

    def _tell_position(self) -> None:
        """Where the newest picture lies, and at which place of the viewers' time it is shown."""
        if self._telling is not None:
            self._telling.cancel()
            self._telling = None
        self._tell(
            {
                "type": "position",
                "at_ms": self.course.at_90k // 90,
                "shown_s": round(self.course.shown_90k / TICKS_PER_SECOND, 3),
                "speed": self._speed,
                "paused": self.is_paused,
            }
        )

    def _tell(self, told: dict[str, Any]) -> None:
        """A page that orders and does not read hears no more until it has."""
        for viewer in self.broadcast.viewers:
            if viewer.socket.backlog_bytes() <= MIN_BACKLOG:
                viewer.socket.send_text(json.dumps(told))

    def _now_90k(self) -> int:
        return self._in_90k(self._clock.monotonic_ns())

    def _in_90k(self, monotonic_ns: int) -> int:
        return (monotonic_ns + self._clock.utc_ns() - self._clock.monotonic_ns()) * 9 // 100_000


def _cause(ended: CallEnded) -> str:
    if ended.cause == "refused" and ended.status == 404:
        return "device_no_footage"
    return CAUSES.get(ended.cause, "device_ended")


def rfc3339(at_90k: int) -> str:
    """To the second, which is what devices are asked for in."""
    return instant_of(at_90k).isoformat(timespec="seconds").replace("+00:00", "Z")
