"""Platforms (arts. 3¶2 and 13¶2): one of the city, one of each district below it, of the same versions."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import select

from bingjian.access.decisions import Role
from bingjian.procedures.kinds import (
    STAYS,
    Code,
    Data,
    Kind,
    Line,
    Move,
    Opening,
    OrganisationId,
    Ref,
    Text,
    said,
)
from bingjian.procedures.models import RecordRow
from bingjian.procedures.step import Step, data_of
from bingjian.rules.decision import Case, Grant, Refusal
from bingjian.rules.decisions import connection, platforms
from bingjian.rules.edition import Words

PlatformId = Annotated[UUID, Ref("record:platform")]
Answers = Annotated[tuple[Code, ...], Field(max_length=20)]
ACTIVE = ("registered", "active")  # from when it is registered it has its place


class Versions(Data):
    """What it speaks and does towards the platform above."""

    protocol: Line = said("协议及版本", "Protocol with version", default="")
    schema_version: Line = said("目录格式及版本", "Catalogue schema with version", default="")
    is_registered: bool = said("已向上级注册", "Registered upward", default=False)
    has_catalogue: bool = said("已报送目录", "Catalogue sent", default=False)
    answers: Answers = said("能够应答", "Answers", of="platform_answer", default=())


class Platform(Data):
    level: Code = said("级别", "Level", of="platform_level")
    parent: PlatformId | None = said("上级平台", "Platform above", default=None)
    is_government_built: bool = said("政府建设", "Built by government")
    builder: OrganisationId = said("建设单位", "Builder")
    builder_reason: Text = said("另定建设单位的理由", "Reason for another builder", default="")
    versions: Versions = said("互联情况", "Interconnection", default_factory=Versions)


class PlatformOpening(Opening):
    level: Code = said("级别", "Level", of="platform_level")
    parent: PlatformId | None = said("上级平台", "Platform above", default=None)
    is_government_built: bool = said("政府建设", "Built by government", default=False)
    builder: OrganisationId = said("建设单位", "Builder")
    builder_reason: Text = said("另定建设单位的理由", "Reason for another builder", default="")
    versions: Versions = said("互联情况", "Interconnection", default_factory=Versions)


async def begin(step: Step, wish: PlatformOpening) -> Platform:
    data = Platform.model_validate(
        {name: value for name, value in dict(wish).items() if name in Platform.model_fields}
    )
    step.require(await may_be_there(step, data))
    return data


async def may_be_there(step: Step, data: Platform) -> Grant | Refusal:
    """Arts. 3¶2 and 13¶2: its place among the others, and who builds it."""
    case, rows = Case(step.law), [step.record, *await others(step)]
    numbers = {row.id: row.number for row in rows}
    there = [facts_of(row, data_of(row, Platform), numbers, row.state in ACTIVE) for row in rows[1:]]
    case.join(platforms.may_add(step.law, there, facts_of(step.record, data, numbers, is_active=True)))
    case.join(connection.may_build(step.law, await builder_of(step, data)))
    return case.answer()


async def others(step: Step) -> list[RecordRow]:
    """Every other platform of the city, also outside the person's areas: the law counts them all."""
    query = select(RecordRow).where(RecordRow.kind == "platform", RecordRow.id != step.record.id)
    return list(await step.session.scalars(query))


def facts_of(
    row: RecordRow, data: Platform, numbers: Mapping[UUID, str], is_active: bool
) -> platforms.Platform:
    """A platform is called by its number."""
    parent = numbers[data.parent] if data.parent is not None else ""
    return platforms.Platform(
        row.number, data.level, row.division, parent, data.is_government_built, is_active
    )


async def builder_of(step: Step, data: Platform) -> connection.PlatformBuilder:
    """Of its own level and place: the city's police for the city's, a district's for its own."""
    builder = await step.organisation(data.builder)
    assert builder is not None  # looked up before the step
    is_same_level = builder.division == step.record.division
    is_city = data.level == platforms.CITY
    return connection.PlatformBuilder(is_city, builder.body, is_same_level, data.builder_reason)


async def report_versions(step: Step, data: Platform, wish: Versions) -> Platform:
    return data.model_copy(update={"versions": wish})


async def is_ready(step: Step, data: Platform) -> Grant | Refusal:
    """A district's platform runs once it is interconnected with the city's (R13.8)."""
    case = Case(step.law)
    case.join(await may_be_there(step, data))
    if data.parent is not None:
        above = data_of(await above_of(step, data.parent), Platform)
        own, city = interconnection(data.versions), interconnection(above.versions)
        case.join(connection.is_interconnected(step.law, own, city))
    return case.answer()


async def above_of(step: Step, parent: UUID) -> RecordRow:
    row = await step.session.get(RecordRow, parent)
    assert row is not None  # nothing is ever deleted
    return row


def interconnection(versions: Versions) -> connection.Interconnection:
    return connection.Interconnection(
        versions.protocol,
        versions.schema_version,
        versions.is_registered,
        versions.has_catalogue,
        frozenset(versions.answers),
    )


async def keep(step: Step, data: Platform, wish: Data) -> Platform:
    return data


BUILDERS = frozenset({Role.PUBLIC_SECURITY, Role.CITY_DATA_AUTHORITY})
PLATFORM = Kind(
    name="platform",
    path="platforms",
    words=Words("监控平台", "platform"),
    order="R3.3",
    prefix="PT",
    data=Platform,
    states={
        "registered": Words("已登记", "registered"),
        "active": Words("运行中", "running"),
        "stopped": Words("已停用", "stopped"),
    },
    opening=PlatformOpening,
    openers=BUILDERS,
    readers=BUILDERS | {Role.WORKGROUP_OFFICE, Role.INSPECTOR, Role.REGISTRAR, Role.GOVERNMENT, Role.AUDITOR},
    open=begin,
    moves=(
        Move(
            "report_versions",
            Words("登记互联情况", "report the interconnection"),
            ACTIVE,
            STAYS,
            BUILDERS,
            report_versions,
            Versions,
        ),
        Move(
            "activate",
            Words("投入运行", "start"),
            ("registered", "stopped"),
            "active",
            BUILDERS,
            keep,
            check=is_ready,
        ),
        Move("stop", Words("停用", "stop"), ACTIVE, "stopped", BUILDERS, keep),
    ),
)
