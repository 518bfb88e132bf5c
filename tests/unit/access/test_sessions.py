"""Sign-in: tokens hashed, sessions that end, bound to a class of device; guessing that gets slow."""

import asyncio
from datetime import date

import pytest
import pytest_asyncio
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Role
from bingjian.access.errors import NoSuchSession, NotSignedIn, SignInLocked, WrongCredentials
from bingjian.access.guard import ROWS_MAX, ROWS_SPARED, account_of, forget
from bingjian.access.lockout import DELAY_FIRST_S, FORGOTTEN, NETWORK_FAILURES, PRESSURE_FREE
from bingjian.access.models import PersonRow, SessionRow, SignInFailureRow
from bingjian.access.service import People
from bingjian.access.sessions import SESSION_IDLE, SESSION_LIFE, Sessions, hash_of
from bingjian.access.source import Device, Source
from bingjian.clock import utc_now
from bingjian.db.session import Database
from bingjian.journal.append import Journal
from tests.backend import StillClock, kinds

PASSWORD = "correct horse battery"
HERE, THERE = Source("192.0.2.1"), Source("198.51.100.2")
FREE = 5  # failures in five minutes that lock (R31.4)


@pytest_asyncio.fixture(autouse=True)
async def person(people: People) -> PersonRow:
    return (await people.add_person("a", PASSWORD, frozenset({Role.WATCHER})))[0]


async def guess(sessions: Sessions, times: int, name: str = "a", source: Source = HERE) -> None:
    for _ in range(times):
        with pytest.raises(WrongCredentials):
            await sessions.sign_in(name, "wrong", source)


async def test_the_token_itself_is_not_kept(sessions: Sessions, database: Database) -> None:
    session = await sessions.sign_in("a", PASSWORD, HERE)
    async with database.read() as reading:
        row = await reading.scalar(select(SessionRow))
    assert row is not None
    assert row.token_hash == hash_of(session.token)
    assert session.token not in repr(session)


async def test_a_session_ends_by_itself(sessions: Sessions, clock: StillClock) -> None:
    session = await sessions.sign_in("a", PASSWORD, HERE)
    left, step = SESSION_LIFE.total_seconds() - 1, SESSION_IDLE.total_seconds() / 2
    while left > 0:
        clock.wait(min(step, left))
        left -= step
        assert (await sessions.find(session.token, HERE)).expires == session.expires
    clock.wait(1)
    with pytest.raises(NotSignedIn):
        await sessions.find(session.token, HERE)


@pytest.mark.parametrize(("seconds", "open_"), [(-1, True), (0, False), (1, False)])
async def test_a_session_that_nobody_uses_ends(
    sessions: Sessions, clock: StillClock, person: PersonRow, seconds: int, open_: bool
) -> None:
    session = await sessions.sign_in("a", PASSWORD, HERE)
    clock.wait(SESSION_IDLE.total_seconds() + seconds)
    assert (len(await sessions.of(person.id)) == 1) == open_
    if open_:
        await sessions.find(session.token, HERE)
        clock.wait(SESSION_IDLE.total_seconds() - 1)  # the request has begun the hour anew
        await sessions.find(session.token, HERE)
        return
    with pytest.raises(NotSignedIn):
        await sessions.find(session.token, HERE)


@pytest.mark.parametrize(("seconds", "open_"), [(-1, True), (0, False), (1, False)])
async def test_R25_2_an_account_closes_at_the_very_end_of_its_contract(
    people: People, sessions: Sessions, clock: StillClock, person: PersonRow, seconds: int, open_: bool
) -> None:
    """The contract's last day is today: it ends at midnight in China, twelve hours from noon."""
    await people.change(person.id, papers={"contract_ends": date(2026, 1, 1)})
    session = await sessions.sign_in("a", PASSWORD, HERE)
    midnight = 12 * 3600
    assert (session.expires - utc_now(clock)).total_seconds() == midnight  # no ticket outlives it
    for _ in range(23):
        clock.wait(1800)
        await sessions.find(session.token, HERE)
    clock.wait(1800 + seconds)
    if open_:
        await sessions.find(session.token, HERE)
        await sessions.sign_in("a", PASSWORD, HERE)
        return
    with pytest.raises(NotSignedIn):
        await sessions.find(session.token, HERE)
    with pytest.raises(WrongCredentials):
        await sessions.sign_in("a", PASSWORD, HERE)


