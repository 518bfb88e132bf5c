"""The whole platform as one command starts it: real children, killed and restarted, stopped in time."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from bingjian.processes.media import MediaConfig
from bingjian.processes.signal import SignalConfig
from bingjian.processes.supervisor import (
    EXIT_CANNOT_CREATE,
    EXIT_TRY_LATER,
    EXIT_UNAVAILABLE,
    STOP_SECONDS,
    CannotStart,
    media_config,
    plan_for,
    port_for,
    prepared,
    serve,
)
from bingjian.processes.web import listen
from bingjian.processes.web_config import EXIT_CONFIG
from bingjian.settings import Settings, VolumeSettings


def settings_in(state: Path, workers: int = 2) -> Settings:
    return Settings(state_dir=state, port=0, media_port_base=0, media_workers=workers, admission="warn")


PROGRAM = """
    import asyncio, sys
    from pathlib import Path
    from bingjian import telemetry
    from bingjian.processes.supervisor import serve
    from bingjian.settings import Settings
    settings = Settings(
        state_dir=Path(sys.argv[1]), port=0, media_port_base=0, media_workers=2, admission="warn"
    )
    telemetry.configure("supervisor")
    sys.exit(asyncio.run(serve(settings, on_ready=lambda url: print(url, flush=True))))
"""


@asynccontextmanager
async def running(state: Path) -> AsyncIterator[tuple[psutil.Process, httpx.AsyncClient]]:
    """The supervisor in a process of its own, ready, and its console."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", textwrap.dedent(PROGRAM), str(state), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().strip()
    assert url, "it never became ready"
    try:
        yield psutil.Process(process.pid), console(state)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


def console(state: Path) -> httpx.AsyncClient:
    found = json.loads((state / "run" / "console.json").read_text())
    headers = {"Authorization": f"Bearer {found['token']}"}
    return httpx.AsyncClient(base_url=found["url"], headers=headers, timeout=30)


def child_named(parent: psutil.Process, module: str) -> psutil.Process:
    """The first child that runs a module."""
    return next(one for one in parent.children() if f"bingjian.processes.{module}" in one.cmdline())


