"""Controls: what the operator wants, as JSON, becomes one DeviceControl or DeviceConfig.

A camera turns until it is told to stop, so a stop goes out twice over UDP; not the second time if something
else has been told to that channel in between. A command that moves is not repeated once it is out of date:
when its caller has gone, or when a newer one follows it. A stop is repeated until a newer one follows.

Cards are not formatted from here: what a device has recorded is not to be lost inside its term (art. 28).
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from bingjian.protocols.gb28181 import ptz
from bingjian.protocols.gb28181.manscdp.binding import bindings
from bingjian.protocols.gb28181.manscdp.configuration import DeviceConfigResult
from bingjian.protocols.gb28181.manscdp.controls import (
    Area,
    DeviceControl,
    DeviceControlResult,
    HomePosition,
    PrecisePosition,
    Upgrade,
)
from bingjian.protocols.gb28181.manscdp.message import Message, Response
from bingjian.protocols.sip.events import ClientKey
from bingjian.signalling.configure import Given, address_in, configured, session_in, text_in
from bingjian.signalling.endpoint import Endpoint
from bingjian.signalling.problems import BadWish, DeviceError, NoAnswer, NoResult, NotSupported
from bingjian.signalling.queries import Queries

TAKEN_S = 5.0  # for the device's 200
RESULT_S = 5.0  # for its Response, where the standard has one
STOP_AGAIN_S = 0.1
Place = tuple[str, str, str]  # device, channel, what moves there
PRIORITY = 5  # ControlPriority of 2016: 1 to 255, larger is more


class Commands:
    """Belongs to the event loop."""

    def __init__(self, endpoint: Endpoint, queries: Queries) -> None:
        self._endpoint, self._queries = endpoint, queries
        self._latest: dict[tuple[str, str], int] = {}  # SN of the newest command, while a stop may follow
        self._moving: dict[Place, ClientKey] = {}  # the newest that moves something, until it is answered

    async def control(self, device: str, wish: Given) -> dict[str, object]:
        """``wish``: the JSON of ``POST /control/devices/{id}/control``. Raises Problem."""
        channel = str(wish.get("channel") or device)
        control = built(wish, self._queries.next_sn(), channel)
        self._queries.require_online(device)
        self._require_known(device, control)
        self._latest[device, channel] = control.sn
        try:
            confirmed = await self._told(device, control)
        finally:
            self._after(device, channel, control)
        return {"result": "ok", "confirmed": confirmed}

    async def configure(self, device: str, wish: Given) -> dict[str, object]:
        """``wish``: the JSON of ``POST /control/devices/{id}/config``. Raises Problem."""
        config = configured(wish, self._queries.next_sn(), str(wish.get("channel") or device))
        self._queries.require_online(device)
        self._require_known(device, config)
        confirmed = await self._confirmed(device, config, DeviceConfigResult)
        if config.device_id == device and config.basic is not None and config.basic.heartbeat_interval:
            self._endpoint.expect_every(device, config.basic.heartbeat_interval)
            self._endpoint.flush()
        return {"result": "ok", "confirmed": confirmed}

    def _require_known(self, device: str, message: Message) -> None:
        """Raises NotSupported: the device's edition has never heard of the command, or of a block."""
        edition = self._queries.edition(device)
        kind: type = type(message)
        for name, bound in bindings(kind).items():
            if bound.since > edition and not bound.old_name and getattr(message, name) not in (None, "", ()):
                raise NotSupported

    async def _told(self, device: str, control: DeviceControl) -> bool:
        """Whether it has been confirmed by more than a 200, where the standard has that."""
        if control.is_answered:
            return await self._confirmed(device, control, DeviceControlResult)
        await self._taken(device, control)
        return True

    async def _confirmed(self, device: str, message: Message, result: type[Response]) -> bool:
        """False: it was taken and nothing more; some devices never say what came of it. Raises NoAnswer if it
        was not even taken.
        """
        try:
            await self._queries.ask(device, message, result, RESULT_S)
        except NoResult:
            return False
        return True

    async def _taken(self, device: str, control: DeviceControl) -> None:
        status: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def taken(told: int) -> None:
            if not status.done():
                status.set_result(told)

        key = self._send(device, control, taken)
        try:
            async with asyncio.timeout(TAKEN_S):
                answered = await status
        except TimeoutError as error:
            raise NoAnswer from error
        finally:
            if not _is_stop(control):
                self._endpoint.transactions.repeat_no_more(key)
        if answered == 408:
            raise NoAnswer
        if answered >= 300:
            raise DeviceError(f"the device answered {answered}")

    def _send(self, device: str, control: DeviceControl, taken: Callable[[int], None]) -> ClientKey:
        """One that moves takes the place of the one before: a lost move must not come after its stop."""
        moved = _moved_by(control)
        if not moved:
            return self._queries.tell(device, control, taken)
        place = (device, control.device_id, moved)

        def answered(status: int) -> None:
            if self._moving.get(place) == key:
                del self._moving[place]
            taken(status)

        key = self._queries.tell(device, control, answered)
        before, self._moving[place] = self._moving.get(place), key
        if before is not None:
            self._endpoint.transactions.repeat_no_more(before)
        return key

    def _after(self, device: str, channel: str, control: DeviceControl) -> None:
        peer = self._endpoint.peer_of(device)
        if _is_stop(control) and peer is not None and not peer.reliable:
            asyncio.get_running_loop().call_later(STOP_AGAIN_S, self._stop_again, device, channel, control)
        elif self._latest.get((device, channel)) == control.sn:
            del self._latest[device, channel]

    def _stop_again(self, device: str, channel: str, control: DeviceControl) -> None:
        if self._latest.get((device, channel)) != control.sn:
            return
        del self._latest[device, channel]
        if self._endpoint.peer_of(device) is not None:
            again = DeviceControl(
                sn=self._queries.next_sn(),
                device_id=channel,
                ptz_cmd=control.ptz_cmd,
                control_priority=PRIORITY,
            )
            self._send(device, again, lambda status: None)


