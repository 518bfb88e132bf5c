"""GB/T 28181 devices through the API: knocking, accepting, channels, matching, R9.6, the log, alarms."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from bingjian.access.decisions import Role
from bingjian.api.platform import Platform
from bingjian.inventory.gb28181.service import Gb28181
from bingjian.journal.append import Journal
from tests.backend import StillClock, kinds
from tests.signal import SpokenSignal
from tests.unit.api.conftest import Enter
from tests.unit.retention.shelf import KeepingWorker

API = "/api/v1"
NVR = "23010200001180000001"
FAR = "23010300001180000001"
EAST, WEST = "23010200001320000001", "23010200001320000002"
WISH = {"name": "南岗录像机", "division": "230102"}


@pytest.fixture
def gb(platform: Platform) -> Gb28181:
    return platform.gb


@pytest.fixture
async def registrar(enter: Enter) -> httpx.AsyncClient:
    return await enter(Role.REGISTRAR)


async def told(gb: Gb28181) -> None:
    """Everything that the signal process has to tell is taken in."""
    while await gb.take_next(0) or gb._after == 0:
        pass


async def knocking(gb: Gb28181, signal: SpokenSignal, client: httpx.AsyncClient, code: str = NVR) -> str:
    """The id of a device that was heard and waits."""
    signal.tell("unknown", code, address="192.0.2.7:5060", user_agent="NVR 4")
    await told(gb)
    (row,) = (await client.get(f"{API}/gb-devices", params={"state": "waiting", "q": code})).json()["items"]
    return str(row["id"])


async def accepted(client: httpx.AsyncClient, code: str = NVR, **more: Any) -> dict[str, Any]:
    answer = await client.post(f"{API}/gb-devices", json={"code": code, **WISH, **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def item(id: str, name: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "name": name, "kind": "channel", "parents": [NVR], "status": "on", **more}


async def catalogued(
    gb: Gb28181, signal: SpokenSignal, *items: dict[str, Any], run: int = 1, code: str = NVR, **more: Any
) -> None:
    signal.tell(
        "catalog",
        code,
        **{"run": run, "items": list(items), "total": len(items), "last": True, "complete": True} | more,
    )
    await told(gb)


async def with_place(client: httpx.AsyncClient, name: str, code: str | None, division: str = "230102") -> str:
    """A camera file at a place."""
    school = {"name": f"{name}小学", "division": division, "kind": "school"}
    place = (await client.post(f"{API}/places", json=school)).json()["id"]
    lobby = {"name": "大厅", "kind": "lobby"}
    part = (await client.post(f"{API}/places/{place}/parts", json=lobby)).json()["id"]
    wish = {"name": name, "division": division, "place": place, "part": part, "device_id": code}
    file = await client.post(f"{API}/camera-files", json=wish)
    assert file.status_code == 201, file.text
    return str(file.json()["id"])


async def placed(client: httpx.AsyncClient, file: str, place: str | None, part: str | None) -> None:
    path = f"{API}/camera-files/{file}"
    version = (await client.get(path)).json()["version"]
    answer = await client.patch(path, json={"version": version, "place": place, "part": part})
    assert answer.status_code == 200, answer.text


async def channels(client: httpx.AsyncClient, device: str, **params: Any) -> list[dict[str, Any]]:
    answer = await client.get(f"{API}/gb-devices/{device}/channels", params=params)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def match(
    client: httpx.AsyncClient, device: str, channel: str, file: str, **more: Any
) -> httpx.Response:
    path = f"{API}/gb-devices/{device}/channels/{channel}/match"
    return await client.put(path, json={"file": file, **more})


async def test_R31_4_whoever_knocks_waits_and_has_no_password(
    gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient, journal: Journal
) -> None:
    device = await knocking(gb, signal, registrar)
    await knocking(gb, signal, registrar)
    row = (await registrar.get(f"{API}/gb-devices/{device}")).json()
    assert (row["state"], row["knocks"], row["address"]) == ("waiting", 2, "192.0.2.7:5060")
    assert (row["user_agent"], row["first_seen_at"]) == ("NVR 4", "2026-01-01T04:00:00Z")
    assert signal.assigned == {}
    suspected = [one for one in await journal.read(100) if one.kind == "intrusion.suspected"]
    assert [(one.entry["sign"], one.entry["address"]) for one in suspected] == [
        ("unknown_camera", "192.0.2.7:5060")
    ]


async def test_accepting_gives_a_password_once_and_lets_it_register(
    gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient, journal: Journal
) -> None:
    device = await knocking(gb, signal, registrar)
    answer = await registrar.post(f"{API}/gb-devices/{device}/acceptance", json=WISH | {"media": "udp"})
    assert answer.status_code == 200, answer.text
    password = answer.json()["generated_password"]
    assert len(password) == 12
    assert signal.assigned[NVR] | {"password": ""} == {
        "id": NVR,
        "password": "",
        "charset": "auto",
        "edition": "auto",
        "media": "udp",
        "roams": False,
        "tells_time": True,
        "keep_alive_s": 60,
        "misses": 3,
        "positions_s": 0,
        "admitted": [],
    }
    assert signal.assigned[NVR]["password"] == password
    seen = [
        await registrar.get(f"{API}/gb-devices/{device}{path}")
        for path in ("", "/history", "/channels", "/tree")
    ]
    assert all(password not in one.text and one.status_code == 200 for one in seen)
    assert (await kinds(journal))[-1] == "inventory.changed"
    (change,) = seen[1].json()["items"]
    assert (change["act"], change["changes"]["state"]) == ("accepted", ["waiting", "accepted"])


async def test_a_device_is_told_its_own_password_and_nothing_else_is_accepted(
    signal: SpokenSignal, registrar: httpx.AsyncClient
) -> None:
    row = await accepted(registrar, password="camera-2026")
    assert row["generated_password"] is None
    assert signal.assigned[NVR]["password"] == "camera-2026"
    again = await registrar.post(f"{API}/gb-devices", json={"code": NVR, **WISH})
    assert (again.status_code, again.json()["code"]) == (409, "device_code_taken")
    for password in ("short", "密码密码密码密码", "x" * 65):
        answer = await registrar.post(f"{API}/gb-devices", json={"code": FAR, **WISH, "password": password})
        assert answer.status_code == 422
        assert password not in answer.text


@pytest.mark.parametrize("code", ["2301020000118000001", "230102000011800000012", "23010200001180abcdef"])
async def test_R26_5_only_twenty_digits_are_a_device_code(registrar: httpx.AsyncClient, code: str) -> None:
    answer = await registrar.post(f"{API}/gb-devices", json={"code": code, **WISH})
    assert (answer.status_code, answer.json()["code"], answer.json()["article"]) == (403, "R26.5", "26")


async def test_refusing_ends_what_was_accepted_and_says_why(
    signal: SpokenSignal, registrar: httpx.AsyncClient
) -> None:
    device = (await accepted(registrar))["id"]
    path = f"{API}/gb-devices/{device}/refusal"
    assert (await registrar.post(path, json={"reason": " "})).status_code == 422
    row = (await registrar.post(path, json={"reason": "不是本市的设备"})).json()
    assert (row["state"], row["reason"], signal.assigned) == ("refused", "不是本市的设备", {})
    again = await registrar.post(path, json={"reason": "再次"})
    assert (again.status_code, again.json()["code"]) == (409, "gb_device_other")
    assert (await registrar.post(f"{API}/gb-devices/{device}/acceptance", json=WISH)).status_code == 200
    assert list(signal.assigned) == [NVR]


async def test_changing_tells_the_signal_process_and_refuses_what_is_stale(
    signal: SpokenSignal, registrar: httpx.AsyncClient
) -> None:
    row = await accepted(registrar)
    path = f"{API}/gb-devices/{row['id']}"
    changed = await registrar.patch(path, json={"version": 1, "charset": "gb", "new_password": True})
    assert changed.status_code == 200, changed.text
    password = changed.json()["generated_password"]
    assert password not in (None, row["generated_password"])
    assert (signal.assigned[NVR]["charset"], signal.assigned[NVR]["password"]) == ("gb", password)
    stale = await registrar.patch(path, json={"version": 1, "name": "别名"})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    newest = (await registrar.get(f"{path}/history")).json()["items"][0]
    assert newest["changes"] == {"charset": ["auto", "gb"], "password": [None, None]}
    assert (await registrar.delete(path)).status_code == 204
    assert signal.assigned == {}
    assert (await registrar.get(path)).status_code == 404


async def test_R27_3_devices_of_another_area_are_not_there(
    gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient, enter: Enter
) -> None:
    device = (await accepted(registrar))["id"]
    waiting = await knocking(gb, signal, registrar, FAR)
    near, far = [await enter(Role.REGISTRAR, areas=(area,)) for area in ("230102", "230103")]
    seen = [
        [one["code"] for one in (await client.get(f"{API}/gb-devices")).json()["items"]]
        for client in (near, far)
    ]
    assert seen == [[NVR], [FAR]]
    counts = [(await one.get(f"{API}/gb-devices/signal")).json()["counts"] for one in (near, far)]
    assert [(one["waiting"], one["accepted"]) for one in counts] == [(0, 1), (1, 0)]
    for client, hidden in ((far, device), (near, waiting)):
        for id in (hidden, str(uuid4())):
            path = f"{API}/gb-devices/{id}"
            answers = [
                await client.get(path),
                await client.get(f"{path}/channels"),
                await client.get(f"{path}/tree"),
                await client.get(f"{path}/log"),
                await client.post(f"{path}/acceptance", json=WISH),
                await client.post(f"{path}/refusal", json={"reason": "x"}),
                await client.delete(path),
                await client.put(f"{path}/channels/{EAST}/match", json={"file": str(uuid4())}),
            ]
            assert [(one.status_code, one.json()["code"]) for one in answers] == [(404, "not_there")] * 8
    outside = await near.post(f"{API}/gb-devices", json={"code": WEST, "name": "x", "division": "230103"})
    assert (outside.status_code, outside.json()["code"]) == (422, "fields_not_accepted")


async def test_a_device_comes_goes_and_has_trouble(
    gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient, journal: Journal
) -> None:
    device = (await accepted(registrar))["id"]

    async def seen() -> dict[str, Any]:
        await told(gb)
        found: dict[str, Any] = (await registrar.get(f"{API}/gb-devices/{device}")).json()
        return found

    signal.tell("refused", NVR, why="password", address="192.0.2.7:5060")
    assert (await seen())["trouble"] == "password"
    signal.tell(
        "registered", NVR, address="192.0.2.7:5060", transport="tcp", version="3.0", realm_differs=True
    )
    signal.tell("info", NVR, manufacturer="海康", model="DS-1", firmware="V4", channels=2)
    signal.tell("status", NVR, online=True, record=False, time_offset_s=-3.5)
    row = await seen()
    assert (row["online_since"], row["trouble"], row["transport"]) == ("2026-01-01T04:00:00Z", "", "tcp")
    assert (row["manufacturer"], row["model"], row["firmware"], row["said_version"]) == (
        "海康",
        "DS-1",
        "V4",
        "3.0",
    )
    assert (row["realm_differs"], row["time_offset_s"]) == (True, -3.5)
    signal.tell("gone", NVR, why="silent")
    row = await seen()
    assert (row["online_since"], row["offline_why"]) == (None, "silent")
    signal.tell("returned", NVR)
    signal.tell("moved", NVR, address="198.51.100.9:6000")
    signal.tell("replayed", NVR, address="198.51.100.66:5060")
    row = await seen()
    assert (row["online_since"] is not None, row["address"], row["trouble"]) == (
        True,
        "198.51.100.9:6000",
        "replayed",
    )
    (newest,) = await journal.read(1)
    assert (newest.kind, newest.entry["sign"]) == ("intrusion.suspected", "replayed_digest")
    counts = (await registrar.get(f"{API}/gb-devices/signal")).json()
    assert (counts["counts"]["online"], counts["is_on"], counts["answers"]) == (1, True, True)
    assert (counts["sip_id"], counts["sip_port"]) == ("23010000002000000001", 5060)
    assert counts["sip_tls_port"] == 5061


async def test_a_signal_process_that_restarts_is_told_everything_again(
    gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient
) -> None:
    device = (await accepted(registrar))["id"]
    signal.tell("registered", NVR, address="192.0.2.7:5060", transport="udp")
    await told(gb)
    before = len(signal.assignments)
    signal.run, signal.events = "second", []
    await gb.take_next(0)
    assert len(signal.assignments) == before + 1
    assert (await registrar.get(f"{API}/gb-devices/{device}")).json()["online_since"] is None
    signal.bindings[NVR] = {"online": True, "address": "192.0.2.8:5060", "transport": "tcp"}
    signal.tell("moved", NVR, address="192.0.2.8:5060")
    signal.lost = True
    await gb.take_next(0)
    row = (await registrar.get(f"{API}/gb-devices/{device}")).json()
    assert (row["online_since"] is not None, row["address"]) == (True, "192.0.2.8:5060")


# --- channels


async def test_channels_are_taken_in_and_what_is_missing_later_is_gone(
    gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient
) -> None:
    device = (await accepted(registrar))["id"]
    await catalogued(gb, signal, item(EAST, "东门", civil_code="230102"), item(WEST, "西门"))
    assert [(one["channel"], one["name"], one["status"]) for one in await channels(registrar, device)] == [
        (EAST, "东门", "on"),
        (WEST, "西门", "on"),
    ]
    await catalogued(gb, signal, item(EAST, "东大门"), run=2, complete=False)
    assert [one["name"] for one in await channels(registrar, device)] == ["东大门", "西门"]  # quirk 6
    await catalogued(gb, signal, item(EAST, "东大门"), run=3)
    assert [one["name"] for one in await channels(registrar, device)] == ["东大门"]
    (gone,) = await channels(registrar, device, present=False)
    assert (gone["channel"], gone["status"], gone["gone_at"] is not None) == (WEST, "off", True)
    row = (await registrar.get(f"{API}/gb-devices/{device}")).json()
    assert (row["channels"], row["catalogue_complete"]) == (1, True)


async def test_a_catalogue_of_ten_thousand_channels_comes_in_pages(
    gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient
) -> None:
    device = (await accepted(registrar))["id"]
    for page in range(20):
        items = [item(f"2301020000132{n:07}", f"通道{n}") for n in range(page * 500, page * 500 + 500)]
        signal.tell("catalog", NVR, run=1, items=items, total=10_000, last=page == 19, complete=page == 19)
    await told(gb)
    assert (await registrar.get(f"{API}/gb-devices/{device}")).json()["channels"] == 10_000
    found, cursor = set[str](), None
    for _ in range(20):
        params = {"limit": 500} | ({"cursor": cursor} if cursor else {})
        page_of = (await registrar.get(f"{API}/gb-devices/{device}/channels", params=params)).json()
        found |= {one["channel"] for one in page_of["items"]}
        cursor = page_of["next"]
    assert (len(found), cursor) == (10_000, None)


async def test_changes_of_the_catalogue_are_followed(
    gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient
) -> None:
    device = (await accepted(registrar))["id"]
    await catalogued(gb, signal, item(EAST, "东门"), item(WEST, "西门"))
    north = "23010200001320000003"
    items = [
        {"id": EAST, "change": "VLOST"},
        {"id": WEST, "change": "DEL"},
        item(north, "北门", change="ADD"),
    ]
    signal.tell("catalog_change", NVR, items=items)
    await told(gb)
    assert [(one["channel"], one["status"]) for one in await channels(registrar, device)] == [
        (EAST, "vlost"),
        (north, "on"),
    ]
    assert next(one["name"] for one in await channels(registrar, device)) == "东门"


async def test_a_device_that_lists_nothing_is_its_own_channel(
    gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient
) -> None:
    device = (await accepted(registrar))["id"]
    await catalogued(gb, signal)
    (only,) = await channels(registrar, device)
    assert (only["channel"], only["name"]) == (NVR, WISH["name"])


async def test_trees_by_civil_code_and_by_organisation(
    gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient
) -> None:
    device = (await accepted(registrar))["id"]
    group, inner = "23010200002150000001", "23010200002160000001"
    await catalogued(
        gb,
        signal,
        {"id": "2301", "name": "哈尔滨", "kind": "division"},
        {"id": "230102", "name": "南岗", "kind": "division", "parents": ["2301"]},
        {"id": group, "name": "治安", "kind": "business_group", "parents": [NVR, "23010000002000000001"]},
        {"id": inner, "name": "一所", "kind": "virtual_organisation", "parents": [group]},
        item(EAST, "东门", civil_code="230102", parents=[inner, EAST]),
        item(WEST, "西门", civil_code="CivilCode", status="off", parents=[NVR, "23010000002000000001"]),
    )
    answer = await registrar.get(f"{API}/gb-devices/{device}/tree")
    by_code = {one["code"]: one for one in answer.json()["items"]}
    assert {code: (one["name"], one["parent"], one["channels"]) for code, one in by_code.items()} == {
        "2301": ("哈尔滨", "", 0),
        "230102": ("南岗", "2301", 1),
        "CivilCode": ("", "", 1),
    }
    answer = await registrar.get(f"{API}/gb-devices/{device}/tree", params={"by": "organisation"})
    nodes = [(one["code"], one["parent"], one["channels"], one["online"]) for one in answer.json()["items"]]
    assert nodes == [(group, "", 0, 0), (inner, group, 1, 1), ("", "", 1, 0)]
    for params, expected in (
        ({"parent": inner}, EAST),
        ({"parent": ""}, WEST),
        ({"civil_code": "230102"}, EAST),
        ({"status": "off"}, WEST),
        ({"q": "西"}, WEST),
    ):
        assert [one["channel"] for one in await channels(registrar, device, **params)] == [expected], params


async def test_two_devices_may_have_the_same_channel(
    gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient
) -> None:
    """Quirk 9: and one says nothing about the other's."""
    first = (await accepted(registrar))["id"]
    second = (await accepted(registrar, FAR, division="230103"))["id"]
    await catalogued(gb, signal, item(EAST, "东门"))
    await catalogued(gb, signal, item(EAST, "别处"), code=FAR)
    names = [(await channels(registrar, device))[0]["name"] for device in (first, second)]
    assert names == ["东门", "别处"]


