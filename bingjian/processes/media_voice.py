"""``/m/<ticket>/voice``: somebody speaks to a camera, as long as their WebSocket is open and brings sound.

    page    binary: 16-bit samples of one channel, little-endian, 8000 a second, 20 to 60 ms a message
    worker  {"type": "ready"}: the device listens, speak; {"type": "over", "reason", "detail"}: and closed

One speaks to a camera at a time, once with a ticket: each has its entry in the journal, and its end is owed.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import structlog

from bingjian.clock import Clock
from bingjian.processes.media_reports import Reports
from bingjian.processes.media_requests import require
from bingjian.protocols.gb28181 import address
from bingjian.streaming.http import HttpProblem, Request, Upgrade
from bingjian.streaming.http_websocket import WebSocket
from bingjian.streaming.hub import Hub, rfc3339
from bingjian.streaming.sources.gb28181 import Channels
from bingjian.streaming.sources.signal_call import CallEnded
from bingjian.streaming.ticket import OPEN_SECONDS, Ticket
from bingjian.streaming.voice.speech import SECOND_NS, Speech
from bingjian.streaming.websocket import CloseCode

SILENT_S = 3  # without a message of sound the page, or its microphone, is gone
WITHDRAWN_S = OPEN_SECONDS + 60  # no ticket to speak that was issued before is good for longer
log = structlog.get_logger(__name__)

Reason = Literal[
    "released",  # by whoever spoke: let go of the key, left, lost the line
    "silent",  # nothing came from the page
    "time",  # as long as one may speak at a time
    "withdrawn",  # control of the camera, or the right to it, has ended
    "not_taken",  # the device did not want to hear
    "by_device",  # it ended the call
]


@dataclass(slots=True, eq=False)
class Speaker:
    """One WebSocket; its listener."""

    room: "Speeches"
    ticket: Ticket
    speech: Speech
    socket: WebSocket
    task: asyncio.Task[CallEnded] | None = None

    def on_text(self, text: str) -> None:
        """Nothing is said here."""

    def on_binary(self, payload: bytes) -> None:
        self.speech.say(payload)

    def on_closed(self) -> None:
        self.room.end(self, "released")

    def ready(self) -> None:
        self.socket.send_text(json.dumps({"type": "ready"}))


class Speeches:
    """All of one worker, on the event loop. ``channels`` None: GB/T 28181 is off."""

    def __init__(self, hub: Hub, channels: Channels | None, reports: Reports, clock: Clock) -> None:
        self._hub, self._channels, self._reports, self._clock = hub, channels, reports, clock
        self._speakers: dict[str, Speaker] = {}  # by camera
        self._used: dict[int, int] = {}  # entries whose ticket was used, and when that ticket ends
        self._withdrawn: dict[str, tuple[int, int]] = {}  # by camera: the last entry, and since when

    def open(self, ticket: Ticket, request: Request) -> Upgrade:
        """Raises HttpProblem: GB/T 28181 is off, the camera has no channel, somebody speaks to it already."""
        require(request, "GET")
        if not request.upgrade:
            raise HttpProblem(426, "upgrade_required", "voice is a WebSocket", (("Upgrade", "websocket"),))
        camera = self._hub.cameras.get(UUID(ticket.camera))
        url = camera.assigned.main.url if camera is not None else ""
        if self._channels is None or not address.is_channel(url):
            raise HttpProblem(404, "no_voice", "nobody can be heard at this camera")
        if self._is_withdrawn(ticket):
            raise HttpProblem(409, "voice_taken", "whoever has this ticket no longer controls the camera")
        if ticket.entry in self._used or ticket.camera in self._speakers:
            raise HttpProblem(409, "voice_taken", "somebody speaks there, or this ticket was used")
        speech = Speech(self._channels, address.parse(url), self._clock)
        return Upgrade(lambda socket: self._begin(Speaker(self, ticket, speech, socket)))

    def _begin(self, speaker: Speaker) -> Speaker:
        ticket = speaker.ticket
        if self._is_withdrawn(ticket) or ticket.entry in self._used or ticket.camera in self._speakers:
            speaker.socket.close(CloseCode.POLICY, "somebody speaks there already")
            return speaker
        self._used[ticket.entry] = max(ticket.expires, ticket.opens_before)
        self._speakers[ticket.camera] = speaker
        log.info("voice_begun", camera=ticket.camera, person=ticket.person, entry=ticket.entry)
        speaker.task = asyncio.create_task(self._run(speaker))
        return speaker

    async def _run(self, speaker: Speaker) -> CallEnded:
        ended = await speaker.speech.run(speaker.ready)
        self.end(speaker, "by_device" if speaker.speech.ready_ns else "not_taken", ended.detail)
        return ended

    def each_second(self, is_revoked: Callable[[Ticket], bool]) -> None:
        """Those whose right, time or sound has ended."""
        now, now_ns = self._clock.utc_ns() // SECOND_NS, self._clock.monotonic_ns()
        self._used = {entry: end for entry, end in self._used.items() if end + OPEN_SECONDS > now}
        kept = {camera: one for camera, one in self._withdrawn.items() if one[1] + WITHDRAWN_S > now}
        self._withdrawn = kept
        for speaker in list(self._speakers.values()):
            speech = speaker.speech
            if is_revoked(speaker.ticket):
                self.end(speaker, "withdrawn")
            elif now >= speaker.ticket.expires:
                self.end(speaker, "time")
            elif speech.has_hung_up:
                self.end(speaker, "by_device", "the device has closed its connection")
            elif speech.ready_ns and now_ns - speech.said_ns > SILENT_S * SECOND_NS:
                self.end(speaker, "silent")

    def withdraw(self, camera: UUID, up_to: int) -> None:
        """The web process says so: whoever spoke, or could have, no longer has the camera.

        Args:
            up_to: number of the last journal entry by which they might; whoever is next has a later one.
        """
        last, _ = self._withdrawn.get(str(camera), (0, 0))
        self._withdrawn[str(camera)] = max(last, up_to), self._clock.utc_ns() // SECOND_NS
        speaker = self._speakers.get(str(camera))
        if speaker is not None and self._is_withdrawn(speaker.ticket):
            self.end(speaker, "withdrawn")

    def _is_withdrawn(self, ticket: Ticket) -> bool:
        last, _ = self._withdrawn.get(ticket.camera, (-1, 0))
        return ticket.entry <= last

    def end(self, speaker: Speaker, reason: Reason, detail: str = "") -> None:
        """Once: the device is told, the page, and the journal is owed it."""
        if self._speakers.get(speaker.ticket.camera) is not speaker:
            return
        del self._speakers[speaker.ticket.camera]
        self._reports.owe(self._told(speaker, reason))
        if speaker.task is not None and speaker.task is not asyncio.current_task():
            speaker.task.cancel()
        speaker.socket.send_text(json.dumps({"type": "over", "reason": reason, "detail": detail}))
        speaker.socket.close(CloseCode.NORMAL, reason)

    def _told(self, speaker: Speaker, reason: Reason) -> dict[str, object]:
        ticket, speech = speaker.ticket, speaker.speech
        heard_ns = speech.first_utc_ns
        return {
            "kind": "voice_ended",
            "opening": ticket.entry,
            "person": ticket.person,
            "camera": ticket.camera,
            "reason": reason,
            "heard_from": rfc3339(heard_ns * 9 // 100_000) if heard_ns else "",
            "seconds": max(0, round((self._clock.utc_ns() - heard_ns) / SECOND_NS)) if heard_ns else 0,
        }

    def close(self) -> None:
        for speaker in list(self._speakers.values()):
            self.end(speaker, "released")
