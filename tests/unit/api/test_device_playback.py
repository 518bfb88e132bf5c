"""A device's own storage over the API: asked seldom, played by the one door, refused where it must be."""

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from bingjian.access.decisions import Role
from bingjian.api.platform import Platform
from bingjian.clock import ticks_of
from bingjian.db.session import Database
from bingjian.inventory.gb28181.device_recordings import FRESH
from bingjian.inventory.gb28181.signal_client import SignalClient, SignalPlace
from bingjian.inventory.models import CameraWish
from bingjian.journal.append import Journal
from bingjian.streaming.ticket import verify
from tests.backend import KEY, FailingJournal, StillClock, kinds
from tests.unit.api.conftest import Enter, broken_door
from tests.unit.api.procedures.counter import ELEVEN, TEN, Counter
from tests.unit.api.test_existence import telling
from tests.unit.api.test_masks import WISH as MASK

DEVICE, CHANNEL = "23010200001180000001", "23010200001320000001"
MARKED_CHANNEL = f"gb28181://{DEVICE}/{CHANNEL}"
CREDENTIAL = "web-to-signal"
HOUR = {"start": TEN.isoformat(), "end": ELEVEN.isoformat()}
WATCH = {"purpose": "duty_watch"}


def at(minute: float) -> str:
    return (TEN + timedelta(minutes=minute)).astimezone(UTC).isoformat(timespec="milliseconds")


def minute(told: str) -> float:
    return (datetime.fromisoformat(told) - TEN) / timedelta(minutes=1)


def file(first: float, last: float) -> dict[str, Any]:
    return {"device_id": CHANNEL, "start_time": at(first), "end_time": at(last), "type": "time"}


@dataclass
class Storage:
    """A signal process that answers for one device."""

    recordings: list[dict[str, Any]] = field(default_factory=list)
    complete: bool = True
    problem: tuple[int, dict[str, str]] | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)
    slow_s: float = 0.0

    async def answer(self, request: httpx.Request) -> httpx.Response:
        assert request.headers["authorization"] == f"Bearer {CREDENTIAL}"
        assert request.url.path == f"/control/devices/{DEVICE}/query"
        self.asked.append(json.loads(request.content))
        await asyncio.sleep(self.slow_s)
        if self.problem is not None:
            return httpx.Response(self.problem[0], json=self.problem[1])
        return httpx.Response(200, json={"recordings": self.recordings, "complete": self.complete})


@pytest.fixture
async def storage(platform: Platform) -> Storage:
    made = Storage([file(20, 40), file(-30, 20)])
    client = SignalClient(SignalPlace("http://signal", CREDENTIAL))
    headers = {"Authorization": f"Bearer {CREDENTIAL}"}
    await client.close()
    client.http = httpx.AsyncClient(
        transport=httpx.MockTransport(made.answer), base_url="http://signal", headers=headers
    )
    platform.parts.device_recordings.signal = client
    return made


@pytest.fixture
async def camera(platform: Platform) -> str:
    row = await platform.cameras.add(CameraWish("Lobby", MARKED_CHANNEL), uuid4(), "somebody")
    return f"/api/v1/cameras/{row.id}"


async def test_what_a_device_says_it_has_is_sorted_merged_and_cut(
    enter: Enter, camera: str, storage: Storage
) -> None:
    watcher = await enter(Role.WATCHER)
    storage.recordings = [file(45, 70), file(20.01, 40), file(-30, 20), file(5, 10), file(50, 50), {"x": 1}]
    answer = await watcher.get(f"{camera}/device-recordings", params=HOUR)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert [(minute(one["start"]), minute(one["end"])) for one in told["recordings"]] == [(0, 40), (45, 60)]
    assert told["complete"] is True
    (asked,) = storage.asked
    assert asked == {
        "command": "RecordInfo",
        "channel": CHANNEL,
        "start_time": TEN.astimezone(UTC).isoformat(),
        "end_time": ELEVEN.astimezone(UTC).isoformat(),
    }
    assert (await watcher.get(camera)).json()["has_device_storage"] is True


