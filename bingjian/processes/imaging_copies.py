"""Copies of what was recorded, masked throughout: derived files (R27.7), made once and kept for a while.

    /m/<ticket>/files.json        the files; ``ready``: whether they are made, ``progress``: how far, 0 … 1
    /m/<ticket>/<name>.mp4        the first of them; 503 with ``Retry-After`` until it is made

A file is what the original copy would be, sample for sample in time; each is made for one entry of the
journal, its hash is there before its last byte leaves, and its recipient's mark is in its pixels (R31.5). Its
last box is of type ``DERIVED`` and says in JSON what it is derived from: the originals' segments with their
hashes, the SHA-256 of the original copy, which masks are on it, and who got it. The original is never
replaced: it is read, over the network, and left.
"""

import asyncio
import hashlib
import json
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import httpx
import structlog

from bingjian.clock import CHINA, TICKS_PER_SECOND, Clock
from bingjian.formats import mp4, mp4_cut, mp4_movie
from bingjian.formats.access_unit import FormatError
from bingjian.formats.mp4_reader import Init, read_init
from bingjian.imaging.cover import Cover
from bingjian.imaging.errors import ImagingError
from bingjian.imaging.masks import Mask
from bingjian.imaging.rendition import Rendition
from bingjian.imaging.stamp import Stamp
from bingjian.processes.imaging_assignment import Views
from bingjian.processes.imaging_originals import AWAY, Originals, fragments_in
from bingjian.processes.imaging_rooms import Rooms
from bingjian.processes.media_reports import Reports
from bingjian.recording.extract import Origin, Plan, said
from bingjian.recording.piece import Piece
from bingjian.streaming.clip import described, disposition, file_name
from bingjian.streaming.contents import GuardedContent, PiecedContent
from bingjian.streaming.handover import HandOvers, NotOwed, Package, Wanted
from bingjian.streaming.http import HttpProblem, Request, Response, json_response, ranged
from bingjian.streaming.ticket import COPY_SILENCE_SECONDS, Ticket

# Extended type of the ``uuid`` box that says what a file is derived from; never changes.
DERIVED = bytes.fromhex("c0a1e7b54d0b4f5d8b6a1f3e9d2c7781")
KEPT = 8  # copies; each is a few GB at most, and can be made again
UNASKED_SECONDS = 60  # a copy that nobody asks for any more is not made to its end
BOX_MAX = 64 << 20  # bytes of one fragment
BEING_MADE = HttpProblem(
    503, "copy_being_made", "the masked copy is being made; ask again", (("Retry-After", "2"),)
)
FAILED = HttpProblem(502, "masked_failed", "the masked copy of this time cannot be made")

Key = tuple[str, str, str, int, int, bool, int]  # masks, kind, camera, interval, is it exact, whose entry
T = TypeVar("T")
log = structlog.get_logger(__name__)


@dataclass
class Copy:
    """One interval being made, or made."""

    task: asyncio.Task[list[Plan]]
    folder: Path
    asked_ns: int
    progress: float = 0.0


@dataclass
class Writing:
    """One file of it."""

    rendition: Rendition
    path: Path
    is_plain: bool  # plain MP4 from zero, else fragmented
    fragments: int = 0
    size: int = 0
    end_90k: int = 0
    tables: list[mp4_movie.Table] = field(default_factory=list)

    def begin(self) -> None:
        self.tables = [mp4_movie.Table(track) for track in self.rendition.tracks]
        self.path.write_bytes(b"")

    def take(self, data: bytes | None) -> None:
        """A fragment of the original, or None at its end. Raises ImagingError, FormatError, OSError."""
        made = [self.rendition.finish()] if data is None else map(self.rendition.take, fragments_in(data))
        with self.path.open("ab") as out:
            for samples in made:
                if samples:
                    out.write(self._written(samples))

    def _written(self, samples: list[mp4.Sample]) -> bytes:
        self.fragments += 1
        head, *media = mp4.fragment(self.fragments, samples)
        length = len(head) + sum(map(len, media))
        pictures = [one for one in samples if one.track == self.rendition.track]
        self.end_90k = max([self.end_90k, *(one.pts + one.duration for one in pictures)])
        if not self.is_plain:
            self.size += length
            return b"".join([head, *media])
        for run in mp4_cut.read_moof(head, length).runs:
            self.tables[run.track].add(run, len(run), self.size)
            self.size += sum(run.sizes)
        return b"".join(media)

    def plan(self, origin: Origin, tail: bytes) -> Plan:
        """``tail``: the box of what it is derived from. Raises FormatError."""
        tracks = self.rendition.tracks
        if self.is_plain:
            origin = replace(origin, start_90k=mp4_movie.zero_of(self.tables))
            start, texts = origin.pack(), said(origin)
            head = mp4_movie.movie_header(self.tables, self.size, start=start, texts=texts)
        else:
            head = mp4.init_segment(tracks) + mp4.box(b"uuid", mp4_movie.START, origin.pack())
        pieces = (Piece(len(head), head), Piece(self.size, path=self.path), Piece(len(tail), tail))
        size = sum(one.length for one in pieces)
        return Plan(origin, self.end_90k, pieces, size, mp4.mime_type(tracks))


