"""Tickets on a worker's own routes: forged, expired, replayed, used for what they were not given for.

Whatever is wrong with one: no byte of a picture leaves, and the worker's log has one line without the ticket.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import httpx
import pytest
import websockets
from structlog.testing import capture_logs

from bingjian.streaming.assignment import Assignment
from bingjian.streaming.ticket import HEARTBEAT_SECONDS, OPEN_SECONDS, Kind, Ticket, sign
from tests.unit.streaming.footage import SECOND, START
from tests.unit.streaming.test_live_ticket import CAMERA as LIVE_CAMERA
from tests.unit.streaming.test_live_ticket import KEY as LIVE_KEY
from tests.unit.streaming.test_live_ticket import NOWHERE, PAGE, ended, media_at
from tests.unit.streaming.test_playback import CAMERA, KEY, Kept, kept

GRANT = "00000000-0000-4000-8000-0000000000f0"
HOUR = 3600


def ticket(store: Kept, kind: Kind = "playback") -> Ticket:
    now = store.clock.utc // SECOND
    return Ticket(
        kind, str(CAMERA), "main", START, START + 20 * 90_000, "p", 1, now + OPEN_SECONDS, now + HOUR
    )


@asynccontextmanager
async def shelf(tmp_path: Path) -> AsyncIterator[tuple[Kept, httpx.AsyncClient]]:
    """Footage that is there to be stolen."""
    async with kept(tmp_path) as store, store.client() as web:
        await store.volume.settled()
        yield store, web


async def refused(web: httpx.AsyncClient, path: str, reason: str) -> None:
    """403 with one sentence and one line in the log, and neither repeats the ticket."""
    with capture_logs() as lines:
        answer = await web.get(path)
    assert (answer.status_code, answer.json()["code"]) == (403, "ticket_refused"), answer.text
    assert reason in answer.json()["detail"]
    told = [line for line in lines if line["event"] == "ticket_refused"]
    assert len(told) == 1
    assert path.split("/")[2] not in answer.text + str(lines)


def written(store: Kept) -> None:
    """What the journal is owed of those who look has become durable."""
    viewings = store.media.viewings
    viewings.told([one.ticket.entry for one in viewings.due()], (), ())


def edited(text: str, change: dict[str, object]) -> str:
    """Another payload under the old signature."""
    payload, _, signature = text.partition(".")
    fields = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4))) | change
    made = urlsafe_b64encode(json.dumps(fields, separators=(",", ":")).encode()).rstrip(b"=").decode()
    return f"{made}.{signature}"


WIDER: dict[str, dict[str, object]] = {
    "a longer life": {"expires": 2**40},
    "an earlier start": {"start_90k": 0},
    "a later end": {"end_90k": 2**60},
    "another camera": {"camera": str(UUID(int=77))},
    "another kind": {"kind": "download"},
    "without its grant": {"grant": "", "exact": False},
    "another person": {"person": "q"},
}


@pytest.mark.parametrize("change", WIDER)
async def test_an_edited_ticket_opens_nothing(tmp_path: Path, change: str) -> None:
    async with shelf(tmp_path) as (store, web):
        given = sign(replace(ticket(store), grant=GRANT, exact=True), KEY)
        await refused(web, f"/m/{edited(given, WIDER[change])}/index.m3u8", "signature")


@pytest.mark.parametrize("key", [b"", b"x" * 32, KEY[:-1]])
async def test_a_forged_ticket_opens_nothing(tmp_path: Path, key: bytes) -> None:
    async with shelf(tmp_path) as (store, web):
        await refused(web, f"/m/{sign(ticket(store), key)}/index.m3u8", "signature")


@pytest.mark.parametrize(("late_s", "opens"), [(HOUR - 1, True), (HOUR, False)])
async def test_an_expired_ticket_opens_nothing_more(tmp_path: Path, late_s: int, opens: bool) -> None:
    async with shelf(tmp_path) as (store, web):
        path = f"/m/{sign(ticket(store), KEY)}/index.m3u8"
        for _ in range(HOUR // HEARTBEAT_SECONDS - 1):
            assert (await web.get(path)).status_code == 200
            store.clock.pass_ns(HEARTBEAT_SECONDS * SECOND)
            written(store)
        assert (await web.get(path)).status_code == 200
        store.clock.pass_ns((late_s - HOUR + HEARTBEAT_SECONDS) * SECOND)
        if opens:
            assert (await web.get(path)).status_code == 200
        else:
            await refused(web, path, "ended")


async def test_a_ticket_replayed_after_its_viewer_has_gone_opens_nothing(tmp_path: Path) -> None:
    """From a history, a log of a proxy, a picture of the address."""
    async with shelf(tmp_path) as (store, web):
        path = f"/m/{sign(ticket(store), KEY)}/index.m3u8"
        assert (await web.get(path)).status_code == 200
        store.clock.pass_ns((HEARTBEAT_SECONDS + 1) * SECOND)
        await refused(web, path, "ended")


@pytest.mark.parametrize("back_s", [1, 30, HOUR, 400 * 86_400])
async def test_setting_the_clock_back_brings_no_ticket_back(tmp_path: Path, back_s: int) -> None:
    async with shelf(tmp_path) as (store, web):
        path, other = (f"/m/{sign(replace(ticket(store), entry=n), KEY)}/index.m3u8" for n in (1, 2))
        assert (await web.get(path)).status_code == 200
        store.clock.pass_ns(OPEN_SECONDS * SECOND)
        await refused(web, path, "ended")
        store.clock.utc -= back_s * SECOND
        await refused(web, path, "ended")
        await refused(web, other, "in time")


SCOPES: dict[str, Callable[[Kept], tuple[Ticket, str]]] = {
    "a live one for what is stored": lambda store: (ticket(store, "live"), "index.m3u8"),
    "a look for a copy": lambda store: (ticket(store), "files.json"),
    "a look for a file": lambda store: (ticket(store), "a.mp4"),
    "a copy for a look": lambda store: (ticket(store, "clip"), "index.m3u8"),
    "a look for a live one": lambda store: (ticket(store), "live"),
    "one camera's for another's file": lambda store: (
        replace(ticket(store), camera=str(UUID(int=77))),
        f"{segment_of(store)}.mp4",
    ),
    "one hour's for another's": lambda store: (
        replace(ticket(store), start_90k=START - 10**9, end_90k=START - 10**8),
        f"{segment_of(store)}.mp4",
    ),
}


def segment_of(store: Kept) -> str:
    """A file that is really there."""
    return next(iter(store.volume.path.rglob("*.mp4"))).stem


@pytest.mark.parametrize("scope", SCOPES)
async def test_a_ticket_opens_what_it_was_given_for_and_nothing_else(tmp_path: Path, scope: str) -> None:
    async with shelf(tmp_path) as (store, web):
        await store.stream.stop()
        await store.recorder.close()
        made, name = SCOPES[scope](store)
        answer = await web.get(f"/m/{sign(made, KEY)}/{name}")
        assert answer.status_code in (403, 404), answer.text
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_ticket_of_a_worker_that_knows_nothing_yet_is_not_looked_at(tmp_path: Path) -> None:
    async with shelf(tmp_path) as (store, web):
        store.media.hub.assignment = None
        answer = await web.get(f"/m/{sign(ticket(store), KEY)}/index.m3u8")
        assert answer.status_code == 503


@pytest.mark.parametrize(
    "taken",
    [{"revoked_grants": frozenset({GRANT})}, {"closed_cameras": frozenset({str(LIVE_CAMERA)})}],
    ids=["R22_8_a_grant_revoked", "R27_6_a_camera_closed"],
)
async def test_R22_8_R27_6_in_the_middle_ends_the_live_picture(
    tmp_path: Path, taken: dict[str, frozenset[str]]
) -> None:
    """Within the worker's next second of its own clock; when the web process says so, at once."""
    async with media_at(tmp_path) as (media, clock):
        now = clock.utc // SECOND
        told = (str(LIVE_CAMERA), "sub", 0, 0, "p", 1, now + OPEN_SECONDS, now + HOUR, GRANT, True)
        text = sign(Ticket("live", *told), LIVE_KEY)  # type: ignore[arg-type]  # as in the tuple
        address = f"ws://127.0.0.1:{media.server.port}/m/{text}/live"
        async with websockets.connect(address, proxy=None) as viewer:
            await viewer.recv()
            media.each_second()
            assert len(media.hub.viewers()) == 1
            assigned = media.hub.assignment
            assert assigned is not None
            await media.hub.assign(replace(assigned, epoch=2, **taken))  # type: ignore[arg-type]  # as in the list
            media.each_second()  # no time has passed
            assert await ended(viewer) == 1008
        with pytest.raises(websockets.InvalidStatus) as again:
            await websockets.connect(address, proxy=None)
        assert again.value.response.status_code == 403
    assert NOWHERE.url not in text


