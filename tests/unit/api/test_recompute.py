"""R8.2, R8.3 and the nightly round through the API: what follows from what is registered is owed."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from bingjian.access.decisions import Role
from bingjian.api.platform import Platform
from bingjian.db.session import Database
from bingjian.duties.service import JOB
from bingjian.inventory.camera_files import set_states
from bingjian.inventory.place_rows import PlaceRow
from bingjian.journal.append import Journal
from tests.backend import StillClock, kinds
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.office import Desk, codes, desk
from tests.unit.api.procedures.setting import THEN, camera, instant, part, place, put

SCHOOL, CROSSING = ("education_health_culture",), ("urban_nodes",)


async def owed(office: Desk, code: str) -> list[tuple[str, datetime]]:
    """Subjects and beginnings of the open duties of a code, after a round."""
    assert (await office.client.post("/api/v1/duties/recompute")).status_code == 200
    found = (await office.client.get("/api/v1/duties", params={"code": code})).json()["items"]
    return sorted((one["subject"], instant(one["begun_at"])) for one in found)


@pytest.fixture
async def office(enter: Enter) -> Desk:
    return await desk(enter, Role.WORKGROUP_OFFICE, body="workgroup_office")


@pytest.mark.parametrize("states", [[], ["accepted"], ["retired"], ["suspended", "trial"]])
async def test_R8_2_a_key_part_without_a_camera_in_service_is_a_gap(
    office: Desk, database: Database, states: list[str]
) -> None:
    school = place(SCHOOL)
    gate = part(school, is_key=True)
    await put(database, school, gate, *[camera(state, at=gate) for state in states])
    assert await owed(office, "R8.2") == [(str(gate.id), THEN)]
    await put(database, camera(at=gate))
    assert await owed(office, "R8.2") == []


async def test_R8_2_the_gap_is_as_old_as_the_loss_of_the_last_camera(
    office: Desk, database: Database, journal: Journal, platform: Platform
) -> None:
    school = place(SCHOOL)
    gate, lost = part(school, is_key=True), camera()
    lost.place, lost.part = school.id, gate.id
    await put(database, school, gate, lost)
    at = datetime(2025, 12, 24, tzinfo=UTC)
    console = platform.console_actor("console-token", "")
    await database.run(lambda s: set_states(s, journal, [lost.id], "suspended", console, at, "拆除"))
    assert await owed(office, "R8.2") == [(str(gate.id), at)]


async def test_R8_3_a_school_with_two_key_parts_owes_two_a_crossing_is_one_itself(
    office: Desk, database: Database
) -> None:
    school, crossing = place(SCHOOL), place(CROSSING)
    parts = [part(school, is_key=n < 2) for n in range(4)]
    await put(database, school, crossing, *parts)
    expected = sorted([str(parts[0].id), str(parts[1].id), str(crossing.id)])
    assert [subject for subject, _ in await owed(office, "R8.2")] == expected
    assert await owed(office, "R8.3") == []
    await put(database, camera(of=crossing))
    assert len(await owed(office, "R8.2")) == 2


async def test_R8_3_a_place_without_a_key_part_is_to_be_reviewed(office: Desk, database: Database) -> None:
    school, shed = place(SCHOOL), place()  # the shed is no place of art. 8
    await put(database, school, part(school), shed)
    assert [subject for subject, _ in await owed(office, "R8.3")] == [str(school.id)]
    assert await owed(office, "R8.2") == []
    await put(database, part(school, is_key=True))
    assert await owed(office, "R8.3") == []


async def test_a_round_says_the_same_again_and_is_one_entry(
    office: Desk, database: Database, journal: Journal
) -> None:
    school = place(SCHOOL)
    await put(database, school, part(school, is_key=True))
    first = (await office.client.post("/api/v1/duties/recompute")).json()
    before = len(await kinds(journal))
    second = (await office.client.post("/api/v1/duties/recompute")).json()
    assert first["opened"] >= 1
    assert second == {"opened": 0, "changed": 0, "lapsed": 0}
    assert (await kinds(journal))[before:] == ["duties.recomputed"]


async def test_whoever_runs_the_place_owes_it_and_a_new_operator_takes_it_over(
    office: Desk, database: Database
) -> None:
    school = place(SCHOOL, operator=UUID(int=7))
    await put(database, school, part(school, is_key=True))
    await owed(office, "R8.2")

    async def hand_over(session: object) -> None:
        row = await session.get(PlaceRow, school.id)  # type: ignore[attr-defined]
        row.operator = UUID(int=8)

    await database.run(hand_over)
    done = (await office.client.post("/api/v1/duties/recompute")).json()
    assert done == {"opened": 0, "changed": 1, "lapsed": 0}
    (duty,) = (await office.client.get("/api/v1/duties", params={"code": "R8.2"})).json()["items"]
    assert duty["owner"] == str(UUID(int=8))


@pytest.mark.parametrize(("seconds", "rounds"), [(-1, 0), (0, 1), (1, 1)])
async def test_it_goes_every_night_at_five_past_midnight(
    platform: Platform, journal: Journal, clock: StillClock, seconds: int, rounds: int
) -> None:
    clock.wait(12 * 3600 + 300 + seconds)  # from noon in China
    await platform.parts.clockwork.round()
    entries = [one for one in await journal.read(100) if one.kind == "duties.recomputed"]
    assert [one.entry["actor"] for one in entries] == [str(JOB)] * rounds
    clock.wait(timedelta(days=1).total_seconds())
    await platform.parts.clockwork.round()
    entries = [one for one in await journal.read(100) if one.kind == "duties.recomputed"]
    assert len(entries) == rounds + 1
    await platform.parts.prepare()  # plans no second one
    assert await platform.parts.clockwork.round() == 0


async def test_who_may_not_have_it_recomputed_is_refused(enter: Enter) -> None:
    watcher = await enter(Role.WATCHER)
    assert codes(await watcher.post("/api/v1/duties/recompute")) == ["R27.1"]
