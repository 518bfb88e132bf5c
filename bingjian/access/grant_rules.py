"""What the rules say of a look under a grant: its own law, the register's, secrecy, and an individual's.

Art. 22 decides for officers, art. 20 for what was shared with a department.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from bingjian.access.decisions import Actor
from bingjian.rules.civil import TICK
from bingjian.rules.decision import Case, Grant, Refusal, is_given
from bingjian.rules.decisions import register, serving
from bingjian.rules.decisions.individuals import IndividualView, may_view_individually
from bingjian.rules.decisions.protection import SEE_BASE_INFO, may_forward, may_show, may_use
from bingjian.rules.decisions.secrecy import Parcel, may_leave
from bingjian.rules.decisions.sharing import SharedUse, may_know_share, may_use_share
from bingjian.rules.law import Law
from bingjian.rules.spans import Span

if TYPE_CHECKING:
    from bingjian.access.grants import GrantRow, Look, Permitted

SHARING, FORWARDING = "share", "forward"  # codes of ``way_out``
BASE_INFO = "base_info"  # code of ``share_kind``


@dataclass(frozen=True, slots=True)
class Question:
    """A look, and all that the rules have to know of it."""

    row: "GrantRow"
    actor: Actor
    users: frozenset[str]  # persons in whose name it is done, by id
    look: "Look"
    seen: "Permitted"
    times: int  # how often this was done before
    level: str  # of the camera, code of ``secrecy``; empty: not known
    now: datetime


def answer_to(law: Law, asked: Question) -> Grant | Refusal:
    """Everything that refuses: the grant's own law, the register's, secrecy, and an individual's."""
    row, look, case = asked.row, asked.look, Case(law)
    case.join(shared(law, asked) if row.is_share else served(law, asked))
    case.join(register.may_enter(law, registered(asked.actor, look, asked.seen, asked.now)))
    if row.is_share:
        case.join(leaves(law, row, look.camera, asked.level))
    elif look.is_forward:
        case.join(forwarded(law, asked))
    if row.individual_json:
        individual = IndividualView(**json.loads(row.individual_json))
        are_masked = bool(asked.seen.masks) and not look.unmask  # drawn by whoever consented
        told = replace(individual, are_others_masked=are_masked, is_file=look.is_file)
        case.join(may_view_individually(law, told))
    return case.answer()


def scope_answer(law: Law, row: "GrantRow", camera: UUID) -> Grant | Refusal:
    """Whether the grant names the camera: asked before anything that would tell if there is one."""
    if row.is_share:
        return may_know_share(law, row.as_shared(), str(camera))
    return serving.may_know(law, row.as_granted(), str(camera))


def served(law: Law, asked: Question) -> Grant | Refusal:
    """By art. 22."""
    look, seen, persons = asked.look, asked.seen, asked.users
    cameras = frozenset({str(seen.camera)})
    use = serving.Use(
        verb=look.verb,
        purpose=seen.purpose,
        cameras=cameras,
        persons=persons,
        begin=seen.begin,
        end=seen.end,
        is_file=look.is_file,
        marked=persons,  # the answer carries the mark, and the page draws it over the pictures
        times_before=0 if look.is_forward else asked.times,  # what was copied once may go to several
    )
    # Written by the same transaction before anything is opened; if it cannot be, nothing is.
    entry = serving.Entry(asked.now, persons | {str(asked.actor.id)}, cameras, seen.purpose, seen.destination)
    return serving.may_serve(law, asked.row.as_granted(), use, entry, asked.now)


def shared(law: Law, asked: Question) -> Grant | Refusal:
    """By art. 20."""
    look, seen = asked.look, asked.seen
    start = None if look.is_live else seen.begin
    use = SharedUse(seen.purpose, str(seen.camera), look.kind, start, look.is_file)
    return may_use_share(law, asked.row.as_shared(), use, asked.now)


def leaves(law: Law, row: "GrantRow", camera: UUID, level: str) -> Grant | Refusal:
    """By arts. 6, 27¶2: a share goes to its department, which it names."""
    holder = frozenset({str(row.holder)})
    return may_leave(law, Parcel({str(camera): level}, SHARING, holder, holder))


def forwarded(law: Law, asked: Question) -> Grant | Refusal:
    """By arts. 6, 27: by the right to forward, to a recipient in the register; secrets as the law has it."""
    row, look, case = asked.row, asked.look, Case(law)
    # The new destination is the entry that the same transaction writes before anything is opened.
    entered = frozenset({look.recipient} if is_given(look.destination) else ())
    case.join(may_forward(law, row.held, look.recipient, entered))
    to = frozenset({look.recipient})
    case.join(may_leave(law, Parcel({str(look.camera): asked.level}, FORWARDING, to, row.recipients)))
    return case.answer()


def base_answer(law: Law, row: "GrantRow", camera: UUID, level: str, now: datetime) -> Grant | Refusal:
    """Whether base information of a camera may be seen under this grant (arts. 20, 27¶1)."""
    case = Case(law)
    case.join(may_use(law, row.held, SEE_BASE_INFO))
    case.join(may_show(law, law.codes("base_info"), row.held))
    if row.is_share:
        use = SharedUse(row.purpose, str(camera), BASE_INFO)
        case.join(may_use_share(law, row.as_shared(), use, now))
        case.join(leaves(law, row, camera, level))
    return case.answer()


def registered(actor: Actor, look: "Look", seen: "Permitted", now: datetime) -> register.Entry:
    """The register's entry of a look, as the rules judge whether it is whole.

    A file's hash is known when a package has been made of it; the entry comes before its first byte.
    """
    return register.Entry(
        persons=(actor.name,),
        time=Span(now, max(seen.expires, now) + TICK),
        purpose=seen.purpose,
        destination=seen.destination,
        unit=str(actor.organisation or ""),
        content=look.verb,
        cameras=(str(seen.camera),),
        interval=Span(seen.begin, seen.end),
        package_hash="",
        hands_over=False,
    )
