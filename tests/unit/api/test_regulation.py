"""The regulation over the API: all of it, for all who are signed in, and once only while it is the same."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bingjian.access.decisions import Role
from bingjian.api.regulation import rendered
from bingjian.api.routes.regulation import matches
from bingjian.api.schemas_regulation import ArticleOut, EditionOut, RegulationOut
from bingjian.rules.law import Law
from bingjian.rules.library import law, packaged, published
from tests.unit.api.conftest import Enter

ADDRESS = "/api/v1/regulation"
NOW = datetime(2026, 1, 1, 4, tzinfo=UTC)


def told(now: datetime = NOW, over: Any = None) -> RegulationOut:
    return RegulationOut.model_validate_json(rendered(over or law(), now).body)


def article(answer: RegulationOut, id: str) -> ArticleOut:
    return next(one for edition in answer.editions for one in edition.articles if one.id == id)


def edition(answer: RegulationOut, code: str) -> EditionOut:
    return next(one for one in answer.editions if one.code == code)


@pytest.mark.parametrize("role", Role)
async def test_everybody_who_is_signed_in_reads_the_law(enter: Enter, role: Role) -> None:
    answer = await (await enter(role)).get(ADDRESS)
    assert answer.status_code == 200
    assert RegulationOut.model_validate(answer.json()).editions


async def test_a_stranger_does_not(enter: Enter) -> None:
    assert (await (await enter()).get(ADDRESS)).status_code == 401


async def test_what_has_not_changed_is_not_sent_again(enter: Enter) -> None:
    client = await enter(Role.AUDITOR)
    first = await client.get(ADDRESS)
    assert first.headers["cache-control"] == "private, no-cache"
    again = await client.get(ADDRESS, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    other = await client.get(ADDRESS, headers={"If-None-Match": '"another"'})
    assert (other.status_code, other.content) == (200, first.content)


@pytest.mark.parametrize("header", ['"a"', 'W/"a"', '"b", "a"', "*"])
def test_a_tag_matches_weak_strong_or_in_a_list(header: str) -> None:
    assert matches(header, '"a"')


@pytest.mark.parametrize("header", [None, "", "a", '"ab"'])
def test_another_tag_does_not_match(header: str | None) -> None:
    assert not matches(header, '"a"')


def test_every_edition_is_there_with_all_that_it_holds() -> None:
    answer = told()
    assert [one.code for one in answer.editions] == [one.title.code for one in law().editions]
    for given, kept in zip(answer.editions, law().editions, strict=True):
        assert [one.number for one in given.articles] == [one.article.number for one in kept.provisions]
        for part, held in {
            "duties": kept.duties,
            "parameters": kept.parameters,
            "codes": kept.codes,
            "penalties": kept.penalties,
        }.items():
            assert sum(len(getattr(one, part)) for one in given.articles) == len(held), part
    assert [one.code for one in answer.conflicts] == [one.code for one in law().conflicts]


def test_a_duty_says_where_it_stands_what_decides_it_and_what_it_refuses() -> None:
    (duty,) = [one for one in article(told(), "18").duties if one.code == "R18.1"]
    assert (duty.place.cite.startswith("18"), duty.place.zh.startswith("第十八条")) == (True, True)
    assert "filing.is_on_time" in duty.decisions
    assert duty.refusals == ["R18.1"]


def test_a_duty_whose_decision_only_tells_a_value_refuses_nothing() -> None:
    (duty,) = [one for one in article(told(), "18").duties if one.code == "R18.5"]
    assert (duty.decisions, duty.refusals) == (["filing.dues"], [])


def test_an_article_of_another_edition_carries_its_mark() -> None:
    decree = article(told(), "N17")
    assert (decree.place.cite, decree.place.zh) == ("N17", "《公共安全视频图像信息系统管理条例》第十七条")
    assert article(told(), "CTL32").duties[0].beside == ["R28.2"]


def test_whom_a_duty_binds_is_named_in_both_languages() -> None:
    (bound,) = article(told(), "CTL32").duties[0].bound
    assert (bound.code, bound.words.zh, bound.words.en) == (
        "operator",
        "经营管理单位",
        "operator of the place",
    )


KEY = "retention.term.counter_terror"


def deciding(answer: RegulationOut) -> dict[int, bool]:
    """By the number of days that an edition sets for key targets, whether it decides."""
    numbers = [one for edition in answer.editions for place in edition.articles for one in place.parameters]
    return {one.value: one.decides for one in numbers if one.key == KEY}


def test_of_two_numbers_the_stricter_decides_and_of_equals_both() -> None:
    assert deciding(told()) == {90: True}
    longer = packaged("counter_terrorism_law_2018")
    longer = replace(longer, parameters=tuple(replace(one, value=120) for one in longer.parameters))
    assert deciding(told(over=Law([packaged("harbin_draft_2023"), longer]))) == {90: False, 120: True}


def test_an_edition_says_whether_it_is_in_force_today() -> None:
    """Published from 2 January: at noon of the 1st still to come, and none of its duties binds."""
    city = published(date(2026, 1, 2))
    before, after = told(NOW, city), told(datetime(2026, 1, 1, 16, tzinfo=UTC), city)
    code = packaged("harbin_draft_2023").title.code
    assert (edition(before, code).standing, edition(after, code).standing) == ("coming", "in_force")
    assert {duty.binds for one in edition(before, code).articles for duty in one.duties} == {False}
    assert {duty.binds for one in edition(after, code).articles for duty in one.duties} == {True}


def test_an_ended_edition_binds_by_its_protections_alone() -> None:
    ended = told(datetime(2040, 1, 1, tzinfo=UTC), published(date(2026, 1, 2)))
    city = edition(ended, "harbin_draft_2023")
    assert city.standing == "expired"
    for one in city.articles:
        assert {duty.binds for duty in one.duties} <= {one.protective}


def test_the_tag_changes_with_the_content_and_only_with_it() -> None:
    city = published(date(2026, 1, 2))
    day, later = rendered(city, NOW), rendered(city, datetime(2026, 6, 1, tzinfo=UTC))
    assert day.etag != later.etag
    assert rendered(published(date(2026, 1, 2)), NOW).etag == day.etag
