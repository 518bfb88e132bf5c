"""A device's messages as a capture file that Wireshark and tshark read (libpcap 2.4, raw IP).

What we have are messages, not packets: each becomes one UDP packet, or TCP segments of one made-up stream,
with the addresses that it really went between. Checksums of UDP and TCP are left out. What came inside TLS is
shown as if over TCP, with our port of that: at the port of TLS Wireshark would look for what is encrypted.
"""

import struct
from collections.abc import Iterable, Iterator
from ipaddress import ip_address

from bingjian.signalling.message_log import Entry, blanked

MAGIC, VERSION, SNAP_LENGTH = 0xA1B2C3D4, (2, 4), 262_144
LINKTYPE_RAW = 101  # a packet begins with its IP header
SEGMENT = 1_400  # bytes of one TCP segment
UDP, TCP = 17, 6
HOPS = 64
_HEADER_AND_FLAGS = 0x5018  # five words; PSH and ACK
_WINDOW = 65_535
_MAPPED = bytes(10) + b"\xff\xff"

Side = tuple[str, int]  # host, port
Way = tuple[Side, Side]  # from, to


def pcap(entries: Iterable[Entry], own_host: str, own_port: int) -> bytes:
    """Keep-alives that were only counted are not in it."""
    records = [struct.pack("<IHHiIII", MAGIC, *VERSION, 0, 0, SNAP_LENGTH, LINKTYPE_RAW)]
    sent: dict[Way, int] = {}
    for entry in entries:
        own, peer = (own_host, own_port), (entry.peer.host, entry.peer.port)
        way = (peer, own) if entry.inbound else (own, peer)
        for packet in _packets(blanked(entry.data), entry.peer.reliable, way, sent):
            seconds, rest_ns = divmod(entry.at_ns, 10**9)
            head = struct.pack("<IIII", seconds, rest_ns // 1_000, len(packet), len(packet))
            records.append(head + packet)
    return b"".join(records)


def _packets(data: bytes, reliable: bool, way: Way, sent: dict[Way, int]) -> Iterator[bytes]:
    (source, source_port), (target, target_port) = way
    if not data:
        return
    if not reliable:
        head = struct.pack("!HHHH", source_port, target_port, 8 + len(data), 0)
        yield _ip(source, target, UDP, head + data)
        return
    for at in range(0, len(data), SEGMENT):
        piece = data[at : at + SEGMENT]
        sequence, acknowledged = sent.get(way, 1), sent.get((way[1], way[0]), 1)
        sent[way] = sequence + len(piece)
        numbers = (sequence & 0xFFFFFFFF, acknowledged & 0xFFFFFFFF)
        head = struct.pack("!HHIIHHHH", source_port, target_port, *numbers, _HEADER_AND_FLAGS, _WINDOW, 0, 0)
        yield _ip(source, target, TCP, head + piece)


def _ip(source: str, target: str, protocol: int, content: bytes) -> bytes:
    one, other = ip_address(source.partition("%")[0]).packed, ip_address(target.partition("%")[0]).packed
    if len(one) > 4 or len(other) > 4:
        head = struct.pack("!IHBB", 6 << 28, len(content), protocol, HOPS)
        return head + _long(one) + _long(other) + content
    size = 20 + len(content)
    head = struct.pack("!BBHHHBBH", 0x45, 0, size, 0, 0, HOPS, protocol, 0) + one + other
    return head[:10] + struct.pack("!H", _checksum(head)) + head[12:] + content


def _long(address: bytes) -> bytes:
    """An IPv4 address as IPv6 writes it (RFC 4291 §2.5.5.2)."""
    return address if len(address) == 16 else _MAPPED + address


def _checksum(head: bytes) -> int:
    """RFC 1071."""
    total: int = sum(struct.unpack(f"!{len(head) // 2}H", head))
    total = (total & 0xFFFF) + (total >> 16)
    return ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
