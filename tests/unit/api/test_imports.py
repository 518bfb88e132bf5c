"""Imports through the API: what comes in, what is refused, and that it comes in whole or not at all."""

import io
from typing import Any
from uuid import UUID

import httpx
import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Role
from bingjian.api.platform import Platform
from bingjian.db.session import Database
from bingjian.inventory.imports.service import Imports
from bingjian.inventory.imports.staging import STAGED
from bingjian.journal.append import Journal
from tests.unit.api.conftest import Enter
from tests.unit.inventory.sheets import HEADER, camera, text, xlsx

URL = "/api/v1/imports"
FILES = "/api/v1/camera-files"


async def uploaded(client: httpx.AsyncClient, content: bytes, name: str = "cameras.xlsx") -> dict[str, Any]:
    answer = await client.post(URL, params={"file_name": name}, content=content)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def judged(client: httpx.AsyncClient, imports: Imports, content: bytes, **other: Any) -> dict[str, Any]:
    one = await uploaded(client, content)
    assert one["state"] == "uploaded", one["problem"]
    choices = one["choices"] | other
    answer = await client.put(f"{URL}/{one['id']}/choices", json={"version": one["version"], **choices})
    assert answer.status_code == 202, answer.text
    await imports.settled()
    found: dict[str, Any] = (await client.get(f"{URL}/{one['id']}")).json()
    assert found["state"] == "judged"
    return found


async def confirmed(client: httpx.AsyncClient, one: dict[str, Any], **other: Any) -> httpx.Response:
    return await client.post(f"{URL}/{one['id']}/confirm", json={"version": one["version"], **other})


async def faults(client: httpx.AsyncClient, one: dict[str, Any]) -> list[tuple[int, str, str]]:
    rows = (await client.get(f"{URL}/{one['id']}/rows")).json()["items"]
    return [(row["row"], fault["letter"], fault["code"]) for row in rows for fault in row["faults"]]


async def total(client: httpx.AsyncClient) -> int:
    return int((await client.get(f"{FILES}/counts")).json()["total"])


@pytest.mark.parametrize("form", ["xlsx", "utf-8-sig", "utf-8", "gb18030"])
async def test_a_list_comes_in_whole_with_its_history_and_one_entry(
    enter: Enter, platform: Platform, journal: Journal, form: str
) -> None:
    registrar = await enter(Role.REGISTRAR)
    rows = [camera(number) for number in range(1, 31)]
    one = await judged(registrar, platform.parts.imports, xlsx(rows) if form == "xlsx" else text(rows, form))
    assert (one["rows"], one["faulty_rows"]) == (30, 0), await faults(registrar, one)
    done = await confirmed(registrar, one)
    assert (done.status_code, done.json()["imported_rows"]) == (200, 30), done.text
    again = await confirmed(registrar, one)
    assert again.json() == done.json()
    found = (await registrar.get(FILES, params={"sort": "device_id", "limit": 1})).json()["items"][0]
    assert (found["device_id"], found["state"], found["correct_bp"]) == (
        "23010200001320000001",
        "planned",
        10_000,
    )
    whole = (await registrar.get(f"{FILES}/{found['id']}")).json()
    assert (whole["install_date"], whole["record_save_days"], whole["longitude"]) == (
        "2024-05-31",
        90,
        126.5301,
    )
    assert whole["missing"] == ["management_unit"]
    history = (await registrar.get(f"{FILES}/{found['id']}/history")).json()
    assert history[0]["changes"]["device_id"] == [None, "23010200001320000001"]
    last = (await journal.read(1))[0].entry
    assert (last["act"], last["subject"], len(last["sha256"])) == ("confirmed", one["id"], 64)


async def test_what_is_wrong_is_named_by_row_and_column_and_nothing_comes_in(
    enter: Enter, platform: Platform
) -> None:
    registrar = await enter(Role.REGISTRAR)
    rows = [
        camera(1),
        camera(2, 设备编码="2301020000132000002"),
        camera(3, 设备编码="23010200001320000001"),
        camera(4, 经度=45.75, 纬度=126.6),
        camera(5, 经度=116.4, 纬度=39.9),
        camera(6, 安装时间="昨天"),
        camera(7, 设备名称=""),
        camera(8, 监控点位类型="甲"),
        camera(9, 行政区域="110101"),
        camera(10, 录像保存天数="#REF!"),
        camera(11, 经度=129.5, 纬度=46.3),
    ]
    one = await judged(registrar, platform.parts.imports, xlsx(rows))
    assert await faults(registrar, one) == [
        (3, "A", "R26.5"),
        (4, "A", "twice"),
        (5, "I", "swapped"),
        (6, "I", "outside"),
        (7, "O", "not_a_day"),
        (8, "B", "missing"),
        (9, "E", "not_in_list"),
        (10, "D", "not_in_list"),
        (11, "P", "formula"),
        (12, "", "R2.1"),
    ]
    refused = await confirmed(registrar, one)
    assert (refused.status_code, refused.json()["code"]) == (409, "import_has_faults")
    assert await total(registrar) == 0
    sheet = await registrar.get(f"{URL}/{one['id']}/faults.xlsx")
    lines = CalamineWorkbook.from_filelike(io.BytesIO(sheet.content)).get_sheet_by_index(0).to_python()
    assert lines[0][2:] == HEADER
    assert (lines[1][0], lines[1][2]) == (3.0, "2301020000132000002")
    assert "A 列" in lines[1][1]
    done = await confirmed(registrar, one, leave_out_faulty=True)
    assert (done.json()["imported_rows"], await total(registrar)) == (1, 1)


