"""A small HTTP/1.1 server for the processes that carry media: answers, ranges, upgrades to WebSocket.

It does what those processes need and no more; an ASGI server costs four times the CPU on this work.
Specifications: RFC 9112 (HTTP/1.1), RFC 6455 (WebSocket's handshake), Fetch (CORS).
"""

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Iterator
from http import HTTPStatus
from uuid import uuid4

import structlog

from bingjian.streaming import websocket
from bingjian.streaming.http import Content, Handler, HttpProblem, Limits, Request, Response, Upgrade
from bingjian.streaming.http_reader import RequestReader
from bingjian.streaming.http_websocket import LINGER_SECONDS, WebSocket
from bingjian.streaming.ticket import redact

log = structlog.get_logger(__name__)

CHUNK = 256 * 1024  # bytes read and handed to the socket at a time: bounds memory per download
SWEEP_SECONDS = 1.0  # how often deadlines are looked at


class HttpServer:
    """Listens, and gives every request to one handler.

    Args:
        handler: answers; may raise HttpProblem. Anything else it raises is a bug of ours: 500 with an id.
        limits: what one peer may take.
        origins: pages of these origins may read answers and open WebSockets; asked at each request.
    """

    def __init__(
        self,
        handler: Handler,
        *,
        limits: Limits | None = None,
        origins: Callable[[], Collection[str]] = frozenset,
    ) -> None:
        self.handler = handler
        self.limits = limits or Limits()
        self.origins = origins
        self.connections: set[_Connection | WebSocket] = set()
        self.idle = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._sweeper: asyncio.Task[None] | None = None

    async def start(self, host: str, port: int) -> None:
        """Begins to listen. Raises OSError if the port cannot be had. Port 0: any free one, see ``port``."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), host, port, backlog=1024)
        self._sweeper = loop.create_task(self._sweep())

    @property
    def port(self) -> int:
        assert self._server is not None, "start() comes first"
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self, grace_seconds: float = 2.0) -> None:
        """No new connections; answers under way may finish, WebSockets are told 1001, then all is cut."""
        if self._server is None or self._sweeper is None:
            return
        self._server.close()
        self._sweeper.cancel()
        for connection in tuple(self.connections):
            connection.retire()
        try:
            async with asyncio.timeout(grace_seconds):
                while self.connections:
                    self.idle.clear()
                    await self.idle.wait()
        except TimeoutError:
            for connection in tuple(self.connections):
                connection.cut()

    def forget(self, connection: "_Connection | WebSocket") -> None:
        self.connections.discard(connection)
        self.idle.set()

    async def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            now = loop.time()
            for connection in tuple(self.connections):
                if connection.deadline is not None and connection.deadline < now:
                    connection.expire()


class _Connection(asyncio.Protocol):
    """One connection while it speaks HTTP: one request after the other."""

    def __init__(self, server: HttpServer) -> None:
        self._server = server
        self._limits = server.limits
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._reader: RequestReader
        self._waiting: deque[Request] = deque()
        self._last_problem: HttpProblem | None = None  # answered after the requests before it
        self._task: asyncio.Task[None] | None = None
        self._drained: asyncio.Future[None] | None = None
        self._closing = False
        self.deadline: float | None = None  # loop time

    # asyncio's callbacks

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport) or hasattr(transport, "writelines")
        self._transport = transport  # type: ignore[assignment]  # uvloop's is not asyncio's class
        peer = transport.get_extra_info("peername")
        self._reader = RequestReader(self._limits, str(peer[0]) if peer else "")
        full = len(self._server.connections) >= self._limits.connections
        self._server.connections.add(self)
        self.deadline = self._loop.time() + self._limits.request_seconds
        if full:
            self._end_with(HttpProblem(503, "too_many_connections", "this process has too many connections"))

    def data_received(self, data: bytes) -> None:
        if self._closing:
            return
        was_partial = self._reader.partial
        try:
            self._waiting.extend(self._reader.receive_data(data))
        except HttpProblem as problem:
            self._last_problem = problem
        if self._reader.continue_wanted:
            self._reader.continue_wanted = False
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if self._reader.partial and not was_partial:
            self.deadline = self._loop.time() + self._limits.request_seconds
        self._next()

    def eof_received(self) -> bool:
        return self._task is not None  # a half-closed peer still gets the answer under way

    def connection_lost(self, exc: Exception | None) -> None:
        self._closing = True
        self._server.forget(self)
        self.resume_writing()
        if self._task is not None:
            self._task.cancel()

    def pause_writing(self) -> None:
        self._drained = self._loop.create_future()
        self.deadline = self._loop.time() + self._limits.stall_seconds

    def resume_writing(self) -> None:
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)
        self._drained = None
        self.deadline = None if self._task is not None else self._loop.time() + self._limits.idle_seconds

    # the server's

    def expire(self) -> None:
        """A deadline has passed: slow request, idle, or an answer nobody reads."""
        if self._reader.partial and self._task is None:
            self._end_with(HttpProblem(408, "request_timeout", "the request took too long to arrive"))
        else:
            self.cut()

    def retire(self) -> None:
        """The server stops: finish what is under way."""
        self._waiting.clear()
        self._closing = True
        if self._task is None:
            self._transport.close()

    def cut(self) -> None:
        self._transport.abort()

    # one request after the other

    def _next(self) -> None:
        """Begin the next request if none is under way. Reading rests meanwhile, so waiting ones stay few."""
        if self._task is not None:
            return
        if self._waiting:
            self._transport.pause_reading()
            self.deadline = None
            self._task = self._loop.create_task(self._serve(self._waiting.popleft()))
            self._task.add_done_callback(self._served)
        elif self._last_problem is not None:
            self._end_with(self._last_problem)
        elif self._closing:
            self._transport.close()

    def _served(self, task: asyncio.Task[None]) -> None:
        self._task = None
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("answer_failed", error=repr(error))
            self.cut()
        if self._transport.is_closing() or self._transport.get_protocol() is not self:
            return
        if not self._reader.partial:
            self.deadline = self._loop.time() + self._limits.idle_seconds
        else:
            self.deadline = self._loop.time() + self._limits.request_seconds
        self._transport.resume_reading()
        self._next()

    async def _serve(self, request: Request) -> None:
        answer = await self._answer(request)
        if isinstance(answer, Upgrade):
            self._upgrade(request, answer)
            return
        if not request.keep_alive or request.upgrade or (isinstance(answer, Response) and answer.close):
            self._closing = True
        await self._send(request, answer)

    async def _answer(self, request: Request) -> Response | Upgrade:
        try:
            self._check_origin(request)
            if request.method == "OPTIONS" and "access-control-request-method" in request.headers:
                return _preflight()
            async with asyncio.timeout(self._limits.handler_seconds):
                return await self._server.handler(request)
        except HttpProblem as problem:
            if problem.status in (401, 403):
                log.warning(
                    "request_refused", code=problem.code, path=redact(request.path), peer=request.peer
                )
            return problem.response()
        except TimeoutError:
            return HttpProblem(504, "took_too_long", "the answer took too long").response()
        except Exception:
            return _our_fault(request)

    def _check_origin(self, request: Request) -> None:
        """Pages of other origins may neither open WebSockets nor send anything."""
        origin = request.headers.get("origin")
        reads = request.method in ("GET", "HEAD") and not request.upgrade
        if origin is not None and not reads and origin not in self._server.origins():
            raise HttpProblem(403, "origin_not_allowed", "pages of this origin may not use this server")

    async def _send(self, request: Request, response: Response) -> None:
        body = response.body
        length = len(body) if isinstance(body, bytes) else len(response.window or range(body.size))
        head = self._head(request, response, length)
        if request.method == "HEAD" or isinstance(body, bytes):
            whole = isinstance(body, bytes) and request.method != "HEAD"
            self._transport.write(head + body if whole and isinstance(body, bytes) else head)
            if not isinstance(body, bytes):
                body.close()
            return
        self._transport.write(head)
        await self._send_content(body, response.window or range(body.size))

    async def _send_content(self, content: Content, window: range) -> None:
        """In bounded pieces, each only when the one before has mostly left."""
        try:
            for offset in range(window.start, window.stop, CHUNK):
                piece = await content.read(offset, min(CHUNK, window.stop - offset))
                if len(piece) < min(CHUNK, window.stop - offset):
                    self.cut()  # the length is promised: only cutting tells the peer
                    return
                self._transport.write(piece)
                if self._drained is not None:
                    await self._drained
                if self._transport.is_closing():
                    return
        finally:
            content.close()

    def _head(self, request: Request, response: Response, length: int) -> bytes:
        lines = [f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}"]
        if response.status != HTTPStatus.NO_CONTENT:
            lines.append(f"Content-Length: {length}")
        if response.content_type:
            lines.append(f"Content-Type: {response.content_type}")
        lines += [f"{name}: {value}" for name, value in response.headers]
        if not any(name == "Cache-Control" for name, _ in response.headers):
            lines.append("Cache-Control: no-store")
        lines.append("X-Content-Type-Options: nosniff")
        lines += self._cross_origin(request)
        lines.append("Connection: close" if self._closing else "Connection: keep-alive")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def _cross_origin(self, request: Request) -> Iterator[str]:
        yield "Vary: Origin"
        origin = request.headers.get("origin")
        if origin is not None and origin in self._server.origins():
            yield f"Access-Control-Allow-Origin: {origin}"
            yield "Access-Control-Expose-Headers: Accept-Ranges, Content-Range, X-Picture-Time"

    def _end_with(self, problem: HttpProblem) -> None:
        """Answer without a request, then close."""
        self._closing = True
        nobody = Request("GET", "/", {}, {})
        response = problem.response()
        assert isinstance(response.body, bytes)
        self._transport.write(self._head(nobody, response, len(response.body)) + response.body)
        self._transport.write_eof()  # closing with unread bytes would reset, and the peer not see the answer
        self._transport.resume_reading()
        self.deadline = self._loop.time() + LINGER_SECONDS

    def _upgrade(self, request: Request, answer: Upgrade) -> None:
        """The opening handshake (RFC 6455 §4.2)."""
        accept = websocket.accept_key(request.headers.get("sec-websocket-key", ""))
        asked = request.upgrade and request.headers.get("upgrade", "").lower() == "websocket"
        if not asked or request.method != "GET" or accept is None:
            self._end_with(HttpProblem(400, "not_a_websocket", "open this address as a WebSocket"))
            return
        if request.headers.get("sec-websocket-version") != "13":
            version = (("Sec-WebSocket-Version", "13"),)
            self._end_with(
                HttpProblem(426, "websocket_version", "WebSocket version 13 is spoken here", version)
            )
            return
        self._transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept.encode() + b"\r\n\r\n"
        )
        socket = WebSocket(self._transport, self._server, answer.open)
        self._transport.set_protocol(socket)
        self._server.connections.discard(self)
        self._transport.resume_reading()
        if self._reader.upgraded:
            socket.data_received(self._reader.upgraded)


def _preflight() -> Response:
    allow = (
        ("Access-Control-Allow-Methods", "GET, HEAD, POST"),
        ("Access-Control-Allow-Headers", "Range, Content-Type"),
        ("Access-Control-Max-Age", "600"),
    )
    return Response(204, headers=allow)


def _our_fault(request: Request) -> Response:
    """A bug of ours: the trace goes to the log under an id, the peer gets the id."""
    number = uuid4().hex[:12]
    log.exception("request_failed", id=number, method=request.method, path=redact(request.path))
    return HttpProblem(500, "internal_error", "this is our fault; tell the operator the id").response(
        id=number
    )
