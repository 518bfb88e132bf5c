"""Papers of the whole city that bind everybody are read in every district; all others stay closed."""

from typing import Any

import httpx
import pytest

from bingjian.access.decisions import Role
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.field import DAOLI, NANGANG
from tests.unit.api.procedures.office import Desk, desk

URL = "/api/v1/documents"
TEXT = "第一条\n".encode()


async def paper(client: httpx.AsyncClient, **words: Any) -> str:
    wish = {"kind": "rules", "title": "规定", "holds_base_info": "false", "division": "", **words}
    answer = await client.post(URL, params=wish, content=TEXT)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def statuses(client: httpx.AsyncClient, document: str) -> tuple[int, int, int, bool]:
    """Of the paper, its bytes and its proof; whether it is listed."""
    one = f"{URL}/{document}"
    below = [(await client.get(f"{one}{end}")).status_code for end in ("", "/versions/1/content", "/verify")]
    listed = (await client.get(URL)).json()["items"]
    return below[0], below[1], below[2], document in [row["id"] for row in listed]


CLOSED, OPEN = (404, 404, 404, False), (200, 200, 200, True)


async def in_district(enter: Enter) -> httpx.AsyncClient:
    return await enter(Role.BUILDER, areas=(DAOLI,))


async def test_R15_3_the_citys_specification_is_read_everywhere_once_it_is_issued(enter: Enter) -> None:
    authority = await desk(enter, Role.CITY_DATA_AUTHORITY, body="city_data_authority")
    police = await desk(enter, Role.PUBLIC_SECURITY, body="public_security")
    text, other = await paper(authority.client), await paper(authority.client)
    wish = {"version": "1", "effective": "2027-01-01", "document": text}
    specification = await authority.opened("specifications", **wish)
    near = await in_district(enter)
    assert await statuses(near, text) == CLOSED
    await police.stepped("specifications", specification, "cosign")
    await authority.stepped("specifications", specification, "issue")
    assert await statuses(near, text) == OPEN
    assert await statuses(near, other) == CLOSED
    told = await near.post(f"{URL}/{text}/versions", params={"number": 2}, content=TEXT)
    assert (told.status_code, told.json()["code"]) == (404, "not_there"), "to read, not to change"


KINDS = [
    ("management-systems", "secrecy", {"review": "2026-12-01"}),
    ("keeping-rules", "retention", {}),
]


async def approved(who: Desk, path: str, of: str, document: str, more: Any, **opening: Any) -> str:
    rules = await who.opened(path, of=of, **opening)
    version = {"document": document, "version": "1", "approver": "王某", "approved": "2026-01-01", **more}
    await who.stepped(path, rules, "approve", paper=version)
    return rules


@pytest.mark.parametrize(("path", "of", "more"), KINDS)
async def test_R25_1_R28_10_the_citys_rules_are_read_everywhere_while_they_are_in_force(
    enter: Enter, path: str, of: str, more: dict[str, Any]
) -> None:
    police = await desk(enter, Role.PUBLIC_SECURITY, body="public_security")
    first, second = await paper(police.client), await paper(police.client)
    rules, near = await approved(police, path, of, first, more), await in_district(enter)
    assert await statuses(near, first) == OPEN
    version = {"document": second, "version": "2", "approver": "王某", "approved": "2026-01-01", **more}
    step = "review" if path == "management-systems" else "renew"
    await police.stepped(path, rules, step, paper=version)
    assert (await statuses(near, first), await statuses(near, second)) == (CLOSED, OPEN)
    await police.stepped(path, rules, "withdraw", reason="废止")
    assert await statuses(near, second) == CLOSED


async def test_R27_3_rules_open_nothing_of_another_district_and_no_base_information(enter: Enter) -> None:
    police = await desk(enter, Role.PUBLIC_SECURITY, body="public_security")
    path, of, more = KINDS[1]
    theirs = await paper(police.client, division=NANGANG)
    await approved(police, path, of, theirs, more)
    of_district = await paper(police.client)
    await approved(police, path, of, of_district, more, division=NANGANG)
    base = await paper(police.client, holds_base_info="true", title="点位表")
    await approved(police, path, of, base, more)
    near = await in_district(enter)
    assert (await statuses(near, theirs), await statuses(near, of_district)) == (CLOSED, CLOSED)
    assert await statuses(near, base) == (200, 403, 200, True)
    assert (await near.get(f"{URL}/{base}")).json()["title"] is None
