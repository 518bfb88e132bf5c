"""The kept assignment: sealed, private, whole or refused, and never a reason not to work."""

import errno
import json
import os
from base64 import b64encode
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bingjian.durable import FILE_MODE, Storage
from bingjian.streaming.assignment import read_assignment
from bingjian.streaming.assignment_store import MAX_FILE_BYTES, AssignmentStore, KeyUnusable

KEY = b64encode(bytes(range(32))).decode()
ADDRESS = {
    "url": "rtsp://192.0.2.1/main",
    "username": "u",
    "password": "hunter2",
    "transport": "auto",
    "verify_tls": True,
}
CAMERA = {"id": "00000000-0000-4000-8000-000000000001", "name": "南门", "main": ADDRESS, "sub": None}


def body(epoch: int = 1) -> bytes:
    given = {
        "epoch": epoch,
        "ticket_key": b64encode(b"t" * 32).decode(),
        "origins": [],
        "cameras": [CAMERA],
    }
    return json.dumps(given, ensure_ascii=False).encode()


def store(path: Path, key: str = KEY, worker: str = "media-0") -> AssignmentStore:
    return AssignmentStore(path / "assignment", key, worker)


async def kept(path: Path, epoch: int = 1) -> bytes:
    assert await store(path).keep(body(epoch), epoch)
    return (path / "assignment").read_bytes()


async def refused(path: Path, one: AssignmentStore | None = None) -> str:
    """Nothing was loaded, and one line says why."""
    with capture_logs() as lines:
        assert await (one or store(path)).load() is None
    (line,) = lines
    assert line["event"] == "assignment_file_refused"
    return str(line["reason"])


async def test_what_was_kept_comes_back_whole(tmp_path: Path) -> None:
    await kept(tmp_path)
    assert await store(tmp_path).load() == read_assignment(body())


async def test_without_a_file_there_is_nothing_to_say(tmp_path: Path) -> None:
    with capture_logs() as lines:
        assert await store(tmp_path).load() is None
    assert lines == []


async def test_the_file_is_its_owners_alone_and_tells_nothing(tmp_path: Path) -> None:
    left = tmp_path / ".assignment.new"  # by a crash
    left.write_bytes(b"")
    left.chmod(0o666)
    sealed = await kept(tmp_path)
    assert (tmp_path / "assignment").stat().st_mode & 0o777 == 0o600
    assert b"hunter2" not in sealed
    assert b"192.0.2.1" not in sealed
    assert await kept(tmp_path) != sealed  # another nonce each time


async def test_a_file_of_another_worker_or_key_is_refused(tmp_path: Path) -> None:
    await kept(tmp_path)
    for stranger in (
        store(tmp_path, worker="media-1"),
        store(tmp_path, key=b64encode(b"x" * 32).decode()),
    ):
        assert "another worker or key" in await refused(tmp_path, stranger)
    assert await store(tmp_path).load() is not None  # no harm was done


async def test_any_damage_is_refused(tmp_path: Path) -> None:
    sealed = await kept(tmp_path)
    for at in range(len(sealed)):
        (tmp_path / "assignment").write_bytes(sealed[:at])
        await refused(tmp_path)
        (tmp_path / "assignment").write_bytes(sealed[:at] + bytes([sealed[at] ^ 0x10]) + sealed[at + 1 :])
        await refused(tmp_path)
    (tmp_path / "assignment").write_bytes(b"x" * (MAX_FILE_BYTES + 2))
    await refused(tmp_path)


async def test_what_is_sealed_well_but_is_no_assignment_is_refused(tmp_path: Path) -> None:
    await store(tmp_path).keep(b'{"epoch": 1}', 1)
    assert "the assignment has no" in await refused(tmp_path)


async def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "assignment").mkdir()
    assert "cannot be read" in await refused(tmp_path)


async def test_a_newer_epoch_replaces_and_an_older_one_does_not(tmp_path: Path) -> None:
    await kept(tmp_path, 5)
    one = store(tmp_path)
    loaded = await one.load()
    assert loaded is not None
    for epoch, then in ((4, 5), (5, 5), (6, 6), (5, 6)):
        assert await one.keep(body(epoch), epoch)
        now = await store(tmp_path).load()
        assert now is not None
        assert now.epoch == then


async def test_a_disk_that_fails_is_a_line_in_the_log_and_the_old_file_stays(tmp_path: Path) -> None:
    class Full(Storage):
        def write_atomically(self, path: Path, data: bytes, mode: int = FILE_MODE) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    await kept(tmp_path)
    with capture_logs() as lines:
        assert not await AssignmentStore(tmp_path / "assignment", KEY, "media-0", Full()).keep(body(2), 2)
    assert [line["event"] for line in lines] == ["assignment_not_kept"]
    loaded = await store(tmp_path).load()
    assert loaded is not None
    assert loaded.epoch == 1


@pytest.mark.parametrize("key", ["", "short", b64encode(b"x" * 31).decode(), "*" * 44])
def test_a_key_that_is_none_is_said(tmp_path: Path, key: str) -> None:
    with pytest.raises(KeyUnusable):
        store(tmp_path, key=key)
