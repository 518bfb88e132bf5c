"""Devices: seen, accepted, refused, changed, removed. A device that nobody accepted has no password."""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Protocol
from uuid import UUID, uuid4

from sqlalchemy import Select, delete, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.clock import Clock, utc_now
from bingjian.db.areas import CITY, Areas, inside, is_inside
from bingjian.db.session import Database
from bingjian.inventory.errors import DeviceCodeTaken, FieldsNotAccepted, GbDeviceOther, NotThere
from bingjian.inventory.gb28181.endings import Admit, Concerned, DeviceEndings
from bingjian.inventory.gb28181.models import (
    DEVICE,
    DeviceSettings,
    DeviceWish,
    GbChannelRow,
    GbDeviceRow,
    GbPositionRow,
    State,
)
from bingjian.inventory.history import HistoryRow, Subject, Who, differences, history_of, remember
from bingjian.inventory.organisations import OrganisationRow
from bingjian.inventory.search import searchable, sought
from bingjian.inventory.vault import Vault
from bingjian.inventory.versions import require_version
from bingjian.journal.append import Journal
from bingjian.journal.refusals import Asking, written_down
from bingjian.rules.decision import granted
from bingjian.rules.decisions.records import may_have_code
from bingjian.rules.library import law

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is mistaken for another on a device's small display
PASSWORD_LENGTH = 12  # 59 bits; many devices take no more than 16 characters
SETTINGS = tuple(one.name for one in fields(DeviceSettings))
TOLD = tuple(name for name in SETTINGS if name != "coordinates")  # what its numbers mean matters only here
OUTSIDE_AREAS = "it lies outside your areas"


class Registrar(Who, Asking, Protocol):
    """Whoever asks and makes the change, with the areas that they are bound to."""

    @property
    def areas(self) -> Areas: ...


@dataclass(frozen=True, slots=True)
class DeviceFilter:
    """Which devices; what is None does not matter."""

    areas: Areas
    state: State | None = None
    q: str | None = None
    division: str | None = None
    organisation: UUID | None = None
    online: bool | None = None


@dataclass(frozen=True, slots=True)
class DevicePage:
    items: list[GbDeviceRow]
    next_key: list[str] | None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A device, and the password that was made up for it: told once and never again."""

    row: GbDeviceRow
    password: str | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A device's password, and out of what it was opened."""

    sealed: bytes
    password: str = field(repr=False)


