"""Seek: how long a store of hundreds of cameras and months takes to say what it holds.

The catalogue has every segment of 300 cameras for 90 days, one gap a day each; four cameras have files for
the last three days (real H.264, 160×96). All instants are random.

- *Which bytes hold this instant*: each time by a fresh process, from opening the volume to file, offset and
  length; once more with catalogue and files taken out of the page cache before (*uncached*). Interpreter and
  imports do not count. A worker has the volume open, as always where footage is recorded: a catalogue that
  nobody else has open costs SQLite the making of a file first.
- *First byte*: what a player does after it got its ticket, at a real worker over HTTP: playlist (25 minutes,
  as the page asks for), init segment, then the range that holds the instant, to its first byte. The page
  cache holds nothing of the store when the series begins.
- *Timeline of a camera-month, completeness of all cameras for a day*: at the worker over HTTP, the catalogue
  in the page cache; once more with nothing there (*cold*); and the timeline in the reader alone.

The peer is what one does without an index: find the five-minute file by its name, and have ``ffmpeg -ss``
cut from there, to the first byte on its pipe. Its start is part of that; what the start alone takes stands
beside it. There is no peer for the rest: a table with a row for every fragment would need 2.3 billion rows.
"""

import argparse
import asyncio
import http.client
import json
import re
import subprocess
import sys
import tempfile
import time
from bisect import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from bench.record import ffmpeg_version
from bench.report import Result, median, percentile
from bench.seek_store import DAY_90K, END_90K, Plan, built
from bench.store import forget_cached
from bench.worker import Worker, running_worker
from bingjian.clock import TICKS_PER_SECOND, instant_of, ticks_of
from bingjian.recording import presence
from bingjian.recording.volume import CATALOGUE_FILE, Volume
from bingjian.streaming.ticket import OPEN_SECONDS, Ticket, sign

BEFORE_90K, AFTER_90K = 300 * TICKS_PER_SECOND, 1200 * TICKS_PER_SECOND  # as web/src/player/playback.ts
MONTH_DAYS = 30
EACH = 5  # what takes long is asked so many times less often
OUTAGE_MS = 2000
SERVER_CORE = 0
EDGE_90K = AFTER_90K  # instants keep this far from both ends, so that every playlist is whole

T = TypeVar("T")


class Moment(NamedTuple):
    camera: UUID
    at_90k: int


class Times:
    """How long each of a series took."""

    def __init__(self) -> None:
        self.milliseconds: list[float] = []

    def take(self, work: Callable[[], T]) -> T:
        began = time.perf_counter_ns()
        done = work()
        self.milliseconds.append((time.perf_counter_ns() - began) / 1e6)
        return done

    def at(self, percent: float) -> float:
        return percentile(self.milliseconds, percent)


