"""What can be wrong with a journal, and how one list of hashes differs from another."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """``entry``: the first that is not as it was, where one can be named; ``what``: the file."""

    kind: str  # altered, removed, inserted, swapped, truncated
    entry: int | None
    what: str
    detail: str

    def __str__(self) -> str:
        place = "" if self.entry is None else f"entry {self.entry}: "
        return f"{place}{self.kind} in {self.what}: {self.detail}"


def difference(expected: Sequence[bytes], actual: Sequence[bytes]) -> tuple[str, int]:
    """What was done to the expected hashes, no two of which are the same, and to which one first.

    They must differ. What cannot be read stands as b"" in ``actual``.
    """
    pairs = enumerate(zip(expected, actual, strict=False))
    at = next((at for at, (one, other) in pairs if one != other), min(len(expected), len(actual)))
    if at == len(actual):
        return "truncated", at
    if at == len(expected):
        return "inserted", at
    if actual[at] in expected[at + 1 :]:
        home = expected.index(actual[at], at + 1)
        swapped = home < len(actual) and actual[home] == expected[at]
        return "swapped" if swapped else "removed", at
    return ("inserted" if expected[at] in actual[at + 1 :] else "altered"), at
