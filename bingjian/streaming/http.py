"""A small HTTP/1.1 and WebSocket server for the processes that carry media.

It does what those processes need and no more: requests with short bodies in, whole or ranged answers from
memory or files out, upgrades to WebSocket (``websocket.py``). An ASGI server costs four times the CPU on this
work. Parsing is llhttp's (httptools); everything a peer can send without end has a limit in ``Limits``.

Specifications: RFC 9110, 9112 (HTTP), RFC 6455 (WebSocket), RFC 9457 (problem details), Fetch (CORS).
"""

import asyncio
import json
import os
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import accumulate
from typing import Protocol
from urllib.parse import parse_qsl, unquote_to_bytes
from uuid import uuid4

import httptools
import structlog

from bingjian.recording.piece import Piece
from bingjian.recording.proven import Proof, ProvenReader, Unproven
from bingjian.streaming import websocket
from bingjian.streaming.ticket import redact
from bingjian.streaming.websocket import CloseCode, Opcode, WebSocketError

log = structlog.get_logger(__name__)

CHUNK = 256 * 1024  # bytes read and handed to the socket at a time: bounds memory per download
MANY_PIECES = 16  # in one chunk; reading more takes the event loop's time, 4 µs each
MAX_PIPELINED = 8  # requests waiting on one connection; browsers do not pipeline. More: 400
SWEEP_SECONDS = 1.0  # how often deadlines are looked at
LINGER_SECONDS = 2.0  # for a peer to take our last words before the connection is cut


@dataclass(frozen=True, slots=True)
class Limits:
    """What one peer may take. Beyond: the status named, and the connection is closed."""

    head_bytes: int = 16 * 1024  # request line and headers; our longest ticket path is under 1 KiB. 431
    headers: int = 64  # 431
    body_bytes: int = 1024 * 1024  # 413
    connections: int = 4096  # 503
    request_seconds: float = 10.0  # from the first byte to the last of a request (slow loris). 408
    idle_seconds: float = 75.0  # kept-alive connection without a request; closed silently
    handler_seconds: float = 30.0  # 504
    stall_seconds: float = 30.0  # peer that reads nothing of its answer; connection is cut


