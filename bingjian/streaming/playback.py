"""Playback: HLS playlists over stored files, which are served as they are (RFC 8216, fMP4 by byte ranges).

A line of a playlist is an ``HlsSegment``: a byte range of a stored segment from one key frame to another, at
least ``grain`` seconds later. All segments of a camera lie on one absolute UTC timeline, so nothing is
rewritten; ``EXT-X-DISCONTINUITY`` marks where a decoder has to begin afresh (a gap, another configuration,
time that went back), ``EXT-X-PROGRAM-DATE-TIME`` says when the first presented picture was, in UTC, and an
``EXT-X-DATERANGE`` of class ``bingjian.clocks`` beside it the same in China's civil time, and the camera's
clock offset.

While the ticket's interval reaches into the future the playlist is an EVENT and only grows: what is still
being written shows up once a key frame has closed the line. A ticket opens exactly the byte ranges its
playlist lists.

An *exact* ticket opens nothing outside its interval: it begins with the first key frame in it, and what
reaches over its end is an *edge*: a line of its own, made of the stored samples that lie before the end.
"""

import asyncio
import math
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import NamedTuple, TypeVar
from uuid import UUID

import structlog

from bingjian.clock import TICKS_PER_SECOND, Clock
from bingjian.formats import mp4_reader
from bingjian.formats.access_unit import FormatError
from bingjian.recording import presence, reader
from bingjian.recording.catalogue import Address
from bingjian.recording.extract import NEAR_90K, Stored, edge, local_text, utc_text
from bingjian.recording.index import Entry
from bingjian.recording.piece import Piece
from bingjian.recording.presence import Span
from bingjian.recording.reader import Picture, ReadError
from bingjian.recording.reader import Segment as StoredSegment
from bingjian.recording.volumes import Volumes
from bingjian.streaming.contents import FileContent, PiecedContent
from bingjian.streaming.http import Content, HttpProblem, Request, Response, byte_range, ranged
from bingjian.streaming.ticket import Ticket

HOUR_90K = 3600 * TICKS_PER_SECOND
# The longer the interval, the longer its lines: a playlist of a week has 40 000, not 150 000.
GRAINS = ((6 * HOUR_90K, 4), (48 * HOUR_90K, 8), (math.inf, 16))  # up to this interval: seconds per line
MAX_INTERVAL_90K = 8 * 24 * HOUR_90K  # tickets are for a week at most
JOINED_90K = TICKS_PER_SECOND // 2  # between two fragments: less is rounding, and no discontinuity
TOLERANCE_90K = TICKS_PER_SECOND // 4  # drift makes key frames come a little sooner than every 2 s
WRITTEN_90K = 15 * TICKS_PER_SECOND  # by then what was received is in its file: the playlist may end
MIN_TARGET_S = 6  # EXT-X-TARGETDURATION
CACHED_FILES, CACHED_INITS = 512, 64  # lists of lines, 4 KiB each; init segments, 1 KiB each
THREADS = 2  # for disk and catalogue; more would only take the event loop's time
MP4 = "video/mp4"
HLS = "application/vnd.apple.mpegurl"
NOTHING = "nothing_recorded", "nothing is recorded there"
FOREVER = (("Cache-Control", "private, max-age=3600, immutable"),)

T = TypeVar("T")
log = structlog.get_logger(__name__)


class BeyondTicket(HttpProblem):
    """The ticket does not reach what is asked for under it; said as if it were not there, or in words."""


class HlsSegment(NamedTuple):
    """One line: from a key frame up to another."""

    start_90k: int
    end_90k: int
    offset: int  # in the stored file
    length: int  # bytes
    clock_offset_ms: int  # at its start: the camera's clock minus ours
    is_edge: bool = False  # not bytes of the file: cut where the ticket ends


class Lines(NamedTuple):
    """A stored file's part of a playlist."""

    file: StoredSegment
    lines: Sequence[HlsSegment]


