"""Values of headers: the form of the standard, and what the field makes of it."""

import pytest

from bingjian.protocols.sip.errors import MessageError
from bingjian.protocols.sip.fields import (
    EXPIRES_LIMIT_S,
    CSeq,
    Subject,
    Uri,
    read_address,
    read_cseq,
    read_seconds,
    read_subject,
    read_uri,
    read_version,
    read_via,
    split_list,
)

ID = "99010100001310000001"


@pytest.mark.parametrize(
    ("value", "user", "tag", "display"),
    [
        (f"<sip:{ID}@9901010000>;tag=8f21", ID, "8f21", ""),
        (f'"Gate, 1" <sip:{ID}@192.0.2.1:5060;transport=udp>;TAG = 8f21', ID, "8f21", "Gate, 1"),
        (f'"a \\" <sip:x@y>;tag=no" <sip:{ID}@h>', ID, "", 'a " <sip:x@y>;tag=no'),
        (f"sip:{ID}@9901010000;tag=8f21", ID, "8f21", ""),
        (f"{ID}@9901010000", ID, "", ""),
        (f"< sip: {ID}@9901010000 >;tag=1;tag=2", ID, "1", ""),
        (f"Gate <sip:{ID}:secret@9901010000.spvmn.cn>", ID, "", "Gate"),
        ("<sip:9901010000>", "", "", ""),
        ("<tel:+86>", "", "", ""),
        ('<sip:a@b>;x="a;tag=9";tag=1', "a", "1", ""),
    ],
)
def test_address(value: str, user: str, tag: str, display: str) -> None:
    address = read_address(value)
    assert (address.user, address.tag, address.display) == (user, tag, display)
    again = read_address(str(address))
    assert (again.user, again.tag, again.display) == (user, tag, display)


@pytest.mark.parametrize("value", ["", "  ", ";tag=1", '"open <sip:a@b>', "<sip:a@b", "a>", '"a" sip:a@b'])
def test_what_is_no_address(value: str) -> None:
    with pytest.raises(MessageError):
        read_address(value)


@pytest.mark.parametrize(
    ("uri", "read"),
    [
        (f"sip:{ID}@192.0.2.77:5060", Uri(ID, "192.0.2.77", 5060)),
        (f"SIPS:{ID}@[2001:db8::1]:5061;x", Uri(ID, "[2001:db8::1]", 5061)),
        (f"{ID}@9901010000", Uri(ID, "9901010000", 0)),
        ("sip:h:99999", Uri("", "h", 0)),
        (f"sip: {ID} @h", Uri(ID, "h", 0)),
        ("http://x/y", Uri("", "", 0)),
    ],
)
def test_uri(uri: str, read: Uri) -> None:
    assert read_uri(uri) == read


def test_via_and_where_it_was_seen_from() -> None:
    via = read_via("SIP/2.0/udp 10.0.0.9:5060 ;rport; branch=z9hG4bKx")
    assert (via.transport, via.host, via.port, via.branch) == ("UDP", "10.0.0.9", 5060, "z9hG4bKx")
    assert str(via.seen_from("192.0.2.77", 6000)) == (
        "SIP/2.0/UDP 10.0.0.9:5060;rport=6000;branch=z9hG4bKx;received=192.0.2.77"
    )
    without = read_via("SIP/2.0/TCP 10.0.0.9;branch=b")
    assert str(without.seen_from("10.0.0.9", 6000)) == "SIP/2.0/TCP 10.0.0.9;branch=b"
    assert without.seen_from("10.0.0.8", 6000).params["received"] == "10.0.0.8"
    assert read_via("SIP/2.0/TLS [2001:db8::1]:5061").host == "[2001:db8::1]"


@pytest.mark.parametrize(
    "value", ["", "SIP/2.0/UDP", "SIP/3.0/UDP h", "SIP/2.0/UDP h:70000", "SIP/2.0/UDP h x"]
)
def test_what_is_no_via(value: str) -> None:
    with pytest.raises(MessageError):
        read_via(value)


def test_cseq() -> None:
    assert read_cseq(" 21  invite ") == CSeq(21, "INVITE")
    assert str(CSeq(21, "INVITE")) == "21 INVITE"
    for value in (
        "",
        "INVITE",
        "1",
        "-1 INVITE",
        "4294967296 INVITE",
        "99999999999 INVITE",
        "² INVITE",
        "1 a b",
    ):
        with pytest.raises(MessageError):
            read_cseq(value)


def test_subject() -> None:
    written = f"{ID}:0101000017,99010100002000000001:0"
    subject = read_subject(written)
    assert subject == Subject(ID, "0101000017", "99010100002000000001", "0")
    assert str(subject) == written
    assert read_subject(f" {ID} : 1 , p ") == Subject(ID, "1", "p", "")
    assert read_subject("") is None
    assert read_subject("call me") is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        *[("3600", 3600), (" 0 ", 0), ("60;x=1", 60), ("60 (soon)", 60), ("9" * 30, EXPIRES_LIMIT_S)],
        *[("", None), ("-1", None), ("soon", None), ("1.5", None), ("²", None)],
    ],
)
def test_seconds(value: str, seconds: int | None) -> None:
    assert read_seconds(value) == seconds


@pytest.mark.parametrize(
    ("value", "version"), [("3.0", "3.0"), (" 1.1 ", "1.1"), ("", "2.0"), ("new", "2.0")]
)
def test_version(value: str, version: str) -> None:
    assert read_version(value) == version


def test_lists() -> None:
    assert split_list('"a, b" <sip:1,2@h>, <sip:3@h> ,, x') == ['"a, b" <sip:1,2@h>', "<sip:3@h>", "x"]
    assert split_list("") == [""]
    assert split_list(",") == []
