"""Which acts are forbidden (art. 31; Decree 799 art. 23), and when what people do amounts to one.

What is done to devices and records is in ``tampering``, refusing lawful use in ``refusing``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bingjian.rules.civil import TICK
from bingjian.rules.decision import (
    Case,
    Grant,
    Refusal,
    UsageError,
    absent,
    aware,
    consistent,
    decides,
    distinct,
    is_given,
    listed,
)
from bingjian.rules.edition import Article, Words
from bingjian.rules.law import Law
from bingjian.rules.spans import Span, clock

ACTS = "prohibited_act"
OTHER = "R31.11"


@decides("R31.11", "N23")
def is_forbidden(law: Law, act: str) -> Refusal:
    """Arts. 31, Decree 799 art. 23: the refusals of an act of ``prohibited_act``, of every law that names it.

    Raises UsageError: no law in force names it.
    """
    case = Case(law)
    told = law.words(ACTS, act)
    for known in law.codes(ACTS)[act]:
        code = duty_at(law, known.article)
        if code is not None:
            reason = Words(f"禁止：{known.words.zh}", f"forbidden: {known.words.en}")
            case.require(False, code, reason, Words("请立即停止", "stop at once"))
    answer = case.answer()
    if isinstance(answer, Grant):
        raise UsageError(f"no duty in force forbids {told.en}")
    return answer


def duty_at(law: Law, article: Article) -> str | None:
    """The duty at this place, else at its article: an article of many items may be one duty."""
    near = [
        (duty.article, code) for code, duty in law.duties.items() if duty.article.number == article.number
    ]
    whole = Article(article.edition, article.number)
    return next((code for place in (article, whole) for at, code in near if at == place), None)


@decides("R31.11")
def may_file_incident(law: Law, act: str, description: str) -> Grant | Refusal:
    """Art. 31: an incident is of one of the forbidden acts; one of the others' kind is described."""
    known = law.codes(ACTS).get(act, ())
    is_other = law.binds(OTHER) and any(one.article == law.duty(OTHER).article for one in known)
    case = Case(law)
    case.require(
        bool(known),
        OTHER,
        Words(f"不是规定的行为：{act or '未写明'}", f"not one of the acts: {act or 'none given'}"),
        Words(f"请从 {len(law.codes(ACTS))} 项中选择", f"choose of the {len(law.codes(ACTS))}"),
    )
    case.require(
        not is_other or is_given(description),
        OTHER,
        Words("没有写明情况", "no description is given"),
        Words("请写明情况", "describe what happened"),
    )
    return case.answer()


# --- (1), (2): prying and unusual use


@dataclass(frozen=True, slots=True)
class Aim:
    """A camera aimed at a masked polygon."""

    since: datetime
    is_masked: bool  # the mask is on, in every picture that left

    def __post_init__(self) -> None:
        aware(since=self.since)


@decides("R31.1")
def is_no_prying(law: Law, aim: Aim, now: datetime) -> Grant | Refusal:
    """Art. 31(1): masked all the time, and not dwelt on for longer than a moment; a refusal is an alert."""
    aware(now=now)
    consistent(aim.since <= now, "aimed in the future")
    case, most = Case(law), law.limits.get("conduct.dwell")
    case.require(
        aim.is_masked,
        "R31.1",
        Words("遮挡区域没有遮挡", "a masked area is not masked"),
        Words("请立即恢复遮挡", "put the mask on at once"),
    )
    if most is not None:
        case.require(
            now - aim.since <= timedelta(seconds=most.value),
            most.code,
            Words(
                f"镜头对准遮挡区域已超过 {most.value} 秒", f"aimed at a masked area for over {most.value} s"
            ),
            Words("请移开镜头；已告警", "turn the camera away; an alert was raised"),
        )
    return case.answer()


@dataclass(frozen=True, slots=True)
class Usage:
    """One person's use of a period against their own habit."""

    volume: int  # views, copies and retrievals
    median: int | None  # of earlier periods; None: there are none
    is_in_hours: bool  # within the person's shift or working hours
    has_own_address: bool  # cameras around the person's own address

    def __post_init__(self) -> None:
        consistent(self.volume >= 0 and (self.median is None or self.median >= 0), "a negative volume")