# --- matching, and what is stored


async def test_R9_6_nothing_is_stored_before_device_and_place_are_registered(
    gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient, worker: KeepingWorker
) -> None:
    device = (await accepted(registrar))["id"]
    await catalogued(gb, signal, item(EAST, "东门"))
    file = await with_place(registrar, "东门", EAST)
    filed = (await registrar.get(f"{API}/camera-files/{file}")).json()
    await placed(registrar, file, None, None)
    answer = await match(registrar, device, EAST, file)
    assert answer.status_code == 200, answer.text
    storable = answer.json()["camera"]["storable"]
    assert (storable["may_store"], storable["code"]) == (False, "R9.6")
    assert (answer.json()["camera"]["has_source"], signal.assigned[NVR]["admitted"]) == (False, [])
    await placed(registrar, file, filed["place"], filed["part"])
    assert signal.assigned[NVR]["admitted"] == [EAST]
    (assigned,) = worker.assignments[-1]["cameras"]
    assert (assigned["id"], assigned["main"]["url"]) == (file, f"gb28181://{NVR}/{EAST}")
    (channel,) = await channels(registrar, device, matched=True)
    assert channel["camera"]["has_source"]
    assert channel["camera"]["storable"]["may_store"]
    await registrar.post(f"{API}/gb-devices/{device}/refusal", json={"reason": "停用"})
    assert (worker.assignments[-1]["cameras"], signal.assigned) == ([], {})


