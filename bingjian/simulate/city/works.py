"""The life of each system, from its plan to its service and beyond, day by day."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from bingjian.access.decisions import Actor, Role
from bingjian.procedures.known_system import known
from bingjian.procedures.models import RecordRow
from bingjian.rules.library import law
from bingjian.simulate.city.files import file_cameras
from bingjian.simulate.city.office import City, government
from bingjian.simulate.city.people import DISTRICTS
from bingjian.simulate.city.sheet import MODELS, SITES, Plan

STAGES = ("planned", "designed", "approved", "building", "trial", "accepted", "in_service")
REACHED = {"suspended": "in_service", "retired": "in_service"}  # through which its life led
SITE = {site.name: site for site in SITES}
TEMPLATE = "2026-1"
ITEM = {"standard": "GB 50348", "item": "图像质量", "is_mandatory": True, "is_passed": True}
SECOND = {"standard": "GB/T 28181", "item": "目录报送", "is_mandatory": False, "is_passed": True}
MONEY = {
    "level": "district",
    "budget_level": "district",
    "build_item": "公共安全视频建设",
    "operation_item": "公共安全视频运维",
    "programme": "区年度建设计划",
    "asset_class": "public_infrastructure",
}


@dataclass
class Life:
    """One system on its way."""

    city: City
    plan: Plan
    streams: list[UUID]

    @property
    def record(self) -> RecordRow:
        return self.city.systems[self.plan.site]

    @property
    def division(self) -> str:
        return self.city.sites[self.plan.site].division

    @property
    def owner(self) -> UUID:
        """Who has it built: whoever runs the place, else the district."""
        return self.city.bodies.get(SITE[self.plan.site].operator) or government(self.division)

    @property
    def is_governments(self) -> bool:
        return self.owner == government(self.division)

    def clerk(self, *roles: Role) -> Actor:
        """Who acts for the owner."""
        return self.city.acting(f"{DISTRICTS[self.division]}建设经办人", *roles, body=self.owner)

    async def step(self, name: str, who: Actor | None = None, /, **wish: Any) -> None:
        self.city.systems[self.plan.site] = await self.city.step(
            who or self.clerk(), self.record, name, **wish
        )

    async def about(self, kind: str, title: str, /, **wish: Any) -> RecordRow:
        """Another record about this system, of the owner."""
        return await self.city.open(
            self.clerk(), kind, title, division=self.division, subject=self.record.id, **wish
        )

    # --- stages

    def schedule(self) -> None:
        """The days of its stages, as far as it comes."""
        last = STAGES.index(REACHED.get(self.plan.state, self.plan.state))
        for number, (days, deed) in enumerate(zip((0, 2, 4, 6, 12, 18, 22), self.deeds(), strict=True)):
            if number <= last:
                self.city.on(self.plan.day + days, deed)

    def deeds(self) -> tuple[Any, ...]:
        return (
            self.planned, self.designed, self.approved, self.building, self.trial, self.accepted,
            self.in_service,
        )  # fmt: skip

    async def planned(self) -> None:
        opened = await self.city.open(
            self.clerk(), "system", f"{self.plan.site}视频系统", division=self.division, **self.description()
        )
        self.city.systems[self.plan.site] = opened
        await file_cameras(self.city, self.plan, self.streams, self.owner)

    def description(self) -> dict[str, Any]:
        site = self.city.sites[self.plan.site]
        parts = [part.id for part in self.city.site_parts[self.plan.site] if part.is_key]
        found: dict[str, Any] = {
            "investment": "government" if self.is_governments else "social",
            "purposes": ("public_safety",),
            "places": (site.id,),
            "parts": tuple(parts),
            "organiser": self.owner,
            "user": self.owner,
            "managing_unit": self.owner,
            "has_security_duty": True,
            "need": "治安防范和交通疏导需要",
            "necessity": "覆盖出入口和通行区域，避开私密部位",
        }
        if self.plan.special == "voluntary":
            builder = {
                "is_voluntary": True,
                "voluntary_builder": "enterprise",
                "is_around_own_premises": True,
            }
            found |= {"investment": "social", **builder}
        return found | (MONEY if self.is_governments and self.plan.special != "voluntary" else {})

    async def designed(self) -> None:
        await self.step("design")

    async def approved(self) -> None:
        await self.step(
            "approve", self.city.people["authority"], approval=self.city.paper("approval", self.division)
        )

    async def building(self) -> None:
        firms = {"design": "draw", "construction": "build", "maintenance": "keep"}
        if self.plan.day % 2:
            firms |= {"construction": "build2", "maintenance": "build2"}
        for role, firm in firms.items():
            unit = {
                "role": role, "organisation": self.city.bodies[firm], "contract_ends": self.city.date(150)
            }  # fmt: skip
            await self.step("assign_unit", unit=unit)
        await self.step("start_building")

    async def trial(self) -> None:
        await self.step("start_trial")
        if self.plan.special in ("failed", "failed_first"):
            await self.accept(passed=False)
        if self.plan.special == "being_accepted":
            await self.about("acceptance", f"{self.plan.site}竣工验收")

    async def accepted(self) -> None:
        await self.accept(passed=True)
        await self.step("accept")

    async def accept(self, *, passed: bool) -> None:
        """One attempt; a failed one stays on record."""
        city, clerk = self.city, self.clerk()
        opened = await self.about("acceptance", f"{self.plan.site}竣工验收")
        items = [ITEM if passed else {**ITEM, "is_passed": False, "note": "夜间图像不清晰"}, SECOND]
        await city.step(clerk, opened, "record_items", standards=["GB 50348", "GB/T 28181"], items=items)
        for who, name in ((city.people["authority"], "周敏"), (self.policeman(), "韩大江")):
            await city.step(who, opened, "take_part", name=name)
        await city.step(clerk, opened, "attach_report", report=city.paper("report", self.division))
        await city.step(clerk, opened, "conclude_pass" if passed else "conclude_fail")

    def policeman(self) -> Actor:
        """Of the system's own district."""
        name = f"{DISTRICTS[self.division]}公安经办人"
        return self.city.people[name if name in self.city.people else "police"]

    async def in_service(self) -> None:
        await self.link()
        await self.archive()
        await self.answer_for()
        if self.city.sites[self.plan.site].is_public:
            await self.city.open(
                self.clerk(), "sign", f"{self.plan.site}提示标识", division=self.division,
                subject=self.city.sites[self.plan.site].id, template=TEMPLATE,
                photo=self.city.paper("photo", self.division), position="入口右侧", put_up=self.city.date(),
            )  # fmt: skip
        await self.step("enter_service")

    async def link(self) -> None:
        """Connected, or with an interface kept ready; both are told."""
        city, clerk = self.city, self.clerk()
        opened = await self.about("link", f"{self.plan.site}联网", platform="区级监控平台")
        await city.step(clerk, opened, "record_test", passed=True, document=city.paper("test", self.division))
        await city.step(clerk, opened, "send_catalogue", cameras=city.cameras[self.plan.site])
        if not self.is_governments:
            await city.step(clerk, opened, "set_interface", protocol="gb28181", address="sip:demo.invalid")
            await city.step(clerk, opened, "record_handshake")

    async def archive(self) -> None:
        city, clerk = self.city, self.clerk()
        opened = await self.about("archive", f"{self.plan.site}系统档案")
        firms = {"design": "draw", "construction": "build", "acceptance": "build"}
        papers = {"design": "design", "construction": "construction", "acceptance": "report"}
        for part, firm in firms.items():
            paper = {"part": part, "name": law().words("archive_part", part).zh}
            await city.step(
                clerk,
                opened,
                "add_paper",
                paper=paper | {"document": city.paper(papers[part], self.division)},
            )
            unit = {
                "part": part, "organisation": city.bodies[firm], "qualification": "壹级", "staff": "孟工",
                "certificate": "注册 0001",
            }  # fmt: skip
            await city.step(clerk, opened, "add_unit", unit=unit)

    async def answer_for(self) -> None:
        """Who answers for its upkeep, with the rules that this body has to have."""
        city, clerk = self.city, self.clerk()
        owner = {"owner": self.owner, "operator": self.owner, "place_kind": city.sites[self.plan.site].kind}
        opened = await self.about("responsibility", f"{self.plan.site}维护责任", **owner)
        if known(self.record).is_government_built:
            await city.step(clerk, opened, "appoint", unit=self.owner, contact="值班室")
        else:
            await city.step(clerk, opened, "derive", contact="值班室")


