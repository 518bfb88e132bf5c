"""Forms as PDF: the same bytes, all characters, data as data."""

import re
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bingjian.documents.paper.forms import FORMS, Form
from bingjian.documents.paper.glyphs import is_printable, printable
from bingjian.documents.paper.render import TEMPLATES, TooLong, hash_of, render
from bingjian.documents.sniff import recognised
from tests.unit.documents import filled

HOSTILE = '*x* #import "/etc/passwd" $x$ #sys.inputs <label> `raw` \\ @ref = h'


def told(paper: bytes, folder: Path) -> str:
    """The paper's text, by a program that we did not write, without white space."""
    (folder / "paper.pdf").write_bytes(paper)
    said = subprocess.run(["pdftotext", folder / "paper.pdf", "-"], capture_output=True, check=True)
    return re.sub(r"[\s\u200b]+", "", said.stdout.decode())


def fonts(folder: Path) -> list[list[str]]:
    said = subprocess.run(["pdffonts", folder / "paper.pdf"], capture_output=True, check=True)
    return [line.split() for line in said.stdout.decode().splitlines()[2:]]


def test_every_form_has_its_template_and_is_drawn_here() -> None:
    drawn = {path.stem for path in TEMPLATES.glob("*.typ")} - {"official"}
    assert drawn == {form.template for form in FORMS} == {form.template for form in filled.every()}


@pytest.mark.parametrize("form", filled.every(), ids=lambda form: form.template)
def test_R32_3_the_same_values_give_the_same_bytes(form: Form) -> None:
    paper = render(form)
    assert render(form) == paper
    assert b"pdfaid:part>2<" in paper
    assert b"pdfaid:conformance>B<" in paper
    assert recognised(paper) == "application/pdf"  # our own papers can be kept


@pytest.mark.parametrize("form", filled.every(), ids=lambda form: form.template)
def test_all_that_a_form_says_is_on_the_paper(form: Form, tmp_path: Path) -> None:
    text = told(render(form), tmp_path)
    for value in (form.number, form.unit, *form.basis, hash_of(form)):
        assert re.sub(r"\s", "", value) in text
    assert all(row[-5:-2] == ["yes", "yes", "yes"] for row in fonts(tmp_path))  # embedded, subset, Unicode
    assert all(row[0].split("+")[1].startswith(("NotoSansSC-", "NotoSerifSC-")) for row in fonts(tmp_path))


def test_data_is_never_source(tmp_path: Path) -> None:
    text = told(render(filled.filing_receipt(system=HOSTILE, papers=(HOSTILE,), unit=HOSTILE)), tmp_path)
    assert text.count(re.sub(r"\s", "", HOSTILE)) >= 3
    assert "root:" not in text


def test_every_character_is_printed_or_written_as_its_number(tmp_path: Path) -> None:
    assert is_printable("\u51b0")
    assert is_printable("\u9274")
    assert printable("冰鉴 𠮷🙂\u202e\0") == "冰鉴 〔U+20BB7〕〔U+1F642〕〔U+202E〕〔U+0000〕"
    text = told(render(filled.filing_receipt(system="冰鉴 𠮷野🙂\u202e")), tmp_path)
    assert "冰鉴〔U+20BB7〕野〔U+1F642〕〔U+202E〕" in text


def test_the_hash_is_over_what_was_said_and_not_over_what_could_be_printed() -> None:
    one = filled.filing_receipt(system="𠮷")
    assert hash_of(one) != hash_of(replace(one, system="〔U+20BB7〕"))
    assert hash_of(one) != hash_of(replace(one, at=one.at + timedelta(microseconds=1)))
    assert hash_of(one) == hash_of(filled.filing_receipt(system="𠮷"))


@pytest.mark.parametrize("rows", [9, 10, 11])
def test_what_is_too_long_for_a_paper_says_so(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bingjian.documents.paper.render.ROWS_MAX", 10)
    form = filled.table_report(columns=(), notes=(), basis=(), rows=((),) * rows)
    if rows <= 10:
        assert render(form)
        return
    with pytest.raises(TooLong, match="11 rows"):
        render(form)
