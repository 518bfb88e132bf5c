"""Subscriptions to catalogue, alarms and positions, made by us (RFC 6665; GB/T 28181-2022 §9.11, annex N).

    SUBSCRIBE ──2xx──► granted ──80 % of its time──► RefreshDue ──refresh──► granted …
        └─ refusal, silence ─► Lapsed                  └─ nothing ─► Lapsed

The device forgets them when it starts anew: subscribe again with every fresh registration. NOTIFY is answered
at once; one that comes before the answer to SUBSCRIBE is taken too. Give ``handle`` every event of the
transactions; None says that it is not about these subscriptions.
"""

from dataclasses import dataclass

from bingjian.protocols.sip.client_transactions import TooManyRequests
from bingjian.protocols.sip.compose import Local, new_tag
from bingjian.protocols.sip.deadlines import Deadlines
from bingjian.protocols.sip.dialog import Dialog, DialogKey, key_of, same_origin
from bingjian.protocols.sip.events import Answered, Asked, ClientKey, Event, Unanswered
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


@dataclass(slots=True)
class _Subscription:
    device: str
    event: str  # "Catalog;id=1", "presence"
    expires_s: int  # asked for
    dialog: Dialog
    end_at: float  # as granted; until then we keep trying
    granted: bool = False
    ending: bool = False
    pending: ClientKey | None = None


