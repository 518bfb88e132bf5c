"""The table of who may do what: every cell as requirements have it, and the rules above it."""

from dataclasses import replace
from itertools import product

import pytest

from bingjian.rules.decision import Grant, Refusal, UsageError, all_of
from bingjian.rules.decisions.rights import (
    Deed,
    Held,
    may_change_account,
    may_do,
    may_hold,
    read_rights,
)
from bingjian.rules.law import Law, LawError
from bingjian.rules.library import law, packaged, rights
from tests.unit.rules.times import SECOND, beijing

NOW = beijing("2026-11-26 10:00:00")
END = beijing("2026-11-26 18:00:00")
# Requirements, section 4, written out by hand: L P C F K B R A H G D. A cell: marks, "-" never.
TABLE = {
    "watcher": "a a - - a - - - a - -",
    "shift_lead": "a a - - a a - - a a -",
    "custodian": "- a g g - - - a a/a2 a -",
    "officer": "g g g g - - - - . - -",
    "maintainer": "w - - - w w w - - - -",
    "builder": "w+trial - - - - own . - - - -",
    "construction_unit": "w+trial - - - - own . - - - -",
    "registrar": "- - - - - a a - - a -",
    "department_user": "s s g - - - - - - - -",
    "city_data_authority": "- - - - - . . ./././ - . -",
    "workgroup_office": "- - - - - . - . - . -",
    "public_security": "a a g g a a - a/a/a a/a2 a -",
    "inspector": "- g g - - a - - . a -",
    "archivist": "- - - - - a - a - a -",
    "planner": "- - - - - - . - - - -",  # its query of column B is the platform's own: yes or no
    "discipline_body": "- g - - - - - - . . -",
    "individual": "- g+masked - - - - - - - - -",
    "government": "- - - - - - - ./. - - -",
    "telecom": "- - - - - own - - - - -",
    "auditor": "- - - - - - - - - . -",
    "sysadmin": "- - - - - - . - - - -",
    "witness": "- - - - - - - - - . -",
    "retention_job": "- - - - - - - - - - expired",
}
EVERYBODYS = {"own_account", "platform_state", "law", "organisations"}  # of people, whatever their role
LETTERS = ["L", "P", "C", "F", "K", "B", "R", "A", "H", "G", "D"]


