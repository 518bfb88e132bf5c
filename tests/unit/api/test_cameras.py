"""Cameras over HTTP; above all: nothing is shown before the journal has it, credentials never."""

import base64
import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from bingjian.access.decisions import Role
from bingjian.api.platform import Platform
from bingjian.journal.append import Journal
from bingjian.streaming.ticket import verify
from tests.backend import KEY, NOON_NS, FailingJournal, kinds
from tests.unit.api.conftest import ORIGIN, Enter, broken_door
from tests.worker import SpokenWorker

CAMERAS = "/api/v1/cameras"
CAMERA = {
    "name": "东门",
    "url": "rtsp://admin:hush@192.0.2.1/main?password=hush2",
    "sub_url": "rtsp://192.0.2.1/sub",
}
WHY = "摄像机拆除"
START = "2026-01-01T03:00:00Z"
NOON = datetime(2026, 1, 1, 4, tzinfo=UTC)
WATCH = {"purpose": "duty_watch"}
HOUR = {"start": NOON.isoformat(), "end": (NOON + timedelta(hours=1)).isoformat()} | WATCH


async def registered(enter: Enter) -> tuple[httpx.AsyncClient, str]:
    client = await enter(Role.REGISTRAR)
    answer = await client.post(CAMERAS, json=CAMERA)
    assert answer.status_code == 201, answer.text
    return client, answer.json()["id"]


async def test_registered_assigned_listed_changed_removed(enter: Enter, worker: SpokenWorker) -> None:
    client, camera = await registered(enter)
    (told,) = worker.assignments[-1]["cameras"]
    assert (told["id"], told["main"]["username"], told["main"]["password"]) == (camera, "admin", "hush")
    answer = await client.patch(f"{CAMERAS}/{camera}", json={"sub_url": None})
    assert answer.json()["has_sub"] is False
    assert worker.assignments[-1]["cameras"][0]["sub"] is None
    answer = await client.delete(f"{CAMERAS}/{camera}", params={"reason": WHY})
    assert answer.status_code == 204
    assert worker.assignments[-1]["cameras"] == []
    assert (await client.get(f"{CAMERAS}/{camera}")).json()["code"] == "no_such_camera"


async def test_nobody_ever_reads_credentials(enter: Enter, platform: Platform) -> None:
    registrar, camera = await registered(enter)
    watcher = await enter(Role.WATCHER)
    await platform.workers.look()
    texts = []
    for client in (registrar, watcher):
        for path in (CAMERAS, f"{CAMERAS}/{camera}", "/api/v1/system", f"{CAMERAS}?q=192.0.2.1"):
            texts.append((await client.get(path)).text)
    texts.append((await registrar.patch(f"{CAMERAS}/{camera}", json={"name": "西门"})).text)
    assert not [text for text in texts if "hush" in text or "admin" in text]
    seen = (await watcher.get(f"{CAMERAS}/{camera}")).json()
    assert (seen["url"], seen["sub_url"], seen["has_sub"]) == (None, None, True)
    assert (await watcher.get(f"{CAMERAS}?q=192.0.2.1")).json()["items"] == []
    assert len((await registrar.get(f"{CAMERAS}?q=192.0.2.1")).json()["items"]) == 1


async def test_the_state_is_what_the_worker_says(
    enter: Enter, platform: Platform, worker: SpokenWorker
) -> None:
    client, camera = await registered(enter)
    assert (await client.get(f"{CAMERAS}/{camera}")).json()["state"] is None
    await platform.workers.look()
    state = (await client.get(f"{CAMERAS}/{camera}")).json()["state"]
    assert (state["state"], state["viewers"], state["recording"]) == ("live", 3, True)
    worker.forgets = True  # a restarted worker is told again
    before = len(worker.assignments)
    await platform.workers.look()
    assert len(worker.assignments) == before + 1
    await worker.stop()
    await platform.workers.look()
    assert (await client.get(f"{CAMERAS}/{camera}")).json()["state"] is None
    assert (await client.get("/readyz")).status_code == 503


async def test_some_are_asked_for_by_id(enter: Enter) -> None:
    client = await enter(Role.REGISTRAR)
    ids = []
    for name in ("a", "b", "c"):
        ids.append((await client.post(CAMERAS, json={"name": name, "url": "rtsp://h/"})).json()["id"])
    found = (await client.get(CAMERAS, params={"ids": [ids[2], ids[0]]})).json()
    assert [one["name"] for one in found["items"]] == ["a", "c"]


