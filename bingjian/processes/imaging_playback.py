"""What was recorded, masked: the original's playlist line for line, each line made when it is asked for.

Time line, gaps and discontinuities are the original's. A line is decoded, covered and encoded alone, so it
can be made without the one before it; equal sizes have equal init segments. Who asks for a line that is being
made waits for the same work; the last ones are kept.
"""

import asyncio
import re
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from bingjian.formats import mp4
from bingjian.formats.access_unit import FormatError
from bingjian.formats.mp4_reader import read_init
from bingjian.imaging.cover import Cover
from bingjian.imaging.errors import ImagingError
from bingjian.imaging.masks import Mask
from bingjian.imaging.rendition import Rendition
from bingjian.processes.imaging_assignment import Views
from bingjian.processes.imaging_originals import Originals, fragments_in
from bingjian.processes.imaging_rooms import Rooms
from bingjian.streaming.http import HttpProblem, Response
from bingjian.streaming.playback import HLS
from bingjian.streaming.ticket import Ticket

KEPT_BYTES = 48 << 20  # of lines that were made: some minutes of a few cameras
KEPT_INITS = 64
MP4 = "video/mp4"
# Kept by nobody on the way: a mask that is drawn later must hold for what was looked at before.
NOT_KEPT = (("Cache-Control", "no-store"),)
FAILED = HttpProblem(502, "masked_failed", "the masked picture of this time cannot be made")

BYTE_RANGE = re.compile(r"#EXT-X-BYTERANGE:(\d+)@(\d+)")
STORED = re.compile(r"(?:edge-)?\d+-[0-9a-f]{32}\.mp4")
MAP = re.compile(r'#EXT-X-MAP:URI="init-([0-9a-f]{64})\.mp4"')
LINE = re.compile(r"m-([0-9a-f]{64})-(\d+)-(\d+)-((?:edge-)?\d+-[0-9a-f]{32}\.mp4)")

Line = tuple[str, str, int, int, str]  # what it is masked by, init, offset, length (0: a whole edge), file


def masked_playlist(text: str) -> str:
    """The same lines under names of ours, which say where the original of each lies."""
    out, window, sha = [], (0, 0), ""
    for line in text.splitlines():
        if found := BYTE_RANGE.fullmatch(line):
            window = int(found[2]), int(found[1])
            continue
        if found := MAP.fullmatch(line):
            sha = found[1]
        if STORED.fullmatch(line):
            line, window = f"m-{sha}-{window[0]}-{window[1]}-{line}", (0, 0)
        out.append(line)
    return "\n".join(out) + "\n"


class MaskedPlayback:
    """Lives on the event loop; pictures are made in threads."""

    def __init__(self, views: Views, originals: Originals, rooms: Rooms, threads: ThreadPoolExecutor) -> None:
        self.made = 0  # lines, so far
        self._views = views
        self._originals = originals
        self._rooms = rooms
        self._threads = threads
        self._inits: OrderedDict[str, bytes] = OrderedDict()  # originals, by their name
        self._lines: OrderedDict[Line, bytes] = OrderedDict()
        self._making: dict[Line, asyncio.Task[bytes]] = {}

    async def answer(self, ticket: Ticket, name: str) -> Response:
        """Whatever a ticket of kind playback opens. Raises HttpProblem."""
        self._rooms.enter(room_of(ticket))
        if name == "index.m3u8":
            answer = await self._originals.get(f"{self._originals.url(ticket)}/{name}")
            return Response(200, masked_playlist(answer.text).encode(), HLS)
        if found := re.fullmatch(r"init-([0-9a-f]{64})\.mp4", name):
            original = await self._init(ticket, found[1])
            masked = await self._in_thread(lambda: masked_init(original))
            return Response(200, masked, MP4, NOT_KEPT, close=True)
        if found := LINE.fullmatch(name):
            line = ticket.masks, found[1], int(found[2]), int(found[3]), found[4]
            return Response(200, await self._line(ticket, line), MP4, NOT_KEPT)
        raise HttpProblem(404, "not_found", "there is no such path")

    async def _init(self, ticket: Ticket, sha: str) -> bytes:
        if sha not in self._inits:
            answer = await self._originals.get(f"{self._originals.url(ticket)}/init-{sha}.mp4")
            self._inits[sha] = answer.content
            if len(self._inits) > KEPT_INITS:
                self._inits.popitem(last=False)
        return self._inits[sha]

    async def _line(self, ticket: Ticket, line: Line) -> bytes:
        """As the worker lets this ticket have it; made once. Raises HttpProblem."""
        _, sha, offset, length, file = line
        where = f"{self._originals.url(ticket)}/{file}"
        is_edge = length == 0  # cut where this one ticket ends: nobody else's
        if not is_edge and line in self._lines:
            await self._originals.get(where, range(offset, offset + 1))  # is it this ticket's to see?
            self._lines.move_to_end(line)
            return self._lines[line]
        original = await self._originals.get(where, None if is_edge else range(offset, offset + length))
        init, masks = await self._init(ticket, sha), self._views.masks_of(ticket)
        if is_edge:
            return await self._made(init, original.content, masks)
        if line not in self._making:
            self._making[line] = asyncio.create_task(self._keep(line, init, original.content, masks))
        return await asyncio.shield(self._making[line])

    async def _keep(self, line: Line, init: bytes, data: bytes, masks: tuple[Mask, ...]) -> bytes:
        try:
            made = self._lines[line] = await self._made(init, data, masks)
            while sum(map(len, self._lines.values())) > KEPT_BYTES:
                self._lines.popitem(last=False)
            return made
        finally:
            del self._making[line]

    async def _made(self, init: bytes, data: bytes, masks: tuple[Mask, ...]) -> bytes:
        self.made += 1
        return await self._in_thread(lambda: masked_line(init, data, masks))

    async def _in_thread(self, work: Callable[[], bytes]) -> bytes:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except (ImagingError, FormatError) as error:
            raise FAILED from error


def masked_init(original: bytes) -> bytes:
    """What the lines of this configuration play behind. Raises ImagingError, FormatError."""
    return mp4.init_segment(Rendition(read_init(original).tracks, Cover(())).tracks, hide_g711=True)


def masked_line(init: bytes, data: bytes, masks: tuple[Mask, ...]) -> bytes:
    """Fragments of the original as fragments of its masked rendition. Raises ImagingError, FormatError."""
    rendition = Rendition(read_init(init).tracks, Cover(masks))
    out = []
    for number, samples in enumerate([*fragments_in(data), None], 1):
        made = rendition.finish() if samples is None else rendition.take(samples)
        if made:
            out += mp4.fragment(number, made)
    if not rendition.pictures:
        raise ImagingError("there is no whole picture in it")
    return b"".join(out)


def room_of(ticket: Ticket) -> str:
    """Somebody who seeks opens tickets one after the other, and watches one of them."""
    return f"playback {ticket.camera} {ticket.person}"
