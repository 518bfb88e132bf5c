"""What we tell the senders of packets: receiver reports (RFC 3550 §6.4.2).

Some cameras stop after half a minute without.
"""

import secrets

from bingjian.protocols import rtcp, rtp

REPORT_SECONDS = 5  # between two (RFC 3550 §6.2)
CNAME = "bingjian"  # names the receiver in RTCP; tells nothing of the machine


class ReceiverReports:
    """Of one session. Tracks are numbers."""

    def __init__(self) -> None:
        self._ssrc = secrets.randbits(32)
        self._sender_reports: dict[int, tuple[int, int]] = {}  # track → (middle of NTP, arrival_ns)
        self._reported: dict[int, tuple[int, int]] = {}  # track → (expected, lost) at the last report

    def note_sender_report(self, track: int, ntp: int, arrival_ns: int) -> None:
        """``ntp``: 64 bits, as it came."""
        self._sender_reports[track] = (ntp >> 16 & 0xFFFFFFFF, arrival_ns)

    def packet(self, track: int, state: rtp.Reception, now_ns: int) -> bytes:
        """The RTCP packet for what was received since the last."""
        expected, lost = self._reported.get(track, (0, 0))
        self._reported[track] = (state.expected, state.lost)
        interval, missing = state.expected - expected, state.lost - lost
        middle, arrival_ns = self._sender_reports.get(track, (0, now_ns))
        block = rtcp.Block(
            ssrc=state.ssrc,
            fraction_lost=min(255, max(0, missing * 256 // interval)) if interval > 0 else 0,
            lost=state.lost,
            highest_sequence=state.highest_sequence,
            jitter=state.jitter,
            last_report=middle,
            delay=(now_ns - arrival_ns) * 65536 // 1_000_000_000,
        )
        return rtcp.receiver_report(self._ssrc, [block], CNAME)
