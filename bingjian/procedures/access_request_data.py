"""What a request of a state organ to look, copy or retrieve is made of (arts. 21, 22)."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from bingjian.procedures.fields import When
from bingjian.procedures.kinds import (
    CameraId,
    Code,
    Data,
    DocumentId,
    Line,
    Opening,
    OrganisationId,
    PersonId,
    Ref,
    Text,
    said,
)

MANY = 100  # cameras, officers or papers of one request; larger ones are several
Cameras = Annotated[tuple[CameraId, ...], Field(max_length=MANY)]
Codes = Annotated[tuple[Code, ...], Field(max_length=20)]


Recipients = Annotated[tuple[Line, ...], Field(max_length=50)]


def to_the_second(instant: When) -> When:
    if instant.microsecond:
        raise ValueError("an interval is exact to the second")
    return instant


Second = Annotated[When, AfterValidator(to_the_second)]


class Card(Data):
    """A certificate, as its holder or the custodian reads it."""

    kind: Code = said("证件种类", "Kind", of="certificate")
    number: Line = said("证件编号", "Number", default="")
    issuer: Line = said("签发单位", "Issued by", default="")
    valid_to: date | None = said("有效期至", "Valid to", default=None)


class Officer(Data):
    """Somebody who comes to look."""

    person: PersonId = said("人员", "Person")
    name: Line = said("姓名", "Name")
    unit: OrganisationId | None = said("所在单位", "Unit", default=None)
    card: Card | None = said("证件", "Certificate", default=None)
    seen_by: Line = said("核验人", "Seen by", default="")  # empty: the custodian has not held it
    undertaking: Line = said("承诺遵守的制度版本", "Version of the rules that was signed", default="")
    paper: DocumentId | None = said("书面承诺", "Undertaking on paper", default=None)


class Paper(Data):
    """An approval or a letter of introduction."""

    kind: Code = said("种类", "Kind", of="authority_document")
    number: Line = said("文号", "Number", default="")
    unit: OrganisationId = said("出具单位", "Issued by")
    issued: date | None = said("日期", "Date", default=None)
    document: DocumentId = said("扫描件", "Scan")


class KeptPaper(Paper):
    sha256: Line = said("扫描件校验值", "Hash of the scan")


class Exemption(Data):
    """The way past an item of art. 22 that another law opens."""

    ground: Code = said("依据种类", "Kind of law", of="legal_ground")
    citation: Line = said("法律、法规名称和条款", "Its name and article", default="")
    reason: Text = said("理由", "Reason", default="")
    drops: Codes = said("不适用的项", "Items that it drops", of="access_rule", default=())


class OpenedExemption(Exemption):
    opened_by: PersonId = said("提出人", "Opened by")
    confirmed_by: PersonId | None = said("确认人", "Confirmed by", default=None)
    confirmed_at: When | None = said("确认时间", "Confirmed", default=None)
    of_month: int = said("本月第几次", "Which of its month", default=0)


class Wanted(Data):
    """What is asked for, and what for."""

    number: Line = said("案件或者工作编号", "Number of the case or work", default="")
    purpose: Code | None = said("用途", "Purpose", of="access_purpose", default=None)
    reason: Text = said("事由", "Reason", default="")
    power: Line = said(
        "权限依据（法律、行政法规名称和条款）", "Legal power (law and its article)", default=""
    )
    cameras: Cameras = said("摄像机（逐一列出）", "Cameras, one by one", default=())
    begin: Second = said("录像开始时间", "Footage from")
    end: Second = said("录像结束时间", "Footage until")
    verbs: Codes = said("权利", "Rights", of="access_verb", default=())
    destination: Line = said("去向（查阅地点或者复制件去处）", "Where it is shown or goes to", default="")
    wants_forward: bool = said("需要转发复制件", "Copies are to be given on", default=False)
    recipients: Recipients = said("转发接收方", "To whom they may be given on", default=())
    is_urgent: bool = said("紧急（不免除任何手续）", "Urgent (drops nothing)", default=False)


class Refused(Data):
    """The written refusal."""

    items: Codes = said("所依据的项", "By which items", of="access_rule")
    lacking: Codes = said("记录表明不符合的项", "Items that the record shows were not met", of="access_rule")
    reason: Text = said("理由", "Reason")
    by: Line = said("经办人", "By")
    asked_by: Code = said("申请机关类别", "Kind of authority", of="asking_authority")


class Request(Wanted):
    keeper: OrganisationId = said("向哪个单位申请", "Body that is asked")
    applicant: PersonId = said("申请人", "Applicant")
    officers: tuple[Officer, ...] = said("调查取证人员", "Officers", default=())
    papers: tuple[KeptPaper, ...] = said("单位文件", "Documents of the unit", default=())
    exemption: OpenedExemption | None = said("依其他法律、法规办理", "By other law", default=None)
    submitted: When | None = said("提交时间", "Submitted", default=None)
    answered: When | None = said("答复时间", "Answered", default=None)
    missing: Text = said("需补正的内容", "What is missing", default="")
    refused: Refused | None = said("书面拒绝", "Refusal in writing", default=None)
    grant: Annotated[UUID, Ref("grant")] | None = said("授权编号", "Grant", default=None)
    ended: Text = said("终止原因", "Why it ended", default="")


class RequestOpening(Opening, Wanted):
    keeper: OrganisationId = said("向哪个单位申请", "Body that is asked")


# --- what steps want


class NameOfficer(Data):
    person: PersonId | None = said("人员（空：本人）", "Person (empty: yourself)", default=None)
    card: Card | None = said("证件", "Certificate", default=None)


class Undertake(Data):
    officer: int = said("第几名人员", "Number of the officer", ge=1)
    paper: DocumentId | None = said(
        "书面承诺（非本人办理时）", "Undertaking on paper, if it is not yourself", default=None
    )


class AddPaper(Data):
    paper: Paper = said("单位文件", "Document of the unit")


class See(Data):
    """The certificate as the custodian reads it."""

    officer: int = said("第几名人员", "Number of the officer", ge=1)
    number: Line = said("证件编号", "Number", min_length=1)
    issuer: Line = said("签发单位", "Issued by", min_length=1)
    valid_to: date = said("有效期至", "Valid to")


class Narrow(Data):
    """As it is granted; what is left empty is as asked for."""

    expires: When = said("授权截止时间", "The grant ends at")
    cameras: Cameras = said("摄像机（空：同申请）", "Cameras (empty: as asked for)", default=())
    begin: Second | None = said(
        "录像开始时间（空：同申请）", "Footage from (empty: as asked for)", default=None
    )
    end: Second | None = said(
        "录像结束时间（空：同申请）", "Footage until (empty: as asked for)", default=None
    )
    verbs: Codes = said("权利（空：同申请）", "Rights (empty: as asked for)", of="access_verb", default=())
    has_whole_edges: bool = said("包括首尾整段录像", "With the whole fragments at both ends", default=False)
    may_forward: bool = said("同意转发复制件", "Copies may be given on", default=False)


class Return(Data):
    missing: Text = said("需补正的内容", "What is missing", min_length=1)


class Refuse(Data):
    items: Codes = said(
        "所依据的项（空：按自动核查结果）", "By which items (empty: those found missing)",
        of="access_rule", default=(),
    )  # fmt: skip
    reason: Text = said("理由", "Reason", default="")


class Reason(Data):
    reason: Text = said("理由", "Reason", min_length=1)
