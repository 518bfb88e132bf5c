"""``bingjian simulate gb28181`` and ``simulate order``: what is typed, and what a platform then sees."""

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from bingjian.commands import simulate_gb28181 as part
from bingjian.commands.outcome import CommandFailed, Exit
from bingjian.protocols.gb28181 import Edition
from bingjian.protocols.gb28181.manscdp import notifies
from bingjian.simulate.gb28181.quirks import Quirk
from tests.unit.simulate.gb28181.platform import ID, PASSWORD, platform


def wish(**more: Any) -> part.Wish:
    typed: dict[str, Any] = {
        "platform": "192.0.2.10:5061",
        "platform_id": ID,
        "devices": 2,
        "channels": 3,
        "first": 1,
        "domain": "",
        "transport": "tcp",
        "edition": "2022",
        "expires_s": 3600,
        "keep_alive_s": 60.0,
        "quirks": ["6", "zero-ssrc"],
    }
    return part.Wish(**(typed | more))


def test_what_is_typed_becomes_devices() -> None:
    config = part.config_of(wish(), PASSWORD)
    assert (config.platform.host, config.platform.port, config.platform.realm) == (
        "192.0.2.10",
        5061,
        ID[:10],
    )
    first, second = config.devices
    assert (first.transport, first.edition, len(first.channels)) == ("TCP", Edition.V2022, 3)
    assert first.quirks == {Quirk.WRONG_SUM, Quirk.ZERO_SSRC}
    assert first.id != second.id
    assert not {channel.id for channel in first.channels} & {channel.id for channel in second.channels}
    assert PASSWORD not in repr(config)


@pytest.mark.parametrize(
    ("text", "address"),
    [("192.0.2.10", ("192.0.2.10", 5060)), ("[2001:db8::1]:5070", ("2001:db8::1", 5070))],
)
def test_addresses(text: str, address: tuple[str, int]) -> None:
    config = part.config_of(wish(platform=text), PASSWORD)
    assert (config.platform.host, config.platform.port) == address


def test_over_tls_with_its_usual_port_and_whom_to_trust(tmp_path: Path) -> None:
    trusted = tmp_path / "ca.pem"
    typed = wish(platform="192.0.2.10", transport="tls", ca_file=trusted)
    with pytest.raises(CommandFailed, match="cannot be read") as refused:
        part.config_of(typed, PASSWORD)
    assert refused.value.code == Exit.ENVIRONMENT
    trusted.touch()
    config = part.config_of(typed, PASSWORD)
    assert (config.platform.port, config.platform.ca_file) == (5061, trusted)
    assert [spec.transport for spec in config.devices] == ["TLS", "TLS"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"platform": "platform.example:5060"},
        {"platform": "192.0.2.10:0"},
        {"platform_id": "123"},
        {"quirks": ["41"]},
        {"channels": 1000},
        {"domain": "12"},
    ],
)
def test_nonsense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(CommandFailed) as refused:
        part.config_of(wish(**wrong), PASSWORD)
    assert refused.value.code == Exit.USAGE


def test_without_a_password_nothing_registers() -> None:
    with pytest.raises(CommandFailed):
        part.config_of(wish(), "")


async def test_registers_takes_orders_and_stops(tmp_path: Path) -> None:
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    async with platform() as running:
        typed = ["--platform", f"127.0.0.1:{running.port}", "--platform-id", ID, "--devices", "2", "--json"]
        typed += ["--password-file", str(tmp_path / "password"), "--control", str(tmp_path / "control")]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bingjian.cli", "simulate", "gb28181", *typed, "--footage", "drawn"),
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout
        try:
            await running.until(lambda: len(running.peers) == 2, 60)
            order = ["simulate", "order", min(running.peers), "alarm", "--parameter", "priority=1"]
            await ordered(*order, "--control", str(tmp_path / "control"))
            (alarm,) = await running.until(lambda: running.bodies(notifies.Alarm))
            assert alarm.priority == "1"
        finally:
            process.send_signal(signal.SIGTERM)
            told, _ = await process.communicate()
        assert process.returncode == 0
        assert [device["id"] for device in json.loads(told)] == sorted(running.peers)
        assert PASSWORD not in told.decode()


async def ordered(*words: str) -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "bingjian.cli", *words)
    assert await process.wait() == 0


def test_an_order_to_nobody(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed) as refused:
        part.tell(tmp_path / "none", "1", "alarm", [])
    assert refused.value.code == Exit.ENVIRONMENT
    with pytest.raises(CommandFailed):
        part.tell(tmp_path / "none", "1", "fault", ["seconds=soon"])
