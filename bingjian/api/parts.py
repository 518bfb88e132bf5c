"""The parts that keep the inventory and its procedures, over one database."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bingjian.clock import Clock
from bingjian.db.session import Database
from bingjian.documents.reading import Reading
from bingjian.documents.service import Documents
from bingjian.documents.store import DocumentStore
from bingjian.duties.clockwork import Clockwork
from bingjian.duties.service import Duties
from bingjian.inventory.camera_file_bulk import BulkChanges
from bingjian.inventory.camera_file_export import Exports
from bingjian.inventory.camera_file_map import CameraMaps
from bingjian.inventory.camera_file_query import CameraFileList
from bingjian.inventory.camera_file_service import CameraFiles
from bingjian.inventory.coverage import Overlaps
from bingjian.inventory.coverage_gaps import CoverageGaps
from bingjian.inventory.divisions import Divisions
from bingjian.inventory.imports.service import Imports
from bingjian.inventory.obstruction import Obstructions
from bingjian.inventory.organisations import Organisations
from bingjian.inventory.place_parts import PlaceParts
from bingjian.inventory.places import Places
from bingjian.inventory.saved_views import SavedViews
from bingjian.inventory.site_questions import SiteQuestions
from bingjian.journal.append import Journal
from bingjian.procedures.catalogue import KINDS
from bingjian.procedures.lawbook import Lawbook
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
    imports: Imports
    duties: Duties
    procedures: Procedures
    lawbook: Lawbook
    clockwork: Clockwork
    documents: Documents
    reading: Reading  # of documents
    divisions: Divisions
    places: Places
    place_parts: PlaceParts
    site_questions: SiteQuestions
    overlaps: Overlaps
    coverage_gaps: CoverageGaps
    obstructions: Obstructions

    @classmethod
    def open(
        cls, database: Database, journal: Journal, clock: Clock, folder: Path, published_on: date | None
    ) -> "Parts":
        """Over a migrated database.

        Args:
            folder: of the platform's state; papers are kept below it.
            published_on: the day on which the city published its measures, if it has.
        """
        lawbook, papers = Lawbook(published_on), DocumentStore(folder / "documents")
        duties = Duties(database, journal, clock)
        return cls(
            organisations=Organisations(database, journal, clock),
            camera_files=CameraFiles(database, journal, clock, lawbook.at),
            camera_file_list=CameraFileList(database),
            camera_maps=CameraMaps(database),
            bulk_changes=BulkChanges(database, journal, clock),
            exports=Exports(database, journal),
            saved_views=SavedViews(database, clock),
            imports=Imports(database, journal, clock, lawbook.at, folder / "imports"),
            duties=duties,
            procedures=Procedures(database, journal, clock, KINDS, lawbook),
            lawbook=lawbook,
            clockwork=Clockwork(database, clock, duties.handlers),
            documents=Documents(database, journal, clock, papers),
            reading=Reading(database, journal, papers),
            divisions=Divisions(database, journal, clock),
            places=Places(database, journal, clock, lawbook.at),
            place_parts=PlaceParts(database, journal, clock, lawbook.at),
            site_questions=SiteQuestions(database, journal, clock, lawbook.at),
            overlaps=Overlaps(database, clock, lawbook.at),
            coverage_gaps=CoverageGaps(database, clock, lawbook.at),
            obstructions=Obstructions(database, journal, clock, lawbook.at),
        )

    async def prepare(self) -> None:
        """What must be there before anybody asks: called once at start."""
        await self.organisations.seed()
        await self.imports.recover()
