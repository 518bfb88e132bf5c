"""WebSocket frames against the RFC's own examples and an independent implementation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame
from websockets.frames import Opcode as TheirOpcode
from websockets.streams import StreamReader

from bingjian.streaming.websocket import (
    MAX_MESSAGE,
    CloseCode,
    Message,
    Opcode,
    Reader,
    WebSocketError,
    accept_key,
    close_frame,
    header,
    text_frame,
)

lengths = st.sampled_from([0, 1, 125, 126, 127, 4095, 4096]).map(lambda size: b"x" * size)


def test_accept_key_is_the_rfcs_example() -> None:
    assert accept_key("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


@pytest.mark.parametrize("key", ["", "x", "AAAA", "冰鉴", "dGhlIHNhbXBsZSBub25jZQ"])
def test_accept_key_wants_sixteen_bytes(key: str) -> None:
    assert accept_key(key) is None


@given(st.lists(st.binary(max_size=64) | lengths, max_size=5), st.data())
def test_how_tcp_cuts_the_stream_does_not_matter(payloads: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(Frame(TheirOpcode.TEXT, payload).serialize(mask=True) for payload in payloads)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    reader = Reader()
    received = [message for piece in pieces for message in reader.receive_data(piece)]
    assert received == [Message(Opcode.TEXT, payload) for payload in payloads]


def test_parts_are_joined_and_control_frames_may_stand_between() -> None:
    stream = (
        Frame(TheirOpcode.TEXT, b"he", fin=False).serialize(mask=True)
        + Frame(TheirOpcode.PING, b"p").serialize(mask=True)
        + Frame(TheirOpcode.CONT, b"llo").serialize(mask=True)
    )
    assert Reader().receive_data(stream) == [Message(Opcode.PING, b"p"), Message(Opcode.TEXT, b"hello")]


@pytest.mark.parametrize(
    ("stream", "code"),
    [
        (Frame(TheirOpcode.TEXT, b"x").serialize(mask=False), CloseCode.PROTOCOL_ERROR),
        (b"\xc1\x80" + bytes(4), CloseCode.PROTOCOL_ERROR),
        (Frame(TheirOpcode.CONT, b"x").serialize(mask=True), CloseCode.PROTOCOL_ERROR),
        (b"\x83\x80" + bytes(4), CloseCode.PROTOCOL_ERROR),
        (b"\x09\x80" + bytes(4), CloseCode.PROTOCOL_ERROR),
        (b"\x89\xfe\x00\x7e" + bytes(4), CloseCode.TOO_BIG),
        (b"\x81\xff" + b"\x7f" + b"\xff" * 7 + bytes(4), CloseCode.TOO_BIG),
        (
            Frame(TheirOpcode.TEXT, b"x" * MAX_MESSAGE, fin=False).serialize(mask=True)
            + Frame(TheirOpcode.CONT, b"y").serialize(mask=True),
            CloseCode.TOO_BIG,
        ),
    ],
    ids=[  # the bytes would be others in each process: masks are random
        *("not masked", "reserved bit", "continues nothing", "opcode 3", "control in parts"),
        *("long control", "63-bit length", "long in parts"),
    ],
)
def test_what_no_viewer_sends_ends_the_connection(stream: bytes, code: CloseCode) -> None:
    with pytest.raises(WebSocketError) as error:
        Reader().receive_data(stream)
    assert error.value.code == code


@given(st.lists(st.binary(max_size=200), max_size=4))
def test_garbage_raises_only_its_own_error(pieces: list[bytes]) -> None:
    reader = Reader()
    for piece in pieces:
        try:
            reader.receive_data(piece)
        except WebSocketError:
            return


@given(lengths | st.sampled_from([65535, 65536, 100_000]).map(bytes))
def test_our_frames_are_read_by_others(payload: bytes) -> None:
    assert read_by_websockets(header(Opcode.BINARY, len(payload)) + payload).data == payload


def test_text_and_close_frames_are_read_by_others() -> None:
    assert read_by_websockets(text_frame("冰鉴")).data == "冰鉴".encode()
    closing = read_by_websockets(close_frame(CloseCode.POLICY, "r" * 200))
    assert closing.opcode == TheirOpcode.CLOSE
    assert int.from_bytes(closing.data[:2]) == CloseCode.POLICY


def read_by_websockets(stream: bytes) -> Frame:
    source = StreamReader()
    source.feed_data(stream)
    parsing = Frame.parse(source.read_exact, mask=False)
    try:
        next(parsing)
    except StopIteration as done:
        frame: Frame = done.value
        return frame
    raise AssertionError("an incomplete frame")
