"""SIP as it should be, as RFC 4475 warns it may be, and as devices write it."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from bingjian.protocols.sip.errors import FramingError, MessageError
from bingjian.protocols.sip.headers import Headers
from bingjian.protocols.sip.message import (
    HEAD_LIMIT,
    HEADER_COUNT_LIMIT,
    LINE_LIMIT,
    Request,
    Response,
    read_datagram,
    serialise,
)
from tests.unit.protocols.sip.wire import (
    CHANNEL,
    DEVICE,
    DOMAIN,
    KEEP_ALIVE,
    PLATFORM,
    datagram,
    lines,
    request,
)


def test_a_keep_alive_is_read() -> None:
    message = request("MESSAGE", "Content-Type: Application/MANSCDP+xml", body=KEEP_ALIVE)
    assert (message.method, message.uri) == ("MESSAGE", f"sip:{PLATFORM}@{DOMAIN}")
    assert (message.sender.user, message.sender.tag, message.to.user) == (DEVICE, "2043", PLATFORM)
    assert (message.cseq.number, message.cseq.method, message.call_id) == (20, "MESSAGE", "c1@192.0.2.77")
    assert (message.via.branch, message.via.host, message.via.port) == ("z9hG4bK137", "192.0.2.77", 5060)
    assert message.content_type == "application/manscdp+xml"
    assert message.body.decode() == KEEP_ALIVE


def test_a_response_is_read_with_a_reason_of_several_words_or_none() -> None:
    head = lines("MESSAGE").partition("\r\n")[2]
    message = read_datagram(f"SIP/2.0 404 Not Found\r\n{head}\r\n\r\n".encode())
    assert isinstance(message, Response)
    assert (message.status, message.reason) == (404, "Not Found")
    bare = read_datagram(f"SIP/2.0 200\r\n{head}\r\n\r\n".encode())
    assert isinstance(bare, Response)
    assert (bare.status, bare.reason) == (200, "")


ODD: dict[str, Callable[[str], str]] = {
    "compact": lambda text: text.replace("Via:", "v:").replace("From:", "f :").replace("To:", "t:"),
    "compact-2": lambda text: text.replace("Call-ID:", "i:").replace("Content-Length:", "l:"),
    "case": lambda text: text.replace("From", "FROM").replace("Call-ID", "call-id").replace("CSeq", "cseq"),
    "bare-lf": lambda text: text.replace("\r\n", "\n"),
    "folded-via": lambda text: text.replace("SIP/2.0/UDP 192", "SIP / 2.0 / UDP\r\n 192"),
    "folded": lambda text: text.replace("Call-ID: ", "Call-ID:\r\n\t  "),
    "lower": lambda text: text.replace("MESSAGE sip", "message sip").replace(
        " SIP/2.0\r\n", " sip/2.0\r\n", 1
    ),
    "angle": lambda text: text.replace(f"sip:{PLATFORM}@{DOMAIN} SIP", f"<sip:{PLATFORM}@{DOMAIN}>  SIP"),
    "blank-before": lambda text: "\r\n\r\n" + text,
    "nameless-line": lambda text: text.replace(
        "Max-Forwards", "junk without a colon\r\n: no name\r\nMax-Forwards"
    ),
    "no-end": lambda text: text.rstrip(),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_writing_means_the_same(name: str) -> None:
    text = lines("MESSAGE") + "\r\n\r\n"
    plain, odd = read_datagram(text.encode()), read_datagram(ODD[name](text).encode())
    assert isinstance(plain, Request)
    assert isinstance(odd, Request)
    for field in ("via", "sender", "to", "cseq", "call_id", "method", "uri"):
        assert getattr(odd, field) == getattr(plain, field)


@pytest.mark.parametrize("data", [b"", b"\r\n\r\n", b"\0", b"\0\0\0\0", b"abcd", b"\r\n\0\r\n  \t\r\n"])
def test_what_keeps_a_nat_open_is_nothing(data: bytes) -> None:
    assert read_datagram(data) is None


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (("Call-ID: c1@192.0.2.77\r\n", ""), 400),
        (("To: <sip:", 'To: "open <sip:'), 400),
        (("From: ", "From: <>>"), 400),
        (("CSeq: 20 MESSAGE", "CSeq: 20 INVITE"), 400),
        ((f"{DOMAIN} SIP/2.0\r\nVia", f"{DOMAIN} SIP/7.0\r\nVia"), 505),
        ((f"@{DOMAIN} SIP", f"@{DOMAIN};a b SIP"), 400),
        (("Max-Forwards: 70", "Content-Length: 9999"), 400),
        (("Max-Forwards: 70", "Content-Length: -1"), 400),
        (("Max-Forwards: 70", "Content-Length: ²"), 400),
        (("Max-Forwards: 70", "Content-Length: 0\r\nl: 1"), 400),
        (("Max-Forwards: 70", "Content-Length: 99999999999"), 413),
    ],
)
def test_a_bad_request_can_be_answered(change: tuple[str, str], status: int) -> None:
    with pytest.raises(MessageError) as caught:
        read_datagram((lines("MESSAGE") + "\r\n\r\n").replace(*change).encode())
    assert caught.value.status == status
    assert caught.value.request is not None
    assert caught.value.request.via.branch == "z9hG4bK137"


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"SIP/2.0 99 Low\r\n\r\n",
        "SIP/2.0 ²00 OK\r\n\r\n".encode(),
        b"\x80\x60\0\1\0\0\0\0\0\0\0\0 RTP on the wrong port",
        lines("MESSAGE").replace("Via: SIP", "Via: NIP").encode(),
        lines("MESSAGE").replace("192.0.2.77:5060", "192.0.2.77:99999").encode(),
        lines("MESSAGE").replace("CSeq: 20", "CSeq: 4294967296").encode(),
        lines("ACK").replace("Call-ID", "X").encode(),
        lines("MESSAGE", "X: a\0b").encode(),
        lines("MESSAGE", "X: a\rb").encode(),
    ],
)
def test_what_cannot_be_answered_is_dropped(data: bytes) -> None:
    with pytest.raises(MessageError) as caught:
        read_datagram(data)
    assert caught.value.request is None


def test_bytes_behind_the_content_length_are_cut_off() -> None:
    message = read_datagram(f"{lines('MESSAGE', 'Content-Length: 3')}\r\n\r\nabcjunk".encode())
    assert message is not None
    assert message.body == b"abc"


def test_without_a_content_length_a_datagram_is_the_body() -> None:
    message = read_datagram(f"{lines('MESSAGE')}\r\n\r\nabc\r\n\r\nd".encode())
    assert message is not None
    assert message.body == b"abc\r\n\r\nd"


@pytest.mark.parametrize(
    ("more", "fits"),
    [
        (["X: " + "a" * (LINE_LIMIT - 3)], True),
        (["X: " + "a" * (LINE_LIMIT - 2)], False),
        (["X: a\r\n " + "b" * LINE_LIMIT], False),
        (["X: a"] * (HEADER_COUNT_LIMIT - 7), True),
        (["X: a"] * (HEADER_COUNT_LIMIT - 6), False),
        (["X: " + "a" * 4000] * 5, False),
    ],
)
def test_limits(more: list[str], fits: bool) -> None:
    data = f"{lines('MESSAGE', *more)}\r\n\r\n".encode()
    if fits:
        assert len(data) < HEAD_LIMIT
        assert read_datagram(data)
    else:
        with pytest.raises(FramingError):
            read_datagram(data)


def test_what_is_no_utf_8_goes_through_unchanged() -> None:
    data = datagram("MESSAGE").replace(b"Max-Forwards: 70", "User-Agent: 摄像机".encode("gb18030"))
    message = read_datagram(data)
    assert message is not None
    assert "摄像机".encode("gb18030") in serialise(message)


@pytest.mark.parametrize("value", ["a\r\nX: b", "a\nb", "a\0"])
def test_no_header_smuggles_in_another(value: str) -> None:
    with pytest.raises(ValueError, match="control"):
        serialise(Request("MESSAGE", "sip:a", Headers([("X", value)])))
    with pytest.raises(ValueError, match="control"):
        serialise(Request("MESSAGE", f"sip:{value}"))


def test_a_message_that_lies_about_its_length_is_sent_with_the_true_one() -> None:
    sent = serialise(Request("MESSAGE", "sip:a", Headers([("l", "99")]), b"abc"))
    assert sent == b"MESSAGE sip:a SIP/2.0\r\nContent-Length: 3\r\n\r\nabc"


def test_what_the_field_asks_of_a_message() -> None:
    written = [
        f"Subject: {CHANNEL}:0101000017,{PLATFORM}:0",
        "X-GB-Ver: 3.0",
        "Date: 2026-01-31T08:00:00.000",
    ]
    message = request("INVITE", *written, "Expires: 60", "Contact: <sip:a@b>;expires=70")
    assert (message.expires_s, message.version) == (60, "3.0")
    assert message.subject is not None
    assert message.subject.sender_serial == "0101000017"
    assert message.date == datetime(2026, 1, 31, tzinfo=UTC)
    assert request("REGISTER", "Contact: <sip:a@b>;expires=70").expires_s == 70
    bare = request("INVITE")
    assert (bare.expires_s, bare.subject, bare.version, bare.date) == (None, None, "2.0", None)


def test_contact_is_the_first_and_may_be_anything() -> None:
    assert request("REGISTER", "Contact: *").contact is not None
    assert request("REGISTER", 'Contact: "open').contact is None
    assert request("REGISTER").contact is None
    contact = request("REGISTER", 'm: "a, b" <sip:1@h:1>;expires=60, <sip:2@h>').contact
    assert contact is not None
    assert (contact.user, contact.params["expires"]) == ("1", "60")
