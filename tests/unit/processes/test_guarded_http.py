"""Whoever sends garbage, endlessly or never is cut off, and nobody else notices."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
import uvicorn

from bingjian.processes.guarded_http import HEAD_MAX, GuardedProtocol
from bingjian.processes.web import QuietServer, listen


class Impatient(GuardedProtocol):
    request_seconds = 0.3


async def echo(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answers with the length of the body."""
    length, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        length, more = length + len(message.get("body", b"")), message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(length).encode()})


@pytest_asyncio.fixture
async def port() -> AsyncIterator[int]:
    listener = listen("127.0.0.1", 0)
    config = uvicorn.Config(echo, http=Impatient, ws="none", lifespan="off", log_config=None)
    server = QuietServer(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    yield int(listener.getsockname()[1])
    server.should_exit = True
    await task


async def until_cut(port: int, first: bytes, then: bytes = b"") -> int:
    """Bytes that were taken before the connection was cut."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    sent = len(first)
    writer.write(first)
    try:
        while then and sent < 50 * HEAD_MAX:
            writer.write(then)
            sent += len(then)
            await writer.drain()
            await asyncio.sleep(0)  # the server runs in this loop too
        await asyncio.wait_for(reader.read(), 30)
    except ConnectionError:
        pass
    finally:
        writer.close()
    return sent


@pytest.mark.parametrize("endless", [b"X-A: b\r\n" * 512, b"x" * 4096], ids=["headers", "one header"])
async def test_endless_headers_are_cut(port: int, endless: bytes) -> None:
    assert await until_cut(port, b"GET / HTTP/1.1\r\nX-A: ", endless) < 50 * HEAD_MAX


async def test_an_endless_address_is_cut(port: int) -> None:
    assert await until_cut(port, b"GET /", b"x" * 4096) < 50 * HEAD_MAX


@pytest.mark.parametrize(
    "begun",
    [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\n", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nab"],
)
async def test_requests_that_never_end_are_cut(port: int, begun: bytes) -> None:
    await until_cut(port, begun)


async def test_everybody_else_is_served_meanwhile(port: int) -> None:
    slow = [asyncio.create_task(until_cut(port, b"GET / HT")) for _ in range(20)]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        for _ in range(5):  # on one connection, with pauses longer than a request may take
            answer = await client.post("/", content=b"x" * 100_000)
            assert answer.text == "100000"
            await asyncio.sleep(0.1)
    await asyncio.gather(*slow)
