"""SIP, whatever is sent and however TCP cuts it; and bytes that say what must become of them.

A folder of ``tests/corpus/sip`` says what happens to a datagram: ``read``, ``answered`` with an error, or
``dropped``. Identities in them are invented.
"""

import time
import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bingjian.protocols import auth
from bingjian.protocols.sip.errors import FramingError, MessageError
from bingjian.protocols.sip.headers import Headers
from bingjian.protocols.sip.message import Message, Request, Response, read_datagram, serialise
from bingjian.protocols.sip.reply import Peer, reply
from bingjian.protocols.sip.stream import Reader
from tests.unit.protocols.sip.wire import UDP, datagram

CORPUS = Path(__file__).parent.parent / "corpus" / "sip"
FILES = sorted(CORPUS.glob("*/*.bin"))
MEMORY_LIMIT = 4 << 20  # bytes at the peak, for a datagram

words = st.text('abcXYZ019 :;,<>"\\@=[]冰\t', max_size=12).map(str.strip)
names = st.sampled_from(
    ["Subject", "X-GB-Ver", "Contact", "Via", "Record-Route", "Expires", "X-Other", "Note"]
)
bodies = st.sampled_from(
    [b"", b"a", b"\r\n\r\n", b"\0", b"SIP/2.0 200 OK\r\n\r\n", b"x" * 70_000, b"\xff" * 9]
)
methods = st.sampled_from(["MESSAGE", "REGISTER", "INVITE", "ACK", "BYE", "NOTIFY", "OWN-METHOD"])


@st.composite
def messages(draw: st.DrawFn) -> Message:
    method, body = draw(methods), draw(bodies)
    pairs = [("Via", "SIP/2.0/UDP h:1;branch=z9hG4bKx"), ("From", "<sip:1@h>;tag=a"), ("To", "<sip:2@h>")]
    pairs += [
        ("Call-ID", draw(st.text("abc@.1", min_size=1, max_size=9))),
        ("CSeq", f"{draw(st.integers(0, 9**9))} {method}"),
    ]
    pairs += [
        (name, value) for name, value in draw(st.lists(st.tuples(names, words), max_size=4)) if name != "Via"
    ]
    headers = Headers([*pairs, ("Content-Length", str(len(body)))])
    if draw(st.booleans()):
        return Request(method, "sip:2@h", headers, body)
    return Response(draw(st.integers(100, 699)), draw(words), headers, body)


def cut(stream: bytes, data: st.DataObject) -> list[bytes]:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    return [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]


@given(messages())
def test_what_is_written_is_read(sent: Message) -> None:
    wire = serialise(sent)
    assert read_datagram(wire) == sent
    assert serialise(sent) == wire


@given(st.lists(messages(), max_size=6), st.sampled_from([b"", b"\r\n\r\n", b"\0", b"\r\n"]), st.data())
def test_how_tcp_cuts_the_stream_does_not_matter(
    sent: list[Message], between: bytes, data: st.DataObject
) -> None:
    reader = Reader()
    reader.trust()
    stream = between.join(map(serialise, sent))
    assert [m for piece in cut(stream, data) for m in reader.receive_data(piece)] == sent


pieces = st.binary(max_size=200) | st.lists(
    st.sampled_from(
        [b"\0", b"\xff", b"\r\n", b'"', b"<", b">", b";", b",", b"\\", b"sip:", b"tag=", b"SIP/2.0 "]
    )
).map(b"".join)


@given(pieces, st.integers(0, 400), st.integers(0, 30))
@settings(max_examples=300)
def test_garbage_raises_message_error_only(data: bytes, at: int, length: int) -> None:
    """Bare, and put into a good message."""
    good = datagram("INVITE", "Contact: <sip:a@b>", "Subject: a:0,b:0", body="abc")
    for wire in (data, good[:at] + data + good[at + length :]):
        with suppress(MessageError):
            _use(read_datagram(wire))
        with suppress(FramingError):
            for message in Reader().receive_data(wire):
                _use(message if isinstance(message, Request | Response) else message.request)


def _use(message: Message | None) -> None:
    """What was read can be used: nothing in it raises later."""
    if message is None:
        return
    _ = message.contact, message.content_type, message.call_id, message.via.branch
    _ = message.subject, message.expires_s, message.version, message.date
    auth.read_credentials(message.headers.get("Authorization"))
    auth.verify(auth.Challenge(), message.headers.get("Authorization"), "REGISTER", "a", "b")
    if isinstance(message, Request):
        with suppress(MessageError):  # a fault's request need not have From and To
            serialise(reply(message, 200, seen_from=UDP, tag="t"))
        serialise(reply(message, 400, seen_from=Peer("UDP", "2001:db8::1", 1)))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_corpus_meets_its_fate_and_costs_little(path: Path) -> None:
    data, fate = path.read_bytes(), path.parent.name
    tracemalloc.start()
    try:
        assert _fate(data) == fate
        with suppress(FramingError):
            Reader().receive_data(data)
        assert tracemalloc.get_traced_memory()[1] < MEMORY_LIMIT
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_datagram_takes_long(path: Path) -> None:
    """A keep-alive takes 25 µs; 20 ms would stop the signalling of thousands of devices for a moment."""
    data = path.read_bytes()
    assert min(_seconds(data) for _ in range(3)) < 0.02


def _seconds(data: bytes) -> float:
    start = time.process_time()
    _fate(data)
    return time.process_time() - start


def _fate(data: bytes) -> str:
    try:
        message = read_datagram(data)
    except MessageError as error:
        _use(error.request)
        return "answered" if error.request else "dropped"
    _use(message)
    return "read" if message else "dropped"


@given(st.lists(st.binary(min_size=1, max_size=3), max_size=200))
def test_a_reader_holds_no_more_than_one_message(parts: list[bytes]) -> None:
    reader = Reader()
    reader.receive_data(datagram("MESSAGE").replace(b"Content-Length: 0", b"Content-Length: 65536"))
    with suppress(FramingError):
        for part in parts * 200:
            reader.receive_data(part)
    assert len(reader._rest) <= 65_536 + 4096