def built(wish: Given, sn: int, channel: str) -> DeviceControl:
    """Exactly one command. Raises BadWish."""
    named = [name for name in wish if name != "channel"]
    if len(named) != 1 or named[0] not in _BUILDERS:
        raise BadWish(f"one of {', '.join(sorted(_BUILDERS))} is wanted")
    try:
        parts = _BUILDERS[named[0]](wish[named[0]])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadWish(f"{named[0]!r} is not what it should be") from error
    return DeviceControl(sn=sn, device_id=channel, **parts)


def _is_stop(control: DeviceControl) -> bool:
    return control.ptz_cmd in (ptz.build(ptz.STOP), ptz.build(ptz.STOP_LENS))


def _moved_by(control: DeviceControl) -> str:
    """The "body" or the "lens"; empty: nothing moves."""
    if control.precise is not None or control.zoom_in is not None or control.zoom_out is not None:
        return "body"
    match control.movement:
        case ptz.Lens():
            return "lens"
        case ptz.Move() | ptz.StartCruise() | ptz.Scan("start") | ptz.Preset("goto"):
            return "body"
    return ""


def _ptz(command: ptz.Command) -> dict[str, Any]:
    return {"ptz_cmd": ptz.build(command), "control_priority": PRIORITY}


def _number(given: Given, name: str, least: int, most: int, default: int | None = None) -> int:
    value = given.get(name, default)
    if type(value) is not int or not least <= value <= most:
        raise ValueError(name)
    return value


def _real(given: Given, name: str, least: float, most: float) -> float:
    value = given[name]
    if type(value) not in (int, float) or not least <= value <= most:
        raise ValueError(name)
    return float(value)


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)


def _move(given: Given) -> dict[str, Any]:
    """Right, up and in are positive."""
    pan, tilt = _number(given, "pan", -255, 255, 0), _number(given, "tilt", -255, 255, 0)
    zoom = _number(given, "zoom", -15, 15, 0)
    speeds = abs(pan), abs(tilt), abs(zoom)
    return _ptz(ptz.Move(_sign(pan), _sign(tilt), _sign(zoom), *speeds))


def _lens(given: Given) -> dict[str, Any]:
    """Nearer and more open are positive."""
    focus, iris = _number(given, "focus", -255, 255, 0), _number(given, "iris", -255, 255, 0)
    return _ptz(ptz.Lens(_sign(iris), _sign(focus), abs(iris), abs(focus)))


def _preset(given: Given) -> dict[str, Any]:
    action = {"set": "set", "go": "goto", "delete": "delete"}[given["action"]]
    return _ptz(ptz.Preset(action, _number(given, "number", 1, ptz.MAX_PRESET)))


