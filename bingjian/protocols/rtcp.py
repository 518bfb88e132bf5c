"""RTCP (RFC 3550 §6): compound packets to values, and the reports we send."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from bingjian.protocols.errors import PeerError

NTP_EPOCH_SECONDS = 2_208_988_800  # 1900-01-01 to 1970-01-01
_ERA_SECONDS = 1 << 32
_SENDER, _RECEIVER, _DESCRIPTION, _GOODBYE = 200, 201, 202, 203
_CNAME = 1


@dataclass(frozen=True, slots=True)
class Block:
    """What one receiver says of one sender."""

    ssrc: int
    fraction_lost: int  # of 256, since the last report
    lost: int  # packets since the first, at most 2^23 - 1
    highest_sequence: int
    jitter: int  # timestamp units
    last_report: int = 0  # middle 32 bits of the last sender report's NTP time
    delay: int = 0  # since then, 1/65536 s


@dataclass(frozen=True, slots=True)
class SenderReport:
    ssrc: int
    ntp: int  # 64 bits, 32.32 fixed point seconds since 1900; 0: the sender has no clock
    rtp_timestamp: int
    packets: int
    octets: int
    blocks: tuple[Block, ...] = ()

    @property
    def utc_ns(self) -> int:
        """The sender's wall clock as nanoseconds since 1970 (eras as RFC 4330 §3: 1968 to 2104)."""
        seconds = self.ntp >> 32
        if seconds < 1 << 31:
            seconds += _ERA_SECONDS
        return (seconds - NTP_EPOCH_SECONDS) * 1_000_000_000 + ((self.ntp & 0xFFFFFFFF) * 1_000_000_000 >> 32)


@dataclass(frozen=True, slots=True)
class ReceiverReport:
    ssrc: int
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceDescription:
    ssrc: int
    cname: str


@dataclass(frozen=True, slots=True)
class Goodbye:
    ssrcs: tuple[int, ...]


Report = SenderReport | ReceiverReport | SourceDescription | Goodbye


def parse(packet: bytes) -> list[Report]:
    """The reports of a compound packet; unknown kinds are skipped. Raises PeerError on impossible lengths."""
    reports: list[Report] = []
    at = 0
    while at < len(packet):
        if len(packet) - at < 4 or packet[at] >> 6 != 2:
            raise PeerError("an RTCP packet has a wrong version or is cut short")
        count, kind = packet[at] & 0x1F, packet[at + 1]
        end = at + 4 + 4 * int.from_bytes(packet[at + 2 : at + 4])
        if end > len(packet):
            raise PeerError("an RTCP packet is shorter than it says")
        report = _report(kind, count, packet[at + 4 : end])
        reports += [report] if report else []
        at = end
    return reports


def ntp_of(utc_ns: int) -> int:
    """Nanoseconds since 1970 as 64-bit NTP time."""
    seconds, rest = divmod(utc_ns, 1_000_000_000)
    return ((seconds + NTP_EPOCH_SECONDS) % _ERA_SECONDS) << 32 | (rest << 32) // 1_000_000_000


def sender_report(report: SenderReport, cname: str) -> bytes:
    """A compound packet: SR and SDES with the name."""
    head = struct.pack(
        ">IQIII",
        report.ssrc,
        report.ntp,
        report.rtp_timestamp & 0xFFFFFFFF,
        report.packets & 0xFFFFFFFF,
        report.octets & 0xFFFFFFFF,
    )
    blocks = b"".join(map(_pack_block, report.blocks))
    return _packed(_SENDER, len(report.blocks), head + blocks) + _description(report.ssrc, cname)


def receiver_report(ssrc: int, blocks: Sequence[Block], cname: str) -> bytes:
    """A compound packet: RR and SDES with the name."""
    body = struct.pack(">I", ssrc) + b"".join(map(_pack_block, blocks))
    return _packed(_RECEIVER, len(blocks), body) + _description(ssrc, cname)


def goodbye(ssrc: int) -> bytes:
    return _packed(_GOODBYE, 1, struct.pack(">I", ssrc))


def _report(kind: int, count: int, body: bytes) -> Report | None:
    """One packet's body, its length a multiple of four; None if it is of no interest or too short."""
    if kind == _SENDER and len(body) >= 24:
        ssrc, ntp, stamp, packets, octets = struct.unpack_from(">IQIII", body)
        return SenderReport(ssrc, ntp, stamp, packets, octets, _blocks(body[24:], count))
    if kind == _RECEIVER and len(body) >= 4:
        return ReceiverReport(int.from_bytes(body[:4]), _blocks(body[4:], count))
    if kind == _DESCRIPTION and len(body) >= 4:
        return SourceDescription(int.from_bytes(body[:4]), _cname(body[4:]))
    if kind == _GOODBYE:
        numbers = range(0, min(4 * count, len(body)), 4)
        return Goodbye(tuple(int.from_bytes(body[at : at + 4]) for at in numbers))
    return None


def _blocks(body: bytes, count: int) -> tuple[Block, ...]:
    return tuple(_block(body[at : at + 24]) for at in range(0, 24 * min(count, len(body) // 24), 24))


def _block(body: bytes) -> Block:
    ssrc, loss, highest, jitter, last, delay = struct.unpack(">6I", body)
    lost = loss & 0xFFFFFF
    return Block(ssrc, loss >> 24, lost - (lost >> 23 << 24), highest, jitter, last, delay)


def _pack_block(block: Block) -> bytes:
    lost = max(-(1 << 23), min(block.lost, (1 << 23) - 1)) & 0xFFFFFF
    return struct.pack(
        ">6I",
        block.ssrc,
        min(block.fraction_lost, 255) << 24 | lost,
        block.highest_sequence & 0xFFFFFFFF,
        min(block.jitter, 0xFFFFFFFF),
        block.last_report & 0xFFFFFFFF,
        min(block.delay, 0xFFFFFFFF),
    )


def _cname(items: bytes) -> str:
    """The name among the items of the first chunk; empty if there is none."""
    at = 0
    while at + 2 <= len(items) and items[at]:
        end = at + 2 + items[at + 1]
        if items[at] == _CNAME:
            return items[at + 2 : end].decode("utf-8", "replace")
        at = end
    return ""


def _description(ssrc: int, cname: str) -> bytes:
    name = cname.encode()[:255]
    items = bytes((_CNAME, len(name))) + name + b"\0"
    return _packed(_DESCRIPTION, 1, struct.pack(">I", ssrc) + items + b"\0" * (-len(items) % 4))


def _packed(kind: int, count: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0x80 | count, kind, len(body) // 4) + body
