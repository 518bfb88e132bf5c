"""What can go wrong in retention, one class each."""

from dataclasses import dataclass
from datetime import datetime

from bingjian.rules.decision import Refused
from bingjian.rules.decisions.retention import gone
from bingjian.rules.library import law


class RetentionError(Exception):
    """Base of this part's errors; carries one plain sentence."""


class NoSuchMark(RetentionError):
    """No mark with this id."""


class NoSuchHold(RetentionError):
    """No hold with this id."""


class AlreadyReleased(RetentionError):
    """Two persons have released it before."""


class AlreadyPaused(RetentionError):
    """A pause of this camera is in force; it must end before another begins."""


class NotPaused(RetentionError):
    """No pause of this camera is in force."""


@dataclass(frozen=True, slots=True)
class Part:
    """An interval of footage that was given up, and where its receipts stand in the journal."""

    start: datetime
    end: datetime
    first_entry: int | None  # None: not yet in the journal, the removal is just being carried out
    last_entry: int | None


class Gone(Refused):
    """R28.6: part of the interval was given up before anybody marked or held it; nothing was set."""

    def __init__(self, parts: list[Part]) -> None:
        super().__init__(gone(law(), parts[0].start, parts[-1].end, len(parts)))
        self.parts = parts
