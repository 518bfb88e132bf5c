"""The request of a state organ to look, copy or retrieve (arts. 21, 22): two officers, and one grant.

Drafted by the organ, whole before it is submitted; seen, decided or returned by a custodian of the cameras'
area. A grant is written in the transaction of the decision. An answer is owed from the submission on.
"""

from collections.abc import Iterable
from datetime import datetime

from bingjian.access.decisions import Role
from bingjian.procedures import access_request_steps as steps
from bingjian.procedures.access_request_data import (
    AddPaper,
    Exemption,
    NameOfficer,
    Narrow,
    Reason,
    Refuse,
    Request,
    RequestOpening,
    Return,
    See,
    Undertake,
    Wanted,
)
from bingjian.procedures.access_request_facts import LOOKERS, is_respected
from bingjian.procedures.fields import digest
from bingjian.procedures.kinds import STAYS, Finding, Kind, Lapse, Move
from bingjian.procedures.models import RecordRow
from bingjian.procedures.step import data_of
from bingjian.rules.decision import all_of
from bingjian.rules.edition import Words
from bingjian.rules.library import law


def findings(record: RecordRow, now: datetime) -> Iterable[Finding]:
    """A refusal whose items the record contradicts (art. 31(10))."""
    data = data_of(record, Request)
    if data.refused is None or data.answered is None:
        return
    answer = is_respected(law().at(data.answered), data, max(now, data.answered))
    for refusal in all_of(answer) if answer is not None else ():
        yield Finding(refusal.code, digest(data.refused.model_dump()), (str(record.id),))


CUSTODIANS = frozenset({Role.CUSTODIAN})
OFFICERS = LOOKERS  # an inspector asks as any officer does: footage takes a grant (art. 32)
OPEN, ASKED = ("drafted", "returned"), ("submitted",)
ACCESS_REQUEST = Kind(
    name=steps.NAME,
    path="access-requests",
    words=Words("查阅复制调取申请", "request to look, copy or retrieve"),
    order="R22.6",
    prefix="CY",
    data=Request,
    states={
        "drafted": Words("起草中", "being drafted"),
        "submitted": Words("待答复", "to be answered"),
        "returned": Words("已退回补正", "returned to be completed"),
        "granted": Words("已同意", "granted"),
        "refused": Words("已拒绝", "refused"),
        "withdrawn": Words("已撤回", "withdrawn"),
        "ended": Words("授权已终止", "the grant has ended"),
    },
    opening=RequestOpening,
    openers=OFFICERS,
    readers=OFFICERS | CUSTODIANS | {Role.AUDITOR},
    open=steps.begin,
    silent=True,
    findings=findings,
    lapse=Lapse("granted", "ended"),
    moves=(
        Move("amend", Words("修改申请", "change it"), OPEN, STAYS, OFFICERS, steps.amend, Wanted),
        Move(
            "name_officer",
            Words("填报人员", "name an officer"),
            OPEN,
            STAYS,
            OFFICERS,
            steps.name_officer,
            NameOfficer,
        ),
        Move(
            "undertake",
            Words("承诺遵守使用、保密制度", "promise to keep the rules"),
            (*OPEN, *ASKED),
            STAYS,
            OFFICERS,
            steps.undertake,
            Undertake,
        ),
        Move(
            "add_paper",
            Words("提交单位文件", "add a paper"),
            OPEN,
            STAYS,
            OFFICERS,
            steps.add_paper,
            AddPaper,
        ),
        Move(
            "submit", Words("提交", "submit"), OPEN, "submitted", OFFICERS, steps.submit, check=steps.is_whole
        ),
        Move(
            "withdraw",
            Words("撤回", "withdraw"),
            (*OPEN, *ASKED),
            "withdrawn",
            OFFICERS,
            steps.withdraw,
            Reason,
        ),
        Move(
            "see",
            Words("核验证件", "see a certificate"),
            ASKED,
            STAYS,
            CUSTODIANS,
            steps.see,
            See,
            steps.not_own,
        ),
        Move(
            "grant",
            Words("同意", "grant"),
            ASKED,
            "granted",
            CUSTODIANS,
            steps.grant,
            Narrow,
            steps.may_grant,
        ),
        Move(
            "send_back",
            Words("退回", "return"),
            ASKED,
            "returned",
            CUSTODIANS,
            steps.send_back,
            Return,
            steps.not_own,
        ),
        Move(
            "refuse",
            Words("拒绝", "refuse"),
            ASKED,
            "refused",
            CUSTODIANS,
            steps.refuse,
            Refuse,
            steps.not_own,
        ),
        Move(
            "open_exemption",
            Words("依其他法律、法规办理", "invoke other law"),
            (*OPEN, *ASKED),
            STAYS,
            CUSTODIANS,
            steps.open_exemption,
            Exemption,
            steps.not_own,
        ),
        Move(
            "confirm_exemption",
            Words("确认依其他法律、法规办理", "confirm that other law prevails"),
            (*OPEN, *ASKED),
            STAYS,
            CUSTODIANS,
            steps.confirm_exemption,
            check=steps.not_own,
        ),
        Move(
            "revoke",
            Words("收回授权", "revoke"),
            ("granted",),
            "ended",
            CUSTODIANS,
            steps.stop,
            Reason,
            tells_workers=True,
        ),
        Move(
            "give_back",
            Words("用毕交回", "give it back"),
            ("granted",),
            "ended",
            OFFICERS,
            steps.stop,
            Reason,
            tells_workers=True,
        ),
    ),
)
