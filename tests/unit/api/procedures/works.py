"""A system being built, with all that art. 16 and its neighbours ask for, brought there through the API."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Role
from bingjian.clock import utc_now
from bingjian.db.session import Database
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.inventory.organisations import OrganisationRow, body_id
from bingjian.inventory.place_rows import PartRow, PlaceRow
from bingjian.rules.decision import Grant, Refusal
from bingjian.rules.decisions.service import ELSEWHERE
from bingjian.rules.library import law
from tests.backend import StillClock
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.office import Desk, desk

CITY = "city_government"
PURPOSES = ["public_safety"]
MONEY = {
    "level": "city",
    "budget_level": "city",
    "build_item": "建设 1",
    "operation_item": "运维 1",
    "programme": "城乡规划",
    "asset_class": "public_infrastructure",
}
ROLES = ("design", "construction", "maintenance")
MODEL = "DS-2"
GOOD_ITEM = {"standard": "GB 50348", "item": "1", "is_mandatory": True, "is_passed": True}


@dataclass
class Works:
    """People, places and cameras of one test."""

    enter: Enter
    database: Database
    clock: StillClock
    document: str
    desks: dict[tuple[Role, str], Desk] = field(default_factory=dict)
    firm: str = ""  # that the archive names

    # --- people

    async def at(self, role: Role, body: str) -> Desk:
        """Somebody of a body, signed in."""
        key = role, body
        if key not in self.desks:
            self.desks[key] = await desk(self.enter, role, body=body)
        return self.desks[key]

    async def builder(self) -> Desk:
        return await self.at(Role.BUILDER, CITY)

    async def authority(self) -> Desk:
        return await self.at(Role.CITY_DATA_AUTHORITY, "city_data_authority")

    async def police(self) -> Desk:
        return await self.at(Role.PUBLIC_SECURITY, "public_security")

    def sign_out(self) -> None:
        """After the clock has jumped: sessions have ended."""
        self.desks.clear()

    # --- what is there

    async def kept(self, row: Any) -> str:
        async def work(session: AsyncSession) -> None:
            session.add(row)

        await self.database.run(work)
        return str(row.id)

    async def organisation(self, name: str, body: str = "firm", **more: Any) -> str:
        values = {"division": "", "is_state_organ": False, "is_public_body": False, **more}
        return await self.kept(
            OrganisationRow(
                id=uuid4(),
                name=name,
                body=body,
                credit_code="91230100MA1BJ00000",
                contact="王工 0451",
                is_active=True,
                search=name,
                version=1,
                changed_at=self.now,
                **values,
            )
        )

    async def place(
        self, kind: str, *categories: str, is_public: bool = True, operator: str | None = None
    ) -> str:
        row = PlaceRow(id=uuid4(), name=f"{kind} {uuid4().hex[:4]}", division="230102", kind=kind)
        row.categories = categories
        for name in ("citation", "likeness_note", "likeness_confirmed_by", "coordinate_system", "address"):
            setattr(row, name, "")
        row.is_like_those_named = row.counter_terror = row.is_secret_neighbour = False
        row.is_public, row.operator = is_public, UUID(operator) if operator else None
        row.search, row.version, row.changed_at = row.name, 1, self.now
        return await self.kept(row)

    async def part(self, place: str, kind: str) -> str:
        row = PartRow(id=uuid4(), place=UUID(place), name=kind, kind=kind, is_key=False, floor="")
        row.reviewer = row.review_reason = ""
        row.version, row.changed_at = 1, self.now
        return await self.kept(row)

    async def camera(self, system: str, name: str, installed: date | None = None) -> str:
        row = CameraFileRow(id=uuid4(), name=name, system=UUID(system), division="230102")
        for column in ("code_order", "point_type", "function_type", "structure_type", "crs", "decree_class"):
            setattr(row, column, "")
        for column in ("capture_position_type", "network_status", "missing", "faulty", "search_base"):
            setattr(row, column, "")
        row.counter_terror = row.is_article8 = row.is_government_built = False
        row.state, row.status, row.secrecy, row.view_json = "planned", "1", "none", "{}"
        row.fields_json, row.install_date = f'{{"model": "{MODEL}"}}', installed or date(2026, 1, 1)
        row.search, row.fill_bp, row.correct_bp, row.version = name, 0, 0, 1
        row.created_at = row.changed_at = self.now
        return await self.kept(row)

    async def belongs(self, camera: str, system: str) -> None:
        """A camera that has a stream is of this system."""

        async def work(session: AsyncSession) -> None:
            row = await session.get_one(CameraFileRow, UUID(camera))
            row.system = UUID(system)

        await self.database.run(work)

    @property
    def now(self) -> datetime:
        return utc_now(self.clock)

    # --- the life of a system

    async def system(self, place: str | None = None, **wish: Any) -> str:
        """Planned: of the city government, at a crossing, if nothing else is said."""
        place = place or await self.place("road_crossing", "1")
        return await (await self.builder()).opened("systems", **self.description(place, **wish))

    def description(self, place: str, **wish: Any) -> dict[str, Any]:
        organiser = str(body_id(CITY))
        base = {"investment": "government", "purposes": PURPOSES, "places": [place], "organiser": organiser}
        duty = {"has_security_duty": True, "need": "治安", "necessity": "路口全景"}
        return base | MONEY | duty | wish

    async def on_trial(
        self, cameras: int = 2, place: str | None = None, **wish: Any
    ) -> tuple[str, list[str]]:
        """Designed, approved and built; its cameras are named C1, C2 …"""
        system = await self.system(place, **wish)
        several = [await self.camera(system, f"C{number + 1}") for number in range(cameras)]
        builder = await self.builder()
        await builder.stepped("systems", system, "design")
        await (await self.authority()).stepped("systems", system, "approve", approval=self.document)
        await builder.stepped("systems", system, "start_building")
        await builder.stepped("systems", system, "start_trial")
        return system, several

    async def acceptance(self, system: str, *items: dict[str, Any], **wish: Any) -> str:
        """Everything there but the conclusion."""
        builder = await self.builder()
        opened = await builder.opened("acceptances", subject=system, **wish)
        told = {"standards": ["GB 50348"], "items": list(items) or [GOOD_ITEM]}
        await builder.stepped("acceptances", opened, "record_items", **told)
        for body in (await self.authority(), await self.police()):
            await body.stepped("acceptances", opened, "take_part", name="张三")
        await builder.stepped("acceptances", opened, "attach_report", report=self.document)
        return opened

    async def passed(self, system: str, **wish: Any) -> str:
        opened = await self.acceptance(system, **wish)
        await (await self.builder()).stepped("acceptances", opened, "conclude_pass")
        return opened

    async def accepted(self, cameras: int = 2, **wish: Any) -> tuple[str, list[str]]:
        system, several = await self.on_trial(cameras, **wish)
        await self.passed(system)
        await (await self.builder()).stepped("systems", system, "accept")
        return system, several

    # --- what service asks beside the acceptance

    async def template(self, version: str = "2026") -> str:
        authority = await self.authority()
        opened = await authority.opened("sign-templates", version=version, document=self.document)
        await authority.stepped("sign-templates", opened, "issue")
        return opened

    def sign(self, **wish: Any) -> dict[str, Any]:
        base = {"template": "2026", "photo": self.document, "position": "入口", "put_up": "2026-01-01"}
        return base | wish

    async def signed(self, system: str) -> str:
        await self.template()
        builder = await self.builder()
        (place,) = (await builder.look("systems", system))["data"]["places"]
        return await builder.opened("signs", subject=place, **self.sign())

    async def linked(self, system: str, cameras: list[str]) -> str:
        builder = await self.builder()
        link = await builder.opened("links", subject=system)
        await builder.stepped("links", link, "record_test", passed=True, document=self.document)
        await builder.stepped("links", link, "send_catalogue", cameras=cameras)
        return link

    async def in_catalogue(self, system: str, *added: str) -> None:
        """These cameras too."""
        builder = await self.builder()
        (link,) = (await builder.client.get("/api/v1/links", params={"subject": system})).json()["items"]
        cameras = [*link["data"]["catalogue"], *added]
        await builder.stepped("links", link["id"], "send_catalogue", cameras=cameras)

    async def certified(self, **wish: Any) -> str:
        told = {"model": MODEL, "certificate": "CCC-1", "issuer": "检测中心", "valid_to": "2026-12-31"}
        told |= {"is_up_to_mandatory": True, "is_free_of_malware": True} | wish
        return await (await self.builder()).opened("products", **told)

    async def qualified(self, system: str) -> dict[str, str]:
        """A firm in each role; by role its organisation."""
        builder, firms = await self.builder(), dict[str, str]()
        for role in ROLES:
            firms[role] = firm = await self.organisation(f"{role} 公司")
            await self.qualification(firm, [role])
            unit = {"role": role, "organisation": firm, "contract_ends": "2026-12-31"}
            await builder.stepped("systems", system, "assign_unit", unit=unit)
        return firms

    async def qualification(self, firm: str, covers: list[str], valid_to: str = "2026-12-31") -> str:
        told = {"covers": covers, "name": "安防工程资质", "certificate": "Z-1", "valid_to": valid_to}
        return await (await self.builder()).opened("qualifications", subject=firm, **told)

    async def archived(self, system: str, parts: tuple[str, ...] = ROLES[:2]) -> str:
        builder = await self.builder()
        archive = await builder.opened("archives", subject=system)
        for part in (*parts, "acceptance"):
            paper = {"part": part, "name": f"{part} 资料", "document": self.document}
            await builder.stepped("archives", archive, "add_paper", paper=paper)
            await builder.stepped("archives", archive, "add_unit", unit=self.unit(part))
        return archive

    def unit(self, part: str, **wish: Any) -> dict[str, Any]:
        told = {"part": part, "organisation": self.firm, "qualification": "甲级"}
        return told | {"staff": "李四", "certificate": "注 1"} | wish

    async def ready(self, cameras: int = 2, **wish: Any) -> tuple[str, list[str]]:
        """Accepted, and nothing is missing for service."""
        system, several = await self.accepted(cameras, **wish)
        self.firm = self.firm or await self.organisation("归档单位")
        await self.signed(system)
        await self.linked(system, several)
        await self.certified()
        await self.qualified(system)
        await self.archived(system)
        return system, several

    async def in_service(self, cameras: int = 2, **wish: Any) -> tuple[str, list[str]]:
        system, several = await self.ready(cameras, **wish)
        await (await self.builder()).stepped("systems", system, "enter_service")
        return system, several

    async def state_of(self, system: str) -> str:
        return str((await (await self.builder()).look("systems", system))["state"])

    async def states(self, cameras: list[str]) -> list[str]:
        """Of camera files."""
        async with self.database.read() as session:
            rows = [await session.get(CameraFileRow, UUID(camera)) for camera in cameras]
        return [row.state for row in rows if row is not None]


def granting(code: str) -> Any:
    """The answer of the part that judges this, as it grants."""

    async def answer(step: Any, system: Any) -> Grant | Refusal:
        return Grant((law().duty(code).article,))

    return answer


ANSWERS = {code: granting(code) for code in ELSEWHERE}
