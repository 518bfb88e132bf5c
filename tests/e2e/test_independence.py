"""Recording depends on nothing above it: the web process hangs, or its database is locked, and pictures are
kept all the same; what the journal is owed reaches it afterwards, once.

For a quarter of a minute each; with ``--soak`` for three minutes.
"""

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
import pytest

from bingjian.recording import reader
from bingjian.recording.volume import Volume
from tests.e2e.conftest import Demo, Start, Visit
from tests.e2e.test_first_picture import wait_until_recorded

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

SHORT_S, LONG_S = 16.0, 180.0
DROPPED_S = 13.0  # a segment that gets nothing for ten seconds is closed
FRESH_S = 5.0  # so old is at most what was stored last
PATIENCE_S = 60.0


@contextmanager
def hanging_web(demo: Demo) -> Iterator[None]:
    """The web process stands still, as on a machine that swaps."""
    running = psutil.process_iter(["cmdline"])
    ours = [one for one in running if str(demo.control) in (one.info["cmdline"] or [])]
    (web,) = [
        child for one in ours for child in one.children() if "bingjian.processes.web" in child.cmdline()
    ]
    web.suspend()
    try:
        yield
    finally:
        web.resume()


@contextmanager
def locked_database(demo: Demo) -> Iterator[None]:
    """Another program holds the platform database."""
    database = sqlite3.connect(state(demo) / "bingjian.sqlite3", isolation_level=None)
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        database.execute("ROLLBACK")
        database.close()


def state(demo: Demo) -> Path:
    return demo.control.parent / "state"


def stored_until_s(demo: Demo, camera: str) -> float:
    """Where the camera's newest stored picture ends, by its files alone."""
    volume = Volume.open(state(demo) / "volume", read_only=True)
    now_90k = int(time.time() * 90_000)
    found = reader.segments([volume], UUID(camera), now_90k - 600 * 90_000, now_90k)
    volume.close()
    return max(one.end_90k for one in found) / 90_000


def journalled(demo: Demo, kind: str, camera: str, since: str) -> list[dict[str, Any]]:
    """Entries of the camera that end after an instant, from the file itself."""
    lines = (state(demo) / "journal" / "records.jsonl").read_text().splitlines()
    records = (json.loads(line)["record"] for line in lines)
    entries = [one["entry"] for one in records if one["kind"] == kind]
    return [one for one in entries if one["camera"] == camera and one["end"] > since]


def wait_for(visit: Visit, told: Callable[[], list[Any]]) -> list[Any]:
    for _ in range(int(PATIENCE_S)):
        if found := told():
            return found
        visit.page.wait_for_timeout(1000)
    raise AssertionError("nothing came")


@pytest.mark.parametrize("trouble", [hanging_web, locked_database])
def test_recording_goes_on_and_what_it_owes_is_delivered_later(
    start: Start,
    demo: Demo,
    trouble: Callable[[Demo], AbstractContextManager[None]],
    pytestconfig: pytest.Config,
) -> None:
    visit = start()
    cameras = {name: visit.camera(name) for name in ("cam01", "cam06")}
    for camera in cameras.values():
        wait_until_recorded(visit, camera, 6)
    began = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
    with trouble(demo):
        until = time.monotonic() + (LONG_S if pytestconfig.getoption("--soak") else SHORT_S)
        demo.fault("cam06", "drop", DROPPED_S)
        while time.monotonic() < until:
            time.sleep(2)
            assert time.time() - stored_until_s(demo, cameras["cam01"]) < FRESH_S
    (gap, *_) = wait_for(visit, lambda: journalled(demo, "gap.ended", cameras["cam06"], began))
    assert gap["cause"] in ("disconnected", "no_packets")
    closed = wait_for(visit, lambda: journalled(demo, "segment.closed", cameras["cam06"], began))
    assert len({one["segment"] for one in closed}) == len(closed), "each once"
    wait_until_recorded(visit, cameras["cam06"], 6)
