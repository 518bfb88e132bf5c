"""Our registration at a platform above, and a simulated device's at us (GB/T 28181-2022 §9.1, 9.6, annex D).

    start ─► REGISTER ─401─► REGISTER with answer ─200─► registered ── 80 % of its time ─► REGISTER …
                 └─ refusal, silence ─► waiting, 60 s and a random part ─► REGISTER …
    registered: a keep-alive every interval; three without a 200 ─► waiting; a 403 or 404 ─► REGISTER at once

The owner makes the keep-alive's body, for its SN rises, and sends nothing else by itself.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bingjian.protocols.sip.client_transactions import TooManyRequests
from bingjian.protocols.sip.compose import Local, at, compose, message, new_call_id, new_tag
from bingjian.protocols.sip.digest import Account, answered
from bingjian.protocols.sip.events import Answered, ClientKey, Event, Unanswered
from bingjian.protocols.sip.fields import OUR_VERSION
from bingjian.protocols.sip.message import Request, Response
from bingjian.protocols.sip.reply import Peer
from bingjian.protocols.sip.transactions import Transactions

EXPIRES_S = 86_400  # GB/T 28181-2022's default
RETRY_S = 60.0  # not earlier after a failure, says the standard
JITTER_S = 30.0  # up to so much later, so that not all come back together
REFRESH_AT = 0.8  # of the time granted
KEEP_ALIVE_S = 60.0
MISSES = 3
TRIES = 3  # of one registration: a nonce may go stale

_UNKNOWN_THERE = frozenset({403, 404})


class State(Enum):
    IDLE = "idle"
    REGISTERING = "registering"
    REGISTERED = "registered"
    WAITING = "waiting"
    LEAVING = "leaving"


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Registered, or registered anew."""

    expires_s: int
    version: str  # of the platform
    clock: datetime | None  # the platform's ``Date``, UTC


@dataclass(frozen=True, slots=True)
class KeepAliveDue:
    """Call ``keep_alive`` with a body."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Not registered (any more); tried again by itself. ``status`` 408: no answer."""

    status: int


@dataclass(frozen=True, slots=True)
class Left:
    """We signed off, or tried to."""


EnrolmentEvent = Enrolled | KeepAliveDue | Failed | Left


