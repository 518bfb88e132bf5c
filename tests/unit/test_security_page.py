"""docs/security.md: every threat has its defence, a test that is there, and what is left open."""

import re
from functools import cache
from pathlib import Path

import pytest

from bingjian.settings import Settings

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "security.md").read_text()
PARTS = ("- Defence: ", "- Shown by: ", "- Left open: ")


def threats() -> dict[str, str]:
    _, *found = re.split(r"^### (T\d+) .*$", TEXT.split("\n## Keys")[0], flags=re.M)
    return dict(zip(found[::2], found[1::2], strict=True))


@cache
def names_of_tests() -> frozenset[str]:
    files = (ROOT / "tests").rglob("test_*.py")
    return frozenset(name for file in files for name in re.findall(r"def (test_\w+)\(", file.read_text()))


def test_threats_are_numbered_without_a_hole() -> None:
    assert list(threats()) == [f"T{n}" for n in range(1, len(threats()) + 1)]


@pytest.mark.parametrize("threat", threats())
def test_each_says_all_three_things_in_order(threat: str) -> None:
    lines = [line for line in threats()[threat].splitlines() if line.startswith("- ")]
    assert [next(part for part in PARTS if line.startswith(part)) for line in lines] == list(PARTS)


@pytest.mark.parametrize("threat", threats())
def test_what_it_is_shown_by_is_there(threat: str) -> None:
    shown = threats()[threat].split(PARTS[1])[1].split(PARTS[2])[0]
    named = re.findall(r"`(test_\w+)`", shown)
    assert named
    assert [name for name in named if name not in names_of_tests()] == []


def test_settings_that_it_names_exist() -> None:
    named = {name.lower() for name in re.findall(r"BINGJIAN_(\w+)", TEXT)}
    assert named - set(Settings.model_fields) == set()


def test_keys_that_it_names_are_made_and_those_made_are_named() -> None:
    files = (file for file in (ROOT / "bingjian").rglob("*.py") if "simulate" not in file.parts)
    made = {
        f"keys/{name}" for file in files for name in re.findall(r'keys_dir / "(\w+\.key)"', file.read_text())
    }
    assert made == set(re.findall(r"^\| `(keys/\w+\.key)`", TEXT, re.M))


def test_prose_is_narrow() -> None:
    lines = [line for line in TEXT.splitlines() if not line.startswith("|")]
    assert [line for line in lines if len(line) > 120] == []
