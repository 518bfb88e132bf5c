"""Organisations: those that the law names are there, changes are kept, the second of two editors is told."""

import pytest

from bingjian.db.session import Database
from bingjian.inventory.errors import NotThere, Stale
from bingjian.inventory.history import history_of
from bingjian.inventory.organisations import OrganisationRow, Organisations, OrganisationWish, body_id
from bingjian.journal.append import Journal
from bingjian.retention.models import Person
from bingjian.rules.library import law
from tests.backend import StillClock, kinds

ANNA = Person(body_id("a"), "Anna")
BORIS = Person(body_id("b"), "Boris")


@pytest.fixture
def organisations(database: Database, journal: Journal, clock: StillClock) -> Organisations:
    return Organisations(database, journal, clock)


async def all_of(organisations: Organisations) -> list[OrganisationRow]:
    return (await organisations.page(500, None)).items


async def test_R5_4_the_fifteen_departments_are_there_and_a_sixteenth_can_be_added(
    organisations: Organisations,
) -> None:
    await organisations.seed()
    await organisations.seed()  # once more changes nothing
    found = [row.body for row in await all_of(organisations) if not row.division]
    departments = law().codes("department").keys()
    assert len(departments) == 15
    assert sorted(body for body in found if body in departments) == sorted(departments)
    await organisations.add(OrganisationWish("市气象局", "meteorology", is_state_organ=True), ANNA)
    assert "meteorology" in {row.body for row in await all_of(organisations)}


async def test_each_district_has_its_government_and_its_police(organisations: Organisations) -> None:
    await organisations.seed()
    for division in law().codes("division"):
        assert (await organisations.get(body_id("district_government", division))).is_state_organ
        assert (await organisations.get(body_id("public_security", division))).division == division


async def test_found_by_part_of_the_name_and_by_its_pinyin(organisations: Organisations) -> None:
    await organisations.seed()
    for query in ("道里区人民", "dlqrm", "daoliqu", "道里"):
        page = await organisations.page(10, None, query, "district_government")
        assert [row.division for row in page.items] == ["230102"], query
    assert (await organisations.page(10, None, "%")).items == []


async def test_the_second_of_two_editors_is_told_and_nothing_is_lost(
    organisations: Organisations, journal: Journal, database: Database
) -> None:
    row = await organisations.add(OrganisationWish("甲公司", "firm"), ANNA)
    await organisations.change(row.id, 1, {"contact": "0451-1"}, ANNA)
    with pytest.raises(Stale) as stale:
        await organisations.change(row.id, 1, {"contact": "0451-2"}, BORIS)
    assert (stale.value.by, stale.value.version, stale.value.fields) == ("Anna", 2, ("contact",))
    assert (await organisations.get(row.id)).contact == "0451-1"
    async with database.read() as session:
        history = await history_of(session, row.id)
    assert [(one.version, one.act, one.by_name) for one in history] == [
        (2, "changed", "Anna"),
        (1, "added", "Anna"),
    ]
    assert history[0].changes == {"contact": ["", "0451-1"]}
    assert (await kinds(journal))[-2:] == ["inventory.changed", "inventory.changed"]


async def test_what_is_not_there(organisations: Organisations) -> None:
    with pytest.raises(NotThere):
        await organisations.get(body_id("nobody"))
    with pytest.raises(NotThere):
        await organisations.change(body_id("nobody"), 1, {"name": "x"}, ANNA)
