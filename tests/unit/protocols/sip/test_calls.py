"""Calls between a platform and a device, over an in-memory network; then what the field does to them."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from bingjian.protocols.sip import calls, client_transactions
from bingjian.protocols.sip.call_events import (
    Accepted,
    Confirmed,
    ControlAnswered,
    Controlled,
    Ended,
    Offered,
    Why,
)
from bingjian.protocols.sip.calls import ANSWER_WITHIN_S, BYES_MOST, GIVEN_UP_S, OWED_S, Calls
from bingjian.protocols.sip.dialog import DialogKey
from bingjian.protocols.sip.headers import Headers
from bingjian.protocols.sip.message import Request, Response, read_datagram
from bingjian.protocols.sip.reply import Peer, reply
from tests.unit.protocols.sip.pair import Pair, Side, methods
from tests.unit.protocols.sip.wire import CHANNEL, DEVICE, PLATFORM, UDP, request

SUBJECT = ("Subject", f"{CHANNEL}:0101000017,{PLATFORM}:0")
OFFER, ANSWER = b"v=0\r\ns=Play\r\ny=0101000017\r\n", b"v=0\r\ns=Play\r\na=sendonly\r\n"


@dataclass
class Line(Pair):
    """Both sides have calls."""

    def __post_init__(self) -> None:
        self.mine, self.other = Calls(self.ours.transactions), Calls(self.theirs.transactions)
        self.ours.tables.append(self.mine)
        self.theirs.tables.append(self.other)

    def invite(self, **more: Any) -> DialogKey:
        key = self.mine.invite(
            self.ours.local, self.theirs.peer, DEVICE, CHANNEL, OFFER, self.now, SUBJECT, **more
        )
        self.run()
        return key

    def offered(self) -> DialogKey:
        (event,) = [event for event in self.theirs.take() if isinstance(event, Offered)]
        return event.call

    def established(self) -> tuple[DialogKey, DialogKey]:
        key = self.invite()
        offered = self.offered()
        self.other.accept(offered, self.theirs.local, PLATFORM, ANSWER, self.now)
        self.run()
        self.mine.acknowledge(key)
        self.run()
        assert self.theirs.take() == [Confirmed(offered)]
        assert [type(event) for event in self.ours.take()] == [Accepted]
        return key, offered

    def idle(self) -> bool:
        """Nothing is kept once all time has passed."""
        self.until(self.now + OWED_S + 1_000)
        for table in (self.mine, self.other):
            assert table._by_request == table._given_up == {}
            assert table._calls._by_party == table._calls._by_call_id == table._calls._by_offer == {}
            assert table._calls._owed == {}
        sides = (self.ours, self.theirs)
        return not any(len(side.transactions) for side in sides) and len(self.mine) == len(self.other) == 0


def forgotten(line: Line) -> bool:
    """By us, once all time has passed; the peer may know of the call for ever."""
    line.until(line.now + OWED_S + 1_000)
    mine = line.mine
    return len(mine) == 0 and mine._by_request == {} and mine._calls._owed == {}


def last(side: Side, method: str) -> Request:
    found = [message for message in side.seen if isinstance(message, Request) and message.method == method]
    return found[-1]


def test_a_live_stream_from_invite_to_bye() -> None:
    line = Line()
    key = line.invite()
    invite = last(line.theirs, "INVITE")
    assert (invite.to.user, invite.to.tag, invite.headers.get("Subject")) == (CHANNEL, "", SUBJECT[1])
    assert (invite.content_type, invite.body) == ("application/sdp", OFFER)
    assert invite.contact is not None
    assert invite.contact.uri == f"sip:{PLATFORM}@192.0.2.10:5060"
    offered = line.offered()
    line.other.accept(offered, line.theirs.local, PLATFORM, ANSWER, 0.0)
    line.run()
    assert line.ours.take() == [Accepted(key, "application/sdp", ANSWER, line.theirs.peer)]
    assert line.theirs.take() == []
    line.mine.acknowledge(key)
    line.run()
    assert line.theirs.take() == [Confirmed(offered)]
    assert last(line.theirs, "ACK").cseq.number == invite.cseq.number
    assert line.mine.end(key, 1.0) == []
    line.run()
    assert line.theirs.take() == [Ended(offered, Why.PEER, 200)]
    assert line.ours.take() == [Ended(key, Why.OURS, 200)]
    assert methods(line.ours.seen) == ["100", "200", "200"]
    bye = last(line.theirs, "BYE")
    assert bye.cseq.number > invite.cseq.number
    assert bye.uri == f"sip:{DEVICE}@192.0.2.77:5060"
    assert line.idle()
    assert line.ours.unclaimed == line.theirs.unclaimed == []


def test_the_device_hangs_up() -> None:
    line = Line()
    key, offered = line.established()
    line.other.end(offered, 1.0)
    line.run()
    assert line.ours.take() == [Ended(key, Why.PEER, 200)]
    assert line.theirs.take() == [Ended(offered, Why.OURS, 200)]
    assert line.mine.end(key, 2.0) == []
    assert line.idle()


@pytest.mark.parametrize("status", [404, 486, 488, 500, 603])
def test_the_device_refuses(status: int) -> None:
    line = Line()
    key = line.invite()
    line.other.reject(line.offered(), status, 0.0)
    line.run()
    assert line.ours.take() == [Ended(key, Why.REFUSED, status)]
    assert line.idle()


def test_a_refusal_may_say_when_to_ask_again() -> None:
    line = Line()
    key = line.invite()
    busy = reply(last(line.theirs, "INVITE"), 503)
    line.ours.process(line.ours.transactions.receive(busy, UDP, 0.0), 0.0)
    assert line.ours.take() == [Ended(key, Why.REFUSED, 503)]


def test_control_and_its_answer() -> None:
    line = Line()
    key, offered = line.established()
    sent = line.mine.control(key, "Application/MANSRTSP", b"PAUSE RTSP/1.0\r\n", 1.0)
    assert sent is not None
    line.run()
    (event,) = line.theirs.take()
    assert isinstance(event, Controlled)
    assert (event.call, event.request.content_type) == (offered, "application/mansrtsp")
    answer = reply(event.request, 200, body=b"RTSP/1.0 200 OK\r\n")
    line.theirs.transactions.respond(event.transaction, answer, 1.0)
    line.run()
    assert line.ours.take() == [ControlAnswered(key, sent, 200, b"RTSP/1.0 200 OK\r\n")]


def test_481_to_a_control_ends_the_call_and_silence_does_not() -> None:
    line = Line()
    key, _ = line.established()
    silent = line.mine.control(key, "a/b", b"x", 1.0)
    line.until(40.0)
    assert line.ours.take() == [ControlAnswered(key, silent, 408, b"")]  # type: ignore[arg-type]
    line.other.abandon(PLATFORM, 40.0)
    lost = line.mine.control(key, "a/b", b"x", 40.0)
    line.run()
    assert line.ours.take() == [ControlAnswered(key, lost, 481, b""), Ended(key, Why.PEER, 481)]  # type: ignore[arg-type]
    assert line.mine.control(key, "a/b", b"x", 41.0) is None


def test_before_at_and_after_the_time_for_an_answer() -> None:
    line = Line()
    key = line.invite(within_s=ANSWER_WITHIN_S)
    offered = line.offered()
    line.until(14.999)
    assert line.ours.take() == []
    line.until(15.0)
    assert line.ours.take() == [Ended(key, Why.NO_ANSWER, 408)]
    assert line.theirs.take() == [Ended(offered, Why.PEER)]
    assert methods(line.theirs.seen)[-2:] == ["CANCEL", "ACK"]
    line.other.accept(offered, line.theirs.local, PLATFORM, ANSWER, 16.0)
    line.run()
    assert line.ours.take() == []
    assert line.idle()


def test_we_change_our_mind() -> None:
    line = Line()
    key = line.invite()
    line.mine.end(key, 1.0)
    line.mine.end(key, 1.0)
    line.run()
    assert line.ours.take() == [Ended(key, Why.OURS, 487)]
    assert line.idle()


def test_an_answer_that_crosses_our_cancel_is_acknowledged_and_ended() -> None:
    line = Line()
    key = line.invite()
    offered = line.offered()
    line.mine.end(key, 1.0)
    line.other.accept(offered, line.theirs.local, PLATFORM, ANSWER, 1.0)
    (cancel,) = line.ours.transactions.take_output()
    assert cancel.data.startswith(b"CANCEL")
    line.run()  # the 200 arrives first
    assert methods(line.theirs.seen)[-2:] == ["ACK", "BYE"]
    assert line.ours.take() == [Ended(key, Why.OURS, 200)]
    assert line.theirs.take() == [Confirmed(offered), Ended(offered, Why.PEER, 200)]


def test_an_answer_long_after_we_gave_up_is_acknowledged_and_ended() -> None:
    """A camera that needs a minute must not send to a port that is another's by then."""
    silent = Line(change=lambda data: [])
    key = silent.invite()
    silent.until(60.0)
    assert silent.ours.take() == [Ended(key, Why.NO_ANSWER, 408)]
    assert len(silent.mine) == 0
    sent = _invite_of(silent, key)
    late = Response(
        200, "OK", Headers([*reply(sent, 200, tag="late").headers, ("Contact", f"<sip:{DEVICE}@10.0.0.9>")])
    )
    silent.ours.process(silent.ours.transactions.receive(late, UDP, 60.0), 60.0)
    ack, bye = (data.split(b" ")[0] for data, _ in silent.ours.transactions.take_output())
    assert (ack, bye) == (b"ACK", b"BYE")
    silent.until(100.0)
    silent.mine.remind(DEVICE, 100.0)
    again = [data.split(b" ")[0] for data, _ in silent.ours.transactions.take_output()]
    assert again == [b"BYE"], "it was lost"
    silent.until(60.0 + GIVEN_UP_S)
    silent.ours.process(silent.ours.transactions.receive(late, UDP, 200.0), 200.0)
    assert silent.ours.transactions.take_output() == []


