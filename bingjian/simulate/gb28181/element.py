"""One SIP element of simulated devices: its sockets, transactions, calls and subscriptions.

Many idle devices share one element and one UDP socket; a device with a connection, or with a network of its
own, has one for itself. What a device says is altered on its way out, and what it does not hear is dropped on
its way in, so that the layers between stay as they are.
"""

import asyncio
import ssl
from collections.abc import Callable
from functools import cache
from itertools import count
from pathlib import Path
from typing import Protocol, cast

from bingjian.protocols.sip.call_events import CallEvent, Ended, Offered
from bingjian.protocols.sip.calls import Calls
from bingjian.protocols.sip.compose import Local
from bingjian.protocols.sip.deadlines import Deadlines
from bingjian.protocols.sip.dialog import DialogKey
from bingjian.protocols.sip.errors import MessageError
from bingjian.protocols.sip.events import Answered, Asked, ClientKey, Event, Outgoing, ServerKey, Unanswered
from bingjian.protocols.sip.fields import read_uri
from bingjian.protocols.sip.message import Message, Request, Response, read_datagram
from bingjian.protocols.sip.notifier import Notifier
from bingjian.protocols.sip.reply import Peer, reply
from bingjian.protocols.sip.stream import Reader
from bingjian.protocols.sip.subscription_events import Lapsed, SubscriptionAsked, SubscriptionEvent
from bingjian.protocols.sip.transactions import Transactions
from bingjian.simulate.gb28181.outlet import bound
from bingjian.simulate.gb28181.spec import Platform
from bingjian.simulate.gb28181.weather import Weather

_connections = count(1)


class Resident(Protocol):
    """What an element asks of each device on it."""

    def hears(self, message: Message, peer: Peer) -> Message | None: ...

    def altered_request(self, request: Request) -> Request: ...

    def altered_response(self, response: Response) -> Response: ...

    def happened(self, event: Event, now: float) -> None: ...

    def called(self, event: CallEvent, now: float) -> None: ...

    def subscribed(self, event: SubscriptionEvent, now: float) -> None: ...

    def next_deadline(self) -> float | None: ...

    def expire(self, now: float) -> None: ...

    def disconnected(self) -> None: ...


class Altered(Transactions):
    """Transactions whose messages leave as the device of their sender wants them."""

    def __init__(self, find: Callable[[str], Resident | None]) -> None:
        super().__init__()
        self._find = find

    def request(self, request: Request, peer: Peer, now: float) -> ClientKey:
        device = self._find(request.sender.user)
        return super().request(device.altered_request(request) if device else request, peer, now)

    def respond(self, key: ServerKey, response: Response, now: float) -> None:
        device = self._find(response.to.user)
        super().respond(key, device.altered_response(response) if device else response, now)


