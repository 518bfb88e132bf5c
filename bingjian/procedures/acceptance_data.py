"""What is kept of an acceptance."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from bingjian.procedures.kinds import CameraId, Data, DocumentId, Line, Opening, OrganisationId, said
from bingjian.rules.decisions.qualification import Check

Cameras = Annotated[tuple[CameraId, ...], Field(max_length=100_000)]
STATES = {"passed": True, "failed": False, "revoked": True}  # those concluded: whether it had passed


class Item(Data):
    """One item of a standard's checklist."""

    standard: Line = said("标准", "Standard", min_length=1)
    item: Line = said("检查项", "Item", min_length=1)
    is_mandatory: bool = said("强制性条款", "Mandatory")
    is_passed: bool | None = said("合格（空：未检查）", "Passed (empty: not looked at)", default=None)
    note: Line = said("说明", "Note", default="")

    def check(self) -> Check:
        return Check(self.standard, self.item, self.is_mandatory, self.is_passed)

    def __str__(self) -> str:
        return f"{self.standard} {self.item}: {self.is_passed}"


class Participant(Data):
    """Somebody who took part, for the body that they act for."""

    body: str = said("单位性质", "Body")
    organisation: OrganisationId | None = said("单位", "Organisation", default=None)
    name: Line = said("姓名", "Name", min_length=1)


class Acceptance(Data):
    is_supplementary: bool = said("补充验收", "Supplementary", default=False)
    cameras: Cameras = said("验收的摄像机", "Cameras", default=())
    built: AwareDatetime = said("完工时间", "Finished")
    standards: tuple[Line, ...] = said("依据标准", "Standards", default=())
    items: tuple[Item, ...] = said("逐项结果", "Items", default=())
    participants: tuple[Participant, ...] = said("参加人员", "Who took part", default=())
    report: DocumentId | None = said("验收报告", "Report", default=None)
    report_hash: str = said("报告校验值", "Hash of the report", default="")
    held: AwareDatetime | None = said("验收时间", "Held", default=None)
    specification: str = said("适用的本市技术规范", "The city's specification that applies", default="")
    warnings: tuple[str, ...] = said("推荐性条款不符合", "Voluntary items that failed", default=())
    revoked: AwareDatetime | None = said("撤销时间", "Revoked", default=None)
    reason: str = said("撤销原因", "Why it was revoked", default="")


class AcceptanceOpening(Opening):
    is_supplementary: bool = said("补充验收", "Supplementary", default=False)
    cameras: Cameras = said("验收的摄像机（空：全部）", "Cameras (empty: all)", default=())


class Items(Data):
    standards: Annotated[tuple[Line, ...], Field(max_length=100)] = said("依据标准", "Standards")
    items: Annotated[tuple[Item, ...], Field(max_length=2000)] = said("逐项结果", "Items")


class TakePart(Data):
    name: Line = said("姓名", "Name", min_length=1)


class Report(Data):
    report: DocumentId = said("验收报告", "Report")


class Conclude(Data):
    held: AwareDatetime | None = said("验收时间（空：现在）", "Held (empty: now)", default=None)


class Revoke(Data):
    reason: Line = said("原因", "Reason", min_length=1)
    document: DocumentId = said("撤销决定", "Decision")
