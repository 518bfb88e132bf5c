"""What a department's request to share is made of (art. 20)."""

from datetime import date
from typing import Annotated
from uuid import UUID

from bingjian.procedures.access_request_data import Second
from bingjian.procedures.fields import When
from bingjian.procedures.kinds import Code, Data, Line, Opening, OrganisationId, PersonId, Ref, Text, said
from bingjian.procedures.share_entry import Cameras, Kinds

EntryId = Annotated[UUID, Ref("record:share_entry")]


class Wanted(Data):
    entry: EntryId | None = said("目录条目", "Entry of the catalogue", default=None)
    keeper: OrganisationId | None = said(
        "向哪个单位申请（空：条目所写单位）", "Body that is asked (empty: the entry's)", default=None
    )
    cameras: Cameras = said("摄像机（空：条目的全部）", "Cameras (empty: all of the entry)", default=())
    kinds: Kinds = said(
        "数据类型（空：条目的全部）", "Kinds of data (empty: all of the entry)", of="share_kind", default=()
    )
    purpose: Code = said("用途", "Purpose", of="access_purpose")
    reason: Text = said("事由", "Reason", default="")
    ground: Code | None = said(
        "法定依据（非公共安全用途）", "Legal ground (for other purposes)", of="legal_ground", default=None
    )
    citation: Line = said("法律、法规名称和条款", "Its name and article", default="")
    begin: Second = said("使用开始时间", "Used from")
    until: Second = said("使用结束时间", "Used until")
    earliest: Second | None = said(
        "录像最早时间（空：使用开始时间）", "Footage from (empty: from when it is used)", default=None
    )
    destination: Line = said("查看地点", "Where it is looked at", default="")


class Denied(Data):
    """Not sharing is the exception: why, by whom, and when it is looked at again."""

    ground: Code = said("法定依据", "Legal ground", of="legal_ground")
    citation: Line = said("法律、法规名称和条款", "Its name and article")
    author: Line = said("经办人", "Author")
    review: date = said("复核日期", "Review date")
    reason: Text = said("理由", "Reason")


class ShareAsked(Wanted):
    keeper: OrganisationId = said("向哪个单位申请", "Body that is asked")
    applicant: PersonId = said("申请人", "Applicant")
    answered: When | None = said("答复时间", "Answered", default=None)
    denied: Denied | None = said("不予共享的答复", "Denial in writing", default=None)
    grant: Annotated[UUID, Ref("grant")] | None = said("授权编号", "Grant", default=None)
    ended: Text = said("终止原因", "Why it ended", default="")


class ShareOpening(Wanted, Opening):
    pass


class Give(Data):
    """As it is granted; what is left empty is as asked for."""

    until: Second | None = said(
        "使用结束时间（空：同申请）", "Used until (empty: as asked for)", default=None
    )
    cameras: Cameras = said("摄像机（空：同申请）", "Cameras (empty: as asked for)", default=())
    kinds: Kinds = said(
        "数据类型（空：同申请）", "Kinds of data (empty: as asked for)", of="share_kind", default=()
    )
    with_base_info: bool = said("包括基础信息", "Base information too", default=False)


class Deny(Data):
    ground: Code | None = said("法定依据", "Legal ground", of="legal_ground", default=None)
    citation: Line = said("法律、法规名称和条款", "Its name and article", default="")
    review: date | None = said("复核日期", "Review date", default=None)
    reason: Text = said("理由", "Reason", default="")
