"""One question to another of our own processes: JSON there, JSON back, on its own connection (RFC 9112)."""

import asyncio
import json
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

HEAD_MAX = 16 * 1024
BODY_MAX = 16 << 20  # a month of a device's files


class NotAnswered(Exception):
    """Nobody is there, or it does not speak as our processes do; carries one plain sentence."""


async def post_json(
    url: str, credential: str, asked: dict[str, Any], timeout_s: float
) -> tuple[int, dict[str, Any]]:
    """Status and body of the answer; a problem has ``code`` and ``detail``. Raises NotAnswered."""
    try:
        async with asyncio.timeout(timeout_s):
            return await _post(url, credential, json.dumps(asked).encode())
    except TimeoutError as error:
        raise NotAnswered(f"no answer within {timeout_s:.0f} seconds") from error
    except (OSError, EOFError, ValueError, LookupError, asyncio.LimitOverrunError) as error:
        raise NotAnswered("the process does not answer") from error


async def _post(url: str, credential: str, body: bytes) -> tuple[int, dict[str, Any]]:
    place = urlsplit(url)
    is_tls = place.scheme == "https"
    port = place.port or (443 if is_tls else 80)
    reader, writer = await asyncio.open_connection(
        place.hostname, port, ssl=True if is_tls else None, limit=HEAD_MAX
    )
    try:
        writer.write(_head(place.netloc, place.path, credential, len(body)) + body)
        return await _answer(reader)
    finally:
        with suppress(RuntimeError):  # the loop is closed already
            writer.close()


def _head(host: str, path: str, credential: str, length: int) -> bytes:
    lines = (
        f"POST {path} HTTP/1.1",
        f"Host: {host}",
        f"Authorization: Bearer {credential}",
        "Content-Type: application/json",
        f"Content-Length: {length}",
        "Connection: close",
    )
    return "\r\n".join([*lines, "", ""]).encode()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, Any]]:
    """Raises ValueError for what none of our processes says."""
    status, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = int(headers.get("content-length", "0"))
    if not 0 <= length <= BODY_MAX:
        raise ValueError("an answer of no bearable length")
    told = json.loads(await reader.readexactly(length)) if length else {}
    if not isinstance(told, dict):
        raise ValueError("the answer is no object")
    return int(status.split(" ", 2)[1]), told