class Playback:
    """Answers for all volumes of a worker. Lives on the event loop; disks are touched in threads only."""

    def __init__(self, volumes: Volumes, clock: Clock) -> None:
        self._volumes = volumes
        self._clock = clock
        self._threads = ThreadPoolExecutor(THREADS, "playback")
        self._cut: OrderedDict[tuple[UUID, int], tuple[HlsSegment, ...]] = OrderedDict()
        self._inits: OrderedDict[bytes, bytes] = OrderedDict()

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    # --- Requests

    async def playlist(self, ticket: Ticket) -> Response:
        """``index.m3u8``. HttpProblem 404 if nothing is recorded there."""
        if not 0 <= ticket.end_90k - ticket.start_90k <= MAX_INTERVAL_90K:
            raise HttpProblem(400, "interval_too_long", "the interval of this ticket is too long")
        text = await self._in_thread(lambda: self._playlist(ticket))
        return Response(200, text.encode(), HLS)

    async def init(self, ticket: Ticket, name: str) -> Response:
        """``init-<sha>.mp4``: ``ftyp moov`` as browsers accept it."""
        try:
            sha = bytes.fromhex(name)
        except ValueError as error:
            raise _nothing() from error
        data = await self._in_thread(lambda: self._init(ticket, sha))
        # ffmpeg 5.1 asks for it again when it reloads a growing playlist, with the range of the line before,
        # and waits for bytes that do not exist until the connection ends.
        return Response(200, data, MP4, FOREVER, close=True)

    async def segment(self, request: Request, ticket: Ticket, name: str) -> Response:
        """``<start>-<id>.mp4``: a range of the stored file that the ticket's playlist lists."""
        address = address_in(ticket, name)
        file, allowed = await self._in_thread(lambda: self._allowed(ticket, address))
        content = await self._in_thread(lambda: _content(file))
        try:
            wish = byte_range(request, content.size) or range(content.size)
            if wish.start < allowed.start or wish.stop > allowed.stop:
                raise BeyondTicket(403, "outside_ticket", "the ticket does not reach these bytes")
            if file.copies:  # what is lost is refused in words, before the first byte
                await self._in_thread(lambda: reader.require(file, wish.start, len(wish)))
        except HttpProblem:
            content.close()
            raise
        return ranged(request, content, MP4)

    async def edge(self, request: Request, ticket: Ticket, name: str) -> Response:
        """``edge-<start>-<id>.mp4``: the last samples of a file before an exact ticket's end."""
        address = address_in(ticket, name)
        if not ticket.exact:
            raise _nothing()
        pieces = await self._in_thread(lambda: self._edge(ticket, address))
        return ranged(request, PiecedContent(pieces), MP4)

    async def picture(self, camera: UUID, at_90k: int) -> Picture | None:
        """What a decoder needs for the picture at this instant; None if there is none."""
        return await self._in_thread(lambda: reader.picture(self._volumes, camera, at_90k))

    async def spans(self, camera: UUID, start_90k: int, end_90k: int) -> list[Span]:
        """What is present, and what is missing why."""
        return await self._in_thread(lambda: presence.spans(self._volumes, camera, start_90k, end_90k))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """Reading faults become 404: what cannot be read is not there for a viewer."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except (ReadError, FormatError, FileNotFoundError) as error:
            raise HttpProblem(404, "unreadable", "the stored footage cannot be read") from error

    # --- In a thread

    def _playlist(self, ticket: Ticket) -> str:
        now_90k = self._clock.utc_ns() * 9 // 100_000
        listed = self._listed(ticket)
        if not listed:
            raise _nothing()
        written_90k = listed[-1].lines[-1].end_90k
        ended = now_90k >= ticket.end_90k and (
            written_90k >= ticket.end_90k or now_90k >= ticket.end_90k + WRITTEN_90K
        )
        return render(listed, ended=ended)

    def _listed(self, ticket: Ticket) -> list[Lines]:
        """All lines that overlap the ticket's interval; a file that cannot be read hides no other."""
        files = reader.segments(self._volumes, UUID(ticket.camera), ticket.start_90k, ticket.end_90k)
        grain = _grain(ticket)
        listed = []
        for number, file in enumerate(files):
            final = file.closed or number + 1 < len(files)
            try:
                cut_up = self._lines(file, grain, final)
            except ReadError as error:
                log.warning("segment_unreadable", path=str(file.path), reason=str(error))
                continue
            lines = overlapping(cut_up, ticket.start_90k, ticket.end_90k)
            if ticket.exact and lines:
                lines = self._exact_lines(file, lines, ticket, final=final)
            if lines:
                listed.append(Lines(file, lines))
        return listed

    def _exact_lines(
        self, file: StoredSegment, lines: Sequence[HlsSegment], ticket: Ticket, *, final: bool
    ) -> Sequence[HlsSegment]:
        """The same without what lies outside, and the edge once all of it is there. Raises ReadError."""
        safe_90k = ticket.end_90k - NEAR_90K
        if lines[0].start_90k >= ticket.start_90k and lines[-1].end_90k <= safe_90k:
            return lines
        whole, rest = exactly(reader.entries(file)[1:], ticket.start_90k, ticket.end_90k)
        is_over = final or (rest and rest[-1].end_90k >= ticket.end_90k + NEAR_90K)
        found = list(cut(whole, _grain(ticket) * TICKS_PER_SECOND, final=bool(is_over)))
        if not is_over or not rest:
            return [one for one in found if one.end_90k <= safe_90k]
        pieces, last_90k = edge([Stored(file, entry) for entry in rest], ticket.end_90k)
        if last_90k:
            size = sum(piece.length for piece in pieces)
            found.append(HlsSegment(rest[0].start_90k, last_90k, 0, size, rest[0].clock_offset_ms, True))
        return found

    def _edge(self, ticket: Ticket, address: Address) -> Sequence[Piece]:
        """In a thread. HttpProblem 404 if nothing of the file lies at the ticket's end."""
        file = reader.segment(self._volumes, address)
        rest: Sequence[Entry] = ()
        if file is not None:
            _, rest = exactly(reader.entries(file)[1:], ticket.start_90k, ticket.end_90k)
        if file is None or not rest:
            raise _nothing()
        pieces, last_90k = edge([Stored(file, entry) for entry in rest], ticket.end_90k)
        if not last_90k:
            raise _nothing()
        return pieces

    def _lines(self, file: StoredSegment, grain: int, final: bool) -> Sequence[HlsSegment]:
        """A file's lines; a closed one's are remembered. Two threads may do the same work: harmless."""
        key = (file.id, grain)
        cached = self._cut.get(key)
        if cached is not None:
            return cached
        lines = tuple(cut(reader.entries(file)[1:], grain * TICKS_PER_SECOND, final=final))
        if file.closed:
            self._cut[key] = lines
            if len(self._cut) > CACHED_FILES:
                self._cut.popitem(last=False)
        return lines

    def _init(self, ticket: Ticket, sha: bytes) -> bytes:
        """By any file of the interval that has this configuration and can be read."""
        found = reader.segments(self._volumes, UUID(ticket.camera), ticket.start_90k, ticket.end_90k)
        files = [one for one in found if one.init_sha == sha]
        if not files:
            raise _nothing()
        if sha not in self._inits:
            self._inits[sha] = mp4_reader.hide_g711(_first_readable(files))
            if len(self._inits) > CACHED_INITS:
                self._inits.popitem(last=False)
        return self._inits[sha]

    def _allowed(self, ticket: Ticket, address: Address) -> tuple[StoredSegment, range]:
        """The file, and its bytes that the ticket reaches: from its first line to its last."""
        file = reader.segment(self._volumes, address)
        if file is None:
            raise _nothing()
        reached = overlapping(self._lines(file, _grain(ticket), True), ticket.start_90k, ticket.end_90k)
        if ticket.exact and reached:
            exact = self._exact_lines(file, reached, ticket, final=True)
            reached = [line for line in exact if not line.is_edge]
        if not reached:
            raise BeyondTicket(404, *NOTHING)
        return file, range(reached[0].offset, reached[-1].offset + reached[-1].length)


