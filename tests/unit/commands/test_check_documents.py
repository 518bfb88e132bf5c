"""``bingjian check`` reads the documents again and names what is damaged."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from bingjian.commands import check
from bingjian.commands.outcome import Exit
from bingjian.db.session import Database
from bingjian.documents.models import DocumentWish, VersionWish
from bingjian.documents.service import Documents
from bingjian.documents.store import FOLDER, DocumentStore
from bingjian.journal.append import Journal
from bingjian.recording.volume import Volume
from bingjian.settings import Settings
from tests.backend import StillClock
from tests.unit.documents.people import ARCHIVIST, chunks


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    found = Settings(state_dir=tmp_path)
    Volume.create(found.effective_volumes[0].path, size_bytes=10**9, reserve_bytes=0).close()
    return found


async def keep(settings: Settings, *contents: bytes) -> list[Path]:
    clock = StillClock()
    journal = Journal.open(settings.journal_dir, clock)
    database, store = Database(settings.effective_database_url), DocumentStore(settings.state_dir / FOLDER)
    await database.migrate()
    documents = Documents(database, journal, clock, store)
    for content in contents:
        await documents.add(DocumentWish("design", "图纸"), VersionWish(), chunks(content), ARCHIVIST)
    await database.close()
    journal.close()
    return sorted(store.path_of("0" * 64).parents[1].glob("*/*"))


def checked(settings: Settings, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any] | None]:
    code = check.run(settings, None, deep=False, as_json=True)
    return code, json.loads(capsys.readouterr().out).get("documents")


def test_R17_3_a_changed_byte_is_named_by_the_check(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert checked(settings, capsys) == (Exit.OK, None)  # no database yet
    files = asyncio.run(keep(settings, b"one", b"two", b"three"))
    code, papers = checked(settings, capsys)
    assert papers is not None
    assert (code, papers["versions"], papers["read_bytes"], papers["violations"]) == (Exit.OK, 3, 11, [])
    files[0].write_bytes(b"oNe")
    files[1].unlink()
    code, papers = checked(settings, capsys)
    assert papers is not None
    assert (code, [one["code"] for one in papers["violations"]]) == (Exit.REFUSED, ["R17.3", "R17.3"])
    check.run(settings, None, deep=False, as_json=False)
    said = capsys.readouterr().out
    assert all(one["document"] in said for one in papers["violations"])
    assert "3 份文书中有 2 份" in said
