"""Single values as devices write them: numbers with blanks and units, times with or without a zone."""

import re
from datetime import datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))  # the standard's times without a zone, wherever the device stands

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_REAL = re.compile(r"[+-]?(?:[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})")
_MOMENT = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})[T ]+([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,]([0-9]{1,9}))?\s*"
    r"(Z|[+-][0-9]{2}:?[0-9]{2})?",
    re.IGNORECASE,
)


def whole(text: str) -> int | None:
    """A whole number at the beginning; None if there is none."""
    found = _WHOLE.match(text)
    return int(found[0]) if found else None


def real(text: str) -> float | None:
    """A decimal number at the beginning; None if there is none."""
    found = _REAL.match(text)
    return float(found[0]) if found else None


def moment(text: str) -> datetime | None:
    """A time in Beijing's zone; without one of its own it is meant so. None for what is no time."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        return None
    micros = int((found[7] or "0")[:6].ljust(6, "0"))
    try:
        year, month, day, hour, minute, second = (int(found[n]) for n in range(1, 7))
        return datetime(year, month, day, hour, minute, second, micros, _zone(found[8])).astimezone(BEIJING)
    except (ValueError, OverflowError):
        return None


def written_moment(value: datetime) -> str:
    """``YYYY-MM-DDThh:mm:ss`` in Beijing's time."""
    return value.astimezone(BEIJING).strftime("%Y-%m-%dT%H:%M:%S")


def written_real(value: float) -> str:
    """Without exponent, at most 8 digits after the point: a millimetre of longitude."""
    text = f"{value:.8f}".rstrip("0")
    return text.removesuffix(".")


def _zone(text: str | None) -> timezone:
    if not text:
        return BEIJING
    if text.upper() == "Z":
        return timezone(timedelta(0))
    hours, minutes = int(text[1:3]), int(text[-2:])
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)
