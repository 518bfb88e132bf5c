"""Watches a live stream of a media worker, as a page does: WebSocket messages in, heartbeats out.

Whoever is slow to take a message slows the worker down, which skips to a key frame then.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from bingjian.streaming.http import HttpProblem
from bingjian.streaming.websocket import Message
from bingjian.streaming.websocket_client import Closed, Connection, Unanswered, connected

BEAT_SECONDS = 6.0  # as the page
TOLD = (403, 404, 503)  # what a worker answers whose reason is passed on; anything else is its fault


class LiveEnded(Exception):
    """The stream cannot be watched, or no more; carries one plain sentence."""


@asynccontextmanager
async def watching(url: str) -> AsyncIterator[AsyncIterator[Message]]:
    """The messages of ``http://host:port/m/<ticket>/live``. Raises LiveEnded, HttpProblem."""
    async with AsyncExitStack() as stack:
        connection = await opened(stack, url)
        beating = asyncio.create_task(beat(connection))
        stack.callback(beating.cancel)
        yield messages(connection)


async def opened(stack: AsyncExitStack, url: str) -> Connection:
    """Raises LiveEnded, HttpProblem."""
    try:
        return await stack.enter_async_context(connected(url))
    except Unanswered as error:
        raise LiveEnded("the media worker does not answer") from error
    except HttpProblem as refusal:
        status = refusal.status if refusal.status in TOLD else 502
        raise HttpProblem(status, "no_original", "refused") from refusal


async def beat(connection: Connection) -> None:
    """Signs of life, until cancelled."""
    while True:
        await asyncio.sleep(BEAT_SECONDS)
        connection.send_text('{"type":"heartbeat"}')


async def messages(connection: Connection) -> AsyncIterator[Message]:
    """Until the worker ends it. Raises LiveEnded."""
    while True:
        try:
            yield await connection.receive()
        except Closed as closed:
            if closed.reason is None:
                raise LiveEnded("the connection to the media worker broke") from closed
            raise LiveEnded(closed.reason or "the media worker has ended it") from closed
