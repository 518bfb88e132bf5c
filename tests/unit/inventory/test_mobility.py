"""Whether a camera turns: the file's word, the device's, and what neither says."""

import pytest

from bingjian.inventory.mobility import Mobility, judged


@pytest.mark.parametrize(
    ("filed", "told", "has_sweep", "expected"),
    [
        ("", "", False, "unsure"),
        ("", "1", False, "turns"),
        ("", "3", False, "unsure"),  # devices are often wrong: their word takes no motors away
        ("", "9", False, "unsure"),
        ("99", "4", False, "turns"),
        ("3", "1", False, "fixed"),
        ("2", "", False, "fixed"),
        ("5", "3", False, "turns"),
        ("3", "3", True, "turns"),  # whoever registered a sweep has seen it turn
    ],
)
def test_the_files_word_comes_first(filed: str, told: str, has_sweep: bool, expected: Mobility) -> None:
    assert judged(filed, told, has_sweep=has_sweep) == expected