def test_so_is_one_after_a_cancel_of_a_device_that_has_registered_anew() -> None:
    silent = Line(change=lambda data: [])
    key = silent.invite()
    silent.mine.end(key, 1.0)
    assert silent.mine.lose(DEVICE, 2.0) == [Ended(key, Why.LOST)]
    silent.ours.transactions.take_output()
    late = reply(_invite_of(silent, key), 200, tag="late")
    silent.ours.process(silent.ours.transactions.receive(late, UDP, 3.0), 3.0)
    sent = [data.split(b" ")[0] for data, _ in silent.ours.transactions.take_output()]
    assert sent == [b"ACK", b"BYE"]


def _invite_of(line: Line, key: DialogKey) -> Request:
    """As it was sent."""
    asked = request("INVITE", call_id=key.call_id, cseq=1)
    return replace(asked, headers=asked.headers.replacing("From", f"<sip:{PLATFORM}@h>;tag={key.tag}"))


def test_others_who_accept_too_are_ended_alone() -> None:
    line = Line()
    key, _ = line.established()
    for port in (7, 8):
        other = reply(_invite_of(line, key), 200, tag=f"other-{port}")
        line.ours.process(line.ours.transactions.receive(other, UDP._replace(port=port), 1.0), 1.0)
        sent = line.ours.transactions.take_output()
        assert [(data.split(b" ")[0], peer.port) for data, peer in sent] == [(b"ACK", port), (b"BYE", port)]
    assert line.ours.take() == []
    assert len(line.mine) == 1


