"""What a media worker is told to do: which cameras, where, and who may watch. JSON in, checked values out."""

import json
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from bingjian.streaming.sources.base import SourceAddress, Transport

MAX_CAMERAS = 10_000  # one worker carries some hundred; more is a mistake
MIN_KEY_BYTES = 16

TRANSPORTS: tuple[Transport, ...] = ("auto", "tcp", "udp")

T = TypeVar("T")


class AssignmentError(Exception):
    """The assignment cannot be understood; carries one plain sentence. Nothing of it is applied."""


@dataclass(frozen=True, slots=True)
class Pause:
    """An order not to record for a while (R31.7)."""

    detail: str  # who ordered it and why, for the gap
    until_90k: int  # then recording goes on by itself


@dataclass(frozen=True, slots=True)
class CameraAssignment:
    """One camera. Equal values: nothing to do."""

    id: UUID
    name: str
    main: SourceAddress  # received and recorded always
    sub: SourceAddress | None  # received while somebody watches it
    pause: Pause | None = None
    masked: bool = False  # has privacy masks that are not in its pixels: only for tickets that unmask


@dataclass(frozen=True, slots=True)
class Assignment:
    """Everything a worker works on; replaces what it was told before."""

    epoch: int  # counts the supervisor's leases; an older one is refused
    ticket_key: bytes = field(repr=False)
    origins: frozenset[str]  # of the pages that may open tickets here
    cameras: dict[UUID, CameraAssignment]
    receipt_key: bytes | None = None  # retention's public key; None: nothing may be removed
    released_holds: frozenset[UUID] = frozenset()  # their copies are not read any more
    revoked_grants: frozenset[str] = frozenset()  # ids; tickets under them open nothing any more
    closed_cameras: frozenset[str] = frozenset()  # ids; no ticket opens them: their level of secrecy (R27.6)
    # by id, when their rights changed, seconds since 1970: their earlier tickets open nothing any more
    changed_people: dict[str, int] = field(default_factory=dict)


def read_assignment(body: bytes) -> Assignment:
    """Raises AssignmentError."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise AssignmentError("the assignment is not JSON") from error
    cameras = [_camera(one) for one in _get(given, "cameras", _list)]
    if len(cameras) > MAX_CAMERAS:
        raise AssignmentError(f"more than {MAX_CAMERAS} cameras for one worker")
    return Assignment(
        epoch=_get(given, "epoch", _number),
        ticket_key=_get(given, "ticket_key", _key),
        origins=_get(given, "origins", _texts),
        cameras={camera.id: camera for camera in cameras},
        receipt_key=_get(given, "receipt_key", _key) if "receipt_key" in given else None,
        released_holds=_get(given, "released_holds", _uuids) if "released_holds" in given else frozenset(),
        revoked_grants=_get(given, "revoked_grants", _texts) if "revoked_grants" in given else frozenset(),
        closed_cameras=_get(given, "closed_cameras", _texts) if "closed_cameras" in given else frozenset(),
        changed_people=_get(given, "changed_people", _instants) if "changed_people" in given else {},
    )


def _camera(given: object) -> CameraAssignment:
    sub = given.get("sub") if isinstance(given, dict) else None
    return CameraAssignment(
        id=_get(given, "id", _uuid),
        name=_get(given, "name", _text),
        main=_get(given, "main", _address),
        sub=None if sub is None else _address(sub),
        pause=_get(given, "pause", _pause) if isinstance(given, dict) and given.get("pause") else None,
        masked=_get(given, "masked", _flag) if isinstance(given, dict) and "masked" in given else False,
    )


def _address(given: object) -> SourceAddress:
    return SourceAddress(
        url=_get(given, "url", _text),
        username=_get(given, "username", _text),
        password=_get(given, "password", _text),
        transport=_get(given, "transport", _transport),
        verify_tls=_get(given, "verify_tls", _flag),
    )


def _get(given: object, name: str, read: Callable[[Any], T]) -> T:
    """One member, or an error that names it but never its value: that may be a password."""
    if not isinstance(given, dict) or name not in given:
        raise AssignmentError(f"the assignment has no {name!r} where it should")
    try:
        return read(given[name])
    except (TypeError, ValueError, Base64Error) as error:
        raise AssignmentError(f"{name!r} is not what it should be") from error


def _pause(value: object) -> Pause:
    return Pause(_get(value, "detail", _text), _get(value, "until_90k", _number))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _transport(value: object) -> Transport:
    for known in TRANSPORTS:
        if value == known:
            return known
    raise ValueError


def _instants(value: object) -> dict[str, int]:
    if not isinstance(value, dict):
        raise TypeError
    return {_text(name): _number(at) for name, at in value.items()}


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**63:
        raise TypeError
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _texts(value: object) -> frozenset[str]:
    return frozenset(_text(one) for one in _list(value))


def _uuid(value: object) -> UUID:
    return UUID(_text(value))


def _uuids(value: object) -> frozenset[UUID]:
    return frozenset(_uuid(one) for one in _list(value))


def _key(value: object) -> bytes:
    key = b64decode(_text(value), validate=True)
    if len(key) < MIN_KEY_BYTES:
        raise ValueError
    return key
