"""The counter where officers come: two of a district's police, custodians of the city, and a camera."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from bingjian.access.decisions import Role
from bingjian.inventory.organisations import body_id
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.office import API, Desk

REQUESTS = "access-requests"
NOON = datetime(2026, 1, 1, 4, tzinfo=UTC)  # now
TEN, ELEVEN = NOON - timedelta(hours=2), NOON - timedelta(hours=1)
KEEPER = str(body_id("public_security"))
ORGAN = str(body_id("public_security", "230102"))
CARD = {"kind": "work_card", "issuer": "哈尔滨市公安局", "valid_to": "2026-12-31"}
TOMORROW = NOON + timedelta(days=1)


@dataclass
class Counter:
    """Everybody who takes part. Areas that mean the same make different persons of one body."""

    enter: Enter
    document: str
    cameras: list[str] = field(default_factory=list)

    async def officer(self, which: int = 0) -> Desk:
        areas = [("2301",), ("23",), ("230",)][which]
        return Desk(
            await self.enter(Role.OFFICER, organisation=body_id("public_security", "230102"), areas=areas)
        )

    async def custodian(self, which: int = 0, *areas: str) -> Desk:
        held = areas or [("2301",), ("23",)][which]
        return Desk(await self.enter(Role.CUSTODIAN, organisation=body_id("public_security"), areas=held))

    async def open_up(self, cameras: int = 2) -> None:
        """Cameras are registered, and rules of use are in force."""
        registrar = await self.enter(Role.REGISTRAR)
        for number in range(cameras):
            wish = {"name": f"东门 {number}", "url": f"rtsp://192.0.2.{number + 1}/main"}
            answer = await registrar.post(f"{API}/cameras", json=wish)
            assert answer.status_code == 201, answer.text
            self.cameras.append(answer.json()["id"])
        await self.rules("1.0")

    async def rules(self, version: str, record: str = "") -> str:
        keeper = await self.custodian()
        rules = record or await keeper.opened("keeping-rules", of="use")
        paper = {"document": self.document, "version": version, "approver": "局长", "approved": "2025-12-01"}
        step = "renew" if record else "approve"
        await keeper.stepped("keeping-rules", rules, step, paper=paper)
        return rules

    def wish(self, **changes: Any) -> dict[str, Any]:
        told: dict[str, Any] = {
            "keeper": KEEPER,
            "number": "哈公里刑〔2026〕7号",
            "purpose": "criminal_case",
            "reason": "盗窃案",
            "power": "《刑事诉讼法》第五十四条",
            "cameras": self.cameras[:1],
            "begin": TEN.isoformat(),
            "end": ELEVEN.isoformat(),
            "verbs": ["view"],
            "destination": "道里分局案件查阅室",
        }
        return told | changes

    async def drafted(self, officers: int = 2, *, papers: bool = True, **changes: Any) -> str:
        """With so many officers, each with a certificate and a promise, and the unit's letter."""
        first = await self.officer()
        record = await first.opened(REQUESTS, **self.wish(**changes))
        for which in range(officers):
            await self.named(record, which)
        if papers:
            await first.stepped(REQUESTS, record, "add_paper", paper=self.paper())
        return record

    async def named(self, record: str, which: int, **card: Any) -> None:
        one = await self.officer(which)
        shown = CARD | {"number": f"2301-{which}"} | card
        await one.stepped(REQUESTS, record, "name_officer", card=shown)
        officers = (await one.look(REQUESTS, record))["data"]["officers"]
        await one.stepped(REQUESTS, record, "undertake", officer=len(officers))

    def paper(self, unit: str = ORGAN) -> dict[str, str]:
        told = {"kind": "introduction_letter", "number": "7", "unit": unit, "issued": "2026-01-01"}
        return told | {"document": self.document}

    async def submitted(self, officers: int = 2, **changes: Any) -> str:
        record = await self.drafted(officers, **changes)
        await (await self.officer()).stepped(REQUESTS, record, "submit")
        return record

    async def seen(self, officers: int = 2, **changes: Any) -> str:
        record = await self.submitted(officers, **changes)
        for number in range(1, officers + 1):
            await self.see(record, number)
        return record

    async def see(self, record: str, number: int, **changes: str) -> None:
        read = {"number": f"2301-{number - 1}", "issuer": CARD["issuer"], "valid_to": CARD["valid_to"]}
        custodian = await self.custodian()
        await custodian.stepped(REQUESTS, record, "see", officer=number, **read | changes)

    async def granted(self, expires: datetime = TOMORROW, **changes: Any) -> tuple[str, str]:
        """The record, and the grant."""
        record = await self.seen(**changes)
        custodian = await self.custodian()
        told = await custodian.stepped(REQUESTS, record, "grant", expires=expires.isoformat())
        return record, told["data"]["grant"]

    async def answer(self, record: str, name: str, /, **wish: Any) -> httpx.Response:
        return await (await self.custodian()).step(REQUESTS, record, name, **wish)
