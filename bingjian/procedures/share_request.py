"""A department asks another to share (art. 20): granted, or denied with ground, author and review date.

Sharing is the rule: a denial that lacks something leaves the request open, and one that stays unanswered is
told to the city data authority (``share_unanswered``). What is granted is a row of ``access.grants``.
"""

from datetime import datetime
from uuid import UUID

from bingjian.access import grants
from bingjian.access.decisions import Role
from bingjian.db.areas import is_within
from bingjian.duties.models import Obligation
from bingjian.inventory.camera_files import levels_of
from bingjian.procedures.access_request_data import Reason
from bingjian.procedures.access_request_facts import division_of
from bingjian.procedures.errors import RefersToNothing
from bingjian.procedures.kinds import Kind, Lapse, Move
from bingjian.procedures.share_entry import NAME as ENTRY
from bingjian.procedures.share_entry import PUBLISHED, Entry, is_authority, leave, scope_of
from bingjian.procedures.share_request_data import (
    Denied,
    Deny,
    Give,
    ShareAsked,
    ShareOpening,
    Wanted,
)
from bingjian.procedures.share_unanswered import ANSWER, DUTY, NAME, REPORT, answer_due
from bingjian.procedures.step import Step, data_of
from bingjian.rules.civil import DAY, TICK, start_of_day
from bingjian.rules.decision import Case, Grant, Refusal, consistent
from bingjian.rules.decisions import sharing
from bingjian.rules.decisions.rights import Deed, Held, may_do
from bingjian.rules.decisions.secrecy import shown_outside
from bingjian.rules.edition import Words
from bingjian.rules.library import rights

REVIEW = "review"  # key of the duty to look at a denial again
BASE_INFO = "base_info"  # code of ``share_kind``
DECIDING, DECIDER = "approve_share", "city_data_authority"  # act and role of rights.toml


# --- the department's that asks


async def begin(step: Step, wish: ShareOpening) -> ShareAsked:
    """Refused unless it is a request that could be granted; an answer is owed from now on."""
    consistent(step.record.organisation == step.actor.organisation, "a request is one's own organisation's")
    consistent(wish.begin <= wish.until, "the period ends before it begins")
    asked, offered = await resolved(step, wish)
    consistent(asked.keeper != step.actor.organisation, "nobody asks their own organisation")
    await require_known(step, asked.cameras)
    step.require(lawful(step, asked, offered))
    await place(step, asked.cameras)
    due = await answer_due(step)
    await step.owe(Obligation(DUTY, step.subject, asked.keeper, step.now, due, ANSWER))
    return asked


async def resolved(step: Step, wish: Wanted) -> tuple[ShareAsked, sharing.Scope | None]:
    """With what the entry says where the request says nothing; and what the entry offers."""
    told = wish.model_dump(include=set(Wanted.model_fields)) | {"applicant": step.actor.id}
    if wish.entry is None:
        consistent(wish.keeper is not None, "name the entry of the catalogue, or the body that is asked")
        return ShareAsked(**told), None
    record = await step.get(ENTRY, wish.entry)
    if record.state != PUBLISHED:
        raise RefersToNothing("entry", ENTRY)
    step.record.subject = record.id
    entry = data_of(record, Entry)
    told |= {"keeper": wish.keeper or entry.keeper, "cameras": wish.cameras or entry.cameras}
    return ShareAsked(**told | {"kinds": wish.kinds or entry.kinds}), scope_of(entry)


async def require_known(step: Step, cameras: tuple[UUID, ...]) -> None:
    """A camera whose level may not be known outside is not there for another department (art. 27¶2)."""
    known = shown_outside(step.law, await levels_of(step.session, cameras))
    if set(map(str, cameras)) - set(known):
        raise RefersToNothing("cameras", "camera")


def lawful(step: Step, data: ShareAsked, offered: sharing.Scope | None = None) -> Grant | Refusal:
    """Art. 20, C10: whole, and for a purpose that pictures are shared for."""
    case, asked = Case(step.law), scope_of_request(data)
    is_content = bool(asked.kinds & set(step.law.codes("share_content")))
    request = sharing.ShareRequest(is_content, data.purpose, data.ground or "", data.citation)
    case.join(sharing.may_ask(step.law, asked, data.purpose, offered, step.now))
    case.join(sharing.may_share(step.law, request))
    return case.answer()


async def place(step: Step, cameras: tuple[UUID, ...]) -> None:
    """The record lies where its cameras stand."""
    division = await division_of(step.session, cameras)
    consistent(is_within(division, step.actor.areas), "cameras of several districts need several requests")
    step.record.division = division


async def is_asker(step: Step, data: ShareAsked) -> None:
    consistent(step.record.organisation == step.actor.organisation, "it is another department's request")


async def withdraw(step: Step, data: ShareAsked, wish: Reason) -> ShareAsked:
    await is_asker(step, data)
    await step.drop(DUTY)
    return data.model_copy(update={"ended": wish.reason})


# --- the holder's


async def may_answer(step: Step, data: ShareAsked) -> Grant | Refusal:
    """Whoever was asked, or the data authority; nobody their own request (section 4)."""
    case = Case(step.law)
    by = str(step.actor.organisation or "")
    case.join(sharing.may_answer(step.law, str(data.keeper), by, is_authority(step)))
    deed = Deed(
        person=str(step.actor.id),
        organisation=by,
        roles=(Held(DECIDER, step.now),),
        act=DECIDING,
        target=str(step.record.id),
        purpose=data.purpose,
        met=frozenset(),
        asked_by=str(data.applicant),
    )
    case.join(may_do(step.law, rights(), deed, step.now))
    return case.answer()


