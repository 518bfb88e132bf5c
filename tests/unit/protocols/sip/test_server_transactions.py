"""Requests of others: told once, answered for every repetition, forgotten in time."""

import tracemalloc

import pytest

from bingjian.protocols.sip import server_transactions
from bingjian.protocols.sip.errors import MessageError
from bingjian.protocols.sip.events import Acknowledged, Asked, Cancelled, ServerKey, Unacknowledged
from bingjian.protocols.sip.message import Request, read_datagram
from bingjian.protocols.sip.reply import Peer, reply
from bingjian.protocols.sip.transactions import Transactions
from tests.unit.protocols.sip.test_client_transactions import repetitions, sent
from tests.unit.protocols.sip.wire import KEEP_ALIVE, TCP, UDP, datagram, lines, request


def asked(transactions: Transactions, message: Request, peer: Peer = UDP, now: float = 0.0) -> ServerKey:
    (event,) = transactions.receive(message, peer, now)
    assert isinstance(event, Asked)
    assert (event.request, event.peer) == (message, peer)
    return event.key


def test_a_repeated_request_gets_the_same_answer_for_timer_j() -> None:
    transactions, message = Transactions(), request("MESSAGE")
    key = asked(transactions, message)
    assert transactions.receive(message, UDP, 0.5) == []  # not answered yet: silence
    assert transactions.take_output() == []
    transactions.respond(key, reply(message, 200, tag="t"), 1.0)
    (first,) = transactions.take_output()
    elsewhere = UDP._replace(port=6001)
    assert transactions.receive(message, elsewhere, 32.9) == []
    (second,) = transactions.take_output()
    assert second.data == first.data
    assert second.peer == elsewhere
    assert transactions.next_deadline() == 33.0
    asked(transactions, message, now=33.0)


def test_a_plain_answer_is_made_again_for_timer_j() -> None:
    """With the same tag; only the port that it goes to is the one that asked again."""
    transactions, message = Transactions(), request("MESSAGE")
    transactions.respond_ok(asked(transactions, message), 1.0)
    (first,) = transactions.take_output()
    assert read_datagram(first.data).to.tag
    for peer in (UDP, UDP._replace(port=6001)):
        assert transactions.receive(message, peer, 32.9) == []
        (again,) = transactions.take_output()
        assert again.data == first.data.replace(b"rport=5060", b"rport=%d" % peer.port)
        assert again.peer == peer
    transactions.respond_ok(asked(transactions, message, now=33.0), 33.0)
    assert [one.data for one in transactions.take_output()] == [first.data]


def test_a_plain_answer_has_a_tag_that_others_do_not_know() -> None:
    tags = set[str]()
    for branch in ("z9hG4bKa", "z9hG4bKb", "z9hG4bKa", "z9hG4bKb"):
        transactions, message = Transactions(), request("MESSAGE", branch=branch)
        transactions.respond_ok(asked(transactions, message), 0.0)
        tags |= {read_datagram(one.data).to.tag for one in transactions.take_output()}
    assert len(tags) == 4


def test_a_second_plain_answer_is_not_sent() -> None:
    transactions, message = Transactions(), request("MESSAGE")
    key = asked(transactions, message)
    transactions.respond(key, reply(message, 400), 0.0)
    transactions.respond_ok(key, 0.0)
    assert sent(transactions) == ["400"]


def test_a_second_answer_is_not_sent() -> None:
    transactions, message = Transactions(), request("MESSAGE")
    key = asked(transactions, message)
    transactions.respond(key, reply(message, 200), 0.0)
    transactions.respond(key, reply(message, 400), 0.0)
    assert sent(transactions) == ["200"]


def test_over_tcp_no_answer_is_kept() -> None:
    transactions, message = Transactions(), request("MESSAGE")
    transactions.respond(asked(transactions, message, TCP), reply(message, 200), 0.0)
    assert len(transactions) == 0