async def test_a_code_taken_since_refuses_the_whole_batch(enter: Enter, platform: Platform) -> None:
    registrar = await enter(Role.REGISTRAR)
    one = await judged(registrar, platform.parts.imports, xlsx([camera(1), camera(2)]))
    await registrar.post(FILES, json={"name": "x", "device_id": "23010200001320000002"})
    refused = await confirmed(registrar, one)
    assert (refused.status_code, refused.json()["code"]) == (409, "import_overtaken")
    assert await total(registrar) == 1
    again = await judged(registrar, platform.parts.imports, xlsx([camera(1), camera(2)]))
    assert await faults(registrar, again) == [(3, "A", "R26.5")]


async def test_full_width_digits_dates_as_numbers_and_text_are_read(enter: Enter, platform: Platform) -> None:
    registrar = await enter(Role.REGISTRAR)
    rows = [
        camera(1, 设备编码="２３０１０２００００１３２００００００１", 安装时间=45443),
        camera(2, 安装时间="2024年5月31日", 录像保存天数="９０天", 行政区域="道里区", 监控点位类型="一类"),
    ]
    one = await judged(registrar, platform.parts.imports, xlsx(rows))
    assert (await faults(registrar, one)) == []
    assert (await confirmed(registrar, one)).status_code == 200
    items = (await registrar.get(FILES, params={"sort": "device_id"})).json()["items"]
    assert items[0]["device_id"] == "23010200001320000001"
    for item in items:
        whole = (await registrar.get(f"{FILES}/{item['id']}")).json()
        assert (whole["install_date"], whole["record_save_days"]) == ("2024-05-31", 90)


async def test_undeclared_positions_are_shown_both_ways_and_asked_about(
    enter: Enter, platform: Platform
) -> None:
    registrar = await enter(Role.REGISTRAR)
    rows = [camera(1, 坐标系="")]
    one = await judged(registrar, platform.parts.imports, xlsx(rows))
    assert one["positions"]["needs_crs"]
    sample = one["positions"]["samples"][0]
    assert sample["as_declared"] != sample["as_gcj02"]
    refused = await confirmed(registrar, one)
    assert (refused.status_code, refused.json()["code"]) == (409, "import_needs_system")
    told = await judged(registrar, platform.parts.imports, xlsx(rows), crs="gcj02")
    assert (await confirmed(registrar, told)).status_code == 200
    item = (await registrar.get(FILES)).json()["items"][0]
    whole = (await registrar.get(f"{FILES}/{item['id']}")).json()
    assert (whole["original_x"], whole["crs"]) == (126.5301, "gcj02")
    assert [whole["longitude"], whole["latitude"]] == pytest.approx(sample["as_gcj02"], abs=1e-6)


async def test_swapped_positions_can_be_swapped_back(enter: Enter, platform: Platform) -> None:
    registrar = await enter(Role.REGISTRAR)
    rows = [camera(1, 经度=45.7201, 纬度=126.5301)]
    one = await judged(registrar, platform.parts.imports, xlsx(rows))
    assert (await faults(registrar, one), one["positions"]["swapped"]) == ([(2, "I", "swapped")], 1)
    one = await judged(registrar, platform.parts.imports, xlsx(rows), swap_positions=True)
    assert one["faulty_rows"] == 0


async def test_merged_cells_are_named(enter: Enter, platform: Platform) -> None:
    registrar = await enter(Role.REGISTRAR)
    one = await judged(
        registrar, platform.parts.imports, xlsx([camera(1), camera(2), camera(3)], merged="C2:C3")
    )
    assert await faults(registrar, one) == [(2, "C", "merged"), (3, "C", "merged")]


