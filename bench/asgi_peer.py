"""The peer of ``bench live``: one stream to many WebSockets from an ASGI server (uvicorn, uvloop).

    python -m bench.asgi_peer PORT

Sends every viewer the same 15 kB 25 times a second, which is what a camera of 3 Mbit/s makes of it.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

MESSAGE = bytes(15_000)
PICTURES_PER_SECOND = 25

viewers: set[WebSocket] = set()


@asynccontextmanager
async def broadcasting(_app: FastAPI) -> AsyncIterator[None]:
    task = asyncio.create_task(broadcast())
    yield
    task.cancel()


app = FastAPI(lifespan=broadcasting)


@app.websocket("/live")
async def live(socket: WebSocket) -> None:
    await socket.accept()
    viewers.add(socket)
    with suppress(WebSocketDisconnect):
        while True:
            await socket.receive_text()  # heartbeats
    viewers.discard(socket)


async def broadcast() -> None:
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        for socket in list(viewers):
            with suppress(RuntimeError, WebSocketDisconnect):
                await socket.send_bytes(MESSAGE)
        due += 1 / PICTURES_PER_SECOND
        await asyncio.sleep(max(0.0, due - loop.time()))


if __name__ == "__main__":
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="uvloop",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        log_level="error",
    )
