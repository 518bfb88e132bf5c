"""What was recorded, masked: the original's lines, each made once, and nothing in them of what is hidden."""

import asyncio
import hashlib
import re
from pathlib import Path

import pytest

from bingjian.formats import mp4
from bingjian.imaging.masks import Mask
from bingjian.processes.imaging_playback import masked_playlist
from bingjian.processes.media import LiveTicket
from bingjian.streaming.assignment import Assignment, CameraAssignment
from bingjian.streaming.ticket import Ticket, sign
from tests.unit.processes.masked import (
    CAMERA,
    KEY,
    MASK,
    assignment,
    client_of,
    is_covered,
    pictures_in,
    ticket,
    views_over,
)
from tests.unit.streaming.footage import ADDRESS, START, coded
from tests.unit.streaming.test_playback import Kept, kept

TEN_S = START + 10 * 90_000


def worker_of(store: Kept) -> str:
    return f"http://127.0.0.1:{store.media.server.port}"


def original_of(store: Kept) -> str:
    """The hash of everything that is stored."""
    digest = hashlib.sha256()
    for path in sorted(store.volume.path.rglob("*.mp4")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


async def test_R6_2_every_line_is_masked_and_the_original_stays(tmp_path: Path) -> None:
    assert not all(map(is_covered, pictures_in(plain())))  # it moves there, and the test can tell
    async with kept(tmp_path) as store, views_over(worker_of(store), store.clock) as masked:
        await store.volume.settled()
        before = original_of(store)
        async with client_of(masked) as web:
            base = f"/m/{ticket('playback', store.clock, START, TEN_S)}"
            playlist = (await web.get(f"{base}/index.m3u8")).text
            assert "BYTERANGE" not in playlist
            init = (await web.get(f"{base}/{re.findall(r'init-[0-9a-f]+.mp4', playlist)[0]}")).content
            lines = re.findall(r"^m-.*$", playlist, re.M)
            made = [(await web.get(f"{base}/{line}")).content for line in lines]
            pictures = pictures_in(init + b"".join(made))
            times = re.findall(r"#EXTINF:([\d.]+)", playlist)
        assert len(pictures) == round(sum(map(float, times)) * 25)
        assert all(map(is_covered, pictures))
        assert original_of(store) == before


def plain() -> bytes:
    """The original as it is."""
    config, units = coded(25)
    samples = [
        mp4.Sample(0, START + n * 3600, START + n * 3600, 3600, unit.data, unit.sync, False)
        for n, unit in enumerate(units)
    ]
    return mp4.init_segment([config]) + b"".join(mp4.fragment(1, samples))


async def test_twenty_who_ask_for_one_line_have_it_made_once(tmp_path: Path) -> None:
    async with (
        kept(tmp_path) as store,
        views_over(worker_of(store), store.clock, masked_streams=21) as masked,
    ):
        await store.volume.settled()
        async with client_of(masked) as web:
            bases = [
                f"/m/{ticket('playback', store.clock, START, TEN_S, f'p{number}')}" for number in range(20)
            ]
            (line, *_) = re.findall(r"^m-.*$", (await web.get(f"{bases[0]}/index.m3u8")).text, re.M)
            answers = await asyncio.gather(*(web.get(f"{base}/{line}") for base in bases))
            assert {answer.status_code for answer in answers} == {200}
            assert len({answer.content for answer in answers}) == 1
            assert masked.playback.made == 1
            late = f"/m/{ticket('playback', store.clock, START + 15 * 90_000, START + 16 * 90_000)}"
            outside = await web.get(f"{late}/{line}")  # kept, but not this ticket's to see
            assert (outside.status_code, masked.playback.made) == (403, 1)


async def test_a_ticket_opens_one_side_only(tmp_path: Path) -> None:
    async with (
        kept(tmp_path) as store,
        views_over(worker_of(store), store.clock) as masked,
        client_of(masked) as web,
        store.client() as worker,
    ):
        await store.volume.settled()
        masked_one = f"/m/{ticket('playback', store.clock, START, TEN_S)}/index.m3u8"
        bare_one = f"/m/{ticket('playback', store.clock, START, TEN_S, masks='')}/index.m3u8"
        assert [(await web.get(masked_one)).status_code, (await worker.get(bare_one)).status_code] == [
            200,
            200,
        ]
        refused = await web.get(bare_one), await worker.get(masked_one)
        assert [answer.status_code for answer in refused] == [403, 403]
        assert (await web.get("/m/nonsense/index.m3u8")).status_code == 403
        assert (await web.get("/control/state")).status_code == 404  # not on this port


async def test_R6_2_a_worker_gives_no_original_of_a_masked_camera(tmp_path: Path) -> None:
    async with kept(tmp_path) as store, store.client() as worker:
        await store.volume.settled()
        paths = [
            f"/m/{ticket('playback', store.clock, START, TEN_S, masks='', unmask=unmask)}/index.m3u8"
            for unmask in (False, True)
        ]
        assert [(await worker.get(path)).status_code for path in paths] == [200, 200]
        masked = CameraAssignment(CAMERA, "East gate", ADDRESS, None, masked=True)
        await store.media.hub.assign(Assignment(2, KEY, frozenset(), {CAMERA: masked}))
        answers = [await worker.get(path) for path in paths]
        assert [answer.status_code for answer in answers] == [403, 200]
        assert answers[0].json()["code"] == "masked"
        for unmask in (False, True):
            live = Ticket("live", str(CAMERA), "main", 0, 0, "p", 1, 2**40, 2**40, unmask=unmask)
            store.media.viewings.enter(text := sign(live, KEY), KEY, "127.0.0.1")
            assert LiveTicket(store.media, live, text).holds() is unmask


async def test_other_masks_than_the_tickets_show_nothing(tmp_path: Path) -> None:
    async with (
        kept(tmp_path) as store,
        views_over(worker_of(store), store.clock) as masked,
        client_of(masked) as web,
    ):
        await store.volume.settled()
        path = f"/m/{ticket('playback', store.clock, START, TEN_S)}/index.m3u8"
        assert (await web.get(path)).status_code == 200
        more = Mask.checked(((0.5, 0.5), (0.9, 0.5), (0.9, 0.9)))
        for masks in ((MASK, more), (more,), ()):
            masked.views.assign(assignment(worker_of(store), masks))
            answer = await web.get(path)
            assert (answer.status_code, answer.json()["code"]) == (503, "masks_changed")


async def test_R6_2_quota_is_refused_in_words_and_never_with_the_original(tmp_path: Path) -> None:
    async with (
        kept(tmp_path) as store,
        views_over(worker_of(store), store.clock, masked_streams=1) as masked,
        client_of(masked) as web,
    ):
        await store.volume.settled()

        def path(person: str) -> str:
            return f"/m/{ticket('playback', store.clock, START, TEN_S, person)}/index.m3u8"

        assert (await web.get(path("a"))).status_code == 200
        refused = await web.get(path("b"))
        assert (refused.status_code, refused.json()["code"]) == (503, "masked_streams_full")
        store.clock.pass_ns(21 * 10**9)  # the first has asked for nothing since
        assert (await web.get(path("b"))).status_code == 200


@pytest.mark.parametrize(
    "line", ["m-x-0-1-y.mp4", "init-00.mp4", "0-0.mp4", "..", "m-" + "0" * 64 + "-0-9-1-2.mp4"]
)
async def test_nonsense_is_not_found(tmp_path: Path, line: str) -> None:
    async with (
        kept(tmp_path, 50) as store,
        views_over(worker_of(store), store.clock) as masked,
        client_of(masked) as web,
    ):
        answer = await web.get(f"/m/{ticket('playback', store.clock, START, TEN_S)}/{line}")
        assert answer.status_code == 404


def test_a_playlist_keeps_everything_but_the_names() -> None:
    text = (
        "#EXTM3U\n#EXT-X-DISCONTINUITY\n"
        f'#EXT-X-MAP:URI="init-{"a" * 64}.mp4"\n#EXTINF:4.0,\n#EXT-X-BYTERANGE:7@9\n5-{"b" * 32}.mp4\n'
        f"#EXTINF:1.0,\nedge-6-{'c' * 32}.mp4\n"
    )
    assert masked_playlist(text) == (
        "#EXTM3U\n#EXT-X-DISCONTINUITY\n"
        f'#EXT-X-MAP:URI="init-{"a" * 64}.mp4"\n#EXTINF:4.0,\nm-{"a" * 64}-9-7-5-{"b" * 32}.mp4\n'
        f"#EXTINF:1.0,\nm-{'a' * 64}-0-0-edge-6-{'c' * 32}.mp4\n"
    )
