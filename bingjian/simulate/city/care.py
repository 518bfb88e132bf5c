"""What follows once systems are there: filings, notices, checks, orders, incidents; and what goes wrong."""

from datetime import timedelta
from functools import partial
from typing import Any

from bingjian.access.decisions import Role
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.procedures.models import RecordRow
from bingjian.procedures.shift import Shift
from bingjian.procedures.step import data_of
from bingjian.rules.library import law
from bingjian.simulate.city.ground import is_closed
from bingjian.simulate.city.office import City, government, police
from bingjian.simulate.city.people import DAOLI, DAOWAI, DISTRICTS, NANGANG
from bingjian.simulate.city.sheet import DAYS, FIRMS
from bingjian.simulate.city.works import Life

CHECKED_FROM = 112  # the day from which the city keeps its daily checks here
SLIPPED = {  # by site, the last day on which somebody looked, and what they noted
    "科苑体育馆": (117, "无异常。检查人员明日起休假，顶岗人员尚未确定"),
    "滨江浴场": (118, "无异常。明日停业检修，钥匙已交施工方，检修期间无人检查"),
}
VISITORS = (  # of the watch room: name, unit, why they came
    ("李明", "市电信分公司", "检修至市级平台的传输链路"),
    ("赵强", "显示屏维保单位", "更换大屏电源模块"),
)
USE = 22  # days from the plan of a system to its service
FILED_AFTER = {"on_time": 9, "correcting": 12, "late": 41}  # days of service


# --- filing


def schedule_filing(life: Life) -> None:
    """In time, late, or not at all."""
    if life.plan.filing in FILED_AFTER:
        life.city.on(life.plan.day + USE + FILED_AFTER[life.plan.filing], lambda: file(life))


async def file(life: Life) -> None:
    city, plan, clerk = life.city, life.plan, life.clerk()
    interface = {"protocol": "gb28181", "address": "sip:demo.invalid", "handshake": city.clock.now}
    opened = await life.about(
        "filing",
        f"{plan.site}视频系统备案",
        documents={
            "technical_design": city.paper("design", life.division),
            "test_material": city.paper("test", life.division),
            "acceptance_material": city.paper("report", life.division),
        },
        unit=f"{plan.site}（演示）",
        location=plan.site,
        device_count=plan.cameras,
        device_types="固定枪机、球机",
        storage_days=90,
        is_declared_true=True,
        interface=interface,
        receiver=police(life.division),
    )
    await city.step(clerk, opened, "submit")
    if plan.filing == "correcting":
        note = {"note": "设备数量与现场不一致，请核对", "lacking": ["device_count"]}
        await city.step(life.policeman(), opened, "ask_corrections", **note)
    else:
        await city.step(life.policeman(), opened, "give_receipt")


# --- notices of moving


async def give_notice(city: City, subject: Any, division: str, title: str, firm: str, days: int) -> RecordRow:
    """Sent by the firm that works there, received and acknowledged by whoever manages the camera."""
    mason = city.acting(f"{DISTRICTS[division]}建设经办人", Role.CONSTRUCTION_UNIT, body=city.bodies[firm])
    plan = {
        "kind": "rebuild",
        "area": "原覆盖区域",
        "day": city.date(days + 20),
        "document": city.paper("plan"),
    }
    opened = await city.open(
        mason, "relocation", title, division=division, subject=subject, reason="urban_construction",
        document=city.paper("approval"), necessity="道路改造需要移杆", plan=plan,
        receiver=government(division), planned=city.clock.now + timedelta(days=days, hours=12),
    )  # fmt: skip
    await city.step(mason, opened, "send")
    keeper = city.acting(f"{DISTRICTS[division]}建设经办人", Role.REGISTRAR)
    await city.step(keeper, opened, "receive")
    await city.step(keeper, opened, "acknowledge")
    return opened


