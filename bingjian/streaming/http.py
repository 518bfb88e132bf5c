"""HTTP as the processes that carry media speak it: requests, answers, problems, ranges. No socket.

Bytes become requests in ``http_reader``; ``http_server`` has the connections; ``contents`` are bodies on
disks. Specifications: RFC 9110 (HTTP), RFC 9457 (problem details).
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from bingjian.streaming.http_websocket import WebSocket


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


@runtime_checkable
class BinaryListener(Listener, Protocol):
    """One who hears more than text."""

    def on_binary(self, payload: bytes) -> None:
        """A whole binary message."""


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
