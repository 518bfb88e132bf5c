"""Headcounts, shifts, management systems, contracts and trainings at their limits."""

from datetime import datetime, timedelta

import pytest

from bingjian.rules.decision import Grant, UsageError
from bingjian.rules.decisions.staffing import (
    Contract,
    Rules,
    Shift,
    Training,
    has_management_systems,
    headcount,
    is_reviewed,
    is_sound,
    is_staffed,
    may_act_for,
    may_confirm_training,
    may_roster,
    may_take_post,
    remind_at,
    review_until,
    valid_until,
)
from bingjian.rules.library import law
from tests.unit.rules.answers import codes, reasons
from tests.unit.rules.times import SECOND, TICK, beijing, span


@pytest.mark.parametrize(
    ("cameras", "keys", "needed"),
    [
        *((0, 0, 1), (1, 0, 2), (499, 0, 2), (500, 0, 2), (501, 0, 3), (1000, 0, 3), (1001, 0, 4)),
        *((1000, 99, 3), (1000, 100, 4), (1000, 101, 4), (1000, 1000, 13)),
    ],
)
def test_R24_1_headcount_by_cameras_and_key_cameras(cameras: int, keys: int, needed: int) -> None:
    assert headcount(law(), cameras, keys) == needed


@pytest.mark.parametrize(
    ("persons", "refused"), [(["a", "b"], True), (["a", "b", "b", ""], True), (["a", "b", "c"], False)]
)
def test_R24_1_a_shift_without_its_staff_is_a_shortage(persons: list[str], refused: bool) -> None:
    answer = is_staffed(law(), 1000, 0, persons)
    assert codes(answer) == (["R24.1"] if refused else [])
    if refused:
        assert reasons(answer) == "1000 cameras (0 key ones) need 3 on shift, there are 2"


def shift(platform: str, post: str, hours: str, *, person: str = "张", watch: bool = False) -> Shift:
    first, second = hours.split("-")
    return Shift(person, platform, post, watch, span(f"2026-03-01 {first}:00", f"2026-03-01 {second}:00"))


MORNING = shift("南岗", "维护", "08-16")


@pytest.mark.parametrize(
    ("other", "refusals"),
    [
        (shift("道里", "维护", "15-20"), ["R24.1"]),
        (shift("道里", "维护", "16-20"), []),  # begins as the other ends
        (shift("道里", "维护", "15-20", person="李"), []),
        (shift("南岗", "维护", "15-20"), []),
        (shift("南岗", "资料", "15-20"), []),
        (shift("南岗", "监看", "15-20", watch=True), ["R25.9"]),
        (shift("南岗", "监看", "16-20", watch=True), []),
        (shift("道里", "监看", "15-20", watch=True), ["R24.1", "R25.9"]),
    ],
)
def test_R25_9_R24_1_nobody_is_in_two_places_and_a_watcher_has_no_other_post(
    other: Shift, refusals: list[str]
) -> None:
    assert codes(may_roster(law(), MORNING, [other])) == refusals
    assert codes(may_roster(law(), other, [MORNING])) == refusals


APPROVED, REVIEW, NOW = beijing("2026-01-31 09:00:00"), beijing("2026-12-01"), beijing("2026-06-01")


def rules(system: str, *, approver: str = "王", version: str = "1", review: datetime = REVIEW) -> Rules:
    return Rules(system, approver, version, APPROVED, review)


ALL = [rules(code) for code in law().codes("management_system")]


def test_R25_1_all_five_and_any_more() -> None:
    assert len(ALL) == 5
    assert isinstance(has_management_systems(law(), ALL, NOW), Grant)
    assert isinstance(has_management_systems(law(), [*ALL, rules("emergency_drill")], NOW), Grant)


@pytest.mark.parametrize("lacking", range(5))
def test_R25_1_four_of_five_are_refused_and_the_missing_one_is_named(lacking: int) -> None:
    answer = has_management_systems(law(), ALL[:lacking] + ALL[lacking + 1 :], NOW)
    assert codes(answer) == ["R25.1", "R25.1"]
    name = law().words("management_system", ALL[lacking].system)
    assert f"management systems missing: {name.en}" in reasons(answer)
    assert "4 management systems of 5" in reasons(answer)


def test_R25_1_another_one_does_not_stand_in_for_a_named_one() -> None:
    answer = has_management_systems(law(), [*ALL[1:], rules("emergency_drill")], NOW)
    assert codes(answer) == ["R25.1"]


def test_R25_1_one_that_is_not_approved_yet_is_not_there() -> None:
    assert codes(has_management_systems(law(), ALL, APPROVED - TICK)) == ["R25.1", "R25.1"]
    assert codes(has_management_systems(law(), ALL, APPROVED)) == []


@pytest.mark.parametrize(
    "unsound",
    [
        rules("secrecy", approver=""),
        rules("secrecy", version=" "),
        rules("secrecy", review=beijing("2027-02-01")),
    ],
)
def test_R25_1_approver_version_and_a_review_within_a_year(unsound: Rules) -> None:
    answer = has_management_systems(law(), [*ALL[1:], unsound], NOW)
    assert codes(answer) == ["R25.1"]
    assert "secrecy of information" in reasons(answer)


def test_R25_1_a_review_on_the_last_day_of_the_year_is_in_time() -> None:
    last = rules("secrecy", review=beijing("2027-01-31 23:59:59"))
    assert codes(has_management_systems(law(), [*ALL[1:], last], NOW)) == []