async def prepare_rules(city: City, owner: UUID, clerk: Actor, division: str, first: int) -> None:
    """The management systems and rules of a body that answers for a system."""
    for kind, of in (("management_system", "management_system"), ("keeping_rules", "keeping_rule")):
        for number, (code, texts) in enumerate(law().codes(of).items()):
            title = texts[0].words.zh
            opened = await city.open(clerk, kind, title, division=division, organisation=owner, of=code)
            paper = {
                "document": city.paper("rules", division), "version": "1.0", "approver": "负责人",
                "approved": city.date(-20),
            }  # fmt: skip
            if kind == "management_system":
                paper["review"] = city.date((100, 345)[number > 0] if first == 0 else 345)
            await city.step(clerk, opened, "approve", paper=paper)


async def prepare_works(city: City) -> None:
    """What every system refers to: the sign, the models, the firms' qualifications."""
    authority, clerk = city.people["authority"], city.people["registrar"]
    opened = await city.open(
        authority, "sign_template", "提示标识样式 2026", version=TEMPLATE, document=city.paper("sign")
    )
    await city.step(authority, opened, "issue")
    for number, model in enumerate(MODELS):
        await city.open(
            clerk, "product", f"摄像机 {model}", model=model, certificate=f"DEMO-{number + 1:04}",
            issuer="演示检验机构", valid_to=city.date(400), is_up_to_mandatory=True, is_free_of_malware=True,
        )  # fmt: skip
