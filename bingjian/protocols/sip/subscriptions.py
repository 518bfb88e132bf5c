"""Subscriptions to catalogue, alarms and positions, made by us (RFC 6665; GB/T 28181-2022 §9.11, annex N).

    SUBSCRIBE ──2xx──► granted ──80 % of its time──► RefreshDue ──refresh──► granted …
        └─ refusal, silence ─► Lapsed                  └─ nothing ─► Lapsed

The device forgets them when it starts anew: subscribe again with every fresh registration. NOTIFY is answered
at once; one that comes before the answer to SUBSCRIBE is taken too. Give ``handle`` every event of the
transactions; None says that it is not about these subscriptions.

100 000 devices have two each, those that move a third. So what can be made again is not kept: Call-ID and our
tag are the device, a number and a seal over both.
"""

import hmac
import secrets

from bingjian.protocols.sip.calendar import Calendar
from bingjian.protocols.sip.client_transactions import TooManyRequests
from bingjian.protocols.sip.compose import Local, new_tag
from bingjian.protocols.sip.dialog import DialogKey, key_of, same_origin
from bingjian.protocols.sip.events import Answered, Asked, Event, Unanswered
from bingjian.protocols.sip.message import Request
from bingjian.protocols.sip.reply import Peer, reply
from bingjian.protocols.sip.subscription import Stage, Subscription, wish
from bingjian.protocols.sip.subscription_events import (
    Granted,
    Lapsed,
    Notified,
    RefreshDue,
    SubscriptionEvent,
    Why,
)
from bingjian.protocols.sip.transactions import Transactions

SHORTEST_S = (
    10  # a device that grants less is taken as this, so that refreshing leaves time for anything else
)

_GONE_FOR_GOOD = frozenset({404, 481})


