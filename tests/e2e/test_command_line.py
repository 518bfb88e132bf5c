"""The command line against ``serve`` as an operator meets it, ``demo --check`` as a beginner."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

CLEAN = {
    name: value for name, value in os.environ.items() if not name.startswith(("BINGJIAN_", "LC_", "LANG"))
}
COMMAND = [sys.executable, "-m", "bingjian.cli"]


class Platform:
    """A running ``bingjian serve`` and the shell beside it."""

    def __init__(self, process: subprocess.Popen[str], environment: dict[str, str], hint: str) -> None:
        self.process = process
        self.hint = hint  # said below the address
        self._environment = environment

    def ask(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *words], env=self._environment, capture_output=True, text=True, check=False
        )


@contextmanager
def serving(folder: Path, **more: str) -> Iterator[Platform]:
    """``more``: settings beside those of every test."""
    environment = {
        **CLEAN,
        "BINGJIAN_STATE_DIR": str(folder / "state"),
        "BINGJIAN_PORT": "0",
        "BINGJIAN_MEDIA_PORT_BASE": "0",
        "BINGJIAN_MEDIA_WORKERS": "1",
        "BINGJIAN_ADMISSION": "warn",  # whatever the size of this machine's disk
        "BINGJIAN_LOG_FILE": str(folder / "log"),
        **more,
    }
    with subprocess.Popen([*COMMAND, "serve"], env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            assert "Bingjian is at http://127.0.0.1:" in process.stderr.readline()
            yield Platform(process, environment, process.stderr.readline())
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """For all who leave it running and as it was."""
    with serving(tmp_path_factory.mktemp("platform")) as running:
        yield running


@pytest.fixture
def own_platform(tmp_path: Path) -> Iterator[Platform]:
    """For those who end it."""
    with serving(tmp_path) as running:
        yield running


def test_the_first_start_says_how_to_let_somebody_in(platform: Platform) -> None:
    assert re.search(r"first administrator: (?:[a-z0-9]{4}-){3}[a-z0-9]{4} ", platform.hint)
    person = json.loads(platform.ask("user", "add", "wang", "--role", "watcher", "--json").stdout)
    assert person["generated_password"]


def test_a_camera_nobody_answers_for_is_named(platform: Platform) -> None:
    assert platform.ask("camera", "add", "gate", "rtsp://127.0.0.1:9/stream").returncode == 0
    (camera,) = json.loads(platform.ask("camera", "list", "--json").stdout)
    assert camera["name"] == "gate"
    doctor = platform.ask("doctor")
    assert "gate" in doctor.stdout
    assert platform.ask("camera", "remove", camera["id"], "--reason", "pulled down").returncode == 0
    assert json.loads(platform.ask("camera", "list", "--json").stdout) == []


def test_a_second_platform_is_turned_away(platform: Platform) -> None:
    second = platform.ask("serve")
    assert second.returncode == 3
    assert "already running" in second.stderr


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_when_told(own_platform: Platform, how: signal.Signals) -> None:
    own_platform.process.send_signal(how)
    assert own_platform.process.wait(20) == 0
    assert own_platform.ask("camera", "list", "--json").stdout.strip() == "[]"


def test_a_killed_platform_leaves_nothing_in_the_way(own_platform: Platform) -> None:
    own_platform.process.kill()
    own_platform.process.wait(20)
    deadline = time.monotonic() + 60
    while (done := own_platform.ask("camera", "list", "--json")).returncode != 0:
        assert time.monotonic() < deadline, "its children end when they notice"
    assert done.stdout.strip() == "[]"


@pytest.mark.browser
@pytest.mark.timeout(240)
def test_the_demo_shows_every_camera_and_its_past(tmp_path: Path) -> None:
    command = [*COMMAND, "demo", "--check", "--cameras", "4", "--screenshot", str(tmp_path / "wall.jpg")]
    done = subprocess.run(command, env=CLEAN, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("first picture: ")
    assert (tmp_path / "wall.jpg").stat().st_size > 0


def test_without_a_browser_the_check_says_so(tmp_path: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "demo", "--check"],
        env={**CLEAN, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert "apt-get install chromium" in done.stderr
