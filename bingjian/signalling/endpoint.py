"""The SIP element: sockets on the event loop, the tables of ``protocols.sip`` between them.

    bytes ─► message ─► keep-alive? answered at once
                └─► transactions ─► REGISTER: registrar
                        ├─► calls ─► on_call        └─ fresh, moved, gone ─► calls, subscriptions, listeners
                        ├─► subscriptions ─► listeners
                        └─► answers to our MESSAGEs ─► who asked; theirs ─► listeners

Nothing here waits. After every wake-up ``flush`` sends what the tables put out and sets the one timer.
Whoever is not registered gets a challenge, a refusal that nobody remembers, or nothing.
"""

import asyncio
import ssl
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar

import structlog

from bingjian.clock import Clock
from bingjian.protocols.gb28181.manscdp.configuration import MAX_HEARTBEAT_S
from bingjian.protocols.sip.call_events import CallEvent
from bingjian.protocols.sip.calls import Calls
from bingjian.protocols.sip.compose import Local, message, new_tag
from bingjian.protocols.sip.digest import Digest
from bingjian.protocols.sip.errors import MessageError
from bingjian.protocols.sip.events import Answered, Asked, ClientKey, Event, Outgoing, Unanswered
from bingjian.protocols.sip.message import Message, Request, read_datagram, serialise
from bingjian.protocols.sip.registrar import Registrar, device_of
from bingjian.protocols.sip.registrar_events import (
    USUAL,
    Binding,
    Challenged,
    Gone,
    Outcome,
    Refused,
    Registered,
    Removed,
    Terms,
    Why,
)
from bingjian.protocols.sip.reply import ALLOWED, Peer, reply
from bingjian.protocols.sip.subscription_events import SubscriptionEvent
from bingjian.protocols.sip.subscriptions import Subscriptions
from bingjian.protocols.sip.transactions import Transactions
from bingjian.signalling.connections import Connections
from bingjian.signalling.datagrams import Datagrams
from bingjian.signalling.devices import Devices
from bingjian.signalling.identity import Identity, OwnAddresses
from bingjian.signalling.keep_alive import is_keep_alive
from bingjian.signalling.listener import Listener, Tap
from bingjian.signalling.tls_failures import TlsFailures

PORT_TRIES = 20  # to find one that is free for UDP and TCP, when any will do
LONGEST_PAUSE_S = 3600.0
TOO_EARLY_S = 5  # a device that comes before we were told of any may come again after so long
TRACES_LIMIT = 20  # faults of ours told with a trace; the rest are only counted

log = structlog.get_logger(__name__)

Told = TypeVar("Told")
AnswerTaker = Callable[[int], None]


class Timed(Protocol):
    """Something with deadlines of its own."""

    def next_deadline(self) -> float | None: ...

    def expire(self, now: float) -> None: ...


@dataclass(slots=True)
class Counts:
    """Since the start."""

    received: int = 0  # messages that could be read
    keep_alives: int = 0
    malformed: int = 0
    refused: int = 0  # requests of strangers
    sent: int = 0
    faults: int = 0  # ours, each one a bug


