"""The life of a system (art. 2): planned, designed, approved, built, tried, accepted, in service, retired."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from bingjian.access.decisions import SUPERVISORS, Role
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.inventory.place_rows import PlaceRow
from bingjian.procedures.consequences import bring_cameras
from bingjian.procedures.errors import RefersToNothing
from bingjian.procedures.junctions import JUNCTIONS, Effect
from bingjian.procedures.kinds import (
    STAYS,
    CameraId,
    Data,
    DocumentId,
    Kind,
    Line,
    Move,
    Nothing,
    said,
)
from bingjian.procedures.order import out_of_order
from bingjian.procedures.qualifications import take_on
from bingjian.procedures.readiness import connection_of, is_ready
from bingjian.procedures.step import Step
from bingjian.procedures.system_data import Description, System, SystemOpening, UnitUse
from bingjian.procedures.system_facts import Facts, facts_of, found_of, labels_of, rows_of
from bingjian.procedures.system_siting import may_be_designed, may_be_there
from bingjian.rules.decision import Case, Grant, Refusal, consistent
from bingjian.rules.decisions import acceptance, building, connection
from bingjian.rules.decisions.lifecycle import BEFORE_SERVICE, PATH, State, may_become
from bingjian.rules.edition import Words
from bingjian.rules.library import law


class Approve(Data):
    approval: DocumentId = said("批准文件", "Approval")


class Rule(Data):
    """The data authority's rulings on the areas of a system."""

    ruling: Line = said(
        "比照政府建设区域的认定文号（空：不是）", "Ruled to be like those of art. 10 (empty: not)", default=""
    )
    is_key_area: bool = said("列入其他重点公共区域", "On the list of other key public areas", default=False)


class When(Data):
    at: AwareDatetime | None = said("时间（空：现在）", "When (empty: now)", default=None)


class Extend(Data):
    cameras: Annotated[tuple[CameraId, ...], Field(min_length=1, max_length=100_000)] = said(
        "摄像机", "Cameras"
    )


class Assign(Data):
    unit: UnitUse = said("参建单位", "Unit")


async def begin(step: Step, wish: SystemOpening) -> System:
    data = System(**wish.model_dump(include=set(Description.model_fields)))
    step.require(await may_be_there(step, data))
    return await judged(step, data)


async def change(step: Step, data: System, wish: Description) -> System:
    changed = data.model_copy(update={name: getattr(wish, name) for name in Description.model_fields})
    step.require(await may_be_there(step, changed))
    return await judged(step, changed)


async def judged(step: Step, data: System) -> System:
    """With what its places and money make of it now."""
    places = await rows_of(step.session, PlaceRow, data.places)
    return data.model_copy(update={"found": found_of(step.law, step.record.id, data, places)})


async def rule(step: Step, data: System, wish: Rule) -> System:
    """Art. 10¶1, other areas; art. 13, other key public areas: by the data authority."""
    if wish.ruling:
        step.require(building.may_rule(step.law, building.Ruling(step.body, wish.ruling)))
    changed = {"ruling": wish.ruling, "ruled_by": step.body, "is_key_area": wish.is_key_area}
    return await judged(step, data.model_copy(update=changed))


async def assign_unit(step: Step, data: System, wish: Assign) -> System:
    """A firm takes a role, in place of the one that had it."""
    await take_on(step, wish.unit, step.record)
    others = [unit for unit in data.units if unit.role != wish.unit.role]
    return data.model_copy(update={"units": (*others, wish.unit)})


# --- from state to state


async def may_design(step: Step, data: System) -> Grant | Refusal:
    case = Case(step.law)
    case.join(await may_go(step, data, State.DESIGNED))
    case.join(await may_be_designed(step, data))
    return case.answer()


async def may_accept(step: Step, data: System) -> Grant | Refusal:
    return await may_go(step, data, State.ACCEPTED)


