"""The editions that come with the program, read once when first asked for."""

from datetime import date
from functools import cache
from importlib.resources import files

from bingjian.rules.civil import DAY, same_date
from bingjian.rules.decisions.rights import Rights, read_rights
from bingjian.rules.edition import Edition
from bingjian.rules.holidays import Holidays, read_holidays
from bingjian.rules.law import Law, LawError
from bingjian.rules.reading import read_edition

FOLDER = files("bingjian.rules") / "editions"
HARBIN = "harbin_draft_2023"
NAMES = (HARBIN, "decree_799", "counter_terrorism_law_2018")
VALIDITY = "measures.validity"


@cache
def law() -> Law:
    """The law as packaged, all of it together. Raises LawError: a file is damaged."""
    return Law(packaged(name) for name in NAMES)


@cache
def packaged(name: str) -> Edition:
    file = f"{name}.toml"
    return read_edition(file, (FOLDER / file).read_text(encoding="utf-8"))


def published(day: date) -> Law:
    """The same, the city's measures in force from that day for their own term: that day counts (5.6)."""
    years = law().number(VALIDITY)
    city = packaged(HARBIN).in_force_between(day, same_date(day, years) - DAY)
    return Law([city, *(packaged(name) for name in NAMES if name != HARBIN)])


@cache
def holidays() -> Holidays:
    """Public holidays and make-up working days as announced. Raises LawError."""
    file = "holidays.toml"
    return read_holidays(file, (FOLDER / file).read_text(encoding="utf-8"))


@cache
def rights() -> Rights:
    """Who may do what. Raises LawError."""
    file = "rights.toml"
    return read_rights(file, (FOLDER / file).read_text(encoding="utf-8"))


__all__ = ["HARBIN", "LawError", "holidays", "law", "packaged", "published", "rights"]
