"""Subscriptions that others have at us: platforms above, and platforms at a simulated device (RFC 6665).

    SubscriptionAsked ──grant──► active ──notify …──► expiry, finish ─► NOTIFY terminated ─► Lapsed
          └─ refuse                 └─ Expires: 0, 481 ─► Lapsed

Give ``handle`` every event of the transactions; None says that it is not about these subscriptions.
"""

from dataclasses import dataclass

from bingjian.protocols.sip import timers
from bingjian.protocols.sip.client_transactions import TooManyRequests
from bingjian.protocols.sip.compose import Local, new_tag
from bingjian.protocols.sip.deadlines import Deadlines
from bingjian.protocols.sip.dialog import Dialog, DialogKey, key_of
from bingjian.protocols.sip.events import Answered, Asked, ClientKey, Event, Unanswered
from bingjian.protocols.sip.reply import reply
from bingjian.protocols.sip.subscription_events import Lapsed, SubscriptionAsked, SubscriptionEvent, Why
from bingjian.protocols.sip.transactions import Transactions

EXPIRES_DEFAULT_S = 600  # GB/T 28181-2022 annex N
EXPIRES_LONGEST_S = 86_400
SUBSCRIPTION_LIMIT = 1_000  # platforms above are few; more get 503


@dataclass(slots=True)
class _Watch:
    event: str
    asked: Asked | None  # not answered yet
    dialog: Dialog | None = None  # None: never granted
    end_at: float = 0.0


class Notifier:
    """``now``: monotonic seconds."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self._watches: dict[DialogKey, _Watch] = {}
        self._by_request: dict[ClientKey, DialogKey] = {}
        self._deadlines: Deadlines[DialogKey] = Deadlines()

    def __len__(self) -> int:
        return len(self._watches)

    def grant(self, key: DialogKey, local: Local, expires_s: int, body: bytes, now: float) -> None:
        """After SubscriptionAsked: 200, ``body`` being the Response. The current state is then to be told."""
        watch = self._watches.get(key)
        if watch is None or watch.asked is None:
            return
        request, peer = watch.asked.request, watch.asked.peer
        if watch.dialog is None:
            watch.dialog = Dialog.asked_for(request, local, peer, key.tag)
        watch.dialog.peer = peer
        fields = [("Expires", str(expires_s)), ("Contact", local.contact(peer))]
        fields += [("Content-Type", "Application/MANSCDP+xml")] if body else []
        answer = reply(request, 200, *fields, seen_from=peer, tag=key.tag, body=body)
        self._transactions.respond(watch.asked.key, answer, now)
        watch.asked, watch.end_at = None, now + expires_s
        self._deadlines.set(key, watch.end_at)

    def refuse(self, key: DialogKey, status: int, now: float) -> None:
        """After SubscriptionAsked; one that was granted before goes on to its end."""
        watch = self._watches.get(key)
        if watch is None or watch.asked is None:
            return
        answer = reply(watch.asked.request, status, seen_from=watch.asked.peer, tag=key.tag)
        self._transactions.respond(watch.asked.key, answer, now)
        watch.asked = None
        if watch.dialog is None:
            self._drop(key)

    def notify(self, key: DialogKey, content_type: str, body: bytes, now: float) -> bool:
        """False: nobody is subscribed any more. Raises TooManyRequests."""
        watch = self._watches.get(key)
        if watch is None or watch.dialog is None:
            return False
        left_s = max(0, int(watch.end_at - now))
        self._send(key, watch, watch.dialog, f"active;expires={left_s}", now, content_type, body)
        return True

    def finish(self, key: DialogKey, now: float) -> list[SubscriptionEvent]:
        """We end it."""
        return self._terminate(key, "deactivated", Why.OURS, now) if key in self._watches else []

    def next_deadline(self) -> float | None:
        return self._deadlines.next()

    def expire(self, now: float) -> list[SubscriptionEvent]:
        due = self._deadlines.due(now)
        return [event for key in due for event in self._terminate(key, "timeout", Why.EXPIRED, now)]

    def handle(self, event: Event, now: float) -> list[SubscriptionEvent] | None:
        """None: not about one of these."""
        if isinstance(event, Asked):
            return self._asked(event, now) if event.request.method == "SUBSCRIBE" else None
        if not isinstance(event, Answered | Unanswered) or event.key not in self._by_request:
            return None
        if isinstance(event, Answered) and event.response.status < 200:
            return []
        key = self._by_request.pop(event.key)
        if key not in self._watches:
            return []
        if isinstance(event, Unanswered):
            return self._lapse(key, Why.NO_ANSWER)
        return self._lapse(key, Why.PEER, 481) if event.response.status == 481 else []

    def _asked(self, event: Asked, now: float) -> list[SubscriptionEvent]:
        asked_s = event.request.expires_s
        expires_s = EXPIRES_DEFAULT_S if asked_s is None else min(asked_s, EXPIRES_LONGEST_S)
        key = key_of(event.request)
        renews = bool(key.tag)
        if renews and (key not in self._watches or self._watches[key].asked):
            return self._respond(event, 481 if key not in self._watches else 500, now)
        if not renews:
            if expires_s == 0 or len(self._watches) >= SUBSCRIPTION_LIMIT:
                return self._respond(event, 200 if expires_s == 0 else 503, now)
            key = DialogKey(event.request.call_id, new_tag())
            self._watches[key] = _Watch(event.request.headers.get("Event"), event)
            self._deadlines.set(key, now + timers.GIVE_UP)  # if nobody of us decides
        elif expires_s == 0:
            self._respond(event, 200, now)
            return self._terminate(key, "timeout", Why.PEER, now)
        self._watches[key].asked = event
        return [SubscriptionAsked(key, event.request, event.peer, expires_s, renews)]

    def _respond(self, event: Asked, status: int, now: float) -> list[SubscriptionEvent]:
        answer = reply(event.request, status, ("Expires", "0"), seen_from=event.peer, tag=new_tag())
        self._transactions.respond(event.key, answer, now)
        return []

    def _terminate(self, key: DialogKey, reason: str, why: Why, now: float) -> list[SubscriptionEvent]:
        """A last, empty NOTIFY (RFC 6665 §4.2.2); whether it arrives does not matter."""
        watch = self._watches[key]
        if watch.dialog:
            try:
                self._send(key, watch, watch.dialog, f"terminated;reason={reason}", now)
            except TooManyRequests:
                return self._lapse(key, why)
        return self._lapse(key, why)

    def _send(
        self,
        key: DialogKey,
        watch: _Watch,
        dialog: Dialog,
        state: str,
        now: float,
        content_type: str = "",
        body: bytes = b"",
    ) -> None:
        fields = [("Event", watch.event), ("Subscription-State", state)]
        fields += [("Content-Type", content_type)] if body else []
        request = dialog.request("NOTIFY", *fields, body=body)
        self._by_request[self._transactions.request(request, dialog.peer, now)] = key

    def _lapse(self, key: DialogKey, why: Why, status: int = 0) -> list[SubscriptionEvent]:
        self._drop(key)
        return [Lapsed(key, why, status)]

    def _drop(self, key: DialogKey) -> None:
        del self._watches[key]
        self._deadlines.clear(key)
