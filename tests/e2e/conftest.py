"""One demo for all browser tests: the real platform, simulated cameras, Debian's Chromium."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

ROOT = Path(__file__).parents[2]
WEB = ROOT / "bingjian" / "_web" / "index.html"
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
READY_SECONDS = 180.0  # the first start encodes its footage
STOP_SECONDS = 20.0
SIP_ID = "23010000002000000001"  # of the demo's platform
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
]


# Each language and each theme once: words do not change colours, nor colours words.
FACES = pytest.mark.parametrize(("language", "theme"), [("zh-CN", "light"), ("en", "dark")])

# While other tests have the machine, a browser drops frames and the wall rightly shows less; the tests of
# ``player/budget.ts`` are about that, none here is, so every frame counts as drawn.
NONE_DROPPED = """
const ask = HTMLVideoElement.prototype.getVideoPlaybackQuality;
HTMLVideoElement.prototype.getVideoPlaybackQuality = function () {
  const { totalVideoFrames, droppedVideoFrames } = ask.call(this);
  return { totalVideoFrames: totalVideoFrames - droppedVideoFrames, droppedVideoFrames: 0 };
};
"""

# Playwright's own five seconds are too few while other tests have the machine; nothing here judges speed.
expect.set_options(timeout=30_000)


@dataclass(frozen=True)
class Demo:
    """A running ``bingjian demo``."""

    url: str
    passwords: dict[str, str]  # by account
    control: Path
    pid: int  # of the process that supervises the others

    @property
    def password(self) -> str:
        return self.passwords["operator"]

    def fault(self, camera: str, kind: str, seconds: float) -> None:
        """Ask the simulator for a fault, as `bingjian simulate fault` does."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(10)
            line.connect(str(self.control))
            wish = {"do": "fault", "camera": camera, "kind": kind, "seconds": seconds}
            line.sendall(json.dumps(wish).encode() + b"\n")
            answer = json.loads(line.makefile().readline())
        assert answer["ok"], answer


@pytest.fixture(scope="session")
def built() -> None:
    if not WEB.exists():
        pytest.skip("the web application is not built: npm --prefix web run build")


@pytest.fixture(scope="package")  # not longer: its cameras would slow down all tests after it
def demo(built: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    control = folder / "control.sock"
    command = [
        sys.executable,
        "-m",
        "bingjian.cli",
        "demo",
        "--state-dir",
        str(folder / "state"),
        "--port",
        "0",
        "--no-city",
    ]
    command += ["--footage", "drawn", "--control", str(control)]
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "PYTHONUNBUFFERED": "1", "COLUMNS": "80"}
    environment["BINGJIAN_SIP_ID"] = SIP_ID  # devices of GB/T 28181 may come; none does by itself
    with (folder / "output.txt").open("w+") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=output, start_new_session=True
        )
        try:
            said = wait_for_greeting(process, folder / "output.txt", folder / "state" / "demo.log")
            yield Demo(said.pop("url"), said, control, process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                raise


ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
ACCOUNT = re.compile(r"^ +(\w+) +((?:[a-z0-9]{5}-){3}[a-z0-9]{5})", re.M)  # narrow output: one a line
END = "Ctrl-C"  # the greeting's last line


def wait_for_greeting(process: "subprocess.Popen[bytes]", output: Path, log: Path) -> dict[str, str]:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        said = output.read_text()
        if END in said and (address := ADDRESS.search(said)):
            return {"url": address[0], **dict(ACCOUNT.findall(said))}
        time.sleep(0.2)
    told = [file.read_text()[-3000:] for file in (output, log) if file.exists()]
    raise AssertionError("\n".join(["the demo did not come up:", *told]))


# The synchronous Playwright occupies the thread's event loop, so it lives no longer than one module.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@dataclass
class Visit:
    """One person's browser window, and what it did that it should not have."""

    page: Page
    demo: Demo
    strangers: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def cameras(self) -> list[dict[str, Any]]:
        answer = self.page.request.get(f"{self.demo.url}/api/v1/cameras?limit=50")
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def camera(self, name: str) -> str:
        """The id of a camera by the simulator's name for it."""
        return next(str(one["id"]) for one in self.cameras() if one["name"].startswith(name))

    def spans(self, camera: str, start_ms: float, end_ms: float) -> list[dict[str, Any]]:
        path = f"{self.demo.url}/api/v1/cameras/{camera}/timeline"
        answer = self.page.request.get(path, params={"start": rfc3339(start_ms), "end": rfc3339(end_ms)})
        assert answer.ok, answer.text()
        spans: list[dict[str, Any]] = answer.json()["spans"]
        return spans

    def now_ms(self) -> float:
        return float(self.page.evaluate("Date.now()"))

    def open(self, path: str) -> None:
        self.page.goto(self.demo.url + path)


def rfc3339(ms: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ms / 1000)) + f".{int(ms % 1000):03}Z"


Start = Callable[..., Visit]


@pytest.fixture
def start(browser: Browser, demo: Demo) -> Iterator[Start]:
    """Opens signed-in windows; at the end no request may have left the host and no script may have failed."""
    contexts: list[BrowserContext] = []
    visits: list[Visit] = []

    def open_window(
        language: str = "zh-CN", theme: str = "dark", *, name: str = "operator", signed_in: bool = True
    ) -> Visit:
        context = browser.new_context(
            viewport={"width": 1440, "height": 900},
            locale=language,
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",  # a click on what still moves may be lost, for Playwright as for people
        )
        context.add_init_script(
            f"localStorage.setItem('bingjian.language', '{language}');"
            f"localStorage.getItem('bingjian.theme') ?? localStorage.setItem('bingjian.theme', '{theme}');"
        )
        context.add_init_script(NONE_DROPPED)
        contexts.append(context)
        visit = Visit(context.new_page(), demo)
        visits.append(visit)
        watch(visit)
        if signed_in:
            answer = context.request.post(
                f"{demo.url}/api/v1/session",
                data={"name": name, "password": demo.passwords[name]},
                headers={"Origin": demo.url},
            )
            assert answer.ok, answer.text()
        return visit

    yield open_window
    for context in contexts:
        context.close()
    for visit in visits:
        assert visit.strangers == []
        assert visit.faults == []


def watch(visit: Visit) -> None:
    def note_stranger(url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname != "127.0.0.1":
            visit.strangers.append(url)

    visit.page.on("request", lambda request: note_stranger(request.url))
    visit.page.on("websocket", lambda line: note_stranger(line.url))
    visit.page.on("pageerror", lambda error: visit.faults.append(str(error)))
    visit.page.on(
        "console",
        lambda message: (
            visit.faults.append(message.text)
            if "Content Security Policy" in message.text or "same key" in message.text
            else None
        ),
    )
