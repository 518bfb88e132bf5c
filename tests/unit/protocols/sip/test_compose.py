"""Requests of ours outside of dialogs."""

from dataclasses import replace

from bingjian.protocols.sip.compose import at, message
from bingjian.protocols.sip.message import read_datagram, serialise
from bingjian.protocols.sip.reply import Peer
from tests.unit.protocols.sip.test_dialog import LOCAL
from tests.unit.protocols.sip.wire import DEVICE, PLATFORM, UDP


def test_each_message_is_its_own() -> None:
    one, two = (message(LOCAL, UDP, DEVICE, "Application/MANSCDP+xml", b"<Query/>") for _ in range(2))
    assert (one.sender.user, one.to.user, one.body) == (PLATFORM, DEVICE, b"<Query/>")
    assert one.sender.tag  # a device fell silent without it
    assert one.call_id != two.call_id
    assert one.via.branch != two.via.branch
    assert len(one.call_id) * 4 == 128


def test_ipv6() -> None:
    assert at("2001:db8::1", 5060) == "[2001:db8::1]:5060"
    local = replace(LOCAL, host="2001:db8::10")
    sent = message(local, Peer("UDP", "2001:db8::77", 5060), DEVICE, "a/b", b"")
    assert sent.uri == f"sip:{DEVICE}@[2001:db8::77]:5060"
    assert sent.via.host == "[2001:db8::10]"
    assert read_datagram(serialise(sent)) == replace(
        sent, headers=sent.headers.having(("Content-Length", "0"))
    )
