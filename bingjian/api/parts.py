"""The parts that keep the inventory and its procedures, over one database."""

from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from bingjian.access.control.service import Control
from bingjian.access.grants import Grants
from bingjian.access.register import Register
from bingjian.access.tracing import Tracing
from bingjian.clock import Clock
from bingjian.db.session import Database
from bingjian.documents.reading import Reading
from bingjian.documents.refused import RefusedUploads
from bingjian.documents.service import Documents
from bingjian.documents.store import FOLDER, DocumentStore
from bingjian.duties.clockwork import Clockwork
from bingjian.duties.service import Duties
from bingjian.inventory.camera_file_bulk import BulkChanges
from bingjian.inventory.camera_file_export import Exports
from bingjian.inventory.camera_file_map import CameraMaps
from bingjian.inventory.camera_file_query import CameraFileList
from bingjian.inventory.camera_file_service import CameraFiles
from bingjian.inventory.coverage import Overlaps
from bingjian.inventory.coverage_gaps import CoverageGaps
from bingjian.inventory.cruises import Cruises
from bingjian.inventory.divisions import Divisions
from bingjian.inventory.endings import Endings
from bingjian.inventory.gb28181.device_recordings import DeviceRecordings
from bingjian.inventory.ground_map import GroundMaps
from bingjian.inventory.imports.service import Imports
from bingjian.inventory.obstruction import Obstructions
from bingjian.inventory.organisations import Organisations
from bingjian.inventory.picture_masks import PictureMasks
from bingjian.inventory.place_parts import PlaceParts
from bingjian.inventory.places import Places
from bingjian.inventory.presets import Presets
from bingjian.inventory.saved_views import SavedViews
from bingjian.inventory.site_questions import SiteQuestions
from bingjian.journal.append import Journal
from bingjian.procedures.banning import Banning
from bingjian.procedures.binding_papers import binding_papers
from bingjian.procedures.bounds import Bounds
from bingjian.procedures.catalogue import KINDS
from bingjian.procedures.consent import consents_of
from bingjian.procedures.filing_changes import changes_due
from bingjian.procedures.hindered import Hindered, report_unanswered
from bingjian.procedures.inspection_report import InspectionReports
from bingjian.procedures.lawbook import Lawbook
from bingjian.procedures.overview import Overviews
from bingjian.procedures.posts import Posts, TrainingMode
from bingjian.procedures.raising import Raising
from bingjian.procedures.recompute import Recomputing
from bingjian.procedures.relocation_facts import notice_of
from bingjian.procedures.report import Reports
from bingjian.procedures.request_inbox import RequestInbox
from bingjian.procedures.service import Procedures
from bingjian.procedures.serving import Serving
from bingjian.procedures.share_catalogue import ShareCatalogue
from bingjian.procedures.share_unanswered import Unanswered
from bingjian.procedures.system_figures import SystemList
from bingjian.procedures.trials import Trials