class MaskedCopies:
    """Lives on the event loop; pictures are made in threads."""

    def __init__(
        self,
        views: Views,
        originals: Originals,
        rooms: Rooms,
        threads: ThreadPoolExecutor,
        clock: Clock,
        folder: Path,
    ) -> None:
        """``folder``: for the files; what an earlier run has left in it goes."""
        self._views = views
        self._originals = originals
        self._rooms = rooms
        self._threads = threads
        self._clock = clock
        self._folder = folder
        self._copies: OrderedDict[Key, Copy] = OrderedDict()
        self._hand_overs = HandOvers(partial(owe_package, views.reports, asyncio.get_running_loop()))
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for left in folder.iterdir():
            remove(left)

    async def answer(self, request: Request, ticket: Ticket, text: str, name: str) -> Response:
        """Whatever a ticket of kind clip or download opens. Raises HttpProblem."""
        copy = self._copy(ticket)
        if not copy.task.done():
            await asyncio.wait([copy.task], timeout=1.0)  # a short one is there at once
        if not copy.task.done():
            if name == "files.json":
                return json_response({"files": [], "ready": False, "progress": round(copy.progress, 3)})
            raise BEING_MADE
        plans = self._made(ticket, copy)
        if name == "files.json":
            return json_response({"files": [described(one) for one in plans], "ready": True, "progress": 1})
        stem, _, suffix = name.rpartition(".")
        number = request.query.get("file", "1")
        if suffix != "mp4" or number not in map(str, range(1, len(plans) + 1)):
            raise HttpProblem(404, "no_such_file", f"this interval has {len(plans)} files")
        plan = plans[int(number) - 1]
        saved = ticket.kind == "download" or "save" in request.query
        guarded = GuardedContent(PiecedContent(plan.pieces), lambda: self._views.holds(text, ticket))
        wanted = Wanted(ticket.camera, ticket.entry, int(number), plan.pieces)
        content = self._hand_overs.watched(guarded, wanted)
        return ranged(request, content, "video/mp4", (disposition(file_name(stem, plan), saved=saved),))

    def _made(self, ticket: Ticket, copy: Copy) -> list[Plan]:
        try:
            return copy.task.result()
        except (HttpProblem, asyncio.CancelledError) as error:
            self._forget(key_of(ticket))  # the next one to ask may be luckier
            raise error if isinstance(error, HttpProblem) else FAILED from error

    def _copy(self, ticket: Ticket) -> Copy:
        key, masks = key_of(ticket), self._views.masks_of(ticket)
        if key not in self._copies:
            self._rooms.enter(room_of(key), stays=True)
            folder = self._folder / hashlib.sha256(repr(key).encode()).hexdigest()[:32]
            task = asyncio.create_task(self._make(ticket, key, folder, masks))
            task.add_done_callback(lambda _: self._rooms.leave(room_of(key)))
            self._copies[key] = Copy(task, folder, 0)
            while len(self._copies) > KEPT:
                self._forget(next(iter(self._copies)))
        self._copies.move_to_end(key)
        self._copies[key].asked_ns = self._clock.monotonic_ns()
        return self._copies[key]

    def _forget(self, key: Key) -> None:
        copy = self._copies.pop(key, None)
        if copy is not None:
            copy.task.cancel()
            remove(copy.folder)

    def each_second(self) -> None:
        """Nobody asks for it any more."""
        now_ns = self._clock.monotonic_ns()
        for key, copy in list(self._copies.items()):
            patience_s = COPY_SILENCE_SECONDS if copy.task.done() else UNASKED_SECONDS
            if now_ns - copy.asked_ns > patience_s * 10**9:
                self._forget(key)

    async def close(self) -> None:
        for key in list(self._copies):
            self._forget(key)

    # --- making one

    async def _make(self, ticket: Ticket, key: Key, folder: Path, masks: tuple[Mask, ...]) -> list[Plan]:
        """Raises HttpProblem."""
        await asyncio.to_thread(folder.mkdir, mode=0o700, exist_ok=True)
        base = self._originals.url(ticket, "clip")
        listed = (await self._originals.get(f"{base}/files.json")).json()["files"]
        try:
            return [
                await self._file(
                    f"{base}/original.mp4?file={number}", told, ticket, folder / str(number), masks, key
                )
                for number, told in enumerate(listed, 1)
            ]
        except httpx.HTTPError as error:
            raise AWAY from error
        except (ImagingError, FormatError, OSError) as error:
            log.warning("masked_copy_failed", reason=str(error))
            raise FAILED from error

    async def _file(
        self, url: str, told: dict[str, Any], ticket: Ticket, path: Path, masks: tuple[Mask, ...], key: Key
    ) -> Plan:
        """Raises HttpProblem, httpx.HTTPError, ImagingError, FormatError, OSError."""
        writing, origin, head, waiting = None, None, b"", b""
        digest = hashlib.sha256()
        async for kind, data in self._boxes(url):
            digest.update(data)
            if kind in (b"ftyp", b"moov"):
                head += data
            elif kind == b"uuid" and data[8:24] == mp4_movie.START:
                origin = Origin.unpack(data[24:])
            elif kind == b"moof":
                waiting = data
            elif kind == b"mdat":
                if writing is None:
                    writing = await self._begun(read_init(head), path, ticket, masks)
                await self._in_thread(partial(writing.take, waiting + data))
                self._copies[key].progress = share(writing.end_90k, ticket) if key in self._copies else 1
        if writing is None or origin is None:
            raise ImagingError("there is nothing in the original copy")
        last = writing
        await self._in_thread(lambda: last.take(None))
        derived = derived_from(told, digest.hexdigest(), ticket)
        return last.plan(origin, mp4.box(b"uuid", DERIVED, derived))

    async def _begun(self, init: Init, path: Path, ticket: Ticket, masks: tuple[Mask, ...]) -> Writing:
        def begun() -> Writing:
            cover = Cover(masks, Stamp(mark_of(ticket)))
            writing = Writing(Rendition(init.tracks, cover), path, ticket.kind == "download")
            writing.begin()
            return writing

        return await self._in_thread(begun)

    async def _boxes(self, url: str) -> AsyncIterator[tuple[bytes, bytes]]:
        """The boxes of a file one after the other, as they come. Raises FormatError, httpx.HTTPError."""
        rest = b""
        async with self._originals.stream(url) as answer:
            if answer.status_code != 200:
                raise AWAY
            async for data in answer.aiter_bytes():
                rest += data
                while len(rest) >= 8:
                    size = int.from_bytes(rest[:4])
                    if not 8 <= size <= BOX_MAX:
                        raise FormatError(f"a box of {size} bytes in the original copy")
                    if len(rest) < size:
                        break
                    yield rest[4:8], rest[:size]
                    rest = rest[size:]
        if rest:
            raise FormatError("the original copy is torn")

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def owe_package(reports: Reports, loop: asyncio.AbstractEventLoop, package: Package) -> None:
    """Have the web process write down what is about to be whole at its recipient. Blocks. Raises NotOwed."""
    telling = reports.tell({"kind": "package", **package._asdict()})
    try:
        asyncio.run_coroutine_threadsafe(telling, loop).result()
    except TimeoutError as error:
        raise NotOwed("the journal does not answer") from error


