"""Turns a channel of a GB/T 28181 device: what is asked goes to the signal process, which speaks SIP."""

from math import isfinite
from typing import Any

import httpx

from bingjian.inventory.gb28181.signal_client import SignalClient
from bingjian.inventory.models import CameraRow
from bingjian.inventory.turntable import FASTEST, Lens, Motion, NotTaken, Position, Turntable, TurntableAway
from bingjian.protocols.gb28181 import address
from bingjian.protocols.gb28181.address import ChannelAddress

PAN_FASTEST, ZOOM_FASTEST, LENS_FASTEST = 255, 15, 255  # of a PTZCmd (GB/T 28181-2022, A.3)
COMMAND_SECONDS = 3.0  # a device on the other end of a city answers in a tenth; a joystick cannot wait longer
UNANSWERED = frozenset({501, 502, 504})  # the device does not know what is asked, or says nothing to it
AWAY = frozenset({404, 409, 504})  # not registered, offline, no answer


def turntable_of(signal: SignalClient, camera: CameraRow) -> Turntable | None:
    """What turns the camera, if it is a channel of a device and devices are spoken to."""
    is_ours = signal.is_on and address.is_channel(camera.url_shown)
    return ChannelTurntable(signal.http, address.parse(camera.url_shown)) if is_ours else None


class ChannelTurntable:
    """``Turntable`` of one channel. ``http`` has the signal process's address and our credential."""

    def __init__(self, http: httpx.AsyncClient, channel: ChannelAddress) -> None:
        self._http = http
        self._channel = channel

    async def move(self, motion: Motion) -> None:
        pan, tilt = scaled(motion.pan, PAN_FASTEST), scaled(motion.tilt, PAN_FASTEST)
        await self._control({"ptz": {"pan": pan, "tilt": tilt, "zoom": scaled(motion.zoom, ZOOM_FASTEST)}})

    async def adjust(self, lens: Lens) -> None:
        focus, iris = scaled(-lens.focus, LENS_FASTEST), scaled(lens.iris, LENS_FASTEST)  # near is positive there
        await self._control({"lens": {"focus": focus, "iris": iris}})

    async def go_to_preset(self, number: int) -> None:
        await self._control({"preset": {"action": "go", "number": number}})

    async def set_preset(self, number: int) -> None:
        await self._control({"preset": {"action": "set", "number": number}})

    async def delete_preset(self, number: int) -> None:
        await self._control({"preset": {"action": "delete", "number": number}})

    async def go_to(self, position: Position) -> None:
        where = {"pan": position.pan, "tilt": 0 - position.tilt, "zoom": position.zoom}
        await self._control({"precise": where})

    async def position(self) -> Position | None:
        try:
            answer = await self._ask("query", {"command": "PTZPosition"})
        except TurntableAway as error:
            if isinstance(error.__cause__, httpx.ReadTimeout):
                return None  # devices of 2016 do not answer what they do not know
            raise
        if answer.status_code in UNANSWERED:
            return None
        require_taken(answer)
        return position_of(answer.json())

    async def _control(self, command: dict[str, Any]) -> None:
        require_taken(await self._ask("control", command))

    async def _ask(self, what: str, body: dict[str, Any]) -> httpx.Response:
        path = f"/control/devices/{self._channel.device}/{what}"
        wish = {"channel": self._channel.channel, **body}
        try:
            return await self._http.post(path, json=wish, timeout=COMMAND_SECONDS)
        except httpx.HTTPError as error:
            raise TurntableAway("the signal process does not answer") from error


def scaled(percent: int, fastest: int) -> int:
    """The device's speed; what moves at all moves."""
    speed = round(percent * fastest / FASTEST)
    return speed or (percent > 0) - (percent < 0)


def require_taken(answer: httpx.Response) -> None:
    """Raises TurntableAway, NotTaken."""
    if answer.status_code in AWAY:
        raise TurntableAway("the device does not answer")
    if answer.status_code != 200:
        raise NotTaken("the device did not take the command")


def position_of(told: Any) -> Position | None:
    """None: it is no whole position. On the wire tilt grows downwards, from −30 to 90 (2022)."""
    if not isinstance(told, dict):
        return None
    pan, tilt, zoom = (number_of(told.get(name)) for name in ("pan", "tilt", "zoom"))
    if pan is None or tilt is None or zoom is None:
        return None
    return Position(pan, 0 - tilt, zoom, number_of(told.get("horizontal_field_angle")) or None)


def number_of(told: Any) -> float | None:
    is_number = isinstance(told, int | float) and not isinstance(told, bool)
    return float(told) if is_number and isfinite(told) else None
