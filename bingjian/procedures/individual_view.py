"""An individual's consultation (Decree 799 art. 21, N21): asked for and decided at the counter, to look only.

The person has no account: a custodian writes the request, decides it, and would show the pictures. Others
have to be made unrecognisable, which no rendition does yet; so what is granted is refused when it is to be
shown.
"""

from bingjian.access import grants
from bingjian.access.decisions import Role
from bingjian.db.areas import is_within
from bingjian.procedures.access_request_data import Cameras, Reason, Second
from bingjian.procedures.access_request_facts import division_of
from bingjian.procedures.fields import When
from bingjian.procedures.kinds import Code, Data, Kind, Lapse, Line, Move, Opening, Text, said
from bingjian.procedures.step import Step
from bingjian.rules.civil import TICK
from bingjian.rules.decision import Grant, Refusal, consistent
from bingjian.rules.decisions.individuals import IndividualView, may_view_individually
from bingjian.rules.decisions.serving import AccessGrant
from bingjian.rules.edition import Words

VIEW, PURPOSE = "view", "individual_protection"  # codes of ``access_verb``, ``access_purpose``


class Wanted(Data):
    name: Line = said("查阅人", "Who asks", default="")
    identity_proof: Line = said("身份证明编号", "Number of the proof of identity", default="")
    relation: Code | None = said("与当事人的关系", "Relation to the person", of="relation", default=None)
    relation_proof: Line = said("关系证明", "Proof of the relation", default="")
    interest: Code | None = said(
        "保护的利益", "Interest to be protected", of="protected_interest", default=None
    )
    has_promised_silence: bool = said("承诺不非法提供、传播", "Promised not to pass it on", default=False)
    wants_file: bool = said("要求复制", "Wants a copy", default=False)
    cameras: Cameras = said("摄像机（逐一列出）", "Cameras, one by one", min_length=1)
    begin: Second = said("录像开始时间", "Footage from")
    end: Second = said("录像结束时间", "Footage until")


class IndividualRequest(Wanted):
    consent_by: Line = said("同意人", "Consent by", default="")
    grant: Line = said("授权编号", "Grant", default="")
    ended: Text = said("理由", "Reason", default="")


class IndividualOpening(Opening, Wanted):
    pass


class Consent(Data):
    expires: When = said("授权截止时间", "The grant ends at")


async def begin(step: Step, wish: IndividualOpening) -> IndividualRequest:
    consistent(wish.begin < wish.end, "the interval ends before it begins")
    division = await division_of(step.session, wish.cameras)
    consistent(is_within(division, step.actor.areas), "cameras of several districts need several requests")
    step.record.division = division
    return IndividualRequest(**wish.model_dump(include=set(Wanted.model_fields)))


async def lawful(step: Step, data: IndividualRequest) -> Grant | Refusal:
    """Everything that is missing; the deciding custodian consents for the unit, and shows it masked."""
    return may_view_individually(step.law, asked(data, str(step.actor.id)))


def asked(data: IndividualRequest, consent_by: str) -> IndividualView:
    return IndividualView(
        identity_proof=data.identity_proof,
        relation=data.relation or "",
        relation_proof=data.relation_proof,
        interest=data.interest or "",
        consent_by=consent_by,
        has_promised_silence=data.has_promised_silence,
        are_others_masked=True,
        is_file=data.wants_file,
    )


async def consent(step: Step, data: IndividualRequest, wish: Consent) -> IndividualRequest:
    consistent(step.now < wish.expires, "the grant would have ended already")
    given = AccessGrant(
        purpose=PURPOSE,
        verbs=frozenset({VIEW}),
        cameras=frozenset(map(str, data.cameras)),
        begin=data.begin,
        end=data.end,
        officers=frozenset({str(step.actor.id)}),
        expires=wish.expires,
    )
    counter = step.acting.name if step.acting is not None else step.actor.name
    individual = asked(data, str(step.actor.id))
    decided = grants.Decided(step.record.id, step.record.number, given, counter, individual)
    row = grants.give(step.session, decided, step.now)
    step.record.ends_at = given.expires + TICK
    return data.model_copy(update={"consent_by": step.actor.name, "grant": str(row.id)})


async def refuse(step: Step, data: IndividualRequest, wish: Reason) -> IndividualRequest:
    return data.model_copy(update={"ended": wish.reason})


CUSTODIANS, ASKED = frozenset({Role.CUSTODIAN}), ("asked",)
INDIVIDUAL_VIEW = Kind(
    name="individual_view",
    path="individual-views",
    words=Words("个人查阅申请", "individual's consultation"),
    order="N21",
    prefix="GR",
    data=IndividualRequest,
    states={
        "asked": Words("待决定", "to be decided"),
        "granted": Words("已同意", "granted"),
        "refused": Words("未同意", "refused"),
        "ended": Words("授权已终止", "the grant has ended"),
    },
    lapse=Lapse("granted", "ended"),
    opening=IndividualOpening,
    openers=CUSTODIANS,
    readers=CUSTODIANS | {Role.AUDITOR},
    open=begin,
    silent=True,
    moves=(
        Move(
            "consent", Words("同意", "consent"), ("asked",), "granted", CUSTODIANS, consent, Consent, lawful
        ),
        Move("refuse", Words("不同意", "refuse"), ("asked",), "refused", CUSTODIANS, refuse, Reason),
    ),
)
