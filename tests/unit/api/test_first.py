"""The first administrator: a code of the console, ten minutes, once; no default account."""

import asyncio
from typing import Any

import httpx
import pytest

from bingjian.access.decisions import Role
from bingjian.db.session import Database
from bingjian.journal.append import Journal
from tests.backend import StillClock, kinds
from tests.unit.api.conftest import PASSWORD, Enter

FIRST, SESSION = "/api/v1/first-administrator", "/api/v1/session"


async def given(enter: Enter) -> str:
    console = await enter(bearer="console-token")
    answer = await console.post(f"{FIRST}/code")
    assert answer.status_code == 201, answer.text
    return str(answer.json()["code"])


async def become(client: httpx.AsyncClient, code: str, **more: Any) -> httpx.Response:
    wish = {"code": code, "name": "root", "password": PASSWORD, **more}
    return await client.post(FIRST, json=wish)


async def test_the_first_administrator_comes_with_the_code_and_signs_in(
    enter: Enter, journal: Journal
) -> None:
    client = await enter()
    assert (await client.get(FIRST)).json() == {"is_awaited": True}
    code = await given(enter)
    answer = await become(client, code.upper())
    assert (answer.status_code, answer.json()["roles"]) == (201, ["sysadmin"])
    assert (await client.get(FIRST)).json() == {"is_awaited": False}
    answer = await client.post(SESSION, json={"name": "root", "password": PASSWORD})
    assert answer.status_code == 201
    assert (await kinds(journal))[-3:] == ["first_administrator.code", "person.added", "session.signed_in"]
    assert code not in str(await journal.read(100))


async def test_without_the_code_nobody_does(enter: Enter) -> None:
    client = await enter()
    assert (await become(client, "aaaa-aaaa-aaaa-aaaa")).json()["code"] == "wrong_code"
    earlier = await given(enter)
    await given(enter)
    assert (await become(client, earlier)).json()["code"] == "wrong_code"  # a later one has replaced it
    assert (await client.post(SESSION, json={"name": "admin", "password": "admin"})).status_code == 401


@pytest.mark.parametrize(("seconds", "counts"), [(-1, True), (0, False), (1, False)])
async def test_the_code_counts_for_ten_minutes(
    enter: Enter, clock: StillClock, seconds: int, counts: bool
) -> None:
    code = await given(enter)
    clock.wait(600 + seconds)
    assert (await become(await enter(), code)).status_code == (201 if counts else 401)


async def test_the_code_counts_once(enter: Enter) -> None:
    code, clients = await given(enter), [await enter() for _ in range(4)]
    answers = await asyncio.gather(
        *(become(client, code, name=f"root-{number}") for number, client in enumerate(clients))
    )
    assert sorted(answer.status_code for answer in answers)[0] == 201
    assert [answer.status_code for answer in answers].count(201) == 1


async def test_a_password_too_short_does_not_use_the_code_up(enter: Enter) -> None:
    code, client = await given(enter), await enter()
    assert (await become(client, code, password="short")).json()["code"] == "password_too_short"
    assert (await become(client, code)).status_code == 201


async def test_where_there_is_somebody_there_is_no_first(enter: Enter) -> None:
    admin = await enter(Role.SYSADMIN)
    assert (await admin.post(f"{FIRST}/code")).json()["code"] == "somebody_is_there"
    assert (await become(await enter(), "x")).json()["code"] == "somebody_is_there"


async def test_guessing_the_code_gets_slow(enter: Enter) -> None:
    code, client = await given(enter), await enter()
    for _ in range(5):
        assert (await become(client, "x")).status_code == 401
    assert (await become(client, code)).status_code == 429


async def test_another_sites_page_makes_no_administrator(enter: Enter) -> None:
    code, client = await given(enter), await enter()
    client.headers["Origin"] = "http://evil.example"
    assert (await become(client, code)).json()["code"] == "foreign_origin"


async def test_only_the_hash_is_kept(enter: Enter, database: Database) -> None:
    from bingjian.db.platform import PlatformValue

    code = await given(enter)
    async with database.read() as reading:
        row = await reading.get(PlatformValue, "first_administrator")
    assert row is not None
    assert code not in row.value
    assert code.replace("-", "") not in row.value
