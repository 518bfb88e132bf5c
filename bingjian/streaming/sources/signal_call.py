"""A call to a GB/T 28181 channel, as the signalling process makes it for us: one WebSocket is one call.

Closing it ends the call, so no device goes on sending for a worker that has died. If the signalling process
dies, a live call goes on: we hold what the next one needs, and take the call up there as soon as it answers.
"""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, fields
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import urlencode

import structlog

from bingjian.protocols.gb28181.address import ChannelAddress
from bingjian.streaming.http import HttpProblem
from bingjian.streaming.websocket import Opcode
from bingjian.streaming.websocket_client import Closed, Connection, Unanswered, connected

AGAIN_FIRST_S, AGAIN_MAX_S = 0.5, 5.0  # between attempts to take a call up; doubled each time
FAREWELL_S = 60.0  # a call that we do not want any more is ended there, if it answers within this

log = structlog.get_logger(__name__)

Query = dict[str, str | int]
Offered = Literal["tcp", "tcp-active", "udp"]  # "tcp": we listen
Action = Literal["pause", "resume", "seek", "speed", "reverse"]


@dataclass(frozen=True, slots=True)
class Line:
    """Where calls are asked for."""

    url: str  # http://host:port of the signalling process
    credential: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Wish:
    """What of a channel is asked for."""

    kind: Literal["play", "playback", "download"] = "play"
    start: str = ""  # of a recording: RFC 3339, by the device's clock
    end: str = ""
    speed: int = 0  # of a download, times as fast as it was recorded; 0: as the device likes

    @property
    def query(self) -> Query:
        if self.kind == "play":
            return {"kind": self.kind}
        return {"kind": self.kind, "start": self.start, "end": self.end, "speed": self.speed}


LIVE = Wish()


@dataclass(frozen=True, slots=True)
class Controlled:
    """What a device says to a control."""

    status: int
    range_s: float | None  # where it goes on, from the start of the window; most do not say


@dataclass(frozen=True, slots=True)
class Accepted:
    """The device takes the call; it begins to send. What it does not say is empty."""

    ssrc: int | None = None  # agreed
    peer_host: str = ""  # of its description
    peer_port: int = 0
    from_host: str = ""  # where its answer came from
    sound: str = ""  # codec
    private: str = ""  # the vendor's name, if it says that it sends a stream of its own
    transport: Offered | None = None  # what the device was offered, where it is fixed for this device
    dialog: str = ""  # with which a live call is taken up after a restart of the signalling process; opaque


class CallEnded(Exception):
    """The call is over, or did not come about; ``cause`` as in the signalling process's interface."""

    def __init__(self, cause: str, status: int, detail: str) -> None:
        super().__init__(detail)
        self.cause, self.status, self.detail = cause, status, detail


class CallBroken(CallEnded):
    """The connection to the signalling process is gone, without a word about the call."""


