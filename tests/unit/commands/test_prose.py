"""Prose is wrapped to the terminal: nothing lost, nothing too wide, no mark at the start of a line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bingjian.commands.prose import columns, width_of, wrapped

PIECES = st.sampled_from(
    ["保存", "期限", "，", "。", "（", "）", "30", " ", "days", "28¶2", "《", "》", "；", "art."]
)


@given(st.lists(PIECES, max_size=60).map("".join), st.integers(20, 60))
def test_nothing_is_lost_and_no_line_is_wider_than_it_must(text: str, width: int) -> None:
    lines = wrapped(text, "  ", "    ", width).splitlines()
    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:
        longest = max((width_of(word) for word in line.split()), default=0)
        assert width_of(line) <= width or longest + 4 > width or len(line.split()) == 1


def test_a_chinese_letter_counts_two() -> None:
    assert width_of("保存 30 日") == 10
    assert wrapped("保存三十日，期满删除", "", "", 12) == "保存三十日，\n期满删除"


def test_a_closing_mark_never_begins_a_line() -> None:
    assert wrapped("一二三四五。六", "", "", 10) == "一二三四\n五。六"


def test_lines_after_the_first_stand_as_far_in() -> None:
    assert wrapped("keep it for thirty days", "R28.1  ", width=20) == "R28.1  keep it for\n       thirty days"


@pytest.mark.parametrize(("told", "used"), [("10", 40), ("80", 80), ("300", 110)])
def test_a_terminal_too_narrow_or_too_wide(monkeypatch: pytest.MonkeyPatch, told: str, used: int) -> None:
    monkeypatch.setenv("COLUMNS", told)
    assert columns() == used
