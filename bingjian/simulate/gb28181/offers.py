"""INVITE: what is refused, what is agreed, and how the stream is sent."""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from bingjian.protocols.errors import PeerError
from bingjian.protocols.gb28181 import mansrtsp, sdp
from bingjian.protocols.sip.call_events import Controlled, Offered
from bingjian.protocols.sip.reply import reply
from bingjian.simulate.gb28181 import oddities, plan, recordings
from bingjian.simulate.gb28181.channel import Channel
from bingjian.simulate.gb28181.film import Film
from bingjian.simulate.gb28181.outlet import TcpOutlet, UdpOutlet
from bingjian.simulate.gb28181.quirks import Quirk
from bingjian.simulate.gb28181.sender import Sender
from bingjian.simulate.gb28181.session import FULL_SPEED, Session, file_size, window

if TYPE_CHECKING:
    from bingjian.simulate.gb28181.device import Device

LATE_CONNECT_S = 8.0  # after the ACK (quirk 25)
LATE_START_S = 10  # quirk 34
SUB_STREAM = frozenset({"1", "sub"})


class Refusal(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


async def take(device: "Device", event: Offered) -> None:
    """Answer an INVITE, and remember the session."""
    now = asyncio.get_running_loop().time
    try:
        session = await _session(device, event)
    except (Refusal, OSError) as refusal:  # an OSError: no port for its stream
        status = refusal.status if isinstance(refusal, Refusal) else 500
        device.element.calls.reject(event.call, status, now())
        device.element.flush()
        return
    local = device.element.local(session.channel.spec.id, device.platform.realm)
    body = _answer(device, session)
    if not device.element.calls.accept(event.call, local, device.spec.id, body, now()):
        session.close()  # it was cancelled, or the power went, while we prepared
        return
    _replace_older(device, session)
    device.sessions[event.call] = session
    device.element.flush()


async def _session(device: "Device", event: Offered) -> Session:
    _check_taste(device, event.request.body)
    try:
        offer = sdp.parse(event.request.body)
    except PeerError as error:
        raise Refusal(400) from error
    if offer.kind != "video" or offer.name == sdp.TALK or (offer.program_stream is None):
        raise Refusal(488)
    channel = _channel(device, event, offer)
    film = _film(channel, offer)
    plays_back = any(not session.is_live for session in device.sessions.values())
    if Quirk.ONE_PLAYBACK in device.quirks and offer.name != sdp.PLAY and plays_back:
        raise Refusal(486)
    outlet = _outlet(device, offer)
    sender = Sender(film, outlet, _ssrc(device, offer), 0, iter(()), lambda: None)
    session = Session(event.call, channel, offer, event.request.headers.get("Subject"), sender, outlet)
    try:
        _prepare(device, session)
        await _prepare_way(device, session)
    except BaseException:
        session.close()
        raise
    return session


def _check_taste(device: "Device", body: bytes) -> None:
    if Quirk.STRICT_SDP in device.quirks and oddities.dislikes_order(body):
        raise Refusal(415)
    if Quirk.PS_FIRST in device.quirks and oddities.dislikes_formats(body):
        raise Refusal(488)


def _channel(device: "Device", event: Offered, offer: sdp.Session) -> Channel:
    """By Request-URI and To, by Subject, by u=."""
    subject = event.request.subject
    named = [event.request.to.user, subject.sender if subject else "", offer.channel]
    found = [device.channels[id] for id in named if id in device.channels]
    if not found and len(device.channels) == 1:
        found = list(device.channels.values())
    if not found:
        raise Refusal(404)
    if not found[0].online:
        raise Refusal(480)
    return found[0]


def _film(channel: Channel, offer: sdp.Session) -> Film:
    wanted = ("sub", channel.spec.sound) if offer.stream_number.lower() in SUB_STREAM else None
    film = channel.films.get(wanted) if wanted else channel.film
    if film is None:
        raise Refusal(480)  # still being prepared
    return film


def _ssrc(device: "Device", offer: sdp.Session) -> int:
    device.streams += 1
    own = oddities.own_ssrc(device.spec.id, device.streams)
    if Quirk.ZERO_SSRC in device.quirks:
        return 0
    if Quirk.SAME_SSRC in device.quirks:
        return oddities.own_ssrc(device.spec.id, 0)
    if device.quirks & {Quirk.OWN_SSRC, Quirk.SSRC_IN_ANSWER} or offer.ssrc is None:
        return own
    return offer.ssrc


def _prepare(device: "Device", session: Session) -> None:
    """What is played, and what follows its end."""
    sender, channel, offer = session.sender, session.channel, session.offer
    sender.away = channel.is_away
    if Quirk.PROGRAM_MAP in device.quirks:
        sender.change = oddities.OddStream()
    if session.is_live:
        at_90k = channel.position_90k()
        sender.plan, sender.origin_90k = plan.live(sender.film, at_90k), sender.film.key_before(at_90k)
        return
    late_s = LATE_START_S if Quirk.LATE_START in device.quirks else 0
    bounds = window(offer, late_s, device.clock())
    kept = max(bounds[0] // 90_000, int(device.storage.formatted_at))
    found = list(recordings.spans(kept, bounds[1] // 90_000, int(device.clock().timestamp())))
    if not found:
        raise Refusal(404)
    session.spans, session.window_90k = found, bounds
    sender.plan = plan.forwards(sender.film, found, *bounds)
    sender.origin_90k = sender.film.key_before(offer.start * 90_000)
    sender.on_end = lambda: device.file_ended(session)
    if offer.name == sdp.DOWNLOAD:
        sender.scale = float(min(max(offer.speed, 1), FULL_SPEED))


def _outlet(device: "Device", offer: sdp.Session) -> UdpOutlet | TcpOutlet:
    to = (offer.address or device.platform.host, offer.port)
    if offer.transport == sdp.UDP or Quirk.IGNORES_TCP in device.quirks:
        return UdpOutlet(device.element.host, to, device.weather)
    return TcpOutlet(device.weather, lambda: None, lambda: None)


async def _prepare_way(device: "Device", session: Session) -> None:
    """How and when the stream's way is opened: UDP with the ACK; TCP by us, or by the platform."""
    outlet, offer = session.outlet, session.offer
    if isinstance(outlet, UdpOutlet):
        session.connect = session.start
        session.offer = replace(offer, transport=sdp.UDP) if offer.transport == sdp.UDP else offer
        return
    host = device.element.host
    outlet._on_up, outlet._on_lost = session.start, lambda: device.media_lost(session)
    if offer.setup == "active":
        device.listening[session.key] = await outlet.listen(host)
        return
    to = (offer.address or device.platform.host, offer.port)
    after_s = 0.0
    if Quirk.CONNECT_TIME in device.quirks:
        after_s = 0.0 if device.streams % 2 else LATE_CONNECT_S
        if not after_s:
            outlet.connect(host, to)
            await asyncio.sleep(0.05)
            return
    session.connect = lambda: outlet.connect(host, to, after_s)


def _answer(device: "Device", session: Session) -> bytes:
    offer, quirks = session.offer, device.quirks
    port = device.listening.pop(session.key, 0)
    if isinstance(session.outlet, UdpOutlet):
        port = session.outlet.port
    told = session.sender.ssrc if Quirk.SSRC_IN_ANSWER in quirks or offer.ssrc is None else offer.ssrc
    answer = sdp.answer_to(
        offer,
        owner=session.channel.spec.id,
        address=oddities.UNREACHABLE if Quirk.PRIVATE_ADDRESS in quirks else device.element.host,
        port=port or 9,
        ssrc=told,
    )
    if offer.name == sdp.DOWNLOAD:
        size = file_size(session.sender.film, session.spans, session.window_90k)
        answer = replace(answer, file_size=size)
    answer = oddities.ntp_window(answer) if Quirk.UTC_TIMES in quirks else answer
    body = sdp.build(replace(answer, wish=sdp.Wish(video=("2", "5", "25", "1", "3000"))))
    body = oddities.bare_sdp(body) if Quirk.BARE_SDP in quirks else body
    body = oddities.odd_answer(body) if Quirk.ODD_ANSWER in quirks else body
    return b"" if Quirk.NO_ANSWER_BODY in quirks else body


def _replace_older(device: "Device", session: Session) -> None:
    """The same Subject again: the old stream is dropped (GB/T 28181-2022 on Subject)."""
    for older in list(device.sessions.values()):
        same = bool(session.subject) and older.subject == session.subject
        if same:
            device.end(older)
        elif Quirk.SECOND_KILLS_FIRST in device.quirks and older.channel is session.channel:
            older.close()


def control(device: "Device", event: Controlled) -> None:
    """An INFO: MANSRTSP."""
    now = asyncio.get_running_loop().time()
    session = device.sessions.get(event.call)
    respond = device.element.transactions.respond
    try:
        request = mansrtsp.parse(event.request.body)
    except PeerError:
        request = None
    if session is None or not isinstance(request, mansrtsp.Request):
        respond(event.transaction, reply(event.request, 400, seen_from=event.peer), now)
        return
    answer = mansrtsp.build(session.control(request))
    told = reply(
        event.request, 200, ("Content-Type", mansrtsp.CONTENT_TYPE), seen_from=event.peer, body=answer
    )
    respond(event.transaction, told, now)
    _watch_pause(device, session)


def _watch_pause(device: "Device", session: Session) -> None:
    if session.pause_ended:
        session.pause_ended.cancel()
        session.pause_ended = None
    if session.sender.paused and Quirk.PAUSE_ENDS in device.quirks:
        loop = asyncio.get_running_loop()
        session.pause_ended = loop.call_later(device.pause_limit_s, device.end, session)