@dataclass(frozen=True, slots=True)
class Request:
    """One whole request, its path and query decoded and checked."""

    method: str
    path: str  # "/a/b": percent-decoded, without empty, "." or ".." segments and control characters
    query: Mapping[str, str]
    headers: Mapping[str, str]  # names in lower case; repeated ones joined with ", "
    body: bytes = b""
    peer: str = ""
    keep_alive: bool = True
    upgrade: bool = False

    def bearer(self) -> str:
        """The token of ``Authorization: Bearer``, or nothing."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""


class Content(Protocol):
    """A body that is not in memory."""

    @property
    def size(self) -> int:
        """Bytes of the whole."""

    async def read(self, offset: int, length: int) -> bytes:
        """Exactly so many bytes; fewer only if the thing has shrunk, which cuts the connection."""

    def close(self) -> None:
        """Called once, when the answer is sent or has failed."""


@dataclass(frozen=True, slots=True)
class Response:
    """One answer. ``window`` chooses the bytes of a ``Content`` to send."""

    status: int = 200
    body: bytes | Content = b""
    content_type: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    window: range | None = None
    close: bool = False  # end the connection after it


class HttpProblem(Exception):
    """A request that is answered with a problem (RFC 9457); ``code`` for programs, ``detail`` for people."""

    def __init__(
        self, status: int, code: str, detail: str, headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers

    def response(self, **more: object) -> Response:
        """The answer, with ``more`` as extension members."""
        body = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            **more,
        }
        return Response(self.status, json.dumps(body).encode(), "application/problem+json", self.headers)


class Listener(Protocol):
    """Who hears a viewer on a WebSocket."""

    def on_text(self, text: str) -> None:
        """A whole text message."""

    def on_closed(self) -> None:
        """The connection is gone; called exactly once."""


@dataclass(frozen=True, slots=True)
class Upgrade:
    """An answer that makes the connection a WebSocket; ``open`` gets it once the handshake is sent."""

    open: Callable[["WebSocket"], Listener]


Handler = Callable[[Request], Awaitable[Response | Upgrade]]


def json_response(value: object, status: int = 200) -> Response:
    """``value`` as JSON."""
    return Response(status, json.dumps(value, ensure_ascii=False).encode(), "application/json")


def text_response(text: str, content_type: str = "text/plain; charset=utf-8") -> Response:
    """``text`` as UTF-8."""
    return Response(200, text.encode(), content_type)


def byte_range(request: Request, size: int, tag: str = "") -> range | None:
    """The bytes a single ``Range`` asks for, or None for the whole (RFC 9110 §14.2).

    Several ranges, other units and an ``If-Range`` that does not name our ``tag`` are answered with the
    whole.

    Raises:
        HttpProblem: 416 when the range lies outside.
    """
    text = request.headers.get("range", "")
    unit, _, wish = text.partition("=")
    first, dash, last = (part.strip() for part in wish.partition("-"))
    if unit.strip().lower() != "bytes" or not dash:
        return None
    if "if-range" in request.headers and (not tag or request.headers["if-range"].strip() != f'"{tag}"'):
        return None
    if not all(
        part == "" or (part.isascii() and part.isdigit() and len(part) < 20) for part in (first, last)
    ):
        return None
    if first:
        window = range(int(first), min(int(last), size - 1) + 1 if last else size)
        backwards = bool(last) and int(last) < int(first)
    elif last:
        window, backwards = range(max(size - int(last), 0), size), False
    else:
        return None
    if backwards or not window:
        raise HttpProblem(
            416, "range_outside", f"there are {size} bytes", (("Content-Range", f"bytes */{size}"),)
        )
    return window


def ranged(
    request: Request,
    content: Content,
    content_type: str,
    headers: tuple[tuple[str, str], ...] = (),
    tag: str = "",
) -> Response:
    """``content`` whole (200) or the range asked for (206). Closes it if the range lies outside.

    Args:
        tag: names these very bytes, so that a broken transfer may go on where it ended (RFC 9110 §13.1.5).
    """
    try:
        window = byte_range(request, content.size, tag)
    except HttpProblem:
        content.close()
        raise
    headers += (("Accept-Ranges", "bytes"), *((("ETag", f'"{tag}"'),) if tag else ()))
    if window is None:
        return Response(200, content, content_type, headers, range(content.size))
    where = ("Content-Range", f"bytes {window.start}-{window.stop - 1}/{content.size}")
    return Response(206, content, content_type, (*headers, where), window)


class FileContent:
    """A file's first ``size`` bytes, from the page cache on the event loop, from a cold disk in a thread."""

    def __init__(self, path: str | os.PathLike[str], size: int | None = None) -> None:
        """Opens the file; raises OSError."""
        self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._size = os.fstat(self._fd).st_size if size is None else size

    @property
    def size(self) -> int:
        return self._size

    async def read(self, offset: int, length: int) -> bytes:
        """What is cached at once, what is not in a thread: a cold disk must not stop the cameras."""
        data = read_cached(self._fd, length, offset)
        return data if data is not None else await asyncio.to_thread(os.pread, self._fd, length, offset)

    def close(self) -> None:
        os.close(self._fd)


