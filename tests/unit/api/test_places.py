"""Places and their parts through the API: arts. 2, 8 and 9 as they are registered."""

from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Role
from bingjian.api.platform import Platform
from bingjian.inventory.place_rows import PartRow
from bingjian.journal.append import Journal
from bingjian.rules.library import law
from tests.backend import StillClock, kinds
from tests.unit.api.conftest import Enter

URL = "/api/v1/places"
DAOLI = {"longitude": 126.55, "latitude": 45.74}
BORDER = (126.59614, 45.72539)  # a corner of Daoli, as packaged
NOWHERE = "11111111-1111-4111-8111-111111111111"
SQUARE = [[126.5500, 45.7400], [126.5510, 45.7400], [126.5510, 45.7410], [126.5500, 45.7410]]


def school(**fields: Any) -> dict[str, Any]:
    return {"name": "兆麟小学", "division": "230102", "kind": "school", **fields}


async def added(client: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    answer = await client.post(URL, json=school(**fields))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def part_of(client: httpx.AsyncClient, place: str, kind: str, **fields: Any) -> dict[str, Any]:
    answer = await client.post(f"{URL}/{place}/parts", json={"name": kind, "kind": kind, **fields})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_R2_1_a_place_lies_in_the_city_and_inside_its_district(enter: Enter) -> None:
    registrar = await enter(Role.REGISTRAR)
    for code in law().codes("division"):
        await added(registrar, division=code)
    for code in ("230100", "230114", "110101"):
        refused = (await registrar.post(URL, json=school(division=code))).json()
        assert (refused["code"], refused["article"]) == ("R2.1", "2"), refused
    longitude, latitude = BORDER
    for north, status in ((0, 201), (5e-5, 201), (-5e-5, 403)):
        place = school(longitude=longitude, latitude=latitude + north)
        answer = await registrar.post(URL, json=place)
        assert answer.status_code == status, (north, answer.text)
    assert answer.json()["code"] == "R2.1"
    assert str(longitude) not in answer.text


async def test_coordinates_are_kept_as_declared_and_as_wgs84(enter: Enter) -> None:
    registrar = await enter(Role.REGISTRAR)
    place = await added(registrar, longitude=126.55602, latitude=45.74203, coordinate_system="gcj02")
    assert (place["original_longitude"], place["coordinate_system"]) == (126.55602, "gcj02")
    assert abs(place["longitude"] - 126.55) < 1e-3
    assert abs(place["longitude"] - 126.55602) > 1e-3
    swapped = await registrar.post(URL, json=school(longitude=45.74, latitude=126.55))
    assert (swapped.status_code, swapped.json()["code"]) == (422, "place_not_accepted")
    assert "changed places" in swapped.json()["detail"]
    half = await registrar.post(URL, json=school(longitude=126.55))
    assert half.json()["errors"][0]["field"] == "latitude"


async def test_R8_1_a_key_place_has_a_known_category(enter: Enter) -> None:
    registrar = await enter(Role.REGISTRAR)
    categories = list(law().codes("key_place_category"))
    for code in categories:
        await added(registrar, categories=[code], citation="某法第一条")
    await added(registrar, categories=categories, citation="某法第一条")
    strange = (await registrar.post(URL, json=school(categories=["thirteenth"]))).json()
    assert (strange["code"], strange["article"]) == ("R8.1", "8")
    uncited = (await registrar.post(URL, json=school(categories=["other_by_law"]))).json()
    assert (uncited["code"], uncited["article"]) == ("R8.1", "8(12)")


async def test_R8_1_a_place_like_those_named_needs_a_reviewer(enter: Enter) -> None:
    registrar, reviewer = await enter(Role.REGISTRAR), await enter(Role.PUBLIC_SECURITY)
    alike = school(
        categories=["education_health_culture"], is_like_those_named=True, likeness_note="培训机构"
    )
    assert (await registrar.post(URL, json=alike)).json()["code"] == "R8.1"
    place = await added(registrar)
    wish = {"version": 1, "categories": ["education_health_culture"], "note": "培训机构"}
    assert (await registrar.post(f"{URL}/{place['id']}/likeness", json=wish)).json()["code"] == "R27.1"
    confirmed = (await reviewer.post(f"{URL}/{place['id']}/likeness", json=wish)).json()
    assert confirmed["likeness_confirmed_by"] == "public_security"
    assert (confirmed["categories"], confirmed["version"]) == (wish["categories"], 2)
    other = {"version": 2, "likeness_note": "托管班"}  # not what was confirmed
    assert (await registrar.patch(f"{URL}/{place['id']}", json=other)).json()["code"] == "R8.1"


async def test_R8_3_the_duty_reaches_the_key_parts(enter: Enter) -> None:
    registrar = await enter(Role.REGISTRAR)
    place = (await added(registrar, categories=["education_health_culture"]))["id"]
    parts = f"{URL}/{place}/parts"
    nothing = (await registrar.get(parts)).json()
    assert (nothing["owed"], nothing["needs_review"]) == (0, True)
    for kind, is_key in (("entrance", True), ("corridor", True), ("lobby", False), ("stairs", False)):
        await part_of(registrar, place, kind, is_key=is_key)
    found = (await registrar.get(parts)).json()
    assert (len(found["items"]), found["owed"], found["needs_review"]) == (4, 2, False)
    bus = (await added(registrar, kind="bus", categories=["transit_vehicles"]))["id"]
    itself = (await registrar.get(f"{URL}/{bus}/parts")).json()
    assert (itself["owed"], itself["needs_review"]) == (1, False)


async def test_R8_6_only_a_decision_of_the_data_authority_takes_a_category_away(enter: Enter) -> None:
    registrar, maintainer = await enter(Role.REGISTRAR), await enter(Role.MAINTAINER)
    authority = await enter(Role.CITY_DATA_AUTHORITY)
    one = f"{URL}/{(await added(registrar, categories=['education_health_culture']))['id']}"
    cleared = await registrar.patch(one, json={"version": 1, "categories": []})
    refusals = {(refusal["code"], refusal["article"]) for refusal in cleared.json()["refusals"]}
    assert (cleared.status_code, refusals) == (403, {("R8.6", "8"), ("R19.1", "19¶1")})
    decided = {"version": 1, "categories": [], "decision": "哈数〔2026〕1号"}
    assert (await maintainer.post(f"{one}/reclassification", json=decided)).json()["code"] == "R27.1"
    assert (await registrar.post(f"{one}/reclassification", json=decided)).json()["code"] == "R8.6"
    blank = await authority.post(f"{one}/reclassification", json={**decided, "decision": " "})
    assert blank.status_code == 422
    answer = (await authority.post(f"{one}/reclassification", json=decided)).json()
    assert (answer["categories"], answer["version"]) == ([], 2)
    history = (await authority.get(f"{one}/history")).json()["items"]
    assert (history[0]["act"], history[0]["reason"]) == ("reclassified", "哈数〔2026〕1号")
    assert history[0]["changes"]["categories"] == [["education_health_culture"], []]


async def test_R9_2_a_part_on_no_list_waits_for_a_named_reviewer(enter: Enter) -> None:
    registrar, reviewer = await enter(Role.REGISTRAR), await enter(Role.PUBLIC_SECURITY)
    place = (await added(registrar))["id"]
    part = await part_of(registrar, place, "祈祷室")
    assert part["privacy"] == "needs_review"
    one = f"/api/v1/parts/{part['id']}"
    wish = {"version": 1, "is_private": True, "reason": "信众更衣"}
    assert (await registrar.post(f"{one}/review", json=wish)).json()["code"] == "R27.1"
    found = (await reviewer.post(f"{one}/review", json=wish)).json()
    assert (found["privacy"], found["reviewer"]) == ("banned", "public_security")
    found = (await reviewer.post(f"{one}/review", json={**wish, "version": 2, "is_private": False})).json()
    assert (found["privacy"], found["banned_since"]) == ("open", None)
    renamed = (await registrar.patch(one, json={"version": 3, "kind": "忏悔室"})).json()
    assert (renamed["privacy"], renamed["reviewer"]) == ("needs_review", "")  # another kind, another review
    listed = await part_of(registrar, place, "nursing_room")
    assert listed["privacy"] == "banned"
    refused = await reviewer.post(f"/api/v1/parts/{listed['id']}/review", json=wish)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "kind")


