"""A refusal is in the journal before it is said."""

from collections.abc import Awaitable
from typing import Protocol, TypeVar
from uuid import UUID

from bingjian.entries import RefusalGiven
from bingjian.journal.append import Journal
from bingjian.rules.decision import Refusal, Refused

Result = TypeVar("Result")


class Asking(Protocol):
    """Whoever asks."""

    @property
    def id(self) -> UUID: ...
    @property
    def address(self) -> str: ...  # where the request came from


async def written_down(
    journal: Journal, work: Awaitable[Result], person: Asking, verb: str, resource: UUID | None
) -> Result:
    """The work's result; a refusal is in the journal before it is raised."""
    try:
        return await work
    except Refused as refused:
        await note_refusal(journal, refused.refusal, person, verb, resource)
        raise


async def note_refusal(
    journal: Journal, no: Refusal, person: Asking, verb: str, resource: UUID | None
) -> None:
    """Write it down; durable when this returns."""
    about = str(resource) if resource is not None else None
    told = str(no.article), no.code, no.reason.en, person.address
    await journal.append(RefusalGiven(str(person.id), verb, about, *told))
