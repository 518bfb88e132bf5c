"""RTSP's wire format: messages between frames, tolerance, limits."""

import pytest

from bingjian.protocols.errors import PeerError
from bingjian.protocols.rtsp.message import (
    BODY_LIMIT,
    HEADER_COUNT_LIMIT,
    HEADER_LIMIT,
    Event,
    Headers,
    Interleaved,
    Reader,
    Request,
    Response,
    serialise,
)


def read(*pieces: bytes) -> list[Event]:
    reader = Reader()
    return [event for piece in pieces for event in reader.receive_data(piece)]


def test_messages_and_frames_share_a_connection() -> None:
    answer = Response(200, "OK", Headers([("CSeq", "2"), ("Content-Length", "3")]), b"abc")
    stream = serialise(Interleaved.of(0, [b"one", b"two"])) + serialise(answer)
    stream += serialise(Interleaved.of(0, [b"three"])) + serialise(Interleaved.of(1, [b""]))
    events = read(stream)
    assert [type(event).__name__ for event in events] == [
        "Interleaved",
        "Response",
        "Interleaved",
        "Interleaved",
    ]
    assert events[0].packets == [b"one", b"two"]
    assert events[1] == answer
    assert [(event.channel, event.packets) for event in events[2:]] == [(0, [b"three"]), (1, [b""])]


def test_requests_come_from_both_sides() -> None:
    request = Request("OPTIONS", "rtsp://camera/a b?c=1", Headers([("CSeq", "1")]))
    assert read(serialise(request)) == [request]


def test_header_names_have_no_case_and_several_values() -> None:
    headers = Headers([("WWW-Authenticate", "Basic"), ("www-authenticate", "Digest"), ("CSeq", "1")])
    assert headers.get("Www-Authenticate") == "Basic"
    assert headers.get_all("WWW-AUTHENTICATE") == ["Basic", "Digest"]
    assert headers.get("Session", "none") == "none"
    assert "cseq" in headers


@pytest.mark.parametrize(
    "text",
    [
        b"RTSP/1.0 200 OK\nCSeq: 1\n\n",
        b"\r\n\r\nRTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nCSeq:1  \r\n\r\n",
        b"RTSP/1.0  200  OK \r\nCSeq:\r\n 1\r\n\r\n",
        b"rtsp/1.0 200 OK\r\nCSeq: 1\r\n\r\n",
    ],
)
def test_what_real_cameras_write_is_understood(text: bytes) -> None:
    assert read(text) == [Response(200, "OK", Headers([("CSeq", "1")]))]


def test_names_in_chinese_survive_and_so_do_other_bytes() -> None:
    request = Request("PLAY", "*", Headers([("Session", "冰鉴"), ("X", "\udcff")]))
    assert read(serialise(request)) == [request]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"\x00garbage", "expected an RTSP message"),
        (b"HELLO\r\n\r\n", "expected an RTSP request"),
        (b"RTSP/1.0 abc\r\n\r\n", "status code"),
        (b"RTSP/1.0 200 OK\r\nno colon\r\n\r\n", "no name"),
        (b"RTSP/1.0 200 OK\r\n: 1\r\n\r\n", "no name"),
        (b"RTSP/1.0 200 OK\r\nA: b\x07\r\n\r\n", "control"),
        (b"RTSP/1.0 200 O\x1bK\r\n\r\n", "control"),
        (b"RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n", "Content-Length"),
        (b"RTSP/1.0 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "Content-Length"),
        (b"RTSP/1.0 200 OK\r\nContent-Length: \xc2\xb2\r\n\r\n", "Content-Length"),
        (b"RTSP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % (BODY_LIMIT + 1), "body is longer"),
        (b"RTSP/1.0 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", "body is longer"),
        (b"RTSP/1.0 200 OK\r\nA: " + b"b" * HEADER_LIMIT, "headers are longer"),
        (b"RTSP/1.0 200 OK\r\n" + b"A: b\r\n" * HEADER_COUNT_LIMIT + b"\r\n", "header lines"),
    ],
)
def test_what_nobody_may_send_ends_the_connection(text: bytes, reason: str) -> None:
    with pytest.raises(PeerError, match=reason):
        read(text)


def test_endless_headers_byte_by_byte_are_ended_at_the_limit() -> None:
    reader = Reader()
    with pytest.raises(PeerError, match="headers are longer"):
        _feed_forever(reader, b"RTSP/1.0 200 OK\r\nA: ")


def _feed_forever(reader: Reader, start: bytes) -> None:
    reader.receive_data(start)
    for _ in range(HEADER_LIMIT):
        reader.receive_data(b"b")


@pytest.mark.parametrize("bad", ["a\r\nEvil: 1", "a\x00", "a\x7f", "a\nb"])
def test_nothing_smuggles_a_header_out(bad: str) -> None:
    with pytest.raises(ValueError, match="control character"):
        serialise(Request("PLAY", f"rtsp://h/{bad}"))
    with pytest.raises(ValueError, match="control character"):
        serialise(Request("PLAY", "rtsp://h/", Headers([("Session", bad)])))
