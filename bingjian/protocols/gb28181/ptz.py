"""The 8 bytes of ``PTZCmd``, both ways.

``A5 0F address command data1 data2 (data3 << 4 | address >> 8) sum``, written as 16 hexadecimal digits. A
device moves until it is told to stop.
"""

import re
from dataclasses import dataclass

from bingjian.protocols.errors import PeerError

FIRST = 0xA5
SIZE = 8  # bytes
MAX_SPEED, MAX_ZOOM_SPEED = 0xFF, 0x0F
MAX_PRESET, MAX_GROUP, MAX_12_BITS = 255, 255, 4095
WIPER = 1  # number of the auxiliary switch (2022)

_HEX = re.compile(r"[0-9A-Fa-f]{16}")

_SET_PRESET, _GOTO_PRESET, _DELETE_PRESET = 0x81, 0x82, 0x83
_ADD_POINT, _DELETE_POINT, _CRUISE_SPEED, _DWELL, _START_CRUISE = 0x84, 0x85, 0x86, 0x87, 0x88
_SCAN, _SCAN_SPEED, _SWITCH_ON, _SWITCH_OFF = 0x89, 0x8A, 0x8C, 0x8D


@dataclass(frozen=True, slots=True)
class Move:
    """Directions −1, 0, 1 with their speeds; all 0: stop."""

    pan: int = 0  # −1 left, 1 right
    tilt: int = 0  # −1 down, 1 up
    zoom: int = 0  # −1 out, 1 in
    pan_speed: int = 0  # 0–255
    tilt_speed: int = 0
    zoom_speed: int = 0  # 0–15


@dataclass(frozen=True, slots=True)
class Lens:
    """Iris and focus; both 0: stop."""

    iris: int = 0  # −1 close, 1 open
    focus: int = 0  # −1 far, 1 near
    iris_speed: int = 0  # 0–255
    focus_speed: int = 0


@dataclass(frozen=True, slots=True)
class Preset:
    action: str  # "set", "goto", "delete"
    number: int  # 1–255


@dataclass(frozen=True, slots=True)
class CruisePoint:
    """A preset of a cruise; to delete preset 0 deletes the whole cruise."""

    action: str  # "add", "delete"
    group: int
    preset: int


@dataclass(frozen=True, slots=True)
class CruisePace:
    """Speed, or seconds to stay at a point, of a cruise."""

    what: str  # "speed", "dwell"
    group: int
    value: int  # 0–4095


@dataclass(frozen=True, slots=True)
class StartCruise:
    """Ended by ``STOP``."""

    group: int


@dataclass(frozen=True, slots=True)
class Scan:
    """Ended by ``STOP``."""

    action: str  # "start", "left", "right": the last two set an edge where the camera looks now
    group: int


@dataclass(frozen=True, slots=True)
class ScanSpeed:
    group: int
    value: int  # 0–4095


@dataclass(frozen=True, slots=True)
class Switch:
    number: int
    on: bool


@dataclass(frozen=True, slots=True)
class Other:
    """A command that we do not know; its bytes 4 to 7."""

    command: int
    data1: int
    data2: int
    data3: int  # 4 bits


Command = Move | Lens | Preset | CruisePoint | CruisePace | StartCruise | Scan | ScanSpeed | Switch | Other

STOP = Move()
STOP_LENS = Lens()

_PRESETS = {"set": _SET_PRESET, "goto": _GOTO_PRESET, "delete": _DELETE_PRESET}
_POINTS = {"add": _ADD_POINT, "delete": _DELETE_POINT}
_PACES = {"speed": _CRUISE_SPEED, "dwell": _DWELL}
_SCANS = {"start": 0, "left": 1, "right": 2}


def build(command: Command, address: int = 1) -> str:
    """The 16 digits, in capitals.

    Args:
        address: of the camera behind an old decoder, 12 bits; devices ignore it.

    Raises:
        ValueError: a number or a word that the command cannot hold. Ours to prevent.
    """
    code, data1, data2, data3 = _bytes_of(command)
    fits = 0 <= data1 <= 0xFF and 0 <= data2 <= 0xFF and 0 <= data3 <= 0x0F and 0 <= address <= MAX_12_BITS
    if not fits:
        raise ValueError(f"{command} does not fit")
    head = bytes((FIRST, _check_nibble(0), address & 0xFF, code, data1, data2, data3 << 4 | address >> 8))
    return (head + bytes((sum(head) & 0xFF,))).hex().upper()


