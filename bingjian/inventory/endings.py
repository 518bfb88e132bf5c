"""Recording that ends on purpose (R31.7): for a written reason, and the journal names each camera."""

import asyncio
from collections.abc import Iterable, Sized
from uuid import UUID

from bingjian.clock import Clock, utc_now
from bingjian.entries import RecordingEnded
from bingjian.inventory.camera_file_service import LawAt
from bingjian.inventory.history import Who
from bingjian.journal.append import Journal
from bingjian.rules.decision import granted
from bingjian.rules.decisions.retention import may_end_recording


class Endings:
    """Asked before a change, told with it, in its transaction."""

    def __init__(self, journal: Journal, clock: Clock, law_at: LawAt) -> None:
        self._journal = journal
        self._clock = clock
        self._law_at = law_at

    def require(self, recorded: Sized, reason: str) -> None:
        """``recorded``: the cameras whose recording ends. Raises Refused: there are some, and no reason."""
        if recorded:
            granted(may_end_recording(self._law_at(utc_now(self._clock)), reason))

    async def write(self, cameras: Iterable[UUID], reason: str, act: str, subject: UUID, who: Who) -> None:
        """Call it late in the transaction.

        Args:
            act: what ends it, "camera.remove"; ``subject``: to what that is done.

        Raises JournalUnavailable.
        """
        entries = [
            RecordingEnded(str(who.id), str(camera), reason, act, str(subject), who.address)
            for camera in cameras
        ]
        await asyncio.gather(*map(self._journal.append, entries))  # what waits together is one fsync
