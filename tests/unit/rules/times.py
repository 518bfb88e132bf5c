"""Instants and terms that the tests of the rules share."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

from bingjian.rules.decisions.retention import Keeping, OtherLaw
from bingjian.rules.spans import Span

BEIJING = timezone(timedelta(hours=8))
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
TICK = timedelta(microseconds=1)  # the smallest step of an instant


def beijing(text: str) -> datetime:
    """ "2026-03-01" or "2026-03-01 23:59:59" on a clock in China."""
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


# Where counting goes wrong if it does: midnight in China and in London, month and year ends, leap days.
EDGES = tuple(
    beijing(f"{day} {clock}")
    for day in (
        "2024-02-28",
        "2024-02-29",
        "2025-02-28",
        "2026-01-31",
        "2026-12-31",
        "2027-12-02",
        "2028-02-29",
    )
    for clock in ("00:00:00", "07:59:59.999999", "08:00:00", "23:59:59.999999")
)
instants = st.sampled_from(EDGES) | st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, BEIJING]),
)
other_laws = st.builds(
    OtherLaw, st.sampled_from([1, 29, 30, 31, 89, 90, 91, 731]) | st.integers(1, 36_500), st.text()
)
keepings = st.builds(Keeping, st.booleans(), st.lists(other_laws, max_size=3).map(tuple))


def span(start: str, end: str) -> Span:
    """Between two instants on a clock in China."""
    return Span(beijing(start), beijing(end))
