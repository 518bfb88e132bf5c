"""Documents as evidence."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.documents.models import DocumentVersionRow


async def hash_of(session: AsyncSession, document: UUID | None) -> str:
    """SHA-256 of a paper as it is now, its newest version; empty: there is none."""
    query = select(DocumentVersionRow.sha256).where(DocumentVersionRow.document == document)
    found: str | None = await session.scalar(query.order_by(DocumentVersionRow.number.desc()).limit(1))
    return found or ""
