"""The media worker from outside: who is let in, what bad input gets, how it starts and ends."""

import asyncio
import json
import os
import socket
import sys
from pathlib import Path

import pytest
import websockets

from bingjian.processes.beginning import EXIT_CONFIG, EXIT_UNAVAILABLE
from bingjian.processes.media import EXIT_CANNOT_CREATE
from tests.unit.processes.media_worker import CREDENTIAL, config, ticket, worker_at

CAMERA = "00000000-0000-4000-8000-000000000001"
FORBIDDEN = {"sqlalchemy", "fastapi", "starlette", "av", "cv2", "numpy", "bingjian.db"}


async def test_health_is_one_word_and_everything_else_wants_its_key(tmp_path: Path) -> None:
    async with worker_at(tmp_path / "v") as worker, worker.client("wrong") as stranger:
        assert (await stranger.get("/healthz")).text == "ok"
        for path in ("/metrics", "/control/state", "/control/nothing", f"/control/cameras/{CAMERA}/timeline"):
            refused = await stranger.get(path)
            assert refused.status_code == 401
            assert refused.headers["www-authenticate"] == "Bearer"
        assert (await stranger.put("/control/assignment", content=b"{}")).status_code == 401
        assert (await stranger.get("/")).status_code == 404
        assert (await stranger.get("/m/x/live")).status_code == 503  # nothing assigned yet
        await worker.assign()
        assert (await stranger.get("/m/x/live")).status_code == 403


async def test_bad_input_is_a_problem_and_never_a_trace(tmp_path: Path) -> None:
    async with worker_at(tmp_path / "v") as worker, worker.client() as web:
        await worker.assign()
        asked = [
            ("PUT", "/control/assignment", 400),
            ("GET", "/control/assignment", 405),
            ("POST", "/control/state", 405),
            ("GET", "/control/cameras/x/picture?at=2026-01-01T00:00:00Z", 404),
            ("GET", f"/control/cameras/{CAMERA}/picture", 400),
            ("GET", f"/control/cameras/{CAMERA}/picture?at=now", 400),
            ("GET", f"/control/cameras/{CAMERA}/picture?at=2026-01-01T00:00:00", 400),
            ("GET", f"/control/cameras/{CAMERA}/picture?at=0001-01-01T00:00:00Z", 404),
            ("GET", f"/control/cameras/{CAMERA}/picture?at=9999-12-31T23:59:59Z", 404),
            ("GET", f"/control/cameras/{CAMERA}/timeline?start=2026-01-02T00:00:00Z", 400),
            (
                "GET",
                f"/control/cameras/{CAMERA}/timeline?start=2026-01-02T00:00:00Z&end=2026-01-01T00:00:00Z",
                400,
            ),
            ("GET", f"/m/{ticket('live', CAMERA)}/live", 404),
            ("GET", f"/m/{ticket('playback', CAMERA)}/index.m3u8", 404),
            ("GET", f"/m/{ticket('live', CAMERA)}/index.m3u8", 404),
            ("GET", f"/m/{ticket('live', CAMERA)}/heartbeat", 405),
        ]
        for method, path, status in asked:
            answer = await web.request(method, path, content=b"[" * 50_000 if method == "PUT" else None)
            assert (path, answer.status_code) == (path, status)
            assert answer.headers["content-type"] == "application/problem+json"
        assert await worker.terminate() == 0
    assert not [line for line in worker.lines if line.get("level") in ("error", "critical")]


async def test_an_older_assignment_is_refused(tmp_path: Path) -> None:
    async with worker_at(tmp_path / "v") as worker, worker.client() as web:
        await worker.assign(epoch=7)
        old = {"epoch": 6, "ticket_key": "a" * 44, "origins": [], "cameras": []}
        assert (await web.put("/control/assignment", json=old)).status_code == 409


async def test_a_page_from_elsewhere_opens_no_live_picture(tmp_path: Path) -> None:
    async with worker_at(tmp_path / "v") as worker:
        await worker.assign()
        address = f"ws://127.0.0.1:{worker.port}/m/{ticket('live', CAMERA)}/live"
        with pytest.raises(websockets.InvalidStatus) as refused:
            await websockets.connect(address, origin="http://evil.example", proxy=None)
        assert refused.value.response.status_code == 403


