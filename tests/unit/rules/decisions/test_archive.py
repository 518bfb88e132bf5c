"""The archive: its parts, its units and staff, and that nothing of it is ever lost."""

from dataclasses import replace

import pytest

from bingjian.rules.decision import UsageError, all_of
from bingjian.rules.decisions.archive import (
    ArchivedUnit,
    Paper,
    Version,
    are_units_archived,
    is_archive_complete,
    is_whole,
    may_delete,
    may_read,
    may_store,
)
from bingjian.rules.library import law
from tests.unit.rules.answers import codes, third, told, told_zh
from tests.unit.rules.decisions.test_systems import system

PUBLIC = system(government_invested=True)
PRIVATE = system(class_a=True)
PARTS = ("design", "construction", "acceptance")
PAPERS = [Paper(part, f"{part}.pdf") for part in PARTS]
UNITS = [ArchivedUnit(part, "某公司", "9123", "一级", "张三", "Z-1") for part in PARTS]


def test_R17_1_an_empty_part_is_refused_by_name() -> None:
    assert codes(is_archive_complete(law(), PUBLIC, PAPERS, jobs=0)) == []
    answer = is_archive_complete(law(), PUBLIC, [PAPERS[0], PAPERS[2]], jobs=0)
    assert codes(answer) == ["R17.1"]
    assert told(answer) == "the archive holds nothing of construction"
    assert told_zh(answer) == "档案中没有：施工资料"


def test_R17_1_a_paper_without_a_name_is_none() -> None:
    assert codes(is_archive_complete(law(), PUBLIC, [*PAPERS[:2], Paper("acceptance", " ")], jobs=0)) == [
        "R17.1"
    ]


@pytest.mark.parametrize(("jobs", "expected"), [(0, []), (1, ["R17.1"]), (2, ["R17.1"])])
def test_R17_1_maintenance_is_owed_after_the_first_job(jobs: int, expected: list[str]) -> None:
    assert codes(is_archive_complete(law(), PUBLIC, PAPERS, jobs)) == expected
    assert codes(is_archive_complete(law(), PUBLIC, [*PAPERS, Paper("maintenance", "工单")], jobs)) == []


def test_N11_private_class_a_systems_keep_an_archive_too() -> None:
    assert codes(is_archive_complete(law(), PRIVATE, [], jobs=0)) == ["N11"]
    assert codes(are_units_archived(law(), PRIVATE, [], jobs=0)) == ["N11"] * 3
    assert codes(is_archive_complete(law(), system(), [], jobs=0)) == []
    assert codes(are_units_archived(law(), system(), [], jobs=0)) == []


def test_R17_1_another_edition_may_add_a_part() -> None:
    wider = law().adding(third(code=("archive_part", "inspection")))
    assert (
        told(is_archive_complete(wider, PUBLIC, PAPERS, jobs=0)) == "the archive holds nothing of inspection"
    )


@pytest.mark.parametrize("field", ["name", "code", "qualification", "staff", "certificate"])
def test_R17_2_a_unit_is_told_in_full(field: str) -> None:
    assert codes(are_units_archived(law(), PUBLIC, UNITS, jobs=0)) == []
    units = [replace(UNITS[0], **{field: " "}), *UNITS[1:]]
    assert codes(are_units_archived(law(), PUBLIC, units, jobs=0)) == ["R17.2"]


def test_R17_2_a_unit_without_staff_and_an_activity_without_a_unit() -> None:
    answer = are_units_archived(law(), PUBLIC, [replace(UNITS[0], staff=""), UNITS[1]], jobs=0)
    assert codes(answer) == ["R17.2", "R17.2"]
    assert set(told(answer).splitlines()) == {
        "not archived for design: professional staff",
        "not archived for acceptance: unit and professional staff",
    }


def test_R17_2_of_several_units_each_is_told_in_full() -> None:
    answer = are_units_archived(law(), PUBLIC, [*UNITS, replace(UNITS[1], certificate="")], jobs=0)
    assert told(answer) == "not archived for construction: their certificate"


# --- kept by law

FIRST = Version(1, "aa")


@pytest.mark.parametrize(
    ("new", "count"),
    [(Version(2, "bb"), 0), (Version(1, "bb"), 1), (Version(3, "bb"), 1), (Version(2, " "), 1)],
)
def test_R17_3_an_overwrite_becomes_the_next_version(new: Version, count: int) -> None:
    assert codes(may_store(law(), "竣工图", [FIRST], new)) == ["R17.3"] * count


def test_R17_3_the_first_version_is_one() -> None:
    assert codes(may_store(law(), "竣工图", [], FIRST)) == []
    assert codes(may_store(law(), "竣工图", [], Version(2, "bb"))) == ["R17.3"]


def test_R17_3_nothing_is_deleted() -> None:
    answer = may_delete(law(), "竣工图")
    assert codes(answer) == ["R17.3"]
    assert answer.reason.zh == "《竣工图》已归档，不能删除"


@pytest.mark.parametrize(("has_right", "expected"), [(True, []), (False, ["R17.3"])])
def test_R17_3_reading_needs_the_right_to_base_information(has_right: bool, expected: list[str]) -> None:
    answer = may_read(law(), "竣工图", has_right)
    assert codes(answer) == expected
    for refusal in all_of(answer):
        assert [str(article) for article in (refusal.article, *refusal.beside)] == ["17", "27¶1"]


@pytest.mark.parametrize(("found", "expected"), [("aa", []), ("ab", ["R17.3"]), ("", ["R17.3"])])
def test_R17_3_a_changed_byte_is_found_and_the_document_named(found: str, expected: list[str]) -> None:
    answer = is_whole(law(), "竣工图", FIRST, found)
    assert codes(answer) == expected
    assert not expected or "version 1 of 竣工图" in told(answer)


def test_facts_that_contradict_themselves_are_no_question() -> None:
    with pytest.raises(UsageError):
        Version(0, "aa")
    with pytest.raises(UsageError):
        is_archive_complete(law(), PUBLIC, PAPERS, jobs=-1)