def test_a_repeated_answer_to_a_call_that_we_have_gets_its_ack_again() -> None:
    line = Line()
    line.established()
    accepted = next(m for m in line.ours.seen if isinstance(m, Response) and m.status == 200)
    for now in (1.0, 50.0):  # while the transaction is there, and after
        line.until(now)
        line.ours.process(line.ours.transactions.receive(accepted, UDP, now), now)
        assert [data.split(b" ")[0] for data, _ in line.ours.transactions.take_output()] == [b"ACK"]
    assert len(line.mine) == 1


def test_a_device_that_never_acknowledges() -> None:
    """We are asked, as for voice broadcast, and accept."""
    line = Line(change=lambda data: [] if data.startswith(b"ACK") else [data])
    key = line.invite()
    offered = line.offered()
    line.other.accept(offered, line.theirs.local, PLATFORM, ANSWER, 0.0)
    line.run()
    line.mine.acknowledge(key)
    line.until(31.9)
    assert line.theirs.take() == []
    line.until(32.1)
    assert line.theirs.take() == [Ended(offered, Why.NO_ACK)]
    assert line.ours.take()[-1] == Ended(key, Why.PEER, 200)
    assert line.idle()


def test_a_lost_bye_is_told() -> None:
    line = Line()
    key, _ = line.established()
    line.change = lambda data: []
    line.mine.end(key, 1.0)
    line.until(32.9)
    assert line.ours.take() == []
    line.until(33.0)
    assert line.ours.take() == [Ended(key, Why.OURS, 408)]
    assert forgotten(line)


