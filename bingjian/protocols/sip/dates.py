"""``Date`` as GB/T 28181 writes it: ``2026-01-31T08:00:00.000``, Beijing time without a zone (2022 §9.10).

A platform that writes UTC here turns every camera's clock eight hours back at each registration.
"""

from datetime import UTC, datetime

from bingjian.rules.civil import CHINA


def written(instant: datetime) -> str:
    """Of an aware datetime, whatever its zone and whatever the machine's zone."""
    return instant.astimezone(CHINA).replace(tzinfo=None).isoformat(timespec="milliseconds")


def read(value: str) -> datetime | None:
    """In UTC; None if unreadable. Without a zone it is Beijing time; a zone that is written counts."""
    try:
        instant = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    try:
        return (instant if instant.tzinfo else instant.replace(tzinfo=CHINA)).astimezone(UTC)
    except OverflowError:
        return None
