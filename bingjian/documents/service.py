"""Documents kept and found: what is kept stays, a new version stands beside those before (art. 17, R17.3).

Asked is the whole law as packaged, also before the city's measures are published and after their term: papers
that were kept do not become removable, nor secrets readable, because a date has passed.
"""

import asyncio
import json
from collections.abc import AsyncIterable, Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.clock import Clock, utc_now
from bingjian.db.areas import CITY
from bingjian.db.session import Database
from bingjian.documents.errors import DocumentsMissing, FieldNotAccepted, NoSuchDocument
from bingjian.documents.models import (
    DocumentRow,
    DocumentVersionRow,
    DocumentWish,
    Kept,
    Reader,
    VersionWish,
)
from bingjian.documents.sniff import media_type_of
from bingjian.documents.store import DocumentStore, Draft, received
from bingjian.entries import DocumentRecipientsChanged, DocumentStored
from bingjian.journal.append import Journal
from bingjian.journal.refusals import written_down
from bingjian.rules.decision import Refused, granted
from bingjian.rules.decisions.archive import Version, may_delete, may_store
from bingjian.rules.library import law
from bingjian.tasks import carried_out

KEEPING_S = 10.0  # a cancelled upload whose bytes are being made durable is given so long to end


class Documents:
    """Every change is in the journal before it holds; bytes are durable before a row names them."""

    def __init__(self, database: Database, journal: Journal, clock: Clock, store: DocumentStore) -> None:
        self._database = database
        self._journal = journal
        self._clock = clock
        self.store = store

    async def add(
        self, wish: DocumentWish, first: VersionWish, chunks: AsyncIterable[bytes], who: Reader
    ) -> DocumentRow:
        """Keep a new document. Raises FieldNotAccepted, FileNotAccepted, StoreUnavailable."""
        require_known(wish)
        require_near(wish, who)
        kept = await self.keep(chunks)

        async def work(session: AsyncSession) -> DocumentRow:
            return await self.filed(session, wish, first, kept, who)

        return await self._database.run(work)

    async def keep(self, chunks: AsyncIterable[bytes]) -> Kept:
        """Look into what arrives and make it durable; nothing names it yet, and nothing needs to."""
        with self.store.draft() as draft:
            await received(draft, chunks)
            return await carried_out(asyncio.to_thread(looked_at_and_kept, self.store, draft), KEEPING_S)

    async def keep_bytes(self, data: bytes) -> Kept:
        """The same for bytes that we made ourselves: a form, a report."""

        async def once() -> AsyncIterable[bytes]:
            yield data

        return await self.keep(once())

    async def filed(
        self, session: AsyncSession, wish: DocumentWish, first: VersionWish, kept: Kept, who: Reader
    ) -> DocumentRow:
        """A new document in the transaction of whoever files it. Raises FieldNotAccepted."""
        require_known(wish)
        now = utc_now(self._clock)
        row = row_of(wish, now)
        session.add(row)
        await session.flush()
        await self._stand_beside(session, row, 1, first, kept, who)
        return row

    async def add_version(
        self, document: UUID, number: int, wish: VersionWish, chunks: AsyncIterable[bytes], who: Reader
    ) -> DocumentRow:
        """Keep the next version.

        Args:
            number: which version the person thinks this becomes; any other than the next is refused.

        Raises:
            NoSuchDocument, Refused (R17.3), FileNotAccepted, StoreUnavailable.
        """
        async with self._database.read() as session:
            require_own(await document_near(session, document, who), who)
        kept = await self.keep(chunks)

        async def work(session: AsyncSession) -> DocumentRow:
            row = await document_near(session, document, who)
            await self._stand_beside(session, row, number, wish, kept, who)
            return row

        return await written_down(self._journal, self._database.run(work), who, "document.add", document)

    async def _stand_beside(
        self, session: AsyncSession, row: DocumentRow, number: int, wish: VersionWish, kept: Kept, who: Reader
    ) -> None:
        before = [Version(one.number, one.sha256) for one in await versions_of(session, row.id)]
        granted(may_store(law(), name_of(row), before, Version(number, kept.sha256)))
        row.version = number
        session.add(version_row(row.id, number, wish, kept, who, utc_now(self._clock)))
        await session.flush()
        entry = DocumentStored(str(who.id), str(row.id), number, row.kind, kept.sha256, kept.size_bytes)
        await self._journal.append(entry)

    async def name_recipients(self, document: UUID, recipients: Sequence[UUID], who: Reader) -> DocumentRow:
        """Say which organisations a trade secret may go to beside its own (art. 6). Raises NoSuchDocument."""

        async def work(session: AsyncSession) -> DocumentRow:
            row = await document_near(session, document, who)
            require_own(row, who)
            named = sorted({str(one) for one in recipients})
            row.recipients_json = json.dumps(named)
            await session.flush()
            await self._journal.append(DocumentRecipientsChanged(str(who.id), str(row.id), tuple(named)))
            return row

        return await self._database.run(work)

    async def refuse_removal(self, document: UUID, who: Reader) -> None:
        """Whoever asks: it stays. Raises NoSuchDocument, else always Refused (R17.3)."""

        async def work() -> None:
            async with self._database.read() as session:
                row = await document_near(session, document, who)
            raise Refused(may_delete(law(), name_of(row)))

        await written_down(self._journal, work(), who, "document.delete", document)


