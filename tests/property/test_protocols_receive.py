"""Whatever is sent, and however TCP cuts it: the same comes out, and only PeerError is raised."""

import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bingjian.formats.access_unit import AccessUnit
from bingjian.protocols import auth, rtcp, rtp, sdp, url
from bingjian.protocols.depacketize import CODECS, depacketizer
from bingjian.protocols.depacketize.base import together
from bingjian.protocols.depacketize.h264 import H264
from bingjian.protocols.depacketize.h265 import H265
from bingjian.protocols.errors import PeerError
from bingjian.protocols.rtsp.client import Client
from bingjian.protocols.rtsp.message import Headers, Interleaved, Reader, Request, Response, serialise
from bingjian.protocols.rtsp.tracks import choose
from tests.unit.protocols.packets import (
    H264_SETS,
    H265_SETS,
    Sender,
    h264_slice,
    h265_slice,
    sample,
)

CORPUS = sorted((Path(__file__).parent.parent / "corpus" / "protocols").glob("*.bin"))
MEMORY_LIMIT = 4 << 20  # bytes at the peak, for inputs of at most 64 KiB

edges = st.sampled_from([0, 1, 255, 256, 65535]).map(lambda length: b"$" * length)
frames = st.builds(
    lambda channel, payload: Interleaved.of(channel, [payload]),
    st.integers(0, 255),
    st.binary(max_size=64) | edges,
)
bodies = st.sampled_from([b"", b"$", b"\r\n\r\n", b"RTSP/1.0 200 OK\r\n\r\n"])
words = st.text("abc$: ÄÖ冰", max_size=8).map(str.strip)


def _with_length(body: bytes, value: str) -> Headers:
    return Headers([("CSeq", "1"), ("X", value), *([("Content-Length", str(len(body)))] if body else [])])


messages = st.builds(
    lambda body, value: Response(200, "OK", _with_length(body, value), body), bodies, words
) | st.builds(
    lambda body, value: Request("SET_PARAMETER", "*", _with_length(body, value), body), bodies, words
)


def cut(stream: bytes, data: st.DataObject) -> list[bytes]:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    return [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]


def flat(events: list[Any]) -> list[Any]:
    """Frames one by one: where they are grouped depends on the cuts."""
    return [
        part
        for event in events
        for part in (
            [(event.channel, packet) for packet in event.packets]
            if isinstance(event, Interleaved)
            else [event]
        )
    ]


@given(st.lists(frames | messages, max_size=8), st.data())
def test_how_tcp_cuts_the_stream_does_not_matter(sent: list[Any], data: st.DataObject) -> None:
    reader = Reader()
    events = [e for piece in cut(b"".join(map(serialise, sent)), data) for e in reader.receive_data(piece)]
    assert flat(events) == flat(sent)


@st.composite
def pictures(draw: st.DrawFn) -> list[list[bytes]]:
    """Access units as lists of slices: (size, key) with sizes around the packet size."""
    sizes = st.sampled_from([1, 2, 97, 98, 99, 100, 101, 199, 200, 201, 999])
    return draw(st.lists(st.lists(sizes, min_size=1, max_size=3), min_size=1, max_size=6))


def _slices(codec: str, number: int, sizes: list[int]) -> list[bytes]:
    make = h264_slice if codec == "h264" else h265_slice
    return [make(size, key=number == 0, first=n == 0) for n, size in enumerate(sizes)]


@pytest.mark.parametrize("codec", ["h264", "h265"])
@given(pictures(), st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF), st.sets(st.integers(0, 60)))
def test_what_is_not_torn_arrives_whole_and_what_is_torn_does_not(
    codec: str, sent: list[list[int]], sequence: int, start: int, missing: set[int]
) -> None:
    sender = Sender(sequence=sequence)
    pack = sender.h264 if codec == "h264" else sender.h265
    units = [_slices(codec, n, sizes) for n, sizes in enumerate(sent)]
    batches = [pack(slices, start + 3600 * n) for n, slices in enumerate(units)]
    numbers = iter(range(1000))
    kept = [[packet for packet in batch if next(numbers) not in missing] for batch in batches]
    receiver, in_one = _receiver(codec), _receiver(codec)
    received = [unit for batch in kept for unit in receiver.receive(together(batch))]
    whole = {
        sample(*slices) for slices, batch, left in zip(units, batches, kept, strict=True) if batch == left
    }
    assert {unit.data for unit in received} <= whole
    assert in_one.receive(together(packet for batch in kept for packet in batch)) == received
    assert in_one.reception() == receiver.reception()
    if not missing:
        assert [unit.data for unit in received] == [sample(*slices) for slices in units]
        assert [unit.timestamp - received[0].timestamp for unit in received] == [
            3600 * n for n in range(len(units))
        ]


def _receiver(codec: str) -> rtp.Receiver:
    return rtp.Receiver(96, H264(0, H264_SETS) if codec == "h264" else H265(0, H265_SETS))