async def test_R9_6_a_channel_that_somebody_types_is_not_stored_either(
    signal: SpokenSignal, registrar: httpx.AsyncClient, worker: KeepingWorker
) -> None:
    await accepted(registrar)
    wish = {"name": "手填", "url": f"gb28181://{NVR}/{EAST}"}
    answer = await registrar.post(f"{API}/cameras", json=wish)
    assert answer.status_code == 201, answer.text
    assert worker.assignments[-1]["cameras"] == []
    assert signal.assigned[NVR]["admitted"] == []


async def test_R9_6_a_device_that_is_not_accepted_matches_nothing(
    gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient, journal: Journal
) -> None:
    device = (await accepted(registrar))["id"]
    await catalogued(gb, signal, item(EAST, "东门"))
    file = await with_place(registrar, "东门", EAST)
    await registrar.post(f"{API}/gb-devices/{device}/refusal", json={"reason": "停用"})
    answer = await match(registrar, device, EAST, file)
    assert (answer.status_code, answer.json()["code"], answer.json()["article"]) == (403, "R9.6", "9")
    assert {one["article"] for one in answer.json()["refusals"]} == {"9", "16"}
    assert (await kinds(journal))[-1] == "refusal"
    answer = await registrar.post(f"{API}/gb-devices/{device}/matches")
    assert answer.json()["code"] == "R9.6"