def looked_at_and_kept(store: DocumentStore, draft: Draft) -> Kept:
    """Raises FileNotAccepted, StoreUnavailable."""
    media_type = media_type_of(draft.file)
    store.keep(draft)
    return Kept(draft.sha256, draft.size_bytes, media_type)


# --- for other parts, in their own transaction


async def document_of(session: AsyncSession, document: UUID) -> DocumentRow:
    """Raises NoSuchDocument."""
    row = await session.get(DocumentRow, document)
    if row is None:
        raise NoSuchDocument
    return row


async def require_documents(
    session: AsyncSession, documents: Sequence[UUID], field: str
) -> list[DocumentRow]:
    """The documents in the order given. Raises DocumentsMissing, naming the field and what is not there."""
    query = select(DocumentRow).where(DocumentRow.id.in_(set(documents)))
    found = {row.id: row for row in await session.scalars(query)}
    missing = tuple(one for one in documents if one not in found)
    if missing:
        raise DocumentsMissing(field, missing)
    return [found[one] for one in documents]


async def document_near(session: AsyncSession, document: UUID, who: Reader) -> DocumentRow:
    """The same answer for what is not there and for what lies outside the areas. Raises NoSuchDocument."""
    row = await session.get(DocumentRow, document)
    if row is None or not who.is_near(row.division):
        raise NoSuchDocument
    return row


async def versions_of(session: AsyncSession, document: UUID) -> list[DocumentVersionRow]:
    """All versions, oldest first."""
    table = DocumentVersionRow
    query = select(table).where(table.document == document).order_by(table.number)
    return list(await session.scalars(query))


# --- facts and rows


def is_archived(kind: str) -> bool:
    """Whether papers of this kind belong to the archive of art. 17."""
    return kind in law().codes("archive_part")


def name_of(row: DocumentRow) -> str:
    """How a document is called where its title may not be said: titles may tell base information."""
    return f"{row.kind} {row.id}"


def require_known(wish: DocumentWish) -> None:
    """Raises FieldNotAccepted for a code that the law does not know, or half a subject."""
    if wish.secrecy not in law().codes("secrecy"):
        raise FieldNotAccepted("secrecy", "this is no level of secrecy")
    if wish.division not in {CITY, *law().codes("division")}:
        raise FieldNotAccepted("division", "this division is not one of yours")
    if (wish.subject is None) != (wish.subject_kind is None):
        raise FieldNotAccepted("subject", "a subject has a kind and an id")


def require_near(wish: DocumentWish, who: Reader) -> None:
    """Raises FieldNotAccepted: the same for a division elsewhere and for one that is not there."""
    if not who.is_near(wish.division):
        raise FieldNotAccepted("division", "this division is not one of yours")
    if wish.organisation not in (None, who.organisation) and not who.may_read_base:
        raise FieldNotAccepted("organisation", "you do not act for this organisation")


def require_own(row: DocumentRow, who: Reader) -> None:
    """A document of an organisation is changed by those who act for it, or by those who keep the papers."""
    if row.organisation is not None and not who.has_base_right(row):
        raise NoSuchDocument


def row_of(wish: DocumentWish, now: datetime) -> DocumentRow:
    fields = asdict(wish)
    fields["holds_base_info"] = wish.holds_base_info or is_archived(wish.kind)
    recipients = json.dumps(sorted({str(one) for one in fields.pop("recipients")}))
    return DocumentRow(id=uuid4(), **fields, recipients_json=recipients, version=1, added_at=now)


def version_row(
    document: UUID, number: int, wish: VersionWish, kept: Kept, who: Reader, now: datetime
) -> DocumentVersionRow:
    return DocumentVersionRow(
        document=document,
        number=number,
        **asdict(kept),
        **asdict(wish),
        at=now,
        by=who.id,
        by_name=who.name,
    )
