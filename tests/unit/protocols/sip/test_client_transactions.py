"""Requests of ours: repeated over UDP, given up, answered once. Times are RFC 3261's table 4."""

from typing import Any

import pytest

from bingjian.protocols.sip import client_transactions
from bingjian.protocols.sip.client_transactions import TooManyRequests
from bingjian.protocols.sip.events import Answered, ClientKey, Stray, Unanswered
from bingjian.protocols.sip.headers import Headers
from bingjian.protocols.sip.message import Request, Response, read_datagram
from bingjian.protocols.sip.reply import Peer, reply
from bingjian.protocols.sip.transactions import Transactions
from tests.unit.protocols.sip.wire import TCP, UDP, request


def sent(transactions: Transactions) -> list[str]:
    """Methods, or status codes, of what went out."""
    found = []
    for data, _ in transactions.take_output():
        message = read_datagram(data)
        assert message is not None
        found.append(message.method if isinstance(message, Request) else str(message.status))
    return found


def ask(method: str, peer: Peer = UDP) -> tuple[Transactions, ClientKey, Request]:
    transactions, message = Transactions(), request(method)
    key = transactions.request(message, peer, 0.0)
    assert sent(transactions) == [method]
    return transactions, key, message


def repetitions(transactions: Transactions, until: float) -> list[float]:
    """When something went out again, asked at every quarter of a second."""
    times = []
    for quarter in range(1, int(until * 4) + 1):
        transactions.expire(quarter / 4)
        times += [quarter / 4] * len(transactions.take_output())
    return times


def test_an_invite_is_repeated_by_timer_a_and_given_up_by_b() -> None:
    transactions, key, invite = ask("INVITE")
    deadline = transactions.next_deadline()
    assert deadline is not None
    assert deadline <= 0.5
    assert repetitions(transactions, 31.75) == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert transactions.expire(31.999) == []
    assert transactions.expire(32.0) == [Unanswered(key, invite)]
    assert len(transactions) == 0
    assert transactions.next_deadline() is None


def test_others_are_repeated_by_timer_e_and_given_up_by_f() -> None:
    transactions, key, message = ask("MESSAGE")
    assert repetitions(transactions, 31.75) == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert transactions.expire(32.0) == [Unanswered(key, message)]


@pytest.mark.parametrize("method", ["INVITE", "MESSAGE"])
def test_over_tcp_nothing_is_repeated(method: str) -> None:
    transactions, key, message = ask(method, TCP)
    assert repetitions(transactions, 31.75) == []
    assert transactions.expire(32.0) == [Unanswered(key, message)]


def test_a_lost_second_is_not_made_up_for() -> None:
    transactions, _, _ = ask("MESSAGE")
    transactions.expire(20.0)
    assert len(transactions.take_output()) == 1
    assert transactions.next_deadline() == 21.0


def test_an_answer_is_told_once_and_absorbed_for_timer_k() -> None:
    transactions, key, message = ask("MESSAGE")
    answer = reply(message, 200)
    assert transactions.receive(answer, UDP, 1.0) == [Answered(key, message, answer, UDP)]
    assert transactions.receive(answer, UDP, 5.9) == []
    assert transactions.expire(5.999) == []
    assert len(transactions) == 1
    assert transactions.expire(6.0) == []
    assert len(transactions) == 0
    assert transactions.receive(answer, UDP, 6.1) == [Stray(answer, UDP)]
    assert transactions.take_output() == []


def test_over_tcp_an_answered_request_is_forgotten_at_once() -> None:
    for status in (200, 404):
        for method in ("MESSAGE", "INVITE")[: 1 if status == 200 else 2]:
            transactions, _, message = ask(method, TCP)
            transactions.receive(reply(message, status), TCP, 1.0)
            assert len(transactions) == 0


