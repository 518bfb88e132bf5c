"""What exists is described: commands, settings, dependencies. What is committed names no registry."""

import json
import re
import tomllib
from pathlib import Path

import pytest
import typer.main

from bingjian.cli import app
from bingjian.settings import Settings

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.zh-CN.md")
PAGES = sorted(path.relative_to(ROOT) for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])


def commands() -> list[tuple[str, ...]]:
    """Every command's words: ("camera", "add")."""
    found: list[tuple[str, ...]] = []
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        found += [(name, below) for below in inner] if inner else [(name,)]
    return found


@pytest.mark.parametrize("readme", READMES)
@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_is_described(words: tuple[str, ...], readme: str) -> None:
    rows = [line for line in (ROOT / readme).read_text().splitlines() if line.startswith("| `bingjian ")]
    mine = [row for row in rows if f"`bingjian {words[0]}" in row]
    assert any(re.search(rf"\b{words[-1]}`", row) for row in mine)


@pytest.mark.parametrize("readme", READMES)
@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_described(name: str, readme: str) -> None:
    assert f"| `BINGJIAN_{name.upper()}` |" in (ROOT / readme).read_text()


@pytest.mark.parametrize("readme", READMES)
def test_no_setting_is_described_that_is_not_there(readme: str) -> None:
    told = re.findall(r"^\| `BINGJIAN_(\w+)` \|", (ROOT / readme).read_text(), re.M)
    assert {name.lower() for name in told} == set(Settings.model_fields)


def dependencies() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wishes = [*project["project"]["dependencies"]]
    for several in (project["project"]["optional-dependencies"], project["dependency-groups"]):
        wishes += [wish for wishes_of_one in several.values() for wish in wishes_of_one]
    python = {re.split(r"[\[>=<~]", wish)[0] for wish in wishes} - {"bingjian"}
    web = json.loads((ROOT / "web" / "package.json").read_text())
    return sorted({*python, *web["dependencies"], *web["devDependencies"]})


@pytest.mark.parametrize("name", dependencies())
def test_every_dependency_has_its_reason(name: str) -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text()
    named = {
        word.strip()
        for line in page.splitlines()
        if line.startswith("| ")
        for word in line.split("|")[1].split(",")
    }
    assert name in named


def shape(text: str) -> list[str]:
    """Headings and table rows, whatever language they are in."""
    rows = [line for line in text.splitlines() if line.startswith(("#", "|"))]
    return [row.split("`")[1] if row.startswith("| `") else row.split(" ")[0] for row in rows]


def test_both_readmes_have_the_same_shape() -> None:
    english, chinese = (shape((ROOT / readme).read_text()) for readme in READMES)
    assert english == chinese


def test_run_explains_every_command_it_has() -> None:
    script = (ROOT / "run").read_text()
    usage = script[: script.index("set -eu")]
    cases = re.findall(r"^  ([a-z]+)\)", script[script.index("case $command in") :], re.M)
    assert cases
    assert [name for name in cases if not re.search(rf"\b{name}\b", usage)] == []


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)\)", (ROOT / page).read_text())
    ours = [link for link in links if "://" not in link]
    assert [link for link in ours if not (ROOT / page).parent.joinpath(link).exists()] == []


def test_locks_name_no_host() -> None:
    locks = [*ROOT.glob("requirements*.lock"), ROOT / "web" / "package-lock.json"]
    lines = [line for lock in locks for line in lock.read_text().splitlines() if '"url":' not in line]
    assert [line for line in lines if "://" in line] == []
    assert [
        lock.name for lock in ROOT.glob("requirements*.lock") if "--hash=sha256:" not in lock.read_text()
    ] == []
