"""Duties of a large city computed anew: part of ``bench inventory``, which gives the database.

The city is made here, always the same for a size: places of art. 8 with their parts, cameras in every state,
systems with their inspections, the management systems of their bodies, people with a post, private places
that are checked daily. Of each kind some are as they should be and some are not.

    python -m bench.inventory_duties --cameras 10000      # SQLite alone, in a temporary folder
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.models import PersonRow
from bingjian.clock import SystemClock
from bingjian.db.base import Base
from bingjian.db.session import Database
from bingjian.duties.owing import Reconciled
from bingjian.duties.service import JOB
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.inventory.place_rows import PartRow, PlaceRow
from bingjian.journal.append import Journal
from bingjian.procedures.lawbook import Lawbook
from bingjian.procedures.models import RecordRow
from bingjian.procedures.recompute import Recomputing
from bingjian.rules.library import law

NAMES = UUID(int=6)
THEN = datetime(2026, 6, 1, tzinfo=UTC)
ROWS = 500  # in one statement
BODIES = 300  # that answer for systems
FOUND = {
    **dict.fromkeys(("is_government_built", "must_connect", "is_level_mismatched"), False),
    "is_article8": True,
}


@dataclass(frozen=True, slots=True)
class City:
    """How large it is."""

    cameras: int

    @property
    def places(self) -> int:
        return self.cameras // 5

    @property
    def systems(self) -> int:
        return self.cameras // 20

    @property
    def people(self) -> int:
        return self.cameras // 50


def one(kind: str, number: int) -> UUID:
    return uuid5(NAMES, f"{kind}:{number}")


def division(number: int) -> str:
    codes = list(law().codes("division"))
    return codes[number % len(codes)]


def places(city: City) -> Iterator[dict[str, Any]]:
    categories = list(law().codes("key_place_category"))
    for n in range(city.places):
        yield {
            "id": one("place", n), "name": f"场所{n}", "division": division(n), "kind": "school",
            "categories_text": f"|{categories[n % len(categories)]}|", "citation": "",
            "is_like_those_named": False, "likeness_note": "", "likeness_confirmed_by": "",
            "is_public": True, "counter_terror": n % 50 == 0, "operator": one("body", n % BODIES),
            "coordinate_system": "", "is_secret_neighbour": False, "address": "", "search": "",
            "version": 1, "changed_at": THEN,
        }  # fmt: skip


def parts(city: City) -> Iterator[dict[str, Any]]:
    """Two a place: in most the first is a key part; every fourth place has one where no camera may be."""
    for n in range(2 * city.places):
        is_first, place = n % 2 == 0, n // 2
        is_private = not is_first and place % 4 == 0
        yield {
            "id": one("part", n), "place": one("place", place), "name": f"部位{n}",
            "kind": "bathroom" if is_private else "ordinary", "is_key": is_first and place % 10 != 0,
            "key_since": THEN, "floor": "", "banned_since": THEN if is_private else None, "reviewer": "",
            "review_reason": "", "version": 1, "changed_at": THEN,
        }  # fmt: skip


def cameras(city: City) -> Iterator[dict[str, Any]]:
    """Five a place; of every eighth place none is in service."""
    texts = ("structure_type", "function_type", "point_type", "capture_position_type", "network_status")
    for n in range(city.cameras):
        place = n % city.places
        yield {
            "id": one("camera", n), "code_order": "~", "name": f"摄像机{n}", "division": division(place),
            "system": one("system", n % city.systems), "place": one("place", place),
            "part": one("part", 2 * place), "state": "suspended" if place % 8 == 0 else "in_service",
            "status": "1", **dict.fromkeys(texts, ""), "crs": "", "decree_class": "",
            "counter_terror": False, "is_article8": True, "is_government_built": False, "secrecy": "none",
            "view_json": "{}", "fields_json": "{}", "missing": ",", "faulty": ",", "fill_bp": 0,
            "correct_bp": 0, "search": "", "search_base": "", "version": 1, "created_at": THEN,
            "changed_at": THEN,
        }  # fmt: skip


def record(kind: str, number: int, state: str, data: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": one(kind, number), "kind": kind, "number": f"{kind}-{number}", "title": f"{kind} {number}",
        "division": division(number), "organisation": one("body", number % BODIES), "subject": None,
        "state": state, "data_json": json.dumps(data), "search": "", "version": 1, "opened_at": THEN,
        "changed_at": THEN, **more,
    }  # fmt: skip


def records(city: City) -> Iterator[dict[str, Any]]:
    yield from systems(city)
    yield from rule_papers()
    for n in range(2 * city.people):
        data = {"what": list(law().codes("training"))[n % 2], "passed": "2026-05-01"}
        yield record("training", n, "passed", data, subject=one("person", n // 2))
    for n in range(0, city.places, 4):
        data = {"place": str(one("place", n)), "checked": "2026-06-01T08:00:00Z"}
        yield record("daily_check", n, "running", data, subject=one("place", n))


def systems(city: City) -> Iterator[dict[str, Any]]:
    """Each with its plan of inspections, of which some were done."""
    for n in range(city.systems):
        used = {"accepted_at": "2026-05-01T00:00:00Z", "used_at": "2026-05-02T00:00:00Z"}
        body = str(one("body", n % BODIES))
        bodies = {"organiser": body, "user": body, "managing_unit": body}
        found = {**FOUND, "decree_class": "A" if n % 2 else "B"}
        data = {"investment": "social", "places": [str(one("place", n))], **bodies, **used, "found": found}
        yield record("system", n, "in_service", data)
        plan = {"areas": list(law().codes("inspection_area")), "every_days": 30, "first": "2026-05-01"}
        yield record("inspection_plan", n, "running", plan, subject=one("system", n))
        for done in range(n % 4):
            data = {"due": "2026-05-01", "next_due": f"2026-0{6 + done}-10"}
            more = {"subject": one("inspection_plan", n), "changed_at": THEN + timedelta(days=done)}
            yield record("inspection", 4 * n + done, "closed", data, **more)


def rule_papers() -> Iterator[dict[str, Any]]:
    kinds = list(law().codes("management_system"))
    for n in range(len(kinds) * BODIES):
        version = {"document": str(NAMES), "version": "1", "approver": "局长", "approved": "2026-01-01"}
        data = {"of": kinds[n % len(kinds)], "versions": [{**version, "review": "2026-12-01"}]}
        more = {"organisation": one("body", n // len(kinds))}
        yield record("management_system", n, "current", data, **more)


def people(city: City) -> Iterator[dict[str, Any]]:
    for n in range(city.people):
        yield {
            "id": one("person", n), "name": f"人员{n}", "password_hash": "", "roles": "watcher",
            "organisation": one("body", n % BODIES), "areas": division(n), "language": "zh",
            "enabled": True, "created_at": THEN,
        }  # fmt: skip


async def build(database: Database, city: City, *, with_cameras: bool = True) -> None:
    """Fill a database of this version's schema.

    Args:
        with_cameras: also the places, parts and camera files; else they are there already.
    """
    tables: list[tuple[type[Base], Iterator[dict[str, Any]]]] = [
        (RecordRow, records(city)),
        (PersonRow, people(city)),
    ]
    if with_cameras:
        tables += [(PlaceRow, places(city)), (PartRow, parts(city)), (CameraFileRow, cameras(city))]

    async def work(session: AsyncSession) -> None:
        for table, rows in tables:
            every = list(rows)
            for at in range(0, len(every), ROWS):
                await session.execute(insert(table), every[at : at + ROWS])

    await database.run(work)


async def duties_s(database: Database, folder: Path, rounds: int = 3) -> dict[str, Any]:
    """Seconds of the first round, which opens everything, and the longest of those that follow it.

    Returns:
        ``duties_s``: the slower of the two, for it is the one that must fit; ``cpu_s``: of the first in this
        process; ``opened``: duties.
    """
    journal = Journal.open(folder / "journal", SystemClock())
    recomputing = Recomputing(database, journal, SystemClock(), Lawbook(None))
    try:
        began = time.process_time()
        first, done = await timed(recomputing)
        cpu = time.process_time() - began
        again = [(await timed(recomputing))[0] for _ in range(rounds)]
    finally:
        journal.close()
    return {
        "duties_s": max(first, *again),
        "first_s": first,
        "again_s": max(again),
        "cpu_s": cpu,
        "opened": done.opened,
    }


async def timed(recomputing: Recomputing) -> tuple[float, Reconciled]:
    began = time.perf_counter()
    done = await recomputing.run(JOB)
    return time.perf_counter() - began, done


async def on_sqlite(city: City) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite+aiosqlite:///{folder}/city.sqlite3")
        await database.migrate()
        await build(database, city)
        found = await duties_s(database, Path(folder))
        await database.close()
    return {"cameras": city.cameras, "places": city.places, "systems": city.systems, **found}


def main(options: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="inventory_duties", description=__doc__)
    parser.add_argument("--cameras", type=int, default=10_000)
    print(json.dumps(asyncio.run(on_sqlite(City(parser.parse_args(options).cameras)))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
