"""Program streams: cut anywhere, torn anywhere, or no program stream at all."""

import tracemalloc
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bingjian.formats import adts
from bingjian.formats.access_unit import AccessUnit
from bingjian.formats.mpegps import Demuxer
from tests.unit.formats.mpegps.wire import (
    MPEG1_PACK,
    PACK,
    PICTURE,
    demuxed,
    frame,
    key_frame,
    outline,
    pes,
    stream,
)
from tests.unit.protocols.packets import H264_SETS, h264_slice, sample

CORPUS = sorted((Path(__file__).parent.parent / "corpus" / "mpegps").glob("*.bin"))
MEMORY_LIMIT = 4 << 20  # bytes at the peak, for inputs of at most 64 KiB

sizes = st.sampled_from([1, 2, 3, 250, 1400, 65_522, 65_523, 65_536, 140_000])
heads = st.sampled_from([b"", PACK, MPEG1_PACK, PACK[:4], PACK + pes(0xBD, b"private")])
codes = st.sampled_from([b"\0\0\1", b"\0\0\0\1"])


@st.composite
def pictures(draw: st.DrawFn) -> tuple[list[bytes], list[bytes]]:
    """(packs, samples): a key frame and others, packed in any way that tells no lie."""
    packs, samples = [], []
    for number in range(draw(st.integers(1, 6))):
        units = [
            h264_slice(draw(sizes), key=number == 0, first=first == 0, fill=number + 1)
            for first in range(draw(st.integers(1, 3)))
        ]
        samples.append(sample(*units))
        data = stream(*(H264_SETS if number == 0 else ()), *units, start=draw(codes))
        packs.append(draw(heads) + _packets(draw, data, number * PICTURE))
    return packs, samples


def _packets(draw: st.DrawFn, data: bytes, pts: int) -> bytes:
    """Cut anywhere, with the PTS in the first packet or in all, with lengths or without."""
    limit = max(draw(st.sampled_from([100, 9000, 65_000])), len(data) // 50)
    everywhere, length = draw(st.booleans()), draw(st.sampled_from([None, 0]))
    return b"".join(
        pes(0xE0, data[at : at + limit], pts if everywhere or not at else None, length=length)
        for at in range(0, len(data), limit)
    )


@given(pictures(), st.data())
def test_how_it_is_cut_does_not_matter(sent: tuple[list[bytes], list[bytes]], data: st.DataObject) -> None:
    packs, samples = sent
    whole = b"".join(packs)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    units = demuxed(*pieces)
    assert [unit.data for unit in units] == samples
    assert outline(units) == [(n, n == 0, False) for n in range(len(samples))]


@given(pictures(), st.sets(st.integers(0, 200), max_size=6), st.sampled_from([100, 1400, 9000]))
def test_what_is_torn_never_comes_out_and_what_follows_is_flagged(
    sent: tuple[list[bytes], list[bytes]], missing: set[int], size: int
) -> None:
    """As RTP over UDP loses it: whole pieces, and the loss is known."""
    packs, samples = sent
    demuxer, units, number, lossy = Demuxer(), list[AccessUnit](), 0, False
    for pack in packs:
        for at in range(0, len(pack), size):
            if number in missing:
                lossy = True
            else:
                if lossy:
                    demuxer.lose()
                    lossy = False
                units += demuxer.push(pack[at : at + size])
            number += 1
    units += demuxer.flush()
    assert {unit.data for unit in units} <= set(samples)
    if not missing & set(range(number)):
        assert [unit.data for unit in units] == samples
    for before, unit in pairwise(units):
        if unit.timestamp - before.timestamp > PICTURE and not unit.sync:
            assert unit.damaged


noise = st.lists(
    st.binary(max_size=64)
    | st.sampled_from([PACK, MPEG1_PACK, b"\0\0\1", b"\0\0\1\xe0\xff\xff", b"\0\0\1\xbc\0\x10", b"\0" * 200])
    | st.sampled_from(
        [key_frame(), frame(1), pes(0xC0, b"\xff\xf1\x60\x40\x04\x1f\xfc"), pes(0xE0, b"", 5, length=0)]
    ),
    max_size=24,
)


@given(noise, st.lists(st.integers(0, 2), max_size=24))
def test_whatever_comes_nothing_is_raised(pieces: list[bytes], signs: list[int]) -> None:
    demuxer = Demuxer()
    for number, piece in enumerate(pieces):
        for unit in demuxer.push(piece, number):
            assert unit.data
        sign = signs[number] if number < len(signs) else 0
        if sign == 1:
            demuxer.mark()
        elif sign == 2:
            demuxer.lose()
    demuxer.flush()
    assert isinstance(demuxer.fault, str)


@given(st.integers(0, 2000), st.integers(0, 255))
def test_a_changed_byte_costs_at_most_its_surroundings(at: int, value: int) -> None:
    whole = bytearray(b"".join([key_frame(), *[frame(n) for n in range(1, 5)], key_frame(5), frame(6)]))
    whole[at % len(key_frame())] = value
    (begun, *key), last = outline(demuxed(bytes(whole)))[-2:]  # from the first PTS on, which may have changed
    assert key == [True, False]
    assert last == (begun + 1, False, False)


no_length = st.just(b"\x60\x40\x00\x1f\xfc")  # of 0 bytes, header and all


@given(st.binary(max_size=400) | no_length, st.integers(0, 2))
def test_adts_headers_are_read_anywhere(data: bytes, at: int) -> None:
    frame = adts.read_header(b"\0" * at + b"\xff\xf1" + data, at)
    assert frame is None or at < frame.start < frame.end
    assert adts.fills(data) in (True, False)


NONSENSE = [b"\0", b"\0\0\1", b"\0\0\1\x41\x88", b"\0\0\1\xe0\0\0", b"\0\0\1\xba", b"\x5a"]


@pytest.mark.parametrize("pattern", NONSENSE, ids=lambda pattern: pattern.hex())
def test_after_endless_nonsense_pictures_come_again(pattern: bytes) -> None:
    demuxer = Demuxer()
    demuxer.push(key_frame() + PACK + pes(0xE0, stream(h264_slice()), PICTURE, length=0))
    tracemalloc.start()
    try:
        for _ in range(6):
            demuxer.push(pattern * (65_536 // len(pattern)))
        assert tracemalloc.get_traced_memory()[1] < MEMORY_LIMIT
    finally:
        tracemalloc.stop()
    found = demuxer.push(key_frame(3) + frame(4)) + demuxer.flush()
    assert outline(found)[-2:] == [(3, True, False), (4, False, False)]


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_the_corpus_in_any_pieces_costs_little_and_shows_what_its_name_says(path: Path) -> None:
    """``whole-…``: a habit, all three pictures come; ``torn-…``: damage, the last two come."""
    data = path.read_bytes()
    tracemalloc.start()
    try:
        for size in (5, 7, 1400, len(data)):  # of fewer bytes a picture may have too many pieces
            units = demuxed(*(data[at : at + size] for at in range(0, len(data), size)))
            found = [unit for unit in units if unit.track == 0]
            assert len(found) == 3 if path.stem.startswith("whole-") else len(found) >= 2
            assert found[-2].sync or path.stem.startswith("whole-")
        assert tracemalloc.get_traced_memory()[1] < MEMORY_LIMIT
    finally:
        tracemalloc.stop()
