"""Camera files through the API."""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Role
from bingjian.api.paging import cursor_of
from bingjian.api.platform import Platform
from bingjian.clock import utc_now
from bingjian.inventory import camera_file_map
from bingjian.inventory.camera_file_service import NoticeOf
from bingjian.inventory.camera_files import CameraFileRow, set_states
from bingjian.inventory.organisations import body_id
from bingjian.journal.append import Journal
from bingjian.retention.models import Person
from bingjian.rules.decisions.moving import Notice, Plan
from bingjian.rules.library import law
from tests.unit.api.conftest import Enter

SOMEBODY = Person(UUID(int=5), "somebody")
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


async def test_R26_5_a_code_of_19_digits_and_a_taken_one_are_refused(enter: Enter) -> None:
    registrar = await enter(Role.REGISTRAR)
    for code, status in ((CODE[:19], 403), (CODE, 201), (CODE + "1", 403), (CODE, 403)):
        answer = await registrar.post(URL, json={"name": "x", "device_id": code})
        assert answer.status_code == status, (code, answer.text)
        if status == 403:
            assert answer.json()["code"] == "R26.5"
            assert code not in answer.text, "a device code is base information"
    file = await added(registrar)
    taken = await registrar.patch(f"{URL}/{file['id']}", json={"version": 1, "device_id": CODE})
    assert taken.json()["code"] == "R26.5"


async def test_codes_are_handed_out_once_and_never_one_that_is_filed(enter: Enter) -> None:
    registrar = await enter(Role.REGISTRAR)
    await added(registrar, device_id="23010200001320000002")
    wish = {"division": "230102", "type": "132"}
    codes = [(await registrar.post(f"{URL}/codes", json=wish)).json()["code"] for _ in range(3)]
    assert codes == [f"2301020000132000000{n}" for n in (3, 4, 5)]
    other = await registrar.post(f"{URL}/codes", json=wish | {"division": "110101"})
    assert other.json()["code"] == "fields_not_accepted"


async def test_R19_2_the_view_of_an_article_8_camera_changes_only_with_a_notice(
    enter: Enter, platform: Platform
) -> None:
    registrar = await enter(Role.REGISTRAR)
    view = {"azimuth": 90, "h_fov": 60, "max_view_distance": 50}
    file = await added(registrar, is_article8=True, division="230102", view=view, **SQUARE)
    one = f"{URL}/{file['id']}"
    await stand(platform, UUID(file["id"]))
    for wish in (
        {"longitude": 126.63, "latitude": 45.77},
        {"view": view | {"azimuth": 91}},
        {"view": view | {"h_fov": 61}},
    ):
        refused = await registrar.patch(one, json={"version": 2, **wish})
        assert (refused.status_code, refused.json()["code"]) == (403, "R19.1"), refused.text
        assert "R19.2" in {no["code"] for no in refused.json()["refusals"]}
    free = await registrar.patch(one, json={"version": 2, "fields": {"note": "x"}})
    assert free.status_code == 200
    unit = body_id("district_government", "230102")
    await registrar.patch(one, json={"version": 3, "management_unit": str(unit)})
    platform.parts.camera_files.notice_of = acknowledged(platform, str(unit))
    moved = await registrar.patch(one, json={"version": 4, "view": view | {"azimuth": 91}})
    assert (moved.status_code, moved.json()["view"]["azimuth"]) == (200, 91), moved.text
    history = (await registrar.get(f"{one}/history")).json()
    assert history[0]["changes"] == {"azimuth": [90, 91]}, "the values before are kept"


async def stand(platform: Platform, file: UUID) -> None:
    """Its procedure has brought it into service."""
    parts = platform.parts

    async def work(session: AsyncSession) -> None:
        await set_states(
            session, platform.journal, [file], "in_service", SOMEBODY, utc_now(platform.clock), "accepted"
        )

    await parts.camera_files._database.run(work)


def acknowledged(platform: Platform, unit: str) -> NoticeOf:
    async def notice_of(session: AsyncSession, row: CameraFileRow) -> Notice | None:
        now = utc_now(platform.clock)
        kind = next(iter(law().codes("relocation_plan")))
        plan = Plan(kind, "路口", (now + timedelta(days=60)).date())
        received = now - timedelta(days=60)
        reason = next(iter(law().codes("relocation_reason")))
        return Notice(reason, "文号 1", "必要", plan, unit, received, now - timedelta(hours=1), received)

    return notice_of


