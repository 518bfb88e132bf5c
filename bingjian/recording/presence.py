"""What of a camera's time is present, what is missing why, what is recovered. Everything blocks; call it in a
thread.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from pathlib import Path
from typing import Literal, NamedTuple
from uuid import UUID

from bingjian.recording import index, orphans
from bingjian.recording.catalogue import (
    GapRow,
    RecoveredStretch,
    SegmentRow,
    Stretches,
    gaps_between,
    recovered_between,
    removed_between,
    segments_between,
    stretches_between,
)
from bingjian.recording.cause import Cause
from bingjian.recording.findings_table import segments_found
from bingjian.recording.held import HeldCopy, by_segment
from bingjian.recording.proven import Unproven
from bingjian.recording.reader import JOINED_90K, asked, growing, held_by, orphaned
from bingjian.recording.segment import Recovered, index_path, relative_path
from bingjian.recording.volume import Volume


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a camera's time."""

    start_90k: int
    end_90k: int
    kind: Literal["present", "missing"]
    cause: Cause | None = None  # of what is missing; None: never recorded, or nobody knows
    detail: str = ""
    # hold: the original is lost, present as the copy of a hold; device: fetched from there afterwards
    recovered_from: Literal["hold", "device"] | None = None
    source: Recovered | None = None  # which device, and when; None: recorded by ourselves


def spans(volumes: Iterable[Volume], camera: UUID, start_90k: int, end_90k: int) -> list[Span]:
    """What is present in [start, end) and what is missing why: in order, without overlap, without hole.

    Only what lies after the last fragment of a segment that is still being written is left out: it is not yet
    decided.
    """
    if end_90k <= start_90k:
        return []
    copies = by_segment(held_by(volumes).between(camera, start_90k, end_90k))
    volumes = list(volumes)
    records = [_records(volume, camera, start_90k, end_90k) for volume in volumes]
    undecided_90k = [one.undecided_from_90k for one in records if one.undecided_from_90k is not None]
    if undecided_90k:
        end_90k = min(end_90k, max(start_90k, *undecided_90k))
    layers = [
        (volume, list(filled(_classified(one.covered, one.gaps, start_90k, end_90k), one.fetched)))
        for volume, one in zip(volumes, records, strict=True)
        if one.covered or one.gaps or one.fetched
    ]
    told = [layer for _, layer in layers]
    if copies:
        told = _told_with_copies(volumes, layers, copies, start_90k, end_90k)
    return list(_merged(_overlaid(told, start_90k, end_90k)))


def filled(layer: Iterable[Span], fetched: Sequence[tuple[int, int, Recovered]]) -> Iterator[Span]:
    """What was fetched from a device, by start, is present in the gap whose row stands."""
    at = 0
    for span in layer:
        begin_90k = span.start_90k
        while at < len(fetched) and fetched[at][0] < span.end_90k:
            start, end, source = fetched[at]
            start, end = max(start, begin_90k), min(end, span.end_90k)
            if start > begin_90k:
                yield replace(span, start_90k=begin_90k, end_90k=start)
            if end > start:
                yield Span(start, end, "present", recovered_from="device", source=source)
                begin_90k = end
            if fetched[at][1] > span.end_90k:
                break
            at += 1
        if begin_90k < span.end_90k:
            yield replace(span, start_90k=begin_90k)


def recovered(layer: Iterable[Span], lost: Iterable[tuple[int, int]]) -> Iterator[Span]:
    """What is present, and lost where it was written: it comes from the copy of a hold."""
    stretches = [_Stretch(start, end, False) for start, end in sorted(lost)]
    for span in layer:
        if span.kind == "missing":
            yield span
            continue
        at_90k = span.start_90k
        for start, end, _ in _covered(stretches, span.start_90k, span.end_90k):
            if start > at_90k:
                yield replace(span, start_90k=at_90k, end_90k=start)
            yield replace(span, start_90k=start, end_90k=end, recovered_from="hold")
            at_90k = end
        if at_90k < span.end_90k:
            yield replace(span, start_90k=at_90k)


def coarse(parts: Sequence[Span], resolution_90k: int) -> list[Span]:
    """The same at a zoom at which nothing shorter than ``resolution_90k`` can be drawn.

    Runs of shorter spans become one, which is missing if any of them is: a gap may look longer, never vanish.
    """
    found: list[Span] = []
    run: list[Span] = []
    for part in parts:
        if part.end_90k - part.start_90k >= resolution_90k:
            found += _joined_run(run)
            run = []
            found.append(part)
            continue
        run.append(part)
        if part.end_90k - run[0].start_90k >= resolution_90k:
            found += _joined_run(run)
            run = []
    return [*found, *_joined_run(run)]


def _joined_run(run: list[Span]) -> list[Span]:
    if not run:
        return []
    missing = [part for part in run if part.kind == "missing"]
    worst = max(missing or run, key=lambda part: part.end_90k - part.start_90k)
    return [replace(worst, start_90k=run[0].start_90k, end_90k=run[-1].end_90k)]


