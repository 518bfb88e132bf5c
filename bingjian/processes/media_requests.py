"""Reading what a request to a media worker asks for."""

from datetime import datetime
from uuid import UUID

from bingjian.clock import ticks_of
from bingjian.streaming.http import HttpProblem, Request


def require(request: Request, *methods: str) -> None:
    """HttpProblem 405 for any other method."""
    if request.method not in methods:
        allow = (("Allow", ", ".join(methods)),)
        raise HttpProblem(405, "method_not_allowed", f"this path takes {', '.join(methods)}", allow)


def unknown() -> HttpProblem:
    return HttpProblem(404, "not_found", "there is no such path")


def uuid_in(text: str) -> UUID:
    """Raises HttpProblem 404: a camera with such an id cannot exist."""
    try:
        return UUID(text)
    except ValueError as error:
        raise unknown() from error


def instant_in(request: Request, name: str) -> int:
    """An RFC 3339 instant of the query, in 1/90000 s since 1970. Raises HttpProblem 400."""
    try:
        return ticks_in(request.query[name])
    except (KeyError, ValueError, OverflowError) as error:
        raise HttpProblem(
            400, "bad_instant", f"{name!r} must be an RFC 3339 instant with its offset"
        ) from error


def ticks_in(text: str) -> int:
    """An RFC 3339 instant in 1/90000 s since 1970. Raises ValueError, OverflowError."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("no offset")
    return max(ticks_of(instant), 0)


def number_in(request: Request, name: str, least: int, most: int, *, default: int | None = None) -> int:
    """A whole number of the query. Raises HttpProblem 400."""
    text = request.query.get(name)
    if text is None and default is not None:
        return default
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 19:
        raise HttpProblem(400, "bad_number", f"{name!r} must be a whole number")
    if not least <= int(text) <= most:
        raise HttpProblem(400, "bad_number", f"{name!r} must lie between {least} and {most}")
    return int(text)