async def test_fill_and_correct_rate_follow_what_is_entered(enter: Enter) -> None:
    registrar = await enter(Role.REGISTRAR)
    file = await added(registrar)
    owed = len(law().codes("camera_file_field"))
    assert file["fill_bp"] == 10_000 * 2 // owed  # name and state of the device
    assert (file["correct_bp"], len(file["missing"])) == (10_000, owed - 2)
    one = f"{URL}/{file['id']}"
    filled = {"division": "230102", "point_type": "1", "network_status": "0", "structure_type": "3"}
    more = (await registrar.patch(one, json={"version": 1, **filled})).json()
    besides = len(law().codes("camera_file_field_class_one"))
    assert more["fill_bp"] == 10_000 * 6 // (owed + besides)
    for version, (days, faulty) in enumerate(((29, True), (30, False), (31, False)), start=2):
        after = (await registrar.patch(one, json={"version": version, "record_save_days": days})).json()
        assert ([fault["field"] for fault in after["faults"]] == ["record_save_days"]) == faulty
    listed = (await registrar.get(URL, params={"missing": "ip"})).json()["items"]
    assert [row["id"] for row in listed] == [file["id"]]
    assert (await registrar.get(URL, params={"missing": "point_type"})).json()["items"] == []


async def test_values_that_are_none_are_named_and_not_repeated(enter: Enter) -> None:
    registrar = await enter(Role.REGISTRAR)
    wish = {"name": "x", "status": "77", "fields": {"ip": "999.secret", "unheard_of": "1"}}
    answer = await registrar.post(URL, json=wish)
    assert (answer.status_code, answer.json()["code"]) == (422, "fields_not_accepted")
    assert {fault["field"] for fault in answer.json()["errors"]} == {"status", "ip", "unheard_of"}
    assert "secret" not in answer.text


async def test_R2_1_a_camera_does_not_get_a_file_where_none_may_be(enter: Enter) -> None:
    registrar = await enter(Role.REGISTRAR)
    answer = await registrar.post(URL, json={"name": "x", "division": "230103", **SQUARE})
    assert (answer.status_code, answer.json()["code"]) == (403, "R2.1"), "it lies in another district"


async def test_R27_3_outside_the_areas_is_as_if_it_did_not_exist(enter: Enter, platform: Platform) -> None:
    registrar = await enter(Role.REGISTRAR)
    address = {"address": "中央大街 99 号", "model": "DS-2CD"}
    file = await added(registrar, device_id=CODE, division="230102", fields=address)
    stranger = await enter(Role.REGISTRAR, areas=("230103",))
    for method, path, body in (
        ("GET", "", None),
        ("GET", "/history", None),
        ("PATCH", "", {"version": 1, "status": "2"}),
    ):
        answers = []
        for id_ in (file["id"], str(uuid4())):
            with counted(platform) as statements:
                answers.append((await stranger.request(method, f"{URL}/{id_}{path}", json=body), statements))
        (there, first), (nowhere, second) = answers
        assert (there.status_code, there.json()["code"]) == (404, "not_there")
        assert shape(there) == shape(nowhere)
        assert len(first) == len(second), "the same work is done"
    assert (await stranger.get(URL)).json()["items"] == []
    assert (await stranger.get(URL, params={"q": "中央"})).json()["items"] == []
    assert (await stranger.get(f"{URL}/counts")).json()["total"] == 0


async def test_R27_3_who_may_not_read_base_information_gets_none(enter: Enter) -> None:
    registrar = await enter(Role.REGISTRAR)
    address = {"address": "中央大街 99 号", "model": "DS-2CD"}
    file = await added(registrar, device_id=CODE, division="230102", fields=address, **SQUARE)
    watcher = await enter(Role.WATCHER)
    for path in ("", "/counts", "/map?bbox=126,45,127,46&zoom=9", "/export", f"/{file['id']}"):
        answer = await watcher.get(f"{URL}{path}")
        assert (answer.status_code, answer.json()["code"]) == (403, "R27.1")
        for secret in (CODE, "126.62", "45.77", "中央大街 99", "DS-2CD"):
            assert secret not in answer.text


def shape(answer: httpx.Response) -> tuple[int, dict[str, Any]]:
    return answer.status_code, {k: v for k, v in answer.json().items() if k != "instance"}


@contextmanager
def counted(platform: Platform) -> Iterator[list[str]]:
    """The statements that are sent to the database meanwhile."""
    database, found = platform.parts.camera_files._database, list[str]()
    engines = [database._reader.sync_engine, database._writer.sync_engine]

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        found.append(statement)

    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield found
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


async def test_a_stream_has_its_file_with_one_name_and_leaves_it_behind(enter: Enter) -> None:
    registrar = await enter(Role.REGISTRAR)
    camera = (
        await registrar.post("/api/v1/cameras", json={"name": "东门", "url": "rtsp://192.0.2.1/1"})
    ).json()
    one = f"{URL}/{camera['id']}"
    file = (await registrar.get(one)).json()
    assert (file["name"], file["state"], file["has_stream"], file["version"]) == ("东门", "planned", True, 1)
    await registrar.patch(f"/api/v1/cameras/{camera['id']}", json={"name": "西门"})
    assert (await registrar.get(one)).json()["name"] == "西门"
    renamed = await registrar.patch(one, json={"version": 2, "name": "北门"})
    assert renamed.status_code == 200
    assert (await registrar.get(f"/api/v1/cameras/{camera['id']}")).json()["name"] == "北门"
    await registrar.delete(f"/api/v1/cameras/{camera['id']}", params={"reason": "拆除"})
    left = (await registrar.get(one)).json()
    assert (left["name"], left["has_stream"]) == ("北门", False)


