"""What was done to one segment, and exactly where."""

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest

from bingjian.recording import findings, fragments, index
from bingjian.recording.alignment import Kind, Match, differences, runs
from bingjian.recording.catalogue import SegmentRow
from bingjian.recording.findings_table import FIRST, closed_after
from bingjian.recording.segment import index_path
from bingjian.recording.volume import Volume
from tests.unit.recording.footage import recorder, video, video_config

LENGTH_S = 6


class Bytes:
    """A file in memory; counts what is read."""

    def __init__(self, content: bytes) -> None:
        self.content, self.read_bytes = content, 0

    @property
    def size(self) -> int:
        return len(self.content)

    def read(self, offset: int, length: int) -> bytes:
        piece = self.content[offset : offset + length]
        self.read_bytes += len(piece)
        return piece


class Recorded:
    """One closed segment of six fragments of a second each."""

    def __init__(self, volume: UUID, row: SegmentRow, path: Path) -> None:
        self.volume, self.row = volume, row
        self.content, self.side = path.read_bytes(), index_path(path).read_bytes()
        self.entries = list(index.entries_of(self.side))
        self.pieces = [self.content[entry.offset : entry.end] for entry in self.entries]
        self.slots = [self.side[at : at + 64] for at in range(0, len(self.side), 64)]

    def named(
        self, content: bytes | None = None, side: bytes | None = None
    ) -> list[tuple[str, float, float]]:
        """Kind, and interval in seconds from the segment's start."""
        source = Bytes(self.content if content is None else content)
        found = findings.classify(self.row, self.volume, self.side if side is None else side, source)
        return [(one.kind.value, *map(self.second, (one.start_90k, one.end_90k))) for one in found]

    def second(self, at_90k: int) -> float:
        return (at_90k - self.row.start_90k) / 90_000


@pytest.fixture
async def one(volume: Volume, clock) -> Recorded:
    recording = recorder(volume, clock)
    recording.set_tracks((video_config(),))
    for second in range(LENGTH_S):
        recording.write(video(second, 1), clock_offset_ms=7 * second)
    await recording.close()
    with volume.reading() as catalogue:
        (row,) = closed_after(catalogue, FIRST, 2)
    return Recorded(volume.id, row, volume.path / row.path)


def flipped(content: bytes, at: int, bit: int = 1) -> bytes:
    return content[:at] + bytes([content[at] ^ bit]) + content[at + 1 :]


def swapped(pieces: Sequence[bytes], a: int, b: int) -> bytes:
    changed = list(pieces)
    changed[a], changed[b] = changed[b], changed[a]
    return b"".join(changed)


def test_nothing_done_nothing_found(one):
    assert one.named() == []


def test_a_flipped_byte_is_altered_in_its_fragment(one):
    for number, entry in enumerate(one.entries[1:]):
        for at in (entry.offset, entry.offset + 3, entry.offset + 6, entry.offset + 100, entry.end - 1):
            assert one.named(flipped(one.content, at)) == [("altered", number, number + 1)]


def test_without_the_init_segment_nothing_can_be_shown(one):
    for at in range(0, one.entries[0].length, 7):
        assert one.named(flipped(one.content, at, 0x80)) == [("altered", 0, LENGTH_S)]


def test_a_flipped_bit_anywhere_in_the_index_is_altered_in_its_entry(one):
    """Also of the camera's clock and the flags, which nothing else vouches for."""
    for at in range(len(one.side)):
        number = at // 64
        expected = (0, LENGTH_S) if number == 0 else (number - 1, number)
        assert one.named(side=flipped(one.side, at, 1 << at % 8)) == [("altered", *expected)], at


def test_a_file_cut_anywhere_has_lost_its_rest(one):
    for size in range(0, len(one.content), 101):
        whole = sum(entry.end <= size for entry in one.entries)
        start = max(whole - 1, 0)
        assert one.named(one.content[:size]) == [("removed", start, LENGTH_S)], size


