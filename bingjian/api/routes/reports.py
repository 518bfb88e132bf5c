"""Reports: all breaches by article, and the work group's overview."""

from asyncio import to_thread
from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response

from bingjian.api.permissions import ReportReader
from bingjian.api.platform import ThePlatform
from bingjian.api.schemas import Moment
from bingjian.api.schemas_procedures import WordsOut
from bingjian.api.schemas_reports import (
    CountedDivisionOut,
    FigureOut,
    MeasuresOut,
    OverviewOut,
    OwedOut,
    ThemeOut,
)
from bingjian.db.areas import is_within
from bingjian.procedures.overview import Figure, Overview, Owed
from bingjian.procedures.report import Compliance
from bingjian.rules.edition import Words
from bingjian.rules.law import Law

router = APIRouter(prefix="/api/v1/reports", tags=["reports"])

Format = Literal["json", "csv", "pdf"]
MEDIA: dict[Format, str] = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "pdf": "application/pdf",
}
At = Annotated[Moment | None, Query(description="Absent: now")]


@router.get("/compliance", response_class=Response)
async def get_compliance_report(
    actor: ReportReader, platform: ThePlatform, at: At = None, format: Format = "json"
) -> Response:
    """Every breach by article with the ids of its evidence: the same events give the same bytes."""
    report = await platform.parts.reports.compliance(actor, at)
    content = await written(report, format, platform.parts.lawbook.whole)
    name = f"compliance-{report.at:%Y%m%dT%H%M%SZ}.{format}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=MEDIA[format], headers=headers)


async def written(report: Compliance, format: Format, law: Law) -> bytes:
    if format == "pdf":
        return await to_thread(report.paper, law)
    return report.csv if format == "csv" else report.json


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