async def test_what_was_matched_can_be_undone_and_stops_at_once(
    gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient, worker: KeepingWorker
) -> None:
    device = (await accepted(registrar))["id"]
    await catalogued(gb, signal, item(EAST, "东门"))
    file = await with_place(registrar, "东门", EAST)
    assert (await match(registrar, device, EAST, file)).status_code == 200
    assert len(worker.assignments[-1]["cameras"]) == 1
    path = f"{API}/gb-devices/{device}/channels/{EAST}/match"
    assert (await registrar.delete(path, params={"reason": "错配"})).status_code == 204
    assert (worker.assignments[-1]["cameras"], signal.assigned[NVR]["admitted"]) == ([], [])
    assert (await registrar.delete(path)).status_code == 404


async def test_R26_5_codes_are_compared_and_a_file_without_one_takes_the_channels(
    gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient
) -> None:
    device = (await accepted(registrar))["id"]
    await catalogued(gb, signal, item(EAST, "东门"), item(WEST, "西门"), item("34020000001", "旧编码"))
    east, west = await with_place(registrar, "东门", None), await with_place(registrar, "西门", EAST)
    check = (await registrar.get(f"{API}/gb-devices/{device}/channels/{WEST}/check")).json()
    assert (check["is_code"], check["faults"], check["suggestions"]) == (True, [], [])
    check = (await registrar.get(f"{API}/gb-devices/{device}/channels/{EAST}/check")).json()
    assert [(one["file"], one["by"]) for one in check["suggestions"]] == [(west, "code"), (east, "name")]
    differ = await match(registrar, device, WEST, west)
    assert (differ.status_code, differ.json()["code"]) == (409, "codes_differ")
    taken = await match(registrar, device, EAST, east)
    assert (taken.status_code, taken.json()["code"]) == (403, "R26.5")
    assert (await match(registrar, device, WEST, west, may_differ=True)).status_code == 200
    assert (await registrar.get(f"{API}/camera-files/{west}")).json()["device_id"] == EAST
    short = await match(registrar, device, "34020000001", east)
    assert (short.status_code, short.json()["code"]) == (403, "R26.5")
    twice = await match(registrar, device, EAST, west)
    assert (twice.status_code, twice.json()["code"]) == (409, "channel_taken")


