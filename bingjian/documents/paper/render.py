"""A form becomes paper: PDF/A-2b by typst, from its values as data, never as source."""

import hashlib
import json
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn as fonts
import typst

from bingjian.clock import CHINA
from bingjian.documents.errors import DocumentsError
from bingjian.documents.paper.forms import Form
from bingjian.documents.paper.glyphs import printable

TEMPLATES = Path(__file__).parent / "templates"
FONTS = str(Path(fonts.serif_path()).parent)
ROWS_MAX = 20_000  # of all lists of a form: some 700 pages; what is longer is no paper but a spreadsheet


class TooLong(DocumentsError):
    """A form with more rows than a paper should have."""


def render(form: Form) -> bytes:
    """The form as PDF: same values, same bytes, on every machine. CPU for 0.1 s or more: call it in a thread.

    Raises:
        TooLong: it has more rows than fit on a paper.
    """
    require_short(form)
    values = plain(form)
    data = json.dumps({**values, "hash": hash_of(form)}, ensure_ascii=False)
    made = typst.compile(
        str(TEMPLATES / f"{form.template}.typ"),
        root=str(TEMPLATES),
        font_paths=[FONTS],
        ignore_system_fonts=True,
        sys_inputs={"data": data},
        format="pdf",
        pdf_standards=["a-2b"],
        timestamp=int(form.at.astimezone(UTC).timestamp()),
    )
    assert isinstance(made, bytes)
    return made


def hash_of(form: Form) -> str:
    """SHA-256 over the form's kind and values, printed on every page: whoever has the values can compare."""
    values = {"form": form.template, **exact(form)}
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def require_short(form: Form) -> None:
    rows = sum(len(value) for value in values_of(form).values() if isinstance(value, tuple))
    if rows > ROWS_MAX:
        raise TooLong(f"{rows} rows are too many for a paper (at most {ROWS_MAX}): take the spreadsheet")


def exact(value: Any) -> Any:
    """Values as JSON, nothing lost: what the hash is over."""
    return converted(value, str, lambda instant: instant.astimezone(UTC).isoformat(), date.isoformat)


def plain(value: Any) -> Any:
    """Values as a person reads them, in characters that can be printed."""
    return converted(value, printable, chinese_instant, chinese_date)


def converted(value: Any, text: Any, instant: Any, day: Any) -> Any:
    if is_dataclass(value):
        return {name: converted(one, text, instant, day) for name, one in values_of(value).items()}
    if isinstance(value, tuple):
        return [converted(one, text, instant, day) for one in value]
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return day(value)
    return text(value) if isinstance(value, str) else value


def values_of(value: Any) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value)}


def chinese_date(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def chinese_instant(instant: datetime) -> str:
    """To the minute, in China's civil time."""
    there = instant.astimezone(CHINA)
    return f"{chinese_date(there)} {there:%H:%M}"
