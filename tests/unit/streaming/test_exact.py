"""Under a grant nothing outside its interval is given: playback, copies, and what is on its way."""

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

from bingjian.formats import mp4_cut
from bingjian.streaming.assignment import Assignment
from bingjian.streaming.http import Request
from bingjian.streaming.ticket import Kind, Ticket, sign
from tests.unit.streaming.footage import SECOND, START
from tests.unit.streaming.test_playback import CAMERA, KEY, Kept, kept

GRANT = "00000000-0000-4000-8000-0000000000f0"


def ticket(store: Kept, start_s: float, end_s: float, kind: Kind = "playback", *, exact: bool = True) -> str:
    now = store.clock.utc // SECOND
    span = START + int(start_s * 90_000), START + int(end_s * 90_000)
    made = Ticket(kind, str(CAMERA), "main", *span, "p", 1, now + 60, now + 3600, GRANT, exact)
    return sign(made, KEY)


async def footage(web: httpx.AsyncClient, path: str) -> bytes:
    """Everything that a playlist lists, as a player fetches it."""
    text = (await web.get(path)).text
    data, span = b"", ""
    for line in text.splitlines():
        span = line.removeprefix("#EXT-X-BYTERANGE:") if line.startswith("#EXT-X-BYTERANGE:") else span
        if line.startswith("#") or not line:
            continue
        headers = {}
        if span:
            length, offset = map(int, span.split("@"))
            headers["Range"] = f"bytes={offset}-{offset + length - 1}"
        answer = await web.get(urljoin(path, line), headers=headers)
        assert answer.status_code in (200, 206), answer.text
        data, span = data + answer.content, ""
    return data


def presented(data: bytes) -> list[float]:
    """Seconds after ``START`` at which its samples are presented, in order."""
    at, times = 0, list[int]()
    while at < len(data):
        size, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        if kind == b"moof":
            moof = mp4_cut.read_moof(data[at:], len(data) - at)
            times += [time for run in moof.runs for time in run.presented()]
        at += size
    return [(time - START) / 90_000 for time in sorted(times)]


@pytest.mark.parametrize(
    ("start", "end"), [(2.5, 7.3), (0, 20), (3.98, 4.02), (6, 12), (0, 0.04), (11.2, 19.99), (0.5, 13)]
)
async def test_R22_8_playback_shows_nothing_outside(tmp_path: Path, start: float, end: float) -> None:
    async with kept(tmp_path) as store, store.client() as web:
        await store.stream.stop()
        await store.recorder.close()
        path = f"/m/{ticket(store, start, end)}/index.m3u8"
        if (await web.get(path)).status_code == 404:
            assert end - start < 1  # no key frame in it
            return
        times = presented(await footage(web, path))
        assert start <= times[0]
        assert times[-1] < end
        assert end - times[-1] <= 0.041  # to the last picture before it
        steps = {round(after - before, 3) for before, after in pairwise(times)}
        assert steps == {0.04} or len(times) == 1


async def test_R22_8_a_grant_of_whole_fragments_shows_them(tmp_path: Path) -> None:
    async with kept(tmp_path) as store, store.client() as web:
        await store.stream.stop()
        await store.recorder.close()
        times = presented(await footage(web, f"/m/{ticket(store, 2.5, 7.3, exact=False)}/index.m3u8"))
        assert times[0] < 2.5
        assert times[-1] > 7.3


async def test_R22_8_the_bytes_beyond_open_nothing(tmp_path: Path) -> None:
    async with kept(tmp_path) as store, store.client() as web:
        await store.stream.stop()
        await store.recorder.close()
        path = f"/m/{ticket(store, 2.5, 7.3)}/index.m3u8"
        (name,) = set(re.findall(r"^\d+-[0-9a-f]{32}\.mp4", (await web.get(path)).text, re.MULTILINE))
        whole = await web.get(urljoin(path, name))
        assert (whole.status_code, whole.json()["code"]) == (403, "outside_ticket")
        other = f"/m/{ticket(store, 2.5, 7.3, exact=False)}/edge-{name}"
        assert (await web.get(other)).status_code == 404


@pytest.mark.parametrize("end", [7.3, 8, 12.0, 19.5])
async def test_R22_8_a_growing_playlist_is_the_same_at_the_end(tmp_path: Path, end: float) -> None:
    async with kept(tmp_path) as store, store.client() as web:
        await store.volume.settled()
        path = f"/m/{ticket(store, 2.5, end)}/index.m3u8"
        growing = (await web.get(path)).text
        await store.stream.stop()
        await store.recorder.close()
        last = (await web.get(path)).text
        body = growing.split("#EXT-X-MAP")[1].removesuffix("#EXT-X-ENDLIST\n")
        assert last.split("#EXT-X-MAP")[1].startswith(body)
        assert presented(await footage(web, path))[-1] < end


@pytest.mark.parametrize("kind", ["clip", "download"])
async def test_R22_8_a_copy_is_cut_at_both_ends(tmp_path: Path, kind: Kind) -> None:
    async with kept(tmp_path) as store, store.client() as web:
        await store.stream.stop()
        await store.recorder.close()
        listed = await web.get(f"/m/{ticket(store, 2.5, 7.3, kind)}/files.json")
        (one,) = listed.json()["files"]
        assert one["start"][11:23] >= "08:00:02.500"
        assert one["end"][11:23] == "08:00:07.320"  # where the picture of 07.280 ends
        data = (await web.get(f"/m/{ticket(store, 2.5, 7.3, kind)}/a.mp4")).content
        if kind == "clip":
            times = presented(data)
            assert 2.5 <= times[0] <= times[-1] < 7.3
        (before,) = (await web.get(f"/m/{ticket(store, 2.5, 7.3, kind, exact=False)}/files.json")).json()[
            "files"
        ]
        assert before["start"] < one["start"]


async def test_a_revoked_grant_opens_nothing_and_stops_what_is_on_its_way(tmp_path: Path) -> None:
    async with kept(tmp_path) as store, store.client() as web:
        await store.stream.stop()
        await store.recorder.close()
        path = f"/m/{ticket(store, 0, 20, 'clip')}/a.mp4"
        assert (await web.get(path)).status_code == 200
        revoked = Assignment(2, KEY, frozenset(), {}, revoked_grants=frozenset({GRANT}))
        body = store.media._while_held
        answer = await store.media.clips.answer(request(), parsed(store), "a.mp4")
        guarded = body(parsed(store), answer, "").body
        assert not isinstance(guarded, bytes)
        assert len(await guarded.read(0, 1000)) == 1000
        await store.media.hub.assign(revoked)
        assert await guarded.read(1000, 1000) == b""
        guarded.close()
        refused = await web.get(path)
        assert (refused.status_code, refused.json()["code"]) == (403, "ticket_refused")


def request() -> Request:
    return Request("GET", "/", {}, {})


def parsed(store: Kept) -> Ticket:
    now = store.clock.utc // SECOND
    made = Ticket("clip", str(CAMERA), "main", START, START + 20 * 90_000, "p", 1, now + 60, now + 3600)
    return replace(made, grant=GRANT, exact=True)