async def test_a_file_without_a_code_takes_the_channels(
    gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient
) -> None:
    device = (await accepted(registrar))["id"]
    await catalogued(gb, signal, item(EAST, "东门"))
    file = await with_place(registrar, "东门", None)
    assert (await match(registrar, device, EAST, file)).status_code == 200
    assert (await registrar.get(f"{API}/camera-files/{file}")).json()["device_id"] == EAST


async def test_all_channels_with_the_code_of_a_file_are_matched_at_once(
    gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient, worker: KeepingWorker
) -> None:
    device = (await accepted(registrar))["id"]
    other = "23010200001320000009"
    await catalogued(gb, signal, item(EAST, "东门"), item(WEST, "西门"), item(other, "没有档案"))
    files = {await with_place(registrar, "甲", EAST), await with_place(registrar, "乙", WEST)}
    answer = await registrar.post(f"{API}/gb-devices/{device}/matches")
    assert answer.json() == {"matched": 2}
    assert {one["id"] for one in worker.assignments[-1]["cameras"]} == files
    assert (await registrar.post(f"{API}/gb-devices/{device}/matches")).json() == {"matched": 0}


# --- asking the device, and the signalling log


async def test_the_catalogue_is_asked_for_now(signal: SpokenSignal, registrar: httpx.AsyncClient) -> None:
    device = (await accepted(registrar))["id"]
    path = f"{API}/gb-devices/{device}/catalogue"
    assert (await registrar.post(path)).status_code == 202
    assert signal.queries == [(NVR, {"command": "Catalog"})]
    for status, code, ours in (
        (404, "gb_device_offline", 409),
        (409, "gb_device_offline", 409),
        (504, "gb_device_silent", 504),
        (502, "gb_device_refuses", 502),
        (500, "signal_away", 503),
    ):
        signal.answer = (status, {"detail": "it says no"})
        answer = await registrar.post(path)
        assert (answer.status_code, answer.json()["code"]) == (ours, code)
    await signal.stop()
    assert (await registrar.post(path)).json()["code"] == "signal_away"


