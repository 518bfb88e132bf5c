"""The workgroup's office and its orders, departments within their function, police in their territory."""

from dataclasses import replace
from datetime import datetime

import pytest

from bingjian.rules.decision import Grant, UsageError
from bingjian.rules.decisions.offices import (
    Order,
    Police,
    are_departments_there,
    has_jurisdiction,
    is_obeyed,
    may_appoint,
    may_decide,
    may_office_view,
    may_order,
)
from bingjian.rules.library import law
from tests.unit.rules.answers import also_with, articles, codes
from tests.unit.rules.times import SECOND, beijing

DUE = beijing("2026-03-10 18:00:00")
ORDER = Order("workgroup_office", "补装标识", beijing("2026-03-01"), DUE, None)
DEPARTMENTS = {code: known[0].words for code, known in law().codes("department").items()}


def test_R5_2_the_office_belongs_to_the_holder_of_the_data_authority() -> None:
    assert isinstance(may_appoint(law(), "city_data_authority", ()), Grant)
    assert isinstance(may_appoint(law(), "workgroup_office", ["city_data_authority"]), Grant)
    for held in ((), ["housing"], ["workgroup_office"]):
        answer = may_appoint(law(), "workgroup_office", held)
        assert codes(answer) == ["R5.2"]
        assert articles(answer) == {"5¶2"}
    assert codes(may_appoint(law(), "mayor", ["city_data_authority"])) == ["R5.2"]


@pytest.mark.parametrize("theme", ["building", "networking", "sharing", "use", "maintenance"])
def test_R5_2_the_office_orders_within_its_five_themes(theme: str) -> None:
    assert isinstance(may_order(law(), ORDER, theme), Grant)


def test_R5_2_nobody_else_orders_nor_without_text_nor_outside_the_themes() -> None:
    assert codes(may_order(law(), replace(ORDER, issued_by="housing"), "use")) == ["R5.2"]
    assert codes(may_order(law(), replace(ORDER, text=" "), "use")) == ["R5.2"]
    assert codes(may_order(law(), ORDER, "taxes")) == ["R5.2"]
    assert isinstance(may_order(also_with(theme="taxes"), ORDER, "taxes"), Grant)


@pytest.mark.parametrize(("at", "refused"), [(DUE - SECOND, []), (DUE, []), (DUE + SECOND, ["R5.2"])])
def test_R5_2_an_order_is_overdue_a_second_after_its_time(at: datetime, refused: list[str]) -> None:
    assert codes(is_obeyed(law(), ORDER, at)) == refused
    assert codes(is_obeyed(law(), replace(ORDER, done=at), at + SECOND)) == refused


def test_R5_2_to_supervise_is_not_to_view_footage() -> None:
    answer = may_office_view(law(), has_grant=False)
    assert {article[:2] for article in articles(answer)} >= {"21"}
    assert isinstance(may_office_view(law(), has_grant=True), Grant)


def test_R5_4_the_fifteen_are_there_and_a_sixteenth_may_be() -> None:
    assert len(DEPARTMENTS) == 15
    assert isinstance(are_departments_there(law(), DEPARTMENTS), Grant)
    assert isinstance(are_departments_there(law(), [*DEPARTMENTS, "sixteenth"]), Grant)
    assert codes(are_departments_there(also_with(department="sixteenth"), DEPARTMENTS)) == ["R5.4"]


@pytest.mark.parametrize("missing", tuple(DEPARTMENTS))
def test_R5_4_a_missing_department_is_named(missing: str) -> None:
    answer = are_departments_there(law(), [code for code in DEPARTMENTS if code != missing])
    assert codes(answer) == ["R5.4"]
    assert not isinstance(answer, Grant)
    assert answer.reason.en == f"missing departments: {DEPARTMENTS[missing].en}"


def test_R5_4_no_department_decides_for_another() -> None:
    answer = may_decide(law(), "health", "transport", DEPARTMENTS)
    assert codes(answer) == ["R5.4"]
    assert {"5¶3", "N5"} <= articles(answer)
    assert isinstance(may_decide(law(), "transport", "transport", DEPARTMENTS), Grant)
    assert codes(may_decide(law(), "nobody", "nobody", DEPARTMENTS)) == ["R5.4"]


@pytest.mark.parametrize(
    ("level", "division", "refused"),
    [
        ("county", "230102", []),
        ("city", "230100", []),
        ("province", "230000", []),
        ("state", "000000", []),
        ("county", "230103", ["N5"]),
        ("city", "230200", ["N5"]),
        ("town", "230102", ["N5"]),
        ("county", "", ["N5"]),
        ("", "", ["N5", "N5"]),
    ],
)
def test_N5_police_of_the_county_level_and_above_in_their_territory(
    level: str, division: str, refused: list[str]
) -> None:
    assert codes(has_jurisdiction(law(), Police(level, division), "230102")) == refused


def test_N5_a_district_whose_code_ends_in_one_zero_is_no_city() -> None:
    assert codes(has_jurisdiction(law(), Police("county", "230110"), "230111")) == ["N5"]


def test_facts_that_contradict_themselves_are_no_question() -> None:
    for ask in (
        lambda: replace(ORDER, due=beijing("2026-02-01")),
        lambda: replace(ORDER, done=beijing("2026-02-01")),
        lambda: replace(ORDER, due=DUE.replace(tzinfo=None)),
        lambda: is_obeyed(law(), ORDER, beijing("2026-02-01")),
        lambda: is_obeyed(law(), replace(ORDER, done=DUE), DUE - SECOND),
    ):
        with pytest.raises(UsageError):
            ask()
