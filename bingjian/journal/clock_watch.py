"""The platform's own clock: when it is set, the journal says so, for its times are read off that clock."""

import asyncio

import structlog

from bingjian.clock import STEP_NS, Clock, StepWatch, utc_now
from bingjian.entries import ClockStepped
from bingjian.journal.append import Journal
from bingjian.journal.errors import JournalUnavailable

LOOK_SECONDS = 1.0
log = structlog.get_logger()


class ClockWatch:
    """Let ``run`` go on in a task, cancel the task to close it."""

    def __init__(self, journal: Journal, clock: Clock, actor: str) -> None:
        """``actor``: the process, in the journal."""
        self._journal = journal
        self._clock = clock
        self._actor = actor
        self._watch = StepWatch(clock)
        self._step_ms = set_back_ms(journal, clock)  # what is not written down yet

    async def run(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """One look; a step that cannot be written down yet is with the next."""
        self._step_ms += self._watch.look() or 0
        if not self._step_ms:
            return
        step_ms, at = self._step_ms, utc_now(self._clock).isoformat()
        try:
            await self._journal.append(ClockStepped(self._actor, step_ms, at))
        except JournalUnavailable:
            log.warning("clock_step_unwritten", step_ms=step_ms)
        else:
            self._step_ms -= step_ms


def set_back_ms(journal: Journal, clock: Clock) -> int:
    """How far the clock stands behind the last entry: it was set back while nobody watched it. 0: nowhere."""
    if journal.last_at is None:
        return 0
    behind_ms = round((utc_now(clock) - journal.last_at).total_seconds() * 1000)
    return behind_ms if behind_ms < -STEP_NS // 1_000_000 else 0
