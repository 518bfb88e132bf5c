"""The parts that keep the inventory and its procedures, over one database."""

from dataclasses import dataclass
from pathlib import Path

from bingjian.clock import Clock
from bingjian.db.session import Database
from bingjian.inventory.organisations import Organisations
from bingjian.journal.append import Journal


@dataclass(slots=True)
class Parts:
    """What the routes of the inventory ask. Open it with ``Parts.open``."""

    organisations: Organisations

    @classmethod
    def open(cls, database: Database, journal: Journal, clock: Clock, folder: Path) -> "Parts":
        """Over a migrated database.

        Args:
            folder: of the platform's state; papers are kept below it.
        """
        return cls(organisations=Organisations(database, journal, clock))

    async def prepare(self) -> None:
        """What must be there before anybody asks: called once at start."""
        await self.organisations.seed()