async def eventually(check: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(1200):
        if await check():
            return
        await asyncio.sleep(0.05)
    pytest.fail("it never came to be")


def test_it_loads_nothing_of_the_platform_that_it_starts() -> None:
    """It would wait for it at each start, and hold it in memory for as long as the platform runs."""
    code = (
        "import sys, bingjian.commands.serve\n"
        "heavy = {'fastapi', 'sqlalchemy', 'numpy', 'bingjian.access', 'bingjian.api'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_started_ready_restarted_and_stopped(tmp_path: Path) -> None:
    async with running(tmp_path) as (supervisor, first):
        children = supervisor.children()
        assert len(children) == 4
        system = (await first.get("/api/v1/system")).json()
        assert [(one["name"], one["up"]) for one in system["workers"]] == [
            ("media-0", True),
            ("media-1", True),
        ]
        volumes = [(volume["path"], volume["workers"]) for volume in system["volumes"]]
        assert volumes == [(str(tmp_path / "volume"), ["media-0", "media-1"])]

        added = await first.post("/api/v1/cameras", json={"name": "a", "url": "rtsp://127.0.0.1:1/x"})
        camera = added.json()["id"]

        async def refused() -> bool:
            async with console(tmp_path) as now:
                state = (await now.get(f"/api/v1/cameras/{camera}")).json()["state"]
            return state is not None and state["cause"] in ("refused", "unreachable")

        await eventually(refused)
        for module in ("media", "web"):  # whoever dies comes back, and the camera with it
            victim = child_named(supervisor, module)
            victim.kill()

            async def replaced(gone: psutil.Process = victim) -> bool:
                return not gone.is_running() and len(supervisor.children()) == 4

            await eventually(replaced)

            async def answers() -> bool:
                try:
                    return await refused()
                except (httpx.TransportError, FileNotFoundError, KeyError):
                    return False

            await eventually(answers)
        await first.aclose()
    _, alive = psutil.wait_procs(children, timeout=0)
    assert not alive
    assert not (tmp_path / "run" / "console.json").exists()


async def test_credentials_stand_in_no_command_line_and_no_environment(tmp_path: Path) -> None:
    async with running(tmp_path) as (supervisor, client):
        for child in supervisor.children():
            assert len(child.cmdline()) == 3, child.cmdline()
            assert not [name for name in child.environ() if "CREDENTIAL" in name.upper()]
        await client.aclose()


async def test_children_do_not_outlive_a_killed_supervisor(tmp_path: Path) -> None:
    """They would hold the ports and the volumes against the next one."""
    async with running(tmp_path) as (supervisor, client):
        children = supervisor.children()
        supervisor.kill()

        async def ended() -> bool:
            return not any(
                child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children
            )

        await eventually(ended)
        await client.aclose()


async def test_only_one_platform_has_a_state_directory(tmp_path: Path) -> None:
    with prepared(settings_in(tmp_path)):
        with pytest.raises(CannotStart, match="already running") as refused:
            await serve(settings_in(tmp_path))
        assert refused.value.exit_code == EXIT_TRY_LATER


async def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for change in ({"port": port}, {"media_port_base": port}):
            with pytest.raises(CannotStart, match=f"port {port} ") as refused:
                await serve(settings_in(tmp_path, 1).model_copy(update=change))
            assert refused.value.exit_code == EXIT_UNAVAILABLE


async def test_a_path_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    broken = VolumeSettings(path=tmp_path / "file" / "volume")
    for settings in (
        settings_in(tmp_path / "file" / "state"),
        settings_in(tmp_path / "state").model_copy(update={"volumes": [broken]}),
    ):
        with pytest.raises(CannotStart, match="cannot be written") as refused:
            await serve(settings)
        assert refused.value.exit_code == EXIT_CANNOT_CREATE


async def test_a_child_that_cannot_run_ends_it_all(tmp_path: Path) -> None:
    (tmp_path / "bingjian.sqlite3").write_bytes(b"this is no database" * 100)
    with pytest.raises(CannotStart, match="web") as refused:
        await serve(settings_in(tmp_path, 1))
    assert refused.value.exit_code == EXIT_CONFIG


def test_every_worker_records_to_every_volume(tmp_path: Path) -> None:
    volumes = [VolumeSettings(path=tmp_path / name, size_bytes=90) for name in "ab"]
    settings = settings_in(tmp_path, 3).model_copy(update={"volumes": volumes})
    for number in range(3):
        config = media_config(settings, number, 1)
        wishes = MediaConfig.read(json.dumps(config).encode()).wishes
        assert {(wish.path, wish.size_bytes) for wish in wishes} == {(tmp_path / name, 90) for name in "ab"}
        assert config["known_volumes"] == str(tmp_path / "volumes.json")


@pytest.fixture
def held() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_a_port_is_kept_for_the_child_as_long_as_the_platform_runs(tmp_path: Path, held: ExitStack) -> None:
    """A child that was started again could find another's connection on it, and never come up."""
    port = int(str(plan_for(settings_in(tmp_path, 1), held).imaging["port"]))
    for _ in range(2):  # started, and started again
        with listen("127.0.0.1", port) as listener:
            listener.listen()
            socket.create_connection(("127.0.0.1", port)).close()
        with socket.socket() as other, pytest.raises(OSError, match="Address already in use"):
            other.bind(("127.0.0.1", port))
    held.close()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # after a connection
        other.bind(("127.0.0.1", port))
        other.listen()


def test_every_credential_is_another(tmp_path: Path, held: ExitStack) -> None:
    plan = plan_for(settings_in(tmp_path, 3), held)
    credentials = {str(one["credential"]) for one in (*plan.media, plan.imaging)}
    assert len(credentials) == 4
    assert not [one for one in credentials if one in repr(plan)]


def test_without_an_id_nothing_of_gb28181_is_there(tmp_path: Path, held: ExitStack) -> None:
    plan = plan_for(settings_in(tmp_path, 1), held)
    assert plan.signal is None
    assert plan.web.signal is None
    assert "signal_url" not in plan.media[0]


def test_the_signalling_process_has_its_own_credentials_and_each_worker_its_ports(
    tmp_path: Path, held: ExitStack
) -> None:
    gb = {"sip_id": "99010100002000000001", "sip_port": 0, "gb_media_port_base": 31_000, "gb_media_ports": 90}
    plan = plan_for(Settings.model_validate(settings_in(tmp_path, 2).model_dump() | gb), held)
    assert plan.signal is not None
    config = SignalConfig.read(json.dumps(plan.signal).encode())
    assert (config.sip_domain, config.sip_host) == ("9901010000", "127.0.0.1")
    assert plan.web.signal is not None
    assert (plan.web.signal.credential, plan.web.signal.sip_port) == (config.credential, config.sip_port)
    assert [one["gb_ports"] for one in plan.media] == [[31_000, 45], [31_045, 45]]
    assert {one["signal_credential"] for one in plan.media} == {config.media_credential}
    assert config.credential not in repr(plan)
    assert config.media_credential not in repr(plan)


def test_over_tls_only_where_there_is_a_certificate(tmp_path: Path, held: ExitStack) -> None:
    gb = {"sip_id": "99010100002000000001", "sip_port": 0, "gb_media_port_base": 0}
    given = settings_in(tmp_path, 1).model_dump() | gb
    plan = plan_for(Settings.model_validate(given), held)
    assert plan.signal is not None
    assert SignalConfig.read(json.dumps(plan.signal).encode()).sip_tls_certificate == ""
    with port_for("127.0.0.1", 0) as free:
        port = free
    tls = {"sip_tls_port": port, "sip_tls_certificate": "/c", "sip_tls_key": "/k"}
    plan = plan_for(Settings.model_validate(given | tls), held)
    assert plan.signal is not None
    assert plan.web.signal is not None
    config = SignalConfig.read(json.dumps(plan.signal).encode())
    assert (config.sip_tls_port, config.sip_tls_certificate, config.sip_tls_key) == (port, "/c", "/k")
    assert plan.web.signal.sip_tls_port == port


def test_the_stop_stays_below_ten_seconds() -> None:
    assert STOP_SECONDS < 10
    assert os.name == "posix"
