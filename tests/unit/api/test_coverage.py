"""Overlap, coverage gaps and obstruction through the API."""

from typing import Any
from uuid import UUID

import httpx
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Role
from bingjian.api.platform import Platform
from bingjian.clock import utc_now
from bingjian.db.session import Database
from bingjian.inventory.camera_files import set_states
from bingjian.inventory.organisations import body_id
from bingjian.journal.append import Journal
from bingjian.retention.models import Person
from tests.backend import StillClock, kinds
from tests.unit.api.conftest import Enter
from tests.unit.api.test_places import added as place_added
from tests.unit.api.test_places import part_of
from tests.unit.api.test_siting import AT, FRAME, box

FILES, DAY_S = "/api/v1/camera-files", 86_400
ANNA = Person(body_id("a"), "Anna")


async def camera(
    client: httpx.AsyncClient, east: float = 0, north: float = 0, far: float = 30, **fields: Any
) -> str:
    longitude, latitude = FRAME.degrees(east, north)
    view = {"azimuth": 0, "h_fov": 60, "max_view_distance": far}
    wish = {
        "name": "一号",
        "division": "230102",
        "longitude": longitude,
        "latitude": latitude,
        "crs": "wgs84",
    }
    answer = await client.post(FILES, json={**wish, "height_m": 5, "view": view, **fields})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def brought(database: Database, journal: Journal, clock: StillClock, file: str, state: str) -> None:
    async def work(session: AsyncSession) -> None:
        await set_states(session, journal, [UUID(file)], state, ANNA, utc_now(clock), "")

    await database.run(work)


async def test_R7_4_from_four_fifths_of_the_area_on_it_is_a_possible_duplicate(enter: Enter) -> None:
    strip = {"area": box(-0.5, 2, 0.5, 102)}  # a hundred cells in a row, north of the camera
    for rows, flagged in ((79, False), (80, True), (81, True)):
        authority, registrar = await enter(Role.CITY_DATA_AUTHORITY), await enter(Role.REGISTRAR)
        one = await camera(registrar, far=(rows + 2.2) * 0.99905, name=f"看到第 {rows} 格")
        answer = (await authority.post("/api/v1/overlap-queries", json=strip)).json()
        assert (answer["cells"], answer["overlapping"], answer["possible_duplicate"]) == (100, rows, flagged)
        assert one in answer["existing"]


async def test_R7_4_lists_what_covers_the_area_and_nothing_else(
    enter: Enter, database: Database, journal: Journal, clock: StillClock
) -> None:
    registrar, planner = await enter(Role.REGISTRAR), await enter(Role.PLANNER)
    seeing, away = await camera(registrar), await camera(registrar, north=60, name="二号")
    unknown = await camera(registrar, name="三号", view={})
    area = {"area": box(-5, 10, 5, 20)}
    found = (await registrar.post("/api/v1/overlap-queries", json=area)).json()
    assert found["existing"] == [seeing]
    assert {away, unknown}.isdisjoint(found["existing"])
    await brought(database, journal, clock, seeing, "retired")
    gone = (await registrar.post("/api/v1/overlap-queries", json=area)).json()
    assert (gone["existing"], gone["overlapping"]) == ([], 0)
    assert (await planner.post("/api/v1/overlap-queries", json=area)).json()["code"] == "R27.1"
    huge = await registrar.post("/api/v1/overlap-queries", json={"area": box(0, 0, 1100, 1000)})
    assert (huge.status_code, huge.json()["errors"][0]["field"]) == (422, "area")
    elsewhere = await enter(Role.REGISTRAR, areas=("230103",))
    await camera(registrar, name="四号")
    assert (await elsewhere.post("/api/v1/overlap-queries", json=area)).json()["existing"] == []


