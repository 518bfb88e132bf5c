"""The one script: what can be told without installing anything."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([ROOT / "run", *words], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("script", ["run", ".ci/run"])
def test_a_plain_shell_can_read_it(script: str) -> None:
    assert (ROOT / script).stat().st_mode & 0o111
    assert subprocess.run(["sh", "-n", ROOT / script], check=False).returncode == 0


def test_help_names_the_commands() -> None:
    done = run()
    assert done.returncode == 0
    assert "./run demo" in done.stdout


def test_what_it_does_not_know_is_wrong_usage() -> None:
    done = run("no-such-command")
    assert (done.returncode, done.stdout) == (2, "")
    assert "./run test" in done.stderr