def deed(role: str, act: str, met: str = "", **changes: object) -> Deed:
    made = Deed(
        person="p1",
        organisation="o1",
        roles=(Held(role, END),),
        act=act,
        target="camera 7",
        purpose="duty_watch",
        met=frozenset(met.split()),
        asked_by="p9",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def codes(answer: Grant | Refusal) -> list[str]:
    return [refusal.code for refusal in all_of(answer)]


def cell(role: str, letter: str) -> set[str]:
    """A cell of the packaged table in the marks of ``TABLE``."""
    found = set()
    for act, only in rights().roles[role].items():
        if rights().acts[act].letter == letter:
            marks = sorted((rights().conditions[code].mark for code in only), key="agws2".find)
            found.add("+".join(marks).replace("a+2", "a2") or ".")
    return found or {"-"}


@pytest.mark.parametrize(("role", "column"), list(product(TABLE, range(len(LETTERS)))))
def test_R27_1_every_cell_of_the_table_is_as_requirements_have_it(role: str, column: int) -> None:
    written = {mark for mark in TABLE[role].split()[column].split("/") if mark}
    found = {"+".join(sorted(mark.split("+"), reverse=True)) for mark in cell(role, LETTERS[column])}
    assert found == {"+".join(sorted(mark.split("+"), reverse=True)) for mark in written}


def test_R27_1_the_table_has_the_roles_of_the_law_and_no_other() -> None:
    assert set(rights().roles) == set(law().codes("role")) == set(TABLE)


@pytest.mark.parametrize("role", [*TABLE, "nobody", ""])
@pytest.mark.parametrize("act", [*rights().acts, "new_endpoint"])
def test_R27_1_what_the_table_does_not_name_is_refused_whatever_holds(role: str, act: str) -> None:
    every = " ".join(set(rights().conditions) - {"two"})
    answer = may_do(law(), rights(), deed(role, act, every, confirmed_by=("p2",)), NOW)
    is_named = act in rights().roles.get(role, {})
    is_everybodys = act in EVERYBODYS and role in TABLE and role not in {"witness", "retention_job"}
    assert isinstance(answer, Grant) is (is_named or is_everybodys)


def test_R27_1_every_condition_of_a_row_is_needed() -> None:
    for role, may in rights().roles.items():
        for act, only in may.items():
            for left_out in only - {"two"}:
                wanted = deed(role, act, " ".join(only - {"two", left_out}), confirmed_by=("p2",))
                answer = may_do(law(), rights(), wanted, NOW)
                assert isinstance(answer, Refusal)
                assert rights().conditions[left_out].words.en in answer.reason.en


@pytest.mark.parametrize("part", ["person", "organisation", "target", "purpose", "act"])
def test_R27_1_what_is_not_known_is_refused_by_name(part: str) -> None:
    answer = may_do(law(), rights(), replace(deed("watcher", "live", "area"), **{part: " "}), NOW)
    assert "R27.1" in codes(answer)
    assert any("not given" in refusal.reason.en for refusal in all_of(answer))
    assert isinstance(may_do(law(), rights(), deed("watcher", "live", "area", roles=()), NOW), Refusal)


@pytest.mark.parametrize(("now", "granted"), [(END - SECOND, True), (END, True), (END + SECOND, False)])
def test_R27_1_a_role_ends_with_its_last_second(now: object, granted: bool) -> None:
    answer = may_do(law(), rights(), deed("watcher", "live", "area"), now)  # type: ignore[arg-type]
    assert isinstance(answer, Grant) is granted
    if isinstance(answer, Refusal):
        assert "2026-11-26 18:00:00" in answer.reason.zh


def test_R27_1_nobody_approves_their_own_request() -> None:
    own = deed("custodian", "approve_access", "area", asked_by=" P1 ")
    assert codes(may_do(law(), rights(), own, NOW)) == ["R27.1"]
    assert isinstance(may_do(law(), rights(), replace(own, asked_by="p2"), NOW), Grant)
    assert codes(may_do(law(), rights(), replace(own, asked_by=""), NOW)) == ["R27.1"]


def test_R27_1_two_persons_are_different_persons() -> None:
    release = deed("custodian", "hold_release", "area")
    assert isinstance(may_do(law(), rights(), release, NOW), Refusal)
    assert isinstance(may_do(law(), rights(), replace(release, confirmed_by=("P1 ", "")), NOW), Refusal)
    assert isinstance(may_do(law(), rights(), replace(release, confirmed_by=("p2",)), NOW), Grant)


def test_R27_1_the_citation_holds_the_decree_and_so_does_N16_alone_before_the_city_measures() -> None:
    answer = may_do(law(), rights(), deed("auditor", "live"), NOW)
    assert isinstance(answer, Refusal)
    assert "N16" in [str(each) for each in answer.beside]
    decree = Law([packaged("decree_799")])
    assert codes(may_do(decree, rights(), replace(deed("auditor", "live"), roles=()), NOW))[0] == "N16"


@pytest.mark.parametrize(
    ("roles", "refused"),
    [
        (["sysadmin", "auditor"], True),
        (["custodian", "auditor"], True),
        (["sysadmin", "custodian"], False),
        (["auditor"], False),
        ([], False),
    ],
)
def test_R27_4_who_keeps_accounts_or_footage_does_not_audit(roles: list[str], refused: bool) -> None:
    assert codes(may_hold(law(), rights(), roles)) == (["R27.4"] if refused else [])
    both = deed("watcher", "live", "area", roles=tuple(Held(role, END) for role in ["watcher", *roles]))
    assert isinstance(may_do(law(), rights(), both, NOW), Refusal) is refused


@pytest.mark.parametrize("role", [role for role in TABLE if role != "retention_job"])
def test_R27_4_no_person_deletes_originals_whatever_the_role(role: str) -> None:
    every = deed(role, "delete", "area own grant order share trial masked expired", confirmed_by=("p2",))
    answer = may_do(law(), rights(), every, NOW)
    assert {"R27.1"} <= set(codes(answer))
    assert ("R27.4" in codes(answer)) is (role not in rights().machines)
    with_the_job = replace(every, roles=(Held(role, END), Held("retention_job", END)))
    if role not in rights().machines:
        assert set(codes(may_do(law(), rights(), with_the_job, NOW))) == {"R27.4"}
        assert isinstance(may_hold(law(), rights(), [role, "retention_job"]), Refusal)


def test_R27_4_the_job_deletes_what_has_expired_and_nothing_else() -> None:
    assert isinstance(may_do(law(), rights(), deed("retention_job", "delete", "expired"), NOW), Grant)
    assert isinstance(may_do(law(), rights(), deed("retention_job", "delete"), NOW), Refusal)


def test_two_persons_are_counted_and_a_role_without_offset_is_no_question() -> None:
    with pytest.raises(UsageError):
        deed("custodian", "hold_release", "area two")
    with pytest.raises(UsageError):
        Held("watcher", END.replace(tzinfo=None))
    with pytest.raises(UsageError):
        may_do(law(), rights(), deed("watcher", "live"), NOW.replace(tzinfo=None))


GOOD = """
[[condition]]
code = "area"
mark = "a"
text.zh = "辖区"
text.en = "area"

[[act]]
code = "delete"
letter = "D"
text.zh = "删除"
text.en = "delete"

[[act]]
code = "live"
letter = "L"
text.zh = "看"
text.en = "look"

[[role]]
code = "watcher"
may = ["live area"]

[[role]]
code = "job"
machine = true
may = ["delete"]

[[apart]]
roles = ["watcher", "job"]
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ('may = ["live area"]', 'may = ["delete"]', 22, "no person deletes originals"),
        ('may = ["live area"]', 'may = ["live moon"]', 22, "no such act or condition"),
        ('may = ["live area"]', 'may = ["fly area"]', 22, "no such act or condition"),
        ('may = ["live area"]', 'may = ["live area", "live"]', 22, "already"),
        ('may = ["live area"]', 'may = [""]', 22, "no such act"),
        ('code = "job"', 'code = "watcher"', 25, "already"),
        ('code = "live"', 'code = "delete"', 15, "already"),
        ('roles = ["watcher", "job"]', 'roles = ["watcher"]', 30, "several roles"),
        ('roles = ["watcher", "job"]', 'roles = ["watcher", "gone"]', 30, "several roles"),
        ('mark = "a"', 'mark = "a"\nmurk = "b"', 5, "no such key"),
        ("[[apart]]", "[[apert]]", 1, "no such table"),
        ('mark = "a"', "mark = a", 4, "not TOML"),
    ],
)
def test_a_damaged_table_is_refused_with_its_line(old: str, new: str, line: int, reason: str) -> None:
    assert read_rights("rights.toml", GOOD).machines == {"job"}
    with pytest.raises(LawError, match=reason) as caught:
        read_rights("rights.toml", GOOD.replace(old, new, 1))
    assert caught.value.source.line == line


@pytest.mark.parametrize(("by", "refused"), [("a", True), (" A ", True), ("b", False), ("", False)])
def test_R27_4_nobody_changes_the_rights_of_their_own_account(by: str, refused: bool) -> None:
    assert codes(may_change_account(law(), "a", by)) == (["R27.4"] if refused else [])