async def test_listed_searched_sorted_and_paged(enter: Enter) -> None:
    registrar = await enter(Role.REGISTRAR)
    for number, name in enumerate(("中央大街地铁口", "红军街路口", "学府路东门")):
        address = {"address": f"建设街{number}号"}
        await added(
            registrar, name=name, division="230102", device_id=f"2301020000132000000{number}", fields=address
        )
    await added(registrar, name="无编码")

    async def names(**query: Any) -> list[str]:
        found, cursor = [], None
        while True:
            params = {"limit": 2, "sort": "device_id", **query} | ({"cursor": cursor} if cursor else {})
            answer = await registrar.get(URL, params=params)
            assert answer.status_code == 200, answer.text
            found += [row["name"] for row in answer.json()["items"]]
            cursor = answer.json()["next"]
            if cursor is None:
                return found

    everything = ["中央大街地铁口", "红军街路口", "学府路东门", "无编码"]
    assert await names() == everything
    assert await names(descending=True) == everything[::-1]
    assert sorted(await names(sort="changed")) == sorted(everything)
    assert await names(q="地铁") == ["中央大街地铁口"]
    assert await names(q="hjj") == ["红军街路口"]
    assert await names(q="xuefulu") == ["学府路东门"]
    assert await names(q="建设街1") == ["红军街路口"]
    assert await names(q="2301020000132000000") == everything[:3]
    assert await names(q="%") == []
    assert await names(division="2301", states=["planned"]) == everything
    assert await names(division="230102", has_position=False, has_stream=False) == everything[:3]
    wrong = await registrar.get(URL, params={"sort": "changed", "cursor": cursor_of(["x", str(uuid4())])})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "bad_cursor")
    counts = (await registrar.get(f"{URL}/counts")).json()
    assert (counts["total"], counts["by_division"]) == (4, {"230102": 3, "230100": 1})


