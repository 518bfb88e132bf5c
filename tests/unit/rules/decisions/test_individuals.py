"""A person who wants to see footage about themselves or those in their care."""

from dataclasses import replace

import pytest

from bingjian.rules.decision import Grant, Refusal, all_of
from bingjian.rules.decisions.individuals import IndividualView, may_view_individually
from bingjian.rules.library import law


def view(relation: str = "close_relative", **changes: object) -> IndividualView:
    made = IndividualView("id 7", relation, "register 3", "life_health", "c1", True, True, False)
    return replace(made, **changes)  # type: ignore[arg-type]


def answer(asked: IndividualView) -> list[str]:
    return [refusal.code for refusal in all_of(may_view_individually(law(), asked))]


@pytest.mark.parametrize("relation", ["self", "close_relative", "guardian", "carer", "keeper"])
@pytest.mark.parametrize("interest", ["life_health", "property"])
def test_N21_those_whom_it_concerns_may_consult(relation: str, interest: str) -> None:
    assert isinstance(may_view_individually(law(), view(relation, interest=interest)), Grant)


def test_N21_a_relation_is_proved_and_that_to_oneself_by_the_identity() -> None:
    assert answer(view("guardian", relation_proof=" ")) == ["N21"]
    assert answer(view("self", relation_proof="")) == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"identity_proof": ""}, "proof of identity"),
        ({"interest": "curiosity"}, "interest to be protected"),
        ({"consent_by": " "}, "consent of the management unit"),
        ({"has_promised_silence": False}, "promise not to pass it on"),
        ({"are_others_masked": False}, "others made unrecognisable"),
        ({"is_file": True}, "no copy is given"),
    ],
)
def test_N21_each_thing_that_is_missing_is_named(changes: dict[str, object], told: str) -> None:
    refused = may_view_individually(law(), view(**changes))
    assert isinstance(refused, Refusal)
    assert (refused.code, told in refused.reason.en) == ("N21", True)


def test_N21_neighbours_and_employers_have_no_relation() -> None:
    assert answer(view("neighbour")) == ["N21"]
    nothing = IndividualView("", "", "", "", "", False, False, True)
    assert answer(nothing) == ["N21"] * 3
