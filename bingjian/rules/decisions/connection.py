"""Connection to the platforms and between them (art. 13)."""

from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from bingjian.rules.decision import Case, Grant, Refusal, aware, consistent, decides, listed, named
from bingjian.rules.decisions.systems import System
from bingjian.rules.edition import Words
from bingjian.rules.law import Law


@dataclass(frozen=True, slots=True)
class Interface:
    """The interface that a system keeps ready, or why it need not; what is not known is empty or None."""

    protocol: str  # code of ``interface_protocol``
    address: str
    handshake: datetime | None  # the last that succeeded; no media has to pass
    exemption: str | None = None  # citation of the state rule; None: none is claimed

    def __post_init__(self) -> None:
        aware(handshake=self.handshake)


@dataclass(frozen=True, slots=True)
class Connection:
    """How a system is tied to a platform."""

    link_tested: datetime | None  # when its link test passed
    catalogue: Set[str]  # ids of its cameras in the platform's catalogue
    interface: Interface | None

    def __post_init__(self) -> None:
        aware(link_tested=self.link_tested)


def is_tied_in(
    law: Law, system: System, cameras: Set[str], connection: Connection, now: datetime
) -> Grant | Refusal:
    """Art. 13¶1: connected, or with an interface ready, as this system has to be."""
    if system.must_connect:
        return is_connected(law, cameras, connection, now)
    return has_interface(law, connection.interface, now)


@decides("R13.1")
def is_connected(law: Law, cameras: Set[str], connection: Connection, now: datetime) -> Grant | Refusal:
    """Art. 13¶1: the link test has passed, and every camera is in the platform's catalogue."""
    aware(now=now)
    tested = connection.link_tested
    consistent(tested is None or tested <= now, "a link test in the future")
    missing = sorted(cameras - connection.catalogue)
    case = Case(law)
    case.require(
        tested is not None,
        "R13.1",
        Words("联网测试尚未通过", "no link test has passed"),
        Words("请与监控平台完成联网测试", "have the link to the platform tested"),
    )
    case.require(
        bool(cameras) and not missing,
        "R13.1",
        Words(
            f"{len(cameras)} 台摄像机中有 {len(missing)} 台不在平台目录中：{'、'.join(missing)}",
            f"{len(missing)} of {len(cameras)} cameras are not in the catalogue: {listed(missing)}",
        ),
        Words("请将其推送到平台目录", "send them to the platform's catalogue"),
    )
    return case.answer()


@decides("R13.2")
def has_interface(law: Law, interface: Interface | None, now: datetime) -> Grant | Refusal:
    """Art. 13¶1: an interface whose handshake succeeds, also without media; or an exemption, cited."""
    aware(now=now)
    known, case = law.codes("interface_protocol"), Case(law)
    kept = interface or Interface("", "", None)
    consistent(kept.handshake is None or kept.handshake <= now, "a handshake in the future")
    if kept.exemption is not None:
        case.require(
            bool(kept.exemption.strip()),
            "R13.2",
            Words("免设接口没有写明国家规定", "the exemption cites no rule of the state"),
            Words("请填写规定名称和条款", "cite the rule and its article"),
        )
        return case.answer()
    protocols = named(law, "interface_protocol", known)
    for is_met, zh, en in (
        (
            kept.protocol in known,
            f"接口协议不是 {protocols.zh} 之一",
            f"the protocol is none of {protocols.en}",
        ),
        (bool(kept.address.strip()), "没有接口地址", "the interface has no address"),
        (kept.handshake is not None, "接口从未握手成功", "no handshake has succeeded"),
    ):
        case.require(
            is_met,
            "R13.2",
            Words(zh, en),
            Words("请配置预留接口并测试握手", "set up the interface and test its handshake"),
        )
    return case.answer()


# --- platforms


@dataclass(frozen=True, slots=True)
class PlatformBuilder:
    """Who is to build a platform."""

    is_city: bool  # the city platform; otherwise a district's
    department: str  # code of the builder
    is_same_level: bool  # the builder is of the platform's own level and place
    reason: str = ""  # for another builder of a district platform


