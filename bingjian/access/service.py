"""People: added, changed, closed; never removed, for the journal names them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import WHOLE_CITY, Role, forbidden_together
from bingjian.access.errors import (
    NameTaken,
    NoProvider,
    NoSuchPerson,
    PasswordTooShort,
    RolesForbidden,
    SubjectTaken,
)
from bingjian.access.models import PersonRow, SessionRow
from bingjian.access.passwords import PASSWORD_MIN, Hasher, generate
from bingjian.clock import Clock, utc_now
from bingjian.db.session import Database
from bingjian.entries import PersonAdded, PersonChanged, RefusalGiven
from bingjian.journal.append import Journal
from bingjian.journal.refusals import Asking, written_down
from bingjian.rules.decision import consistent, granted
from bingjian.rules.decisions import rights
from bingjian.rules.library import law

SESSION_LIFE = timedelta(hours=12)  # a long shift; then one signs in again
CONSOLE = UUID(int=1)  # the machine's own console, in the journal
PAPERS = ("valid_from", "contract_ends", "certificate_kind", "certificate_number", "home")
HARMLESS = frozenset({"language"})  # changes no right


@dataclass(frozen=True, slots=True)
class Papers:
    """What a person's account rests on."""

    valid_from: date | None = None  # first day, in China
    contract_ends: date | None = None  # last day: the account closes when it ends
    certificate_kind: str = ""  # code of ``certificate``
    certificate_number: str = ""
    home: str = ""  # "longitude,latitude": looks around it are told to the auditor (R31.2)


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine's own console, where no person asks."""

    id: UUID = CONSOLE
    address: str = ""


@dataclass(frozen=True, slots=True)
class PeoplePage:
    items: list[PersonRow]
    next_key: list[str] | None


