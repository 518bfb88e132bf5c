"""``bingjian simulate gb28181``: devices that are not there register at a platform; and orders to them."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import uvloop

from bingjian.commands.language import either
from bingjian.commands.outcome import CommandFailed, Exit, note, show
from bingjian.commands.simulate import default_control, prepared_control, progress
from bingjian.protocols.gb28181 import Edition, ids
from bingjian.simulate.camera import FaultError
from bingjian.simulate.control import ask
from bingjian.simulate.footage import FootageError
from bingjian.simulate.gb28181.fleet import Fleet, FleetConfig
from bingjian.simulate.gb28181.quirks import find_all
from bingjian.simulate.gb28181.spec import DeviceSpec, Platform, make_devices

EDITIONS = {"2016": Edition.V2016, "2022": Edition.V2022}
SIP_PORT, TLS_PORT = 5060, 5061


@dataclass(frozen=True, slots=True)
class Wish:
    """As typed."""

    platform: str  # HOST:PORT
    platform_id: str
    devices: int
    channels: int
    first: int
    domain: str  # of the devices' ids; empty: the platform's
    transport: str  # "udp", "tcp", "tls"
    edition: str
    expires_s: int
    keep_alive_s: float
    quirks: Sequence[str]
    ca_file: Path | None = None  # over TLS; None: any certificate will do


def default_control_gb28181() -> Path:
    """Another one than that of simulated cameras, which may run beside."""
    return default_control().with_name("simulator-gb28181.sock")


def run(wish: Wish, password: str, footage: str, control: Path | None, host: str, *, as_json: bool) -> int:
    """Until Ctrl-C or SIGTERM. Raises CommandFailed."""
    config = config_of(wish, password, host)
    socket = prepared_control(control or default_control_gb28181())
    try:
        return uvloop.run(_run(replace(config, footage=footage, control_socket=socket), as_json))
    except (FootageError, OSError, ValueError) as error:
        raise CommandFailed(str(error), Exit.ENVIRONMENT) from error


def config_of(wish: Wish, password: str, host: str = "") -> FleetConfig:
    """Raises CommandFailed: what was typed makes no sense."""
    where, port = _address(wish.platform, TLS_PORT if wish.transport == "tls" else SIP_PORT)
    if not ids.is_valid(wish.platform_id):
        raise CommandFailed(either("a platform's id has 20 digits", "平台编码应为 20 位数字"), Exit.USAGE)
    if not password:
        raise CommandFailed(either("the devices need a password", "设备需要密码"), Exit.USAGE)
    if wish.ca_file is not None and not os.access(wish.ca_file, os.R_OK):
        sentence = either(f"{wish.ca_file} cannot be read", f"无法读取 {wish.ca_file}")
        raise CommandFailed(sentence, Exit.ENVIRONMENT)
    platform = Platform(where, port, wish.platform_id, ca_file=wish.ca_file)
    try:
        devices = make_devices(
            wish.domain or platform.realm,
            wish.devices,
            wish.channels,
            password,
            first=wish.first,
            edition=EDITIONS[wish.edition],
            transport=wish.transport.upper(),
            expires_s=wish.expires_s,
            keep_alive_s=wish.keep_alive_s,
            quirks=find_all(wish.quirks),
        )
    except ValueError as error:
        raise CommandFailed(str(error), Exit.USAGE) from error
    return FleetConfig(platform, devices, host)


def password_of(path: Path) -> str:
    """The first line of a file, which only its owner should be able to read. Raises CommandFailed."""
    try:
        return path.read_text("utf-8").split("\n", 1)[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandFailed(either(f"{path} cannot be read", f"无法读取 {path}"), Exit.ENVIRONMENT) from error


def _address(text: str, usual: int) -> tuple[str, int]:
    """``192.0.2.10:5060``, ``[2001:db8::1]:5060``, or without a port. Raises CommandFailed."""
    host, colon, port = text.rpartition(":")
    if not colon or (host.count(":") and not host.startswith("[")):
        host, port = text, str(usual)
    try:
        number = int(port)
        found = str(ip_address(host.strip("[]")))
    except ValueError as error:
        raise CommandFailed(
            either("a platform is ADDRESS:PORT, in numbers", "平台的形式是 IP 地址:端口"), Exit.USAGE
        ) from error
    if not 0 < number < 65536:
        raise CommandFailed(either("a port is 1 to 65535", "端口范围是 1 到 65535"), Exit.USAGE)
    return found, number


async def _run(config: FleetConfig, as_json: bool) -> int:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    fleet = Fleet()
    with progress() as told:
        await fleet.start(config, told)
        try:
            show([_shown(spec) for spec in config.devices], as_json, lambda: _say(config))
            sys.stdout.flush()
            await fleet.ready()
            note(either("the devices register (Ctrl-C stops them)", "设备开始注册（Ctrl-C 停止）"))
            await stopped.wait()
        finally:
            await fleet.stop()
    return Exit.OK


def _shown(spec: DeviceSpec) -> dict[str, Any]:
    """Without the password."""
    channels = [asdict(channel) for channel in spec.channels]
    return {"id": spec.id, "name": spec.name, "transport": spec.transport, "channels": channels}


def _say(config: FleetConfig) -> None:
    for spec in config.devices:
        first, last = (spec.channels[at].id if spec.channels else "" for at in (0, -1))
        print(f"{spec.id}  {spec.name}  {len(spec.channels)}  {first}  {last}")
    print(either("orders: ", "指令：") + str(config.control_socket))


def tell(control: Path | None, device: str, order: str, parameters: Sequence[str]) -> None:
    """Give a running device an order. Raises CommandFailed."""
    path = control or default_control_gb28181()
    request = {"do": order, "device": device, **_values(parameters)}
    try:
        asyncio.run(ask(path, request))
    except FaultError as error:
        raise CommandFailed(str(error)) from error
    except OSError as error:
        raise CommandFailed(
            either(f"no simulated device takes orders at {path}", f"{path} 处没有运行中的模拟设备"),
            Exit.ENVIRONMENT,
        ) from error
    print(f"{device}: {order}")


FAULT_PARAMETERS = frozenset({"percent", "ms"})


def _values(parameters: Sequence[str]) -> dict[str, Any]:
    """ "kind=loss", "percent=20" → {"kind": "loss", "parameters": {"percent": 20.0}}.

    Raises:
        CommandFailed: not of this form.
    """
    told: dict[str, Any] = {}
    for parameter in parameters:
        name, equals, value = parameter.partition("=")
        if not equals or not name:
            raise CommandFailed(either("a parameter is name=value", "参数的形式是 名称=值"), Exit.USAGE)
        if name in FAULT_PARAMETERS:
            told.setdefault("parameters", {})[name] = _number(value)
        else:
            told[name] = {"seconds": _number, "on": _is_on}.get(name, str)(value)
    return told


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError as error:
        raise CommandFailed(either(f"{value} is no number", f"{value} 不是数字"), Exit.USAGE) from error


def _is_on(value: str) -> bool:
    return value.lower() not in ("0", "no", "off", "false")
