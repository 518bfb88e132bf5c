"""The faulty rows as a sheet: as they were written, with a column that says what is wrong."""

import json
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook

from bingjian.inventory.imports.folder import BAD, Folder, lines_together

TOGETHER = 500
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
HEADINGS = ["行号 row", "问题 what is wrong"]


def write_fault_sheet(folder: Folder, header: list[Any], path: Path) -> None:
    """In a thread. The original columns stand behind the row's number and its faults."""
    book = Workbook(str(path), OPTIONS)
    sheet, at = book.add_worksheet(), 1
    sheet.write_row(0, 0, [*HEADINGS, *header])
    for lines in lines_together(folder / BAD, TOGETHER):
        for text in lines:
            line = json.loads(text)
            sheet.write_row(at, 0, [line["row"], sentence_of(line["faults"]), *line["cells"]])
            at += 1
    book.close()


def sentence_of(faults: list[list[str]]) -> str:
    """ "C 列：不是 20 位数字 it is not 20 digits; …": by column what is wrong, in both languages."""
    return "；".join(f"{letter} 列：{zh} {en}" if letter else f"{zh} {en}" for _, letter, _, zh, en in faults)
