"""The forms: what each of them says, as plain values. How it looks stands in ``templates/<form>.typ``.

Dates are civil dates of China, instants aware; both are written the Chinese way. A value that is empty is
printed as a blank to be filled in by hand. Articles come from the law (``basis``); no template names one.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Form:
    """What every form has. ``template``: name of the file that draws it."""

    template: ClassVar[str]
    number: str  # of this form: 编号
    unit: str  # that issues or files it
    at: datetime  # when what it tells happened: the paper's date, and all that it knows of time
    basis: tuple[str, ...]  # articles it rests on, in words


@dataclass(frozen=True, slots=True)
class FilingReceipt(Form):
    """备案表及回执: a system as it was filed with public security, and their receipt."""

    template: ClassVar[str] = "filing_receipt"
    system: str
    category: str
    builder: str
    operator: str
    contact: str
    division: str
    purpose: str
    cameras: int
    in_service: date | None
    filed: datetime
    papers: tuple[str, ...]  # handed in with it
    receiver: str  # unit of public security
    received_by: str
    corrections: tuple[str, ...]  # asked for; none: accepted


@dataclass(frozen=True, slots=True)
class CheckedItem:
    """One item of a standard and how it came out."""

    standard: str
    item: str
    result: str
    is_passed: bool


@dataclass(frozen=True, slots=True)
class Participant:
    body: str
    name: str
    post: str


@dataclass(frozen=True, slots=True)
class AcceptanceRecord(Form):
    """验收记录: what was looked at, by whom, and the conclusion."""

    template: ClassVar[str] = "acceptance_record"
    system: str
    builder: str
    constructor: str
    attempt: int  # from 1: each is kept, the last decides
    scope: str  # the whole system, or what was added later
    cameras: int
    accepted: date
    items: tuple[CheckedItem, ...]
    participants: tuple[Participant, ...]
    conclusion: str
    is_passed: bool
    report_sha256: str


@dataclass(frozen=True, slots=True)
class Move:
    """One camera and where it goes; ``target`` is empty when it is taken away."""

    code: str
    name: str
    place: str
    target: str


@dataclass(frozen=True, slots=True)
class RelocationNotice(Form):
    """迁移（拆除）报告书: cameras to be moved or removed, reported beforehand."""

    template: ClassVar[str] = "relocation_notice"
    system: str
    operator: str
    contact: str
    reason: str
    planned: date
    moves: tuple[Move, ...]
    substitute: str  # what watches the place meanwhile
    receiver: str


@dataclass(frozen=True, slots=True)
class Breach:
    """One thing that is not as the law wants it."""

    article: str
    code: str  # of the duty
    what: str
    since: datetime | None
    evidence: tuple[str, ...]  # ids of journal entries, documents, findings
    state: str


@dataclass(frozen=True, slots=True)
class RectificationOrder(Form):
    """责令整改通知书: what is to be put right, by when."""

    template: ClassVar[str] = "rectification_order"
    addressee: str
    found: date
    breaches: tuple[Breach, ...]
    demands: tuple[str, ...]
    until: date
    inspector: str
    remedy: str  # where the addressee can object


@dataclass(frozen=True, slots=True)
class ComplianceReport(Form):
    """合规检查报告 (R32.3): all breaches by article with their evidence, in the order given."""

    template: ClassVar[str] = "compliance_report"
    scope: str
    begins: date
    ends: date
    systems: int
    cameras: int
    duties_met: int
    breaches: tuple[Breach, ...]
    journal_entries: int
    journal_hash: str  # of the last entry looked at: the same events give the same paper


@dataclass(frozen=True, slots=True)
class TableReport(Form):
    """Any list: columns and rows as texts."""

    template: ClassVar[str] = "table_report"
    title: str
    title_en: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ArchivedPaper:
    part: str
    title: str
    version: int
    kept: date
    sha256: str


@dataclass(frozen=True, slots=True)
class ArchivedWorker:
    """Who did one of the activities."""

    part: str
    unit: str
    unit_code: str
    qualification: str
    staff: str
    certificate: str


@dataclass(frozen=True, slots=True)
class ArchiveIndex(Form):
    """档案目录: the papers, units and staff of one system."""

    template: ClassVar[str] = "archive_index"
    system: str
    builder: str
    papers: tuple[ArchivedPaper, ...]
    workers: tuple[ArchivedWorker, ...]
    missing: tuple[str, ...]  # parts that the archive has nothing of


FORMS: tuple[type[Form], ...] = (
    FilingReceipt,
    AcceptanceRecord,
    RelocationNotice,
    RectificationOrder,
    ComplianceReport,
    TableReport,
    ArchiveIndex,
)
