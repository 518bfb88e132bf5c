"""The demo's small city: as it is promised, the same every time, and a platform starts on it."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import func, select

from bingjian.access.door import Door
from bingjian.access.first import FirstAdministrator
from bingjian.access.guard import Guard
from bingjian.access.known_devices import KnownDevices
from bingjian.access.masking import Masking
from bingjian.access.passwords import Hasher
from bingjian.access.second_factor import Factors
from bingjian.access.service import People
from bingjian.access.sessions import Sessions
from bingjian.api.parts import Parts
from bingjian.api.platform import Platform
from bingjian.clock import SystemClock
from bingjian.db.session import Database
from bingjian.duties.models import DutyRow
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.inventory.gb28181.service import Gb28181
from bingjian.inventory.place_rows import PlaceRow
from bingjian.inventory.service import Cameras
from bingjian.inventory.vault import Vault
from bingjian.inventory.workers import Workers
from bingjian.journal.append import Journal
from bingjian.journal.verify import verify
from bingjian.procedures.models import RecordRow
from bingjian.retention.remote import WorkerStores
from bingjian.retention.removal import Signer
from bingjian.retention.service import Retention
from bingjian.rules.library import law
from bingjian.settings import Settings, VolumeSettings
from bingjian.simulate.city import sheet
from bingjian.simulate.city.care import SLIPPED
from bingjian.simulate.city.people import ACCOUNTS
from bingjian.simulate.city.story import Built, build, is_fresh
from tests.backend import KEY
from tests.unit.api.conftest import ORIGIN, decode, look, room, served, tile

STREAMS = ["cam01 East gate", "cam02 Market", "cam03 Bridge", "cam04 School road"]


class Made:
    """A city in a directory, and what is in its tables."""

    def __init__(self, settings: Settings, built: Built) -> None:
        self.settings, self.built = settings, built
        self.database = Database(settings.effective_database_url)

    async def rows(self, query: Any) -> list[Any]:
        async with self.database.read() as session:
            return list(await session.execute(query))

    async def told(self) -> tuple[Counter[Any], Counter[Any]]:
        """Records by kind, title and state; cameras by name, state and place."""
        records = await self.rows(select(RecordRow.kind, RecordRow.title, RecordRow.state))
        columns = (CameraFileRow.name, CameraFileRow.state, CameraFileRow.longitude, CameraFileRow.latitude)
        return Counter(map(tuple, records)), Counter(map(tuple, await self.rows(select(*columns))))


async def made(folder: Path) -> Made:
    volumes = [VolumeSettings(path=folder / "volume", size_bytes=1 << 30)]
    settings = Settings(state_dir=folder, volumes=volumes, port=0)
    assert is_fresh(settings)
    return Made(settings, await build(settings, STREAMS))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def city(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Made]:
    found = await made(tmp_path_factory.mktemp("city"))
    yield found
    await found.database.close()


@pytest.mark.asyncio(loop_scope="module")
async def test_it_has_a_system_and_cameras_in_every_state_of_life(city: Made) -> None:
    states = set(law().codes("life_state"))
    systems = await city.rows(select(RecordRow.state).where(RecordRow.kind == "system"))
    assert {state for (state,) in systems} == states
    assert len(systems) == len(sheet.SYSTEMS) == 30
    cameras = Counter(state for (state,) in await city.rows(select(CameraFileRow.state)))
    assert cameras.keys() == states
    assert cameras.total() == sheet.CAMERAS == 200


@pytest.mark.asyncio(loop_scope="module")
async def test_it_has_forty_places_of_all_categories(city: Made) -> None:
    rows = await city.rows(select(PlaceRow.categories_text))
    assert len(rows) == len(sheet.SITES) + 1  # and one with secrets
    found = {code for (text,) in rows for code in text.strip("|").split("|")}
    assert found >= law().codes("key_place_category").keys()


@pytest.mark.asyncio(loop_scope="module")
async def test_its_streams_serve_in_an_accepted_system(city: Made) -> None:
    query = select(CameraFileRow.state, RecordRow.state).join(RecordRow, RecordRow.id == CameraFileRow.system)
    rows = await city.rows(query.where(CameraFileRow.name.in_(STREAMS)))
    assert [tuple(row) for row in rows] == [("in_service", "in_service")] * len(STREAMS)


@pytest.mark.asyncio(loop_scope="module")
async def test_duties_are_open_met_late_and_overdue(city: Made) -> None:
    now = datetime.now(UTC)
    async with city.database.read() as session:
        duties = [(row.code, row.state(now)) for row in await session.scalars(select(DutyRow))]
    assert {("N14", "met"), ("N14", "met_late"), ("N14", "overdue"), ("R5.2", "overdue")} <= set(duties)


@pytest.mark.asyncio(loop_scope="module")
async def test_private_places_were_checked_today_but_two_and_these_say_why(city: Made) -> None:
    now = datetime.now(UTC)
    async with city.database.read() as session:
        duties = list(await session.scalars(select(DutyRow).where(DutyRow.code == "N8.2")))
        records = list(await session.scalars(select(RecordRow).where(RecordRow.kind == "daily_check")))
    late = {row.title for row in duties if row.state(now) == "overdue"}
    assert late == set(SLIPPED)
    assert len([row for row in duties if row.state(now) == "open"]) == len(records) - len(late)
    notes = {row.title: json.loads(row.data_json)["note"] for row in records}
    assert {notes[f"{name}每日检查"] for name in late} == {why for _, why in SLIPPED.values()}


@pytest.mark.asyncio(loop_scope="module")
async def test_one_watch_rooms_log_does_not_match_and_one_was_never_closed(city: Made) -> None:
    now = datetime.now(UTC)
    logs = await city.rows(select(RecordRow.title, RecordRow.state).where(RecordRow.kind == "room_log"))
    assert {tuple(row) for row in logs} == {("班次 1 监看场所", "open"), ("班次 2 监看场所", "not_whole")}
    alerts = await city.rows(select(RecordRow.data_json).where(RecordRow.kind == "alert"))
    assert ["赵强" in json.loads(text)["what"] for (text,) in alerts] == [True]
    async with city.database.read() as session:
        duties = list(await session.scalars(select(DutyRow).where(DutyRow.code == "R31.3")))
    assert sorted(row.state(now) for row in duties) == ["met", "met", "met", "overdue"]
    assert "R31.3" in city.built.refused


@pytest.mark.asyncio(loop_scope="module")
async def test_reviews_of_management_systems_do_not_crowd_the_month(city: Made) -> None:
    soon = datetime.now(UTC) + timedelta(days=31)
    query = select(func.count()).where(DutyRow.code == "R25.1", DutyRow.closed_at.is_(None))
    ((due,),) = await city.rows(query.where(DutyRow.due_at < soon))
    assert due <= 3


@pytest.mark.asyncio(loop_scope="module")
async def test_what_the_law_refuses_was_tried_and_is_in_the_journal(city: Made) -> None:
    assert {"R19.1", "R19.6"} <= set(city.built.refused)
    text = (city.settings.journal_dir / "records.jsonl").read_text()
    assert text.count('"kind":"refusal"') == len(city.built.refused)
    verdict = verify(city.settings.journal_dir, records=True)
    assert verdict.size > 2000
    assert verdict.faults == ()


@pytest.mark.asyncio(loop_scope="module")
async def test_its_past_is_120_days_long_and_nothing_is_to_come(city: Made) -> None:
    ((first, last),) = await city.rows(select(func.min(RecordRow.opened_at), func.max(RecordRow.changed_at)))
    days = (datetime.now(UTC) - first).days
    assert 118 <= days <= 120
    assert last <= datetime.now(UTC)


@pytest.mark.asyncio(loop_scope="module")
async def test_the_same_again_in_another_directory(city: Made, tmp_path: Path) -> None:
    other = await made(tmp_path)
    assert await other.told() == await city.told()
    await other.database.close()


@pytest.mark.asyncio(loop_scope="module")
async def test_a_platform_on_it_answers_every_account(city: Made) -> None:
    platform, journal = await platform_on(city)
    for one in ACCOUNTS:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(served(platform)), base_url=ORIGIN, headers={"Origin": ORIGIN}
        ) as client:
            wish = {"name": one.name, "password": city.built.passwords[one.name]}
            assert (await client.post("/api/v1/session", json=wish)).status_code == 201
            if one.name in ("office", "inspector", "police"):
                assert (await client.get("/api/v1/systems")).json()["items"]
                assert (await client.get("/api/v1/duties")).json()["items"]
    journal.close()


async def platform_on(city: Made) -> tuple[Platform, Journal]:
    """As the web process opens it, without media workers."""
    clock, database = SystemClock(), city.database
    journal = Journal.open(city.settings.journal_dir, clock)
    hasher = Hasher()
    cameras = Cameras(database, journal, Vault(bytes(32)), clock)
    parts = Parts.open(database, journal, clock, city.settings.state_dir, None)
    await parts.prepare()
    workers = Workers([], cameras, clock, epoch=1, ticket_key=KEY, origins=[ORIGIN], receipt_key=bytes(32))
    retention = Retention(database, journal, cameras, WorkerStores(workers), Signer(KEY), clock)
    people = People(database, journal, hasher, clock)
    factors = Factors(database, journal, Vault(bytes(32)), clock, "optional")
    guard = Guard(database, journal, clock, KnownDevices(KEY))
    masking = Masking(parts.picture_masks, parts.lawbook.at, room)
    return Platform(
        clock=clock,
        people=people,
        sessions=Sessions(database, journal, hasher, clock, factors, guard),
        factors=factors,
        first=FirstAdministrator(database, journal, people, guard, clock),
        door=Door(
            *(journal, workers, decode, clock, KEY, tile, parts.grants),
            *(parts.lawbook.at, masking),
            is_marked=False,
        ),
        cameras=cameras,
        workers=workers,
        journal=journal,
        retention=retention,
        parts=parts,
        gb=Gb28181(
            *(database, journal, Vault(bytes(32)), cameras, parts.camera_files, clock),
            *(parts.lawbook.at, None, 1),
        ),
        admission="enforce",
        probe=look,
        masked_url="http://127.0.0.1:8809",
        console_token="console-token",
        metrics_token="metrics-token",
    ), journal
