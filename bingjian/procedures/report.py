"""The compliance report (art. 32): every breach by article, with the ids of its evidence.

A breach is a duty that is overdue or was met late, or what a record tells of as one (``Kind.findings``). An
act that was refused is none: it did not happen. The report of an instant is made of what had happened by
then, so the same events give the same bytes. Cases against staff are in no report (art. 35).
"""

import csv
import hashlib
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, Protocol

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Actor
from bingjian.clock import Clock, utc_now
from bingjian.db.areas import within
from bingjian.db.session import Database
from bingjian.documents.paper.forms import TableReport
from bingjian.documents.paper.render import render
from bingjian.duties.models import DutyRow
from bingjian.entries import ReportMade
from bingjian.inventory.workers import rfc3339
from bingjian.journal.append import Journal
from bingjian.procedures.fields import digest
from bingjian.procedures.journaled import entries_about, is_about_record
from bingjian.procedures.kinds import Finding, Kind
from bingjian.procedures.lawbook import Lawbook
from bingjian.procedures.models import RecordRow
from bingjian.rules.civil import CHINA
from bingjian.rules.decision import consistent, enumerated
from bingjian.rules.decisions.supervision import Breach, report_of
from bingjian.rules.decisions.validity import Basis, basis
from bingjian.rules.edition import Words
from bingjian.rules.law import Law

Language = Literal["zh", "en"]
NAME = "compliance"
TITLE = Words("合规检查报告", "Compliance report")
DUTY = "R32.3"
PRINTED = {
    "zh": ("条款", "编号", "要求", "后果及依据", "证据及日志编号", "事实摘要（SHA-256）"),
    "en": ("Article", "Code", "Demand", "Consequence, source", "Evidence, journal", "Hash of the facts"),
}
ENTRIES = Words("日志", "journal")
COLUMNS = ("article", "article_zh", "code", "facts", "evidence", "entries", "zh", "en", "citation")
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

    def paper(self, law: Law, language: Language = "zh") -> bytes:
        """The same rows as PDF/A. Raises TooLong. CPU for a second and more: call it in a thread."""
        number = f"HG-{self.at.astimezone(CHINA):%Y%m%d%H%M%S}"
        return render(self.table(law, language, number, TITLE, ()))

    def table(
        self, law: Law, language: Language, number: str, title: Words, notes: Sequence[Words]
    ) -> TableReport:
        """The rows with a head of their own; ``notes`` stand behind how many they are."""
        rows = tuple(printed(law, one, language) for one in ordered(self.breaches))
        told = [counted(len(rows)), *notes]
        return TableReport(
            number=number,
            unit="",
            at=self.at,
            basis=(said(law.duty(DUTY).article, language),),
            title=title.zh,
            title_en=title.en,
            columns=PRINTED[language],
            rows=rows,
            notes=tuple(said(one, language) for one in told),
        )


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
        self._shown = [kind.name for kind in kinds if not kind.silent]

    async def compliance(self, actor: Actor, at: datetime | None = None) -> Compliance:
        """Of the person's areas, by an instant (now). Raises UsageError: of the future."""
        now = utc_now(self._clock)
        at = at or now
        consistent(at <= now, "a report of the future")
        async with self._database.read() as session:
            report = await self.breaches(session, actor.areas, at)
        await self.told(actor, NAME, at, len(report.breaches), report.json)
        return report

    async def breaches(self, session: AsyncSession, areas: Sequence[str], at: datetime) -> Compliance:
        """Of these areas, by an instant that is not to come."""
        findings = [one async for one in self._findings(session, areas, at)]
        found = [breach_of(self._law, one, at) for one in findings]
        entries = await entries_about(session, {id for one in found for id in one.evidence}, at)
        return Compliance(at, tuple(with_entries(one, entries) for one in found))

    async def told(self, actor: Actor, name: str, at: datetime, count: int, content: bytes) -> None:
        """Written down, with the hash of what it says. Raises JournalUnavailable."""
        sha256 = hashlib.sha256(content).hexdigest()
        await self._journal.append(ReportMade(str(actor.id), name, rfc3339(at), count, sha256))

    async def is_evidence(self, entry: int, areas: Sequence[str]) -> bool:
        """Whether an entry of the journal is about what a supervisor of these areas reads anyway."""
        async with self._database.read() as session:
            return await is_about_record(session, entry, self._shown, areas)

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


def with_entries(breach: Breach, entries: Mapping[str, Sequence[int]]) -> Breach:
    """With the numbers of what the journal says about its evidence."""
    return replace(
        breach, entries=tuple(sorted({one for id in breach.evidence for one in entries.get(id, ())}))
    )


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


def printed(law: Law, breach: Breach, language: Language) -> tuple[str, ...]:
    """A row of the paper: ids in full, for they are what leads to the evidence."""
    entries = " ".join(map(str, breach.entries))
    noted = f"{said(ENTRIES, language)} {entries}" if entries else ""
    evidence = "\n".join(filter(None, (*breach.evidence, noted)))
    consequence = "\n".join(filter(None, (said(breach.consequence, language), breach.citation)))
    demand = said(law.duty(breach.code).text, language)
    return said(breach.article, language), breach.code, demand, consequence, evidence, breach.facts


class Said(Protocol):
    """What has words in both languages."""

    @property
    def zh(self) -> str: ...
    @property
    def en(self) -> str: ...


def said(words: Said, language: Language) -> str:
    return words.zh if language == "zh" else words.en


def counted(rows: int) -> Words:
    if not rows:
        return Words("无违规记录。", "No breach is on record.")
    return Words(f"共 {rows} 项，按条文顺序排列。", f"{rows} in all, in the order of the articles.")


def row_of(breach: Breach) -> tuple[str, ...]:
    cells = (
        str(breach.article),
        breach.article.zh,
        breach.code,
        breach.facts,
        ";".join(breach.evidence),
        ";".join(map(str, breach.entries)),
        breach.consequence.zh,
        breach.consequence.en,
        breach.citation,
    )
    return tuple(f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells)