async def may_grant(step: Step, data: ShareAsked) -> Grant | Refusal:
    """Everything that bars it: who answers, the purpose, the period, and secrecy."""
    case = Case(step.law)
    case.join(await may_answer(step, data))
    case.join(lawful(step, data))
    case.join(await leave(step, data.cameras, str(step.record.organisation)))
    return case.answer()


async def give(step: Step, data: ShareAsked, wish: Give) -> ShareAsked:
    """Base information is no part of it unless it was asked for and is granted by its own tick (R20.3)."""
    asked = scope_of_request(data)
    kinds = frozenset(wish.kinds or data.kinds) - {BASE_INFO}
    until = wish.until or asked.until
    consistent(asked.begin <= until, "the period ends before it begins")
    given = sharing.Scope(
        cameras=frozenset(map(str, wish.cameras or data.cameras)),
        kinds=kinds | ({BASE_INFO} if wish.with_base_info else set()),
        begin=asked.begin,
        until=until,
        earliest=asked.earliest,
    )
    step.require(sharing.may_grant_share(step.law, asked, given, step.now))
    holder = step.record.organisation
    consistent(holder is not None, "the request is nobody's")
    assert holder is not None
    grant = sharing.ShareGrant(data.purpose, given)
    destination = data.destination or await name_of(step, holder)
    shared = grants.Shared(step.record.id, step.record.number, grant, holder, destination)
    row = grants.share(step.session, shared, step.now)
    step.record.ends_at = until + TICK
    return await answered(step, data, grant=row.id, denied=None)


async def deny(step: Step, data: ShareAsked, wish: Deny) -> ShareAsked:
    """Refused, and the request stays open, unless ground, author and review date are given (R20.2)."""
    author = step.actor.name
    denial = sharing.Denial(wish.ground or "", wish.citation, author, wish.review)
    step.require(sharing.may_deny(step.law, denial, step.now))
    written = Denied(**wish.model_dump(), author=author)
    after = await answered(step, data, denied=written)
    due = start_of_day(written.review + DAY)
    await step.owe(Obligation(DUTY, step.subject, data.keeper, step.now, due, REVIEW))
    return after


async def answered(step: Step, data: ShareAsked, **more: object) -> ShareAsked:
    for key in (ANSWER, REPORT, REVIEW):
        await step.meet(DUTY, key=key)
    return data.model_copy(update={"answered": step.now, **more})


async def revoke(step: Step, data: ShareAsked, wish: Reason) -> ShareAsked:
    return await stopped(step, data, wish.reason)


async def give_back(step: Step, data: ShareAsked, wish: Reason) -> ShareAsked:
    await is_asker(step, data)
    return await stopped(step, data, wish.reason)


async def stopped(step: Step, data: ShareAsked, reason: str) -> ShareAsked:
    """Nothing opens under it any more."""
    assert data.grant is not None  # only what was granted can be ended
    await grants.end(step.session, data.grant, step.now)
    return data.model_copy(update={"ended": reason})


async def name_of(step: Step, organisation: UUID) -> str:
    row = await step.organisation(organisation)
    return row.name if row is not None else str(organisation)


def scope_of_request(data: ShareAsked) -> sharing.Scope:
    cameras, kinds = frozenset(map(str, data.cameras)), frozenset(data.kinds)
    earliest: datetime = data.earliest or data.begin
    return sharing.Scope(cameras, kinds, data.begin, data.until, earliest)


ASKERS = frozenset({Role.DEPARTMENT_USER})
ANSWERERS = frozenset({Role.DEPARTMENT_USER, Role.CUSTODIAN, Role.PUBLIC_SECURITY, Role.CITY_DATA_AUTHORITY})
OPEN = ("asked", "denied")
SHARE_REQUEST = Kind(
    name=NAME,
    path="share-requests",
    words=Words("共享申请", "request to share"),
    order="R20.2",
    prefix="GX",
    data=ShareAsked,
    states={
        "asked": Words("待答复", "to be answered"),
        "granted": Words("已同意", "granted"),
        "denied": Words("不予共享", "denied"),
        "withdrawn": Words("已撤回", "withdrawn"),
        "ended": Words("共享已终止", "the share has ended"),
    },
    opening=ShareOpening,
    openers=ASKERS,
    readers=ANSWERERS | {Role.AUDITOR, Role.INSPECTOR, Role.WORKGROUP_OFFICE},
    open=begin,
    parties_only=ASKERS,  # not what other departments ask of others
    other_party="keeper",
    silent=True,
    lapse=Lapse("granted", "ended"),
    moves=(
        Move("grant", Words("同意", "grant"), OPEN, "granted", ANSWERERS, give, Give, may_grant),
        Move("deny", Words("不予共享", "deny"), OPEN, "denied", ANSWERERS, deny, Deny, may_answer),
        Move("withdraw", Words("撤回", "withdraw"), OPEN, "withdrawn", ASKERS, withdraw, Reason),
        Move(
            "revoke",
            Words("收回共享", "revoke"),
            ("granted",),
            "ended",
            ANSWERERS,
            revoke,
            Reason,
            may_answer,
            tells_workers=True,
        ),
        Move(
            "give_back",
            Words("用毕交回", "give it back"),
            ("granted",),
            "ended",
            ASKERS,
            give_back,
            Reason,
            tells_workers=True,
        ),
    ),
)
