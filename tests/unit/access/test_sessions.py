"""Sign-in: tokens hashed, sessions that end, guessing that gets slow."""

from datetime import timedelta

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bingjian.access.decisions import Role
from bingjian.access.errors import NotSignedIn, SignInLocked, WrongCredentials
from bingjian.access.models import SessionRow, SignInFailureRow
from bingjian.access.service import People
from bingjian.access.sessions import (
    FAILURES_FORGOTTEN,
    FREE_FAILURES,
    FREE_FAILURES_ADDRESS,
    LOCK_MAX,
    SESSION_LIFE,
    Sessions,
    hash_of,
    lock_after,
)
from bingjian.db.session import Database
from bingjian.journal.append import Journal
from tests.backend import StillClock, kinds

PASSWORD = "correct horse battery"
HERE, THERE = "192.0.2.1", "192.0.2.2"


@pytest_asyncio.fixture(autouse=True)
async def somebody(people: People) -> None:
    await people.add_person("a", PASSWORD, frozenset({Role.WATCHER}))


async def guess(sessions: Sessions, times: int, name: str = "a", address: str = HERE) -> None:
    for _ in range(times):
        with pytest.raises(WrongCredentials):
            await sessions.sign_in(name, "wrong", address)


async def test_the_token_itself_is_not_kept(sessions: Sessions, database: Database) -> None:
    session = await sessions.sign_in("a", PASSWORD, HERE)
    async with database.read() as reading:
        row = await reading.scalar(select(SessionRow))
    assert row is not None
    assert row.token_hash == hash_of(session.token)
    assert session.token not in repr(session)


async def test_a_session_ends_by_itself(sessions: Sessions, clock: StillClock) -> None:
    session = await sessions.sign_in("a", PASSWORD, HERE)
    clock.wait(SESSION_LIFE.total_seconds() - 1)
    assert (await sessions.find(session.token, HERE)).expires == session.expires
    clock.wait(1)
    with pytest.raises(NotSignedIn):
        await sessions.find(session.token, HERE)


async def test_sign_in_rotates_and_sign_out_ends(sessions: Sessions, journal: Journal) -> None:
    first = await sessions.sign_in("a", PASSWORD, HERE)
    second = await sessions.sign_in("a", PASSWORD, HERE, replaces=first.token)
    assert first.token != second.token
    with pytest.raises(NotSignedIn):
        await sessions.find(first.token, HERE)
    await sessions.sign_out(second.token, second.actor)
    with pytest.raises(NotSignedIn):
        await sessions.find(second.token, HERE)
    assert (await kinds(journal))[-3:] == ["session.signed_in", "session.signed_in", "session.signed_out"]


async def test_closed_accounts_stay_out(people: People, sessions: Sessions) -> None:
    await people.change((await people.named("a")).id, enabled=False)
    with pytest.raises(WrongCredentials):
        await sessions.sign_in("a", PASSWORD, HERE)


async def test_guessing_is_slowed_even_with_the_right_password(sessions: Sessions, clock: StillClock) -> None:
    await guess(sessions, FREE_FAILURES + 1)
    with pytest.raises(SignInLocked) as locked:
        await sessions.sign_in("a", PASSWORD, HERE)
    assert locked.value.retry_after_s == 5
    await sessions.sign_in("a", PASSWORD, THERE)  # elsewhere the person is not locked out
    clock.wait(5)
    await sessions.sign_in("a", PASSWORD, HERE)
    await guess(sessions, FREE_FAILURES)  # success has cleared the count
    await sessions.sign_in("a", PASSWORD, HERE)


async def test_many_names_from_one_address_are_slowed_too(sessions: Sessions) -> None:
    for number in range(FREE_FAILURES_ADDRESS + 1):
        await guess(sessions, 1, f"nobody-{number}")
    with pytest.raises(SignInLocked):
        await sessions.sign_in("a", PASSWORD, HERE)


async def test_failures_are_forgotten_and_names_never_kept(
    sessions: Sessions, database: Database, clock: StillClock, journal: Journal
) -> None:
    await guess(sessions, 3, "mistyped-password")
    clock.wait(FAILURES_FORGOTTEN.total_seconds() + 1)
    await guess(sessions, 1, "somebody-else")
    async with database.read() as reading:
        rows = list(await reading.scalars(select(SignInFailureRow)))
    assert [row.failures for row in rows] == [1, 1]
    assert "mistyped-password" not in str(await journal.read(100))


@given(st.integers(1, 10_000), st.integers(0, 50))
def test_the_wait_never_shrinks_and_never_exceeds_its_limit(failures: int, free: int) -> None:
    wait = lock_after(failures, free)
    assert timedelta(0) <= wait <= lock_after(failures + 1, free) <= LOCK_MAX
