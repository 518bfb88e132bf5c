"""Everything together: whatever datagram comes in, nothing is raised, and what is kept stays consistent."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bingjian.protocols.sip.call_events import Offered
from bingjian.protocols.sip.calls import Calls
from bingjian.protocols.sip.digest import Account, Digest, answered
from bingjian.protocols.sip.enrolment import Enrolment
from bingjian.protocols.sip.errors import MessageError
from bingjian.protocols.sip.events import Asked
from bingjian.protocols.sip.message import Message, Request, Response, read_datagram, serialise
from bingjian.protocols.sip.notifier import Notifier
from bingjian.protocols.sip.registrar import Registrar
from bingjian.protocols.sip.registrar_events import Challenged, Gone, Registered, Terms, Why
from bingjian.protocols.sip.reply import Peer, reply
from bingjian.protocols.sip.subscription_events import SubscriptionAsked
from bingjian.protocols.sip.subscriptions import Subscriptions
from bingjian.protocols.sip.transactions import Transactions
from tests.unit.protocols.sip.test_dialog import LOCAL
from tests.unit.protocols.sip.wire import CHANNEL, DEVICE, DOMAIN, PLATFORM, TCP, UDP, datagram, request

FILES = sorted((Path(__file__).parent.parent / "corpus" / "sip").glob("*/*.bin"))
WALL = datetime(2026, 1, 31, tzinfo=UTC)
ACCOUNT = Account("12345678", DEVICE)


class Stack:
    """A platform with something of everything under way."""

    def __init__(self) -> None:
        self.transactions = Transactions()
        self.calls = Calls(self.transactions)
        self.subscriptions = Subscriptions(self.transactions)
        self.notifier = Notifier(self.transactions)
        self.registrar = Registrar(Digest(DOMAIN))
        self.enrolment = Enrolment(self.transactions, LOCAL, UDP, PLATFORM, ACCOUNT)
        self.calls.invite(LOCAL, UDP, DEVICE, CHANNEL, b"", 0.0)
        self.subscriptions.subscribe(LOCAL, UDP, DEVICE, "Catalog", 600, "a/b", b"", 0.0)
        self.enrolment.start(0.0)
        self.sent = [read_datagram(data) for data, _ in self.transactions.take_output()]

    def receive(self, data: bytes, peer: Peer, now: float) -> None:
        try:
            message = read_datagram(data)
        except MessageError as error:
            self.transactions.refuse(error, peer)
            return
        if message is not None:
            self.process(message, peer, now)

    def process(self, message: Message, peer: Peer, now: float) -> None:
        tables: list[Any] = [self.calls, self.subscriptions, self.notifier, self.enrolment]
        for event in self.transactions.receive(message, peer, now):
            claims = [table.handle(event, now) for table in tables]
            for told in [told for claim in claims if claim for told in claim]:
                if isinstance(told, Offered):
                    self.calls.accept(told.call, LOCAL, DEVICE, b"", now)
                if isinstance(told, SubscriptionAsked):
                    self.notifier.grant(told.subscription, LOCAL, 600, b"", now)
            if isinstance(event, Asked) and all(claim is None for claim in claims):
                self.others(event, now)

    def others(self, event: Asked, now: float) -> None:
        if event.request.method == "REGISTER":
            answer = self.registrar.register(event.request, event.peer, ACCOUNT, now, WALL).answer
        else:
            kept = self.registrar.keep_alive(event.request.sender.user, event.peer, now)
            answer = reply(event.request, 200 if kept.known else 404, seen_from=event.peer)
        self.transactions.respond(event.key, answer, now)

    def tick(self, now: float) -> None:
        for event in self.transactions.expire(now):
            for table in (self.calls, self.subscriptions, self.notifier, self.enrolment):
                table.handle(event, now)
        for table in (self.calls, self.subscriptions, self.notifier, self.enrolment, self.registrar):
            table.expire(now)
        for data, _ in self.transactions.take_output():
            if data[8:11] not in (b"400", b"413", b"505"):  # these repeat the fault
                assert read_datagram(data) is not None  # what we send, we can read


def answers(stack: Stack) -> list[bytes]:
    """To what it has asked, refusing and taking."""
    return [
        serialise(reply(asked, status, tag="theirs"))
        for asked in stack.sent
        if isinstance(asked, Request)
        for status in (100, 200, 401, 486)
    ]


methods = st.sampled_from(
    [
        "MESSAGE",
        "REGISTER",
        "INVITE",
        "ACK",
        "BYE",
        "CANCEL",
        "INFO",
        "SUBSCRIBE",
        "NOTIFY",
        "OPTIONS",
        "UPDATE",
    ]
)
scraps = st.sampled_from(
    [b"", b"\0", b'"', b"<", b">", b";tag=", b",", b"\r\n", b"0", b"sip:", b"*", b" ", b"\t"]
) | st.binary(max_size=4)
changes = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 12), scraps), max_size=2)


@given(
    st.lists(st.tuples(methods | st.integers(0, 11), st.integers(1, 3), changes, st.booleans()), max_size=12)
)
@settings(max_examples=200)
def test_no_datagram_raises_anything(
    steps: list[tuple[Any, int, list[tuple[int, int, bytes]], bool]],
) -> None:
    stack, now = Stack(), 0.0
    for what, cseq, changes, over_tcp in steps:
        if isinstance(what, int):
            data = answers(stack)[what]
        else:
            data = datagram(
                what, "Contact: <sip:a@b>", "Expires: 60", "Event: x", "Subject: a:0,b:0", cseq=cseq, body="v"
            )
        for at, length, scrap in changes:
            data = data[:at] + scrap + data[at + length :]
        stack.receive(data, TCP if over_tcp else UDP, now)
        now += cseq * 5.0
        stack.tick(now)
    stack.tick(now + 1_000.0)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_corpus_raises_nothing(path: Path) -> None:
    stack, data = Stack(), path.read_bytes()
    stack.receive(data, UDP, 0.0)
    for asked in list(stack.sent):
        if isinstance(asked, Request):
            call_id = asked.call_id.encode()
            stack.receive(data.replace(b"c1@192.0.2.77", call_id), UDP, 1.0)
    stack.tick(1_000.0)


devices = st.sampled_from(["a", "b"])
peers = st.sampled_from(
    [UDP, UDP._replace(port=9), UDP._replace(host="203.0.113.1"), TCP, TCP._replace(connection=8)]
)
steps = st.lists(
    st.tuples(st.sampled_from(["in", "wrong", "out", "alive", "lost", "wait", "wait long"]), devices, peers),
    max_size=30,
)


@given(steps)
@settings(max_examples=200)
def test_the_registrar_stays_consistent(steps: list[tuple[str, str, Peer]]) -> None:
    registrar, now, number = Registrar(Digest(DOMAIN)), 0.0, 0
    online = dict[str, bool]()
    for step, device, peer in steps:
        number += 10
        now += {"wait": 50.0, "wait long": 2_000.0}.get(step, 0.1)
        if step in ("in", "wrong", "out"):
            password = "no" if step == "wrong" else "yes"
            outcome = _register(registrar, device, peer, password, 0 if step == "out" else 900, now, number)
            if isinstance(outcome, Registered):
                online[device] = True
            elif step == "out":
                online.pop(device, None)
        elif step == "alive":
            kept = registrar.keep_alive(device, peer, now)
            assert kept.known <= (device in online)
            if kept.known:
                assert kept.returned == (not online[device])
                online[device] = True
        elif step == "lost":
            for gone in registrar.connection_lost(peer.connection, now) if peer.connection else []:
                assert online.pop(gone.device) is not None
        for gone in registrar.expire(now):
            _went(online, gone)
        _check(registrar, online, now)


def _register(
    registrar: Registrar, device: str, peer: Peer, password: str, expires: int, now: float, number: int
) -> Any:
    registrar.failures.forgive(device)
    registrar.failures.forgive("")
    asked = request("REGISTER", f"Expires: {expires}", cseq=number)
    headers = asked.headers.replacing("To", f"<sip:{device}@h>").replacing("From", f"<sip:{device}@h>;tag=1")
    first = Request("REGISTER", "sip:h", headers)
    right, given = Account("yes", device), Account(password, device)
    challenge = registrar.register(first, peer, right, now, WALL, Terms(30.0, 2, roams=device == "a"))
    assert isinstance(challenge, Challenged)
    second = answered(first, challenge.answer, given)
    assert second is not None
    return registrar.register(second, peer, right, now, WALL, Terms(30.0, 2, roams=device == "a"))


def _went(online: dict[str, bool], gone: Gone) -> None:
    if gone.why is Why.SILENT:
        assert online[gone.device]
        online[gone.device] = False
    else:
        assert online.pop(gone.device) is not None


def _check(registrar: Registrar, online: dict[str, bool], now: float) -> None:
    assert {device: binding.online for device, binding in registrar.bindings()} == online
    for _, binding in registrar.bindings():
        assert binding.expires_at > now
        assert not binding.online or binding.seen_at + 65.0 > now
    by_connection = {
        (binding.peer.connection, device)
        for device, binding in registrar.bindings()
        if binding.peer.connection
    }
    assert {
        (c, device) for c, devices in registrar._connections.items() for device in devices
    } == by_connection
    upcoming = registrar.next_deadline()
    assert upcoming is None or upcoming > now


def test_responses_and_requests_are_both_in_the_corpus() -> None:
    kinds = set[type]()
    for path in FILES:
        with suppress(MessageError):
            kinds.add(type(read_datagram(path.read_bytes())))
    assert {Request, Response} <= kinds