@decides("R31.2")
def is_usual(law: Law, usage: Usage) -> Grant | Refusal:
    """Art. 31(2): volume, hour and place as usual; a refusal is an alert to be looked at, not a finding."""
    factor = law.limits.get("conduct.volume_factor")
    remedy = Words("请审计员核查", "have the auditor look at it")
    case = Case(law)
    if factor is not None:
        told = "未知" if usage.median is None else str(usage.median)
        is_much = usage.median is None or usage.volume >= factor.value * usage.median
        case.require(
            not usage.volume or not is_much,
            factor.code,
            Words(
                f"使用 {usage.volume} 次，平常（中位数）{told}，达到 {factor.value} 倍即告警",
                f"used {usage.volume} times, median {usage.median}: an alert from {factor.value} times on",
            ),
            remedy,
        )
    case.require(
        usage.is_in_hours, "R31.2", Words("在工作时间以外使用", "used outside the person's hours"), remedy
    )
    case.require(
        not usage.has_own_address,
        "R31.2",
        Words("查看本人住址周边的摄像机", "cameras around the person's own address"),
        remedy,
    )
    return case.answer()


# --- (3): the watch room


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody at the door of a watch room. Persons by id."""

    person: str
    reason: str = ""
    approved_by: str = ""
    asked_by: str = ""


@decides("R31.3")
def may_ask_in(law: Law, visitor: Visitor, shift: frozenset[str]) -> Grant | Refusal:
    """Art. 31(3): somebody of the shift asks for a visitor, and says why they come."""
    asked_by, case = distinct([visitor.asked_by]), Case(law)
    case.require(
        bool(asked_by) and asked_by <= distinct(shift),
        "R31.3",
        Words("申请人不在本班名单内", "whoever asks is not on the shift's list"),
        Words("请由本班人员申请", "have somebody of the shift ask"),
    )
    case.require(
        is_given(visitor.reason),
        "R31.3",
        Words("没有写明来访理由", "no reason of the visit is given"),
        Words("请写明来访理由", "say why they come"),
    )
    return case.answer()


@decides("R31.3")
def may_admit(law: Law, visitor: Visitor) -> Grant | Refusal:
    """Art. 31(3): a visit with a reason is approved, by neither the visitor nor whoever asked for it."""
    others = distinct([visitor.approved_by]) - distinct([visitor.person, visitor.asked_by])
    case = Case(law)
    case.require(
        is_given(visitor.reason) and bool(others),
        "R31.3",
        Words(
            "来访须有理由，并由来访人和申请人以外的人批准",
            "a visit needs a reason and the approval of neither the visitor nor whoever asked",
        ),
        Words("请由他人批准", "have somebody else approve it"),
    )
    return case.answer()


@decides("R31.3")
def may_enter(law: Law, visitor: Visitor, shift: frozenset[str]) -> Grant | Refusal:
    """Art. 31(3): who is on the shift's list, or comes for a reason that somebody else approved."""
    who, case = distinct([visitor.person]), Case(law)
    case.require(
        bool(who) and (who <= distinct(shift) or isinstance(may_admit(law, visitor), Grant)),
        "R31.3",
        Words(
            "不在本班名单内，且没有理由和他人批准", "not on the shift's list, no reason approved by another"
        ),
        Words("请写明来访理由并经批准", "give the reason and have it approved"),
    )
    return case.answer()


@dataclass(frozen=True, slots=True)
class Passage:
    """Somebody came in or went out."""

    person: str
    at: datetime
    is_entry: bool

    def __post_init__(self) -> None:
        aware(at=self.at)


def gone_through(passages: Iterable[Passage]) -> tuple[frozenset[str], frozenset[str]]:
    """Who is inside afterwards, and whose entries and exits do not alternate."""
    inside, odd = set[str](), set[str]()
    for passage in sorted(passages, key=lambda one: (one.at, not one.is_entry, one.person)):
        if passage.is_entry is (passage.person in inside):
            odd.add(passage.person)
        (inside.add if passage.is_entry else inside.discard)(passage.person)
    return frozenset(inside), frozenset(odd)


@decides("R31.3")
def is_room_log_whole(law: Law, passages: Iterable[Passage], *, is_over: bool = False) -> Grant | Refusal:
    """Art. 31(3): everybody goes out once for each time they came in, and not before.

    Args:
        is_over: the log is being closed, so nobody may be left inside.
    """
    inside, odd = gone_through(passages)
    odd |= inside if is_over else frozenset()
    case = Case(law)
    case.require(
        not odd,
        "R31.3",
        Words(
            f"进出不相符：{'、'.join(sorted(odd))}", f"entries and exits do not match: {listed(sorted(odd))}"
        ),
        Words("请核查监看场所进出记录", "look into the log of the room"),
    )
    return case.answer()


