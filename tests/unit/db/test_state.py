"""The state directory is one process's, its secrets the owner's."""

import stat
from pathlib import Path

import pytest

from bingjian.db.state import StateInUse, key_file, state_lock, token_file, write_private


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_only_one_holds_it(tmp_path: Path) -> None:
    with (
        state_lock(tmp_path / "run"),
        pytest.raises(StateInUse, match="already running"),
        state_lock(tmp_path / "run"),
    ):
        pass
    with state_lock(tmp_path / "run"):
        pass


def test_a_key_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "a.key"
    key = key_file(path)
    assert len(key) == 32
    assert key_file(path) == key
    assert mode(path) == 0o600
    assert mode(path.parent) == 0o700
    token = token_file(tmp_path / "token")
    assert token == token_file(tmp_path / "token")


def test_a_private_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("open to all")
    path.chmod(0o644)
    write_private(path, b"secret")
    assert (path.read_bytes(), mode(path)) == (b"secret", 0o600)
    assert list(tmp_path.iterdir()) == [path]
