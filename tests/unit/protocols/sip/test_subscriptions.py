"""Subscriber and notifier against each other, then each with what the other may do wrong."""

import tracemalloc
from dataclasses import dataclass, replace
from typing import Any

import pytest

from bingjian.protocols.sip import client_transactions
from bingjian.protocols.sip.dialog import DialogKey
from bingjian.protocols.sip.notifier import Notifier
from bingjian.protocols.sip.reply import Peer, reply
from bingjian.protocols.sip.subscription_events import (
    Granted,
    Lapsed,
    Notified,
    RefreshDue,
    SubscriptionAsked,
    Why,
)
from bingjian.protocols.sip.subscriptions import SHORTEST_S, Subscriptions
from tests.unit.protocols.sip.pair import Pair, methods
from tests.unit.protocols.sip.wire import DEVICE, PLATFORM, UDP, request

XML = "Application/MANSCDP+xml"
EVENT = "Catalog;id=17"


@dataclass
class Line(Pair):
    def __post_init__(self) -> None:
        self.mine, self.other = Subscriptions(self.ours.transactions), Notifier(self.theirs.transactions)
        self.ours.tables.append(self.mine)
        self.theirs.tables.append(self.other)

    def subscribe(self, expires_s: int = 600) -> DialogKey:
        local, peer = self.ours.local, self.theirs.peer
        key = self.mine.subscribe(local, peer, DEVICE, EVENT, expires_s, XML, b"<Query/>", self.now)
        self.run()
        return key

    def asked(self) -> SubscriptionAsked:
        (event,) = self.theirs.take()
        assert isinstance(event, SubscriptionAsked)
        return event

    def granted(self, expires_s: int = 600) -> tuple[DialogKey, DialogKey]:
        key = self.subscribe(expires_s)
        asked = self.asked()
        self.other.grant(asked.subscription, self.theirs.local, expires_s, b"<Response/>", self.now)
        self.run()
        assert self.ours.take() == [Granted(key, expires_s, b"<Response/>")]
        return key, asked.subscription

    def from_device(
        self, method: str, key: DialogKey, *more: str, tag: bool = True, body: str = "", **peer: Any
    ) -> str:
        """A request of the device by hand; the answer's code."""
        asked = request(method, *more, call_id=key.call_id, body=body, cseq=len(self.ours.seen) + 50)
        to = f"<sip:{PLATFORM}@h>;tag={key.tag}" if tag else f"<sip:{PLATFORM}@h>"
        sent = replace(asked, headers=asked.headers.replacing("To", to))
        self.ours.seen.append(sent)
        self.ours.process(self.ours.transactions.receive(sent, UDP._replace(**peer), self.now), self.now)
        return self.ours.transactions.take_output()[-1].data.split(b" ")[1].decode()


def test_from_subscribe_to_the_last_notify() -> None:
    line = Line()
    key = line.subscribe()
    asked = line.asked()
    assert (asked.expires_s, asked.renews) == (600, False)
    assert (asked.request.headers.get("Event"), asked.request.body) == (EVENT, b"<Query/>")
    line.other.grant(asked.subscription, line.theirs.local, 600, b"", 0.0)
    line.run()
    assert line.ours.take() == [Granted(key, 600, b"")]
    assert line.other.notify(asked.subscription, XML, b"<Notify/>", 10.5)
    line.run()
    (event,) = line.ours.take()
    assert isinstance(event, Notified)
    assert (event.subscription, event.request.body) == (key, b"<Notify/>")
    assert event.request.headers.get("Event") == EVENT
    assert event.request.headers.get("Subscription-State") == "active;expires=589"
    assert line.other.finish(asked.subscription, 11.0) == [Lapsed(asked.subscription, Why.OURS)]
    line.run()
    assert line.ours.take() == [Lapsed(key, Why.PEER)]
    assert methods(line.theirs.seen) == ["SUBSCRIBE", "200", "200"]
    line.until(100.0)
    assert (
        len(line.ours.transactions) == len(line.theirs.transactions) == len(line.mine) == len(line.other) == 0
    )


