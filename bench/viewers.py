"""Many live viewers in one process: they read and count, nothing else. Prints one JSON object.

Run by ``bench live`` on a core of its own. URLs come on standard input, one a line, each with its own ticket.
"""

import asyncio
import json
import sys
from typing import cast
from urllib.parse import urlsplit

import uvloop

BUFFER_BYTES = 1 << 18
HEARTBEAT = b"\x81\x94\x00\x00\x00\x00" + b'{"type":"heartbeat"}'  # masked with zeros, RFC 6455 §5.3
HEARTBEAT_S = 6.0


class Viewer(asyncio.BufferedProtocol):
    """One WebSocket whose bytes are counted, not parsed. All viewers share one buffer."""

    buffer = memoryview(bytearray(BUFFER_BYTES))

    def __init__(self, path: str, host: str) -> None:
        self.received = 0
        self.lost = False
        self._request = (
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        ).encode()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance
        self.transport.write(self._request)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self.buffer

    def buffer_updated(self, nbytes: int) -> None:
        self.received += nbytes

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True


async def watch(urls: list[str], settle_s: float, seconds: float) -> dict[str, object]:
    """Open all, wait, count what each receives in the window."""
    loop = asyncio.get_running_loop()
    viewers = []
    for url in urls:
        parts = urlsplit(url)
        assert parts.hostname
        assert parts.port
        _, viewer = await loop.create_connection(
            lambda parts=parts: Viewer(parts.path, parts.netloc), parts.hostname, parts.port
        )
        viewers.append(viewer)
    beat = asyncio.create_task(heartbeats(viewers))
    await asyncio.sleep(settle_s)
    print("counting", flush=True)
    before, began = [viewer.received for viewer in viewers], loop.time()
    await asyncio.sleep(seconds)
    counts, took = [v.received - b for v, b in zip(viewers, before, strict=True)], loop.time() - began
    print("counted", flush=True)
    beat.cancel()
    mbit = sorted(count * 8 / took / 1e6 for count in counts)
    return {
        "viewers": len(viewers),
        "lost": sum(viewer.lost for viewer in viewers),
        "gbit_per_s": sum(mbit) / 1e3,
        "mbit_per_viewer_min": mbit[0],
        "mbit_per_viewer_median": mbit[len(mbit) // 2],
    }


async def heartbeats(viewers: list[Viewer]) -> None:
    while True:
        await asyncio.sleep(HEARTBEAT_S)
        for viewer in viewers:
            if not viewer.lost:
                viewer.transport.write(HEARTBEAT)


def main() -> None:
    settle_s, seconds = (float(argument) for argument in sys.argv[1:3])
    urls = sys.stdin.read().split()
    print(json.dumps(uvloop.run(watch(urls, settle_s, seconds))), flush=True)


if __name__ == "__main__":
    main()
