"""Arts. 24 and 25, Decree 799 art. 8¶2: reviews, trainings, inspections, shifts, daily checks."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from bingjian.duties.models import Obligation
from bingjian.inventory.place_rows import PartRow, PlaceRow
from bingjian.procedures import daily_check, inspection, posts, rule_papers, shift
from bingjian.procedures.models import RecordRow
from bingjian.procedures.owed.source import Facts, Source
from bingjian.procedures.step import data_of
from bingjian.procedures.stored import stored
from bingjian.procedures.watched import watched_by_division, watched_in
from bingjian.rules.decisions.privacy import BANNED

NEEDED = ("id", "kind", "title", "division", "organisation", "subject", "opened_at", "data_json")


async def reviews(facts: Facts) -> AsyncIterator[Obligation]:
    """R25.1: of every management system in force."""
    if not facts.law.binds(rule_papers.REVIEW):
        return
    async for record in facts.rows(records(rule_papers.SYSTEMS, rule_papers.CURRENT)):
        system = data_of(record, rule_papers.System)
        yield rule_papers.review_owed(facts.law, record, system.of, system.versions[-1])


async def trainings(facts: Facts) -> AsyncIterator[Obligation]:
    """R25.3: of everybody with a post."""
    async for one in posts.every_person_owes(facts.session, facts.law, facts.now):
        yield one


async def inspections(facts: Facts) -> AsyncIterator[Obligation]:
    """R25.4: the next of every plan that runs."""
    if not facts.law.binds(inspection.CODE):
        return
    table, last = RecordRow, dict[UUID | None, str]()
    closed = select(table.subject, table.data_json).order_by(table.changed_at, table.id)
    closed = closed.where(table.kind == inspection.INSPECTION, table.state == inspection.CLOSED)
    async for plan, text in facts.rows(closed):
        last[plan] = text
    async for plan in facts.rows(records(inspection.PLAN, inspection.RUNNING)):
        before = last.get(plan.id)
        due = stored(plan.data_json).date("first") if before is None else stored(before).date("next_due")
        yield inspection.owed_by(facts.law, plan, due)


async def shifts(facts: Facts) -> AsyncIterator[Obligation]:
    """R24.1: published ones that are short; those to come by the cameras of today."""
    if not facts.law.binds(shift.CODE):
        return
    watched = await watched_by_division(facts.session)
    platforms = select(RecordRow.id, RecordRow.division).where(RecordRow.kind == "platform")
    divisions = {row.id: row.division for row in await facts.session.execute(platforms)}
    async for record in facts.rows(records(shift.KIND, shift.PUBLISHED)):
        rostered = data_of(record, shift.Shift)
        if facts.now < rostered.start and record.subject in divisions:
            rostered = shift.asked(facts.law, rostered, watched_in(divisions[record.subject], watched))
        shortage = shift.owed_by(facts.law, record, rostered)
        if shortage is not None:
            yield shortage


async def checks(facts: Facts) -> AsyncIterator[Obligation]:
    """N8.2: of every place with a part where no camera may be."""
    if not facts.law.binds(daily_check.CODE):
        return
    table, checked = RecordRow, dict[UUID | None, datetime]()
    query = select(table.subject, table.data_json).where(table.kind == daily_check.KIND)
    async for place, text in facts.rows(query):
        at = stored(text).get("checked")
        if at is not None:
            instant = datetime.fromisoformat(at)
            checked[place] = max(instant, checked.get(place, instant))
    kinds = list(facts.law.codes(BANNED))
    since = select(PartRow.place.label("place"), func.min(PartRow.banned_since).label("since"))
    since = since.where(
        PartRow.banned_since.is_not(None), or_(PartRow.kind.in_(kinds), PartRow.is_private.is_(True))
    )
    columns = (PlaceRow.id, PlaceRow.name, PlaceRow.division, PlaceRow.operator)
    private = since.group_by(PartRow.place).subquery()
    places = select(*columns, private.c.since).join(private, PlaceRow.id == private.c.place)
    async for place in facts.rows(places):
        last = checked.get(place.id, place.since)
        yield daily_check.owed_by(facts.law, place, last, last)


def records(kind: str, state: str) -> Select[*tuple[Any, ...]]:
    """Their columns, which read like a record's: rows without identity are read several times as fast."""
    return (
        select(*(getattr(RecordRow, name) for name in NEEDED))
        .where(RecordRow.kind == kind, RecordRow.state == state)
        .order_by(RecordRow.id)
    )


REVIEWS = Source("reviews", (rule_papers.REVIEW,), (rule_papers.SYSTEMS,), reviews)
TRAININGS = Source("trainings", (posts.CODE,), ("person",), trainings)
INSPECTIONS = Source("inspections", (inspection.CODE,), (inspection.PLAN,), inspections)
SHIFTS = Source("shifts", (shift.CODE,), (shift.KIND,), shifts)
CHECKS = Source("daily_checks", (daily_check.CODE,), (daily_check.PLACE,), checks)
