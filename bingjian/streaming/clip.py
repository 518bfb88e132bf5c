"""Copies: an interval of a camera as one file, made while it is sent (``recording/extract.py``).

    /m/<ticket>/files.json        the files of the interval: usually one
    /m/<ticket>/<name>.mp4        the first of them; ``?file=2`` the second …; ``?save=1`` to save it

A ticket of kind *clip* gives fragmented MP4, of kind *download* plain MP4. Both are planned once and kept for
the ranges that follow; what is planned is never more than a few tables, whatever the interval. The name that
the path gives is the camera's; what the file is called says when it begins, in China's civil time and in UTC.
"""

import asyncio
import json
import re
import sqlite3
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from urllib.parse import quote
from uuid import UUID

from bingjian.clock import instant_of
from bingjian.recording.catalogue import CatalogueError
from bingjian.recording.extract import (
    CLIP_MAX_90K,
    DOWNLOAD_MAX_90K,
    Plan,
    TooManyFiles,
    clips,
    downloads,
    local_of,
    local_text,
    utc_text,
)
from bingjian.recording.key_frames import MAX_SPAN_90K, MAX_STEPS, KeyFrames, key_frames
from bingjian.recording.reader import ReadError
from bingjian.recording.volumes import Volumes
from bingjian.streaming.contents import PiecedContent
from bingjian.streaming.handover import HandOvers, NotOwed, Package, Wanted
from bingjian.streaming.http import Content, HttpProblem, Request, Response, json_response, ranged
from bingjian.streaming.ticket import Ticket

NAME_MAX = 80  # characters of a camera's name in a file name; file systems take 255 bytes
LATEST_90K = 1 << 62  # far beyond every calendar, and within a database's integer
KEPT_PLANS = 8  # one is 10 MB at most (six hours of 25 fps with sound)
THREADS = 1  # planning is Python's work, so another thread would only take the event loop's time
MP4 = "video/mp4"
UNSAFE = re.compile(r'[<>:"/\\|?*%]+')  # in a file name on any system, and in a path of ours

Key = tuple[str, str, int, int, bool, int]  # kind, camera, interval, whether it is exact, whose entry


class Clips:
    """Answers for all volumes of a worker. Lives on the event loop; disks are touched in a thread only."""

    def __init__(self, volumes: Volumes) -> None:
        self._volumes = volumes
        self._threads = ThreadPoolExecutor(THREADS, "copies")
        self._hand_overs = HandOvers(partial(owe_package, volumes))
        self._plans: OrderedDict[Key, asyncio.Future[list[Plan]]] = OrderedDict()

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    # --- For viewers

    async def answer(self, request: Request, ticket: Ticket, name: str) -> Response:
        """Whatever a ticket of kind clip or download opens. Raises HttpProblem."""
        require_interval(ticket)
        plans = await self._planned(ticket)
        if name == "files.json":
            return json_response({"files": [described(plan) for plan in plans]})
        stem, _, suffix = name.rpartition(".")
        number = _number(request.query.get("file", "1"))
        if suffix != "mp4" or not 1 <= number <= len(plans):
            raise HttpProblem(404, "no_such_file", f"this interval has {len(plans)} files")
        plan = plans[number - 1]
        saved = ticket.kind == "download" or "save" in request.query
        headers = (disposition(file_name(stem, plan), saved=saved), *_times(plan), _count(plans))
        content: Content = PiecedContent(plan.pieces)
        if not ticket.service:  # what one of our own processes fetches leaves there, if at all
            wanted = Wanted(ticket.camera, ticket.entry, number, plan.pieces)
            content = self._hand_overs.watched(content, wanted)
        return ranged(request, content, MP4, headers, plan.tag)

    async def _planned(self, ticket: Ticket) -> list[Plan]:
        """Requests that come while it is being planned wait for the same plan, also one that did not want to
        wait any longer and comes back.
        """
        camera, span = UUID(ticket.camera), (ticket.start_90k, ticket.end_90k)
        key = ticket.kind, ticket.camera, *span, ticket.exact, ticket.entry
        if key not in self._plans:
            form = clips if ticket.kind == "clip" else downloads
            how = partial(form, exact=ticket.exact, entry=ticket.entry)
            self._plans[key] = self._in_thread(lambda: how(self._volumes, camera, *span))
            if len(self._plans) > KEPT_PLANS:
                self._plans.popitem(last=False)
        self._plans.move_to_end(key)
        try:
            return await asyncio.shield(self._plans[key]) or _nothing()
        except (ReadError, HttpProblem, TooManyFiles) as error:
            self._plans.pop(key, None)  # the next one to ask may be luckier
            raise problem_of(error) from error

    def _in_thread(self, work: Callable[[], list[Plan]]) -> asyncio.Future[list[Plan]]:
        return asyncio.get_running_loop().run_in_executor(self._threads, work)

    # --- For the web process

    async def key_frames(self, camera: UUID, start_90k: int, end_90k: int, steps: int) -> Response:
        """One key frame for each step of an interval; the header says which is when. HttpProblem 404 if there
        is none.
        """
        if not (0 <= start_90k < end_90k <= start_90k + MAX_SPAN_90K and 1 <= steps <= MAX_STEPS):
            raise HttpProblem(400, "bad_interval", f"up to 31 days in 1 to {MAX_STEPS} steps")
        loop = asyncio.get_running_loop()
        try:
            found: KeyFrames = await loop.run_in_executor(
                self._threads, key_frames, self._volumes, camera, start_90k, end_90k, steps
            )
        except ReadError as error:
            raise problem_of(error) from error
        if not found.frames:
            raise problem_of(None)
        said = [[frame.at_90k, frame.clock_offset_ms, list(frame.steps)] for frame in found.frames]
        return Response(200, found.movies, MP4, (("X-Key-Frames", json.dumps(said)),))


