"""What volumes owe reaches the journal, and is forgotten only then."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from bingjian.inventory.deliveries import Deliveries, entry_of
from bingjian.inventory.service import Cameras
from bingjian.inventory.workers import Worker, Workers
from bingjian.journal.append import Journal
from bingjian.journal.errors import JournalUnavailable
from tests.backend import KEY, StillClock
from tests.worker import CREDENTIAL, SpokenWorker

VOLUME, CAMERA, SEGMENT = (str(UUID(int=number)) for number in (1, 2, 3))
START_90K = 1_767_240_000 * 90_000
BODIES: list[dict[str, Any]] = [
    {
        "kind": "segment.closed",
        "camera": CAMERA,
        "segment": SEGMENT,
        "start_90k": START_90K,
        "end_90k": START_90K + 90_000,
        "root": "00" * 32,
        "size_bytes": 7,
    },
    {
        "kind": "gap.ended",
        "camera": CAMERA,
        "start_90k": START_90K,
        "end_90k": START_90K + 45_000,
        "cause": "disconnected",
    },
    {
        "kind": "segment.recovered",
        "camera": CAMERA,
        "segment": SEGMENT,
        "start_90k": START_90K,
        "end_90k": START_90K + 45_000,
        "device": "34020000001110000001",
        "channel": "34020000001310000001",
        "fetched_90k": START_90K + 90_000,
    },
    {"kind": "segment.removed", "camera": CAMERA, "segment": SEGMENT},
    {
        "kind": "finding.made",
        "finding": "altered",
        "camera": CAMERA,
        "segment": SEGMENT,
        "start_90k": START_90K,
        "end_90k": START_90K + 1,
        "detail": "one byte",
    },
    {"kind": "of a later version"},
]


@pytest_asyncio.fixture
async def worker() -> AsyncIterator[SpokenWorker]:
    spoken = SpokenWorker(owed=[{"seq": n + 1, "key": str(n), "body": body} for n, body in enumerate(BODIES)])
    await spoken.start()
    yield spoken
    await spoken.stop()


@pytest_asyncio.fixture
async def workers(worker: SpokenWorker, cameras: Cameras, clock: StillClock) -> AsyncIterator[Workers]:
    known = Workers(
        [Worker("media-0", worker.url, "", CREDENTIAL)],
        cameras,
        clock,
        epoch=1,
        ticket_key=KEY,
        origins=[],
        receipt_key=bytes(32),
    )
    await known.look()
    yield known
    await known.close()


async def test_everything_owed_is_written_down_and_then_forgotten(
    workers: Workers, worker: SpokenWorker, journal: Journal
) -> None:
    await Deliveries(workers, journal).round()
    told = {record.kind: record.entry for record in await journal.read(20)}
    assert set(told) == {
        *("segment.closed", "gap.ended", "segment.recovered"),
        *("segment.unlinked", "finding.made"),
    }
    recovered = told["segment.recovered"]
    assert (recovered["device_id"], recovered["channel_id"]) == (
        "34020000001110000001",
        "34020000001310000001",
    )
    assert (recovered["end"], recovered["fetched"]) == (
        "2026-01-01T04:00:00.500000Z",
        "2026-01-01T04:00:01.000000Z",
    )
    assert told["gap.ended"] == {
        "actor": worker.volume,
        "camera": CAMERA,
        "start": "2026-01-01T04:00:00.000000Z",
        "end": "2026-01-01T04:00:00.500000Z",
        "cause": "disconnected",
    }
    assert told["segment.closed"]["root"] == "00" * 32
    assert told["finding.made"]["finding"] == "altered"
    assert worker.owed == []


async def test_what_the_journal_does_not_take_stays_owed(
    workers: Workers, worker: SpokenWorker, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(_entry: object) -> None:
        raise JournalUnavailable("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(journal, "append", full)
        await Deliveries(workers, journal).round()
    assert len(worker.owed) == len(BODIES)
    await Deliveries(workers, journal).round()
    assert worker.owed == []


async def test_a_worker_that_is_away_is_asked_again_later(
    workers: Workers, worker: SpokenWorker, journal: Journal
) -> None:
    await worker.stop()
    await Deliveries(workers, journal).round()
    assert journal.length == 0


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": 5},
        {"kind": "gap.ended"},
        {**BODIES[0], "start_90k": "x"},
        {**BODIES[0], "end_90k": 1 << 70},
    ],
)
def test_nonsense_of_a_damaged_volume_is_passed_over(body: dict[str, Any]) -> None:
    assert entry_of(UUID(VOLUME), body) is None
