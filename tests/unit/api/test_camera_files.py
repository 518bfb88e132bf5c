"""Camera files through the API."""

from typing import Any

import httpx

from bingjian.access.decisions import Role
from tests.unit.api.conftest import Enter

URL = "/api/v1/camera-files"
CODE = "23010200001320000001"
SQUARE = {"longitude": 126.62, "latitude": 45.77, "crs": "wgs84"}


async def added(client: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    answer = await client.post(URL, json={"name": "中央大街 1 号", **fields})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_added_changed_with_history_and_the_second_editor_is_told(enter: Enter) -> None:
    registrar = await enter(Role.REGISTRAR)
    file = await added(registrar, device_id=CODE, division="230102", fields={"manufacturer": "华为"})
    one = f"{URL}/{file['id']}"
    assert (file["state"], file["version"], file["has_stream"]) == ("planned", 1, False)
    changed = await registrar.patch(one, json={"version": 1, "fields": {"manufacturer": None, "model": "X"}})
    assert changed.json()["fields"] == {"model": "X"}, changed.text
    stale = await registrar.patch(one, json={"version": 1, "status": "2"})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    history = (await registrar.get(f"{one}/history")).json()
    assert history[0]["changes"] == {"manufacturer": ["华为", None], "model": [None, "X"]}
