"""Budget, papers for works, help that a department owes, pruning."""

from dataclasses import replace

import pytest

from bingjian.rules.decision import Grant, UsageError, all_of
from bingjian.rules.decisions.support import (
    Funding,
    Job,
    Occlusion,
    Paper,
    Request,
    answer_due,
    is_answered,
    is_clear,
    is_funded,
    is_level_mismatch,
    may_ask_for,
    may_begin,
    may_open_order,
    opens_order,
)
from bingjian.rules.library import holidays, law
from tests.unit.rules.answers import also_with, articles, codes, decree_alone
from tests.unit.rules.times import SECOND, beijing

FUNDED = Funding("government", "district", "district", "2026-建-1", "2026-运-1", "智慧城市")
ROAD = Paper("road_break", "city_management", "批 1")
PIPES = Paper("pipeline", "housing", "会签 1")
BOTH = frozenset({"road_break", "pipeline"})


def test_R5_1_a_government_system_has_both_items_and_its_programme() -> None:
    assert isinstance(is_funded(law(), FUNDED), Grant)


@pytest.mark.parametrize(
    ("lacking", "missing"),
    [
        ({"operation_item": ""}, "budget item for operation"),
        ({"build_item": " "}, "budget item for building"),
        ({"budget_level": ""}, "budget level"),
        ({"programme": ""}, "plan or programme"),
        ({"build_item": "", "operation_item": ""}, "budget item for building, budget item for operation"),
    ],
)
def test_R5_1_what_is_missing_is_named(lacking: dict[str, str], missing: str) -> None:
    answer = is_funded(law(), replace(FUNDED, **lacking))
    assert articles(answer) == {"5¶1"}
    [refusal] = all_of(answer)
    assert (refusal.code, refusal.reason.en) == ("R5.1", f"a government-invested system lacks: {missing}")


def test_R5_1_other_investment_needs_no_budget_and_unsaid_is_refused() -> None:
    assert isinstance(is_funded(law(), Funding("social", "", "", "", "", "")), Grant)
    assert codes(is_funded(law(), Funding("", "", "", "", "", ""))) == ["R5.1"]


def test_R5_1_a_budget_of_another_level_is_a_warning() -> None:
    city = replace(FUNDED, budget_level="city")
    assert is_level_mismatch(law(), city)
    assert isinstance(is_funded(law(), city), Grant)
    assert not is_level_mismatch(law(), FUNDED)
    assert not is_level_mismatch(law(), replace(city, investment="social"))


@pytest.mark.parametrize(
    ("papers", "count"),
    [
        ((ROAD, PIPES), 0),
        ((ROAD,), 1),
        ((PIPES,), 1),
        ((), 2),
        ((ROAD, replace(PIPES, body="city_management")), 1),
        ((ROAD, replace(PIPES, reference="")), 1),
        ((ROAD, replace(ROAD, works="pipeline")), 1),
    ],
)
def test_R5_5_each_kind_of_works_has_the_paper_of_the_right_body(
    papers: tuple[Paper, ...], count: int
) -> None:
    answer = may_begin(law(), Job(BOTH, papers))
    assert codes(answer) == ["R5.5"] * count
    assert count == 0 or articles(answer) == {"5¶4"}


def test_R5_5_a_job_without_works_begins_and_unknown_works_do_not() -> None:
    assert isinstance(may_begin(law(), Job(frozenset(), ())), Grant)
    blasting = Job(frozenset({"blasting"}), (Paper("blasting", "public_security", "批 2"),))
    assert codes(may_begin(law(), blasting)) == ["R5.5"]
    more = also_with(works="blasting", approver__blasting="public_security")
    assert isinstance(may_begin(more, blasting), Grant)
    assert codes(may_begin(more, replace(blasting, papers=()))) == ["R5.5"]