def test_a_provisional_answer_makes_the_repetitions_of_a_message_slow() -> None:
    transactions, key, message = ask("MESSAGE")
    trying = reply(message, 100)
    assert transactions.receive(trying, UDP, 0.2) == [Answered(key, message, trying, UDP)]
    assert repetitions(transactions, 12.0) == [0.5, 4.5, 8.5]


def test_a_provisional_answer_ends_the_repetitions_of_an_invite_but_not_for_ever() -> None:
    transactions, key, message = ask("INVITE")
    transactions.receive(reply(message, 100), UDP, 0.2)
    assert repetitions(transactions, 100.0) == []
    assert transactions.expire(180.199) == []
    assert transactions.expire(180.2) == [Unanswered(key, message)]


def test_a_refused_invite_is_acknowledged_each_time_for_timer_d() -> None:
    transactions, key, message = ask("INVITE")
    refusal = reply(message, 486, tag="theirs")
    assert transactions.receive(refusal, UDP, 1.0) == [Answered(key, message, refusal, UDP)]
    ack = read_datagram(transactions.take_output()[0].data)
    assert isinstance(ack, Request)
    assert (ack.method, ack.uri, ack.to.tag) == ("ACK", message.uri, "theirs")
    assert (ack.via, ack.sender, ack.call_id) == (message.via, message.sender, message.call_id)
    assert (ack.cseq.number, ack.cseq.method) == (20, "ACK")
    assert transactions.receive(refusal, UDP, 32.9) == []
    assert sent(transactions) == ["ACK"]
    assert transactions.receive(reply(message, 200, tag="other"), UDP, 32.9) == []
    transactions.expire(32.999)
    assert len(transactions) == 1
    transactions.expire(33.0)
    assert len(transactions) == 0


def test_an_accepted_invite_leaves_the_ack_to_the_dialog_and_repeats_it() -> None:
    transactions, key, message = ask("INVITE")
    accepted = reply(message, 200, tag="theirs")
    assert transactions.receive(accepted, UDP, 1.0) == [Answered(key, message, accepted, UDP)]
    assert sent(transactions) == []
    assert transactions.receive(accepted, UDP, 1.1) == []
    assert sent(transactions) == []  # the dialog has not given its ACK yet
    ack = Request("ACK", "sip:a", Headers(accepted.headers).replacing("CSeq", "20 ACK"))
    other = Peer("UDP", "203.0.113.1", 9)
    transactions.acknowledge(key, ack, other)
    assert transactions.take_output()[0].peer == other
    assert transactions.receive(accepted, UDP, 1.5) == []
    assert transactions.take_output()[0].peer == other
    assert transactions.receive(reply(message, 486, tag="theirs"), UDP, 2.0) == []
    transactions.expire(32.999)
    assert len(transactions) == 1
    assert transactions.expire(33.0) == []
    assert len(transactions) == 0


def test_two_who_accept_are_both_told() -> None:
    transactions, key, message = ask("INVITE")
    transactions.receive(reply(message, 200, tag="one"), UDP, 1.0)
    second = reply(message, 200, tag="two")
    assert transactions.receive(second, UDP, 1.0) == [Answered(key, message, second, UDP)]


def test_cancel_waits_for_a_provisional_answer() -> None:
    transactions, key, message = ask("INVITE")
    transactions.cancel(key, 0.1)
    assert sent(transactions) == []
    transactions.receive(reply(message, 100), UDP, 0.2)
    cancel = read_datagram(transactions.take_output()[0].data)
    assert isinstance(cancel, Request)
    assert (cancel.method, cancel.via, cancel.cseq.number) == ("CANCEL", message.via, 20)
    transactions.receive(reply(message, 180), UDP, 0.3)
    assert sent(transactions) == []  # once
    transactions.receive(reply(cancel, 200), UDP, 0.3)
    gone = reply(message, 487, tag="t")
    assert transactions.receive(gone, UDP, 0.4) == [Answered(key, message, gone, UDP)]
    assert sent(transactions) == ["ACK"]