def schedule_notices(city: City) -> None:
    notices = dict[str, RecordRow]()

    async def bridge() -> None:
        system = city.systems["松浦人行天桥"].id
        notices["bridge"] = await give_notice(city, system, DAOWAI, "松浦人行天桥拆除报备", "road", 35)

    async def crossing() -> None:
        camera = city.cameras["友谊里路口"][0]
        notices["crossing"] = await give_notice(city, camera, DAOLI, "友谊里路口移杆报备", "road", 33)

    async def begin() -> None:
        mason = city.acting("道里建设经办人", Role.CONSTRUCTION_UNIT, body=city.bodies["road"])
        await city.step(mason, notices["crossing"], "start")
        loss = {"last_good": city.clock.now - timedelta(minutes=30), "reported": city.clock.now, "cells": 40}
        await city.step(mason, notices["crossing"], "lose", **loss)

    async def draft() -> None:
        """Three days before the works: too late by law, and refused."""
        mason = city.acting("南岗建设经办人", Role.CONSTRUCTION_UNIT, body=city.bodies["road"])
        opened = await city.open(
            mason, "relocation", "学府西路口移杆报备", division=NANGANG,
            subject=city.cameras["学府西路口"][1], reason="urban_construction",
            document=city.paper("approval"), receiver=government(NANGANG),
            planned=city.clock.now + timedelta(days=3),
        )  # fmt: skip
        await city.refuse(city.step(mason, opened, "send"))

    city.on(40, bridge)
    city.on(84, crossing)
    city.on(118, begin)
    city.on(110, draft)


# --- ends


def schedule_ends(lives: dict[str, Life]) -> None:
    city = next(iter(lives.values())).city

    async def retire() -> None:
        await lives["松浦人行天桥"].step("retire")

    async def stop() -> None:
        await lives["滨江路"].step("suspend")

    async def revoke() -> None:
        row = await newest(city, "acceptance", "新月地下通道竣工验收")
        order = {"reason": "验收资料与现场不符", "document": city.paper("approval")}
        await city.step(city.people["authority"], row, "revoke", **order)

    async def too_early() -> None:
        """Service without an acceptance, and removal without a notice: refused, and in the journal."""
        await city.refuse(lives["科苑体育馆"].step("enter_service"))
        await city.refuse(lives["松江云桥"].step("retire"))

    async def turn() -> None:
        """A protected camera is not turned without a notice."""
        who, camera = city.people["registrar"], city.cameras["景阳七道口"][0]
        async with city.database.read() as session:
            version = (await session.get_one(CameraFileRow, camera)).version
        change = city.parts.camera_files.change(camera, version, {"azimuth": 12.0}, who)
        await city.refuse(change)

    city.on(90, stop)
    city.on(96, retire)
    city.on(100, revoke)
    city.on(105, too_early)
    city.on(106, turn)


async def newest(city: City, kind: str, title: str) -> RecordRow:
    from sqlalchemy import select

    query = select(RecordRow).where(RecordRow.kind == kind, RecordRow.title == title)
    async with city.database.read() as session:
        return (await session.scalars(query.order_by(RecordRow.opened_at.desc()).limit(1))).one()


# --- the city's own work


async def plan_the_city(city: City) -> None:
    """The construction plan with its nine opinions, approved; a second one is still being drafted."""
    authority = city.people["authority"]
    opened = await city.open(authority, "plan", "年度公共视频建设规划", standards=["GB 50348", "GB/T 28181"])
    for department in law().codes("plan_department"):
        opinion = {"document": city.paper("opinion"), "text": "无不同意见"}
        await city.step(authority, opened, "give_opinion", opinion=opinion, department=department)
    await city.step(authority, opened, "submit")
    await city.step(city.people["government"], opened, "approve", approval=city.paper("approval"))
    await city.open(authority, "plan", "下一年度公共视频建设规划")
    for title, kind, has in (("新月大街改造", "rebuild", True), ("学府片区更新", "new", True)):
        clerk = city.people["builder"]
        project = await city.open(
            clerk, "project", title, division=DAOLI, kind=kind, has_system=has, investment="government",
            plan=opened.id, is_national_security=False,
        )  # fmt: skip
        await city.step(clerk, project, "start")
    repair = await city.open(
        city.people["builder"], "project", "友谊里管网维修", division=DAOLI, kind="repair"
    )
    exemption = {
        "reason": "仅更换管道，不涉及视频系统",
        "document": city.paper("approval"),
        "approver": "审批处",
    }
    await city.step(city.people["authority"], repair, "exempt", **exemption)


