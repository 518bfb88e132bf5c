"""Turns a channel of a GB/T 28181 device: what is asked goes to the signal process, which speaks SIP."""

from math import isfinite
from typing import Any

import httpx

from bingjian.inventory.gb28181.signal_client import SignalClient
from bingjian.inventory.models import CameraRow
from bingjian.inventory.turntable import (
    FASTEST,
    Edge,
    Lens,
    Motion,
    NotTaken,
    Position,
    Rectangle,
    Tour,
    Turntable,
    TurntableAway,
)
from bingjian.protocols.gb28181 import address
from bingjian.protocols.gb28181.address import ChannelAddress

PAN_FASTEST, ZOOM_FASTEST, LENS_FASTEST = 255, 15, 255  # of a PTZCmd (GB/T 28181-2022, A.3)
ROUND_FASTEST = 15  # of a cruise or scan: the only range the standard names (CruiseTrackQuery, Speed 1–15)
COMMAND_SECONDS = 3.0  # a device on the other end of a city answers in a tenth; a joystick cannot wait longer
ANSWER_SECONDS = 6.0  # for what a device answers with a message of its own: the signal process waits 5
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
        nearer, iris = scaled(-lens.focus, LENS_FASTEST), scaled(lens.iris, LENS_FASTEST)
        await self._control({"lens": {"focus": nearer, "iris": iris}})

    async def go_to_preset(self, number: int) -> None:
        await self._control({"preset": {"action": "go", "number": number}})

    async def set_preset(self, number: int) -> None:
        await self._control({"preset": {"action": "set", "number": number}})

    async def delete_preset(self, number: int) -> None:
        await self._control({"preset": {"action": "delete", "number": number}})

    async def go_to(self, position: Position) -> None:
        where = {"pan": position.pan, "tilt": 0 - position.tilt, "zoom": position.zoom}
        await self._control({"precise": where})

    async def frame(self, rectangle: Rectangle, *, closer: bool) -> None:
        window = {"length": rectangle.picture_width, "width": rectangle.picture_height}
        middle = {"mid_x": round(rectangle.x), "mid_y": round(rectangle.y)}
        size = {"length_x": max(1, round(rectangle.width)), "length_y": max(1, round(rectangle.height))}
        await self._control({"drag_zoom": {"in": closer, **window, **middle, **size}})

    async def set_cruise(self, tour: Tour) -> None:
        await self.delete_cruise(tour.number)
        for preset in tour.points:
            await self._cruise("add", tour.number, preset=preset)
        await self._cruise("speed", tour.number, value=scaled(tour.speed, ROUND_FASTEST))
        await self._cruise("dwell", tour.number, value=tour.dwell_s)

    async def delete_cruise(self, number: int) -> None:
        await self._cruise("delete", number, preset=0)  # preset 0: all of it

    async def start_cruise(self, number: int) -> None:
        await self._cruise("start", number)

    async def _cruise(self, action: str, number: int, **told: int) -> None:
        await self._control({"cruise": {"action": action, "group": number, **told}})

    async def set_scan_edge(self, number: int, edge: Edge) -> None:
        await self._control({"scan": {"action": edge, "group": number}})

    async def set_scan_speed(self, number: int, percent: int) -> None:
        speed = scaled(percent, ROUND_FASTEST)
        await self._control({"scan": {"action": "speed", "group": number, "value": speed}})

    async def start_scan(self, number: int) -> None:
        await self._control({"scan": {"action": "start", "group": number}})

    async def switch(self, number: int, *, on: bool) -> None:
        await self._control({"switch": {"number": number, "on": on}})

    async def set_return(self, preset: int, delay_s: int | None) -> None:
        wish = {"enabled": delay_s is not None, "reset_s": delay_s or 0, "preset": preset}
        require_taken(await self._ask("control", {"home": wish}, ANSWER_SECONDS))

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

    async def _ask(self, what: str, body: dict[str, Any], seconds: float = COMMAND_SECONDS) -> httpx.Response:
        path = f"/control/devices/{self._channel.device}/{what}"
        wish = {"channel": self._channel.channel, **body}
        try:
            return await self._http.post(path, json=wish, timeout=seconds)
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