async def test_the_signalling_log_is_read_and_leaves_as_a_file_that_is_written_down(
    signal: SpokenSignal, registrar: httpx.AsyncClient, journal: Journal
) -> None:
    device = (await accepted(registrar))["id"]
    signal.messages = [
        {
            "seq": 1,
            "at": "2026-01-01T04:00:00Z",
            "direction": "in",
            "transport": "udp",
            "local": "192.0.2.8:5060",
            "peer": "192.0.2.7:5060",
            "text": "REGISTER sip:23010000002000000001@2301000000 SIP/2.0\r\n\r\n",
        }
    ]
    log = await registrar.get(f"{API}/gb-devices/{device}/log")
    assert log.json()["messages"] == [signal.messages[0] | {"count": 1}]
    text = await registrar.get(f"{API}/gb-devices/{device}/log.txt")
    assert "192.0.2.8:5060 <- 192.0.2.7:5060" in text.text
    assert "REGISTER sip:" in text.text
    capture = await registrar.get(f"{API}/gb-devices/{device}/log.pcap")
    assert capture.content == bytes.fromhex("d4c3b2a1")
    entries = [one.entry["form"] for one in await journal.read(2) if one.kind == "inventory.exported"]
    assert entries == ["pcap", "txt"]
    signal.messages = [{"nonsense": True}]
    answer = await registrar.get(f"{API}/gb-devices/{device}/log")
    assert (answer.status_code, answer.json()["code"]) == (503, "signal_away")


