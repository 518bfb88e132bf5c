"""Requests of others, until our answer to them has surely arrived (RFC 3261 §17.2, RFC 6026 §7.1).

    INVITE:  PROCEEDING ──300–699──► COMPLETED ──ACK──► CONFIRMED ──I──► gone
                  └─────────2xx────► ACCEPTED ──────────────────────L──► gone
    others:  asked ──200–699──► answered ──J──► gone

The answer to an INVITE is repeated by G until the ACK comes, and given up by H.
A repeated request gets the same bytes again and is not told a second time. Answers are kept in the order in
which they were given, so forgetting them costs nothing; over TCP none is kept. A plain 200, which is what
devices mostly get, is made again: all that is kept of it is that it was given.
"""

import hmac
import secrets
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from bingjian.protocols.sip import timers
from bingjian.protocols.sip.client_transactions import NEVER
from bingjian.protocols.sip.deadlines import Deadlines
from bingjian.protocols.sip.events import (
    Acknowledged,
    Asked,
    Cancelled,
    Event,
    Outgoing,
    ServerKey,
    Unacknowledged,
)
from bingjian.protocols.sip.message import Request, Response, serialise
from bingjian.protocols.sip.reply import Peer, reply

ANSWERED_LIMIT = (
    200_000  # answers kept: 100 000 devices' keep-alives of 32 s are 54 000; then the oldest goes
)
PENDING_LIMIT = 20_000  # requests that nobody has answered yet, INVITEs not counted; more get 503
INVITE_LIMIT = 10_000  # INVITEs from asked to forgotten; more get 503
TAG_LENGTH = 16  # hexadecimal digits
RETRY_AFTER_S = 60  # told with 503; GB/T 28181 asks devices to wait as long


class State(Enum):
    PROCEEDING = "proceeding"
    COMPLETED = "completed"
    CONFIRMED = "confirmed"
    ACCEPTED = "accepted"


@dataclass(slots=True)
class _Invite:
    request: Request
    peer: Peer
    answer: bytes  # the newest
    end_at: float
    repeat_at: float = NEVER
    interval: float = timers.T1
    state: State = State.PROCEEDING
    status: int = 100
    acknowledged: bool = False


_Kept = TypeVar("_Kept", bound=tuple[float, *tuple[Any, ...]])
_Dialog = tuple[str, str, int]  # Call-ID, From tag, CSeq number: what an ACK shares with its INVITE


