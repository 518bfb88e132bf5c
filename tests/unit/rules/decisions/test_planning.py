"""The plan: nine opinions and a standard, the city government's approval, reuse before building."""

from dataclasses import replace

import pytest

from bingjian.rules.decision import Grant, UsageError, all_of
from bingjian.rules.decisions.planning import (
    Draft,
    Item,
    Plan,
    Reuse,
    is_possible_duplicate,
    is_reuse_answered,
    may_start,
    may_submit,
)
from bingjian.rules.library import law
from tests.unit.rules.answers import also_with, articles, codes, decree_alone

NINE = dict.fromkeys(law().codes("plan_department"), "意见 1 号")
DRAFT = Draft("city_data_authority", NINE, ("GB/T 28181-2022",))
ITEM = Item(frozenset({"c1", "c2", "c3"}), {}, 100, 0)
YES, NO = Reuse(True, "覆盖入口"), Reuse(False, "分辨率不足")


def test_R7_1_nine_departments_are_the_laws_number() -> None:
    assert len(NINE) == law().number("plan.departments")
    assert set(NINE) <= set(law().codes("department"))


def test_R7_1_nine_opinions_or_ten_are_accepted() -> None:
    assert isinstance(may_submit(law(), DRAFT), Grant)
    assert isinstance(may_submit(law(), replace(DRAFT, opinions=NINE | {"education": "意见 2 号"})), Grant)


@pytest.mark.parametrize("missing", tuple(NINE))
def test_R7_1_the_ninth_that_is_missing_is_named(missing: str) -> None:
    eight = {body: reference for body, reference in NINE.items() if body != missing}
    for opinions in (eight, NINE | {missing: " "}, eight | {"education": "意见 2 号"}):
        answer = may_submit(law(), replace(DRAFT, opinions=opinions))
        assert articles(answer) == {"7¶1"}
        [refusal] = all_of(answer)
        assert refusal.code == "R7.1"
        assert law().words("plan_department", missing).en in refusal.reason.en


def test_R7_1_a_tenth_of_another_edition_is_asked_without_code() -> None:
    more = also_with(plan_department="education")
    assert codes(may_submit(more, DRAFT)) == ["R7.1"]
    assert isinstance(may_submit(more, replace(DRAFT, opinions=NINE | {"education": "1"})), Grant)


def test_R7_1_the_data_authority_submits_with_a_standard() -> None:
    assert codes(may_submit(law(), replace(DRAFT, submitted_by="housing"))) == ["R7.1"]
    assert codes(may_submit(law(), replace(DRAFT, standards=()))) == ["R7.1"]
    assert codes(may_submit(law(), replace(DRAFT, standards=(" ",)))) == ["R7.1"]
    assert isinstance(may_submit(law(), replace(DRAFT, standards=("a", "b"))), Grant)
    assert codes(may_submit(law(), Draft("", {}, ()))) == ["R7.1"] * 3


@pytest.mark.parametrize(
    ("plan", "refused"),
    [
        (Plan("", ""), ["R7.2"]),
        (Plan("district_government", "批复 2 号"), ["R7.2"]),
        (Plan("city_data_authority", "批复 2 号"), ["R7.2"]),
        (Plan("city_government", ""), ["R7.2"]),
        (Plan("city_government", "批复 1 号"), []),
    ],
)
def test_R7_2_a_project_starts_once_the_city_government_has_approved(plan: Plan, refused: list[str]) -> None:
    assert codes(may_start(law(), plan)) == refused


@pytest.mark.parametrize(
    ("answers", "missing"),
    [
        ({"c1": YES, "c2": NO}, "c3"),
        ({"c1": YES, "c2": NO, "c3": Reuse(False, " ")}, "c3"),
        ({}, "c1, c2, c3"),
    ],
)
def test_R7_4_each_camera_that_is_there_is_answered(answers: dict[str, Reuse], missing: str) -> None:
    [refusal] = all_of(is_reuse_answered(law(), replace(ITEM, answers=answers)))
    assert (refusal.code, str(refusal.article)) == ("R7.4", "7¶2")
    assert refusal.reason.en == f"3 cameras cover the area; not answered: {missing}"


def test_R7_4_three_of_three_are_accepted() -> None:
    answered = replace(ITEM, answers={"c1": YES, "c2": NO, "c3": YES})
    assert isinstance(is_reuse_answered(law(), answered), Grant)
    assert isinstance(is_reuse_answered(law(), Item(frozenset(), {}, 1, 0)), Grant)


@pytest.mark.parametrize(("overlapping", "is_flagged"), [(799, False), (800, True), (801, True)])
def test_R7_4_much_overlap_is_flagged(overlapping: int, is_flagged: bool) -> None:
    assert is_possible_duplicate(law(), Item(frozenset(), {}, 1000, overlapping)) is is_flagged


def test_the_decree_alone_asks_for_none_of_this() -> None:
    assert isinstance(may_submit(decree_alone(), Draft("", {}, ())), Grant)
    assert not is_possible_duplicate(decree_alone(), Item(frozenset(), {}, 1, 1))


def test_facts_that_contradict_themselves_are_no_question() -> None:
    for ask in (
        lambda: replace(ITEM, overlapping=101),
        lambda: replace(ITEM, overlapping=-1),
        lambda: replace(ITEM, cells=0),
        lambda: replace(ITEM, answers={"c9": YES}),
    ):
        with pytest.raises(UsageError):
            ask()
