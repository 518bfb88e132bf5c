"""A refusal is in the journal before it is said."""

from collections.abc import Awaitable
from typing import TypeVar
from uuid import UUID

from bingjian.entries import RefusalGiven
from bingjian.journal.append import Journal
from bingjian.retention.errors import Refused
from bingjian.retention.models import Person

Result = TypeVar("Result")


async def written_down(
    journal: Journal, work: Awaitable[Result], person: Person, verb: str, resource: UUID | None
) -> Result:
    """The work's result; a refusal is in the journal before it is raised."""
    try:
        return await work
    except Refused as refused:
        no = refused.refusal
        about = str(resource) if resource is not None else None
        entry = RefusalGiven(
            str(person.id), verb, about, str(no.article), no.code, no.reason.en, person.address
        )
        await journal.append(entry)
        raise
