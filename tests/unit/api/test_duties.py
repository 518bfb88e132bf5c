"""Duties of one division, as the overview leads to them."""

from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Role
from bingjian.db.session import Database
from bingjian.duties.models import Obligation, Subject
from bingjian.duties.owing import owe
from tests.unit.api.conftest import Enter

BEGUN, DUE = datetime(2026, 11, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)


async def owed_in(database: Database, *divisions: str) -> None:
    async def work(session: AsyncSession) -> None:
        for division in divisions:
            subject = Subject("filing", uuid4(), "a park", division)
            await owe(session, Obligation("R18.1", subject, None, BEGUN, DUE))

    await database.run(work)


async def test_duties_and_their_tally_of_one_division(enter: Enter, database: Database) -> None:
    await owed_in(database, "230102", "230102", "230103", "")
    client = await enter(Role.WORKGROUP_OFFICE)
    for division, count in (("", 4), ("230102", 2), ("2301", 3), ("230104", 0)):
        params = {"division": division}
        items = (await client.get("/api/v1/duties", params=params)).json()["items"]
        tally = (await client.get("/api/v1/duties/tally", params=params)).json()["items"]
        assert (len(items), sum(one["open"] for one in tally)) == (count, count)


async def test_a_division_that_is_no_code_is_not_accepted(enter: Enter) -> None:
    client = await enter(Role.WORKGROUP_OFFICE)
    assert (await client.get("/api/v1/duties", params={"division": "%"})).status_code == 422
