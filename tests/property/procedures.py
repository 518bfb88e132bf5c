"""Procedures by random steps: one real service over SQLite, bodies made from the models, a model of states.

``Office`` runs the service; ``sample`` makes a body for a step; ``Walk`` takes steps, legal and illegal, and
checks what every kind owes: never an illegal state, each step one version with its history, and a refused
step leaves nothing but its refusal in the journal.
"""

import asyncio
import tempfile
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin
from uuid import UUID, uuid4

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Actor, Role
from bingjian.clock import utc_now
from bingjian.documents.models import DocumentRow, DocumentVersionRow
from bingjian.inventory.history import HistoryRow
from bingjian.inventory.organisations import Organisations, body_id
from bingjian.journal.append import Journal
from bingjian.procedures.catalogue import KINDS
from bingjian.procedures.errors import ProcedureError
from bingjian.procedures.kinds import STAYS, Kind, Move, Opening, Ref
from bingjian.procedures.lawbook import Lawbook
from bingjian.procedures.models import RecordRow
from bingjian.procedures.service import Procedures
from bingjian.rules.decision import Refused, UsageError
from bingjian.rules.library import law
from tests.backend import StillClock, sqlite_as_new

Result = TypeVar("Result")
BODIES = ("city_government", "city_data_authority", "public_security")
ANY_TEXT = "abc"
SAID_NO = (Refused, UsageError, ProcedureError)  # the ways in which a step is not taken


