"""Documents below the API: durable before a row, found by other parts, never in half."""

import asyncio
import errno
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.db.session import Database
from bingjian.documents.errors import BrokenFile, DocumentsMissing, NoSuchDocument, StoreUnavailable
from bingjian.documents.models import DocumentRow, DocumentWish, VersionWish
from bingjian.documents.reading import Reading, Sought
from bingjian.documents.service import Documents, document_of, require_documents
from bingjian.documents.store import DocumentStore
from bingjian.documents.verify import look_at_all
from bingjian.durable import Storage
from bingjian.journal.append import Journal
from bingjian.journal.errors import JournalUnavailable
from bingjian.rules.decision import Refused
from tests.backend import FailingJournal, StillClock, kinds
from tests.unit.documents.people import ARCHIVIST, chunks

WISH, FIRST = DocumentWish("design", "图纸"), VersionWish("图纸.pdf")


class FullDisk(Storage):
    """A disk that takes nothing any more."""

    def write_at(self, descriptor: int, pieces: Sequence[bytes], offset: int) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def store(tmp_path: Path) -> DocumentStore:
    return DocumentStore(tmp_path / "documents")


@pytest.fixture
def documents(database: Database, journal: Journal, clock: StillClock, store: DocumentStore) -> Documents:
    return Documents(database, journal, clock, store)


def files(store: DocumentStore) -> list[Path]:
    return [path for path in store.path_of("0" * 64).parents[1].rglob("*") if path.is_file()]


async def rows(database: Database, journal: Journal, store: DocumentStore) -> int:
    page = await Reading(database, journal, store).page(10, None, ARCHIVIST, Sought())
    return len(page.items)


async def test_the_same_bytes_lie_once(documents: Documents, store: DocumentStore) -> None:
    one = await documents.add(WISH, FIRST, chunks(b"a", b"b" * 2_000_000), ARCHIVIST)
    two = await documents.add(WISH, FIRST, chunks(b"ab", b"b" * 1_999_999), ARCHIVIST)
    assert one.id != two.id
    assert [path.stat().st_size for path in files(store)] == [2_000_001]


async def test_a_full_disk_is_one_sentence_and_leaves_no_row(
    database: Database, journal: Journal, clock: StillClock, tmp_path: Path
) -> None:
    store = DocumentStore(tmp_path / "documents", FullDisk())
    documents = Documents(database, journal, clock, store)
    with pytest.raises(StoreUnavailable, match="No space left"):
        await documents.add(WISH, FIRST, chunks(b"text"), ARCHIVIST)
    assert await rows(database, journal, store) == 0


async def test_without_its_journal_entry_nothing_holds(
    database: Database, journal: Journal, clock: StillClock, store: DocumentStore
) -> None:
    documents = Documents(database, FailingJournal(), clock, store)  # type: ignore[arg-type]  # that is the test
    with pytest.raises(JournalUnavailable):
        await documents.add(WISH, FIRST, chunks(b"text"), ARCHIVIST)
    assert await rows(database, journal, store) == 0


async def test_a_sender_who_breaks_off_leaves_nothing(
    documents: Documents, database: Database, journal: Journal, store: DocumentStore
) -> None:
    async def broken() -> object:
        yield b"half"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await documents.add(WISH, FIRST, broken(), ARCHIVIST)  # type: ignore[arg-type]
    with pytest.raises(BrokenFile):
        await documents.add(WISH, FIRST, chunks(), ARCHIVIST)
    assert (files(store), await rows(database, journal, store)) == ([], 0)


async def test_R17_3_of_two_who_store_version_2_at_once_one_is_told(documents: Documents) -> None:
    row = await documents.add(WISH, FIRST, chunks(b"one"), ARCHIVIST)
    told = await asyncio.gather(
        *(documents.add_version(row.id, 2, FIRST, chunks(text), ARCHIVIST) for text in (b"two", b"TWO")),
        return_exceptions=True,
    )
    assert {type(one) for one in told} == {DocumentRow, Refused}


async def test_R17_3_damaged_bytes_are_not_stored_over(documents: Documents, store: DocumentStore) -> None:
    await documents.add(WISH, FIRST, chunks(b"text"), ARCHIVIST)
    (file,) = files(store)
    file.write_bytes(b"TEXT")
    with pytest.raises(StoreUnavailable, match="damaged"):
        await documents.add(WISH, FIRST, chunks(b"text"), ARCHIVIST)
    assert file.read_bytes() == b"TEXT"


async def test_found_by_other_parts_in_their_own_transaction(
    documents: Documents, database: Database, journal: Journal
) -> None:
    kept = await documents.keep_bytes(b"a form")
    ids = list[UUID]()

    async def work(session: AsyncSession) -> None:
        ids.append((await documents.filed(session, WISH, FIRST, kept, ARCHIVIST)).id)
        ids.append((await documents.filed(session, WISH, FIRST, kept, ARCHIVIST)).id)
        assert [row.id for row in await require_documents(session, ids[::-1], "papers")] == ids[::-1]

    await database.run(work)
    nothing = uuid4()
    async with database.read() as session:
        assert (await document_of(session, ids[0])).title == "图纸"
        with pytest.raises(NoSuchDocument):
            await document_of(session, nothing)
        with pytest.raises(DocumentsMissing) as missing:
            await require_documents(session, [ids[0], nothing], "papers")
    assert (missing.value.field, missing.value.documents) == ("papers", (nothing,))
    assert (await kinds(journal))[-2:] == ["document.stored", "document.stored"]


async def test_every_version_is_looked_at(
    documents: Documents, database: Database, store: DocumentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bingjian.documents.verify.BATCH", 2)
    row = await documents.add(WISH, FIRST, chunks(b"one"), ARCHIVIST)
    for number in range(2, 6):
        await documents.add_version(row.id, number, FIRST, chunks(b"n%d" % number), ARCHIVIST)
    await documents.add(WISH, FIRST, chunks(b"other"), ARCHIVIST)
    seen = [one async for one in look_at_all(database, store)]
    assert len(seen) == 6
    assert {one.damage for one in seen} == {None}
