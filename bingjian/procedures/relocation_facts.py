"""What art. 19 asks about: the camera or system protected, and the notice given of it.

Camera files and the life of a system ask ``notice_of`` and ``has_notice``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.inventory.camera_files import CameraFileRow
from bingjian.procedures.errors import RefersToNothing
from bingjian.procedures.kinds import Data, DocumentId, Line, OrganisationId, Text, said
from bingjian.procedures.known_system import KIND as SYSTEM
from bingjian.procedures.known_system import known
from bingjian.procedures.models import RecordRow
from bingjian.procedures.step import Step, data_of
from bingjian.rules.decisions import moving
from bingjian.rules.decisions.restoring import Loss

KIND = "relocation"
STANDING = ("acknowledged", "started", "lost")  # while a notice covers what is done to the camera
Cell = Annotated[int, Field(ge=0)]
CELLS = 10_000  # of one view: a picture is compared in a grid of at most 100 by 100


class PlanAfter(Data):
    """What covers the area afterwards."""

    kind: Line = said("方案类型", "Kind of plan", of="relocation_plan", default="")
    area: Text = said("覆盖区域", "Area covered", default="")
    day: date | None = said("完成日期", "Done by", default=None)
    document: DocumentId | None = said("方案文件", "Document", default=None)


class NoticeData(Data):
    """What a notice tells. What is missing the rules refuse, each by its duty."""

    reason: Line = said("理由", "Reason", of="relocation_reason", default="")
    document: DocumentId | None = said("证明文件", "Document that proves it", default=None)
    necessity: Text = said("必要性说明", "Why it is necessary", default="")
    plan: PlanAfter | None = said("复建或者替代方案", "Rebuild or replacement plan", default=None)
    receiver: OrganisationId | None = said("报送的管理单位", "Sent to (managing unit)", default=None)
    planned: AwareDatetime = said("计划施工时间", "Works planned to begin")


class LossData(Data):
    """When the original coverage was lost, and how many cells of the view were covered."""

    last_good: AwareDatetime | None = said("最后正常图像时间", "Last good picture", default=None)
    reported: AwareDatetime = said("报告时间", "Reported at")
    cells: int = said("原覆盖范围（格）", "Original coverage in cells", ge=1, le=CELLS)

    @property
    def loss(self) -> Loss:
        return Loss(self.last_good, None, self.reported)


class ProofData(Data):
    """What shows that the area is covered again; other cameras count."""

    covered: Annotated[tuple[Cell, ...], Field(max_length=CELLS)] = said(
        "已覆盖的格（编号自 0 起）", "Cells covered, numbered from 0"
    )
    picture: DocumentId | None = said("实时图像截图", "Picture taken live", default=None)


class Relocation(NoticeData):
    """A notice and what became of it."""

    sent_at: AwareDatetime | None = said("报送时间", "Sent at", default=None)
    received_at: AwareDatetime | None = said("收到时间", "Received at", default=None)
    acknowledged_at: AwareDatetime | None = said("确认时间", "Acknowledged at", default=None)
    objection: Text = said("管理单位异议", "Objection of the managing unit", default="")
    started_at: AwareDatetime | None = said("开工时间", "Works began at", default=None)
    loss: LossData | None = said("覆盖中断", "Loss of coverage", default=None)
    proof: ProofData | None = said("恢复证明", "Proof of restoration", default=None)
    restored_at: AwareDatetime | None = said("恢复时间", "Restored at", default=None)
    breach_zh: str = said("逾期情况", "Breach, in Chinese", default="")
    breach_en: str = said("逾期情况（英文）", "Breach, in English", default="")

    def notice(self, receiver: str, received: datetime) -> moving.Notice:
        """As the rules ask. ``receiver``: id of the unit that has it."""
        plan = self.plan
        return moving.Notice(
            self.reason,
            str(self.document or ""),
            self.necessity,
            moving.Plan(plan.kind, plan.area, plan.day) if plan is not None else None,
            receiver,
            received,
            self.planned,
            self.acknowledged_at,
            self.objection,
        )


@dataclass(frozen=True, slots=True)
class Protected:
    """The camera, or the whole system, that a notice is about."""

    name: str
    division: str
    managing_unit: UUID | None
    is_article8: bool

    def camera(self, unit: str) -> moving.Camera:
        """``unit``: how the managing unit is named in the same question."""
        return moving.Camera(self.name, unit, self.is_article8)


async def protected(session: AsyncSession, subject: UUID) -> Protected | None:
    """None: neither a camera nor a system has this id."""
    file = await session.get(CameraFileRow, subject)
    if file is not None:
        return Protected(file.name, file.division, file.management_unit, file.is_article8)
    row = await session.get(RecordRow, subject)
    if row is None or row.kind != SYSTEM:
        return None
    system = known(row)
    return Protected(row.title, row.division, system.managing_unit, system.is_article8)


async def protected_by(step: Step) -> Protected:
    """What this record's notice is about. Raises RefersToNothing."""
    subject = step.record.subject
    found = await protected(step.session, subject) if subject is not None else None
    if found is None:
        raise RefersToNothing("subject", "camera_or_system")
    return found


async def notice_of(session: AsyncSession, camera: CameraFileRow) -> moving.Notice | None:
    """The notice that covers a camera now, its own before its system's; None: there is none in order."""
    subjects = [camera.id, *([camera.system] if camera.system is not None else [])]
    rows = await standing(session, subjects)
    own = [row for row in rows if row.subject == camera.id] or rows
    return notice_in(own[-1]) if own else None


async def has_notice(step: Step, system: RecordRow) -> bool:
    """Whether a notice about the whole system has been acknowledged and still stands (R19.1)."""
    return bool(await standing(step.session, [system.id]))


async def standing(session: AsyncSession, subjects: Sequence[UUID]) -> list[RecordRow]:
    """The notices about these that are acknowledged and not done with, oldest first."""
    query = select(RecordRow).where(RecordRow.kind == KIND, RecordRow.subject.in_(subjects))
    query = query.where(RecordRow.state.in_(STANDING)).order_by(RecordRow.opened_at, RecordRow.id)
    return list(await session.scalars(query))


def notice_in(row: RecordRow) -> moving.Notice:
    """The notice in a record whose managing unit has it. Units are named by their id."""
    data = data_of(row, Relocation)
    assert data.received_at is not None
    return data.notice(str(data.receiver), data.received_at)
