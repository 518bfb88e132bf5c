"""Imports: uploaded, matched, judged, confirmed. Until it is confirmed, nothing in the inventory changes.

A step that is cut short is begun again: judging writes only what is the import's own, and what is confirmed
is taken over in one transaction together with the state that says so.
"""

import asyncio
from collections.abc import AsyncIterable, Coroutine, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.clock import Clock, utc_now
from bingjian.db.session import Database
from bingjian.entries import InventoryChanged
from bingjian.inventory.camera_file_service import LawAt, Registrar
from bingjian.inventory.camera_files import CameraFileRow, SystemsChanged, dumps, nobody_is_told
from bingjian.inventory.errors import (
    FieldsNotAccepted,
    ImportHasFaults,
    ImportNeedsSystem,
    ImportNotReady,
    ImportOvertaken,
    NotThere,
    SheetNotReadable,
    Stale,
)
from bingjian.inventory.field_values import Known
from bingjian.inventory.fields import BY_NAME
from bingjian.inventory.history import Who
from bingjian.inventory.imports.columns import HEADER_ROWS, guess_columns, guess_header
from bingjian.inventory.imports.fault_sheet import write_fault_sheet
from bingjian.inventory.imports.folder import BAD, CELLS, GOOD, Folder, lines_from, lines_together
from bingjian.inventory.imports.judging import Findings, Ground, Judge, judge_lines
from bingjian.inventory.imports.models import Choices, ImportRow, ImportState
from bingjian.inventory.imports.staging import (
    stage,
    staged,
    systems_of,
    take_over,
    unstage,
    unstage_unjudged,
)
from bingjian.inventory.organisations import OrganisationRow
from bingjian.inventory.place_rows import PlaceRow
from bingjian.inventory.siting import ConsentsOf, Siting, no_consents
from bingjian.journal.append import Journal

UPLOAD_MAX = 64 * 1024 * 1024  # bytes; 100 000 rows are about 20 MB as XLSX, 40 as CSV
JUDGED_TOGETHER = 400  # rows in one go of a thread, and in one statement: some 20 ms of the event loop
PARTITION = 5_000  # rows read at a time
SAMPLES = 5  # cells of a column shown beside its heading
LISTED = 50  # imports of a person, newest first
KIND = "import"
log = structlog.get_logger()


