"""``bingjian demo --check``: a real browser looks at the demo as a person would, and says what it saw."""

import asyncio
import contextlib
import os
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bingjian.commands.language import either
from bingjian.commands.outcome import CommandFailed, Exit, note

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page, Playwright

    from bingjian.commands.demo import Running

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",  # the page is our own, and root cannot have a sandbox
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LOOK_SECONDS = 0.1
PICTURE_SECONDS = 120.0  # for every camera's first picture; footage may have to be encoded first
PLAYBACK_SECONDS = 60.0  # until ten seconds have been played
PAST = timedelta(seconds=14)  # how far back: ten seconds to play, and a little before the live edge
PLAYED_SECONDS = 10.0
LAYOUTS = (1, 4, 6, 9, 16)  # tiles, as the wall offers them

# What each camera's tile shows: frames that were decoded and not dropped, or a still picture.
SEEN = """() => {
  const seen = {};
  for (const video of document.querySelectorAll("video[data-testid^=live-video]")) {
    const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
    const id = video.dataset.camera;
    seen[id] = Math.max(seen[id] ?? 0, totalVideoFrames - droppedVideoFrames);
  }
  for (const still of document.querySelectorAll("img[data-testid=still]")) {
    if (still.naturalWidth > 0) seen[still.dataset.camera] = -1;
  }
  return seen;
}"""
STILL = -1
PLAYED = """() => {
  const video = document.querySelector("video[data-testid=playback-video]");
  if (video === null) return null;
  const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
  return { frames: totalVideoFrames - droppedVideoFrames, at: video.currentTime };
}"""


@contextlib.asynccontextmanager
async def browser() -> "AsyncIterator[asyncio.Task[Browser]]":
    """Debian's Chromium, starting while the platform does. Raises CommandFailed."""
    try:
        from playwright.async_api import async_playwright
    except ImportError as error:
        raise CommandFailed(
            either(
                "--check needs Playwright: ./run demo --check", "--check 需要 Playwright：./run demo --check"
            ),
            Exit.ENVIRONMENT,
        ) from error
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        raise CommandFailed(
            either(
                "--check needs Chromium: apt-get install chromium",
                "--check 需要 Chromium：apt-get install chromium",
            ),
            Exit.ENVIRONMENT,
        )
    driver = await started(async_playwright().start)
    starting = asyncio.create_task(driver.chromium.launch(executable_path=program, args=list(FLAGS)))
    try:
        yield starting
    finally:
        starting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await (await starting).close()
        await driver.stop()


async def started(start: "Callable[[], Awaitable[Playwright]]") -> "Playwright":
    """Raises CommandFailed."""
    try:
        return await start()
    except Exception as error:  # Playwright raises nothing narrower
        raise CommandFailed(
            either(f"Playwright cannot start: {error}", f"Playwright 无法启动：{error}"), Exit.ENVIRONMENT
        ) from error


async def look(running: "Running", starting: "asyncio.Task[Browser]", screenshot: Path | None) -> int:
    """The whole check; 0 if all was seen. Raises CommandFailed with the reason otherwise."""
    context = await (await starting).new_context(
        viewport={"width": 1440, "height": 900}, locale=either("en-GB", "zh-CN")
    )
    page = await context.new_page()
    strangers = watch_requests(page)
    await sign_in(page, running)
    await every_camera(page, running)
    if screenshot is not None:
        await page.screenshot(path=screenshot)
    await play_back(page, running)
    if strangers:
        raise CommandFailed(either(f"the page asked {strangers[0]}", f"网页请求了 {strangers[0]}"))
    return Exit.OK


def watch_requests(page: "Page") -> list[str]:
    """Hosts other than this one that the page turned to; filled while it runs."""
    strangers: list[str] = []

    def note_stranger(url: str) -> None:
        parts = urlsplit(url)
        if parts.hostname not in (None, "127.0.0.1"):
            strangers.append(str(parts.hostname))

    page.on("request", lambda request: note_stranger(request.url))
    page.on("websocket", lambda socket: note_stranger(socket.url))
    return strangers


async def sign_in(page: "Page", running: "Running") -> None:
    await page.goto(f"{running.url}/signin?{wall(running)}")
    await page.locator("input[autocomplete=username]").fill("operator")
    await page.locator("input[autocomplete=current-password]").fill(running.passwords["operator"])
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/video**")
    await page.goto(f"{running.url}/video?{wall(running)}")


