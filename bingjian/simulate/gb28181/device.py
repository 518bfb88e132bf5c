"""One simulated device: its registration, and everything that is asked of it."""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime, timedelta

from bingjian.protocols.errors import PeerError
from bingjian.protocols.gb28181 import manscdp
from bingjian.protocols.gb28181.manscdp import catalog, configuration, controls, notifies
from bingjian.protocols.gb28181.manscdp.message import Message as Manscdp
from bingjian.protocols.gb28181.manscdp.text import Charset
from bingjian.protocols.sip import compose
from bingjian.protocols.sip.call_events import Accepted, CallEvent, Confirmed, Controlled, Ended, Offered
from bingjian.protocols.sip.client_transactions import TooManyRequests
from bingjian.protocols.sip.dialog import DialogKey
from bingjian.protocols.sip.digest import Account
from bingjian.protocols.sip.enrolment import Enrolled, Enrolment, EnrolmentEvent, Failed, KeepAliveDue, State
from bingjian.protocols.sip.events import Answered, Asked, ClientKey, Event, Unanswered
from bingjian.protocols.sip.message import Message, Request, Response
from bingjian.protocols.sip.reply import Peer, reply
from bingjian.protocols.sip.subscription_events import SubscriptionEvent
from bingjian.simulate.gb28181 import commands, hearing, offers, voice
from bingjian.simulate.gb28181.answers import answers, beijing_as_utc
from bingjian.simulate.gb28181.channel import Channel
from bingjian.simulate.gb28181.element import Element
from bingjian.simulate.gb28181.endings import tell_end
from bingjian.simulate.gb28181.oddities import broken_xml, utf8_as_gb
from bingjian.simulate.gb28181.quirks import AT_REGISTRATION, OWN_SOCKET, Quirk
from bingjian.simulate.gb28181.reports import Reports
from bingjian.simulate.gb28181.session import PAUSE_LIMIT_S, Session
from bingjian.simulate.gb28181.settings import Settings
from bingjian.simulate.gb28181.spec import DeviceSpec, Platform
from bingjian.simulate.gb28181.storage import Storage
from bingjian.simulate.gb28181.weather import Weather

RETRY_S = 5.0  # of a device that is set up wrongly, or has lost its connection
BOOT_S = 3.0  # from TeleBoot to the new registration
POWER_CUT_S = 1.0  # quirk 31
MTU = 1472  # bytes of a datagram that needs no fragments (quirk 22)
HALF_OPEN_S = 60.0  # how long connections of before a power cut stay
BYE_WITHIN_S = 30.0  # after the end of a file; then the device ends the call itself
WRONG_DOMAIN = "1111111111"  # quirk 14
FIRMWARE = "1.0"
PLACE = (116.39, 39.91)  # longitude and latitude of the first device


