"""Fragments cut at their end and plain movies made of them: every sample what it was, none too many."""

from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bingjian.formats import aac, g711, mp4, mp4_cut, mp4_movie, mp4_reader
from bingjian.formats.access_unit import AudioConfig, Codec, FormatError
from bingjian.formats.mp4 import Sample
from bingjian.recording.fragmenter import Fragmenter
from tests.unit.formats.material import EPOCH_SECONDS, sound_specific, video_config

VIDEO = video_config()
SOUNDS = [g711.config_from(Codec.PCMA), g711.config_from(Codec.PCMU, 48_000)]
SOUNDS += [aac.config_from(sound_specific())]
EPOCH_90K = EPOCH_SECONDS * 90_000


@dataclass(frozen=True)
class Footage:
    """Some seconds of a camera, in fragments as they are stored."""

    tracks: tuple
    fragments: list[tuple[bytes, list[Sample]]]  # as stored, and read again

    def presented(self) -> list[int]:
        """Every instant at which a sample is presented, in 1/90000 s."""
        rates = [track.clock_rate for track in self.tracks]
        return [
            sample.pts * 90_000 // rates[sample.track] for _, samples in self.fragments for sample in samples
        ]


@st.composite
def pictures(draw):
    """Groups of an anchor and the B-frames before it, with key frames and holes in between."""
    samples, at = [], EPOCH_90K + draw(st.integers(0, 5000))
    depth = draw(st.integers(0, 3))  # B-frames between anchors
    step = draw(st.sampled_from([3003, 3600, 1500, 9000]))
    for number in range(draw(st.integers(1, 14))):
        group = [depth, *draw(st.permutations(range(depth)))]  # places in presentation, in decoding order
        at += draw(st.sampled_from([0, 0, 0, 0, 7, 90_000, 777_777]))
        for place in group:
            shift = at + place * step - (at + group.index(place) * step) + depth * step
            data = draw(st.binary(max_size=6))
            sync = number == 0 or (place == depth and draw(st.booleans()))
            dts = at + group.index(place) * step
            samples.append(Sample(0, dts + shift, dts, step, data, sync, False))
        at += step * (depth + 1)
    return samples


@st.composite
def sounds(draw, config: AudioConfig):
    duration = draw(st.sampled_from([1024, 160, 1]))
    at = EPOCH_SECONDS * config.clock_rate + draw(st.integers(-2000, 20_000))
    samples = []
    for _ in range(draw(st.integers(0, 40))):
        samples.append(Sample(1, at, at, duration, draw(st.binary(max_size=4)), True, False))
        at += duration + draw(st.sampled_from([0, 0, 0, 1, 20_000]))
    return samples


@st.composite
def footage(draw):
    sound = draw(st.sampled_from(SOUNDS))
    tracks = (VIDEO, sound)
    rates = [track.clock_rate for track in tracks]
    both = sorted(draw(pictures()) + draw(sounds(sound)), key=lambda one: one.dts / rates[one.track])
    fragmenter = Fragmenter(tracks)
    made = [*fragmenter.push(both), *([last] if (last := fragmenter.flush()) else [])]
    data = [b"".join(mp4.fragment(n, fragment.samples)) for n, fragment in enumerate(made)]
    return Footage(tracks, [(one, samples_of(one)) for one in data])


def around(draw, times: list[int]) -> int:
    """An instant at, just before or just after one that matters."""
    return draw(st.sampled_from(times)) + draw(st.sampled_from([-1, 0, 1, 1800, -1800]))


@given(footage())
def test_the_tables_alone_are_read_as_the_whole_is(one):
    for data, _ in one.fragments:
        whole = mp4_reader.read_fragment(data)
        size = mp4_cut.moof_size(data[:8])
        moof = mp4_cut.read_moof(data[:size], len(data))
        assert moof.sequence == whole.sequence
        for run, expected in zip(moof.runs, whole.runs, strict=True):
            assert (run.track, run.presented()) == (expected.track, [one.pts for one in expected.samples])
            assert list(run.sizes) == [one.size for one in expected.samples]
            assert [run.sync(n) for n in range(len(run))] == [one.sync for one in expected.samples]
            assert run.offset == expected.samples[0].offset