@pytest.mark.parametrize(
    "other",
    [
        request("MESSAGE", cseq=21),
        request("MESSAGE", call_id="other"),
        request("MESSAGE", branch="z9hG4bKother"),
        request("OPTIONS"),
    ],
)
def test_what_differs_is_another_request(other: Request) -> None:
    """Also where the branch is the same: some devices have but one."""
    transactions = Transactions()
    asked(transactions, request("MESSAGE"))
    asked(transactions, other)


def test_a_stranger_does_not_get_the_answer_of_another() -> None:
    transactions = Transactions()
    asked(transactions, request("MESSAGE"))
    asked(transactions, request("MESSAGE"), UDP._replace(host="203.0.113.66"))


def test_what_nobody_answers_is_forgotten() -> None:
    transactions = Transactions()
    asked(transactions, request("MESSAGE"))
    assert transactions.expire(31.999) == []
    assert len(transactions) == 1
    transactions.expire(32.0)
    assert len(transactions) == 0


def test_a_refused_invite_is_repeated_by_timer_g_and_given_up_by_h() -> None:
    transactions, invite = Transactions(), request("INVITE")
    key = asked(transactions, invite)
    assert sent(transactions) == ["100"]
    transactions.receive(invite, UDP, 0.1)
    assert sent(transactions) == ["100"]
    transactions.respond(key, reply(invite, 486, tag="t"), 0.0)
    assert sent(transactions) == ["486"]
    transactions.receive(invite, UDP, 0.1)
    assert sent(transactions) == ["486"]
    assert repetitions(transactions, 31.75) == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert transactions.expire(31.999) == []
    assert transactions.expire(32.0) == [Unacknowledged(key, 486)]
    assert len(transactions) == 0


def test_the_ack_of_a_refusal_ends_the_repetitions_and_is_absorbed_for_timer_i() -> None:
    transactions, invite = Transactions(), request("INVITE")
    transactions.respond(asked(transactions, invite), reply(invite, 486, tag="t"), 0.0)
    assert transactions.receive(request("ACK"), UDP, 1.0) == []
    transactions.take_output()
    assert transactions.receive(request("ACK"), UDP, 1.1) == []
    assert transactions.receive(invite, UDP, 1.1) == []
    assert repetitions(transactions, 5.75) == []
    assert len(transactions) == 1
    assert transactions.expire(6.0) == []
    assert len(transactions) == 0


@pytest.mark.parametrize("peer", [UDP, TCP])
@pytest.mark.parametrize("branch", ["z9hG4bK137", "z9hG4bKack"])
def test_an_accepted_invite_is_repeated_until_its_ack(peer: Peer, branch: str) -> None:
    """Over TCP too, and whatever branch the device gives its ACK."""
    transactions, invite = Transactions(), request("INVITE")
    key = asked(transactions, invite, peer)
    transactions.respond(key, reply(invite, 180, tag="t"), 0.0)
    transactions.respond(key, reply(invite, 200, tag="t"), 0.0)
    assert sent(transactions) == ["100", "180", "200"]
    assert repetitions(transactions, 4.0) == [0.5, 1.5, 3.5]
    ack = request("ACK", branch=branch)
    assert transactions.receive(ack, peer, 4.0) == [Acknowledged(key, ack)]
    assert transactions.receive(ack, peer, 4.1) == []
    assert transactions.receive(invite, peer, 4.1) == []
    assert repetitions(transactions, 35.75) == []
    assert len(transactions) == 1
    assert transactions.expire(36.0) == []
    assert len(transactions) == 0


def test_an_accepted_invite_without_ack() -> None:
    transactions, invite = Transactions(), request("INVITE")
    key = asked(transactions, invite)
    transactions.respond(key, reply(invite, 200, tag="t"), 0.0)
    assert transactions.expire(32.0) == [Unacknowledged(key, 200)]
    assert transactions.receive(request("ACK"), UDP, 33.0) == []


