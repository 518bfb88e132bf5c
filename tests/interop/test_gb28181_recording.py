"""What a GB/T 28181 device sends, recorded through the whole of a stream, in FFmpeg."""

import asyncio
import json
import subprocess
from collections.abc import Awaitable, Callable

import pytest

from bingjian.clock import SystemClock
from bingjian.protocols.depacketize.program_stream import packets
from bingjian.recording import reader
from bingjian.recording.recorder import Recorder
from bingjian.recording.volume import Volume
from bingjian.recording.volumes import Volumes
from bingjian.streaming.sources.base import SourceAddress
from bingjian.streaming.stream import Stream, StreamState
from tests.unit.formats.material import Stream as Material
from tests.unit.formats.material import coded_g711, encoded_aac, encoded_video
from tests.unit.formats.mpegps.test_muxer import packs
from tests.unit.recording.footage import CAMERA, GIB
from tests.unit.streaming.gb_devices import ADDRESS, HOST, SSRC, Call, bound, for_ever, framed, signalling
from tests.unit.streaming.test_sources_gb28181 import channels_at, until

pytestmark = pytest.mark.interop

RATE = 25
MATERIAL: dict[str, Callable[[], list[Material]]] = {
    "H.264, AAC": lambda: [encoded_video("libx264", "preset=ultrafast,g=25,bf=0"), encoded_aac()],
    "H.264, A-law": lambda: [encoded_video("libx264", "preset=ultrafast,g=25,bf=0"), coded_g711()],
    "H.265": lambda: [
        encoded_video("libx265", "preset=ultrafast,x265-params=log-level=none:keyint=25:bframes=0")
    ],
}


def wire(streams: list[Material]) -> list[list[bytes]]:
    """RTP packets, pack by pack. The time is that of the pack's picture or sound."""
    made, sequence = [], 0
    for number, pack in enumerate(packs(*streams)):
        made.append(packets(pack, 96, sequence, number * 3600, SSRC))
        sequence += len(made[-1])
    return made


async def send_over_udp(call: Call, made: list[list[bytes]], pause_s: float) -> None:
    device = bound(HOST)
    for batch in made:
        for packet in batch:
            device.sendto(packet, (HOST, call.port))
        await asyncio.sleep(pause_s)


async def send_over_tcp(call: Call, made: list[list[bytes]], pause_s: float) -> None:
    _, writer = await asyncio.open_connection(HOST, call.port)
    await write(writer, made, pause_s)


async def write(writer: asyncio.StreamWriter, made: list[list[bytes]], pause_s: float) -> None:
    for batch in made:
        writer.write(framed(batch))
        await writer.drain()
        await asyncio.sleep(pause_s)


async def send_from_a_port_of_its_own(call: Call, made: list[list[bytes]], pause_s: float) -> None:
    sent = asyncio.Event()

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await write(writer, made, pause_s)
        sent.set()
        await for_ever()

    server = await asyncio.start_server(serve, HOST, 0)
    call.accept(transport="tcp-active", peer_port=server.sockets[0].getsockname()[1])
    await sent.wait()


Send = Callable[[Call, list[list[bytes]], float], Awaitable[None]]
WAYS: dict[str, Send] = {
    "udp": send_over_udp,
    "tcp": send_over_tcp,
    "tcp-active": send_from_a_port_of_its_own,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", MATERIAL)
async def test_what_was_sent_is_what_ffprobe_finds(name: str, way: str, tmp_path) -> None:
    streams = MATERIAL[name]()
    made = wire(streams)
    seconds = len(streams[0].samples) / RATE
    done = asyncio.Event()

    async def device(call: Call) -> None:
        if way != "tcp-active":
            call.accept(transport=way)
        await WAYS[way](call, made, seconds / len(made))
        done.set()
        await for_ever()

    clock = SystemClock()
    volume = Volume.create(tmp_path / "v", size_bytes=GIB, reserve_bytes=0, clock=clock)
    recorder = Recorder(Volumes([volume]), CAMERA, worker="test", epoch=1, clock=clock)
    async with signalling(device) as process:
        address = SourceAddress(ADDRESS, transport="auto")
        stream = Stream(
            "c", "main", address, receive=channels_at(process).receive, clock=clock, recording=recorder
        )
        stream.start()
        await asyncio.wait_for(done.wait(), 30)
        await until(lambda: stream.condition.state is StreamState.LIVE)
        await until(lambda: stream._frames >= len(streams[0].samples) - 1)
        await stream.stop()
        await recorder.close()
    kept = list(reader.segments([volume], CAMERA, 0, 1 << 62))
    found = [probed(segment.path) for segment in kept]
    volume.close()
    assert len(found) == 1, "sound is there from the beginning: one segment"
    assert [track["codec_name"] for track in found[0]] == codecs(streams)
    # The last picture may still be open when the stream is stopped; nothing else may be missing.
    assert len(streams[0].samples) - int(found[0][0]["nb_read_packets"]) in (0, 1)


def codecs(streams: list[Material]) -> list[str]:
    names = {"h264": "h264", "h265": "hevc", "aac": "aac", "pcma": "pcm_alaw"}
    return [names[stream.config.codec] for stream in streams]


def probed(path) -> list[dict]:
    command = ["ffprobe", "-v", "error", "-count_packets", "-show_streams", "-of", "json", path]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert answer.stderr == ""
    return json.loads(answer.stdout)["streams"]