async def test_the_map_has_points_and_beyond_its_limit_clusters(
    enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    registrar = await enter(Role.REGISTRAR)
    for step in range(3):
        where = {"longitude": 126.60 + step * 0.01, "latitude": 45.765, "crs": "wgs84"}
        await added(registrar, name=str(step), division="230102", **where)
    box = {"bbox": "126.595,45.7,126.615,45.8", "zoom": 16}
    points = (await registrar.get(f"{URL}/map", params=box)).json()
    assert (points["total"], sorted(points["longitudes"]), points["clusters"]) == (2, [126.6, 126.61], [])
    assert [points["states"][index] for index in points["state_indices"]] == ["planned", "planned"]
    monkeypatch.setattr(camera_file_map, "POINTS_MAX", 1)
    clusters = (await registrar.get(f"{URL}/map", params=box | {"zoom": 3})).json()
    assert (clusters["ids"], [one["count"] for one in clusters["clusters"]]) == ([], [2])
    assert clusters["clusters"][0]["longitude"] == pytest.approx(126.605)
    assert sum(clusters["clusters"][0]["by_state"]) == 2


async def test_those_ticked_and_those_in_a_rectangle_alone_are_listed_counted_and_changed(
    enter: Enter,
) -> None:
    registrar = await enter(Role.REGISTRAR)
    near = {"division": "230102", "longitude": 126.60, "latitude": 45.765, "crs": "wgs84"}
    inside = await added(registrar, name="inside", **near)
    outside = await added(registrar, name="outside", **near | {"longitude": 126.61})
    box = {"bbox": "126.595,45.76,126.605,45.77"}
    for query, names in (
        ({"ids": [outside["id"]]}, ["outside"]),
        (box, ["inside"]),
        ({**box, "ids": [outside["id"]]}, []),
        ({"ids": [inside["id"], outside["id"]]}, ["inside", "outside"]),
    ):
        page = (await registrar.get(URL, params=query)).json()
        assert [one["name"] for one in page["items"]] == names
        assert (await registrar.get(f"{URL}/counts", params=query)).json()["total"] == len(names)
    wish = {"query": {"ids": [inside["id"]]}, "set": {"status": "2"}}
    preview = (await registrar.post(f"{URL}/bulk/preview", json=wish)).json()
    answer = await registrar.post(f"{URL}/bulk", json=wish | {"token": preview["token"]})
    assert answer.json() == {"changed": 1}
    assert (await registrar.get(f"{URL}/{outside['id']}")).json()["status"] == "1"


async def test_many_are_changed_at_once_as_previewed_or_not_at_all(enter: Enter) -> None:
    registrar = await enter(Role.REGISTRAR)
    files = [await added(registrar, name=str(number), division="230102") for number in range(3)]
    await added(registrar, name="另一个", division="230103")
    wish = {"query": {"division": "230102"}, "set": {"status": "2", "contact": "0451-1"}}
    preview = (await registrar.post(f"{URL}/bulk/preview", json=wish)).json()
    assert (preview["total"], preview["changing"]) == (3, 3)
    await registrar.patch(f"{URL}/{files[0]['id']}", json={"version": 1, "status": "3"})
    late = await registrar.post(f"{URL}/bulk", json=wish | {"token": preview["token"]})
    assert (late.status_code, late.json()["code"]) == (409, "selection_changed")
    preview = (await registrar.post(f"{URL}/bulk/preview", json=wish)).json()
    done = await registrar.post(f"{URL}/bulk", json=wish | {"token": preview["token"], "reason": "换季检修"})
    assert done.json() == {"changed": 3}
    one = (await registrar.get(f"{URL}/{files[0]['id']}")).json()
    assert (one["status"], one["fields"], one["version"]) == ("2", {"contact": "0451-1"}, 3)
    history = (await registrar.get(f"{URL}/{files[0]['id']}/history")).json()[0]
    assert (history["reason"], history["changes"]["status"]) == ("换季检修", ["3", "2"])
    assert len((await registrar.get(URL, params={"status": "2"})).json()["items"]) == 3
    locked = await registrar.post(f"{URL}/bulk/preview", json={"set": {"longitude": 1}})
    assert locked.json()["code"] == "fields_not_accepted"


@pytest.mark.parametrize("form", ["xlsx", "csv"])
async def test_an_export_is_in_the_journal_and_can_be_read_again(
    enter: Enter, journal: Journal, form: str
) -> None:
    registrar = await enter(Role.REGISTRAR)
    await added(registrar, name="=1+1", device_id=CODE, division="230102", **SQUARE)
    answer = await registrar.get(f"{URL}/export", params={"form": form})
    assert answer.status_code == 200
    entry = (await journal.read(1))[0]
    assert (entry.kind, entry.entry["rows"], entry.entry["form"]) == ("inventory.exported", 1, form)
    assert CODE not in answer.headers["content-disposition"]
    if form == "csv":
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert rows[1][:2] == [CODE, "'=1+1"], "nothing that a spreadsheet program would compute"
    else:
        rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
        assert rows[1][:2] == [CODE, "=1+1"]
    assert rows[0][:2] == ["设备编码", "设备名称"]


async def test_views_are_kept_and_shared(enter: Enter) -> None:
    registrar, inspector = await enter(Role.REGISTRAR), await enter(Role.ARCHIVIST)
    url = "/api/v1/saved-views"
    own = (await registrar.post(url, json={"name": "缺 IP", "query": {"missing": "ip"}})).json()
    assert (await inspector.get(url)).json()["items"] == []
    shared = {"name": "缺 IP", "query": {"missing": "ip"}, "is_shared": True}
    assert (await registrar.put(f"{url}/{own['id']}", json=shared)).status_code == 200
    seen = (await inspector.get(url)).json()["items"][0]
    assert (seen["name"], seen["is_own"], seen["query"]) == ("缺 IP", False, {"missing": "ip"})
    assert (await inspector.delete(f"{url}/{own['id']}")).json()["code"] == "not_there"
    assert (await registrar.delete(f"{url}/{own['id']}")).status_code == 204


async def test_fields_say_what_a_form_needs(enter: Enter) -> None:
    registrar = await enter(Role.REGISTRAR)
    found = (await registrar.get(f"{URL}/fields")).json()
    fields = {field["name"]: field for field in found["items"]}
    assert {name for name, field in fields.items() if field["is_mandatory"]} >= {"device_id", "ip", "status"}
    assert fields["division"]["values"][0] == {"code": "230102", "zh": "道里区", "en": "Daoli District"}
    assert (fields["longitude"]["is_locked"], fields["longitude"]["is_bulk"]) == (True, False)
    assert found["states"][0]["code"] == "planned"


async def test_R8_6_the_protection_of_art_8_is_not_cleared_in_the_file(enter: Enter) -> None:
    registrar = await enter(Role.REGISTRAR)
    added = await registrar.post(URL, json={"name": "一号", "is_article8": True})
    one = f"{URL}/{added.json()['id']}"
    refused = await registrar.patch(one, json={"version": 1, "is_article8": False})
    assert [each["code"] for each in refused.json()["refusals"]] == ["R8.6", "R19.1"]
    assert (await registrar.get(one)).json()["is_article8"] is True
