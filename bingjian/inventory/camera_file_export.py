"""Camera files go out as a sheet: any filter, some rows at a time, the journal first."""

import csv
import hashlib
import io
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import func, select
from xlsxwriter import Workbook

from bingjian.db.session import Database
from bingjian.entries import InventoryExported
from bingjian.inventory.camera_file_bulk import in_turn
from bingjian.inventory.camera_file_query import Filter, where
from bingjian.inventory.camera_files import CameraFileRow, dumps, values_of
from bingjian.inventory.fields import FIELDS, Kind
from bingjian.inventory.history import Who
from bingjian.inventory.organisations import OrganisationRow
from bingjian.inventory.place_rows import PlaceRow
from bingjian.journal.append import Journal

Form = Literal["xlsx", "csv"]
BOM = "\ufeff"  # spreadsheet programs take a CSV without it for the local encoding
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet program would compute
PIECE = 256 * 1024  # bytes sent at a time
HEADINGS = [field.words.zh for field in FIELDS]


class Exports:
    """Whoever calls has been let in by the door."""

    def __init__(self, database: Database, journal: Journal) -> None:
        self._database = database
        self._journal = journal

    async def open(self, wanted: Filter, form: Form, who: Who) -> AsyncIterator[bytes]:
        """The file, piece by piece, after the journal has it. Raises JournalUnavailable."""
        digest = hashlib.sha256(dumps({k: str(v) for k, v in asdict(wanted).items()}).encode()).hexdigest()
        async with self._database.read() as session:
            rows = await session.scalar(select(func.count()).select_from(CameraFileRow).where(where(wanted)))
        await self._journal.append(
            InventoryExported(str(who.id), "camera_files", form, rows or 0, digest, who.address)
        )
        return self._csv(wanted) if form == "csv" else self._xlsx(wanted)

    async def _lines(self, wanted: Filter) -> AsyncIterator[list[list[Any]]]:
        async with self._database.read() as session:
            names = {
                str(id_): name
                for table in (OrganisationRow, PlaceRow)
                for id_, name in await session.execute(select(table.id, table.name))
            }
            async for rows in in_turn(session, wanted):
                yield [line_of(row, names) for row in rows]

    async def _csv(self, wanted: Filter) -> AsyncIterator[bytes]:
        yield (BOM + csv_text([HEADINGS])).encode()
        async for lines in self._lines(wanted):
            yield csv_text(lines).encode()

    async def _xlsx(self, wanted: Filter) -> AsyncIterator[bytes]:
        """Written to a file that has no name, with one row in memory; then sent."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "cameras.xlsx"
            book = Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False,
                                        "strings_to_urls": False})  # fmt: skip
            sheet, at = book.add_worksheet(), 1
            sheet.write_row(0, 0, HEADINGS)
            async for lines in self._lines(wanted):
                for line in lines:
                    sheet.write_row(at, 0, line)
                    at += 1
            book.close()
            for piece in pieces_of(path):
                yield piece


def pieces_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def line_of(row: CameraFileRow, names: dict[str, str]) -> list[Any]:
    """By field what a person writes: codes as they are, organisations by name, the position as given."""
    values = values_of(row)
    given = {"longitude": values.get("original_x"), "latitude": values.get("original_y")}
    return [cell_of(field.kind, given.get(field.name, values.get(field.name)), names) for field in FIELDS]


def cell_of(kind: Kind, value: Any, names: dict[str, str]) -> Any:
    if value is None:
        return ""
    if kind is Kind.FLAG:
        return "是" if value else "否"
    return names.get(value, value) if kind in (Kind.ORGANISATION, Kind.THING) else value


def csv_text(lines: list[list[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([[harmless(cell) for cell in line] for line in lines])
    return text.getvalue()


def harmless(cell: Any) -> Any:
    """Text that a spreadsheet program would compute gets an apostrophe, as they write it themselves."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
