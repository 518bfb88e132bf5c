"""The ground of the city: its bodies, its places with their parts, its papers."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from random import Random
from uuid import UUID

import shapely
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import WHOLE_CITY, Actor
from bingjian.documents.models import DocumentWish, Kept, Reader, VersionWish
from bingjian.documents.paper.forms import TableReport
from bingjian.documents.paper.render import render
from bingjian.inventory.divisions import packaged, prepared
from bingjian.inventory.ground import Frame, Ring
from bingjian.inventory.organisations import OrganisationWish
from bingjian.inventory.place_parts import PartWish
from bingjian.inventory.places import PlaceWish
from bingjian.rules.library import law
from bingjian.simulate.city.office import City, government
from bingjian.simulate.city.people import DAOLI, DAOWAI, DISTRICTS, NANGANG
from bingjian.simulate.city.sheet import FIRMS, OPERATORS, SITES, Site

CENTRES = {DAOLI: (126.585, 45.745), NANGANG: (126.645, 45.735), DAOWAI: (126.68, 45.80)}
SPREAD_M = 4_000  # how far places lie from the middle of their district
APART_M = 420  # so that no camera of one place looks into another
CLOSED_M = 80.0  # from the middle of a place to its closed parts: beyond the sight of its cameras
ZONE_M = 120.0
OUTLINE_M = 95.0  # from the middle of a place to its sides: its closed parts are inside, no other place is
PART_M = 9.0  # the same of a part
PAPERS = {  # key: kind, title, a line of it
    "approval": ("approval", "建设批准文件", "同意按照规划建设"),
    "opinion": ("opinion", "部门意见函", "经研究，无不同意见"),
    "design": ("design", "技术方案", "点位、链路、存储设计"),
    "construction": ("construction", "施工记录", "隐蔽工程记录齐全"),
    "report": ("acceptance", "竣工验收报告", "逐项检查，结论见表"),
    "test": ("test", "联网测试报告", "注册、目录、实时图像均通过"),
    "sign": ("sign", "提示标识统一样式", "尺寸、颜色、文字"),
    "photo": ("sign", "提示标识设置照片", "位于入口右侧"),
    "rules": ("rules", "管理制度汇编", "保密、值班、运维、检查、资料"),
    "training": ("training", "培训合格证明", "岗位技能、保密"),
    "plan": ("plan", "迁改与复建方案", "复建点位覆盖原区域"),
    "evidence": ("evidence", "整改情况说明", "已完成整改，附照片"),
    "contract": ("contract", "运行维护合同", "范围、期限、保密义务"),
}

OWN = ("design", "construction", "report", "test", "photo", "rules", "evidence")  # that each district has


async def drawn_papers(city: City) -> dict[str, bytes]:
    """The papers as PDF, made side by side: typst works outside the interpreter."""
    several = (asyncio.to_thread(render, form_of(city, key)) for key in PAPERS)
    return dict(zip(PAPERS, await asyncio.gather(*several), strict=True))


def form_of(city: City, key: str) -> TableReport:
    _, title, line = PAPERS[key]
    return TableReport(
        number=f"演示-{list(PAPERS).index(key) + 1:02}",
        unit="演示用文件（内容均为虚构）",
        at=city.clock.now,
        basis=(),
        title=title,
        title_en="Invented, for demonstration",
        columns=("事项", "内容"),
        rows=((title, line), ("说明", "演示数据，与任何真实单位、人员无关")),
        notes=(),
    )


async def keep_papers(city: City, kept: dict[str, Kept]) -> None:
    """The city's papers, and each district's own of those that its systems refer to."""
    for key in PAPERS:
        for division in ("", *DISTRICTS) if key in OWN else ("",):
            await keep_paper(city, key, division, kept[key])


async def keep_paper(city: City, key: str, division: str, kept: Kept) -> None:
    who, (kind, title, _) = city.people["archivist"], PAPERS[key]
    reader = Reader(who.id, who.name, "", WHOLE_CITY, who.organisation, may_read_base=True)
    name = f"{DISTRICTS.get(division, '')}{title}"
    wish = DocumentWish(kind, name, holds_base_info=False, division=division)

    async def work(session: AsyncSession) -> UUID:
        version = VersionWish(f"{name}.pdf", "演示")
        return (await city.parts.documents.filed(session, wish, version, kept, reader)).id

    city.papers[key, division] = await city.database.run(work)


async def kept_papers(city: City, drawn: dict[str, bytes]) -> dict[str, Kept]:
    """Their bytes in the store, before anything names them."""
    return {key: await city.parts.documents.keep(once(data)) for key, data in drawn.items()}


async def once(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def found_bodies(city: City) -> None:
    """The operators of places and the firms."""
    who = city.people["registrar"]
    for number, (key, (name, division, is_public)) in enumerate(OPERATORS.items()):
        wish = OrganisationWish(name, "unit", division, False, is_public, credit_code(number))
        city.bodies[key] = (await city.parts.organisations.add(wish, who)).id
    for number, (key, (name, _, _)) in enumerate(FIRMS.items(), start=len(OPERATORS)):
        wish = OrganisationWish(name, "firm", "", False, False, credit_code(number))
        city.bodies[key] = (await city.parts.organisations.add(wish, who)).id


def credit_code(number: int) -> str:
    """18 characters as such codes have them, of a range that is never given out."""
    return f"9123010000DEMO{number:03}X"


async def found_places(city: City) -> None:
    """All places with their parts, and the unit whose neighbours need its consent."""
    who, spots = city.people["registrar"], {code: spots_in(code, city.random) for code in CENTRES}
    for site in SITES:
        await found_place(city, site, next(spots[site.division]), who)
    east, north = next(spots[DAOWAI])
    wish = PlaceWish(
        "江北某部营区", DAOWAI, "garrison", is_public=False, longitude=east, latitude=north,
        outline=square((east, north), ZONE_M), is_secret_neighbour=True,
    )  # fmt: skip
    await city.parts.places.add(wish, who, who.areas)


async def found_place(city: City, site: Site, spot: tuple[float, float], who: Actor) -> None:
    is_vehicle = site.kind in law().codes("vehicle")
    wish = PlaceWish(
        site.name,
        site.division,
        site.kind,
        tuple(site.categories.split()),
        site.citation,
        is_public=site.is_public,
        operator=city.bodies.get(site.operator) or runner_of(site),
        longitude=None if is_vehicle else spot[0],
        latitude=None if is_vehicle else spot[1],
        outline=None if is_vehicle else square(spot, OUTLINE_M),
        address="" if is_vehicle else f"{site.name}（演示地址）",
    )
    row = await city.parts.places.add(wish, who, who.areas)
    city.sites[site.name], city.site_parts[site.name] = row, []
    for number, text in enumerate(site.parts.split()):
        name, kind = text.split(":")
        is_key, kind = kind.endswith("*"), kind.rstrip("*")
        shape = None if is_vehicle else part_shape(spot, number, kind)
        part = PartWish(name, kind, is_key, shape, "1")
        city.site_parts[site.name].append(await city.parts.place_parts.add(row.id, part, who, who.areas))


def runner_of(site: Site) -> UUID | None:
    """The district, of a place with closed parts that no body of its own runs: somebody checks them (N8)."""
    kinds = [text.split(":")[1].rstrip("*") for text in site.parts.split()]
    return government(site.division) if any(map(is_closed, kinds)) else None


def part_shape(spot: tuple[float, float], number: int, kind: str) -> Ring:
    """Side by side: the closed parts in the north, the others south of the middle."""
    north_m = CLOSED_M if is_closed(kind) else -3 * PART_M
    return square(Frame(*spot).degrees((number - 1.5) * 2.5 * PART_M, north_m), PART_M)


def is_closed(kind: str) -> bool:
    return kind in law().codes("prohibited_place")


def spots_in(division: str, random: Random) -> Iterator[tuple[float, float]]:
    """Points well inside a district, each far enough from those before."""
    shape, frame = prepared(packaged()[division]), Frame(*CENTRES[division])
    taken = list[tuple[float, float]]()
    while True:
        x, y = random.uniform(-SPREAD_M, SPREAD_M), random.uniform(-SPREAD_M, SPREAD_M)
        degrees = frame.degrees(x, y)
        is_inside = shape.contains(
            shapely.box(*frame.degrees(x - 200, y - 200), *frame.degrees(x + 200, y + 200))
        )
        if is_inside and all(abs(x - a) + abs(y - b) > APART_M for a, b in taken):
            taken.append((x, y))
            yield round(degrees[0], 6), round(degrees[1], 6)


def square(middle: tuple[float, float], reach_m: float) -> Ring:
    frame = Frame(*middle)
    corners = ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))
    return tuple(frame.degrees(x * reach_m, y * reach_m) for x, y in corners)
