"""Our registration at a platform, against the registrar; then at platforms that lose their memory."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from bingjian.protocols.sip import client_transactions
from bingjian.protocols.sip.digest import Account, Digest
from bingjian.protocols.sip.enrolment import (
    JITTER_S,
    KEEP_ALIVE_S,
    MISSES,
    RETRY_S,
    Enrolled,
    Enrolment,
    Failed,
    KeepAliveDue,
    Left,
    State,
)
from bingjian.protocols.sip.events import Asked, Event
from bingjian.protocols.sip.registrar import Registrar
from bingjian.protocols.sip.registrar_events import Gone, Kept, Refused, Registered, Removed, Why
from bingjian.protocols.sip.reply import reply
from tests.unit.protocols.sip.pair import Pair, methods
from tests.unit.protocols.sip.wire import DEVICE, DOMAIN, PLATFORM

WALL = datetime(2026, 1, 31, tzinfo=UTC)
ACCOUNT = Account("12345678", DEVICE)


@dataclass
class Door:
    """What a signalling process does with REGISTER and keep-alives."""

    registrar: Registrar
    pair: Pair
    account: Account | None = ACCOUNT
    outcomes: list[Any] = field(default_factory=list)

    def handle(self, event: Event, now: float) -> list[Any] | None:
        if not isinstance(event, Asked):
            return None
        transactions = self.pair.ours.transactions
        if event.request.method == "REGISTER":
            outcome = self.registrar.register(event.request, event.peer, self.account, now, WALL)
            transactions.respond(event.key, outcome.answer, now)
            return [outcome]
        kept = self.registrar.keep_alive(event.request.sender.user, event.peer, now)
        transactions.respond(event.key, reply(event.request, 200 if kept.known else 404), now)
        return [kept]

    def next_deadline(self) -> float | None:
        return self.registrar.next_deadline()

    def expire(self, now: float) -> list[Any]:
        return list(self.registrar.expire(now))


@dataclass
class Line(Pair):
    password: str = "12345678"
    expires_s: int = 3600
    keep_alive_s: float = KEEP_ALIVE_S

    def __post_init__(self) -> None:
        self.now = 10.0
        self.door = Door(Registrar(Digest(DOMAIN), spread=0.0), self)
        self.ours.tables.append(self.door)
        account = Account(self.password, DEVICE)
        self.device = Enrolment(
            *(self.theirs.transactions, self.theirs.local, self.ours.peer, PLATFORM, account),
            expires_s=self.expires_s,
            keep_alive_s=self.keep_alive_s,
        )
        self.theirs.tables.append(self.device)

    def enrolled(self) -> "Line":
        self.device.start(self.now)
        self.run()
        assert [type(event) for event in self.theirs.take()] == [Enrolled]
        return self


def test_registration_refresh_and_leave() -> None:
    line = Line()
    line.device.start(10.0)
    line.run()
    assert line.theirs.take() == [Enrolled(3600, "3.0", WALL)]
    assert methods(line.ours.seen) == ["REGISTER", "REGISTER"]
    assert line.device.state is State.REGISTERED
    line.ours.take()
    line.until(10.0 + 0.8 * 3600)
    (outcome,) = [event for event in line.ours.take() if isinstance(event, Registered)]
    assert not outcome.fresh
    assert outcome.binding.version == "3.0"
    line.theirs.take()
    line.device.leave(line.now)
    line.run()
    assert line.theirs.take() == [Left()]
    assert [type(event) for event in line.ours.take() if not isinstance(event, Kept)][-1] is Removed
    assert line.device.state is State.IDLE
    assert line.device.next_deadline() is None


def test_keep_alives_are_due_before_at_and_after() -> None:
    line = Line().enrolled()
    line.until(69.999)
    assert line.theirs.take() == []
    line.until(70.0)
    assert line.theirs.take() == [KeepAliveDue()]
    line.device.keep_alive("Application/MANSCDP+xml", b"<Notify/>", 70.0)
    line.run()
    assert line.ours.take()[-1] == Kept()
    line.until(130.0)
    assert line.theirs.take() == [KeepAliveDue()]


def test_a_wrong_password_waits_as_the_standard_asks() -> None:
    line = Line(password="wrong")
    line.device.start(10.0)
    line.run()
    assert line.theirs.take() == [Failed(403)]
    assert [event.why for event in line.ours.take() if isinstance(event, Refused)] == [Why.PASSWORD]
    at = line.device.next_deadline()
    assert at is not None
    assert 10.0 + RETRY_S <= at <= 10.0 + RETRY_S + JITTER_S
    line.until(at - 0.001)
    assert line.theirs.take() == []
    line.until(at)
    assert line.theirs.take() == [Failed(403)]


def test_a_platform_that_does_not_answer() -> None:
    line = Line(change=lambda data: [])
    line.device.start(10.0)
    line.until(41.9)
    assert line.theirs.take() == []
    line.until(42.0)
    assert line.theirs.take() == [Failed(408)]
    line.change = lambda data: [data]
    line.until(42.0 + RETRY_S + JITTER_S)
    assert [type(event) for event in line.theirs.take()] == [Enrolled]


def test_a_platform_that_lost_its_memory_is_registered_at_once() -> None:
    line = Line().enrolled()
    line.door.registrar = Registrar(Digest(DOMAIN), spread=0.0)
    line.device.keep_alive("a/b", b"x", 20.0)
    line.run()
    assert line.theirs.take() == [Failed(404)]
    line.until(20.0)
    assert [type(event) for event in line.theirs.take()] == [Enrolled]


def test_keep_alives_that_nobody_answers() -> None:
    line = Line().enrolled()
    line.change = lambda data: []
    events: list[Any] = []
    for minute in range(MISSES):
        line.device.keep_alive("a/b", b"x", line.now)
        line.until(10.0 + 60.0 * (minute + 1))
        events += [event for event in line.theirs.take() if event != KeepAliveDue()]
    assert events == [Failed(408)]
    assert line.device.state is State.WAITING
    line.change = lambda data: [data]
    line.until(line.now + RETRY_S + JITTER_S)
    assert Enrolled in [type(event) for event in line.theirs.take()]


@pytest.mark.parametrize("interval_s", [5.0, 20.0, 31.0])
def test_a_dead_platform_is_noticed_though_the_next_keep_alive_goes_before_the_last_has_failed(
    interval_s: float,
) -> None:
    line = Line(keep_alive_s=interval_s).enrolled()
    line.change = lambda data: []
    events: list[Any] = []
    while line.now < 10.0 + 32.0 + MISSES * interval_s:
        line.until(line.now + 1.0)
        told = line.theirs.take()
        events += [event for event in told if event != KeepAliveDue()]
        if KeepAliveDue() in told:
            line.device.keep_alive("a/b", b"x", line.now)
    assert events == [Failed(408)]
    assert line.device.state is State.WAITING


def test_a_platform_that_cannot_be_left() -> None:
    line = Line().enrolled()
    line.door.account = None
    line.device.leave(20.0)
    line.run()
    assert line.theirs.take() == [Left()]


def test_too_much_under_way_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line(password="wrong")
    line.device.start(10.0)
    line.run()
    at = line.device.next_deadline()
    assert at is not None
    with monkeypatch.context() as patch:
        patch.setattr(client_transactions, "CLIENT_LIMIT", 0)
        line.theirs.take()
        line.until(at)
        assert line.theirs.take() == []
    assert line.device.next_deadline() == at + RETRY_S


def test_a_device_that_falls_silent_is_noticed_by_the_registrar() -> None:
    line = Line().enrolled()
    line.change = lambda data: []
    line.until(10.0 + 185.0)
    assert Gone(DEVICE, Why.SILENT) in line.ours.take()
