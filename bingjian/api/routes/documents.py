"""Documents: kept for good, read by those who may (art. 17)."""

import json
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from fastapi.responses import FileResponse

from bingjian.access.decisions import Actor, Verb, allowed
from bingjian.api.paging import PAGE_DEFAULT, BadCursor, Cursor, Limit, cursor_of, key_of
from bingjian.api.permissions import DocumentAdder, DocumentReader
from bingjian.api.platform import ThePlatform
from bingjian.api.routing import api_router
from bingjian.api.schemas import Line
from bingjian.api.schemas_documents import (
    DocumentFileOut,
    DocumentOut,
    DocumentsOut,
    DocumentStateOut,
    DocumentVersionOut,
    DocumentWords,
    NextVersionWords,
    RecipientsIn,
    VersionStateOut,
)
from bingjian.api.schemas_organisations import Code
from bingjian.api.uploads import RAW_BODY, Upload
from bingjian.documents.models import DocumentVersionRow, DocumentWish, Reader, VersionWish
from bingjian.documents.reading import Found, Sought, State
from bingjian.rules.decision import Refusal

router = api_router("/api/v1/documents", "documents")

AS_ATTACHMENT = {  # whatever a browser thinks it is, it neither shows nor runs it
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "no-store",
}


@router.get("")
async def list_documents(
    actor: DocumentReader,
    platform: ThePlatform,
    limit: Limit = PAGE_DEFAULT,
    cursor: Cursor = None,
    q: Annotated[str | None, Query(max_length=100, description="Part of the title"), Line] = None,
    kind: Code | None = None,
    subject: UUID | None = None,
    organisation: UUID | None = None,
) -> DocumentsOut:
    """Documents in your areas, newest first."""
    sought = Sought(q, kind, subject, organisation)
    page = await platform.parts.reading.page(limit, key_from(cursor), reader_of(actor), sought)
    return DocumentsOut(items=[document_out(one) for one in page.items], next=cursor_of(page.next_key))


@router.post("", status_code=201, openapi_extra=RAW_BODY)
async def add_document(
    words: Annotated[DocumentWords, Query()], actor: DocumentAdder, platform: ThePlatform, upload: Upload
) -> DocumentFileOut:
    """Keep a new document; the body is the file."""
    who, said = reader_of(actor), words.model_dump()
    first = VersionWish(said.pop("file_name"), said.pop("note"))
    said["organisation"] = words.organisation or actor.organisation
    wish = DocumentWish(**{**said, "recipients": tuple(words.recipients)})
    row = await platform.parts.documents.add(wish, first, upload.stream(), who)
    return await file_out(platform, row.id, who)


@router.get("/{document}")
async def get_document(document: UUID, actor: DocumentReader, platform: ThePlatform) -> DocumentFileOut:
    """One document and its versions."""
    return await file_out(platform, document, reader_of(actor))


@router.post("/{document}/versions", status_code=201, openapi_extra=RAW_BODY)
async def add_document_version(
    document: UUID,
    words: Annotated[NextVersionWords, Query()],
    actor: DocumentAdder,
    platform: ThePlatform,
    upload: Upload,
) -> DocumentFileOut:
    """Keep the next version beside those before; the body is the file."""
    who, wish = reader_of(actor), VersionWish(words.file_name, words.note)
    await platform.parts.documents.add_version(document, words.number, wish, upload.stream(), who)
    return await file_out(platform, document, who)


@router.put("/{document}/recipients")
async def name_document_recipients(
    document: UUID, wish: RecipientsIn, actor: DocumentAdder, platform: ThePlatform
) -> DocumentFileOut:
    """Say whom a trade secret may be given to."""
    who = reader_of(actor)
    await platform.parts.documents.name_recipients(document, wish.recipients, who)
    return await file_out(platform, document, who)


@router.delete("/{document}", status_code=204)
async def remove_document(document: UUID, actor: DocumentAdder, platform: ThePlatform) -> None:
    """Always refused, with the article: what is archived stays."""
    await platform.parts.documents.refuse_removal(document, reader_of(actor))


@router.get(
    "/{document}/versions/{number}/content",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}},
)
async def get_document_content(
    document: UUID, number: int, actor: DocumentReader, platform: ThePlatform
) -> FileResponse:
    """A version's bytes, as an attachment."""
    content = await platform.parts.reading.content(document, number, reader_of(actor))
    return FileResponse(
        content.path, headers=AS_ATTACHMENT, media_type=content.media_type, filename=content.file_name
    )


@router.get("/{document}/verify")
async def verify_document(document: UUID, actor: DocumentReader, platform: ThePlatform) -> DocumentStateOut:
    """Whether each version is still what was archived."""
    read_again = await platform.parts.reading.verify(document, reader_of(actor))
    states = [state_out(one, actor) for one in read_again]
    return DocumentStateOut(is_whole=all(one.is_whole for one in states), versions=states)


# --- translation


def reader_of(actor: Actor) -> Reader:
    """The person as the documents know them."""
    may_read_base = bool(actor.roles & allowed(Verb.BASE_READ))
    return Reader(actor.id, actor.name, actor.address, actor.areas, actor.organisation, may_read_base)


def key_from(cursor: str | None) -> list[str] | None:
    """Instant in µs and id. Raises BadCursor."""
    key = key_of(cursor, 2)
    try:
        if key is not None and (not 0 <= int(key[0]) < 2**53 or UUID(key[1]) is None):
            raise BadCursor
    except ValueError as error:
        raise BadCursor from error
    return key


async def file_out(platform: ThePlatform, document: UUID, who: Reader) -> DocumentFileOut:
    found, versions = await platform.parts.reading.get(document, who)
    return DocumentFileOut(
        **document_out(found).model_dump(),
        recipients=json.loads(found.row.recipients_json),
        versions=[version_out(one, found) for one in versions],
    )


def document_out(found: Found) -> DocumentOut:
    row = found.row
    return DocumentOut(
        id=row.id,
        kind=row.kind,
        title=None if found.is_veiled else row.title,
        secrecy=row.secrecy,
        holds_base_info=row.holds_base_info,
        division=row.division,
        organisation=row.organisation,
        subject_kind=row.subject_kind,
        subject=row.subject,
        added_at=row.added_at,
        version=version_out(found.newest, found),
    )


def version_out(row: DocumentVersionRow, found: Found) -> DocumentVersionOut:
    told = DocumentVersionOut.model_validate(row)
    return told.model_copy(update={"file_name": None, "note": None}) if found.is_veiled else told


def state_out(state: State, actor: Actor) -> VersionStateOut:
    reason = None
    if isinstance(state.answer, Refusal):
        reason = state.answer.reason.zh if actor.language == "zh" else state.answer.reason.en
    return VersionStateOut(number=state.version.number, is_whole=reason is None, reason=reason)
