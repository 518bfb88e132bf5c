"""Systems on trial, over the wire."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from bingjian.api.schemas import Out


class TestedOut(Out):
    id: UUID
    name: str
    has_stream: bool = Field(description="Whether there is anything to be seen yet")


class TrialOut(Out):
    """A system on trial: until it is accepted, or goes back to building."""

    system: UUID
    number: str
    title: str
    since: datetime | None = Field(description="When its works were finished")
    cameras: list[TestedOut]


class TrialsOut(Out):
    items: list[TrialOut]