@dataclass(frozen=True, slots=True)
class Completeness:
    """How much of an interval there is."""

    present_90k: int
    recovered_90k: int  # of that: fetched from a device afterwards
    missing_90k: dict[Cause | None, int]
    outages: int  # holes longer than was asked for


def completeness(
    volumes: Iterable[Volume], camera: UUID, start_90k: int, end_90k: int, outage_90k: int
) -> Completeness:
    """Sums over ``spans``; a hole that the interval cuts counts by what lies inside."""
    present, fetched, outages = 0, 0, 0
    missing: dict[Cause | None, int] = {}
    for span in spans(volumes, camera, start_90k, end_90k):
        length = span.end_90k - span.start_90k
        if span.kind == "present":
            present += length
            fetched += length if span.source is not None else 0
            continue
        missing[span.cause] = missing.get(span.cause, 0) + length
        outages += length > outage_90k
    return Completeness(present, fetched, missing, outages)


class _Stretch(NamedTuple):
    """Footage that is there, or was until its term ended."""

    start_90k: int
    end_90k: int
    removed: bool


class _Records(NamedTuple):
    """What one volume knows of an interval."""

    covered: list[_Stretch]  # by start
    gaps: list[GapRow]
    fetched: list[tuple[int, int, Recovered]]  # by start
    undecided_from_90k: int | None  # the end of what is being written; None: nothing is


def _records(volume: Volume, camera: UUID, start_90k: int, end_90k: int) -> _Records:
    told = asked(volume, lambda rows: [_told(rows, camera, start_90k, end_90k)])
    stretches, gaps, removed, fetched = told[0] if told else (Stretches([], []), [], [], [])
    afterwards = {one.id for one in fetched}
    covered = [_Stretch(start, end, False) for start, end in stretches.closed]
    covered += [_Stretch(start, end, True) for start, end in removed]
    growing_90k = []
    for start, id in stretches.open:
        if id in afterwards:
            continue
        entries = growing(volume.path / relative_path(camera, id, start))
        if entries:
            growing_90k.append(max(entry.end_90k for entry in entries))
            covered.append(_Stretch(start, growing_90k[-1], False))
    if removed or growing_90k:
        covered.sort()
    going_on = bool(growing_90k) and volume.trouble is None and all(gap.end_90k is not None for gap in gaps)
    undecided_90k = max(growing_90k) if going_on else None
    return _Records(covered, gaps, list(_fetched(volume, camera, fetched)), undecided_90k)


def _fetched(
    volume: Volume, camera: UUID, stretches: list[RecoveredStretch]
) -> Iterator[tuple[int, int, Recovered]]:
    for start, end_90k, id, is_open, source in stretches:
        if is_open:
            entries = growing(volume.path / relative_path(camera, id, start))
            end_90k = max((entry.end_90k for entry in entries), default=start)
        yield start, end_90k, source


def _told_with_copies(
    volumes: Iterable[Volume],
    layers: list[tuple[Volume, list[Span]]],
    copies: dict[UUID, list[HeldCopy]],
    start_90k: int,
    end_90k: int,
) -> list[list[Span]]:
    """What each volume says, told from its copy where it lost it; and one layer more, of the copies of what
    no volume knows any more."""
    known, told = set[UUID](), list[list[Span]]()
    for volume, layer in layers:
        mine = _held_rows(volume, copies)
        known |= {row.id for row in mine}
        told.append(list(recovered(layer, _lost(volume, mine))))
    alone = orphaned(volumes, {id: some for id, some in copies.items() if id not in known})
    runs = sorted(run for some in alone for run in _runs_said(some))
    apart = _classified([_Stretch(*run, False) for run in runs], [], start_90k, end_90k)
    return [*told, list(recovered(apart, runs))]


def _held_rows(volume: Volume, copies: dict[UUID, list[HeldCopy]]) -> list[SegmentRow]:
    all_of_them = [one for some in copies.values() for one in some]
    start_90k, end_90k = min(one.start_90k for one in all_of_them), max(one.end_90k for one in all_of_them)
    camera = all_of_them[0].camera
    rows = asked(volume, lambda rows: segments_between(rows, camera, start_90k, end_90k))
    return [row for row in rows if row.id in copies and row.state == "closed"]


def _lost(volume: Volume, rows: list[SegmentRow]) -> Iterator[tuple[int, int]]:
    """Stretches of these segments that cannot be read, or that the audit found changed."""
    yield from ((row.start_90k, row.end_90k) for row in rows if not _stands(volume.path / row.path, row))
    if rows:
        camera, start_90k, end_90k = rows[0].camera, rows[0].start_90k, max(row.end_90k for row in rows)
        found = asked(volume, lambda known: segments_found(known, camera, start_90k, end_90k))
        ids = {row.id for row in rows}
        yield from ((start, end) for id, start, end in found if id in ids)


def _stands(path: Path, row: SegmentRow) -> bool:
    """Both files are there, of their sizes."""
    try:
        sizes = path.stat().st_size, index_path(path).stat().st_size
    except OSError:
        return False
    return sizes == (row.size_bytes, row.entries * index.ENTRY_BYTES)


