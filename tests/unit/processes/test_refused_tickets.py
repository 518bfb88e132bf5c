"""A ticket that opens nothing leaves exactly one note for the journal, whatever is wrong with it."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from bingjian.clock import Clock
from bingjian.processes.imaging import ImagingConfig, MaskedViews, Studio
from bingjian.processes.media_reports import Reports
from bingjian.streaming.assignment import Assignment, CameraAssignment
from bingjian.streaming.http import HttpProblem, Request
from bingjian.tally import EVERY_NS
from tests.unit.processes.masked import CAMERA, KEY, client_of, ticket, views_over
from tests.unit.streaming.footage import ADDRESS, SECOND, START
from tests.unit.streaming.test_playback import Kept, kept

SPAN = START, START + 4 * 90_000
OTHER_SPAN = START + 8 * 90_000, START + 12 * 90_000
FORGED = "x" * 43  # as long as a signature
Note = tuple[str, str, int | None, int]


async def notes(reports: Reports) -> list[Note]:
    """What the web process would write down."""
    told = json.loads((await reports.handle(Request("GET", "/control/reports", {}, {}))).body)
    refused = [one for one in told["notes"] if one["kind"] == "refused"]
    return [(one["sign"], one["address"], one["opening"], one["count"]) for one in refused]


def noted(sign: str, opening: int | None, count: int = 1) -> list[Note]:
    return [(sign, "127.0.0.1", opening, count)]


def playback(clock: Clock, span: tuple[int, int] = SPAN, **more: Any) -> str:
    return ticket("playback", clock, *span, **({"entry": 7, "masks": ""} | more))


async def test_R31_4_a_forged_ticket(tmp_path: Path) -> None:
    async with kept(tmp_path) as store, store.client() as web:
        payload, _, signature = playback(store.clock).partition(".")
        for text in (f"{payload}.{FORGED}", f"{payload[:-4]}AAAA.{signature}", "nonsense", "ü", "x" * 2000):
            assert (await web.get(f"/m/{text}/index.m3u8")).status_code == 403
        assert await notes(store.media.reports) == noted("bad_ticket", None, 5)


@pytest.mark.parametrize("seconds", [61, 3601])
async def test_R27_1_a_ticket_opened_too_late_or_expired(tmp_path: Path, seconds: int) -> None:
    async with kept(tmp_path) as store, store.client() as web:
        text = playback(store.clock)
        store.clock.pass_ns(seconds * SECOND)
        assert (await web.get(f"/m/{text}/index.m3u8")).status_code == 403
        assert await notes(store.media.reports) == noted("spent_ticket", 7)


async def test_R27_1_a_ticket_whose_look_is_over(tmp_path: Path) -> None:
    async with kept(tmp_path) as store, store.client() as web:
        text = playback(store.clock)
        assert (await web.post(f"/m/{text}/heartbeat")).status_code == 204
        assert await notes(store.media.reports) == []
        store.clock.pass_ns(21 * SECOND)
        store.media.each_second()
        assert (await web.post(f"/m/{text}/heartbeat")).status_code == 403
        assert await notes(store.media.reports) == noted("spent_ticket", 7)


async def test_R31_4_a_replayed_ticket_names_whose_it_was(tmp_path: Path) -> None:
    async with kept(tmp_path) as store, store.client() as web:
        store.media.viewings.enter(text := playback(store.clock), KEY, "192.0.2.1")
        assert (await web.get(f"/m/{text}/index.m3u8")).status_code == 403
        assert await notes(store.media.reports) == noted("replayed_ticket", 7)


async def test_R27_1_a_ticket_whose_right_was_taken_away(tmp_path: Path) -> None:
    async with kept(tmp_path) as store, store.client() as web:
        assert store.media.hub.assignment is not None
        told = replace(store.media.hub.assignment, epoch=2, revoked_grants=frozenset({"g"}))
        await store.media.hub.assign(told)
        assert (await web.get(f"/m/{playback(store.clock, grant='g')}/index.m3u8")).status_code == 403
        assert await notes(store.media.reports) == noted("revoked_ticket", 7)


async def test_R6_2_a_ticket_for_the_original_of_a_masked_camera(tmp_path: Path) -> None:
    async with kept(tmp_path) as store, store.client() as web:
        masked = CameraAssignment(CAMERA, "East gate", ADDRESS, None, masked=True)
        await store.media.hub.assign(Assignment(2, KEY, frozenset(), {CAMERA: masked}))
        assert (await web.get(f"/m/{playback(store.clock)}/index.m3u8")).json()["code"] == "masked"
        assert await notes(store.media.reports) == noted("revoked_ticket", 7)


async def stored(store: Kept, web: httpx.AsyncClient, span: tuple[int, int]) -> str:
    """A file that a ticket of this interval lists."""
    await store.stream.stop()
    await store.recorder.close()
    listed = (await web.get(f"/m/{playback(store.clock, span)}/index.m3u8")).text
    return re.findall(r"^\d+-[0-9a-f]{32}\.mp4", listed, re.MULTILINE)[0]


async def test_R22_8_a_ticket_used_for_another_interval(tmp_path: Path) -> None:
    async with kept(tmp_path) as store, store.client() as web:
        name = await stored(store, web, OTHER_SPAN)
        answer = await web.get(f"/m/{playback(store.clock)}/{name}", headers={"Range": "bytes=-1"})
        assert answer.status_code == 403
        assert await notes(store.media.reports) == noted("other_ticket", 7)


async def test_R22_8_a_ticket_of_a_time_that_was_not_recorded_opens_no_file(tmp_path: Path) -> None:
    async with kept(tmp_path) as store, store.client() as web:
        name = await stored(store, web, SPAN)
        later = START + 3600 * 90_000, START + 3601 * 90_000
        answer = await web.get(f"/m/{playback(store.clock, later)}/{name}")
        assert (answer.status_code, answer.json()["code"]) == (404, "nothing_recorded")
        assert await notes(store.media.reports) == noted("other_ticket", 7)


@pytest.mark.parametrize("name", ["live", "files.json", "x"])
async def test_R27_1_a_ticket_used_for_another_kind(tmp_path: Path, name: str) -> None:
    async with kept(tmp_path) as store, store.client() as web:
        assert (await web.get(f"/m/{playback(store.clock)}/{name}")).status_code == 404
        assert await notes(store.media.reports) == noted("other_ticket", 7)


async def test_what_is_not_there_any_more_is_nobodys_fault(tmp_path: Path) -> None:
    async with kept(tmp_path) as store, store.client() as web:
        gone = f"{START}-{'0' * 32}.mp4"
        assert (await web.get(f"/m/{playback(store.clock)}/{gone}")).status_code == 404
        assert await notes(store.media.reports) == []


async def test_a_flood_is_one_note_a_minute_and_ticket(tmp_path: Path) -> None:
    async with kept(tmp_path) as store, store.client() as web:
        texts = [playback(store.clock, entry=entry) for entry in (7, 8)]
        store.clock.pass_ns(61 * SECOND)

        async def tried(times: int) -> None:
            for _ in range(times):
                for text in texts:
                    assert (await web.get(f"/m/{text}/index.m3u8")).status_code == 403

        await tried(1)
        first = noted("spent_ticket", 7) + noted("spent_ticket", 8)
        assert await notes(store.media.reports) == first
        await tried(50)
        assert await notes(store.media.reports) == first
        store.clock.pass_ns(EVERY_NS)
        again = noted("spent_ticket", 7, 50) + noted("spent_ticket", 8, 50)
        assert await notes(store.media.reports) == first + again


# --- imaging


async def test_imaging_notes_each_as_media_workers_do(tmp_path: Path) -> None:
    async with kept(tmp_path) as store:
        worker = f"http://127.0.0.1:{store.media.server.port}"
        async with views_over(worker, store.clock, hears=False) as masked, client_of(masked) as web:
            good = ticket("playback", store.clock, *SPAN, entry=6)
            late = ticket("playback", store.clock, *SPAN, entry=9)
            masked.views.viewings.enter(
                replayed := ticket("playback", store.clock, *SPAN, entry=8), KEY, "192.0.2.1"
            )
            tried = [
                (f"{good[:-1]}{'A' if good[-1] != 'A' else 'B'}", "index.m3u8", 403),
                (playback(store.clock), "index.m3u8", 403),
                (replayed, "index.m3u8", 403),
                (good, "live", 404),
            ]
            for text, name, status in tried:
                assert (await web.get(f"/m/{text}/{name}")).status_code == status, (name, text)
            store.clock.pass_ns(61 * SECOND)
            assert (await web.get(f"/m/{late}/index.m3u8")).status_code == 403
            assert await notes(masked.views.reports) == [
                *noted("bad_ticket", None),
                *noted("other_ticket", 7),
                *noted("replayed_ticket", 8),
                *noted("other_ticket", 6),
                *noted("spent_ticket", 9),
            ]


async def test_imaging_notes_a_wrong_credential(tmp_path: Path) -> None:
    async with kept(tmp_path) as store:
        config = ImagingConfig.model_validate({"port": 1, "credential": "c" * 32})
        masked = MaskedViews(config, store.clock)
        studio = Studio("c" * 32, store.clock, masked)
        request = Request("POST", "/still", {}, {"authorization": "Bearer no"}, peer="192.0.2.1")
        with pytest.raises(HttpProblem) as problem:
            await studio.handle(request)
        assert problem.value.status == 401
        assert await notes(masked.views.reports) == [("bad_credential", "192.0.2.1", None, 1)]
        await masked.close()
        studio.thread.shutdown()
