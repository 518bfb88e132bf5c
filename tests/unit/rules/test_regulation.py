"""docs/regulation.md is what the code says; each requirement has its decision, each decision its test."""

from pathlib import Path

import pytest

from bingjian.rules.library import law
from bingjian.rules.registry import decisions
from tests import regulation
from tests.regulation import PAGE, ROOT, Citations, askers, citations_of, codes_in, found, page

KNOWN = {"R28.1", "R28.4", "R28.6", "R28.10", "N14", "N8.1", "CTL32", "C1"}


def nothing(of: list[str], sentence: str) -> None:
    """Fails with one line for each."""
    if of:
        pytest.fail(f"{len(of)} {sentence}:\n  " + "\n  ".join(of), pytrace=False)


# --- the platform's own


def test_the_page_is_what_the_code_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(found()), "stale: ./run fmt writes it"


def test_every_requirement_has_a_decision() -> None:
    nothing(regulation.undecided(law(), decisions()), "requirements have no decision")


def test_every_decision_has_a_test_of_its_name() -> None:
    nothing(regulation.untested(decisions(), found().tests), "decisions have no test")


def test_every_decision_is_for_a_requirement() -> None:
    nothing(regulation.unfounded(law(), decisions()), "decisions are of codes that no edition has")


def test_no_test_cites_an_unknown_code() -> None:
    nothing(list(found().tests.unknown), "tests cite a code that nothing has")


# --- how it looks


@pytest.mark.parametrize(
    ("test", "codes"),
    [
        ("test_R28_1_day_thirty", ("R28.1",)),
        ("test_R28_10_two_documents", ("R28.10",)),
        ("test_R28_1_2_years", ("R28.1",)),
        ("test_R28_4_R28_6_nothing_goes", ("R28.4", "R28.6")),
        ("test_N14_90_days", ("N14",)),
        ("test_N14_system_C1_both", ("N14",)),
        ("test_N8_1_no_camera", ("N8.1",)),
        ("test_CTL32", ("CTL32",)),
        ("test_C1_both_clocks", ("C1",)),
        ("test_R28_99_typing_error", ("R28.99",)),
        ("test_R28_without_number", ("R28",)),
        ("test_H264_frames", ()),
        ("test_nothing_R28_1", ()),
    ],
)
def test_codes_stand_at_the_start_of_a_name(test: str, codes: tuple[str, ...]) -> None:
    assert codes_in(test, KNOWN) == codes


def written(folder: Path, file: str, source: str) -> Path:
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, encoding="utf-8")
    return path


def test_tests_are_found_also_in_classes_and_unknown_codes_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regulation, "ROOT", tmp_path)
    source = (
        "class TestIt:\n    async def test_R28_1_a(self): ...\n"
        "def test_R28_99_b(): ...\ndef helper_R28_4(): ...\n"
    )
    file = written(tmp_path, "tests/test_a.py", source)
    told = citations_of([file], KNOWN)
    assert told.files == {"R28.1": ("tests/test_a.py",)}
    assert told.unknown == ("tests/test_a.py: test_R28_99_b cites R28.99",)


def test_who_asks_is_found_directly_by_module_and_through_another_rule(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regulation, "ROOT", tmp_path)
    written(
        tmp_path,
        "bingjian/rules/place.py",
        "from bingjian.rules.civil import helper\ndef may(x): return inner(x)\n"
        "def inner(x): return helper(x)\ndef unasked(x): return unasked(x)\n",
    )
    written(tmp_path, "bingjian/rules/civil.py", "def helper(x): return x\n")
    written(tmp_path, "bingjian/one.py", "from bingjian.rules.place import may\nmay(1)\n")
    written(tmp_path, "bingjian/two/__init__.py", "from bingjian.rules import place as p\np.inner(1)\n")
    told = askers(tmp_path / "bingjian")
    assert told.outside["bingjian.rules.place", "may"] == ("bingjian.one",)
    assert told.outside["bingjian.rules.place", "inner"] == ("bingjian.one", "bingjian.two")
    assert told.outside["bingjian.rules.civil", "helper"] == ("bingjian.one", "bingjian.two")
    assert told.inside["bingjian.rules.civil", "helper"] == ("bingjian.rules.place",)
    assert not any(("bingjian.rules.place", "unasked") in asked for asked in (told.outside, told.inside))


def test_what_is_missing_is_named() -> None:
    some = {"R28.1": decisions()["R28.1"], "R0.1": decisions()["R28.1"]}
    assert any(line.startswith("N17: Decree 799 art. 17, ") for line in regulation.undecided(law(), some))
    assert not any(line.startswith("R28.1:") for line in regulation.undecided(law(), some))
    told = regulation.untested(some, Citations({"R0.1": ("tests/test_a.py",)}, ()))
    assert told == ["R28.1: bingjian.rules.decisions.retention.may_remove wants a test_R28_1_…"]
    assert regulation.unfounded(law(), some) == ["R0.1: bingjian.rules.decisions.retention.may_remove"]


def test_what_is_asked_is_in_use_and_what_is_not_waits_for_its_part() -> None:
    rows = [line for line in page(found()).splitlines() if line.startswith("| ")]
    [removal] = [row for row in rows if " | R28.1 | " in row]
    assert "[may_remove](../bingjian/rules/decisions/retention.py)" in removal
    assert "[test_retention](../tests/unit/rules/decisions/test_retention.py)" in removal
    assert removal.endswith("| in use: `retention.alarms`, `retention.removal` |")
    waiting = [duty.code for duty in law().duties.values() if not found().users(duty)]
    assert all(any(f" | {code} | " in row and "| waits for: " in row for row in rows) for code in waiting)


def test_every_article_is_on_the_page_or_said_to_be_silent() -> None:
    text = page(found())
    for edition in law().editions:
        for one in edition.provisions:
            assert (
                f"### {one.article} {one.heading.en}" in text
                or f", {one.article}" in text
                or f": {one.article}" in text
            )


def test_the_page_lies_where_it_is_linked() -> None:
    assert PAGE == ROOT / "docs" / "regulation.md"