# --- alarms


@pytest.fixture
async def matched(gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient) -> str:
    """The id of a camera whose source is the east channel."""
    device = (await accepted(registrar))["id"]
    await catalogued(gb, signal, item(EAST, "东门"))
    file = await with_place(registrar, "东门", EAST)
    assert (await match(registrar, device, EAST, file)).status_code == 200
    return file


def alarm(**more: Any) -> dict[str, Any]:
    told = {"channel": EAST, "priority": "1", "method": "5", "type": "2", "event_type": ""}
    return told | {"time": "2026-01-01T11:59:58", "description": "移动侦测", **more}


async def test_an_alarm_lands_once_on_the_cameras_timeline_and_is_handled_once(
    gb: Gb28181, signal: SpokenSignal, matched: str, enter: Enter, journal: Journal
) -> None:
    for _ in range(3):
        signal.tell("alarm", NVR, **alarm())
    await told(gb)
    watcher = await enter(Role.WATCHER)
    (row,) = (await watcher.get(f"{API}/gb-alarms")).json()["items"]
    assert (row["camera"], row["label"], row["happened_at"]) == (matched, "东门", "2026-01-01T03:59:58Z")
    span = {"start": "2026-01-01T03:00:00Z", "end": "2026-01-01T05:00:00Z"}
    (mark,) = (await watcher.get(f"{API}/cameras/{matched}/alarms", params=span)).json()["items"]
    assert (mark["start"], mark["end"]) == ("2026-01-01T03:59:48Z", "2026-01-01T04:00:18Z")
    path = f"{API}/gb-alarms/{row['id']}/handling"
    handled = await watcher.post(path, json={"note": "误报"})
    assert (handled.status_code, handled.json()["handled_by_name"]) == (200, "watcher")
    assert (await kinds(journal))[-1] == "inventory.changed"
    again = await watcher.post(path, json={"note": ""})
    assert (again.status_code, again.json()["code"]) == (409, "gb_device_other")
    assert (await watcher.get(f"{API}/gb-alarms", params={"open": True})).json()["items"] == []


