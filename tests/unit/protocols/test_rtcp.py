"""RTCP compound packets: our own read back, the RFC's layout, and lengths that lie."""

import pytest

from bingjian.protocols import rtcp
from bingjian.protocols.errors import PeerError

UTC_NS = 1_795_000_000_123_456_789
REPORT = rtcp.SenderReport(
    7, rtcp.ntp_of(UTC_NS), 90_000, 10, 14_000, (rtcp.Block(9, 3, -2, 70_000, 4, 5, 6),)
)


def test_a_sender_report_reads_back() -> None:
    assert rtcp.parse(rtcp.sender_report(REPORT, "cam")) == [REPORT, rtcp.SourceDescription(7, "cam")]
    assert abs(REPORT.utc_ns - UTC_NS) <= 1


def test_a_receiver_report_reads_back() -> None:
    block = rtcp.Block(1, 255, (1 << 23) - 1, 0xFFFFFFFF, 0xFFFFFFFF, 1, 2)
    packet = rtcp.receiver_report(5, [block], "冰鉴")
    assert len(packet) % 4 == 0
    assert rtcp.parse(packet) == [rtcp.ReceiverReport(5, (block,)), rtcp.SourceDescription(5, "冰鉴")]


def test_goodbye_names_its_sources() -> None:
    assert rtcp.parse(rtcp.goodbye(5)) == [rtcp.Goodbye((5,))]


def test_ntp_has_eras() -> None:
    assert rtcp.SenderReport(0, 1 << 32, 0, 0, 0).utc_ns == 2_085_978_497 * 1_000_000_000  # 2036
    late = 3_000_000_000 * 1_000_000_000  # 2065
    assert rtcp.SenderReport(0, rtcp.ntp_of(late), 0, 0, 0).utc_ns == late


def test_unknown_kinds_and_short_reports_are_passed_over() -> None:
    application = b"\x80\xcc\x00\x02nameabcd"
    short = b"\x80\xc8\x00\x01\0\0\0\1"
    assert rtcp.parse(application + short + rtcp.goodbye(2)) == [rtcp.Goodbye((2,))]


@pytest.mark.parametrize(
    "packet", [b"\x80", b"\x80\xc8\x00\x06", b"\x00\xc8\x00\x00", b"\x80\xcb\xff\xff" + bytes(64)]
)
def test_lengths_that_lie_are_a_peers_fault(packet: bytes) -> None:
    with pytest.raises(PeerError):
        rtcp.parse(packet)
