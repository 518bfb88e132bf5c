"""A voice call as the signalling process makes it for us: one WebSocket, and closing it is the BYE."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from typing import Any

from bingjian.protocols.gb28181.address import ChannelAddress
from bingjian.streaming.sources.signal_call import CallEnded, Line, connection, told_by
from bingjian.streaming.websocket_client import Connection


@dataclass(frozen=True, slots=True)
class Accepted:
    """How the device wants to hear us."""

    ssrc: int
    payload_type: int
    sound: str  # codec
    transport: str  # "udp" or "tcp"
    setup: str  # over TCP, the device's part
    peer_host: str
    peer_port: int
    from_host: str


class VoiceCall:
    """One under way."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def accepted(self) -> Accepted:
        """As long as the signalling process lets the device take. Raises CallEnded."""
        while True:
            told = await told_by(self._connection)
            if told.get("type") == "accepted":
                return _read(told)

    async def until_ended(self) -> CallEnded:
        """Why it ended."""
        while True:
            try:
                await told_by(self._connection)
            except CallEnded as ended:
                return ended


@asynccontextmanager
async def voice_call(line: Line, channel: ChannelAddress, port: int, host: str) -> AsyncIterator[VoiceCall]:
    """Ask a channel to listen.

    Args:
        port: where we speak from.
        host: our address as the device is to know it; empty: the signalling process knows.

    Raises:
        CallEnded: there is no signalling process, or it does not take the call.
    """
    what: dict[str, str | int] = {"device": channel.device, "channel": channel.channel, "port": port}
    what |= {"host": host} if host else {}
    async with connection(line, "voice", what) as made:
        yield VoiceCall(made)


def _read(told: dict[str, Any]) -> Accepted:
    """Raises CallEnded: it is of another version."""
    try:
        return Accepted(**{one.name: told[one.name] for one in fields(Accepted)})
    except KeyError as error:
        raise CallEnded("lost", 0, "the signalling process tells no more of the call") from error
