"""Fields that several kinds have: instants, facts with their papers, and who answers for a unit."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field

from bingjian.access.decisions import Role
from bingjian.procedures.kinds import Data, DocumentId, Text, said

YEARS = range(2000, 2200)  # of an instant that a person writes: the rest are slips, and overflow in counting
# Whoever answers for an organisation that an order or a question was put to.
UNITS = frozenset(
    {
        Role.ARCHIVIST,
        Role.BUILDER,
        Role.CITY_DATA_AUTHORITY,
        Role.CONSTRUCTION_UNIT,
        Role.CUSTODIAN,
        Role.DEPARTMENT_USER,
        Role.GOVERNMENT,
        Role.MAINTAINER,
        Role.PUBLIC_SECURITY,
        Role.REGISTRAR,
        Role.SHIFT_LEAD,
        Role.TELECOM,
    }
)


def plausible(instant: datetime) -> datetime:
    """The same in UTC. Raises ValueError: of no year that anybody means."""
    if instant.year not in YEARS:
        raise ValueError(f"the year must lie between {YEARS.start} and {YEARS.stop - 1}")
    return instant.astimezone(UTC)


When = Annotated[AwareDatetime, AfterValidator(plausible)]
Papers = Annotated[tuple[DocumentId, ...], Field(max_length=100)]


class Fact(Data):
    """Something that happened, and what shows it."""

    text: Text = said("事实", "Fact", min_length=1)
    documents: Papers = said("证据材料", "Evidence", default=())


Facts = Annotated[tuple[Fact, ...], Field(max_length=100)]


def digest(values: object) -> str:
    """SHA-256 of values as JSON has them: the same values give the same hash."""
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def hash_of(facts: Sequence[Fact]) -> str:
    """Of all facts with their papers."""
    return digest([fact.model_dump(mode="json") for fact in facts])


def papers_of(facts: Sequence[Fact]) -> list[str]:
    """The ids of all papers of facts."""
    return [str(paper) for fact in facts for paper in fact.documents]
