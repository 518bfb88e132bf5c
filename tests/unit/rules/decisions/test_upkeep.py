"""Who maintains; checks, outages and repairs one unit before, at and after their limit."""

from datetime import date, datetime, timedelta

import pytest

from bingjian.rules.decision import Grant, UsageError, all_of
from bingjian.rules.decisions.upkeep import (
    Declared,
    Responsible,
    Ruling,
    Ticket,
    has_one_responsible_body,
    inspection_until,
    is_inspected_in_time,
    is_plan_complete,
    is_repaired_in_time,
    is_ticketed_at_once,
    may_close_inspection,
    may_close_ticket,
    may_settle,
    next_inspection,
    outages,
    responsible_at,
    unclear_for,
)
from bingjian.rules.library import law
from bingjian.rules.spans import Span
from tests.unit.rules.answers import codes, reasons
from tests.unit.rules.times import SECOND, TICK, beijing, span

T = beijing("2026-06-01")
START, NOW = beijing("2026-01-01"), beijing("2026-09-01")
OLD = Responsible("甲公司", "0451-1", START, T)
NEW = Responsible("乙公司", "0451-2", T, None)


def judged(*periods: Responsible) -> list[str]:
    return codes(has_one_responsible_body(law(), periods, START, NOW))


def test_R23_1_in_service_without_one_is_refused() -> None:
    answer = has_one_responsible_body(law(), [], START, NOW)
    assert codes(answer) == ["R23.1"]
    assert "2026-01-01 00:00:00" in reasons(answer)


@pytest.mark.parametrize(
    ("step", "refused"), [(timedelta(0), False), (TICK, True), (SECOND, True), (-TICK, True)]
)
def test_R23_1_a_handover_leaves_no_gap_and_no_overlap(step: timedelta, refused: bool) -> None:
    new = Responsible("乙公司", "0451-2", T + step, None)
    assert judged(OLD, new) == judged(new, OLD) == (["R23.1"] if refused else [])


def test_R23_1_old_until_T_new_from_T() -> None:
    assert responsible_at([NEW, OLD], T - TICK) == ("甲公司",)
    assert responsible_at([NEW, OLD], T) == ("乙公司",)


def test_R23_1_gap_overlap_and_contact_are_told_together() -> None:
    late = Responsible("乙公司", " ", T + SECOND, None)
    twice = Responsible("丙公司", "1", T + 2 * SECOND, None)
    answer = has_one_responsible_body(law(), [OLD, late, twice], START, NOW)
    assert codes(answer) == ["R23.1"] * 3
    assert "乙公司 and 丙公司" in reasons(answer)


@pytest.mark.parametrize(
    ("government", "area", "document", "granted"),
    [
        (False, "230103", "哈南政发〔2026〕1号", False),
        (True, "230103", "哈南政发〔2026〕1号", True),
        (True, "230100", "哈政发〔2026〕1号", False),  # the city's, though the system is a district's
        (True, "230103", "", False),
    ],
)
def test_R23_2_the_government_of_the_same_level_decides(
    government: bool, area: str, document: str, granted: bool
) -> None:
    answer = may_settle(law(), "230103", Ruling(government, area, "甲公司", document))
    assert codes(answer) == ([] if granted else ["R23.2"])


def test_R23_2_how_long_it_has_been_unclear() -> None:
    assert unclear_for(START, T) == timedelta(days=151)
    with pytest.raises(UsageError):
        unclear_for(T, START)


def test_R25_4_a_plan_covers_all_areas() -> None:
    assert codes(is_plan_complete(law(), law().codes("inspection_area"))) == []
    answer = is_plan_complete(law(), ["front_end", "lines"])
    assert codes(answer) == ["R25.4"]
    assert "platform storage" in reasons(answer)


@pytest.mark.parametrize("lacking", ["front_end", "signal_lines", "network_lines", "storage"])
def test_R25_4_an_inspection_that_lacks_a_checklist_cannot_be_closed(lacking: str) -> None:
    lists = set(law().codes("inspection_checklist"))
    assert codes(may_close_inspection(law(), lists)) == []
    assert codes(may_close_inspection(law(), lists - {lacking})) == ["R25.4"]
    assert codes(may_close_inspection(law(), [])) == ["R25.4"]


@pytest.mark.parametrize(
    ("now", "overdue"),
    [("2026-03-31 12:00:00", False), ("2026-03-31 23:59:59.999999", False), ("2026-04-01", True)],
)
def test_R25_4_the_day_after_its_day_it_is_overdue(now: str, overdue: bool) -> None:
    wanted = ["R25.4"] if overdue else []
    assert codes(is_inspected_in_time(law(), date(2026, 3, 31), None, beijing(now))) == wanted
    assert (
        codes(is_inspected_in_time(law(), date(2026, 3, 31), beijing(now), beijing("2026-05-01"))) == wanted
    )


DAY = span("2026-03-01", "2026-03-02")


@pytest.mark.parametrize(("gap_ms", "found"), [(1_900, 0), (2_000, 0), (2_000.001, 1), (2_100, 1)])
def test_R25_5_an_outage_is_a_gap_longer_than_tolerated(gap_ms: float, found: int) -> None:
    begin = beijing("2026-03-01 12:00:00")
    end = begin + timedelta(milliseconds=gap_ms)
    told = outages(law(), DAY, [Span(DAY.start, begin), Span(end, DAY.end)])
    assert [(each.span.start, each.span.end) for each in told] == [(begin, end)] * found


