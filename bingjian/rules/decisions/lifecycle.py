"""The states of a system, planned to retired (art. 2), and which article guards each jump.

A system goes one state on at a time; it may go back from trial to building, be suspended and taken into
service again, and be retired. What is left out by a jump is refused by the article that asks for it.
"""

from dataclasses import dataclass
from enum import StrEnum

from bingjian.rules.decision import Case, Grant, Refusal, consistent, decides, named
from bingjian.rules.edition import Words
from bingjian.rules.law import Law

ORDER, TOGETHER, TRIAL = "R2.2", "R12.1", "R16.5"
ACCEPTANCE, CLASS_A_ACCEPTANCE = "R16.3", "N11"
PROTECTED, NOTICE = "R19.1", "R19.5"


class State(StrEnum):
    """Codes of ``life_state``, in order."""

    PLANNED = "planned"
    DESIGNED = "designed"
    APPROVED = "approved"
    BUILDING = "building"
    TRIAL = "trial"
    ACCEPTED = "accepted"
    IN_SERVICE = "in_service"
    SUSPENDED = "suspended"
    RETIRED = "retired"


PATH = tuple(State)
BEFORE_SERVICE = PATH[: PATH.index(State.ACCEPTED)]
STANDING = PATH[PATH.index(State.BUILDING) :]  # something is there that art. 19 protects
AGAIN = {(State.TRIAL, State.BUILDING), (State.SUSPENDED, State.IN_SERVICE)}
GUARDS = {State.DESIGNED: TOGETHER, State.APPROVED: TOGETHER, State.BUILDING: TOGETHER, State.TRIAL: TRIAL}


@dataclass(frozen=True, slots=True)
class System:
    """A system as far as its state goes. What is not known is False."""

    state: State
    is_government_invested: bool
    is_decree_class_a: bool  # lies in a place of Decree 799 art. 7
    is_article8: bool  # has a category of art. 8
    has_passed_acceptance: bool  # the last one, for this system, not revoked
    has_acknowledged_notice: bool  # of art. 19¶2

    def __post_init__(self) -> None:
        is_built = self.state in STANDING
        consistent(is_built or not self.has_passed_acceptance, "accepted before it was built")

    @property
    def needs_acceptance(self) -> bool:
        """Voluntary cameras need none (R16.3); every system of art. 8 does (requirements 5.12)."""
        return self.is_government_invested or self.is_decree_class_a or self.is_article8


@decides("R2.2")
def may_become(law: Law, system: System, target: State) -> Grant | Refusal:
    """Art. 2: whether a system may go to this state; the article that guards what is left out refuses."""
    case = Case(law)
    case.require(*_order(law, system, target))
    for skipped in _skipped(system, target):
        case.require(False, GUARDS[skipped], *_left_out(law, skipped))
    if target in (State.ACCEPTED, State.IN_SERVICE) and system.needs_acceptance:
        _accepted(case, system, target)
    if target is State.RETIRED and system.is_article8 and system.state in STANDING:
        _noticed(case, system)
    return case.answer()


def _order(law: Law, system: System, target: State) -> tuple[bool, str, Words, Words]:
    """Forward by one; or over states that others guard; back only where that is foreseen."""
    here = system.state
    is_on = target is not here and PATH.index(target) > PATH.index(here)
    is_too_early = target is State.SUSPENDED and here is not State.IN_SERVICE
    is_met = ((here, target) in AGAIN or is_on) and not is_too_early
    was, will = named(law, "life_state", [here]), named(law, "life_state", [target])
    reason = Words(
        f"系统不能由“{was.zh}”变为“{will.zh}”", f'a system goes not from "{was.en}" to "{will.en}"'
    )
    return (
        is_met,
        ORDER,
        reason,
        Words("请按顺序办理；退役的系统须重新立项", "keep to the order; a retired system is planned anew"),
    )


def _skipped(system: System, target: State) -> tuple[State, ...]:
    """The guarded states between here and there. Retiring or a voluntary camera leaves out nothing."""
    if target is State.RETIRED or (target is State.IN_SERVICE and not system.needs_acceptance):
        return ()
    between = PATH[PATH.index(system.state) + 1 : PATH.index(target)]
    # A jump into service is guarded by the acceptance alone: nobody accepts what was not designed and built.
    return () if target is State.IN_SERVICE else tuple(state for state in between if state in GUARDS)


def _left_out(law: Law, state: State) -> tuple[Words, Words]:
    name = named(law, "life_state", [state])
    return (
        Words(f"尚未经过“{name.zh}”", f'"{name.en}" was left out'),
        Words(f"请先办理“{name.zh}”", f'bring it to "{name.en}" first'),
    )


def _accepted(case: Case, system: System, target: State) -> None:
    """Art. 16 where government invested, else Decree 799 art. 11 in its places, else art. 16 (5.12)."""
    is_jump = target is State.IN_SERVICE and system.state in BEFORE_SERVICE
    is_decree = system.is_decree_class_a and not system.is_government_invested
    code = CLASS_A_ACCEPTANCE if is_decree else ACCEPTANCE
    case.require(
        system.has_passed_acceptance and not is_jump,
        code,
        Words("系统尚未验收合格", "the system has not been accepted"),
        Words("请组织验收，合格后投入使用", "have it accepted, then put it into service"),
    )


def _noticed(case: Case, system: System) -> None:
    """Art. 19: neither moved nor removed at will, and not without its notice."""
    for code in (PROTECTED, NOTICE):
        case.require(
            system.has_acknowledged_notice,
            code,
            Words(
                "第八条规定的系统没有经管理单位签收的拆除报备",
                "no removal notice that the managing unit acknowledged",
            ),
            Words(
                "请先向管理单位报备，附复建或者替代方案",
                "give notice to the managing unit, with a rebuild or replacement plan",
            ),
        )
