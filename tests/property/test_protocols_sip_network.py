"""Calls, subscriptions and registrations over a network that loses, doubles and turns round.

Whatever arrives: no exception, each call and subscription ends once, nothing is kept for ever, and what the
two sides believe in the end agrees.
"""

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bingjian.protocols.sip.call_events import Accepted, Controlled, Ended, Offered
from bingjian.protocols.sip.reply import reply
from bingjian.protocols.sip.subscription_events import Lapsed, SubscriptionAsked
from tests.unit.protocols.sip import test_calls as calls
from tests.unit.protocols.sip import test_enrolment as enrolment
from tests.unit.protocols.sip import test_subscriptions as subscriptions
from tests.unit.protocols.sip.wire import CHANNEL, DEVICE, PLATFORM

# What becomes of each datagram, in turn; then everything arrives.
fates = st.lists(st.sampled_from(["arrives", "arrives", "lost", "twice", "later"]), max_size=40)
steps = st.lists(
    st.tuples(
        st.sampled_from(["invite", "end", "control", "hang up", "wait", "long", "restart"]), st.integers(0, 3)
    ),
    max_size=12,
)


class Network:
    """What is held back may come out on the other side: a sender also meets its own messages again."""

    def __init__(self, fates: list[str]) -> None:
        self._fates, self._held = list(reversed(fates)), list[bytes]()

    def __call__(self, data: bytes) -> list[bytes]:
        fate = self._fates.pop() if self._fates else "arrives"
        if fate == "later":
            self._held.append(data)
            return []
        held, self._held = self._held, []
        return [*{"lost": [], "twice": [data, data], "arrives": [data]}[fate], *held]


@given(fates, steps, st.booleans())
@settings(max_examples=150)
def test_every_call_ends_once_on_both_sides(
    fates: list[str], steps: list[tuple[str, int]], willing: bool
) -> None:
    line = calls.Line(change=Network(fates))
    ours, theirs = list[Any](), list[Any]()
    told_ours, told_theirs = list[Any](), list[Any]()

    def settle() -> None:
        line.run()
        while line.ours.told or line.theirs.told:
            for event in line.ours.take():
                told_ours.append(event)
                if isinstance(event, Accepted):
                    line.mine.acknowledge(event.call)
            for event in line.theirs.take():
                told_theirs.append(event)
                if isinstance(event, Offered):
                    theirs.append(event.call)
                    if willing:
                        line.other.accept(event.call, line.theirs.local, PLATFORM, calls.ANSWER, line.now)
                if isinstance(event, Controlled):
                    line.theirs.transactions.respond(event.transaction, reply(event.request, 200), line.now)
            line.run()

    for step, number in steps:
        if step == "invite":
            ours.append(line.mine.invite(line.ours.local, line.theirs.peer, DEVICE, CHANNEL, b"", line.now))
        elif step == "end" and ours:
            told_ours += line.mine.end(ours[number % len(ours)], line.now)
        elif step == "control" and ours:
            line.mine.control(ours[number % len(ours)], "a/b", b"x", line.now)
        elif step == "hang up" and theirs:
            told_theirs += line.other.end(theirs[number % len(theirs)], line.now)
        elif step == "restart":
            told_ours += (line.mine.lose if number % 2 else line.mine.abandon)(DEVICE, line.now)
        settle()
        line.until(line.now + {"wait": 0.6, "long": 20.0}.get(step, 0.0))
        settle()
    for key in ours:
        told_ours += line.mine.end(key, line.now)
    settle()
    for _ in range(60):  # an answer a second, so that accepted calls are acknowledged in time
        line.until(line.now + 10.0)
        settle()
    for key in theirs:
        told_theirs += line.other.end(key, line.now)
    for _ in range(60):
        line.until(line.now + 10.0)
        settle()
    ends = Counter(e.call for e in told_ours if isinstance(e, Ended))
    assert {key: ends[key] for key in ours} == dict.fromkeys(ours, 1)
    ended = Counter(e.call for e in told_theirs if isinstance(e, Ended))
    assert all(count == 1 for count in ended.values())
    assert len(line.mine) == len(line.other) == 0
    assert len(line.ours.transactions) == len(line.theirs.transactions) == 0
    assert line.ours.next_deadline() is line.theirs.next_deadline() is None


@given(fates, st.lists(st.sampled_from(["notify", "refresh", "wait", "long"]), max_size=10), st.booleans())
@settings(max_examples=100)
def test_every_subscription_lapses_once(fates: list[str], steps: list[str], ours_ends: bool) -> None:
    line = subscriptions.Line(change=Network(fates))
    told, watches = list[Any](), set[Any]()

    def settle() -> None:
        line.run()
        while line.ours.told or line.theirs.told:
            told.extend(line.ours.take())
            for event in line.theirs.take():
                if isinstance(event, SubscriptionAsked):
                    watches.add(event.subscription)
                    line.other.grant(event.subscription, line.theirs.local, 600, b"", line.now)
            line.run()

    key = line.mine.subscribe(
        line.ours.local, line.theirs.peer, DEVICE, "Catalog", 600, subscriptions.XML, b"", line.now
    )
    settle()
    for step in steps:
        for watch in watches:
            if step == "notify":
                line.other.notify(watch, subscriptions.XML, b"<Notify/>", line.now)
        if step == "refresh":
            line.mine.refresh(key, subscriptions.XML, b"", line.now)
        settle()
        line.until(line.now + {"wait": 0.6, "long": 100.0}.get(step, 0.0))
        settle()
    if ours_ends:
        told += line.mine.unsubscribe(key, subscriptions.XML, b"", line.now)
    for _ in range(80):
        line.until(line.now + 10.0)
        settle()
    assert [event.subscription for event in told if isinstance(event, Lapsed)] == [key]
    assert len(line.mine) == len(line.other) == 0
    assert len(line.ours.transactions) == len(line.theirs.transactions) == 0


@given(fates)
@settings(max_examples=100)
def test_a_device_registers_in_the_end_whatever_is_lost(fates: list[str]) -> None:
    """Its answers may be taken twice for one and stale for another; it gets in, and both sides agree."""
    line = enrolment.Line(change=Network(fates), expires_s=3600)
    line.device.start(line.now)
    line.until(line.now + 600.0)
    assert line.device.state is enrolment.State.REGISTERED
    binding = line.door.registrar.binding(DEVICE)
    assert binding is not None
    assert binding.peer == line.theirs.peer