def _runs_said(some: list[HeldCopy]) -> tuple[tuple[int, int], ...]:
    """From when to when the copies of a segment have footage; nothing if none has its index."""
    files = tuple(copy.path for copy in some)
    for one in some:
        with suppress(Unproven):
            return orphans.runs(files, one.root, JOINED_90K)
    return ()


def _told(
    rows: sqlite3.Connection, camera: UUID, start_90k: int, end_90k: int
) -> tuple[Stretches, list[GapRow], list[tuple[int, int]], list[RecoveredStretch]]:
    """What is there, what is missing, what was given up: in this order, so that what is given up meanwhile is
    told twice rather than never. And what of the first was fetched afterwards.
    """
    stretches = stretches_between(rows, camera, start_90k, end_90k, JOINED_90K)
    gaps = gaps_between(rows, camera, start_90k, end_90k)
    removed = removed_between(rows, camera, start_90k, end_90k)
    return stretches, gaps, removed, recovered_between(rows, camera, start_90k, end_90k)


def _classified(
    stretches: list[_Stretch], gaps: list[GapRow], start_90k: int, end_90k: int
) -> Iterator[Span]:
    """A gap wins over a segment around it; what neither covers is missing without a cause."""
    covered = list(_covered(stretches, start_90k, end_90k))
    at_90k, first = start_90k, 0
    for gap in gaps:
        gap_start = max(gap.start_90k, at_90k)
        gap_end = end_90k if gap.end_90k is None else min(gap.end_90k, end_90k)
        if gap_end <= gap_start:
            continue
        while first < len(covered) and covered[first].end_90k <= at_90k:
            first += 1
        yield from _without_gaps(islice(covered, first, None), at_90k, gap_start)
        yield Span(gap_start, gap_end, "missing", gap.cause, gap.detail)
        at_90k = gap_end
    yield from _without_gaps(islice(covered, first, None), at_90k, end_90k)


def _covered(stretches: list[_Stretch], start_90k: int, end_90k: int) -> Iterator[_Stretch]:
    """The union of the stretches, by start; holes too small to mean anything closed."""
    begun: _Stretch | None = None
    for start, end, removed in stretches:
        start, end = max(start, start_90k), min(end, end_90k)
        if end <= start:
            continue
        if begun is not None and begun.removed == removed and start - begun.end_90k <= JOINED_90K:
            if end > begun.end_90k:
                begun = _Stretch(begun.start_90k, end, removed)
            continue
        if begun is not None:
            yield begun
        begun = _Stretch(start, end, removed)
    if begun is not None:
        yield begun


def _without_gaps(covered: Iterable[_Stretch], start_90k: int, end_90k: int) -> Iterator[Span]:
    at_90k = start_90k
    for begin, end, removed in covered:
        if begin >= end_90k:
            break
        begin, end = max(begin, at_90k), min(end, end_90k)
        if end <= begin:
            continue
        if begin > at_90k:
            yield Span(at_90k, begin, "missing")
        yield Span(begin, end, "missing", Cause.EXPIRED) if removed else Span(begin, end, "present")
        at_90k = end
    if at_90k < end_90k:
        yield Span(at_90k, end_90k, "missing")


def _overlaid(layers: list[list[Span]], start_90k: int, end_90k: int) -> Iterator[Span]:
    """Of what several volumes say of one moment: present before missing, an original before a copy, that
    before what was fetched from a device, a cause before none, and of two causes the one that began later,
    for it knows more.
    """
    if len(layers) < 2:
        yield from layers[0] if layers else [Span(start_90k, end_90k, "missing")]
        return
    bounds = sorted({bound for layer in layers for span in layer for bound in (span.start_90k, span.end_90k)})
    places = [0] * len(layers)
    for begin, end in pairwise(bounds):
        told: Span | None = None
        for number, layer in enumerate(layers):
            while places[number] < len(layer) and layer[places[number]].end_90k <= begin:
                places[number] += 1
            if places[number] == len(layer) or layer[places[number]].start_90k > begin:
                continue
            one = layer[places[number]]
            if told is None or _worth(one) > _worth(told):
                told = one
        if told is not None:
            yield replace(told, start_90k=begin, end_90k=end)


def _worth(span: Span) -> tuple[bool, int, bool, int]:
    nearness = ("device", "hold", None).index(span.recovered_from)
    return span.kind == "present", nearness, span.cause is not None, span.start_90k


def _merged(parts: Iterator[Span]) -> Iterator[Span]:
    """Neighbours that say the same become one."""
    held: Span | None = None
    for part in parts:
        if held is not None and _said(held) == _said(part):
            held = replace(held, end_90k=part.end_90k)
            continue
        if held is not None:
            yield held
        held = part
    if held is not None:
        yield held


def _said(span: Span) -> tuple[object, ...]:
    return span.kind, span.cause, span.detail, span.recovered_from, span.source
