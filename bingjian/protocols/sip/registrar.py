"""Who is registered, from where, until when (GB/T 28181-2022 §9.1, 9.6; RFC 3261 §10.3).

    REGISTER ─► Challenged ─answer─► Registered, online ─misses─► silent ─keep-alive─► online
                    └─► Refused          ├─ Expires: 0 ─► Removed
                                         └─ expiry, connection lost ─► gone

Whoever is not known gets a challenge, and for an answer the same refusal as for a wrong password. The last
registration wins: addresses change, and a device must not be kept out by where it was. A keep-alive proves
nothing: over UDP it moves a device to another port, as NAT does; to another host only a device that is known
to roam without registering (``Terms``), and only while hosts do not alternate. Whoever else is answered as
unknown, and registers. Over TCP only the connection that registered speaks for a device.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from enum import Enum
from functools import lru_cache
from sys import intern
from typing import NamedTuple
from zlib import crc32

from bingjian.protocols.sip import dates
from bingjian.protocols.sip.calendar import Calendar
from bingjian.protocols.sip.compose import new_tag
from bingjian.protocols.sip.digest import NONCE_LIFE_S, UNUSED, Account, Checked, Digest, Use, Verdict, nobody
from bingjian.protocols.sip.failures import Failures, network
from bingjian.protocols.sip.fields import OUR_VERSION
from bingjian.protocols.sip.message import Request, Response
from bingjian.protocols.sip.registrar_events import (
    KEPT,
    NOT_KNOWN,
    USUAL,
    Binding,
    Challenged,
    Gone,
    Kept,
    Outcome,
    Refused,
    Registered,
    Removed,
    Terms,
    Why,
)
from bingjian.protocols.sip.reply import Peer, reply

ID_LIMIT = 64  # characters; ids are opaque, but not endless
EXPIRES_DEFAULT_S = 3600  # neither header nor Contact says any
EXPIRES_LONGEST_S = 86_400  # the default of GB/T 28181-2022; longer ones are granted as this
EXPIRES_SHORTEST_SPREAD_S = 3600  # the 2022 edition's least: not made shorter than that
SPREAD = 0.1  # of the time asked for: devices that came together after a power cut come back apart
REFRESH_FROM = 0.4  # of the time asked for: who refreshes at half of what is granted does not come earlier
GRACE_S = 32.0  # 64·T1: a refresh sent at the last moment may still be repeated
AT_ONCE = 1_000  # devices that end in one call: 10 ms, also when the network of a whole city fails
CALL_BITS = 2**60 - 1  # of a Call-ID's hash: a longer integer takes more memory
FLAP_WINDOW_S = 600.0
FLAP_MOVES = 3  # changes of host within the window: two devices have one id, or somebody pretends


class _Presence(Enum):
    AWAY = "away"  # not registered; only its last nonce is still known
    SILENT = "silent"
    UNHEARD = "unheard"  # from before our own restart
    ONLINE = "online"


class _Device:
    """One device; 100 000 of them are kept, so slots and no values that repeat."""

    __slots__ = (
        *("asked_s", "call", "expires_at", "issued_us", "nc", "number", "peer", "presence", "seen_at"),
        *("terms", "version"),
    )

    def __init__(self, peer: Peer, terms: Terms) -> None:
        self.peer, self.terms = peer, terms
        self.version = ""
        self.call = self.number = 0  # of the last REGISTER: its Call-ID's hash, and CSeq
        self.asked_s = 0  # it was registered for
        self.expires_at = self.seen_at = 0.0
        self.issued_us, self.nc = UNUSED
        self.presence = _Presence.AWAY

    @property
    def registered(self) -> bool:
        return self.presence is not _Presence.AWAY

    @property
    def online(self) -> bool:
        return self.presence is _Presence.ONLINE

    @property
    def unheard(self) -> bool:
        return self.presence is _Presence.UNHEARD

    @property
    def use(self) -> Use:
        return Use(self.issued_us, self.nc)

    @property
    def registered_at(self) -> float:
        return self.expires_at - GRACE_S - self.asked_s

    def binding(self) -> Binding:
        return Binding(self.peer, self.version, self.expires_at, self.seen_at, self.online, self.unheard)

    def due_at(self) -> float:
        """The next time that something ends by itself."""
        if not self.registered:
            return self.seen_at + NONCE_LIFE_S  # its last nonce must not work a second time
        if self.presence is _Presence.SILENT:
            return self.expires_at
        return min(self.expires_at, self.seen_at + self.terms.silence_s)


class _Attempt(NamedTuple):
    """One REGISTER."""

    device: str
    request: Request
    peer: Peer
    now: float


class Registrar:
    """All devices of one signalling process. ``now``: monotonic seconds."""

    def __init__(self, digest: Digest, *, spread: float = SPREAD) -> None:
        self._digest, self._spread = digest, spread
        self._devices: dict[str, _Device] = {}
        self._connections: dict[int, tuple[str, ...]] = {}
        self._calendar = Calendar(self._devices, self._due_at)
        self._moves: dict[str, tuple[float, int]] = {}  # changes of host: since when, how many
        self._registered = self._online = 0
        self.failures = Failures()

    def __len__(self) -> int:
        """Devices that are registered."""
        return self._registered

    @property
    def online(self) -> int:
        """Of these, how many are not silent."""
        return self._online

    # --- what devices send -------------------------------------------------------------------------------

    def register(
        self,
        request: Request,
        peer: Peer,
        account: Account | None,
        now: float,
        wall: datetime,
        terms: Terms = USUAL,
    ) -> Outcome:
        """A REGISTER.

        Args:
            account: of ``device_of(request)``; None if nobody told us of it.
            wall: the time now, for ``Date``.
        """
        device = device_of(request)
        if device is None:
            first = self.failures.is_news(peer.host, now)
            return Refused("", self._reply(request, 403, peer), Why.MALFORMED, first)
        if account is not None and account.username == device:
            device = account.username  # the text that others keep too: once in memory
        attempt = _Attempt(device, request, peer, now)
        wait_s = self.failures.wait_s(device, peer.host, now, at_home=self._is_home(device, peer))
        if wait_s > 0:
            retry = ("Retry-After", str(int(wait_s) + 1))
            return Refused(device, self._reply(request, 403, peer, retry), Why.TOO_MANY, first=False)
        checked = self._check(attempt, account or nobody(request))
        if checked.verdict in (Verdict.MISSING, Verdict.STALE):
            return self._challenge(attempt, stale=checked.verdict is Verdict.STALE)
        if account is None or checked.verdict is Verdict.WRONG:
            return self._refuse(attempt, Why.PASSWORD if account else Why.UNKNOWN)
        asked_s = _expires_s(request)
        if asked_s == 0:
            return self._sign_off(attempt, checked.use)
        return self._accept(attempt, checked, asked_s, wall, terms)

    def keep_alive(self, device: str, peer: Peer, now: float) -> Kept:
        """A keep-alive that names ``device`` in From."""
        known = self._devices.get(device)
        if known is None or not known.registered or known.peer.connection != peer.connection:
            return NOT_KNOWN
        moved = flapping = False
        if known.peer != peer:
            moved, flapping = self._move_unproven(device, known, peer, now)
            if not moved:
                return NOT_KNOWN._replace(flapping=flapping)
        returned, known.seen_at = not known.online, now
        if returned:
            self._mark(known, _Presence.ONLINE)
            self._calendar.note(device, known.due_at())
        return Kept(True, moved, returned, flapping) if moved or returned else KEPT

    def holds(self, device: str, peer: Peer) -> bool:
        """Whether a message from there may speak for the device: its connection, or over UDP its host."""
        known = self._devices.get(device)
        if known is None or not known.registered or known.peer.connection != peer.connection:
            return False
        return peer.reliable or known.peer.host == peer.host

    # --- what time and connections do --------------------------------------------------------------------

    def next_deadline(self) -> float | None:
        return self._calendar.next()

    def expire(self, now: float) -> list[Gone]:
        """At most ``AT_ONCE``; ``next_deadline`` says whether more are due."""
        gone: list[Gone] = []
        for device in self._calendar.due(now, AT_ONCE):
            known = self._devices[device]
            if not known.registered:
                del self._devices[device]
                self._moves.pop(device, None)
            elif now >= known.expires_at:
                self._leave(device, known, now)
                gone.append(Gone(device, Why.EXPIRED, known.peer))
            else:
                if known.online:
                    gone.append(Gone(device, Why.SILENT, known.peer))
                self._mark(known, _Presence.SILENT)
                self._calendar.note(device, known.due_at())
        return gone

    def connection_lost(self, connection: int, now: float) -> list[Gone]:
        """Whoever registered over it is offline until it registers again (2022 edition)."""
        devices = self._connections.get(connection, ())
        for device in devices:
            self._leave(device, self._devices[device], now)
        return [Gone(device, Why.CONNECTION, self._devices[device].peer) for device in devices]

    def has_connection(self, connection: int) -> bool:
        """Whether a device is registered over it."""
        return connection in self._connections

    # --- what the owner asks and tells -------------------------------------------------------------------

    def binding(self, device: str) -> Binding | None:
        """None: not registered."""
        known = self._devices.get(device)
        return known.binding() if known and known.registered else None

    def bindings(self) -> Iterator[tuple[str, Binding]]:
        """All who are registered; to be kept durably, for some devices never register again by themselves."""
        return ((device, known.binding()) for device, known in self._devices.items() if known.registered)

    def restore(self, device: str, binding: Binding, now: float, terms: Terms = USUAL) -> None:
        """After our restart: online with its first keep-alive, and ``unheard`` until then or as long as the
        keep-alives of an online device may stay away. Connections ended with the process.
        """
        if binding.peer.connection or binding.expires_at <= now:
            return
        known = self._devices[device] = _Device(binding.peer, terms)
        known.version = binding.version
        self._mark(known, _Presence.UNHEARD)
        known.expires_at, known.seen_at = binding.expires_at, now
        self._calendar.note(device, known.due_at())

    def agree(self, device: str, terms: Terms) -> None:
        """Other terms than at its registration."""
        known = self._devices.get(device)
        if known and known.registered:
            known.terms = terms
            self._calendar.note(device, known.due_at())

    def dismiss(self, device: str, now: float) -> None:
        """The inventory no longer accepts it."""
        known = self._devices.get(device)
        if known and known.registered:
            self._leave(device, known, now)

    # --- one step each -----------------------------------------------------------------------------------

    def _check(self, attempt: _Attempt, account: Account) -> Checked:
        known = self._devices.get(attempt.device)
        last, subject = known.use if known else UNUSED, _asked_at(attempt.device, attempt.peer)
        return self._digest.check(attempt.request, subject, account, last, attempt.now)

    def _challenge(self, attempt: _Attempt, *, stale: bool) -> Challenged:
        subject = _asked_at(attempt.device, attempt.peer)
        challenges = self._digest.challenges(subject, attempt.request.version, attempt.now, stale=stale)
        answer = self._reply(attempt.request, 401, attempt.peer, *challenges)
        return Challenged(attempt.device, answer, stale and self._is_replay(attempt))

    def _is_replay(self, attempt: _Attempt) -> bool:
        """The answer that let the device in, from elsewhere, or in a request that does not follow its last.
        From where it was and counted on, it is a device that saves itself the challenge.
        """
        known = self._devices.get(attempt.device)
        if known is None or known.use == UNUSED:
            return False
        made_us = self._digest.issued_us(attempt.request, _asked_at(attempt.device, known.peer))
        if made_us != known.use.issued_us:
            return False
        elsewhere = network(attempt.peer.host) != network(known.peer.host)
        return elsewhere or not _follows(attempt.request, known)

    def _refuse(self, attempt: _Attempt, why: Why) -> Refused:
        first = self.failures.failed(attempt.device, attempt.peer.host, attempt.now)
        return Refused(attempt.device, self._reply(attempt.request, 403, attempt.peer), why, first)

    def _accept(
        self, attempt: _Attempt, checked: Checked, asked_s: int, wall: datetime, terms: Terms
    ) -> Registered:
        device, request, peer, now = attempt
        known = self._devices.setdefault(device, _Device(peer, terms))
        was = known.peer if known.registered else None
        follows, first = _follows(request, known), known.call == known.number == 0
        doubtful = not follows and _is_as_due(known, peer, now)
        fresh = was is None or not (follows or doubtful)
        elsewhere = was is not None and was.host != peer.host
        flapping = elsewhere and self._moves_of(device, now) == FLAP_MOVES
        self._bind(device, was, peer)
        _note(known, attempt, asked_s)
        self._mark(known, _Presence.ONLINE)
        (known.issued_us, known.nc), known.terms = checked.use, terms
        self._calendar.note(device, known.due_at())
        answer = self._reply(request, 200, peer, *self._granted(request, device, asked_s, wall, terms))
        superseded = was.connection if was and was.connection != peer.connection else 0
        moved = was is not None and was != peer
        binding = known.binding()
        told = fresh, moved, flapping, checked.realm, superseded, first, doubtful
        return Registered(device, answer, binding, *told)

    def _granted(
        self, request: Request, device: str, asked_s: int, wall: datetime, terms: Terms
    ) -> list[tuple[str, str]]:
        """Each device is told a shorter time, always the same for one; it is held as long as it asked."""
        share = crc32(device.encode("utf-8", "surrogateescape")) / 2**32
        spread_s = asked_s - int(asked_s * self._spread * share)
        granted = str(max(spread_s, min(asked_s, EXPIRES_SHORTEST_SPREAD_S)))
        contact = request.contact
        fields = [("Expires", granted)]
        if contact and contact.uri != "*":
            fields.append(("Contact", str(replace(contact, params={**contact.params, "expires": granted}))))
        return [*fields, *([("Date", dates.written(wall))] if terms.tells_time else [])]

    def _sign_off(self, attempt: _Attempt, use: Use) -> Removed:
        device, request, peer, now = attempt
        known = self._devices.setdefault(device, _Device(peer, USUAL))
        known.issued_us, known.nc = use
        self._leave(device, known, now)
        return Removed(device, self._reply(request, 200, peer, ("Expires", "0")))

    def _leave(self, device: str, known: _Device, now: float) -> None:
        self._unbind(device, known.peer)
        self._mark(known, _Presence.AWAY)
        known.seen_at = now
        self._calendar.note(device, known.due_at())

    def _mark(self, known: _Device, presence: _Presence) -> None:
        self._registered -= known.registered
        self._online -= known.online
        known.presence = presence
        self._registered += known.registered
        self._online += known.online

    def _bind(self, device: str, was: Peer | None, peer: Peer) -> None:
        if was:
            self._unbind(device, was)
        if peer.connection:
            self._connections[peer.connection] = (*self._connections.get(peer.connection, ()), device)

    def _unbind(self, device: str, peer: Peer) -> None:
        others = tuple(other for other in self._connections.get(peer.connection, ()) if other != device)
        if others:
            self._connections[peer.connection] = others
        else:
            self._connections.pop(peer.connection, None)

    def _move_unproven(self, device: str, known: _Device, peer: Peer, now: float) -> tuple[bool, bool]:
        """Whether a keep-alive moves the device; and whether it is the one that shows hosts to alternate."""
        moves = self._moves_of(device, now) if known.peer.host != peer.host else 0
        moved = not moves or (known.terms.roams and moves < FLAP_MOVES)
        if moved:
            known.peer = peer
        return moved, moves == FLAP_MOVES

    def _moves_of(self, device: str, now: float) -> int:
        """Changes of host in its window, this one included."""
        since, count = self._moves.get(device, (now, 0))
        if now - since >= FLAP_WINDOW_S:
            since, count = now, 0
        self._moves[device] = since, count + 1
        return count + 1

    def _due_at(self, device: str) -> float | None:
        known = self._devices.get(device)
        return known.due_at() if known else None

    def _is_home(self, device: str, peer: Peer) -> bool:
        known = self._devices.get(device)
        return known is not None and known.peer.host == peer.host

    def _reply(self, request: Request, status: int, peer: Peer, *headers: tuple[str, str]) -> Response:
        """Every answer to REGISTER names our version (2022 edition, annex I)."""
        version = ("X-GB-Ver", OUR_VERSION)
        return reply(request, status, *headers, version, seen_from=peer, tag=new_tag())


def device_of(request: Request) -> str | None:
    """Whose registration this is; None: nobody's. Nobody registers another."""
    device = request.to.user or request.sender.user
    if not device or len(device) > ID_LIMIT or request.sender.user not in ("", device):
        return None
    return device