async def test_pages_follow_their_cursor(enter: Enter) -> None:
    client = await enter(Role.REGISTRAR)
    for number in range(5):
        await client.post(CAMERAS, json={"name": f"c{number}", "url": "rtsp://h/"})
    names, cursor = [], None
    while True:
        page = (
            await client.get(CAMERAS, params={"limit": 2} | ({"cursor": cursor} if cursor else {}))
        ).json()
        names += [item["name"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert names == [f"c{number}" for number in range(5)]


@pytest.mark.parametrize("cursor", ["x", "e30", "W10", "WzEsMl0", "WyJhIiwibm8iXQ", "é", "====", "\x00"])
async def test_cursors_of_others_are_refused_or_harmless(enter: Enter, cursor: str) -> None:
    client = await enter(Role.REGISTRAR)
    answer = await client.get(CAMERAS, params={"cursor": cursor})
    assert answer.status_code in (200, 400)


async def test_live_is_ticketed_after_its_entry(enter: Enter, journal: Journal) -> None:
    _, camera = await registered(enter)
    watcher = await enter(Role.WATCHER)
    answer = await watcher.post(f"{CAMERAS}/{camera}/live", json={"stream": "sub", "purpose": "duty_watch"})
    assert answer.status_code == 201, answer.text
    url = answer.json()["url"]
    assert url.startswith("ws://127.0.0.1:8810/m/")
    assert url.endswith("/live")
    ticket = verify(url.split("/")[4], KEY, NOON_NS / 1e9)
    (entry,) = await journal.read(1)
    assert (ticket.kind, ticket.camera, ticket.role, ticket.entry) == ("live", camera, "sub", entry.sequence)
    assert (entry.kind, entry.entry["purpose"], entry.entry["camera"]) == ("view.live", "duty_watch", camera)
    assert url.split("/")[4] not in str(entry)


async def test_playback_is_ticketed_for_its_interval_only(enter: Enter, journal: Journal) -> None:
    _, camera = await registered(enter)
    watcher = await enter(Role.WATCHER)
    answer = (await watcher.post(f"{CAMERAS}/{camera}/playback", json=HOUR)).json()
    ticket = verify(answer["url"].split("/")[4], KEY, NOON_NS / 1e9)
    assert (ticket.start_90k, ticket.end_90k) == (1767240000 * 90000, 1767243600 * 90000)
    assert answer["heartbeat_url"] == answer["url"].replace("index.m3u8", "heartbeat")
    assert (await kinds(journal))[-1] == "view.playback"


async def test_R22_8_nobody_copies_without_a_grant(enter: Enter, journal: Journal) -> None:
    _, camera = await registered(enter)
    past = {"start": (NOON - timedelta(hours=2)).isoformat(), "end": (NOON - timedelta(hours=1)).isoformat()}
    for role, code in ((Role.CUSTODIAN, "R22.8"), (Role.OFFICER, "R22.8"), (Role.WATCHER, "R27.1")):
        wish = {**past, "purpose": "criminal_case"}
        answer = await (await enter(role)).post(f"{CAMERAS}/{camera}/clip", json=wish)
        assert (answer.status_code, answer.json()["code"]) == (403, code), role
        assert (await kinds(journal))[-1] == "refusal"


@pytest.mark.parametrize(
    ("hours", "until", "more"),
    [
        (7, 0, {"form": "download"}),
        (25, 0, {"form": "fragmented"}),
        (1, 1, {}),  # not yet recorded
        (-1, 0, {}),
        (0, 0, {}),
        (1, 0, {"purpose": " "}),
        (1, 0, {"form": "avi"}),
    ],
)
async def test_copies_that_are_none(
    enter: Enter, journal: Journal, hours: int, until: int, more: dict[str, str]
) -> None:
    _, camera = await registered(enter)
    custodian = await enter(Role.CUSTODIAN)
    before = await kinds(journal)
    end = NOON + timedelta(hours=until)
    start = end - timedelta(hours=hours)
    wish = {"start": start.isoformat(), "end": end.isoformat(), "purpose": "p", **more}
    answer = await custodian.post(f"{CAMERAS}/{camera}/clip", json=wish)
    assert answer.status_code == 422, answer.text
    assert await kinds(journal) == before


async def test_a_sprite_is_one_look(enter: Enter, worker: SpokenWorker, journal: Journal) -> None:
    _, camera = await registered(enter)
    watcher = await enter(Role.WATCHER)
    worker.picture = b"key frames"
    worker.key_frames = json.dumps([[1767240000 * 90000, 12, [0, 1]], [1767240010 * 90000, -7, [3]]])
    params = {**HOUR, "pictures": 4, "columns": 2, "width": 100}
    answer = await watcher.get(f"{CAMERAS}/{camera}/sprite", params=params)
    assert answer.status_code == 200, answer.text
    sprite = answer.json()
    assert base64.b64decode(sprite["jpeg"]) == b"JPEG of key frames"
    assert (sprite["columns"], sprite["tile_width"], sprite["tile_height"]) == (2, 100, 56)
    first = {
        "tile": 0,
        "at": "2026-01-01T04:00:00Z",
        "at_local": "2026-01-01T12:00:00.000+08:00",
        "clock_offset_ms": 12,
    }
    assert sprite["steps"][:3] == [first, first, None]
    assert (sprite["steps"][3]["tile"], sprite["steps"][3]["clock_offset_ms"]) == (1, -7)
    (entry,) = await journal.read(1)
    assert (entry.kind, entry.entry["pictures"], entry.entry["camera"]) == ("view.sprite", 4, camera)
    worker.picture = None
    assert (await watcher.get(f"{CAMERAS}/{camera}/sprite", params=params)).json()["code"] == "no_footage"
    for wrong in ({"pictures": 65}, {"width": 9999}, {"columns": 0}, {"end": "2026-03-01T00:00:00Z"}):
        assert (await watcher.get(f"{CAMERAS}/{camera}/sprite", params=params | wrong)).status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        {"start": HOUR["end"], "end": HOUR["start"]},
        {"start": "2026-01-01T00:00:00Z", "end": "2027-01-01T00:00:00Z"},
        {"start": "2026-01-01T00:00:00", "end": "2026-01-01T01:00:00"},
        {"start": "yesterday", "end": "today"},
        {"start": 1e400, "end": 5},
        {"start": "0001-01-01T00:00:00+14:00", "end": "0001-01-02T00:00:00Z"},
        {"start": "9999-12-31T00:00:00-14:00", "end": "9999-12-31T23:59:59-14:00"},
        {},
    ],
)
async def test_intervals_that_are_none(enter: Enter, body: dict[str, object]) -> None:
    _, camera = await registered(enter)
    watcher = await enter(Role.WATCHER)
    answer = await watcher.post(
        f"{CAMERAS}/{camera}/playback", content=json.dumps(body), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422, answer.text
    params = {name: value for name, value in body.items() if isinstance(value, str)}
    if params.get("end") != "2027-01-01T00:00:00Z":  # a timeline may be longer than a playback
        answer = await watcher.get(f"{CAMERAS}/{camera}/timeline", params=params)
        assert answer.status_code == 422, answer.text
    answer = await watcher.get(f"{CAMERAS}/{camera}/snapshot", params={"at": "0001-01-01T00:00:00+14:00"})
    assert answer.status_code == 422


async def test_a_picture_with_its_time(enter: Enter, worker: SpokenWorker, journal: Journal) -> None:
    _, camera = await registered(enter)
    watcher = await enter(Role.WATCHER)
    worker.picture = b"fragments"
    answer = await watcher.get(f"{CAMERAS}/{camera}/snapshot", params={"at": NOON.isoformat()} | WATCH)
    assert (answer.content, answer.headers["content-type"]) == (b"JPEG of fragments", "image/jpeg")
    assert answer.headers["x-picture-time"] == worker.picture_time
    assert (await kinds(journal))[-1] == "view.picture"
    worker.picture = None
    answer = await watcher.get(f"{CAMERAS}/{camera}/snapshot", params=WATCH)
    assert (answer.status_code, answer.json()["code"]) == (404, "no_footage")


async def test_without_a_durable_entry_nothing_is_shown(
    enter: Enter, platform: Platform, worker: SpokenWorker
) -> None:
    """Logged first, served after: with a failing journal no ticket is signed and no worker even asked."""
    _, camera = await registered(enter)
    cookie = (await enter(Role.WATCHER)).cookies
    failing = FailingJournal()
    client = await enter(over=broken_door(platform, failing))
    client.cookies = cookie
    worker.picture, asked = b"fragments", len(worker.asked)
    for method, path, body in (
        ("POST", "live", WATCH),
        ("POST", "playback", HOUR),
        ("GET", "snapshot?purpose=duty_watch", None),
        ("GET", f"sprite?start={START}&end={NOON:%Y-%m-%dT%H:%M:%SZ}&purpose=duty_watch", None),
    ):
        answer = await client.request(method, f"{CAMERAS}/{camera}/{path}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (503, "journal_unavailable")
        assert "/m/" not in answer.text
    looks = ["view.live", "view.playback", "view.picture", "view.sprite"]
    assert [entry.kind for entry in failing.asked] == looks
    assert len(worker.asked) == asked


async def test_refusals_are_written_down(enter: Enter, journal: Journal) -> None:
    client, camera = await registered(enter)
    answer = await client.post(f"{CAMERAS}/{camera}/live", json={})
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["article"]) == (403, "R27.1", "27¶1")
    (entry,) = await journal.read(1)
    assert (entry.kind, entry.entry["verb"], entry.entry["resource"]) == ("refusal", "live", camera)


async def test_the_timeline_is_the_workers(enter: Enter, worker: SpokenWorker) -> None:
    _, camera = await registered(enter)
    watcher = await enter(Role.WATCHER)
    worker.spans = [
        {"start": HOUR["start"], "end": HOUR["end"], "kind": "missing", "cause": "refused", "detail": None}
    ]
    answer = (await watcher.get(f"{CAMERAS}/{camera}/timeline", params=HOUR)).json()
    assert answer["spans"][0]["cause"] == "refused"
    assert answer["now"] == "2026-01-01T04:00:00Z"


async def test_an_address_can_be_tried(enter: Enter) -> None:
    client = await enter(Role.REGISTRAR)
    answer = await client.post(f"{CAMERAS}/test", json={"url": "rtsp://admin:hush@h/"})
    assert answer.json()["tracks"][0]["codec"] == "h264"
    answer = await client.post(f"{CAMERAS}/test", json={"url": "gopher://admin:hush@h/"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "url")
    assert "hush" not in answer.text


async def test_loopback_by_its_other_name(enter: Enter, platform: Platform) -> None:
    _, camera = await registered(enter)
    watcher = await enter(Role.WATCHER)
    name = {"Host": "localhost:8800", "Origin": "http://localhost:8800"}
    answer = await watcher.post(f"{CAMERAS}/{camera}/live", json=WATCH, headers=name)
    assert answer.json()["url"].startswith("ws://localhost:8810/")
    assert (
        "connect-src 'self' http://localhost:8810 http://localhost:8809 ws://localhost:8810 ws://localhost:8809;"
        in answer.headers["content-security-policy"]
    )
    assert ORIGIN.startswith("http://127")


@pytest.mark.parametrize("purpose", [None, "", " ", "patrol", "duty_watch"])
async def test_R4_2_whoever_looks_by_their_role_says_what_for(
    enter: Enter, worker: SpokenWorker, journal: Journal, purpose: str | None
) -> None:
    """Every access carries a purpose of the list; live, back, in a still picture and in small ones."""
    _, camera = await registered(enter)
    watcher = await enter(Role.WATCHER)
    worker.picture = b"fragments"
    worker.key_frames = json.dumps([[1767240000 * 90000, 12, [0]]])
    span = {"start": HOUR["start"], "end": HOUR["end"]}
    told = {} if purpose is None else {"purpose": purpose}
    looks = [
        ("POST", "live", {}, told),
        ("POST", "playback", {}, span | told),
        ("GET", "snapshot", told, None),
        ("GET", "sprite", span | told, None),
    ]
    for method, path, params, body in looks:
        answer = await watcher.request(method, f"{CAMERAS}/{camera}/{path}", params=params, json=body)
        if purpose == "duty_watch":
            assert answer.status_code in (200, 201), (path, answer.text)
            continue
        assert (answer.status_code, answer.json()["code"]) == (403, "R4.2"), (path, answer.text)
        assert (await kinds(journal))[-1] == "refusal"
