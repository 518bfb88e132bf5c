"""What a device is to be set to, as JSON: blocks and their values by the names of the fields of DeviceConfig.

    {"channel": "…", "basic": {"name": "…", "heartbeat_interval": 60}, "mirror": "0"}

Values that would push a device off the platform, or make it fill a disk, are refused here.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from bingjian.protocols.gb28181.manscdp import binding, values
from bingjian.protocols.gb28181.manscdp.configuration import (
    MAX_HEARTBEAT_S,
    MIN_HEARTBEAT_S,
    BasicParam,
    DeviceConfig,
    SnapShotConfig,
)
from bingjian.signalling.problems import BadWish

MIN_EXPIRATION_S = 60  # a device that has to register more often does nothing else
TEXT_LIMIT = 255  # characters of a value
ADDRESS_LIMIT = 1024
WHOLE_LIMIT = 2**31 - 1
ITEMS_LIMIT = 64  # of a list; the longest of the standard has 8
SNAPS = range(1, 11)  # pictures of one order, by the standard
SESSION = re.compile(r"[A-Za-z0-9-]{32,128}")
OPAQUE = frozenset({"svac_encode", "svac_decode"})  # blocks of which we only keep what we read

Given = Mapping[str, Any]


def configured(wish: Given, sn: int, channel: str) -> DeviceConfig:
    """At least one block. Raises BadWish."""
    blocks = binding.bindings(DeviceConfig)
    named = set(wish) - {"channel"}
    offered = set(blocks) - OPAQUE
    if not named or not named <= offered:
        raise BadWish(f"blocks of {', '.join(sorted(offered))} are wanted")
    try:
        parts = {name: _value(blocks[name], wish[name]) for name in sorted(named)}
        config = DeviceConfig(sn=sn, device_id=channel, **parts)
        _require_sane(config)
    except (TypeError, ValueError) as error:
        raise BadWish(f"a setting is not what it should be: {error}") from error
    return config


def text_in(value: object, limit: int = TEXT_LIMIT) -> str:
    """Raises ValueError."""
    if not isinstance(value, str) or len(value) > limit:
        raise ValueError("a text")
    return value


def address_in(value: object) -> str:
    """Of a web server that a device is sent to. Raises ValueError."""
    address = text_in(value, ADDRESS_LIMIT)
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or not address.isascii():
        raise ValueError("an address of http or https")
    return address


def session_in(value: object) -> str:
    """Raises ValueError."""
    session = text_in(value)
    if not SESSION.fullmatch(session):
        raise ValueError("a session has 32 to 128 letters, digits and hyphens")
    return session


def _value(bound: binding.Binding, given: object) -> Any:
    if bound.part is not None and bound.is_list:
        if not isinstance(given, list) or not 0 < len(given) <= ITEMS_LIMIT:
            raise ValueError(f"a list of up to {ITEMS_LIMIT}")
        return tuple(_part(bound.part, one) for one in given)
    if bound.part is not None:
        return _part(bound.part, given)
    assert bound.read is not None
    return _READERS[bound.read](given)


def _part(cls: type, given: object) -> Any:
    known = binding.bindings(cls)
    if not isinstance(given, Mapping) or not given or not set(given) <= set(known):
        raise ValueError(f"an object with some of {', '.join(known)}")
    return cls(**{name: _value(known[name], value) for name, value in given.items()})


def _whole_in(value: object) -> int:
    if type(value) is not int or not 0 <= value <= WHOLE_LIMIT:
        raise ValueError("a whole number")
    return value


def _real_in(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= WHOLE_LIMIT:
        raise ValueError("a number")
    return float(value)


_READERS: Mapping[Callable[[str], Any], Callable[[object], Any]] = {
    str: text_in,
    values.whole: _whole_in,
    values.real: _real_in,
}


def _require_sane(config: DeviceConfig) -> None:
    """Raises ValueError."""
    if config.basic is not None:
        _require_reachable(config.basic)
    if config.snapshot is not None:
        _require_bounded(config.snapshot)
    if config.mirror not in ("", "0", "1", "2", "3"):
        raise ValueError("a mirror of 0 to 3")


def _require_reachable(basic: BasicParam) -> None:
    told = (
        ("expiration", basic.expiration, MIN_EXPIRATION_S),
        ("heartbeat_interval", basic.heartbeat_interval, MIN_HEARTBEAT_S),
        ("heartbeat_count", basic.heartbeat_count, 1),
    )
    for name, value, least in told:
        if value is not None and value < least:
            raise ValueError(f"{name} of {least} at least")
    if basic.heartbeat_interval is not None and basic.heartbeat_interval > MAX_HEARTBEAT_S:
        raise ValueError(f"heartbeat_interval of {MAX_HEARTBEAT_S} at most")


def _require_bounded(order: SnapShotConfig) -> None:
    """Whoever wants pictures says how many, how far apart, whereto and under which session."""
    if order.count not in SNAPS or not order.interval_s:
        raise ValueError("1 to 10 pictures, 1 s apart at least")
    address_in(order.upload_url)
    session_in(order.session_id)