def test_R25_5_a_restart_leaves_one_gap_with_its_cause() -> None:
    restart = Declared(span("2026-03-01 12:00:00", "2026-03-01 12:00:05"), "restart")
    recorded = [span("2026-03-01 12:00:05", "2026-03-02"), span("2026-03-01", "2026-03-01 12:00:00")]
    [outage] = outages(law(), DAY, recorded, [restart])
    assert (outage.span, outage.causes) == (restart.span, ("restart",))
    assert outages(law(), DAY, [DAY]) == ()


def test_R25_5_nothing_recorded_is_an_outage_of_the_whole_day_without_a_known_cause() -> None:
    [outage] = outages(law(), DAY, [])
    assert (outage.span, outage.causes) == (DAY, ())


FOUND = beijing("2026-03-01 12:00:00")


def ticket(
    opened: float | None = 0, assignee: str = "李", responded: float | None = None, probe: float | None = None
) -> Ticket:
    """Steps in seconds after the fault was found."""
    opened_at, responded_at, probe_at = (
        None if each is None else FOUND + timedelta(seconds=each) for each in (opened, responded, probe)
    )
    return Ticket(FOUND, opened_at, assignee, responded_at, probe_at)


@pytest.mark.parametrize(("seconds", "granted"), [(59, True), (60, True), (60.001, False), (61, False)])
def test_R25_6_a_fault_is_ticketed_and_assigned_within_a_minute(seconds: float, granted: bool) -> None:
    later, now = FOUND + timedelta(days=1), FOUND + timedelta(seconds=seconds)
    wanted = [] if granted else ["R25.6"]
    assert codes(is_ticketed_at_once(law(), ticket(seconds), later)) == wanted
    assert codes(is_ticketed_at_once(law(), ticket(None), now)) == wanted
    assert codes(is_ticketed_at_once(law(), ticket(1, ""), now)) == wanted


@pytest.mark.parametrize(
    ("probe", "granted"), [(None, False), (-1, False), (60, False), (60.001, True), (3600, True)]
)
def test_R25_6_no_ticket_is_closed_while_the_stream_is_dead(probe: float | None, granted: bool) -> None:
    answer = may_close_ticket(law(), ticket(10, "李", 60, probe))
    assert codes(answer) == ([] if granted else ["R25.6"])


def test_R25_6_without_a_ticket_there_is_nothing_to_close() -> None:
    assert codes(may_close_ticket(law(), ticket(None, "", None, 100))) == ["R25.6"]


@pytest.mark.parametrize(
    ("responded", "probe", "refusals"),
    [
        (7199, 86_399, 0),
        (7200, 86_400, 0),
        (7201, 86_400, 1),
        (7200, 86_401, 1),
        (7201, 86_401, 2),
    ],
)
def test_R25_6_targets_for_response_and_repair(responded: float, probe: float, refusals: int) -> None:
    answer = is_repaired_in_time(law(), ticket(0, "李", responded, probe), FOUND + timedelta(days=9))
    assert codes(answer) == ["R25.6"] * refusals
    open_one = is_repaired_in_time(law(), ticket(0), FOUND + timedelta(hours=2))
    assert isinstance(open_one, Grant)


def test_facts_that_contradict_themselves_are_no_question() -> None:
    with pytest.raises(UsageError):
        Responsible("甲", "1", T, T)
    with pytest.raises(UsageError):
        Responsible("甲", "1", datetime(2026, 1, 1), None)  # noqa: DTZ001
    with pytest.raises(UsageError):
        has_one_responsible_body(law(), [], NOW, START)
    with pytest.raises(UsageError):
        ticket(-1)
    with pytest.raises(UsageError):
        ticket(None, "", 5)
    with pytest.raises(UsageError):
        is_inspected_in_time(law(), date(2026, 3, 1), NOW + SECOND, NOW)


def test_every_answer_cites_its_article() -> None:
    assert [str(each) for each in has_one_responsible_body(law(), [OLD, NEW], START, NOW).articles] == ["23"]  # type: ignore[union-attr]
    [refusal] = all_of(may_close_ticket(law(), ticket()))
    assert str(refusal.article) == "25(3)"


@pytest.mark.parametrize(
    ("due", "closed", "following"),
    [
        ("2026-01-01", "2025-12-20", "2026-01-31"),  # early: the one after it
        ("2026-01-01", "2026-01-01", "2026-01-31"),
        ("2026-01-01", "2026-01-30", "2026-01-31"),
        ("2026-01-01", "2026-01-31", "2026-03-02"),  # so late that the next was due: still to come
        ("2026-01-31", "2026-01-31", "2026-03-02"),
    ],
)
def test_R25_4_the_next_of_a_series_is_still_to_come(due: str, closed: str, following: str) -> None:
    first, day = date(2026, 1, 1), date.fromisoformat(due)
    assert next_inspection(first, 30, day, beijing(f"{closed} 12:00:00")) == date.fromisoformat(following)


def test_R25_4_an_inspection_is_overdue_at_the_end_of_its_day() -> None:
    until = inspection_until(date(2026, 3, 1))
    assert until == beijing("2026-03-02 00:00:00")
    assert codes(is_inspected_in_time(law(), date(2026, 3, 1), None, until - TICK)) == []
    assert codes(is_inspected_in_time(law(), date(2026, 3, 1), None, until)) == ["R25.4"]


def test_R25_4_no_series_of_days_is_no_question() -> None:
    with pytest.raises(UsageError):
        next_inspection(date(2026, 1, 2), 30, date(2026, 1, 1), beijing("2026-01-01 00:00:00"))
    with pytest.raises(UsageError):
        next_inspection(date(2026, 1, 1), 0, date(2026, 1, 1), beijing("2026-01-01 00:00:00"))
