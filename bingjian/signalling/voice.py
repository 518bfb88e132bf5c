"""Voice to devices (GB/T 28181, broadcast): we say that we want to speak, the device invites us.

    ask ─► Notify/Broadcast ─► Response ─► INVITE of the device ─► 200 ─► ACK: speak ─► … ─► BYE
                                                └─ 15 s without: ended

The INVITE comes from the device or from one of its channels, so it belongs to the call whose channel it
names, else to the only one that waits at that device. One that nobody waits for, or no longer, is refused.
"""

import secrets
from dataclasses import dataclass
from typing import Protocol

import structlog

from bingjian.protocols.errors import PeerError
from bingjian.protocols.gb28181 import manscdp, sdp
from bingjian.protocols.gb28181.manscdp.notifies import Broadcast, BroadcastResult
from bingjian.protocols.sip.call_events import CallEvent, Confirmed, Ended, Offered, Why
from bingjian.protocols.sip.dialog import DialogKey
from bingjian.protocols.sip.message import Request
from bingjian.protocols.sip.registrar_events import Gone
from bingjian.protocols.sip.reply import Peer
from bingjian.signalling.endpoint import Endpoint
from bingjian.signalling.listener import Listener
from bingjian.signalling.problems import Problem
from bingjian.signalling.queries import Queries
from bingjian.signalling.streams import Cause, Streams

INVITED_S = 15.0  # from our wish to the device's ACK; cameras on 4G are slow
NOT_ACCEPTABLE, NOT_WAITED_FOR = 488, 480  # our answers to offers that we do not take

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class VoiceWish:
    """Whom to speak to, and where we speak from."""

    device: str
    channel: str
    port: int  # for UDP and TCP alike: which of them, the device says
    host: str = ""  # of the port, as the device is to know it; empty: our address on its side


@dataclass(frozen=True, slots=True)
class VoiceAnswer:
    """How the device wants to hear us."""

    ssrc: int
    payload_type: int
    sound: str  # "pcma" or "pcmu"
    transport: str  # "udp" or "tcp"
    setup: str  # over TCP, the device's part: "active": it connects to us; "passive": it listens
    peer_host: str  # of its description
    peer_port: int
    from_host: str  # where its INVITE came from


class VoiceOwner(Protocol):
    """Who wants to speak. Nothing here may wait or raise."""

    def on_accepted(self, answer: VoiceAnswer) -> None:
        """Speak."""

    def on_ended(self, cause: Cause, status: int, detail: str) -> None:
        """Exactly once, unless the owner let go."""


@dataclass(slots=True, eq=False)
class VoiceCall:
    """One. ``key``: None until the device has invited us."""

    wish: VoiceWish
    owner: VoiceOwner
    expires: float
    key: DialogKey | None = None
    answer: VoiceAnswer | None = None
    heard: bool = False  # the device has acknowledged
    over: bool = False  # the owner knows, or does not want to


