"""A spreadsheet into rows of plain cells, one JSON list a line; nothing hostile gets further than here.

Runs as a program of its own (``python -m bingjian.inventory.imports.sheet``), with bounded memory and time:
a parser that is led astray ends there, and the platform's event loop never waits for it.
"""

import csv
import json
import resource
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TextIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from bingjian.documents.errors import (
    ActiveFile,
    BrokenFile,
    EncryptedFile,
    FileNotAccepted,
    SwollenFile,
    UnknownFile,
)
from bingjian.documents.sniff import recognised
from bingjian.documents.sniff_zip import SHEET
from bingjian.inventory.errors import SheetNotReadable

ROWS_MAX = 200_000  # twice a city; a sheet can hold a million, most of them blank
COLUMNS_MAX = 200
CELL_MAX = 2_000  # characters; the longest field has 1 000
MERGED_MAX = 1_000  # ranges that are named one by one
MEMORY_MAX = 3 * 1024**3  # bytes; 200 000 rows of 40 columns take about 1 GiB
CPU_MAX_S = 120
ENCODINGS = ("utf-8-sig", "gb18030")
SIGNS = ",;\t"
CHINESE: dict[type[FileNotAccepted], str] = {  # what a refused file is told
    ActiveFile: "文件含有宏、控件或外部链接，请另存为不含这些内容的 XLSX",
    BrokenFile: "文件已损坏或不完整",
    EncryptedFile: "文件已加密，请去掉密码后重新保存",
    SwollenFile: "文件解压后过大，已拒绝打开",
    UnknownFile: "不是 XLSX 或 CSV 文件",
}


@dataclass(frozen=True, slots=True)
class Extract:
    """What was found in a file; the rows are in the file beside it."""

    sheets: list[str]
    sheet: str
    rows: int
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)  # rows, columns from 0


def extract(source: Path, cells: Path, wanted: str = "") -> Extract:
    """Write the rows of a sheet to ``cells``. Raises SheetNotReadable."""
    try:
        kind = recognised(source.read_bytes())  # up to ``UPLOAD_MAX``
    except FileNotAccepted as refused:
        raise SheetNotReadable(CHINESE.get(type(refused), CHINESE[UnknownFile]), str(refused)) from refused
    if not source.stat().st_size:
        raise SheetNotReadable("文件是空的", "the file is empty")
    if kind == SHEET:
        return from_workbook(source, cells, wanted)
    if kind in ("text/csv", "text/plain"):
        return from_text(source, cells)
    raise SheetNotReadable(CHINESE[UnknownFile], "the file is neither XLSX nor CSV")


def from_workbook(source: Path, cells: Path, wanted: str) -> Extract:
    try:
        book = CalamineWorkbook.from_path(str(source))
        name = wanted if wanted in book.sheet_names else book.sheet_names[0]
        sheet = book.get_sheet_by_name(name)
    except (CalamineError, IndexError, OSError) as error:
        raise SheetNotReadable("无法读取工作簿", "the workbook cannot be read") from error
    require_size(sheet.total_height, sheet.total_width)
    with cells.open("w", encoding="utf-8") as out:
        rows = write_rows(sheet_rows(sheet), out)
    merged = [(*first, *last) for first, last in (sheet.merged_cell_ranges or [])[:MERGED_MAX]]
    return Extract(book.sheet_names, name, rows, [(a, c, b, d) for a, b, c, d in merged])


def require_size(rows: int, columns: int) -> None:
    if rows > ROWS_MAX:
        raise SheetNotReadable(
            f"工作表有 {rows} 行，最多 {ROWS_MAX} 行，请拆分后导入",
            f"the sheet has {rows} rows; at most {ROWS_MAX} are taken: split it",
        )
    if columns > COLUMNS_MAX:
        raise SheetNotReadable(
            f"工作表有 {columns} 列，最多 {COLUMNS_MAX} 列",
            f"the sheet has {columns} columns; at most {COLUMNS_MAX} are taken",
        )


def sheet_rows(sheet: CalamineSheet) -> Iterator[list[Any]]:
    """From the first row and column of the sheet, also if its data begin further on."""
    above, left = sheet.start or (0, 0)
    yield from ([] for _ in range(above))
    for row in sheet.iter_rows():
        yield [""] * left + [plain(cell) for cell in row]


def plain(cell: Any) -> str | float | bool:
    """A cell as JSON has it; dates as ISO 8601."""
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return cell[:CELL_MAX] if isinstance(cell, str) else cell


def from_text(source: Path, cells: Path) -> Extract:
    encoding = next((one for one in ENCODINGS if is_in(source, one)), None)
    if encoding is None:
        raise SheetNotReadable("文件不是 UTF-8 或 GB 18030 编码", "the text is neither UTF-8 nor GB 18030")
    csv.field_size_limit(CELL_MAX * 10)
    with source.open(encoding=encoding, newline="") as text, cells.open("w", encoding="utf-8") as out:
        head = text.readline()
        text.seek(0)
        sign = max(SIGNS, key=head.count)
        reader = csv.reader(text, delimiter=sign)
        try:
            rows = write_rows(text_rows(reader), out)
        except csv.Error as error:
            at = reader.line_num
            raise SheetNotReadable(f"第 {at} 行无法读取", f"line {at} cannot be read") from error
    return Extract([""], "", rows)


def is_in(source: Path, encoding: str) -> bool:
    try:
        with source.open(encoding=encoding, newline="") as text:
            while text.read(1024 * 1024):
                pass
    except UnicodeError:
        return False
    return True


def text_rows(reader: Any) -> Iterator[list[Any]]:
    for at, row in enumerate(reader):
        require_size(at + 1, len(row))
        yield [unquoted(cell[:CELL_MAX]) for cell in row]


def unquoted(cell: str) -> str:
    """Spreadsheet programs write ="0012" or '0012 so that digits stay text."""
    if cell.startswith('="') and cell.endswith('"'):
        return cell[2:-1]
    return cell[1:] if cell.startswith("'") else cell


def write_rows(rows: Iterator[list[Any]], out: TextIO) -> int:
    """Trailing blank rows are left out; how many were written."""
    count, blank = 0, 0
    for row in rows:
        while row and row[-1] in ("", None):
            row.pop()
        if not row:
            blank += 1
            continue
        out.write("[]\n" * blank)
        out.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
        count, blank = count + blank + 1, 0
    return count


def main(arguments: list[str]) -> int:
    """Source, cells, sheet; prints the extract, or why there is none, as JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_MAX_S, CPU_MAX_S))
    source, cells, wanted = arguments
    try:
        found: dict[str, Any] = asdict(extract(Path(source), Path(cells), wanted))
    except SheetNotReadable as refused:
        found = {"zh": refused.zh, "en": refused.en}
    except MemoryError:
        found = {"zh": "文件过大，无法读取", "en": "the file needs more memory than an import may take"}
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
