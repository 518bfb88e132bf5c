"""Cameras: registered, changed, removed, listed. Whoever knows the id alone learns no credentials."""

import re
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from sqlalchemy import Select, Uuid, delete, literal, select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.clock import Clock, utc_now
from bingjian.db.areas import CITY, Areas, inside, is_inside
from bingjian.db.session import Database
from bingjian.entries import CameraAdded, CameraChanged, CameraRemoved
from bingjian.inventory.camera_file_streams import By, begin_file, rename_file
from bingjian.inventory.camera_file_values import EMPTY
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.inventory.endings import Endings
from bingjian.inventory.errors import AddressNotAccepted, NameTaken, NoSuchCamera, SourceIsChannel
from bingjian.inventory.gb28181.models import GbChannelRow
from bingjian.inventory.history import Who
from bingjian.inventory.models import CameraRow, CameraWish, FormerCameraRow, Place
from bingjian.inventory.vault import Vault
from bingjian.journal.append import Journal
from bingjian.journal.refusals import written_down
from bingjian.protocols.url import UrlError
from bingjian.streaming.sources.base import SourceAddress, Transport

TRANSPORTS: tuple[Transport, ...] = ("auto", "tcp", "udp")
# Many cameras take credentials in query or path: ?user=admin&password=x, /user=admin_password=x_channel=1
URL_SECRET = re.compile(
    r"(?i)((?:user(?:name)?|usr|pass(?:word|wd)?|pwd|auth|token|key)=)[^&/;]*?(?=&|/|;|_\w+=|$)"
)
HIDDEN = "***"
IDS_AT_ONCE = 500  # in one statement: SQLite takes a thousand and some
Work = Callable[[AsyncSession], Awaitable[CameraRow]]


@dataclass(frozen=True, slots=True)
class CameraPage:
    items: list[CameraRow]
    next_key: list[str] | None


@dataclass(frozen=True, slots=True)
class Reachable:
    """A camera with all it takes to reach it; for media workers only."""

    row: CameraRow
    main: SourceAddress
    sub: SourceAddress | None


@dataclass(frozen=True, slots=True)
class Sited:
    """A camera, and what its file says of it."""

    row: CameraRow
    division: str  # that it stands in (GB/T 2260; empty: the city's)
    level: str  # code of ``secrecy``; of a camera without a file as if nobody had set it


