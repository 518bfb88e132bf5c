"""One connection after its upgrade to WebSocket (RFC 6455); frames are ``websocket.py``'s."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bingjian.streaming import websocket
from bingjian.streaming.http import BinaryListener, Listener
from bingjian.streaming.websocket import CloseCode, Opcode, WebSocketError

if TYPE_CHECKING:
    from bingjian.streaming.http_server import HttpServer

PONG_BACKLOG_BYTES = 64 * 1024  # so much that the peer has not taken, and its PINGs are not answered
LINGER_SECONDS = 2.0  # for a peer to take our last words before the connection is cut


@dataclass(slots=True)
class _Nobody:
    """Hears a WebSocket until its listener is there."""

    heard: list[str] = field(default_factory=list)

    def on_text(self, text: str) -> None:
        self.heard.append(text)

    def on_closed(self) -> None:
        return


class WebSocket(asyncio.Protocol):
    """One connection after its upgrade. Messages out are whole frames made elsewhere and shared."""

    def __init__(
        self, transport: asyncio.Transport, server: "HttpServer", opener: Callable[["WebSocket"], Listener]
    ) -> None:
        self.transport = transport
        self.deadline: float | None = None
        self._server = server
        self._reader = websocket.Reader()
        self._listener: Listener = _Nobody()
        self._closing = False
        server.connections.add(self)
        self._listener = opener(self)

    def send_frames(self, frames: list[bytes]) -> None:
        """Whole frames, header and all, back to back."""
        if not self._closing:
            self.transport.writelines(frames)

    def send_text(self, text: str) -> None:
        """One text message."""
        if not self._closing:
            self.transport.write(websocket.text_frame(text))

    def backlog_bytes(self) -> int:
        """What the viewer has not taken yet."""
        return self.transport.get_write_buffer_size()

    def close(self, code: CloseCode, reason: str = "") -> None:
        """Say why, then close; cut if the peer does not follow."""
        if self._closing:
            return
        self._closing = True
        self.transport.write(websocket.close_frame(code, reason))
        self.transport.close()
        self.deadline = asyncio.get_running_loop().time() + LINGER_SECONDS

    # asyncio's callbacks

    def data_received(self, data: bytes) -> None:
        if self._closing:
            return
        try:
            for message in self._reader.receive_data(data):
                self._take(message)
        except WebSocketError as error:
            self.close(error.code, error.reason)

    def connection_lost(self, exc: Exception | None) -> None:
        self._closing = True
        self._server.forget(self)
        self._listener.on_closed()

    # the server's

    def expire(self) -> None:
        self.cut()

    def retire(self) -> None:
        self.close(CloseCode.GOING_AWAY, "the server stops")

    def cut(self) -> None:
        self.transport.abort()

    def _take(self, message: websocket.Message) -> None:
        if message.opcode == Opcode.TEXT:
            self._listener.on_text(_utf8(message.payload))
        elif message.opcode == Opcode.PING:
            self._answer_ping(message.payload)
        elif message.opcode == Opcode.CLOSE:
            self.close(CloseCode.NORMAL)
        elif message.opcode == Opcode.BINARY:
            self._take_binary(message.payload)

    def _answer_ping(self, payload: bytes) -> None:
        """Not every one: a peer that asks and does not read would fill our memory (RFC 6455 §5.5.3)."""
        if not self._closing and self.backlog_bytes() < PONG_BACKLOG_BYTES:
            self.transport.write(websocket.header(Opcode.PONG, len(payload)) + payload)

    def _take_binary(self, payload: bytes) -> None:
        if not isinstance(self._listener, BinaryListener):
            raise WebSocketError(CloseCode.UNSUPPORTED, "only text is taken")
        self._listener.on_binary(payload)


def _utf8(payload: bytes) -> str:
    try:
        return payload.decode()
    except UnicodeDecodeError as error:
        raise WebSocketError(CloseCode.BAD_TEXT, "text must be UTF-8") from error
