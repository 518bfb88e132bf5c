"""The back end's fixtures, a shelf of footage, and the part over both."""

from uuid import UUID

import pytest
import pytest_asyncio

from bingjian.db.session import Database
from bingjian.inventory.models import CameraWish
from bingjian.inventory.service import Cameras
from bingjian.journal.append import Journal
from bingjian.retention.models import Person
from bingjian.retention.removal import Signer
from bingjian.retention.service import Retention
from tests.backend import (  # noqa: F401  # pytest finds fixtures by name
    KEY,
    StillClock,
    cameras,
    clock,
    database,
    empty_url,
    endings,
    hasher,
    journal,
    people,
    postgres,
    sessions,
)
from tests.unit.retention.shelf import Shelf

ME, YOU = Person(UUID(int=7), "王"), Person(UUID(int=8), "李")


@pytest.fixture
def shelf(journal: Journal) -> Shelf:  # noqa: F811
    return Shelf(Signer(KEY).public_key, journal)


@pytest.fixture
def retention(
    database: Database,  # noqa: F811
    journal: Journal,  # noqa: F811
    cameras: Cameras,  # noqa: F811
    shelf: Shelf,
    clock: StillClock,  # noqa: F811
) -> Retention:
    return Retention(database, journal, cameras, shelf, Signer(KEY), clock)


@pytest_asyncio.fixture
async def camera(cameras: Cameras) -> UUID:  # noqa: F811
    return (await cameras.add(CameraWish("东门", "rtsp://192.0.2.1/"), ME.id)).id