async def test_a_dragged_timeline_does_not_flood_a_device(
    enter: Enter, camera: str, storage: Storage, clock: StillClock
) -> None:
    watcher = await enter(Role.WATCHER)
    storage.slow_s = 0.01
    windows = [{"start": at(n / 10), "end": at(n / 10 + 20)} for n in range(20)]
    looks = [watcher.get(f"{camera}/device-recordings", params=window) for window in windows]
    answers = await asyncio.gather(*looks)
    assert {answer.status_code for answer in answers} == {200}
    assert len(storage.asked) == 1
    clock.wait(FRESH / timedelta(seconds=1))
    await watcher.get(f"{camera}/device-recordings", params=windows[0])
    assert len(storage.asked) == 2


@pytest.mark.parametrize(
    ("problem", "status", "code"),
    [
        ((404, "not_registered"), 409, "gb_device_offline"),
        ((409, "offline"), 409, "gb_device_offline"),
        ((504, "no_answer"), 504, "gb_device_silent"),
        ((502, "device_error"), 502, "gb_device_refuses"),
        ((500, "bug"), 503, "signal_away"),
    ],
)
async def test_a_device_that_cannot_be_asked_is_a_plain_problem(
    enter: Enter, camera: str, storage: Storage, problem: tuple[int, str], status: int, code: str
) -> None:
    watcher = await enter(Role.WATCHER)
    storage.problem = problem[0], {"code": problem[1], "detail": "the device says ERROR"}
    answer = await watcher.get(f"{camera}/device-recordings", params=HOUR)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    storage.problem = None  # and the next is asked anew
    assert (await watcher.get(f"{camera}/device-recordings", params=HOUR)).status_code == 200


async def test_without_a_signal_process_or_a_device_there_is_nothing_to_ask(
    enter: Enter, camera: str, platform: Platform
) -> None:
    watcher = await enter(Role.WATCHER)
    answer = await watcher.get(f"{camera}/device-recordings", params=HOUR)
    assert (answer.status_code, answer.json()["code"]) == (409, "gb_off")
    row = await platform.cameras.add(CameraWish("Gate", "rtsp://192.0.2.1/cam"), uuid4(), "somebody")
    url = f"/api/v1/cameras/{row.id}"
    for asked in (
        watcher.get(f"{url}/device-recordings", params=HOUR),
        watcher.post(f"{url}/device-playback", json=HOUR | WATCH),
    ):
        answer = await asked
        assert (answer.status_code, answer.json()["code"]) == (409, "no_device_storage")
    assert (await watcher.get(url)).json()["has_device_storage"] is False


async def test_device_playback_is_ticketed_after_its_entry(
    enter: Enter, camera: str, storage: Storage, journal: Journal, clock: StillClock
) -> None:
    watcher = await enter(Role.WATCHER)
    answer = await watcher.post(f"{camera}/device-playback", json=HOUR | WATCH)
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert told["url"].startswith("ws://")
    assert told["watermark"].startswith("watcher")
    ticket = verify(told["url"].split("/")[4], KEY, clock.now_ns / 1e9)
    (entry,) = await journal.read(1)
    assert (ticket.kind, ticket.entry, ticket.grant, ticket.masks) == ("device", entry.sequence, "", "")
    assert (ticket.start_90k, ticket.end_90k) == (ticks_of(TEN), ticks_of(ELEVEN))
    written = entry.entry
    assert (entry.kind, written["source"], written["purpose"]) == ("view.playback", "device", "duty_watch")
    assert written["start"].startswith("2026")


async def test_our_own_playback_names_no_source(enter: Enter, camera: str, journal: Journal) -> None:
    watcher = await enter(Role.WATCHER)
    assert (await watcher.post(f"{camera}/playback", json=HOUR | WATCH)).status_code == 201
    (entry,) = await journal.read(1)
    assert entry.entry["source"] == ""


@pytest.mark.parametrize("silent", [None, (504, {"code": "no_answer"}), (502, {"code": "device_error"})])
async def test_quirk_34_it_begins_with_the_first_that_the_device_has(
    enter: Enter, camera: str, storage: Storage, silent: tuple[int, dict[str, str]] | None
) -> None:
    """A device that cannot list its recordings is asked for what the person wants."""
    watcher = await enter(Role.WATCHER)
    storage.recordings, storage.problem = [file(12, 50)], silent
    told = (await watcher.post(f"{camera}/device-playback", json=HOUR | WATCH)).json()
    begins = TEN if silent else TEN + timedelta(minutes=12)
    assert datetime.fromisoformat(told["start"]) == begins


