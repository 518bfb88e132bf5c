"""Instants as people in Harbin read them."""

from datetime import datetime, timedelta
from uuid import UUID

from bingjian.clock import CHINA
from bingjian.retention.protections import Wish
from tests.backend import StillClock

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


def at(text: str) -> datetime:
    """ "2026-03-01 14:00", Beijing time."""
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def set_to(clock: StillClock, instant: datetime) -> None:
    clock.now_ns = int(instant.timestamp()) * 10**9


def wish(camera: UUID, start: datetime, end: datetime) -> Wish:
    return Wish(camera, start, end, "打架斗殴", "28¶2")