async def test_R9_5_a_part_that_becomes_banned_is_told_once_in_the_same_transaction(
    enter: Enter, platform: Platform, clock: StillClock, journal: Journal
) -> None:
    told = list[tuple[str, object]]()

    async def listen(session: AsyncSession, part: PartRow, at: object) -> None:
        told.append((part.kind, at))
        if part.name == "broken":
            raise RuntimeError("cannot stop the camera")

    platform.parts.place_parts.on_banned.append(listen)
    registrar = await enter(Role.REGISTRAR)
    place = (await added(registrar))["id"]
    part = await part_of(registrar, place, "corridor")
    assert told == []
    one = f"/api/v1/parts/{part['id']}"
    changed = (await registrar.patch(one, json={"version": 1, "kind": "dormitory"})).json()
    assert (changed["privacy"], [kind for kind, _ in told]) == ("banned", ["dormitory"])
    since = changed["banned_since"]
    clock.wait(60)
    again = (await registrar.patch(one, json={"version": 2, "kind": "toilet"})).json()
    assert (again["banned_since"], len(told)) == (since, 1)
    open_ = (await registrar.patch(one, json={"version": 3, "kind": "corridor"})).json()
    assert open_["banned_since"] is None
    before = await kinds(journal)
    broken = await registrar.patch(one, json={"version": 4, "kind": "bathroom", "name": "broken"})
    assert (broken.status_code, await kinds(journal)) == (500, before)  # nothing of the change holds
    assert (await registrar.get(one)).json()["version"] == 4


