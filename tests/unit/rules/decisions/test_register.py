"""The register: each field alone may be the one that lacks."""

from dataclasses import replace

import pytest

from bingjian.rules.decisions.register import CALL_FIELDS, Entry, agrees, may_enter
from bingjian.rules.library import law
from tests.unit.rules.answers import codes, reasons
from tests.unit.rules.fictitious import code, edition
from tests.unit.rules.times import span

COPY = Entry(
    persons=("张", "李"),
    time=span("2026-03-01 09:00:00", "2026-03-01 09:30:00"),
    purpose="交通事故",
    destination="市公安局南岗分局",
    unit="南岗分局",
    content="东门录像",
    cameras=("c1",),
    interval=span("2026-02-28 08:00:00", "2026-02-28 09:00:00"),
    package_hash="ab12",
    hands_over=True,
)


def test_R25_12_a_whole_entry_is_entered() -> None:
    assert codes(may_enter(law(), COPY)) == []
    assert codes(may_enter(law(), replace(COPY, hands_over=False, package_hash=""))) == []


@pytest.mark.parametrize(
    ("name", "empty", "told"),
    [
        ("persons", (), "persons"),
        ("persons", ("张", ""), "persons"),
        ("time", None, "time"),
        ("purpose", "", "purpose"),
        ("destination", "", "destination"),
        ("destination", " \n", "destination"),
        ("unit", "", "their unit"),
        ("content", "", "content"),
        ("cameras", (), "cameras"),
        ("cameras", ("c1", " "), "cameras"),
        ("interval", None, "interval of the footage"),
        ("package_hash", "", "hash of the package"),
    ],
)
def test_R25_12_a_field_that_lacks_is_named(name: str, empty: object, told: str) -> None:
    answer = may_enter(law(), replace(COPY, **{name: empty}))  # type: ignore[arg-type]
    assert "R25.12" in codes(answer)
    assert f"the register entry lacks: {told}" in reasons(answer)


def test_R25_12_the_four_fields_of_the_law_are_the_first_of_the_list() -> None:
    numbered = [codes_[0] for codes_ in law().codes("register_field").values() if codes_[0].number]
    assert [each.code for each in numbered] == ["persons", "time", "purpose", "destination"]
    assert {str(each.article) for each in numbered} == {"25(5)"}


@pytest.mark.parametrize(
    ("field", "name"),
    [("reason", "purpose"), ("content", "content"), ("caller_unit", "unit"), ("caller_name", "persons")],
)
def test_N16_reason_content_and_the_callers_unit_and_name(field: str, name: str) -> None:
    both = law() if field in law().codes(CALL_FIELDS) else law().adding(edition(code(CALL_FIELDS, field)))
    assert codes(may_enter(both, COPY)) == []
    empty: object = () if name == "persons" else ""
    assert codes(may_enter(both, replace(COPY, **{name: empty}))) == ["R25.12", "N16"]  # type: ignore[arg-type]


def test_N16_a_field_that_another_edition_adds_is_asked_for() -> None:
    more = law().adding(edition(code(CALL_FIELDS, "case_number")))
    assert codes(may_enter(more, COPY)) == ["N16"]
    assert codes(may_enter(more, replace(COPY, also={"case_number": "2026-7"}))) == []


@pytest.mark.parametrize(
    ("register", "journal", "refusals"),
    [
        (["a", "b"], ["b", "a"], 0),
        (["a"], ["a", "b"], 1),
        (["a", "b"], ["a"], 1),
        (["a"], ["b"], 2),
        ([], [], 0),
    ],
)
def test_R25_12_register_and_journal_are_equal_record_for_record(
    register: list[str], journal: list[str], refusals: int
) -> None:
    assert codes(agrees(law(), register, journal)) == ["R25.12"] * refusals