def _content(file: StoredSegment) -> Content:
    """Raises OSError, ReadError."""
    if not file.copies:
        return FileContent(file.path, file.size_bytes)
    return PiecedContent([Piece(file.size_bytes, path=file.path, proof=reader.proof(file))])


def _first_readable(files: Sequence[StoredSegment]) -> bytes:
    """Their ``ftyp moov``: a file that cannot be read hides no other. Raises ReadError."""
    for file in files[:-1]:
        with suppress(ReadError):
            return reader.init_of(file)
    return reader.init_of(files[-1])


def cut(fragments: Sequence[Entry], grain_90k: int, *, final: bool) -> Iterator[HlsSegment]:
    """Fragments to lines: a new one at the first key frame after ``grain_90k``, and after a hole.

    ``final``: nothing follows, so what is left over is a line as well.
    """
    first: Entry | None = None
    last: Entry | None = None
    for entry in fragments:
        if first is None or last is None:
            first = entry
        elif abs(entry.start_90k - last.end_90k) > JOINED_90K:
            yield _line(first, last.end_90k, last.end)
            first = entry
        elif entry.sync and entry.start_90k - first.start_90k >= grain_90k - TOLERANCE_90K:
            yield _line(first, entry.start_90k, entry.offset)
            first = entry
        last = entry
    if final and first is not None and last is not None:
        yield _line(first, last.end_90k, last.end)


