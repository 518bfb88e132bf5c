"""Individuals who look at footage about themselves or those in their care (Decree 799 art. 21; C7).

The city's measures know state organs alone. This is a way of its own, at the counter: to consult, no copy.
"""

from dataclasses import dataclass

from bingjian.rules.decision import Case, Grant, Refusal, absent, decides, is_given
from bingjian.rules.edition import Words
from bingjian.rules.law import Law


@dataclass(frozen=True, slots=True)
class IndividualView:
    """What somebody without an account asks for."""

    identity_proof: str  # number of the proof that was shown
    relation: str  # code of ``relation``: to the person the footage is about
    relation_proof: str
    interest: str  # code of ``protected_interest``
    consent_by: str  # who consents for the management unit, by id
    has_promised_silence: bool  # not to provide or spread it unlawfully
    are_others_masked: bool
    is_file: bool  # a copy is wanted


@decides("N21")
def may_view_individually(law: Law, asked: IndividualView) -> Grant | Refusal:
    """Decree 799 art. 21: may this person consult this footage; everything missing is named."""
    case = Case(law)
    _require_standing(case, asked)
    _require_care(case, asked)
    case.require(
        not asked.is_file,
        "N21",
        Words("个人查阅不提供复制件", "an individual may consult; no copy is given"),
        Words("需要复制的，请向公安机关报案后由其调取", "report it to the police, who can retrieve it"),
    )
    return case.answer()


def _require_standing(case: Case, asked: IndividualView) -> None:
    """Who they are, whom it concerns, and what for."""
    law = case.law
    is_proved = is_given(asked.relation_proof) or asked.relation in law.codes("relation_by_identity")
    lacking = absent(
        ("身份证明", "proof of identity", asked.identity_proof),
        ("与当事人的关系", "relation to the person concerned", asked.relation in law.codes("relation")),
        ("关系证明", "proof of the relation", is_proved),
        ("保护的利益", "interest to be protected", asked.interest in law.codes("protected_interest")),
        ("管理单位同意", "consent of the management unit", asked.consent_by),
    )
    case.require(
        not lacking.zh,
        "N21",
        Words(f"缺少：{lacking.zh}", f"missing: {lacking.en}"),
        Words("请补齐后到服务窗口办理", "bring it to the counter"),
    )


def _require_care(case: Case, asked: IndividualView) -> None:
    lacking = absent(
        ("不得非法提供、传播的承诺", "promise not to pass it on", asked.has_promised_silence),
        ("他人面部遮挡", "others made unrecognisable", asked.are_others_masked),
    )
    case.require(
        not lacking.zh,
        "N21",
        Words(f"缺少：{lacking.zh}", f"missing: {lacking.en}"),
        Words("请签署承诺，并遮挡无关人员", "have the promise signed, and mask everybody else"),
    )