class Endpoint:
    """One platform's SIP element; belongs to the event loop.

    Args:
        tls: with our certificate; None: nobody is heard over TLS.

    Attributes:
        on_call: hears of every call; set by whoever has the calls. Without one every INVITE is refused.
        listeners: hear of devices, in their order.
        tap: sees the messages themselves.
    """

    def __init__(
        self,
        identity: Identity,
        clock: Clock,
        devices: Devices,
        *,
        digest_key: bytes | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.identity, self.devices = identity, devices
        self._clock = clock
        self.transactions = Transactions()
        self.registrar = Registrar(Digest(identity.domain, digest_key))
        self.calls = Calls(self.transactions)
        self.subscriptions = Subscriptions(self.transactions)
        self.on_call: Callable[[CallEvent], None] | None = None
        self.listeners: list[Listener] = []
        self.tap: Tap | None = None
        self.counts = Counts()
        self.port = identity.port
        self.tls_port = 0  # none, until we listen
        self._tls = tls
        self._addresses = OwnAddresses(identity)
        self._locals: dict[str, Local] = {}
        self._datagrams = Datagrams(self._datagram, self.flush)
        self._tls_failures = TlsFailures(clock)
        self._connections = Connections(
            self._received, self.flush, self._connection_lost, self.now, self._tls_failures.note
        )
        self._asked: dict[ClientKey, AnswerTaker] = {}  # MESSAGEs of ours
        self._residents: dict[Peer, str] = {}  # who registered from there
        self._timed: list[Timed] = []
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0

    # --- running -----------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Listen: over UDP and TCP on one port, over TLS on another. Raises OSError; stop it then."""
        await self._open_port()
        if self._tls is not None:
            identity = self.identity
            self.tls_port = await self._connections.open_tls(identity.host, identity.tls_port, self._tls)
        self._locals.clear()  # somebody may have been heard in between

    def show(self, tls: ssl.SSLContext) -> None:
        """Another certificate, to whoever connects from now on."""
        self._tls = self._connections.tls = tls

    async def _open_port(self) -> None:
        for left in reversed(range(1 if self.identity.port else PORT_TRIES)):
            self.port = self._datagrams.open(self.identity.host, self.identity.port)
            try:
                await self._connections.open(self.identity.host, self.port)
                return
            except OSError:
                self._datagrams.close()
                if not left:
                    raise

    async def stop(self) -> None:
        """What has been put out is sent; devices notice nothing."""
        self.flush()
        if self._timer is not None:
            self._timer.cancel()
        self.listeners.clear()
        self._datagrams.close()
        await self._connections.close()

    def now(self) -> float:
        """Monotonic seconds, of all tables."""
        return self._clock.monotonic_ns() / 1e9

    def wall(self) -> datetime:
        return datetime.fromtimestamp(self._clock.utc_ns() / 1e9, UTC)

    def wall_at(self, at: float, now: float) -> datetime:
        """An instant of ``now``'s kind as a date."""
        return self.wall() + timedelta(seconds=at - now)

    def flush(self) -> None:
        """Send what is pending, and set the timer. Call it after whatever was asked of a table."""
        if self.transactions.has_output:
            for outgoing in self.transactions.take_output():
                self._send(outgoing)
        self._arm()

    def add_timed(self, timed: Timed) -> None:
        """Have it told whenever its deadline has come."""
        self._timed.append(timed)

    def tick(self) -> None:
        """Do what is due."""
        self._timer, now = None, self.now()
        steps = [self._expire_tables, self._expire_registrations, self._connections.expire]
        for step in [*steps, *(timed.expire for timed in self._timed)]:
            try:
                step(now)
            except Exception:
                self._note_fault()
        self.flush()

    def _expire_tables(self, now: float) -> None:
        self._one_by_one(self.transactions.expire(now), lambda event: self._dispatch(event, now))
        self._one_by_one(self.calls.expire(now), self._tell_call)
        self._one_by_one(self.subscriptions.expire(now), self._tell_subscription)

    def _expire_registrations(self, now: float) -> None:
        self._one_by_one(self.registrar.expire(now), self._gone)

    def _one_by_one(self, batch: Iterable[Told], take: Callable[[Told], None]) -> None:
        """What became known at once, about many: a fault of ours in one must not stop the others."""
        for one in batch:
            try:
                take(one)
            except Exception:
                self._note_fault()

    def _note_fault(self) -> None:
        self.counts.faults += 1
        if self.counts.faults <= TRACES_LIMIT:
            log.exception("signalling_fault")

    # --- what the owner asks -----------------------------------------------------------------------------

    def local_for(self, peer: Peer) -> Local:
        """Who we are towards that peer."""
        host = self._connections.own_host(peer.connection) if peer.connection else ""
        if self.identity.public_host or not host:
            host = self._addresses.toward(peer.host)
        local = self._locals.get(host)
        if local is None:
            local = Local(self.identity.id, self.identity.domain, host, self.port, self.tls_port)
            self._locals[host] = local  # as many as we have addresses
        return local

    def peer_of(self, device: str) -> Peer | None:
        """Where an online device is; None if it is not."""
        binding = self.registrar.binding(device)
        return binding.peer if binding is not None and binding.online else None

    def reachable(self, device: str) -> Peer | None:
        """Where a device is that may be called: online, or from before our own restart and not heard yet."""
        binding = self.registrar.binding(device)
        return binding.peer if binding is not None and (binding.online or binding.unheard) else None

    def send_message(
        self, device: str, to: str, content_type: str, body: bytes, taker: AnswerTaker
    ) -> ClientKey | None:
        """A MESSAGE to a device, about it or a channel of it. Flush afterwards.

        Args:
            to: the id in To: the device or a channel.
            taker: gets the status of the answer; 408 if none came.

        Returns:
            What names it; None if the device is offline: then nothing is sent.

        Raises:
            TooManyRequests
        """
        peer = self.peer_of(device)
        if peer is None:
            return None
        request = message(self.local_for(peer), peer, to, content_type, body)
        key = self.transactions.request(request, peer, self.now())
        self._asked[key] = taker
        return key

    def restore(self, device: str, binding: Binding, terms: Terms) -> None:
        """What was registered before our own restart."""
        self.registrar.restore(device, binding, self.now(), terms)
        if self.registrar.binding(device) is None:
            return
        self._residents[binding.peer] = device
        for listener in self.listeners:
            listener.on_restored(device)

    def note_alive(self, device: str) -> None:
        """It has said so in a message that was not known for a keep-alive before it was read."""
        binding = self.registrar.binding(device)
        if binding is not None:
            self._believe(device, binding.peer)

    def expect_every(self, device: str, interval_s: int) -> None:
        """It keeps alive so often, by what it says or was set to; 0: nothing is known of it any more.

        What is less often than the inventory has it counts, up to ``MAX_HEARTBEAT_S``, until the device
        registers afresh, and over our own restart.
        """
        is_news = self.devices.learn_keep_alive(device, float(min(interval_s, MAX_HEARTBEAT_S)))
        known = self.devices.get(device)
        if known is not None:
            self.registrar.agree(device, known.terms)
        if is_news:
            for listener in self.listeners:
                listener.on_interval(device)

    def dismiss(self, device: str) -> None:
        """It is listed no longer: it ends here, with its calls and subscriptions."""
        now, binding = self.now(), self.registrar.binding(device)
        if binding is None:
            return
        for call in self.calls.of_device(device):
            for event in self.calls.end(call, now):
                self._tell_call(event)
        for ended in self.subscriptions.abandon(device):
            self._tell_subscription(ended)
        self.registrar.dismiss(device, now)
        self._left(device, binding.peer)
        for listener in self.listeners:
            listener.on_dismissed(device)
        self.flush()

    @property
    def connections(self) -> int:
        return len(self._connections)

    def figures(self) -> dict[str, int]:
        return {
            **asdict(self.counts),
            "lost": self._datagrams.lost,
            "tls_refused": self._tls_failures.count,
        }

    # --- what comes in -----------------------------------------------------------------------------------

    def _datagram(self, data: bytes, host: str, port: int) -> None:
        peer = Peer("UDP", host, port)
        try:
            received: Message | MessageError | None = read_datagram(data)
        except MessageError as error:
            received = error
        if received is not None:
            self._received(received, peer, data)

    def _received(self, received: Message | MessageError, peer: Peer, data: bytes = b"") -> None:
        """Whatever a peer sends, a fault of ours in it must not stop the others."""
        try:
            self._take(received, peer, data)
        except Exception:
            self._note_fault()

    def _take(self, received: Message | MessageError, peer: Peer, data: bytes) -> None:
        if isinstance(received, MessageError):
            self.counts.malformed += 1
            self.transactions.refuse(received, peer)
            return
        self.counts.received += 1
        if isinstance(received, Request) and self._is_too_early(received):
            self._put_off(received, peer)
            return
        if isinstance(received, Request) and is_keep_alive(received):
            self._keep_alive(received, peer)
            return
        if self.tap is not None:
            self.tap.heard(self._residents.get(peer, ""), peer, data or serialise(received))
        now = self.now()
        events = self.transactions.receive(received, peer, now)
        self._one_by_one(events, lambda event: self._dispatch(event, now))

    def _is_too_early(self, request: Request) -> bool:
        """We have been told of no devices yet: whoever registers or keeps alive would be a stranger."""
        return self.devices.epoch < 0 and (request.method == "REGISTER" or is_keep_alive(request))

    def _put_off(self, request: Request, peer: Peer) -> None:
        """Over UDP it is repeated by itself."""
        if peer.reliable:
            again = ("Retry-After", str(TOO_EARLY_S))
            answer = reply(request, 503, again, seen_from=peer, tag=new_tag())
            self._put_out(Outgoing(serialise(answer), peer))

    def _keep_alive(self, request: Request, peer: Peer) -> None:
        """Answered without a transaction: once more does no harm."""
        status = 200 if self._alive(request, peer) else 404
        self._put_out(Outgoing(serialise(reply(request, status, seen_from=peer, tag=new_tag())), peer))

    def _alive(self, request: Request, peer: Peer) -> bool:
        self.counts.keep_alives += 1
        return self._believe(request.sender.user, peer)

    def _believe(self, device: str, peer: Peer) -> bool:
        """What the registrar makes of it."""
        now = self.now()
        before = self.registrar.binding(device) if not peer.reliable else None
        kept = self.registrar.keep_alive(device, peer, now)
        if kept.moved and before is not None:
            self._moved(device, before.peer, peer)
        if kept.known and self.tap is not None:
            self.tap.kept_alive(device, peer)
        if kept.known:
            self._remind(device, now)
        for listener in self.listeners:
            if kept.known:
                listener.on_alive(device)
            if kept.moved or kept.returned or kept.flapping:
                listener.on_kept(device, kept, peer)
        return kept.known

    def _dispatch(self, event: Event, now: float) -> None:
        if isinstance(event, Asked) and self._is_answered_here(event, now):
            return
        if isinstance(event, Answered | Unanswered) and event.key in self._asked:
            self._message_answered(event)
            return
        calls = self.calls.handle(event, now)
        for call_event in calls or ():
            self._tell_call(call_event)
        if calls is not None:
            return
        subscriptions = self.subscriptions.handle(event, now)
        for subscription_event in subscriptions or ():
            self._tell_subscription(subscription_event)
        if subscriptions is None and isinstance(event, Asked):
            self._refuse(event, 405, ("Allow", ALLOWED))

    def _is_answered_here(self, event: Asked, now: float) -> bool:
        method = event.request.method
        if method == "REGISTER":
            self._register(event, now)
        elif method == "MESSAGE":
            self._message(event, now)
        elif method == "OPTIONS":
            self._refuse(event, 200, ("Allow", ALLOWED))
        elif method == "INVITE" and (self.on_call is None or not self.speaker(event.request, event.peer)):
            self._refuse(event, 403)
        else:
            return False
        return True

    def speaker(self, request: Request, peer: Peer) -> str:
        """The registered device that this comes from, whatever channel it names; empty: a stranger's."""
        device = request.sender.user
        if self.registrar.holds(device, peer):
            return device
        resident = self._residents.get(peer, "")
        return resident if resident and self.registrar.holds(resident, peer) else ""

    def _refuse(self, event: Asked, status: int, *headers: tuple[str, str]) -> None:
        """Answered, and forgotten."""
        self.counts.refused += status >= 400
        answer = reply(event.request, status, *headers, seen_from=event.peer, tag=new_tag())
        self.transactions.respond_once(event.key, answer)

    # --- registration ------------------------------------------------------------------------------------

    def _register(self, event: Asked, now: float) -> None:
        request, peer = event.request, event.peer
        name = device_of(request) or ""
        known = self.devices.get(name)
        before = self.registrar.binding(name)
        account, terms = (known.account, known.terms) if known is not None else (None, USUAL)
        outcome = self.registrar.register(request, peer, account, now, self.wall(), terms)
        if isinstance(outcome, Registered | Removed):
            self.transactions.respond(event.key, outcome.answer, now)
        else:
            self.transactions.respond_once(event.key, outcome.answer)
        if known is None and name:
            for listener in self.listeners:
                listener.on_unknown(name, request, peer)
        self._registration_came_to(outcome, request, peer, before.peer if before is not None else None)

    def _registration_came_to(
        self, outcome: Outcome, request: Request, peer: Peer, before: Peer | None
    ) -> None:
        match outcome:
            case Registered():
                self._registered(outcome, request, before)
            case Removed(device):
                self._abandon(device)
                self._left(device, before)
                for listener in self.listeners:
                    listener.on_removed(device)
            case Challenged(device, replayed=True):
                for listener in self.listeners:
                    listener.on_replayed(device, peer)
            case Refused():
                self.counts.refused += 1
                for listener in self.listeners:
                    listener.on_refused(outcome, request, peer)

    def _registered(self, outcome: Registered, request: Request, before: Peer | None) -> None:
        device, peer = outcome.device, outcome.binding.peer
        self.devices.learn(device, request.headers.get("User-Agent"), outcome.realm)
        if before != peer:
            self._moved(device, before, peer)
        if outcome.fresh:
            self.expect_every(device, 0)  # it may be set otherwise by now
            self._start_over(device, is_first=outcome.first)
        self._residents[peer] = device
        if peer.connection:
            self._connections.trust(peer.connection)
        if outcome.superseded and not self.registrar.has_connection(outcome.superseded):
            self._connections.cut(outcome.superseded)
        self._remind(device, self.now())
        for listener in self.listeners:
            listener.on_registered(outcome, request)

    def _moved(self, device: str, before: Peer | None, peer: Peer) -> None:
        """``before``: None: it was nowhere, though calls of before our restart may go on."""
        if before is not None:
            self._leave(device, before)
        self._residents[peer] = device
        self.calls.relocate(device, peer)
        self.subscriptions.relocate(device, peer)

    def _remind(self, device: str, now: float) -> None:
        """It is heard: it hears of the calls that have ended meanwhile."""
        for call_event in self.calls.remind(device, now):
            self._tell_call(call_event)

    def _start_over(self, device: str, *, is_first: bool) -> None:
        """It registers as a device does that starts (quirk 31). The first time after our own restart every
        device does: then its pictures show whether its calls live, to whoever receives them.
        """
        if is_first:
            self._abandon_subscriptions(device)
        else:
            self._abandon(device)

    def _abandon(self, device: str) -> None:
        """It may know nothing any more of what we have with it."""
        for call_event in self.calls.lose(device, self.now()):
            self._tell_call(call_event)
        self._abandon_subscriptions(device)

    def _abandon_subscriptions(self, device: str) -> None:
        for subscription_event in self.subscriptions.abandon(device):
            self._tell_subscription(subscription_event)

    def _leave(self, device: str, peer: Peer) -> None:
        if self._residents.get(peer) == device:
            del self._residents[peer]

    def _left(self, device: str, peer: Peer | None) -> None:
        if peer is None:
            return
        self._leave(device, peer)
        if peer.connection and not self.registrar.has_connection(peer.connection):
            self._connections.distrust(peer.connection)

    def _gone(self, gone: Gone) -> None:
        if gone.why is not Why.SILENT:
            self._left(gone.device, gone.peer)
        for listener in self.listeners:
            listener.on_gone(gone.device, gone)

    def _connection_lost(self, number: int) -> None:
        now = self.now()
        gone = self.registrar.connection_lost(number, now)
        lost = self.transactions.connection_lost(number)
        self._one_by_one(lost, lambda event: self._dispatch(event, now))
        self._one_by_one(gone, self._cut_off)
        self.flush()

    def _cut_off(self, gone: Gone) -> None:
        if gone.peer is not None:
            self.calls.relocate(gone.device, gone.peer._replace(connection=0))  # BYEs wait until it is back
        self._gone(gone)

    # --- messages ----------------------------------------------------------------------------------------

    def _message(self, event: Asked, now: float) -> None:
        device = self.speaker(event.request, event.peer)
        if not device:
            self._refuse(event, 403)
            return
        self.transactions.respond_ok(event.key, now)
        for listener in self.listeners:
            listener.on_message(device, event.request, event.peer)

    def _message_answered(self, event: Answered | Unanswered) -> None:
        status = event.response.status if isinstance(event, Answered) else 408
        if status >= 200:
            self._asked.pop(event.key)(status)

    def _tell_call(self, event: CallEvent) -> None:
        if self.on_call is not None:
            self.on_call(event)

    def _tell_subscription(self, event: SubscriptionEvent) -> None:
        for listener in self.listeners:
            listener.on_subscription(event)

    # --- what goes out -----------------------------------------------------------------------------------

    def _send(self, outgoing: Outgoing) -> None:
        data, peer = outgoing
        if self.tap is not None:
            self.tap.sent(self._residents.get(peer, ""), peer, data)
        self._put_out(outgoing)

    def _put_out(self, outgoing: Outgoing) -> None:
        data, peer = outgoing
        self.counts.sent += 1
        if peer.reliable:
            self._connections.send(data, peer.connection)
        else:
            self._datagrams.send(data, peer.host, peer.port)

    def _arm(self) -> None:
        """Set the timer, unless it is set for that time or an earlier one."""
        now = self.now()
        deadlines = [
            self.transactions.next_deadline(),
            self.registrar.next_deadline(),
            self.calls.next_deadline(),
            self.subscriptions.next_deadline(),
            self._connections.next_deadline(),
            *(timed.next_deadline() for timed in self._timed),
        ]
        at = min((one for one in deadlines if one is not None), default=now + LONGEST_PAUSE_S)
        if self._timer is not None:
            if self._timer_at <= at:
                return
            self._timer.cancel()
        self._timer_at = at
        self._timer = asyncio.get_running_loop().call_later(max(0.0, at - now), self.tick)