@given(st.permutations(range(20)), st.integers(0, 0xFFFF))
def test_the_reordering_window_gives_every_packet_once_and_in_order(order: list[int], sequence: int) -> None:
    sender = Sender(sequence=sequence)
    packets = [sender.packet(bytes((n,)), n) for n in range(21)]
    window = rtp.Reorder()
    given_out = window.push(packets[:1], 0)
    for n in order:
        given_out += window.push([packets[n + 1]], 0)
    assert given_out == packets
    assert window.held_since is None


def _feed(receiver: rtp.Receiver, data: bytes) -> list[AccessUnit]:
    return receiver.receive(together([data[at : at + 40] for at in range(0, len(data), 40)]))


def _client(data: bytes) -> None:
    client = Client("rtsp://camera/", "user", "password")
    client.start()
    for event in client.receive_data(data):
        if hasattr(event, "tracks"):
            client.setup("tcp")
    client.keep_alive()
    client.teardown()
    assert b"password" not in client.take_output()


def _answered(data: bytes) -> None:
    """The bytes as every field of an answer that our client repeats or follows."""
    value = data.decode("utf-8", "surrogateescape")
    _client(
        b'RTSP/1.0 401 No\r\nCSeq: 1\r\nWWW-Authenticate: Digest realm="'
        + data
        + b'",nonce="'
        + data
        + b'"\r\n\r\n'
    )
    with suppress(ValueError):
        _client(serialise(Response(302, "x", Headers([("CSeq", "1"), ("Location", value)]))))
    _client(
        b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\nRTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Base: %s\r\n"
        b"Content-Length: %d\r\n\r\n" % (data.replace(b"\n", b""), len(data)) + data
    )


def _described(data: bytes) -> None:
    description = sdp.parse(b"v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n" + data)
    for track in choose(description, "rtsp://camera/x"):
        depacketizer(track.index, track.format)
    for encoding in CODECS:
        parameters = {"config": data.hex(), "sprop-parameter-sets": data.decode("latin-1")}
        with suppress(PeerError):
            depacketizer(0, sdp.Format(96, encoding, len(data) * 1000, len(data), parameters))


def _payloads(data: bytes) -> None:
    for encoding in CODECS:
        parameters = {"config": "1408", "sprop-parameter-sets": sdp.sprop(H264_SETS)}
        form = sdp.Format(96, encoding, 16_000, 1, parameters)
        receiver, sender = rtp.Receiver(96, depacketizer(0, form)), Sender()
        pieces = [data[at : at + 17] for at in range(0, len(data), 17)]
        receiver.receive(
            together([sender.packet(piece, 3600 * (n // 3), n % 3 == 2) for n, piece in enumerate(pieces)])
        )


PARSERS: list[Callable[[bytes], Any]] = [
    lambda data: Reader().receive_data(data),
    lambda data: Reader().receive_data(b"RTSP/1.0 200 OK\r\n" + data + b"\r\n\r\n"),
    sdp.parse,
    _described,
    rtcp.parse,
    lambda data: rtcp.parse(b"\x81\xc8" + (len(data) // 4).to_bytes(2) + data),
    rtp.read_header,
    lambda data: _feed(rtp.Receiver(96, H264(0, H264_SETS), reorder=True), data),
    _payloads,
    lambda data: url.parse(data.decode("utf-8", "surrogateescape")),
    lambda data: url.resolve("rtsp://camera/x", data.decode("latin-1")),
    lambda data: auth.best_challenge(["Digest " + data.decode("latin-1")]),
    lambda data: auth.verify(auth.Challenge(), "Digest " + data.decode("latin-1"), "PLAY", "a", "b"),
    _client,
    _answered,
]


@pytest.mark.parametrize("parse", PARSERS)
@given(
    st.binary(max_size=200)
    | st.lists(st.sampled_from([b"\0", b"\xff", b"\r\n", b'"', b"a=", b":", b"$"])).map(b"".join)
)
@settings(max_examples=60)
def test_garbage_raises_peer_error_only(parse: Callable[[bytes], Any], data: bytes) -> None:
    with suppress(PeerError):
        parse(data)


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_bytes_that_once_broke_us_raise_peer_error_only_and_cost_little(path: Path) -> None:
    data = path.read_bytes()
    tracemalloc.start()
    try:
        for parse in PARSERS:
            with suppress(PeerError):
                parse(data)
        assert tracemalloc.get_traced_memory()[1] < MEMORY_LIMIT
    finally:
        tracemalloc.stop()


@given(st.lists(st.binary(min_size=1, max_size=3), max_size=200))
def test_a_reader_holds_no_more_than_one_message(pieces: list[bytes]) -> None:
    """A frame announced but never completed, then anything."""
    reader = Reader()
    reader.receive_data(b"$\0\xff\xff")
    with suppress(PeerError):
        for piece in pieces * 200:
            reader.receive_data(piece)
    assert len(reader._rest) <= 70_000
