"""``bingjian rules``: numbers, citations, who decides; in both languages; an unknown name ends with 2."""

import json
import re
import subprocess
import sys
from dataclasses import replace

import pytest

from bingjian.commands import rules
from bingjian.commands.outcome import CommandFailed, Exit
from bingjian.rules.edition import Act, Bound, Kind, Unit
from bingjian.rules.library import law, packaged
from bingjian.rules.registry import decisions

CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.fixture
def shown(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """What the command prints, on one line each."""
    monkeypatch.setenv("COLUMNS", "110")

    def ask(wish: str | None = None, language: str = "en", as_json: bool = False) -> str:
        monkeypatch.setenv("BINGJIAN_LANGUAGE", language)
        rules.run(wish, as_json=as_json)
        told = capsys.readouterr().out
        return told if as_json else " ".join(told.split())

    return ask


def test_the_contents_name_every_article_duty_and_conflict(shown) -> None:
    told = shown()
    for edition in law().editions:
        assert edition.title.en in told
        assert all(f"{one.article} {one.heading.en}" in told for one in edition.provisions)
    assert set(law().duties) <= set(told.split())
    assert all(f"{one.code} {one.conflict.en}" in told for one in law().conflicts)


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ("28¶2", "retention.default: at least 30 days"),
        ("28¶2", "retention.term.counter_terror: at least 90 days"),
        ("28¶2", "retention.term.important: at least 2 years"),
        ("28.2", "see also Decree 799 art. 17"),
        ("R27.5", "release.persons: at least 2 persons"),
        ("R27.5", "our policy, no law fixes it"),
        ("N14", "filing.used_before: at most 90 days"),
        (
            "R28.1",
            "decided by: may_remove (bingjian.rules.decisions.retention): Art. 28¶2: not before the",
        ),
        ("N17", "see also Harbin measures art. 28¶2"),
        ("N14", "art. 29 no filing, or a false one: correct in time; on refusal up to 10,000 yuan."),
        ("C9", "chosen: A standard can only lengthen"),
        ("CTL 32", "in force from 2018-04-27; only the articles that others cite"),
    ],
)
def test_a_reader_finds_the_number_and_its_source(shown, wish: str, told: str) -> None:
    assert told in shown(wish)


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ("28", "至少 30 日"),
        ("N14", "至多 90 日"),
        ("N14", "第二十九条 不备案，或者提供虚假的备案信息：限期改正；拒不改正的罚一万元以下。"),
        ("retention.default", "《公共安全视频图像信息系统管理条例》（自 2025-04-01 起施行）"),
        ("C9", "取舍：标准只能在目的需要时延长期限"),
    ],
)
def test_it_speaks_chinese(shown, wish: str, told: str) -> None:
    assert told in shown(wish, "zh")


def test_in_english_only_the_reference_is_chinese(shown) -> None:
    lines = re.split(r"key words in Chinese: \S+", shown("N17"))
    assert not CHINESE.search("".join(lines))


def test_every_page_can_be_shown_in_both_languages(shown) -> None:
    for edition in law().editions:
        for one in edition.provisions:
            for language in ("zh", "en"):
                assert one.heading.zh in shown(str(one.article), language) or language == "en"


def test_json_says_the_same(shown) -> None:
    [page] = json.loads(shown("N14", as_json=True))["pages"]
    assert (page["edition"], page["article"], page["effective"]) == ("decree_799", "N14", "2025-04-01")
    numbers = {(one["key"], one["value"], one["unit"], one["bound"]) for one in page["parameters"]}
    assert {("filing.use", 30, "days", "most"), ("filing.used_before", 90, "days", "most")} <= numbers
    [duty] = page["duties"]
    assert (duty["code"], duty["beside"]) == ("N14", ["R18.1", "R18.3", "R18.4"])
    assert duty["decisions"][0]["name"] == decisions()["N14"][0].__name__
    assert [one["article"] for one in page["penalties"]] == ["N29"]
    assert [one["code"] for one in page["conflicts"]] == ["C1", "C4", "C5"]
    assert json.loads(shown("C2", as_json=True))["conflict"]["duties"] == ["R28.3", "R28.8", "N17"]
    editions = json.loads(shown(as_json=True))["editions"]
    assert [len(one["articles"]) for one in editions] == [36, 34, 1]


def test_where_another_edition_is_stricter_its_number_is_told_too(
    shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = packaged("counter_terrorism_law_2018")
    stricter = replace(other.parameters[0], key="retention.default", value=45)
    title = other.title._replace(rank=9, code="other", mark="O")
    measure = replace(other, title=title, kind=Kind.LOCAL_MEASURE, duties=(), parameters=(stricter,))
    binding = law().adding(measure)
    monkeypatch.setattr(rules, "law", lambda: binding)
    assert "retention.default: at least 30 days" in shown("R28.1")
    assert "the stricter decides: at least 45 days; see also Counter-terrorism Law art. 32" in shown("R28.1")


@pytest.mark.parametrize("wish", ["99", "R0.1", "", "retention", "'; DROP TABLE", "\u0000"])
def test_an_unknown_name_is_one_sentence_and_2(wish: str) -> None:
    with pytest.raises(CommandFailed) as caught:
        rules.run(wish, as_json=False)
    assert caught.value.code is Exit.USAGE
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "unit", "bound", "told"),
    [
        (1, Unit.DAYS, Bound.MOST, "at most 1 day"),
        (30, Unit.DAYS, Bound.LEAST, "at least 30 days"),
        (95, Unit.PERCENT, Bound.LEAST, "at least 95%"),
        (3, Unit.ITEMS, Bound.LEAST, "at least 3"),
        (5, Unit.WORKING_DAYS, Bound.MOST, "at most 5 working days"),
    ],
)
def test_an_amount_with_its_unit(value: int, unit: Unit, bound: Bound, told: str) -> None:
    assert rules.amount_of(value, unit, bound) == told


def test_a_key_shows_its_number_first(shown) -> None:
    assert shown("filing.use").startswith("filing.use: at most 30 days (")
    assert shown("filing.use", "zh").startswith("filing.use：至多 30 日（")


def test_every_number_can_be_read_at_once(shown) -> None:
    keys = sorted(one.key for edition in law().editions for one in edition.parameters)
    told, told_as_json = shown("numbers"), json.loads(shown("numbers", as_json=True))
    assert all(f"{key}: at " in told for key in keys)
    assert sorted(one["key"] for one in told_as_json["numbers"]) == keys


def test_every_unit_bound_act_and_part_has_its_words() -> None:
    assert (set(rules.UNITS), set(rules.BOUNDS), set(rules.ACTS)) == (set(Unit), set(Bound), set(Act))
    parts = {duty.part for duty in law().duties.values()} - {"FILL"}
    assert parts - set(rules.PARTS) == set()


def test_it_comes_without_loading_the_platform() -> None:
    # Not pydantic: Typer itself loads it for any argument.
    code = (
        "import sys, bingjian.cli; sys.argv = ['bingjian', 'rules', '28']\n"
        "try: bingjian.cli.main()\n"
        "except SystemExit: pass\n"
        "heavy = {'fastapi', 'sqlalchemy', 'httpx', 'av', 'numpy', 'uvloop', 'rich', 'asyncio'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