class SignalCall:
    """One call under way; a context: leaving it ends the call."""

    _connection: Connection

    def __init__(self, line: Line, query: Query) -> None:
        self._line, self._query = line, query
        self._stack = AsyncExitStack()  # of the connection
        self._dialog = ""
        self.is_away = False  # the signalling process is; the call goes on

    async def __aenter__(self) -> Self:
        """Raises CallEnded."""
        await self._connect(self._query)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def accepted(self) -> Accepted:
        """As long as the signalling process lets the device take. Raises CallEnded."""
        accepted = _read(await self._told("accepted"))
        self._dialog = accepted.dialog
        return accepted

    async def until_ended(self, on_controlled: Callable[[Controlled], None] | None = None) -> CallEnded:
        """Why it ended; a restart of the signalling process does not end it.

        Args:
            on_controlled: who hears of the answers to ``control`` meanwhile, in order.
        """
        while True:
            try:
                told = await self._next()
            except CallEnded as ended:
                return ended
            if told.get("type") == "controlled" and on_controlled is not None:
                on_controlled(_controlled(told))

    def control(self, action: Action, *, seek_s: float | None = None, speed: float | None = None) -> None:
        """Steer a playback. ``seek_s``: from the start of its window."""
        told = {"type": "control", "action": action, "seek_s": seek_s, "speed": speed}
        self._connection.send_text(json.dumps({name: one for name, one in told.items() if one is not None}))

    async def take_up(self) -> None:
        """Until the signalling process has this call again. Raises CallEnded: it does not take it."""
        self.is_away, pause_s = True, AGAIN_FIRST_S
        while self.is_away:
            await asyncio.sleep(pause_s * random.uniform(0.8, 1.2))  # noqa: S311  (all calls at once: no burst)
            pause_s = min(2 * pause_s, AGAIN_MAX_S)
            with suppress(CallBroken):
                await self._ask_again()

    async def _ask_again(self) -> None:
        """Raises CallEnded; CallBroken: the signalling process is still away."""
        try:
            await self._connect({**self._query, "resume": self._dialog})
            self._dialog = str((await self._told("taken_up")).get("dialog") or "")
        except CallEnded as ended:
            self.is_away = isinstance(ended, CallBroken)
            raise
        self.is_away = False

    async def farewell(self) -> None:
        """End a call that was left while the signalling process was away, so that the device stops."""
        with suppress(CallEnded, TimeoutError):
            async with asyncio.timeout(FAREWELL_S):
                await self.take_up()
        await self._stack.aclose()

    async def _next(self) -> dict[str, Any]:
        """What is told next. Raises CallEnded."""
        while True:
            try:
                return await told_by(self._connection)
            except CallBroken:
                if not self._dialog:
                    raise
                log.warning("signalling_is_away", **self._names)
                await self.take_up()
                log.info("call_taken_up", **self._names)

    async def _told(self, kind: str) -> dict[str, Any]:
        """The next message of this kind. Raises CallEnded."""
        while True:
            told = await told_by(self._connection)
            if told.get("type") == kind:
                return told

    async def _connect(self, query: Query) -> None:
        """Raises CallEnded."""
        await self._stack.aclose()
        made = connection(self._line, "calls", query)
        self._connection = await self._stack.enter_async_context(made)

    @property
    def _names(self) -> Query:
        return {name: self._query[name] for name in ("device", "channel")}


async def told_by(connection: Connection) -> dict[str, Any]:
    """The signalling process's next message. Raises CallEnded."""
    said = "the signalling process has ended the call"
    try:
        message = await connection.receive()
        told = json.loads(message.payload) if message.opcode == Opcode.TEXT else {}
    except Closed as closed:
        raise (CallBroken if closed.reason is None else CallEnded)("lost", 0, said) from closed
    except ValueError as error:
        raise CallEnded("lost", 0, said) from error
    if told.get("type") == "ended":
        raise CallEnded(str(told.get("cause")), int(told.get("status") or 0), str(told.get("detail")))
    return dict(told)


def calling(
    line: Line,
    channel: ChannelAddress,
    transport: Offered,
    port: int,
    host: str = "",
    wish: Wish = LIVE,
) -> SignalCall:
    """Ask a channel for its live pictures, or for a recording.

    Args:
        port: where we listen, or connect from.
        host: our address as the device is to know it; empty: the signalling process knows.

    Raises:
        CallEnded: on entering it: there is no signalling process, or it does not take the call.
    """
    what: Query = {"device": channel.device, "channel": channel.channel}
    what |= {"stream": channel.stream, **wish.query}
    more = {"transport": transport, "port": port, **({"host": host} if host else {})}
    return SignalCall(line, {**what, **more})


@asynccontextmanager
async def connection(line: Line, kind: str, query: Query) -> AsyncIterator[Connection]:
    """The WebSocket that is a call. Raises CallEnded; CallBroken if the process does not answer now."""
    async with AsyncExitStack() as stack:
        url, credential = f"{line.url}/control/{kind}?{urlencode(query)}", f"Bearer {line.credential}"
        try:
            made = await stack.enter_async_context(connected(url, ("Authorization", credential)))
        except Unanswered as error:
            raise CallBroken("lost", 0, "the signalling process does not answer") from error
        except HttpProblem as error:
            said = f"the signalling process refuses the call ({error.status})"
            kind_of_end = CallBroken if error.status >= 500 else CallEnded
            raise kind_of_end("lost", error.status, said) from error
        yield made


def _read(told: dict[str, Any]) -> Accepted:
    known = {one.name for one in fields(Accepted)}
    return Accepted(**{name: value for name, value in told.items() if name in known and value is not None})


def _controlled(told: dict[str, Any]) -> Controlled:
    status, range_s = told.get("status"), told.get("range_s")
    place_s = float(range_s) if isinstance(range_s, int | float) else None
    return Controlled(status if isinstance(status, int) else 500, place_s)