async def run(plan: Plan, samples: int, *, rebuild: bool) -> Result:
    seconds = built(plan, rebuild=rebuild)
    random = Random("instants of bench seek")
    with tempfile.TemporaryDirectory(prefix="bingjian-bench-") as work:
        async with running_worker(plan.path, core=SERVER_CORE, log=Path(work) / "worker.log") as worker:
            await worker.assign([])
            cold = await asyncio.to_thread(cold_processes, plan, random, samples)
            over_http = await asyncio.to_thread(served, worker, plan, random, samples)
    ours = {**cold, **over_http, **alone(plan, random, samples)}
    theirs = peer(plan, random, max(samples // EACH, 1))
    return Result(
        bench="seek",
        params={
            "cameras": plan.cameras,
            "days": plan.days,
            "segments": plan.cameras * plan.days * 288,
            "cameras_with_files": plan.filed_cameras,
            "days_with_files": plan.filed_days,
            "samples": samples,
            **sizes(plan),
            "built_s": seconds,
        },
        bingjian=ours,
        peer=theirs,
        ratios={"first_byte_vs_ffmpeg": theirs["first_byte_ms_p95"] / ours["first_byte_ms_p95"]},
    )


def sizes(plan: Plan) -> dict[str, Any]:
    catalogue = (plan.path / CATALOGUE_FILE).stat().st_size
    files = [file.stat().st_size for file in plan.path.rglob("*.*") if file.suffix in (".mp4", ".idx")]
    return {"catalogue_mb": catalogue / 1e6, "files": len(files), "files_mb": sum(files) / 1e6}


def moment_with_file(plan: Plan, random: Random) -> Moment:
    first_90k, last_90k = plan.filed_from_90k + EDGE_90K, END_90K - EDGE_90K
    return Moment(random.choice(plan.filed), random.randrange(first_90k, last_90k))


def forget(plan: Plan) -> None:
    """Nothing of the store is in memory afterwards, but names and attributes of files."""
    forget_cached([*plan.path.glob(f"{CATALOGUE_FILE}*"), *plan.path.glob("cameras/*/*/*")])


# --- A fresh process ------------------------------------------------------------------------------


def cold_processes(plan: Plan, random: Random, samples: int) -> dict[str, Any]:
    """Each answer from a process of its own; also with everything it needs out of the page cache."""
    figures: dict[str, Any] = {}
    for name, more in (("bytes_for_instant", ()), ("bytes_for_instant_uncached", ("uncached",))):
        answers = [ask_cold(plan, moment_with_file(plan, random), *more) for _ in range(samples)]
        found = [answer["ns"] / 1e6 for answer in answers]
        figures |= {f"{name}_ms_p99": percentile(found, 99), f"{name}_ms_p50": percentile(found, 50)}
    return figures


def ask_cold(plan: Plan, moment: Moment, *more: str) -> dict[str, Any]:
    words = [str(plan.path), str(moment.camera), str(moment.at_90k), *more]
    command = [sys.executable, "-m", "bench.seek_cold", *words]
    root = Path(__file__).resolve().parent.parent
    told = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=root).stdout
    return dict(json.loads(told))


# --- Over HTTP ------------------------------------------------------------------------------------


def served(worker: Worker, plan: Plan, random: Random, samples: int) -> dict[str, Any]:
    web = Web(worker)
    forget(plan)
    first_byte = Times()
    for number in range(samples):
        moment = moment_with_file(plan, random)
        place = ticket_path(worker, moment, number)
        first_byte.take(partial(web.play, place, moment.at_90k)).read()
    asked = Asked(plan, random, web)
    cold = asked.months_and_days(max(samples // EACH, 1), before_each=lambda: forget(plan))
    (plan.path / CATALOGUE_FILE).read_bytes()
    warm = asked.months_and_days(samples)
    return {
        "first_byte_ms_p95": first_byte.at(95),
        "first_byte_ms_p50": first_byte.at(50),
        "month_timeline_ms_p95": warm.months.at(95),
        "month_timeline_ms_p50": warm.months.at(50),
        "month_timeline_cold_ms_p50": cold.months.at(50),
        "completeness_ms": warm.days.at(50),
        "completeness_ms_p95": warm.days.at(95),
        "completeness_cold_ms": cold.days.at(50),
    }


class MonthsAndDays(NamedTuple):
    """How long the timelines of months and the sums of days took."""

    months: Times
    days: Times


@dataclass(frozen=True, slots=True)
class Asked:
    """What the web process asks a worker for its pages."""

    plan: Plan
    random: Random
    web: "Web"

    def months_and_days(
        self, samples: int, before_each: Callable[[], object] = lambda: None
    ) -> MonthsAndDays:
        took = MonthsAndDays(Times(), Times())
        for _ in range(samples):
            before_each()
            took.months.take(self.timeline_of_a_month)
        for _ in range(max(samples // EACH, 1)):
            before_each()
            took.days.take(self.completeness_of_a_day)
        return took

    def timeline_of_a_month(self) -> None:
        camera, start_90k, end_90k = month_of(self.plan, self.random)
        told = self.web.told(f"/control/cameras/{camera}/timeline", start_90k, end_90k)
        assert {span["kind"] for span in told["spans"]} == {"present", "missing"}

    def completeness_of_a_day(self) -> None:
        """Of all cameras."""
        start_90k = self.plan.start_90k + self.random.randrange(self.plan.days) * DAY_90K
        more = {"cameras": "all", "outage_ms": str(OUTAGE_MS)}
        told = self.web.told("/control/completeness", start_90k, start_90k + DAY_90K, **more)["cameras"]
        assert len(told) == self.plan.cameras
        assert all(one["missing"] for one in told.values())


def month_of(plan: Plan, random: Random) -> tuple[UUID, int, int]:
    """Any camera, any start."""
    length_90k = min(MONTH_DAYS, plan.days) * DAY_90K
    start_90k = random.randint(plan.start_90k, END_90K - length_90k)
    return random.choice(plan.camera_ids), start_90k, start_90k + length_90k


class Web:
    """A client that costs as little as one can in Python, with one connection."""

    def __init__(self, worker: Worker) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", worker.port, timeout=30)
        self._authorization = {"Authorization": f"Bearer {worker.credential}"}

    def get(self, path: str, headers: dict[str, str], status: int = 200) -> http.client.HTTPResponse:
        self._connection.request("GET", path, headers=headers)
        answer = self._connection.getresponse()
        assert answer.status == status, (answer.status, answer.read())
        return answer

    def told(self, path: str, start_90k: int, end_90k: int, **more: str) -> dict[str, Any]:
        interval = {"start": instant_of(start_90k).isoformat(), "end": instant_of(end_90k).isoformat()}
        answer = self.get(f"{path}?{urlencode({**interval, **more})}", self._authorization)
        return dict(json.loads(answer.read()))

    def play(self, place: str, at_90k: int) -> http.client.HTTPResponse:
        """Playlist, init segment, first byte of the line that holds the instant; the rest is to be read."""
        init, line = chosen(self.get(f"{place}/index.m3u8", {}).read().decode(), at_90k)
        assert self.get(f"{place}/{init}", {}).read()[4:8] == b"ftyp"
        answer = self.get(f"{place}/{line.name}", {"Range": f"bytes={line.first}-{line.last}"}, 206)
        assert len(answer.read(1)) == 1
        return answer


class Line(NamedTuple):
    name: str
    first: int  # byte
    last: int


LINE = re.compile(r"#EXTINF:([\d.]+),\n#EXT-X-BYTERANGE:(\d+)@(\d+)\n(\S+)")


def chosen(playlist: str, at_90k: int) -> tuple[str, Line]:
    """Init segment, and the line that holds the instant or is the next after it."""
    init = playlist.partition('URI="')[2].partition('"')[0]
    end_s = 0.0
    for part in re.split(r"(?=#EXT-X-PROGRAM-DATE-TIME:)", playlist)[1:]:
        stated = part.partition("\n")[0].partition(":")[2]
        end_s = datetime.fromisoformat(stated).timestamp()
        for seconds, length, offset, name in LINE.findall(part):
            end_s += float(seconds)
            if end_s * TICKS_PER_SECOND > at_90k:
                return init, Line(name, int(offset), int(offset) + int(length) - 1)
    raise ValueError("the playlist ends before the instant")


def ticket_path(worker: Worker, moment: Moment, number: int) -> str:
    """As the door would sign it for the page."""
    now = int(time.time())
    interval = moment.at_90k - BEFORE_90K, moment.at_90k + AFTER_90K
    opens, expires = now + OPEN_SECONDS, now + 3600
    ticket = Ticket("playback", str(moment.camera), "main", *interval, "viewer", number, opens, expires)
    return f"/m/{sign(ticket, worker.ticket_key)}"


# --- The reader alone -----------------------------------------------------------------------------


def alone(plan: Plan, random: Random, samples: int) -> dict[str, Any]:
    """Without HTTP and without another process."""
    volume = Volume.open(plan.path, read_only=True)
    times = Times()
    for _ in range(samples):
        times.take(partial(presence.spans, [volume], *month_of(plan, random)))
    volume.close()
    return {"month_timeline_reader_ms_p95": times.at(95)}


# --- The peer -------------------------------------------------------------------------------------


def peer(plan: Plan, random: Random, samples: int) -> dict[str, Any]:
    first_byte, start = Times(), Times()
    for _ in range(samples):
        forget(plan)
        moment = moment_with_file(plan, random)
        first_byte.take(partial(cut_with_ffmpeg, plan.path, moment))
        start.take(lambda: subprocess.run(["ffmpeg", "-version"], stdout=subprocess.DEVNULL, check=True))
    return {
        "name": ffmpeg_version(),
        "first_byte_ms_p95": first_byte.at(95),
        "first_byte_ms_p50": first_byte.at(50),
        "start_alone_ms": median(start.milliseconds),
    }


def cut_with_ffmpeg(root: Path, moment: Moment) -> None:
    """The file whose name says it began last before the instant; four seconds of it as fragmented MP4."""
    day = root / "cameras" / str(moment.camera) / f"{instant_of(moment.at_90k):%Y-%m-%d}"
    names = sorted(file.name for file in day.glob("*.mp4"))
    name = names[max(0, bisect(names, f"{instant_of(moment.at_90k):%Y%m%dT%H%M%S}.999Z~") - 1)]
    began_90k = ticks_of(datetime.strptime(name.partition("_")[0], "%Y%m%dT%H%M%S.%f%z"))
    skip_s = max(0, moment.at_90k - began_90k) / TICKS_PER_SECOND
    where = ["-ss", f"{skip_s:.3f}", "-i", str(day / name), "-t", "4"]
    form = ["-c", "copy", "-movflags", "frag_keyframe+empty_moov+default_base_moof", "-f", "mp4", "pipe:1"]
    command = ["ffmpeg", "-nostdin", "-loglevel", "fatal", *where, *form]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.read(1)
    process.stdout.close()
    process.wait(20)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="bench seek", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cameras", type=int, default=300)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--filed-cameras", type=int, default=4, help="cameras that have files")
    parser.add_argument("--filed-days", type=int, default=3, help="days for which they have them")
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--rebuild", action="store_true", help="make the store anew")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    options = parser.parse_args(arguments)
    plan = Plan(options.cameras, options.days, options.filed_cameras, options.filed_days)
    asyncio.run(run(plan, options.samples, rebuild=options.rebuild)).show(as_json=options.json)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
