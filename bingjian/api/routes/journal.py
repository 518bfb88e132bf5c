"""The journal, for the auditor; its proofs, also for inspectors."""

import base64
import re
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response

from bingjian.access.decisions import Actor, Verb, allowed
from bingjian.api.paging import PAGE_DEFAULT, BadCursor, Cursor, Limit, cursor_of, key_of
from bingjian.api.permissions import JournalProver, JournalReader
from bingjian.api.platform import Platform, ThePlatform
from bingjian.api.routes.register import camera_names
from bingjian.api.routing import api_router
from bingjian.api.schemas import CheckpointOut, GrowthOut, JournalEntryOut, JournalOut
from bingjian.db.areas import CITY, is_inside
from bingjian.tlog.checkpoint import SIZE_MAX, Checkpoint

PEOPLE = ("actor", "person", "asked_by")  # fields of entries
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
Number = Annotated[int, Path(ge=0, lt=SIZE_MAX)]
Newest = Annotated[int | None, Query(ge=0, lt=SIZE_MAX)]
Old = Annotated[int, Query(ge=0, lt=SIZE_MAX, alias="from")]
router = api_router("/api/v1/journal", "journal")


@router.get("")
async def read_journal(
    actor: JournalReader,
    platform: ThePlatform,
    limit: Limit = PAGE_DEFAULT,
    cursor: Cursor = None,
    newest: Newest = None,
) -> JournalOut:
    """Entries, newest first; from ``newest`` on, if that is said."""
    key = key_of(cursor, 1)
    if key is not None and not key[0].isdecimal():
        raise BadCursor
    before = int(key[0]) if key else None if newest is None else newest + 1
    entries = await platform.journal.read(limit, before)
    following = [str(entries[-1].sequence)] if len(entries) == limit and entries[-1].sequence else None
    items = [JournalEntryOut.model_validate(entry) for entry in entries]
    return JournalOut(items=items, names=await names_in(platform, items), next=cursor_of(following))


async def names_in(platform: Platform, items: list[JournalEntryOut]) -> dict[UUID, str]:
    """The journal has ids alone: names change, and are kept where they can be."""
    people = await platform.parts.register.names(ids_in(items, *PEOPLE))
    units = await platform.parts.organisations.names(ids_in(items, "unit"))
    return people | units | await camera_names(platform, list(ids_in(items, "camera")))


def ids_in(items: list[JournalEntryOut], *fields: str) -> set[UUID]:
    found = {str(item.entry.get(field) or "") for item in items for field in fields}
    return {UUID(one) for one in found if ID.fullmatch(one)}


@router.get("/checkpoint")
async def read_checkpoint(actor: JournalProver, platform: ThePlatform) -> CheckpointOut:
    """The log's head, signed over every entry that there is."""
    note = await platform.journal.checkpoint()
    head = Checkpoint.of_text(note.text)
    return CheckpointOut(
        origin=head.origin,
        size=head.size,
        root=base64.b64encode(head.root).decode(),
        signed_at=platform.journal.signed_at,
        text=str(note),
        key=str(platform.journal.verifier),
    )


@router.get("/consistency")
async def read_growth(actor: JournalProver, platform: ThePlatform, old: Old) -> GrowthOut:
    """A proof that the log of so many entries is how the log of today began."""
    hashes, note = await platform.journal.growth_since(old)
    return GrowthOut(old=old, hashes=[base64.b64encode(one).decode() for one in hashes], checkpoint=str(note))


@router.get("/{sequence}/proof", response_class=Response)
async def read_proof(
    sequence: Number, actor: JournalProver, platform: ThePlatform, opening: bool = True
) -> Response:
    """A proof (C2SP tlog-proof) that the entry is in the log; with what it says, unless not wished. Who
    does not read the journal is told what it says only of what is in their areas."""
    proof = await platform.journal.proof(
        sequence, opening=opening and await may_know(actor, sequence, platform)
    )
    name = f'attachment; filename="journal-{sequence}.tlog-proof"'
    return Response(str(proof), media_type="text/plain", headers={"Content-Disposition": name})


async def may_know(actor: Actor, sequence: int, platform: Platform) -> bool:
    """Whether the person may know what an entry says."""
    if actor.roles & allowed(Verb.JOURNAL_READ) and is_inside(CITY, actor.areas):
        return True
    return await platform.parts.reports.is_evidence(sequence, actor.areas)