def test_a_refresh_is_due_at_four_fifths_and_keeps_the_dialog() -> None:
    line = Line()
    key, theirs = line.granted()
    line.until(479.999)
    assert line.ours.take() == []
    line.until(480.0)
    assert line.ours.take() == [RefreshDue(key)]
    line.mine.refresh(key, XML, b"<Query2/>", 480.0)
    line.mine.refresh(key, XML, b"<Query2/>", 480.0)
    line.run()
    asked = line.asked()
    assert (asked.subscription, asked.renews, asked.request.body) == (theirs, True, b"<Query2/>")
    line.other.grant(theirs, line.theirs.local, 600, b"", 480.0)
    line.run()
    assert line.ours.take() == [Granted(key, 600, b"")]
    line.until(959.999)
    assert line.ours.take() == []
    line.until(960.0)
    assert line.ours.take() == [RefreshDue(key)]


def test_what_nobody_refreshes_lapses_on_both_sides() -> None:
    line = Line()
    key, theirs = line.granted()
    line.until(599.999)
    assert line.ours.take() == [RefreshDue(key)] * 4  # at 480, and each 30 s
    assert line.theirs.take() == []
    line.until(600.0)
    assert line.ours.take() == [Lapsed(key, Why.EXPIRED)]
    assert line.theirs.take() == [Lapsed(theirs, Why.EXPIRED)]
    assert line.mine.next_deadline() is line.other.next_deadline() is None


def test_a_refresh_that_nobody_answers_is_due_again() -> None:
    line = Line()
    key, _ = line.granted()
    line.until(480.0)
    line.change = lambda data: []
    line.mine.refresh(key, XML, b"", 480.0)
    line.until(511.0)
    assert line.ours.take() == [RefreshDue(key)]
    line.until(599.0)
    assert set(line.ours.take()) == {RefreshDue(key)}
    line.until(600.0)
    assert line.ours.take() == [Lapsed(key, Why.EXPIRED)]


@pytest.mark.parametrize(("status", "lapses"), [(481, True), (404, True), (500, False), (503, False)])
def test_a_refused_refresh(status: int, lapses: bool) -> None:
    line = Line()
    key, theirs = line.granted()
    line.mine.refresh(key, XML, b"", 100.0)
    line.run()
    line.other.refuse(theirs, status, 100.0)
    line.run()
    assert line.ours.take() == ([Lapsed(key, Why.PEER, status)] if lapses else [])
    assert len(line.other) == 1


def test_two_of_one_event_are_told_apart_by_their_topics() -> None:
    line = Line()
    local, peer = line.ours.local, line.theirs.peer
    alarms, places = (
        line.mine.subscribe(local, peer, DEVICE, "presence", 600, XML, b"", line.now, topic)
        for topic in ("alarms", "places")
    )
    line.run()
    for asked in line.theirs.take():
        assert isinstance(asked, SubscriptionAsked)
        line.other.grant(asked.subscription, line.theirs.local, 600, b"", line.now)
    line.run()
    line.ours.take()
    assert line.mine.of_device(DEVICE) == [alarms, places]
    assert (line.mine.of_device(DEVICE, "places"), line.mine.of_device(DEVICE, "x")) == ([places], [])
    line.until(480.0)
    due = [(event.subscription, event.topic) for event in line.ours.take() if isinstance(event, RefreshDue)]
    assert due == [(alarms, "alarms"), (places, "places")]
    line.mine.unsubscribe(places, XML, b"", line.now)
    line.run()
    line.theirs.take()
    (lapsed,) = line.ours.take()
    assert isinstance(lapsed, Lapsed)
    assert (lapsed.subscription, lapsed.why, lapsed.topic) == (places, Why.OURS, "places")
    assert line.mine.of_device(DEVICE, "places") == []


@pytest.mark.parametrize("status", [400, 403, 489])
def test_a_device_that_grants_nothing(status: int) -> None:
    line = Line()
    key = line.subscribe()
    line.other.refuse(line.asked().subscription, status, 0.0)
    line.run()
    assert line.ours.take() == [Lapsed(key, Why.REFUSED, status)]
    assert len(line.mine) == len(line.other) == 0


def test_a_device_that_does_not_answer() -> None:
    line = Line(change=lambda data: [])
    key = line.subscribe()
    line.until(31.999)
    assert line.ours.take() == []
    line.until(32.0)
    assert line.ours.take() == [Lapsed(key, Why.NO_ANSWER)]