def test_an_invite_that_nobody_answers_is_given_up() -> None:
    transactions = Transactions()
    key = asked(transactions, request("INVITE"))
    assert transactions.expire(179.999) == []
    assert transactions.expire(180.0) == [Cancelled(key)]
    assert len(transactions) == 0


def test_cancel_takes_an_invite_back() -> None:
    transactions, invite = Transactions(), request("INVITE")
    key = asked(transactions, invite)
    transactions.take_output()
    assert transactions.receive(request("CANCEL"), UDP, 0.1) == [Cancelled(key)]
    assert sent(transactions) == ["200", "487"]
    transactions.receive(request("CANCEL"), UDP, 0.2)
    assert sent(transactions) == ["200"]
    transactions.respond(key, reply(invite, 200, tag="t"), 0.3)
    assert sent(transactions) == []


def test_cancel_comes_too_late_or_for_nothing() -> None:
    transactions, invite = Transactions(), request("INVITE")
    transactions.respond(asked(transactions, invite), reply(invite, 200, tag="t"), 0.0)
    transactions.take_output()
    assert transactions.receive(request("CANCEL"), UDP, 0.1) == []
    assert transactions.receive(request("CANCEL", call_id="unknown"), UDP, 0.1) == []
    assert sent(transactions) == ["200", "481"]


def test_strangers_cost_nothing() -> None:
    transactions = Transactions()
    for method in ("INVITE", "MESSAGE"):
        message = request(method)
        key = asked(transactions, message)
        transactions.respond_once(key, reply(message, 403))
        transactions.respond_once(key, reply(message, 403))
    assert sent(transactions) == ["100", "403", "403"]
    assert len(transactions) == 0
    assert transactions.receive(request("ACK"), UDP, 0.1) == []


def test_a_message_that_is_not_understood_gets_its_answer_and_no_state() -> None:
    transactions = Transactions()
    with pytest.raises(MessageError) as caught:
        read_datagram(lines("MESSAGE").replace("Call-ID", "X").encode() + b"\r\n\r\n")
    transactions.refuse(caught.value, UDP)
    transactions.refuse(MessageError("nobody to answer"), UDP)
    assert [data.split(b"\r\n")[0] for data, _ in transactions.take_output()] == [b"SIP/2.0 400 Bad Request"]
    assert not transactions.has_output


def test_what_waits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_transactions, "PENDING_LIMIT", 2)
    monkeypatch.setattr(server_transactions, "INVITE_LIMIT", 2)
    transactions = Transactions()
    for method in ("MESSAGE", "INVITE"):
        events = [transactions.receive(request(method, cseq=n), UDP, 0.0) for n in range(3)]
        assert [len(event) for event in events] == [1, 1, 0]
        assert sent(transactions)[-1] == "503"


def test_of_the_answers_the_oldest_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_transactions, "ANSWERED_LIMIT", 2)
    transactions = Transactions()
    messages = [request("MESSAGE", cseq=n) for n in range(3)]
    for message in messages:
        transactions.respond(asked(transactions, message), reply(message, 200), 0.0)
    assert [len(transactions.receive(message, UDP, 1.0)) for message in reversed(messages)] == [0, 0, 1]


def test_an_answer_that_is_kept_takes_less_than_a_kilobyte() -> None:
    """100 000 devices at a keep-alive a minute leave 54 000 of them: half a kilobyte a device."""
    transactions, count = Transactions(), 2_000
    tracemalloc.start()
    try:
        for number in range(count):
            message = read_datagram(datagram("MESSAGE", body=KEEP_ALIVE, cseq=number))
            assert isinstance(message, Request)
            (event,) = transactions.receive(message, UDP, 0.0)
            assert isinstance(event, Asked)
            transactions.respond(event.key, reply(message, 200, seen_from=UDP), 0.0)
            transactions.take_output()
        del message, event
        assert tracemalloc.get_traced_memory()[0] / count < 1_000
    finally:
        tracemalloc.stop()
