"""The report of one inspection (art. 32): all breaches of its area by article, in two languages.

It is the compliance report of the inspected area with a head of its own, so both say the same. The instant it
is made of is part of what is asked for: without one, now, but never after the inspection has ended.
"""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Actor, Role
from bingjian.clock import Clock, utc_now
from bingjian.db.areas import common, is_within
from bingjian.db.session import Database
from bingjian.documents.paper.render import render
from bingjian.inventory.errors import NotThere
from bingjian.inventory.workers import rfc3339
from bingjian.procedures.models import RecordRow
from bingjian.procedures.report import Compliance, Language, Reports
from bingjian.procedures.step import data_of
from bingjian.procedures.supervision import SUPERVISION, Supervision
from bingjian.rules.civil import CHINA
from bingjian.rules.decision import consistent
from bingjian.rules.edition import Words
from bingjian.rules.law import Law

NAME = "inspection"
TITLE = Words("监督检查报告", "Inspection report")
PROVEN = Words(
    "每条日志记录均可按其编号取得证明，并用独立的核验工具核验。",
    "Every journal entry can be proven by its number, with a verifier that stands alone.",
)


@dataclass(frozen=True, slots=True)
class InspectionReport:
    """All breaches in the area of an inspection, by an instant."""

    number: str  # of the inspection, as people write it
    title: str
    division: str  # empty: the whole city
    begin: datetime
    until: datetime
    found: Compliance

    @property
    def head(self) -> dict[str, str]:
        return {
            "number": self.number,
            "title": self.title,
            "division": self.division,
            "begin": rfc3339(self.begin),
            "until": rfc3339(self.until),
        }

    @property
    def json(self) -> bytes:
        """The same breaches give the same bytes."""
        head = json.dumps(self.head, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        at = json.dumps(rfc3339(self.found.at))
        return b'{"at":%b,"breaches":%b,"inspection":%b}' % (at.encode(), self.found.json, head.encode())

    def paper(self, law: Law, language: Language) -> bytes:
        """The same as PDF/A. Raises TooLong. CPU for a second and more: call it in a thread."""
        area = law.words("division", self.division) if self.division else Words("全市", "the whole city")
        begin, until, at = (
            f"{one.astimezone(CHINA):%Y-%m-%d %H:%M:%S}" for one in (self.begin, self.until, self.found.at)
        )
        notes = (
            Words(f"检查：{self.title}（{self.number}）。", f"Inspection: {self.title} ({self.number})."),
            Words(f"检查辖区：{area.zh}。", f"Area: {area.en}."),
            Words(
                f"检查期：北京时间 {begin} 至 {until}；本报告截至 {at}。",
                f"From {begin} to {until} (+08:00); this report is of {at}.",
            ),
            PROVEN,
        )
        return render(self.found.table(law, language, self.number, TITLE, notes))


class InspectionReports:
    """Each is in the journal, with its hash, before anybody has it."""

    def __init__(self, database: Database, clock: Clock, reports: Reports) -> None:
        self._database = database
        self._clock = clock
        self._reports = reports

    async def make(self, actor: Actor, number: str, at: datetime | None = None) -> InspectionReport:
        """By an instant. Raises NotThere: none of this person's. UsageError: of the future."""
        now = utc_now(self._clock)
        async with self._database.read() as session:
            row = await inspection_of(session, number, actor)
            data = data_of(row, Supervision)
            at = at or min(now, data.until)
            consistent(at <= now, "a report of the future")
            areas = common(actor.areas, [row.division])
            found = await self._reports.breaches(session, areas, at)
        report = InspectionReport(row.number, row.title, row.division, data.begin, data.until, found)
        await self._reports.told(actor, NAME, at, len(found.breaches), report.json)
        return report


async def inspection_of(session: AsyncSession, number: str, actor: Actor) -> RecordRow:
    """Raises NotThere: no such one, outside the person's areas, or it does not name this inspector."""
    query = select(RecordRow).where(RecordRow.kind == SUPERVISION.name, RecordRow.number == number)
    row = await session.scalar(query)
    if row is None or not is_within(row.division, actor.areas):
        raise NotThere
    if actor.roles & (SUPERVISION.readers - {Role.INSPECTOR}):
        return row
    if actor.id not in data_of(row, Supervision).inspectors:
        raise NotThere
    return row
