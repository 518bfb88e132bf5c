"""Cameras of whose pictures nothing may be shown here at all, by their level of secrecy (art. 27¶2).

The door asks for each look; whoever serves the looks that are open hears of it from here.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from bingjian.clock import Clock, utc_now
from bingjian.db.session import Database
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.rules.decision import Refusal
from bingjian.rules.decisions.secrecy import may_handle
from bingjian.rules.law import Law


class Closing:
    """Asked by whoever tells workers what they may show."""

    def __init__(
        self, database: Database, clock: Clock, law_at: Callable[[datetime], Law], *, is_marked: bool
    ) -> None:
        """``is_marked``: the platform stands in a domain that is marked for state secrets (R27.6)."""
        self._database = database
        self._clock = clock
        self._law_at = law_at
        self._is_marked = is_marked

    async def cameras(self) -> frozenset[UUID]:
        """Those that are closed now."""
        law = self._law_at(utc_now(self._clock))
        kept = [
            level
            for level in law.codes("secrecy")
            if isinstance(may_handle(law, level, self._is_marked), Refusal)
        ]
        query = select(CameraFileRow.id).where(CameraFileRow.secrecy.in_(kept))
        async with self._database.read() as session:
            return frozenset(await session.scalars(query))
