"""The archive of a system (art. 17, Decree 799 art. 11): papers, units and staff, kept for good."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bingjian.rules.decision import Case, Grant, Refusal, consistent, decides, enumerated, named
from bingjian.rules.decisions.systems import System, archive_duty
from bingjian.rules.edition import Words
from bingjian.rules.law import Law


@dataclass(frozen=True, slots=True)
class Paper:
    part: str  # code of ``archive_part``
    name: str


@dataclass(frozen=True, slots=True)
class ArchivedUnit:
    """Who did one of the activities; what is not known is empty."""

    part: str  # code of ``archive_part``: the activity that the papers tell of
    name: str
    code: str  # of the organisation
    qualification: str
    staff: str  # name of the professional
    certificate: str  # of the professional

    @property
    def missing(self) -> Words:
        fields = (
            (self.name, Words("单位名称", "unit")),
            (self.code, Words("单位代码", "unit code")),
            (self.qualification, Words("单位资质", "qualification")),
            (self.staff, Words("专业人员", "professional staff")),
            (self.certificate, Words("人员证书", "their certificate")),
        )
        return enumerated(words for value, words in fields if not value.strip())


def owed_parts(law: Law, jobs: int) -> tuple[str, ...]:
    """The parts that must be there: all before service, but papers of maintenance only after its first job.

    Args:
        jobs: maintenance jobs done so far.
    """
    consistent(jobs >= 0, "fewer than no jobs")
    later = {} if jobs else law.codes("archive_part_after_first_job")
    return tuple(part for part in law.codes("archive_part") if part not in later)


@decides("R17.1", "N11")
def is_archive_complete(law: Law, system: System, papers: Iterable[Paper], jobs: int) -> Grant | Refusal:
    """Art. 17: at least one paper in each part that is owed."""
    there = {paper.part for paper in papers if paper.name.strip()}
    missing = [part for part in owed_parts(law, jobs) if part not in there]
    told = named(law, "archive_part", missing)
    case = Case(law)
    if code := archive_duty(system, "R17.1"):
        case.require(
            not missing,
            code,
            Words(f"档案中没有：{told.zh}", f"the archive holds nothing of {told.en}"),
            Words("请将有关资料归档", "archive these papers"),
        )
    return case.answer()


@decides("R17.2", "N11")
def are_units_archived(law: Law, system: System, units: Iterable[ArchivedUnit], jobs: int) -> Grant | Refusal:
    """Art. 17: for each activity its unit and professional staff, each fully told."""
    several, case = tuple(units), Case(law)
    code = archive_duty(system, "R17.2")
    for part in owed_parts(law, jobs) if code else ():
        own = [unit for unit in several if unit.part == part]
        gaps = [unit.missing for unit in own] or [Words("单位和专业人员", "unit and professional staff")]
        word, told = law.words("archive_part", part), enumerated(gap for gap in gaps if gap.en)
        case.require(
            not told.en,
            code or "",
            Words(f"{word.zh}未归档：{told.zh}", f"not archived for {word.en}: {told.en}"),
            Words("请补录单位和人员", "record the unit and its staff"),
        )
    return case.answer()


# --- kept by law


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an archived document."""

    number: int  # from 1
    sha256: str

    def __post_init__(self) -> None:
        consistent(self.number > 0, "a version before the first")


@decides("R17.3")
def may_store(law: Law, document: str, kept: Sequence[Version], new: Version) -> Grant | Refusal:
    """Art. 17: a new version stands beside those before, it never takes the place of one."""
    following = max((version.number for version in kept), default=0) + 1
    case = Case(law)
    case.require(
        new.number == following,
        "R17.3",
        Words(
            f"《{document}》的版本应为 {following}，不能存为 {new.number}",
            f"the next version of {document} is {following}, not {new.number}",
        ),
        Words("请存为新版本；原有版本不能覆盖", "store it as a new version; none is overwritten"),
    )
    case.require(
        bool(new.sha256.strip()),
        "R17.3",
        Words(f"《{document}》没有校验值", f"{document} has no hash"),
        Words("请重新上传", "upload it again"),
    )
    return case.answer()


@decides("R17.3")
def may_delete(law: Law, document: str) -> Refusal:
    """Art. 17: never, whoever asks."""
    return law.refusal(
        "R17.3",
        Words(f"《{document}》已归档，不能删除", f"{document} is archived and cannot be deleted"),
        Words("如有错误，请存为新版本", "if it is wrong, store a new version"),
    )


@decides("R17.3")
def may_read(law: Law, document: str, has_base_right: bool) -> Grant | Refusal:
    """Arts. 17 and 27¶1: the archive tells base information, so reading it needs that right."""
    case = Case(law)
    case.require(
        has_base_right,
        "R17.3",
        Words(
            f"查阅《{document}》须有基础信息权限", f"reading {document} needs the right to base information"
        ),
        Words("请向管理员申请该权限", "ask the administrator for that right"),
    )
    return case.answer()


@decides("R17.3")
def is_whole(law: Law, document: str, version: Version, sha256: str) -> Grant | Refusal:
    """Art. 17: whether a document on disk is still what was archived.

    Args:
        sha256: of the bytes as found now; empty: they are gone.
    """
    case = Case(law)
    case.require(
        bool(sha256) and sha256 == version.sha256,
        "R17.3",
        Words(
            f"《{document}》第 {version.number} 版与归档时不一致",
            f"version {version.number} of {document} is not what was archived",
        ),
        Words("请从备份恢复，并查明原因", "restore it from the backup, and find out why"),
    )
    return case.answer()