def test_cancel_after_a_provisional_answer_goes_at_once_and_gives_64_t1() -> None:
    transactions, key, message = ask("INVITE")
    transactions.receive(reply(message, 100), UDP, 0.2)
    transactions.cancel(key, 10.0)
    assert sent(transactions) == ["CANCEL"]
    events = transactions.expire(41.999)
    assert Unanswered(key, message) not in events
    assert Unanswered(key, message) in transactions.expire(42.0)


def test_cancel_of_what_is_answered_or_no_invite_is_nothing() -> None:
    for method in ("INVITE", "MESSAGE"):
        transactions, key, message = ask(method)
        transactions.receive(reply(message, 200, tag="t"), UDP, 1.0)
        transactions.cancel(key, 1.1)
        assert sent(transactions) == []


def test_a_mangled_via_does_not_matter() -> None:
    transactions, key, message = ask("MESSAGE")
    answer = Response(200, "OK", reply(message, 200).headers.replacing("Via", "SIP/2.0/UDP somewhere"))
    assert transactions.receive(answer, UDP, 1.0) == [Answered(key, message, answer, UDP)]


def test_with_the_connection_go_its_requests() -> None:
    transactions = Transactions()
    kept, lost = request("MESSAGE", cseq=1), request("MESSAGE", cseq=2)
    transactions.request(kept, UDP, 0.0)
    key = transactions.request(lost, TCP, 0.0)
    assert transactions.connection_lost(TCP.connection) == [Unanswered(key, lost, lost=True)]
    assert len(transactions) == 1


class Unscanned(dict[ClientKey, Any]):
    """A table that is looked up, never gone through."""

    def items(self) -> Any:
        raise AssertionError("each lost connection goes through all requests")

    __iter__ = values = items


def test_a_lost_connection_costs_what_was_asked_over_it() -> None:
    """Thousands are lost at once when a city's network breaks."""
    transactions = Transactions()
    keys = [
        transactions.request(request("MESSAGE", cseq=number), TCP._replace(connection=number), 0.0)
        for number in (1, 2, 3)
    ]
    clients = transactions._clients
    clients._clients = Unscanned(clients._clients)
    assert [event.key for event in transactions.connection_lost(2) if isinstance(event, Unanswered)] == [
        keys[1]
    ]
    assert transactions.connection_lost(2) == []
    transactions.expire(32.0)
    assert (len(transactions), clients._over) == (0, {})


def test_an_invite_that_is_acknowledged_elsewhere_ends_with_that_connection() -> None:
    transactions, key, message = ask("INVITE", TCP)
    accepted = reply(message, 200, tag="theirs")
    transactions.receive(accepted, TCP, 1.0)
    ack = Request("ACK", "sip:a", Headers(accepted.headers).replacing("CSeq", "20 ACK"))
    transactions.acknowledge(key, ack, TCP._replace(connection=8))
    transactions.connection_lost(TCP.connection)
    assert len(transactions) == 1
    transactions.connection_lost(8)
    assert (len(transactions), transactions._clients._over) == (0, {})


def test_a_cancel_that_is_too_much_is_sent_at_the_next_provisional_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    transactions, key, message = ask("INVITE")
    transactions.receive(reply(message, 100), UDP, 0.1)
    monkeypatch.setattr(client_transactions, "CLIENT_LIMIT", 1)
    transactions.cancel(key, 0.2)
    assert sent(transactions) == []
    monkeypatch.undo()
    transactions.receive(reply(message, 180), UDP, 0.3)
    assert sent(transactions) == ["CANCEL"]


def test_requests_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_transactions, "CLIENT_LIMIT", 2)
    transactions = Transactions()
    for number in range(2):
        transactions.request(request("MESSAGE", cseq=number), UDP, 0.0)
    with pytest.raises(TooManyRequests):
        transactions.request(request("MESSAGE", cseq=3), UDP, 0.0)
    with pytest.raises(ValueError, match="two requests"):
        ask("MESSAGE")[0].request(request("MESSAGE"), UDP, 0.0)