@dataclass(slots=True)
class Parts:
    """What the routes of the inventory ask. Open it with ``Parts.open``."""

    organisations: Organisations
    camera_files: CameraFiles
    camera_file_list: CameraFileList
    camera_maps: CameraMaps
    ground_maps: GroundMaps
    bulk_changes: BulkChanges
    exports: Exports
    saved_views: SavedViews
    imports: Imports
    duties: Duties
    procedures: Procedures
    posts: Posts
    recomputing: Recomputing
    serving: Serving
    trials: Trials
    banning: Banning
    lawbook: Lawbook
    clockwork: Clockwork
    bounds: Bounds
    reports: Reports
    inspection_reports: InspectionReports
    system_list: SystemList
    overviews: Overviews
    divisions: Divisions
    places: Places
    place_parts: PlaceParts
    site_questions: SiteQuestions
    overlaps: Overlaps
    coverage_gaps: CoverageGaps
    obstructions: Obstructions
    documents: Documents
    reading: Reading  # of documents
    refused_uploads: RefusedUploads
    grants: Grants
    register: Register
    tracing: Tracing
    raising: Raising
    share_catalogue: ShareCatalogue
    picture_masks: PictureMasks
    endings: Endings  # of recording
    control: Control
    device_recordings: DeviceRecordings
    request_inbox: RequestInbox
    hindered: Hindered

    @classmethod
    def open(
        cls,
        database: Database,
        journal: Journal,
        clock: Clock,
        folder: Path,
        published_on: date | None,
        training: TrainingMode = "warn",
    ) -> "Parts":
        """Over a migrated database.

        Args:
            folder: of the platform's state; papers are kept below it.
            published_on: the day on which the city published its measures, if it has.
            training: whether posts of watch and management are barred without it, or it is only said.
        """
        lawbook, papers = Lawbook(published_on), DocumentStore(folder / FOLDER)
        duties = Duties(database, journal, clock, [report_unanswered])
        banning = Banning(database, clock, lawbook)
        changed = partial(changes_due, lawbook)
        recomputing = Recomputing(database, journal, clock, lawbook)
        register, grants = Register(database, journal), Grants(database, journal, clock, lawbook.at)
        handlers = {**duties.handlers, **recomputing.handlers, **Unanswered(lawbook).handlers}
        reports = Reports(database, journal, clock, lawbook, KINDS)
        return cls(
            organisations=Organisations(database, journal, clock),
            camera_files=CameraFiles(database, journal, clock, lawbook.at, notice_of, consents_of, changed),
            camera_file_list=CameraFileList(database),
            camera_maps=CameraMaps(database),
            ground_maps=GroundMaps(database),
            bulk_changes=BulkChanges(database, journal, clock, changed),
            exports=Exports(database, journal),
            saved_views=SavedViews(database, clock),
            imports=Imports(database, journal, clock, lawbook.at, folder / "imports", consents_of, changed),
            duties=duties,
            procedures=Procedures(database, journal, clock, KINDS, lawbook),
            posts=Posts(database, journal, clock, lawbook, training),
            recomputing=recomputing,
            serving=Serving(database, journal, clock, lawbook, banning),
            trials=Trials(database),
            banning=banning,
            lawbook=lawbook,
            clockwork=Clockwork(database, clock, handlers),
            bounds=Bounds(database, journal, clock, lawbook),
            reports=reports,
            inspection_reports=InspectionReports(database, clock, reports),
            system_list=SystemList(database, clock),
            overviews=Overviews(database, clock, lawbook, KINDS),
            documents=Documents(database, journal, clock, papers),
            reading=Reading(database, journal, papers, binding_papers),
            refused_uploads=RefusedUploads(journal, clock),
            grants=grants,
            register=register,
            tracing=Tracing(database, journal, register, grants),
            raising=Raising(database, journal, clock, lawbook),
            share_catalogue=ShareCatalogue(database, register),
            picture_masks=PictureMasks(database, journal, clock),
            endings=Endings(journal, clock, lawbook.at),
            control=Control(
                database,
                journal,
                clock,
                lawbook.at,
                lawbook.whole,
                Presets(database, journal, clock),
                Cruises(database, journal, clock),
            ),
            device_recordings=DeviceRecordings(clock),
            request_inbox=RequestInbox(database, clock),
            hindered=Hindered(database, journal, clock),
            divisions=Divisions(database, journal, clock),
            places=Places(database, journal, clock, lawbook.at),
            place_parts=PlaceParts(database, journal, clock, lawbook.at, [banning.on_banned]),
            site_questions=SiteQuestions(database, journal, clock, lawbook.at, consents_of),
            overlaps=Overlaps(database, clock, lawbook.at),
            coverage_gaps=CoverageGaps(database, clock, lawbook.at),
            obstructions=Obstructions(database, journal, clock, lawbook.at),
        )

    async def prepare(self) -> None:
        """What must be there before anybody asks: called once at start."""
        await self.organisations.seed()
        await self.recomputing.prepare()
        await self.bounds.announce_end()
        await self.imports.recover()