async def qualify(city: City) -> None:
    for key, (name, covers, months) in FIRMS.items():
        if covers:
            await city.open(
                city.people["registrar"], "qualification", f"{name}资质", subject=city.bodies[key],
                covers=covers,
                name="安全技术防范工程资质", certificate=f"演示-{key}", valid_to=city.date(120 + months * 30),
            )  # fmt: skip


async def train(city: City) -> None:
    """Those with a post are trained; one only in part, so that something is owed."""
    office = city.people["office"]
    for name in ("operator", "custodian", "witness", "张凤山", "何立春"):
        for what in (*law().codes("training"), *law().codes("post_safeguard")):
            if name == "何立春" and what == "secrecy":
                continue
            opened = await city.open(
                office, "training", f"{name} {what}", subject=city.people[name].id, what=what,
                passed=city.date(-3), trainer="市公共安全培训点", certificate=city.paper("training"),
            )  # fmt: skip
            await city.step(office, opened, "confirm")


async def roster(city: City) -> None:
    """The city's platform with a shift that has its staff and one that is short."""
    builder, lead = city.people["authority"], city.people["张凤山"]
    platform = await city.open(
        builder, "platform", "市级公共视频平台", level="city", is_government_built=True, builder=police("")
    )
    await city.step(builder, platform, "activate")
    for number, names in enumerate((("operator", "custodian", "何立春", "witness", "张凤山"), ("operator",))):
        begin = city.clock.now + timedelta(hours=12 * (number + 1))
        shift = await city.open(
            lead, "shift", f"班次 {number + 1}", subject=platform.id, start=begin,
            end=begin + timedelta(hours=12),
        )  # fmt: skip
        for name in names:
            await city.step(lead, shift, "assign", person=city.people[name].id)
        await city.step(lead, shift, "publish")
        await city.open(lead, "room_log", f"班次 {number + 1} 监看场所", subject=shift.id)


async def keep_room(city: City) -> None:
    """The watch room during the second shift: one visitor never left. The first shift's log stays open."""
    lead, watcher = city.people["张凤山"], city.people["operator"]
    shift, log = await newest(city, "shift", "班次 2"), await newest(city, "room_log", "班次 2 监看场所")
    hours = data_of(shift, Shift)
    city.clock.walk_to(hours.start)
    await city.step(watcher, log, "enter")
    await city.refuse(city.step(watcher, log, "enter", name="外卖送餐员"))
    for number, (name, unit, reason) in enumerate(VISITORS, 1):
        visit = {"name": name, "unit": unit, "reason": reason, "visits": "值班长"}
        await city.step(watcher, log, "admit", **visit)
        await city.step(lead, log, "approve", visit=number)
        city.pause()
        await city.step(watcher, log, "enter", visit=number)
    city.clock.walk(timedelta(minutes=50))
    await city.step(watcher, log, "leave", visit=1)
    city.clock.walk_to(hours.end)
    await city.step(watcher, log, "leave")
    await city.step(lead, log, "close")


async def inspect(city: City) -> None:
    """Periodic checks of a park's system, the first of them done."""
    clerk = city.acting("道里建设经办人", Role.REGISTRAR)
    areas = tuple(law().codes("inspection_area"))
    plan = await city.open(
        clerk, "inspection_plan", "临江公园定期检查", division=DAOLI, subject=city.systems["临江公园"].id,
        areas=areas, every_days=30, first=city.date(5),
    )  # fmt: skip
    await city.step(clerk, plan, "start")
    check = await city.open(clerk, "inspection", "临江公园第一次检查", division=DAOLI, subject=plan.id)
    for area in law().codes("inspection_checklist"):
        await city.step(clerk, check, "fill", area=area, checklist={"is_sound": True, "findings": "正常"})
    await city.step(clerk, check, "close")


