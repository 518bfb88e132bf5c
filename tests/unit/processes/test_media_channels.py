"""A media worker as a process of its own, with a channel of a GB/T 28181 device as a camera."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.unit.processes import signal_process
from tests.unit.processes.media_worker import Worker, worker_at
from tests.unit.signalling.callee import Callee, Invited
from tests.unit.signalling.certificates import made
from tests.unit.signalling.scripted import CHANNEL as ADMITTED
from tests.unit.signalling.scripted import DEVICE, PLATFORM, assignment, until
from tests.unit.streaming.gb_devices import (
    ADDRESS,
    HOST,
    Call,
    Datagrams,
    Pictures,
    sending,
    signalling,
    throwing,
)

CAMERA = "00000000-0000-4000-8000-000000000001"
MAIN = {"url": ADDRESS, "username": "", "password": "", "transport": "auto", "verify_tls": True}
CHANNEL = {"id": CAMERA, "name": "南门", "main": MAIN, "sub": None}


async def main_of(worker: Worker, **wanted: object) -> dict[str, Any]:
    """Its main stream's state, once it is as wanted."""
    async with asyncio.timeout(15):
        while True:
            main: dict[str, Any] = (await worker.state())["cameras"][CAMERA]["main"]
            if wanted.items() <= main.items():
                return main
            await asyncio.sleep(0.05)


async def test_a_channel_is_recorded_and_a_killed_worker_ends_its_call(tmp_path: Path) -> None:
    async def device(call: Call) -> None:
        call.accept()
        await sending(call.port, pause_s=0.04)

    async with signalling(device) as process:
        line = {"signal_url": process.url, "signal_credential": "of the media workers", "gb_host": HOST}
        async with worker_at(tmp_path / "v", **line) as worker:
            await worker.assign(CHANNEL)
            main = await main_of(worker, state="live", transport="tcp", codec="h264")
            assert main["cause"] is None
            request, call = process.requests[0], process.calls[0]
            assert request.bearer() == "of the media workers"
            assert request.query["host"] == HOST
            worker.process.kill()
            await asyncio.wait_for(call.closed.wait(), 5)
    assert "of the media workers" not in str(worker.lines)


async def test_a_refusal_is_a_state_with_its_cause_and_then_it_is_asked_again(tmp_path: Path) -> None:
    async def busy(call: Call) -> None:
        call.end("busy", 486, "the device has no more streams (486)")

    async def device(call: Call) -> None:
        call.accept()
        await sending(call.port, pause_s=0.04)

    async with (
        signalling(busy, device) as process,
        worker_at(tmp_path / "v", signal_url=process.url, gb_host=HOST) as worker,
    ):
        await worker.assign(CHANNEL)
        main = await main_of(worker, state="reconnecting")
        assert (main["cause"], main["detail"]) == ("refused", "the device has no more streams (486)")
        await main_of(worker, state="live")


@pytest.mark.parametrize(("over", "secured"), [("tcp", False), ("udp", False), ("tcp", True)])
async def test_device_signalling_process_and_worker_together(
    tmp_path: Path, over: str, secured: bool
) -> None:
    """From registration, by UDP or TLS, to a live camera; the worker is killed, the device told to stop."""
    files = made(tmp_path)
    told = {"sip_tls_certificate": str(files.certificate), "sip_tls_key": str(files.key)}
    tasks: list[asyncio.Task[None]] = []

    def answers(invited: Invited) -> None:
        invited.accept()
        pictures, port = Pictures(ssrc=invited.offer.ssrc or 0), invited.offer.port
        sent = sending(port, pictures) if over == "tcp" else throwing(port, Datagrams(pictures))
        tasks.append(asyncio.ensure_future(sent))

    async with signal_process.running(**(told if secured else {})) as asking:
        await asking.assign(assignment(DEVICE, admitted=[ADMITTED], media=over))
        endpoint = asking.process.platform.endpoint
        port, trusted = (endpoint.tls_port, files.trusted) if secured else (endpoint.port, None)
        callee = await Callee.registered(port, answers, tls=trusted)
        line = {
            "signal_url": str(asking.http.base_url),
            "signal_credential": signal_process.MEDIA_CREDENTIAL,
            "gb_host": HOST,
        }
        async with worker_at(tmp_path / "v", **line) as worker:
            main = {**MAIN, "url": f"gb28181://{DEVICE}/{ADMITTED}"}
            await worker.assign({**CHANNEL, "main": main})
            await main_of(worker, state="live", transport=over)
            assert len(asking.process.streams) == 1
            invite = (await callee.call()).asked.request
            assert (invite.via.transport, invite.via.port) == ("TLS" if secured else "UDP", port)
            assert invite.contact is not None
            assert invite.contact.uri == f"sip:{PLATFORM}@127.0.0.1:{port}" + ";transport=tls" * secured
            await (await callee.call()).send("BYE")
            ended = await asking.event("stream_ended")
            assert (ended["device"], ended["channel"], ended["why"]) == (DEVICE, ADMITTED, "peer")
            second = await callee.call(2)
            await until(lambda: second.acknowledged)
            worker.process.kill()
            await second.until_asked("BYE")
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        callee.device.close()


async def test_without_a_signalling_process_a_channel_says_so(tmp_path: Path) -> None:
    async with worker_at(tmp_path / "v") as worker:
        await worker.assign(CHANNEL)
        main = await main_of(worker, state="reconnecting")
        assert (main["cause"], main["detail"]) == (
            "unreachable",
            "GB/T 28181 is switched off on this platform",
        )
