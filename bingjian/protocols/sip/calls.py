"""INVITE dialogs: live pictures, playback, download, voice; asked for by us or by the peer (RFC 3261 §13–15).

    ours:      INVITING ──2xx──► ACCEPTED ──acknowledge──► ESTABLISHED ──end──► ENDING ──► Ended
                   ├─ end, too late ─► CANCELLING ──2xx──► (ACK, BYE) ─────────────┘  ▲
                   └─ 300–699, silence ─► Ended              no answer: Ended, OWED ──┘ heard again
    the peer's: OFFERED ──accept──► UNCONFIRMED ──ACK──► ESTABLISHED
                   └─ reject, CANCEL

A 2xx that comes after we gave up is acknowledged and ended, so that no camera sends to a port of another. For
the same reason a BYE that nobody answered is owed, and said again as soon as the peer is heard (``remind``);
and one that nobody knows where the peer was heard from since (two devices, one id) is said where it began.
Give ``handle`` every event of the transactions; None says that it is not about calls.
"""

from contextlib import suppress
from dataclasses import replace

from bingjian.protocols.sip import digest
from bingjian.protocols.sip.call_events import (
    Accepted,
    CallEvent,
    Confirmed,
    ControlAnswered,
    Controlled,
    Ended,
    Offered,
    Why,
)
from bingjian.protocols.sip.call_table import Call, CallTable, State
from bingjian.protocols.sip.client_transactions import TooManyRequests
from bingjian.protocols.sip.compose import Local, new_tag
from bingjian.protocols.sip.deadlines import Deadlines
from bingjian.protocols.sip.dialog import Dialog, DialogKey
from bingjian.protocols.sip.digest import Account
from bingjian.protocols.sip.events import (
    Acknowledged,
    Answered,
    Asked,
    Cancelled,
    ClientKey,
    Event,
    Stray,
    Unacknowledged,
    Unanswered,
)
from bingjian.protocols.sip.message import Response
from bingjian.protocols.sip.reply import Peer, reply
from bingjian.protocols.sip.transactions import Transactions

ANSWER_WITHIN_S = 15.0  # cameras on 4G are slow
GIVEN_UP_S = 120.0  # how long a late 2xx is known as one of ours
OWED_S = 3600.0  # how long a BYE that had no answer waits for the peer to be heard
BYES_MOST = 5  # to a peer that is heard and answers none
CALL_LIMIT = 20_000  # twice the streams that one SIP domain has numbers for; more offers get 486

_NOT_FOUND = 481