class People:
    """Every change is in the journal before it holds."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        hasher: Hasher,
        clock: Clock,
        issuer: str | None = None,
    ) -> None:
        """
        Args:
            issuer: of the identity provider whose persons accounts may be bound to.
        """
        self.issuer = issuer
        self._database = database
        self._journal = journal
        self._hasher = hasher
        self._clock = clock

    async def add_person(
        self,
        name: str,
        password: str | None,
        roles: frozenset[Role],
        language: str = "zh",
        *,
        organisation: UUID | None = None,
        areas: tuple[str, ...] = WHOLE_CITY,
        papers: Papers | None = None,
        subject: str = "",
        by: UUID = CONSOLE,
    ) -> tuple[PersonRow, str | None]:
        """Add a person.

        Args:
            organisation: whom the person acts for.
            areas: prefixes of division codes that the roles are bound to.
            papers: contract and certificate.
            subject: what the identity provider calls the person; empty: they sign in by password alone.

        Returns:
            The person, and the password if one had to be made up: this is the only time it is known.

        Raises:
            NameTaken, SubjectTaken, NoProvider, RolesForbidden, PasswordTooShort, UsageError.
        """
        await self._require_allowed(roles, Machine(by), None)
        papers = papers or Papers()
        require_sound(papers)
        generated = None if password is not None else generate()
        password_hash = await self._hash(password if password is not None else generated or "")
        row = PersonRow(
            id=uuid4(),
            name=name,
            password_hash=password_hash,
            roles=joined(roles),
            organisation=organisation,
            areas=",".join(areas),
            language=language,
            enabled=True,
            created_at=utc_now(self._clock),
            valid_from=papers.valid_from,
            contract_ends=papers.contract_ends,
            certificate_kind=papers.certificate_kind,
            certificate_number=papers.certificate_number,
            **self._binding(subject),
            home=papers.home,
        )
        await self._insert(row, PersonAdded(str(by), str(row.id), name, tuple(sorted(roles))))
        return row, generated

    async def change(
        self,
        person: UUID,
        *,
        roles: frozenset[Role] | None = None,
        language: str | None = None,
        password: str | None = None,
        enabled: bool | None = None,
        organisation: UUID | None = None,
        areas: tuple[str, ...] | None = None,
        papers: Mapping[str, date | str | None] | None = None,
        subject: str | None = None,
        by: Asking | None = None,
    ) -> PersonRow:
        """Change what is given; unless only the language changes, every session of the person ends.

        Args:
            papers: those of the fields of ``Papers`` that change.
            subject: as ``add_person``; empty takes the binding away.

        Raises:
            NoSuchPerson, SubjectTaken, NoProvider, RolesForbidden, PasswordTooShort, UsageError.
            Refused: one's own rights (R27.4).
        """
        by = by or Machine()
        if roles is not None:
            await self._require_allowed(roles, by, person)
        values: dict[str, object] = {"language": language, "enabled": enabled}
        values["roles"] = joined(roles) if roles is not None else None
        values["organisation"] = organisation
        values["areas"] = ",".join(areas) if areas is not None else None
        values["password_hash"] = await self._hash(password) if password is not None else None
        changed = {name: value for name, value in values.items() if value is not None} | dict(papers or {})
        changed |= self._binding(subject) if subject is not None else {}
        if changed.keys() - HARMLESS:
            await written_down(self._journal, require_other(person, by.id), by, "people.change", person)
        return await self._change(person, changed, by.id)

    async def change_own_password(self, person: UUID, password: str) -> None:
        """Whoever changes it has given the old one; sessions are the caller's part. As ``change`` raises."""
        password_hash = await self._hash(password)

        async def work(session: AsyncSession) -> None:
            row = await session.get(PersonRow, person)
            if row is None:
                raise NoSuchPerson
            row.password_hash = password_hash
            await session.flush()
            await self._journal.append(changed_entry(row, ["password_hash"], person))

        await self._database.run(work)

    async def get(self, person: UUID) -> PersonRow:
        """Raises NoSuchPerson."""
        async with self._database.read() as session:
            row = await session.get(PersonRow, person)
        if row is None:
            raise NoSuchPerson
        return row

    async def changed_lately(self) -> dict[UUID, datetime]:
        """Whose rights changed, and when, as long as a ticket from before may live: workers refuse those."""
        column, since = PersonRow.rights_changed_at, utc_now(self._clock) - SESSION_LIFE
        async with self._database.read() as session:
            rows = await session.execute(select(PersonRow.id, column).where(column > since))
        return {person: at for person, at in rows if at is not None}

    async def is_empty(self) -> bool:
        """Whether there is nobody yet."""
        async with self._database.read() as session:
            return await session.scalar(select(PersonRow.id).limit(1)) is None

    async def page(self, limit: int, after: list[str] | None, q: str | None = None) -> PeoplePage:
        """People by name, after the one named in ``after``; only those with ``q`` in their name."""
        query = select(PersonRow).order_by(PersonRow.name).limit(limit + 1)
        if after is not None:
            query = query.where(PersonRow.name > after[0])
        if q:
            query = query.where(PersonRow.name.icontains(q, autoescape=True))
        async with self._database.read() as session:
            rows = list(await session.scalars(query))
        items = rows[:limit]
        return PeoplePage(items, [items[-1].name] if len(rows) > limit else None)

    async def named(self, name: str) -> PersonRow:
        """Raises NoSuchPerson."""
        async with self._database.read() as session:
            row = await session.scalar(select(PersonRow).where(PersonRow.name == name))
        if row is None:
            raise NoSuchPerson
        return row

    async def _change(self, person: UUID, changed: Mapping[str, object], by: UUID) -> PersonRow:
        async def work(session: AsyncSession) -> PersonRow:
            row = await session.get(PersonRow, person)
            if row is None:
                raise NoSuchPerson
            for name, value in changed.items():
                setattr(row, name, value)
            require_sound(Papers(*(getattr(row, name) for name in PAPERS)))
            if changed.keys() - HARMLESS:
                row.rights_changed_at = utc_now(self._clock)
                await session.execute(delete(SessionRow).where(SessionRow.person == person))
            await session.flush()
            await self._journal.append(changed_entry(row, changed, by))
            return row

        try:
            return await self._database.run(work)
        except IntegrityError as error:
            raise SubjectTaken from error  # of what can be changed, nothing else has one owner only

    def _binding(self, subject: str) -> dict[str, str | None]:
        """The two columns. Raises NoProvider."""
        if subject and self.issuer is None:
            raise NoProvider
        return {"oidc_issuer": self.issuer if subject else None, "oidc_subject": subject or None}

    async def _require_allowed(self, roles: frozenset[Role], by: Asking, person: UUID | None) -> None:
        """Raises RolesForbidden, written down before."""
        if not forbidden_together(roles):
            return
        about, told = str(person) if person else None, "roles that one person may not hold together"
        await self._journal.append(
            RefusalGiven(str(by.id), "people.change", about, "27¶1", "R27.4", told, by.address)
        )
        raise RolesForbidden

    async def _hash(self, password: str) -> str:
        require_long_enough(password)
        return await self._hasher.hash(password)

    async def _insert(self, row: PersonRow, entry: PersonAdded) -> None:
        values = {column.key: getattr(row, column.key) for column in PersonRow.__table__.columns}

        async def work(session: AsyncSession) -> None:
            session.add(PersonRow(**values))
            await session.flush()
            await self._journal.append(entry)

        try:
            await self._database.run(work)
        except IntegrityError as error:
            raise await self._taken(row.name) from error

    async def _taken(self, name: str) -> NameTaken | SubjectTaken:
        async with self._database.read() as session:
            found = await session.scalar(select(PersonRow.id).where(PersonRow.name == name))
        return SubjectTaken() if found is None else NameTaken()


def require_long_enough(password: str) -> None:
    """Raises PasswordTooShort."""
    if len(password) < PASSWORD_MIN:
        raise PasswordTooShort(f"a password needs at least {PASSWORD_MIN} characters")


async def require_other(person: UUID, by: UUID) -> None:
    """Raises Refused: nobody changes the rights of their own account (R27.4)."""
    granted(rights.may_change_account(law(), str(person), str(by)))


def require_sound(papers: Papers) -> None:
    """Raises UsageError."""
    start, end = papers.valid_from, papers.contract_ends
    consistent(start is None or end is None or start <= end, "the contract ends before it begins")
    kinds = {"", *law().codes("certificate")}
    consistent(papers.certificate_kind in kinds, "no kind of certificate that the measures name")


def changed_entry(row: PersonRow, fields: Iterable[str], by: UUID) -> PersonChanged:
    return PersonChanged(str(by), str(row.id), tuple(sorted(fields)), tuple(sorted(row.role_set)))


def joined(roles: frozenset[Role]) -> str:
    return ",".join(sorted(roles))
