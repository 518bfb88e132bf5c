"""Live pictures: one stream's newest samples to all who watch it, built once and shared.

To each viewer goes, over WebSocket: a text message ``format``, one binary with the init segment, then
binaries of whole ``moof mdat`` pairs. A new viewer gets everything since the last key frame at once. Nothing
is built while nobody watches; while somebody does, each picture (with the sound that came since the last)
becomes one ``bytes`` object, WebSocket header included, that all viewers' sockets share.

A viewer that does not keep up is left alone until the next key frame after its backlog has gone, then told
``skip``. So memory per viewer is a list of references, and nobody waits for anybody.
"""

import json
import socket as sockets
from collections.abc import Iterable, Sequence
from typing import Literal, Protocol

from bingjian.formats import mp4
from bingjian.formats.access_unit import AudioConfig, TrackConfig, VideoConfig
from bingjian.formats.mp4 import Sample
from bingjian.streaming.http_websocket import WebSocket
from bingjian.streaming.websocket import CloseCode, Opcode, header, text_frame

MAX_GOP_BYTES = (
    2 << 20
)  # kept for joining, per stream; a longer GOP is forgotten and joiners wait for a key frame
SAMPLE_COST = 200  # bytes a kept sample takes beside its data, so that many small ones are bounded too
MIN_BACKLOG = 512 * 1024  # bytes a viewer may lag behind; a key frame of a large picture must fit
BACKLOG_SECONDS = 2  # … or so much of the stream, if that is more
SEND_BUFFER = 512 * 1024  # kernel's, per viewer: else it hides many seconds from us
SOUND_TOGETHER_S = 0.1  # sound waits so long for the picture it shares a message with

State = Literal["live", "waiting"]


class Right(Protocol):
    """Why somebody may watch."""

    def renew(self) -> None:
        """A sign of life."""

    def holds(self) -> bool:
        """Whether it has not ended."""

    def left(self) -> None:
        """The viewer has gone."""


class Viewer:
    """One person's WebSocket on one stream. The ``Listener`` of its socket."""

    __slots__ = ("backlog_limit", "broadcast", "right", "skipping", "socket", "started", "transport")

    def __init__(self, socket: WebSocket, broadcast: "Broadcast", right: Right) -> None:
        self.socket = socket
        self.transport = socket.transport
        self.broadcast = broadcast
        self.right = right
        self.started = False  # has had a key frame since the last format
        self.skipping = False  # waits for a key frame
        self.backlog_limit = MIN_BACKLOG
        kernel: sockets.socket | None = self.transport.get_extra_info("socket")
        if kernel is not None:
            kernel.setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, SEND_BUFFER)
        self.transport.set_write_buffer_limits(MAX_GOP_BYTES * 4)  # we look ourselves; no pause calls
        broadcast.join(self)

    def on_text(self, text: str) -> None:
        """Heartbeats; whatever else a page says is a sign of life, too."""
        self.right.renew()

    def on_closed(self) -> None:
        self.broadcast.leave(self)
        self.right.left()

    def close(self, reason: str) -> None:
        """The ticket has ended."""
        self.socket.close(CloseCode.POLICY, reason)


