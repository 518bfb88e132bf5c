"""Who asks, and how bytes come."""

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

from bingjian.documents.models import Reader

OWN = UUID(int=77)
ARCHIVIST = Reader(UUID(int=1), "安娜", "192.0.2.1", ("2301",), OWN, True)
BUILDER = replace(ARCHIVIST, id=UUID(int=2), name="Boris", may_read_base=False)


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part