def owe_package(volumes: Volumes, package: Package) -> None:
    """Any volume of this worker tells the journal. Blocks. Raises NotOwed."""
    body = {"kind": "copy.package", **package._asdict()}
    for volume in volumes:
        try:
            catalogue = volume.own_catalogue()
        except (OSError, sqlite3.Error, CatalogueError):
            continue
        try:
            with catalogue.transaction():
                catalogue.owe(f"package:{package.entry}:{package.file}", body)
            return
        except (OSError, sqlite3.Error, CatalogueError):
            continue
        finally:
            catalogue.close()
    raise NotOwed("no volume can be written to")


def require_interval(ticket: Ticket) -> None:
    """HttpProblem 400 if the interval is none, or longer than its form allows."""
    longest = CLIP_MAX_90K if ticket.kind == "clip" else DOWNLOAD_MAX_90K
    if not 0 <= ticket.start_90k < ticket.end_90k <= min(ticket.start_90k + longest, LATEST_90K):
        raise HttpProblem(400, "bad_interval", "the interval of this ticket is none, or too long")


def problem_of(error: Exception | None) -> HttpProblem:
    """Reading faults become 404: what cannot be read is not there for a viewer."""
    if isinstance(error, HttpProblem):
        return error
    if isinstance(error, TooManyFiles):
        return HttpProblem(422, "too_many_files", str(error))
    if error is not None:
        return HttpProblem(404, "unreadable", "the stored footage cannot be read")
    return HttpProblem(404, "nothing_recorded", "nothing is recorded there")


def _nothing() -> list[Plan]:
    raise problem_of(None)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


# --- What a file says of itself -------------------------------------------------------------------


def described(plan: Plan) -> dict[str, object]:
    """One file of the list."""
    return {
        "start": utc_text(plan.origin.start_90k),
        "start_local": local_text(plan.origin.start_90k),
        "end": utc_text(plan.end_90k),
        "end_local": local_text(plan.end_90k),
        "clock_offset_ms": plan.origin.clock_offset_ms,
        "size_bytes": plan.size_bytes,
        "mime": plan.mime,
        "originals": [
            {"segment": str(one.segment), "root": (one.root or b"").hex()} for one in plan.originals
        ],
    }


def _times(plan: Plan) -> tuple[tuple[str, str], ...]:
    """When it begins, and how far the camera's clock was off."""
    return (
        ("X-Start", utc_text(plan.origin.start_90k)),
        ("X-Start-Local", local_text(plan.origin.start_90k)),
        ("X-Camera-Clock-Offset-Ms", str(plan.origin.clock_offset_ms)),
    )


def _count(plans: list[Plan]) -> tuple[str, str]:
    return ("X-Files", str(len(plans)))


def safe_name(text: str) -> str:
    """A camera's name as part of a path and of a file name."""
    printable = "".join(one if one.isprintable() else "_" for one in text)
    return UNSAFE.sub("_", printable).strip(" .")[:NAME_MAX].rstrip(" .") or "camera"


def file_name(camera: str, plan: Plan) -> str:
    """``East gate 2026-11-26 18.30.00+0800 (103000Z).mp4``: to the second, rounded down."""
    utc, local = instant_of(plan.origin.start_90k), local_of(plan.origin.start_90k)
    return f"{safe_name(camera)} {local:%Y-%m-%d %H.%M.%S%z} ({utc:%H%M%S}Z).mp4"


def disposition(name: str, *, saved: bool) -> tuple[str, str]:
    """Content-Disposition with the name for old programs and for all others (RFC 6266, RFC 8187).

    A browser saves what is an attachment and plays what is inline.
    """
    plain = "".join(one if one.isascii() else "_" for one in name)
    way = "attachment" if saved else "inline"
    return ("Content-Disposition", f"{way}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}")