async def may_retire(step: Step, data: System) -> Grant | Refusal:
    return await may_go(step, data, State.RETIRED)


async def may_go(step: Step, data: System, target: State) -> Grant | Refusal:
    """Art. 2: whether it may become this."""
    facts = await facts_of(step.session, step.law, step.record, data=data)
    is_noticed = await JUNCTIONS.noticed(step, step.record)
    return may_become(step.law, facts.life(step.now, is_noticed=is_noticed), target)


async def go_design(step: Step, data: System, wish: Nothing) -> System:
    return await gone(step, data, State.DESIGNED)


async def go_approve(step: Step, data: System, wish: Approve) -> System:
    return await gone(step, data.model_copy(update={"approval": wish.approval}), State.APPROVED)


async def go_building(step: Step, data: System, wish: Nothing) -> System:
    return await gone(step, data, State.BUILDING)


async def go_trial(step: Step, data: System, wish: When) -> System:
    """The works are finished."""
    return await gone(step, data.model_copy(update={"built_at": instant(step, wish)}), State.TRIAL)


async def go_accepted(step: Step, data: System, wish: Nothing) -> System:
    facts = await facts_of(step.session, step.law, step.record, data=data)
    last = acceptance.deciding(facts.attempts, facts.kind, step.now)
    at = last.held if last is not None else step.now
    after = await gone(step, data.model_copy(update={"accepted_at": at}), State.ACCEPTED)
    return await followed(step, after, JUNCTIONS.accepted)


async def go_service(step: Step, data: System, wish: When) -> System:
    """Whatever may be in service is, from now on."""
    at = instant(step, wish)
    consistent(data.accepted_at is None or data.accepted_at <= at, "in service before it was accepted")
    after = await gone(step, data.model_copy(update={"used_at": at}), State.IN_SERVICE)
    return await followed(step, after, JUNCTIONS.used)


async def go_resume(step: Step, data: System, wish: Nothing) -> System:
    return await gone(step, data, State.IN_SERVICE)


async def go_suspend(step: Step, data: System, wish: Nothing) -> System:
    return await gone(step, data, State.SUSPENDED)


async def go_retire(step: Step, data: System, wish: Nothing) -> System:
    return await gone(step, data, State.RETIRED)


async def gone(step: Step, data: System, state: State) -> System:
    """Bring its cameras along."""
    facts = await facts_of(step.session, step.law, step.record, data=data)
    await bring_cameras(step, carried(facts, state, step), state)
    for effect in JUNCTIONS.moved:
        await effect(step, data, state)
    return await judged(step, data)


def carried(facts: Facts, state: State, step: Step) -> Sequence[CameraFileRow]:
    """Those that come along: into acceptance and service only what is accepted (R16.6), out of service only
    what is in it."""
    if state in (State.ACCEPTED, State.IN_SERVICE):
        return facts.accepted_files(step.now)
    if state is State.SUSPENDED:
        return [row for row in facts.files if row.state == State.IN_SERVICE]
    return facts.files


async def followed(step: Step, data: System, effects: Sequence[Effect]) -> System:
    """What follows from it elsewhere."""
    for effect in effects:
        await effect(step, data)
    return data


def instant(step: Step, wish: When) -> datetime:
    at = wish.at or step.now
    consistent(at <= step.now, "at a time to come")
    return at


async def extend_service(step: Step, data: System, wish: Extend) -> System:
    """Cameras that were added enter service too, once they are accepted and tied in (R16.6)."""
    facts = await facts_of(step.session, step.law, step.record, data=data)
    labels = labels_of(facts.files)
    added = [row for row in facts.files if row.id in set(wish.cameras)]
    if len(added) < len(set(wish.cameras)):
        raise RefersToNothing("cameras", "camera of this system")
    names, case = frozenset(labels[row.id] for row in added), Case(step.law)
    case.join(acceptance.are_cameras_accepted(step.law, facts.kind, names, facts.attempts, step.now))
    tied = await connection_of(step, labels)
    case.join(connection.is_tied_in(step.law, facts.kind, names, tied, step.now))
    step.require(case.answer())
    await bring_cameras(step, added, State.IN_SERVICE)
    return data


