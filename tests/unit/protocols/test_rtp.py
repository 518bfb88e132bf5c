"""RTP sequence: wrapping, loss, late and foreign packets, restarts; header lengths."""

import struct

import pytest

from bingjian.formats.access_unit import Codec
from bingjian.formats.g711 import config_from
from bingjian.protocols.depacketize.base import together
from bingjian.protocols.depacketize.g711 import G711
from bingjian.protocols.errors import PeerError
from bingjian.protocols.rtp import (
    MALFORMED_LIMIT,
    REORDER_WINDOW,
    Receiver,
    Reorder,
    pack_header,
    read_header,
    unwrap,
)
from tests.unit.protocols.packets import Sender


def receiver(*, reorder: bool = False) -> Receiver:
    """Of G.711, where every packet is a unit: what comes out is what was taken."""
    return Receiver(8, G711(0, config_from(Codec.PCMA)), reorder=reorder)


def payloads(taker: Receiver, packets: list[bytes]) -> list[int]:
    return [unit.data[0] for unit in taker.receive(together(packets))]


def numbered(count: int, sender: Sender | None = None, step: int = 160) -> list[bytes]:
    sender = sender or Sender(8)
    return [sender.packet(bytes((n,)), n * step) for n in range(count)]


def test_sequence_numbers_wrap() -> None:
    taker = receiver()
    assert payloads(taker, numbered(20)) == list(range(20))
    state = taker.reception()
    assert state is not None
    assert (state.expected, state.lost) == (20, 0)
    assert state.highest_sequence == 65530 + 19


def test_the_highest_sequence_is_right_on_the_wrap() -> None:
    taker = receiver()
    payloads(taker, numbered(6))
    assert taker.reception().highest_sequence == 65535


def test_missing_packets_are_counted_also_across_the_wrap() -> None:
    taker, packets = receiver(), numbered(20)
    assert payloads(taker, packets[:4] + packets[9:]) == [*range(4), *range(9, 20)]
    assert taker.lost == taker.take_lost() == 5
    assert taker.reception().expected == 20
    assert taker.reception().highest_sequence == 65530 + 19


def test_late_and_doubled_packets_are_dropped_without_a_window() -> None:
    taker, packets = receiver(), numbered(5)
    assert payloads(taker, [packets[0], packets[2], packets[1], packets[2], packets[3]]) == [0, 2, 3]


def test_a_restart_is_believed_at_the_second_packet() -> None:
    taker = receiver()
    payloads(taker, numbered(3))
    assert payloads(taker, numbered(3, Sender(8, ssrc=9, sequence=30))) == [1, 2]
    assert payloads(taker, numbered(3, Sender(8, ssrc=9, sequence=40_000))) == [1, 2]


def test_single_strangers_change_nothing() -> None:
    taker, packets = receiver(), numbered(6)
    stranger = Sender(8, ssrc=99, sequence=5)
    mixed = [
        packet
        for pair in zip(packets, [stranger.packet(b"x", 0) for _ in range(6)], strict=False)
        for packet in pair
    ]
    del mixed[3::4]
    assert payloads(taker, mixed) == list(range(6))


@pytest.mark.parametrize(
    "packet", [b"", b"\x80" * 11, bytes(12), b"\x40" + bytes(20), b"\x9f\x08" + bytes(30)]
)
def test_packets_that_are_not_ours_are_passed_over_until_it_is_too_much(packet: bytes) -> None:
    taker, sender = receiver(), Sender(8)
    assert payloads(taker, [packet, sender.packet(b"a", 0)]) == [ord("a")]
    with pytest.raises(PeerError, match="not the RTP"):
        taker.receive(together([packet] * (MALFORMED_LIMIT + 1)))


@pytest.mark.parametrize(
    ("head", "rest", "payload"),
    [
        (0x80, b"abc", b"abc"),
        (0x82, b"csr1csr2abc", b"abc"),
        (0x90, b"\xbe\xde\x00\x01exte" + b"abc", b"abc"),
        (0xB1, b"csr1\xbe\xde\x00\x00abc\0\0\x03", b"abc"),
        (0xA0, b"abc\x01", b"abc"),
        (0xA0, b"abc\x00", b"abc"),
    ],
)
def test_csrc_extension_and_padding_are_not_payload(head: int, rest: bytes, payload: bytes) -> None:
    packet = struct.pack(">BBHII", head, 8, 7, 5, 1) + rest
    fields = read_header(packet)
    assert packet[fields.start : fields.end] == payload
    assert receiver().receive(together([packet]))[0].data == payload


