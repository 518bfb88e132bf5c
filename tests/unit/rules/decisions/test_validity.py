"""The measures' own first and last day, what reminds of the end, and what goes on after it."""

from datetime import date, datetime

import pytest

from bingjian.rules.decision import Refusal, UsageError
from bingjian.rules.decisions.retention import Keeping, may_remove
from bingjian.rules.decisions.validity import (
    Basis,
    Readings,
    arises,
    basis,
    is_settled,
    last_days,
    measures,
    reminded,
    reminders,
)
from bingjian.rules.law import Standing, standing
from bingjian.rules.library import law, published
from tests.unit.rules.answers import codes, reasons
from tests.unit.rules.times import DAY, SECOND, TICK, beijing

FIRST, END = beijing("2026-01-01"), beijing("2028-01-01")
CITY = published(date(2026, 1, 1))


@pytest.mark.parametrize(
    ("event", "breach"),
    [(FIRST - SECOND, False), (FIRST - TICK, False), (FIRST, True), (END - TICK, True), (END, False)],
)
def test_R36_1_a_duty_arises_at_00_00_of_the_day_of_publication(event: datetime, breach: bool) -> None:
    assert arises(CITY, "R25.12", event) is breach


def test_R36_1_the_decree_binds_all_the_while() -> None:
    assert all(arises(CITY, "N17", event) for event in (FIRST - TICK, FIRST, END))
    assert not arises(CITY, "N17", beijing("2025-04-01") - TICK)
    assert arises(CITY, "N17", beijing("2025-04-01"))


def test_R36_2_two_years_with_the_day_of_publication_and_the_other_reading() -> None:
    assert last_days(CITY) == Readings(counted=date(2027, 12, 31), not_counted=date(2028, 1, 1))
    assert last_days(published(date(2028, 2, 29))) == Readings(date(2030, 2, 27), date(2030, 2, 28))
    assert last_days(law()) is None
    assert reminders(law()) == ()


@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        (END - TICK, Standing.IN_FORCE),
        (END, Standing.EXPIRED),
        (END + SECOND, Standing.EXPIRED),
    ],
)
def test_R36_2_the_next_day_it_has_expired(now: datetime, wanted: Standing) -> None:
    assert standing(measures(CITY), now) is wanted


def test_R36_2_the_end_is_announced_180_90_and_30_days_before() -> None:
    assert [(each.days, each.at) for each in reminders(CITY)] == [
        (180, beijing("2027-07-04")),
        (90, beijing("2027-10-02")),
        (30, beijing("2027-12-01")),
    ]


@pytest.mark.parametrize(
    ("now", "days"),
    [
        ("2027-07-03 23:59:59", None),
        ("2027-07-04", 180),
        ("2027-10-01 23:59:59", 180),
        ("2027-10-02", 90),
        ("2027-12-01", 30),
        ("2027-12-31 23:59:59", 30),
        ("2028-01-01", None),
    ],
)
def test_R36_2_which_announcement_stands(now: str, days: int | None) -> None:
    reminder = reminded(CITY, beijing(now))
    assert (reminder and reminder.days) == days


def test_R36_2_after_the_end_the_office_chooses() -> None:
    assert codes(is_settled(CITY, "", END - TICK)) == []
    answer = is_settled(CITY, "", END)
    assert codes(answer) == ["R36.2"]
    assert reasons(answer) == "the measures ended with 2027-12-31"
    for choice in ("successor", "expired"):
        assert codes(is_settled(CITY, choice, END)) == []
    with pytest.raises(UsageError):
        is_settled(CITY, "prolonged", END)


@pytest.mark.parametrize(
    ("code", "after"),
    [
        *(("R28.1", Basis.HIGHER_LAW), ("R28.3", Basis.HIGHER_LAW), ("R27.5", Basis.HIGHER_LAW)),
        *(("R9.1", Basis.HIGHER_LAW), ("R31.6", Basis.HIGHER_LAW), ("N17", Basis.IN_FORCE)),
        *(("R25.12", Basis.NO_LOCAL_BASIS), ("R18.1", Basis.NO_LOCAL_BASIS)),
    ],
)
def test_R36_3_protections_go_on_and_duties_have_no_local_basis(code: str, after: Basis) -> None:
    assert basis(CITY, code, END - TICK) is Basis.IN_FORCE
    assert basis(CITY, code, END) is after
    assert basis(law(), code, END) is Basis.IN_FORCE  # not published yet: followed as policy


def test_R36_3_exactly_four_articles_go_on() -> None:
    kept = {
        duty.article.number
        for duty in CITY.duties.values()
        if basis(CITY, duty.code, END) is Basis.HIGHER_LAW
    }
    assert kept == {9, 27, 28, 31}


def test_R36_1_before_the_first_day() -> None:
    assert basis(CITY, "R28.1", FIRST - TICK) is Basis.NOT_YET


def test_R36_3_the_day_after_the_end_a_fragment_of_day_20_stays() -> None:
    answer = may_remove(CITY.at(END), END - 20 * DAY, Keeping(), False, 0, END)
    assert isinstance(answer, Refusal)
    assert (answer.code, str(answer.article)) == ("R28.1", "28¶2")


def test_R36_3_the_ban_of_private_places_stays() -> None:
    """The list of places is the law's as before, and so is the duty that refuses."""
    ended = CITY.at(END)
    assert ended.binds("R9.1")
    assert ended.codes("prohibited_place") == CITY.codes("prohibited_place")


def test_an_instant_without_its_offset_is_no_question() -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001
    for call in (
        lambda: arises(CITY, "R28.1", naive),
        lambda: reminded(CITY, naive),
        lambda: is_settled(CITY, "", naive),
        lambda: basis(CITY, "R28.1", naive),
    ):
        with pytest.raises(UsageError):
            call()
    with pytest.raises(UsageError):
        basis(CITY, "R99.9", END)