@pytest.mark.parametrize(
    ("now", "due"), [("2026-11-30", False), ("2026-12-01 23:59:59", False), ("2026-12-02", True)]
)
def test_R25_1_an_overdue_review_is_reminded_of_and_stops_no_service(now: str, due: bool) -> None:
    assert codes(is_reviewed(law(), ALL[0], beijing(now))) == (["R25.1"] if due else [])
    assert isinstance(has_management_systems(law(), ALL, beijing(now)), Grant)


END = beijing("2026-12-31 23:59:59")
CONTRACT = Contract("甲公司", "南岗区", frozenset({"repair"}), beijing("2026-01-01"), END)


@pytest.mark.parametrize(
    ("act", "at", "refusals"),
    [
        ("repair", END - SECOND, 0),
        ("repair", END, 0),
        ("repair", END + SECOND, 1),
        ("repair", beijing("2026-01-01"), 0),
        ("repair", beijing("2026-01-01") - TICK, 1),
        ("export", END, 1),
        ("export", END + SECOND, 2),
    ],
)
def test_R25_2_a_firm_acts_only_within_its_contract(act: str, at: datetime, refusals: int) -> None:
    assert codes(may_act_for(law(), CONTRACT, act, at)) == ["R25.2"] * refusals


def test_R25_2_without_a_contract_nothing() -> None:
    assert codes(may_act_for(law(), None, "repair", NOW)) == ["R25.2"]


PASSED = beijing("2026-02-28 10:00:00")
SKILLS, SECRECY = Training("job_skills", PASSED), Training("secrecy", PASSED)


def test_R25_3_both_trainings_are_needed() -> None:
    assert codes(may_take_post(law(), [SKILLS, SECRECY], PASSED)) == []
    answer = may_take_post(law(), [SKILLS], PASSED)
    assert codes(answer) == ["R25.3"]
    assert reasons(answer) == "not trained: secrecy"
    assert codes(may_take_post(law(), [], PASSED)) == ["R25.3", "R25.3"]


@pytest.mark.parametrize(("step", "refusals"), [(-SECOND, 0), (-TICK, 0), (0 * TICK, 1), (SECOND, 1)])
def test_R25_3_a_training_ends_with_the_same_day_a_year_later(step: timedelta, refusals: int) -> None:
    later = Training("secrecy", beijing("2026-09-01"))
    end = beijing("2027-03-01")
    assert valid_until(law(), SKILLS) == end
    assert codes(may_take_post(law(), [SKILLS, later], end + step)) == ["R25.3"] * refusals


def test_R25_3_one_that_expired_yesterday_and_one_still_to_come_do_not_count() -> None:
    answer = may_take_post(law(), [SKILLS, SECRECY], beijing("2027-03-02"))
    assert codes(answer) == ["R25.3", "R25.3"]
    assert codes(may_take_post(law(), [SKILLS, SECRECY], PASSED - TICK)) == ["R25.3", "R25.3"]


def test_R25_3_the_newest_of_a_kind_counts() -> None:
    renewed = [
        SKILLS,
        Training("job_skills", beijing("2027-01-10")),
        Training("secrecy", beijing("2027-01-10")),
    ]
    for order in (renewed, renewed[::-1]):
        assert codes(may_take_post(law(), order, beijing("2027-06-01"))) == []


def test_R25_3_leap_day() -> None:
    assert valid_until(law(), Training("secrecy", beijing("2028-02-29"))) == beijing("2029-03-01")


def test_facts_that_contradict_themselves_are_no_question() -> None:
    for contradiction in (
        lambda: headcount(law(), 1, 2),
        lambda: headcount(law(), -1, -1),
        lambda: Contract("甲", "乙", frozenset(), END, beijing("2026-01-01")),
        lambda: rules("secrecy", review=APPROVED - TICK),
        lambda: Training("secrecy", datetime(2026, 1, 1)),  # noqa: DTZ001
        lambda: may_take_post(law(), [], datetime(2026, 1, 1)),  # noqa: DTZ001
    ):
        with pytest.raises(UsageError):
            contradiction()


@pytest.mark.parametrize(
    ("document", "refusals"),
    [
        ({"version": " "}, 1),
        ({"approver": ""}, 1),
        ({"review": "2027-03-01"}, 0),
        ({"review": "2027-03-02"}, 1),
    ],
)
def test_R25_1_one_document_is_judged_alone(document: dict[str, str], refusals: int) -> None:
    told = {"approver": "局长", "version": "1", "review": "2027-01-01", **document}
    review = beijing(f"{told['review']} 00:00:00")
    one = Rules("secrecy", told["approver"], told["version"], beijing("2026-03-01 00:00:00"), review)
    assert codes(is_sound(law(), one)) == ["R25.1"] * refusals
    assert review_until(one) == review + timedelta(days=1)


def test_R25_3_a_training_is_reminded_of_thirty_days_before_its_last_day() -> None:
    until = beijing("2027-03-02 00:00:00")  # its last day is the 1st
    assert remind_at(law(), "training.remind", until) == beijing("2027-01-30 00:00:00")


@pytest.mark.parametrize(("by", "refusals"), [("张", ["R25.3"]), ("李", [])])
def test_R25_3_nobody_vouches_for_their_own_training(by: str, refusals: list[str]) -> None:
    assert codes(may_confirm_training(law(), "张", by)) == refusals
