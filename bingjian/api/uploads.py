"""Routes whose body is a file: raw bytes, read as they come, up to a bound of their own."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from bingjian.access.decisions import Actor
from bingjian.api.errors import KINDS, TOO_LARGE
from bingjian.api.platform import ThePlatform
from bingjian.documents.errors import FileNotAccepted
from bingjian.documents.refused import Refused
from bingjian.documents.store import SIZE_MAX


class BodyUpTo:
    """The front door then lets so many bytes through; the route reads them with ``request.stream()``.

    A file that is not taken in is in the journal before that is said. Stands behind the route's permission:
    what strangers send is refused unread.
    """

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes

    async def __call__(self, request: Request, platform: ThePlatform) -> AsyncIterator[Request]:
        request.state.body_max = self.limit_bytes
        try:
            self._require_small(request)
            yield request
        except (FileNotAccepted, HTTPException) as error:
            if cause := cause_of(error):
                await platform.parts.refused_uploads.note(refused(request, cause))
            raise

    def _require_small(self, request: Request) -> None:
        """Raises HTTPException."""
        announced = request.headers.get("content-length", "")
        if announced.isdecimal() and int(announced[:20]) > self.limit_bytes:
            raise HTTPException(TOO_LARGE, f"the file is larger than {self.limit_bytes // 1024**2} MiB")


def cause_of(error: Exception) -> str | None:
    """The code of the answer; None: it is not the file that is refused."""
    if isinstance(error, HTTPException):
        return "too_large" if error.status_code == TOO_LARGE else None
    return next(KINDS[cls].code for cls in type(error).__mro__ if cls in KINDS)


def refused(request: Request, cause: str) -> Refused:
    actor: Actor = request.state.actor
    return Refused(str(actor.id), cause, request.scope["route"].path, actor.address)


Upload = Annotated[Request, Depends(BodyUpTo(SIZE_MAX))]
RAW_BODY = {  # for OpenAPI: the body is the file itself
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
