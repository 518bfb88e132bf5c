"""What upkeep needs around it: places, cameras, systems, platforms, people, put there as other parts do."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.api.platform import Platform
from bingjian.clock import utc_now
from bingjian.db.session import Database
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.inventory.organisations import OrganisationWish, row_of
from bingjian.inventory.place_rows import PartRow, PlaceRow
from bingjian.procedures.models import RecordRow
from bingjian.procedures.system_data import System

THEN = datetime(2025, 6, 1, tzinfo=UTC)
DISTRICT = "230102"


async def put(database: Database, *rows: Any) -> None:
    async def work(session: AsyncSession) -> None:
        session.add_all(rows)

    await database.run(work)


async def organisation(platform: Platform, database: Database, name: str, body: str = "unit") -> UUID:
    identity = uuid4()
    await put(database, row_of(identity, OrganisationWish(name, body), utc_now(platform.clock)))
    return identity


def record(
    kind: str,
    *,
    division: str = DISTRICT,
    organisation: UUID | None = None,
    state: str = "building",
    data: str = "",
) -> RecordRow:
    """A record of a kind that another part describes."""
    identity = uuid4()
    data = data or (system_of(organisation or uuid4()) if kind == "system" else "{}")
    return RecordRow(
        id=identity, kind=kind, number=f"T-{identity}", title="道里区", division=division,
        organisation=organisation, subject=None, state=state, data_json=data, search="", version=1,
        opened_at=THEN, changed_at=THEN,
    )  # fmt: skip


def system_of(body: UUID, place: UUID | None = None) -> str:
    """A system's data, as little as there can be."""
    return System(investment="government", places=(place or uuid4(),), organiser=body).model_dump_json()


def place(
    categories: tuple[str, ...] = (), operator: UUID | None = None, division: str = DISTRICT
) -> PlaceRow:
    row = PlaceRow(
        id=uuid4(), name="第三中学", division=division, kind="school", citation="",
        is_like_those_named=False, likeness_note="", likeness_confirmed_by="", is_public=True,
        counter_terror=False, operator=operator, coordinate_system="", is_secret_neighbour=False,
        address="", search="", version=1, changed_at=THEN,
    )  # fmt: skip
    row.categories = categories
    return row


def part(of: PlaceRow, *, is_key: bool = False, kind: str = "ordinary") -> PartRow:
    is_banned = kind != "ordinary"
    return PartRow(
        id=uuid4(), place=of.id, name="东门", kind=kind, is_key=is_key, key_since=THEN if is_key else None,
        floor="1", banned_since=THEN if is_banned else None, reviewer="", review_reason="", version=1,
        changed_at=THEN,
    )  # fmt: skip


def camera(
    state: str = "in_service", *, at: PartRow | None = None, of: PlaceRow | None = None, key: bool = False
) -> CameraFileRow:
    identity = uuid4()
    return CameraFileRow(
        id=identity, device_id=None, code_order="~", name=str(identity), division=DISTRICT, system=None,
        place=at.place if at else of.id if of else None, part=at.id if at else None, state=state, status="1",
        structure_type="", function_type="", point_type="", capture_position_type="", network_status="",
        management_unit=None, responsible_body=None, crs="", counter_terror=key, is_article8=False,
        is_government_built=False, decree_class="", secrecy="none", view_json="{}", fields_json="{}",
        missing=",", faulty=",", fill_bp=0, correct_bp=0, search="", search_base="", version=1,
        created_at=THEN, changed_at=THEN,
    )  # fmt: skip


def instant(text: str) -> datetime:
    """As the API writes it."""
    return datetime.fromisoformat(text)
