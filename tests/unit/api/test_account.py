"""One's own account over HTTP: second factor, recovery codes, password, sessions."""

import asyncio
import base64
from dataclasses import replace
from typing import Any

import httpx
import pytest

from bingjian.access.decisions import Role
from bingjian.access.second_factor import Factors
from bingjian.access.totp import STEP_S, code_at, step_of
from bingjian.api.platform import Platform
from bingjian.clock import utc_now
from bingjian.db.session import Database
from bingjian.inventory.vault import Vault
from bingjian.journal.append import Journal
from tests.backend import KEY, StillClock, kinds
from tests.unit.api.conftest import PASSWORD, Enter

ACCOUNT, SESSION, PEOPLE = "/api/v1/account", "/api/v1/session", "/api/v1/people"
FACTOR = f"{ACCOUNT}/second-factor"
DESKTOP = "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0"
PHONE = "Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile"


def code_of(secret: str, clock: StillClock, steps: int = 0) -> str:
    plain = base64.b32decode(secret + "=" * (-len(secret) % 8))
    return code_at(plain, step_of(utc_now(clock)) + steps)


async def enrol(client: httpx.AsyncClient, clock: StillClock) -> tuple[str, list[str]]:
    """The secret and the recovery codes."""
    begun = await client.post(FACTOR, json={"password": PASSWORD})
    assert begun.status_code == 201, begun.text
    secret = begun.json()["secret"]
    done = await client.post(f"{FACTOR}/confirm", json={"code": code_of(secret, clock)})
    assert done.status_code == 200, done.text
    clock.wait(STEP_S)  # the code of the enrolment has been used
    return secret, done.json()["codes"]


async def sign_in(
    client: httpx.AsyncClient, code: str | None = None, name: str = "custodian"
) -> httpx.Response:
    wish: dict[str, Any] = {"name": name, "password": PASSWORD}
    return await client.post(SESSION, json=wish | ({} if code is None else {"code": code}))


async def refused(client: httpx.AsyncClient, code: str | None) -> str:
    answer = await sign_in(client, code)
    assert answer.status_code == 401
    return str(answer.json()["code"])


async def test_sign_in_takes_a_code_once_there_is_a_second_factor(enter: Enter, clock: StillClock) -> None:
    secret, codes = await enrol(await enter(Role.CUSTODIAN), clock)
    assert len(set(codes)) == 10
    client = await enter()
    assert await refused(client, None) == "second_factor_needed"
    assert await refused(client, "000000") == "wrong_code"
    assert (await sign_in(client, f" {code_of(secret, clock)} ")).status_code == 201
    state = (await client.get(ACCOUNT)).json()["second_factor"]
    assert state["enrolled_at"] is not None
    assert state["recovery_codes_left"] == 10