class Cameras:
    """Every change is in the journal before it holds."""

    def __init__(self, database: Database, journal: Journal, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._journal = journal
        self._vault = vault
        self._clock = clock

    async def add(self, wish: CameraWish, actor: UUID, actor_name: str = "") -> CameraRow:
        """Register a camera; it has its file from the first moment. Raises AddressNotAccepted, NameTaken."""
        camera, (main, sub) = uuid4(), addresses_of(wish)
        values = {
            "id": camera,
            "name": wish.name,
            "worker": None,
            "created_at": utc_now(self._clock),
            **self._columns(camera, wish.name, main, sub),
        }
        entry = CameraAdded(str(actor), str(camera), wish.name, shown(main.url))

        async def work(session: AsyncSession) -> CameraRow:
            row = CameraRow(**values)
            session.add(row)
            begin_file(session, row, By(actor, actor_name), row.created_at)
            await session.flush()
            await self._journal.append(entry)
            return row

        return await self._named(work)

    async def change(
        self, camera: UUID, fields: dict[str, object], actor: UUID, actor_name: str = ""
    ) -> CameraRow:
        """Change the given fields (those of ``CameraWish``); the rest stays.

        An address given back just as it was shown means the address as it is, with what was hidden in it.

        Raises:
            NoSuchCamera, AddressNotAccepted, NameTaken.
            SourceIsChannel: another address, of a camera that is matched with a channel.
        """

        async def work(session: AsyncSession) -> CameraRow:
            row = await session.get(CameraRow, camera)
            if row is None:
                raise NoSuchCamera
            before = self._vault.open(camera, row.sealed)
            main, sub = changed_addresses(*before, fields)
            if main.url != before[0].url and await is_matched(session, camera):
                raise SourceIsChannel
            row.name = str(fields.get("name", row.name))
            for name, value in self._columns(camera, row.name, main, sub).items():
                setattr(row, name, value)
            await rename_file(session, row, By(actor, actor_name), utc_now(self._clock))
            await session.flush()
            await self._journal.append(CameraChanged(str(actor), str(camera), tuple(sorted(fields))))
            return row

        return await self._named(work)

    async def supply(self, file: UUID, url: str) -> CameraRow:
        """Give the camera of a file its stream, or another; for sources that the platform finds.

        Raises:
            NoSuchCamera: there is no such file.
            AddressNotAccepted, NameTaken.
        """
        main, _ = addresses_of(CameraWish("", url))

        async def work(session: AsyncSession) -> CameraRow:
            filed = await session.get(CameraFileRow, file)
            if filed is None:
                raise NoSuchCamera
            row, entry = await session.get(CameraRow, file), None
            columns = self._columns(file, filed.name, main, None)
            if row is None:
                row = CameraRow(
                    id=file, name=filed.name, worker=None, created_at=utc_now(self._clock), **columns
                )
                await session.execute(delete(FormerCameraRow).where(FormerCameraRow.id == file))
                session.add(row)
                entry = CameraAdded("", str(file), filed.name, shown(main.url))
            else:
                for name, value in columns.items():
                    setattr(row, name, value)
            await session.flush()
            await self._journal.append(entry or CameraChanged("", str(file), ("sub_url", "url")))
            return row

        return await self._named(work)

    async def remove(
        self, camera: UUID, reason: str, who: Who, endings: Endings, *, is_recorded: bool
    ) -> None:
        """Forget the camera; its footage stays on the volume.

        Args:
            is_recorded: whether its recording ends with that.

        Raises:
            NoSuchCamera.
            SourceIsChannel: it is matched with a channel, and would have its stream again at once.
            Refused: its recording ends, without a reason (R31.7).
        """
        ending = [camera] if is_recorded else []

        async def work(session: AsyncSession) -> None:
            row = await session.get(CameraRow, camera)
            if row is None:
                raise NoSuchCamera
            if await is_matched(session, camera):
                raise SourceIsChannel
            endings.require(ending, reason)
            removed_at = utc_now(self._clock)
            session.add(FormerCameraRow(id=camera, name=row.name, worker=row.worker, removed_at=removed_at))
            await session.delete(row)
            await session.flush()
            await endings.write(ending, reason, "camera.remove", camera, who)
            await self._journal.append(CameraRemoved(str(who.id), str(camera), row.name, reason))

        await written_down(self._journal, self._database.run(work), who, "camera.remove", camera)

    async def get(self, camera: UUID) -> CameraRow:
        """Raises NoSuchCamera."""
        async with self._database.read() as session:
            row = await session.get(CameraRow, camera)
        if row is None:
            raise NoSuchCamera
        return row

    async def find(self, camera: UUID) -> tuple[Sited | None, str | None]:
        """The camera, unless it is a former one; and where it stands, or stood (GB/T 2260; empty: the city).

        The second is None if there never was such a camera. One statement for all: what lies elsewhere must
        take no other work than what is not there.
        """
        asked = select(literal(camera, Uuid()).label("id")).subquery()
        query = (
            select(CameraRow, CameraFileRow.division, CameraFileRow.secrecy, FormerCameraRow.id)
            .select_from(asked)
            .outerjoin(CameraRow, CameraRow.id == asked.c.id)
            .outerjoin(CameraFileRow, CameraFileRow.id == asked.c.id)
            .outerjoin(FormerCameraRow, FormerCameraRow.id == asked.c.id)
        )
        async with self._database.read() as session:
            row, division, level, former = (await session.execute(query)).one()
        is_known = row is not None or former is not None
        where = division if division is not None else CITY if is_known else None
        return Sited(row, where or CITY, level or EMPTY["secrecy"]) if row is not None else None, where

    async def sited(self, camera: UUID) -> Sited:
        """Raises NoSuchCamera."""
        site, _ = await self.find(camera)
        if site is None:
            raise NoSuchCamera
        return site

    async def inside(self, areas: Areas, cameras: Collection[UUID]) -> frozenset[UUID]:
        """Those of them that stand, or stood, in these areas."""
        if is_inside(CITY, areas):
            return frozenset(cameras)
        query = cameras_inside(areas).where(CameraFileRow.id.in_(cameras))
        async with self._database.read() as session:
            return frozenset(await session.scalars(query))

    async def page(
        self,
        limit: int,
        after: list[str] | None,
        q: str | None = None,
        ids: Sequence[UUID] | None = None,
        *,
        areas: Areas | None = None,
        search_addresses: bool = False,
    ) -> CameraPage:
        """Cameras by name.

        Args:
            after: name and id of the last one of the page before.
            q: only those with this in the name, or in the shown address if ``search_addresses``.
            ids: of these alone.
            areas: of those that stand in these alone; None: all.
        """
        query = select(CameraRow).order_by(CameraRow.name, CameraRow.id).limit(limit + 1)
        if after is not None:
            query = query.where(tuple_(CameraRow.name, CameraRow.id) > (after[0], id_of(after[1])))
        if q:
            column = CameraRow.search if search_addresses else CameraRow.search_name
            query = query.where(column.contains(q.lower(), autoescape=True))
        if ids is not None:
            query = query.where(CameraRow.id.in_(ids))
        if areas is not None and not is_inside(CITY, areas):
            query = query.where(CameraRow.id.in_(cameras_inside(areas)))
        async with self._database.read() as session:
            rows = list(await session.scalars(query))
        items = rows[:limit]
        return CameraPage(items, [items[-1].name, str(items[-1].id)] if len(rows) > limit else None)

    async def reachable(self) -> list[Reachable]:
        """All cameras with their credentials, for the assignment of media workers."""
        async with self._database.read() as session:
            rows = list(await session.scalars(select(CameraRow).order_by(CameraRow.id)))
        return [Reachable(row, *self._vault.open(row.id, row.sealed)) for row in rows]

    async def rows(self, only: Sequence[UUID]) -> list[CameraRow]:
        """Those of these ids that are registered."""
        found: list[CameraRow] = []
        async with self._database.read() as session:
            for part in range(0, len(only), IDS_AT_ONCE):
                query = select(CameraRow).where(CameraRow.id.in_(only[part : part + IDS_AT_ONCE]))
                found += await session.scalars(query)
        return found

    async def place(self, placements: dict[UUID, str]) -> None:
        """Remember which media worker has which camera's footage."""

        async def work(session: AsyncSession) -> None:
            for camera, worker in placements.items():
                row = await session.get(CameraRow, camera)
                if row is not None:
                    row.worker = worker

        if placements:
            await self._database.run(work)

    async def places(self, only: Sequence[UUID] | None = None) -> list[Place]:
        """Every camera that may have footage, former ones too, or those of these ids."""
        found: list[Place] = []
        async with self._database.read() as session:
            for table in (CameraRow, FormerCameraRow):
                query = select(table.id, table.name, table.worker)
                if only is not None:
                    query = query.where(table.id.in_(only))
                found += [Place(*row) for row in await session.execute(query)]
        return found

    def _columns(
        self, camera: UUID, name: str, main: SourceAddress, sub: SourceAddress | None
    ) -> dict[str, object]:
        url, sub_url = shown(main.url), shown(sub.url) if sub else None
        return {
            "url_shown": url,
            "sub_url_shown": sub_url,
            "sealed": self._vault.seal(camera, main, sub),
            "transport": main.transport,
            "verify_tls": main.verify_tls,
            "search_name": name.lower(),
            "search": "\n".join(filter(None, (name, url, sub_url))).lower(),
        }

    async def _named(self, work: Work) -> CameraRow:
        try:
            return await self._database.run(work)
        except IntegrityError as error:
            raise NameTaken from error


def address_of(
    field: str, url: str, username: str | None, password: str | None, transport: str, verify_tls: bool
) -> SourceAddress:
    """An address out of a URL that may carry credentials; those given apart win.

    Raises:
        AddressNotAccepted: names the field and why, without repeating the address.
    """
    if transport not in TRANSPORTS:
        raise AddressNotAccepted("transport", "the transport must be auto, tcp or udp")
    try:
        address = SourceAddress.of(url, transport=transport, verify_tls=verify_tls)
    except UrlError as error:
        raise AddressNotAccepted(field, str(error)) from error
    if username is not None:
        address = replace(address, username=username)
    return replace(address, password=password) if password is not None else address


async def is_matched(session: AsyncSession, camera: UUID) -> bool:
    """Whether it is a channel of a GB/T 28181 device."""
    return await session.scalar(select(GbChannelRow.id).where(GbChannelRow.camera == camera)) is not None


def cameras_inside(areas: Areas) -> Select[UUID]:
    """Ids of those that stand in these areas."""
    return select(CameraFileRow.id).where(inside(CameraFileRow.division, areas))


def addresses_of(wish: CameraWish) -> tuple[SourceAddress, SourceAddress | None]:
    """Main and sub address; the sub one borrows the main one's credentials if it brings none."""
    common = (wish.username, wish.password, wish.transport, wish.verify_tls)
    main = address_of("url", wish.url, *common)
    if wish.sub_url is None:
        return main, None
    return main, borrowing(address_of("sub_url", wish.sub_url, *common), main)


def borrowing(sub: SourceAddress, main: SourceAddress) -> SourceAddress:
    if sub.username or sub.password:
        return sub
    return replace(sub, username=main.username, password=main.password)


def changed_addresses(
    main: SourceAddress, sub: SourceAddress | None, fields: dict[str, object]
) -> tuple[SourceAddress, SourceAddress | None]:
    """The addresses after a change; see ``Cameras.change``."""
    main = with_common(with_url("url", main, fields), fields)
    if "sub_url" in fields and fields["sub_url"] is None:
        return main, None
    if sub is None and "sub_url" not in fields:
        return main, None
    sub = with_common(with_url("sub_url", sub or replace(main, url=""), fields), fields)
    return main, borrowing(sub, main)


def with_url(field: str, old: SourceAddress, fields: dict[str, object]) -> SourceAddress:
    """The old credentials serve a new URL only on the same host: nobody else is sent a camera's password."""
    url = fields.get(field)
    if url is None or url == shown(old.url):
        return old
    new = address_of(field, str(url), None, None, old.transport, old.verify_tls)
    if new.username or new.password or host_of(new.url) != host_of(old.url):
        return new
    return replace(new, username=old.username, password=old.password)


def with_common(address: SourceAddress, fields: dict[str, object]) -> SourceAddress:
    given = {
        name: fields[name]
        for name in ("username", "password", "transport", "verify_tls")
        if fields.get(name) is not None
    }
    return replace(address, **given)  # type: ignore[arg-type]  # values were checked where they came in


def host_of(url: str) -> str:
    """Scheme, host and port."""
    return "/".join(url.split("/", 3)[:3])


def shown(url: str) -> str:
    """A URL as people may see it: user and password in its query or path hidden."""
    return URL_SECRET.sub(rf"\1{HIDDEN}", url)


def id_of(text: str) -> UUID:
    """An id out of a cursor; one that is none sorts first."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
