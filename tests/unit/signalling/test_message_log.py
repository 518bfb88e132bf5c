"""The log of messages: who they are with, bounded, without secrets; and as a capture."""

import struct
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bingjian.protocols.sip.reply import Peer
from bingjian.signalling.capture import pcap
from bingjian.signalling.devices import Devices, read_assignment
from bingjian.signalling.message_log import MESSAGES_LIMIT, MessageLog, blanked, shown
from tests.unit.signalling.scripted import CHANNEL, DEVICE, PLATFORM, Moved, assignment

OTHER = "99010100001180000008"
UDP, TCP = Peer("UDP", "192.0.2.77", 5060), Peer("TCP", "192.0.2.77", 40_001, 7)


def made(size: int = 1 << 20, *ids: str) -> MessageLog:
    devices = Devices()
    devices.replace(read_assignment(assignment(DEVICE, OTHER, *ids)))
    return MessageLog(Moved(), devices, PLATFORM, size=size)


def sip(sender: str, to: str, more: str = "") -> bytes:
    return f"MESSAGE sip:x SIP/2.0\r\nFrom: <sip:{sender}@d>;tag=1\r\nTo: <sip:{to}@d>\r\n{more}\r\n".encode()


def test_a_message_is_with_the_device_that_it_names_or_that_registered_from_there() -> None:
    log = made()
    log.heard("", UDP, sip(DEVICE, PLATFORM))
    log.sent("", UDP, sip(PLATFORM, DEVICE))
    log.sent(OTHER, UDP, sip(PLATFORM, CHANNEL))
    log.heard("", UDP, sip("99010100001180000099", PLATFORM))
    assert [entry.inbound for entry in log.messages(DEVICE)] == [True, False]
    assert len(log.messages(OTHER)) == 1
    assert log.messages("99010100001180000099") == []


def test_a_device_keeps_its_last_messages() -> None:
    log = made()
    for number in range(MESSAGES_LIMIT + 5):
        log.heard("", UDP, sip(DEVICE, PLATFORM, f"Subject: {number}\r\n"))
    assert [entry.seq for entry in log.messages(DEVICE)] == list(range(6, MESSAGES_LIMIT + 6))
    assert len(log._order) <= 3 * MESSAGES_LIMIT


def test_all_together_are_bounded_and_a_quiet_device_goes_first() -> None:
    log = made(size=20_000)
    log.heard("", UDP, sip(OTHER, PLATFORM))
    for _ in range(100):
        log.heard("", UDP, sip(DEVICE, PLATFORM))
    assert log._size <= 20_000
    assert log.messages(OTHER) == []
    assert log.messages(DEVICE)