class Voices(Listener):
    """All voice calls of one signalling process. Belongs to the event loop."""

    def __init__(self, endpoint: Endpoint, queries: Queries) -> None:
        self._endpoint, self._queries = endpoint, queries
        self._calls: list[VoiceCall] = []  # those that are not over; people speak to few cameras at once

    @classmethod
    def of(cls, endpoint: Endpoint, queries: Queries, streams: Streams) -> "Voices":
        """Made, and hearing."""
        voices = cls(endpoint, queries)
        streams.on_offered, streams.on_theirs = voices.on_offered, voices.on_call
        endpoint.listeners.append(voices)
        endpoint.add_timed(voices)
        return voices

    # --- what owners ask ---------------------------------------------------------------------------------

    def ask(self, wish: VoiceWish, owner: VoiceOwner) -> VoiceCall:
        """The owner may hear of the end before this returns."""
        call = VoiceCall(wish, owner, self._endpoint.now() + INVITED_S)
        device = self._endpoint.devices.get(wish.device)
        taken = any(one.wish.channel == wish.channel for one in self._of(wish.device))
        self._calls.append(call)
        if device is None:
            self._end(call, Cause.UNKNOWN, 0, "this device is not known to the platform")
        elif wish.channel not in device.admitted:
            self._end(call, Cause.NOT_ADMITTED, 0, "this channel has no accepted place in the inventory")
        elif self._endpoint.peer_of(wish.device) is None:
            self._end(call, Cause.OFFLINE, 0, "the device is not registered, or is silent")
        elif taken:
            self._end(call, Cause.BUSY, 0, "somebody speaks to this channel already")
        else:
            self._announce(call)
        self._endpoint.flush()
        return call

    def let_go(self, call: VoiceCall) -> None:
        """Spoken enough: BYE; an INVITE that is on its way will be refused."""
        call.over = True
        self._hang_up(call)
        self._endpoint.flush()

    def recheck(self) -> None:
        """After a new assignment: nobody goes on speaking to a channel that is admitted no longer."""
        for call in list(self._calls):
            if not self._endpoint.devices.may_show(call.wish.device, call.wish.channel):
                said = "this channel has no accepted place in the inventory any more"
                self._end(call, Cause.NOT_ADMITTED, 0, said)
        self._endpoint.flush()

    # --- from wish to sound ------------------------------------------------------------------------------

    def _announce(self, call: VoiceCall) -> None:
        wish, source = call.wish, self._endpoint.identity.id
        notice = Broadcast(sn=self._queries.next_sn(), device_id="", source_id=source, target_id=wish.channel)
        try:
            self._queries.tell(wish.device, notice, lambda status: self._announced(call, status))
        except Problem as problem:
            self._end(call, Cause.BUSY, 0, str(problem))

    def _announced(self, call: VoiceCall, status: int) -> None:
        if status == 408:
            self._end(call, Cause.NO_ANSWER, status, "the device does not answer")
        elif status >= 300:
            self._end(call, Cause.REFUSED, status, f"the device refuses voice ({status})")

    def on_message(self, device: str, request: Request, peer: Peer) -> None:
        """Its Response: only a refusal tells anything, for the INVITE may come before it."""
        if not self._calls or b"Broadcast" not in request.body:
            return
        try:
            told = manscdp.parse(request.body)
        except PeerError:
            return
        if isinstance(told, BroadcastResult) and told.result.upper() not in ("OK", ""):
            call = self._meant(device, told.device_id)
            if call is not None:
                self._end(call, Cause.REFUSED, 0, f"the device refuses voice ({told.result[:40]})")
                self._endpoint.flush()

    def on_offered(self, event: Offered) -> None:
        """A device invites us."""
        device = self._endpoint.speaker(event.request, event.peer)
        sender, _, receiver, _ = sdp.read_subject(event.request.headers.get("Subject"))
        call = self._meant(device, receiver, sender, event.request.sender.user)
        if call is None:
            self._reject(event, NOT_WAITED_FOR)
            return
        try:
            self._accept(call, event, sdp.parse(event.request.body))
        except PeerError as error:
            self._reject(event, NOT_ACCEPTABLE)
            self._end(call, Cause.REFUSED, NOT_ACCEPTABLE, f"the device's wish cannot be read: {error}")

    def _accept(self, call: VoiceCall, event: Offered, offer: sdp.Session) -> None:
        """Our port listens already. Raises PeerError."""
        if offer.kind != "audio" or (not offer.port and offer.setup != "active"):
            raise PeerError("it is not about sound, or has no port")
        local = self._endpoint.local_for(event.peer)
        ours = sdp.answer_to(
            offer,
            owner=local.id,
            address=self._endpoint.identity.public_host or call.wish.host or local.host,
            port=call.wish.port,
            ssrc=offer.ssrc if offer.ssrc is not None else secrets.randbits(31),
        )
        call.key, call.answer = event.call, _answer(offer, ours, event.peer)
        self._endpoint.calls.accept(
            event.call, local, call.wish.device, sdp.build(ours), self._endpoint.now()
        )

    def _meant(self, device: str, *named: str) -> VoiceCall | None:
        """The call that waits for this device's INVITE."""
        waiting = [call for call in self._of(device) if call.key is None]
        exact = [call for call in waiting if call.wish.channel in named]
        return next((found[0] for found in (exact, waiting) if len(found) == 1), None)

    def _of(self, device: str) -> list[VoiceCall]:
        return [call for call in self._calls if call.wish.device == device]

    # --- what happens then -------------------------------------------------------------------------------

    def on_call(self, event: CallEvent) -> None:
        """In calls that devices began."""
        call = next((one for one in self._calls if one.key == event.call), None)
        if call is None:
            return
        if isinstance(event, Confirmed):
            self._heard(call)
        elif isinstance(event, Ended):
            cause, said = _ENDS.get(event.why, _LOST)
            self._end(call, cause, event.status, said)

    def _heard(self, call: VoiceCall) -> None:
        assert call.answer is not None
        call.heard = True
        call.owner.on_accepted(call.answer)

    def on_gone(self, device: str, gone: Gone) -> None:
        for call in self._of(device):
            self._end(call, Cause.OFFLINE, 0, f"the device is gone ({gone.why.value})")

    def on_dismissed(self, device: str) -> None:
        for call in self._of(device):
            self._end(call, Cause.UNKNOWN, 0, "this device is not known to the platform any more")

    # --- deadlines ---------------------------------------------------------------------------------------

    def next_deadline(self) -> float | None:
        return min((call.expires for call in self._calls if not call.heard), default=None)

    def expire(self, now: float) -> None:
        for call in list(self._calls):
            if not call.heard and call.expires <= now:
                self._end(call, Cause.NO_ANSWER, 408, "the device does not ask for the voice")

    # --- the end -----------------------------------------------------------------------------------------

    def _end(self, call: VoiceCall, cause: Cause, status: int, detail: str) -> None:
        """Once."""
        if not call.over:
            call.over = True
            facts = {"device": call.wish.device, "channel": call.wish.channel}
            log.info("voice_call_ended", cause=cause.value, status=status, **facts)
            call.owner.on_ended(cause, status, detail)
        self._hang_up(call)

    def _hang_up(self, call: VoiceCall) -> None:
        """BYE, if there is a call. The dialog is forgotten when the device has answered."""
        if call in self._calls:
            self._calls.remove(call)
        if call.key is not None:
            self._endpoint.calls.end(call.key, self._endpoint.now())

    def _reject(self, event: Offered, status: int) -> None:
        self._endpoint.calls.reject(event.call, status, self._endpoint.now())


_LOST = Cause.LOST, "the device started anew, or its connection broke"
_ENDS = {
    Why.PEER: (Cause.PEER, "the device has ended it"),
    Why.NO_ACK: (Cause.NO_ANSWER, "the device does not acknowledge"),
}


def _answer(offer: sdp.Session, ours: sdp.Session, peer: Peer) -> VoiceAnswer:
    """``ours`` has an SSRC."""
    assert ours.ssrc is not None
    return VoiceAnswer(
        ssrc=ours.ssrc,
        payload_type=ours.voice.payload_type,
        sound=ours.voice.encoding.lower(),
        transport=offer.transport,
        setup=offer.setup or ("active" if offer.transport == sdp.TCP else ""),
        peer_host=offer.address,
        peer_port=offer.port,
        from_host=peer.host,
    )
