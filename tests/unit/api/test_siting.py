"""May a camera stand there, through the API: every refusal with its article, written down."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from bingjian.access.decisions import Role
from bingjian.inventory.ground import Frame
from bingjian.journal.append import Journal
from bingjian.rules.decisions.privacy import BANNED
from bingjian.rules.library import law
from tests.backend import StillClock, kinds
from tests.unit.api.conftest import Enter
from tests.unit.api.test_places import NOWHERE, added, part_of

URL = "/api/v1/siting-queries"
AT = (126.55, 45.74)
FRAME = Frame(*AT)
CITY = list(law().codes(BANNED))[:7]  # what art. 9 names; the rest is its "and other"
LOOK = {"azimuth": 0, "h_fov": 60, "distance_m": 30}


def box(west: float, south: float, east: float, north: float) -> list[list[float]]:
    corners = ((west, south), (east, south), (east, north), (west, north))
    return [list(FRAME.degrees(*corner)) for corner in corners]


def standing(**fields: Any) -> dict[str, Any]:
    return {
        "division": "230102",
        "longitude": AT[0],
        "latitude": AT[1],
        "purposes": ["public_safety"],
        "view": LOOK,
        "necessity_note": "出入口看护",
        "has_sign": True,
        **fields,
    }


async def codes(client: httpx.AsyncClient, **fields: Any) -> list[str]:
    """The codes that refuse; none if it may stand there."""
    answer = await client.post(URL, json=standing(**fields))
    if answer.status_code == 200:
        return []
    assert answer.status_code == 403, answer.text
    problem = answer.json()
    return sorted({one["code"] for one in problem.get("refusals", [problem])})


async def test_R3_2_a_system_has_a_purpose_of_the_law(enter: Enter) -> None:
    registrar = await enter(Role.REGISTRAR)
    for purposes in ([], ["private_home"], ["public_safety", "private_home"]):
        assert await codes(registrar, purposes=purposes) == ["R3.2"], purposes
    for purpose in law().codes("purpose"):
        assert await codes(registrar, purposes=[purpose]) == [], purpose
    answer = (await registrar.post(URL, json=standing())).json()
    assert {"2", "3", "9"} <= {article.split("¶")[0] for article in answer["articles"]}


async def test_R2_1_a_camera_lies_inside_its_district(enter: Enter) -> None:
    registrar = await enter(Role.REGISTRAR)
    assert await codes(registrar, division="230103") == ["R2.1"]
    assert await codes(registrar, division="230199") == ["R2.1"]


@pytest.mark.parametrize("kind", law().codes(BANNED))
async def test_R9_1_never_in_a_banned_part_whoever_asks(enter: Enter, journal: Journal, kind: str) -> None:
    registrar = await enter(Role.REGISTRAR)
    place = (await added(registrar))["id"]
    part = (await part_of(registrar, place, kind))["id"]
    found = await codes(registrar, part=part)
    assert found[-1] in ("R9.1", "R9.2")
    assert (await kinds(journal))[-1] == "refusal"
    assert found == (["R9.1"] if kind in CITY else found)
    console = await enter(bearer="console-token")  # nobody may more than it
    assert await codes(console, part=part) == found
    both = await enter(Role.REGISTRAR, Role.CITY_DATA_AUTHORITY, Role.PUBLIC_SECURITY, Role.GOVERNMENT)
    assert await codes(both, part=part) == found
    auditor = await enter(Role.AUDITOR)
    assert await codes(auditor, part=part) == ["R27.1"]


async def test_R9_2_undecided_then_private_then_not(enter: Enter) -> None:
    registrar, reviewer = await enter(Role.REGISTRAR), await enter(Role.PUBLIC_SECURITY)
    place = (await added(registrar))["id"]
    part = (await part_of(registrar, place, "祈祷室"))["id"]
    assert await codes(registrar, part=part) == ["R9.2"]
    for version, is_private, expected in ((1, True, ["R9.2"]), (2, False, [])):
        review = {"version": version, "is_private": is_private, "reason": "经现场查看"}
        assert (await reviewer.post(f"/api/v1/parts/{part}/review", json=review)).status_code == 200
        assert await codes(registrar, part=part) == expected
    for kind in ("nursing_room", "fitting_room", "private_dining", "staff_rest_room"):
        banned = (await part_of(registrar, place, kind))["id"]
        assert await codes(registrar, part=banned) in (["R9.2"], ["N8.1", "R9.2"]), kind


async def test_R9_3_the_ban_on_the_part_wins_over_the_category_of_the_place(enter: Enter) -> None:
    registrar = await enter(Role.REGISTRAR)
    for category, good, bad in (
        ("hospitality_commerce", "lobby", "hotel_room"),
        ("education_health_culture", "entrance", "hospital_ward"),
    ):
        place = (await added(registrar, categories=[category]))["id"]
        for kind, expected in ((good, []), (bad, ["R9.1", "R9.3"])):
            part = (await part_of(registrar, place, kind))["id"]
            assert await codes(registrar, part=part) == expected, kind


async def test_R9_4_the_view_is_masked_to_the_last_cell(enter: Enter) -> None:
    registrar = await enter(Role.REGISTRAR)
    place = (await added(registrar))["id"]
    corridor = (await part_of(registrar, place, "corridor"))["id"]
    await part_of(registrar, place, "dormitory", polygon=box(-3, 10, 3, 14))
    assert await codes(registrar, part=corridor) == ["R9.4"]
    assert await codes(registrar, part=corridor, masks=[box(-3, 10, 2, 14), box(2, 11, 3, 14)]) == ["R9.4"]
    assert await codes(registrar, part=corridor, masks=[box(-3, 10, 3, 14)]) == []
    assert await codes(registrar, part=corridor, masks=[box(-4, 9, 4, 15)]) == []
    assert await codes(registrar, part=corridor, view={**LOOK, "distance_m": 9}) == []
    assert await codes(registrar, part=corridor, view={**LOOK, "azimuth": 180}) == []
    turning = {**LOOK, "azimuth": 180, "sweep": {"pan_from": 90, "pan_width": 270}}
    assert await codes(registrar, part=corridor, view=turning) == ["R9.4"]
    assert await codes(registrar, part=corridor, view=None) == ["R9.4"]  # nobody knows where it looks


async def test_N10_who_has_secrets_consents_before(enter: Enter, clock: StillClock) -> None:
    registrar = await enter(Role.REGISTRAR)
    zone = await added(registrar, name="某部队", is_secret_neighbour=True, outline=box(-20, 5, 20, 40))
    assert await codes(registrar) == ["N10"]
    assert await codes(registrar, view={**LOOK, "azimuth": 180}) == []
    now = clock.utc_ns() // 1_000_000_000
    for later_s, expected in ((-1, []), (0, []), (1, ["N10"])):
        consent = {"place": zone["id"], "document": "军函〔2026〕1号", "at": instant(now + later_s)}
        assert await codes(registrar, consents=[consent]) == expected, later_s
    other = {"place": NOWHERE, "document": "军函〔2026〕1号", "at": instant(now)}
    assert await codes(registrar, consents=[other]) == ["N10"]


def instant(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


async def test_R8_4_a_bus_has_its_number_and_its_track_in_place_of_coordinates(enter: Enter) -> None:
    registrar = await enter(Role.REGISTRAR)
    bus = (await added(registrar, kind="bus", categories=["transit_vehicles"]))["id"]
    aboard = {"place": bus, "longitude": None, "latitude": None, "view": None}
    refused = (await registrar.post(URL, json=standing(**aboard))).json()
    assert (refused["code"], refused["article"]) == ("R8.4", "8(3)")
    assert await codes(registrar, **aboard, vehicle_id="黑A12345", has_track=True) == []


async def test_N13_need_and_sign_are_told(enter: Enter) -> None:
    registrar = await enter(Role.REGISTRAR)
    assert await codes(registrar, necessity_note=" ") == ["N13"]
    assert await codes(registrar, has_sign=False) == ["N13"]


async def test_R27_3_what_lies_elsewhere_is_not_there_to_ask_about(enter: Enter) -> None:
    registrar, elsewhere = await enter(Role.REGISTRAR), await enter(Role.REGISTRAR, areas=("230103",))
    place = (await added(registrar))["id"]
    part = (await part_of(registrar, place, "corridor"))["id"]
    nangang = {"division": "230103", "longitude": 126.60, "latitude": 45.73}
    for named in ({"place": place}, {"place": NOWHERE}, {"part": part}, {"part": NOWHERE}):
        answer = await elsewhere.post(URL, json=standing(**nangang, **named))
        assert (answer.status_code, answer.json()["code"]) == (404, "not_there")
    assert (await elsewhere.post(URL, json=standing())).status_code == 404
    assert await codes(elsewhere, **nangang) == []
