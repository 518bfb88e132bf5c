"""The work group's overview (art. 5¶2): five themes with their figures by district; no footage, no names.

What is counted under which theme is our reading of the five words; a theme that has nothing yet is empty.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.clock import Clock, utc_now
from bingjian.db.areas import within
from bingjian.db.session import Database
from bingjian.duties.models import DutyRow
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.procedures.kinds import Kind
from bingjian.procedures.lawbook import Lawbook
from bingjian.procedures.models import RecordRow
from bingjian.procedures.step import data_of
from bingjian.procedures.validity import VALIDITY, Validity
from bingjian.rules.decisions import validity
from bingjian.rules.edition import Article, Words
from bingjian.rules.law import Law, standing

CAMERA, LIFE = "camera", "life_state"
CAMERAS = Words("摄像机", "cameras")
THEMES: Mapping[str, tuple[str, ...]] = {  # code of ``theme`` → kinds counted under it
    "building": (
        *("plan", "project", "system", "consent", "specification", "product", "qualification"),
        *("acceptance", "archive", "sign_template", "sign", "support_request", "coordination"),
    ),
    "networking": ("platform", "link", "emergency_order"),
    "sharing": ("share_entry",),
    "use": (
        *("filing", "keeping_rules", "incident", "alert", "case", "room_log"),
        *("public_report", "supervision", "inquiry"),
    ),
    "maintenance": (
        *("responsibility", "management_system", "contract", "training", "shift", "inspection_plan"),
        *("inspection", "daily_check", "relocation", "rectification", "pruning", "blockage", "flaw"),
    ),
}
# Articles of the city's measures whose duties a theme counts; of other law all count under "use".
ARTICLES: Mapping[str, frozenset[int]] = {
    "building": frozenset({5, 7, 8, 10, 12, 14, 15, 16, 17}),
    "networking": frozenset({13}),
    "sharing": frozenset({20}),
    "maintenance": frozenset({11, 19, 23, 24, 25, 29, 30}),
}
REST = "use"


@dataclass(frozen=True, slots=True)
class Figure:
    """How many of a kind are in a state, in a division (empty: the whole city's)."""

    theme: str
    kind: str
    words: Words
    state: str
    state_words: Words
    division: str
    count: int


@dataclass(frozen=True, slots=True)
class Owed:
    """How many of a duty are open in a division, and how many of these are overdue."""

    theme: str
    code: str
    article: Article
    words: Words
    division: str
    open: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Measures:
    """Where the measures stand (art. 36)."""

    standing: str
    last_day: date | None
    reminder_days: int | None  # before the last day, of the announcement that stands
    choice: str  # of the office, once it has said what follows


@dataclass(frozen=True, slots=True)
class Overview:
    at: datetime
    figures: list[Figure]
    owed: list[Owed]
    measures: Measures


class Overviews:
    """Read only; three statements, whatever the size of the city."""

    def __init__(self, database: Database, clock: Clock, lawbook: Lawbook, kinds: Sequence[Kind]) -> None:
        self._database = database
        self._clock = clock
        self._law = lawbook.whole
        self._kinds = {kind.name: kind for kind in kinds if not kind.silent}

    async def overview(self, areas: Sequence[str]) -> Overview:
        """Of these areas."""
        now = utc_now(self._clock)
        async with self._database.read() as session:
            figures = [
                *await self._records(session, areas, now),
                *await self._cameras(session, areas),
            ]
            return Overview(
                now, figures, await self._owed(session, areas, now), await self._measures(session, now)
            )

    async def _records(self, session: AsyncSession, areas: Sequence[str], now: datetime) -> list[Figure]:
        theme_of = {name: theme for theme, names in THEMES.items() for name in names if name in self._kinds}
        has_ended = case((RecordRow.ends_at <= now, 1), else_=0)
        key = (RecordRow.kind, RecordRow.state, RecordRow.division, has_ended)
        query = select(*key, func.count()).where(RecordRow.kind.in_(theme_of))
        query = query.where(within(RecordRow.division, areas)).group_by(*key).order_by(*key)
        counted = Counter[tuple[str, str, str]]()
        for name, state, division, ended, count in await session.execute(query):
            counted[name, self._kinds[name].stands(state, bool(ended)), division] += count
        return [
            Figure(theme_of[name], name, kind.words, state, kind.states[state], division, count)
            for (name, state, division), count in sorted(counted.items())
            if (kind := self._kinds[name])
        ]

    async def _cameras(self, session: AsyncSession, areas: Sequence[str]) -> list[Figure]:
        key = (CameraFileRow.division, CameraFileRow.state)
        query = select(*key, func.count()).where(within(CameraFileRow.division, areas))
        query = query.group_by(*key).order_by(*key)
        return [
            Figure(REST, CAMERA, CAMERAS, state, self._law.words(LIFE, state), division, count)
            for division, state, count in await session.execute(query)
        ]

    async def _owed(self, session: AsyncSession, areas: Sequence[str], now: datetime) -> list[Owed]:
        key = (DutyRow.code, DutyRow.division)
        late = func.sum(case((DutyRow.due_at <= now, 1), else_=0))
        query = select(*key, func.count(), late).where(DutyRow.closed_at.is_(None))
        query = query.where(within(DutyRow.division, areas)).group_by(*key).order_by(*key)
        return [
            owed(self._law, code, division, total, int(over or 0))
            for code, division, total, over in await session.execute(query)
        ]

    async def _measures(self, session: AsyncSession, now: datetime) -> Measures:
        readings, reminder = validity.last_days(self._law), validity.reminded(self._law, now)
        row = await session.scalar(
            select(RecordRow).where(RecordRow.kind == VALIDITY.name).order_by(RecordRow.opened_at.desc())
        )
        return Measures(
            standing(validity.measures(self._law), now),
            None if readings is None else readings.counted,
            None if reminder is None else reminder.days,
            "" if row is None else data_of(row, Validity).choice,
        )


def owed(law: Law, code: str, division: str, total: int, overdue: int) -> Owed:
    duty = law.duty(code)
    return Owed(theme_of(law, duty.article), code, duty.article, duty.text, division, total, overdue)


def theme_of(law: Law, article: Article) -> str:
    """The theme that a duty of this article counts under."""
    if article.edition != validity.measures(law).title:
        return REST
    return next((theme for theme, numbers in ARTICLES.items() if article.number in numbers), REST)