def _cruise(given: Given) -> dict[str, Any]:
    group = _number(given, "group", 0, ptz.MAX_GROUP)
    match given["action"]:
        case "add" | "delete" as action:
            return _ptz(ptz.CruisePoint(action, group, _number(given, "preset", 0, ptz.MAX_PRESET)))
        case "speed" | "dwell" as what:
            return _ptz(ptz.CruisePace(what, group, _number(given, "value", 0, ptz.MAX_12_BITS)))
        case "start":
            return _ptz(ptz.StartCruise(group))
        case "stop":
            return _ptz(ptz.STOP)
    raise ValueError("action")


def _scan(given: Given) -> dict[str, Any]:
    group = _number(given, "group", 0, ptz.MAX_GROUP)
    match given["action"]:
        case "start" | "left" | "right" as action:
            return _ptz(ptz.Scan(action, group))
        case "speed":
            return _ptz(ptz.ScanSpeed(group, _number(given, "value", 0, ptz.MAX_12_BITS)))
        case "stop":
            return _ptz(ptz.STOP)
    raise ValueError("action")


def _switch(given: Given) -> dict[str, Any]:
    return _ptz(ptz.Switch(_number(given, "number", 1, 255), _flag(given["on"])))


def _drag_zoom(given: Given) -> dict[str, Any]:
    return {"zoom_in" if _flag(given["in"]) else "zoom_out": _area(given)}


def _area(given: Given) -> Area:
    names = ("length", "width", "mid_x", "mid_y", "length_x", "length_y")
    numbers = [_number(given, name, 0, 65_535) for name in names]
    return Area(
        window_length=numbers[0],
        window_width=numbers[1],
        mid_x=numbers[2],
        mid_y=numbers[3],
        length=numbers[4],
        width=numbers[5],
    )


def _home(given: Given) -> dict[str, Any]:
    enabled = "1" if _flag(given["enabled"]) else "0"
    reset_s, preset = _number(given, "reset_s", 0, 86_400, 0), _number(given, "preset", 0, 255, 0)
    return {"home_position": HomePosition(enabled=enabled, reset_time_s=reset_s, preset=preset)}


def _reset_alarm(given: Given) -> dict[str, Any]:
    method, type_ = str(given.get("method", "")), str(given.get("type", ""))
    if not all(
        text == "" or (text.isascii() and text.isdigit() and len(text) < 4) for text in (method, type_)
    ):
        raise ValueError("method")
    return {"alarm": "ResetAlarm", "alarm_method": method, "alarm_type": type_}


def _precise(given: Given) -> dict[str, Any]:
    pan, tilt = _real(given, "pan", 0, 360), _real(given, "tilt", -30, 90)
    return {"precise": PrecisePosition(pan=pan, tilt=tilt, zoom=_real(given, "zoom", 1, 1000))}


def _upgrade(given: Given) -> dict[str, Any]:
    """``session``: names the result that the device tells after its restart."""
    if set(given) != {"firmware", "url", "manufacturer", "session"}:
        raise ValueError("upgrade")
    firmware, manufacturer = text_in(given["firmware"]), text_in(given["manufacturer"])
    url, session = address_in(given["url"]), session_in(given["session"])
    return {"upgrade": Upgrade(firmware=firmware, url=url, manufacturer=manufacturer, session_id=session)}


def _track(given: Given) -> dict[str, Any]:
    """What is in an area of the panorama's picture, whoever moves, or nobody any more."""
    mode = {"auto": "Auto", "manual": "Manual", "stop": "Stop"}[given["mode"]]
    panorama = text_in(given.get("panorama", ""))
    area = _area(given) if mode == "Manual" else None
    return {"track": mode, "panorama_id": panorama, "track_area": area}


def _flag(value: object) -> bool:
    if type(value) is not bool:
        raise ValueError("true or false")
    return value


def _only_true(value: object) -> None:
    if value is not True:
        raise ValueError("true")


def _key_frame(value: object) -> dict[str, Any]:
    _only_true(value)
    return {"key_frame": "Send"}


def _restart(value: object) -> dict[str, Any]:
    _only_true(value)
    return {"tele_boot": "Boot"}


_BUILDERS: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "ptz": _move,
    "lens": _lens,
    "preset": _preset,
    "cruise": _cruise,
    "scan": _scan,
    "switch": _switch,
    "drag_zoom": _drag_zoom,
    "home": _home,
    "guard": lambda value: {"guard": "SetGuard" if _flag(value) else "ResetGuard"},
    "record": lambda value: {"record": "Record" if _flag(value) else "StopRecord"},
    "key_frame": _key_frame,
    "restart": _restart,
    "reset_alarm": _reset_alarm,
    "precise": _precise,
    "track": _track,
    "upgrade": _upgrade,
}