def test_a_lost_bye_is_said_again_when_the_device_is_heard() -> None:
    """One whose address had changed sends to a port of ours until it is told."""
    line = Line()
    key, offered = line.established()
    line.change = lambda data: []
    line.mine.end(key, 1.0)
    line.until(40.0)
    line.ours.take()
    line.change = lambda data: [data]
    assert line.mine.remind("34020000001110000009", 40.0) == []
    assert line.mine.remind(DEVICE, 40.0) == []
    line.run()
    assert line.theirs.take() == [Ended(offered, Why.PEER, 200)]
    assert line.ours.take() == [], "it has been told that the call has ended"
    assert line.mine.remind(DEVICE, 41.0) == []
    assert not line.run().ours.transactions.has_output
    assert len(line.mine) == 0
    assert line.idle()


def test_a_device_that_answers_no_bye_is_not_told_for_ever() -> None:
    line = Line()
    key, _ = line.established()
    line.change = lambda data: []
    line.mine.end(key, 1.0)
    for said in range(1, BYES_MOST + 1):
        line.until(said * 100.0)
        assert len(line.mine) == (said < BYES_MOST)
        line.mine.remind(DEVICE, line.now)
    assert line.ours.take() == [Ended(key, Why.OURS, 408)]
    assert forgotten(line)


@pytest.mark.parametrize(("waited_s", "left"), [(OWED_S - 1, 1), (OWED_S, 0), (OWED_S + 1, 0)])
def test_a_lost_bye_is_owed_for_an_hour(waited_s: float, left: int) -> None:
    line = Line()
    key, _ = line.established()
    line.change = lambda data: []
    line.mine.end(key, 1.0)
    line.until(33.0 + waited_s)
    assert len(line.mine) == left


def test_a_bye_waits_for_a_connection() -> None:
    line = Line()
    key, offered = line.established()
    line.mine.relocate(DEVICE, Peer("TCP", "192.0.2.77", 5060, 0))
    assert line.mine.end(key, 1.0) == [Ended(key, Why.OURS, 408)]
    assert not line.ours.transactions.has_output
    assert line.mine.end(key, 2.0) == line.mine.lose(DEVICE, 2.0) == []
    assert line.mine.remind(DEVICE, 3.0) == [], "it is heard, but not over a connection of its own"
    line.mine.relocate(DEVICE, line.theirs.peer)
    line.mine.remind(DEVICE, 4.0)
    line.run()
    assert line.theirs.take() == [Ended(offered, Why.PEER, 200)]
    assert line.idle()


def test_a_device_that_ends_by_itself_what_it_was_to_hear_of() -> None:
    line = Line()
    key, offered = line.established()
    line.change = lambda data: []
    line.mine.end(key, 1.0)
    line.until(40.0)
    line.ours.take()
    line.change = lambda data: [data]
    line.other.end(offered, 40.0)
    line.run()
    assert line.theirs.take() == [Ended(offered, Why.OURS, 200)]
    assert line.ours.take() == []
    assert line.idle()


# --- quirks of gb28181.md, section 5 ----------------------------------------------------------------------


def test_quirk_40_no_to_tag_and_no_contact() -> None:
    """And 39: no SDP."""
    line = Line()
    key = line.invite()
    line.theirs.transactions.take_output()
    answer = reply(_invite_of(line, key), 200)
    line.ours.process(line.ours.transactions.receive(answer, UDP, 1.0), 1.0)
    assert line.ours.take() == [Accepted(key, "", b"", UDP)]
    line.mine.acknowledge(key)
    line.mine.end(key, 1.0)
    ack, bye = line.ours.transactions.take_output()
    assert ack.data.startswith(f"ACK sip:{CHANNEL}@192.0.2.77:5060 ".encode())
    assert bye.data.startswith(b"BYE ")


