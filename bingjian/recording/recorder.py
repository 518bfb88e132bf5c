"""One camera's recorder: lives on the event loop, decides what becomes a segment and a gap, never waits.

It cuts samples into fragments and puts commands into the queue of the volume's writer. It starts with a key
frame, and again after every gap. A gap, once begun, ends by itself where the next fragment starts.

The same recorder writes what is fetched from a device afterwards, told which ``Hole`` it may fill: of that it
keeps whole fragments alone, and leaves every gap as it is."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

from bingjian.clock import TICKS_PER_SECOND, Clock
from bingjian.formats import mp4
from bingjian.formats.access_unit import TrackConfig
from bingjian.recording.catalogue import SegmentRow
from bingjian.recording.cause import Cause
from bingjian.recording.fragmenter import Fragment, Fragmenter
from bingjian.recording.segment import (
    CLOSE_90K,
    CLOSE_AT_KEY_FRAME_90K,
    CLOSE_BYTES,
    Identity,
    Recovered,
)
from bingjian.recording.volumes import Volumes
from bingjian.recording.writer import AddGap, BeginGap, Close, LiveSegment, Open, Store, Trouble

HOLE_90K = TICKS_PER_SECOND  # between fragments, without a word from the hub: a gap all the same
MERGED_LOSS_90K = (
    TICKS_PER_SECOND  # losses less than this apart are one gap: pictures between them are damaged anyway
)
LONGEST_LOSS_90K = 60 * TICKS_PER_SECOND  # after which a loss that goes on is written down
SILENCE_S = 10.0  # after which a segment that gets nothing more is closed


# Within what is fetched: a file goes on over no more, so that its row says where there is footage.
RECOVERED_HOLE_90K = TICKS_PER_SECOND // 2


@dataclass(frozen=True, slots=True)
class Hole:
    """Time of which we have nothing, and where what is to fill it comes from."""

    start_90k: int
    end_90k: int
    source: Recovered

    def holds(self, fragment: Fragment) -> bool:
        """Wholly: what we have beside it wins."""
        return self.start_90k <= fragment.start_90k and fragment.end_90k <= self.end_90k


@dataclass(frozen=True, slots=True)
class OpenSegment:
    """What can be read of the segment being written: every fragment in ``entries`` is in the file."""

    id: UUID
    path: Path
    start_90k: int
    end_90k: int
    mime: str
    init_sha: bytes
    entries: bytes  # the index so far, see ``recording.index``


class Recorder:
    """Records one camera, into one volume at a time."""

    def __init__(
        self,
        volumes: Volumes,
        camera: UUID,
        *,
        worker: str,
        epoch: int,
        clock: Clock,
        hole: Hole | None = None,
    ) -> None:
        """``hole``: what to fill with footage fetched afterwards; None: record what comes now."""
        self._volumes = volumes
        self._volume = volumes.home(camera)
        self._camera = camera
        self._worker = worker
        self._epoch = epoch
        self._clock = clock
        self._hole = hole
        self._tracks: tuple[TrackConfig, ...] = ()
        self._fragmenter: Fragmenter | None = None
        self._mime = ""
        self._init_sha = b""
        self._segment: LiveSegment | None = None
        self._segment_bytes = 0
        self._segments = 0  # opened so far
        self._last_start_90k = 0
        # Up to where the camera is kept. A short last fragment may end before the one it follows: what comes
        # a little early is no gap, and no gap begins before the segment's end.
        self._last_end_90k: int | None = None
        self._waiting = True  # for a fragment that begins with a key frame
        self._in_gap = False  # the catalogue has an open gap of ours
        self._loss: tuple[int, int] | None = None  # not yet written down
        self._clock_offset_ms = 0
        self._silence: asyncio.TimerHandle | None = None
        self._closed = False
        self._paused = False

    # --- What the hub says ------------------------------------------------------------------------

    def set_tracks(self, tracks: Sequence[TrackConfig]) -> None:
        """The stream's configuration, before its first samples; a change closes the segment.

        Raises FormatError, without any change, if no file can hold these tracks.
        """
        tracks = tuple(tracks)
        if tracks == self._tracks:
            return
        init_sha = sha256(mp4.init_segment(tracks)).digest()
        self._finish_segment()
        self._tracks = tracks
        self._init_sha = init_sha
        self._mime = mp4.mime_type(tracks)
        self._fragmenter = Fragmenter(tracks)

    def write(self, samples: Sequence[mp4.Sample], clock_offset_ms: int = 0) -> None:
        """Samples in order of arrival, after ``set_tracks``. ``clock_offset_ms``: the camera's clock minus
        ours.
        """
        if self._fragmenter is None or self._closed or self._paused:
            return
        self._clock_offset_ms = clock_offset_ms
        for fragment in self._fragmenter.push(samples):
            self._keep(fragment)

    def gap_begin(self, cause: Cause, detail: str, at_90k: int) -> None:
        """Nothing more comes, for this reason; ``at_90k``: the end of the last sample.

        What comes afterwards may go on in the same segment: the stream begins with a key frame of itself if
        it could not go on where it was.
        """
        if self._closed or self._paused:
            return
        self._flush()
        if self._last_end_90k is not None and not self._in_gap:
            self._name_hole(self._last_end_90k, at_90k)
        self._begin_gap(cause, detail, at_90k, cut=False)
        self._close_after_silence()

    def gap_end(self, at_90k: int) -> None:
        """The reason is gone. Footage is missing until the next key frame all the same, so the gap goes on
        until then; if the volume is why there is none, from here on that is the reason."""
        trouble = self.trouble
        if trouble is not None and not self._closed and not self._paused:
            self._begin_gap(trouble.cause, trouble.detail, at_90k)

    def loss(self, start_90k: int, end_90k: int) -> None:
        """Pictures between these instants are missing because packets were lost."""
        if self._in_gap or self._closed or self._paused:
            return
        if self._loss and start_90k >= self._loss[0] and start_90k - self._loss[1] <= MERGED_LOSS_90K:
            self._loss = (self._loss[0], max(self._loss[1], end_90k))
        else:
            self._write_down_loss()
            self._loss = (start_90k, end_90k)
        if self._loss[1] - self._loss[0] > LONGEST_LOSS_90K:
            self._write_down_loss()

    def discontinuity(self, cause: Cause, at_90k: int) -> None:
        """The timeline jumps and goes on at ``at_90k``, later or earlier: the segment is closed."""
        if self._closed or self._paused:
            return
        self._finish_segment()
        last_90k = self._last_end_90k
        start_90k = at_90k if last_90k is None or self._in_gap else min(last_90k, at_90k)
        self._last_end_90k = None
        self._begin_gap(cause, "", start_90k)

    def pause(self, detail: str) -> None:
        """Keep nothing, by order (R31.7), until ``resume``. What came before is kept."""
        if self._paused or self._closed:
            return
        self._finish_segment()
        last_90k, now_90k = self._last_end_90k, self._clock.utc_ns() * 9 // 100_000
        self._begin_gap(Cause.PAUSED, detail, now_90k if self._in_gap or last_90k is None else last_90k)
        self._paused = True

    def resume(self) -> None:
        """Keep what comes, from the next key frame on."""
        self._paused = False

    async def close(self, cause: Cause = Cause.RECORDER_STOPPED, detail: str = "") -> None:
        """Stop; returns when everything is durable and the segment closed."""
        if not self._closed:
            self._finish_segment()
            now_90k = self._clock.utc_ns() * 9 // 100_000
            last_90k = self._last_end_90k
            self._begin_gap(cause, detail, now_90k if self._in_gap or last_90k is None else last_90k)
            self._closed = True
            self._volumes.leave(self._camera)
        await self._volume.settled()

    # --- What others see --------------------------------------------------------------------------

    @property
    def trouble(self) -> Trouble | None:
        """Why the camera's volume takes nothing, if no other does."""
        trouble = self._volume.trouble
        if trouble is None or any(volume.trouble is None for volume in self._volumes):
            return None
        return trouble

    @property
    def recording(self) -> bool:
        """Whether what arrives now is kept."""
        return self._segment is not None and not self._segment.ended and not self._waiting

    @property
    def last_end_90k(self) -> int | None:
        """Up to where the camera is kept."""
        return self._last_end_90k

    @property
    def open_segment(self) -> OpenSegment | None:
        """The segment being written, as far as it is in its file."""
        segment = self._segment
        if segment is None or not segment.entries:
            return None
        row = segment.row
        return OpenSegment(
            row.id,
            segment.path,
            row.start_90k,
            segment.end_90k,
            row.mime,
            row.init_sha,
            bytes(segment.entries),
        )

    # --- Fragments --------------------------------------------------------------------------------

    def _keep(self, fragment: Fragment) -> None:
        if self._hole is not None and not self._fits(self._hole, fragment):
            return
        trouble = self._volume.trouble
        if trouble is not None and not self._move(fragment, trouble):
            return
        if self._segment is not None and self._segment.ended:  # by the writer, which named the gap
            self._segment = None
            self._waiting = self._in_gap = True
        if self._waiting and not fragment.sync:
            return
        if self._last_end_90k is not None and not self._in_gap:
            self._name_hole(self._last_end_90k, fragment.start_90k)
        before = self._segment
        segment = self._segment_for(fragment)
        resumes = self._hole is None and (self._waiting or self._in_gap)
        self._volume.submit(Store(segment, fragment, self._clock_offset_ms, resumes))
        self._segment_bytes += _stored_bytes(fragment)
        self._last_start_90k = fragment.start_90k
        if segment is not before or self._last_end_90k is None or fragment.end_90k > self._last_end_90k:
            self._last_end_90k = fragment.end_90k
        self._waiting = self._in_gap = False
        self._stop_silence_timer()
        self._age_loss(fragment.end_90k)

    def _fits(self, hole: Hole, fragment: Fragment) -> bool:
        """Whether it is kept; where it does not follow what was kept before, another file begins."""
        last_90k = self._last_end_90k
        if not hole.holds(fragment) or (last_90k is not None and fragment.start_90k < self._last_start_90k):
            self._waiting = True
            return False
        if last_90k is not None and fragment.start_90k - last_90k > RECOVERED_HOLE_90K:
            self._end_segment()
        return True

    def _segment_for(self, fragment: Fragment) -> LiveSegment:
        segment = self._segment
        if segment is not None and not self._is_full(segment, fragment):
            return segment
        if segment is not None:
            self._volume.submit(Close(segment))
        self._volume = self._volumes.place(self._camera, _rate(fragment)) or self._volume
        self._segment = segment = self._new_segment(fragment.start_90k)
        self._volume.submit(Open(segment))
        return segment

    def _is_full(self, segment: LiveSegment, fragment: Fragment) -> bool:
        start_90k = segment.row.start_90k
        return (
            (fragment.sync and fragment.start_90k - start_90k >= CLOSE_AT_KEY_FRAME_90K)
            or fragment.end_90k - start_90k > CLOSE_90K
            or fragment.start_90k < self._last_start_90k  # time ran backwards without a word
            or self._segment_bytes + _stored_bytes(fragment) > CLOSE_BYTES
        )

    def _new_segment(self, start_90k: int) -> LiveSegment:
        id = uuid4()
        recovered = self._hole.source if self._hole is not None else None
        identity = Identity(self._camera, self._volume.id, id, self._epoch, recovered)
        init = mp4.init_segment(self._tracks, identity=identity.pack())
        row = SegmentRow(
            *(id, self._camera, start_90k, start_90k, "open", 0, 0, None),
            *(self._mime, self._init_sha, self._worker, self._epoch, recovered),
        )
        self._segment_bytes = len(init)
        self._segments += 1
        first = self._segments == 1 and self._hole is None
        return LiveSegment(row, self._volume.path / row.path, init, first=first)

    def _flush(self) -> None:
        fragment = self._fragmenter.flush() if self._fragmenter else None
        if fragment is not None:
            self._keep(fragment)

    def _finish_segment(self) -> None:
        """Close it with what there is; the next one begins with a key frame."""
        self._flush()
        self._write_down_loss()
        self._stop_silence_timer()
        self._end_segment()

    def _end_segment(self) -> None:
        self._waiting = True
        if self._segment is not None:
            self._volume.submit(Close(self._segment))
            self._segment = None

    # --- Gaps -------------------------------------------------------------------------------------

    def _begin_gap(self, cause: Cause, detail: str, at_90k: int, *, cut: bool = True) -> None:
        """``cut``: only a key frame can end it."""
        self._write_down_loss()
        if self._last_end_90k is not None and not self._in_gap:
            at_90k = max(at_90k, self._last_end_90k)
        self._tell(BeginGap(self._camera, cause, detail, at_90k))
        self._in_gap = True
        self._waiting = self._waiting or cut

    def _tell(self, gap: BeginGap | AddGap) -> None:
        """Of a hole that is filled afterwards the catalogue knows already what is missing why."""
        if self._hole is None:
            self._volume.submit(gap)

    def _move(self, fragment: Fragment, trouble: Trouble) -> bool:
        """The volume takes nothing: give up the segment, and go on with another volume if there is one.

        What the volume has of the segment shows when it comes back; until then the gap begins where the
        camera's last fragment was handed over, and is written where there is somebody to write it.
        """
        other = self._volumes.place(self._camera, _rate(fragment), besides=self._volume)
        interrupted = self._segment is not None
        if self._segment is not None:
            self._volume.submit(Close(self._segment))
            self._segment = None
        if other is not None:
            self._volume = other
        if self._last_end_90k is not None and (interrupted or (other is not None and self._in_gap)):
            self._tell(BeginGap(self._camera, trouble.cause, trouble.detail, self._last_end_90k))
            self._in_gap = True
        self._waiting = True
        return other is not None

    def _name_hole(self, end_90k: int, start_90k: int) -> None:
        """Time passed between two fragments and nobody said why."""
        if start_90k - end_90k <= HOLE_90K:
            return
        lost = self._loss is not None and self._loss[1] > end_90k
        if lost:
            self._loss = None
        cause = Cause.PACKET_LOSS if lost else Cause.NO_PACKETS
        self._tell(AddGap(self._camera, cause, "", end_90k, start_90k))

    def _age_loss(self, now_90k: int) -> None:
        if self._loss is not None and now_90k - self._loss[1] > MERGED_LOSS_90K:
            self._write_down_loss()

    def _write_down_loss(self) -> None:
        if self._loss is not None:
            self._tell(AddGap(self._camera, Cause.PACKET_LOSS, "", *self._loss))
            self._loss = None

    def _close_after_silence(self) -> None:
        if self._segment is not None and self._silence is None:
            self._silence = asyncio.get_running_loop().call_later(SILENCE_S, self._finish_segment)

    def _stop_silence_timer(self) -> None:
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None


def _rate(fragment: Fragment) -> float:
    """Bytes per second."""
    return fragment.size_bytes * TICKS_PER_SECOND / max(fragment.duration_90k, 1)


def _stored_bytes(fragment: Fragment) -> int:
    """At most what it takes in the file: ``size_bytes`` counts more per sample than its entry in the moof
    has.
    """
    return fragment.size_bytes + 512
