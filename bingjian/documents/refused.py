"""Files that were not taken in: each leaves an entry in the journal, a flood of them one a minute."""

import asyncio
from typing import NamedTuple

import structlog

from bingjian.clock import Clock, instant_of
from bingjian.entries import UploadRefused
from bingjian.journal.append import Journal
from bingjian.journal.errors import JournalUnavailable
from bingjian.tally import Counted, Tally

MOST = 1000  # persons, causes and places that are told apart; all beyond are counted as one a cause
LOOK_SECONDS = 5.0  # between two looks for what was counted since
log = structlog.get_logger()


class Refused(NamedTuple):
    """An upload that failed, as far as it is told apart from others."""

    person: str  # id; empty: of so many that they are counted together
    cause: str  # code of the answer
    path: str  # of the route, without ids: nobody makes two of one by asking for another id
    address: str


class RefusedUploads:
    """Let ``run`` go on in a task, cancel the task to close it."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._tally = Tally[Refused](clock, MOST, lambda one: Refused("", one.cause, "", ""))

    async def note(self, refused: Refused) -> None:
        """Write it down before it is said; if the same was within this minute, when that is over.

        Raises:
            JournalUnavailable: it is told later.
        """
        self._tally.count(refused)
        await self.tell()

    async def tell(self) -> None:
        """Have everything durable that is due. Raises JournalUnavailable."""
        due = self._tally.due()
        while due:
            try:
                await self._journal.append(entry_of(due[0]))
            except BaseException:
                for one in due:
                    self._tally.put_back(one)
                raise
            del due[0]

    async def run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.tell()
            except JournalUnavailable as error:
                log.warning("refused_uploads_postponed", error=type(error).__name__)
            except Exception:
                log.exception("bug", work="refused_uploads")


def entry_of(one: Counted[Refused]) -> UploadRefused:
    person, cause, path, address = one.key
    at = instant_of(one.first_utc_ns * 9 // 100_000).isoformat(timespec="microseconds")
    return UploadRefused(person, cause, path, address, one.count, at.replace("+00:00", "Z"))