def schedule_checks(city: City) -> None:
    """The places with parts that are closed to cameras are looked at every day (N8); two have let it slip."""
    for day in range(CHECKED_FROM, DAYS):
        city.on(day, partial(check_places, city, day))


async def check_places(city: City, day: int) -> None:
    for name, place in city.sites.items():
        if place.operator is None or not any(is_closed(part.kind) for part in city.site_parts[name]):
            continue
        who = city.acting(f"{DISTRICTS[place.division]}建设经办人", Role.REGISTRAR, body=place.operator)
        if day == CHECKED_FROM:
            city.checks[name] = await city.open(who, "daily_check", f"{name}每日检查", subject=place.id)
        last, why = SLIPPED.get(name, (DAYS, ""))
        if day <= last:
            note = why if day == last else "逐间查看，无异常"
            await city.step(who, city.checks[name], "check", note=note)


async def order_rectification(city: City) -> None:
    """One is put right, one is overdue, one has still time."""
    office = city.people["office"]
    orders = (
        ("文博馆备案逾期整改", city.bodies["museum"], "networking", 10, False),
        ("景阳七道口维护整改", government(DAOWAI), "maintenance", 12, True),
        ("南岗客运站标识整改", city.bodies["station"], "building", 60, False),
    )
    for title, body, theme, days, is_done in orders:
        due = city.clock.now + timedelta(days=days)
        text = "请在期限内整改，并报告整改情况"
        order = await city.open(
            office, "rectification", title, organisation=body, theme=theme, text=text, due=due
        )
        if is_done:
            answer = city.acting("道外建设经办人", body=body)
            told = {"report": "已完成整改", "evidence": [city.paper("evidence")]}
            await city.step(answer, order, "report", **told)
            await city.step(office, order, "accept")


async def let_inspect(city: City) -> None:
    """For the inspector's account, which sees nothing without an inspection that names it."""
    police = city.acting("张凤山", Role.PUBLIC_SECURITY)
    await city.open(
        police, "supervision", "公共视频年度监督检查", begin=city.clock.now,
        until=city.clock.now + timedelta(days=45), inspectors=[city.people["inspector"].id],
    )  # fmt: skip


async def happen(city: City) -> None:
    """Prohibited acts: one confirmed, one closed, one waiting, one dismissed."""
    watcher, officer = city.people["operator"], city.people["police"]
    for act, site, ends in (
        ("block_device", "友谊里路口", "confirm"),
        ("steal_or_damage", "临江公园", "close"),
        ("interrupt_use", "松江云桥", ""),
        ("admit_unrelated_persons", "临江广场", "dismiss"),
    ):
        incident = await city.open(
            watcher, "incident", f"{site}：{law().words('prohibited_act', act).zh}", division=DAOLI, act=act,
            description="值班时发现，已记录时间和画面", happened=city.clock.now - timedelta(hours=2),
            place=city.sites[site].id, cameras=city.cameras[site][:1],
        )  # fmt: skip
        if ends in ("confirm", "close"):
            await city.step(officer, incident, "confirm")
        if ends in ("close", "dismiss"):
            await city.step(officer, incident, ends, outcome="已处理并告知")


def schedule_work(city: City) -> None:
    schedule_checks(city)
    for day, deed in (
        (1, plan_the_city),
        (1, train),
        (95, roster),
        (96, keep_room),
        (97, inspect),
        (101, order_rectification),
        (105, let_inspect),
        (112, happen),
    ):
        city.on(day, lambda deed=deed: deed(city))  # type: ignore[misc]