async def test_a_hostile_file_is_kept_as_failed_with_its_sentence(enter: Enter) -> None:
    registrar = await enter(Role.REGISTRAR)
    one = await uploaded(registrar, b"\xd0\xcf\x11\xe0" + b"\0" * 1000)
    assert (one["state"], one["problem"]) == ("failed", "不是 XLSX 或 CSV 文件")
    put = {"version": one["version"], "columns": {"0": "name"}}
    refused = await registrar.put(f"{URL}/{one['id']}/choices", json=put)
    assert refused.json()["code"] == "import_not_ready"


async def test_200_mb_are_refused_before_they_are_read(enter: Enter) -> None:
    registrar = await enter(Role.REGISTRAR)
    headers = {"Content-Length": str(200 * 1024 * 1024)}
    answer = await registrar.post(URL, params={"file_name": "x"}, content=b"", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert "64 MiB" in answer.json()["detail"]


async def test_another_persons_import_does_not_exist(enter: Enter) -> None:
    registrar = await enter(Role.REGISTRAR)
    one = await uploaded(registrar, xlsx([camera(1)]))
    other = await enter(Role.REGISTRAR, areas=("230103",))
    answer = await other.get(f"{URL}/{one['id']}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_there")


async def test_rows_outside_the_persons_areas_do_not_come_in(enter: Enter, platform: Platform) -> None:
    registrar = await enter(Role.REGISTRAR, areas=("230103",))
    one = await judged(registrar, platform.parts.imports, xlsx([camera(1)]))
    assert await faults(registrar, one) == [(2, "D", "outside_areas")]


async def test_what_was_being_judged_when_the_machine_stopped_is_judged_again(
    enter: Enter, platform: Platform
) -> None:
    registrar = await enter(Role.REGISTRAR)
    one = await uploaded(registrar, xlsx([camera(1)]))
    put = {"version": one["version"], **one["choices"]}
    judging = (await registrar.put(f"{URL}/{one['id']}/choices", json=put)).json()
    await platform.parts.imports._stop(UUID(one["id"]))
    await platform.parts.imports.recover()
    waits = (await registrar.get(f"{URL}/{one['id']}")).json()
    assert waits["state"] == "uploaded"
    again = await registrar.put(f"{URL}/{one['id']}/choices", json=put | {"version": judging["version"]})
    assert again.status_code == 202
    await platform.parts.imports.settled()
    assert (await registrar.get(f"{URL}/{one['id']}")).json()["state"] == "judged"


async def waiting(database: Database) -> int:
    """Rows that wait to be taken over."""
    async with database.read() as session:
        return await session.scalar(select(func.count()).select_from(STAGED)) or 0


async def test_rows_wait_only_while_their_import_is_judged(
    enter: Enter, platform: Platform, database: Database
) -> None:
    registrar = await enter(Role.REGISTRAR)
    rows = [camera(number) for number in range(1, 6)]
    forgotten = await judged(registrar, platform.parts.imports, xlsx(rows))
    kept = await judged(registrar, platform.parts.imports, xlsx([*rows, camera(6, 经度=45.7)]))
    assert await waiting(database) == 10
    await platform.parts.imports.recover()
    assert await waiting(database) == 10, "what is judged outlives a restart"
    await registrar.delete(f"{URL}/{forgotten['id']}", params={"version": forgotten["version"]})
    assert await waiting(database) == 5
    answer = await registrar.put(
        f"{URL}/{kept['id']}/choices", json={"version": kept["version"], **kept["choices"]}
    )
    assert answer.status_code == 202
    await platform.parts.imports.settled()
    assert await waiting(database) == 5, "judged again, they stand there once"
    kept = (await registrar.get(f"{URL}/{kept['id']}")).json()
    assert (await confirmed(registrar, kept, leave_out_faulty=True)).json()["imported_rows"] == 5
    assert await waiting(database) == 0


async def test_an_import_whose_rows_are_not_there_whole_is_refused(
    enter: Enter, platform: Platform, database: Database
) -> None:
    registrar = await enter(Role.REGISTRAR)
    one = await judged(registrar, platform.parts.imports, xlsx([camera(1), camera(2)]))

    async def lose_one(session: AsyncSession) -> None:
        await session.execute(delete(STAGED).where(STAGED.c.row == 3))

    await database.run(lose_one)
    refused = await confirmed(registrar, one)
    assert (refused.status_code, refused.json()["code"]) == (409, "import_overtaken")
    assert await total(registrar) == 0


async def test_an_import_is_forgotten_with_its_file(enter: Enter) -> None:
    registrar = await enter(Role.REGISTRAR)
    one = await uploaded(registrar, xlsx([camera(1)]))
    gone = await registrar.delete(f"{URL}/{one['id']}", params={"version": one["version"]})
    assert gone.status_code == 204
    assert (await registrar.get(f"{URL}/{one['id']}")).status_code == 404
