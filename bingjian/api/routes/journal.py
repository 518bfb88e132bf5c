"""The journal, for the auditor."""

from fastapi import APIRouter

from bingjian.api.paging import PAGE_DEFAULT, BadCursor, Cursor, Limit, cursor_of, key_of
from bingjian.api.permissions import JournalReader
from bingjian.api.platform import ThePlatform
from bingjian.api.schemas import JournalEntryOut, JournalOut

router = APIRouter(prefix="/api/v1/journal", tags=["journal"])


@router.get("")
async def read_journal(
    actor: JournalReader, platform: ThePlatform, limit: Limit = PAGE_DEFAULT, cursor: Cursor = None
) -> JournalOut:
    """Entries, newest first."""
    key = key_of(cursor, 1)
    if key is not None and not key[0].isdecimal():
        raise BadCursor
    before = int(key[0]) if key else None
    entries = await platform.journal.read(limit, before)
    following = [str(entries[-1].sequence)] if len(entries) == limit and entries[-1].sequence else None
    return JournalOut(
        items=[JournalEntryOut.model_validate(entry) for entry in entries], next=cursor_of(following)
    )