def _asked_at(device: str, peer: Peer) -> str:
    """An answer counts only from where the challenge went: nobody fails in the name of another's address."""
    return f"{device} {network(peer.host)}"


def _expires_s(request: Request) -> int:
    asked = request.expires_s
    return EXPIRES_DEFAULT_S if asked is None else min(asked, EXPIRES_LONGEST_S)


def _follows(request: Request, known: _Device) -> bool:
    """Whether this is a refresh of what the device registered before (RFC 3261 §10.2.4)."""
    return _call_of(request) == known.call and request.cseq.number > known.number


def _call_of(request: Request) -> int:
    """All that is kept of its Call-ID."""
    return hash(request.call_id) & CALL_BITS


def _is_as_due(known: _Device, peer: Peer, now: float) -> bool:
    """Whether one that does not follow comes as a refresh does: from an online device, from where it is, in
    its time. RFC 3261 §10.2 has only a SHOULD for the Call-ID (quirk 31).
    """
    if not known.online or known.call == known.number == 0:
        return False
    if (known.peer.host, known.peer.connection) != (peer.host, peer.connection):
        return False
    return now - known.registered_at >= REFRESH_FROM * known.asked_s


def _note(known: _Device, attempt: _Attempt, asked_s: int) -> None:
    _, request, peer, now = attempt
    known.peer = known.peer if known.peer == peer else peer  # the one that others keep too
    known.call, known.number = _call_of(request), request.cseq.number
    known.version = intern(request.version)  # one of a few
    known.seen_at, known.asked_s = now, _same(asked_s)
    known.expires_at = now + asked_s + GRACE_S


@lru_cache(maxsize=256)
def _same(seconds: int) -> int:
    """Most devices ask for one of a few times: one integer for all who ask for the same."""
    return seconds
