"""Live: what a viewer sees in a browser, and how many viewers one core carries.

**In the browser.** A simulated camera burns the time of day into each picture before encoding it. The demo's
page shows it as people see it (signed in, one tile, WebSocket, MSE), and the time is read back from the
pictures shown, so the figure holds everything: encoding, RTSP, recorder, WebSocket, decoding, display. The
first frame counts from the moment the page is told to open the camera (ticket, journal entry and socket
included) to its first picture.

**Fan-out.** One worker on one core sends one 3 Mbit/s camera to many viewers on the other. Gbit/s per core is
what they received divided by the worker's CPU time; the peer is an ASGI server in the same run, which has
nothing else to do.
"""

import argparse
import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import uvicorn

from bench.browser import Seen, watch_timecode
from bench.report import Result, cpu_seconds, pinned
from bench.simulators import running_simulators
from bench.worker import Worker, cameras_of, free_port, running_worker
from bingjian.streaming.ticket import OPEN_SECONDS, Ticket, sign

SERVER_CORE, VIEWER_CORE = 0, 1
SETTLE_S = 4.0
PEER_VIEWERS = 400  # more than an ASGI server takes without falling behind would be unfair
STREAM_MBIT = 3.0  # of the simulated camera, nominal


async def run(viewers: int, seconds: float, work: Path, *, fan_out_only: bool) -> Result:
    crowd = await fan_out(viewers, seconds, work)
    peer = await fan_out_of_peer(min(viewers, PEER_VIEWERS), seconds)
    seen = None if fan_out_only else await watch_timecode(seconds, work)
    return Result(
        bench="live",
        params={"viewers": viewers, "seconds": seconds, "stream": "1280x720 H.264 3 Mbit/s 25/s"},
        bingjian={**(figures_of(seen) if seen else {}), **crowd},
        peer={"name": f"uvicorn {uvicorn.__version__}, uvloop, websockets-sansio", **peer},
        ratios={"fanout_vs_asgi": crowd["fanout_gbit_per_core"] / peer["fanout_gbit_per_core"]},
    )


def figures_of(seen: Seen) -> dict[str, Any]:
    return {
        "first_frame_ms_p95": seen.first_frame_ms(95),
        "first_frame_ms_p50": seen.first_frame_ms(50),
        "latency_ms_p95": seen.latency_ms(95),
        "latency_ms_p50": seen.latency_ms(50),
        "joins": len(seen.first_frames_ms),
        "pictures_read": len(seen.latencies_ms),
    }


async def fan_out(viewers: int, seconds: float, work: Path) -> dict[str, Any]:
    """One camera, many viewers; the worker's CPU time while they all receive."""
    async with (
        running_simulators(1, core=VIEWER_CORE) as simulators,
        running_worker(work / "volume", core=SERVER_CORE) as worker,
    ):
        (camera,) = cameras_of(simulators.urls, simulators.username, simulators.password)
        await worker.assign([camera])
        await worker.until_recording(1)
        urls = [live_url(worker, camera.id, number) for number in range(viewers)]
        return await crowd_at(urls, worker.pid, seconds)


async def fan_out_of_peer(viewers: int, seconds: float) -> dict[str, Any]:
    """The same from an ASGI server; it need not receive or record anything."""
    port = free_port()
    command = [sys.executable, "-m", "bench.asgi_peer", str(port)]
    process = await asyncio.create_subprocess_exec(*pinned(SERVER_CORE, command))
    try:
        await until_listening(port)
        return await crowd_at([f"ws://127.0.0.1:{port}/live"] * viewers, process.pid, seconds)
    finally:
        process.terminate()
        await process.wait()


async def until_listening(port: int, patience_s: float = 20) -> None:
    """Raises TimeoutError."""
    async with asyncio.timeout(patience_s):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.1)


async def crowd_at(urls: Sequence[str], server_pid: int, seconds: float) -> dict[str, Any]:
    """All these viewers at once, on a core of their own; what one core of the server carries."""
    command = [sys.executable, "-m", "bench.viewers", str(SETTLE_S), str(seconds)]
    process = await asyncio.create_subprocess_exec(
        *pinned(VIEWER_CORE, command), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n".join(urls).encode())
    process.stdin.close()
    await process.stdout.readline()  # "counting"
    before, began = cpu_seconds([server_pid]), time.monotonic()
    await process.stdout.readline()  # "counted"
    share = (cpu_seconds([server_pid]) - before) / (time.monotonic() - began)
    told = json.loads(await process.stdout.readline())
    await process.wait()
    if told["lost"]:
        raise RuntimeError(f"{told['lost']} of {len(urls)} viewers were cut off")
    per_core = told["gbit_per_s"] / share
    return {
        "fanout_gbit_per_core": per_core,
        "fanout_viewers_per_core": per_core * 1000 / told["mbit_per_viewer_median"],
        "fanout_cpu_share": share,
        "viewers": told["viewers"],
        "mbit_per_viewer_median": told["mbit_per_viewer_median"],
        "mbit_per_viewer_min": told["mbit_per_viewer_min"],
    }


def live_url(worker: Worker, camera: UUID, number: int) -> str:
    """A ticket as the door would sign it; every viewer has one of its own."""
    now = int(time.time())
    ticket = Ticket(
        "live", str(camera), "main", 0, 0, f"viewer {number}", number, now + OPEN_SECONDS, now + 3600
    )
    return f"ws://127.0.0.1:{worker.port}/m/{sign(ticket, worker.ticket_key)}/live"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="bench live", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--viewers", type=int, default=800)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--fan-out-only", action="store_true", help="leave the browser out")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bingjian-bench-") as work:
        result = asyncio.run(
            run(options.viewers, options.seconds, Path(work), fan_out_only=options.fan_out_only)
        )
    result.show(as_json=options.json)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
