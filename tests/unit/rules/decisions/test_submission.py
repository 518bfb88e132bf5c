"""What a filing holds, who files it with whom, which submission counts, and changes of what was filed."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from bingjian.rules.decision import Grant, UsageError
from bingjian.rules.decisions.connection import Interface
from bingjian.rules.decisions.filing import Clock, Due, Filed, dues, is_on_time
from bingjian.rules.decisions.submission import (
    Change,
    Submission,
    first_complete,
    is_change_filed,
    is_complete,
    is_receipted,
    may_ask_for,
    satisfied,
)
from bingjian.rules.law import Law
from bingjian.rules.library import HARBIN, holidays, law, packaged, published
from tests.unit.rules.answers import codes, third, told, told_zh
from tests.unit.rules.times import SECOND, beijing

DISTRICT = "230102"
DOCUMENTS = frozenset({"technical_design", "test_material", "acceptance_material"})
FIELDS = frozenset({"unit", "location", "device_count", "device_types", "storage_term"})
RECEIVED = beijing("2026-03-20 10:00:00")
WHOLE = Submission(
    received=RECEIVED,
    documents=DOCUMENTS,
    declared_absent=frozenset(),
    fields=FIELDS,
    is_declared_true=True,
    filer="builder",
    user="某物业公司",
    receiver_district=DISTRICT,
    receiver_level="county",
    must_keep_interface=True,
    interface=Interface("gb28181", "sip:1@10.0.0.1", RECEIVED),
)
USER = replace(WHOLE, filer="user_org")
OPERATOR = replace(WHOLE, filer="operator")


def due_of(clock: Clock, accepted: str = "2026-03-01") -> Due:
    effective = date(2026, 3, 2) if clock is Clock.EXISTING else None
    used = "2025-03-01" if clock is Clock.USED_BEFORE else accepted
    is_seed = clock in (Clock.NEW, Clock.EXISTING)
    system = Filed(
        False, False, not is_seed, beijing(accepted) if is_seed else None, None if is_seed else beijing(used)
    )
    [due] = dues(published(effective) if effective else law(), system, holidays())
    assert due.clock is clock
    return due


NEW, EXISTING, USE, USED_BEFORE = (due_of(clock) for clock in Clock)


def judged(due: Due, submission: Submission) -> list[str]:
    return codes(is_complete(law(), due, DISTRICT, submission))


@pytest.mark.parametrize(
    ("due", "submission"), [(NEW, WHOLE), (EXISTING, USER), (USE, OPERATOR), (USED_BEFORE, OPERATOR)]
)
def test_a_whole_submission_is_complete_for_its_clock(due: Due, submission: Submission) -> None:
    assert judged(due, submission) == []


@pytest.mark.parametrize("lacking", sorted(DOCUMENTS))
def test_R18_2_two_of_three_documents_names_the_third(lacking: str) -> None:
    answer = is_complete(law(), NEW, DISTRICT, replace(WHOLE, documents=DOCUMENTS - {lacking}))
    assert codes(answer) == ["R18.2"]
    assert told(answer) == f"the filing lacks: {law().words('filing_document', lacking).en}"


def test_R18_2_a_new_system_cannot_declare_a_document_absent() -> None:
    two = replace(
        WHOLE, documents=DOCUMENTS - {"test_material"}, declared_absent=frozenset({"test_material"})
    )
    assert judged(NEW, two) == ["R18.2"]


def test_R18_2_another_edition_may_ask_for_a_fourth() -> None:
    wider = law().adding(third(code=("filing_document", "floor_plan")))
    assert told(is_complete(wider, NEW, DISTRICT, WHOLE)) == "the filing lacks: floor_plan"


@pytest.mark.parametrize(
    ("district", "level", "expected"),
    [
        (DISTRICT, "county", []),
        ("230103", "county", ["R18.3"]),
        (DISTRICT, "city", ["R18.3"]),
        ("", "", ["R18.3", "R18.3"]),
    ],
)
def test_R18_3_the_county_level_police_of_its_own_district_C4(
    district: str, level: str, expected: list[str]
) -> None:
    change = {"receiver_district": district, "receiver_level": level}
    assert judged(NEW, replace(WHOLE, **change)) == expected  # type: ignore[arg-type]
    assert judged(USE, replace(OPERATOR, **change)) == ["N14"] * len(expected)  # type: ignore[arg-type]


def test_R18_3_a_system_without_a_district_cannot_be_filed() -> None:
    assert codes(is_complete(law(), NEW, "", replace(WHOLE, receiver_district=""))) == ["R18.3"]


def test_R18_4_the_user_files_and_is_named_when_the_builder_does() -> None:
    answer = is_complete(law(), EXISTING, DISTRICT, WHOLE)
    assert codes(answer) == ["R18.4"]
    assert told(answer) == "to be filed by the user (used by 某物业公司)"
    assert judged(NEW, USER) == ["R18.1"]


def test_R18_4_what_exists_is_enclosed_and_the_rest_declared() -> None:
    part = replace(USER, documents=frozenset({"technical_design"}))
    assert judged(EXISTING, part) == ["R18.4"]
    declared = replace(part, declared_absent=DOCUMENTS - {"technical_design"})
    assert judged(EXISTING, declared) == []


def test_R13_2_the_filing_repeats_the_interface() -> None:
    assert judged(NEW, replace(WHOLE, interface=None)) == ["R13.2"] * 3
    assert judged(NEW, replace(WHOLE, interface=None, must_keep_interface=False)) == []


def test_R18_6_the_first_complete_submission_counts() -> None:
    incomplete = replace(WHOLE, received=beijing("2026-03-31 10:00:00"), documents=frozenset())
    completed = replace(WHOLE, received=beijing("2026-04-01 10:00:00"))
    again = replace(WHOLE, received=beijing("2026-04-05 10:00:00"))
    found = first_complete(law(), NEW, DISTRICT, [again, incomplete, completed])
    assert found == completed
    answer = is_on_time(law(), NEW, found.received, again.received)  # day 31
    assert codes(answer) == ["R18.1"]
    assert "1 days overdue" in told(answer)


def test_R18_6_without_a_complete_one_nothing_was_filed() -> None:
    assert first_complete(law(), NEW, DISTRICT, [replace(WHOLE, documents=frozenset())]) is None
    assert first_complete(law(), NEW, DISTRICT, []) is None


@pytest.mark.parametrize(
    ("number", "at", "expected"),
    [("HZ-1", RECEIVED, []), (" ", RECEIVED, ["R18.6"]), ("HZ-1", None, ["R18.6"])],
)
def test_R18_6_a_receipt_has_a_number_and_a_time(
    number: str, at: datetime | None, expected: list[str]
) -> None:
    assert codes(is_receipted(law(), number, at)) == expected


# --- Decree 799


@pytest.mark.parametrize("lacking", sorted(FIELDS))
def test_N14_each_field_is_told(lacking: str) -> None:
    answer = is_complete(law(), USE, DISTRICT, replace(OPERATOR, fields=FIELDS - {lacking}))
    assert codes(answer) == ["N14"]
    assert law().words("filing_field", lacking).zh in told_zh(answer)


def test_N14_the_filer_answers_for_the_truth_and_is_the_operator() -> None:
    assert judged(USE, replace(OPERATOR, is_declared_true=False)) == ["N14"]
    assert judged(USE, WHOLE) == ["N14"]


def test_C1_one_filing_answers_both_only_with_both_sets() -> None:
    both = Law([packaged(HARBIN), packaged("decree_799"), third(code=("filing.use.filer", "builder"))])
    several = (NEW, USE)
    assert satisfied(both, several, DISTRICT, WHOLE) == several
    assert satisfied(both, several, DISTRICT, replace(WHOLE, fields=frozenset())) == (NEW,)
    assert satisfied(both, several, DISTRICT, replace(WHOLE, documents=frozenset())) == (USE,)
    assert satisfied(both, several, DISTRICT, replace(WHOLE, documents=frozenset(), fields=frozenset())) == ()


@pytest.mark.parametrize(
    ("asked", "expected"), [(["营业执照", "平面图"], ["N14"]), (["平面图"], []), ([], [])]
)
def test_N14_the_police_do_not_ask_for_what_is_shared_already(asked: list[str], expected: list[str]) -> None:
    answer = may_ask_for(law(), asked, {"营业执照"})
    assert codes(answer) == expected
    assert not expected or "营业执照" in told_zh(answer)


BEFORE = dict.fromkeys(FIELDS, "x")
CHANGED = beijing("2026-03-01 10:00:00")


@pytest.mark.parametrize(
    ("filed", "expected"),
    [("2026-03-30 12:00:00", []), ("2026-03-31 23:59:59", []), ("2026-04-01 00:00:00", ["N14"])],
)
@pytest.mark.parametrize("field", ["device_count", "device_types", "storage_term", "location"])
def test_N14_a_change_of_what_was_filed_is_filed(field: str, filed: str, expected: list[str]) -> None:
    change = Change(BEFORE, BEFORE | {field: "y"}, CHANGED)
    at = beijing(filed)
    assert codes(is_change_filed(law(), change, at, holidays(), at)) == expected
    assert codes(is_change_filed(law(), change, None, holidays(), at)) == expected


def test_N14_names_what_changed_and_rolls_a_rest_day() -> None:
    change = Change(BEFORE, BEFORE | {"device_count": "9", "location": "z"}, CHANGED)
    late = beijing("2026-05-01")
    assert "系统位置、设备数量已变更" in told_zh(is_change_filed(law(), change, None, holidays(), late))
    sunday = Change(BEFORE, {}, beijing("2026-04-10"))  # day 30 is Sunday 10 May
    monday = beijing("2026-05-11 23:59:59")
    assert codes(is_change_filed(law(), sunday, monday, holidays(), monday)) == []
    assert codes(is_change_filed(law(), sunday, monday + SECOND, holidays(), monday + SECOND)) == ["N14"]


def test_N14_what_is_not_filed_may_change() -> None:
    change = Change(BEFORE, BEFORE | {"colour": "y"}, CHANGED)
    assert is_change_filed(law(), change, None, holidays(), CHANGED + timedelta(days=99)) == Grant(())
    city = Law([packaged(HARBIN)])
    other = Change(BEFORE, {}, CHANGED)
    assert is_change_filed(city, other, None, holidays(), CHANGED + timedelta(days=99)) == Grant(())


def test_facts_that_contradict_themselves_are_no_question() -> None:
    with pytest.raises(UsageError):
        replace(WHOLE, declared_absent=frozenset({"test_material"}))
    with pytest.raises(UsageError):
        replace(WHOLE, received=RECEIVED.replace(tzinfo=None))
    with pytest.raises(UsageError):
        Change(BEFORE, {}, RECEIVED.replace(tzinfo=None))
    with pytest.raises(UsageError):
        is_receipted(law(), "HZ-1", RECEIVED.replace(tzinfo=None))
    change = Change(BEFORE, {}, CHANGED)
    assert codes(is_change_filed(law(), change, CHANGED, holidays(), CHANGED)) == []
    with pytest.raises(UsageError):
        is_change_filed(law(), change, None, holidays(), CHANGED.replace(tzinfo=None))
    for filed, now in ((CHANGED - SECOND, CHANGED), (CHANGED + SECOND, CHANGED), (None, CHANGED - SECOND)):
        with pytest.raises(UsageError):
            is_change_filed(law(), change, filed, holidays(), now)
