"""What left of a copy: hashed as it was sent, told before the last byte, and of nobody else the same."""

import asyncio
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bingjian.formats import mp4_movie
from bingjian.recording.catalogue import debts
from bingjian.recording.extract import Origin
from bingjian.recording.piece import Piece
from bingjian.streaming.contents import PiecedContent
from bingjian.streaming.handover import HandOvers, NotOwed, Package, Spans, Wanted, WatchedContent
from tests.unit.streaming.test_clip import CAMERA, Shop, shop

DATA = bytes(range(256)) * 40


def watched(data: bytes, told: list[Package]) -> WatchedContent:
    pieces = [Piece(len(data) - 3, data[:-3]), Piece(3, data[-3:])]
    content = HandOvers(told.append).watched(PiecedContent(pieces), Wanted("c", 7, 1, pieces))
    assert isinstance(content, WatchedContent)
    return content


cuts = st.lists(st.tuples(st.integers(0, len(DATA) - 1), st.integers(1, 3000)), max_size=12)


@given(cuts)
def test_R25_12_however_it_is_asked_for_the_hash_is_of_the_whole(parts: list[tuple[int, int]]) -> None:
    told = list[Package]()

    async def work() -> None:
        content = watched(DATA, told)
        seen = bytearray(len(DATA))
        for start, length in parts:
            got = await content.read(start, min(length, len(DATA) - start))
            seen[start : start + len(got)] = b"\1" * len(got)
            assert bool(told) == all(seen)
        for start in range(0, len(DATA), 1000):
            await content.read(start, min(1000, len(DATA) - start))

    asyncio.run(work())
    assert told == [Package("c", 7, 1, len(DATA), hashlib.sha256(DATA).hexdigest())]


@pytest.mark.parametrize(("until", "is_told"), [(-2, False), (-1, False), (0, True)])
async def test_R25_12_told_with_the_last_byte_and_not_before(until: int, is_told: bool) -> None:
    told = list[Package]()
    content = watched(DATA, told)
    await content.read(0, len(DATA) + until)
    assert bool(told) is is_told


async def test_R25_12_what_cannot_be_told_does_not_go_whole() -> None:
    def fail(package: Package) -> None:
        raise NotOwed("no volume")

    pieces = [Piece(len(DATA), DATA)]
    content = HandOvers(fail).watched(PiecedContent(pieces), Wanted("c", 7, 1, pieces))
    assert len(await content.read(0, 100)) == 100
    assert await content.read(100, len(DATA) - 100) == b""


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10)), max_size=20))
def test_spans_are_the_union_of_what_there_was(parts: list[tuple[int, int]]) -> None:
    spans, seen = Spans(), set[int]()
    for start, length in parts:
        spans.add(start, start + length)
        seen |= set(range(start, start + length))
    size = max(seen, default=-1) + 1
    assert spans.covers(size) is (bool(seen) and seen == set(range(size)))


async def taken(store: Shop, kind: str) -> bytes:
    async with store.client() as web:
        return (await web.get(f"/m/{store.ticket(kind, 3.5, 15.1)}/x.mp4")).content


def owed(store: Shop) -> list[dict[str, Any]]:
    with store.volume.reading() as rows:
        return [one.body for one in debts(rows, 0, 100) if one.body["kind"] == "copy.package"]


@pytest.mark.parametrize("kind", ["clip", "download"])
async def test_R25_12_a_volume_owes_the_journal_the_package(tmp_path: Path, kind: str) -> None:
    async with shop(tmp_path) as store:
        whole = await taken(store, kind)
        (body,) = owed(store)
        told = {"kind": "copy.package", "camera": str(CAMERA), "entry": 1, "file": 1}
        assert body == told | {"size_bytes": len(whole), "sha256": hashlib.sha256(whole).hexdigest()}
        assert await taken(store, kind) == whole
        assert len(owed(store)) == 1
        assert json.dumps(body)


@pytest.mark.parametrize("kind", ["clip", "download"])
async def test_R31_5_a_file_carries_the_entry_that_it_was_handed_out_under(tmp_path: Path, kind: str) -> None:
    async with shop(tmp_path) as store:
        whole = await taken(store, kind)
        at = whole.index(b"uuid" + mp4_movie.START) + 4 + len(mp4_movie.START)
        origin = Origin.unpack(whole[at : at + 48])
        assert origin is not None
        assert (origin.camera, origin.entry) == (CAMERA, 1)


def test_an_origin_of_before_is_still_read() -> None:
    new = Origin(CAMERA, 90_000, -5, 12)
    assert Origin.unpack(new.pack()) == new
    old = b"\1" + new.pack()[1:40]
    assert Origin.unpack(old) == Origin(CAMERA, 90_000, -5)
    for wrong in (b"", b"\3" + new.pack()[1:], new.pack()[:40], old[:-1]):
        assert Origin.unpack(wrong) is None
