"""A file that is not taken in: nothing of it is kept, and the journal has exactly one entry of it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bingjian.access.decisions import Role
from bingjian.api.platform import Platform
from bingjian.documents.refused import Refused, RefusedUploads
from bingjian.documents.store import SIZE_MAX
from bingjian.journal.append import Journal
from bingjian.journal.errors import JournalUnavailable
from tests.backend import FailingJournal, StillClock
from tests.unit.api.conftest import Enter
from tests.unit.api.test_documents import TEXT, URL, add, added

PICTURE_OF_NOTHING = b"\x89PNG\r\n\x1a\n" + b"\0" * 64  # a scan that is no picture
PAPERS = "/api/v1/documents"
SHEETS = "/api/v1/imports"


async def refused(journal: Journal) -> list[dict[str, Any]]:
    return [one.entry for one in await journal.read(1000) if one.kind == "upload.refused"]


async def counted(journal: Journal) -> list[tuple[str, str, int]]:
    return [(one["cause"], one["path"], one["count"]) for one in reversed(await refused(journal))]


@pytest.mark.parametrize(
    ("content", "status", "cause"),
    [
        (PICTURE_OF_NOTHING, 422, "file_broken"),
        (b"", 422, "file_broken"),
        (b"MZ\x90\0 a program", 422, "file_active"),
        (b"GIF89a a picture of a kind that is not kept", 422, "file_unknown"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", 422, "file_active"),
        (b"a" * 101, 413, "file_too_large"),
    ],
)
async def test_a_paper_that_is_none(
    enter: Enter,
    journal: Journal,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: bytes,
    status: int,
    cause: str,
) -> None:
    monkeypatch.setattr("bingjian.documents.store.SIZE_MAX", 100)
    archivist = await enter(Role.ARCHIVIST)
    answer = await add(archivist, content)
    assert (answer.status_code, answer.json()["code"]) == (status, cause)
    (entry,) = await refused(journal)
    assert (entry["cause"], entry["path"], entry["count"]) == (cause, PAPERS, 1)
    me = (await archivist.get("/api/v1/session")).json()["person"]
    assert (entry["actor"], entry["address"]) == (me["id"] if isinstance(me, dict) else me, "127.0.0.1")
    assert list(tmp_path.rglob("documents/*/*")) == []


async def announced(client: httpx.AsyncClient, url: str, **params: str) -> int:
    headers = {"Content-Length": str(SIZE_MAX + 1)}
    return (await client.post(url, params=params, content=TEXT, headers=headers)).status_code


async def test_one_that_says_it_is_too_large_is_not_read(enter: Enter, journal: Journal) -> None:
    archivist, registrar = await enter(Role.ARCHIVIST), await enter(Role.REGISTRAR)
    assert await announced(archivist, PAPERS, kind="x", title="x") == 413
    assert await announced(registrar, SHEETS, file_name="x.csv") == 413
    assert await counted(journal) == [("too_large", PAPERS, 1), ("too_large", SHEETS, 1)]


async def test_one_that_only_turns_out_to_be_too_large(enter: Enter, journal: Journal) -> None:
    archivist = await enter(Role.ARCHIVIST)

    async def unannounced() -> AsyncIterator[bytes]:
        for _ in range(SIZE_MAX // 2**20 + 1):
            yield b"a" * 2**20

    answer = await archivist.post(PAPERS, params={"kind": "opinion", "title": "x"}, content=unannounced())
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert await counted(journal) == [("too_large", PAPERS, 1)]


async def test_a_next_version_and_a_sheet_that_are_none(enter: Enter, journal: Journal) -> None:
    archivist, registrar = await enter(Role.ARCHIVIST), await enter(Role.REGISTRAR)
    one = await added(archivist)
    answer = await archivist.post(f"{one}/versions", params={"number": 2}, content=PICTURE_OF_NOTHING)
    assert answer.status_code == 422
    answer = await registrar.post(SHEETS, params={"file_name": "x.xlsx"}, content=PICTURE_OF_NOTHING)
    assert answer.json()["state"] == "failed"  # kept, for its person to see why
    versions = f"{URL}/{{document}}/versions"
    assert await counted(journal) == [("file_broken", versions, 1), ("sheet_not_readable", SHEETS, 1)]


async def test_a_flood_is_one_entry_a_minute(
    enter: Enter, journal: Journal, platform: Platform, clock: StillClock
) -> None:
    archivist, uploads = await enter(Role.ARCHIVIST), platform.parts.refused_uploads
    for _ in range(20):
        assert (await add(archivist, b"")).status_code == 422
    await uploads.tell()
    assert await counted(journal) == [("file_broken", PAPERS, 1)]
    clock.wait(60)
    await uploads.tell()
    assert await counted(journal) == [("file_broken", PAPERS, 1), ("file_broken", PAPERS, 19)]


async def test_strangers_and_those_without_the_right_leave_no_such_entry(
    enter: Enter, journal: Journal
) -> None:
    stranger, watcher = await enter(), await enter(Role.WATCHER)
    assert (await add(stranger, b"")).status_code == 401
    assert (await add(watcher, b"")).status_code == 403
    assert await refused(journal) == []


async def test_without_a_journal_it_is_told_later(journal: Journal, clock: StillClock) -> None:
    book = FailingJournal()
    uploads = RefusedUploads(book, clock)  # type: ignore[arg-type]  # that is the test
    one = Refused("p", "file_broken", PAPERS, "192.0.2.1")
    for _ in range(2):
        with pytest.raises(JournalUnavailable):
            await uploads.note(one)
    uploads._journal = journal
    await uploads.tell()
    assert await counted(journal) == [("file_broken", PAPERS, 2)]