def _line(first: Entry, end_90k: int, end: int) -> HlsSegment:
    return HlsSegment(first.start_90k, end_90k, first.offset, end - first.offset, first.clock_offset_ms)


def exactly(
    fragments: Sequence[Entry], start_90k: int, end_90k: int
) -> tuple[Sequence[Entry], Sequence[Entry]]:
    """Those from the first key frame at or after the start that end surely before the end, up to a key frame;
    and those that follow as far as any may hold something before the end: they have to be looked into.
    """
    safe_90k, last_90k = end_90k - NEAR_90K, end_90k + NEAR_90K
    first = next((n for n, one in enumerate(fragments) if one.sync and one.start_90k >= start_90k), None)
    if first is None:
        return (), ()
    safe = (n for n, one in enumerate(fragments) if n >= first and one.sync and one.start_90k <= safe_90k)
    last = max(safe, default=first)
    return fragments[first:last], [one for one in fragments[last:] if one.start_90k < last_90k]


def address_in(ticket: Ticket, name: str) -> Address:
    """``<start>-<id>`` of a stored file. HttpProblem 404 if it is none."""
    try:
        start, _, id = name.partition("-")
        return Address(UUID(ticket.camera), int(start), UUID(hex=id))
    except ValueError as error:
        raise _nothing() from error


def overlapping(lines: Sequence[HlsSegment], start_90k: int, end_90k: int) -> Sequence[HlsSegment]:
    """Those with footage in [start, end)."""
    return [line for line in lines if line.end_90k > start_90k and line.start_90k < end_90k]


def render(listed: Sequence[Lines], *, ended: bool) -> str:
    """The playlist (RFC 8216 §4.3)."""
    longest_90k = max(line.end_90k - line.start_90k for part in listed for line in part.lines)
    text = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{max(MIN_TARGET_S, math.ceil(longest_90k / TICKS_PER_SECOND))}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        f"#EXT-X-PLAYLIST-TYPE:{'VOD' if ended else 'EVENT'}",
    ]
    sha, end_90k = b"", None
    for file, lines in listed:
        for line in lines:
            text += _marks(file, line, sha, end_90k, first=line is lines[0])
            text.append(f"#EXTINF:{max(line.end_90k - line.start_90k, 1) / TICKS_PER_SECOND:.5f},")
            if not line.is_edge:
                text.append(f"#EXT-X-BYTERANGE:{line.length}@{line.offset}")
            text.append(f"{'edge-' if line.is_edge else ''}{file.start_90k}-{file.id.hex}.mp4")
            sha, end_90k = file.init_sha, line.end_90k
    if ended:
        text.append("#EXT-X-ENDLIST")
    return "\n".join(text) + "\n"


def _marks(
    file: StoredSegment, line: HlsSegment, sha: bytes, end_90k: int | None, *, first: bool
) -> Iterator[str]:
    """What must be said before a line; ``sha`` and ``end_90k`` are of the line before it."""
    other = file.init_sha != sha
    apart = end_90k is not None and (other or abs(line.start_90k - end_90k) > JOINED_90K)
    if apart:
        yield "#EXT-X-DISCONTINUITY"
    if other:
        yield f'#EXT-X-MAP:URI="init-{file.init_sha.hex()}.mp4"'
    if apart or first:
        yield f"#EXT-X-PROGRAM-DATE-TIME:{utc_text(line.start_90k)}"
        yield _clocks(file, line)


def _clocks(file: StoredSegment, line: HlsSegment) -> str:
    """The same instant in China's civil time, and how far the camera's own clock was off (§4.3.2.7)."""
    attributes = (
        f'ID="{file.id.hex}-{line.offset}"',
        'CLASS="bingjian.clocks"',
        f'START-DATE="{utc_text(line.start_90k)}"',
        f'X-LOCAL-TIME="{local_text(line.start_90k)}"',
        f'X-CAMERA-CLOCK-OFFSET-MS="{line.clock_offset_ms}"',  # a number here could not be negative
    )
    return f"#EXT-X-DATERANGE:{','.join(attributes)}"


def _grain(ticket: Ticket) -> int:
    interval_90k = ticket.end_90k - ticket.start_90k
    return next(seconds for longest, seconds in GRAINS if interval_90k <= longest)


def _nothing() -> HttpProblem:
    return HttpProblem(404, *NOTHING)