class ServerTransactions:
    """All requests of others. Output goes into the list handed in."""

    def __init__(self, output: list[Outgoing]) -> None:
        self._output = output
        self._secret = secrets.token_bytes(32)  # makes the tags of plain answers
        self._pending: dict[ServerKey, tuple[float, Request, Peer]] = {}  # oldest first, with their end
        # Oldest first, with their end; no bytes: a plain 200.
        self._answered: dict[ServerKey, tuple[float, bytes]] = {}
        self._invites: dict[ServerKey, _Invite] = {}
        self._by_dialog: dict[_Dialog, ServerKey] = {}
        self._deadlines: Deadlines[ServerKey] = Deadlines()

    def __len__(self) -> int:
        return len(self._pending) + len(self._answered) + len(self._invites)

    def receive(self, request: Request, peer: Peer, now: float) -> list[Event]:
        method = request.method
        if method == "ACK":
            return self._acknowledged(request, peer, now)
        key = _key(request, peer, method)
        if method == "INVITE":
            return self._invited(key, request, peer, now)
        answered = self._answered.get(key)
        if answered and answered[0] > now:
            self._output.append(Outgoing(answered[1] or self._ok(key, request, peer), peer))
            return []
        if key in self._pending:
            return []
        if method == "CANCEL":
            return self._cancelled(key, request, peer, now)
        if len(self._pending) >= PENDING_LIMIT:
            self._refuse(request, peer)
            return []
        self._pending[key] = (now + timers.GIVE_UP, request, peer)
        return [Asked(key, request, peer)]

    def respond(self, key: ServerKey, response: Response, now: float) -> None:
        """Send the answer; a final one is kept. Of a transaction that has ended nothing is sent."""
        invite = self._invites.get(key)
        if invite:
            self._respond_invite(key, invite, response, now)
            return
        pending = self._pending.get(key)
        if pending is None:
            return
        wire, peer = serialise(response), pending[2]
        self._output.append(Outgoing(wire, peer))
        if response.status >= 200:
            del self._pending[key]
            self._keep(key, wire, peer, now)

    def respond_ok(self, key: ServerKey, now: float) -> None:
        """Send 200 with nothing of our own in it, to any request but INVITE."""
        pending = self._pending.pop(key, None)
        if pending is not None:
            _, request, peer = pending
            self._output.append(Outgoing(self._ok(key, request, peer), peer))
            self._keep(key, b"", peer, now)

    def respond_once(self, key: ServerKey, response: Response) -> None:
        """Send the answer and forget the request: for strangers, who shall cost us nothing."""
        invite = self._invites.get(key)
        if invite:
            self._forget(key, invite)
            peer = invite.peer
        elif pending := self._pending.pop(key, None):
            peer = pending[2]
        else:
            return
        self._output.append(Outgoing(serialise(response), peer))

    def next_deadline(self) -> float | None:
        ends = [_front(self._pending), _front(self._answered), self._deadlines.next()]
        return min((at for at in ends if at is not None), default=None)

    def expire(self, now: float) -> list[Event]:
        _drop_front(self._answered, now)
        _drop_front(self._pending, now)
        events: list[Event] = []
        for key in self._deadlines.due(now):
            invite = self._invites[key]
            if now < invite.end_at:
                self._repeat(key, invite, now)
                continue
            self._forget(key, invite)
            if invite.state is State.PROCEEDING:
                events.append(Cancelled(key))  # nobody of us answered; the peer has long gone
            elif invite.state is not State.CONFIRMED and not invite.acknowledged:
                events.append(Unacknowledged(key, invite.status))
        return events

    def _invited(self, key: ServerKey, request: Request, peer: Peer, now: float) -> list[Event]:
        """100 goes out at once: a camera's answer takes longer than the 200 ms that RFC 3261 would wait."""
        known = self._invites.get(key)
        if known:
            if known.state is not State.CONFIRMED and not known.acknowledged:
                self._output.append(Outgoing(known.answer, peer))
            return []
        if len(self._invites) >= INVITE_LIMIT:
            self._refuse(request, peer)
            return []
        trying = serialise(reply(request, 100, seen_from=peer))
        self._invites[key] = _Invite(request, peer, trying, now + timers.PROCEEDING)
        self._by_dialog.setdefault(_dialog(request), key)
        self._deadlines.set(key, now + timers.PROCEEDING)
        self._output.append(Outgoing(trying, peer))
        return [Asked(key, request, peer)]

    def _respond_invite(self, key: ServerKey, invite: _Invite, response: Response, now: float) -> None:
        if invite.state is not State.PROCEEDING:
            return
        invite.answer, invite.status = serialise(response), response.status
        self._output.append(Outgoing(invite.answer, invite.peer))
        if response.status < 200:
            return
        accepted = response.status < 300
        invite.state = State.ACCEPTED if accepted else State.COMPLETED
        # A 2xx is repeated over TCP too: it is answered end to end (RFC 3261 §13.3.1.4).
        invite.repeat_at = now + timers.T1 if accepted or not invite.peer.reliable else NEVER
        invite.end_at = now + timers.GIVE_UP
        self._deadlines.set(key, min(invite.repeat_at, invite.end_at))

    def _repeat(self, key: ServerKey, invite: _Invite, now: float) -> None:
        self._output.append(Outgoing(invite.answer, invite.peer))
        invite.interval = min(2 * invite.interval, timers.T2)
        invite.repeat_at = now + invite.interval
        self._deadlines.set(key, min(invite.repeat_at, invite.end_at))

    def _acknowledged(self, ack: Request, peer: Peer, now: float) -> list[Event]:
        """The ACK of a refusal has the INVITE's branch, that of a 2xx its own; devices mix them up."""
        key = _key(ack, peer, "INVITE")
        if key not in self._invites:
            key = self._by_dialog.get(_dialog(ack), "")
        invite = self._invites.get(key)
        if invite is None or invite.acknowledged or invite.state is State.PROCEEDING:
            return []
        invite.acknowledged, invite.repeat_at = True, NEVER
        if invite.state is State.ACCEPTED:
            invite.end_at = now + timers.ACCEPTED
            self._deadlines.set(key, invite.end_at)
            return [Acknowledged(key, ack)]
        invite.state = State.CONFIRMED
        invite.end_at = now + (0.0 if peer.reliable else timers.CONFIRMED)
        self._deadlines.set(key, invite.end_at)
        return []

    def _cancelled(self, key: ServerKey, cancel: Request, peer: Peer, now: float) -> list[Event]:
        """RFC 3261 §9.2."""
        invited = _key(cancel, peer, "INVITE")
        invite = self._invites.get(invited)
        status = 200 if invite else 481
        answer = serialise(reply(cancel, status, seen_from=peer, tag=secrets.token_hex(8)))
        self._output.append(Outgoing(answer, peer))
        if invite is not None:
            self._keep(key, answer, peer, now)
        if invite is None or invite.state is not State.PROCEEDING:
            return []
        terminated = reply(invite.request, 487, seen_from=invite.peer, tag=secrets.token_hex(8))
        self._respond_invite(invited, invite, terminated, now)
        return [Cancelled(invited)]

    def _keep(self, key: ServerKey, answer: bytes, peer: Peer, now: float) -> None:
        if peer.reliable:
            return
        _drop_front(self._answered, now)
        if len(self._answered) >= ANSWERED_LIMIT:
            del self._answered[next(iter(self._answered))]
        self._answered.pop(key, None)
        self._answered[key] = (now + timers.ANSWERED, answer)

    def _ok(self, key: ServerKey, request: Request, peer: Peer) -> bytes:
        """The same for the same request."""
        tag = hmac.digest(self._secret, key.encode("utf-8", "surrogateescape"), "sha256").hex()[:TAG_LENGTH]
        return serialise(reply(request, 200, seen_from=peer, tag=tag))

    def _refuse(self, request: Request, peer: Peer) -> None:
        busy = reply(request, 503, ("Retry-After", str(RETRY_AFTER_S)), seen_from=peer)
        self._output.append(Outgoing(serialise(busy), peer))

    def _forget(self, key: ServerKey, invite: _Invite) -> None:
        del self._invites[key]
        self._deadlines.clear(key)
        if self._by_dialog.get(_dialog(invite.request)) == key:
            del self._by_dialog[_dialog(invite.request)]


def _key(request: Request, peer: Peer, method: str) -> ServerKey:
    """More than RFC 3261 §17.2.3 asks: some devices write one branch into all their requests."""
    via, number = request.via, request.cseq.number
    return f"{method} {number} {request.call_id} {via.params.get('branch')} {via.host}:{via.port} {peer.host}"


def _dialog(request: Request) -> _Dialog:
    return request.call_id, request.sender.tag, request.cseq.number


def _front(table: Mapping[ServerKey, _Kept]) -> float | None:
    """When the oldest ends, and so the first: all stay equally long."""
    return next(iter(table.values()))[0] if table else None


def _drop_front(table: MutableMapping[ServerKey, _Kept], now: float) -> None:
    while (end := _front(table)) is not None and end <= now:
        del table[next(iter(table))]
