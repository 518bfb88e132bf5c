"""The removal job against a real media worker and its real disk: a second before the term ends nothing goes,
at its end what no mark keeps goes, with its receipt in the journal first."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest_asyncio

from bingjian.clock import instant_of
from bingjian.db.session import Database
from bingjian.inventory.service import Cameras
from bingjian.inventory.workers import Worker, Workers
from bingjian.journal.append import Journal
from bingjian.recording.recorder import Recorder
from bingjian.recording.volume import Volume
from bingjian.recording.volumes import Volumes
from bingjian.retention.remote import WorkerStores
from bingjian.retention.removal import Signer
from bingjian.retention.service import Retention
from tests.backend import KEY, StillClock
from tests.unit.processes.media_worker import CREDENTIAL, worker_at
from tests.unit.recording.footage import GIB, seconds, video, video_config
from tests.unit.retention.conftest import (  # noqa: F401  # pytest finds fixtures by name
    ME,
    YOU,
    camera,
    cameras,
    clock,
    database,
    empty_url,
    journal,
    postgres,
)
from tests.unit.retention.times import at, set_to, wish

END_OF_TERM = at("2026-10-22 00:00")  # footage of 2026-09-21, thirty days


@pytest_asyncio.fixture
async def volume(tmp_path: Path, camera: UUID) -> Path:  # noqa: F811
    """Three closed segments of the camera, four seconds each."""
    volume = Volume.create(tmp_path / "volume", size_bytes=GIB, reserve_bytes=0)
    one = Recorder(Volumes([volume]), camera, worker="w", epoch=1, clock=volume.clock)
    for number in range(3):
        one.set_tracks((video_config(wide=16 + number),))
        one.write(video(4 * number, 4))
    await one.close()
    volume.close()
    return tmp_path / "volume"


@pytest_asyncio.fixture
async def retention(
    volume: Path,
    cameras: Cameras,  # noqa: F811
    database: Database,  # noqa: F811
    journal: Journal,  # noqa: F811
    clock: StillClock,  # noqa: F811
) -> AsyncIterator[Retention]:
    """Over a running worker that knows whose receipts to believe."""
    signer = Signer(KEY)
    async with worker_at(volume, holds_path=str(volume.parent / "holds")) as running:
        address = f"http://127.0.0.1:{running.port}"
        workers = Workers(
            [Worker("media-0", address, address, CREDENTIAL)],
            cameras,
            clock,
            epoch=1,
            ticket_key=KEY,
            origins=[],
            receipt_key=signer.public_key,
        )
        await workers.assign_all()
        yield Retention(database, journal, cameras, WorkerStores(workers), signer, clock)
        await workers.close()
        assert await running.terminate() == 0


def stored(volume: Path) -> int:
    return len(list(volume.rglob("*.mp4")))


async def test_R28_1_footage_goes_at_the_end_of_its_term_and_what_is_marked_stays(
    retention: Retention,
    volume: Path,
    camera: UUID,  # noqa: F811
    clock: StillClock,  # noqa: F811
    journal: Journal,  # noqa: F811
) -> None:
    set_to(clock, END_OF_TERM - timedelta(seconds=1))
    await retention.removal.round()
    assert stored(volume) == 3
    second = instant_of(seconds(5)), instant_of(seconds(6))
    mark = await retention.marks.set(wish(camera, *second), ME)
    set_to(clock, END_OF_TERM)
    await retention.removal.round()
    assert stored(volume) == 1
    receipts = [one.entry for one in await journal.read(50) if one.kind == "footage.removed"]
    assert {one["rule"] for one in receipts} == {"R28.1"}
    assert len(receipts) == 2
    await retention.marks.release(mark.id, "case closed", ME)
    await retention.marks.release(mark.id, "case closed", YOU)
    await retention.removal.round()
    assert stored(volume) == 0


async def test_R27_5_a_hold_keeps_and_copies_what_has_expired(
    retention: Retention,
    volume: Path,
    camera: UUID,  # noqa: F811
    clock: StillClock,  # noqa: F811
) -> None:
    set_to(clock, END_OF_TERM)
    hold = await retention.holds.set(wish(camera, instant_of(seconds(1)), instant_of(seconds(2))), ME)
    await retention.copying.round()
    await retention.removal.round()
    assert stored(volume) == 1
    copied = await retention.holds.get(hold.id)
    assert (copied.copied_segments, copied.missing) == (1, [])
    assert len(list((volume.parent / "holds" / str(hold.id)).glob("*.mp4"))) == 1