class Subscriptions:
    """All that this signalling process has at devices and platforms below. ``now``: monotonic seconds."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self._secret = secrets.token_bytes(32)  # seals our Call-IDs
        self._by_device: dict[str, tuple[Subscription, ...]] = {}
        self._calendar = Calendar(self._by_device, self._due_at)  # of devices
        self._count = 0
        self._turn = 0  # goes on before a device could get a Call-ID again

    def __len__(self) -> int:
        return self._count

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
        held = self._with(device)
        self._turn += any(one.wish.event == event for one in held)
        made = Subscription(device, peer, wish(local, event, expires_s, topic), self._turn)
        self._send(made, expires_s, content_type, body, now)
        self._by_device[device] = (*held, made)
        self._count += 1
        return self._key(made)

    def refresh(self, key: DialogKey, content_type: str, body: bytes, now: float) -> None:
        """After RefreshDue, in the same dialog. Raises TooManyRequests."""
        subscription = self._of(key)
        if subscription and subscription.stage is Stage.GRANTED:
            self._send(subscription, subscription.wish.expires_s, content_type, body, now)
            subscription.stage = Stage.REFRESHING

    def unsubscribe(
        self, key: DialogKey, content_type: str, body: bytes, now: float
    ) -> list[SubscriptionEvent]:
        """Ask for no more; Lapsed comes with the answer, or without one."""
        subscription = self._of(key)
        if subscription is None or subscription.stage is Stage.ENDING:
            return []
        subscription.stage = Stage.ENDING
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
        return self._calendar.next()

    def expire(self, now: float) -> list[SubscriptionEvent]:
        events: list[SubscriptionEvent] = []
        for device in self._calendar.due(now):
            for subscription in self._with(device):
                events += self._expire(subscription, now)
            self._note(device, None)
        return events

    def _expire(self, subscription: Subscription, now: float) -> list[SubscriptionEvent]:
        due_at = subscription.due_at()
        if due_at is None or now < due_at:
            return []
        if now >= subscription.end_at:
            return self._lapse(subscription, Why.EXPIRED)
        subscription.reminded += 1
        if subscription.stage is Stage.REFRESHING:
            return []
        return [RefreshDue(self._key(subscription), subscription.device, subscription.wish.topic)]

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
        self, subscription: Subscription, event: Answered | Unanswered, now: float
    ) -> list[SubscriptionEvent]:
        if subscription.stage is Stage.ENDING:
            status = event.response.status if isinstance(event, Answered) else 408
            return self._lapse(subscription, Why.OURS, status)
        granted = subscription.is_granted
        if granted:
            subscription.stage = Stage.GRANTED
        if isinstance(event, Unanswered):
            return [] if granted else self._lapse(subscription, Why.NO_ANSWER)
        status = event.response.status
        if status < 300:
            return self._granted(subscription, event, now)
        if granted and status not in _GONE_FOR_GOOD:
            return []  # asked again in a while
        return self._lapse(subscription, Why.PEER if granted else Why.REFUSED, status)

    def _granted(self, subscription: Subscription, event: Answered, now: float) -> list[SubscriptionEvent]:
        """Without Expires in the answer the device is taken to grant what was asked for; 0 grants nothing."""
        told = event.response.expires_s
        if told == 0:
            why = Why.PEER if subscription.is_granted else Why.REFUSED
            return self._lapse(subscription, why, event.response.status)
        key = self._key(subscription)
        dialog = subscription.dialog(key)
        dialog.confirm(event.response, event.peer)
        subscription.note(dialog)
        expires_s = max(SHORTEST_S, subscription.wish.expires_s if told is None else told)
        before = self._due_at(subscription.device)
        subscription.grant(now, expires_s)
        self._note(subscription.device, before)
        return [Granted(key, expires_s, event.response.body)]

    def _notified(self, event: Asked, now: float) -> list[SubscriptionEvent]:
        """A NOTIFY of none of ours gets 481, so that the device stops."""
        subscription = self._told_of(event.request, event.peer)
        if subscription is None:
            answer = reply(event.request, 481, seen_from=event.peer, tag=new_tag())
            self._transactions.respond_once(event.key, answer)  # perhaps a stranger's
            return []
        self._transactions.respond_ok(event.key, now)
        key, device = self._key(subscription), subscription.device
        told: list[SubscriptionEvent] = (
            [Notified(key, event.request, event.peer, device)] if event.request.body else []
        )
        state = event.request.headers.get("Subscription-State").partition(";")[0].strip().lower()
        return [*told, *self._lapse(subscription, Why.PEER)] if state == "terminated" else told

    def _told_of(self, request: Request, peer: Peer) -> Subscription | None:
        """By our tag; without one it has to come from where the device is."""
        key = key_of(request)
        if key.tag:
            return self._of(key)
        known = self._called(key.call_id)
        return known if known and same_origin(known.peer, peer) else None

    def _send(
        self, subscription: Subscription, expires_s: int, content_type: str, body: bytes, now: float
    ) -> None:
        dialog = subscription.dialog(self._key(subscription))
        fields = [("Event", subscription.wish.event), ("Expires", str(expires_s))]
        request = dialog.request("SUBSCRIBE", *fields, ("Content-Type", content_type), body=body)
        self._transactions.request(request, dialog.peer, now)
        subscription.number = dialog.number

    def _lapse(self, subscription: Subscription, why: Why, status: int = 0) -> list[SubscriptionEvent]:
        device, self._turn = subscription.device, self._turn + 1
        others = tuple(other for other in self._by_device.pop(device) if other is not subscription)
        if others:
            self._by_device[device] = others
        self._count -= 1
        return [Lapsed(self._key(subscription), why, status, device, subscription.wish.topic)]

    # --- times -------------------------------------------------------------------------------------------

    def _due_at(self, device: str) -> float | None:
        """Of the first of its subscriptions."""
        times = (one.due_at() for one in self._with(device))
        return min((at for at in times if at is not None), default=None)

    def _note(self, device: str, before: float | None) -> None:
        """``before``: when it was due until now."""
        at = self._due_at(device)
        if at is not None and (before is None or at < before):
            self._calendar.note(device, at)

    # --- names -------------------------------------------------------------------------------------------

    def _key(self, subscription: Subscription) -> DialogKey:
        """Call-ID and tag: with 80 and 64 bits that nobody guesses, and never twice the same."""
        named = f"{subscription.device}-{subscription.turn:x}"
        sealed = f"{named} {subscription.wish.event}".encode("utf-8", "surrogateescape")
        seal = hmac.digest(self._secret, sealed, "sha256").hex()
        return DialogKey(f"{named}-{seal[:20]}", seal[20:36])

    def _of(self, key: DialogKey) -> Subscription | None:
        return next((one for one in self._with(_device_of(key.call_id)) if self._key(one) == key), None)

    def _called(self, call_id: str) -> Subscription | None:
        listed = self._with(_device_of(call_id))
        return next((one for one in listed if self._key(one).call_id == call_id), None)

    def _with(self, device: str) -> tuple[Subscription, ...]:
        return self._by_device.get(device, ())


def _device_of(call_id: str) -> str:
    """Of one of our Call-IDs; of another's it is nobody."""
    return call_id.rpartition("-")[0].rpartition("-")[0]
