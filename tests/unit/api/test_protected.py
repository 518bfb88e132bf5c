"""Art. 27 through the API: no right implies another, and what is secret is not taken away."""

from itertools import product
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Role
from bingjian.db.session import Database
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.journal.append import Journal
from tests.backend import kinds
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.counter import ELEVEN, TEN, Counter
from tests.unit.api.procedures.office import codes
from tests.unit.api.test_grants import CAMERAS, look

VERBS = ("view", "copy", "retrieve")
BASE = ("camera-files", "places")  # where positions, types and codes stand


@pytest.fixture
async def counter(enter: Enter, document: str) -> Counter:
    made = Counter(enter, document)
    await made.open_up(1)
    return made


async def kept_secret(database: Database, camera: str, level: str) -> None:
    async def work(session: AsyncSession) -> None:
        row = await session.get_one(CameraFileRow, UUID(camera))
        row.secrecy = level

    await database.run(work)


def asked(verb: str) -> dict[str, Any]:
    return {"how": "playback"} if verb == "view" else {"how": "clip", "verb": verb}


@pytest.mark.parametrize(("held", "wanted"), list(product(VERBS, VERBS)))
async def test_R27_2_of_the_rights_that_a_grant_can_name_only_the_one_named_passes(
    counter: Counter, held: str, wanted: str
) -> None:
    _, grant = await counter.granted(verbs=[held])
    answer = await look(counter, grant, **asked(wanted))
    assert answer.status_code == (201 if held == wanted else 403), answer.text
    client = (await counter.officer()).client
    for method, path in (("DELETE", ""), ("PATCH", "")):  # modify, delete: nobody's by a grant
        assert codes(await client.request(method, f"{CAMERAS}/{counter.cameras[0]}{path}", json={})) == [
            "R27.1"
        ]


@pytest.mark.parametrize("verb", VERBS)
async def test_R27_2_no_right_over_footage_opens_base_information(counter: Counter, verb: str) -> None:
    await counter.granted(verbs=[verb])
    client = (await counter.officer()).client
    for path in BASE:
        assert codes(await client.get(f"/api/v1/{path}")) == ["R27.1"], path
    told = (await client.get(f"{CAMERAS}/{counter.cameras[0]}")).json()
    assert told["url"] is None


async def test_R27_2_base_information_opens_no_footage(counter: Counter, enter: Enter) -> None:
    archivist = await enter(Role.ARCHIVIST)
    assert (await archivist.get("/api/v1/camera-files")).status_code == 200
    span = {"start": TEN.isoformat(), "end": ELEVEN.isoformat()}
    camera = f"{CAMERAS}/{counter.cameras[0]}"
    for path in ("live", "playback", "clip"):
        assert codes(await archivist.post(f"{camera}/{path}", json=span | {"purpose": "x"})) == ["R27.1"], (
            path
        )
    assert codes(await archivist.get(f"{camera}/snapshot")) == ["R27.1"]


@pytest.mark.parametrize(
    ("level", "refused"),
    [("none", []), ("trade", []), ("national_security", ["R27.6"]), ("state", ["R27.6"])],
)
async def test_R27_6_state_secrets_are_taken_away_by_nobody(
    counter: Counter, database: Database, journal: Journal, level: str, refused: list[str]
) -> None:
    _, grant = await counter.granted(verbs=["copy"])
    await kept_secret(database, counter.cameras[0], level)
    answer = await look(counter, grant, how="clip")
    assert (codes(answer) if answer.status_code == 403 else []) == refused
    last = (await kinds(journal))[-1]
    assert last == ("refusal" if refused else "copy.download")
    if refused:  # and it was not used up
        await kept_secret(database, counter.cameras[0], "none")
        assert (await look(counter, grant, how="clip")).status_code == 201


async def test_R22_8_a_trade_secret_leaves_by_no_role_alone(
    counter: Counter, database: Database, enter: Enter
) -> None:
    await kept_secret(database, counter.cameras[0], "trade")
    wish = {
        "start": TEN.isoformat(),
        "end": ELEVEN.isoformat(),
        "purpose": "公安调取",
        "destination": "道里分局",
    }
    custodian = await enter(Role.CUSTODIAN)
    answer = await custodian.post(f"{CAMERAS}/{counter.cameras[0]}/clip", json=wish)
    assert codes(answer) == ["R22.8"]
