"""A media worker as a process of its own, through which somebody speaks to a channel of a device."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import websockets

from bingjian.streaming.ticket import Ticket, sign
from tests.unit.processes.media_worker import KEY, PAGE, Worker, worker_at
from tests.unit.streaming.gb_devices import ADDRESS, HOST, Call, Script, Signalling, for_ever, signalling

CAMERA = "00000000-0000-4000-8000-000000000001"
RTSP = "00000000-0000-4000-8000-000000000002"
NO_ONE = {"username": "", "password": "", "transport": "auto", "verify_tls": True}
CAMERAS: list[dict[str, object]] = [
    {"id": CAMERA, "name": "南门", "main": {"url": ADDRESS, **NO_ONE}, "sub": None, "masked": True},
    {"id": RTSP, "name": "北门", "main": {"url": "rtsp://127.0.0.1:9/", **NO_ONE}, "sub": None},
]
SOUND = bytes(640)


@dataclass
class Room:
    worker: Worker
    process: Signalling
    ear: socket.socket

    def ticket(self, entry: int = 7, camera: str = CAMERA, lasts_s: int = 60, person: str = "person") -> str:
        now = int(time.time())
        return sign(Ticket("voice", camera, "main", 0, 0, person, entry, now + 60, now + lasts_s), KEY)

    def line(self, ticket: str, name: str = "voice") -> Any:
        return websockets.connect(
            f"ws://127.0.0.1:{self.worker.port}/m/{ticket}/{name}", origin=PAGE, proxy=None
        )

    async def ends(self) -> list[dict[str, Any]]:
        async with self.worker.client() as web:
            told = (await web.get("/control/reports")).json()
        assert (told["open"], told["due"], told["ended"]) == ([], [], [])  # it is no look
        return [one for one in told["notes"] if one["kind"] == "voice_ended"]

    @property
    def voices(self) -> list[Call]:
        return [call for call in self.process.calls if "transport" not in call.query]


@asynccontextmanager
async def room_at(folder: Path, script: Script | None = None) -> AsyncIterator[Room]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind((HOST, 0))
        ear.setblocking(False)

        async def device(call: Call) -> None:
            if "transport" in call.query:  # its pictures
                call.end("offline", 0, "not now")
            elif script is not None:
                await script(call)
            else:
                port = ear.getsockname()[1]
                call.accept(peer_port=port, payload_type=8, sound="pcma", transport="udp")
                await for_ever()

        async with (
            signalling(device) as process,
            worker_at(folder / "v", signal_url=process.url, signal_credential="c", gb_host=HOST) as worker,
        ):
            await worker.assign(*CAMERAS)
            yield Room(worker, process, ear)


async def told(line: Any) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(await asyncio.wait_for(line.recv(), 10))
    return message


async def test_what_is_said_is_heard_and_its_end_is_owed_to_the_journal(tmp_path: Path) -> None:
    async with room_at(tmp_path) as room:
        async with room.line(room.ticket()) as line:
            assert await told(line) == {"type": "ready"}
            await line.send(SOUND)
            loop = asyncio.get_running_loop()
            data = await asyncio.wait_for(loop.sock_recv(room.ear, 2000), 10)
            assert len(data) == 172
            (call,) = room.voices
            assert call.query["channel"] == ADDRESS.rpartition("/")[2]
        await asyncio.wait_for(call.closed.wait(), 10)
        (end,) = await room.ends()
        assert (end["opening"], end["person"], end["camera"]) == (7, "person", CAMERA)
        assert (end["reason"], bool(end["heard_from"]), end["seconds"] <= 10) == ("released", True, True)


async def test_one_speaks_at_a_time_and_once_with_a_ticket(tmp_path: Path) -> None:
    async with room_at(tmp_path) as room:
        first = room.ticket()
        async with room.line(first) as line:
            await told(line)
            with pytest.raises(websockets.InvalidStatus) as refused:
                await room.line(room.ticket(8))
            assert refused.value.response.status_code == 409
        async with asyncio.timeout(10):
            while not await room.ends():
                await asyncio.sleep(0.05)
        with pytest.raises(websockets.InvalidStatus) as refused:
            await room.line(first)
        assert refused.value.response.status_code == 409
        async with room.line(room.ticket(9)) as line:
            assert (await told(line))["type"] == "ready"


async def test_the_web_process_cuts_off_whoever_no_longer_has_the_camera(tmp_path: Path) -> None:
    async with room_at(tmp_path) as room, room.line(room.ticket()) as line:
        await told(line)
        async with room.worker.client("wrong" * 8) as stranger:
            path = f"/control/cameras/{CAMERA}/voice"
            assert (await stranger.delete(path)).status_code == 401
        async with room.worker.client() as web:
            assert (await web.delete(path)).status_code == 400
            assert (await web.delete(path, params={"up_to": "6"})).status_code == 204  # of somebody before
            assert await room.ends() == []
            assert (await web.delete(path, params={"up_to": "7"})).status_code == 204
        assert await told(line) == {"type": "over", "reason": "withdrawn", "detail": ""}
        await asyncio.wait_for(room.voices[0].closed.wait(), 10)
        assert [one["reason"] for one in await room.ends()] == ["withdrawn"]


async def test_a_ticket_opens_no_more_once_its_control_has_ended(tmp_path: Path) -> None:
    async with room_at(tmp_path) as room:
        async with room.worker.client() as web:
            path = f"/control/cameras/{CAMERA}/voice"
            for number in ("7", "5"):  # the answer of a slow stop comes late
                assert (await web.delete(path, params={"up_to": number})).status_code == 204
        with pytest.raises(websockets.InvalidStatus) as refused:
            await room.line(room.ticket(7))
        assert refused.value.response.status_code == 409
        async with room.line(room.ticket(8)) as line:  # whoever has it now
            assert (await told(line))["type"] == "ready"


async def test_a_page_that_brings_no_sound_is_gone(tmp_path: Path) -> None:
    async with room_at(tmp_path) as room, room.line(room.ticket()) as line:
        await told(line)
        over = await told(line)
        assert (over["type"], over["reason"]) == ("over", "silent")
        (end,) = await room.ends()
        assert (end["heard_from"], end["seconds"]) == ("", 0)


async def test_nobody_speaks_longer_than_the_ticket_says(tmp_path: Path) -> None:
    async with room_at(tmp_path) as room, room.line(room.ticket(lasts_s=2)) as line:
        await told(line)

        async def saying() -> None:
            while True:
                await line.send(SOUND)
                await asyncio.sleep(0.04)

        task = asyncio.create_task(saying())
        assert (await told(line))["reason"] == "time"
        task.cancel()
        await asyncio.wait([task])


async def test_a_device_that_takes_no_voice_is_said_so(tmp_path: Path) -> None:
    async def device(call: Call) -> None:
        call.end("refused", 403, "the device refuses voice (403)")

    async with room_at(tmp_path, device) as room, room.line(room.ticket()) as line:
        over = await told(line)
        assert over == {"type": "over", "reason": "not_taken", "detail": "the device refuses voice (403)"}
        assert [one["reason"] for one in await room.ends()] == ["not_taken"]


async def test_a_ticket_to_speak_shows_nothing_and_one_to_look_does_not_speak(tmp_path: Path) -> None:
    async with room_at(tmp_path) as room:
        now = int(time.time())
        look = sign(Ticket("live", RTSP, "main", 0, 0, "person", 3, now + 60, now + 60), KEY)
        for ticket, name, status in (
            (room.ticket(), "live", 404),
            (room.ticket(), "index.m3u8", 404),
            (look, "voice", 404),
            (room.ticket(camera=RTSP), "voice", 404),  # no device that could be heard
            (room.ticket() + "x", "voice", 403),
        ):
            with pytest.raises(websockets.InvalidStatus) as refused:
                await room.line(ticket, name)
            assert refused.value.response.status_code == status, name
        assert room.voices == []
