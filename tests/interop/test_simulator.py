"""The simulator read by software nobody here wrote: ffmpeg and GStreamer, over TCP and UDP."""

import shutil
import subprocess
from asyncio import to_thread
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bingjian.simulate.camera import CameraSpec
from bingjian.simulate.simulator import SimulatedCamera, Simulator, SimulatorConfig

pytestmark = pytest.mark.interop

SPECS = (
    CameraSpec("plain", audio="aac"),
    CameraSpec("hevc", "h265", "g711"),
    CameraSpec("smart", "smart"),
)
DEPAYLOADERS = {"plain": "rtph264depay ! h264parse", "hevc": "rtph265depay ! h265parse"}


@pytest_asyncio.fixture
async def cameras() -> AsyncIterator[dict[str, SimulatedCamera]]:
    simulator = Simulator()
    await simulator.start(SimulatorConfig(SPECS, footage="drawn"))
    try:
        await simulator.ready()
        yield {camera.name: camera for camera in simulator.cameras}
    finally:
        await simulator.stop()


async def run(*command: str) -> subprocess.CompletedProcess[str]:
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    return await to_thread(subprocess.run, command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("name", [spec.name for spec in SPECS])
async def test_ffmpeg_decodes(cameras: dict[str, SimulatedCamera], name: str, transport: str) -> None:
    camera = cameras[name]
    url = camera.main_url.replace("//", f"//{camera.username}:{camera.password}@")
    quiet = ("ffmpeg", "-hide_banner", "-nostats", "-v", "error", "-rtsp_transport", transport)
    done = await run(*quiet, "-i", url, "-frames:v", "60", "-map", "0", "-f", "null", "-")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("name", list(DEPAYLOADERS))
async def test_gstreamer_receives(cameras: dict[str, SimulatedCamera], name: str, transport: str) -> None:
    camera = cameras[name]
    source = f"rtspsrc location={camera.main_url} protocols={transport} latency=100"
    source += f" user-id={camera.username} user-pw={camera.password}"
    caps = "application/x-rtp,media=video"
    pipeline = f"{source} ! {caps} ! {DEPAYLOADERS[name]} ! identity eos-after=60 ! fakesink sync=false"
    for _ in range(3):  # on a busy machine its own deadlines pass
        done = await run("gst-launch-1.0", "-q", *pipeline.split())
        if done.returncode == 0:
            break
    assert (done.returncode, done.stderr) == (0, "")
