"""States of a system: the path, jumps and the article that guards each, suspension, retirement."""

from dataclasses import replace
from itertools import pairwise

import pytest

from bingjian.rules.decision import Grant, UsageError
from bingjian.rules.decisions.lifecycle import PATH, State, System, may_become
from bingjian.rules.library import law
from tests.unit.rules.answers import articles, codes

VOLUNTARY = System(State.PLANNED, False, False, False, False, False)
GOVERNMENT = replace(VOLUNTARY, is_government_invested=True, is_article8=True)
CLASS_A = replace(VOLUNTARY, is_decree_class_a=True)
KEY_PLACE = replace(VOLUNTARY, is_article8=True)


def at(system: System, state: State, *, passed: bool = True, noticed: bool = True) -> System:
    return replace(system, state=state, has_passed_acceptance=passed, has_acknowledged_notice=noticed)


def test_R2_2_the_states_are_those_of_the_law() -> None:
    assert [state.value for state in PATH] == list(law().codes("life_state"))


@pytest.mark.parametrize(("here", "there"), list(pairwise(PATH)))
def test_R2_2_one_state_on_is_the_path(here: State, there: State) -> None:
    is_standing = PATH.index(here) >= PATH.index(State.BUILDING)
    assert isinstance(may_become(law(), at(GOVERNMENT, here, passed=is_standing), there), Grant)


@pytest.mark.parametrize(
    ("system", "refused"),
    [(GOVERNMENT, ["R16.3"]), (CLASS_A, ["N11"]), (KEY_PLACE, ["R16.3"]), (VOLUNTARY, [])],
)
def test_R2_2_planned_to_in_service_is_guarded_by_the_acceptance(system: System, refused: list[str]) -> None:
    answer = may_become(law(), system, State.IN_SERVICE)
    assert codes(answer) == refused
    if refused:
        assert articles(answer) & {"16", "N11"}


@pytest.mark.parametrize("here", [State.BUILDING, State.TRIAL])
def test_R2_2_a_passed_acceptance_does_not_replace_being_accepted(here: State) -> None:
    assert codes(may_become(law(), at(GOVERNMENT, here), State.IN_SERVICE)) == ["R16.3"]


@pytest.mark.parametrize(
    ("here", "there", "refused"),
    [
        (State.PLANNED, State.APPROVED, ["R12.1"]),
        (State.PLANNED, State.BUILDING, ["R12.1", "R12.1"]),
        (State.APPROVED, State.TRIAL, ["R12.1"]),
        (State.TRIAL, State.SUSPENDED, ["R2.2"]),
        (State.IN_SERVICE, State.PLANNED, ["R2.2"]),
        (State.IN_SERVICE, State.TRIAL, ["R2.2"]),
        (State.RETIRED, State.IN_SERVICE, ["R2.2"]),
        (State.RETIRED, State.RETIRED, ["R2.2"]),
        (State.BUILDING, State.BUILDING, ["R2.2"]),
    ],
)
def test_R2_2_an_illegal_jump_names_its_guard(here: State, there: State, refused: list[str]) -> None:
    is_standing = PATH.index(here) >= PATH.index(State.BUILDING)
    assert codes(may_become(law(), at(GOVERNMENT, here, passed=is_standing), there)) == refused


def test_R2_2_the_trial_is_not_left_out() -> None:
    assert codes(may_become(law(), at(GOVERNMENT, State.BUILDING), State.ACCEPTED)) == ["R16.5"]


def test_R2_2_without_a_passed_acceptance_nothing_is_accepted_or_resumed() -> None:
    for here, there in ((State.TRIAL, State.ACCEPTED), (State.SUSPENDED, State.IN_SERVICE)):
        assert codes(may_become(law(), at(GOVERNMENT, here, passed=False), there)) == ["R16.3"]
        assert codes(may_become(law(), at(CLASS_A, here, passed=False), there)) == ["N11"]
        assert isinstance(may_become(law(), at(VOLUNTARY, here, passed=False), there), Grant)


def test_R2_2_a_failed_trial_goes_back_to_building() -> None:
    assert isinstance(may_become(law(), at(GOVERNMENT, State.TRIAL, passed=False), State.BUILDING), Grant)


@pytest.mark.parametrize("here", [State.IN_SERVICE, State.SUSPENDED, State.ACCEPTED, State.BUILDING])
def test_R2_2_a_system_of_article_8_retires_only_with_its_notice(here: State) -> None:
    answer = may_become(law(), at(KEY_PLACE, here, noticed=False), State.RETIRED)
    assert codes(answer) == ["R19.1", "R19.5"]
    assert {"19¶1", "19¶2"} <= articles(answer)
    assert isinstance(may_become(law(), at(KEY_PLACE, here), State.RETIRED), Grant)
    assert isinstance(may_become(law(), at(CLASS_A, here, noticed=False), State.RETIRED), Grant)


def test_R2_2_what_was_never_built_is_given_up_freely() -> None:
    planned = at(KEY_PLACE, State.APPROVED, passed=False, noticed=False)
    assert isinstance(may_become(law(), planned, State.RETIRED), Grant)


def test_facts_that_contradict_themselves_are_no_question() -> None:
    with pytest.raises(UsageError):
        replace(GOVERNMENT, has_passed_acceptance=True)
