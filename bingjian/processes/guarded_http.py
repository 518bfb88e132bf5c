"""uvicorn's HTTP protocol with the limits it lacks: endless headers, and requests that never end."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_MAX = 64 * 1024  # bytes of request line and headers; browsers send 1 to 4 kB
REQUEST_SECONDS = 10.0  # from the connection, or the request's first byte, to its last
CONNECTIONS_MAX = 1000  # open at once; then 503. A browser holds at most six


class GuardedProtocol(HttpToolsProtocol):
    """Cuts the connection of who sends too much before a request is whole, or too slowly."""

    head_max = HEAD_MAX
    request_seconds = REQUEST_SECONDS

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._head_bytes = 0
        self._in_head = True
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        self._expect_soon()

    def connection_lost(self, exc: Exception | None) -> None:
        self._at_rest()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > self.head_max:
            self.transport.abort()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self._expect_soon()

    def on_headers_complete(self) -> None:
        self._in_head, self._head_bytes = False, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._in_head = True
        self._at_rest()
        super().on_message_complete()

    def _expect_soon(self) -> None:
        self._at_rest()
        self._deadline = self.loop.call_later(self.request_seconds, self._too_slow)

    def _at_rest(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        self.transport.abort()