class PiecedContent:
    """Content of several pieces, one behind the other: bytes in memory and ranges of files.

    A file is opened when its first byte is wanted, and one at a time: a copy of hours has thousands of pieces
    in hundreds of files. One that is gone by then cuts the connection, like any that has shrunk, and so does
    one of a held segment that neither original nor copy has as it was written.
    """

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = pieces
        self._ends = list(accumulate(piece.length for piece in pieces))
        self._path: str | os.PathLike[str] | None = None
        self._fd = -1
        self._proven: tuple[Proof, ProvenReader] | None = None  # of the last piece with a proof

    @property
    def size(self) -> int:
        return self._ends[-1] if self._ends else 0

    async def read(self, offset: int, length: int) -> bytes:
        """As ``FileContent.read``; so many little pieces that they cost time are read in a thread as well."""
        first = bisect_right(self._ends, offset)
        last = bisect_left(self._ends, offset + length)
        data = self._gather(offset, length, read_cached) if last - first < MANY_PIECES else None
        if data is None:
            data = await asyncio.to_thread(self._gather, offset, length, read_waiting)
        return data or b""

    def _gather(self, offset: int, length: int, read: "Reader") -> bytes | None:
        """None as soon as a piece cannot be had in this way."""
        parts: list[bytes] = []
        number = bisect_right(self._ends, offset)
        while length > 0 and number < len(self._pieces):
            piece = self._pieces[number]
            skipped = offset - (self._ends[number] - piece.length)
            part = self._part(piece, skipped, min(length, piece.length - skipped), read)
            if part is None:
                return None
            parts.append(part)
            offset, length, number = offset + len(part), length - len(part), number + 1
        return b"".join(parts)

    def _part(self, piece: Piece, skipped: int, length: int, read: "Reader") -> bytes | None:
        if piece.path is None:
            return piece.data[skipped : skipped + length]
        if piece.proof is not None:  # hashing is work: never on the event loop
            waits = read is read_waiting
            return self._proven_part(piece.proof, piece.offset + skipped, length) if waits else None
        try:
            if piece.path != self._path:
                self.close()
                self._fd = os.open(piece.path, os.O_RDONLY | os.O_CLOEXEC)
                self._path = piece.path
        except OSError:
            return None
        return read(self._fd, length, piece.offset + skipped)

    def _proven_part(self, proof: Proof, offset: int, length: int) -> bytes | None:
        if self._proven is None or self._proven[0] is not proof:
            self._proven = proof, ProvenReader(proof)
        try:
            return self._proven[1].read(offset, length)
        except Unproven as wrong:
            log.error("held_footage_unproven", path=str(proof.files[0]), reason=str(wrong))
            return None

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
        self._path, self._fd = None, -1


Reader = Callable[[int, int, int], bytes | None]  # descriptor, length, offset


def read_waiting(fd: int, length: int, offset: int) -> bytes | None:
    """The bytes, from a cold disk if it must be; None if they are not there."""
    try:
        data = os.pread(fd, length, offset)
    except OSError:
        return None
    return data if len(data) == length else None


def read_cached(fd: int, length: int, offset: int) -> bytes | None:
    """The bytes if all of them are in the page cache, else None. Never waits for a disk."""
    buffer = bytearray(length)
    try:
        count = os.preadv(fd, [buffer], offset, os.RWF_NOWAIT)
    except OSError:  # EAGAIN: not cached; EOPNOTSUPP: a file system that cannot tell
        return None
    return bytes(buffer) if count == length else None


# --- Requests: bytes in, requests out ---------------------------------------------------------------


