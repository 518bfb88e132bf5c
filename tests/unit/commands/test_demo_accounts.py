"""The accounts that a demo prints."""

import os
import shutil

import pytest

from bingjian.access.decisions import Role, forbidden_together
from bingjian.commands import demo
from bingjian.simulate.city.people import ACCOUNTS

LINES = [f"{name:10} pass  目的" for name in "abcde"]


def test_each_account_is_allowed_and_each_is_another() -> None:
    assert len({one.name for one in ACCOUNTS}) == len(ACCOUNTS) == 17
    assert not any(forbidden_together(frozenset(one.roles)) for one in ACCOUNTS)
    with_pages = {role for one in ACCOUNTS for role in one.roles}
    assert with_pages >= {Role.BUILDER, Role.GOVERNMENT, Role.INSPECTOR, Role.PLANNER, Role.WORKGROUP_OFFICE}


@pytest.mark.parametrize(("width", "rows"), [(demo.WIDE - 1, 5), (demo.WIDE, 3), (demo.WIDE + 1, 3)])
def test_accounts_stand_in_two_columns_where_there_is_room(
    width: int, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: os.terminal_size((width, 40)))
    shown = demo.columns(LINES)
    assert len(shown) == rows
    assert " ".join(shown).count("pass") == len(LINES)


def test_chinese_takes_two_cells() -> None:
    assert demo.cells("ab市") == 4