@pytest.mark.parametrize("devices", [5, 3_000])
def test_the_bound_is_of_memory(devices: int) -> None:
    limit, ids = 1 << 20, [f"{number:020d}" for number in range(devices)]
    log = made(limit, *ids)
    tracemalloc.start()
    try:
        for number in range(4 * limit // 600):
            peer = Peer("UDP", f"192.0.2.{number}", 10_000 + number)
            log.heard("", peer, sip(ids[number % devices], PLATFORM, f"Subject: {number:0500d}\r\n"))
        taken = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert 0.6 * limit < taken < 1.1 * limit


def test_keep_alives_are_counted_and_push_nothing_out() -> None:
    log = made(size=5_000)
    for _ in range(5):
        log.kept_alive(DEVICE, UDP)
    (entry,) = log.messages(DEVICE)
    assert shown(entry, "a:1")["keep_alives"] == 5
    for _ in range(6):
        log.heard("", UDP, sip(DEVICE, PLATFORM))
    log.kept_alive(OTHER, UDP)
    assert log.messages(OTHER) == []


def test_a_device_that_is_forgotten_leaves_nothing() -> None:
    log = made()
    for _ in range(9):
        log.heard("", UDP, sip(DEVICE, PLATFORM))
    log.forget(DEVICE)
    assert (log._size, log._count, log._entries, log._sizes) == (0, 0, {}, {})


@given(st.lists(st.tuples(st.sampled_from([DEVICE, OTHER]), st.integers(0, 4_000)), max_size=60))
def test_what_is_counted_is_what_is_there(messages: list[tuple[str, int]]) -> None:
    log = made(size=30_000)
    for device, size in messages:
        log.heard("", UDP, sip(device, PLATFORM, "a" * size))
    entries = [entry for kept in log._entries.values() for entry in kept]
    assert log._size == sum(entry.size for entry in entries) == sum(log._sizes.values())
    assert log._count == len(entries)
    assert log._size <= 30_000 or len(entries) == 1


def test_secrets_are_blanked_and_lengths_stay() -> None:
    data = (
        b'REGISTER x\r\nAuthorization: Digest username="u", response="0123abcd", uri="sip:x"\r\n\r\n'
        b"<Password>p1</Password><Passwd> p2 </Passwd><x:Password>p3</x:Password>"
    )
    clean = blanked(data)
    assert len(clean) == len(data)
    assert b"0123abcd" not in clean
    assert not any(secret in clean for secret in (b"p1", b"p2", b"p3"))
    assert b'username="u"' in clean


def records(file: bytes) -> list[bytes]:
    """Packets, read as the format's page says (libpcap file format 2.4)."""
    magic, major, minor, _, _, _, link = struct.unpack("<IHHiIII", file[:24])
    assert (magic, major, minor, link) == (0xA1B2C3D4, 2, 4, 101)
    packets, at = [], 24
    while at < len(file):
        _, _, kept, whole = struct.unpack("<IIII", file[at : at + 16])
        assert kept == whole
        packets.append(file[at + 16 : at + 16 + kept])
        at += 16 + kept
    return packets


def header_sum(head: bytes) -> int:
    total = sum(struct.unpack("!10H", head))
    return (total & 0xFFFF) + (total >> 16)


def test_a_capture_holds_each_message_between_its_addresses() -> None:
    log = made()
    log.heard("", UDP, sip(DEVICE, PLATFORM))
    log.sent("", UDP, sip(PLATFORM, DEVICE))
    log.kept_alive(DEVICE, UDP)
    one, other = records(pcap(log.messages(DEVICE), "192.0.2.10", 5060))
    assert [header_sum(packet[:20]) for packet in (one, other)] == [0xFFFF, 0xFFFF]
    assert one[12:20] == bytes([192, 0, 2, 77, 192, 0, 2, 10])
    assert other[12:20] == bytes([192, 0, 2, 10, 192, 0, 2, 77])
    assert struct.unpack("!HHHH", one[20:28])[2] == len(one) - 20
    assert one[28:] == sip(DEVICE, PLATFORM)


def test_over_tcp_segments_follow_each_other() -> None:
    log = made()
    body = sip(DEVICE, PLATFORM, "a" * 4_000)
    log.heard("", TCP, body)
    packets = records(pcap(log.messages(DEVICE), "192.0.2.10", 5060))
    sequences = [struct.unpack("!I", packet[24:28])[0] for packet in packets]
    assert sequences == [1, 1_401, 2_801]
    assert b"".join(packet[40:] for packet in packets) == body


def test_ipv6_has_its_own_header() -> None:
    log = made()
    log.heard("", Peer("UDP", "2001:db8::7", 5060), sip(DEVICE, PLATFORM))
    (packet,) = records(pcap(log.messages(DEVICE), "2001:db8::1", 5060))
    assert packet[0] >> 4 == 6
    assert packet[48:] == sip(DEVICE, PLATFORM)
    log.heard("", UDP, sip(DEVICE, PLATFORM))  # it has another address by now
    mixed = records(pcap(log.messages(DEVICE), "192.0.2.10", 5060))
    assert [packet[0] >> 4 for packet in mixed] == [6, 4]
    assert mixed[0][24:40] == bytes(10) + b"\xff\xff" + bytes([192, 0, 2, 10])


def test_behind_a_quiet_device_nothing_piles_up() -> None:
    log = made()
    log.heard("", UDP, sip(OTHER, PLATFORM))
    for _ in range(20 * MESSAGES_LIMIT):
        log.heard("", UDP, sip(DEVICE, PLATFORM))
    assert len(log.messages(OTHER)) == 1
    assert len(log._order) <= 4 * MESSAGES_LIMIT
