"""Duties of one division, as the overview leads to them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Role
from bingjian.api.paging import cursor_of
from bingjian.db.session import Database
from bingjian.duties.models import Evidence, Obligation, Subject
from bingjian.duties.owing import meet, owe
from tests.unit.api.conftest import Enter

BEGUN, DUE = datetime(2026, 11, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


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


async def test_open_ones_by_their_due_instant_then_closed_ones_newest_first(
    enter: Enter, database: Database
) -> None:
    def subject(number: int) -> Subject:
        return Subject("filing", UUID(int=number), str(number), "230102")

    async def work(session: AsyncSession) -> None:
        for number, due in ((1, DAY), (2, DAY / 2), (3, None), (4, DAY), (5, DAY), (6, DAY)):
            until = None if due is None else DUE + due
            await owe(session, Obligation("R18.1", subject(number), None, BEGUN, until))
        for number, closed in ((4, DAY), (5, DAY * 3), (6, DAY * 2)):
            evidence = Evidence("filing", uuid4())
            await meet(session, UUID(int=number), "R18.1", evidence, BEGUN + closed)

    await database.run(work)
    client = await enter(Role.WORKGROUP_OFFICE)
    assert await titles(client) == ["3", "2", "1"]
    assert await titles(client, state=["met"]) == ["5", "6", "4"]
    everything = ["open", "met", "lapsed"]
    for limit in (1, 2, 5, 50):
        assert await titles(client, state=everything, limit=limit) == ["3", "2", "1", "5", "6", "4"], limit


async def test_a_cursor_that_nobody_gave_out_is_refused(enter: Enter) -> None:
    client = await enter(Role.WORKGROUP_OFFICE)
    for key in (["a", "1", str(uuid4())], ["0", "1" * 30, str(uuid4())], ["0", "1", "x"], ["0", "1"]):
        answer = await client.get("/api/v1/duties", params={"cursor": cursor_of(key)})
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor"), key


async def titles(client: httpx.AsyncClient, **params: Any) -> list[str]:
    """Page after page."""
    found, cursor = list[str](), None
    while True:
        asked = params | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/api/v1/duties", params=asked)).json()
        found += [one["title"] for one in page["items"]]
        if (cursor := page["next"]) is None:
            return found
