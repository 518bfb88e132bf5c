"""Whether the terms fit the disks: a forecast per volume, and whether one more camera may be taken on. Pure.

A volume is in balance when what it can hold is what its cameras bring in the days they must be kept: from
then on each day frees as much as it brings. If it can hold less it will be full before the first footage may
go, and from that day on nothing is recorded: nothing in term is ever removed for room.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bingjian.rules.decision import Grant, Refusal
from bingjian.rules.decisions.retention import may_admit
from bingjian.rules.edition import Words
from bingjian.rules.library import law

DAY_S = 86_400
GIB = 1024**3
USUAL_BYTES_PER_S = 500_000  # of a camera nobody has measured yet: 4 Mbit/s


@dataclass(frozen=True, slots=True)
class Room:
    """A volume's figures; bytes, and bytes per second."""

    used_bytes: int
    free_bytes: int
    write_bytes_per_s: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """What becomes of a volume if its cameras go on as they do."""

    days_left: float | None  # until it is full; None: never, by then the oldest footage may go
    alarm: bool


def forecast(room: Room, days_needed: int) -> Forecast:
    """``days_needed``: the longest that footage must lie there."""
    wanted = room.write_bytes_per_s * DAY_S * days_needed
    if room.write_bytes_per_s <= 0 or wanted <= room.used_bytes + room.free_bytes:
        return Forecast(None, alarm=False)
    days_left = room.free_bytes / (room.write_bytes_per_s * DAY_S)
    return Forecast(days_left, alarm=days_left < law().number("space.alarm"))


def admit(rooms: Sequence[Room], bytes_per_s: float, days_needed: int) -> Grant | Refusal:
    """May a camera that brings so much be taken on? Its term must fit beside all the others'."""
    capacity = sum(room.used_bytes + room.free_bytes for room in rooms)
    brought = sum(room.write_bytes_per_s for room in rooms) + bytes_per_s
    days = capacity / (brought * DAY_S) if brought > 0 else float("inf")
    return may_admit(law(), days_needed, days, arithmetic(capacity, brought, days_needed))


def arithmetic(capacity_bytes: int, bytes_per_s: float, days_needed: int) -> Words:
    """The sum, for the person refused."""
    mbit, wanted = bytes_per_s * 8 / 1e6, bytes_per_s * DAY_S * days_needed / GIB
    have = capacity_bytes / GIB
    return Words(
        f"全部摄像机 {mbit:.1f} Mbit/s × {days_needed} 日 = {wanted:,.0f} GiB，存储卷可容纳 {have:,.0f} GiB",
        f"all cameras {mbit:.1f} Mbit/s × {days_needed} days = {wanted:,.0f} GiB;"
        f" the volumes hold {have:,.0f} GiB",
    )
