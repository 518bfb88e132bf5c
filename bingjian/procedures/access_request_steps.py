"""The steps of a request of a state organ: the organ's, and those of the custodian who decides it."""

from bingjian.access import grants
from bingjian.db.areas import is_within
from bingjian.duties.models import Obligation
from bingjian.procedures.access_request_data import (
    AddPaper,
    Exemption,
    KeptPaper,
    NameOfficer,
    Narrow,
    Officer,
    OpenedExemption,
    Reason,
    Refuse,
    Refused,
    Request,
    RequestOpening,
    Return,
    See,
    Undertake,
    Wanted,
)
from bingjian.procedures.access_request_facts import (
    application,
    authority_of,
    division_of,
    exemptions_of_month,
    lawful,
    may_decide,
    named_officer,
    other_law,
    rules_version,
    scan_of,
    wished,
)
from bingjian.procedures.kinds import Data
from bingjian.procedures.step import Step
from bingjian.rules.civil import TICK
from bingjian.rules.decision import Case, Grant, Refusal, all_of, consistent
from bingjian.rules.decisions import refusing
from bingjian.rules.decisions.granting import may_grant_as

NAME, ANSWER = "access_request", "R31.10"


# --- the organ's


async def begin(step: Step, wish: RequestOpening) -> Request:
    consistent(step.record.organisation == step.actor.organisation, "a request is one's own organisation's")
    told = wish.model_dump(include=set(Wanted.model_fields))
    await place(step, wish)
    return Request(**told, keeper=wish.keeper, applicant=step.actor.id)


async def amend(step: Step, data: Request, wish: Wanted) -> Request:
    await place(step, wish)
    return data.model_copy(update=dict(wish))


async def place(step: Step, wish: Wanted) -> None:
    """The record lies where its cameras stand: those who keep them see it, and nobody else."""
    consistent(wish.begin < wish.end, "the interval ends before it begins")
    division = await division_of(step.session, wish.cameras)
    consistent(is_within(division, step.actor.areas), "cameras of several districts need several requests")
    step.record.division = division


async def name_officer(step: Step, data: Request, wish: NameOfficer) -> Request:
    """Whoever is named again is named anew."""
    person = wish.person or step.actor.id
    named = await named_officer(step, person, wish.card)
    others = [one for one in data.officers if one.person != person]
    return data.model_copy(update={"officers": (*others, named)})


async def undertake(step: Step, data: Request, wish: Undertake) -> Request:
    """The officer's own promise, under their own account; another's lies on paper (R22.5)."""
    officer = officer_at(data, wish.officer)
    is_own = officer.person == step.actor.id
    consistent(is_own or wish.paper is not None, "another's undertaking needs the paper that they signed")
    version = await rules_version(step.session, data.keeper)
    return with_officer(data, wish.officer, undertaking=version, paper=wish.paper)


async def add_paper(step: Step, data: Request, wish: AddPaper) -> Request:
    sha256 = await scan_of(step.session, wish.paper.document)
    kept = KeptPaper(**wish.paper.model_dump(), sha256=sha256)
    return data.model_copy(update={"papers": (*data.papers, kept)})


async def is_whole(step: Step, data: Request) -> Grant | Refusal:
    """All that is missing, but the custodian's look at the certificates."""
    return await lawful(step, data, is_seen=False)


async def submit(step: Step, data: Request, wish: Data) -> Request:
    """Received: from now on an answer is owed (R31.10)."""
    until = refusing.answer_until(step.law, step.now)
    due = until + TICK if until is not None else None
    await step.owe(Obligation(ANSWER, step.subject, data.keeper, step.now, due))
    return data.model_copy(update={"submitted": step.now, "answered": None, "missing": ""})


async def withdraw(step: Step, data: Request, wish: Reason) -> Request:
    await step.drop(ANSWER)
    return data.model_copy(update={"ended": wish.reason})


# --- the custodian's