class Enrolment:
    """One registration of ours. ``now``: monotonic seconds."""

    def __init__(
        self,
        transactions: Transactions,
        local: Local,
        peer: Peer,
        platform: str,
        account: Account,
        *,
        expires_s: int = EXPIRES_S,
        keep_alive_s: float = KEEP_ALIVE_S,
        jitter_s: float = JITTER_S,
    ) -> None:
        self._transactions, self._local, self._account = transactions, local, account
        self.peer = peer  # may be set anew, after a new connection
        self.platform = platform  # its id
        self._expires_s, self._keep_alive_s, self._jitter_s = expires_s, keep_alive_s, jitter_s
        self.state = State.IDLE
        self._call_id, self._tag, self._number = new_call_id(), new_tag(), 0
        self._pending: ClientKey | None = None
        self._keep_alives: set[ClientKey] = set()  # several, where they come faster than 32 s
        self._tries = self._missed = 0
        self._register_at: float | None = None
        self._keep_alive_at: float | None = None

    def start(self, now: float) -> None:
        """Register, or register anew at once. Raises TooManyRequests."""
        self._register(self._expires_s, now)
        self.state = State.REGISTERING

    def leave(self, now: float) -> None:
        """Sign off: Expires 0. Raises TooManyRequests."""
        self._register_at = self._keep_alive_at = None
        self._register(0, now)
        self.state = State.LEAVING

    def keep_alive(self, content_type: str, body: bytes, now: float) -> None:
        """After KeepAliveDue. Raises TooManyRequests."""
        if self.state is State.REGISTERED or (self.state is State.REGISTERING and self._keep_alive_at):
            request = message(self._local, self.peer, self.platform, content_type, body)
            self._keep_alives.add(self._transactions.request(request, self.peer, now))

    def next_deadline(self) -> float | None:
        return min((at for at in (self._register_at, self._keep_alive_at) if at is not None), default=None)

    def expire(self, now: float) -> list[EnrolmentEvent]:
        events: list[EnrolmentEvent] = []
        if self._register_at is not None and now >= self._register_at:
            try:
                self.start(now)
            except TooManyRequests:
                self._register_at = now + RETRY_S
        if self._keep_alive_at is not None and now >= self._keep_alive_at:
            self._keep_alive_at = now + self._keep_alive_s
            events.append(KeepAliveDue())
        return events

    def handle(self, event: Event, now: float) -> list[EnrolmentEvent] | None:
        """None: not about this registration."""
        if not isinstance(event, Answered | Unanswered):
            return None
        is_keep_alive = event.key in self._keep_alives
        if not is_keep_alive and event.key != self._pending:
            return None
        if isinstance(event, Answered) and event.response.status < 200:
            return []
        if is_keep_alive:
            self._keep_alives.discard(event.key)
            return self._kept_alive(event, now)
        self._pending = None
        if self.state is State.LEAVING and not _is_challenge(event):
            self.state = State.IDLE
            return [Left()]
        if isinstance(event, Unanswered):
            return self._fail(408, now)
        return self._registered(event.request, event.response, now)

    def _registered(self, request: Request, response: Response, now: float) -> list[EnrolmentEvent]:
        if response.status in (401, 407) and self._tries < TRIES:
            again = answered(request, response, self._account)
            if again:
                return self._answer(again, now)
        if response.status >= 300:
            return self._fail(response.status, now)
        granted = response.expires_s or self._expires_s
        self.state, self._missed = State.REGISTERED, 0
        self._register_at = now + REFRESH_AT * granted
        self._keep_alive_at = self._keep_alive_at or now + self._keep_alive_s
        return [Enrolled(granted, response.version, response.date)]

    def _answer(self, request: Request, now: float) -> list[EnrolmentEvent]:
        self._number, self._tries = request.cseq.number, self._tries + 1
        try:
            self._pending = self._transactions.request(request, self.peer, now)
        except TooManyRequests:
            return self._fail(408, now)
        return []

    def _kept_alive(self, event: Answered | Unanswered, now: float) -> list[EnrolmentEvent]:
        status = event.response.status if isinstance(event, Answered) else 408
        if self.state is not State.REGISTERED:
            return []
        if status < 300:
            self._missed = 0
            return []
        self._missed += 1
        if status in _UNKNOWN_THERE:  # it lost its memory: register at once
            self._keep_alive_at, self._register_at = None, now
            self.state = State.WAITING
            return [Failed(status)]
        return self._fail(status, now) if self._missed >= MISSES else []

    def _fail(self, status: int, now: float) -> list[EnrolmentEvent]:
        if self.state is State.LEAVING:
            self.state = State.IDLE
            return [Left()]
        self.state, self._keep_alive_at = State.WAITING, None
        self._register_at = now + RETRY_S + self._jitter_s * secrets.randbelow(1_000) / 1_000
        return [Failed(status)]

    def _register(self, expires_s: int, now: float) -> None:
        """One Call-ID for all, CSeq rising, as RFC 3261 §10.2.4 wants it."""
        self._number, self._tries = self._number + 1, 0
        own = f"<{self._local.uri}>"
        request = compose(
            "REGISTER",
            f"sip:{self.platform}@{at(self.peer.host, self.peer.port)}",
            self._local,
            self.peer,
            ("Contact", self._local.contact(self.peer)),
            ("Expires", str(expires_s)),
            ("X-GB-Ver", OUR_VERSION),
            sender=f"{own};tag={self._tag}",
            to=own,
            call_id=self._call_id,
            number=self._number,
        )
        self._pending, self._register_at = self._transactions.request(request, self.peer, now), None


def _is_challenge(event: Answered | Unanswered) -> bool:
    return isinstance(event, Answered) and event.response.status in (401, 407)
