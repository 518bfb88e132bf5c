"""Subscriptions to catalogue, alarms and positions, made by us (RFC 6665; GB/T 28181-2022 §9.11, annex N).

    SUBSCRIBE ──2xx──► granted ──80 % of its time──► RefreshDue ──refresh──► granted …
        └─ refusal, silence ─► Lapsed                  └─ nothing ─► Lapsed

The device forgets them when it starts anew: subscribe again with every fresh registration. NOTIFY is answered
at once; one that comes before the answer to SUBSCRIBE is taken too. Give ``handle`` every event of the
transactions; None says that it is not about these subscriptions.

100 000 devices have two each, those that move a third. So what can be made again is not kept: Call-ID and our
tag are the place in the table and a seal over it, what devices write as everybody does is left out, and what
was asked is one value for all.
"""

import hmac
import re
import secrets
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from bingjian.protocols.sip.client_transactions import TooManyRequests
from bingjian.protocols.sip.compose import Local, at, new_tag
from bingjian.protocols.sip.deadlines import Deadlines
from bingjian.protocols.sip.dialog import Dialog, DialogKey, key_of, same_origin
from bingjian.protocols.sip.events import Answered, Asked, Event, Unanswered
from bingjian.protocols.sip.fields import Address
from bingjian.protocols.sip.message import Request
from bingjian.protocols.sip.reply import Peer, reply
from bingjian.protocols.sip.subscription_events import (
    Granted,
    Lapsed,
    Notified,
    RefreshDue,
    SubscriptionEvent,
    Why,
)
from bingjian.protocols.sip.transactions import Transactions

REFRESH_AT = 0.8  # of the time granted
RETRY_S = 30.0  # after a refresh that nobody answered, while there is time
SHORTEST_S = (
    10  # a device that grants less is taken as this, so that refreshing leaves time for anything else
)

_GONE_FOR_GOOD = frozenset({404, 481})
_CALL_ID = re.compile(r"[0-9a-f]{32}")  # place in the table, seal


_USUAL: tuple[str, tuple[str, ...]] = ("", ())


class _Wish(NamedTuple):
    """What was asked for; the same for most devices."""

    local: Local
    event: str  # "Catalog;id=1", "presence"
    expires_s: int
    topic: str


class _Stage(Enum):
    ASKED = "asked"
    GRANTED = "granted"
    ENDING = "ending"


class _Subscription:
    """Of a device, in the table at ``place``; the ``turn``-th there."""

    __slots__ = (
        *("asking", "device", "end_at", "named", "number", "peer", "place", "stage", "to", "turn", "wish"),
    )

    def __init__(self, device: str, peer: Peer, wish: _Wish, place: int, turn: int, end_at: float) -> None:
        self.device, self.peer, self.wish, self.place, self.turn = device, peer, wish, place, turn
        self.end_at = end_at  # as granted; until then we keep trying
        self.number = 0  # CSeq of our last request
        self.to = ""  # behind the usual To: the device's tag; or all of it, if it writes it otherwise
        self.named: tuple[str, tuple[str, ...]] = _USUAL  # where to send, and by which way
        self.stage = _Stage.ASKED
        self.asking = False  # a request of ours is under way

    def dialog(self, key: DialogKey) -> Dialog:
        local, (target, routes) = self.wish.local, self.named
        sender = str(Address(local.uri, {"tag": key.tag}))
        to = self._usual_to() + self.to if self.to[:1] in ("", ";") else self.to
        return Dialog(local, self.peer, key, sender, to, target or self._usual_target(), self.number, routes)

    def note(self, dialog: Dialog) -> None:
        """What the device has named. Of what is usual nothing is kept."""
        self.peer = dialog.peer if dialog.peer != self.peer else self.peer
        self.to = dialog.to.removeprefix(self._usual_to())
        named = dialog.target if dialog.target != self._usual_target() else "", dialog.routes
        self.named = named if any(named) else _USUAL

    def _usual_to(self) -> str:
        return f"<sip:{self.device}@{self.wish.local.domain}>"

    def _usual_target(self) -> str:
        return f"sip:{self.device}@{at(self.peer.host, self.peer.port)}"


