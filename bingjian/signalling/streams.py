"""Streams of channels: INVITE, ACK, control of playback, BYE. What a call is is ``protocols.sip.calls``'.

    ask ─► known, admitted, online? ─► its device's turn ─► INVITE ─► accepted ─► … ─► ended
                └─ no: ended at once          └─ late: ended          └─ ended

    take_up ─► known, admitted, one of its place? ─► goes on, or is ended with a BYE

Each call belongs to an owner, who hears of it and ends it by letting go. Whatever happens there is one
``on_ended``, at once when the reason is known; the goodbye to the device goes on by itself, and only then is
the SSRC free. A live call is told to its owner with all that a process after us needs to go on with it
(``kept_call``).
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Protocol

import structlog

from bingjian.protocols.errors import PeerError
from bingjian.protocols.gb28181 import manscdp, mansrtsp, sdp, ssrc
from bingjian.protocols.gb28181.ids import DOMAIN_LENGTH
from bingjian.protocols.gb28181.manscdp.notifies import MediaStatus
from bingjian.protocols.gb28181.ssrc import SERIALS, NoSsrcLeft
from bingjian.protocols.sip.call_events import (
    Accepted,
    CallEvent,
    ControlAnswered,
    Controlled,
    Ended,
    Offered,
    Why,
)
from bingjian.protocols.sip.client_transactions import TooManyRequests
from bingjian.protocols.sip.compose import new_tag
from bingjian.protocols.sip.dialog import DialogKey
from bingjian.protocols.sip.digest import Account
from bingjian.protocols.sip.message import Request
from bingjian.protocols.sip.registrar_events import Gone
from bingjian.protocols.sip.reply import Peer, reply
from bingjian.signalling.devices import Device
from bingjian.signalling.endpoint import Endpoint
from bingjian.signalling.events import Book
from bingjian.signalling.kept_call import KeptCall
from bingjian.signalling.listener import Listener
from bingjian.signalling.stream_offers import Answer, Transport, Wish, answer_of, offer_for, transport_for
from bingjian.signalling.turns import Turn, Turns

BUSY = (486, 503, 600)  # answers that say: no more streams at present
NO_PLACE = "this channel has no accepted place in the inventory"

log = structlog.get_logger(__name__)


class Cause(Enum):
    """Why a call ended; part of the control interface, never renamed."""

    REFUSED = "refused"  # by the device, with a status
    BUSY = "busy"  # it, or we, have no room at present
    OFFLINE = "offline"
    UNKNOWN = "unknown"  # nobody told us of this device
    NOT_ADMITTED = "not_admitted"  # the channel has no place in the inventory (R9.6)
    NO_ANSWER = "no_answer"
    PEER = "peer"  # the device said BYE
    LOST = "lost"  # its connection, or it started anew
    FILE_END = "file_end"  # the recording is played to its end
    OURS = "ours"  # let go of; nobody is told


class Owner(Protocol):
    """Who asked for a stream. Nothing here may wait or raise."""

    def on_accepted(self, answer: Answer) -> None: ...

    def on_taken_up(self, dialog: str) -> None:
        """The call goes on; ``dialog`` is what it is taken up with the next time."""

    def on_controlled(self, status: int, range_s: float | None) -> None:
        """The device has answered a control; ``range_s``: where it really goes on, if it says so."""

    def on_ended(self, cause: Cause, status: int, detail: str) -> None:
        """Exactly once, unless the owner let go."""


@dataclass(slots=True, eq=False)
class StreamCall:
    """One stream. ``key``: None until it is its turn."""

    wish: Wish
    owner: Owner
    turn: Turn | None = None
    key: DialogKey | None = None
    offer: sdp.Session | None = None
    transport: Transport = "tcp"
    ours: int | None = None  # our SSRC, in use until the dialog is over
    cseq: int = 0  # of MANSRTSP
    accepted: bool = False
    paused: bool = False
    over: bool = False  # the owner knows, or does not want to


class Streams(Listener):
    """All calls of one signalling process. Register it as listener, timed and ``on_call`` of the endpoint."""

    def __init__(self, endpoint: Endpoint, book: Book | None = None) -> None:
        """``book``: hears of streams that end; None: nobody reads of them."""
        self._endpoint, self._book = endpoint, book
        domain = endpoint.identity.domain
        is_plain = len(domain) == DOMAIN_LENGTH and domain.isascii() and domain.isdigit()
        domain = domain if is_plain else endpoint.identity.id[:DOMAIN_LENGTH]
        self._pool = ssrc.Pool(domain, secrets.randbelow(SERIALS))
        self._turns = Turns()
        self._calls: dict[DialogKey, StreamCall] = {}
        self._live: dict[tuple[str, str, int], StreamCall] = {}  # device, channel, stream: one each
        self._run = secrets.token_hex(8)  # of this process: what it ended itself is not taken up
        self.on_offered: Callable[[Offered], None] | None = None  # INVITEs of devices: voice
        self.on_theirs: Callable[[CallEvent], None] | None = None  # what happens in calls that are not ours

    @classmethod
    def of(cls, endpoint: Endpoint, book: Book | None = None) -> "Streams":
        """Made, and hearing."""
        streams = cls(endpoint, book)
        endpoint.on_call = streams.on_call
        endpoint.listeners.append(streams)
        endpoint.add_timed(streams)
        return streams

    def __len__(self) -> int:
        """Dialogs, those that are being ended too."""
        return len(self._calls)

    @property
    def knows_devices(self) -> bool:
        """Whether we have been told of any since we started."""
        return self._endpoint.devices.epoch >= 0

    # --- what owners ask ---------------------------------------------------------------------------------

    def ask(self, wish: Wish, owner: Owner) -> StreamCall:
        """Ask a device for a stream. The owner may hear of the end before this returns."""
        call = StreamCall(wish, owner)
        if refusal := self._refusal_of(wish):
            self._tell_end(call, *refusal)
        elif self._endpoint.reachable(wish.device) is None:
            self._tell_end(call, Cause.OFFLINE, 0, "the device is not registered, or is silent")
        else:
            self._line_up(call)
        self._endpoint.flush()
        return call

    def take_up(self, wish: Wish, kept: KeptCall, owner: Owner) -> StreamCall:
        """Go on with a live call of the process before us. The device hears nothing of it, unless the call is
        refused: then it is told to stop. Whether it is online does not matter.
        """
        call = StreamCall(wish, owner)
        if kept.teller == self._run or not self._enter(call, kept):
            self._tell_end(call, Cause.LOST, 0, "this call has been ended")
        elif refusal := self._refusal_of(wish):
            self._tell_end(call, *refusal)
            self._end(call)
        else:
            self._live[self._place(wish)] = call
            log.info("stream_call_taken_up", device=wish.device, channel=wish.channel)
            owner.on_taken_up(self._kept(call))
        self._endpoint.flush()
        return call

    def _refusal_of(self, wish: Wish) -> tuple[Cause, int, str] | None:
        """Why this is not to be received, whatever the device says."""
        device = self._endpoint.devices.get(wish.device)
        if device is None:
            return Cause.UNKNOWN, 0, "this device is not known to the platform"
        if wish.channel not in device.admitted:
            return Cause.NOT_ADMITTED, 0, NO_PLACE
        if not wish.is_history and self._place(wish) in self._live:
            return Cause.BUSY, 0, "this channel already sends this stream to another port"
        return None

    def let_go(self, call: StreamCall) -> None:
        """The owner does not want it any more: CANCEL or BYE."""
        call.over = True
        self._end(call)
        self._endpoint.flush()

    def control(self, call: StreamCall, play: mansrtsp.Action) -> bool:
        """Steer playback; False if the call is not under way."""
        if call.key is None or call.over:
            return False
        call.cseq += 1
        body = mansrtsp.build(mansrtsp.Request(play, call.cseq))
        try:
            sent = self._endpoint.calls.control(call.key, mansrtsp.CONTENT_TYPE, body, self._endpoint.now())
        except TooManyRequests:
            return False
        call.paused = isinstance(play, mansrtsp.Pause) if sent is not None else call.paused
        self._endpoint.flush()
        return sent is not None

    def recheck(self) -> None:
        """After a new assignment: streams of channels that are admitted no longer end."""
        for call in list(self._calls.values()):
            if not call.over and not self._endpoint.devices.may_show(call.wish.device, call.wish.channel):
                self._tell_end(call, Cause.NOT_ADMITTED, 0, f"{NO_PLACE} any more")
                self._end(call)
        self._endpoint.flush()

    # --- from wish to INVITE -----------------------------------------------------------------------------

    def _place(self, wish: Wish) -> tuple[str, str, int]:
        return wish.device, wish.channel, wish.stream

    def _line_up(self, call: StreamCall) -> None:
        if not call.wish.is_history:
            self._live[self._place(call.wish)] = call
        late = "the device has not answered earlier calls yet"
        call.turn = self._turns.wait(
            call.wish.device,
            lambda: self._invite(call),
            lambda: self._tell_end(call, Cause.BUSY, 0, late),
            self._endpoint.now(),
        )
        if call.over:
            self._leave_turn(call)

    def _invite(self, call: StreamCall) -> None:
        wish = call.wish
        device, peer = self._endpoint.devices.get(wish.device), self._endpoint.reachable(wish.device)
        if device is None or peer is None:
            self._tell_end(call, Cause.OFFLINE, 0, "the device is not registered, or is silent")
            return
        if not self._endpoint.devices.may_show(wish.device, wish.channel):  # no more, since it waits
            self._tell_end(call, Cause.NOT_ADMITTED, 0, NO_PLACE)
            return
        try:
            self._send_invite(call, device, peer)
        except (NoSsrcLeft, TooManyRequests):
            self._give_back(call)
            self._tell_end(call, Cause.BUSY, 0, "this platform has too many streams at present")

    def _send_invite(self, call: StreamCall, device: Device, peer: Peer) -> None:
        """Raises NoSsrcLeft, TooManyRequests."""
        wish, now, local = call.wish, self._endpoint.now(), self._endpoint.local_for(peer)
        call.ours = self._pool.take(now, history=wish.is_history)
        call.transport = transport_for(wish, device)
        public_host = self._endpoint.identity.public_host
        call.offer = offer_for(wish, device, local, call.ours, public_host)
        call.key = self._endpoint.calls.invite(
            local,
            peer,
            wish.device,
            wish.channel,
            sdp.build(call.offer),
            now,
            ("Subject", sdp.subject(wish.channel, ssrc.written(call.ours), local.id)),
            account=Account(device.password, local.id),
        )
        self._calls[call.key] = call

    # --- across our own restart --------------------------------------------------------------------------

    def _enter(self, call: StreamCall, kept: KeptCall) -> bool:
        """Into the tables; False: the call is there already, or there are too many."""
        binding = self._endpoint.registrar.binding(call.wish.device)
        peer = binding.peer if binding is not None else kept.peer
        dialog = kept.dialog(self._endpoint.local_for(peer), peer)
        if not self._endpoint.calls.take_up(call.wish.device, call.wish.channel, dialog):
            return False
        call.key, call.accepted = dialog.key, True
        call.ours = self._pool.hold(kept.ssrc)
        self._calls[dialog.key] = call
        return True

    def _kept(self, call: StreamCall) -> str:
        """Playback is not kept: who watches asks again."""
        dialog = self._endpoint.calls.dialog(call.key) if call.key is not None else None
        if dialog is None or call.wish.is_history:
            return ""
        return KeptCall.of(dialog, self._place(call.wish), call.ours, self._run).written()

    # --- what calls tell ---------------------------------------------------------------------------------

    def on_call(self, event: CallEvent) -> None:
        if isinstance(event, Offered):
            self._offered(event)
            return
        call = self._calls.get(event.call)
        if isinstance(event, Controlled):
            self._controlled(call, event)
        elif call is None:
            if self.on_theirs is not None:
                self.on_theirs(event)
        elif isinstance(event, Accepted):
            self._accepted(call, event)
        elif isinstance(event, ControlAnswered):
            self._control_answered(call, event)
        elif isinstance(event, Ended):
            self._ended(call, event)

    def _offered(self, event: Offered) -> None:
        """A device wants to send us something by itself."""
        if self.on_offered is not None:
            self.on_offered(event)
        else:
            self._endpoint.calls.reject(event.call, 488, self._endpoint.now())

    def _accepted(self, call: StreamCall, event: Accepted) -> None:
        """The port listens already, so the device may begin at once."""
        self._leave_turn(call)
        assert call.offer is not None
        call.accepted = True
        self._endpoint.calls.acknowledge(event.call)
        if not call.over:
            answer = answer_of(call.offer, call.transport, event)
            call.owner.on_accepted(replace(answer, dialog=self._kept(call)))

    def _control_answered(self, call: StreamCall, event: ControlAnswered) -> None:
        try:
            told = mansrtsp.parse(event.body) if event.body.strip() else None
        except PeerError:
            told = None
        if not call.over:
            at_s = told.start_s if isinstance(told, mansrtsp.Response) else None
            call.owner.on_controlled(event.status, at_s)

    def _controlled(self, call: StreamCall | None, event: Controlled) -> None:
        """An INFO of the device. One kind matters: that the recording is over (quirk 37)."""
        answer = reply(event.request, 200, seen_from=event.peer, tag=new_tag())
        self._endpoint.transactions.respond(event.transaction, answer, self._endpoint.now())
        if call is not None and _says_finished(event.request.body):
            self._finish_file(call)

    def _ended(self, call: StreamCall, event: Ended) -> None:
        self._forget(call)
        if event.why is Why.REFUSED and event.status in BUSY:
            self._tell_end(call, Cause.BUSY, event.status, f"the device has no more streams ({event.status})")
        elif event.why is Why.REFUSED:
            self._tell_end(call, Cause.REFUSED, event.status, f"the device refuses the call ({event.status})")
        elif event.why is Why.NO_ANSWER:
            self._tell_end(call, Cause.NO_ANSWER, 408, "the device does not answer the call")
        elif event.why is Why.PEER:
            self._tell_end(call, Cause.PEER, 0, _goodbye(call))
        elif event.why is Why.OURS:
            self._tell_end(call, Cause.LOST, event.status, "the call was ended here")
        else:
            said = "the device started anew, or its connection broke"
            self._tell_end(call, Cause.LOST, event.status, said)

    # --- what devices tell -------------------------------------------------------------------------------

    def on_message(self, device: str, request: Request, peer: Peer) -> None:
        """MediaStatus: a recording is played to its end."""
        if b"MediaStatus" not in request.body:
            return
        try:
            told = manscdp.parse(request.body)
        except PeerError:
            return
        if isinstance(told, MediaStatus) and told.is_end_of_file:
            call = self._call_of(device, told.device_id, request.call_id)
            if call is not None:
                self._finish_file(call)

    def on_gone(self, device: str, gone: Gone) -> None:
        """It may be back soon and know nothing of this; and if it still hears us, it is to stop."""
        for key in self._endpoint.calls.of_device(device):
            call = self._calls.get(key)
            if call is not None:
                self._tell_end(call, Cause.OFFLINE, 0, f"the device is gone ({gone.why.value})")
                self._end(call)

    def on_dismissed(self, device: str) -> None:
        """The endpoint has said goodbye to it already."""
        for key in self._endpoint.calls.of_device(device):
            call = self._calls.get(key)
            if call is not None:
                self._tell_end(call, Cause.UNKNOWN, 0, "this device is not known to the platform any more")

    def _call_of(self, device: str, channel: str, call_id: str) -> StreamCall | None:
        """By the INVITE's Call-ID, else the only recording that this device, or channel, sends (quirk 43)."""
        key = self._endpoint.calls.by_call_id(call_id)
        if key is not None and key in self._calls:
            return self._calls[key] if self._calls[key].wish.device == device else None
        keys = self._endpoint.calls.of_device(device)
        open_calls = [self._calls[key] for key in keys if key in self._calls]
        history = [call for call in open_calls if call.wish.is_history and not call.over]
        named = [call for call in history if call.wish.channel == channel]
        for found in (named, history):
            if len(found) == 1:
                return found[0]
        return None

    def _finish_file(self, call: StreamCall) -> None:
        self._tell_end(call, Cause.FILE_END, 0, "the recording is played to its end")
        self._end(call)

    # --- deadlines ---------------------------------------------------------------------------------------

    def next_deadline(self) -> float | None:
        return self._turns.next_deadline()

    def expire(self, now: float) -> None:
        self._turns.expire(now)

    # --- the end -----------------------------------------------------------------------------------------

    def _tell_end(self, call: StreamCall, cause: Cause, status: int, detail: str) -> None:
        """Once. A place in the queue that has become useless is left by whoever notices."""
        self._unlist(call)
        if call.key is None and call.turn is not None:
            self._leave_turn(call)
        if not call.over:
            call.over = True
            facts = {"device": call.wish.device, "channel": call.wish.channel, "kind": call.wish.kind}
            log.info("stream_call_ended", cause=cause.value, status=status, **facts)
            if call.accepted and self._book is not None:
                self._book.write("stream_ended", call.wish.device, channel=call.wish.channel, why=cause.value)
            call.owner.on_ended(cause, status, detail)

    def _end(self, call: StreamCall) -> None:
        """CANCEL or BYE."""
        self._unlist(call)
        if call.key is None:
            self._leave_turn(call)
            return
        for event in self._endpoint.calls.end(call.key, self._endpoint.now()):
            self.on_call(event)

    def _forget(self, call: StreamCall) -> None:
        self._leave_turn(call)
        self._give_back(call)
        if call.key is not None:
            self._calls.pop(call.key, None)

    def _leave_turn(self, call: StreamCall) -> None:
        if call.turn is not None:
            self._turns.leave(call.turn, self._endpoint.now())

    def _give_back(self, call: StreamCall) -> None:
        mine, call.ours = call.ours, None
        if mine is not None:
            self._pool.give_back(mine, self._endpoint.now())

    def _unlist(self, call: StreamCall) -> None:
        """Another may ask for this stream from here on."""
        if self._live.get(self._place(call.wish)) is call:
            del self._live[self._place(call.wish)]


def _says_finished(body: bytes) -> bool:
    """The line of MANSRTSP, or a MediaStatus inside of the dialog."""
    try:
        if b"<" in body:
            told = manscdp.parse(body)
            return isinstance(told, MediaStatus) and told.is_end_of_file
        request = mansrtsp.parse(body)
    except PeerError:
        return False
    return isinstance(request, mansrtsp.Request) and isinstance(request.action, mansrtsp.Finished)


def _goodbye(call: StreamCall) -> str:
    """Most devices end a call that is paused for half a minute (quirk 30)."""
    if call.paused:
        return "the device has ended the call while it was paused; ask again from where it stood"
    return "the device has ended the call"
