"""What devices say in MESSAGE and NOTIFY: read once, handed to who wants that kind.

Large ones, catalogues of thousands in one message, are read in a thread: others' keep-alives go on.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import structlog

from bingjian.protocols.errors import PeerError
from bingjian.protocols.gb28181 import manscdp
from bingjian.protocols.gb28181.manscdp.message import Message
from bingjian.protocols.gb28181.manscdp.text import charset_of
from bingjian.protocols.sip.message import Request
from bingjian.protocols.sip.reply import Peer
from bingjian.protocols.sip.subscription_events import Notified, SubscriptionEvent
from bingjian.signalling.endpoint import Endpoint
from bingjian.signalling.listener import Listener

LARGE = 64 * 1024  # bytes; one takes 5 ms to read
THREADED_LIMIT = 64  # large ones being read; more are lost, and the query is over without them

log = structlog.get_logger(__name__)

Kind = TypeVar("Kind", bound=Message)
Taker = Callable[[str, Kind, Request, bool], None]


class Messages(Listener):
    """Takers get the device, the message, the request it came in, and whether it was a NOTIFY."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._takers: dict[type[Message], list[Taker[Message]]] = {}
        self._reading: set[asyncio.Task[None]] = set()
        self.unreadable = 0

    def add(self, kind: type[Kind], taker: Taker[Kind]) -> None:
        """``kind``: a class of ``manscdp``, or one above several."""
        self._takers.setdefault(kind, []).append(taker)  # type: ignore[arg-type]  # asked for by its class

    def on_message(self, device: str, request: Request, peer: Peer) -> None:
        self._take(device, request, False)

    def on_subscription(self, event: SubscriptionEvent) -> None:
        if isinstance(event, Notified):
            self._take(event.device, event.request, True)

    def _take(self, device: str, request: Request, notify: bool) -> None:
        if len(request.body) < LARGE:
            self._read(device, request, notify, partial(manscdp.parse, request.body))
        elif len(self._reading) < THREADED_LIMIT:
            task = asyncio.create_task(self._read_large(device, request, notify))
            self._reading.add(task)
            task.add_done_callback(self._reading.discard)

    async def _read_large(self, device: str, request: Request, notify: bool) -> None:
        try:
            message = await asyncio.to_thread(manscdp.parse, request.body)
        except PeerError as error:
            self._note_unreadable(device, error)
            return
        self._hand_over(device, message, request, notify)
        self._endpoint.flush()

    def _read(self, device: str, request: Request, notify: bool, parse: Callable[[], Message]) -> None:
        try:
            message = parse()
        except PeerError as error:
            self._note_unreadable(device, error)
            return
        self._hand_over(device, message, request, notify)

    def _hand_over(self, device: str, message: Message, request: Request, notify: bool) -> None:
        charset = charset_of(request.body)
        if charset is not None:
            self._endpoint.devices.learn_charset(device, charset)
        for kind in type(message).__mro__:
            for taker in self._takers.get(kind, ()):
                taker(device, message, request, notify)

    def _note_unreadable(self, device: str, error: PeerError) -> None:
        self.unreadable += 1
        log.debug("message_unreadable", device=device, reason=str(error))