@pytest.mark.parametrize(("seconds", "open_"), [(-1, False), (0, True), (1, True)])
async def test_an_account_opens_on_the_first_day_of_its_contract(
    people: People, sessions: Sessions, clock: StillClock, person: PersonRow, seconds: int, open_: bool
) -> None:
    await people.change(person.id, papers={"valid_from": date(2026, 1, 2)})
    clock.wait(12 * 3600 + seconds)
    if open_:
        await sessions.sign_in("a", PASSWORD, HERE)
        return
    await guess(sessions, 1)
    with pytest.raises(WrongCredentials):
        await sessions.sign_in("a", PASSWORD, HERE)


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


async def test_a_token_that_turns_up_on_another_class_of_device_is_ended(
    sessions: Sessions, journal: Journal
) -> None:
    session = await sessions.sign_in("a", PASSWORD, Source("192.0.2.1", Device.DESKTOP))
    elsewhere = Source("198.51.100.2", Device.DESKTOP)
    assert (await sessions.find(session.token, elsewhere)).id == session.id  # networks change, devices do not
    for device in (Device.PHONE, Device.DESKTOP):
        with pytest.raises(NotSignedIn):
            await sessions.find(session.token, Source("192.0.2.1", device))
    entries = await journal.read(1)
    assert (entries[0].kind, entries[0].entry["sign"]) == ("intrusion.suspected", "other_device")


async def test_a_person_ends_one_session_or_all_others(sessions: Sessions, person: PersonRow) -> None:
    opened = [await sessions.sign_in("a", PASSWORD, HERE) for _ in range(4)]
    me = opened[0].actor
    await sessions.end(person.id, opened[1].id, me)
    assert {row.id for row in await sessions.of(person.id)} == {opened[n].id for n in (0, 2, 3)}
    with pytest.raises(NoSuchSession):
        await sessions.end(person.id, opened[1].id, me)
    await sessions.end_others(person.id, opened[0].id, me)
    assert [row.id for row in await sessions.of(person.id)] == [opened[0].id]
    rotated = await sessions.rotate(await sessions.find(opened[0].token, HERE), HERE)
    assert rotated.expires == opened[0].expires
    with pytest.raises(NotSignedIn):
        await sessions.find(opened[0].token, HERE)
    await sessions.find(rotated.token, HERE)


async def test_closed_accounts_stay_out(people: People, sessions: Sessions, person: PersonRow) -> None:
    session = await sessions.sign_in("a", PASSWORD, HERE)
    await people.change(person.id, enabled=False)
    with pytest.raises(NotSignedIn):
        await sessions.find(session.token, HERE)
    with pytest.raises(WrongCredentials):
        await sessions.sign_in("a", PASSWORD, HERE)


async def test_two_sign_ins_at_once_are_two_sessions(sessions: Sessions, person: PersonRow) -> None:
    opened = await asyncio.gather(*(sessions.sign_in("a", PASSWORD, HERE) for _ in range(5)))
    assert len({one.token for one in opened}) == len(await sessions.of(person.id)) == 5


# --- guessing


async def test_R31_4_guessing_locks_its_source_and_nobody_else(
    sessions: Sessions, clock: StillClock, journal: Journal
) -> None:
    await guess(sessions, FREE - 1)
    assert "intrusion.suspected" not in await kinds(journal)
    await guess(sessions, 1)
    assert (await kinds(journal))[-2:] == ["session.sign_in_failed", "intrusion.suspected"]
    with pytest.raises(SignInLocked) as locked:
        await sessions.sign_in("a", PASSWORD, HERE)
    assert locked.value.retry_after_s == 5
    await sessions.sign_in("a", PASSWORD, THERE)  # elsewhere the person is not locked out
    clock.wait(5)
    await sessions.sign_in("a", PASSWORD, HERE)
    await guess(sessions, FREE - 1)  # success has cleared the count
    await sessions.sign_in("a", PASSWORD, HERE)


