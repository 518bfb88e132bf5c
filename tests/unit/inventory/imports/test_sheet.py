"""Spreadsheets as bytes: rows out of good ones, a sentence out of hostile ones."""

import contextlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bingjian.inventory.errors import SheetNotReadable
from bingjian.inventory.imports.columns import guess_columns, guess_header, letter
from bingjian.inventory.imports.folder import Folder
from bingjian.inventory.imports.sheet import ROWS_MAX, Extract, extract
from tests.unit.inventory.sheets import HEADER, camera, text, xlsx


def read(folder: Path, content: bytes) -> tuple[Extract, list[list[Any]]]:
    source, cells = folder / "source", folder / "cells"
    source.write_bytes(content)
    found = extract(source, cells)
    return found, [json.loads(line) for line in cells.read_text().splitlines()]


@pytest.mark.parametrize("form", ["xlsx", "utf-8", "utf-8-sig", "gb18030"])
def test_rows_are_what_was_written(tmp_path: Path, form: str) -> None:
    rows = [camera(1), camera(2)]
    found, read_rows = read(tmp_path, xlsx(rows) if form == "xlsx" else text(rows, form))
    assert found.rows == 3
    assert read_rows[0] == HEADER
    assert [str(row[1]) for row in read_rows[1:]] == [row[1] for row in rows]


def bomb() -> bytes:
    out, source = io.BytesIO(), zipfile.ZipFile(io.BytesIO(xlsx([camera(1)])))
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name in source.namelist():
            blank = b" " * 300_000_000 if name.startswith("xl/worksheets/") else source.read(name)
            book.writestr(name, blank)
    return out.getvalue()


def with_macro() -> bytes:
    out = io.BytesIO(xlsx([camera(1)]))
    with zipfile.ZipFile(out, "a") as book:
        book.writestr("xl/vbaProject.bin", b"\0")
    return out.getvalue()


HOSTILE: dict[str, tuple[Any, str, str]] = {
    "macro": (with_macro, "宏", "macros"),
    "bomb": (bomb, "解压", "unpacks"),
    "old": (lambda: b"\xd0\xcf\x11\xe0" + b"\0" * 1000, "不是 XLSX", "old Office file"),
    "cut": (lambda: xlsx([camera(1)])[:-200], "不完整", "cut off"),
    "other encoding": (lambda: "设备名称,编码\n东门,1\n".encode("utf-16"), "不是 XLSX", "neither"),
    "empty": (lambda: b"", "空的", "empty"),
    "a million rows": (lambda: b"a,b\n" * 1_000_000, f"最多 {ROWS_MAX} 行", f"at most {ROWS_MAX}"),
    "many columns": (lambda: b"a," * 300 + b"\n" + b"b,c\n" * 3, "列", "columns"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_gets_its_sentence_in_both_languages(tmp_path: Path, kind: str) -> None:
    make, zh, en = HOSTILE[kind]
    with pytest.raises(SheetNotReadable) as refused:
        read(tmp_path, make())
    assert zh in refused.value.zh
    assert en in refused.value.en


async def test_a_reader_that_dies_is_a_sentence(tmp_path: Path) -> None:
    folder = Folder(tmp_path, UUID(int=1))
    folder.path.mkdir()
    with pytest.raises(SheetNotReadable, match="cannot be read"):
        await folder.extract("")  # there is no source at all


@given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda tail: b"PK\x03\x04" + tail))
def test_whatever_the_bytes_are_nothing_else_is_raised(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("any")
    with contextlib.suppress(SheetNotReadable):
        read(folder, content)


def test_headings_are_known_in_chinese_pinyin_and_english() -> None:
    title = ["哈尔滨市摄像机一览表"]
    header = ["序号", "设 备 编 码*", "SBMC", "Longitude", "纬度（WGS84）", "ＩＰＶ４", "名称"]
    assert guess_header([title, header, ["1", "2"]]) == 2
    assert guess_columns(header) == {1: "device_id", 2: "name", 3: "longitude", 4: "latitude", 5: "ip"}


@given(st.integers(0, 20_000))
def test_letters_count_as_spreadsheets_do(column: int) -> None:
    value = 0
    for sign in letter(column):
        value = value * 26 + ord(sign) - ord("A") + 1
    assert value == column + 1