def test_quirk_11_a_device_that_moved_gets_its_bye_where_it_is() -> None:
    line = Line()
    key, _ = line.established()
    there = Peer("UDP", "203.0.113.7", 6000)
    line.mine.relocate(DEVICE, there)
    line.mine.end(key, 1.0)
    ((data, peer),) = line.ours.transactions.take_output()
    assert data.startswith(b"BYE")
    assert peer == there


def read_request(data: bytes) -> Request:
    message = read_datagram(data)
    assert isinstance(message, Request)
    return message


def relocated(line: Line) -> tuple[DialogKey, DialogKey]:
    """A call whose device was heard from elsewhere, and whose BYE nobody there knows what to do with."""
    key, offered = line.established()
    there = Peer("UDP", "203.0.113.7", 6000)
    line.mine.relocate(DEVICE, there)
    assert line.mine.end(key, 1.0) == []
    ((data, peer),) = line.ours.transactions.take_output()
    assert peer == there
    answer = reply(read_request(data), 481)
    line.ours.process(line.ours.transactions.receive(answer, there, 1.0), 1.0)
    assert line.ours.take() == [Ended(key, Why.OURS, 481)]
    return key, offered


def bye_to(line: Line) -> Peer:
    """Where the one BYE goes that is said now; it arrives."""
    ((data, peer),) = line.ours.transactions.take_output()
    assert read_request(data).method == "BYE"
    for arriving in line.change(data):
        line._deliver(arriving, line.ours, line.theirs)
    return peer


def test_the_goodbye_that_another_with_its_id_does_not_know_is_said_where_the_call_began() -> None:
    """Two devices with one id: the one that sends must hear that it is over."""
    line = Line()
    _, offered = relocated(line)
    line.mine.relocate(DEVICE, Peer("UDP", "203.0.113.8", 6000))
    assert bye_to(line) == line.theirs.peer
    line.run()
    assert line.theirs.take() == [Ended(offered, Why.PEER, 200)]
    assert line.ours.take() == []
    assert line.idle()


def test_where_nobody_is_any_more_it_is_said_once() -> None:
    line = Line()
    relocated(line)
    line.change = lambda data: []
    assert bye_to(line) == line.theirs.peer
    line.until(40.0)
    assert line.ours.take() == []
    assert line.mine.remind(DEVICE, 41.0) == []
    assert len(line.mine) == 0


def test_over_tcp_it_waits_for_whoever_comes_back() -> None:
    """Its connection was cut when the other registered."""
    line = Line()
    key, offered = line.established()
    first, second, third = (Peer("TCP", "192.0.2.77", 5060, number) for number in (1, 2, 3))
    line.mine.relocate(DEVICE, first._replace(connection=0))
    line.mine.relocate(DEVICE, first)
    line.mine.relocate(DEVICE, second)
    line.mine.end(key, 1.0)
    ((data, peer),) = line.ours.transactions.take_output()
    assert peer == second
    line.ours.process(line.ours.transactions.receive(reply(read_request(data), 481), second, 1.0), 1.0)
    assert line.ours.take() == [Ended(key, Why.OURS, 481)]
    assert line.mine.remind(DEVICE, 2.0) == []
    assert not line.ours.transactions.has_output
    line.mine.relocate(DEVICE, third)
    line.mine.remind(DEVICE, 3.0)
    assert bye_to(line) == third
    line.run()
    assert line.theirs.take() == [Ended(offered, Why.PEER, 200)]
    assert line.idle()


def test_a_device_that_has_come_back_is_told_once() -> None:
    line = Line()
    key, _ = line.established()
    home = line.theirs.peer
    line.mine.relocate(DEVICE, Peer("UDP", "203.0.113.7", 6000))
    line.mine.relocate(DEVICE, home)
    line.mine.end(key, 1.0)
    ((data, peer),) = line.ours.transactions.take_output()
    assert peer == home
    line.ours.process(line.ours.transactions.receive(reply(read_request(data), 481), home, 1.0), 1.0)
    assert line.ours.take() == [Ended(key, Why.OURS, 481)]
    assert not line.ours.transactions.has_output
    assert len(line.mine) == 0