@pytest.mark.parametrize(("seconds", "locks"), [(-1, True), (0, True), (1, False)])
async def test_R31_4_five_failures_count_within_five_minutes(
    sessions: Sessions, clock: StillClock, seconds: int, locks: bool
) -> None:
    await guess(sessions, 1)
    clock.wait(300 + seconds)
    await guess(sessions, FREE - 1)
    if locks:
        with pytest.raises(SignInLocked):
            await sessions.sign_in("a", PASSWORD, HERE)
        return
    await sessions.sign_in("a", PASSWORD, HERE)


async def test_a_neighbour_in_the_guessers_network_gets_in_from_a_known_device(sessions: Sessions) -> None:
    """The lock-out cannot be used to lock others out: not from their own office, nor from everywhere."""
    known = (await sessions.sign_in("a", PASSWORD, HERE)).known
    await guess(sessions, FREE, source=Source("192.0.2.77"))
    with pytest.raises(SignInLocked):
        await sessions.sign_in("a", PASSWORD, HERE)
    await sessions.sign_in("a", PASSWORD, Source("192.0.2.1", known=known))
    with pytest.raises(SignInLocked):
        await sessions.sign_in("a", PASSWORD, Source("192.0.2.1", known=known + "x"))


async def test_a_stolen_device_cookie_guesses_no_longer_than_others(sessions: Sessions) -> None:
    known = (await sessions.sign_in("a", PASSWORD, HERE)).known
    await guess(sessions, FREE, source=Source("203.0.113.9", known=known))
    with pytest.raises(SignInLocked):
        await sessions.sign_in("a", PASSWORD, Source("203.0.113.9", known=known))
    await sessions.sign_in("a", PASSWORD, HERE)


async def test_guessing_from_everywhere_only_slows_unknown_devices(
    sessions: Sessions, pauses: list[float]
) -> None:
    known = (await sessions.sign_in("a", PASSWORD, HERE)).known
    opened = await sessions.sign_in("a", PASSWORD, HERE)
    for number in range(PRESSURE_FREE + 1):
        await guess(sessions, 1, source=Source(f"10.{number}.0.1"))
    assert pauses == []
    await sessions.sign_in("a", PASSWORD, THERE)
    assert pauses == [DELAY_FIRST_S * 2]
    await sessions.sign_in("a", PASSWORD, Source("10.0.0.9", known=known))
    assert len(pauses) == 1
    await sessions.find(opened.token, HERE)  # no session ends


async def test_many_names_from_one_network_are_slowed_too(sessions: Sessions) -> None:
    for number in range(NETWORK_FAILURES + 1):
        await guess(sessions, 1, f"nobody-{number}", Source(f"192.0.2.{number + 1}"))
    with pytest.raises(SignInLocked):
        await sessions.sign_in("a", PASSWORD, HERE)


async def test_unknown_names_are_answered_and_counted_alike(sessions: Sessions) -> None:
    await guess(sessions, FREE, "nobody")
    with pytest.raises(SignInLocked) as locked:
        await sessions.sign_in("nobody", PASSWORD, HERE)
    assert locked.value.retry_after_s == 5


async def test_failures_are_forgotten_and_names_never_kept(
    sessions: Sessions, database: Database, clock: StillClock, journal: Journal
) -> None:
    await guess(sessions, 3, "mistyped-password")
    clock.wait(FORGOTTEN.total_seconds())
    await guess(sessions, 1, "somebody-else")
    async with database.read() as reading:
        rows = list(await reading.scalars(select(SignInFailureRow)))
    assert {row.account for row in rows} == {b"", account_of("somebody-else")}
    assert "mistyped-password" not in str(await journal.read(100))


@pytest.mark.parametrize("more", [-1, 0])
async def test_what_is_remembered_of_failures_is_bounded(
    database: Database, clock: StillClock, more: int
) -> None:
    now = utc_now(clock)
    values = {"account": b"x", "recent": "", "count": 0, "last_at": now, "locked_until": None}

    async def fill(session: AsyncSession) -> None:
        rows = [values | {"source": str(number)} for number in range(ROWS_MAX + more)]
        await session.execute(SignInFailureRow.__table__.insert(), rows)
        await forget(session, now)

    await database.run(fill)
    async with database.read() as reading:
        left = await reading.scalar(select(func.count()).select_from(SignInFailureRow))
    assert left == ROWS_MAX - 1 if more else left is not None and left <= ROWS_SPARED
