"""The inbox of requests, and what a request's form asks for, over the wire."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from bingjian.api.schemas import In, Out
from bingjian.api.schemas_access import NamedOut


class WaitingOut(Out):
    """A request to be answered."""

    id: UUID
    number: str
    title: str
    organ: NamedOut | None = Field(description="Who asks")
    due_at: datetime | None
    state: Literal["open", "overdue"]
    is_urgent: bool = Field(description="Said by the organ; it drops nothing")
    cameras: int
    begin: datetime
    end: datetime
    verbs: list[str] = Field(description="Codes of `access_verb`")
    submitted: datetime | None


class InboxOut(Out):
    items: list[WaitingOut]
    next: str | None
    now: datetime


class NameableOut(Out):
    id: UUID
    name: str
    division: str


class NameableCamerasOut(Out):
    items: list[NameableOut]


class PresentOut(Out):
    start: datetime
    end: datetime


class CameraPresenceOut(Out):
    camera: UUID
    present: list[PresentOut] = Field(description="When there are recordings; nothing is told of gaps")


class PresenceOut(Out):
    items: list[CameraPresenceOut]


class OfficerOut(Out):
    id: UUID
    name: str
    certificate_kind: str
    certificate_number: str


class OfficersOut(Out):
    items: list[OfficerOut]


class HindranceOut(Out):
    """A request that was not answered in time, or refused by what the record contradicts (art. 31(10))."""

    request: UUID
    number: str
    why: Literal["reported", "contradicted"]
    since: datetime
    organ: NamedOut | None = Field(description="Who asked")
    keeper: NamedOut = Field(description="Who was asked")
    reported_to: NamedOut | None
    submitted: datetime | None
    answered: datetime | None
    items: list[str] = Field(description="By which items of art. 22 it was refused")
    lacking: list[str] = Field(description="Those that the record shows were not met")
    reason: str


class HindrancesOut(Out):
    items: list[HindranceOut]


class LookedIntoIn(In):
    note: str = Field(min_length=1, max_length=4000, description="What came of it")
