"""Organisations and history over the wire."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from bingjian.api.schemas import In, Line, Name, Out

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,40}$")]
Division = Annotated[str, StringConstraints(pattern=r"^(\d{6})?$")]
CreditCode = Annotated[str, StringConstraints(pattern=r"^([0-9A-Z]{18})?$")]
Contact = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), Line]


class OrganisationIn(In):
    name: Name
    body: Code = Field(default="unit", description="Code of `body` or `department`; else unit or firm")
    division: Division = Field(default="", description="Whose body it is; empty: the city's")
    is_state_organ: bool = False
    is_public_body: bool = False
    credit_code: CreditCode = ""
    contact: Contact = ""
    is_active: bool = True


class OrganisationPatch(In):
    version: int = Field(description="As it was read: a newer one refuses the change")
    name: Name | None = None
    division: Division | None = None
    is_state_organ: bool | None = None
    is_public_body: bool | None = None
    credit_code: CreditCode | None = None
    contact: Contact | None = None
    is_active: bool | None = None


class OrganisationOut(Out):
    id: UUID
    name: str
    body: str
    division: str
    is_state_organ: bool
    is_public_body: bool
    credit_code: str
    contact: str
    is_active: bool
    version: int
    changed_at: datetime


class OrganisationsOut(Out):
    items: list[OrganisationOut]
    next: str | None


class ChangeOut(Out):
    """One change of one thing."""

    version: int
    act: str
    at: datetime
    by_name: str
    reason: str
    changes: dict[str, tuple[Any, Any]] = Field(description="By field what it was and what it became")