class RequestReader:
    """One connection's bytes in, whole requests out. No socket, no clock."""

    def __init__(self, limits: Limits, peer: str = "") -> None:
        self._limits = limits
        self._peer = peer
        self._parser = httptools.HttpRequestParser(self)
        self._requests: list[Request] = []
        self._problem: HttpProblem | None = None
        self.upgraded: bytes | None = None  # after an upgrade: what followed the request
        self.continue_wanted = False  # the peer waits for "100 Continue" before it sends its body
        self.partial = False  # a request has begun and is not complete
        self._begin()

    def _begin(self) -> None:
        self._url = b""
        self._headers: dict[str, str] = {}
        self._header_count = 0
        self._head_bytes = 0
        self._in_head = True
        self._body = bytearray()

    def receive_data(self, data: bytes) -> list[Request]:
        """Raises HttpProblem and nothing else; the connection is then finished after its answer."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self.upgraded = data[upgrade.args[0] :]
        except httptools.HttpParserError as error:
            raise self._problem or HttpProblem(400, "bad_request", "this is not HTTP/1.1") from error
        if self._in_head and self.partial:
            self._count_head(len(data))
        if self._problem:
            raise self._problem
        requests, self._requests = self._requests, []
        return requests

    def _count_head(self, length: int) -> None:
        """An endless header is held inside the parser, so bytes are counted here too."""
        self._head_bytes += length
        if self._head_bytes > self._limits.head_bytes + CHUNK:
            self._problem = HttpProblem(431, "headers_too_large", "the request's headers are too large")

    def _refuse(self, status: int, code: str, detail: str) -> None:
        """Raising ends the parse; llhttp's wrapper hides what was raised, so it is kept."""
        self._problem = self._problem or HttpProblem(status, code, detail)
        raise self._problem

    # llhttp's callbacks

    def on_message_begin(self) -> None:
        self._begin()
        self.partial = True

    def on_url(self, url: bytes) -> None:
        self._url += url
        if len(self._url) > self._limits.head_bytes:
            self._refuse(414, "target_too_long", "the request target is too long")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._header_count += 1
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > self._limits.head_bytes or self._header_count > self._limits.headers:
            self._refuse(431, "headers_too_large", "the request's headers are too large")
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        self._headers[key] = f"{self._headers[key]}, {text}" if key in self._headers else text

    def on_headers_complete(self) -> None:
        self._in_head = False
        if self._parser.get_http_version() == "1.1" and "host" not in self._headers:
            self._refuse(400, "no_host", "HTTP/1.1 wants a Host header")
        if "transfer-encoding" in self._headers:
            self._refuse(411, "length_required", "send the body with a Content-Length")
        if int(self._headers.get("content-length") or 0) > self._limits.body_bytes:
            self._refuse(413, "body_too_large", f"at most {self._limits.body_bytes} bytes are taken")
        self.continue_wanted = self._headers.get("expect", "").lower() == "100-continue"

    def on_body(self, body: bytes) -> None:
        self._body += body
        if len(self._body) > self._limits.body_bytes:
            self._refuse(413, "body_too_large", f"at most {self._limits.body_bytes} bytes are taken")

    def on_message_complete(self) -> None:
        self.partial = False
        self.continue_wanted = False
        if len(self._requests) >= MAX_PIPELINED:
            self._refuse(400, "too_many_pipelined", "wait for answers before asking more")
        try:
            self._requests.append(self._request())
        except HttpProblem as problem:
            self._refuse(problem.status, problem.code, problem.detail)

    def _request(self) -> Request:
        path, _, query = self._url.partition(b"?")
        return Request(
            method=self._parser.get_method().decode(),
            path=decoded_path(path),
            query=_decoded_query(query),
            headers=self._headers,
            body=bytes(self._body),
            peer=self._peer,
            keep_alive=self._parser.should_keep_alive(),
            upgrade=self._parser.should_upgrade(),
        )


def decoded_path(raw: bytes) -> str:
    """A request path as text, or HttpProblem 400 if it could mean two things."""
    try:
        path = unquote_to_bytes(raw).decode()
    except UnicodeDecodeError as error:
        raise HttpProblem(400, "bad_path", "the path is not UTF-8") from error
    plain = path.startswith("/") and path.isprintable() and "\\" not in path
    parts = path.split("/")[1:]
    if not plain or any(part in (".", "..") for part in parts) or "" in parts[:-1]:
        raise HttpProblem(400, "bad_path", "the path is not in its plain form")
    return path


def _decoded_query(raw: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(raw.decode(), keep_blank_values=True, errors="strict", max_num_fields=32))
    except ValueError as error:  # UnicodeDecodeError among them
        raise HttpProblem(400, "bad_query", "the query cannot be read") from error


# --- Connections ------------------------------------------------------------------------------------


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
        self, transport: asyncio.Transport, server: HttpServer, opener: Callable[["WebSocket"], Listener]
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
            self.transport.write(websocket.header(Opcode.PONG, len(message.payload)) + message.payload)
        elif message.opcode == Opcode.CLOSE:
            self.close(CloseCode.NORMAL)
        elif message.opcode == Opcode.BINARY:
            raise WebSocketError(CloseCode.UNSUPPORTED, "only text is taken")


def _utf8(payload: bytes) -> str:
    try:
        return payload.decode()
    except UnicodeDecodeError as error:
        raise WebSocketError(CloseCode.BAD_TEXT, "text must be UTF-8") from error
