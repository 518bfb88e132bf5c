"""The camera files of a system: where each stands, what it looks at, who keeps it."""

from math import cos, radians, sin
from typing import Any
from uuid import UUID

from bingjian.inventory.ground import Frame
from bingjian.inventory.models import CameraWish
from bingjian.inventory.place_rows import PartRow
from bingjian.rules.library import law
from bingjian.simulate.city.ground import is_closed, square
from bingjian.simulate.city.office import City
from bingjian.simulate.city.sheet import MODELS, Plan

RING_M = 14.0  # around the middle of their place
SIGHT_M = 40.0
TURN_DEGREES = 50.0
MASKED_M = 28.0  # from a camera to the middle of what it masks
BARE = 5  # every so manieth file lacks something, as files do
LIVE = 4  # cameras of the demo that belong to a system
SOON = "rtsp://127.0.0.1:9/"  # until the demo knows where its cameras are
POLICE_CODES = {"230102": "230102000000", "230103": "230103000000", "230104": "230104000000"}


async def add_streams(city: City, cameras: Any, names: list[str]) -> list[UUID]:
    """The demo's own cameras; they get their addresses when they play."""
    who = city.people["registrar"]
    return [(await cameras.add(CameraWish(name, SOON), who.id, who.name)).id for name in names]


async def file_cameras(city: City, plan: Plan, streams: list[UUID], managed_by: UUID) -> None:
    """All of a system, the demo's own first."""
    who, ids = city.people["registrar"], list[UUID]()
    for number in range(plan.cameras):
        values = await described(city, plan, number, managed_by)
        if number < len(streams):
            del values["name"]  # a stream keeps its own
            filed = await city.parts.camera_files.change(streams[number], 1, values, who)
        else:
            filed = await city.parts.camera_files.add(values, who)
        ids.append(filed.row.id)
    city.cameras[plan.site] = ids


async def described(city: City, plan: Plan, number: int, managed_by: UUID) -> dict[str, Any]:
    site = city.sites[plan.site]
    part = part_for(city.site_parts[plan.site], number)
    code = await city.parts.camera_files.next_code(site.division, "132", "00", "5", city.people["registrar"])
    model = list(MODELS)[number % len(MODELS)]
    return {
        "name": f"{plan.site}{part.name if part else ''}{number + 1:02}",
        "device_id": str(code),
        "division": site.division,
        "system": str(city.systems[plan.site].id),
        "place": str(site.id),
        "part": str(part.id) if part else None,
        "manufacturer": MODELS[model],
        "model": model,
        "management_unit": str(managed_by),
        "install_date": city.date(),
        "record_save_days": 90 if site.categories else 30,
        "is_article8": bool(site.categories),
        **usual(city, number),
        **position(city, plan, number),
    }


def usual(city: City, number: int) -> dict[str, Any]:
    """What most files say; some are not told in full."""
    if number % BARE == BARE - 1:
        return {"point_type": "2", "structure_type": "3"}
    return {
        "point_type": "1" if number % 3 == 0 else "2",
        "structure_type": "1" if number % 4 == 0 else "3",
        "function_type": ("01", "02", "03", "99")[number % 4],
        "capture_position_type": "9",
        "network_status": "0",
        "ip": f"10.{city.random.randint(16, 31)}.{city.random.randint(0, 255)}.{number + 10}",
        "purpose": "public_safety",
        "encode_type": "4" if number % 2 else "2",
    }


def position(city: City, plan: Plan, number: int) -> dict[str, Any]:
    """On a ring around the middle, looking outward and never north, where the closed parts are."""
    site = city.sites[plan.site]
    if site.kind in law().codes("vehicle") or site.longitude is None or site.latitude is None:
        return {}
    angle = 110 + 140 * number / max(plan.cameras - 1, 1)  # degrees clockwise from north
    east, north = Frame(site.longitude, site.latitude).degrees(*around(angle))
    return {
        "longitude": round(east, 6), "latitude": round(north, 6), "crs": "wgs84", "height_m": 4.5,
        "azimuth": round(angle, 1), "pitch": -15, "h_fov": 60, "max_view_distance": SIGHT_M,
        "address": f"{plan.site}（演示地址）", "police_org": POLICE_CODES[site.division],
        **turning(angle, number), **masked((east, north), angle, number),
    }  # fmt: skip


def turning(angle: float, number: int) -> dict[str, Any]:
    """Domes turn a little to both sides, and look along their azimuth when they report 0; see ``usual``."""
    if number % 4 or number % BARE == BARE - 1:
        return {}
    pan = {
        "pan_from": round(angle - TURN_DEGREES / 2, 1),
        "pan_width": TURN_DEGREES,
        "pan_zero": round(angle, 1),
    }
    return {"sweep": {**pan, "tilt_least": -45, "tilt_most": 30, "zoom_most": 4}}


def masked(at: tuple[float, float], angle: float, number: int) -> dict[str, Any]:
    """Some hide a window across the way."""
    if number % 3 != 1:
        return {}
    ahead = (MASKED_M * sin(radians(angle)), MASKED_M * cos(radians(angle)))
    return {"masks": [[list(point) for point in square(Frame(*at).degrees(*ahead), 4.0)[:-1]]]}


def around(angle: float) -> tuple[float, float]:
    """Metres east and north of the middle."""
    return RING_M * sin(radians(angle)), RING_M * cos(radians(angle))


def part_for(parts: list[PartRow], number: int) -> PartRow | None:
    """In turn those that are open to cameras."""
    several = [part for part in parts if not is_closed(part.kind)]
    return several[number % len(several)] if several else None
