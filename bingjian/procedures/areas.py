"""Whose area something lies in."""

from collections.abc import Iterable


def is_within(division: str, areas: Iterable[str]) -> bool:
    """In one of these areas; what belongs to no division is the whole city's and there for everybody."""
    return not division or any(division.startswith(area) for area in areas)
