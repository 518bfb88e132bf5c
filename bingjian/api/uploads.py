"""Routes whose body is a file: raw bytes, read as they come, up to a bound of their own."""

from typing import Annotated

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from bingjian.documents.store import SIZE_MAX


class BodyUpTo:
    """The front door then lets so many bytes through; the route reads them with ``request.stream()``."""

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes

    async def __call__(self, request: Request) -> Request:
        announced = request.headers.get("content-length", "")
        if announced.isdecimal() and int(announced[:20]) > self.limit_bytes:
            raise HTTPException(413, f"the file is larger than {self.limit_bytes // 1024**2} MiB")
        request.state.body_max = self.limit_bytes
        return request


Upload = Annotated[Request, Depends(BodyUpTo(SIZE_MAX))]
RAW_BODY = {  # for OpenAPI: the body is the file itself
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