class GbDevices:
    """Every change by a person is in the journal before it holds."""

    def __init__(
        self, database: Database, journal: Journal, vault: Vault, clock: Clock, endings: DeviceEndings
    ) -> None:
        self._database = database
        self._journal = journal
        self._vault = vault
        self._clock = clock
        self._endings = endings
        self._opened: dict[UUID, Opened] = {}  # of the last assignment

    async def page(self, limit: int, after: list[str] | None, only: DeviceFilter) -> DevicePage:
        """By name, or by code while a device has none; after the label and id given."""
        table = GbDeviceRow
        query = filtered(select(table), only).order_by(table.label, table.id).limit(limit + 1)
        if after is not None:
            query = query.where(tuple_(table.label, table.id) > (after[0], UUID(after[1])))
        async with self._database.read() as session:
            rows = list(await session.scalars(query))
        items = rows[:limit]
        return DevicePage(items, [items[-1].label, str(items[-1].id)] if len(rows) > limit else None)

    async def counts(self, areas: Areas) -> dict[str, int]:
        """How many wait, are accepted, are refused, and of the accepted: are online."""
        table = GbDeviceRow
        query = select(table.state, func.count(), func.count(table.online_since))
        query = query.where(inside(table.division, areas)).group_by(table.state)
        found = {"waiting": 0, "accepted": 0, "refused": 0, "online": 0}
        async with self._database.read() as session:
            for state, count, online in await session.execute(query):
                found[state] = count
                found["online"] += online if state == "accepted" else 0
        return found

    async def get(self, device: UUID, areas: Areas) -> GbDeviceRow:
        """Raises NotThere."""
        async with self._database.read() as session:
            return await own_device(session, device, areas)

    async def recorded(self, device: UUID, areas: Areas) -> list[Concerned]:
        """The cameras in these areas whose recording would end with the device. Raises NotThere."""
        async with self._database.read() as session:
            await own_device(session, device, areas)
            found = await self._endings.of_device(session, device)
        return [one for one in found if one.is_recorded and is_inside(one.division, areas)]

    async def history(self, device: UUID, areas: Areas) -> list[HistoryRow]:
        """All changes, newest first. Raises NotThere."""
        async with self._database.read() as session:
            await own_device(session, device, areas)
            return await history_of(session, device)

    async def add(self, code: str, wish: DeviceWish, who: Registrar) -> Accepted:
        """Accept a device before it has been heard, or while it waits, by its code.

        Raises DeviceCodeTaken, FieldsNotAccepted, Refused: the code is no device code (R26.5).
        """

        async def work(session: AsyncSession) -> Accepted:
            row = await session.scalar(select(GbDeviceRow).where(GbDeviceRow.code == code))
            if row is not None and row.state != "waiting":
                raise DeviceCodeTaken
            if row is None:
                row = new_row(uuid4(), code, utc_now(self._clock))
                session.add(row)
            return await self._accept(session, row, wish, who)

        return await written_down(self._journal, self._database.run(work), who, "gb_device.accept", None)

    async def accept(self, device: UUID, wish: DeviceWish, who: Registrar) -> Accepted:
        """From now on it may register. Raises NotThere, GbDeviceOther, FieldsNotAccepted, Refused."""

        async def work(session: AsyncSession) -> Accepted:
            row = await own_device(session, device, who.areas)
            if row.state == "accepted":
                raise GbDeviceOther("the device is accepted already")
            return await self._accept(session, row, wish, who)

        return await written_down(self._journal, self._database.run(work), who, "gb_device.accept", device)

    async def refuse(self, device: UUID, reason: str, who: Registrar, admit: Admit) -> GbDeviceRow:
        """It may not register, or no longer.

        Raises:
            NotThere, GbDeviceOther; FieldsNotAccepted, or where recording ends Refused: no reason (R31.7).
            What ``admit`` raises.
        """

        async def work(session: AsyncSession) -> GbDeviceRow:
            row = await own_device(session, device, who.areas)
            if row.state == "refused":
                raise GbDeviceOther("the device is refused already")
            ending = await self._endings.require_device(session, row.id, reason, admit)
            if not reason:
                raise FieldsNotAccepted({"reason": "say why the device is refused"})
            before = told(row)
            row.state, row.reason, row.sealed, row.online_since = "refused", reason, None, None
            await forget_places(session, row.id)
            await self._endings.write(ending, reason, "gb_device.refuse", row.id, who)
            return await self._written(session, row, before, "refused", who, reason)

        return await written_down(self._journal, self._database.run(work), who, "gb_device.refuse", device)

    async def change(
        self,
        device: UUID,
        version: int,
        wished: Mapping[str, Any],
        reason: str,
        who: Registrar,
        admit: Admit,
    ) -> Accepted:
        """Change what is given of name, division, organisation, password and settings.

        Args:
            wished: with ``new_password``, one is made up. Until the device registers with another password,
                its channels are not recorded.

        Raises:
            NotThere, Stale, GbDeviceOther, FieldsNotAccepted; with another password also what ``admit``
            raises, and Refused: recording ends, without a reason (R31.7).
        """

        async def work(session: AsyncSession) -> Accepted:
            row = await own_device(session, device, who.areas)
            await require_version(session, row.id, row.version, version)
            if row.state != "accepted":
                raise GbDeviceOther("only a device that is accepted can be changed")
            before = told(row)
            wish = wish_of(row, wished)
            await require_fields(session, wish, who.areas)
            password, ending = made_up() if wished.get("new_password") else wish.password, list[UUID]()
            if password is not None:
                ending = await self._endings.require_device(session, row.id, reason, admit)
            if not wish.settings.positions_s or wish.settings.coordinates != row.coordinates:
                await forget_places(session, row.id)  # wanted no longer, or read wrongly until now
            described(row, wish)
            if password is not None:
                row.sealed = self._vault.seal_password(row.id, password)
            more = {} if password is None else {"password": [None, None]}  # that it was changed, nothing else
            await self._endings.write(ending, reason, "gb_device.password", row.id, who)
            await self._written(session, row, before, "changed", who, reason, more)
            return Accepted(row, password if wished.get("new_password") else None)

        return await written_down(self._journal, self._database.run(work), who, "gb_device.change", device)

    async def remove(self, device: UUID, reason: str, who: Registrar, admit: Admit) -> None:
        """Forget the device and its channels; cameras and footage stay.

        Raises NotThere; what ``admit`` raises; Refused: recording ends, without a reason (R31.7).
        """

        async def work(session: AsyncSession) -> None:
            row = await own_device(session, device, who.areas)
            ending = await self._endings.require_device(session, row.id, reason, admit)
            before = told(row)
            await session.execute(delete(GbChannelRow).where(GbChannelRow.device == row.id))
            await forget_places(session, row.id)
            await session.delete(row)
            subject = Subject(DEVICE, row.id, row.version + 1)
            changes, now = differences(before, {}), utc_now(self._clock)
            await self._endings.write(ending, reason, "gb_device.remove", row.id, who)
            await remember(session, self._journal, subject, "removed", changes, who, now, reason)

        await written_down(self._journal, self._database.run(work), who, "gb_device.remove", device)

    async def assigned(self) -> list[dict[str, Any]]:
        """What the signal process has to know of each accepted device, by code."""
        table = GbDeviceRow
        query = accepted(select(table.id, table.code, table.sealed, *(getattr(table, one) for one in TOLD)))
        async with self._database.read() as session:
            rows = (await session.execute(query)).all()
        self._opened = {id: self._open(id, sealed) for id, _, sealed, *_ in rows}
        return [
            {"id": code, "password": self._opened[id].password, **dict(zip(TOLD, told, strict=True))}
            for id, code, _, *told in rows
        ]

    async def codes(self) -> list[str]:
        """Of all accepted devices."""
        async with self._database.read() as session:
            return list(await session.scalars(accepted(select(GbDeviceRow.code))))

    def _open(self, device: UUID, sealed: bytes) -> Opened:
        """Its password; what was opened before is not opened again every few seconds."""
        known = self._opened.get(device)
        if known is not None and known.sealed == sealed:
            return known
        return Opened(sealed, self._vault.open_password(device, sealed))

    async def _accept(
        self, session: AsyncSession, row: GbDeviceRow, wish: DeviceWish, who: Registrar
    ) -> Accepted:
        granted(may_have_code(law(), row.code, ()))
        await require_fields(session, wish, who.areas)
        password = made_up() if wish.password is None else wish.password
        before = told(row) if row.version or row.knocks else {}
        described(row, wish)
        row.state, row.reason = "accepted", ""
        row.sealed, row.trouble, row.trouble_at = self._vault.seal_password(row.id, password), "", None
        await self._written(session, row, before, "accepted", who)
        return Accepted(row, password if wish.password is None else None)

    async def _written(
        self,
        session: AsyncSession,
        row: GbDeviceRow,
        before: Mapping[str, Any],
        act: str,
        who: Registrar,
        reason: str = "",
        more: Mapping[str, Any] | None = None,
    ) -> GbDeviceRow:
        """A new version of the device, with its history."""
        row.version, row.changed_at = row.version + 1, utc_now(self._clock)
        changes = {**differences(before, told(row)), **(more or {})}
        subject = Subject(DEVICE, row.id, row.version)
        await remember(session, self._journal, subject, act, changes, who, row.changed_at, reason)
        return row


