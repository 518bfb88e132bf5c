"""Alerts: the platform noticed what may be an act of art. 31(1) to (4) or (6); somebody has to look at it.

Nobody opens one by hand: ``raising`` does, from the journal, and ``room_log`` as a log is closed. Whoever an
alert is about never sees it. The auditor explains it or passes it on; who judges acts makes an incident of it
or dismisses it.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from bingjian.access.decisions import Role
from bingjian.procedures.incident import JUDGES
from bingjian.procedures.kinds import (
    CameraId,
    Data,
    EntryNumber,
    Kind,
    Move,
    Nothing,
    Opening,
    PersonId,
    Ref,
    Text,
    said,
)
from bingjian.procedures.step import Step
from bingjian.rules.decision import UsageError
from bingjian.rules.edition import Words

IncidentId = Annotated[UUID, Ref("record:incident")]
# Codes of ``prohibited_act``.
PRYING, UNUSUAL, INTRUSION = "infringe_privacy_or_secrets", "unauthorised_access_or_repurpose", "intrude"
ADMITTING, TAMPERING = "admit_unrelated_persons", "tamper_originals"
DWELLING, ROOM = "masked_area", "watch_room"
SIGNS: dict[str, Words] = {
    DWELLING: Words("镜头长时间对准遮挡区域", "camera kept aimed at a masked area"),
    "volume": Words("使用量异常", "unusual volume"),
    "hours": Words("使用时间异常", "unusual hours"),
    "own_address": Words("查看本人住址周边", "cameras around the own address"),
    ROOM: Words("监看场所进出不符", "odd entries and exits of a watch room"),
    "failed_sign_ins": Words("多次登录失败", "failed sign-ins"),
    "unknown_device": Words("陌生设备登录", "sign-in from an unknown device"),
    "other_device": Words("会话被其他设备使用", "session used by another device"),
    "replayed_code": Words("验证码重放", "replayed code"),
    "foreign_origin": Words("其他网站冒用会话", "session used by another site's page"),
    "provider_answer": Words("伪造身份提供方应答", "forged answer of the identity provider"),
    "replayed_ticket": Words("播放凭证重放", "replayed ticket"),
    "bad_ticket": Words("伪造播放凭证", "forged ticket"),
    "bad_credential": Words("媒体进程凭证错误", "wrong credential at a media worker"),
    "bad_witness": Words("见证签名错误", "bad signature of the witness"),
    "unknown_camera": Words("未接纳设备尝试注册", "a device nobody accepted tries to register"),
    "camera_password": Words("猜测设备密码", "guessing the password of a device"),
    "replayed_digest": Words("设备信令重放", "replayed signalling of a device"),
    "camera_twice": Words("同一设备从两处接入", "one device from two places"),
    "footage_deleted": Words("原始录像被删除", "original footage deleted"),
    "footage_changed": Words("原始录像被修改", "original footage changed"),
    "footage_added": Words("原始录像被增加", "original footage added to"),
}


class Alert(Data):
    act: str = said("可能的行为", "Act it may be", of="prohibited_act")
    sign: str = said("迹象", "Sign", choices={code: (words.zh, words.en) for code, words in SIGNS.items()})
    what: Text = said("情况", "What was noticed", default="")
    person: PersonId | None = said("涉及账户", "Account", default=None)
    camera: CameraId | None = said("摄像机", "Camera", default=None)
    source: Text = said("来源地址", "Where from", default="")
    began: datetime = said("开始", "From")
    last: datetime = said("最近", "Until")
    count: int = said("次数", "How often", ge=1)
    entries: tuple[EntryNumber, ...] = said("日志序号", "Entries in the journal", default=())
    explanation: Text = said("说明", "Explanation", default="")
    incident: IncidentId | None = said("违禁行为记录", "Incident", default=None)


class AlertOpening(Opening):
    """Never brought by anybody."""


class Explain(Data):
    explanation: Text = said("说明", "Explanation", min_length=1)


class Refer(Data):
    incident: IncidentId = said("违禁行为记录", "Incident")


async def begin(step: Step, wish: Opening) -> Alert:
    raise UsageError("alerts are raised by the platform alone")


async def explain(step: Step, alert: Alert, wish: Explain) -> Alert:
    return alert.model_copy(update={"explanation": wish.explanation})


async def pass_on(step: Step, alert: Alert, wish: Nothing) -> Alert:
    return alert


async def refer(step: Step, alert: Alert, wish: Refer) -> Alert:
    return alert.model_copy(update={"incident": wish.incident})


WATCHERS = frozenset({Role.AUDITOR})
TO_INCIDENT = Words("转违禁行为", "make it an incident")
RAISED = "raised"
ALERT = Kind(
    name="alert",
    path="alerts",
    words=Words("异常预警", "alert"),
    order="R31.2",
    ground="31",
    prefix="YC",
    data=Alert,
    states={
        RAISED: Words("待核查", "to be looked at"),
        "passed_on": Words("已移交", "passed on"),
        "explained": Words("已说明", "explained"),
        "referred": Words("已转违禁行为", "made an incident"),
    },
    opening=AlertOpening,
    openers=frozenset(),
    readers=WATCHERS | JUDGES | {Role.DISCIPLINE_BODY},
    open=begin,
    subject="person",
    hidden_from_subject=True,
    moves=(
        Move("explain", Words("说明", "explain"), (RAISED,), "explained", WATCHERS, explain, Explain),
        Move("pass_on", Words("移交", "pass on"), (RAISED,), "passed_on", WATCHERS, pass_on),
        Move("refer", TO_INCIDENT, ("passed_on",), "referred", JUDGES, refer, Refer),
        Move("dismiss", Words("不予认定", "dismiss"), ("passed_on",), "explained", JUDGES, explain, Explain),
    ),
)