@decides("R31.3")
def is_time_to_enter(law: Law, shift: Span, is_listed: bool, at: datetime) -> Grant | Refusal:
    """Art. 31(3): a list, and a visitor's approval, hold for their own shift alone.

    Args:
        is_listed: on the shift's list: these may come a little earlier, to take over.
    """
    aware(at=at)
    early, case = law.limits.get("watch_room.early"), Case(law)
    minutes = early.value if early is not None and is_listed else 0
    since = shift.start - timedelta(minutes=minutes)
    case.require(
        since <= at < shift.end,
        "R31.3",
        Words(
            f"只在本班有效：{clock(since)} 至 {clock(shift.end)}",
            f"it holds for this shift alone: from {clock(since)} to {clock(shift.end)}",
        ),
        Words("请在其时当班的班次登记", "use the log of the shift that is on then"),
    )
    return case.answer()


@decides("R31.3")
def may_close_room_log(law: Law, shift: Span, now: datetime) -> Grant | Refusal:
    """Art. 31(3): every entry and exit is registered, so the log is closed when the shift is over."""
    aware(now=now)
    case = Case(law)
    case.require(
        shift.end <= now,
        "R31.3",
        Words(f"本班到 {clock(shift.end)} 才结束", f"the shift goes on until {clock(shift.end)}"),
        Words("请在本班结束后关闭登记", "close the log when the shift is over"),
    )
    return case.answer()


def room_log_until(law: Law, shift: Span) -> datetime:
    """First instant at which it is late to close the log of a shift. UTC."""
    return shift.end + timedelta(minutes=law.number("watch_room.close")) + TICK


# --- (4): intrusion


@decides("R31.4")
def may_try(law: Law, failures: Sequence[datetime], now: datetime) -> Grant | Refusal:
    """Art. 31(4): another sign-in; after so many failures within the window it is locked, with an alert."""
    aware(now=now, **{f"failure {at}": one for at, one in enumerate(failures)})
    most, window = law.limits.get("sign_in.failures"), law.limits.get("sign_in.window")
    case = Case(law)
    if most is not None and window is not None:
        since = now - timedelta(minutes=window.value)
        recent = sum(since <= one <= now for one in failures)
        case.require(
            recent < most.value,
            most.code,
            Words(
                f"{window.value} 分钟内登录失败 {recent} 次，已锁定",
                f"{recent} failed sign-ins within {window.value} minutes: locked",
            ),
            Words("请稍后再试，或者联系账号管理员", "try later, or ask the administrator of accounts"),
        )
    return case.answer()


@dataclass(frozen=True, slots=True)
class Message:
    """Signalling that came in; what was not checked is not so."""

    is_device_known: bool
    is_signature_good: bool
    is_seen_before: bool  # the same message, or one older than the last of its sender


@decides("R31.4")
def may_accept(law: Law, message: Message) -> Grant | Refusal:
    """Art. 31(4): from a known device, signed, and not a replay."""
    faults = absent(
        ("未知设备", "unknown device", message.is_device_known),
        ("签名错误", "bad signature", message.is_signature_good),
        ("报文重放", "replay", not message.is_seen_before),
    )
    case = Case(law)
    case.require(
        not faults.zh,
        "R31.4",
        Words(f"报文被拒绝：{faults.zh}", f"the message is refused: {faults.en}"),
        Words("请核查设备登记和密钥", "check the device's registration and keys"),
    )
    return case.answer()


# --- (5): spread


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A copy about to leave for one recipient."""

    recipient: str
    is_derived: bool
    visible_mark: str  # recipient that the visible mark names
    hidden_mark: str  # of this recipient alone
    package_recipient: str  # that the package of originals names


@decides("R31.5")
def may_hand_over(law: Law, copy: HandedOver) -> Grant | Refusal:
    """Art. 31(5): a derived copy is marked for its recipient; originals name theirs in their package."""
    is_marked = copy.visible_mark == copy.recipient and is_given(copy.hidden_mark)
    is_packed = copy.package_recipient == copy.recipient
    case = Case(law)
    case.require(
        is_given(copy.recipient) and (is_marked if copy.is_derived else is_packed),
        "R31.5",
        Words("没有可追溯到接收方的标记", "nothing in it leads back to its recipient"),
        Words("请加上接收方标记后交付", "mark it for its recipient first"),
    )
    return case.answer()


@decides("R31.5")
def recipient_of(marks: Mapping[str, str], found: str) -> str | None:
    """Whom a leaked file was given to; None: its mark is none of ours.

    Args:
        marks: of each recipient the hidden mark. Raises UsageError: two have the same.
    """
    by_mark = {mark: recipient for recipient, mark in marks.items()}
    consistent(len(by_mark) == len(marks), "two recipients have the same mark")
    return by_mark.get(found)
