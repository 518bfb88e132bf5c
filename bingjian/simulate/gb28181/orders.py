"""Orders at run time, over the control socket (``simulate.control``): one JSON object a line.

    {"do": "devices"}
    {"do": "quirk", "device": "…", "quirk": "6", "on": true}
    {"do": "fault", "device": "…", "kind": "loss", "seconds": 10, "parameters": {"percent": 20}}
    {"do": "alarm", "device": "…", "channel": "…", "method": "5", "type": "2", "priority": "1"}
    {"do": "change", "device": "…", "channel": "…", "event": "OFF"}
    {"do": "position", "device": "…"}       and "video" (of 2022: asks to be watched, with "channel")
    {"do": "register", "device": "…"}       and "leave" (signs off), "hang_up" (ends its streams)

Kinds of faults: ``weather.NetworkFault``. Without "channel" the device's first one is meant.
"""

import asyncio
from collections.abc import Callable
from math import isfinite
from typing import TYPE_CHECKING, Any

from bingjian.protocols.gb28181 import Edition
from bingjian.protocols.gb28181.manscdp.catalog import EVENTS
from bingjian.simulate.camera import FaultError
from bingjian.simulate.gb28181 import quirks
from bingjian.simulate.gb28181.channel import Channel
from bingjian.simulate.gb28181.device import Device
from bingjian.simulate.gb28181.quirks import Quirk
from bingjian.simulate.gb28181.weather import NetworkFault

if TYPE_CHECKING:
    from bingjian.simulate.gb28181.fleet import Fleet

FAULT_SECONDS_LIMIT = 24 * 3600.0
OFF = frozenset({"OFF", "VLOST", "DEFECT", "DEL"})

Order = Callable[["Fleet", Device, dict[str, Any]], dict[str, Any]]


def handle(fleet: "Fleet", request: dict[str, Any]) -> dict[str, Any]:
    """Raises FaultError with one plain sentence."""
    do = request.get("do")
    if do == "devices":
        return {"devices": [_described(device) for device in fleet.devices.values()]}
    order = _ORDERS.get(str(do))
    if order is None:
        raise FaultError(f'"do" is "devices", {", ".join(map(repr, _ORDERS))}')
    return order(fleet, fleet.device(str(request.get("device", ""))), request)


def _described(device: Device) -> dict[str, Any]:
    return {
        "id": device.spec.id,
        "registered": device.registered,
        "transport": device.spec.transport,
        "quirks": sorted(quirk.number for quirk in device.quirks),
        "channels": list(device.channels),
        "streams": len(device.sessions),
    }


def _quirk(fleet: "Fleet", device: Device, request: dict[str, Any]) -> dict[str, Any]:
    try:
        quirk = quirks.find(str(request.get("quirk", "")))
    except ValueError as error:
        raise FaultError(str(error)) from error
    on = bool(request.get("on", True))
    if quirk is Quirk.SHARED_CHANNELS:
        raise FaultError("channel ids are given at the start: begin with this quirk")
    if quirk in quirks.OWN_SOCKET and fleet.shares_socket(device):
        raise FaultError(f"quirk {quirk.number} needs a device with a socket of its own")
    device.set_quirk(quirk, on)
    if quirk is Quirk.TWIN:
        (fleet.add_twin if on else fleet.end_twins)(device)
    return {}


def _fault(fleet: "Fleet", device: Device, request: dict[str, Any]) -> dict[str, Any]:
    kind, seconds = str(request.get("kind", "")), _number(request.get("seconds", 10))
    if kind not in set(NetworkFault):
        raise FaultError(f"there is no fault {kind!r}; there are {', '.join(NetworkFault)}")
    if not 0 < seconds <= FAULT_SECONDS_LIMIT:
        raise FaultError(f"a fault lasts more than 0 and at most {FAULT_SECONDS_LIMIT:.0f} seconds")
    fault = NetworkFault(kind)
    if fault is NetworkFault.CRASH:
        device.crash(seconds)
        return {}
    if fleet.shares_socket(device):
        raise FaultError("the device shares its socket: this would befall others")
    told = request.get("parameters", {})
    _begin(device, fault, told if isinstance(told, dict) else {})
    if (earlier := device.weather.ends.get(fault)) is not None:
        earlier.cancel()  # else it would end this one
    over = {"percent": 0, "ms": 0, "off": 1}
    device.weather.ends[fault] = asyncio.get_running_loop().call_later(seconds, _begin, device, fault, over)
    return {}


def _begin(device: Device, fault: NetworkFault, parameters: dict[str, Any]) -> None:
    percent = min(max(_number(parameters.get("percent", 5)), 0.0), 100.0) / 100
    weather = device.weather
    if fault is NetworkFault.LOSS:
        weather.loss = percent
    elif fault is NetworkFault.REORDER:
        weather.reorder = percent
    elif fault is NetworkFault.DELAY:
        weather.delay_s = max(_number(parameters.get("ms", 200)), 0.0) / 1000
    else:
        weather.silent = not parameters.get("off")


def _alarm(fleet: "Fleet", device: Device, request: dict[str, Any]) -> dict[str, Any]:
    names = ("method", "type", "priority", "event_type", "description")
    told = {name: str(request[name]) for name in names if name in request}
    if not device.reports.alarm(_channel(device, request), **told):
        raise FaultError("after a device's own alarm (method 2) the next one comes only after ResetAlarm")
    return {}


def _change(fleet: "Fleet", device: Device, request: dict[str, Any]) -> dict[str, Any]:
    channel, event = _channel(device, request), str(request.get("event", "")).upper()
    if event not in EVENTS:
        raise FaultError(f"there is no change {event!r}; there are {', '.join(sorted(EVENTS))}")
    channel.online = event not in OFF
    device.reports.catalog_change(channel, event)
    return {}


def _position(fleet: "Fleet", device: Device, request: dict[str, Any]) -> dict[str, Any]:
    device.reports.send_position()
    return {}


def _video(fleet: "Fleet", device: Device, request: dict[str, Any]) -> dict[str, Any]:
    if device.spec.edition < Edition.V2022:
        raise FaultError("devices before 2022 do not ask to be watched")
    device.reports.ask_to_be_watched(_channel(device, request))
    return {}


def _register(fleet: "Fleet", device: Device, request: dict[str, Any]) -> dict[str, Any]:
    device.restart()
    return {}


def _leave(fleet: "Fleet", device: Device, request: dict[str, Any]) -> dict[str, Any]:
    device.leave()
    return {}


def _hang_up(fleet: "Fleet", device: Device, request: dict[str, Any]) -> dict[str, Any]:
    device.hang_up()
    return {}


def _channel(device: Device, request: dict[str, Any]) -> Channel:
    wanted = str(request.get("channel", "")) or next(iter(device.channels), "")
    if wanted not in device.channels:
        raise FaultError(f"device {device.spec.id} has no channel {wanted!r}")
    return device.channels[wanted]


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise FaultError(f"expected a number, not {value!r}")
    return float(value)


_ORDERS: dict[str, Order] = {
    "quirk": _quirk,
    "fault": _fault,
    "alarm": _alarm,
    "change": _change,
    "position": _position,
    "video": _video,
    "register": _register,
    "leave": _leave,
    "hang_up": _hang_up,
}
