"""Packets of a loop: patched headers, payload formats, the order of bursts."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bingjian.protocols import rtp
from bingjian.protocols.rtsp.message import Interleaved, Reader
from bingjian.simulate.loop import (
    LOOP_NS,
    PAYLOAD_LIMIT,
    Programme,
    Track,
    burst_of,
    g711_track,
    h264_payloads,
    h265_payloads,
    patched,
)

EDGES = st.sampled_from([2, 3, PAYLOAD_LIMIT, PAYLOAD_LIMIT + 1, 2 * PAYLOAD_LIMIT - 4, 2 * PAYLOAD_LIMIT])
UNIT_SIZES = st.lists(EDGES | st.integers(2, 5000), min_size=1, max_size=5)


@settings(deadline=None)
@given(UNIT_SIZES, st.integers(0, 65535), st.integers(0, 1 << 40), st.integers(0, 255))
def test_patched_packets_are_in_order(sizes: list[int], sequence: int, timestamp: int, channel: int) -> None:
    burst = burst_of(0, 96, h264_payloads([bytes([0x65]) * size for size in sizes]))
    (event,) = Reader().receive_data(bytes(patched(burst, channel, sequence, timestamp, 0xABCD)))
    assert isinstance(event, Interleaved)
    headers = [rtp.read_header(packet) for packet in event.packets]
    assert event.channel == channel
    assert [h.sequence for h in headers] == [(sequence + n) & 0xFFFF for n in range(len(headers))]
    assert {(h.timestamp, h.ssrc, h.payload_type) for h in headers} == {(timestamp & 0xFFFFFFFF, 0xABCD, 96)}
    assert [h.marker for h in headers] == [False] * (len(headers) - 1) + [True]


def rejoined(payloads: list[bytes], kind: int, header_bytes: int) -> list[bytes]:
    """RFC 6184 §5.8 and RFC 7798 §4.4.3, written down a second time."""
    units: list[bytes] = []
    for payload in payloads:
        own = payload[0] & 0x1F if header_bytes == 1 else payload[0] >> 1 & 0x3F
        if own != kind:
            units.append(payload)
            continue
        flags = payload[header_bytes]
        if flags & 0x80 and header_bytes == 1:
            units.append(bytes([payload[0] & 0xE0 | flags & 0x1F]))
        elif flags & 0x80:
            units.append(bytes([payload[0] & 0x81 | (flags & 0x3F) << 1, payload[1]]))
        units[-1] += payload[header_bytes + 1 :]
    return units


@settings(deadline=None)
@given(UNIT_SIZES)
def test_h264_fragments_join_again(sizes: list[int]) -> None:
    units = [bytes([0x65]) + bytes(n % 251 for n in range(size - 1)) for size in sizes]
    payloads = h264_payloads(units)
    assert max(map(len, payloads)) <= PAYLOAD_LIMIT
    assert rejoined(payloads, 28, 1) == units


@settings(deadline=None)
@given(UNIT_SIZES)
def test_h265_fragments_join_again(sizes: list[int]) -> None:
    units = [bytes([0x26, 0x01]) + bytes(n % 251 for n in range(size - 2)) for size in sizes]
    payloads = h265_payloads(units)
    assert max(map(len, payloads)) <= PAYLOAD_LIMIT
    assert rejoined(payloads, 49, 2) == units


def test_g711_covers_every_sample() -> None:
    track = g711_track(bytes(range(256)) * 10)
    assert sum(burst.payload_bytes for burst in track.bursts) == 2560
    assert [burst.timestamp for burst in track.bursts] == list(range(0, 2560, 320))


def programme(keys_ns: list[int]) -> Programme:
    sound = g711_track(bytes(128_000))
    bursts = tuple(burst_of(0, 96, [b"\x65"], due_ns=at, key=True) for at in keys_ns)
    return Programme.of(Track(90_000, sound.media, bursts), sound)


@settings(deadline=None)
@given(st.integers(0, 5 * LOOP_NS))
def test_the_next_key_picture_is_never_past(after_ns: int) -> None:
    played = programme([0, LOOP_NS // 2])
    rounds, index = played.next_key(after_ns)
    due = rounds * LOOP_NS + played.bursts[index].due_ns
    assert played.bursts[index].track == 0
    assert 0 <= due - after_ns <= LOOP_NS // 2