@pytest.mark.parametrize(
    ("calls", "host", "sender", "status", "ended"),
    [
        (1, UDP.host, DEVICE, 200, 1),
        (1, UDP.host, CHANNEL, 200, 1),
        (2, UDP.host, DEVICE, 200, 0),
        (1, "203.0.113.66", DEVICE, 481, 0),
        (1, UDP.host, "someone", 481, 0),
        (0, UDP.host, DEVICE, 481, 0),
    ],
)
def test_quirk_38_a_bye_of_its_own(calls: int, host: str, sender: str, status: int, ended: int) -> None:
    line = Line()
    for _ in range(calls):
        line.established()
    asked = request("BYE", call_id="own")
    bye = replace(asked, headers=asked.headers.replacing("From", f"<sip:{sender}@h>;tag=1"))
    line.ours.process(line.ours.transactions.receive(bye, UDP._replace(host=host), 1.0), 1.0)
    ((data, _),) = line.ours.transactions.take_output()
    assert data.startswith(f"SIP/2.0 {status} ".encode())
    assert len([event for event in line.ours.take() if isinstance(event, Ended)]) == ended


def test_quirk_38_ends_nothing_that_is_only_beginning() -> None:
    line = Line()
    line.invite()
    line.ours.process(line.ours.transactions.receive(request("BYE", call_id="own"), UDP, 1.0), 1.0)
    assert line.ours.take() == []
    assert len(line.mine) == 1


def test_a_bye_with_the_call_id_but_without_our_tag_has_to_come_from_the_device() -> None:
    for host, status in ((UDP.host, 200), ("203.0.113.66", 481)):
        line = Line()
        key, _ = line.established()
        bye = request("BYE", call_id=key.call_id)
        line.ours.process(line.ours.transactions.receive(bye, UDP._replace(host=host), 1.0), 1.0)
        assert f"SIP/2.0 {status}".encode() in line.ours.transactions.take_output()[0].data


def test_a_stranger_s_requests_find_no_call() -> None:
    line = Line()
    key, _ = line.established()
    for method in ("BYE", "INFO", "INVITE"):
        asked = request(method, call_id=key.call_id)
        guessed = replace(asked, headers=asked.headers.replacing("To", f"<sip:{PLATFORM}@h>;tag=guess"))
        line.ours.process(line.ours.transactions.receive(guessed, UDP, 1.0), 1.0)
        assert b"SIP/2.0 481" in line.ours.transactions.take_output()[-1].data
    assert line.ours.take() == []


def test_quirk_31_a_device_that_registers_anew_is_told_that_its_calls_are_over() -> None:
    line = Line()
    key, theirs = line.established()
    inviting = line.invite()
    assert set(line.mine.lose(DEVICE, 1.0)) == {Ended(key, Why.LOST), Ended(inviting, Why.LOST)}
    assert line.mine.of_device(DEVICE) == [key], "until it has answered"
    assert line.mine.lose(DEVICE, 1.0) == [], "nobody hears twice"
    line.run()
    assert Ended(theirs, Why.PEER, 200) in line.theirs.take(), "it sends no more"
    assert line.mine.of_device(DEVICE) == []
    line.until(80.0)
    assert Ended(key, Why.OURS, 200) not in line.ours.take()


def test_quirk_31_and_one_that_knows_nothing_of_them_any_more() -> None:
    line = Line()
    key, _ = line.established()
    line.other.abandon(PLATFORM, 1.0)
    assert line.mine.lose(DEVICE, 1.0) == [Ended(key, Why.LOST)]
    line.run()
    assert line.mine.of_device(DEVICE) == []
    assert line.idle()


