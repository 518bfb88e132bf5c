"""R27.5: what is given out of a held segment was written, whatever was done to its files; and what the
timeline says of it adds up.
"""

import tempfile
from hashlib import sha256
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bingjian.recording import index
from bingjian.recording.cause import Cause
from bingjian.recording.index import Entry
from bingjian.recording.presence import Span, recovered
from bingjian.recording.proven import ProvenReader, Unproven, proof_of
from bingjian.recording.segment import index_path
from bingjian.tlog import tree

sizes = st.lists(st.integers(1, 9), min_size=1, max_size=6)
damages = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 60)), max_size=12)  # file, byte
reads = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=6)


def written(sizes: list[int]) -> tuple[bytes, list[Entry]]:
    """A file of so many fragments of these sizes, and its index."""
    data, entries = b"", list[Entry]()
    for number, size in enumerate(sizes):
        fragment = bytes((number * 16 + at) % 256 for at in range(size))
        entries.append(Entry(number, 1, size, len(data), 0, 0, sha256(fragment).digest()))
        data += fragment
    return data, entries


@given(sizes, damages, reads, st.sets(st.integers(0, 2), max_size=2))
def test_R27_5_only_what_was_written_is_given_out(
    sizes: list[int], damages: list[tuple[int, int]], reads: list[tuple[int, int]], gone: set[int]
) -> None:
    data, entries = written(sizes)
    raw = b"".join(map(index.pack, entries))
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{number}.mp4" for number in range(3)]
        contents = [bytearray(data) for _ in files]
        for file, at in damages:
            contents[file][at % len(data)] ^= 1
        for number, path in enumerate(files):
            index_path(path).write_bytes(raw)
            if number not in gone:
                path.write_bytes(contents[number])
        there = [bytes(one) for number, one in enumerate(contents) if number not in gone]
        reader = ProvenReader(proof_of(files, tree.root(map(index.pack, entries))))
        for offset, length in reads:
            touched = [one for one in entries if one.offset < offset + length and one.end > offset]
            parts = [slice(one.offset, one.end) for one in touched]
            good = all(any(file[part] == data[part] for file in there) for part in parts)
            try:
                assert reader.read(offset, length) == data[offset : offset + length]
                assert good or not length
            except Unproven:
                assert not good


@given(sizes, st.lists(st.tuples(st.integers(0, 1), st.integers(0, 400)), max_size=3))
def test_R27_5_an_index_that_does_not_have_the_root_proves_nothing(
    sizes: list[int], damages: list[tuple[int, int]]
) -> None:
    _, entries = written(sizes)
    raw, root = b"".join(map(index.pack, entries)), tree.root(map(index.pack, entries))
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{number}.mp4" for number in range(2)]
        indexes = [bytearray(raw), bytearray(raw)]
        for file, at in damages:
            indexes[file][at % len(raw)] ^= 1
        for path, one in zip(files, indexes, strict=True):
            index_path(path).write_bytes(one)
        if raw in indexes:
            assert list(proof_of(files, root).entries) == entries
        else:
            try:
                raise AssertionError(proof_of(files, root))
            except Unproven:
                pass


instants = st.integers(0, 40).map(lambda number: number * 90_000)
kinds = st.sampled_from([Span(0, 1, "present"), Span(0, 1, "missing"), Span(0, 1, "missing", Cause.EXPIRED)])


@given(st.lists(st.tuples(instants, kinds), max_size=10), st.lists(st.tuples(instants, instants), max_size=6))
def test_R27_5_what_is_recovered_is_what_was_present_and_is_lost(
    told: list[tuple[int, Span]], lost: list[tuple[int, int]]
) -> None:
    bounds = sorted({at for at, _ in told})
    layer = [
        Span(start, end, kind.kind, kind.cause)
        for start, end, (_, kind) in zip(bounds, bounds[1:], told, strict=False)
    ]
    found = list(recovered(layer, lost))
    assert [at for one in found for at in (one.start_90k, one.end_90k)] == sorted(
        at for one in found for at in (one.start_90k, one.end_90k)
    ), "in order, without overlap"
    for before in layer:
        inside = [one for one in found if before.start_90k <= one.start_90k < before.end_90k]
        assert (inside[0].start_90k, inside[-1].end_90k) == (before.start_90k, before.end_90k)
        assert {(one.kind, one.cause) for one in inside} == {(before.kind, before.cause)}
    for one in found:
        middle = (one.start_90k + one.end_90k) // 2
        gone = any(start <= middle < end for start, end in lost)
        assert (one.recovered_from == "hold") == (one.kind == "present" and gone)