@pytest.mark.parametrize(("after_s", "goes_on"), [(-1, True), (0, False), (1, False)])
async def test_whoevers_rights_change_in_the_middle_watches_no_longer(
    tmp_path: Path, after_s: int, goes_on: bool
) -> None:
    """An account closed, a role taken away: tickets from before are void, later ones are not."""
    async with media_at(tmp_path) as (media, clock):
        now = clock.utc // SECOND
        told = (str(LIVE_CAMERA), "sub", 0, 0, "p", 1, now + OPEN_SECONDS, now + HOUR)
        text = sign(Ticket("live", *told), LIVE_KEY)  # type: ignore[arg-type]  # as in the tuple
        address = f"ws://127.0.0.1:{media.server.port}/m/{text}/live"
        async with websockets.connect(address, proxy=None) as viewer:
            await viewer.recv()
            assigned = media.hub.assignment
            assert assigned is not None
            changed = {"p": now + after_s, "somebody else": now + HOUR}
            origins, cameras = frozenset({PAGE}), assigned.cameras
            await media.hub.assign(Assignment(2, LIVE_KEY, origins, cameras, changed_people=changed))
            media.each_second()
            if goes_on:
                assert len(media.hub.viewers()) == 1
            else:
                assert await ended(viewer) == 1008
