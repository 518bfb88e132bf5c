"""What somebody tries at every route: another site's page, SQL, paths out of the house, broken headers.

The routes are taken from the application, so a new one is tried as well.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi.routing import APIRoute
from sqlalchemy import event, func, select

from bingjian.access.decisions import Role, allowed
from bingjian.access.models import PersonRow
from bingjian.api.permissions import SAFE_METHODS, Needs, declared
from bingjian.api.platform import Platform
from bingjian.db.session import Database
from bingjian.journal.append import Journal
from tests.unit.api.conftest import HOST, ORIGIN, PASSWORD, Enter
from tests.unit.api.procedures.test_access_request import moved_to
from tests.unit.api.test_permissions import all_routes, calls

SESSION = "/api/v1/session"
SPAN = {"start": "2026-01-01T02:00:00Z", "end": "2026-01-01T03:00:00Z"}
HOUR = "?start=2026-01-01T02:00:00Z&end=2026-01-01T03:00:00Z"
EVIL = "http://evil.example"
INJECTIONS = (
    "'; DROP TABLE people; --",
    "%' OR '1'='1",
    "../../../../etc/passwd",
    "\0",
    "x\r\nSet-Cookie: planted=1\r\n\r\n<script>",
)


async def signs(journal: Journal) -> list[str]:
    return [one.entry["sign"] for one in await journal.read(1000) if one.kind == "intrusion.suspected"]


# --- another site's page


def writes() -> list[tuple[str, str]]:
    return [(method, path) for method, path, _ in calls() if method not in SAFE_METHODS]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # what is tried never gets to it
async def test_R31_4_no_route_takes_a_write_from_another_sites_page(enter: Enter, journal: Journal) -> None:
    client = await enter(*(Role.REGISTRAR, Role.CUSTODIAN, Role.SYSADMIN, Role.WATCHER))
    for method, path in writes():
        before = len(await signs(journal))
        answer = await client.request(method, path, json={}, headers={"Origin": EVIL})
        assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin"), (method, path)
        assert len(await signs(journal)) == before + 1, (method, path)
    assert (await client.get(SESSION)).status_code == 200  # the person's session is not their fault


@pytest.mark.parametrize(
    "origin",
    ["null", "http://[", f"{ORIGIN}.evil.example", f"http://x@{HOST}.evil", "http://127.0.0.1:1", ""],
)
async def test_what_only_looks_like_our_page_is_not(enter: Enter, origin: str) -> None:
    client = await enter(Role.WATCHER)
    answer = await client.delete(SESSION, headers={"Origin": origin})
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")


async def test_a_stranger_fills_no_journal_with_another_sites_name(enter: Enter, journal: Journal) -> None:
    stranger = await enter()
    for method, path in writes()[:20]:
        await stranger.request(method, path, json={}, headers={"Origin": EVIL})
    assert await signs(journal) == []


# --- SQL, paths, headers


def role_for(route: APIRoute) -> Role | None:
    permission = declared(route)
    return min(allowed(permission.verb), default=None) if isinstance(permission, Needs) else None


def hostile_urls(route: APIRoute, text: str) -> Iterator[str]:
    """Its path and each of its texts of the query, one at a time, filled with this."""
    tried = quote(text, safe="")
    plain = re.sub(r"{\w+(:path)?}", str(UUID(int=9)), route.path)
    if "{" in route.path:
        yield re.sub(r"{\w+(:path)?}", tried, route.path)
    for one in route.dependant.query_params:
        yield f"{plain}?{one.alias}={tried}"


async def people(database: Database) -> int:
    async with database.read() as session:
        return await session.scalar(select(func.count()).select_from(PersonRow)) or 0


@pytest.mark.parametrize("text", INJECTIONS, ids=range(len(INJECTIONS)))
async def test_what_is_typed_into_a_request_is_never_more_than_text(
    enter: Enter, database: Database, text: str
) -> None:
    clients = dict[Role, httpx.AsyncClient]()
    for route in all_routes():
        role = role_for(route)
        if role is None or "GET" not in (route.methods or ()):
            continue
        if role not in clients:
            clients[role] = await enter(role)
        for url in hostile_urls(route, text):
            answer = await clients[role].get(url)
            assert answer.status_code < 500, (url, answer.text)
            assert "planted" not in answer.headers.get("set-cookie", "")
            assert "root:" not in answer.text
            assert "argon2" not in answer.text
    assert await people(database) == len(clients)


@pytest.mark.parametrize("name", INJECTIONS[:3])
async def test_a_name_is_kept_as_it_was_typed(enter: Enter, database: Database, name: str) -> None:
    admin = await enter(Role.SYSADMIN)
    answer = await admin.post("/api/v1/people", json={"name": name, "roles": ["watcher"]})
    assert answer.status_code == 201, answer.text
    found = (await admin.get("/api/v1/people", params={"q": name})).json()["items"]
    assert [one["name"] for one in found] == [name]
    assert await people(database) == 2


async def test_signing_in_as_a_condition_signs_nobody_in(enter: Enter) -> None:
    await enter(Role.WATCHER)
    stranger = await enter()
    for name in ("watcher' --", "' OR 1=1 --", "watcher'/*"):
        answer = await stranger.post(SESSION, json={"name": name, "password": PASSWORD})
        assert (answer.status_code, answer.json()["code"]) == (401, "wrong_credentials")


@pytest.mark.parametrize("host", ["[", "evil.example", "127.0.0.1; script-src *", "a b", "localhost:x", ""])
async def test_a_host_header_changes_no_policy(enter: Enter, host: str) -> None:
    client = await enter()
    answer = await client.get("/healthz", headers={"Host": host})
    policy = answer.headers["content-security-policy"]
    assert answer.status_code == 200
    assert "evil" not in policy
    assert "script-src" not in policy


async def test_a_papers_name_breaks_no_header(enter: Enter) -> None:
    archivist = await enter(Role.ARCHIVIST)
    name = 'a"; filename="b.exe\r\nSet-Cookie: planted=1\r\n\r\n.txt'
    wish = {"kind": "opinion", "title": name, "holds_base_info": "false", "division": "", "file_name": name}
    added = await archivist.post("/api/v1/documents", params=wish, content="同意\n".encode())
    if added.status_code == 422:  # a line break is refused at once
        wish |= {"title": "函", "file_name": 'a"; filename="b.exe.txt'}
        added = await archivist.post("/api/v1/documents", params=wish, content="同意\n".encode())
    url = f"/api/v1/documents/{added.json()['id']}/versions/1/content"
    answer = await archivist.get(url)
    assert answer.status_code == 200, answer.text
    assert "set-cookie" not in answer.headers
    assert 'filename="b.exe' not in answer.headers["content-disposition"]


# --- what lies elsewhere is as what is not there


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """The SQL that is sent, without its values."""
    sent = list[str]()

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            sent.append(statement)

    engines = {database._writer.sync_engine, database._reader.sync_engine}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield sent
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("below", ["", "/versions/1/content", "/verify"])
async def test_R27_3_what_is_elsewhere_takes_the_same_work_as_what_is_not_there(
    enter: Enter, database: Database, below: str
) -> None:
    """Compared is what is done, not how long it took: the same statements, the same answer."""
    city, near = await enter(Role.ARCHIVIST), await enter(Role.ARCHIVIST, areas=("230102",))
    wish = {"kind": "opinion", "title": "函", "holds_base_info": "false", "division": "230103"}
    theirs = (await city.post("/api/v1/documents", params=wish, content="同意\n".encode())).json()["id"]
    done, told = list[list[str]](), list[dict[str, object]]()
    for one in (theirs, str(uuid4())):
        with statements(database) as sent:
            answer = await near.get(f"/api/v1/documents/{one}{below}")
        done.append(sent)
        told.append({**answer.json(), "instance": ""})
    assert told[0] == told[1]
    assert done[0] == done[1] != []


@pytest.mark.parametrize("look", ["live", "playback", "snapshot", "timeline"])
async def test_R27_3_a_camera_elsewhere_takes_the_same_work_as_one_that_is_not_there(
    enter: Enter, database: Database, look: str
) -> None:
    wish = {"name": "东门", "url": "rtsp://192.0.2.1/main"}
    camera = (await (await enter(Role.REGISTRAR)).post("/api/v1/cameras", json=wish)).json()["id"]
    await moved_to(database, camera, "230102")
    near = await enter(Role.WATCHER, areas=("230103",))
    method, query = ("POST", "") if look in ("live", "playback") else ("GET", HOUR)
    done, told = list[list[str]](), list[dict[str, object]]()
    for one in (camera, str(uuid4())):
        with statements(database) as sent:
            answer = await near.request(method, f"/api/v1/cameras/{one}/{look}{query}", json=SPAN)
        done.append(sent)
        told.append({**answer.json(), "instance": ""})
    assert told[0] == told[1]
    assert told[0]["code"] == "no_such_camera"
    assert done[0] == done[1] != []


async def test_a_name_without_an_account_takes_the_same_work_as_one_with(
    enter: Enter, platform: Platform, database: Database
) -> None:
    """Nobody learns from a wrong password whether there is such a person."""
    await enter(Role.WATCHER)
    stranger = await enter()
    hashed = list[str | None]()
    fits = platform.sessions._hasher.fits

    async def counted(password_hash: str | None, password: str) -> bool:
        hashed.append(password_hash)
        return await fits(password_hash, password)

    platform.sessions._hasher.fits = counted  # type: ignore[method-assign]  # only looks on
    await stranger.post(
        SESSION, json={"name": "somebody", "password": "wrong"}
    )  # the network's first failure
    hashed.clear()
    done, told = list[list[str]](), list[dict[str, object]]()
    for name in ("watcher", "nobody"):
        with statements(database) as sent:
            answer = await stranger.post(SESSION, json={"name": name, "password": "wrong"})
        done.append(sent)
        told.append({**answer.json(), "instance": ""})
    assert told[0] == told[1]
    assert len(hashed) == 2
    assert done[0] == done[1]
