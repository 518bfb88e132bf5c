"""Whose areas: a person is bound to prefixes of division codes; what lies outside does not exist for them."""

from typing import Any

from sqlalchemy import ColumnElement, or_

Areas = tuple[str, ...]  # prefixes of codes of GB/T 2260: "2301" is all of Harbin


def within(division: Any, areas: Areas) -> ColumnElement[bool]:
    """That a column's division lies in one of these areas."""
    return or_(*(division.startswith(area, autoescape=True) for area in areas))


def lies_within(division: str, areas: Areas) -> bool:
    """The same of one code."""
    return division.startswith(areas)