async def test_where_the_device_has_nothing_nothing_is_opened(
    enter: Enter, camera: str, storage: Storage, journal: Journal
) -> None:
    watcher = await enter(Role.WATCHER)
    storage.recordings, before = [], await kinds(journal)
    answer = await watcher.post(f"{camera}/device-playback", json=HOUR | WATCH)
    assert (answer.status_code, answer.json()["code"]) == (404, "no_footage")
    assert await kinds(journal) == before


async def test_R4_2_a_device_is_played_for_a_purpose(
    enter: Enter, camera: str, storage: Storage, journal: Journal
) -> None:
    watcher = await enter(Role.WATCHER)
    for told in ({}, {"purpose": "patrol"}):
        answer = await watcher.post(f"{camera}/device-playback", json=HOUR | told)
        assert (answer.status_code, answer.json()["code"]) == (403, "R4.2")
        assert (await kinds(journal))[-1] == "refusal"


async def test_without_a_durable_entry_nothing_is_played(
    enter: Enter, camera: str, storage: Storage, platform: Platform
) -> None:
    cookies = (await enter(Role.WATCHER)).cookies
    failing = FailingJournal()
    client = await enter(over=broken_door(platform, failing))
    client.cookies = cookies
    answer = await client.post(f"{camera}/device-playback", json=HOUR | WATCH)
    assert (answer.status_code, answer.json()["code"]) == (503, "journal_unavailable")
    assert [entry.kind for entry in failing.asked] == ["view.playback"]


@pytest.mark.parametrize("hours", [-1, 0, 25])
async def test_intervals_that_are_none(enter: Enter, camera: str, storage: Storage, hours: int) -> None:
    watcher = await enter(Role.WATCHER)
    wish = {"start": TEN.isoformat(), "end": (TEN + timedelta(hours=hours)).isoformat()} | WATCH
    answer = await watcher.post(f"{camera}/device-playback", json=wish)
    assert (answer.status_code, answer.json()["code"]) == (422, "interval_not_accepted")
    assert storage.asked == []


async def test_R6_2_no_original_of_a_masked_camera_comes_from_its_device(
    enter: Enter, camera: str, storage: Storage, journal: Journal
) -> None:
    registrar, watcher = await enter(Role.REGISTRAR), await enter(Role.WATCHER)
    assert (await registrar.post(f"{camera}/masks", json=MASK)).status_code == 201
    answer = await watcher.post(f"{camera}/device-playback", json=HOUR | WATCH)
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["article"]) == (403, "device_not_masked", "6")
    (entry,) = await journal.read(1)
    assert (entry.kind, entry.entry["code"]) == ("refusal", "R6.2")
    assert storage.asked == []  # refused before the device hears of it


@pytest.fixture
async def counter(enter: Enter, document: str) -> Counter:
    made = Counter(enter, document)
    await made.open_up(1)
    return made


async def test_R22_8_under_a_grant_nothing_is_played_whose_times_nothing_proves(
    counter: Counter, storage: Storage, journal: Journal, platform: Platform
) -> None:
    camera = UUID(counter.cameras[0])
    await platform.cameras.change(camera, {"url": MARKED_CHANNEL}, uuid4(), "somebody")
    _, grant = await counter.granted()
    officer = (await counter.officer()).client
    url = f"/api/v1/cameras/{camera}/device-playback"
    answer = await officer.post(url, json=HOUR | {"grant": grant})
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["article"]) == (403, "device_time_uncertain", "22")
    (entry,) = await journal.read(1)
    assert (entry.kind, entry.entry["code"]) == ("refusal", "R22.8")
    bare = await officer.post(url, json=HOUR)  # and without naming it, nobody looks by a grant alone
    assert (bare.status_code, bare.json()["code"]) == (403, "R22.8")
    assert storage.asked == []


async def test_R27_6_of_a_secret_camera_nothing_is_played(
    enter: Enter, camera: str, storage: Storage, database: Database
) -> None:
    watcher = await enter(Role.WATCHER)
    await telling(database, camera.rsplit("/", 1)[1], "")
    answer = await watcher.post(f"{camera}/device-playback", json=HOUR | WATCH)
    assert (answer.status_code, answer.json()["code"]) == (403, "R27.6")
    assert storage.asked == []
