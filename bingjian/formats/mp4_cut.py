"""The sample tables of our own fragments, read without the samples, and fragments cut at their end.

Planning a copy of hours reads one ``moof`` a second of footage, so a run's table stays what it is in the
file: columns of 32-bit numbers. Only the form that ``mp4.fragment`` writes is taken (one ``trun`` per track
that states all four fields); anything else is not ours and raises ``FormatError``.

Source: ISO/IEC 14496-12 §8.8 (movie fragments).
"""

import sys
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from bingjian.formats.access_unit import FormatError
from bingjian.formats.mp4 import DEFAULT_BASE_IS_MOOF, RUN_FIELDS, fragment_header
from bingjian.formats.mp4_reader import MAX_RUN_SAMPLES, MAX_TRACKS, NON_SYNC, Box, Fields, boxes

RUN_ENTRY = 16  # bytes per sample: duration, size, flags, composition offset
MDAT_HEADER = 8


@dataclass(frozen=True, slots=True)
class Run:
    """The samples of one track in a fragment, in decoding order; times in the track's timescale."""

    track: int  # index: track_ID - 1
    dts: int  # decode time of the first, UTC since 1970
    offset: int  # of the first sample's first byte, from the start of the moof; the others follow at once
    entries: bytes  # as in the trun
    durations: "array[int]"
    sizes: "array[int]"  # bytes
    flags: "array[int]"
    shifts: "array[int]"  # presentation after decoding

    def __len__(self) -> int:
        return len(self.sizes)

    def presented(self) -> list[int]:
        """When each sample is presented."""
        times = accumulate(self.durations, initial=self.dts)
        return [dts + shift for dts, shift in zip(times, self.shifts, strict=False)]

    def sync(self, number: int) -> bool:
        return not self.flags[number] & NON_SYNC


@dataclass(frozen=True, slots=True)
class Moof:
    """A fragment without its samples."""

    sequence: int
    size: int  # bytes of the moof; the mdat follows
    runs: tuple[Run, ...]


class CutFragment(NamedTuple):
    """A shorter fragment: its own header, then bytes of the stored one."""

    header: bytes  # moof and mdat header
    ranges: tuple[range, ...]  # of bytes, from the start of the stored moof


# --- Reading --------------------------------------------------------------------------------------


def moof_size(data: bytes) -> int:
    """How many bytes the ``moof`` has that ``data`` begins with; ``data`` may be cut behind its first eight.

    Raises:
        FormatError: something else is there.
    """
    if len(data) < 8 or data[4:8] != b"moof":
        raise FormatError("not a moof box")
    return int.from_bytes(data[:4])


def read_moof(data: bytes, length: int) -> Moof:
    """The sample tables of the fragment that ``data`` begins with; what follows its moof may be missing.

    Args:
        length: bytes of the whole fragment, moof and mdat.

    Raises:
        FormatError: torn, not of our own form, or a sample that lies outside the fragment.
    """
    size = moof_size(data)
    if not 8 <= size <= min(len(data), length - MDAT_HEADER):
        raise FormatError(f"a moof of {size} bytes in a fragment of {length}")
    inner = list(boxes(data, 8, size))
    trafs = [child for child in inner if child.type == b"traf"]
    if not inner or inner[0].type != b"mfhd" or not 0 < len(trafs) <= MAX_TRACKS:
        raise FormatError(f"a fragment of {len(trafs)} tracks")
    header = Fields(data, inner[0])
    header.version_and_flags()
    runs = tuple(_read_run(data, traf) for traf in trafs)
    _require_order(runs, size + MDAT_HEADER, length)
    return Moof(header.number(4), size, runs)


def _read_run(data: bytes, traf: Box) -> Run:
    inner = list(boxes(data, traf.content, traf.end))
    if [child.type for child in inner] != [b"tfhd", b"tfdt", b"trun"]:
        raise FormatError("a track of a fragment that we did not write")
    head, time, table = (Fields(data, child) for child in inner)
    track = _expect(head, 0, DEFAULT_BASE_IS_MOOF).number(4) - 1
    dts = _expect(time, 1, 0).number(8)
    count, offset = _expect(table, 0, RUN_FIELDS).number(4), table.number(4)
    if not 0 < count <= MAX_RUN_SAMPLES or track < 0:
        raise FormatError(f"a run of {count} samples of track {track + 1}")
    entries = table.take(RUN_ENTRY * count)
    words = array("I", entries)
    if sys.byteorder == "little":
        words.byteswap()
    return Run(track, dts, offset, entries, *(words[column::4] for column in range(4)))


def _expect(fields: Fields, version: int, flags: int) -> Fields:
    if fields.version_and_flags() != (version, flags):
        raise FormatError("a fragment that we did not write")
    return fields


def _require_order(runs: Sequence[Run], start: int, length: int) -> None:
    """Run after run, without a hole, from the start of the media data."""
    if len({run.track for run in runs}) < len(runs):
        raise FormatError("a fragment with two runs of one track")
    for run in runs:
        if run.offset != start:
            raise FormatError("the samples of a fragment do not lie in the order of its runs")
        start += sum(run.sizes)
    if start > length:
        raise FormatError("a sample outside the media data of its fragment")


# --- Cutting --------------------------------------------------------------------------------------


def leading(run: Run, end: int) -> int:
    """How many samples may be kept so that nothing presented at ``end`` or later is among them, and nothing
    that may build on such.

    A picture may build on any that was decoded before it, so with B-frames the first in decoding order that
    is presented too late takes along those that follow it, though they would be shown before the end: up to
    the camera's reorder depth, and none with cameras that do not reorder.
    """
    return next((number for number, time in enumerate(run.presented()) if time >= end), len(run))


def cut(moof: Moof, keep: Mapping[int, int]) -> CutFragment | None:
    """The fragment with only the first ``keep[track]`` samples of each track; None if that is nothing.

    Every sample stays the bytes it was, with the times it had.
    """
    kept = [(run, count) for run in moof.runs if (count := min(keep.get(run.track, 0), len(run))) > 0]
    if not kept:
        return None
    runs = [(run.track, run.dts, run.entries[: count * RUN_ENTRY]) for run, count in kept]
    ranges = (range(run.offset, run.offset + sum(run.sizes[:count])) for run, count in kept)
    return CutFragment(fragment_header(moof.sequence, runs), joined(ranges))


def joined(ranges: Iterable[range]) -> tuple[range, ...]:
    """Ranges in order, neighbours made one, empty ones left out."""
    found: list[range] = []
    for one in ranges:
        if found and one.start == found[-1].stop:
            found[-1] = range(found[-1].start, one.stop)
        elif one:
            found.append(one)
    return tuple(found)