async def illegal(step: Step, data: System, move: Move) -> Refusal:
    """The article that guards the jump; where none does, the order itself."""
    answer = None if move.target == STAYS else await may_go(step, data, State(move.target))
    return answer if isinstance(answer, Refusal) else out_of_order(step.law, SYSTEM, move, step.record.state)


RUNNERS = frozenset({Role.BUILDER, Role.REGISTRAR})
AUTHORITY = frozenset({Role.CITY_DATA_AUTHORITY})
APPROVERS = frozenset({Role.CITY_DATA_AUTHORITY, Role.GOVERNMENT})
OPEN_ENDED = tuple(map(str, PATH[:-1]))  # all but retired
BEFORE = tuple(map(str, (*BEFORE_SERVICE, State.ACCEPTED)))
UNBUILT = ("planned", "designed", "approved", "building")
SYSTEM = Kind(
    name="system",
    path="systems",
    words=Words("系统", "system"),
    order="R2.2",
    prefix="XT",
    data=System,
    states={code: names[0].words for code, names in law().codes("life_state").items()},
    opening=SystemOpening,
    openers=RUNNERS,
    readers=SUPERVISORS
    | RUNNERS
    | {Role.ARCHIVIST, Role.PLANNER, Role.GOVERNMENT, Role.AUDITOR, Role.CONSTRUCTION_UNIT, Role.MAINTAINER},
    open=begin,
    order_of=illegal,
    moves=(
        Move("change", Words("修改", "change"), UNBUILT, STAYS, RUNNERS, change, Description),
        Move("rule", Words("认定区域", "rule on its areas"), OPEN_ENDED, STAYS, AUTHORITY, rule, Rule),
        Move(
            "assign_unit",
            Words("确定参建单位", "assign a unit"),
            OPEN_ENDED,
            STAYS,
            RUNNERS,
            assign_unit,
            Assign,
        ),
        Move(
            "design",
            Words("完成设计", "design"),
            ("planned",),
            "designed",
            RUNNERS,
            go_design,
            check=may_design,
        ),
        Move(
            "approve", Words("批准建设", "approve"), ("designed",), "approved", APPROVERS, go_approve, Approve
        ),
        Move(
            "start_building", Words("开工", "start building"), ("approved",), "building", RUNNERS, go_building
        ),
        Move(
            "start_trial",
            Words("完工试运行", "start the trial"),
            ("building",),
            "trial",
            RUNNERS,
            go_trial,
            When,
        ),
        Move("build_again", Words("返工", "back to building"), ("trial",), "building", RUNNERS, go_building),
        Move(
            "accept",
            Words("确认验收合格", "confirm the acceptance"),
            ("trial",),
            "accepted",
            RUNNERS,
            go_accepted,
            check=may_accept,
        ),
        Move(
            "enter_service",
            Words("投入使用", "enter service"),
            BEFORE,
            "in_service",
            RUNNERS,
            go_service,
            When,
            is_ready,
        ),
        Move(
            "extend_service",
            Words("新增摄像机投入使用", "take added cameras into service"),
            ("in_service",),
            STAYS,
            RUNNERS,
            extend_service,
            Extend,
        ),
        Move("suspend", Words("停用", "suspend"), ("in_service",), "suspended", RUNNERS, go_suspend),
        Move(
            "resume",
            Words("恢复使用", "resume"),
            ("suspended",),
            "in_service",
            RUNNERS,
            go_resume,
            check=is_ready,
        ),
        Move("retire", Words("退役", "retire"), OPEN_ENDED, "retired", RUNNERS, go_retire, check=may_retire),
    ),
)
