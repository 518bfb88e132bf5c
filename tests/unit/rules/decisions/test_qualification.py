"""Products, units and standards: the last day of a paper still counts, the next does not."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bingjian.rules.decision import Grant, UsageError
from bingjian.rules.decisions.qualification import (
    Check,
    Flaw,
    Product,
    Specification,
    Unit,
    are_products_qualified,
    are_standards_met,
    are_units_qualified,
    flaw_due,
    is_flaw_handled,
    judged_by,
    may_close_flaw,
    may_issue,
    may_take_job,
    must_remind,
    remind_on,
    warnings,
)
from bingjian.rules.law import Law
from bingjian.rules.library import HARBIN, law, packaged
from tests.unit.rules.answers import codes, third, told, told_zh
from tests.unit.rules.times import SECOND, beijing

DAY = timedelta(days=1)
INSTALLED = date(2026, 3, 1)
PRODUCT = Product("DS-2", "C-1", "检测中心", INSTALLED, INSTALLED, True, True)


@pytest.mark.parametrize(
    ("valid_to", "expected"), [(INSTALLED - DAY, ["R14.1"]), (INSTALLED, []), (INSTALLED + DAY, [])]
)
def test_R14_1_valid_on_the_day_of_installation(valid_to: date, expected: list[str]) -> None:
    assert codes(are_products_qualified(law(), [replace(PRODUCT, valid_to=valid_to)])) == expected


@pytest.mark.parametrize("lack", [{"certificate": " "}, {"issuer": ""}, {"valid_to": None}])
def test_R14_1_certificate_with_number_issuer_and_last_day(lack: dict[str, object]) -> None:
    answer = are_products_qualified(law(), [PRODUCT, replace(PRODUCT, model="X9", **lack)])
    assert codes(answer) == ["R14.1"]
    assert "X9" in told(answer)


def test_R14_1_no_device_at_all_is_not_qualified() -> None:
    assert codes(are_products_qualified(law(), [])) == ["R14.1"]


@pytest.mark.parametrize("known", [False, None])
def test_N12_up_to_mandatory_standards_and_free_of_malware(known: bool | None) -> None:
    product = replace(PRODUCT, is_up_to_mandatory=known, is_free_of_malware=known)
    answer = are_products_qualified(law(), [product])
    assert codes(answer) == ["N12", "N12"]
    assert "it is not proven that DS-2 holds no malicious program" in told(answer)
    assert codes(are_products_qualified(Law([packaged(HARBIN)]), [product])) == []


FOUND = beijing("2026-03-01 10:00:00")
LIMIT = timedelta(hours=24)


@pytest.mark.parametrize(
    ("taken", "expected"), [(LIMIT - SECOND, []), (LIMIT, []), (LIMIT + SECOND, ["N12"])]
)
def test_N12_a_flaw_is_fixed_told_and_reported_in_time(taken: timedelta, expected: list[str]) -> None:
    done = dict.fromkeys(law().codes("flaw_step"), FOUND) | {"report": FOUND + taken}
    assert codes(is_flaw_handled(law(), Flaw(FOUND, done), FOUND + 9 * LIMIT)) == expected


@pytest.mark.parametrize(("passed", "expected"), [(LIMIT, []), (LIMIT + SECOND, ["N12"])])
def test_N12_what_is_not_done_yet_becomes_late(passed: timedelta, expected: list[str]) -> None:
    answer = is_flaw_handled(law(), Flaw(FOUND, {"fix": FOUND}), FOUND + passed)
    assert codes(answer) == expected
    assert not expected or "告知用户、向主管部门报告" in told_zh(answer)


def test_N12_asks_for_nothing_where_the_decree_does_not_bind() -> None:
    answer = is_flaw_handled(Law([packaged(HARBIN)]), Flaw(FOUND, {}), FOUND + 9 * LIMIT)
    assert answer == Grant(())


# --- units

LAST = date(2026, 6, 30)


def unit(role: str, **facts: object) -> Unit:
    return replace(Unit(role, f"{role} ltd", {role}, "Q-1", LAST), **facts)  # type: ignore[arg-type]


UNITS = [unit(role) for role in ("design", "construction", "maintenance")]


def test_R14_2_three_roles_each_with_its_qualification() -> None:
    assert codes(are_units_qualified(law(), UNITS, LAST)) == []
    answer = are_units_qualified(law(), UNITS[:2], LAST)
    assert codes(answer) == ["R14.2"]
    assert told(answer) == "there is no maintenance unit"


def test_R14_2_construction_with_a_design_certificate_is_refused() -> None:
    units = [UNITS[0], unit("construction", covers={"design"}), UNITS[2]]
    answer = are_units_qualified(law(), units, LAST)
    assert codes(answer) == ["R14.2"]
    assert told(answer) == "construction ltd has no qualification as construction unit"
    assert "施工单位“construction ltd”没有该项资质" in told_zh(answer)


@pytest.mark.parametrize(("day", "count"), [(LAST - DAY, 0), (LAST, 0), (LAST + DAY, 3)])
def test_R14_2_valid_on_the_day(day: date, count: int) -> None:
    assert codes(are_units_qualified(law(), UNITS, day)) == ["R14.2"] * count


@pytest.mark.parametrize(
    ("facts", "count"),
    [
        ({"number": " "}, 1),
        ({"valid_to": None}, 1),
        ({"name": ""}, 1),
        ({"number": "", "valid_to": None, "covers": set()}, 2),
        ({"number": "", "valid_to": None, "covers": set(), "exemption": "国务院决定第 5 条"}, 0),
        ({"number": "", "valid_to": None, "covers": set(), "exemption": " "}, 2),
    ],
)
def test_R14_2_unknown_is_refused_unless_the_law_asks_for_none(facts: dict[str, object], count: int) -> None:
    assert (
        codes(are_units_qualified(law(), [*UNITS[:2], unit("maintenance", **facts)], LAST))
        == ["R14.2"] * count
    )


def test_R14_2_the_last_day_is_told() -> None:
    answer = are_units_qualified(law(), [*UNITS[:2], unit("maintenance", valid_to=None)], LAST)
    assert "valid to (not given), asked for 2026-06-30" in told(answer)
    late = may_take_job(law(), UNITS[0], LAST + DAY)
    assert "资质有效至 2026-06-30，办理日为 2026-07-01" in told_zh(late)
    assert "is valid to 2026-06-30, asked for 2026-07-01" in told(late)


def test_R14_2_another_edition_may_add_a_role() -> None:
    wider = law().adding(third(code=("unit_role", "supervision")))
    assert told(are_units_qualified(wider, UNITS, LAST)) == "there is no supervision"


@pytest.mark.parametrize(
    ("today", "due"),
    [(LAST - 31 * DAY, False), (LAST - 30 * DAY, True), (LAST - 29 * DAY, True), (LAST + DAY, True)],
)
def test_R14_3_reminded_thirty_days_before_its_end(today: date, due: bool) -> None:
    assert must_remind(law(), LAST, date(2026, 12, 31), today) is due


def test_R14_3_only_during_a_contract_that_outlasts_it() -> None:
    assert not must_remind(law(), LAST, LAST, LAST)
    assert not must_remind(law(), LAST, LAST + DAY, LAST + 2 * DAY)
    assert must_remind(law(), LAST, LAST + DAY, LAST + DAY)


def test_R14_3_the_first_day_of_reminding() -> None:
    assert remind_on(law(), LAST, LAST + DAY) == LAST - 30 * DAY
    assert remind_on(law(), LAST, LAST) is None


@pytest.mark.parametrize(("day", "expected"), [(LAST, []), (LAST + DAY, ["R14.3"])])
def test_R14_3_no_new_job_after_its_end(day: date, expected: list[str]) -> None:
    assert codes(may_take_job(law(), UNITS[2], day)) == expected


def test_R14_3_a_role_that_no_edition_knows_is_no_question() -> None:
    with pytest.raises(UsageError):
        may_take_job(law(), unit("singing"), LAST)


# --- standards

CHECKS = [Check("GB 50348", f"第 {n} 项", True, True) for n in range(1, 41)]


def test_R15_1_one_mandatory_item_of_forty_fails() -> None:
    assert codes(are_standards_met(law(), CHECKS)) == []
    answer = are_standards_met(law(), [*CHECKS[:39], replace(CHECKS[39], is_passed=False)])
    assert codes(answer) == ["R15.1"]
    assert told(answer) == "mandatory item failed: GB 50348 第 40 项"


def test_R15_1_what_is_not_checked_is_not_met() -> None:
    assert codes(are_standards_met(law(), [])) == ["R15.1"]
    answer = are_standards_met(law(), [*CHECKS, replace(CHECKS[0], item="第 41 项", is_passed=None)])
    assert told(answer) == "mandatory item not checked: GB 50348 第 41 项"
    assert told_zh(answer) == "强制性条款未检查：GB 50348 第 41 项"


def test_R15_1_a_voluntary_item_only_warns() -> None:
    voluntary = Check("GA/T 1127", "清晰度", False, False)
    assert codes(are_standards_met(law(), [*CHECKS, voluntary])) == []
    assert warnings([*CHECKS, voluntary, replace(voluntary, is_passed=True)]) == (voluntary,)
    assert codes(are_standards_met(law(), [voluntary])) == ["R15.1"]  # no mandatory one was looked at


FIRST = Specification("v1", "city_data_authority", {"public_security"}, date(2026, 1, 1))
SECOND_ONE = replace(FIRST, version="v2", effective=date(2026, 7, 1))


@pytest.mark.parametrize(
    ("specification", "count"),
    [
        (FIRST, 0),
        (replace(FIRST, coauthors={"public_security", "housing"}), 0),
        (replace(FIRST, author="public_security", coauthors=set()), 2),
        (replace(FIRST, author="public_security"), 1),
        (replace(FIRST, coauthors=set()), 1),
        (replace(FIRST, version=""), 1),
        (replace(FIRST, effective=None), 1),
    ],
)
def test_R15_3_by_the_data_authority_with_public_security(specification: Specification, count: int) -> None:
    assert codes(may_issue(law(), specification)) == ["R15.3"] * count


@pytest.mark.parametrize(
    ("accepted", "version"),
    [
        ("2025-12-31 23:59:59", None),
        ("2026-01-01 00:00:00", "v1"),
        ("2026-06-30 23:59:59", "v1"),
        ("2026-07-01 00:00:00", "v2"),
    ],
)
def test_R15_3_judged_by_the_version_of_its_acceptance(accepted: str, version: str | None) -> None:
    found = judged_by([SECOND_ONE, FIRST, replace(FIRST, version="draft", effective=None)], beijing(accepted))
    assert (found and found.version) == version


def test_facts_that_contradict_themselves_are_no_question() -> None:
    with pytest.raises(UsageError):
        Flaw(FOUND, {"fix": FOUND - SECOND})
    with pytest.raises(UsageError):
        Flaw(FOUND.replace(tzinfo=None), {})
    assert codes(is_flaw_handled(law(), Flaw(FOUND, {"fix": FOUND}), FOUND)) == []
    with pytest.raises(UsageError):
        is_flaw_handled(law(), Flaw(FOUND, {}), FOUND.replace(tzinfo=None))
    with pytest.raises(UsageError):
        is_flaw_handled(law(), Flaw(FOUND, {}), FOUND - SECOND)
    with pytest.raises(UsageError):
        is_flaw_handled(law(), Flaw(FOUND, {"fix": FOUND + 2 * SECOND}), FOUND + SECOND)


def test_N12_a_step_is_late_after_its_last_instant() -> None:
    found = beijing("2026-03-01 12:00:00")
    due = flaw_due(law(), found)
    assert due == found + DAY
    assert isinstance(is_flaw_handled(law(), Flaw(found, {}), due), Grant)
    assert codes(is_flaw_handled(law(), Flaw(found, {}), due + SECOND)) == ["N12"]
    assert flaw_due(Law([packaged(HARBIN)]), found) is None


def test_N12_a_flaw_is_closed_once_every_step_was_taken() -> None:
    found, done = beijing("2026-03-01 12:00:00"), {}
    for step in law().codes("flaw_step"):
        assert codes(may_close_flaw(law(), Flaw(found, done))) == ["N12"]
        done[step] = found + 9 * DAY  # late, but taken
    assert isinstance(may_close_flaw(law(), Flaw(found, done)), Grant)