class Subscriptions:
    """All that this signalling process has at devices and platforms below. ``now``: monotonic seconds."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self._subscriptions: dict[DialogKey, _Subscription] = {}
        self._by_call_id: dict[str, DialogKey] = {}  # ours are unique
        self._by_device: dict[str, tuple[DialogKey, ...]] = {}  # one or two each, of 100 000
        self._by_request: dict[ClientKey, DialogKey] = {}
        self._deadlines: Deadlines[DialogKey] = Deadlines()

    def __len__(self) -> int:
        return len(self._subscriptions)

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
    ) -> DialogKey:
        """``event``: the Event header. ``body``: the MANSCDP Query. Raises TooManyRequests."""
        dialog = Dialog.opened(local, peer, device)
        subscription = _Subscription(device, event, expires_s, dialog, now + max(expires_s, SHORTEST_S))
        self._send(subscription, expires_s, content_type, body, now)
        self._subscriptions[dialog.key] = subscription
        self._by_call_id[dialog.key.call_id] = dialog.key
        self._by_device[device] = (*self._by_device.get(device, ()), dialog.key)
        return dialog.key

    def refresh(self, key: DialogKey, content_type: str, body: bytes, now: float) -> None:
        """After RefreshDue, in the same dialog. Raises TooManyRequests."""
        subscription = self._subscriptions.get(key)
        if subscription and not subscription.ending and subscription.pending is None:
            self._send(subscription, subscription.expires_s, content_type, body, now)

    def unsubscribe(
        self, key: DialogKey, content_type: str, body: bytes, now: float
    ) -> list[SubscriptionEvent]:
        """Ask for no more; Lapsed comes with the answer, or without one."""
        subscription = self._subscriptions.get(key)
        if subscription is None or subscription.ending:
            return []
        subscription.ending = True
        self._deadlines.clear(key)
        try:
            self._send(subscription, 0, content_type, body, now)
        except TooManyRequests:
            return self._lapse(key, Why.OURS)
        return []

    def relocate(self, device: str, peer: Peer) -> None:
        """The device was heard from elsewhere."""
        for key in self._by_device.get(device, ()):
            self._subscriptions[key].dialog.peer = peer

    def abandon(self, device: str) -> list[SubscriptionEvent]:
        """The device started anew and knows of none."""
        keys = sorted(self._by_device.get(device, ()))
        return [event for key in keys for event in self._lapse(key, Why.PEER)]

    def of_device(self, device: str) -> list[DialogKey]:
        return sorted(self._by_device.get(device, ()))

    def next_deadline(self) -> float | None:
        return self._deadlines.next()

    def expire(self, now: float) -> list[SubscriptionEvent]:
        events: list[SubscriptionEvent] = []
        for key in self._deadlines.due(now):
            subscription = self._subscriptions[key]
            if now >= subscription.end_at:
                events += self._lapse(key, Why.EXPIRED)
            else:
                self._deadlines.set(key, min(now + RETRY_S, subscription.end_at))
                events += [RefreshDue(key)] if subscription.pending is None else []
        return events

    def handle(self, event: Event, now: float) -> list[SubscriptionEvent] | None:
        """None: not about one of these."""
        if isinstance(event, Asked):
            return self._notified(event, now) if event.request.method == "NOTIFY" else None
        if not isinstance(event, Answered | Unanswered):
            return None
        key = self._by_request.get(event.key)
        if key is None:
            return None
        if isinstance(event, Answered) and event.response.status < 200:
            return []
        del self._by_request[event.key]
        subscription = self._subscriptions.get(key)
        return self._answered(key, subscription, event, now) if subscription else []

    def _answered(
        self, key: DialogKey, subscription: _Subscription, event: Answered | Unanswered, now: float
    ) -> list[SubscriptionEvent]:
        subscription.pending = None
        if subscription.ending:
            return self._lapse(key, Why.OURS, event.response.status if isinstance(event, Answered) else 408)
        if isinstance(event, Unanswered):
            return [] if subscription.granted else self._lapse(key, Why.NO_ANSWER)
        status = event.response.status
        if status < 300:
            return self._granted(key, subscription, event, now)
        if subscription.granted and status not in _GONE_FOR_GOOD:
            return []  # asked again in a while
        return self._lapse(key, Why.PEER if subscription.granted else Why.REFUSED, status)

    def _granted(
        self, key: DialogKey, subscription: _Subscription, event: Answered, now: float
    ) -> list[SubscriptionEvent]:
        """Without Expires in the answer the device is taken to grant what was asked for."""
        subscription.dialog.confirm(event.response, event.peer)
        told = event.response.expires_s
        expires_s = max(SHORTEST_S, subscription.expires_s if told is None else told)
        subscription.granted, subscription.end_at = True, now + expires_s
        self._deadlines.set(key, now + REFRESH_AT * expires_s)
        return [Granted(key, expires_s, event.response.body)]

    def _notified(self, event: Asked, now: float) -> list[SubscriptionEvent]:
        """A NOTIFY of none of ours gets 481, so that the device stops."""
        key = self._find(event.request, event.peer)
        answer = reply(event.request, 200 if key else 481, seen_from=event.peer, tag=new_tag())
        if key is None:
            self._transactions.respond_once(event.key, answer)  # perhaps a stranger's
            return []
        self._transactions.respond(event.key, answer, now)
        device = self._subscriptions[key].device
        told: list[SubscriptionEvent] = (
            [Notified(key, event.request, event.peer, device)] if event.request.body else []
        )
        state = event.request.headers.get("Subscription-State").partition(";")[0].strip().lower()
        return [*told, *self._lapse(key, Why.PEER)] if state == "terminated" else told

    def _find(self, request: Request, peer: Peer) -> DialogKey | None:
        """By our tag; without one it has to come from where the device is."""
        key = key_of(request)
        if key.tag:
            return key if key in self._subscriptions else None
        known = self._by_call_id.get(key.call_id)
        return known if known and same_origin(self._subscriptions[known].dialog.peer, peer) else None

    def _send(
        self, subscription: _Subscription, expires_s: int, content_type: str, body: bytes, now: float
    ) -> None:
        fields = [("Event", subscription.event), ("Expires", str(expires_s)), ("Content-Type", content_type)]
        request = subscription.dialog.request("SUBSCRIBE", *fields, body=body)
        subscription.pending = self._transactions.request(request, subscription.dialog.peer, now)
        self._by_request[subscription.pending] = subscription.dialog.key

    def _lapse(self, key: DialogKey, why: Why, status: int = 0) -> list[SubscriptionEvent]:
        subscription = self._subscriptions.pop(key)
        del self._by_call_id[key.call_id]
        self._deadlines.clear(key)
        keys = tuple(other for other in self._by_device.pop(subscription.device) if other != key)
        if keys:
            self._by_device[subscription.device] = keys
        return [Lapsed(key, why, status)]