def derived_from(told: dict[str, Any], sha256: str, ticket: Ticket) -> bytes:
    """What the file says of where it comes from."""
    facts = {
        "derived": "masked",
        "camera": ticket.camera,
        "masks": ticket.masks,
        "originals": told["originals"],
        "original_copy_sha256": sha256,
        "entry": ticket.entry,
        "recipient": ticket.mark,
    }
    return json.dumps(facts, sort_keys=True).encode()


def mark_of(ticket: Ticket) -> str:
    """What stands in the pixels: who got it, when, and the number of the journal's entry."""
    at = datetime.fromtimestamp(ticket.signed_at, CHINA)
    return " · ".join(filter(None, (ticket.mark, f"{at:%Y-%m-%d %H:%M}", f"№{ticket.entry}")))


def key_of(ticket: Ticket) -> Key:
    span = ticket.start_90k, ticket.end_90k
    return ticket.masks, ticket.kind, ticket.camera, *span, ticket.exact, ticket.entry


def room_of(key: Key) -> str:
    return f"copy {' '.join(map(str, key))}"


def share(done_90k: int, ticket: Ticket) -> float:
    whole_90k = max(ticket.end_90k - ticket.start_90k, TICKS_PER_SECOND)
    return min(max((done_90k - ticket.start_90k) / whole_90k, 0.0), 1.0)


def remove(path: Path) -> None:
    """A folder of ours with its files, or a file; one that is gone is gone."""
    with suppress(OSError):
        for inner in path.iterdir() if path.is_dir() else ():
            inner.unlink()
        path.rmdir() if path.is_dir() else path.unlink()
