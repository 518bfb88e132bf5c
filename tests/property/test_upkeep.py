"""The kinds of upkeep by random steps, with what they are about put there first; every walk really walks."""

from datetime import timedelta
from random import Random
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bingjian.access.models import PersonRow
from bingjian.clock import utc_now
from bingjian.inventory.organisations import body_id
from bingjian.procedures.catalogue import KINDS
from bingjian.procedures.contract import ContractOpening, Work
from bingjian.procedures.inspection import INSPECTION_PLAN, PlanOpening
from bingjian.procedures.kinds import Nothing, Opening
from bingjian.procedures.rule_papers import RulesOpening, SystemOpening
from bingjian.procedures.shift import ShiftOpening
from bingjian.procedures.training import TrainingOpening
from bingjian.rules.civil import civil_date
from bingjian.rules.library import law
from tests.property.procedures import Office, Walk
from tests.unit.api.procedures.setting import part, place, record

MINE = (
    *("training", "shift", "contract", "inspection_plan", "inspection", "management_system"),
    *("keeping_rules", "daily_check"),
)
STEPS = 25


def surroundings(office: Office) -> None:
    """A system, a platform, a plan that runs, a private place, a watcher."""
    city = body_id("city_government")
    system, platform, hotel = record("system", division="", organisation=city), record("platform"), place()
    now, areas = utc_now(office.clock), tuple(law().codes("inspection_area"))
    watcher = PersonRow(
        id=uuid4(), name="赵", password_hash="", roles="watcher", organisation=city, areas="2301",
        language="zh", enabled=True, created_at=now, certificate_kind="", certificate_number="", home="",
    )  # fmt: skip
    office.keep(system, platform, hotel, part(hotel, kind="bathroom"), watcher)
    office.known |= {"record:system": [system.id], "record:platform": [platform.id], "place": [hotel.id]}
    office.known["person"] = [watcher.id, UUID(int=7)]
    wish = PlanOpening(title="计划", subject=system.id, areas=areas, every_days=30, first=civil_date(now))
    plan = office.open(INSPECTION_PLAN, wish)
    office.move(INSPECTION_PLAN, plan.id, "start", Nothing())


def openings(office: Office) -> dict[str, Opening]:
    """One of each kind, as somebody would open it."""
    known, paper, day = office.known, office.document, civil_date(utc_now(office.clock))
    about = {"title": "试", "organisation": body_id("city_government")}
    start = utc_now(office.clock) + timedelta(hours=1)
    return {
        "training": TrainingOpening(
            **about, subject=known["person"][0], what="secrecy", passed=day, trainer="局", certificate=paper
        ),
        "shift": ShiftOpening(
            **about, subject=known["record:platform"][0], start=start, end=start + timedelta(hours=8)
        ),
        "contract": ContractOpening(
            **about, firm=body_id("public_security"), scope=(Work.REPAIR,), first_day=day, last_day=day,
            systems=(known["record:system"][0],), text=paper,
        ),
        "inspection_plan": PlanOpening(
            **about, subject=known["record:system"][0], areas=("storage",), every_days=30, first=day
        ),
        "inspection": Opening(**about, subject=known["record:inspection_plan"][0]),
        "management_system": SystemOpening(**about, of="secrecy"),
        "keeping_rules": RulesOpening(**about, of="use"),
        "daily_check": Opening(**about, subject=known["place"][0]),
    }  # fmt: skip


def walked(name: str, seed: int) -> int:
    """Take steps; how many of them were taken."""
    (kind,) = (one for one in KINDS if one.name == name)
    office = Office()
    try:
        surroundings(office)
        walk = Walk(office, kind, Random(seed))  # repeatable, not secret
        row = office.open(kind, openings(office)[name])
        walk.record, walk.state, walk.version = row.id, row.state, row.version
        for _ in range(STEPS):
            walk.step()
        walk.end()
        return walk.taken
    finally:
        office.close()


@pytest.mark.parametrize("name", MINE)
@settings(max_examples=3)
@given(seed=st.integers(0, 2**32))
def test_any_steps_of_upkeep(name: str, seed: int) -> None:
    walked(name, seed)


@pytest.mark.parametrize("name", MINE)
def test_the_walks_really_walk(name: str) -> None:
    assert max(walked(name, seed) for seed in range(6)) > 0
