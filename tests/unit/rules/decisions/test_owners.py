"""Who answers where government need not build: agreement, owner, manager, user, operator (C11)."""

from dataclasses import replace

import pytest

from bingjian.rules.decision import Grant, UsageError, all_of
from bingjian.rules.decisions.building import Place
from bingjian.rules.decisions.owners import Agreement, Answerable, Holding, Standing, may_agree, responsible
from bingjian.rules.library import law
from tests.unit.rules.answers import codes, decree_alone

HOME = Place("residential_compound", is_public=True)
MALL = Place("commerce", is_public=True)
PRIVATE = Holding(owner="A", user="B", manager="", operator="", is_state_owned=False)
STATE = Holding(owner="国家", user="U", manager="M", operator="", is_state_owned=True)
SIGNED = Agreement("B", frozenset({"A", "B"}))
UNCLEAR = Answerable(Standing.UNCLEAR, "", "R23.2")


@pytest.mark.parametrize(
    ("signed_by", "missing"),
    [({"A"}, "body that uses the system"), ({"B"}, "owner"), (set(), "body that uses the system, owner")],
)
def test_R10_3_both_sign_the_agreement(signed_by: set[str], missing: str) -> None:
    one_sided = replace(PRIVATE, agreement=Agreement("B", frozenset(signed_by)))
    [refusal] = all_of(may_agree(law(), one_sided))
    assert (refusal.code, refusal.reason.en) == ("R10.3", f"the agreement is not signed by: {missing}")
    assert responsible(law(), HOME, one_sided) == (Answerable(Standing.OWNER, "A", "R10.3"),)


def test_R10_3_a_signed_agreement_decides() -> None:
    agreed = replace(PRIVATE, agreement=SIGNED)
    assert isinstance(may_agree(law(), agreed), Grant)
    assert responsible(law(), HOME, agreed) == (Answerable(Standing.AGREED, "B", "R10.3"),)


def test_R10_3_an_agreement_that_names_nobody_or_is_not_there_decides_nothing() -> None:
    assert codes(may_agree(law(), replace(PRIVATE, agreement=replace(SIGNED, body=" ")))) == ["R10.3"]
    assert codes(may_agree(law(), PRIVATE)) == ["R10.3", "R10.3"]
    nobody = Holding("", "", "", "", False, Agreement("B", frozenset({""})))
    assert codes(may_agree(law(), nobody)) == ["R10.3"]


@pytest.mark.parametrize(
    ("holding", "expected"),
    [
        (PRIVATE, Answerable(Standing.OWNER, "A", "R10.3")),
        (replace(PRIVATE, owner=""), UNCLEAR),
        (STATE, Answerable(Standing.MANAGER, "M", "R10.3")),
        (replace(STATE, manager=""), Answerable(Standing.USER, "U", "R10.3")),
        (replace(STATE, manager="", user=""), UNCLEAR),
    ],
)
def test_R10_3_without_agreement_owner_or_for_state_property_manager_or_user(
    holding: Holding, expected: Answerable
) -> None:
    assert responsible(law(), HOME, holding) == (expected,)


def test_R10_3_where_the_decree_names_the_operator_both_are_shown_C11() -> None:
    run_by = replace(PRIVATE, operator="O")
    operator = Answerable(Standing.OPERATOR, "O", "N7.2")
    assert responsible(law(), MALL, run_by) == (Answerable(Standing.OWNER, "A", "R10.3"), operator)
    assert responsible(decree_alone(), MALL, run_by) == (operator,)
    assert responsible(law(), MALL, PRIVATE)[1:] == (UNCLEAR,)


def test_R10_3_government_places_are_another_question() -> None:
    with pytest.raises(UsageError):
        responsible(law(), Place("trunk_road", is_public=True), PRIVATE)