def test_calls_are_abandoned_without_a_word() -> None:
    line = Line()
    key, _ = line.established()
    inviting = line.invite()
    assert set(line.mine.of_device(DEVICE)) == {key, inviting}
    assert set(line.mine.abandon(DEVICE, 1.0)) == {Ended(key, Why.LOST), Ended(inviting, Why.LOST)}
    assert line.mine.of_device(DEVICE) == []
    assert line.mine.abandon(DEVICE, 1.0) == []
    line.run()
    line.ours.take()
    line.theirs.take()
    line.other.abandon(PLATFORM, 1.0)
    line.other.abandon("", 1.0)
    assert line.idle()


def test_quirk_43_media_status_is_found_by_call_id() -> None:
    line = Line()
    key, _ = line.established()
    assert line.mine.by_call_id(key.call_id) == key
    assert line.mine.by_call_id("other") is None


def test_a_changed_offer_in_a_call_is_refused() -> None:
    line = Line()
    key, _ = line.established()
    asked = request("INVITE", call_id=key.call_id)
    again = replace(asked, headers=asked.headers.replacing("To", f"<sip:{PLATFORM}@h>;tag={key.tag}"))
    line.ours.process(line.ours.transactions.receive(again, UDP, 1.0), 1.0)
    assert b"SIP/2.0 488" in line.ours.transactions.take_output()[-1].data


# --- bounds -------------------------------------------------------------------------------------------------


def test_a_stranger_s_offer_costs_nothing() -> None:
    line = Line()
    line.invite()
    offered = line.offered()
    line.other.reject(offered, 403, 0.0, stranger=True)
    assert len(line.theirs.transactions) == len(line.other) == 0


def test_offers_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "CALL_LIMIT", 1)
    line = Line()
    line.invite()
    key = line.invite()
    assert line.ours.take() == [Ended(key, Why.REFUSED, 486)]


def test_when_too_much_is_under_way_a_call_ends_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line()
    key, _ = line.established()
    monkeypatch.setattr(client_transactions, "CLIENT_LIMIT", 0)
    assert line.mine.end(key, 1.0) == [Ended(key, Why.OURS, 408)]
    with pytest.raises(client_transactions.TooManyRequests):
        line.invite()
    assert forgotten(line)


def test_a_lost_connection_ends_what_was_asked_over_it() -> None:
    line = Line()
    over = Peer("TCP", "192.0.2.77", 40001, connection=7)
    key = line.mine.invite(line.ours.local, over, DEVICE, CHANNEL, OFFER, 0.0)
    line.ours.process(line.ours.transactions.connection_lost(7), 1.0)
    assert line.ours.take() == [Ended(key, Why.LOST)]


def test_what_is_over_can_be_asked_for_nothing() -> None:
    line, nothing = Line(), DialogKey("x", "y")
    line.mine.acknowledge(nothing)
    line.mine.accept(nothing, line.ours.local, DEVICE, b"", 0.0)
    line.mine.reject(nothing, 486, 0.0)
    line.mine.relocate("nobody", UDP)
    assert line.mine.end(nothing, 0.0) == []
    assert line.mine.control(nothing, "a/b", b"", 0.0) is None
    assert not line.ours.transactions.has_output


def test_a_call_of_before_our_restart_is_taken_up_and_ended() -> None:
    line = Line()
    key, theirs = line.established()
    dialog = line.mine.dialog(key)
    assert dialog is not None
    again = Calls(line.ours.transactions)
    line.ours.tables[:] = [again]
    assert again.take_up(DEVICE, CHANNEL, replace(dialog, number=dialog.number + 1_000))
    assert (again.of_device(DEVICE), again.by_call_id(key.call_id)) == ([key], key)
    assert not again.take_up(DEVICE, CHANNEL, dialog), "it is there"
    assert again.control(key, "Application/MANSRTSP", b"x", line.now) is not None
    assert again.end(key, line.now) == []
    line.run()
    assert Ended(theirs, Why.PEER, 200) in line.theirs.take()
    assert Ended(key, Why.OURS, 200) in line.ours.take()
    assert len(again) == 0


def test_there_is_no_room_for_more(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line()
    key, _ = line.established()
    dialog = line.mine.dialog(key)
    assert dialog is not None
    monkeypatch.setattr(calls, "CALL_LIMIT", 0)
    assert not Calls(line.ours.transactions).take_up(DEVICE, CHANNEL, dialog)
    assert line.mine.dialog(DialogKey("nobody", "x")) is None
