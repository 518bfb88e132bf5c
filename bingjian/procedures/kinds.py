"""What a kind of procedure is: its data, its states, and the steps between them.

A step says who may take it (roles), from which states, what has to be brought (``body``), what must hold
before (``check``) and what it does (``act``). Both gather facts and ask ``rules``; they refuse by raising
``Refused``. A step that is illegal in a state refuses by the duty that guards the order of its kind.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bingjian.access.decisions import Deed, Role
from bingjian.rules.decision import Grant, Refusal
from bingjian.rules.edition import Words

if TYPE_CHECKING:
    from bingjian.procedures.models import RecordRow
    from bingjian.procedures.step import Step

STAYS = ""  # as the target of a step: the state stays


class Data(BaseModel):
    """What is kept of a procedure, or brought to a step. Unknown fields are an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def said(
    zh: str, en: str, of: str = "", choices: Mapping[str, tuple[str, str]] | None = None, **more: Any
) -> Any:
    """A field with its label in both languages, for forms: ``reason: Text = said("理由", "Reason")``.

    Args:
        of: the list of codes that its values are of (several: with commas), by which forms offer them; the
            rules judge them.
        choices: the words (zh, en) of the values there are, where these are in no list of the law.
    """
    extra: dict[str, Any] = {"zh": zh, "en": en} | ({"codes": of} if of else {})
    if choices is not None:
        extra["options"] = {value: {"zh": words[0], "en": words[1]} for value, words in choices.items()}
    return Field(json_schema_extra=extra, **more)


@dataclass(frozen=True, slots=True)
class Ref:
    """In the annotation of a UUID: what it must refer to. "document", "organisation", "place", "part",
    "camera", "person", or "record:<kind>". Looked up before the step; unknown ones are refused."""

    to: str

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> Any:
        found = handler(schema)
        found["ref"] = self.to
        return found


@dataclass(frozen=True, slots=True)
class OfJournal:
    """In the annotation of a number: it is that of an entry of the journal."""

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> Any:
        found = handler(schema)
        found["journal"] = True
        return found


Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,60}$")]
DocumentId = Annotated[UUID, Ref("document")]
OrganisationId = Annotated[UUID, Ref("organisation")]
PlaceId = Annotated[UUID, Ref("place")]
PartId = Annotated[UUID, Ref("part")]
CameraId = Annotated[UUID, Ref("camera")]
PersonId = Annotated[UUID, Ref("person")]
EntryNumber = Annotated[int, OfJournal()]


class Nothing(Data):
    """A step that wants nothing but to be taken."""


class Opening(Data):
    """What every opening brings beside the data of its kind."""

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)] = said(
        "名称", "Name"
    )
    division: Annotated[str, StringConstraints(pattern=r"^(\d{6})?$")] = said(
        "区划（空：全市）", "Division (empty: the whole city)", of="division", default=""
    )
    organisation: OrganisationId | None = said("所属单位", "Whose it is", default=None)
    subject: UUID | None = said("所办对象", "What it is about", default=None)


@dataclass(frozen=True, slots=True)
class Finding:
    """A breach that a record tells of."""

    code: str  # of the duty breached
    facts: str  # hash of the recorded facts
    evidence: tuple[str, ...]  # ids, the record's own among them
    consequence: Words | None = None  # None: what the penalties of the law say
    citation: str = ""  # of the higher rule that the consequence is taken from


@dataclass(frozen=True, slots=True)
class Lapse:
    """A state that ends by itself: from ``RecordRow.ends_at`` on the record is in the other one, whether or
    not anybody looks. Nothing is written then; what needs writing is a step."""

    source: str
    target: str


Check = Callable[["Step", Any], Awaitable[Grant | Refusal | None]]
Act = Callable[["Step", Any, Any], Awaitable[Data]]


@dataclass(frozen=True, slots=True)
class Move:
    """One step. ``act(step, data, wish)`` gives the data afterwards."""

    name: str
    words: Words
    source: tuple[str, ...]  # states it may be taken from
    target: str  # or STAYS
    roles: frozenset[Role]
    act: Act
    body: type[Data] = Nothing
    check: Check | None = None  # what must hold, whatever is brought; also shown as "what is missing"
    leads: Callable[[Any], str] | None = None  # data afterwards → state, where the facts decide it
    tells_workers: bool = False  # media workers are told at once what has ended


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of procedure."""

    name: str  # "plan"
    path: str  # "plans", in the address
    words: Words
    order: str  # code of the duty that refuses what is out of order
    prefix: str  # of its numbers, "GH"
    data: type[Data]
    states: Mapping[str, Words]  # the first is where it begins
    opening: type[Opening]
    openers: frozenset[Role]
    readers: frozenset[Role]
    moves: tuple[Move, ...]
    # Facts and effects of opening one: step, wish → data. The record is there already, with its id.
    open: Callable[["Step", Any], Awaitable[Data]]
    ground: str = ""  # its article; empty: that of ``order``
    subject: str = ""  # what ``subject`` refers to, as in ``Ref``; empty: nothing
    silent: bool = False  # who may not read them is told that there are none (R35.1)
    # Readers by these roles alone see what is their own organisation's, or names it as the other party …
    parties_only: frozenset[Role] = frozenset()
    other_party: str = ""  # … in this field of the data; empty: nothing has one
    hidden_from_subject: bool = False  # nor may the person they are about, whatever their roles
    # For the compliance report: what a record told of at an instant.
    findings: Callable[["RecordRow", datetime], Iterable[Finding]] | None = None
    lapse: Lapse | None = None
    order_of: Callable[["Step", Any, Move], Awaitable[Refusal]] | None = field(default=None)

    @property
    def first(self) -> str:
        return next(iter(self.states))

    def state_of(self, record: "RecordRow", now: datetime) -> str:
        """Where a record stands at an instant."""
        return self.stands(record.state, record.ends_at is not None and now >= record.ends_at)

    def stands(self, state: str, has_ended: bool) -> str:
        """Where a record stands that a step left in this state."""
        if self.lapse is not None and has_ended and state == self.lapse.source:
            return self.lapse.target
        return state

    def move(self, name: str) -> Move:
        return next(move for move in self.moves if move.name == name)

    def deed(self, name: str, roles: frozenset[Role]) -> Deed:
        return Deed(f"{self.name}.{name}", roles)
