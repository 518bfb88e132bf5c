"""A recorder that ended anywhere: what start-up makes of every torn file and index."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bingjian.formats import g711, mp4_reader
from bingjian.formats.access_unit import Codec
from bingjian.recording import index, presence, reader
from bingjian.recording.segment import index_path
from bingjian.recording.volume import Volume
from bingjian.tlog import tree
from tests.unit.recording.footage import (
    CAMERA,
    GIB,
    StandingClock,
    interleaved,
    recorder,
    seconds,
    sound,
    video,
    video_config,
)

LENGTH_S = 20  # more than what recovery reads again, so that both sides of that line are cut


@pytest.fixture(scope="module")
def killed(tmp_path_factory) -> Path:
    """A volume as it was while a camera with sound was being recorded into it."""
    return asyncio.run(_recording(tmp_path_factory.mktemp("killed")))


async def _recording(directory: Path) -> Path:
    clock = StandingClock()
    volume = Volume.create(directory / "live", size_bytes=GIB, reserve_bytes=0, clock=clock)
    one = recorder(volume, clock)
    one.set_tracks((video_config(), g711.config_from(Codec.PCMA)))
    one.write(interleaved(video(0, LENGTH_S, gop=40), sound(0, LENGTH_S)))
    await volume.settled()
    shutil.copytree(volume.path, directory / "killed")
    volume.close()
    return directory / "killed"


@contextmanager
def copy_of(root: Path) -> Iterator[tuple[Path, Path]]:
    """A copy to break, and its one segment file."""
    with tempfile.TemporaryDirectory() as directory:
        copy = Path(shutil.copytree(root, Path(directory) / "volume"))
        (file,) = copy.glob("cameras/*/*/*.mp4")
        yield copy, file


def repaired(root: Path) -> reader.Segment | None:
    """Open, close, open again; the segment, after a closed segment's promises were found kept."""
    Volume.open(root, clock=StandingClock()).close()
    volume = Volume.open(root, clock=StandingClock())
    assert volume.repairs == []
    volume.close()
    found = reader.segments([volume], CAMERA, 0, 1 << 62)
    spans = presence.spans([volume], CAMERA, seconds(0), seconds(60))
    volume.close()
    assert spans[-1].kind == "missing"
    assert spans[-1].cause is not None
    assert spans[-1].start_90k == (found[0].end_90k if found else seconds(0))
    if found:
        _check(found[0])
    return found[0] if found else None


def _check(kept: reader.Segment) -> None:
    content, entries = kept.path.read_bytes(), reader.entries(kept)
    assert kept.closed
    assert kept.size_bytes == len(content) == entries[-1].end
    assert kept.root == tree.root(map(index.pack, entries))
    assert mp4_reader.read_init(content).raw == content[: entries[0].length]
    for entry in entries[1:]:
        data = content[entry.offset : entry.end]
        assert mp4_reader.read_fragment(data).size == entry.length
        assert sha256(data).digest() == entry.sha256


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_cut_anywhere_only_what_is_torn_is_lost(killed, data):
    with copy_of(killed) as (root, file):
        side = index_path(file)
        before = list(index.entries_of(side.read_bytes()))
        near_ends = st.sampled_from([at for e in before for at in (e.end - 1, e.end, e.end + 1, e.end + 8)])
        size = data.draw(st.integers(0, before[-1].end) | near_ends)
        os.truncate(file, min(size, before[-1].end))
        os.truncate(side, data.draw(st.integers(0, 64 * len(before))))
        whole = [entry for entry in before if entry.end <= size]
        kept = repaired(root)
        if len(whole) <= 1:
            assert kept is None
        else:
            assert kept is not None
            assert [e.sha256 for e in reader.entries(kept)] == [e.sha256 for e in whole]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_whatever_the_tail_holds_nothing_before_it_is_hurt(killed, data):
    """Bytes changed in the last fragments, or in the index: what is kept is still whole and still matches."""
    with copy_of(killed) as (root, file):
        side = index_path(file)
        before = list(index.entries_of(side.read_bytes()))
        damaged, first = data.draw(
            st.sampled_from([(file, before[-4].offset), (side, 64 * (len(before) - 4))])
        )
        content = bytearray(damaged.read_bytes())
        at = data.draw(st.integers(first, len(content) - 1))
        content[at : at + 20] = data.draw(st.binary(min_size=1, max_size=20))
        damaged.write_bytes(content)
        kept = repaired(root)
        assert kept is not None
        assert [e.sha256 for e in reader.entries(kept)][: len(before) - 4] == [
            e.sha256 for e in before[: len(before) - 4]
        ]


@settings(max_examples=40, deadline=None)
@given(rubbish=st.binary(max_size=3000), where=st.sampled_from(["file", "index"]))
def test_rubbish_behind_the_end_is_cut(killed, rubbish, where):
    with copy_of(killed) as (root, file):
        before = list(index.entries_of(index_path(file).read_bytes()))
        with (file if where == "file" else index_path(file)).open("ab") as end:
            end.write(rubbish)
        kept = repaired(root)
        assert kept is not None
        assert [e.sha256 for e in reader.entries(kept)] == [e.sha256 for e in before]