async def test_R8_2_a_key_part_without_a_camera_in_service_is_a_gap(
    enter: Enter, database: Database, journal: Journal, clock: StillClock
) -> None:
    registrar = await enter(Role.REGISTRAR)
    school = (await place_added(registrar, categories=["education_health_culture"]))["id"]
    gate = (await part_of(registrar, school, "entrance", is_key=True))["id"]
    await part_of(registrar, school, "corridor")  # not key: nothing is owed there

    async def gaps(**only: str) -> list[tuple[str, int]]:
        inspector = await enter(Role.PUBLIC_SECURITY)  # anew: days pass, and sessions end
        found = (await inspector.get("/api/v1/coverage-gaps", params=only)).json()
        return [(gap["part"], gap["days"]) for gap in found["items"]]

    assert await gaps() == [(gate, 0)]
    file = await camera(registrar, place=school, part=gate)
    for state in ("trial", "accepted"):
        await brought(database, journal, clock, file, state)
        assert await gaps() == [(gate, 0)], state
    await brought(database, journal, clock, file, "in_service")
    assert await gaps() == []
    clock.wait(3 * DAY_S)
    await brought(database, journal, clock, file, "retired")
    assert await gaps() == [(gate, 0)]  # since it lost its camera, not since it is a key part
    clock.wait(2 * DAY_S)
    assert await gaps() == [(gate, 2)]
    assert await gaps(division="230102", category="education_health_culture") == [(gate, 2)]
    assert await gaps(division="230103") == await gaps(category="hospitality_commerce") == []
    inspector = await enter(Role.PUBLIC_SECURITY)
    found = (await inspector.get("/api/v1/coverage-gaps")).json()
    assert sum(found["by_division"].values()) == found["total"] > 0
    tally = found["tallies"]
    expected = {"division": "230102", "category": "education_health_culture", "gaps": 1, "oldest_days": 2}
    assert tally == [expected]


async def test_R8_2_a_crossing_is_one_key_part_itself_and_pages_follow(enter: Enter) -> None:
    registrar, elsewhere = await enter(Role.REGISTRAR), await enter(Role.REGISTRAR, areas=("230103",))
    for name in ("甲", "乙", "丙"):
        await place_added(registrar, name=name, kind="road_crossing", categories=["urban_nodes"])
    first = (await registrar.get("/api/v1/coverage-gaps", params={"limit": 2})).json()
    second = (
        await registrar.get("/api/v1/coverage-gaps", params={"limit": 2, "cursor": first["next"]})
    ).json()
    names = [gap["name"] for page in (first, second) for gap in page["items"]]
    assert (sorted(names), first["total"], second["next"]) == (["丙", "乙", "甲"], 3, None)
    assert all("覆盖缺口" in gap["reason_zh"] for gap in first["items"])
    assert (await elsewhere.get("/api/v1/coverage-gaps")).json()["items"] == []


async def test_R11_4_yes_or_no_how_many_and_a_case_nothing_else(
    enter: Enter, platform: Platform, journal: Journal
) -> None:
    registrar, planner = await enter(Role.REGISTRAR), await enter(Role.PLANNER)
    file = await camera(registrar, name="秘密", fields={"address": "中央大街 1 号"})

    async def ask(height: float, east: float = 0, north: float = 15) -> httpx.Response:
        longitude, latitude = FRAME.degrees(east, north)
        wish = {"name": "广告牌", "longitude": longitude, "latitude": latitude, "height_m": height}
        return await planner.post("/api/v1/obstruction-queries", json=wish)

    free, hides = await ask(2.499), await ask(2.501)  # half way, at half the height of the camera
    assert free.json() == {"conflict": False, "count": 0, "case": "ZD-2026-000001"}
    assert hides.json() == {"conflict": True, "count": 1, "case": "ZD-2026-000002"}
    assert (await ask(3, north=-15)).json()["count"] == 0  # behind the camera
    await camera(registrar, name="不知朝向", view={})
    assert (await ask(4.95, north=-1)).json()["count"] == 1  # nobody knows that it looks away
    answers = free.text + hides.text
    for secret in (file, "秘密", "中央", "230102", str(AT[0]), str(AT[1])):
        assert secret not in answers
    assert free.headers.keys() == hides.headers.keys()
    assert (await kinds(journal))[-1] == "inventory.changed"
    record = (await journal.read(1))[0]
    assert "126.5" not in str(record.entry)


async def test_R11_4_only_in_the_persons_areas_and_by_those_who_may_ask(enter: Enter) -> None:
    registrar, elsewhere = await enter(Role.REGISTRAR), await enter(Role.PLANNER, areas=("230103",))
    wish = {"name": "广告牌", "longitude": AT[0], "latitude": AT[1] + 1e-4, "height_m": 20}
    before = await elsewhere.post("/api/v1/obstruction-queries", json=wish)
    await camera(registrar)
    after = await elsewhere.post("/api/v1/obstruction-queries", json=wish)
    assert before.status_code == after.status_code == 404
    assert (before.json()["detail"], before.json()["code"]) == (after.json()["detail"], "not_there")
    watcher = await enter(Role.WATCHER)
    assert (await watcher.post("/api/v1/obstruction-queries", json=wish)).json()["code"] == "R27.1"
