"""Values of a camera file's fields: read from whatever a person or a spreadsheet wrote, as JSON has them.

Reading is pure and repeats no value in what it says: coordinates, addresses and codes are base information.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from math import isfinite
from typing import Any
from uuid import UUID

from bingjian.inventory.fields import BY_NAME, Field, Kind, values_of_field
from bingjian.inventory.search import WIDTH
from bingjian.rules.edition import Words

Plain = str | int | float | bool
YES = frozenset({"1", "是", "有", "y", "yes", "true", "√", "对"})
NO = frozenset({"0", "否", "无", "n", "no", "false", "×", "不是"})
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?|(\d{4})(\d{2})(\d{2})")
SERIAL_DAY_ZERO = date(1899, 12, 30)  # day 0 of spreadsheets since 1900-03-01 (they count a 1900-02-29)
SERIAL_DAYS = (20_000, 80_000)  # 1954 … 2119: what a date as a number may be
EARLIEST, LATEST = date(1970, 1, 1), date(2100, 1, 1)
CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")
ASCII_KINDS = frozenset({Kind.WHOLE, Kind.NUMBER, Kind.DATE, Kind.FLAG, Kind.CODE})


class NotRead(Exception):
    """A value that the field cannot have."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.code = code
        self.words = Words(zh, en)


@dataclass(frozen=True, slots=True)
class Known:
    """What names in a sheet mean: ids by name, lower case; a name that two have means none."""

    organisations: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)


NOTHING_KNOWN = Known()


def read(field_: Field, raw: object, known: Known = NOTHING_KNOWN) -> Plain | None:  # frozen
    """The field's value, None if nothing was written. Raises NotRead."""
    if isinstance(raw, str):
        raw = CONTROL.sub(" ", raw).strip()
        if field_.kind in ASCII_KINDS or field_.pattern or field_.name == "device_id":
            raw = raw.translate(WIDTH).strip()
    if raw is None or raw == "":
        return None
    return READERS[field_.kind](field_, raw, known)


def read_all(
    raws: Mapping[str, object], known: Known = NOTHING_KNOWN
) -> tuple[dict[str, Plain], dict[str, NotRead]]:
    """The values by field, what is empty left out; and by field why it could not be read."""
    values, faults = dict[str, Plain](), dict[str, NotRead]()
    for name, raw in raws.items():
        try:
            value = read(BY_NAME[name], raw, known)
        except NotRead as fault:
            faults[name] = fault
            continue
        if value is not None:
            values[name] = value
    return values, faults


def _text(field_: Field, raw: object, known: Known) -> str:
    text = str(int(raw)) if isinstance(raw, float) and raw.is_integer() else str(raw)
    if len(text) > field_.length:
        raise NotRead("too_long", f"超过 {field_.length} 个字符", f"longer than {field_.length} characters")
    if field_.pattern and not re.fullmatch(field_.pattern, text):
        raise NotRead("format", "格式不正确", "it does not have the form that this field has")
    return text


def _number(field_: Field, raw: object, known: Known) -> float:
    try:
        number = float(str(raw).removesuffix(field_.unit).removesuffix("°"))
    except ValueError:
        number = float("nan")
    if isinstance(raw, bool) or not isfinite(number):
        raise NotRead("not_a_number", "不是数字", "it is no number")
    return _bounded(field_, number)


def _bounded(field_: Field, number: float) -> float:
    least, most = field_.least, field_.most
    if (least is not None and number < least) or (most is not None and number > most):
        raise NotRead(
            "range", f"应在 {least:g} 到 {most:g} 之间", f"it must lie between {least:g} and {most:g}"
        )
    return number


def _whole(field_: Field, raw: object, known: Known) -> int:
    number = _number(field_, str(raw).removesuffix("天").removesuffix("日"), known)
    if not number.is_integer():
        raise NotRead("not_whole", "不是整数", "it is no whole number")
    return int(number)


def _day(field_: Field, raw: object, known: Known) -> str:
    day = raw.date() if isinstance(raw, datetime) else raw if isinstance(raw, date) else _day_in(str(raw))
    if day is None or not EARLIEST <= day < LATEST:
        raise NotRead("not_a_day", "不是日期", "it is no day, such as 2024-05-31")
    return day.isoformat()


def _day_in(text: str) -> date | None:
    if found := DAY.fullmatch(text):
        try:
            return date(*(int(part) for part in found.groups() if part))
        except ValueError:
            return None
    try:
        days = float(text)
    except ValueError:
        return None
    return SERIAL_DAY_ZERO + timedelta(days=int(days)) if SERIAL_DAYS[0] < days < SERIAL_DAYS[1] else None


def _flag(field_: Field, raw: object, known: Known) -> bool:
    if isinstance(raw, bool):
        return raw
    text = _code_text(raw)
    if text not in YES | NO:
        raise NotRead("not_yes_or_no", "应为“是”或“否”", "it must be yes or no")
    return text in YES


def _code(field_: Field, raw: object, known: Known) -> str:
    text = _code_text(raw)
    code = _codes(field_.name).get(text) or _codes(field_.name).get(text.split(" ", 1)[0])
    if code is None:
        raise NotRead("not_in_list", "不在代码表中", "it is not in the list of this field")
    return code


def _code_text(raw: object) -> str:
    return (str(int(raw)) if isinstance(raw, float) and raw.is_integer() else str(raw)).strip().lower()


@lru_cache(maxsize=100)
def _codes(name: str) -> dict[str, str]:
    """What may be written for a code: itself, with or without leading noughts, or its name."""
    found = dict[str, str]()
    for value in values_of_field(name):
        for text in (value.code, value.code.lstrip("0") or "0", value.words.zh, value.words.en):
            found.setdefault(text.lower(), value.code)
    if name == "division":
        found |= {"230100": "230100", "哈尔滨市": "230100"}
    return found


def _organisation(field_: Field, raw: object, known: Known) -> str:
    return _id_or_name(raw, known.organisations)


def _thing(field_: Field, raw: object, known: Known) -> str:
    return _id_or_name(raw, known.places if field_.name == "place" else {})


def _id_or_name(raw: object, ids: Mapping[str, str]) -> str:
    text = str(raw).strip()
    try:
        return str(UUID(text))
    except ValueError:
        pass
    found = ids.get(text.lower())
    if not found:
        raise NotRead("unknown_name", "没有登记这一名称", "nothing of this name is registered")
    return found


READERS: dict[Kind, Callable[[Field, Any, Known], Plain]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.WHOLE: _whole,
    Kind.DATE: _day,
    Kind.FLAG: _flag,
    Kind.CODE: _code,
    Kind.ORGANISATION: _organisation,
    Kind.THING: _thing,
}