def new_row(id: UUID, code: str, now: Any) -> GbDeviceRow:
    """A device of which nothing is known but its code; nobody has decided about it yet."""
    row = GbDeviceRow(id=id, code=code, organisation=None, sealed=None, state="waiting", reason="")
    described(row, DeviceWish("", division_in(code)))
    for name in ("manufacturer", "model", "firmware", "user_agent", "said_version", "address", "transport"):
        setattr(row, name, "")
    row.online_since = row.seen_at = row.first_seen_at = row.trouble_at = row.catalogue_at = None
    row.offline_why = row.trouble = row.catalogue_run = ""
    row.realm_differs = row.catalogue_complete = False
    row.time_offset_s, row.knocks, row.version = None, 0, 0
    row.created_at = row.changed_at = now
    return row


def division_in(code: str) -> str:
    """Whose registrars see a device that waits: of the division that its code names, else of the city."""
    return code[:6] if code[:6] in law().codes("division") else CITY


def described(row: GbDeviceRow, wish: DeviceWish) -> None:
    row.name, row.division, row.organisation = wish.name, wish.division, wish.organisation
    for name, value in asdict(wish.settings).items():
        setattr(row, name, value)
    row.label, row.search = wish.name or row.code, searchable(wish.name, row.code)


def wish_of(row: GbDeviceRow, wished: Mapping[str, Any]) -> DeviceWish:
    """The device as it is, with what is wished for."""
    settings = replace(row.settings, **{name: wished[name] for name in SETTINGS if name in wished})
    organisation = wished.get("organisation", row.organisation)
    name, division = wished.get("name", row.name), wished.get("division", row.division)
    return DeviceWish(name, division, organisation, wished.get("password"), settings)


