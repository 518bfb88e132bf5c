"""What is covered already, what is not, and what would be hidden."""

from collections import Counter

from bingjian.api.paging import PAGE_DEFAULT, Cursor, Limit, cursor_of, key_of
from bingjian.api.permissions import BaseReader, ObstructionAsker
from bingjian.api.platform import ThePlatform
from bingjian.api.routing import api_router
from bingjian.api.schemas_organisations import Code
from bingjian.api.schemas_places import DivisionCode
from bingjian.api.schemas_siting import (
    AreaIn,
    FacilityIn,
    FacilityOut,
    GapOut,
    GapsOut,
    GapTallyOut,
    OverlapOut,
)
from bingjian.inventory.coverage_gaps import Gap, tallies
from bingjian.inventory.obstruction import FacilityWish

router = api_router("/api/v1", "places")


@router.post("/obstruction-queries")
async def ask_obstruction(wish: FacilityIn, actor: ObstructionAsker, platform: ThePlatform) -> FacilityOut:
    """Would this hide a camera: yes or no, how many, and a case number; not where, not which (27¶1)."""
    facility = FacilityWish(wish.name, wish.longitude, wish.latitude, wish.height_m)
    answer = await platform.parts.obstructions.ask(facility, actor, actor.areas)
    return FacilityOut(conflict=answer.conflict, count=answer.count, case=answer.case)


@router.post("/overlap-queries")
async def ask_overlap(wish: AreaIn, actor: BaseReader, platform: ThePlatform) -> OverlapOut:
    """What cameras see of an area already, or are to see: the reuse analysis of a plan begins with it."""
    answer = await platform.parts.overlaps.ask(tuple(wish.area), actor.areas)
    return OverlapOut(
        existing=list(answer.overlap.existing),
        cells=answer.overlap.cells,
        overlapping=answer.overlap.overlapping,
        possible_duplicate=answer.is_possible_duplicate,
    )


@router.get("/coverage-gaps")
async def list_gaps(
    actor: BaseReader,
    platform: ThePlatform,
    limit: Limit = PAGE_DEFAULT,
    cursor: Cursor = None,
    division: DivisionCode | None = None,
    category: Code | None = None,
) -> GapsOut:
    """Key parts without a camera in service, the oldest gap first; with the sums by district and category."""
    found = await platform.parts.coverage_gaps.all(actor.areas)
    gaps = [gap for gap in found if is_asked(gap, division, category)]
    after = key_of(cursor, 2)
    rest = [gap for gap in gaps if after is None or place_in_list(gap) > after]
    items = rest[:limit]
    return GapsOut(
        total=len(gaps),
        by_division=dict(Counter(gap.division for gap in gaps).most_common()),
        tallies=[GapTallyOut.model_validate(tally) for tally in tallies(gaps)],
        items=[gap_out(gap) for gap in items],
        next=cursor_of(place_in_list(items[-1]) if len(rest) > limit else None),
    )


def is_asked(gap: Gap, division: str | None, category: str | None) -> bool:
    return division in (None, gap.division) and (category is None or category in gap.categories)


def place_in_list(gap: Gap) -> list[str]:
    return [f"{gap.since.timestamp():020.6f}", str(gap.id)]


def gap_out(gap: Gap) -> GapOut:
    return GapOut(
        place=gap.place,
        part=gap.part,
        name=gap.name,
        division=gap.division,
        categories=list(gap.categories),
        since=gap.since,
        days=gap.days,
        reason_zh=gap.refusal.reason.zh,
        reason_en=gap.refusal.reason.en,
    )