@pytest.mark.parametrize("packet", [b"", bytes(12), b"\xa0" + bytes(10) + b"\xff", b"\x9f" + bytes(11)])
def test_headers_that_lie_are_a_peers_fault(packet: bytes) -> None:
    with pytest.raises(PeerError):
        read_header(packet)


def test_a_built_header_reads_back() -> None:
    fields = read_header(pack_header(96, 70_000, 1 << 33, 5, marker=True) + b"x")
    assert fields == (96, True, 70_000 & 0xFFFF, 0, 5, 12, 13)


def test_timestamps_unwrap_both_ways() -> None:
    assert unwrap(0xFFFFFF00, 0x10) == 0x100000010
    assert unwrap(0x100000010, 0xFFFFFF00) == 0xFFFFFF00
    taker, sender = receiver(), Sender(8)
    stamps = [0xFFFFFFF0, 0x10, 0xFFFFFFF8, 0x20]
    units = taker.receive(together([sender.packet(b"x", stamp) for stamp in stamps]))
    assert [unit.timestamp for unit in units] == [0xFFFFFFF0, 0x100000010, 0xFFFFFFF8, 0x100000020]


def test_the_window_puts_late_packets_back() -> None:
    taker, packets = receiver(reorder=True), numbered(10)
    packets[2], packets[3], packets[7], packets[9] = packets[3], packets[2], packets[9], packets[7]
    assert payloads(taker, packets) == list(range(10))
    assert (taker.lost, taker.held_since) == (0, None)


def test_the_window_goes_on_where_packets_were_in_order() -> None:
    taker, packets = receiver(reorder=True), numbered(10)
    assert payloads(taker, packets[:2]) == [0, 1]
    assert payloads(taker, packets[2:6]) == [2, 3, 4, 5]
    assert payloads(taker, [packets[6], packets[8], packets[7], packets[9]]) == [6, 7, 8, 9]
    assert (taker.lost, taker.held_since) == (0, None)


def test_the_window_gives_up_after_so_many_packets() -> None:
    taker, packets = receiver(reorder=True), numbered(REORDER_WINDOW + 3)
    del packets[1]
    assert payloads(taker, packets) == [0, *range(2, REORDER_WINDOW + 3)]
    assert taker.lost == 1


def test_the_window_gives_up_when_told() -> None:
    taker, packets = receiver(reorder=True), numbered(5)
    assert payloads(taker, [packets[0], packets[2], packets[4]]) == [0]
    assert taker.held_since == 0
    assert [unit.data[0] for unit in taker.release(0)] == [2, 4]
    assert (taker.lost, taker.held_since) == (2, None)


def test_each_hole_has_its_own_time() -> None:
    taker, packets = receiver(reorder=True), numbered(6)
    taker.receive(together([packets[0], packets[2]]), 10)
    taker.receive(together([packets[4]]), 20)
    assert taker.held_since == 10
    assert taker.release(9) == []
    assert [unit.data[0] for unit in taker.release(19)] == [2]
    assert taker.held_since == 20
    assert [unit.data[0] for unit in taker.receive(together([packets[3]]), 30)] == [3, 4]
    assert (taker.lost, taker.held_since) == (1, None)


def test_the_window_follows_a_restart() -> None:
    window = Reorder()
    before = numbered(6)
    window.push([before[0], before[5], before[3]], 0)
    again = numbered(3, Sender(8, ssrc=9, sequence=30_000))
    assert window.push(again, 0) == [before[3], before[5], *again]
    assert window.held_since is None


def test_jitter_is_small_for_steady_packets_and_grows_with_delay() -> None:
    steady, shaky = receiver(), receiver()
    for n, packet in enumerate(numbered(50)):
        steady.receive(together([packet]))
        steady.note_arrival(1000 + n * 160)
        shaky.receive(together([packet]))
        shaky.note_arrival(1000 + n * 160 + (n % 2) * 400)
    assert steady.reception().jitter == 0
    assert 300 < shaky.reception().jitter <= 400