def test_an_index_cut_anywhere_has_lost_its_rest(one):
    for size in range(0, len(one.side), 5):
        start = max(size // 64 - 1, 0)
        assert one.named(side=one.side[:size]) == [("removed", start, LENGTH_S)], size


@pytest.mark.parametrize("number", range(1, LENGTH_S + 1))
def test_a_dropped_piece_is_removed(one, number):
    for pieces, which in ((one.pieces, "content"), (one.slots, "side")):
        rest = b"".join([*pieces[:number], *pieces[number + 1 :]])
        assert one.named(**{which: rest}) == [("removed", number - 1, number)]


@pytest.mark.parametrize("number", range(1, LENGTH_S + 2))
def test_what_stands_between_was_inserted(one, number):
    for pieces, which in ((one.pieces, "content"), (one.slots, "side")):
        for strange in (b"x", bytes(64), pieces[2], b"\0\0\0\x10moof" + bytes(16)):
            longer = b"".join([*pieces[:number], strange, *pieces[number:]])
            ((kind, start, end),) = one.named(**{which: longer})
            assert kind == "inserted"
            # a copy beside its original cannot be told from it
            assert start == end
            assert abs(start - (number - 1)) <= 1


def test_swapped_pieces_are_reordered(one):
    for pieces, which in ((one.pieces, "content"), (one.slots, "side")):
        assert one.named(**{which: swapped(pieces, 2, 3)}) == [("reordered", 1, 3)]
        assert one.named(**{which: swapped(pieces, 2, 5)}) == [("reordered", 1, 2), ("reordered", 4, 5)]


def test_several_things_at_once_are_all_named(one):
    pieces = list(one.pieces)
    pieces[1], pieces[2] = pieces[2], pieces[1]
    pieces[4] = flipped(pieces[4], 150)
    assert one.named(b"".join(pieces) + b"more") == [
        ("reordered", 0, 2),
        ("altered", 3, 4),
        ("inserted", 6, 6),
    ]


def test_in_file_and_index_each_is_named(one):
    found = one.named(flipped(one.content, one.entries[2].end - 1), one.side[: 64 * 5])
    assert ("altered", 1, 2) in found
    assert ("removed", 4, 6) in found


def test_a_fragment_made_anew_with_its_index_is_altered_somewhere(one):
    """File and index agree; only the root says that they are not those that were written."""
    content = flipped(one.content, one.entries[3].end - 1)
    old = one.entries[3]
    new = old._replace(sha256=sha256(content[old.offset : old.end]).digest())
    side = b"".join([*one.slots[:3], index.pack(new), *one.slots[4:]])
    assert one.named(content, side) == [("altered", 0, LENGTH_S)]


def test_the_root_is_the_anchor(one):
    one.row = replace(one.row, root=bytes(32))
    assert one.named() == [("altered", 0, LENGTH_S)]


def test_a_file_made_to_keep_us_busy_does_not(one):
    """Boxes within boxes within boxes, each of a length that some fragment has."""
    length = one.entries[1].length
    header = (16).to_bytes(4) + b"moof" + bytes(8) + (length - 16).to_bytes(4) + b"mdat"
    content = header * (len(one.content) * 4 // len(header))
    source = Bytes(content)
    found = findings.classify(one.row, one.volume, one.side, source)
    assert {finding.kind for finding in found} <= {Kind.INSERTED, Kind.ALTERED}
    assert source.read_bytes < 20 * len(content)


@pytest.mark.parametrize("content", [b"", b"\0", bytes(8), b"\0\0\0\x08ftyp\0\0\0\x08moov", b"\xff" * 3000])
def test_any_bytes_are_judged_without_a_fault(one, content):
    assert one.named(content)
    assert one.named(content, content)
    assert one.named(side=content)


def test_an_index_of_any_entries_is_judged_without_a_fault(one):
    wild = index.pack(index.Entry(2**64 - 1, 2**32 - 1, 2**32 - 1, 0, 2**32 - 1, -1, bytes(32)))
    assert one.named(side=wild * 7)
    assert one.named(side=one.side[:64] + wild + one.side[128:])


def test_the_longest_run_in_order_stays_where_it_is():
    lengths = [10] * 5
    order = [0, 3, 1, 2, 4]
    matches = [Match(number, 10 * place, 10) for place, number in enumerate(order)]
    found = differences(lengths, matches, 50, lambda start, end: None)
    assert [(one.kind, one.first, one.last) for one in found] == [(Kind.REORDERED, 1, 4)]
    assert list(runs([5, 1, 2])) == [(1, 3), (5, 6)]


def test_a_fragment_split_between_two_reads_is_found():
    name = b"\0\0\0\x10moof"
    content = bytes(fragments.READ_BYTES - 6) + name + bytes(100)
    assert list(fragments.starts(Bytes(content), 0, len(content))) == [fragments.READ_BYTES - 6]
