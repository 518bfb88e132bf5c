"""Dialogs from both sides, and what the peer may leave out."""

from dataclasses import replace

from bingjian.protocols.sip.compose import Local
from bingjian.protocols.sip.dialog import Dialog, DialogKey, key_of, same_origin
from bingjian.protocols.sip.message import read_datagram, serialise
from bingjian.protocols.sip.reply import reply
from tests.unit.protocols.sip.wire import CHANNEL, DEVICE, DOMAIN, PLATFORM, TCP, UDP, request

LOCAL = Local(PLATFORM, DOMAIN, "192.0.2.10", 5060)


def test_opened_and_confirmed() -> None:
    dialog = Dialog.opened(LOCAL, UDP, CHANNEL)
    first = dialog.request("INVITE", ("Subject", "s"), body=b"sdp")
    assert read_datagram(serialise(first)) is not None
    assert (first.uri, first.sender.tag, first.to.tag) == (
        f"sip:{CHANNEL}@192.0.2.77:5060",
        dialog.key.tag,
        "",
    )
    routes = [("Record-Route", "<sip:p1;lr>, <sip:p2;lr>"), ("Contact", f"<sip:{DEVICE}@10.0.0.9:5060>")]
    there = UDP._replace(port=6000)
    dialog.confirm(reply(first, 200, *routes, tag="theirs"), there)
    later = dialog.request("BYE")
    assert (later.uri, later.to.tag, later.cseq.number) == (f"sip:{DEVICE}@10.0.0.9:5060", "theirs", 2)
    assert later.headers.get_all("Route") == ["<sip:p2;lr>", "<sip:p1;lr>"]
    assert later.via.branch != first.via.branch
    assert (dialog.ack(1).cseq.number, dialog.number, dialog.peer) == (1, 2, there)


def test_asked_for() -> None:
    asked = request("INVITE", f"Contact: <sip:{DEVICE}@10.0.0.9:5060>", "Record-Route: <sip:p1;lr>")
    dialog = Dialog.asked_for(asked, LOCAL, UDP, "ours")
    assert dialog.key == DialogKey(asked.call_id, "ours")
    bye = dialog.request("BYE")
    assert (bye.sender.user, bye.sender.tag, bye.to.user, bye.to.tag) == (PLATFORM, "ours", DEVICE, "2043")
    assert bye.uri == f"sip:{DEVICE}@10.0.0.9:5060"
    assert bye.headers.get_all("Route") == ["<sip:p1;lr>"]


def test_without_a_contact_requests_go_to_who_asked() -> None:
    dialog = Dialog.asked_for(request("INVITE"), LOCAL, UDP, "ours")
    assert dialog.request("BYE").uri == f"sip:{DEVICE}@{DOMAIN}"


def test_an_address_with_blanks_is_none() -> None:
    asked = request("INVITE", "Contact: <sip:a b@c>")
    assert Dialog.asked_for(asked, LOCAL, UDP, "ours").target == f"sip:{DEVICE}@{DOMAIN}"
    blank = replace(asked, headers=asked.headers.replacing("From", "<sip:a b@c>;tag=1"))
    assert Dialog.asked_for(blank, LOCAL, UDP, "ours").target == "sip:192.0.2.77:5060"
    dialog = Dialog.opened(LOCAL, UDP, CHANNEL)
    dialog.confirm(reply(dialog.request("INVITE"), 200, ("Contact", "<sip:a b@c>")), UDP)
    assert dialog.target == f"sip:{CHANNEL}@192.0.2.77:5060"


def test_which_dialog_a_request_is_of() -> None:
    asked = request("BYE")
    assert key_of(asked) == DialogKey(asked.call_id, "")
    tagged = replace(asked, headers=asked.headers.replacing("To", "<sip:a@b>;tag=ours"))
    assert key_of(tagged) == DialogKey(asked.call_id, "ours")


def test_the_same_origin() -> None:
    assert same_origin(UDP, UDP._replace(port=1))
    assert not same_origin(UDP, UDP._replace(host="203.0.113.1"))
    assert same_origin(TCP, TCP._replace(host="203.0.113.1"))
    assert not same_origin(TCP, TCP._replace(connection=8))
    assert not same_origin(UDP, TCP)
