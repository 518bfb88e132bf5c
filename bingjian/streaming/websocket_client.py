"""The client's side of a WebSocket between our own processes (RFC 6455).

For our own servers alone: their messages are single unmasked frames (§5.2), which is all that is taken. What
the other process is slow to take waits in the kernel and then in ours; nobody here sends much.
"""

import asyncio
import contextlib
import os
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from bingjian.streaming.http import HttpProblem
from bingjian.streaming.websocket import Message, Opcode, accept_key, header

MESSAGE_MAX = 64 << 20  # bytes; a GOP of a 4K camera stays below
CONNECT_SECONDS = 5.0
MASK = bytes(4)  # a client masks its frames (§5.3); on the machine's own wire nobody is to be confused
HEAD_MAX = 16 * 1024
MASKED = 0x80


class Unanswered(Exception):
    """The server does not answer, or not as a WebSocket server does."""


class Closed(Exception):
    """No more messages come. ``reason``: what the server said; None if the connection broke."""

    def __init__(self, reason: str | None) -> None:
        super().__init__(reason)
        self.reason = reason


class Connection:
    """After the handshake (§4)."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    def send_text(self, text: str) -> None:
        """One message; nothing happens if the connection is gone, which ``receive`` tells."""
        payload = text.encode()
        plain = bytearray(header(Opcode.TEXT, len(payload)))
        plain[1] |= MASKED
        if not self._writer.is_closing():
            self._writer.write(bytes(plain) + MASK + payload)

    async def receive(self) -> Message:
        """The next one. Raises Closed."""
        try:
            message = await self._one()
        except (OSError, asyncio.IncompleteReadError, ValueError) as error:
            raise Closed(None) from error
        if message.opcode == Opcode.CLOSE:
            raise Closed(message.payload[2:].decode("utf-8", "replace"))
        return message

    async def _one(self) -> Message:
        """Raises IncompleteReadError, OSError, ValueError."""
        first, second = await self._reader.readexactly(2)
        extended = {126: 2, 127: 8}.get(second, 0)
        length = int.from_bytes(await self._reader.readexactly(extended)) if extended else second
        if length > MESSAGE_MAX:
            raise ValueError("a message that is too long")
        return Message(Opcode(first & 0x0F), await self._reader.readexactly(length))


@asynccontextmanager
async def connected(url: str, *headers: tuple[str, str]) -> AsyncIterator[Connection]:
    """A WebSocket at ``http://host:port/path?query``, closed at the end.

    Raises:
        Unanswered: nobody is there.
        HttpProblem: the server refuses; with its status, code and sentence.
    """
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            reader, writer = await _opened(url, headers)
    except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise Unanswered from error
    try:
        yield Connection(reader, writer)
    finally:
        with contextlib.suppress(RuntimeError):  # the loop is closed already
            writer.close()


async def _opened(
    url: str, headers: tuple[tuple[str, str], ...]
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    place = urlsplit(url)
    is_tls = place.scheme == "https"
    port = place.port or (443 if is_tls else 80)
    reader, writer = await asyncio.open_connection(
        place.hostname, port, ssl=True if is_tls else None, limit=HEAD_MAX
    )
    try:
        await _shake_hands(reader, writer, place.netloc, _target(place.path, place.query), headers)
    except BaseException:
        writer.close()
        raise
    return reader, writer


def _target(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


async def _shake_hands(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    host: str,
    target: str,
    headers: tuple[tuple[str, str], ...],
) -> None:
    """Raises HttpProblem; OSError and asyncio's."""
    key = b64encode(os.urandom(16)).decode()
    lines = (
        f"GET {target} HTTP/1.1",
        f"Host: {host}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {key}",
        *(f"{name}: {value}" for name, value in headers),
    )
    writer.write("\r\n".join([*lines, "", ""]).encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status = head.split(" ", 2)[1]
    if status != "101" or (accept_key(key) or "") not in head:
        raise HttpProblem(int(status) if status.isdigit() else 502, "refused", "the connection is refused")