class Calls:
    """All calls of one signalling process. ``now``: monotonic seconds."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self._calls = CallTable()
        self._by_request: dict[ClientKey, DialogKey | None] = {}  # None: only to be swallowed
        self._given_up: dict[ClientKey, tuple[float, Call]] = {}  # oldest first
        self._deadlines: Deadlines[DialogKey] = Deadlines()

    def __len__(self) -> int:
        return len(self._calls)

    # --- what we do --------------------------------------------------------------------------------------

    def invite(
        self,
        local: Local,
        peer: Peer,
        device: str,
        channel: str,
        body: bytes,
        now: float,
        *headers: tuple[str, str],
        within_s: float = ANSWER_WITHIN_S,
        account: Account | None = None,
    ) -> DialogKey:
        """Ask a channel for its stream; ``headers``: Subject and what else belongs to it.

        Args:
            account: to answer a challenge of the peer with; None: a challenge is a refusal.

        Raises:
            TooManyRequests
        """
        dialog = Dialog.opened(local, peer, channel)
        request = dialog.request("INVITE", ("Content-Type", "application/sdp"), *headers, body=body)
        invite = self._transactions.request(request, peer, now)
        self._by_request[invite] = dialog.key
        call = Call(device, channel, State.INVITING, dialog, invite, account=account)
        self._calls.add(dialog.key, call)
        self._deadlines.set(dialog.key, now + within_s)
        return dialog.key

    def acknowledge(self, key: DialogKey) -> None:
        """After Accepted: the peer begins to send when it has this."""
        call = self._calls.get(key)
        if call and call.state is State.ACCEPTED:
            self._send_ack(call)
            call.state = State.ESTABLISHED

    def control(
        self, key: DialogKey, content_type: str, body: bytes, now: float, method: str = "INFO"
    ) -> ClientKey | None:
        """Send an INFO, such as MANSRTSP; None if the call is not established. Raises TooManyRequests.

        Args:
            method: "MESSAGE" for what a sender of recordings tells inside of the dialog: MediaStatus.
        """
        call = self._calls.get(key)
        if call is None or call.dialog is None or call.state is not State.ESTABLISHED:
            return None
        wish = call.dialog.request(method, ("Content-Type", content_type), body=body)
        request = self._transactions.request(wish, call.dialog.peer, now)
        self._by_request[request] = key
        return request

    def accept(self, key: DialogKey, local: Local, device: str, body: bytes, now: float) -> bool:
        """After Offered: take it. Confirmed follows. False: the peer does not want it any more."""
        call = self._calls.get(key)
        if call is None or call.state is not State.OFFERED or call.offer is None or call.peer is None:
            return False
        self._calls.remove(key)
        call.dialog = Dialog.asked_for(call.offer, local, call.peer, key.tag)
        call.state, call.device = State.UNCONFIRMED, device
        self._calls.add(key, call)
        fields = [("Contact", local.contact(call.peer)), ("Content-Type", "application/sdp")]
        answer = reply(call.offer, 200, *fields, seen_from=call.peer, tag=key.tag, body=body)
        self._transactions.respond(call.offer_key, answer, now)
        return True

    def reject(self, key: DialogKey, status: int, now: float, *, stranger: bool = False) -> None:
        """After Offered: refuse it; the call is gone. ``stranger``: answer once, and remember nothing."""
        call = self._calls.get(key)
        if call is None or call.state is not State.OFFERED or call.offer is None:
            return
        answer = reply(call.offer, status, seen_from=call.peer, tag=key.tag)
        if stranger:
            self._transactions.respond_once(call.offer_key, answer)
        else:
            self._transactions.respond(call.offer_key, answer, now)
        self._drop(key)

    def end(self, key: DialogKey, now: float) -> list[CallEvent]:
        """Whatever the call's state: CANCEL, or BYE. Ended comes when the peer has answered, or does not."""
        call = self._calls.get(key)
        if call is None or call.state in (State.CANCELLING, State.ENDING, State.OWED):
            return []
        if call.state is State.OFFERED:
            self.reject(key, 480, now)
            return []
        if call.state is State.INVITING:
            self._cancel(key, call, now)
            return []
        if call.state is State.ACCEPTED:
            self._send_ack(call)
        return self._say_bye(key, call, now)

    def take_up(self, device: str, channel: str, dialog: Dialog) -> bool:
        """A call that was established before our own restart goes on. False: there is no room for it, or it
        is here already.
        """
        if len(self._calls) >= CALL_LIMIT or self._calls.get(dialog.key) is not None:
            return False
        self._calls.add(dialog.key, Call(device, channel, State.ESTABLISHED, dialog))
        return True

    def relocate(self, device: str, peer: Peer) -> None:
        """The device was heard from elsewhere: what follows in its dialogs, BYE too, goes there."""
        self._calls.relocate(device, peer)

    def remind(self, device: str, now: float) -> list[CallEvent]:
        """The device was heard: it is told again that calls are over, of which it may not know."""
        owed = [(key, call) for key in self._calls.owed_to(device) if (call := self._calls.get(key))]
        return [event for key, call in owed for event in self._say_bye(key, call, now)]

    def lose(self, device: str, now: float) -> list[CallEvent]:
        """The device has registered anew: its calls are over. Not every one that does had a power cut, and
        those that had none send on: they are told (quirk 31).
        """
        ended: list[CallEvent] = []
        for key, call in self._all_of(device):
            if call.state in (State.ACCEPTED, State.ESTABLISHED, State.UNCONFIRMED):
                ended += [*self._tell(key, call, Why.LOST), *self.end(key, now)]
            elif call.state not in (State.ENDING, State.OWED):
                ended += self._abandon(key, call, now)
        return ended

    def abandon(self, device: str, now: float) -> list[CallEvent]:
        """End its calls without a word: there is nobody who could say or hear one."""
        return [event for key, call in self._all_of(device) for event in self._abandon(key, call, now)]

    def _all_of(self, device: str) -> list[tuple[DialogKey, Call]]:
        keys = self._calls.of_device(device)
        return [(key, call) for key in keys for call in [self._calls.get(key)] if call is not None]

    # --- what is asked -----------------------------------------------------------------------------------

    def dialog(self, key: DialogKey) -> Dialog | None:
        """As it stands: who asks must not change it."""
        call = self._calls.get(key)
        return call.dialog if call is not None else None

    def of_device(self, device: str) -> list[DialogKey]:
        return self._calls.of_device(device)

    def by_call_id(self, call_id: str) -> DialogKey | None:
        """For MediaStatus, which Hikvision sends with another From: its Call-ID may be the INVITE's."""
        found = self._calls.by_call_id(call_id)
        return found[0] if len(found) == 1 else None

    # --- what happens ------------------------------------------------------------------------------------

    def next_deadline(self) -> float | None:
        given_up = next(iter(self._given_up.values()))[0] if self._given_up else None
        return min((at for at in (given_up, self._deadlines.next()) if at is not None), default=None)

    def expire(self, now: float) -> list[CallEvent]:
        """INVITEs that took too long, and goodbyes."""
        self._forget_given_up(now)
        events: list[CallEvent] = []
        for key in self._deadlines.due(now):
            call = self._calls.get(key)
            if call and call.state is State.INVITING:
                self._cancel(key, call, now)
                events += self._tell(key, call, Why.NO_ANSWER, 408)
            elif call and call.state is State.OWED:
                self._drop(key)
        return events

    def handle(self, event: Event, now: float) -> list[CallEvent] | None:
        """None: not about a call."""
        if isinstance(event, Asked):
            return self._asked(event, now)
        if isinstance(event, Answered | Unanswered):
            if event.key.method == "CANCEL":
                return []  # what it is about answers for itself
            return self._answered(event, now) if event.key in self._by_request else None
        if isinstance(event, Stray):
            return self._stray(event, now)
        key = self._calls.by_offer(event.key)
        call = self._calls.get(key)
        if key is None or call is None:
            return None
        if isinstance(event, Acknowledged):
            return self._confirmed(key, call)
        if isinstance(event, Cancelled):
            return self._finish(key, call, Why.PEER)
        if isinstance(event, Unacknowledged) and call.state is State.UNCONFIRMED:
            return [*self._tell(key, call, Why.NO_ACK), *self._say_bye(key, call, now)]
        return []

    # --- answers to us -----------------------------------------------------------------------------------

    def _answered(self, event: Answered | Unanswered, now: float) -> list[CallEvent]:
        status = event.response.status if isinstance(event, Answered) else 408
        if status < 200:
            return []
        key = self._by_request[event.key]
        if event.request.method != "INVITE":
            del self._by_request[event.key]
        call = self._calls.get(key)
        if event.request.method == "INVITE":
            return self._invite_answered(key, call, event, now)
        if key is None or call is None:
            return []
        if event.request.method == "BYE":
            return self._bye_answered(key, call, event, now)
        body = event.response.body if isinstance(event, Answered) else b""
        told: list[CallEvent] = [ControlAnswered(key, event.key, status, body)]
        return [*told, *self._finish(key, call, Why.PEER, status)] if status == _NOT_FOUND else told

    def _bye_answered(
        self, key: DialogKey, call: Call, event: Answered | Unanswered, now: float
    ) -> list[CallEvent]:
        """Where the device was heard from since may be another with its id, which does not know the call."""
        if isinstance(event, Unanswered):
            return self._finish(key, call, Why.OURS, 408) if call.is_last else self._owe(key, call, now)
        status, home = event.response.status, call.home
        if status < 300 or home is None or call.dialog is None:
            return self._finish(key, call, Why.OURS, status)
        # A connection is cut when the id registers over another; whoever had it will come back over one.
        call.dialog.peer = home._replace(connection=0) if home.reliable else home
        call.home, call.is_last = None, True
        return [*self._tell(key, call, Why.OURS, status), *self._say_bye(key, call, now)]

    def _invite_answered(
        self, key: DialogKey | None, call: Call | None, event: Answered | Unanswered, now: float
    ) -> list[CallEvent]:
        """Anything final; a second 2xx is another who accepted, and one too many."""
        accepted = isinstance(event, Answered) and event.response.status < 300
        waiting = call is not None and call.state in (State.INVITING, State.CANCELLING)
        if isinstance(event, Answered) and accepted:
            if key and call and call.dialog and waiting:
                return self._invite_accepted(key, call, call.dialog, event, now)
            return self._end_at_once(event.key, event.response, event.peer, now)
        self._by_request.pop(event.key, None)
        if key is None or call is None or not waiting:
            return []
        if isinstance(event, Unanswered):
            self._give_up(event.key, call, now)
            return self._finish(
                key, call, Why.LOST if event.lost else Why.NO_ANSWER, 0 if event.lost else 408
            )
        if self._answers_challenge(key, call, event, now):
            return []
        why = Why.OURS if call.state is State.CANCELLING else Why.REFUSED
        return self._finish(key, call, why, event.response.status)

    def _answers_challenge(self, key: DialogKey, call: Call, event: Answered, now: float) -> bool:
        """The INVITE once more, with the password; one more challenge is a refusal."""
        account, call.account = call.account, None
        is_challenge = event.response.status in (401, 407) and call.state is State.INVITING
        again = digest.answered(event.request, event.response, account) if account and is_challenge else None
        if again is None or call.dialog is None:
            return False
        try:
            call.invite = self._transactions.request(again, call.dialog.peer, now)
        except TooManyRequests:
            return False
        call.dialog.number = again.cseq.number
        self._by_request[call.invite] = key
        return True

    def _invite_accepted(
        self, key: DialogKey, call: Call, dialog: Dialog, event: Answered, now: float
    ) -> list[CallEvent]:
        dialog.confirm(event.response, event.peer)
        self._deadlines.clear(key)
        self._give_up(event.key, call, now)
        if call.state is State.CANCELLING:
            self._send_ack(call)
            return self._say_bye(key, call, now)
        call.state = State.ACCEPTED
        return [Accepted(key, event.response.content_type, event.response.body, event.peer)]

    def _stray(self, event: Stray, now: float) -> list[CallEvent] | None:
        """A 2xx to an INVITE that nobody waits for any more."""
        if event.response.cseq.method != "INVITE":
            return None
        self._forget_given_up(now)
        key = ClientKey(event.response.call_id, event.response.cseq.number, "INVITE")
        if 200 <= event.response.status < 300 and key in self._given_up:
            return self._end_at_once(key, event.response, event.peer, now)
        return []

    def _end_at_once(self, invite: ClientKey, response: Response, peer: Peer, now: float) -> list[CallEvent]:
        """ACK and BYE, if it is for a call that we do not have."""
        _, late = self._given_up.get(invite, (0.0, None))
        if late is None or late.dialog is None:
            return []
        dialog = late.dialog
        if self._calls.get(dialog.key) and response.headers.get("To") == dialog.to:
            self._transactions.acknowledge(invite, dialog.ack(invite.number), dialog.peer)
            return []  # the very call that we have: the ACK was lost
        ended = replace(dialog)
        ended.confirm(response, peer)
        self._transactions.acknowledge(invite, ended.ack(invite.number), peer)
        if self._calls.get(dialog.key) is None:
            over = Call(late.device, late.remote, State.ENDING, ended, told=True)
            self._calls.add(dialog.key, over)
            return self._say_bye(dialog.key, over, now)
        dialog.number += 1
        ended.number = dialog.number
        bye = ended.request("BYE")
        with suppress(TooManyRequests):
            self._by_request[self._transactions.request(bye, peer, now)] = None
        return []

    # --- what the peer asks ------------------------------------------------------------------------------

    def _asked(self, event: Asked, now: float) -> list[CallEvent] | None:
        method = event.request.method
        if method == "INVITE":
            return self._offered(event, now)
        if method == "BYE":
            return self._bye(event, now)
        if method != "INFO":
            return None
        key = self._calls.find(event.request, event.peer)
        if key is None:
            self._respond(event, _NOT_FOUND, now)
            return []
        return [Controlled(key, event.key, event.request, event.peer)]

    def _offered(self, event: Asked, now: float) -> list[CallEvent]:
        """A change of a call that lasts is not offered by anybody in GB/T 28181, and refused."""
        if event.request.to.tag:
            known = self._calls.find(event.request, event.peer)
            self._respond(event, 488 if known else _NOT_FOUND, now)
            return []
        if len(self._calls) >= CALL_LIMIT:
            self._respond(event, 486, now)
            return []
        key = DialogKey(event.request.call_id, new_tag())
        offer, sender = event.request, event.request.sender.user
        self._calls.add(key, Call("", sender, State.OFFERED, None, None, offer, event.key, event.peer))
        return [Offered(key, event.request, event.peer)]

    def _bye(self, event: Asked, now: float) -> list[CallEvent]:
        key = self._calls.find(event.request, event.peer)
        if key:
            self._respond(event, 200, now)
            return self._hung_up(key)
        # One that names a dialog of before must not end the call that followed it.
        theirs = [] if event.request.to.tag else self._calls.of_sender(event.request, event.peer)
        self._respond(event, 200 if theirs else _NOT_FOUND, now)
        return self._hung_up(theirs[0]) if len(theirs) == 1 else []

    def _hung_up(self, key: DialogKey) -> list[CallEvent]:
        """After our own BYE this is its echo; otherwise the call is over."""
        call = self._calls.get(key)
        if call is None:
            return []
        ours = call.state in (State.ENDING, State.OWED)
        return self._finish(key, call, Why.OURS if ours else Why.PEER, 200)

    def _confirmed(self, key: DialogKey, call: Call) -> list[CallEvent]:
        if call.state is not State.UNCONFIRMED:
            return []
        call.state = State.ESTABLISHED
        return [Confirmed(key)]

    def _respond(self, event: Asked, status: int, now: float) -> None:
        answer = reply(event.request, status, seen_from=event.peer, tag=new_tag())
        if status == _NOT_FOUND:
            self._transactions.respond_once(event.key, answer)  # perhaps a stranger's
        else:
            self._transactions.respond(event.key, answer, now)

    # --- steps -------------------------------------------------------------------------------------------

    def _send_ack(self, call: Call) -> None:
        assert call.dialog
        assert call.invite
        self._transactions.acknowledge(call.invite, call.dialog.ack(call.invite.number), call.dialog.peer)

    def _abandon(self, key: DialogKey, call: Call, now: float) -> list[CallEvent]:
        if call.invite and call.state in (State.INVITING, State.CANCELLING):
            self._give_up(call.invite, call, now)
        if call.invite and call.state is State.INVITING:
            self._transactions.cancel(call.invite, now)
        return self._finish(key, call, Why.LOST)

    def _cancel(self, key: DialogKey, call: Call, now: float) -> None:
        assert call.invite
        call.state = State.CANCELLING
        self._deadlines.clear(key)
        self._transactions.cancel(call.invite, now)

    def _say_bye(self, key: DialogKey, call: Call, now: float) -> list[CallEvent]:
        assert call.dialog
        peer = call.dialog.peer
        if peer.reliable and not peer.connection:
            return self._owe(key, call, now)  # its connection broke
        self._calls.settle(key)
        self._deadlines.clear(key)
        call.state, call.byes = State.ENDING, call.byes + 1
        try:
            request = self._transactions.request(call.dialog.request("BYE"), peer, now)
        except TooManyRequests:
            return self._owe(key, call, now)
        self._by_request[request] = key
        return []

    def _owe(self, key: DialogKey, call: Call, now: float) -> list[CallEvent]:
        """Our BYE has not reached the peer, as far as we know: it may still be sending."""
        if call.byes >= BYES_MOST:
            return self._finish(key, call, Why.OURS, 408)
        call.state = State.OWED
        self._calls.owe(key)
        self._deadlines.set(key, now + OWED_S)
        return self._tell(key, call, Why.OURS, 408)

    def _give_up(self, invite: ClientKey, call: Call, now: float) -> None:
        """From here on a 2xx to this INVITE is one too many."""
        if call.dialog:
            self._given_up.pop(invite, None)
            self._given_up[invite] = (now + GIVEN_UP_S, call)

    def _forget_given_up(self, now: float) -> None:
        while self._given_up:
            invite, (until, _) = next(iter(self._given_up.items()))
            if until > now:
                return
            del self._given_up[invite]
            self._by_request.pop(invite, None)

    def _finish(self, key: DialogKey, call: Call, why: Why, status: int = 0) -> list[CallEvent]:
        told = self._tell(key, call, why, status)
        self._drop(key)
        return told

    def _tell(self, key: DialogKey, call: Call, why: Why, status: int = 0) -> list[CallEvent]:
        if call.told:
            return []
        call.told = True
        return [Ended(key, why, status)]

    def _drop(self, key: DialogKey) -> None:
        self._calls.remove(key)
        self._deadlines.clear(key)
