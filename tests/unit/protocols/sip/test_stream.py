"""SIP over TCP: cut apart by Content-Length wherever TCP cuts it."""

import pytest

from bingjian.protocols.sip.errors import FramingError, MessageError
from bingjian.protocols.sip.message import BODY_LIMIT, HEAD_LIMIT, STRANGER_BODY_LIMIT, Request
from bingjian.protocols.sip.stream import Reader
from tests.unit.protocols.sip.wire import datagram, lines


def test_pipelined_messages_and_what_stands_between_them() -> None:
    stream = b"\r\n\r\n" + datagram("MESSAGE", body="abc") + b"\0\0\r\n\r\n" + datagram("OPTIONS") + b"\r\n"
    messages = Reader().receive_data(stream)
    assert [(m.method, m.body) for m in messages if isinstance(m, Request)] == [
        ("MESSAGE", b"abc"),
        ("OPTIONS", b""),
    ]


def test_byte_by_byte() -> None:
    reader, stream = Reader(), datagram("MESSAGE", body="a\r\n\r\nb") + b"\r\n\r\n" + datagram("OPTIONS")
    came = [(at, m.method) for at, byte in enumerate(stream) for m in reader.receive_data(bytes([byte]))]  # type: ignore[union-attr]
    first = len(datagram("MESSAGE", body="a\r\n\r\nb")) - 1
    assert came == [(first, "MESSAGE"), (len(stream) - 1, "OPTIONS")]


def test_a_message_that_is_not_understood_does_not_take_the_next_with_it() -> None:
    bad = datagram("MESSAGE", body="abc").replace(b"Call-ID", b"X-Call-ID")
    fault, good = Reader().receive_data(bad + datagram("OPTIONS"))
    assert isinstance(fault, MessageError)
    assert fault.request is not None
    assert isinstance(good, Request)


@pytest.mark.parametrize(
    "stream",
    [
        b"\x80\x60",
        b"GET / HTTP/1.1\r\n\r\n",
        b"A" * HEAD_LIMIT,
        lines("MESSAGE", "Content-Type: a/b").encode() + b"\r\n\r\n",
        lines("MESSAGE", "Content-Length: x").encode() + b"\r\n\r\n",
        lines("MESSAGE", "Content-Length: 1", "Content-Length: 2").encode() + b"\r\n\r\n",
        lines("MESSAGE", f"Content-Length: {STRANGER_BODY_LIMIT + 1}").encode() + b"\r\n\r\n",
    ],
)
def test_where_the_next_message_cannot_be_found_the_connection_ends(stream: bytes) -> None:
    with pytest.raises(FramingError):
        Reader().receive_data(stream)


def test_without_a_body_content_length_may_be_missing() -> None:
    reader = Reader()
    assert len(reader.receive_data(lines("MESSAGE").encode() + b"\r\n\r\n" + datagram("OPTIONS"))) == 2


def test_catalogues_may_come_from_whom_we_know() -> None:
    head = lines("MESSAGE", f"Content-Length: {BODY_LIMIT}").encode() + b"\r\n\r\n"
    reader = Reader()
    reader.trust()
    assert reader.receive_data(head) == []
    piece = b"x" * 65_536
    messages = [m for _ in range(BODY_LIMIT // len(piece)) for m in reader.receive_data(piece)]
    assert [len(m.body) for m in messages if isinstance(m, Request)] == [BODY_LIMIT]
    with pytest.raises(FramingError) as caught:
        reader.receive_data(lines("MESSAGE", f"Content-Length: {BODY_LIMIT + 1}").encode() + b"\r\n\r\n")
    assert caught.value.status == 413
    assert caught.value.request is not None
