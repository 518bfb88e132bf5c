"""What procedures are tried on: a system with all that hangs on it, and the city around it."""

import pytest

from bingjian.api.platform import Platform
from bingjian.db.session import Database
from bingjian.journal.append import Journal
from bingjian.procedures.junctions import JUNCTIONS
from tests.backend import StillClock
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.field import Field
from tests.unit.api.procedures.works import ANSWERS, Works


@pytest.fixture
def works(
    enter: Enter, database: Database, clock: StillClock, document: str, monkeypatch: pytest.MonkeyPatch
) -> Works:
    """Who answers for maintenance, its systems and rules is judged elsewhere: here all of that is granted."""
    monkeypatch.setattr(JUNCTIONS, "answers", dict(ANSWERS))
    return Works(enter, database, clock, document)


@pytest.fixture
def field(platform: Platform, database: Database, journal: Journal, clock: StillClock) -> Field:
    """A city written straight into its tables."""
    return Field(database, journal, clock, platform.parts)