class Device:
    """See ``element.Resident``. ``channels``: by id."""

    def __init__(
        self, spec: DeviceSpec, platform: Platform, element: Element, channels: Mapping[str, Channel]
    ) -> None:
        self.spec, self.platform, self.element, self.channels = spec, platform, element, channels
        self.quirks = set(spec.quirks)
        self.sessions: dict[DialogKey, Session] = {}
        self.listeners: dict[DialogKey, voice.Listener] = {}
        self.listening: dict[DialogKey, int] = {}  # ports of sessions that are being prepared
        self.heard = voice.Heard()
        self.reports = Reports(self)
        self.streams = 0
        self.pause_limit_s = PAUSE_LIMIT_S
        self.settings = Settings(spec)
        self.storage = Storage()
        self.firmware = FIRMWARE
        self.owed: list[Manscdp] = []  # told after the next registration
        self.hearing = hearing.Hearing(self)
        self.ends = 0  # files that have ended
        self.registrations = 0  # begun, whatever came of them
        self._sn = random.randrange(1, 100_000)  # noqa: S311 (no secret)
        self._offset = timedelta(0)  # of the device's clock
        self._waiting: deque[Manscdp] = (
            deque()
        )  # told one after the other, each after the 200 of the one before
        self._pending: ClientKey | None = None
        self._enrolment: Enrolment | None = None
        self._off = True  # no power
        self._stopped = False
        self._half_open: list[Session] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()

    # What others ask of it

    @property
    def weather(self) -> Weather:
        return self.element.weather

    @property
    def registered(self) -> bool:
        return self._enrolment is not None and self._enrolment.state is State.REGISTERED

    @property
    def manufacturer(self) -> str:
        return "" if Quirk.UNKNOWN_MAKER in self.quirks else self.spec.manufacturer

    @property
    def place(self) -> tuple[float, float]:
        serial = int(self.spec.id[-6:])
        return PLACE[0] + serial % 100 * 0.01, PLACE[1] + serial // 100 % 100 * 0.01

    @property
    def peer(self) -> Peer:
        return Peer(self.spec.transport, self.platform.host, self.platform.port, self.element.connection)

    @property
    def domain(self) -> str:
        return WRONG_DOMAIN if Quirk.WRONG_DOMAIN in self.quirks else self.platform.realm

    @property
    def platform_id(self) -> str:
        """As the device believes it is."""
        return f"{WRONG_DOMAIN}2000000009" if Quirk.WRONG_DOMAIN in self.quirks else self.platform.id

    def asked(self, id: str) -> list[Channel]:
        """The channels that a command to this id is about."""
        if id in self.channels:
            return [self.channels[id]]
        return list(self.channels.values())

    def next_sn(self) -> int:
        self._sn += 1
        return self._sn

    def clock(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def told(self, moment: datetime) -> datetime:
        """As it leaves the device: MANSCDP writes Beijing's time."""
        return beijing_as_utc(moment) if Quirk.UTC_TIMES in self.quirks else moment

    def understood(self, moment: datetime) -> int:
        """Unix seconds of a time in a query."""
        shift_s = 8 * 3600 if Quirk.UTC_TIMES in self.quirks else 0
        return int(moment.timestamp()) + shift_s

    # Life

    async def start(self) -> None:
        """Register. Over TCP: connect first, and try again if nobody is there."""
        self._off = False
        if self.quirks & OWN_SOCKET:
            self._suit_network()
        self.element.take_in(self, self.spec.id, *self.channels)
        await self._connect()

    async def stop(self) -> None:
        """Without a word, and for good."""
        self.vanish()
        self._stopped = True
        self._close_half_open(self._half_open.copy())
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for channel in self.channels.values():
            channel.stop()

    def leave(self) -> None:
        """Sign off: Expires 0."""
        if self._enrolment:
            self._enrolment.leave(self._loop.time())
            self._changed()

    def restart(self) -> None:
        """Register anew, with a Call-ID of its own, as after a start."""
        if self._off:
            return
        if self.spec.connects and not self.element.connection:
            self.run(self._connect())
            return
        self._waiting.clear()
        self._pending = None
        self._enrolment = Enrolment(
            self.element.transactions,
            self.element.local(self.spec.id, self.domain),
            self.peer,
            self.platform_id,
            Account("" if Quirk.BLANK_PASSWORD in self.quirks else self.spec.password, self.spec.id),
            expires_s=self.settings.basic.expiration or self.spec.expires_s,
            keep_alive_s=self.settings.keep_alive_s,
        )
        self._register()

    def vanish(self) -> None:
        """Power is gone: nothing is said, dialogs are forgotten, connections stay half open."""
        self._off, self._enrolment, self._pending = True, None, None
        self._waiting.clear()
        self.element.put_out(self.spec.id, *self.channels)
        self.element.flush()  # what has been said is said, what others say too
        self.element.calls.abandon(self.spec.id, self._loop.time())
        self.element.transactions.take_output()
        self.element.forget(self)
        self.reports.stop()
        for listener in self.listeners.values():
            listener.close()
        self.listeners.clear()
        for session in self.sessions.values():
            session.sender.pause()
            session.channel.leave(session.sender)
        left = list(self.sessions.values())
        self._half_open += left
        self.later(HALF_OPEN_S, lambda: self._close_half_open(left))
        self.sessions.clear()

    def boot(self) -> None:
        self.vanish()
        self.later(BOOT_S, lambda: self.run(self.start()))

    def later(self, seconds: float, do: Callable[[], object]) -> None:
        self._loop.call_later(seconds, do)

    def _close_half_open(self, left: list[Session]) -> None:
        """What a power cut left behind; the platform has noticed by now, or never will."""
        for session in left:
            session.close()
        self._half_open = [session for session in self._half_open if session not in left]

    def run(self, work: Coroutine[None, None, None]) -> None:
        """Beside the rest, until it ends or the device is stopped."""
        if self._stopped:
            work.close()
            return
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self) -> None:
        if self.spec.connects and not self.element.connection:
            try:
                await self.element.connect(self.element.host, self.platform, self.spec.transport)
            except OSError:
                self.later(RETRY_S, lambda: None if self._off else self.run(self._connect()))
                return
        self.restart()

    def disconnected(self) -> None:
        """Whoever has signed off stays so; the others come back."""
        if self._enrolment and self._enrolment.state in (State.LEAVING, State.IDLE):
            return
        self._enrolment = None
        self.later(RETRY_S, lambda: None if self._off else self.run(self._connect()))

    def _register(self) -> None:
        if self._enrolment is None:
            return
        self.registrations += 1
        try:
            self._enrolment.start(self._loop.time())
        except TooManyRequests:
            self.later(RETRY_S, self._register)
        self._changed()

    def _changed(self) -> None:
        self.element.watch(self.spec.id, self.next_deadline())
        self.element.flush()

    # Element's calls

    def hears(self, message: Message, peer: Peer) -> Message | None:
        return self.hearing.hears(message, peer)

    def altered_request(self, request: Request) -> Request:
        return self.hearing.altered_request(request)

    def altered_response(self, response: Response) -> Response:
        return self.hearing.altered_response(response)

    def next_deadline(self) -> float | None:
        return self._enrolment.next_deadline() if self._enrolment else None

    def expire(self, now: float) -> None:
        for event in self._enrolment.expire(now) if self._enrolment else ():
            self._enrolled(event, now)

    def happened(self, event: Event, now: float) -> None:
        if self._enrolment:
            told = self._enrolment.handle(event, now)
            self.element.watch(self.spec.id, self._enrolment.next_deadline())
            if told is not None:
                for each in told:
                    self._enrolled(each, now)
                return
        if isinstance(event, Asked):
            self._asked(event, now)
        elif isinstance(event, Answered | Unanswered) and event.key == self._pending and _is_final(event):
            self._pending = None
            self._tell_next(now)

    def called(self, event: CallEvent, now: float) -> None:
        session = self.sessions.get(event.call)
        match event:
            case Offered():
                self.run(offers.take(self, event))
            case Confirmed() if session and session.connect:
                session.connect()
            case Controlled():
                offers.control(self, event)
            case Accepted():
                self.element.calls.acknowledge(event.call)
            case Ended():
                self._ended(event.call)

    def subscribed(self, event: SubscriptionEvent, now: float) -> None:
        self.reports.subscribed(event, now)

    # Registration

    def _enrolled(self, event: EnrolmentEvent, now: float) -> None:
        match event:
            case Enrolled(_, _, clock):
                self._offset = clock - datetime.now(UTC) if clock else timedelta(0)
                owed, self.owed = self.owed, []
                self.tell(*owed)
            case KeepAliveDue():
                self._keep_alive_due(now)
            case Failed() if self.quirks & {Quirk.BLANK_PASSWORD}:
                self.later(RETRY_S, self._register)

    def _keep_alive_due(self, now: float) -> None:
        if Quirk.ADDRESS_MOVES in self.quirks and not self.spec.connects:
            self.run(self._move(hearing.other_host(self.element.host)))
        elif Quirk.PORT_MOVES in self.quirks and not self.spec.connects:
            self.run(self._change_port())
        else:
            self._keep_alive(now)

    def _keep_alive(self, now: float) -> None:
        if self._enrolment is None:
            return
        body = self.body(notifies.Keepalive(sn=self.next_sn(), device_id=self.spec.id, status="OK"))
        try:
            self._enrolment.keep_alive(manscdp.CONTENT_TYPE, body, now)
        except TooManyRequests:
            return  # the next one

    async def _change_port(self) -> None:
        await self.element.open_udp(self.element.host)
        self._keep_alive(self._loop.time())
        self.element.flush()

    async def _move(self, host: str) -> None:
        """Another address, and a REGISTER that answers no challenge."""
        await self.element.open_udp(host)
        self._register()

    # What is ordered at run time

    def set_quirk(self, quirk: Quirk, on: bool) -> None:
        (self.quirks.add if on else self.quirks.discard)(quirk)
        if quirk in OWN_SOCKET:
            self._suit_network()
        if quirk is Quirk.ADDRESS_MOVES and on and not self.spec.connects:
            self.run(self._move(hearing.other_host(self.element.host)))
        elif quirk in AT_REGISTRATION:
            self.restart()

    def hang_up(self) -> None:
        """End all streams: by BYE, or by a power cut."""
        if Quirk.POWER_CUT in self.quirks:
            self.crash(POWER_CUT_S)
            return
        for session in list(self.sessions.values()):
            self.end(session)

    def crash(self, seconds: float) -> None:
        """Gone without a word; afterwards everything is new: the Call-ID, the connection, the dialogs."""
        self.vanish()
        self.element.hang_up()
        self.later(seconds, lambda: self.run(self.start()))

    def _suit_network(self) -> None:
        self.element.weather.mtu_bytes = MTU if Quirk.BIG_DATAGRAMS in self.quirks else 0

    # Messages

    def body(self, message: Manscdp) -> bytes:
        """As this device writes it."""
        utf8 = Quirk.UTF8_AS_GB in self.quirks
        body = manscdp.build(message, edition=self.spec.edition, charset=Charset.UTF8 if utf8 else Charset.GB)
        body = utf8_as_gb(body) if utf8 else body
        return broken_xml(body) if Quirk.BROKEN_XML in self.quirks else body

    def tell(self, *messages: Manscdp) -> None:
        """By MESSAGE, one after the other, when those before have been answered."""
        self._waiting.extend(messages)
        if self._pending is None:
            self._tell_next(self._loop.time())
            self.element.flush()

    def _tell_next(self, now: float) -> None:
        if not self._waiting or self._off:
            return
        told = self._waiting.popleft()
        local = self.element.local(self.spec.id, self.domain)
        request = compose.message(local, self.peer, self.platform_id, manscdp.CONTENT_TYPE, self.body(told))
        try:
            self._pending = self.element.transactions.request(request, self.peer, now)
        except TooManyRequests:
            self._waiting.clear()
            return
        if isinstance(told, catalog.CatalogPage) and Quirk.EARLY_NOTIFY in self.quirks:
            for channel in self.channels.values() if len(self._waiting) else ():
                self.reports.catalog_change(channel, "ADD")

    def _asked(self, event: Asked, now: float) -> None:
        known = event.request.method in ("MESSAGE", "OPTIONS", "NOTIFY")
        answer = reply(event.request, 200 if known else 405, seen_from=event.peer, tag=compose.new_tag())
        self.element.transactions.respond(event.key, answer, now)
        if event.request.method != "MESSAGE":
            return
        try:
            self._received(manscdp.parse(event.request.body))
        except PeerError:
            return  # the 200 has been sent; a device says no more

    def _received(self, message: Manscdp) -> None:
        match message:
            case controls.DeviceControl():
                result = commands.obey(self, message)
                if result:
                    self.tell(result)
            case configuration.DeviceConfig():
                self.tell(commands.configure(self, message))
            case notifies.Broadcast():
                own = message.target_id if message.target_id in self.channels else self.spec.id
                self.tell(notifies.BroadcastResult(sn=message.sn, device_id=own, result="OK"))
                self.run(voice.listen(self, message))
            case _:
                self.tell(*answers(self, message) or ())

    # Calls

    def end(self, session: Session) -> None:
        """By us: BYE."""
        self.end_call(session.key)
        session.close()

    def end_call(self, key: DialogKey) -> None:
        self.element.calls.end(key, self._loop.time())
        self.element.flush()

    def file_ended(self, session: Session) -> None:
        self.ends += 1
        tell_end(self, session)
        session.timers.append(self._loop.call_later(BYE_WITHIN_S, self.end, session))

    def media_lost(self, session: Session) -> None:
        """The TCP connection is gone, or was never there."""
        if session.key in self.sessions:
            self.end(session)

    def _ended(self, key: DialogKey) -> None:
        if session := self.sessions.pop(key, None):
            session.close()
        if listener := self.listeners.pop(key, None):
            listener.close()


def _is_final(event: Answered | Unanswered) -> bool:
    return isinstance(event, Unanswered) or event.response.status >= 200
