"""Running safely, and those who work inside or on behalf (Decree 799 arts. 15, 16¶2, 19).

Systems outside art. 7 of the decree (its art. 9) are free of arts. 15 and 16¶2, not of art. 19.
"""

from dataclasses import dataclass
from datetime import datetime

from bingjian.rules.civil import CHINA
from bingjian.rules.decision import (
    Case,
    Grant,
    Refusal,
    absent,
    aware,
    consistent,
    decides,
    enumerated,
    is_given,
    named,
)
from bingjian.rules.edition import Words
from bingjian.rules.law import Law


@dataclass(frozen=True, slots=True)
class Operation:
    """How a system is run."""

    is_decree_class_a: bool  # lies in a place of Decree 799 art. 7
    protections: frozenset[str]  # codes of ``protection`` that are in place
    is_maintained: bool  # regularly
    is_original_and_whole: bool | None  # as the last verification found; None: not verified
    is_entrusted: bool
    agreement: str = ""  # number of the security and secrecy agreement
    supervised: datetime | None = None  # when the entrusted body was last looked at

    def __post_init__(self) -> None:
        aware(supervised=self.supervised)
        is_alone = not is_given(self.agreement) and self.supervised is None
        consistent(self.is_entrusted or is_alone, "nobody is entrusted, yet there is an agreement")


@decides("N15")
def is_run_safely(law: Law, run: Operation) -> Grant | Refusal:
    """Decree 799 art. 15: every protection, maintenance, whole originals; entrusted under an agreement."""
    wanted = law.codes("protection") if run.is_decree_class_a else {}
    open_ones = named(law, "protection", set(wanted) - run.protections)
    lacking = absent(
        ("定期维护", "regular maintenance", run.is_maintained),
        ("经核验的原始完整", "verified original and whole", run.is_original_and_whole),
        ("安全保密协议", "security and secrecy agreement", run.agreement or not run.is_entrusted),
        ("对受托方的监督", "supervision of the entrusted body", run.supervised or not run.is_entrusted),
    )
    told = enumerated(words for words in (open_ones, lacking) if words.zh)
    case = Case(law)
    case.require(
        not run.is_decree_class_a or not told.zh,
        "N15",
        Words(f"缺少：{told.zh}", f"lacking: {told.en}"),
        Words("请逐项落实", "put each of them in place"),
    )
    return case.answer()


@decides("N15")
def may_entrust(
    law: Law, agreement: str, signed_by: frozenset[str], parties: frozenset[str]
) -> Grant | Refusal:
    """Decree 799 art. 15: nothing is entrusted before both sides signed a security and secrecy agreement.

    Args:
        agreement: which document it is; empty: none.
    """
    case = Case(law)
    case.require(
        is_given(agreement),
        "N15",
        Words("没有安全保密协议", "there is no security and secrecy agreement"),
        Words("请先签订安全保密协议", "sign the agreement first"),
    )
    case.require(
        not is_given(agreement) or parties <= signed_by,
        "N15",
        Words("安全保密协议未经双方签署", "the security and secrecy agreement is not signed by both sides"),
        Words("请由委托方和受托方分别签署", "have both sides sign it"),
    )
    return case.answer()


# --- those who work inside

# Which training of the measures (art. 25(2)) the decree's safeguards of a key post ask for as well.
TAUGHT_BY = {"secrecy_education": "secrecy", "post_training": "job_skills"}


def safeguards_of(kinds: frozenset[str]) -> frozenset[str]:
    """The codes of ``post_safeguard`` that somebody has.

    Args:
        kinds: codes of ``training`` and ``post_safeguard`` that this person has passed.
    """
    taught = {safeguard for safeguard, training in TAUGHT_BY.items() if training in kinds}
    return frozenset(taught | kinds)


@decides("N16")
def may_take_post(law: Law, is_decree_class_a: bool, done: frozenset[str]) -> Grant | Refusal:
    """Decree 799 art. 16¶2(1): a key post takes vetting, secrecy education and training.

    Args:
        done: codes of ``post_safeguard`` that this person has.
    """
    lacking = named(law, "post_safeguard", set(law.codes("post_safeguard")) - done)
    case = Case(law)
    case.require(
        not is_decree_class_a or not lacking.zh,
        "N16",
        Words(f"重要岗位人员缺少：{lacking.zh}", f"for a key post there is no: {lacking.en}"),
        Words("请完成后再上岗", "complete them first"),
    )
    return case.answer()


@decides("N16")
def is_registered_call(law: Law, is_decree_class_a: bool, given: frozenset[str]) -> Grant | Refusal:
    """Decree 799 art. 16¶2(3): reason, content, the caller's unit and name are registered.

    Args:
        given: codes of ``call_field`` that the entry fills in.
    """
    lacking = named(law, "call_field", set(law.codes("call_field")) - given)
    case = Case(law)
    case.require(
        not is_decree_class_a or not lacking.zh,
        "N16",
        Words(f"调用登记缺少：{lacking.zh}", f"the register of calls lacks: {lacking.en}"),
        Words("请如实补登", "fill it in truthfully"),
    )
    return case.answer()


# --- those who work on behalf


@dataclass(frozen=True, slots=True)
class Entrusted:
    """A contractor: a unit and somebody of it, for one contract."""

    begin: datetime
    until: datetime  # its last instant
    scope: frozenset[str]  # kinds of work
    has_promised_secrecy: bool

    def __post_init__(self) -> None:
        aware(begin=self.begin, until=self.until)
        consistent(self.begin <= self.until, "the contract ends before it begins")


@decides("N19")
def may_contractor(
    law: Law, by: Entrusted, work: str, does: frozenset[str], now: datetime
) -> Grant | Refusal:
    """Decree 799 art. 19: inside the contract, and nothing that is forbidden to contractors.

    Args:
        work: the kind of work it belongs to.
        does: codes of ``contractor_ban`` that the act would amount to.
    """
    aware(now=now)
    case = Case(law)
    begin, until = (f"{one.astimezone(CHINA):%Y-%m-%d %H:%M:%S}" for one in (by.begin, by.until))
    case.require(
        by.begin <= now <= by.until,
        "N19",
        Words(f"合同期为北京时间 {begin} 至 {until}", f"the contract runs from {begin} to {until} (+08:00)"),
        Words("请续签合同", "renew the contract"),
    )
    case.require(
        is_given(work) and work in by.scope and by.has_promised_secrecy,
        "N19",
        Words("不属于受托工作，或者没有保密承诺", "not in the contract's scope, or no promise of secrecy"),
        Words("请限于受托工作并签署保密承诺", "keep to the contract and have secrecy promised"),
    )
    _require_none(case, does)
    return case.answer()


def _require_none(case: Case, does: frozenset[str]) -> None:
    told = named(case.law, "contractor_ban", does)
    case.require(
        not does,
        "N19",
        Words(f"受托方不得：{told.zh}", f"forbidden to contractors: {told.en}"),
        Words("请由管理单位办理", "have the management unit do it"),
    )
