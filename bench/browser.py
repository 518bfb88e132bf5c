"""The demo's page on a camera with the time of day in its pictures; the time is read back from the screen."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.report import percentile
from bingjian import telemetry
from bingjian.commands.console import console
from bingjian.commands.demo import Running, Wish, accounts, register, settings_for
from bingjian.commands.demo_check import browser, sign_in
from bingjian.processes.supervisor import serve
from bingjian.simulate.camera import CameraSpec
from bingjian.simulate.simulator import Simulator, SimulatorConfig
from bingjian.simulate.timecode import GEOMETRY

JOINS = 20
PATIENCE_S = 20.0  # for one join; beyond it something is broken
WARM_UP_S = 3.0  # after a join the player walks to its target latency; figures are of the steady state

# Opens or empties the wall as a link inside the page would; resolves with the milliseconds to a picture.
JOIN = """async (address) => {
  const began = performance.now();
  let watched = null, shown = null;
  history.pushState(history.state, "", address);
  dispatchEvent(new PopStateEvent("popstate", { state: history.state }));
  while (shown === null) {
    const video = document.querySelector("video[data-testid=live-video]");
    if (video && video !== watched) {
      watched = video;
      video.requestVideoFrameCallback(() => { shown ??= performance.now(); });
    }
    await new Promise((later) => setTimeout(later, 2));
  }
  return shown - began;
}"""
LEAVE = """async (address) => {
  history.pushState(history.state, "", address);
  dispatchEvent(new PopStateEvent("popstate", { state: history.state }));
  while (document.querySelector("video[data-testid=live-video]")) {
    await new Promise((later) => requestAnimationFrame(later));
  }
}"""
# Reads the row of cells (simulate/timecode.py) out of every picture shown, for some seconds.
READ = """async ([geometry, seconds]) => {
  const g = geometry, video = document.querySelector("video[data-testid=live-video]");
  const canvas = new OffscreenCanvas(g.cells * g.cell, g.cell);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const level = (data, cell) => {
    let sum = 0, count = 0;
    for (let y = g.sample_inset; y < g.cell - g.sample_inset; y++)
      for (let x = cell * g.cell + g.sample_inset; x < (cell + 1) * g.cell - g.sample_inset; x++, count++)
        sum += data[4 * (y * canvas.width + x) + 1];
    return sum / count;
  };
  const number = (levels, from, count, middle) => {
    let value = 0;
    for (let i = from; i < from + count; i++) value = value * 2 + (levels[i] > middle ? 1 : 0);
    return value;
  };
  const latencies = [], until = performance.now() + seconds * 1000;
  await new Promise((done) => {
    const look = () => {
      const now = Date.now(), k = video.videoWidth / g.width;
      const { width, height } = canvas;
      context.drawImage(video, g.left * k, g.top * k, width * k, g.cell * k, 0, 0, width, height);
      const data = context.getImageData(0, 0, width, height).data;
      const levels = Array.from({ length: g.cells }, (_, cell) => level(data, cell));
      const white = levels[g.white_cell], black = levels[g.black_cell], middle = (white + black) / 2;
      const value = number(levels, g.first_value_cell, g.value_bits, middle);
      const check = number(levels, g.first_value_cell + g.value_bits, g.check_bits, middle);
      if (white - black >= g.contrast && value % g.check_modulus === check) latencies.push(now - value);
      if (performance.now() < until) video.requestVideoFrameCallback(look); else done();
    };
    video.requestVideoFrameCallback(look);
    setTimeout(done, seconds * 1000 + 2000);  // on an overloaded machine the page may show stills by now
  });
  return latencies;
}"""


@dataclass(slots=True)
class Seen:
    """What a viewer waited for the first picture, and how old each picture was when shown; milliseconds."""

    first_frames_ms: list[float] = field(default_factory=list)
    latencies_ms: list[float] = field(default_factory=list)

    def first_frame_ms(self, percent: float) -> float:
        return percentile(self.first_frames_ms, percent)

    def latency_ms(self, percent: float) -> float:
        return percentile(self.latencies_ms, percent)


async def watch_timecode(seconds: float, work: Path) -> Seen:
    """Join ``JOINS`` times, then watch; everything runs on this machine, browser included."""
    seen = Seen()
    async with browser() as starting, platform(work / "platform") as running:
        page = await (await (await starting).new_context(viewport={"width": 1280, "height": 800})).new_page()
        await sign_in(page, running)
        empty = "/video?layout=1"
        address = f"{empty}&cameras={running.cameras[0]['id']}"
        for _ in range(JOINS):
            await asyncio.wait_for(page.evaluate(LEAVE, empty), PATIENCE_S)
            await asyncio.sleep(0.5)
            seen.first_frames_ms.append(await asyncio.wait_for(page.evaluate(JOIN, address), PATIENCE_S))
            await asyncio.sleep(0.5)
        await asyncio.sleep(WARM_UP_S)
        seen.latencies_ms += await page.evaluate(READ, [dict(GEOMETRY), seconds])
    if not seen.latencies_ms:
        raise RuntimeError("no time code could be read from the pictures shown")
    return seen


@contextlib.asynccontextmanager
async def platform(state_dir: Path) -> AsyncIterator[Running]:
    """The whole platform with one camera, as ``bingjian demo`` runs it."""
    state_dir.mkdir()
    wish = Wish(cameras=1, state_dir=state_dir, port=None, footage="drawn")
    settings = settings_for(wish, state_dir, check=True)
    telemetry.configure("bench", settings.log_level, settings.log_file)
    stop, ready = asyncio.Event(), asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(settings, on_ready=ready.set_result, stop=stop))
    simulator = Simulator()
    await simulator.start(
        SimulatorConfig(
            cameras=(CameraSpec("timecode", "timecode", sub=False),), footage="drawn", faults=False
        )
    )
    try:
        url = await ready
        async with console(settings) as desk:
            passwords = await accounts(desk)
            camera: dict[str, Any] = await register(desk, simulator.cameras[0], 0)
            await recorded(desk, camera["id"])
            yield Running(url, settings, desk, (camera,), passwords)
    finally:
        await simulator.stop()
        stop.set()
        await serving


async def recorded(desk: Any, camera: str, patience_s: float = 60) -> None:
    """Until the camera's main stream is being recorded. Raises TimeoutError."""
    for _ in range(int(patience_s * 5)):
        state = (await desk.ask("GET", f"/cameras/{camera}"))["state"]
        if state and state["recording"]:
            return
        await asyncio.sleep(0.2)
    raise TimeoutError("the simulated camera is not recorded")