@decides("R13.7", "R13.8")
def may_build(law: Law, platform: PlatformBuilder) -> Grant | Refusal:
    """Art. 13¶2: city public security builds the city platform; districts follow, or say why not."""
    is_right = platform.department in law.codes("platform_builder") and platform.is_same_level
    builder = named(law, "platform_builder", law.codes("platform_builder"))
    case = Case(law)
    case.require(
        is_right or not platform.is_city,
        "R13.7",
        Words(f"市级监控平台应由市级{builder.zh}建设", f"the city platform is built by city {builder.en}"),
        Words("请由其建设", "have it built by that body"),
    )
    case.require(
        is_right or platform.is_city or bool(platform.reason.strip()),
        "R13.8",
        Words(
            f"区县（市）平台参照市级模式由同级{builder.zh}建设，另定单位没有理由",
            f"a district platform is built by {builder.en} of its level; no reason is given for another",
        ),
        Words("请填写理由，或者由其建设", "give the reason, or have it built by that body"),
    )
    return case.answer()


@dataclass(frozen=True, slots=True)
class Interconnection:
    """What one platform speaks and does towards another."""

    protocol: str  # with its version
    schema: str  # of the catalogue, with its version
    is_registered: bool = False  # upward
    has_catalogue: bool = False  # sent upward
    answers: Set[str] = frozenset()  # codes of ``platform_answer``


@decides("R13.8")
def is_interconnected(law: Law, district: Interconnection, city: Interconnection) -> Grant | Refusal:
    """Art. 13¶2: the same versions, registered upward, catalogue sent, each kind of question answered."""
    case = Case(law)
    for zh, en, own, other in (
        ("协议版本", "protocol", district.protocol, city.protocol),
        ("目录格式", "catalogue schema", district.schema, city.schema),
    ):
        case.require(
            bool(own.strip()) and own == other,
            "R13.8",
            Words(
                f"{zh}不一致：区县（市）为 {own}，市级为 {other}",
                f"{en}: the district has {own}, the city {other}",
            ),
            Words("请升级到市级版本", "change to the city's version"),
        )
    missing = law.codes("platform_answer").keys() - district.answers
    told = named(law, "platform_answer", missing)
    for is_met, zh, en in (
        (district.is_registered, "尚未向市级平台注册", "not registered with the city platform"),
        (district.has_catalogue, "尚未报送目录", "no catalogue sent"),
        (not missing, f"不能应答：{told.zh}", f"does not answer {told.en}"),
    ):
        case.require(
            is_met, "R13.8", Words(zh, en), Words("请完成与市级平台的对接", "complete the connection")
        )
    return case.answer()


@decides("R13.9")
def was_break_noticed(law: Law, broke: datetime, noticed: datetime | None, now: datetime) -> Grant | Refusal:
    """Art. 13¶2: a broken link between platforms is noticed soon; the instant of the limit still counts."""
    aware(broke=broke, noticed=noticed, now=now)
    seen = noticed if noticed is not None else now
    consistent(broke <= seen <= now, "noticed before it broke, or in the future")
    limit, case = law.limit("interconnection.notice"), Case(law)
    seconds = (seen - broke).total_seconds()
    so_far = Words("仍未", "not noticed for") if noticed is None else Words("才", "noticed after")
    case.require(
        seen <= broke + timedelta(seconds=limit.value),
        limit.code,
        Words(
            f"互联中断 {seconds:.0f} 秒{so_far.zh}被发现（至多 {limit.value} 秒）",
            f"{so_far.en} {seconds:.0f} s, at most {limit.value}",
        ),
        Words("请检查链路监测", "look at the supervision of the link"),
    )
    return case.answer()


@decides("R13.9")
def has_caught_up(law: Law, owed: Sequence[str], received: Sequence[str]) -> Grant | Refusal:
    """Art. 13¶2: after a break the other holds exactly what arose, in its order, nothing lost or twice.

    Args:
        owed: ids of the events that arose, in order; received: those that the other holds of them.
    """
    consistent(len(set(owed)) == len(owed), "an event that arose twice")
    counts = Counter(received)
    lost, twice = [one for one in owed if one not in counts], [one for one, n in counts.items() if n > 1]
    strange = counts.keys() - set(owed)
    in_order = not lost and not twice and not strange and list(received) == list(owed)
    case = Case(law)
    case.require(
        in_order,
        "R13.9",
        Words(
            f"应补传 {len(owed)} 条：缺 {len(lost)} 条，重复 {len(twice)} 条，多出 {len(strange)} 条"
            + ("" if lost or twice or strange else "，顺序不符"),
            f"{len(owed)} owed: {len(lost)} lost, {len(twice)} twice, {len(strange)} unknown"
            + ("" if lost or twice or strange else ", out of order"),
        ),
        Words("请从断点重新补传", "hand them over again from the break on"),
    )
    return case.answer()
