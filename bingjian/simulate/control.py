"""The simulator's control socket: JSON lines over a Unix socket only its owner may open (mode 0600).

Requests, one object a line, each answered by one line ``{"ok": true, …}`` or ``{"ok": false, "error": "…"}``:

    {"do": "cameras"}
    {"do": "statistics"}
    {"do": "fault", "camera": "cam01", "kind": "drop", "seconds": 5, "parameters": {"status": 503}}
    {"do": "heal", "camera": "cam01", "kind": "drop"}

Kinds and their parameters: ``camera.Fault``.
"""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from bingjian.simulate.camera import FaultError

LINE_LIMIT = 64 * 1024  # bytes; a longer request ends the connection

Handler = Callable[[dict[str, Any]], dict[str, Any]]


async def serve_control(path: Path, handle: Handler) -> Callable[[], Awaitable[None]]:
    """Listen on ``path``; returns what ends it. Raises OSError if the socket cannot be made."""
    await asyncio.to_thread(path.unlink, missing_ok=True)
    umask = os.umask(0o177)
    try:
        server = await asyncio.start_unix_server(_converse(handle), path, limit=LINE_LIMIT)
    finally:
        os.umask(umask)

    async def stop() -> None:
        server.close()
        await server.wait_closed()
        await asyncio.to_thread(path.unlink, missing_ok=True)

    return stop


def _converse(handle: Handler) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                writer.write(json.dumps(_answer(line, handle)).encode() + b"\n")
                await writer.drain()
        except (ValueError, ConnectionError):
            pass  # a line beyond the limit, or nobody listens any more: close
        finally:
            writer.close()

    return converse


def _answer(line: bytes, handle: Handler) -> dict[str, Any]:
    try:
        request = json.loads(line)
        if not isinstance(request, dict):
            raise FaultError("a request is a JSON object")
        return {"ok": True, **handle(request)}
    except (FaultError, ValueError, RecursionError) as error:
        return {"ok": False, "error": str(error)}


async def ask(path: Path, request: dict[str, Any]) -> dict[str, Any]:
    """One request to a running simulator.

    Raises:
        FaultError: it refused; carries its reason.
        OSError: no simulator listens there.
    """
    reader, writer = await asyncio.open_unix_connection(path)
    try:
        writer.write(json.dumps(request).encode() + b"\n")
        answer: dict[str, Any] = json.loads(await reader.readline() or b"{}")
    finally:
        writer.close()
    if not answer.get("ok"):
        raise FaultError(str(answer.get("error", "the simulator gave no answer")))
    return answer


async def send_fault(path: Path, camera: str, kind: str, seconds: float, **parameters: float) -> None:
    """Make something go wrong for ``seconds`` (see ``camera.Fault``); raises as ``ask`` does."""
    await ask(
        path, {"do": "fault", "camera": camera, "kind": kind, "seconds": seconds, "parameters": parameters}
    )
