"""The parts that keep the inventory and its procedures, over one database."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bingjian.clock import Clock
from bingjian.db.session import Database
from bingjian.duties.clockwork import Clockwork
from bingjian.duties.service import Duties
from bingjian.inventory.camera_file_bulk import BulkChanges
from bingjian.inventory.camera_file_export import Exports
from bingjian.inventory.camera_file_map import CameraMaps
from bingjian.inventory.camera_file_query import CameraFileList
from bingjian.inventory.camera_file_service import CameraFiles
from bingjian.inventory.organisations import Organisations
from bingjian.inventory.saved_views import SavedViews
from bingjian.journal.append import Journal
from bingjian.procedures.bounds import Bounds
from bingjian.procedures.catalogue import KINDS
from bingjian.procedures.lawbook import Lawbook
from bingjian.procedures.overview import Overviews
from bingjian.procedures.report import Reports
from bingjian.procedures.service import Procedures


@dataclass(slots=True)
class Parts:
    """What the routes of the inventory ask. Open it with ``Parts.open``."""

    organisations: Organisations
    camera_files: CameraFiles
    camera_file_list: CameraFileList
    camera_maps: CameraMaps
    bulk_changes: BulkChanges
    exports: Exports
    saved_views: SavedViews
    duties: Duties
    procedures: Procedures
    lawbook: Lawbook
    clockwork: Clockwork
    bounds: Bounds
    reports: Reports
    overviews: Overviews

    @classmethod
    def open(
        cls, database: Database, journal: Journal, clock: Clock, folder: Path, published_on: date | None
    ) -> "Parts":
        """Over a migrated database.

        Args:
            folder: of the platform's state; papers are kept below it.
            published_on: the day on which the city published its measures, if it has.
        """
        lawbook = Lawbook(published_on)
        duties = Duties(database, journal, clock)
        return cls(
            organisations=Organisations(database, journal, clock),
            camera_files=CameraFiles(database, journal, clock, lawbook.at),
            camera_file_list=CameraFileList(database),
            camera_maps=CameraMaps(database),
            bulk_changes=BulkChanges(database, journal, clock),
            exports=Exports(database, journal),
            saved_views=SavedViews(database, clock),
            duties=duties,
            procedures=Procedures(database, journal, clock, KINDS, lawbook),
            lawbook=lawbook,
            clockwork=Clockwork(database, clock, duties.handlers),
            bounds=Bounds(database, journal, clock, lawbook),
            reports=Reports(database, journal, clock, lawbook, KINDS),
            overviews=Overviews(database, clock, lawbook, KINDS),
        )

    async def prepare(self) -> None:
        """What must be there before anybody asks: called once at start."""
        await self.organisations.seed()
        await self.bounds.announce_end()