def test_cancelling() -> None:
    line = Line()
    key, theirs = line.granted()
    assert line.mine.unsubscribe(key, XML, b"", 1.0) == []
    assert line.mine.unsubscribe(key, XML, b"", 1.0) == []
    line.run()
    assert line.ours.take() == [Lapsed(key, Why.OURS, 200)]
    assert line.theirs.take() == [Lapsed(theirs, Why.PEER)]
    assert line.mine.unsubscribe(key, XML, b"", 1.0) == []
    line.until(100.0)
    assert len(line.ours.transactions) == len(line.theirs.transactions) == 0


def test_cancelling_when_too_much_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line()
    key, theirs = line.granted()
    monkeypatch.setattr(client_transactions, "CLIENT_LIMIT", 0)
    assert line.mine.unsubscribe(key, XML, b"", 1.0) == [Lapsed(key, Why.OURS)]
    assert line.other.finish(theirs, 1.0) == [Lapsed(theirs, Why.OURS)]


@pytest.mark.parametrize(("told", "expires_s"), [(None, 600), ("60", 60), ("1", SHORTEST_S), ("soon", 600)])
def test_what_the_device_grants(told: str | None, expires_s: int) -> None:
    line = Line()
    key = line.subscribe()
    fields = [("Expires", told)] if told else []
    answer = reply(request("SUBSCRIBE", call_id=key.call_id, cseq=1), 200, *fields)
    line.ours.process(line.ours.transactions.receive(answer, UDP, 0.0), 0.0)
    assert line.ours.take() == [Granted(key, expires_s, b"")]


def test_a_grant_of_no_time_is_a_refusal() -> None:
    line = Line()
    key = line.subscribe()
    answer = reply(request("SUBSCRIBE", call_id=key.call_id, cseq=1), 200, ("Expires", "0"))
    line.ours.process(line.ours.transactions.receive(answer, UDP, 0.0), 0.0)
    assert line.ours.take() == [Lapsed(key, Why.REFUSED, 200)]
    assert len(line.mine) == 0


def test_of_a_subscription_that_is_there_it_is_the_end() -> None:
    line = Line()
    key, _ = line.granted()
    line.mine.refresh(key, XML, b"<Query/>", 1.0)
    line.ours.transactions.take_output()
    answer = reply(request("SUBSCRIBE", call_id=key.call_id, cseq=2), 200, ("Expires", "0"))
    line.ours.process(line.ours.transactions.receive(answer, UDP, 1.0), 1.0)
    assert line.ours.take() == [Lapsed(key, Why.PEER, 200)]


def test_a_notify_before_the_answer_is_taken() -> None:
    line = Line()
    key = line.subscribe()
    assert line.from_device("NOTIFY", key, body="<Notify/>") == "200"
    assert [type(event) for event in line.ours.take()] == [Notified]


def test_a_notify_without_our_tag_has_to_come_from_the_device() -> None:
    line = Line()
    key, _ = line.granted()
    assert line.from_device("NOTIFY", key, tag=False, body="x") == "200"
    assert line.from_device("NOTIFY", key, tag=False, body="x", host="203.0.113.66") == "481"
    assert line.from_device("NOTIFY", DialogKey(key.call_id, "guess"), body="x") == "481"
    assert line.from_device("NOTIFY", DialogKey("unknown", "guess"), body="x") == "481"
    assert [type(event) for event in line.ours.take()] == [Notified]


def test_the_device_ends_it_with_an_empty_or_a_last_notify() -> None:
    line = Line()
    key, _ = line.granted()
    assert (
        line.from_device("NOTIFY", key, "Subscription-State: Terminated ;reason=x", body="<Last/>") == "200"
    )
    assert [type(event) for event in line.ours.take()] == [Notified, Lapsed]
    key, _ = line.granted()
    assert line.from_device("NOTIFY", key, "Subscription-State: terminated") == "200"
    assert line.ours.take() == [Lapsed(key, Why.PEER)]