async def test_R27_3_what_lies_outside_a_persons_areas_does_not_exist(enter: Enter) -> None:
    registrar = await enter(Role.REGISTRAR)
    elsewhere = await enter(Role.REGISTRAR, areas=("230103",))
    place = await added(registrar, outline=SQUARE, **DAOLI)
    part = await part_of(registrar, place["id"], "corridor")
    for hidden, missing in (
        (f"{URL}/{place['id']}", f"{URL}/{NOWHERE}"),
        (f"{URL}/{place['id']}/parts", f"{URL}/{NOWHERE}/parts"),
        (f"{URL}/{place['id']}/history", f"{URL}/{NOWHERE}/history"),
        (f"/api/v1/parts/{part['id']}", f"/api/v1/parts/{NOWHERE}"),
        (f"/api/v1/parts/{part['id']}/history", f"/api/v1/parts/{NOWHERE}/history"),
    ):
        assert (await registrar.get(hidden)).status_code == 200
        answers = [(await elsewhere.get(url)) for url in (hidden, missing)]
        assert [answer.status_code for answer in answers] == [404, 404]
        bodies = [answer.json() for answer in answers]
        assert [body.pop("instance") is not None for body in bodies] == [True, True]
        assert bodies[0] == bodies[1]
    assert (
        await elsewhere.patch(f"{URL}/{place['id']}", json={"version": 1, "name": "x"})
    ).status_code == 404
    assert (await elsewhere.get(URL)).json()["items"] == []
    assert (await elsewhere.post(URL, json=school())).status_code == 404
    watcher = await enter(Role.WATCHER)
    assert (await watcher.get(URL)).json()["code"] == "R27.1"


