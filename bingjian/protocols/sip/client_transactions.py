"""Requests we sent, until they are answered (RFC 3261 §17.1, RFC 6026 §7.2).

    INVITE:  CALLING ──1xx──► PROCEEDING ──300–699──► COMPLETED ──D──► gone
                 └──────2xx───────┴──────────2xx────► ACCEPTED ───M──► gone
    others:  CALLING ──1xx──► PROCEEDING ──200–699──► COMPLETED ──K──► gone

An INVITE is repeated in CALLING by A and given up by B; others in both first states by E and F. Over TCP
nothing is repeated, and D and K are zero. Of what is answered, but for INVITEs, only the name is kept until K
ends, so that repeated answers are passed over.
"""

from contextlib import suppress
from dataclasses import dataclass
from enum import Enum

from bingjian.protocols.sip import timers
from bingjian.protocols.sip.deadlines import Deadlines
from bingjian.protocols.sip.events import Answered, ClientKey, Event, Outgoing, Stray, Unanswered
from bingjian.protocols.sip.headers import Headers
from bingjian.protocols.sip.message import Request, Response, serialise
from bingjian.protocols.sip.reply import Peer

CLIENT_LIMIT = 50_000  # requests under way, half of the devices of one process; then TooManyRequests
NEVER = float("inf")


class TooManyRequests(Exception):
    """We ask more than we may have under way: wait, and ask again."""


class State(Enum):
    CALLING = "calling"  # RFC 3261 calls it Trying if the method is not INVITE
    PROCEEDING = "proceeding"
    COMPLETED = "completed"
    ACCEPTED = "accepted"


@dataclass(slots=True)
class _Client:
    request: Request
    wire: bytes
    peer: Peer
    repeat_at: float
    end_at: float
    interval: float = timers.T1
    state: State = State.CALLING
    ack: bytes = b""  # repeated for every repeated final answer to an INVITE
    accepted_tag: str = ""  # of the To that the ACK of a 2xx went to
    cancelling: bool = False  # as soon as a provisional answer comes (RFC 3261 §9.1)

    @property
    def is_invite(self) -> bool:
        return self.request.method == "INVITE"

    @property
    def waits(self) -> bool:
        return self.state in (State.CALLING, State.PROCEEDING)


