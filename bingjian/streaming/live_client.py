"""Watches a live stream of a media worker, as a page does: WebSocket messages in, heartbeats out.

For our own servers alone: their messages are single unmasked frames (RFC 6455 §5.2), which is all that is
taken. Whoever is slow to take a message slows the worker down, which skips to a key frame then.
"""

import asyncio
import os
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from bingjian.streaming.http import HttpProblem
from bingjian.streaming.websocket import Message, Opcode, accept_key, header

MESSAGE_MAX = 64 << 20  # bytes; a GOP of a 4K camera stays below
CONNECT_SECONDS = 5.0
BEAT_SECONDS = 6.0  # as the page
MASK = bytes(4)  # a client masks its frames (§5.3); on the machine's own wire nobody is to be confused
HEAD_MAX = 16 * 1024


class LiveEnded(Exception):
    """The stream cannot be watched, or no more; carries one plain sentence."""


@asynccontextmanager
async def watching(url: str) -> AsyncIterator[AsyncIterator[Message]]:
    """The messages of ``http://host:port/m/<ticket>/live``. Raises LiveEnded, HttpProblem."""
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            reader, writer = await opened(url)
    except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise LiveEnded("the media worker does not answer") from error
    beating = asyncio.create_task(beat(writer))
    try:
        yield messages(reader)
    finally:
        beating.cancel()
        writer.close()


async def opened(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """After the handshake (§4). Raises HttpProblem: the worker refuses; OSError and asyncio's."""
    place = urlsplit(url)
    is_tls = place.scheme == "https"
    port = place.port or (443 if is_tls else 80)
    reader, writer = await asyncio.open_connection(
        place.hostname, port, ssl=True if is_tls else None, limit=HEAD_MAX
    )
    key = b64encode(os.urandom(16)).decode()
    lines = (
        f"GET {place.path} HTTP/1.1",
        f"Host: {place.netloc}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {key}",
    )
    writer.write("\r\n".join([*lines, "", ""]).encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status = head.split(" ", 2)[1]
    if status != "101" or (accept_key(key) or "") not in head:
        writer.close()
        raise HttpProblem(int(status) if status in ("403", "404", "503") else 502, "no_original", "refused")
    return reader, writer


async def beat(writer: asyncio.StreamWriter) -> None:
    """Signs of life, until cancelled."""
    text = b'{"type":"heartbeat"}'
    while True:
        await asyncio.sleep(BEAT_SECONDS)
        plain = header(Opcode.TEXT, len(text))
        writer.write(plain[:1] + bytes([plain[1] | 0x80]) + MASK + text)


async def messages(reader: asyncio.StreamReader) -> AsyncIterator[Message]:
    """Until the worker ends it. Raises LiveEnded."""
    while True:
        try:
            message = await one(reader)
        except (OSError, asyncio.IncompleteReadError, ValueError) as error:
            raise LiveEnded("the connection to the media worker broke") from error
        if message.opcode == Opcode.CLOSE:
            raise LiveEnded(message.payload[2:].decode("utf-8", "replace") or "the media worker has ended it")
        yield message


async def one(reader: asyncio.StreamReader) -> Message:
    """Raises IncompleteReadError, OSError, ValueError."""
    first, second = await reader.readexactly(2)
    extended = {126: 2, 127: 8}.get(second, 0)
    length = int.from_bytes(await reader.readexactly(extended)) if extended else second
    if length > MESSAGE_MAX:
        raise ValueError("a message that is too long")
    return Message(Opcode(first & 0x0F), await reader.readexactly(length))
