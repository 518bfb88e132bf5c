"""Whoever looks by a grant alone learns nothing of other cameras, not even whether they are there (R27.3).

Every way to pictures, taken from the application: same status, same body, same statements, same entry.
"""

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi.routing import APIRoute
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Role, Verb
from bingjian.api.permissions import Needs, declared
from bingjian.db.session import Database
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.inventory.organisations import body_id
from bingjian.journal.append import Journal
from tests.backend import kinds
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.counter import ELEVEN, TEN, Counter
from tests.unit.api.procedures.sharing import REQUESTS, Exchange
from tests.unit.api.test_hostile_requests import statements
from tests.unit.api.test_permissions import all_routes

SPAN = {"start": TEN.isoformat(), "end": ELEVEN.isoformat()}
LOOKS = frozenset({Verb.LIVE, Verb.PLAYBACK, Verb.PICTURE, Verb.COPY})  # by which a grant shows something
WISHES: dict[str, dict[str, Any]] = {
    "live": {},
    "playback": SPAN,
    "device-playback": SPAN,
    "clip": SPAN | {"purpose": "criminal_case", "form": "download"},
}


@dataclass(frozen=True)
class Way:
    """A route that leads to pictures of the camera in its path."""

    method: str
    path: str

    async def take(
        self, client: httpx.AsyncClient, camera: UUID | str, grant: str | None, **more: str
    ) -> httpx.Response:
        url = re.sub(r"{(camera|file)}", str(camera), self.path).replace("{grant}", grant or str(UUID(int=0)))
        named = ({"grant": grant} if grant else {}) | more
        if self.method == "GET":
            return await client.get(url, params={**SPAN, "at": SPAN["start"], **named})
        return await client.post(url, json=WISHES[url.rsplit("/", 1)[1]] | named)


def ways() -> list[Way]:
    found = [Way("GET", "/api/v1/grants/{grant}/camera-files/{file}")]
    for route in all_routes():
        if is_look(route):
            (method,) = set(route.methods or ()) - {"HEAD"}
            found.append(Way(method, route.path))
    return found


def is_look(route: APIRoute) -> bool:
    needs = declared(route)
    named = isinstance(needs, Needs) and needs.verb in LOOKS
    return named and "{camera}" in route.path and not route.path.endswith("/grants")


def test_every_way_is_tried() -> None:
    names = {way.path.rsplit("/", 1)[1] for way in ways()}
    assert names == {"live", "playback", "device-playback", "snapshot", "clip", "sprite", "{file}"}


@dataclass
class Seen:
    """Everything that an answer lets one see, and what was done for it."""

    status: int
    body: dict[str, Any]
    asked: list[str]
    entries: list[dict[str, Any]]


@dataclass
class Guesser:
    """Somebody who tries cameras that no grant of theirs names."""

    client: httpx.AsyncClient
    database: Database
    journal: Journal

    async def sees(self, way: Way, camera: str, grant: str | None) -> Seen:
        before = self.journal.length
        with statements(self.database) as asked:
            answer = await way.take(self.client, camera, grant)
        body = {name: value for name, value in answer.json().items() if name != "instance"}
        written = [one.entry for one in await self.journal.read(self.journal.length - before)]
        entries = [one | {"resource": one["resource"] == camera} for one in written]
        return Seen(answer.status_code, body, asked, entries)

    async def is_told_nothing(self, camera: str, grant: str | None, code: str) -> None:
        for way in ways():
            if grant is None and "{grant}" in way.path:
                continue
            there = await self.sees(way, camera, grant)
            nowhere = await self.sees(way, str(uuid4()), grant)
            assert there == nowhere, way
            assert there.status in (403, 404), way
            (entry,) = there.entries
            expected = "R22.8" if way.path.endswith("/sprite") else code  # no grant can be named there
            assert (entry["code"], entry["resource"]) == (expected, True), way