@pytest.mark.parametrize(("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_a_code_counts_one_step_either_way(
    enter: Enter, clock: StillClock, steps: int, taken: bool
) -> None:
    secret, _ = await enrol(await enter(Role.CUSTODIAN), clock)
    clock.wait(10 * STEP_S)
    answer = await sign_in(await enter(), code_of(secret, clock, steps))
    assert (answer.status_code == 201) == taken


async def test_R31_4_a_code_is_never_taken_twice(enter: Enter, clock: StillClock, journal: Journal) -> None:
    secret, _ = await enrol(await enter(Role.CUSTODIAN), clock)
    client, code = await enter(), code_of(secret, clock)
    assert (await sign_in(client, code)).status_code == 201
    assert await refused(await enter(), code) == "wrong_code"
    assert await refused(await enter(), code_of(secret, clock, -1)) == "wrong_code"  # nor an older one
    signs = [one.entry["sign"] for one in await journal.read(10) if one.kind == "intrusion.suspected"]
    assert signs == ["replayed_code", "replayed_code"]


async def test_of_two_sign_ins_at_once_with_one_code_one_gets_in(enter: Enter, clock: StillClock) -> None:
    secret, codes = await enrol(await enter(Role.CUSTODIAN), clock)
    for code in (code_of(secret, clock), codes[0]):
        clients = [await enter() for _ in range(4)]
        answers = await asyncio.gather(*(sign_in(client, code) for client in clients))
        assert sorted(answer.status_code for answer in answers) == [201, 401, 401, 401]


async def test_each_recovery_code_signs_in_once_however_it_is_typed(enter: Enter, clock: StillClock) -> None:
    _, codes = await enrol(await enter(Role.CUSTODIAN), clock)
    client = await enter()
    assert (await sign_in(client, f" {codes[3].upper().replace('-', ' ')} ")).status_code == 201
    assert (await client.get(ACCOUNT)).json()["second_factor"]["recovery_codes_left"] == 9
    assert await refused(await enter(), codes[3]) == "wrong_code"
    assert (await sign_in(await enter(), codes[4])).status_code == 201


async def test_codes_of_another_person_are_worth_nothing(enter: Enter, clock: StillClock) -> None:
    _, codes = await enrol(await enter(Role.CUSTODIAN), clock)
    await enrol(await enter(Role.AUDITOR), clock)
    answer = await sign_in(await enter(), codes[0], "auditor")
    assert answer.json()["code"] == "wrong_code"


async def test_secrets_are_kept_sealed_and_hashed(
    enter: Enter, clock: StillClock, database: Database, journal: Journal
) -> None:
    secret, codes = await enrol(await enter(Role.CUSTODIAN), clock)
    plain = base64.b32decode(secret)
    from sqlalchemy import select

    from bingjian.access.models import RecoveryCodeRow, SecondFactorRow

    async with database.read() as reading:
        row = await reading.scalar(select(SecondFactorRow))
        hashes = list(await reading.scalars(select(RecoveryCodeRow.code_hash)))
    assert row is not None
    assert row.secret is not None
    assert plain not in row.secret
    assert Vault(KEY).open_factor(row.person, row.secret) == plain
    assert len(hashes) == 10
    text = str(await journal.read(100))
    assert not any(one in text for one in (secret, *codes))
    assert "second_factor.changed" in await kinds(journal)


async def test_it_is_set_up_with_the_password_anew(enter: Enter, clock: StillClock) -> None:
    client = await enter(Role.CUSTODIAN)
    for _ in range(5):
        answer = await client.post(FACTOR, json={"password": "wrong"})
        assert (answer.status_code, answer.json()["code"]) == (403, "wrong_password")
    answer = await client.post(FACTOR, json={"password": PASSWORD})
    assert answer.status_code == 429  # guessing here is as slow as at sign-in
    assert (await client.get(SESSION)).status_code == 200


@pytest.mark.parametrize(("seconds", "counts"), [(-1, True), (0, False), (1, False)])
async def test_an_enrolment_waits_ten_minutes_for_its_first_code(
    enter: Enter, clock: StillClock, seconds: int, counts: bool
) -> None:
    client = await enter(Role.CUSTODIAN)
    secret = (await client.post(FACTOR, json={"password": PASSWORD})).json()["secret"]
    wrong = await client.post(f"{FACTOR}/confirm", json={"code": "123"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong_code")
    clock.wait(600 + seconds)
    answer = await client.post(f"{FACTOR}/confirm", json={"code": code_of(secret, clock)})
    assert answer.status_code == (200 if counts else 409)
    assert counts or answer.json()["code"] == "no_enrolment"


async def test_a_new_authenticator_counts_from_its_first_code_on(enter: Enter, clock: StillClock) -> None:
    client = await enter(Role.CUSTODIAN)
    old, codes = await enrol(client, clock)
    begun = (await client.post(FACTOR, json={"password": PASSWORD})).json()["secret"]
    assert (await sign_in(await enter(), code_of(old, clock))).status_code == 201
    clock.wait(STEP_S)
    assert (await client.post(f"{FACTOR}/confirm", json={"code": code_of(begun, clock)})).status_code == 200
    clock.wait(STEP_S)
    assert await refused(await enter(), code_of(old, clock)) == "wrong_code"
    assert await refused(await enter(), codes[0]) == "wrong_code"
    assert (await sign_in(await enter(), code_of(begun, clock))).status_code == 201


async def test_enrolment_rotates_the_token_and_ends_the_other_sessions(
    enter: Enter, clock: StillClock
) -> None:
    client, other = await enter(Role.CUSTODIAN), await enter(Role.CUSTODIAN)
    before = client.cookies["bingjian_session"]
    await enrol(client, clock)
    assert client.cookies["bingjian_session"] != before
    assert (await client.get(SESSION)).status_code == 200
    assert (await other.get(SESSION)).status_code == 401
    thief = await enter()
    thief.cookies.set("bingjian_session", before)
    assert (await thief.get(SESSION)).status_code == 401


async def test_codes_cannot_be_guessed_from_many_networks(
    enter: Enter, platform: Platform, clock: StillClock
) -> None:
    """With the password, from wherever: after five wrong codes unknown devices wait, the own one doesn't."""
    owner = await enter(Role.CUSTODIAN)
    secret, _ = await enrol(owner, clock)
    for number in range(5):
        assert await refused(await enter_from(enter, platform, f"10.{number}.0.1"), "000000") == "wrong_code"
    answer = await sign_in(await enter_from(enter, platform, "10.9.0.1"), code_of(secret, clock))
    assert (answer.status_code, answer.json()["code"]) == (429, "sign_in_locked")
    assert (await sign_in(owner, code_of(secret, clock))).status_code == 201


async def enter_from(enter: Enter, platform: Platform, address: str) -> httpx.AsyncClient:
    from tests.unit.api.conftest import ORIGIN, served

    transport = httpx.ASGITransport(served(platform), client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN})


# --- when it is required, and when it is off


def with_mode(platform: Platform, database: Database, journal: Journal, mode: Any) -> Platform:
    factors = Factors(database, journal, Vault(KEY), platform.clock, mode)
    from bingjian.access.sessions import Sessions

    old = platform.sessions
    sessions = Sessions(database, journal, old._hasher, platform.clock, factors, old.guard)
    return replace(platform, factors=factors, sessions=sessions)


@pytest.mark.parametrize("role", [Role.SYSADMIN, Role.CUSTODIAN, Role.AUDITOR])
async def test_R31_4_where_it_is_required_these_roles_do_nothing_without_it(
    enter: Enter, platform: Platform, database: Database, journal: Journal, clock: StillClock, role: Role
) -> None:
    strict = with_mode(platform, database, journal, "required")
    client = await enter(role, over=strict)
    mine = {Role.SYSADMIN: PEOPLE, Role.CUSTODIAN: "/api/v1/cameras", Role.AUDITOR: "/api/v1/journal"}[role]
    answer = await client.get(mine)
    assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_required")
    assert (await journal.read(1))[0].entry["code"] == "R31.4"
    assert (await client.get(SESSION)).json()["must_enrol"] is True
    assert (await client.get("/api/v1/regulation")).status_code == 200  # what everybody may
    await enrol(client, clock)
    assert (await client.get(mine)).status_code == 200
    assert (await client.get(SESSION)).json()["must_enrol"] is False


async def test_other_roles_may_go_without(
    enter: Enter, platform: Platform, database: Database, journal: Journal
) -> None:
    client = await enter(Role.REGISTRAR, over=with_mode(platform, database, journal, "required"))
    assert (await client.get("/api/v1/cameras")).status_code == 200


async def test_off_asks_nobody(
    enter: Enter, platform: Platform, database: Database, journal: Journal, clock: StillClock
) -> None:
    await enrol(await enter(Role.CUSTODIAN), clock)
    client = await enter(over=with_mode(platform, database, journal, "off"))
    assert (await sign_in(client)).status_code == 201


# --- giving it up


END = f"{FACTOR}/end"


async def test_my_own_is_given_up_by_proving_it(enter: Enter, clock: StillClock, journal: Journal) -> None:
    client, other = await enter(Role.REGISTRAR), await enter(Role.REGISTRAR)
    secret, codes = await enrol(client, clock)
    before = client.cookies["bingjian_session"]
    wrong = await client.post(END, json={"password": "wrong", "code": code_of(secret, clock)})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong_password")
    wrong = await client.post(END, json={"password": PASSWORD, "code": "000000"})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong_code")
    answer = await client.post(END, json={"password": PASSWORD, "code": code_of(secret, clock)})
    assert answer.status_code == 204
    entry = (await journal.read(1))[0]
    assert (entry.kind, entry.entry["act"]) == ("second_factor.changed", "given_up")
    assert client.cookies["bingjian_session"] != before
    assert (await other.get(SESSION)).status_code == 401
    assert (await client.get(ACCOUNT)).json()["second_factor"]["enrolled_at"] is None
    assert (await sign_in(await enter(), name="registrar")).status_code == 201
    again = await client.post(END, json={"password": PASSWORD, "code": codes[0]})
    assert again.json()["code"] == "wrong_code"  # there is none any more


async def test_R31_4_a_code_that_was_used_gives_nothing_up(
    enter: Enter, clock: StillClock, journal: Journal
) -> None:
    client = await enter(Role.REGISTRAR)
    secret, _ = await enrol(client, clock)
    code = code_of(secret, clock)
    assert (await sign_in(client, code, "registrar")).status_code == 201
    answer = await client.post(END, json={"password": PASSWORD, "code": code})
    assert answer.json()["code"] == "wrong_code"
    signs = [one.entry["sign"] for one in await journal.read(5) if one.kind == "intrusion.suspected"]
    assert signs == ["replayed_code"]


async def test_R31_4_where_it_is_required_it_is_kept(
    enter: Enter, platform: Platform, database: Database, journal: Journal, clock: StillClock
) -> None:
    strict = with_mode(platform, database, journal, "required")
    client = await enter(Role.AUDITOR, over=strict)
    secret, _ = await enrol(client, clock)
    answer = await client.post(END, json={"password": PASSWORD, "code": code_of(secret, clock)})
    assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_kept")
    assert (await journal.read(1))[0].entry["code"] == "R31.4"
    assert (await client.get(ACCOUNT)).json()["second_factor"]["enrolled_at"] is not None


# --- sessions and the password


async def test_my_sessions_and_their_end(enter: Enter) -> None:
    client, other, third = [await enter(Role.WATCHER) for _ in range(3)]
    sessions = (await client.get(ACCOUNT)).json()["sessions"]
    assert [one["is_this"] for one in sessions].count(True) == 1
    assert {(one["device"], one["address"]) for one in sessions} == {("command_line", "127.0.0.1")}
    foreign = (await (await enter(Role.AUDITOR)).get(ACCOUNT)).json()["sessions"][0]["id"]
    assert (await client.delete(f"{ACCOUNT}/sessions/{foreign}")).status_code == 404
    mine = (await other.get(ACCOUNT)).json()["sessions"]
    this = next(one["id"] for one in mine if one["is_this"])
    assert (await client.delete(f"{ACCOUNT}/sessions/{this}")).status_code == 204
    assert (await other.get(SESSION)).status_code == 401
    assert (await client.delete(f"{ACCOUNT}/sessions")).status_code == 204
    assert (await third.get(SESSION)).status_code == 401
    assert (await client.get(SESSION)).status_code == 200


async def test_a_token_from_another_class_of_device_is_refused_and_ended(enter: Enter) -> None:
    client = await enter()
    client.headers["User-Agent"] = DESKTOP
    await enter(Role.CUSTODIAN)
    assert (await sign_in(client)).status_code == 201
    thief = await enter()
    thief.cookies.set("bingjian_session", client.cookies["bingjian_session"])
    thief.headers["User-Agent"] = PHONE
    assert (await thief.get(SESSION)).status_code == 401
    assert (await client.get(SESSION)).status_code == 401


async def test_a_session_that_was_planted_is_not_taken_over(enter: Enter) -> None:
    """Session fixation: whatever cookie the browser came with, sign-in gives it another."""
    await enter(Role.CUSTODIAN)
    client = await enter()
    client.cookies.set("bingjian_session", "planted", domain="127.0.0.1", path="/")
    assert (await sign_in(client)).status_code == 201
    tokens = [cookie.value for cookie in client.cookies.jar if cookie.name == "bingjian_session"]
    assert tokens
    assert "planted" not in tokens[-1:]
    stranger = await enter()
    stranger.cookies.set("bingjian_session", "planted")
    assert (await stranger.get(SESSION)).status_code == 401


async def test_my_password_changes_with_the_old_one(enter: Enter) -> None:
    client, other = await enter(Role.WATCHER), await enter(Role.WATCHER)
    path, new = f"{ACCOUNT}/password", "another good one"
    answer = await client.post(path, json={"password": "wrong", "new_password": new})
    assert (answer.status_code, answer.json()["code"]) == (403, "wrong_password")
    answer = await client.post(path, json={"password": PASSWORD, "new_password": "short"})
    assert answer.json()["code"] == "password_too_short"
    assert (await client.post(path, json={"password": PASSWORD, "new_password": new})).status_code == 204
    assert (await client.get(SESSION)).status_code == 200
    assert (await other.get(SESSION)).status_code == 401
    assert (await sign_in(await enter(), name="watcher")).status_code == 401
    answer = await client.post(SESSION, json={"name": "watcher", "password": new})
    assert answer.status_code == 201


async def test_another_sites_page_changes_no_account(enter: Enter) -> None:
    client = await enter(Role.WATCHER)
    client.headers["Origin"] = "http://evil.example"
    for method, path in (
        ("POST", f"{ACCOUNT}/password"),
        ("POST", FACTOR),
        ("POST", f"{FACTOR}/confirm"),
        ("POST", END),
        ("DELETE", f"{ACCOUNT}/sessions"),
    ):
        answer = await client.request(method, path, json={})
        assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin"), path


async def test_the_console_has_no_account(enter: Enter) -> None:
    console = await enter(bearer="console-token")
    assert (await console.get(ACCOUNT)).status_code == 401
    assert (await console.post(FACTOR, json={"password": "x"})).status_code == 401
