"""A stream that the platform asked for: from the offer to the end."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bingjian.formats.access_unit import VIDEO_CLOCK_RATE
from bingjian.protocols.gb28181 import mansrtsp, sdp
from bingjian.protocols.sip.dialog import DialogKey
from bingjian.simulate.gb28181 import plan
from bingjian.simulate.gb28181.channel import Channel
from bingjian.simulate.gb28181.film import Film
from bingjian.simulate.gb28181.outlet import TcpOutlet, UdpOutlet
from bingjian.simulate.gb28181.recordings import Span
from bingjian.simulate.gb28181.sender import Sender

PAUSE_LIMIT_S = 30.0  # of devices that end a pause (quirk 30)
FULL_SPEED = 8  # download speeds above are taken as this


@dataclass(slots=True, eq=False)
class Session:
    key: DialogKey
    channel: Channel
    offer: sdp.Session
    subject: str  # who sends what, as the INVITE says it; the same again replaces this one
    sender: Sender
    outlet: UdpOutlet | TcpOutlet
    spans: Sequence[Span] = ()  # of recordings; none: live
    window_90k: tuple[int, int] = (0, 0)
    connect: Callable[[], None] | None = None  # TCP: when the ACK has come
    pause_ended: asyncio.TimerHandle | None = None
    timers: list[asyncio.TimerHandle] = field(default_factory=list)
    started: bool = False

    @property
    def is_live(self) -> bool:
        return self.offer.name == sdp.PLAY

    def start(self) -> None:
        """The way out is open, and the platform listens."""
        if self.started:
            return
        self.started = True
        self.sender.start()
        if self.is_live:
            self.channel.watch(self.sender)

    def close(self) -> None:
        self.channel.leave(self.sender)
        self.sender.stop()
        for timer in filter(None, (self.pause_ended, *self.timers)):
            timer.cancel()

    def control(self, request: mansrtsp.Request) -> mansrtsp.Response:
        """Pause, go on, seek, another speed, backwards. Times count from the start of the window."""
        action = request.action
        if isinstance(action, mansrtsp.Pause):
            self.sender.pause()
        elif isinstance(action, mansrtsp.Play):
            self._play(action)
        at_s = (self.sender.last_90k - self.window_90k[0]) / VIDEO_CLOCK_RATE
        return mansrtsp.Response(200, request.cseq, max(at_s, 0.0))

    def _play(self, action: mansrtsp.Play) -> None:
        scale = self.sender.scale if action.scale is None else action.scale
        if scale < 0 or self.sender.scale < 0 or action.start_s is not None:
            self.sender.change_plan(self._plan(action, scale), scale)
            return
        if action.scale is not None:
            self.sender.change_speed(scale)
        self.sender.resume()

    def _plan(self, action: mansrtsp.Play, scale: float) -> plan.Plan:
        first, last = self.window_90k
        start = self.sender.last_90k
        if action.start_s is not None:
            start = first + int(action.start_s * VIDEO_CLOCK_RATE)
        if scale < 0:
            end = first if action.end_s is None else first + int(action.end_s * VIDEO_CLOCK_RATE)
            return plan.backwards(self.sender.film, self.spans, start, end)
        return plan.forwards(self.sender.film, self.spans, start, last)


def window(offer: sdp.Session, late_s: int, now: datetime) -> tuple[int, int]:
    """Of the recording, in 1/90000 s; what lies ahead cannot be played."""
    end = min(offer.end or offer.start, int(now.timestamp()))
    return (offer.start + late_s) * VIDEO_CLOCK_RATE, end * VIDEO_CLOCK_RATE


def file_size(film: Film, spans: Sequence[Span], bounds: tuple[int, int]) -> int:
    """Bytes, nearly."""
    first, last = (at // VIDEO_CLOCK_RATE for at in bounds)
    seconds = sum(min(span.end, last) - max(span.start, first) for span in spans)
    return max(seconds, 0) * film.bytes_per_second
