"""Decree 799 as data: every article, its penalties, the conflicts with the city's measures; the holidays."""

from datetime import date, timedelta

import pytest

from bingjian.rules.edition import Edition, Kind
from bingjian.rules.holidays import SATURDAY
from bingjian.rules.law import LawError
from bingjian.rules.library import FOLDER, holidays, law, packaged
from bingjian.rules.reading import read_edition

PROTECTIVE = [
    8,
    15,
    16,
    17,
    20,
    23,
]  # privacy, integrity, keeping, access, tampering: they outlive the decree
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def decree() -> Edition:
    return packaged("decree_799")


def test_it_is_an_administrative_regulation_in_force_since_april_2025(decree: Edition) -> None:
    assert decree.kind is Kind.ADMINISTRATIVE_REGULATION
    assert (decree.issued, decree.effective, decree.expiry) == (date(2025, 1, 13), date(2025, 4, 1), None)


def test_every_article_is_told_in_both_languages(decree: Edition) -> None:
    assert [one.article.number for one in decree.provisions] == list(range(1, 35))
    for one in decree.provisions:
        words = (*one.heading, *one.paraphrase, one.reference)
        assert all(text.strip() and text != "FILL" for text in words), one.article
        assert len(one.reference) <= 25, one.article
        assert one.paraphrase.en.isascii() or "¶" in one.paraphrase.en, one.article


def test_what_goes_on_protecting(decree: Edition) -> None:
    assert [one.article.number for one in decree.provisions if one.protective] == PROTECTIVE


def test_each_article_on_liability_has_its_penalty(decree: Edition) -> None:
    assert {one.article.number for one in decree.penalties} == {13, *range(26, 34)}


@pytest.mark.parametrize(
    ("duty", "places"),
    [
        ("N7.3", ["N26"]),
        ("N8.1", ["N27¶1"]),
        ("N8.2", ["N27¶2"]),
        ("N9", ["N26"]),
        ("N10", ["N28"]),
        ("N13", ["N13"]),
        ("N14", ["N29"]),
        ("N20", ["N32¶2"]),
        ("N23", ["N30", "N31"]),
    ],
)
def test_a_breach_leads_to_its_penalties(decree: Edition, duty: str, places: list[str]) -> None:
    assert [str(one.article) for one in decree.penalties if duty in one.duties] == places


def test_the_eleven_conflicts_name_duties_that_are_there() -> None:
    assert [one.code for one in law().conflicts] == [f"C{number}" for number in range(1, 12)]
    assert [code for one in law().conflicts for code in one.duties if not law().binds(code)] == []
    assert all(one.duties for one in law().conflicts)


def test_a_penalty_for_an_unknown_duty_is_refused_with_its_line() -> None:
    text = (FOLDER / "decree_799.toml").read_text(encoding="utf-8")
    wrong = text.replace('duties = ["N8.2"]', 'duties = ["N8.7"]')
    line = wrong.splitlines().index('duties = ["N8.7"]') + 1
    with pytest.raises(LawError, match=r"N8\.7 is no duty of this file") as caught:
        read_edition("decree_799.toml", wrong)
    assert caught.value.source.file == "decree_799.toml"
    assert line - 10 < caught.value.source.line < line


# --- holidays


@pytest.mark.parametrize(
    ("first", "last"),
    [
        *(("2025-01-01", "2025-01-01"), ("2025-01-28", "2025-02-04"), ("2025-04-04", "2025-04-06")),
        *(("2025-05-01", "2025-05-05"), ("2025-05-31", "2025-06-02"), ("2025-10-01", "2025-10-08")),
        *(("2026-01-01", "2026-01-03"), ("2026-02-15", "2026-02-23"), ("2026-04-04", "2026-04-06")),
        *(("2026-05-01", "2026-05-05"), ("2026-06-19", "2026-06-21"), ("2026-09-25", "2026-09-27")),
        ("2026-10-01", "2026-10-07"),
    ],
)
def test_announced_holidays_are_free_and_the_working_day_after_is_not(first: str, last: str) -> None:
    day, end = date.fromisoformat(first), date.fromisoformat(last)
    while day <= end:
        assert not holidays().is_working_day(day), day
        day += DAY
    assert holidays().is_working_day(holidays().roll(day))


def test_make_up_days_are_weekends_that_are_worked() -> None:
    assert {str(day) for day in holidays().worked} == {
        *("2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11"),
        *("2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"),
    }
    assert all(day.weekday() >= SATURDAY and holidays().is_working_day(day) for day in holidays().worked)


def test_a_year_that_is_not_announced_is_provisional() -> None:
    assert [holidays().is_provisional(date(year, 5, 1)) for year in (2025, 2026, 2027)] == [
        False,
        False,
        True,
    ]