async def test_found_by_name_address_division_category_and_kind(enter: Enter) -> None:
    registrar = await enter(Role.REGISTRAR)
    await added(registrar, name="兆麟小学", address="中央大街 1 号", categories=["education_health_culture"])
    await added(registrar, name="南岗医院", division="230103", kind="hospital")
    await added(registrar, name="南岗小学", division="230103")

    async def names(**only: str | int) -> list[str]:
        return [row["name"] for row in (await registrar.get(URL, params=only)).json()["items"]]

    assert await names(q="中央") == ["兆麟小学"]
    assert await names(q="ngyy") == ["南岗医院"]
    assert await names(category="education_health_culture") == ["兆麟小学"]
    assert await names(division="230103", kind="school") == ["南岗小学"]
    first = (await registrar.get(URL, params={"limit": 2})).json()
    second = (await registrar.get(URL, params={"limit": 2, "cursor": first["next"]})).json()
    assert [len(page["items"]) for page in (first, second)] == [2, 1]


async def test_the_second_of_two_editors_is_told(enter: Enter, journal: Journal) -> None:
    registrar = await enter(Role.REGISTRAR)
    place = await added(registrar, **DAOLI)
    one = f"{URL}/{place['id']}"
    assert (await registrar.patch(one, json={"version": 1, "name": "尚志小学"})).json()["version"] == 2
    stale = await registrar.patch(one, json={"version": 1, "address": "x"})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    moved = {"version": 2, "longitude": None, "latitude": None, "name": None}
    assert (await registrar.patch(one, json=moved)).json()["longitude"] is None
    assert (await kinds(journal))[-2:] == ["inventory.changed", "inventory.changed"]
    records = [record.entry for record in await journal.read(3)]
    assert "126.55" not in str(records)


@pytest.mark.parametrize(
    ("outline", "why"),
    [
        ([*SQUARE[:3], [0.0, 0.0]], "Harbin"),
        ([SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]], "crosses"),
        ([SQUARE[0], SQUARE[0], SQUARE[0]], "3 to"),
    ],
)
async def test_an_outline_that_is_none_is_refused(enter: Enter, outline: list[list[float]], why: str) -> None:
    registrar = await enter(Role.REGISTRAR)
    answer = await registrar.post(URL, json=school(outline=outline))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "outline")
    assert why in answer.json()["detail"]


async def test_who_has_secrets_needs_an_outline_and_an_operator_must_be_there(enter: Enter) -> None:
    registrar = await enter(Role.REGISTRAR)
    answer = await registrar.post(URL, json=school(is_secret_neighbour=True))
    assert answer.json()["errors"][0]["field"] == "outline"
    await added(registrar, is_secret_neighbour=True, outline=SQUARE)
    nobody = await registrar.post(URL, json=school(operator=str(UUID(NOWHERE))))
    assert nobody.json()["errors"][0]["field"] == "operator"


async def test_the_map_shows_the_outlines_in_a_box_and_what_binds_there(enter: Enter) -> None:
    registrar = await enter(Role.REGISTRAR)
    place = await added(registrar, outline=SQUARE, categories=["education_health_culture"])
    await added(registrar, name="外县小学", division="230123", outline=away(0.5))
    toilet = await part_of(registrar, place["id"], "toilet", polygon=SQUARE[:3])
    await part_of(registrar, place["id"], "corridor")  # nobody has drawn it
    found = await ground(registrar, "126.5505,45.7405,126.56,45.75")
    assert [(one["part"], one["look"]) for one in found["items"]] == [
        (None, "key_place"),
        (toilet["id"], "banned"),
    ]
    assert [tuple(point) for point in found["items"][0]["ring"]] == [tuple(point) for point in SQUARE]
    assert (await ground(registrar, "126.5511,45.7405,126.56,45.75"))["items"] == []
    elsewhere = await enter(Role.ARCHIVIST, areas=("230123",))
    assert [one["name"] for one in (await ground(elsewhere, "126,45,128,47"))["items"]] == ["外县小学"]
    assert (await registrar.get(f"{URL}/ground", params={"bbox": "1,2,3"})).status_code == 422


def away(degrees: float) -> list[list[float]]:
    return [[east + degrees, north + degrees] for east, north in SQUARE]


async def ground(client: httpx.AsyncClient, bbox: str) -> dict[str, Any]:
    answer = await client.get(f"{URL}/ground", params={"bbox": bbox})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