def wall(running: "Running") -> str:
    layout = next(size for size in LAYOUTS if size >= len(running.cameras))
    return f"layout={layout}&cameras={','.join(camera['id'] for camera in running.cameras)}"


async def every_camera(page: "Page", running: "Running") -> None:
    """Until each camera's frames grow, or its still is there. Raises CommandFailed naming those without."""
    wanted = {camera["id"] for camera in running.cameras}
    before: dict[str, int] = {}
    shown: set[str] = set()

    async def all_shown() -> bool:
        seen = {camera: frames for camera, frames in (await page.evaluate(SEEN)).items() if frames}
        if seen and not before:
            print(f"first picture: {seconds_since_start():.1f} s", flush=True)
        shown.update(camera for camera, frames in seen.items() if frames == STILL or grows(camera, frames))
        before.update(seen)
        return wanted <= shown

    def grows(camera: str, frames: int) -> bool:
        return camera in before and frames > before[camera]

    if not await until(all_shown, PICTURE_SECONDS):
        raise CommandFailed(await why_not(running, wanted - shown))
    after = seconds_since_start()
    note(
        either(
            f"all {len(wanted)} cameras shown after {after:.1f} s",
            f"{len(wanted)} 台摄像机均已显示，用时 {after:.1f} 秒",
        )
    )


async def why_not(running: "Running", missing: set[str]) -> str:
    """One sentence: which cameras showed nothing, and what the platform says of each."""
    cameras = [camera for camera in await running.console.cameras() if camera["id"] in missing]
    told = "; ".join(f"{camera['name']}: {state_words(camera)}" for camera in cameras)
    return either(f"no picture in the browser from {told}", f"浏览器中没有图像：{told}")


def state_words(camera: dict[str, Any]) -> str:
    state = camera["state"] or {}
    return " ".join(filter(None, (state.get("state", "unknown"), state.get("cause"), state.get("detail"))))


async def play_back(page: "Page", running: "Running") -> None:
    """Ten seconds of the first camera's past. Raises CommandFailed."""
    camera = running.cameras[0]["id"]
    start = await far_enough_back(page, running, camera)
    await page.goto(f"{running.url}/video?layout=1&cameras={camera}&at={start:%Y-%m-%dT%H:%M:%S.000Z}")
    first: dict[str, float] = {}

    async def ten_seconds_played() -> bool:
        now = await page.evaluate(PLAYED)
        if now is None or not now["frames"]:
            return False
        if not first:
            first.update(now)
        return bool(now["at"] - first["at"] >= PLAYED_SECONDS and now["frames"] > first["frames"])

    if not await until(ten_seconds_played, PLAYBACK_SECONDS):
        raise CommandFailed(either("playback does not play", "回放没有播放"))
    note(either("played back ten seconds from the past", "已回放过去十秒"))


async def far_enough_back(page: "Page", running: "Running", camera: str) -> datetime:
    """An instant ``PAST`` ago that was recorded; a fresh demo has no such past yet, so wait for it."""
    path = f"{running.url}/api/v1/cameras/{camera}/timeline"

    async def is_recorded() -> bool:
        now = datetime.now(UTC)
        asked: dict[str, str | float | bool] = {"start": (now - PAST).isoformat(), "end": now.isoformat()}
        answer = await page.request.get(path, params=asked)
        spans = (await answer.json()).get("spans", []) if answer.ok else []
        begins = [datetime.fromisoformat(span["start"]) for span in spans if span["kind"] == "present"]
        return bool(begins) and min(begins) <= now - PAST + timedelta(seconds=1)

    if not await until(is_recorded, PLAYBACK_SECONDS):
        raise CommandFailed(either("nothing was recorded that could be played back", "没有可回放的录像"))
    return datetime.now(UTC) - PAST + timedelta(seconds=1)


async def until(happened: Callable[[], Awaitable[bool]], seconds: float) -> bool:
    """Whether it happened in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if await happened():
            return True
        await asyncio.sleep(LOOK_SECONDS)
    return False


def seconds_since_start() -> float:
    """What a person has waited: since ``./run`` began, else since this process did (proc(5))."""
    if began := os.environ.get("RUN_BEGAN", ""):
        return time.time() - float(began)
    began_ticks = int(Path("/proc/self/stat").read_text().rsplit(")", 1)[1].split()[19])
    uptime = float(Path("/proc/uptime").read_text().split()[0])
    return uptime - began_ticks / os.sysconf("SC_CLK_TCK")