class Imports:
    """A person sees their own imports, nobody else's. Whoever calls has been let in by the door."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        clock: Clock,
        law_at: LawAt,
        root: Path,
        consents_of: ConsentsOf = no_consents,
        changed: SystemsChanged = nobody_is_told,
    ) -> None:
        self._database = database
        self._journal = journal
        self._clock = clock
        self._law_at = law_at
        self._root = root
        self._consents_of = consents_of
        self._changed = changed
        self._judging = dict[UUID, asyncio.Task[None]]()

    async def recover(self) -> None:
        """After a start: what was being judged waits for its columns to be confirmed again."""

        async def work(session: AsyncSession) -> None:
            query = update(ImportRow).where(ImportRow.state == ImportState.JUDGING)
            await session.execute(query.values(state=ImportState.UPLOADED))
            await unstage_unjudged(session)

        await self._database.run(work)

    async def upload(self, file_name: str, chunks: AsyncIterable[bytes], who: Who) -> ImportRow:
        """Keep a file and look at it; one that cannot be read is kept as failed, with the reason."""
        identity = uuid4()
        folder, now = Folder(self._root, identity), utc_now(self._clock)
        try:
            size, digest = await folder.receive(chunks)
        except BaseException:
            folder.remove()
            raise
        row = ImportRow(
            id=identity,
            person=who.id,
            person_name=who.name,
            file_name=file_name,
            size_bytes=size,
            sha256=digest,
            **BLANK,
            version=1,
            created_at=now,
            changed_at=now,
        )
        await self._look(folder, row, None)
        await self._add(row)
        return row

    async def all(self, who: Who) -> list[ImportRow]:
        """The person's own, newest first."""
        table = ImportRow
        query = select(table).where(table.person == who.id).order_by(table.created_at.desc(), table.id)
        async with self._database.read() as session:
            return list(await session.scalars(query.limit(LISTED)))

    async def get(self, identity: UUID, who: Who) -> ImportRow:
        """Raises NotThere."""
        async with self._database.read() as session:
            return await own(session, identity, who)

    async def choose(self, identity: UUID, version: int, choices: Choices, who: Registrar) -> ImportRow:
        """Say how the sheet is read; every row is then judged. Raises NotThere, Stale, ImportNotReady."""
        require_choices(choices)
        row = await self.get(identity, who)
        require_version(row, version)
        await self._stop(identity)
        folder = Folder(self._root, identity)
        if choices.sheet != row.choices.get("sheet", "") or not (folder / CELLS).exists():
            await self._look(folder, row, choices)

        async def work(session: AsyncSession) -> ImportRow:
            kept = await self._step(session, identity, version, who, OPEN)
            kept.sheet_json, kept.choices_json = row.sheet_json, dumps(asdict(choices))
            kept.state = row.state if row.state == ImportState.FAILED else ImportState.JUDGING
            kept.problem, kept.findings_json = row.problem, "{}"
            return kept

        kept = await self._database.run(work)
        if kept.state == ImportState.JUDGING:
            self._begin(identity, self._judge(kept, choices, who.areas))
        return kept

    async def settled(self) -> None:
        """Wait until nothing is being judged any more: for tests and benchmarks."""
        while self._judging:
            await asyncio.wait(self._judging.values())

    async def rows(
        self, identity: UUID, who: Who, offset: int, limit: int, *, faulty: bool
    ) -> tuple[list[dict[str, Any]], int | None]:
        """Judged rows from a place in the file on, and where to go on. Raises NotThere, ImportNotReady."""
        row = await self.get(identity, who)
        if row.state not in (ImportState.JUDGED, ImportState.DONE):
            raise ImportNotReady
        path = Folder(self._root, identity) / (BAD if faulty else GOOD)
        return await asyncio.to_thread(lines_from, path, offset, limit)

    async def write_faults(self, identity: UUID, path: Path, who: Who) -> None:
        """The faulty rows as a sheet. Raises NotThere, ImportNotReady."""
        row = await self.get(identity, who)
        if row.state not in (ImportState.JUDGED, ImportState.DONE):
            raise ImportNotReady
        head, first = row.sheet["head"], int(row.choices["header_row"])
        header = head[first - 1] if first <= len(head) else []
        await asyncio.to_thread(write_fault_sheet, Folder(self._root, identity), header, path)

    async def confirm(
        self, identity: UUID, version: int, who: Registrar, *, leave_out_faulty: bool
    ) -> ImportRow:
        """Take all good rows over, in one transaction; once more changes nothing.

        Raises:
            NotThere, Stale, ImportNotReady, ImportHasFaults, ImportNeedsSystem.
            ImportOvertaken: a device code was taken in the meantime, or what was judged is not there whole.
        """
        row = await self.get(identity, who)
        if row.state == ImportState.DONE:
            return row
        require_confirmable(row, leave_out_faulty)

        async def work(session: AsyncSession) -> ImportRow:
            kept = await self._step(session, identity, version, who, (ImportState.JUDGED,))
            now = utc_now(self._clock)
            systems = await systems_of(session, kept.id)
            kept.imported_rows = await take_over(session, kept.id, who, now)
            if kept.imported_rows != kept.rows - kept.faulty_rows:
                raise ImportOvertaken
            kept.state, kept.done_at = ImportState.DONE, now
            await self._changed(session, systems, now)
            await session.flush()
            await self._journal.append(entry_of(kept, who))
            return kept

        try:
            return await self._database.run(work)
        except IntegrityError as error:
            raise ImportOvertaken from error

    async def abandon(self, identity: UUID, version: int, who: Who) -> None:
        """Forget an import that was not confirmed; its file goes. Raises NotThere, Stale, ImportNotReady."""

        async def work(session: AsyncSession) -> None:
            row = await self._step(session, identity, version, who, (*OPEN, ImportState.FAILED))
            row.state = ImportState.ABANDONED

        await self._database.run(work)
        await self._stop(identity)
        await self._database.run(partial(unstage, import_id=identity))
        await asyncio.to_thread(Folder(self._root, identity).remove)

    # --- steps

    async def _look(self, folder: Folder, row: ImportRow, choices: Choices | None) -> None:
        """Read the source; what was found, or why nothing was, into the row."""
        try:
            found = await folder.extract(choices.sheet if choices else "")
        except SheetNotReadable as refused:
            row.state, row.problem = ImportState.FAILED, dumps({"zh": refused.zh, "en": refused.en})
            return
        head = await asyncio.to_thread(folder.head, HEADER_ROWS + SAMPLES)
        header = guess_header(head)
        titles = head[header - 1] if head else []
        row.sheet_json = dumps({**asdict(found), "head": head})
        row.choices_json = dumps(asdict(Choices(found.sheet, header, guess_columns(titles))))
        row.rows = max(0, found.rows - header)

    async def _add(self, row: ImportRow) -> None:
        async def work(session: AsyncSession) -> None:
            session.add(row)

        await self._database.run(work)

    async def _step(
        self, session: AsyncSession, identity: UUID, version: int, who: Who, states: tuple[str, ...]
    ) -> ImportRow:
        """The import, one version on. Raises NotThere, Stale, ImportNotReady."""
        row = await own(session, identity, who)
        require_version(row, version)
        if row.state not in states:
            raise ImportNotReady
        row.version, row.changed_at = row.version + 1, utc_now(self._clock)
        return row

    def _begin(self, identity: UUID, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._judging[identity] = task

        def ended(task: asyncio.Task[None]) -> None:
            if self._judging.get(identity) is task:
                del self._judging[identity]

        task.add_done_callback(ended)

    async def _stop(self, identity: UUID) -> None:
        """Whoever judges this import stops before its files are written anew."""
        task = self._judging.pop(identity, None)
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def _judge(self, row: ImportRow, choices: Choices, areas: tuple[str, ...]) -> None:
        """Every row of the extract; the findings into the row unless other choices were made meanwhile."""
        try:
            judge = Judge(await self._ground(areas), choices, row.sheet.get("merged", ()))
            await self._pass(row.id, judge)
        except Exception:
            log.exception("import_not_judged", import_id=str(row.id))
            await self._judged(row, None)
            return
        await self._judged(row, judge)

    async def _pass(self, identity: UUID, judge: Judge) -> None:
        folder, first = Folder(self._root, identity), 1
        await self._database.run(partial(unstage, import_id=identity))
        with (folder / GOOD).open("w", encoding="utf-8") as good, (folder / BAD).open("w") as bad:
            for lines in lines_together(folder / CELLS, JUDGED_TOGETHER):
                rows = await asyncio.to_thread(judge_lines, judge, lines, first, good.write, bad.write)
                first += len(lines)
                if rows:
                    found = [staged(identity, row) for row in rows]
                    await self._database.run(partial(stage, rows=found))

    async def _judged(self, row: ImportRow, judge: Judge | None) -> None:
        async def work(session: AsyncSession) -> None:
            kept = await session.get(ImportRow, row.id)
            if kept is None or kept.version != row.version or kept.state != ImportState.JUDGING:
                return
            if judge is None:
                kept.state, kept.problem = ImportState.UPLOADED, ""
                return
            kept.state, kept.findings_json = ImportState.JUDGED, dumps(told(judge.findings))
            kept.rows, kept.faulty_rows = judge.findings.rows, judge.findings.faulty
            kept.rows_sha256 = judge.sha256

        await self._database.run(work)

    async def _ground(self, areas: tuple[str, ...]) -> Ground:
        now, taken = utc_now(self._clock), set[str]()
        async with self._database.read() as session:
            codes = select(CameraFileRow.device_id).where(CameraFileRow.device_id.is_not(None))
            async for some in (await session.stream_scalars(codes)).partitions(PARTITION):
                taken.update(code for code in some if code)
            known = Known(await names_of(session, OrganisationRow), await names_of(session, PlaceRow))
            siting = await Siting.load(session)
            consents = await self._consents_of(session, now)
        return Ground(self._law_at(now), now, siting, known, frozenset(taken), areas, consents)


OPEN = (ImportState.UPLOADED, ImportState.JUDGED, ImportState.JUDGING)
BLANK: Mapping[str, Any] = {
    "state": ImportState.UPLOADED,
    **dict.fromkeys(("problem", "rows_sha256"), ""),
    **dict.fromkeys(("sheet_json", "choices_json", "findings_json"), "{}"),
    **dict.fromkeys(("rows", "faulty_rows", "imported_rows"), 0),
    "done_at": None,
}


async def own(session: AsyncSession, identity: UUID, who: Who) -> ImportRow:
    row = await session.get(ImportRow, identity)
    if row is None or row.person != who.id or row.state == ImportState.ABANDONED:
        raise NotThere
    return row


def require_version(row: ImportRow, version: int) -> None:
    """Raises Stale."""
    if row.version != version:
        raise Stale(row.version, row.person_name, row.changed_at, ("state",))


async def names_of(session: AsyncSession, table: type[OrganisationRow] | type[PlaceRow]) -> dict[str, str]:
    """Ids by name, lower case; a name that two have is nobody's."""
    found = dict[str, str]()
    for id_, name in await session.execute(select(table.id, table.name)):
        found[name.lower()] = "" if name.lower() in found else str(id_)
    return found


def require_choices(choices: Choices) -> None:
    """Raises FieldsNotAccepted: an unknown field, or one that two columns have."""
    names = list(choices.columns.values())
    wrong = {name: "there is no such field" for name in names if name not in BY_NAME}
    wrong |= {name: "two columns have it" for name in names if names.count(name) > 1}
    if "name" not in names:
        wrong["name"] = "no column has the name"
    if wrong:
        raise FieldsNotAccepted(wrong)


def require_confirmable(row: ImportRow, leave_out_faulty: bool) -> None:
    if row.state != ImportState.JUDGED:
        raise ImportNotReady
    if row.findings.get("positions", {}).get("no_crs"):
        raise ImportNeedsSystem
    if row.faulty_rows and not leave_out_faulty:
        raise ImportHasFaults(row.faulty_rows)
    if row.faulty_rows == row.rows:
        raise ImportNotReady  # nothing is there to be taken over


def told(findings: Findings) -> dict[str, Any]:
    return {
        "kinds": sorted(findings.kinds.values(), key=lambda kind: -int(kind["rows"])),
        "positions": dict(findings.positions),
        "samples": findings.samples,
    }


def entry_of(row: ImportRow, who: Who) -> InventoryChanged:
    """One for the batch: which fields, and the hash of all its rows."""
    fields = tuple(sorted(row.choices.get("columns", {}).values()))
    return InventoryChanged(str(who.id), KIND, str(row.id), "confirmed", row.version, fields, row.rows_sha256)
