"""Every number that the rules use, each with its article. No other module writes one of them (R1.1).

*design* marks what no law fixes: our reading, or the policy that requirements ask for.
"""

from dataclasses import dataclass
from enum import StrEnum

from bingjian.rules.decision import Article
from bingjian.rules.edition import COUNTER_TERRORISM, DECREE_799


class Unit(StrEnum):
    DAYS = "days"  # natural days, see ``civil``
    YEARS = "years"  # calendar years
    HOURS = "hours"  # elapsed
    SECONDS = "seconds"
    PERSONS = "persons"  # distinct ones


@dataclass(frozen=True, slots=True)
class Limit:
    """One number. Whether it is a least or a most is said at each; the number itself is still allowed."""

    key: str
    value: int
    unit: Unit
    code: str
    article: Article
    beside: tuple[Article, ...] = ()  # other law with the same number
    design: bool = False


HOLDING = Article(27, 2)
RETENTION = Article(28, 2)
INTERRUPTION = Article(31, item=7)

# Footage is kept at least so long, counted from its end.
DEFAULT = Limit("retention.default", 30, Unit.DAYS, "R28.1", RETENTION, (Article(17, edition=DECREE_799),))
COUNTER_TERROR = Limit(
    "retention.counter_terror",
    90,
    Unit.DAYS,
    "R28.2",
    RETENTION,
    (Article(32, edition=COUNTER_TERRORISM),),
)
IMPORTANT = Limit("retention.important", 2, Unit.YEARS, "R28.3", RETENTION)
OTHER_LAW_CODE = "R28.5"
# A term of other law is no longer than this: a century, so that a slip of the pen stays a date.
OTHER_LAW_MOST = Limit("retention.other_law_most", 36_500, Unit.DAYS, OTHER_LAW_CODE, RETENTION, design=True)

# Footage whose purpose is served goes (Decree 799 art. 17): at most so long after its last term has ended.
REMOVAL = Limit(
    "retention.removal", 24, Unit.HOURS, "R28.8", RETENTION, (Article(17, edition=DECREE_799),), design=True
)
# A mark's purpose is looked at again at least so often (Decree 799 art. 17 wants it unserved).
MARK_REVIEW = Limit(
    "mark.review", 180, Unit.DAYS, "R28.3", RETENTION, (Article(17, edition=DECREE_799),), design=True
)
# A mark or hold is released by at least so many persons.
RELEASE = Limit("release.persons", 2, Unit.PERSONS, "R27.5", HOLDING, design=True)
# Fewer days of space left than this: alarm.
SPACE_ALARM = Limit("space.alarm", 7, Unit.DAYS, "R28.9", RETENTION, design=True)

# A gap of more than this is an outage.
OUTAGE = Limit("outage.tolerance", 2, Unit.SECONDS, "R25.5", Article(25), design=True)
OUTAGE_SECONDS = float(OUTAGE.value)

# Clocks may be off by so much at most: ours from its source; a camera's from ours before we warn, and fail.
CLOCK_PLATFORM = Limit("clock.platform", 1, Unit.SECONDS, "R26.4", Article(26), design=True)
CLOCK_CAMERA_WARNING = Limit("clock.camera_warning", 5, Unit.SECONDS, "R26.4", Article(26), design=True)
CLOCK_CAMERA_FAILURE = Limit("clock.camera_failure", 30, Unit.SECONDS, "R26.4", Article(26), design=True)

# The city measures are in force so long from the day they are published, that day included.
MEASURES = Limit("measures.validity", 2, Unit.YEARS, "R36.2", Article(36))

LIMITS = (
    DEFAULT,
    COUNTER_TERROR,
    IMPORTANT,
    OTHER_LAW_MOST,
    REMOVAL,
    MARK_REVIEW,
    RELEASE,
    SPACE_ALARM,
    OUTAGE,
    CLOCK_PLATFORM,
    CLOCK_CAMERA_WARNING,
    CLOCK_CAMERA_FAILURE,
    MEASURES,
)
