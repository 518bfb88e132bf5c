"""People: added, changed, closed; never removed, for the journal names them."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import WHOLE_CITY, Role, forbidden_together
from bingjian.access.errors import NameTaken, NoSuchPerson, PasswordTooShort, RolesForbidden
from bingjian.access.models import PersonRow, SessionRow
from bingjian.access.passwords import PASSWORD_MIN, Hasher, generate
from bingjian.clock import Clock, utc_now
from bingjian.db.session import Database
from bingjian.entries import PersonAdded, PersonChanged
from bingjian.journal.append import Journal

CONSOLE = UUID(int=1)  # the machine's own console, in the journal


@dataclass(frozen=True, slots=True)
class PeoplePage:
    items: list[PersonRow]
    next_key: list[str] | None


class People:
    """Every change is in the journal before it holds."""

    def __init__(self, database: Database, journal: Journal, hasher: Hasher, clock: Clock) -> None:
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
        by: UUID = CONSOLE,
    ) -> tuple[PersonRow, str | None]:
        """Add a person.

        Args:
            organisation: whom the person acts for.
            areas: prefixes of division codes that the roles are bound to.

        Returns:
            The person, and the password if one had to be made up: this is the only time it is known.

        Raises:
            NameTaken, RolesForbidden, PasswordTooShort.
        """
        require_allowed(roles)
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
        by: UUID = CONSOLE,
    ) -> PersonRow:
        """Change what is given; unless only the language changes, every session of the person ends.

        Raises:
            NoSuchPerson, RolesForbidden, PasswordTooShort.
        """
        if roles is not None:
            require_allowed(roles)
        values: dict[str, object] = {"language": language, "enabled": enabled}
        values["roles"] = joined(roles) if roles is not None else None
        values["organisation"] = organisation
        values["areas"] = ",".join(areas) if areas is not None else None
        values["password_hash"] = await self._hash(password) if password is not None else None
        changed = {name: value for name, value in values.items() if value is not None}

        async def work(session: AsyncSession) -> PersonRow:
            row = await session.get(PersonRow, person)
            if row is None:
                raise NoSuchPerson
            for name, value in changed.items():
                setattr(row, name, value)
            if changed.keys() - {"language"}:
                await session.execute(delete(SessionRow).where(SessionRow.person == person))
            await session.flush()
            entry = PersonChanged(str(by), str(person), tuple(sorted(changed)), tuple(sorted(row.role_set)))
            await self._journal.append(entry)
            return row

        return await self._database.run(work)

    async def page(self, limit: int, after: list[str] | None) -> PeoplePage:
        """People by name, after the one named in ``after``."""
        query = select(PersonRow).order_by(PersonRow.name).limit(limit + 1)
        if after is not None:
            query = query.where(PersonRow.name > after[0])
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

    async def _hash(self, password: str) -> str:
        if len(password) < PASSWORD_MIN:
            raise PasswordTooShort(f"a password needs at least {PASSWORD_MIN} characters")
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
            raise NameTaken from error


def require_allowed(roles: frozenset[Role]) -> None:
    """Raises RolesForbidden."""
    if forbidden_together(roles):
        raise RolesForbidden


def joined(roles: frozenset[Role]) -> str:
    return ",".join(sorted(roles))
