"""The networks that carry footage (art. 29, Decree 799 art. 18): restored first, secure, open, measured."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from itertools import pairwise
from math import isfinite

from bingjian.rules.decision import Case, Grant, Refusal, aware, consistent, decides, listed
from bingjian.rules.edition import Words
from bingjian.rules.law import Law


@dataclass(frozen=True, slots=True)
class FaultTicket:
    """A fault as the telecom operator was told of it."""

    number: str
    is_video: bool
    reported: datetime
    restored: datetime | None

    def __post_init__(self) -> None:
        aware(reported=self.reported, restored=self.restored)
        consistent(self.restored is None or self.reported <= self.restored, "restored before it was reported")


@decides("R29.1")
def was_restored_first(law: Law, ticket: FaultTicket, others: Iterable[FaultTicket]) -> Grant | Refusal:
    """Art. 29: no other network was restored while this video network waited.

    Args:
        others: the same operator's, reported to us.
    """
    consistent(ticket.is_video, "not a fault of a video network")
    overtaken = [other.number for other in others if not other.is_video and _overtook(other, ticket)]
    case = Case(law)
    case.require(
        not overtaken,
        "R29.1",
        Words(
            f"视频网络故障 {ticket.number} 尚未恢复时，先恢复了：{'、'.join(overtaken)}",
            f"while the video network of {ticket.number} waited, these were restored: {listed(overtaken)}",
        ),
        Words("请优先恢复视频网络并说明原因", "restore the video network first, and explain"),
    )
    return case.answer()


def _overtook(other: FaultTicket, ticket: FaultTicket) -> bool:
    if other.restored is None or other.restored < ticket.reported:
        return False
    return ticket.restored is None or other.restored < ticket.restored


@dataclass(frozen=True, slots=True)
class Transport:
    """How footage passes between two platforms; None: not known."""

    is_confidential: bool | None  # encrypted
    is_whole: bool | None  # a change on the way is found
    is_peer_authenticated: bool | None


@decides("R29.2", "N18")
def may_carry(law: Law, transport: Transport) -> Grant | Refusal:
    """Art. 29: nothing in plain text, nothing to a peer not authenticated. Decree 799 art. 18: nothing that
    could be changed on the way."""
    remedy = Words("请启用双向认证的加密传输", "use encrypted transport with both sides authenticated")
    case = Case(law)
    for is_met, code, zh, en in (
        (transport.is_confidential, "R29.2", "平台之间明文传输", "plain text between platforms"),
        (transport.is_peer_authenticated, "R29.2", "对方平台身份未经认证", "the peer is not authenticated"),
        (transport.is_whole, "N18", "传输中的改动不能被发现", "a change on the way would not be found"),
    ):
        case.require(is_met is True, code, Words(zh, en), remedy)
    return case.answer()


@dataclass(frozen=True, slots=True)
class Probe:
    """One test packet over a link; ``delay_ms`` None: it never came back."""

    delay_ms: float | None

    def __post_init__(self) -> None:
        delay = self.delay_ms
        consistent(delay is None or (isfinite(delay) and delay >= 0), "a negative or endless delay")


@dataclass(frozen=True, slots=True)
class Quality:
    """A link as measured over some time."""

    probes: int
    lost: int
    delay_ms: float | None  # mean; None: nothing came back
    jitter_ms: float | None  # mean difference of delays one after the other; None: fewer than two came back

    @property
    def loss(self) -> Fraction:
        """0…1."""
        return Fraction(self.lost, self.probes)


@decides("R29.2", "N18")
def measured(probes: Sequence[Probe]) -> Quality:
    """Loss, delay and jitter of a link, from test packets in the order they were sent.

    Raises:
        UsageError: no packet was sent.
    """
    consistent(bool(probes), "a measure without a probe")
    delays = [probe.delay_ms for probe in probes if probe.delay_ms is not None]
    steps = [abs(second - first) for first, second in pairwise(delays)]
    return Quality(
        probes=len(probes),
        lost=len(probes) - len(delays),
        delay_ms=sum(delays) / len(delays) if delays else None,
        jitter_ms=sum(steps) / len(steps) if steps else None,
    )


@decides("R29.2", "N18")
def is_open(law: Law, link: str, up_s: int, owed_s: int) -> Grant | Refusal:
    """Art. 29, Decree 799 art. 18: a link is up for its share of the month.

    Args:
        up_s: seconds that it was up, of ``owed_s``.
    """
    consistent(0 <= up_s <= owed_s and owed_s > 0, "up for longer than there was time")
    limit, case = law.limit("link.availability"), Case(law)
    case.require(
        up_s * 100 >= limit.value * owed_s,
        limit.code,
        Words(
            f"链路 {link} 应可用 {owed_s} 秒，实际可用 {up_s} 秒，不足 {limit.value}%",
            f"{link} was up for {up_s} of {owed_s} s, less than {limit.value} %",
        ),
        Words("请由通信运营单位查明原因并改善", "have the telecom operator find out why, and improve it"),
    )
    return case.answer()
