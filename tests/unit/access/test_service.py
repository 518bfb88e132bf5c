"""People: added and changed, and each change in the journal."""

from uuid import uuid4

import pytest

from bingjian.access.decisions import Role
from bingjian.access.errors import NameTaken, NoSuchPerson, NotSignedIn, PasswordTooShort, RolesForbidden
from bingjian.access.passwords import Hasher
from bingjian.access.service import People
from bingjian.access.sessions import Sessions
from bingjian.access.source import Source
from bingjian.db.session import Database
from bingjian.journal.append import Journal
from bingjian.journal.errors import JournalUnavailable
from tests.backend import FailingJournal, StillClock, kinds

WATCHER = frozenset({Role.WATCHER})
PASSWORD = "correct horse battery"


async def test_a_generated_password_signs_in(people: People, sessions: Sessions) -> None:
    row, generated = await people.add_person("王芳", None, WATCHER)
    assert generated is not None
    assert len(generated) >= 20
    assert generated not in row.password_hash
    session = await sessions.sign_in("王芳", generated, Source("127.0.0.1"))
    assert session.actor.roles == WATCHER


async def test_names_are_unique(people: People) -> None:
    await people.add_person("a", PASSWORD, WATCHER)
    with pytest.raises(NameTaken):
        await people.add_person("a", PASSWORD, WATCHER)


async def test_what_is_not_allowed(people: People) -> None:
    with pytest.raises(RolesForbidden):
        await people.add_person("a", PASSWORD, frozenset({Role.SYSADMIN, Role.AUDITOR}))
    with pytest.raises(PasswordTooShort):
        await people.add_person("a", "short", WATCHER)
    with pytest.raises(NoSuchPerson):
        await people.change(uuid4(), language="en")
    row, _ = await people.add_person("a", PASSWORD, WATCHER)
    with pytest.raises(RolesForbidden):
        await people.change(row.id, roles=frozenset({Role.SYSADMIN, Role.AUDITOR}))


async def test_a_change_of_rights_ends_the_sessions(people: People, sessions: Sessions) -> None:
    row, _ = await people.add_person("a", PASSWORD, WATCHER)
    session = await sessions.sign_in("a", PASSWORD, Source(""))
    await people.change(row.id, language="en")
    assert (await sessions.find(session.token, Source(""))).actor.language == "en"
    await people.change(row.id, roles=frozenset({Role.AUDITOR}))
    with pytest.raises(NotSignedIn):
        await sessions.find(session.token, Source(""))


async def test_every_change_is_written_down(people: People, journal: Journal) -> None:
    row, _ = await people.add_person("a", PASSWORD, WATCHER)
    await people.change(row.id, password="another good one", enabled=False)
    assert await kinds(journal) == ["person.added", "person.changed"]
    text = str(await journal.read(10))
    assert PASSWORD not in text
    assert "another good one" not in text


async def test_without_the_journal_nothing_changes(
    database: Database, people: People, hasher: Hasher, clock: StillClock
) -> None:
    row, _ = await people.add_person("a", PASSWORD, WATCHER)
    broken = People(database, FailingJournal(), hasher, clock)
    with pytest.raises(JournalUnavailable):
        await broken.add_person("b", PASSWORD, WATCHER)
    with pytest.raises(JournalUnavailable):
        await broken.change(row.id, roles=frozenset({Role.SYSADMIN}))
    page = await people.page(10, None)
    assert [(one.name, one.role_set) for one in page.items] == [("a", WATCHER)]


async def test_pages(people: People) -> None:
    for name in ("c", "a", "b"):
        await people.add_person(name, PASSWORD, WATCHER)
    first = await people.page(2, None)
    assert [row.name for row in first.items] == ["a", "b"]
    second = await people.page(2, first.next_key)
    assert [row.name for row in second.items] == ["c"]
    assert second.next_key is None
    assert (await people.named("c")).name == "c"
    with pytest.raises(NoSuchPerson):
        await people.named("d")
