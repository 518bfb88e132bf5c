"""What happens to every request around its route: an id, a size limit, headers, one line in the log."""

from uuid import uuid4

import structlog
from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bingjian.api import errors
from bingjian.api.media import origin_for
from bingjian.api.platform import Platform
from bingjian.clock import SystemClock

BODY_MAX = 64 * 1024  # bytes; a route that takes files says so (``api.uploads``)
ASKED_BY_MACHINES = frozenset({"/healthz", "/readyz", "/metrics"})  # every few seconds, for ever
log = structlog.get_logger()


class FrontDoor:
    """ASGI middleware; the outermost, so nothing leaves without its headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = str(uuid4())
        scope.setdefault("state", {})["request_id"] = request_id
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request, status, read = Request(scope), 0, 0
        platform: Platform | None = scope["app"].state.platform
        clock = platform.clock if platform else SystemClock()
        begun_ns = clock.monotonic_ns()

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                add_headers(request, MutableHeaders(scope=message), platform)
            await send(message)

        async def receive_limited() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > getattr(request.state, "body_max", BODY_MAX):
                raise HTTPException(413, "the request is too large")
            return message

        try:
            if holds_nul(scope):
                await errors.not_text(request)(scope, receive, send_with_headers)
            else:
                await self._app(scope, receive_limited, send_with_headers)
        except Exception as error:
            response = errors.bug(request, error)
            if not status:
                await response(scope, receive, send_with_headers)
        note(request, status, clock.monotonic_ns() - begun_ns)


def holds_nul(scope: Scope) -> bool:
    """Whether the address has a NUL: no text of ours has, and PostgreSQL keeps none."""
    return b"%00" in scope["query_string"] or b"\0" in scope["query_string"] or "\0" in scope["path"]


def add_headers(request: Request, headers: MutableHeaders, platform: Platform | None) -> None:
    headers["X-Request-Id"] = request.state.request_id
    headers.setdefault("Content-Security-Policy", policy(request, platform))  # a stricter one stands
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), microphone=(self), geolocation=()"
    headers.setdefault("Cache-Control", "no-store")


def policy(request: Request, platform: Platform | None) -> str:
    """Pages may talk to us and to whoever serves pictures, each named; inline styles are Ant Design's."""
    host = request.headers.get("host", "")
    places = [*(one.public_url for one in platform.workers.all()), platform.masked_url] if platform else []
    http = [origin_for(host, place) for place in places]
    sockets = [origin_for(host, place, websocket=True) for place in places]
    return "; ".join(
        (
            "default-src 'self'",
            " ".join(["connect-src 'self'", *http, *sockets]),
            " ".join(["media-src 'self' blob:", *http]),
            "img-src 'self' data: blob:",
            "style-src 'self' 'unsafe-inline'",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def note(request: Request, status: int, took_ns: int) -> None:
    actor = getattr(request.state, "actor", None)
    write = log.debug if request.url.path in ASKED_BY_MACHINES else log.info
    write(
        "request",
        method=request.method,
        path=request.url.path,
        status=status,
        ms=round(took_ns / 1e6, 1),
        person=str(actor.id) if actor else None,
    )
