"""``bingjian witness serve`` as a process: it signs what continues, one process to a directory."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from bingjian.journal.append import Journal
from bingjian.journal.witnessing import Witnessing
from bingjian.tlog.cosignature import cosigned_at
from bingjian.tlog.note import Verifier
from tests.backend import StillClock

PATIENCE_S = 60.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def command(folder: Path, log: Verifier, port: int) -> list[str]:
    options = ["--log", str(log), "--port", str(port), "--state-dir", str(folder)]
    return [sys.executable, "-m", "bingjian.cli", "witness", "serve", *options]


@pytest.fixture
def in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


async def test_a_second_process_cosigns(tmp_path: Path, in_english: None) -> None:
    journal = Journal.open(tmp_path / "journal", StillClock())
    port = free_port()
    with subprocess.Popen(
        command(tmp_path, journal.verifier, port), stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        witness = Verifier.parse(process.stderr.readline().partition("key: ")[2])
        await answered(port)
        async with httpx.AsyncClient(trust_env=False) as http:
            await Witnessing(journal, f"http://127.0.0.1:{port}", witness, http).ask()
        again = subprocess.run(
            command(tmp_path, journal.verifier, free_port()), capture_output=True, text=True
        )
        assert (again.returncode, again.stderr.count("\n")) == (3, 1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) in (0, -signal.SIGTERM)
    assert cosigned_at(await journal.checkpoint(), witness) is not None
    journal.close()


async def answered(port: int) -> None:
    """Once somebody listens there."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.1)
    raise AssertionError("the witness does not listen")


def test_a_key_that_is_none_is_wrong_usage(tmp_path: Path, in_english: None) -> None:
    options = ["--log", "no key", "--state-dir", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "bingjian.cli", "witness", "serve", *options], capture_output=True, text=True
    )
    assert (done.returncode, "--key" in done.stderr) == (2, True)
    assert os.listdir(tmp_path) == []
