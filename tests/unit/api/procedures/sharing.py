"""Who takes part in sharing (art. 20): the data authority, the police that keep cameras, two departments."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx

from bingjian.access.decisions import Role
from bingjian.inventory.organisations import body_id
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.counter import KEEPER, NOON
from tests.unit.api.procedures.office import API, Desk, desk

ENTRIES, REQUESTS = "share-entries", "share-requests"
HOUR = timedelta(hours=1)
UNTIL = NOON + 30 * timedelta(days=1)


@dataclass
class Exchange:
    """Everybody, and cameras of the police."""

    enter: Enter
    cameras: list[str] = field(default_factory=list)

    async def authority(self) -> Desk:
        return await desk(self.enter, Role.CITY_DATA_AUTHORITY, body="city_data_authority")

    async def department(self, body: str = "transport") -> Desk:
        return await desk(self.enter, Role.DEPARTMENT_USER, body=body)

    async def keeper(self) -> Desk:
        return await desk(self.enter, Role.CUSTODIAN, body="public_security")

    async def open_up(self, cameras: int = 2) -> None:
        registrar = await self.enter(Role.REGISTRAR)
        for number in range(cameras):
            wish = {"name": f"大桥 {number}", "url": f"rtsp://192.0.2.{number + 1}/main"}
            answer = await registrar.post(f"{API}/cameras", json=wish)
            assert answer.status_code == 201, answer.text
            self.cameras.append(answer.json()["id"])

    def entry(self, **changes: Any) -> dict[str, Any]:
        told: dict[str, Any] = {
            "title": "跨江桥梁视频",
            "keeper": KEEPER,
            "cameras": self.cameras,
            "kinds": ["live", "footage"],
            "conditions": "仅用于公共安全",
            "begin": NOON.isoformat(),
            "until": UNTIL.isoformat(),
            "earliest": (NOON - 24 * HOUR).isoformat(),
        }
        return told | changes

    async def published(self, **changes: Any) -> str:
        authority = await self.authority()
        entry = await authority.opened(ENTRIES, **self.entry(**changes))
        await authority.stepped(ENTRIES, entry, "publish")
        return entry

    def wish(self, entry: str | None, **changes: Any) -> dict[str, Any]:
        told: dict[str, Any] = {
            "title": "桥面事故处置",
            "entry": entry,
            "purpose": "traffic_accident",
            "begin": NOON.isoformat(),
            "until": (NOON + HOUR).isoformat(),
            "earliest": (NOON - HOUR).isoformat(),
            "destination": "交通指挥中心",
        }
        return told | changes

    async def asked(self, **changes: Any) -> str:
        return await (await self.department()).opened(
            REQUESTS, **self.wish(await self.published(), **changes)
        )

    async def granted(self, answer: dict[str, Any] | None = None, **changes: Any) -> tuple[str, str]:
        """The record, and the grant."""
        record = await self.asked(**changes)
        told = await (await self.keeper()).stepped(REQUESTS, record, "grant", **answer or {})
        return record, told["data"]["grant"]

    async def look(
        self, grant: str | None, how: str, *, body: str = "transport", camera: int = 0, **wish: Any
    ) -> httpx.Response:
        told: dict[str, Any] = {"grant": grant}
        if how != "live":
            told |= {"start": (NOON - HOUR).isoformat(), "end": NOON.isoformat()}
        if how == "clip":
            told |= {"purpose": "traffic_accident"}
        client = (await self.department(body)).client
        return await client.post(f"{API}/cameras/{self.cameras[camera]}/{how}", json=told | wish)


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


TRANSPORT = str(body_id("transport"))