async def require_fields(session: AsyncSession, wish: DeviceWish, areas: Areas) -> None:
    """Raises FieldsNotAccepted."""
    if wish.division != CITY and wish.division not in law().codes("division"):
        raise FieldsNotAccepted({"division": "it is no division of this city"})
    if not is_inside(wish.division, areas):
        raise FieldsNotAccepted({"division": OUTSIDE_AREAS})
    if wish.organisation is not None and await session.get(OrganisationRow, wish.organisation) is None:
        raise FieldsNotAccepted({"organisation": "there is no such organisation"})


async def forget_places(session: AsyncSession, device: UUID) -> None:
    """Where it and its channels were last."""
    await session.execute(delete(GbPositionRow).where(GbPositionRow.device == device))


async def own_device(session: AsyncSession, device: UUID, areas: Areas) -> GbDeviceRow:
    """Raises NotThere, alike for what is not there and what lies outside the areas."""
    row = await session.scalar(
        select(GbDeviceRow).where(GbDeviceRow.id == device, inside(GbDeviceRow.division, areas))
    )
    if row is None:
        raise NotThere
    return row


def accepted(query: Select[Any]) -> Select[Any]:
    """Those that may register, by code."""
    table = GbDeviceRow
    return query.where(table.state == "accepted", table.sealed.is_not(None)).order_by(table.code)


def filtered(query: Select[Any], only: DeviceFilter) -> Select[Any]:
    table = GbDeviceRow
    query = query.where(inside(table.division, only.areas))
    if only.state is not None:
        query = query.where(table.state == only.state)
    if only.q and sought(only.q):
        query = query.where(table.search.contains(sought(only.q), autoescape=True))
    if only.division:
        query = query.where(table.division == only.division)
    if only.organisation is not None:
        query = query.where(table.organisation == only.organisation)
    if only.online is not None:
        condition = table.online_since.is_not(None)
        query = query.where(condition if only.online else ~condition)
    return query


def told(row: GbDeviceRow) -> dict[str, Any]:
    """What people decide of a device, as its history has it: never the password."""
    organisation = str(row.organisation) if row.organisation else None
    return {
        "code": row.code,
        "name": row.name,
        "division": row.division,
        "organisation": organisation,
        "state": row.state,
        "reason": row.reason,
        **asdict(row.settings),
    }


def made_up() -> str:
    """A password, for a digest and for somebody who types it into a device."""
    return "".join(secrets.choice(LETTERS) for _ in range(PASSWORD_LENGTH))
