"""The parts that keep the inventory and its procedures, over one database."""

from dataclasses import dataclass
from pathlib import Path

from bingjian.clock import Clock
from bingjian.db.session import Database
from bingjian.documents.reading import Reading
from bingjian.documents.service import Documents
from bingjian.documents.store import DocumentStore
from bingjian.inventory.organisations import Organisations
from bingjian.journal.append import Journal


@dataclass(slots=True)
class Parts:
    """What the routes of the inventory ask. Open it with ``Parts.open``."""

    organisations: Organisations
    documents: Documents
    reading: Reading  # of documents

    @classmethod
    def open(cls, database: Database, journal: Journal, clock: Clock, folder: Path) -> "Parts":
        """Over a migrated database.

        Args:
            folder: of the platform's state; papers are kept below it.
        """
        papers = DocumentStore(folder / "documents")
        return cls(
            organisations=Organisations(database, journal, clock),
            documents=Documents(database, journal, clock, papers),
            reading=Reading(database, journal, papers),
        )

    async def prepare(self) -> None:
        """What must be there before anybody asks: called once at start."""
        await self.organisations.seed()