class Element(asyncio.DatagramProtocol):
    """``now``: the event loop's time, which is monotonic."""

    def __init__(self, weather: Weather) -> None:
        self.weather = weather
        self.transactions = Altered(self.find)
        self.calls = Calls(self.transactions)
        self.notifier = Notifier(self.transactions)
        self.host, self.port = "", 0
        self.connection = 0  # of TCP or TLS; 0: none
        self._residents: dict[str, Resident] = {}  # by the ids of devices and of their channels
        self._deadlines: Deadlines[str] = Deadlines()
        self._owners: dict[DialogKey, Resident] = {}
        self._loop = asyncio.get_running_loop()
        self._udp: asyncio.DatagramTransport | None = None
        self._tcp: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    # Sockets

    async def open_udp(self, host: str, port: int = 0) -> None:
        """Listen, and give up the socket there was. Raises OSError."""
        before = self._udp
        made = bound(host, port)
        self.host, self.port = made.getsockname()[:2]
        transport, _ = await self._loop.create_datagram_endpoint(lambda: self, sock=made)
        self._udp = transport
        if before:
            before.close()

    async def connect(self, host: str, platform: Platform, over: str) -> None:
        """A connection, over which everything goes. Raises OSError, ssl.SSLError among them."""
        self.hang_up()
        number = next(_connections)
        transport, _ = await self._loop.create_connection(
            lambda: _Connection(self, number, over),
            platform.host,
            platform.port,
            local_addr=(host, 0),
            ssl=_trusting(platform.ca_file) if over == "TLS" else None,
        )
        self._tcp, self.connection = transport, number
        self.host, self.port = transport.get_extra_info("sockname")[:2]

    def hang_up(self) -> None:
        if self._tcp:
            self._tcp.abort()
        self._tcp, self.connection = None, 0

    def close(self) -> None:
        self.hang_up()
        if self._timer:
            self._timer.cancel()
        if self._udp:
            self._udp.close()

    def local(self, id: str, domain: str) -> Local:
        return Local(id, domain, self.host, self.port, self.port)

    # Devices

    def find(self, id: str) -> Resident | None:
        return self._residents.get(id)

    def take_in(self, resident: Resident, *ids: str) -> None:
        for id in ids:
            self._residents[id] = resident

    def put_out(self, *ids: str) -> None:
        for id in ids:
            self._residents.pop(id, None)
            self._deadlines.clear(id)

    def own(self, key: DialogKey, resident: Resident) -> None:
        """A call that the device began."""
        self._owners[key] = resident

    def forget(self, resident: Resident) -> None:
        """It knows nothing of its dialogs any more."""
        for key in [key for key, owner in self._owners.items() if owner is resident]:
            del self._owners[key]

    # In

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        try:
            message = read_datagram(data)
        except MessageError:
            return
        if message and not self.weather.silent:
            self.receive(message, Peer("UDP", addr[0], addr[1]))

    def receive(self, message: Message, peer: Peer) -> None:
        device = self._addressee(message)
        heard = device.hears(message, peer) if device else message
        if heard:
            now = self._loop.time()
            self._process(self.transactions.receive(heard, peer, now), now)
        self.flush()

    def lost(self, number: int) -> None:
        """The connection has ended, not by us."""
        if number != self.connection:
            return
        self._tcp, self.connection = None, 0
        now = self._loop.time()
        self._process(self.transactions.connection_lost(number), now)
        for device in set(self._residents.values()):
            device.disconnected()
        self.flush()

    # Out

    def flush(self) -> None:
        """Send what waits, and see when to look again. After everything that a device does."""
        for outgoing in self.transactions.take_output():
            self._send(outgoing)
        self._schedule()

    def watch(self, id: str, deadline: float | None) -> None:
        """When the device wants to be asked next."""
        if deadline is None:
            self._deadlines.clear(id)
        else:
            self._deadlines.set(id, deadline)

    def _send(self, outgoing: Outgoing) -> None:
        if not outgoing.peer.reliable:
            address = (outgoing.peer.host, outgoing.peer.port)
            self.weather.send(outgoing.data, lambda data: self._transmit(data, address))
        elif self._tcp and not self.weather.silent:
            self._tcp.write(outgoing.data)

    def _transmit(self, data: bytes, address: tuple[str, int]) -> None:
        if self._udp and not self._udp.is_closing():
            self._udp.sendto(data, address)

    def _schedule(self) -> None:
        parts = (self.transactions, self.calls, self.notifier)
        ends = [self._deadlines.next(), *(part.next_deadline() for part in parts)]
        due = min((at for at in ends if at is not None), default=None)
        if self._timer:
            self._timer.cancel()
        self._timer = None if due is None else self._loop.call_at(due, self._expire)

    def _expire(self) -> None:
        now = self._loop.time()
        self._process(self.transactions.expire(now), now)
        for call_event in self.calls.expire(now):
            self._called(call_event, now)
        for event in self.notifier.expire(now):
            self._subscribed(event, now)
        for id in self._deadlines.due(now):
            if device := self.find(id):
                device.expire(now)
                self.watch(id, device.next_deadline())
        self.flush()

    # To whom

    def _addressee(self, message: Message) -> Resident | None:
        if isinstance(message, Response):
            return self.find(message.sender.user)
        return self.find(read_uri(message.uri).user) or self.find(message.to.user)

    def _process(self, events: list[Event], now: float) -> None:
        for event in events:
            calls = self.calls.handle(event, now)
            subscriptions = self.notifier.handle(event, now) if calls is None else None
            for call_event in calls or ():
                self._called(call_event, now)
            for subscription_event in subscriptions or ():
                self._subscribed(subscription_event, now)
            if calls is None and subscriptions is None:
                self._happened(event, now)

    def _happened(self, event: Event, now: float) -> None:
        device: Resident | None = None
        if isinstance(event, Asked):
            device = self._addressee(event.request)
            if device is None:
                self.transactions.respond(event.key, reply(event.request, 404, seen_from=event.peer), now)
        elif isinstance(event, Answered | Unanswered):
            device = self.find(event.request.sender.user)
        if device:
            device.happened(event, now)

    def _called(self, event: CallEvent, now: float) -> None:
        if isinstance(event, Offered):
            device = self._addressee(event.request)
            if device is None:
                self.calls.reject(event.call, 404, now)
                return
            self._owners[event.call] = device
        owner = self._owners.get(event.call)
        if isinstance(event, Ended):
            self._owners.pop(event.call, None)
        if owner:
            owner.called(event, now)

    def _subscribed(self, event: SubscriptionEvent, now: float) -> None:
        if isinstance(event, SubscriptionAsked):
            device = self._addressee(event.request)
            if device is None:
                self.notifier.refuse(event.subscription, 404, now)
                return
            self._owners[event.subscription] = device
        owner = self._owners.get(event.subscription)
        if isinstance(event, Lapsed):
            self._owners.pop(event.subscription, None)
        if owner:
            owner.subscribed(event, now)


@cache
def _trusting(ca_file: Path | None) -> ssl.SSLContext:
    """With a file, its certificate must be signed by it and name the address. Raises OSError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    else:  # as most devices do
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


class _Connection(asyncio.Protocol):
    def __init__(self, element: Element, number: int, over: str) -> None:
        self._element, self._number, self._over, self._reader = element, number, over, Reader()
        self._reader.trust()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        assert self._transport
        host, port = self._transport.get_extra_info("peername")[:2]
        try:
            messages = self._reader.receive_data(data)
        except MessageError:
            self._transport.abort()
            return
        for message in messages:
            if not isinstance(message, MessageError) and not self._element.weather.silent:
                self._element.receive(message, Peer(self._over, host, port, self._number))

    def connection_lost(self, error: Exception | None) -> None:
        self._element.lost(self._number)
