"""What a device's own storage holds: the same for who asks twice, because it follows from the wall clock.

Each hour has three files and a hole: 00–20 and 20–40 by schedule, 40–55 by alarm, 55–60 nothing. The pictures
are those of the loop, whose round 0 began with Unix time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from bingjian.protocols.gb28181.manscdp.responses import Recording

CARD_S = 7 * 86_400  # of footage are on the card of a device
HOUR_S = 3600
FILES = ((0, 1200, "time"), (1200, 2400, "time"), (2400, 3300, "alarm"))  # seconds of the hour, and kind


@dataclass(frozen=True, slots=True)
class Span:
    """One file, in Unix seconds."""

    start: int
    end: int
    kind: str


def spans(start: int, end: int, now: int) -> Iterator[Span]:
    """Files that hold something of a window; the one that is being written ends now."""
    start, end = max(start, now - CARD_S), min(end, now)
    for hour in range(start // HOUR_S * HOUR_S, end, HOUR_S):
        for first, last, kind in FILES:
            span = Span(hour + first, min(hour + last, now), kind)
            if span.start < end and span.end > start:
                yield span


def listed(channel: str, name: str, span: Span, bytes_per_second: int) -> Recording:
    """As RecordInfo tells it."""
    return Recording(
        device_id=channel,
        name=name,
        file_path=f"/record/{channel}/{span.start}.ps",
        address="disk 1",
        start_time=datetime.fromtimestamp(span.start, UTC),
        end_time=datetime.fromtimestamp(span.end, UTC),
        secrecy="0",
        type=span.kind,
        recorder_id=channel,
        file_size=(span.end - span.start) * bytes_per_second,
    )