async def test_an_unreachable_camera_is_named_and_the_log_keeps_secrets(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"rtsp://127.0.0.1:{closed.getsockname()[1]}/x"
        address = {
            "url": url,
            "username": "u",
            "password": "hunter2",
            "transport": "tcp",
            "verify_tls": True,
        }
        async with worker_at(tmp_path / "v") as worker:
            await worker.assign({"id": CAMERA, "name": "南门", "main": address, "sub": None})
            while (main := (await worker.state())["cameras"][CAMERA]["main"])["cause"] is None:
                await asyncio.sleep(0.01)
            assert (main["state"], main["cause"]) == ("reconnecting", "refused")
            assert main["detail"]
            async with worker.client() as web:
                metrics = (await web.get("/metrics")).text
                gone = await web.get(
                    f"/control/cameras/{CAMERA}/picture", params={"at": main["since"].replace("Z", "+00:00")}
                )
            assert f'bingjian_stream_live{{camera="{CAMERA}",role="main"}} 0.0' in metrics
            assert gone.status_code == 404
            assert await worker.terminate() == 0
    states = [line for line in worker.lines if line["event"] == "stream_state"]
    assert [line["state"] for line in states] == ["connecting", "reconnecting", "stopped"]
    assert "hunter2" not in str(worker.lines)
    assert CREDENTIAL not in str(worker.lines)


async def test_a_worker_loads_no_database_no_framework_and_no_decoder(tmp_path: Path) -> None:
    async with worker_at(tmp_path / "v", tail="print(*sorted(sys.modules))") as worker:
        await worker.assign()
        async with worker.client() as web:
            assert (await web.get("/metrics")).status_code == 200
        assert await worker.terminate() == 0
        assert worker.process.stdout is not None
        loaded = (await worker.process.stdout.read()).decode().split()
    assert "bingjian.streaming.hub" in loaded
    assert FORBIDDEN & {*loaded, *(name.split(".")[0] for name in loaded)} == set()


async def start_badly(given: bytes, *arguments: str) -> tuple[int, str]:
    """Exit code and what was said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bingjian.processes.media", *arguments),
        stdin=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, err = await process.communicate(given)
    assert process.returncode is not None
    return process.returncode, err.decode()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (b"", "JSON"),
        (b"[]", "object"),
        (b"{}", "'worker'"),
        (json.dumps(config(Path("/x"), port="8810")).encode(), "'port'"),
        (json.dumps(config(Path("/x"), credential="short")).encode(), "credential"),
        (json.dumps(config(Path("/x"), gb_ports=[30_000])).encode(), "'gb_ports'"),
        (json.dumps(config(Path("/x"), gb_ports=[65_000, 1000])).encode(), "'gb_ports'"),
        (json.dumps(config(Path("/x"), gb_ports=[30_000, "1"])).encode(), "'gb_ports'"),
    ],
)
async def test_a_bad_configuration_is_one_sentence(given: bytes, said: str) -> None:
    code, text = await start_badly(given)
    assert code == EXIT_CONFIG
    assert said in text
    assert text.count("\n") == 1


async def test_a_configuration_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "media.json"
    file.write_text(json.dumps(config(tmp_path / "v")))
    os.chmod(file, 0o644)
    code, text = await start_badly(b"", str(file))
    assert code == EXIT_CONFIG
    assert "readable for you alone" in text
    code, text = await start_badly(b"", str(tmp_path / "absent.json"))
    assert (code, text.count("\n")) == (EXIT_CONFIG, 1)


async def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, text = await start_badly(json.dumps(config(tmp_path / "v", port=port)).encode())
    assert code == EXIT_UNAVAILABLE
    assert f"port {port}" in text
    assert "Traceback" not in text


async def test_a_volume_that_cannot_be_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no directory")
    code, text = await start_badly(json.dumps(config(tmp_path / "file" / "v")).encode())
    assert code == EXIT_CANNOT_CREATE
    assert "volume" in text
    assert "Traceback" not in text