class Broadcast:
    """One stream's live side. Lives on the event loop."""

    def __init__(self) -> None:
        self.viewers: list[Viewer] = []  # replaced, never changed: ``push`` may be walking through it
        self.bytes_sent = 0
        self.skips = 0
        self.backlog_bytes = MIN_BACKLOG
        self._tracks: tuple[TrackConfig, ...] = ()
        self._lead = 0
        self._opening: list[bytes] = []  # frames every viewer starts with
        self._state = text_frame('{"type": "state", "state": "waiting", "cause": null}')
        self.built = 0  # fragments so far; also numbers them
        self._gop: list[Sample] = []  # since the last key frame; empty: none yet, or too long
        self.cached_bytes = 0
        self._messages: list[bytes] = []  # the same, as frames; kept while somebody watches
        self._sound: list[Sample] = []  # waits for its picture

    # --- What the hub tells

    def set_tracks(self, tracks: tuple[TrackConfig, ...]) -> None:
        """A new configuration: everybody gets the format and waits for a key frame."""
        self._tracks = tracks
        self._lead = next((i for i, track in enumerate(tracks) if isinstance(track, VideoConfig)), 0)
        init = mp4.init_segment(tracks, hide_g711=True)
        self._opening = [
            text_frame(json.dumps(format_message(tracks))),
            header(Opcode.BINARY, len(init)) + init,
        ]
        self.forget()
        for viewer in self.viewers:
            viewer.started = viewer.skipping = False
            self._write(viewer, self._opening)

    def set_state(self, state: State, cause: str | None) -> None:
        """Pictures come, or why they don't."""
        frame = text_frame(json.dumps({"type": "state", "state": state, "cause": cause}))
        if frame == self._state:
            return
        self._state = frame
        for viewer in self.viewers:
            self._write(viewer, [frame])

    def set_bit_rate(self, bits_per_second: float) -> None:
        """What ``BACKLOG_SECONDS`` means in bytes."""
        self.backlog_bytes = max(MIN_BACKLOG, int(bits_per_second * BACKLOG_SECONDS / 8))

    def forget(self) -> None:
        """What comes next does not continue what came before."""
        self._gop, self.cached_bytes = [], 0
        self._messages, self._sound = [], []
        for viewer in self.viewers:
            viewer.skipping = viewer.started

    def push(self, samples: Iterable[Sample]) -> None:
        """The newest samples in order of reception. Hot: called for every picture of every camera."""
        group = self._sound
        for sample in samples:
            track, _, _, _, data, sync, _ = sample
            if track == self._lead and sync:
                if group:
                    self._publish(group, starts=False)
                group = []
                self._gop, self.cached_bytes, self._messages = [sample], len(data), []
            elif self._gop:
                self._keep(sample, len(data))
            if self.viewers:
                group.append(sample)
        self._sound = []
        if group:
            self._publish_when_due(group)

    def _keep(self, sample: Sample, size: int) -> None:
        self._gop.append(sample)
        self.cached_bytes += size + SAMPLE_COST
        if self.cached_bytes > MAX_GOP_BYTES:
            self._gop, self.cached_bytes, self._messages = [], 0, []

    def _publish_when_due(self, group: list[Sample]) -> None:
        """Sound alone waits a little for its picture: half as many messages."""
        if all(sample[0] != self._lead for sample in group):
            first = group[0]
            held = sum(sample[3] for sample in group if sample[0] == first[0])
            if held < self._tracks[first[0]].clock_rate * SOUND_TOGETHER_S:
                self._sound = group
                return
        self._publish(group, starts=group[0][5] and group[0][0] == self._lead)

    def _publish(self, samples: Sequence[Sample], *, starts: bool) -> None:
        """Build once, hand to all. ``starts``: decoding may begin here."""
        message = self._message(samples)
        if self._gop:
            self._messages.append(message)
        for viewer in self.viewers:
            try:
                self._give(viewer, message, starts)
            except RuntimeError:  # its socket has failed; on_closed is on its way
                continue

    def _give(self, viewer: Viewer, message: bytes, starts: bool) -> None:
        if viewer.started and not viewer.skipping:
            if viewer.transport.get_write_buffer_size() <= viewer.backlog_limit:
                viewer.transport.write(message)
                self.bytes_sent += len(message)
            else:
                viewer.skipping = True
        elif starts:
            self._start(viewer, [message])

    def _start(self, viewer: Viewer, frames: list[bytes]) -> None:
        """Begin, or go on after a skip, if what it has not taken yet allows."""
        backlog = viewer.transport.get_write_buffer_size()
        if backlog > self.backlog_bytes // 2:
            return
        if viewer.skipping:
            self.skips += 1
            viewer.transport.write(SKIP)
        viewer.started, viewer.skipping = True, False
        size = sum(map(len, frames))
        viewer.backlog_limit = self.backlog_bytes + size
        self.bytes_sent += size
        viewer.transport.writelines(frames)

    def _message(self, samples: Sequence[Sample]) -> bytes:
        self.built += 1
        pieces = mp4.fragment(self.built, samples)
        return b"".join((header(Opcode.BINARY, sum(map(len, pieces))), *pieces))

    # --- Coming and going

    def join(self, viewer: Viewer) -> None:
        """State, format, init and everything since the last key frame, at once."""
        viewer.backlog_limit = self.backlog_bytes
        self._write(viewer, [self._state, *self._opening])
        if self._gop and not self._messages:
            self._messages = [self._message(self._gop)]
            self._sound = []
        if self._messages:
            self._start(viewer, self._messages)
        self.viewers = [*self.viewers, viewer]

    def leave(self, viewer: Viewer) -> None:
        self.viewers = [other for other in self.viewers if other is not viewer]
        if not self.viewers:
            self._messages, self._sound = [], []

    def _write(self, viewer: Viewer, frames: list[bytes]) -> None:
        viewer.socket.send_frames(frames)


SKIP = text_frame('{"type": "skip"}')


def format_message(tracks: Sequence[TrackConfig]) -> dict[str, object]:
    """What the page must know before the init segment; ``playable``: there is video at all."""
    video = next((track for track in tracks if isinstance(track, VideoConfig)), None)
    audio = next((track for track in tracks if isinstance(track, AudioConfig)), None)
    return {
        "type": "format",
        "mime": mp4.mime_type(tracks),
        "video": video and {"codec": video.codec.value, "width": video.width, "height": video.height},
        "audio": audio and {"codec": audio.codec.value, "rate": audio.clock_rate, "channels": audio.channels},
        "playable": video is not None,
    }
