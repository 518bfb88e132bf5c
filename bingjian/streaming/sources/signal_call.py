"""A call to a GB/T 28181 channel, as the signalling process makes it for us: one WebSocket is one call.

Closing it ends the call, so no device goes on sending for a worker that has died.
"""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, fields
from typing import Any, Literal
from urllib.parse import urlencode

from bingjian.protocols.gb28181.address import ChannelAddress
from bingjian.streaming.http import HttpProblem
from bingjian.streaming.websocket import Opcode
from bingjian.streaming.websocket_client import Closed, Connection, Unanswered, connected

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
    def query(self) -> dict[str, str | int]:
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
    setup: str = ""
    sound: str = ""  # codec
    private: str = ""  # the vendor's name, if it says that it sends a stream of its own
    filesize: int | None = None  # bytes, of a download
    transport: Offered | None = None  # what the device was offered, where it is fixed for this device


class CallEnded(Exception):
    """The call is over, or did not come about; ``cause`` as in the signalling process's interface."""

    def __init__(self, cause: str, status: int, detail: str) -> None:
        super().__init__(detail)
        self.cause, self.status, self.detail = cause, status, detail


class SignalCall:
    """One call under way."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def accepted(self) -> Accepted:
        """As long as the signalling process lets the device take. Raises CallEnded."""
        while True:
            told = await told_by(self._connection)
            if told.get("type") == "accepted":
                return _read(told)

    async def until_ended(self, on_controlled: Callable[[Controlled], None] | None = None) -> CallEnded:
        """Why it ended. ``on_controlled``: who hears of the answers to ``control`` meanwhile, in order."""
        while True:
            try:
                told = await told_by(self._connection)
            except CallEnded as ended:
                return ended
            if told.get("type") == "controlled" and on_controlled is not None:
                on_controlled(_controlled(told))

    def control(self, action: Action, *, seek_s: float | None = None, speed: float | None = None) -> None:
        """Steer a playback. ``seek_s``: from the start of its window."""
        told = {"type": "control", "action": action, "seek_s": seek_s, "speed": speed}
        self._connection.send_text(json.dumps({name: one for name, one in told.items() if one is not None}))

    def remember(self, ssrc: int, transport: str) -> None:
        """What came, whatever was agreed."""
        told = {"type": "remember", "ssrc": ssrc, "transport": transport}
        self._connection.send_text(json.dumps(told))


async def told_by(connection: Connection) -> dict[str, Any]:
    """The signalling process's next message. Raises CallEnded."""
    try:
        message = await connection.receive()
        told = json.loads(message.payload) if message.opcode == Opcode.TEXT else {}
    except (Closed, ValueError) as error:
        raise CallEnded("lost", 0, "the signalling process has ended the call") from error
    if told.get("type") == "ended":
        raise CallEnded(str(told.get("cause")), int(told.get("status") or 0), str(told.get("detail")))
    return dict(told)


@asynccontextmanager
async def calling(
    line: Line,
    channel: ChannelAddress,
    transport: Offered,
    port: int,
    host: str = "",
    wish: Wish = LIVE,
) -> AsyncIterator[SignalCall]:
    """Ask a channel for its live pictures, or for a recording.

    Args:
        port: where we listen, or connect from.
        host: our address as the device is to know it; empty: the signalling process knows.

    Raises:
        CallEnded: there is no signalling process, or it does not take the call.
    """
    what: dict[str, str | int] = {"device": channel.device, "channel": channel.channel}
    what |= {"stream": channel.stream, **wish.query}
    more = {"transport": transport, "port": port, **({"host": host} if host else {})}
    async with connection(line, "calls", {**what, **more}) as made:
        yield SignalCall(made)


@asynccontextmanager
async def connection(line: Line, kind: str, query: dict[str, str | int]) -> AsyncIterator[Connection]:
    """The WebSocket that is a call. Raises CallEnded."""
    async with AsyncExitStack() as stack:
        url, credential = f"{line.url}/control/{kind}?{urlencode(query)}", f"Bearer {line.credential}"
        try:
            made = await stack.enter_async_context(connected(url, ("Authorization", credential)))
        except Unanswered as error:
            raise CallEnded("lost", 0, "the signalling process does not answer") from error
        except HttpProblem as error:
            said = f"the signalling process refuses the call ({error.status})"
            raise CallEnded("lost", error.status, said) from error
        yield made


def _read(told: dict[str, Any]) -> Accepted:
    known = {one.name for one in fields(Accepted)}
    return Accepted(**{name: value for name, value in told.items() if name in known and value is not None})


def _controlled(told: dict[str, Any]) -> Controlled:
    status, range_s = told.get("status"), told.get("range_s")
    place_s = float(range_s) if isinstance(range_s, int | float) else None
    return Controlled(status if isinstance(status, int) else 500, place_s)