def test_a_device_that_moved_or_started_anew() -> None:
    line = Line()
    key, _ = line.granted()
    there = Peer("UDP", "203.0.113.7", 6000)
    line.mine.relocate(DEVICE, there)
    line.mine.refresh(key, XML, b"", 1.0)
    assert line.ours.transactions.take_output()[0].peer == there
    assert line.mine.of_device(DEVICE) == [key]
    assert line.mine.abandon(DEVICE) == [Lapsed(key, Why.PEER)]
    assert line.mine.of_device(DEVICE) == line.mine.abandon(DEVICE) == []
    answer = reply(request("SUBSCRIBE", call_id=key.call_id, cseq=2), 200)
    line.ours.process(line.ours.transactions.receive(answer, UDP, 2.0), 2.0)
    assert line.ours.take() == []


def test_no_call_id_comes_twice() -> None:
    line, seen = Line(), set[DialogKey]()
    for _ in range(5):
        keys = [line.subscribe(), line.subscribe()]
        line.mine.abandon(DEVICE)
        seen.update(keys)
        assert [line.from_device("NOTIFY", key, body="x") for key in keys] == ["481", "481"]
    assert len({key.call_id for key in seen}) == len({key.tag for key in seen}) == 10
    assert all(key.call_id.startswith(f"{DEVICE}-") and len(key.call_id) < 64 for key in seen)
    assert len(line.mine) == 0


def test_each_of_two_is_refreshed_in_its_time() -> None:
    line = Line()
    first, _ = line.granted(600)
    line.until(100.0)
    second, _ = line.granted(100)
    line.until(480.0)
    told = line.ours.take()
    assert told == [RefreshDue(second), Lapsed(second, Why.EXPIRED), RefreshDue(first)]


@pytest.mark.parametrize(
    ("to", "contact"),
    [
        (f"<sip:{DEVICE}@3402000000>;tag=77", ""),
        (f'"Gate" <sip:{DEVICE}@10.0.0.9:5060>;tag=77', f"<sip:{DEVICE}@10.0.0.9:5061>"),
        (f"sip:{DEVICE}@x;tag=77", f"<sip:{DEVICE}@10.0.0.9:5061>"),
    ],
)
def test_to_and_contact_of_the_device_are_used_however_it_writes_them(to: str, contact: str) -> None:
    line = Line()
    key = line.subscribe()
    answer = reply(request("SUBSCRIBE", call_id=key.call_id, cseq=1), 200)
    headers = answer.headers.replacing("To", to).replacing("Contact", *([contact] if contact else []))
    headers = headers.replacing("Record-Route", "<sip:proxy>")
    answer = replace(answer, headers=headers)
    line.ours.process(line.ours.transactions.receive(answer, UDP, 0.0), 0.0)
    line.ours.transactions.take_output()
    line.mine.refresh(key, XML, b"", 1.0)
    sent = line.ours.transactions.take_output()[0].data.decode()
    assert f"\r\nTo: {to}\r\n" in sent
    assert sent.split()[1] == (contact.strip("<>") or f"sip:{DEVICE}@{UDP.host}:{UDP.port}")
    assert "\r\nRoute: <sip:proxy>\r\n" in sent
    assert "\r\nCSeq: 2 SUBSCRIBE\r\n" in sent


def test_two_subscriptions_of_an_idle_device_take_less_than_a_kilobyte() -> None:
    line, count = Line(), 2_000
    ours, local = line.ours, line.ours.local
    tracemalloc.start()
    try:
        for number in range(count):
            peer, device = UDP._replace(port=10_000 + number), f"{number:020d}"
            for event in (EVENT, "presence"):
                key = line.mine.subscribe(local, peer, device, event, 3600, XML, b"<Query/>", 0.0)
                answer = reply(request("SUBSCRIBE", call_id=key.call_id, cseq=1), 200)
                to = f"<sip:{device}@{local.domain}>;tag={10**9 + number}"
                answer = replace(answer, headers=answer.headers.replacing("To", to))
                ours.process(ours.transactions.receive(answer, peer, 0.0), 0.0)
            ours.take()
            ours.transactions.take_output()
            ours.transactions.expire(100.0)
        size = tracemalloc.get_traced_memory()[0] / count
    finally:
        tracemalloc.stop()
    assert len(line.mine) == 2 * count
    assert size < 1_024