async def test_R27_3_alarms_of_another_area_are_not_there(
    gb: Gb28181, signal: SpokenSignal, matched: str, enter: Enter
) -> None:
    signal.tell("alarm", NVR, **alarm())
    await told(gb)
    near = await enter(Role.WATCHER, areas=("230102",))
    far = await enter(Role.WATCHER, areas=("230103",))
    (row,) = (await near.get(f"{API}/gb-alarms")).json()["items"]
    assert (await far.get(f"{API}/gb-alarms")).json()["items"] == []
    answer = await far.post(f"{API}/gb-alarms/{row['id']}/handling", json={"note": ""})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_there")


async def test_a_device_whose_clock_is_wrong_does_not_move_the_alarm(
    gb: Gb28181, signal: SpokenSignal, matched: str, enter: Enter
) -> None:
    for at in ("1970-01-01T08:00:00", "0001-01-01T00:00:00", "yesterday", "9999-12-31T23:59:59+00:00"):
        signal.tell("alarm", NVR, **alarm(time=at))
    await told(gb)
    items = (await (await enter(Role.WATCHER)).get(f"{API}/gb-alarms")).json()["items"]
    assert [one["happened_at"] for one in items] == ["2026-01-01T04:00:00Z"] * 4


async def test_alarms_are_paged_newest_first(
    gb: Gb28181, signal: SpokenSignal, matched: str, enter: Enter
) -> None:
    for second in range(5):
        signal.tell("alarm", NVR, **alarm(time=f"2026-01-01T11:59:0{second}"))
    await told(gb)
    watcher, found, cursor = await enter(Role.WATCHER), list[str](), None
    for _ in range(3):
        params: dict[str, Any] = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await watcher.get(f"{API}/gb-alarms", params=params)).json()
        found += [one["happened_at"] for one in page["items"]]
        cursor = page["next"]
    assert (len(found), found, cursor) == (5, sorted(found, reverse=True), None)
    for cursor in ("WyJ4IiwieCJd", "W10"):
        answer = await watcher.get(f"{API}/gb-alarms", params={"cursor": cursor})
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")


async def test_nonsense_from_a_device_harms_nothing(
    gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient, clock: StillClock
) -> None:
    device = (await accepted(registrar))["id"]
    strange = [None, 7, {}, {"id": ""}, item("x" * 200, "\x00坏名\n" * 100, longitude="7", parents="a")]
    strange += [item(EAST, "东", kind=99, parents=[None, "a|b", EAST], latitude=1e9, status=None)]
    signal.tell("catalog", NVR, run=1, items=strange, last=True, complete=True)
    signal.tell("catalog", NVR, run=2, items="none", last=True)
    for kind in ("nothing we know", "alarm", "catalog_change", "registered", "gone", "unknown", "positions"):
        signal.tell(kind, NVR, items=[3], time=4, channel={}, address=["x"], why=None)
    signal.events.append({"seq": 99, "at": "never", "kind": "unknown"})
    await told(gb)
    found = {one["channel"]: one for one in await channels(registrar, device)}
    assert found.keys() == {EAST, "x" * 64}
    assert (found[EAST]["longitude"], found[EAST]["position"], found[EAST]["parents"]) == (None, None, [])
