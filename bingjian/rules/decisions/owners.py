"""Who builds and maintains where government need not: owner, user, manager, operator (arts. 10¶2, N7).

By the measures owner and user agree, else the owner answers, of state property its manager or user; by the
decree the operator of the place does. Both are shown, and the operator answers under the decree (C11).
"""

from dataclasses import dataclass
from enum import StrEnum

from bingjian.rules.decision import Case, Grant, Refusal, consistent, decides, is_given, named
from bingjian.rules.decisions.building import OPERATORS, Place, is_government_built
from bingjian.rules.edition import Words
from bingjian.rules.law import Law


@dataclass(frozen=True, slots=True)
class Agreement:
    """Between owner and user, about who builds and maintains."""

    body: str  # who does
    signed_by: frozenset[str]


@dataclass(frozen=True, slots=True)
class Holding:
    """Whose a place is. Names; what is not known is empty."""

    owner: str
    user: str
    manager: str
    operator: str  # who runs the place (Decree 799 art. 7)
    is_state_owned: bool
    agreement: Agreement | None = None


@decides("R10.3")
def may_agree(law: Law, holding: Holding) -> Grant | Refusal:
    """Art. 10¶2: an agreement counts once owner and user have both signed, and it names who builds."""
    case, agreement = Case(law), holding.agreement
    parties = {"owner": holding.owner, "user_org": holding.user}
    signed = agreement.signed_by if agreement else frozenset[str]()
    missing = [role for role, name in parties.items() if not is_given(name) or name not in signed]
    names = named(law, "bound", missing)
    case.require(
        not missing,
        "R10.3",
        Words(f"约定没有{names.zh}的签字", f"the agreement is not signed by: {names.en}"),
        Words("请由双方签字；签字前由所有权人负责", "have both sign; until then the owner answers"),
    )
    case.require(
        agreement is not None and is_given(agreement.body),
        "R10.3",
        Words("约定没有写明建设和维护单位", "the agreement does not say who builds and maintains"),
        Words("请写明单位", "name the body"),
    )
    return case.answer()


class Standing(StrEnum):
    """By what somebody answers for a system."""

    AGREED = "agreed"
    OWNER = "owner"
    MANAGER = "manager"
    USER = "user"
    OPERATOR = "operator"
    UNCLEAR = "unclear"  # the government of the same level decides (R23.2)


@dataclass(frozen=True, slots=True)
class Answerable:
    """Who answers, and by which duty."""

    standing: Standing
    name: str
    code: str


@decides("R10.3")
def responsible(law: Law, place: Place, holding: Holding) -> tuple[Answerable, ...]:
    """Art. 10¶2: by agreement, else the owner, of state property its manager or user; and the operator (C11).

    Only for places that government need not build: see ``bearers``.
    """
    consistent(not is_government_built(law, place), "government builds there")
    found = [_by_city(law, holding)] if law.binds("R10.3") else []
    if place.kind in law.codes("decree_operator_place"):
        is_known = is_given(holding.operator)
        found.append(Answerable(Standing.OPERATOR, holding.operator, OPERATORS) if is_known else _unclear())
    return tuple(dict.fromkeys(found))


def _by_city(law: Law, holding: Holding) -> Answerable:
    if holding.agreement is not None and isinstance(may_agree(law, holding), Grant):
        return Answerable(Standing.AGREED, holding.agreement.body, "R10.3")
    names = {Standing.OWNER: holding.owner}
    if holding.is_state_owned:
        names = {Standing.MANAGER: holding.manager, Standing.USER: holding.user}
    known = ((standing, name) for standing, name in names.items() if is_given(name))
    return next((Answerable(standing, name, "R10.3") for standing, name in known), _unclear())


def _unclear() -> Answerable:
    return Answerable(Standing.UNCLEAR, "", "R23.2")
