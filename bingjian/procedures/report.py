"""The compliance report (art. 32): every breach by article, with the ids of its evidence.

A breach is a duty that is overdue or was met late, or what a record tells of as one (``Kind.findings``). An
act that was refused is none: it did not happen. The report of an instant is made of what had happened by
then, so the same events give the same bytes. Cases against staff are in no report (art. 35).
"""

import csv
import hashlib
import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Actor
from bingjian.clock import Clock, utc_now
from bingjian.db.areas import within
from bingjian.db.session import Database
from bingjian.duties.models import DutyRow
from bingjian.entries import ReportMade
from bingjian.inventory.workers import rfc3339
from bingjian.journal.append import Journal
from bingjian.procedures.fields import digest
from bingjian.procedures.kinds import Finding, Kind
from bingjian.procedures.lawbook import Lawbook
from bingjian.procedures.models import RecordRow
from bingjian.rules.decision import consistent, enumerated
from bingjian.rules.decisions.supervision import Breach, report_of
from bingjian.rules.decisions.validity import Basis, basis
from bingjian.rules.edition import Words
from bingjian.rules.law import Law

NAME = "compliance"
COLUMNS = ("article", "article_zh", "code", "facts", "evidence", "zh", "en", "citation")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would reckon what begins so
NO_LOCAL_BASIS = Words("本办法已届满，无地方依据", "the measures have ended: no local basis")


@dataclass(frozen=True, slots=True)
class Compliance:
    """All breaches by an instant."""

    at: datetime
    breaches: tuple[Breach, ...]

    @property
    def json(self) -> bytes:
        return report_of(self.breaches)

    @property
    def csv(self) -> bytes:
        """The same rows in the same order, for a spreadsheet (UTF-8 with its mark, RFC 4180)."""
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(COLUMNS)
        writer.writerows(map(row_of, ordered(self.breaches)))
        return b"\xef\xbb\xbf" + text.getvalue().encode()


class Reports:
    """Each report is in the journal, with its hash, before anybody has it."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        clock: Clock,
        lawbook: Lawbook,
        kinds: Sequence[Kind],
    ) -> None:
        self._database = database
        self._journal = journal
        self._clock = clock
        self._law = lawbook.whole
        self._kinds = {kind.name: kind for kind in kinds if kind.findings is not None}

    async def compliance(self, actor: Actor, at: datetime | None = None) -> Compliance:
        """Of the person's areas, by an instant (now). Raises UsageError: of the future."""
        now = utc_now(self._clock)
        at = at or now
        consistent(at <= now, "a report of the future")
        async with self._database.read() as session:
            findings = [one async for one in self._findings(session, actor.areas, at)]
        report = Compliance(at, tuple(breach_of(self._law, one, at) for one in findings))
        sha256 = hashlib.sha256(report.json).hexdigest()
        await self._journal.append(ReportMade(str(actor.id), NAME, rfc3339(at), len(findings), sha256))
        return report

    async def _findings(
        self, session: AsyncSession, areas: Sequence[str], at: datetime
    ) -> AsyncIterator[Finding]:
        late = or_(DutyRow.closed_at.is_(None), DutyRow.closed_at > at)
        late = or_(late, and_(DutyRow.outcome == "met", DutyRow.closed_at >= DutyRow.due_at))
        duties = select(DutyRow).where(DutyRow.begun_at <= at, DutyRow.due_at <= at, late)
        async for duty in await session.stream_scalars(duties.where(within(DutyRow.division, areas))):
            yield late_duty(duty, at)
        records = select(RecordRow).where(RecordRow.kind.in_(self._kinds), RecordRow.opened_at <= at)
        async for record in await session.stream_scalars(records.where(within(RecordRow.division, areas))):
            findings = self._kinds[record.kind].findings
            for finding in findings(record, at) if findings is not None else ():
                yield finding


def late_duty(duty: DutyRow, at: datetime) -> Finding:
    """Overdue then, or met too late by then; the evidence is what it is about, and what met it."""
    closed = duty.closed_at if duty.closed_at is not None and duty.closed_at <= at else None
    instants = [rfc3339(one) if one is not None else None for one in (duty.begun_at, duty.due_at, closed)]
    met_by = (str(duty.evidence),) if closed is not None and duty.evidence is not None else ()
    facts = digest([str(duty.id), duty.code, str(duty.subject), duty.key, *instants, *met_by])
    return Finding(duty.code, facts, (str(duty.id), str(duty.subject), *met_by))


def breach_of(law: Law, finding: Finding, at: datetime) -> Breach:
    """With what the law has for it, unless a case says what follows."""
    consequence = finding.consequence or consequence_of(law, finding.code, at)
    article = law.duty(finding.code).article
    found = Breach(article, finding.code, finding.facts, finding.evidence, consequence, finding.citation)
    return replace(found, evidence=tuple(sorted(set(found.evidence))))


def consequence_of(law: Law, code: str, at: datetime) -> Words:
    """The measures that penalties name for a duty: told, never computed."""
    penalties = [one for edition in law.editions for one in edition.penalties if code in one.duties]
    told = [
        Words(f"{one.article.zh}：{one.measure.zh}", f"{one.article.en}: {one.measure.en}")
        for one in penalties
    ]
    if basis(law, code, at) is Basis.NO_LOCAL_BASIS:
        told.insert(0, NO_LOCAL_BASIS)
    return enumerated(told)


def ordered(breaches: Sequence[Breach]) -> list[Breach]:
    """By article, as the report has them; one that comes twice is there once."""
    return sorted(set(breaches), key=lambda one: (one.article.order, row_of(one)))


def row_of(breach: Breach) -> tuple[str, ...]:
    cells = (
        str(breach.article),
        breach.article.zh,
        breach.code,
        breach.facts,
        ";".join(breach.evidence),
        breach.consequence.zh,
        breach.consequence.en,
        breach.citation,
    )
    return tuple(f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells)