async def not_own(step: Step, data: Request) -> Grant | Refusal:
    return may_decide(step, data)


async def see(step: Step, data: Request, wish: See) -> Request:
    """The custodian holds the certificate: what stands on it counts (R22.2)."""
    card = officer_at(data, wish.officer).card
    consistent(card is not None, "this officer has named no certificate")
    assert card is not None
    read = card.model_copy(update=wish.model_dump(exclude={"officer"}))
    return with_officer(data, wish.officer, card=read, seen_by=step.actor.name)


async def may_grant(step: Step, data: Request) -> Grant | Refusal:
    """All that is missing, the custodian's look at the certificates included."""
    case = Case(step.law)
    case.join(may_decide(step, data))
    case.join(await lawful(step, data, is_seen=True))
    return case.answer()


async def grant(step: Step, data: Request, wish: Narrow) -> Request:
    given = wished(data, wish)
    step.require(may_grant_as(step.law, await application(step, data), given, step.now))
    decided = grants.Decided(step.record.id, step.record.number, given, data.destination)
    row = grants.give(step.session, decided, step.now)
    step.record.ends_at = given.expires + TICK
    return await answered(step, data, grant=row.id)


async def send_back(step: Step, data: Request, wish: Return) -> Request:
    return await answered(step, data, missing=wish.missing)


async def refuse(step: Step, data: Request, wish: Refuse) -> Request:
    """By items of art. 22, chosen or found missing; kept with what the record shows (R22.6, R31.10)."""
    answer = await lawful(step, data, is_seen=True)
    lacking = refusing.refused_items(step.law, answer)
    items = wish.items or lacking
    reason = wish.reason or "；".join(one.reason.zh for one in all_of(answer))
    step.require(refusing.may_refuse(step.law, frozenset(items), is_written=bool(reason)))
    organ = await step.organisation(step.record.organisation)
    authority = authority_of(organ.body if organ else "", step.law.codes("asking_authority"))
    written = Refused(items=items, lacking=lacking, reason=reason, by=step.actor.name, asked_by=authority)
    return await answered(step, data, refused=written)


async def open_exemption(step: Step, data: Request, wish: Exemption) -> Request:
    """Another law prevails: it counts once a second custodian has confirmed it (R22.7)."""
    opened = OpenedExemption(**wish.model_dump(), opened_by=step.actor.id)
    return data.model_copy(update={"exemption": opened})


async def confirm_exemption(step: Step, data: Request, wish: Data) -> Request:
    consistent(data.exemption is not None, "no other law has been invoked")
    assert data.exemption is not None
    confirmed = data.exemption.model_copy(
        update={"confirmed_by": step.actor.id, "confirmed_at": step.now, "of_month": 0}
    )
    step.require(refusing.may_except(step.law, other_law(confirmed)))
    before = await exemptions_of_month(step.session, NAME, step.now)
    again = data.exemption.confirmed_by is not None
    of_month = data.exemption.of_month if again else before + 1
    return data.model_copy(update={"exemption": confirmed.model_copy(update={"of_month": of_month})})


async def answered(step: Step, data: Request, **more: object) -> Request:
    await step.meet(ANSWER)
    return data.model_copy(update={"answered": step.now, **more})


async def stop(step: Step, data: Request, wish: Reason) -> Request:
    """Revoked, or given back: nothing opens under it any more."""
    assert data.grant is not None  # only what was granted can be ended
    await grants.end(step.session, data.grant, step.now)
    return data.model_copy(update={"ended": wish.reason})


# --- officers by their number


def officer_at(data: Request, number: int) -> Officer:
    consistent(number <= len(data.officers), "the request has no officer of that number")
    return data.officers[number - 1]


def with_officer(data: Request, number: int, **more: object) -> Request:
    officers = list(data.officers)
    officers[number - 1] = officer_at(data, number).model_copy(update=more)
    return data.model_copy(update={"officers": tuple(officers)})
