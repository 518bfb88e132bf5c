"""The signalling process with a certificate: simulated devices over TLS, the log, what is wrong at start."""

import asyncio
import json
import ssl
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bingjian.clock import SystemClock
from bingjian.processes import signal_certificate
from bingjian.processes.beginning import EXIT_UNAVAILABLE, ConfigError, StartError
from bingjian.processes.signal import Signal, serve
from bingjian.signalling import watch
from bingjian.simulate.gb28181.device import Device
from bingjian.simulate.gb28181.fleet import Fleet, FleetConfig
from bingjian.simulate.gb28181.spec import Platform, make_devices
from tests.unit.processes.signal_process import Asking, config, running
from tests.unit.signalling.certificates import Files, made
from tests.unit.signalling.scripted import (
    DEVICE,
    DOMAIN,
    PASSWORD,
    PLATFORM,
    ScriptedDevice,
    assignment,
    until,
)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "JITTER_S", 0.0)


def told(files: Files) -> dict[str, str]:
    return {"sip_tls_certificate": str(files.certificate), "sip_tls_key": str(files.key)}


@asynccontextmanager
async def meeting(folder: Path, ca_file: Path | None) -> AsyncIterator[tuple[Asking, Device]]:
    """The process, and a simulated device that registers over TLS."""
    (spec,) = make_devices(DOMAIN, 1, 5, PASSWORD, transport="TLS")
    fleet = Fleet()
    async with running(**told(made(folder))) as asking:
        await asking.assign(assignment(spec.id))
        port = asking.process.platform.endpoint.tls_port
        where = Platform("127.0.0.1", port, PLATFORM, ca_file=ca_file)
        await fleet.start(FleetConfig(where, (spec,), footage="drawn"))
        try:
            yield asking, fleet.devices[spec.id]
        finally:
            await fleet.stop()


@pytest.mark.parametrize("verifies", [True, False])
async def test_a_device_registers_and_tells_all_of_itself(tmp_path: Path, verifies: bool) -> None:
    async with meeting(tmp_path, tmp_path / "certificate.pem" if verifies else None) as (asking, device):
        assert (await asking.event("registered"))["transport"] == "tls"
        seen: dict[str, dict[str, Any]] = {}
        while not {"info", "catalog"} <= set(seen):
            seen |= {event["kind"]: event for event in await asking.events(wait_s=5)}
        assert (seen["catalog"]["complete"], len(seen["catalog"]["items"]) >= 5) == (True, True)
        assert (await asking.query(device.spec.id, "DeviceStatus")).json()["online"] == "ONLINE"
        state = (await asking.http.get("/control/state")).json()
        assert (state["connections"], state["subscriptions"], state["faults"]) == (1, 2, 0)
        assert state["sip_tls_port"] == asking.process.platform.endpoint.tls_port


async def test_a_device_that_trusts_another_does_not_register(tmp_path: Path) -> None:
    other = made(tmp_path / "other").certificate
    async with meeting(tmp_path / "own", other) as (asking, device):
        async with asyncio.timeout(5):
            while (await asking.http.get("/control/state")).json()["tls_refused"] == 0:
                await asyncio.sleep(0.05)
        assert not device.registered


async def test_its_messages_are_logged_in_clear(tmp_path: Path) -> None:
    """In a capture with the port of TCP, for at that of TLS Wireshark would look for what is encrypted."""
    files = made(tmp_path)
    async with running(**told(files)) as asking:
        await asking.assign(assignment())
        port = asking.process.platform.endpoint.tls_port
        device = await ScriptedDevice(port, tls=files.trusted).open()
        await device.register()
        path = f"/control/devices/{DEVICE}/log"
        first = (await asking.http.get(path)).json()["messages"][0]
        assert (first["transport"], first["local"]) == ("tls", f"127.0.0.1:{port}")
        assert first["text"].startswith("REGISTER sip:")
        capture = (await asking.http.get(path, params={"form": "pcap"})).content
        packet = capture[24 + 16 :]
        assert struct.unpack("!HH", packet[20:24]) == (device.local.port, asking.sip_port)
        assert packet[40:].startswith(b"REGISTER sip:")
        device.close()


async def test_the_metrics_say_when_the_certificate_ends(tmp_path: Path) -> None:
    async with running(**told(made(tmp_path))) as asking:
        text = (await asking.http.get("/metrics")).text
        certificate = asking.process.platform.certificate
        assert certificate is not None
        (line,) = (one for one in text.splitlines() if one.startswith("bingjian_signal_tls_certificate_ends"))
        assert float(line.split()[1]) == certificate.ends.timestamp()
        assert "bingjian_signal_tls_refused_total 0.0" in text
    async with running() as asking:
        assert "tls_certificate_ends" not in (await asking.http.get("/metrics")).text


async def test_another_certificate_is_shown_to_whoever_connects_and_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal_certificate, "LOOK_S", 0.02)
    files = made(tmp_path)
    before = files.trusted
    async with running(**told(files)) as asking:
        await asking.assign(assignment())
        platform = asking.process.platform
        device = await ScriptedDevice(platform.endpoint.tls_port, tls=before).open()
        await device.register()
        following = asyncio.create_task(asking.process.follow())
        port = platform.endpoint.tls_port
        with capture_logs() as logs:
            files.key.write_bytes(made(tmp_path / "other").key.read_bytes())  # its certificate follows later
            await until(lambda: "tls_certificate_not_taken" in [line["event"] for line in logs])
            await connect(port, before)
            files.certificate.write_bytes((tmp_path / "other" / "certificate.pem").read_bytes())
            await until(lambda: "tls_certificate_taken" in [line["event"] for line in logs])
        await connect(port, files.trusted)
        with pytest.raises(ssl.SSLCertVerificationError):
            await connect(port, before)
        binding = platform.endpoint.registrar.binding(DEVICE)
        assert binding is not None
        assert binding.online
        following.cancel()
        device.close()


async def connect(port: int, trusting: ssl.SSLContext) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trusting)
    writer.close()
    await writer.wait_closed()


def test_a_certificate_that_cannot_be_used_is_a_start_that_may_succeed_later(tmp_path: Path) -> None:
    """So the supervisor tries again, and recording goes on meanwhile."""
    files = Files(made(tmp_path / "one").certificate, made(tmp_path / "other").key)
    with pytest.raises(StartError, match="is not that of the certificate") as raised:
        Signal(config(None, **told(files)), SystemClock())
    assert raised.value.exit_code == EXIT_UNAVAILABLE
    right = made(tmp_path / "one")
    assert Signal(config(None, **told(right)), SystemClock()).platform.certificate is not None


def test_a_certificate_that_ends_soon_is_said(tmp_path: Path) -> None:
    with capture_logs() as logs:
        Signal(config(None, **told(made(tmp_path, ends=timedelta(days=29)))), SystemClock())
    assert [line["event"] for line in logs] == ["tls_certificate_ends_soon"]


@pytest.mark.parametrize(
    "wrong", [{"sip_tls_key": "/k"}, {"sip_tls_certificate": "/c"}, {"sip_tls_port": -1}]
)
def test_a_wrong_configuration_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        config(None, **wrong)


async def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    files = made(tmp_path)
    async with running(**told(files)) as asking:
        taken = config(None, **told(files), sip_tls_port=asking.process.platform.endpoint.tls_port)
        process = Signal(taken, SystemClock())
        with pytest.raises(StartError, match=f"or {taken.sip_tls_port} on"):
            await serve(process, taken, asyncio.Event())
        assert json.loads(json.dumps(process.platform.state()))["sip_tls_port"] == 0
