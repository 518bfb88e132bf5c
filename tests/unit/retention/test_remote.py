"""The media workers over real HTTP: asked as the control interface says, away when they say anything else."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from bingjian.clock import ticks_of
from bingjian.db.session import Database
from bingjian.inventory.errors import WorkerAway
from bingjian.inventory.models import Place
from bingjian.inventory.service import Cameras
from bingjian.inventory.workers import Worker, Workers
from bingjian.journal.append import Journal
from bingjian.retention.remote import WorkerStores
from bingjian.retention.removal import Signer
from bingjian.retention.service import Retention
from tests.backend import KEY, StillClock
from tests.unit.retention.conftest import ME
from tests.unit.retention.shelf import KeepingWorker, Shelf
from tests.unit.retention.times import at, set_to, wish
from tests.worker import CREDENTIAL

NOON = at("2026-01-01 12:00")
MINUTE = timedelta(minutes=1)


@pytest_asyncio.fixture
async def worker(shelf: Shelf) -> AsyncIterator[KeepingWorker]:
    spoken = KeepingWorker(shelf=shelf)
    await spoken.start()
    yield spoken
    await spoken.stop()


@pytest_asyncio.fixture
async def stores(worker: KeepingWorker, cameras: Cameras, clock: StillClock) -> AsyncIterator[WorkerStores]:
    one = Worker("media-0", worker.url, worker.url, CREDENTIAL)
    workers = Workers([one], cameras, clock, epoch=1, ticket_key=KEY, receipt_key=KEY, origins=[])
    yield WorkerStores(workers)
    await workers.close()


async def test_footage_between_two_instants(stores: WorkerStores, shelf: Shelf, camera: UUID) -> None:
    there = [shelf.put(camera, NOON + n * MINUTE, NOON + (n + 1) * MINUTE) for n in range(5)]
    place = Place(camera, "东门", None)
    assert await stores.footage(place, 0, NOON + 4 * MINUTE, 100) == there[:4]
    assert await stores.footage(place, 0, NOON + 4 * MINUTE, 2) == there[:2]
    after = ticks_of(NOON + MINUTE) + 1  # no whole microsecond: the worker may say one too many
    assert await stores.footage(place, after, NOON + 9 * MINUTE, 100) == there[2:]


async def test_removed_and_held_over_the_wire(
    database: Database,
    journal: Journal,
    cameras: Cameras,
    stores: WorkerStores,
    shelf: Shelf,
    clock: StillClock,
    camera: UUID,
) -> None:
    retention = Retention(database, journal, cameras, stores, Signer(KEY), clock)
    gone, held = (shelf.put(camera, NOON + n * MINUTE, NOON + (n + 1) * MINUTE) for n in range(2))
    hold = await retention.holds.set(wish(camera, NOON + MINUTE, NOON + 2 * MINUTE), ME)
    await retention.copying.round()
    assert (await retention.holds.get(hold.id)).copied_segments == 1
    set_to(clock, at("2026-02-01 00:00"))
    shelf.refuses = "volume away"
    await retention.removal.round()
    assert shelf.removed == {}
    shelf.refuses = ""
    await retention.removal.round()
    assert set(shelf.removed) == {gone.segment}
    assert shelf.there(camera) == [held]


@pytest.mark.parametrize("fault", ["away", "nonsense", "down"])
async def test_whatever_else_it_says_it_is_away(
    fault: str, worker: KeepingWorker, stores: WorkerStores, shelf: Shelf
) -> None:
    place = Place(uuid4(), "东门", "media-0")
    shelf.away, worker.nonsense = fault == "away", fault == "nonsense"
    if fault == "down":
        await worker.stop()
    with pytest.raises(WorkerAway):
        await stores.footage(place, 0, NOON, 1)
    with pytest.raises(WorkerAway):
        await stores.hold(place, uuid4(), NOON, NOON + MINUTE)
    with pytest.raises(WorkerAway):
        await stores.remove(place, [])