class ClientTransactions:
    """All requests of ours, by Call-ID, CSeq number and method. Output goes into the list handed in."""

    def __init__(self, output: list[Outgoing]) -> None:
        self._output = output
        self._clients: dict[ClientKey, _Client] = {}
        self._answered: dict[ClientKey, float] = {}  # all but INVITEs, oldest first, with their end
        self._deadlines: Deadlines[ClientKey] = Deadlines()
        self._over: dict[int, dict[ClientKey, None]] = {}  # those of each connection, oldest first

    def __len__(self) -> int:
        return len(self._clients) + len(self._answered)

    def send(self, request: Request, peer: Peer, now: float) -> ClientKey:
        """Any request but ACK. Raises TooManyRequests, and ValueError for control characters in it."""
        key = ClientKey(request.call_id, request.cseq.number, request.method)
        if len(self._clients) >= CLIENT_LIMIT:
            raise TooManyRequests
        if key in self._clients or key in self._answered:
            raise ValueError("two requests with one Call-ID and CSeq")
        repeat_at = NEVER if peer.reliable else now + timers.T1
        client = _Client(request, serialise(request), peer, repeat_at, now + timers.GIVE_UP)
        self._clients[key] = client
        self._follow(key, peer)
        self._output.append(Outgoing(client.wire, peer))
        self._schedule(key, client)
        return key

    def cancel(self, key: ClientKey, now: float) -> None:
        """Take an INVITE back; its final answer is still to come, a 2xx too. Otherwise nothing happens."""
        client = self._clients.get(key)
        if client is None or not client.is_invite or not client.waits or client.cancelling:
            return
        client.cancelling = True
        if client.state is State.PROCEEDING:
            self._send_cancel(key, client, now)

    def repeat_no_more(self, key: ClientKey) -> None:
        """What was asked is out of date: an answer still counts, but the peer is not asked again."""
        client = self._clients.get(key)
        if client is not None and client.waits:
            client.repeat_at = NEVER
            self._schedule(key, client)

    def acknowledge(self, key: ClientKey, ack: Request, peer: Peer) -> None:
        """Send the ACK of a 2xx, now and for every time that the 2xx is repeated."""
        wire = serialise(ack)
        client = self._clients.get(key)
        if client and client.state is State.ACCEPTED and client.accepted_tag == ack.to.tag:
            self._unfollow(key, client.peer)
            client.ack, client.peer = wire, peer
            self._follow(key, peer)
        self._output.append(Outgoing(wire, peer))

    def receive(self, response: Response, peer: Peer, now: float) -> list[Event]:
        key = ClientKey(response.call_id, *response.cseq)
        client = self._clients.get(key)
        if client is None:
            return [] if key in self._answered else [Stray(response, peer)]
        if response.status < 200:
            return self._provisional(key, client, response, peer, now)
        if client.waits:
            return self._final(key, client, response, peer, now)
        if client.state is State.ACCEPTED and response.status < 300:
            if response.to.tag != client.accepted_tag:
                return [Answered(key, client.request, response, peer)]  # another one accepted it too
        elif client.state is State.ACCEPTED or response.status < 300:
            return []  # two who contradict each other; the first counts
        if client.ack:
            self._output.append(Outgoing(client.ack, client.peer))
        return []

    def next_deadline(self) -> float | None:
        ends = [self._deadlines.next(), next(iter(self._answered.values()), None)]
        return min((at for at in ends if at is not None), default=None)

    def expire(self, now: float) -> list[Event]:
        while self._answered and next(iter(self._answered.values())) <= now:
            del self._answered[next(iter(self._answered))]
        events: list[Event] = []
        for key in self._deadlines.due(now):
            client = self._clients[key]
            if now >= client.end_at:
                self._end(key)
                events += [Unanswered(key, client.request)] if client.waits else []
            else:
                self._repeat(key, client, now)
        return events

    def connection_lost(self, connection: int) -> list[Event]:
        """Nothing more comes over it."""
        events: list[Event] = []
        for key in list(self._over.get(connection, ())):
            client = self._clients[key]
            self._end(key)
            events += [Unanswered(key, client.request, lost=True)] if client.waits else []
        return events

    def _provisional(
        self, key: ClientKey, client: _Client, response: Response, peer: Peer, now: float
    ) -> list[Event]:
        if not client.waits:
            return []
        if client.state is State.CALLING and client.is_invite:
            client.repeat_at, client.end_at = NEVER, now + timers.PROCEEDING
        client.state = State.PROCEEDING
        client.interval = timers.T2
        self._schedule(key, client)
        if client.cancelling:
            self._send_cancel(key, client, now)
        return [Answered(key, client.request, response, peer)]

    def _final(
        self, key: ClientKey, client: _Client, response: Response, peer: Peer, now: float
    ) -> list[Event]:
        if not client.is_invite:
            self._end(key)
            if not client.peer.reliable:
                self._answered[key] = now + timers.ABSORBING
            return [Answered(key, client.request, response, peer)]
        if response.status < 300:
            client.state, client.accepted_tag = State.ACCEPTED, response.to.tag
            stay = timers.ACCEPTED
        else:
            client.state, client.ack = State.COMPLETED, serialise(_ack_of_refusal(client.request, response))
            self._output.append(Outgoing(client.ack, client.peer))
            stay = 0.0 if client.peer.reliable else timers.INVITE_REFUSED
        client.repeat_at, client.end_at = NEVER, now + stay
        if stay:
            self._schedule(key, client)
        else:
            self._end(key)
        return [Answered(key, client.request, response, peer)]

    def _end(self, key: ClientKey) -> None:
        self._unfollow(key, self._clients.pop(key).peer)
        self._deadlines.clear(key)

    def _follow(self, key: ClientKey, peer: Peer) -> None:
        if peer.connection:
            self._over.setdefault(peer.connection, {})[key] = None

    def _unfollow(self, key: ClientKey, peer: Peer) -> None:
        keys = self._over.get(peer.connection)
        if keys is not None:
            keys.pop(key, None)
            if not keys:
                del self._over[peer.connection]

    def _repeat(self, key: ClientKey, client: _Client, now: float) -> None:
        """However late we are, once: the next pause counts from now."""
        self._output.append(Outgoing(client.wire, client.peer))
        client.interval *= 2
        if not client.is_invite:
            client.interval = min(client.interval, timers.T2)
        client.repeat_at = now + client.interval
        self._schedule(key, client)

    def _schedule(self, key: ClientKey, client: _Client) -> None:
        self._deadlines.set(key, min(client.repeat_at, client.end_at))

    def _send_cancel(self, key: ClientKey, client: _Client, now: float) -> None:
        """From here on the INVITE has 64·T1 left (RFC 3261 §9.1)."""
        client.cancelling = True
        client.end_at = min(client.end_at, now + timers.GIVE_UP)
        self._schedule(key, client)
        cancel = ClientKey(key.call_id, key.number, "CANCEL")
        if cancel not in self._clients and cancel not in self._answered:
            request = _in_its_place(client.request, "CANCEL", client.request.headers.get("To"))
            with suppress(TooManyRequests):  # the next provisional answer tries again; a 2xx is ended by BYE
                self.send(request, client.peer, now)


def _ack_of_refusal(invite: Request, response: Response) -> Request:
    """RFC 3261 §17.1.1.3: a hop's own business, so with the INVITE's Via and the answer's To."""
    return _in_its_place(invite, "ACK", response.headers.get("To"))


def _in_its_place(invite: Request, method: str, to: str) -> Request:
    fields = [("Via", invite.headers.get("Via")), ("From", invite.headers.get("From")), ("To", to)]
    fields += [
        ("Call-ID", invite.call_id),
        ("CSeq", f"{invite.cseq.number} {method}"),
        ("Max-Forwards", "70"),
    ]
    fields += [("Route", value) for value in invite.headers.get_all("Route")]
    return Request(method, invite.uri, Headers(fields))
