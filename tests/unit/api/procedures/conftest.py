"""The city that procedures are tried in."""

import pytest

from bingjian.api.platform import Platform
from bingjian.db.session import Database
from bingjian.journal.append import Journal
from tests.backend import StillClock
from tests.unit.api.procedures.field import Field


@pytest.fixture
def field(platform: Platform, database: Database, journal: Journal, clock: StillClock) -> Field:
    return Field(database, journal, clock, platform.parts)
