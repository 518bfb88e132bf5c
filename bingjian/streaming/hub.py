"""The hub: all cameras of one media worker, as its assignment wants them."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import structlog

from bingjian.clock import Clock, instant_of
from bingjian.formats.access_unit import AudioConfig, TrackConfig, VideoConfig
from bingjian.recording.cause import Cause
from bingjian.recording.recorder import Recorder
from bingjian.recording.volume import Volume
from bingjian.recording.volumes import Volumes
from bingjian.streaming.assignment import Assignment, CameraAssignment
from bingjian.streaming.live import Viewer
from bingjian.streaming.sources.base import SourceAddress
from bingjian.streaming.stream import Receive, Role, Stream, StreamState

log = structlog.get_logger(__name__)

LINGER_S = 10.0  # a sub stream goes on so long after its last viewer: people switch back and forth
TICK_S = 1.0


class Camera:
    """One camera at work: its recorder, its main stream, perhaps a sub stream."""

    def __init__(
        self, assigned: CameraAssignment, recorder: Recorder, receive: Receive, clock: Clock
    ) -> None:
        self.assigned = assigned
        self.recorder = recorder
        self._receive = receive
        self._clock = clock
        self.main = self._stream("main", assigned.main)
        self.sub = self._stream("sub", assigned.sub) if assigned.sub else None
        self._unwatched_ns: int | None = None  # monotonic: the sub stream has had no viewer since
        self.main.start()
        self._obey(assigned)

    def _obey(self, assigned: CameraAssignment) -> None:
        """Record, or don't, as ordered; an order ends by itself."""
        now_90k = self._clock.utc_ns() * 9 // 100_000
        if assigned.pause is not None and now_90k < assigned.pause.until_90k:
            self.recorder.pause(assigned.pause.detail)
        else:
            self.recorder.resume()

    def _stream(self, role: Role, address: SourceAddress, stored_until_90k: int = 0) -> Stream:
        """``stored_until_90k``: where the stream that it replaces had come to."""
        return Stream(
            str(self.assigned.id),
            role,
            address,
            receive=self._receive,
            clock=self._clock,
            recording=self.recorder if role == "main" else None,
            stored_until_90k=stored_until_90k,
        )

    def watched(self, role: Role) -> Stream | None:
        """The stream, running; None if the camera has no such."""
        stream = self.main if role == "main" else self.sub
        if stream is not None:
            stream.start()
            self._unwatched_ns = None
        return stream

    async def change(self, assigned: CameraAssignment) -> None:
        """Replace the streams whose address is another now; the others notice nothing. Recording goes on."""
        before, self.assigned = self.assigned, assigned
        if assigned.main != before.main:
            await self._end(self.main)
            self.main = self._stream("main", assigned.main, self.main.stored_until_90k)
            self.main.start()
        self._obey(assigned)
        if assigned.sub != before.sub:
            if self.sub is not None:
                await self._end(self.sub)
            self.sub = self._stream("sub", assigned.sub) if assigned.sub else None

    async def close(self) -> None:
        """End streams and recording; everything received is durable when this returns."""
        await asyncio.gather(*(self._end(stream) for stream in (self.main, self.sub) if stream is not None))
        await self.recorder.close(Cause.RECORDER_STOPPED)

    async def _end(self, stream: Stream) -> None:
        for viewer in stream.broadcast.viewers:
            viewer.close("the camera was changed or removed")
        await stream.stop()

    async def tick(self) -> None:
        self.main.tick()
        if self.assigned.pause is not None:
            self._obey(self.assigned)
        if self.sub is not None and self.sub.running:
            self.sub.tick()
            await self._rest_unwatched(self.sub)

    async def _rest_unwatched(self, sub: Stream) -> None:
        """Nobody has looked at the sub stream for a while: stop pulling it."""
        now_ns = self._clock.monotonic_ns()
        if sub.broadcast.viewers:
            self._unwatched_ns = None
        elif self._unwatched_ns is None:
            self._unwatched_ns = now_ns
        elif now_ns - self._unwatched_ns > LINGER_S * 1e9:
            self._unwatched_ns = None
            await sub.stop()