@given(footage(), st.data())
def test_a_fragment_cut_at_its_end_keeps_its_leading_samples_and_no_other(one, data):
    end_90k = around(data.draw, one.presented())
    for stored, samples in one.fragments:
        moof = mp4_cut.read_moof(stored, len(stored))
        ends = {n: -(-end_90k * track.clock_rate // 90_000) for n, track in enumerate(one.tracks)}
        keep = {run.track: mp4_cut.leading(run, ends[run.track]) for run in moof.runs}
        cut = mp4_cut.cut(moof, keep)
        media = b"".join(stored[one.start : one.stop] for one in cut.ranges) if cut else b""
        read = samples_of(cut.header + media) if cut else []
        for track in ends:
            written = [sample for sample in samples if sample.track == track]
            kept = [sample for sample in read if sample.track == track]
            assert kept == written[: len(kept)]
            assert all(sample.pts < ends[track] for sample in kept)
            following = written[len(kept) : len(kept) + 1]
            assert all(sample.pts >= ends[track] for sample in following)


def samples_of(data: bytes) -> list[Sample]:
    """Every sample of a fragment, by the reader that needs all of it."""
    fragment = mp4_reader.read_fragment(data)
    assert fragment.size == len(data)
    return [
        Sample(
            *(run.track, one.pts, one.dts, one.duration),
            *(data[one.offset : one.offset + one.size], one.sync, False),
        )
        for run in fragment.runs
        for one in run.samples
    ]


@given(footage(), st.integers(0, 30), st.integers(1, 40))
def test_a_plain_movie_has_the_same_samples_at_the_same_times(one, first, count):
    """Cut between any two fragments; every run becomes a chunk that is copied as it lies."""
    chosen = one.fragments[first : first + count] or one.fragments
    tables, media = [mp4_movie.Table(track) for track in one.tracks], b""
    for data, _ in chosen:
        moof = mp4_cut.read_moof(data, len(data))
        for run in moof.runs:
            tables[run.track].add(run, len(run), len(media) + run.offset - moof.size - 8)
        media += data[moof.size + 8 :]
    header = mp4_movie.movie_header(tables, len(media), start=b"start", texts={b"\xa9day": "today"})
    zero_90k = mp4_movie.zero_of(tables)
    used = [table for table in tables if table.sizes]
    for table, (rate, read) in zip(used, plain_tracks(header + media), strict=True):
        number = tables.index(table)
        written = [sample for _, samples in chosen for sample in samples if sample.track == number]
        zero = zero_90k * rate // 90_000
        assert [(pts + zero, sync, data) for pts, _, sync, data in read] == [
            (sample.pts, sample.sync, sample.data) for sample in written
        ]
        shift = written[0].dts
        assert [dts + shift for _, dts, *_ in read] == [sample.dts for sample in written]
    assert mp4_reader.read_fragment(chosen[0][0]).size > 0
    assert (b"uuid" + mp4_movie.START + b"start") in header


def plain_tracks(data: bytes) -> list[tuple[int, list[tuple[int, int, bool, bytes]]]]:
    """An oracle: a plain MP4 read sample by sample, the slow way (ISO/IEC 14496-12 §8.6, §8.7)."""
    top = {box.type: box for box in mp4_reader.boxes(data)}
    assert list(top) == [b"ftyp", b"moov", b"mdat"]
    assert top[b"mdat"].end == len(data)
    tracks = []
    for trak in children(data, top[b"moov"]):
        if trak.type == b"trak":
            media = {box.type: box for box in children(data, find(data, trak, b"mdia"))}
            rate = int.from_bytes(data[media[b"mdhd"].content + 20 :][:4])
            tracks.append((rate, plain_samples(data, find(data, media[b"minf"], b"stbl"))))
    return tracks


def children(data, parent):
    return list(mp4_reader.boxes(data, parent.content, parent.end))


def find(data, parent, kind):
    return next(box for box in children(data, parent) if box.type == kind)


def plain_samples(data: bytes, stbl) -> list[tuple[int, int, bool, bytes]]:
    boxes = {box.type: box for box in children(data, stbl)}

    def words(kind: bytes, size: int = 4) -> list[int]:
        content = data[boxes[kind].content + 4 : boxes[kind].end] if kind in boxes else b""
        return [int.from_bytes(content[at : at + size]) for at in range(0, len(content), size)]

    durations = [value for n, value in pairs(words(b"stts")[1:]) for _ in range(n)]
    sizes = words(b"stsz")
    sizes = [sizes[0]] * sizes[1] if sizes[0] else sizes[2:]
    shifts = [value for n, value in pairs(words(b"ctts")[1:]) for _ in range(n)] or [0] * len(sizes)
    syncs = set(words(b"stss")[1:]) if b"stss" in boxes else set(range(1, len(sizes) + 1))
    content = data[boxes[b"co64"].content + 8 : boxes[b"co64"].end]
    chunks = [int.from_bytes(content[at : at + 8]) for at in range(0, len(content), 8)]
    places, counts = [], words(b"stsc")[1:]
    for number, chunk in enumerate(chunks, 1):
        (count,) = [counts[at + 1] for at in range(0, len(counts), 3) if counts[at] <= number][-1:]
        for _ in range(count):
            places.append(chunk)
            chunk += sizes[len(places) - 1]
    assert len(places) == len(sizes) == len(durations) == len(shifts)
    times = list(accumulate(durations, initial=0))
    return [
        (times[n] + shifts[n], times[n], n + 1 in syncs, data[places[n] : places[n] + sizes[n]])
        for n in range(len(sizes))
    ]


def pairs(values: list[int]) -> list[tuple[int, int]]:
    return list(zip(values[::2], values[1::2], strict=True))


@given(footage(), st.data())
def test_damaged_tables_raise_format_error_only(one, data):
    stored, _ = one.fragments[0]
    damaged = bytearray(stored)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at : at + 4] = data.draw(st.binary(min_size=1, max_size=4))
    cut = bytes(damaged[: data.draw(st.integers(0, len(damaged)))])
    for broken, length in ((cut, len(stored)), (bytes(damaged), len(damaged)), (bytes(damaged), 7)):
        with suppress(FormatError):
            moof = mp4_cut.read_moof(broken, length)
            keep = {run.track: mp4_cut.leading(run, EPOCH_90K + 90_000) for run in moof.runs}
            mp4_cut.cut(moof, keep)
            tables = [mp4_movie.Table(VIDEO), mp4_movie.Table(SOUNDS[0])]
            for run in moof.runs:
                tables[run.track % 2].add(run, len(run), 0)
            mp4_movie.movie_header(tables, length, start=b"", texts={})


@given(st.binary(max_size=200))
def test_garbage_raises_format_error_only(data):
    with suppress(FormatError):
        mp4_cut.read_moof(data, len(data))
    with suppress(FormatError):
        mp4_cut.read_moof(b"\0\0\0" + bytes([min(len(data) + 8, 255)]) + b"moof" + data, 1 << 40)


def test_a_movie_of_nothing_is_refused():
    with pytest.raises(FormatError):
        mp4_movie.movie_header([mp4_movie.Table(VIDEO)], 0, start=b"", texts={})
