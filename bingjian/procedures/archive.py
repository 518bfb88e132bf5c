"""The archive of a system (art. 17): papers in four parts, units, staff, maintenance jobs. None goes."""

from pydantic import AwareDatetime

from bingjian.access.decisions import BASE_READERS, Role
from bingjian.procedures.kinds import (
    STAYS,
    Code,
    Data,
    DocumentId,
    Kind,
    Line,
    Move,
    Opening,
    OrganisationId,
    said,
)
from bingjian.procedures.step import Step
from bingjian.rules.decision import consistent
from bingjian.rules.edition import Words


class Paper(Data):
    """One paper; a newer version stands beside it in the documents."""

    part: Code = said("类别", "Part", of="archive_part")
    name: Line = said("名称", "Name", min_length=1)
    document: DocumentId = said("文件", "Document")


class UnitRecord(Data):
    """Who did one of the activities."""

    part: Code = said("类别", "Part", of="archive_part")
    organisation: OrganisationId = said("单位", "Unit")
    qualification: Line = said("资质", "Qualification", default="")
    staff: Line = said("专业人员", "Professional staff", default="")
    certificate: Line = said("人员证书", "Their certificate", default="")


class Job(Data):
    """A maintenance job that was done."""

    what: Line = said("维护内容", "What was done", min_length=1)
    done: AwareDatetime = said("完成时间", "Done")
    document: DocumentId | None = said("维护记录", "Record", default=None)


class Archive(Data):
    papers: tuple[Paper, ...] = said("资料", "Papers", default=())
    units: tuple[UnitRecord, ...] = said("单位和人员", "Units and staff", default=())
    jobs: tuple[Job, ...] = said("维护作业", "Maintenance jobs", default=())


class AddPaper(Data):
    paper: Paper = said("资料", "Paper")


class AddUnit(Data):
    unit: UnitRecord = said("单位和人员", "Unit and staff")


class RecordJob(Data):
    job: Job = said("维护作业", "Maintenance job")


async def begin(step: Step, wish: Opening) -> Archive:
    return Archive()


async def add_paper(step: Step, archive: Archive, wish: AddPaper) -> Archive:
    step.law.words("archive_part", wish.paper.part)  # a part that there is
    return archive.model_copy(update={"papers": (*archive.papers, wish.paper)})


async def add_unit(step: Step, archive: Archive, wish: AddUnit) -> Archive:
    step.law.words("archive_part", wish.unit.part)
    return archive.model_copy(update={"units": (*archive.units, wish.unit)})


async def record_job(step: Step, archive: Archive, wish: RecordJob) -> Archive:
    consistent(wish.job.done <= step.now, "done at a time to come")
    return archive.model_copy(update={"jobs": (*archive.jobs, wish.job)})


KEEPERS = frozenset({Role.ARCHIVIST, Role.BUILDER, Role.REGISTRAR})
KEPT = ("kept",)
ARCHIVE = Kind(
    name="archive",
    path="archives",
    words=Words("系统档案", "archive of a system"),
    order="R17.3",
    prefix="DA",
    data=Archive,
    states={"kept": Words("保管中", "kept")},
    opening=Opening,
    openers=KEEPERS,
    readers=BASE_READERS | KEEPERS | {Role.MAINTAINER},
    subject="record:system",
    open=begin,
    moves=(
        Move("add_paper", Words("归档资料", "add a paper"), KEPT, STAYS, KEEPERS, add_paper, AddPaper),
        Move("add_unit", Words("登记单位和人员", "record a unit"), KEPT, STAYS, KEEPERS, add_unit, AddUnit),
        Move(
            "record_job",
            Words("登记维护作业", "record a job"),
            KEPT,
            STAYS,
            KEEPERS | {Role.MAINTAINER},
            record_job,
            RecordJob,
        ),
    ),
)