class Office:
    """The service over a database that is new; call ``close`` before the next."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._folder = tempfile.TemporaryDirectory(prefix="bingjian-walk-")
        folder = Path(self._folder.name)
        self.clock = StillClock()
        self.database = self.run(sqlite_as_new())
        self.journal = Journal.open(folder / "journal", self.clock)
        self.service = Procedures(self.database, self.journal, self.clock, KINDS, Lawbook(None))
        self.run(Organisations(self.database, self.journal, self.clock).seed())
        self.document = uuid4()
        self.keep(*paper(self.document, utc_now(self.clock)))
        bodies = [body_id(body) for body in BODIES]
        self.known: dict[str, list[UUID]] = {"organisation": bodies, "document": [self.document]}

    def close(self) -> None:
        self.run(self.database.close())
        self.journal.close()
        self._runner.close()
        self._folder.cleanup()

    def run(self, work: Awaitable[Result]) -> Result:
        async def once() -> Result:
            return await work

        return self._runner.run(once())

    def person(self, body: str = "city_government") -> Actor:
        """Somebody with every role, who acts for this body."""
        return Actor(UUID(int=7), "王", frozenset(Role), "zh", organisation=body_id(body))

    def keep(self, *rows: Any) -> None:
        """What no procedure makes: places, cameras."""

        async def work(session: AsyncSession) -> None:
            session.add_all(rows)

        self.run(self.database.run(work))

    def open(self, kind: Kind, wish: Opening, body: str = "city_government") -> RecordRow:
        row = self.run(self.service.open(kind, wish, self.person(body)))
        self.known.setdefault(f"record:{kind.name}", []).append(row.id)
        return row

    def move(
        self, kind: Kind, record: UUID, name: str, wish: BaseModel, body: str = "city_government"
    ) -> RecordRow:
        """On the newest version."""
        self.clock.wait(1)
        version = self.record(record).version
        return self.run(self.service.move(kind, record, name, version, wish, self.person(body)))  # type: ignore[arg-type]  # of that move

    def record(self, record: UUID) -> RecordRow:
        async def read() -> RecordRow:
            async with self.database.read() as session:
                return await session.get_one(RecordRow, record)

        return self.run(read())

    def versions(self, record: UUID) -> list[int]:
        """Of its history, oldest first."""

        async def read() -> list[int]:
            query = select(HistoryRow.version).where(HistoryRow.subject == record)
            async with self.database.read() as session:
                return list(await session.scalars(query.order_by(HistoryRow.version)))

        return self.run(read())

    def last_entry(self) -> str:
        (last,) = self.run(self.journal.read(1))
        return last.kind


def paper(id_: UUID, now: datetime) -> tuple[DocumentRow, DocumentVersionRow]:
    """A document with its first version."""
    base = {"kind": "opinion", "title": "函", "secrecy": "none", "holds_base_info": False, "division": ""}
    row = DocumentRow(id=id_, **base, recipients_json="[]", version=1, added_at=now)
    told = {"sha256": "ab" * 32, "size_bytes": 1, "media_type": "text/plain", "file_name": "", "note": ""}
    return row, DocumentVersionRow(document=id_, number=1, **told, at=now, by=UUID(int=7), by_name="王")


# --- bodies


@dataclass
class Sampler:
    """Makes a value for any field that a procedure may have."""

    random: Random
    known: dict[str, list[UUID]]
    now: datetime

    def of(self, model: type[BaseModel]) -> BaseModel:
        """Raises KeyError: it refers to something of which there is nothing yet."""
        values = {
            name: self.field(info)
            for name, info in model.model_fields.items()
            if info.is_required() or self.random.random() < 0.7
        }
        return model.model_validate(values)

    def field(self, info: FieldInfo) -> Any:
        extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        codes = [*law().codes(str(extra["codes"]))] if "codes" in extra else []
        return self.value(info.annotation, tuple(info.metadata), codes)

    def value(self, annotation: Any, metadata: tuple[Any, ...] = (), codes: list[str] | None = None) -> Any:
        for found in metadata:
            if isinstance(found, Ref):
                return self.reference(found)
        if get_origin(annotation) is Annotated:
            inner, *more = get_args(annotation)
            return self.value(inner, (*metadata, *more), codes)
        if get_origin(annotation) in (Union, UnionType):
            inner = [one for one in get_args(annotation) if one is not NoneType]
            return self.value(self.random.choice(inner), metadata, codes)
        if get_origin(annotation) in (tuple, list):
            return [self.value(get_args(annotation)[0], (), codes) for _ in range(self.random.randint(1, 2))]
        if get_origin(annotation) is not None:
            return {}  # a map may be empty
        return self.plain(annotation, codes)

    def reference(self, ref: Ref) -> UUID:
        return self.random.choice(self.known[ref.to])

    def plain(self, annotation: Any, codes: list[str] | None) -> Any:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            return self.of(annotation).model_dump()
        values: dict[Any, Any] = {
            bool: self.random.random() < 0.5,
            int: self.random.randint(1, 3),
            date: self.now.date() + timedelta(days=self.random.randint(-30, 60)),
            datetime: self.now - timedelta(seconds=self.random.randint(0, 60)),
            UUID: uuid4(),
        }
        if annotation in values:
            return values[annotation]
        return self.random.choice(codes or [ANY_TEXT])


# --- walks


@dataclass
class Walk:
    """One record of a kind, and what is known of it."""

    office: Office
    kind: Kind
    random: Random
    state: str = ""
    version: int = 0
    record: UUID = field(default_factory=uuid4)
    taken: int = 0

    @property
    def sampler(self) -> Sampler:
        return Sampler(self.random, self.office.known, utc_now(self.office.clock))

    def begin(self, tries: int = 12) -> bool:
        """Whether one could be opened with what can be made up."""
        for _ in range(tries):
            try:
                wish = self.sampler.of(self.kind.opening).model_copy(update=self.subject())
                row = self.office.open(self.kind, wish, self.random.choice(BODIES))  # type: ignore[arg-type]  # its opening
            except (*SAID_NO, KeyError, ValueError):
                continue
            self.record, self.state, self.version = row.id, row.state, row.version
            assert (self.state, self.version) == (self.kind.first, 1)
            return True
        return False

    def subject(self) -> dict[str, Any]:
        subject = self.random.choice(self.office.known[self.kind.subject]) if self.kind.subject else None
        return {"subject": subject, "division": "", "organisation": None}

    def step(self) -> None:
        """Any step, legal or not."""
        move = self.random.choice(self.kind.moves)
        try:
            wish = self.sampler.of(move.body)
        except (KeyError, ValueError):
            return
        is_legal = not move.source or self.state in move.source
        try:
            row = self.office.move(self.kind, self.record, move.name, wish, self.random.choice(BODIES))
        except SAID_NO as no:
            self.not_taken(no, is_legal)
        else:
            self.was_taken(move, row, is_legal)

    def was_taken(self, move: Move, row: RecordRow, is_legal: bool) -> None:
        assert is_legal, f"{move.name} from {self.state}"
        if move.leads is not None:  # the facts decide
            self.state = row.state
        elif move.target != STAYS:
            self.state = move.target
        self.version, self.taken = self.version + 1, self.taken + 1
        assert (row.state, row.version) == (self.state, self.version)
        assert row.state in self.kind.states
        self.kind.data.model_validate_json(row.data_json)

    def not_taken(self, no: Exception, is_legal: bool) -> None:
        assert is_legal or isinstance(no, Refused), "what is out of order is refused by an article"
        if isinstance(no, Refused):
            assert self.office.last_entry() == "refusal"
        row = self.office.record(self.record)
        assert (row.state, row.version) == (self.state, self.version)

    def end(self) -> None:
        """The history is complete."""
        assert self.office.versions(self.record) == list(range(1, self.version + 1))
