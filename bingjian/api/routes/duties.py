"""What is due: the inbox by deadline."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query

from bingjian.access.decisions import Actor
from bingjian.api.duties import duty_out
from bingjian.api.paging import PAGE_DEFAULT, BadCursor, Cursor, Limit, cursor_of, key_of
from bingjian.api.permissions import DutyLister, DutyRecomputer
from bingjian.api.platform import ThePlatform
from bingjian.api.routing import api_router
from bingjian.api.schemas_procedures import DutiesOut, RecomputedOut, TalliesOut, TallyOut
from bingjian.api.schemas_regulation import WordsOut
from bingjian.clock import utc_now
from bingjian.duties.service import DutyFilter

router = api_router("/api/v1/duties", "duties")

State = Literal["open", "overdue", "met", "met_late", "lapsed"]
States = Annotated[list[State] | None, Query(description="Absent: what is open or overdue")]
Mine = Annotated[bool, Query(description="Only what the person's own organisation owes")]
DivisionPrefix = Annotated[str, Query(pattern=r"^\d{0,6}$")]
Code = Annotated[str | None, Query(pattern=r"^[A-Z][0-9.()]{1,15}$")]


@router.get("")
async def list_duties(
    actor: DutyLister,
    platform: ThePlatform,
    limit: Limit = PAGE_DEFAULT,
    cursor: Cursor = None,
    state: States = None,
    mine: Mine = False,
    code: Code = None,
    subject: UUID | None = None,
    subject_kind: Annotated[str | None, Query(max_length=40)] = None,
    division: DivisionPrefix = "",
) -> DutiesOut:
    """Duties by the instant they are due at, the most urgent first; closed ones after them, newest first."""
    wanted = wanted_by(actor, state, mine, code, subject, subject_kind, division)
    parts = platform.parts
    page = await parts.duties.page(wanted, limit, key_from(cursor))
    now, names = utc_now(platform.clock), await parts.organisations.names([row.owner for row in page.items])
    items = [duty_out(row, now, names, parts.lawbook.whole) for row in page.items]
    return DutiesOut(items=items, next=cursor_of(page.next_key), now=now)


@router.get("/tally")
async def tally_duties(
    actor: DutyLister,
    platform: ThePlatform,
    state: States = None,
    mine: Mine = False,
    division: DivisionPrefix = "",
) -> TalliesOut:
    """How many of each duty are open and overdue."""
    law = platform.parts.lawbook.whole
    found = await platform.parts.duties.tally(wanted_by(actor, state, mine, None, None, None, division))
    return TalliesOut(
        items=[
            TallyOut(
                code=one.code,
                article=str(law.duty(one.code).article),
                words=WordsOut(zh=law.duty(one.code).text.zh, en=law.duty(one.code).text.en),
                open=one.open,
                overdue=one.overdue,
            )
            for one in found
        ]
    )


@router.post("/recompute")
async def recompute_duties(actor: DutyRecomputer, platform: ThePlatform) -> RecomputedOut:
    """Compute what everybody owes anew, as it happens every night; the same however often it is asked."""
    done = await platform.parts.recomputing.run(actor.id)
    return RecomputedOut(opened=done.opened, changed=done.changed, lapsed=done.lapsed)


def key_from(cursor: str | None) -> list[str] | None:
    """Whether it is closed, its place among those in µs, and id. Raises BadCursor."""
    key = key_of(cursor, 3)
    try:
        if key is not None and (int(key[0]) not in (0, 1) or abs(int(key[1])) >= 2**62 or not UUID(key[2])):
            raise BadCursor
    except ValueError as error:
        raise BadCursor from error
    return key


def wanted_by(
    actor: Actor,
    states: list[State] | None,
    mine: bool,
    code: str | None,
    subject: UUID | None,
    subject_kind: str | None,
    division: str,
) -> DutyFilter:
    return DutyFilter(
        areas=actor.areas,
        states=frozenset(states or ()),
        owner=actor.organisation if mine else None,
        code=code,
        subject=subject,
        subject_kind=subject_kind,
        division=division,
    )
