"""Framing of RTP on TCP: lengths, the other header, junk."""

import pytest

from bingjian.protocols.errors import PeerError
from bingjian.protocols.rtp_over_tcp import JUNK_LIMIT, Packets, Reader, frame
from tests.unit.protocols.packets import Sender

SENT = [Sender().packet(bytes((n,)) * size, n * 3600) for n, size in enumerate([0, 1, 1400, 65_523, 9])]
RTCP = b"\x80\xc8\x00\x06" + bytes(24)


def interleaved(packet: bytes, channel: int = 0) -> bytes:
    return bytes((0x24, channel)) + len(packet).to_bytes(2) + packet


def read(*pieces: bytes, reader: Reader | None = None) -> list[bytes]:
    reader = reader or Reader()
    return [packet for piece in pieces for packet in packets(reader.receive_data(piece))]


def packets(found: Packets) -> list[bytes]:
    return [found.buffer[start:end] for start, end in found.bounds]


@pytest.mark.parametrize("wrap", [frame, interleaved])
@pytest.mark.parametrize("size", [1, 3, 7, 1000, 1 << 20])
def test_packets_however_tcp_cuts_them(wrap, size: int) -> None:
    sent = SENT if size > 1 else [SENT[1], SENT[4]]
    whole = b"".join(map(wrap, sent))
    assert read(*(whole[at : at + size] for at in range(0, len(whole), size))) == sent


def test_a_length_that_begins_like_a_dollar() -> None:
    packet = Sender(sequence=0x9000).packet(bytes(0x2480 - 12), 0)  # fits the other header too
    assert len(packet) >> 8 == 0x24
    assert read(frame(packet) + frame(SENT[1])) == [packet, SENT[1]]


def test_empty_frames_are_passed_over_and_rtcp_is_set_apart() -> None:
    reader = Reader()
    found = reader.receive_data(frame(SENT[1]) + frame(b"") + frame(RTCP) + frame(SENT[2]))
    assert packets(found) == [SENT[1], SENT[2]]
    assert found.control == [RTCP]


@pytest.mark.parametrize(
    "junk", [b"\0\x05hello", b"HTTP/1.1 400\r\n\r\n", b"\xff" * 999, b"\0\x0c" + bytes(12)]
)
@pytest.mark.parametrize("size", [5, 64, 1 << 20])
def test_after_junk_the_known_ssrc_is_found_again(junk: bytes, size: int) -> None:
    whole = frame(SENT[1]) + frame(SENT[2]) + junk + frame(SENT[4]) + frame(SENT[1]) + frame(SENT[1])
    found = read(*(whole[at : at + size] for at in range(0, len(whole), size)))
    assert found == [SENT[1], SENT[2], SENT[4], SENT[1], SENT[1]]


def test_junk_at_the_beginning() -> None:
    assert read(b"\0\x07welcome" + frame(SENT[1]) + frame(SENT[4])) == [SENT[1], SENT[4]]


def test_a_packet_cut_short_by_the_sender_costs_no_other() -> None:
    whole = b"".join(map(frame, [SENT[1], SENT[2]]))[:-305] + b"".join(frame(SENT[1]) for _ in range(40))
    found = read(whole)
    assert found[0] == SENT[1]
    assert found[-2:] == [SENT[1]] * 2


def test_endless_junk_ends_the_connection() -> None:
    reader = Reader()
    for _ in range(JUNK_LIMIT // 4096):
        reader.receive_data(b"\x7f" * 4096)
    with pytest.raises(PeerError):
        reader.receive_data(b"\x7f" * 4096)


def test_junk_between_many_packets_is_looked_through_once() -> None:
    """A stranger may send so: looked through from the beginning each time, this would take minutes."""
    packet = frame(Sender().packet(b"", 0))
    assert len(read((packet + packet + b"\x7f" * 3) * 12_000)) == 24_000
