"""Which sample a stream shows next: the live picture, a recording forwards, a recording backwards."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from bingjian.formats.access_unit import VIDEO_CLOCK_RATE
from bingjian.simulate.gb28181.film import PICTURE, Film, Sample
from bingjian.simulate.gb28181.recordings import Span


class Moment(NamedTuple):
    played_90k: int  # since playing began, at normal speed: when it is due
    content_90k: int  # what instant it shows
    sample: Sample


Plan = Iterator[Moment]


def live(film: Film, from_90k: int) -> Plan:
    """At once with a key picture, the last one before."""
    first = film.key_before(from_90k)
    for at_90k, sample in film.run(first):
        yield Moment(at_90k - first, at_90k, sample)


def forwards(film: Film, spans: Sequence[Span], from_90k: int, until_90k: int) -> Plan:
    """What was recorded of a window, from a key picture on; over holes it goes on at once."""
    before = 0
    for first_90k, last_90k in _bounds(spans, from_90k, until_90k):
        start = film.key_before(first_90k)
        for at_90k, sample in film.run(start):
            if at_90k >= last_90k:
                before += last_90k - start
                break
            yield Moment(before + at_90k - start, at_90k, sample)


def backwards(film: Film, spans: Sequence[Span], from_90k: int, until_90k: int) -> Plan:
    """Groups of pictures in reverse order, those inside one forwards (2022); without sound."""
    before = 0
    for first_90k, last_90k in reversed(list(_bounds(spans, until_90k, from_90k))):
        for start, end in reversed(list(pairwise(_keys(film, first_90k, last_90k)))):
            for at_90k, sample in film.run(start):
                if at_90k >= end:
                    break
                if sample.unit.track == PICTURE:
                    yield Moment(before + at_90k - start, at_90k, sample)
            before += end - start


def _bounds(spans: Sequence[Span], from_90k: int, until_90k: int) -> Iterator[tuple[int, int]]:
    for span in spans:
        first = max(span.start * VIDEO_CLOCK_RATE, from_90k)
        last = min(span.end * VIDEO_CLOCK_RATE, until_90k)
        if first < last:
            yield first, last


def _keys(film: Film, first_90k: int, last_90k: int) -> Iterator[int]:
    at = film.key_before(first_90k)
    while at < last_90k:
        yield at
        at = film.key_after(at)
    yield last_90k
