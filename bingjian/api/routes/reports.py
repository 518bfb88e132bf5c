"""Reports: all breaches by article, and the work group's overview."""

from asyncio import to_thread
from dataclasses import asdict
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from fastapi.responses import Response

from bingjian.api.paging import PAGE_DEFAULT, Cursor, Limit, cursor_of, key_of
from bingjian.api.permissions import ReportReader
from bingjian.api.platform import ThePlatform
from bingjian.api.routing import api_router
from bingjian.api.schemas import Moment
from bingjian.api.schemas_access import NamedOut
from bingjian.api.schemas_procedures import WordsOut
from bingjian.api.schemas_reports import (
    CountedDivisionOut,
    FigureOut,
    MeasuresOut,
    OverviewOut,
    OwedOut,
    SystemFigureOut,
    SystemFiguresOut,
    ThemeOut,
)
from bingjian.db.areas import is_within
from bingjian.procedures.overview import Figure, Overview, Owed
from bingjian.procedures.report import Compliance, Language
from bingjian.procedures.system_figures import SystemFigures
from bingjian.rules.edition import Words
from bingjian.rules.law import Law

router = api_router("/api/v1/reports", "reports")

Format = Literal["json", "csv", "pdf"]
MEDIA: dict[Format, str] = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "pdf": "application/pdf",
}
At = Annotated[Moment | None, Query(description="Absent: now")]
AtOfInspection = Annotated[Moment | None, Query(description="Absent: now, or the end of the inspection")]
InLanguage = Annotated[Language, Query(description="Of the paper; the JSON has both")]
Number = Annotated[str, Query(max_length=40, description="Of the inspection, as it is written")]


@router.get("/compliance", response_class=Response)
async def get_compliance_report(
    actor: ReportReader,
    platform: ThePlatform,
    at: At = None,
    format: Format = "json",
    language: InLanguage = "zh",
) -> Response:
    """Every breach by article with the ids of its evidence: the same events give the same bytes."""
    report = await platform.parts.reports.compliance(actor, at)
    content = await written(report, format, language, platform.parts.lawbook.whole)
    return attached(content, f"compliance-{report.at:%Y%m%dT%H%M%SZ}", format)


@router.get("/inspection", response_class=Response)
async def get_inspection_report(
    number: Number,
    actor: ReportReader,
    platform: ThePlatform,
    at: AtOfInspection = None,
    format: Literal["json", "pdf"] = "json",
    language: InLanguage = "zh",
) -> Response:
    """All breaches in the area of an inspection by article, with evidence and journal entries: the same bytes
    whenever it is made of the same instant."""
    report = await platform.parts.inspection_reports.make(actor, number, at)
    law = platform.parts.lawbook.whole
    content = report.json if format == "json" else await to_thread(report.paper, law, language)
    name = f"inspection-{report.number}-{report.found.at:%Y%m%dT%H%M%SZ}"
    return attached(content, name if format == "json" else f"{name}-{language}", format)


async def written(report: Compliance, format: Format, language: Language, law: Law) -> bytes:
    if format == "pdf":
        return await to_thread(report.paper, law, language)
    return report.csv if format == "csv" else report.json


def attached(content: bytes, name: str, format: Format) -> Response:
    """As a file of that name."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.{format}"', "Cache-Control": "no-store"}
    return Response(content, media_type=MEDIA[format], headers=headers)


@router.get("/systems")
async def list_system_figures(
    actor: ReportReader, platform: ThePlatform, limit: Limit = PAGE_DEFAULT, cursor: Cursor = None
) -> SystemFiguresOut:
    """The systems of the person's areas, each with its cameras and what is owed about it."""
    page = await platform.parts.system_list.page(actor.areas, limit, key_of(cursor, 2))
    names = await platform.parts.organisations.names([one.record.organisation for one in page.items])
    items = [system_out(one, names) for one in page.items]
    return SystemFiguresOut(items=items, next=cursor_of(page.next_key))


def system_out(found: SystemFigures, names: dict[UUID, str]) -> SystemFigureOut:
    row, owner = found.record, found.record.organisation
    return SystemFigureOut(
        id=row.id,
        number=row.number,
        title=row.title,
        division=row.division,
        state=row.state,
        organisation=NamedOut(id=owner, name=names.get(owner, "")) if owner is not None else None,
        cameras=found.cameras,
        in_service=found.in_service,
        open=found.open,
        overdue=found.overdue,
    )


@router.get("/overview")
async def get_overview(actor: ReportReader, platform: ThePlatform) -> OverviewOut:
    """Five themes with figures by district; no footage."""
    found, law = await platform.parts.overviews.overview(actor.areas), platform.parts.lawbook.whole
    divisions = [
        CountedDivisionOut(code=code, words=words_out(texts[0].words))
        for code, texts in law.codes("division").items()
        if is_within(code, actor.areas)
    ]
    return OverviewOut(
        at=found.at,
        divisions=divisions,
        themes=[theme_out(law, theme, found) for theme in law.codes("theme")],
        measures=MeasuresOut.model_validate(asdict(found.measures)),
    )


def theme_out(law: Law, theme: str, found: Overview) -> ThemeOut:
    return ThemeOut(
        theme=theme,
        words=words_out(law.words("theme", theme)),
        figures=[figure_out(one) for one in found.figures if one.theme == theme],
        duties=[owed_out(one) for one in found.owed if one.theme == theme],
    )


def figure_out(figure: Figure) -> FigureOut:
    return FigureOut(
        kind=figure.kind,
        words=words_out(figure.words),
        state=figure.state,
        state_words=words_out(figure.state_words),
        division=figure.division,
        count=figure.count,
    )


def owed_out(owed: Owed) -> OwedOut:
    return OwedOut(
        code=owed.code,
        article=str(owed.article),
        words=words_out(owed.words),
        division=owed.division,
        open=owed.open,
        overdue=owed.overdue,
    )


def words_out(words: Words) -> WordsOut:
    return WordsOut(zh=words.zh, en=words.en)
