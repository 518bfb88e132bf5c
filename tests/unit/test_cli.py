"""The command line as a shell sees it: exit codes, sentences, JSON, both languages."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bingjian.db.state import state_lock

ADDRESS = "rtsp://127.0.0.1:9/stream"


class Shell:
    """Runs the command line with its own state directory and little else in the environment."""

    def __init__(self, state_dir: Path) -> None:
        self.state_dir = state_dir

    def __call__(self, *words: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        clean = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("BINGJIAN_", "LC_", "LANG"))
        }
        return subprocess.run(
            [sys.executable, "-m", "bingjian.cli", *words],
            env={**clean, "BINGJIAN_STATE_DIR": str(self.state_dir), **environment},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path / "state")


def test_help_comes_without_loading_the_platform(shell: Shell) -> None:
    code = (
        "import sys, bingjian.cli; sys.argv = ['bingjian', '--help']\n"
        "try: bingjian.cli.main()\n"
        "except SystemExit: pass\n"
        "heavy = {'fastapi', 'sqlalchemy', 'pydantic', 'httpx', 'av', 'numpy', 'uvloop', 'rich', 'asyncio'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_version(shell: Shell) -> None:
    assert shell("--version").stdout.startswith("bingjian ")


@pytest.mark.parametrize(
    "words",
    [
        ["no-such-command"],
        ["camera", "add", "only-a-name"],
        ["camera", "add", "a", ADDRESS, "--transport", "pigeon"],
        ["user", "add", "wang"],
        ["camera", "test", "http://127.0.0.1/"],
        ["bench", "no-such-benchmark"],
        ["rules", "no-such-rule"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_2(shell: Shell, words: list[str]) -> None:
    done = shell(*words)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_wrong_setting_is_named_without_its_value(shell: Shell) -> None:
    done = shell("camera", "list", BINGJIAN_PORT="hunter2")
    assert done.returncode == 2
    assert "BINGJIAN_PORT" in done.stderr
    assert "hunter2" not in done.stderr


def test_cameras_come_and_go_while_the_platform_rests(shell: Shell) -> None:
    added = json.loads(
        shell(
            "camera",
            "add",
            "东门",
            ADDRESS,
            "--username",
            "a",
            "--password-stdin",
            "--json",
            stdin="s3cret-p\n",
        ).stdout
    )
    assert added["name"] == "东门"
    listed = shell("camera", "list", "--json")
    assert [camera["id"] for camera in json.loads(listed.stdout)] == [added["id"]]
    assert "s3cret-p" not in listed.stdout
    kept = shell("camera", "remove", "东门", "--reason", " ")
    assert (kept.returncode, kept.stdout) == (1, "")
    assert "this ends the recording of cameras, and no reason is given" in kept.stderr
    assert shell("camera", "remove", "东门", "--reason", "pulled down").returncode == 0
    assert json.loads(shell("camera", "list", "--json").stdout) == []


def test_what_is_refused_is_1_with_a_sentence(shell: Shell) -> None:
    assert shell("camera", "add", "a", ADDRESS).returncode == 0
    again = shell("camera", "add", "a", ADDRESS)
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr == "bingjian: another camera has this name\n"
    nobody = shell("camera", "remove", "nobody", LANG="zh_CN.UTF-8")
    assert (nobody.returncode, nobody.stderr) == (1, "bingjian: 没有名为 nobody 的摄像机\n")


def test_a_password_is_made_and_shown_once(shell: Shell) -> None:
    person = json.loads(
        shell("user", "add", "wang", "--role", "watcher", "--role", "registrar", "--json").stdout
    )
    assert sorted(person["roles"]) == ["registrar", "watcher"]
    assert len(person["generated_password"]) >= 20
    kept = (shell.state_dir / "journal" / "records.jsonl").read_text()
    assert person["generated_password"] not in kept


def test_nobody_is_administrator_and_auditor(shell: Shell) -> None:
    done = shell("user", "add", "li", "--role", "sysadmin", "--role", "auditor")
    assert done.returncode == 1
    assert "sysadmin" in done.stderr


def test_a_state_directory_in_use_is_3(shell: Shell) -> None:
    with state_lock(shell.state_dir / "run"):
        done = shell("camera", "list")
    assert done.returncode == 3
    assert "already running" in done.stderr


def test_a_path_that_cannot_be_written_is_3(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory")
    done = Shell(tmp_path / "file" / "state")("camera", "list")
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_3(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = shell("serve", "--port", port, BINGJIAN_MEDIA_PORT_BASE="0")
    assert done.returncode == 3
    assert port in done.stderr
    assert "Traceback" not in done.stderr


def test_doctor_names_a_taken_port(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = shell("doctor", "--json", BINGJIAN_PORT=port)
    findings = {finding["subject"]: finding for finding in json.loads(done.stdout)}
    assert findings[f"port {port}"]["verdict"] == "bad"
    assert done.returncode == 1


@pytest.mark.parametrize(
    "words", [[], ["camera"], ["camera", "add"], ["user", "add"], ["demo"], ["serve"], ["doctor"]]
)
def test_help_speaks_both_languages(shell: Shell, words: list[str]) -> None:
    english, chinese = shell(*words, "--help"), shell(*words, "--help", LANG="zh_CN.UTF-8")
    assert not any("\u4e00" <= letter <= "\u9fff" for letter in english.stdout)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese.stdout)


def test_each_command_tells_its_exit_codes(shell: Shell) -> None:
    assert "Exit codes: 0 done; 1 refused" in " ".join(shell("camera", "add", "--help").stdout.split())