class Subscriptions:
    """All that this signalling process has at devices and platforms below. ``now``: monotonic seconds."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self._secret = secrets.token_bytes(32)  # seals our Call-IDs
        self._table: list[_Subscription | None] = []
        self._free: list[tuple[int, int]] = []  # places in the table, with the turn of the next there
        self._by_device: dict[str, tuple[int, ...]] = {}  # places, few each
        self._deadlines: Deadlines[int] = Deadlines()  # by place

    def __len__(self) -> int:
        return len(self._table) - len(self._free)

    def subscribe(
        self,
        local: Local,
        peer: Peer,
        device: str,
        event: str,
        expires_s: int,
        content_type: str,
        body: bytes,
        now: float,
        topic: str = "",
    ) -> DialogKey:
        """``event``: the Event header. ``body``: the MANSCDP Query. Raises TooManyRequests.

        ``topic``: the caller's word for what this is about, told again with its events: alarms and positions
        have the same Event.
        """
        place, turn = self._free[-1] if self._free else (len(self._table), 0)
        end_at, wish = now + max(expires_s, SHORTEST_S), _wish(local, event, expires_s, topic)
        made = _Subscription(device, peer, wish, place, turn, end_at)
        self._send(made, expires_s, content_type, body, now)
        if self._free:
            self._free.pop()
            self._table[place] = made
        else:
            self._table.append(made)
        self._by_device[device] = (*self._by_device.get(device, ()), place)
        return self._key(made)

    def refresh(self, key: DialogKey, content_type: str, body: bytes, now: float) -> None:
        """After RefreshDue, in the same dialog. Raises TooManyRequests."""
        subscription = self._of(key)
        if subscription and subscription.stage is not _Stage.ENDING and not subscription.asking:
            self._send(subscription, subscription.wish.expires_s, content_type, body, now)

    def unsubscribe(
        self, key: DialogKey, content_type: str, body: bytes, now: float
    ) -> list[SubscriptionEvent]:
        """Ask for no more; Lapsed comes with the answer, or without one."""
        subscription = self._of(key)
        if subscription is None or subscription.stage is _Stage.ENDING:
            return []
        subscription.stage = _Stage.ENDING
        self._deadlines.clear(subscription.place)
        try:
            self._send(subscription, 0, content_type, body, now)
        except TooManyRequests:
            return self._lapse(subscription, Why.OURS)
        return []

    def relocate(self, device: str, peer: Peer) -> None:
        """The device was heard from elsewhere."""
        for subscription in self._with(device):
            subscription.peer = peer

    def abandon(self, device: str) -> list[SubscriptionEvent]:
        """The device started anew and knows of none."""
        return [event for subscription in self._with(device) for event in self._lapse(subscription, Why.PEER)]

    def of_device(self, device: str, topic: str | None = None) -> list[DialogKey]:
        """All of a device, or those of one topic; also what is ending."""
        listed = self._with(device)
        return [self._key(one) for one in listed if topic is None or one.wish.topic == topic]

    def next_deadline(self) -> float | None:
        return self._deadlines.next()

    def expire(self, now: float) -> list[SubscriptionEvent]:
        events: list[SubscriptionEvent] = []
        for place in self._deadlines.due(now):
            subscription = self._table[place]
            assert subscription is not None  # whoever lapses has no deadline
            if now >= subscription.end_at:
                events += self._lapse(subscription, Why.EXPIRED)
                continue
            self._deadlines.set(place, min(now + RETRY_S, subscription.end_at))
            if not subscription.asking:
                device, topic = subscription.device, subscription.wish.topic
                events.append(RefreshDue(self._key(subscription), device, topic))
        return events

    def handle(self, event: Event, now: float) -> list[SubscriptionEvent] | None:
        """None: not about one of these."""
        if isinstance(event, Asked):
            return self._notified(event, now) if event.request.method == "NOTIFY" else None
        if not isinstance(event, Answered | Unanswered) or event.key.method != "SUBSCRIBE":
            return None
        if isinstance(event, Answered) and event.response.status < 200:
            return []
        subscription = self._called(event.key.call_id)
        return self._answered(subscription, event, now) if subscription else []

    def _answered(
        self, subscription: _Subscription, event: Answered | Unanswered, now: float
    ) -> list[SubscriptionEvent]:
        subscription.asking = False
        if subscription.stage is _Stage.ENDING:
            status = event.response.status if isinstance(event, Answered) else 408
            return self._lapse(subscription, Why.OURS, status)
        granted = subscription.stage is _Stage.GRANTED
        if isinstance(event, Unanswered):
            return [] if granted else self._lapse(subscription, Why.NO_ANSWER)
        status = event.response.status
        if status < 300:
            return self._granted(subscription, event, now)
        if granted and status not in _GONE_FOR_GOOD:
            return []  # asked again in a while
        return self._lapse(subscription, Why.PEER if granted else Why.REFUSED, status)

    def _granted(self, subscription: _Subscription, event: Answered, now: float) -> list[SubscriptionEvent]:
        """Without Expires in the answer the device is taken to grant what was asked for."""
        key = self._key(subscription)
        dialog = subscription.dialog(key)
        dialog.confirm(event.response, event.peer)
        subscription.note(dialog)
        told = event.response.expires_s
        expires_s = max(SHORTEST_S, subscription.wish.expires_s if told is None else told)
        subscription.stage, subscription.end_at = _Stage.GRANTED, now + expires_s
        self._deadlines.set(subscription.place, now + REFRESH_AT * expires_s)
        return [Granted(key, expires_s, event.response.body)]

    def _notified(self, event: Asked, now: float) -> list[SubscriptionEvent]:
        """A NOTIFY of none of ours gets 481, so that the device stops."""
        subscription = self._told_of(event.request, event.peer)
        status = 200 if subscription else 481
        answer = reply(event.request, status, seen_from=event.peer, tag=new_tag())
        if subscription is None:
            self._transactions.respond_once(event.key, answer)  # perhaps a stranger's
            return []
        self._transactions.respond(event.key, answer, now)
        key, device = self._key(subscription), subscription.device
        told: list[SubscriptionEvent] = (
            [Notified(key, event.request, event.peer, device)] if event.request.body else []
        )
        state = event.request.headers.get("Subscription-State").partition(";")[0].strip().lower()
        return [*told, *self._lapse(subscription, Why.PEER)] if state == "terminated" else told

    def _told_of(self, request: Request, peer: Peer) -> _Subscription | None:
        """By our tag; without one it has to come from where the device is."""
        key = key_of(request)
        if key.tag:
            return self._of(key)
        known = self._called(key.call_id)
        return known if known and same_origin(known.peer, peer) else None

    def _send(
        self, subscription: _Subscription, expires_s: int, content_type: str, body: bytes, now: float
    ) -> None:
        dialog = subscription.dialog(self._key(subscription))
        fields = [("Event", subscription.wish.event), ("Expires", str(expires_s))]
        request = dialog.request("SUBSCRIBE", *fields, ("Content-Type", content_type), body=body)
        self._transactions.request(request, dialog.peer, now)
        subscription.asking, subscription.number = True, dialog.number

    def _lapse(self, subscription: _Subscription, why: Why, status: int = 0) -> list[SubscriptionEvent]:
        place, device = subscription.place, subscription.device
        self._table[place] = None
        self._free.append((place, subscription.turn + 1))
        self._deadlines.clear(place)
        places = tuple(other for other in self._by_device.pop(device) if other != place)
        if places:
            self._by_device[device] = places
        return [Lapsed(self._key(subscription), why, status, device, subscription.wish.topic)]

    # --- names and places --------------------------------------------------------------------------------

    def _key(self, subscription: _Subscription) -> DialogKey:
        """Call-ID and tag: with 96 and 64 bits that nobody guesses, and never twice the same."""
        named = f"{subscription.place} {subscription.turn}".encode()
        seal = hmac.digest(self._secret, named, "sha256").hex()
        return DialogKey(f"{subscription.place:08x}{seal[:24]}", seal[24:40])

    def _of(self, key: DialogKey) -> _Subscription | None:
        known = self._called(key.call_id)
        return known if known and self._key(known) == key else None

    def _called(self, call_id: str) -> _Subscription | None:
        place = int(call_id[:8], 16) if _CALL_ID.fullmatch(call_id) else len(self._table)
        known = self._table[place] if place < len(self._table) else None
        return known if known and self._key(known).call_id == call_id else None

    def _with(self, device: str) -> list[_Subscription]:
        listed = (self._table[place] for place in self._by_device.get(device, ()))
        return [one for one in listed if one is not None]


@lru_cache(maxsize=1024)
def _wish(local: Local, event: str, expires_s: int, topic: str) -> _Wish:
    """One value for all who are asked the same."""
    return _Wish(local, event, expires_s, topic)