async def telling(database: Database, camera: str, division: str) -> None:
    """What could give it away: where it stands, and its level."""

    async def work(session: AsyncSession) -> None:
        row = await session.get(CameraFileRow, UUID(camera))
        assert row is not None
        row.division, row.secrecy = division, "state"

    await database.run(work)


@pytest.fixture
async def counter(enter: Enter, document: str) -> Counter:
    made = Counter(enter, document)
    await made.open_up()
    return made


@pytest.fixture
async def exchange(enter: Enter, document: str) -> Exchange:
    made = Exchange(enter)
    await made.open_up()
    return made


@pytest.mark.parametrize("division", ["230102", "230103", ""])
async def test_R27_3_an_officer_learns_nothing_of_a_camera_that_no_grant_names(
    counter: Counter, database: Database, journal: Journal, division: str
) -> None:
    _, grant = await counter.granted(verbs=["view", "copy"])
    await telling(database, counter.cameras[1], division)
    officer = Guesser((await counter.officer()).client, database, journal)
    another = Guesser((await counter.officer(2)).client, database, journal)
    for one, named in ((officer, None), (officer, grant), (officer, str(uuid4())), (another, grant)):
        await one.is_told_nothing(counter.cameras[1], named, "R22.8")


async def test_R27_3_a_department_learns_nothing_of_a_camera_that_is_not_shared(
    exchange: Exchange, database: Database, journal: Journal
) -> None:
    shared, other = exchange.cameras
    entry = await exchange.published(cameras=[shared], kinds=["live", "footage", "base_info"])
    record = await (await exchange.department()).opened(REQUESTS, **exchange.wish(entry))
    told = await (await exchange.keeper()).stepped(REQUESTS, record, "grant", with_base_info=True)
    grant = told["data"]["grant"]
    await telling(database, other, "230103")
    department = Guesser((await exchange.department()).client, database, journal)
    await department.is_told_nothing(other, grant, "R20.3")
    for named in (None, str(uuid4())):
        await department.is_told_nothing(other, named, "R22.8")
    elsewhere = Guesser((await exchange.department("education")).client, database, journal)
    await elsewhere.is_told_nothing(shared, grant, "R22.8")


async def test_R27_3_a_custodian_learns_nothing_by_the_grant_of_another_district(
    counter: Counter, database: Database, journal: Journal
) -> None:
    _, grant = await counter.granted(verbs=["copy"])
    await telling(database, counter.cameras[0], "230102")
    far = Guesser((await counter.custodian(0, "230103")).client, database, journal)
    (clip,) = [way for way in ways() if way.path.endswith("/clip")]
    there, nowhere = [await far.sees(clip, one, grant) for one in (counter.cameras[0], str(uuid4()))]
    assert there == nowhere
    assert (there.status, there.entries[0]["code"]) == (404, "R22.8")


async def test_R27_3_whoever_looks_by_role_and_by_grant_has_one_answer_too(
    counter: Counter, database: Database, journal: Journal
) -> None:
    await telling(database, counter.cameras[1], "230103")
    roles = (Role.WATCHER, Role.OFFICER)
    client = await counter.enter(*roles, organisation=body_id("public_security", "230102"), areas=("230102",))
    guesser = Guesser(client, database, journal)
    for way in ways():
        if "{grant}" in way.path:
            continue
        there, nowhere = [await guesser.sees(way, one, None) for one in (counter.cameras[1], str(uuid4()))]
        assert there == nowhere, way
        assert len(there.entries) == 1, way


async def test_R22_8_a_grant_that_is_not_theirs_leaves_an_entry_when_its_register_is_read(
    counter: Counter, journal: Journal
) -> None:
    _, grant = await counter.granted()
    client = (await counter.officer(2)).client
    for asked in (grant, str(uuid4())):
        before = journal.length
        assert (await client.get(f"/api/v1/grants/{asked}/register")).status_code == 404
        assert journal.length == before + 1
        assert (await kinds(journal))[-1] == "refusal"
