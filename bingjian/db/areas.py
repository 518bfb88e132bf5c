"""Whose area something lies in: areas are prefixes of division codes (GB/T 2260).

What belongs to no division belongs to the whole city. Procedures of the whole city (a plan, a specification)
are there for everybody who takes part (``is_within``); papers of the whole city only for those whose area is
the city (``is_inside``), but those that bind everybody (``procedures/binding_papers.py``).
"""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, false, or_
from sqlalchemy.orm import InstrumentedAttribute

CITY = ""  # the division of what belongs to the city as a whole
WHOLE_CITY = "2301"  # the area that has all of it
Areas = tuple[str, ...]  # as a person is bound to them


def is_inside(division: str, areas: Iterable[str]) -> bool:
    """Whether a division, or the city, lies in one of these areas."""
    return (division or WHOLE_CITY).startswith(tuple(areas))


def inside(column: InstrumentedAttribute[str], areas: Iterable[str]) -> ColumnElement[bool]:
    """The same, as a condition."""
    parts = [column.startswith(area, autoescape=True) for area in areas]
    return or_(false(), *parts, column == CITY) if is_inside(CITY, areas) else or_(false(), *parts)


def is_within(division: str, areas: Iterable[str]) -> bool:
    """Whether a division lies in one of these areas; the city's is everybody's."""
    return division == CITY or is_inside(division, areas)


def within(column: InstrumentedAttribute[str], areas: Iterable[str]) -> ColumnElement[bool]:
    """The same, as a condition."""
    return or_(column == CITY, *(column.startswith(area, autoescape=True) for area in areas))


def common(mine: Areas, others: Iterable[str]) -> Areas:
    """The areas that lie in both; no division is the whole city."""
    wanted = {area or WHOLE_CITY for area in others}
    narrower = {area for area in wanted if area.startswith(mine)}
    return tuple(sorted(narrower | {area for area in mine if area.startswith(tuple(wanted))}))
