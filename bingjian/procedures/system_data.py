"""What is kept of a system: who builds it with whose money, for what, where, and how far it has come."""

from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, Field

from bingjian.procedures.kinds import (
    Code,
    Data,
    DocumentId,
    Line,
    Opening,
    OrganisationId,
    PartId,
    PlaceId,
    Text,
    said,
)

Codes = Annotated[tuple[Code, ...], Field(max_length=100)]
Places = Annotated[tuple[PlaceId, ...], Field(min_length=1, max_length=1000)]
Parts = Annotated[tuple[PartId, ...], Field(max_length=1000)]


class Description(Data):
    """A system as somebody describes it."""

    investment: Code = said("投资类型", "Investment", of="investment")
    purposes: Codes = said("建设目的", "Purposes", of="purpose", default=())
    places: Places = said("所在场所", "Places")
    parts: Parts = said("拟覆盖部位", "Parts to be covered", default=())
    organiser: OrganisationId = said("组织建设单位", "Who has it built")
    maintainer: OrganisationId | None = said(
        "维护单位（空：组织建设单位）", "Who maintains it (empty: who has it built)", default=None
    )
    user: OrganisationId | None = said("使用单位", "User", default=None)
    managing_unit: OrganisationId | None = said("管理单位", "Managing unit", default=None)
    level: Line = said("系统级次", "Level of the system", of="budget_level", default="")
    budget_level: Line = said("预算级次", "Level of the budget", of="budget_level", default="")
    build_item: Line = said("建设预算项目", "Budget item for building", default="")
    operation_item: Line = said("运行维护预算项目", "Budget item for operation", default="")
    programme: Line = said("所属规划或者项目", "Plan or programme", default="")
    asset_class: Line = said("资产类别", "Asset class", of="asset_class", default="")
    has_security_duty: bool = said("有安全防范义务", "Has a security duty", default=False)
    need: Text = said("公共安全需要", "Need of public safety", default="")
    necessity: Text = said("位置、角度和范围的必要性", "Why this position, angle and range", default="")
    is_voluntary: bool = said("自愿建设", "Voluntary", default=False)
    voluntary_builder: Line = said("自愿建设单位性质", "Who volunteers", of="voluntary_builder", default="")
    is_around_own_premises: bool = said("覆盖本单位周边", "Around their own premises", default=False)


class UnitUse(Data):
    """A firm in one of the roles."""

    role: Code = said("承担", "Role", of="unit_role")
    organisation: OrganisationId = said("单位", "Unit")
    contract_ends: date = said("合同期满日", "Last day of the contract")
    exemption: Line = said(
        "不要求资质的依据", "Why the law asks for no qualification, with its citation", default=""
    )


class Found(Data):
    """What its places and its money make of it, as of the last step."""

    is_article8: bool = said("第八条系统", "System of art. 8")
    is_government_built: bool = said("第十条政府建设", "Government-built by art. 10")
    decree_class: str = said("条例分类", "Class under the decree", of="decree_class")
    must_connect: bool = said("须接入平台", "Must be connected to a platform")
    is_level_mismatched: bool = said("预算级次与系统不符（提示）", "Budget of another level (a warning)")


class System(Description):
    found: Found | None = said("认定", "What it is", default=None)
    is_key_area: bool = said("其他重点公共区域", "Another key public area", default=False)
    ruling: Line = said("比照政府建设区域的认定", "Ruled to be like the areas of art. 10", default="")
    ruled_by: str = said("认定机关", "Ruled by", default="")
    units: tuple[UnitUse, ...] = said("参建单位", "Units", default=())
    approval: DocumentId | None = said("批准文件", "Approval", default=None)
    built_at: AwareDatetime | None = said("完工时间", "Finished", default=None)
    accepted_at: AwareDatetime | None = said("验收合格时间", "Accepted", default=None)
    used_at: AwareDatetime | None = said("投入使用时间", "In service since", default=None)


class SystemOpening(Opening, Description):
    pass
