"""Emergency orders (art. 13¶1): public security may require connection; it ends, the interface stays."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bingjian.rules.civil import CHINA
from bingjian.rules.decision import Case, Grant, Refusal, aware, consistent, decides, named
from bingjian.rules.edition import Words
from bingjian.rules.law import Law


@dataclass(frozen=True, slots=True)
class Order:
    """An emergency order; what is not known is empty or None. Instants aware."""

    issuer: str  # code of the department
    event: str  # id of the emergency
    systems: Set[str]  # ids
    start: datetime
    end: datetime | None  # from this instant on no media
    contact: str

    def __post_init__(self) -> None:
        aware(start=self.start, end=self.end)
        consistent(self.end is None or self.start < self.end, "an order that ends before it starts")


@decides("R13.3", "R13.6")
def may_order(law: Law, order: Order) -> Grant | Refusal:
    """Art. 13¶1: public security and nobody else, for an event, with systems, contact and an end."""
    issuers = named(law, "emergency_issuer", law.codes("emergency_issuer"))
    case = Case(law)
    case.require(
        order.issuer in law.codes("emergency_issuer"),
        "R13.3",
        Words(f"只有{issuers.zh}可以要求应急接入", f"only {issuers.en} may require an emergency connection"),
        Words(f"请由{issuers.zh}发出指令", f"have the order issued by {issuers.en}"),
    )
    for is_met, code, zh, en in (
        (bool(order.event.strip()), "R13.3", "突发事件编号", "the emergency"),
        (bool(order.systems), "R13.3", "接入的系统", "the systems"),
        (bool(order.contact.strip()), "R13.3", "联系人", "a contact"),
        (order.end is not None, "R13.6", "结束时间", "an end"),
    ):
        case.require(
            is_met,
            code,
            Words(f"指令没有写明{zh}", f"the order does not name {en}"),
            Words(f"请填写{zh}", f"name {en}"),
        )
    return case.answer()


@decides("R13.3")
def is_named(law: Law, order: Order, system: str) -> Grant | Refusal:
    """Art. 13¶1: an order asks for the systems that it names, and for no other."""
    case = Case(law)
    case.require(
        system in order.systems,
        "R13.3",
        Words(f"指令不包括系统 {system}", f"the order does not name the system {system}"),
        Words("请补发指令", "have the order name it"),
    )
    return case.answer()


@decides("R13.3", "R13.6")
def may_use_link(law: Law, order: Order, system: str, carries_media: bool, now: datetime) -> Grant | Refusal:
    """Art. 13¶1: media passes from the order's start until its end, not at it. A handshake always may."""
    aware(now=now)
    case = Case(law)
    if carries_media:
        case.join(may_order(law, order))
        case.join(is_named(law, order, system))
        case.require(
            order.start <= now,
            "R13.3",
            Words(
                f"指令自北京时间 {_told(order.start)} 起生效",
                f"the order starts at {_told(order.start)} (+08:00)",
            ),
            Words("请等待", "wait"),
        )
    case.require(
        not carries_media or (order.end is not None and now < order.end),
        "R13.6",
        Words(f"指令已于北京时间 {_told(order.end)} 结束", f"the order ended at {_told(order.end)} (+08:00)"),
        Words("如事件仍在继续，请由公安机关发出新的指令", "if the emergency goes on, a new order is needed"),
    )
    return case.answer()


def _told(instant: datetime | None) -> str:
    return "—" if instant is None else f"{instant.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"


@decides("R13.3")
def seconds_to_first_picture(ordered: datetime, first_picture: datetime) -> float:
    """How long an order took to show its first picture, to be reported."""
    aware(ordered=ordered, first_picture=first_picture)
    consistent(ordered <= first_picture, "a picture before the order")
    return (first_picture - ordered).total_seconds()


class MetBy(StrEnum):
    """How a system met an order."""

    LINK = "link"
    DELIVERY = "delivery"


@dataclass(frozen=True, slots=True)
class Delivery:
    """Footage handed over in place of a connection."""

    package: str  # id
    is_verified: bool  # every hash and signature was checked and holds
    register_entry: str  # of the access register; empty: it is not entered


def met_by(first_picture: datetime | None, delivery: Delivery | None) -> MetBy | None:
    """Link or delivery of one system; None: its owner still owes it."""
    if first_picture is not None:
        return MetBy.LINK
    is_lawful = delivery is not None and delivery.is_verified and bool(delivery.register_entry.strip())
    return MetBy.DELIVERY if is_lawful else None


@decides("R13.5")
def is_order_met(law: Law, first_picture: datetime | None, delivery: Delivery | None) -> Grant | Refusal:
    """Art. 13¶1, of one system: by a picture over its link, or by a package that verifies and is entered in
    the register."""
    aware(first_picture=first_picture)
    if first_picture is not None or delivery is None:
        reason = Words("尚无图像，也没有交付资料", "no picture has come, and nothing was handed over")
    elif not delivery.is_verified:
        reason = Words(
            f"资料包 {delivery.package} 校验未通过", f"the package {delivery.package} does not verify"
        )
    else:
        reason = Words(
            f"资料包 {delivery.package} 未登记", f"the package {delivery.package} is not in the register"
        )
    case = Case(law)
    case.require(
        met_by(first_picture, delivery) is not None,
        "R13.5",
        reason,
        Words(
            "请接入，或者重新交付并登记",
            "connect, or hand over the footage again and enter it in the register",
        ),
    )
    return case.answer()


@decides("R13.5")
def still_owing(answers: Mapping[str, MetBy | None]) -> frozenset[str]:
    """Art. 13¶1: the systems that have not met an order. Each owes it by itself; it is meonce none does."""
    return frozenset(system for system, answer in answers.items() if answer is None)