def parse(text: str) -> Command:
    """What 16 digits say. Raises PeerError if they are none, or their sum is wrong.

    The version nibble is not looked at. Of opposite directions neither counts.
    """
    text = "".join(text.split())
    if not _HEX.fullmatch(text):
        raise PeerError("a PTZ command is not 16 hexadecimal digits")
    raw = bytes.fromhex(text)
    if raw[0] != FIRST or sum(raw[:7]) & 0xFF != raw[7]:
        raise PeerError("a PTZ command has a wrong first byte or sum")
    return _command(raw[3], raw[4], raw[5], raw[6] >> 4)


def _check_nibble(version: int) -> int:
    """Byte 2: version, and a checksum of the first byte's and its own upper nibble."""
    return version << 4 | (0xA + 0x5 + version) % 16


def _bytes_of(command: Command) -> tuple[int, int, int, int]:
    """Command, data1, data2, data3."""
    match command:
        case Move(pan, tilt, zoom, pan_speed, tilt_speed, zoom_speed):
            bits = _bit(pan, 0, 1) | _bit(tilt, 3, 2) | _bit(zoom, 4, 5)
            return bits, pan_speed, tilt_speed, zoom_speed
        case Lens(iris, focus, iris_speed, focus_speed):
            return 0x40 | _bit(iris, 2, 3) | _bit(focus, 1, 0), focus_speed, iris_speed, 0
        case Preset(action, number) if 1 <= number <= MAX_PRESET and action in _PRESETS:
            return _PRESETS[action], 0, number, 0
        case CruisePoint(action, group, preset) if action in _POINTS:
            return _POINTS[action], group, preset, 0
        case CruisePace(what, group, value) if what in _PACES:
            return _PACES[what], group, value & 0xFF, value >> 8
        case StartCruise(group):
            return _START_CRUISE, group, 0, 0
        case Scan(action, group) if action in _SCANS:
            return _SCAN, group, _SCANS[action], 0
        case ScanSpeed(group, value):
            return _SCAN_SPEED, group, value & 0xFF, value >> 8
        case Switch(number, on):
            return _SWITCH_ON if on else _SWITCH_OFF, number, 0, 0
        case Other(code, data1, data2, data3) if 0 <= code <= 0xFF:
            return code, data1, data2, data3
    raise ValueError(f"{command} is no PTZ command")


def _bit(direction: int, positive: int, negative: int) -> int:
    if direction not in (-1, 0, 1):
        raise ValueError(f"a direction is −1, 0 or 1, not {direction}")
    return 0 if not direction else 1 << (positive if direction > 0 else negative)


def _direction(bits: int, positive: int, negative: int) -> int:
    return (bits >> positive & 1) - (bits >> negative & 1)


def _command(code: int, data1: int, data2: int, data3: int) -> Command:
    value = data3 << 8 | data2
    if code < 0x40:
        pan, tilt, zoom = _direction(code, 0, 1), _direction(code, 3, 2), _direction(code, 4, 5)
        return Move(pan, tilt, zoom, data1, data2, data3)
    if code < 0x50:
        return Lens(_direction(code, 2, 3), _direction(code, 1, 0), data2, data1)
    if code in _PRESETS.values() and data2:
        return Preset(_word(_PRESETS, code), data2)
    if code in _POINTS.values():
        return CruisePoint(_word(_POINTS, code), data1, data2)
    if code in _PACES.values():
        return CruisePace(_word(_PACES, code), data1, value)
    if code == _SCAN and data2 in _SCANS.values():
        return Scan(_word(_SCANS, data2), data1)
    simple: dict[int, Command] = {
        _START_CRUISE: StartCruise(data1),
        _SCAN_SPEED: ScanSpeed(data1, value),
        _SWITCH_ON: Switch(data1, True),
        _SWITCH_OFF: Switch(data1, False),
    }
    return simple.get(code, Other(code, data1, data2, data3))


def _word(table: dict[str, int], code: int) -> str:
    return next(word for word, value in table.items() if value == code)