class Hub:
    """Lives on the event loop."""

    def __init__(self, volumes: Volumes, *, worker: str, clock: Clock, receive: Receive) -> None:
        self.volumes = volumes
        self.worker = worker
        self.cameras: dict[UUID, Camera] = {}
        self.assignment: Assignment | None = None
        self._clock = clock
        self._receive = receive
        self._turn = asyncio.Lock()  # one assignment after the other

    async def assign(self, assignment: Assignment) -> bool:
        """Make it so; cameras that stay as they are notice nothing. False: of an older epoch, ignored."""
        async with self._turn:
            if self.assignment is not None and assignment.epoch < self.assignment.epoch:
                return False
            self.assignment = assignment
            self.volumes.held.release(assignment.released_holds)
            await asyncio.gather(
                *(self._apply(id, assignment) for id in {*self.cameras, *assignment.cameras})
            )
            log.info("assigned", epoch=assignment.epoch, cameras=len(self.cameras))
            return True

    async def _apply(self, id: UUID, assignment: Assignment) -> None:
        wanted, present = assignment.cameras.get(id), self.cameras.get(id)
        if wanted is None and present is not None:
            del self.cameras[id]
            await present.close()
        elif wanted is not None and present is None:
            recorder = Recorder(
                self.volumes, id, worker=self.worker, epoch=assignment.epoch, clock=self._clock
            )
            self.cameras[id] = Camera(wanted, recorder, self._receive, self._clock)
        elif wanted is not None and present is not None and wanted != present.assigned:
            await present.change(wanted)

    async def run(self, each_second: Callable[[], None]) -> None:
        """Ticks for ever; a tick's failure is logged and passes."""
        while True:
            await asyncio.sleep(TICK_S)
            try:
                each_second()
                for camera in list(self.cameras.values()):
                    await camera.tick()
            except Exception:
                log.exception("tick_failed")

    async def close(self) -> None:
        """End all cameras at once; what they have received is durable when this returns."""
        async with self._turn:
            await asyncio.gather(*(camera.close() for camera in self.cameras.values()))
            self.cameras.clear()

    def viewers(self) -> list[Viewer]:
        """Everybody who watches live."""
        return [
            viewer
            for camera in self.cameras.values()
            for stream in (camera.main, camera.sub)
            if stream is not None
            for viewer in stream.broadcast.viewers
        ]

    # --- What /control/state says

    def state(self) -> dict[str, Any]:
        """As the contract of the control API has it; times in RFC 3339, UTC."""
        return {
            "worker": self.worker,
            "volumes": [*map(self._volume_state, self.volumes), *self._closed_volumes()],
            "cameras": {str(id): self._camera_state(camera) for id, camera in self.cameras.items()},
        }

    def _volume_state(self, volume: Volume) -> dict[str, Any]:
        trouble = volume.trouble
        bytes_per_s, cameras = self.volumes.load(volume)
        return {
            "id": str(volume.id),
            "path": str(volume.path),
            "size_bytes": volume.identity.size_bytes,
            "used_bytes": volume.used_bytes(),
            "free_bytes": volume.free_bytes(),
            "reserve_bytes": volume.identity.reserve_bytes,
            "state": "writable" if trouble is None else "failing",
            "cause": trouble and trouble.cause.value,
            "detail": trouble.detail if trouble else "",
            "write_bytes_per_s": round(bytes_per_s),
            "cameras": cameras,
        }

    def _closed_volumes(self) -> list[dict[str, Any]]:
        """Those that could not be opened."""
        nothing = dict.fromkeys(("size_bytes", "used_bytes", "free_bytes", "reserve_bytes"), 0)
        return [
            {
                "id": None,
                "path": str(path),
                **nothing,
                "state": "failing",
                "cause": Cause.VOLUME_FAILING.value,
                "detail": reason,
                "write_bytes_per_s": 0,
                "cameras": 0,
            }
            for path, reason in self.volumes.closed.items()
        ]

    def _camera_state(self, camera: Camera) -> dict[str, Any]:
        main = stream_state(camera.main)
        main["recording"] = camera.recorder.recording
        trouble = camera.recorder.trouble
        if trouble is not None and main["cause"] is None:
            main.update(cause=trouble.cause.value, detail=trouble.detail)
        return {"main": main, "sub": camera.sub and stream_state(camera.sub)}


def stream_state(stream: Stream) -> dict[str, Any]:
    """One stream, for people and the wall."""
    condition = stream.condition
    last_90k = stream.last_picture_90k
    return {
        "state": condition.state.value,
        "cause": condition.cause and condition.cause.value,
        "detail": condition.detail,
        "since": rfc3339(condition.since_90k),
        "bit_rate_bps": round(stream.bit_rate_bps),
        "frame_rate": round(stream.frame_rate, 1),
        **_format_state(stream.tracks),
        "packets_lost": stream.packets_lost,
        "clock_offset_ms": stream.clock_offset_ms,
        "transport": stream.transport,
        "viewers": len(stream.broadcast.viewers),
        "recording": False,
        "last_picture": rfc3339(last_90k) if last_90k is not None else None,
    }


def _format_state(tracks: Sequence[TrackConfig]) -> dict[str, Any]:
    video = next((track for track in tracks if isinstance(track, VideoConfig)), None)
    audio = next((track for track in tracks if isinstance(track, AudioConfig)), None)
    return {
        "codec": video and video.codec.value,
        "width": video and video.width,
        "height": video and video.height,
        "audio": audio and audio.codec.value,
    }


def live_count(hub: Hub) -> int:
    """Cameras whose main stream gives pictures."""
    return sum(camera.main.condition.state is StreamState.LIVE for camera in hub.cameras.values())


def rfc3339(ticks_90k: int) -> str:
    """1/90000 s since 1970 as ``2026-11-24T03:15:00.000000Z``."""
    return instant_of(ticks_90k).isoformat(timespec="microseconds").replace("+00:00", "Z")