@pytest.mark.parametrize("help_wanted", ["power", "network", "garden", "pole_share"])
@pytest.mark.parametrize(
    ("answered", "refused"),
    [
        ("2026-03-06 23:59:59", []),
        ("2026-03-09 23:59:59", []),
        ("2026-03-10 00:00:00", ["R5.5"]),
    ],
)
def test_R5_5_a_department_answers_within_five_working_days(
    help_wanted: str, answered: str, refused: list[str]
) -> None:
    asked, at = beijing("2026-03-02 10:00:00"), beijing(answered)
    assert codes(is_answered(law(), Request(help_wanted, asked, at), holidays(), at)) == refused
    assert codes(is_answered(law(), Request(help_wanted, asked, None), holidays(), at)) == refused


def test_R5_5_the_departments_silence_never_stops_the_job() -> None:
    late = is_answered(
        law(), Request("pole_share", beijing("2026-03-02"), None), holidays(), beijing("2026-04-01")
    )
    [refusal] = all_of(late)
    assert refusal.reason.en.startswith("city management: help with sharing lamp poles was to be answered")
    assert isinstance(may_begin(law(), Job(BOTH, (ROAD, PIPES))), Grant)


def test_R5_5_help_nobody_owes_is_refused() -> None:
    asked = beijing("2026-03-02")
    assert codes(is_answered(law(), Request("lift", asked, asked), holidays(), asked)) == ["R5.5"]


@pytest.mark.parametrize(("hidden", "refused"), [(199, []), (200, ["R5.8"]), (201, ["R5.8"])])
def test_R5_8_plants_that_hide_the_set_share_are_pruned(hidden: int, refused: list[str]) -> None:
    view = Occlusion(hidden, 1000)
    assert codes(is_clear(law(), view)) == refused
    assert opens_order(law(), view, 0) is bool(refused)


def test_R5_8_one_order_while_one_is_open_and_again_while_still_hidden() -> None:
    hidden, clear = Occlusion(400, 1000), Occlusion(0, 1000)
    assert opens_order(law(), hidden, 0)
    assert not opens_order(law(), hidden, 1)
    assert opens_order(law(), hidden, 0)  # done, and still hidden: reopened
    assert not opens_order(law(), clear, 0)
    [refusal] = all_of(is_clear(law(), hidden))
    assert refusal.remedy.en == "have city management prune them"


def test_the_decree_alone_asks_for_none_of_this() -> None:
    asked = beijing("2026-03-02")
    assert isinstance(is_answered(decree_alone(), Request("power", asked, None), holidays(), asked), Grant)
    assert isinstance(is_clear(decree_alone(), Occlusion(1, 1)), Grant)


def test_facts_that_contradict_themselves_are_no_question() -> None:
    asked = beijing("2026-03-02")
    for ask in (
        lambda: Request("power", asked, asked - SECOND),
        lambda: Request("power", asked.replace(tzinfo=None), None),
        lambda: is_answered(law(), Request("power", asked, None), holidays(), asked - SECOND),
        lambda: Occlusion(2, 1),
        lambda: Occlusion(0, 0),
        lambda: opens_order(law(), Occlusion(0, 1), -1),
    ):
        with pytest.raises(UsageError):
            ask()


def test_R5_5_the_time_to_answer_ends_where_the_decision_says() -> None:
    asked = beijing("2026-01-01 12:00:00")
    due = answer_due(law(), asked, holidays())
    assert due is not None
    request = Request("power", asked, None)
    assert isinstance(is_answered(law(), request, holidays(), due - SECOND), Grant)
    assert codes(is_answered(law(), request, holidays(), due)) == ["R5.5"]
    assert answer_due(decree_alone(), asked, holidays()) is None


@pytest.mark.parametrize("help_", [*law().codes("help"), "coffee", ""])
def test_R5_5_help_is_asked_for_by_its_name(help_: str) -> None:
    assert codes(may_ask_for(law(), help_)) == ([] if help_ in law().codes("help") else ["R5.5"])


@pytest.mark.parametrize(
    ("hidden", "there", "refusals"), [(19, 0, 1), (20, 0, 0), (21, 0, 0), (20, 1, 1), (19, 1, 2)]
)
def test_R5_8_an_order_wants_a_hidden_view_and_no_other_order(hidden: int, there: int, refusals: int) -> None:
    assert codes(may_open_order(law(), Occlusion(hidden, 100), there)) == ["R5.8"] * refusals
