"""What the signal process tells of devices, taken into the database: many events in one transaction."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import structlog
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.clock import Clock, utc_now
from bingjian.db.session import Database
from bingjian.entries import DeviceUpgraded, IntrusionSuspected, Sign
from bingjian.inventory.gb28181 import alarms, positions
from bingjian.inventory.gb28181.catalogue import number, take_changes, take_page, texts
from bingjian.inventory.gb28181.devices import new_row
from bingjian.inventory.gb28181.models import GbDeviceRow
from bingjian.journal.append import Journal
from bingjian.protocols.gb28181.ids import cleaned

TOGETHER = 500  # codes in one statement
WAITING_MAX = 1000  # unknown devices listed; whoever floods us with ids pushes out what knocked least
SUSPECTS_MAX = 10  # entries in the journal of one batch of events
AHEAD_MOST = timedelta(seconds=5)  # an event's instant is no later than ours; the processes share a clock
# What is a sign of intrusion (art. 31(4)), as the journal names it
SIGNS = {"unknown": Sign.UNKNOWN_CAMERA, "replayed": Sign.REPLAYED_DIGEST, "flapping": Sign.CAMERA_TWICE}
GUESSES = "password", "too_many"  # why a device was refused, if somebody tries its passwords
GUESSING_AGAIN = timedelta(hours=1)  # of one device; one whose password is set wrong tries for ever
Event = Mapping[str, Any]
Change = Callable[[GbDeviceRow, Event, datetime], None]
GATHERED = ("alarm", "positions")  # kinds of event that are written together, after all others
log = structlog.get_logger()


class Intake:
    """The one writer of what devices do."""

    def __init__(self, database: Database, journal: Journal, clock: Clock) -> None:
        self._database = database
        self._journal = journal
        self._clock = clock
        self._guessed: dict[str, datetime] = {}  # by device, when the journal was last told of guesses

    async def take(self, run: str, events: Sequence[Event]) -> None:
        """All or nothing; the same events again change nothing. Raises DatabaseError, JournalUnavailable."""

        async def work(session: AsyncSession) -> None:
            now = utc_now(self._clock)
            known = await devices_of(session, {code_of(event) for event in events})
            new = await self._welcome(session, known, events, now)
            gathered: dict[str, list[tuple[GbDeviceRow, Event, datetime]]] = {kind: [] for kind in GATHERED}
            for event in events:
                device, at = known.get(code_of(event)), instant_in(event, now)
                if device is None:
                    continue
                gathering = gathered.get(str(event.get("kind")))
                if gathering is not None and device.state == "accepted":
                    gathering.append((device, event, at))
                else:
                    await apply(session, device, event, run, at)
            await session.flush()
            await alarms.take_in(session, gathered["alarm"])
            await positions.take_in(session, gathered["positions"])
            await self._suspect(known, events, new, now)
            await self._note_upgrades(known, events)

        if events:
            await self._database.run(work)

    async def set_bindings(self, bindings: Mapping[str, Mapping[str, Any] | None]) -> None:
        """What the signal process knows of devices, after events were lost: online or not, and where."""

        async def work(session: AsyncSession) -> None:
            now = utc_now(self._clock)
            known = await devices_of(session, set(bindings))
            for code, device in known.items():
                binding = bindings[code]
                if binding is not None and binding.get("online"):
                    came_online(device, binding, device.online_since or now)
                elif device.online_since is not None:
                    went_offline(device, {"why": ""}, now)

        await self._database.run(work)

    async def _welcome(
        self,
        session: AsyncSession,
        known: dict[str, GbDeviceRow],
        events: Sequence[Event],
        now: datetime,
    ) -> set[str]:
        """Rows for those who knock for the first time. Returns their codes."""
        knocking = [event for event in events if event.get("kind") == "unknown"]
        codes = dict.fromkeys(code_of(event) for event in knocking)
        new = [code for code in codes if code and code not in known][-WAITING_MAX:]
        for code in new:
            known[code] = new_row(uuid4(), code, now)
        await make_room(session, len(new))
        session.add_all([known[code] for code in new])
        return set(new)

    async def _note_upgrades(self, known: Mapping[str, GbDeviceRow], events: Iterable[Event]) -> None:
        """What came of upgrades that somebody ordered."""
        for event in events:
            device = known.get(code_of(event))
            if event.get("kind") != "upgrade" or device is None or device.state != "accepted":
                continue
            told = (texts(event.get(name), 128) for name in ("session", "result", "firmware", "reason"))
            await self._journal.append(DeviceUpgraded("", device.code, *told))

    async def _suspect(
        self, known: Mapping[str, GbDeviceRow], events: Sequence[Event], new: set[str], now: datetime
    ) -> None:
        """Signs of intrusion are in the journal: a kind and address once a batch, of too many the number."""
        guessed = self._guesses(known, events, now)
        told = {where: code for code, where in guessed.items()} | {
            (SIGNS[str(kind)], texts(event.get("address"), 100)): code_of(event)
            for event in events
            if (kind := event.get("kind")) in SIGNS and (kind != "unknown" or code_of(event) in new)
        }
        every = sorted(told.items())
        for (sign, address), code in every[:SUSPECTS_MAX]:
            await self._journal.append(IntrusionSuspected("", "", sign, address, code))
        for sign, count in Counter(sign for (sign, _), _ in every[SUSPECTS_MAX:]).items():
            await self._journal.append(IntrusionSuspected("", "", sign, f"{count} more addresses"))
        self._guessed |= dict.fromkeys(guessed, now)

    def _guesses(
        self, known: Mapping[str, GbDeviceRow], events: Iterable[Event], now: datetime
    ) -> dict[str, tuple[Sign, str]]:
        """By device the sign that somebody tries its passwords, and from where."""
        self._guessed = {code: at for code, at in self._guessed.items() if now - at < GUESSING_AGAIN}
        return {
            code_of(event): (Sign.GUESSING, texts(event.get("address"), 100))
            for event in events
            if event.get("kind") == "refused" and event.get("why") in GUESSES
            if code_of(event) in known and code_of(event) not in self._guessed
        }


def code_of(event: Event) -> str:
    return texts(cleaned(str(event.get("device") or "")), 64)


def instant_in(event: Event, now: datetime) -> datetime:
    """When it happened; now if it does not say so plausibly."""
    try:
        at = datetime.fromisoformat(str(event.get("at")))
    except ValueError:
        return now
    return at.astimezone(UTC) if at.tzinfo is not None and at <= now + AHEAD_MOST else now


async def devices_of(session: AsyncSession, codes: Iterable[str]) -> dict[str, GbDeviceRow]:
    wanted, found = sorted(code for code in codes if code), dict[str, GbDeviceRow]()
    for first in range(0, len(wanted), TOGETHER):
        query = select(GbDeviceRow).where(GbDeviceRow.code.in_(wanted[first : first + TOGETHER]))
        found |= {row.code: row for row in await session.scalars(query)}
    return found


async def make_room(session: AsyncSession, coming: int) -> None:
    """Of those that wait, the ones that knocked least and longest ago go."""
    table = GbDeviceRow
    waiting = await session.scalar(select(func.count()).where(table.state == "waiting")) or 0
    over = waiting + coming - WAITING_MAX
    if coming and over > 0:
        least = select(table.id).where(table.state == "waiting").order_by(table.knocks, table.seen_at)
        await session.execute(delete(table).where(table.id.in_(least.limit(over))))


async def apply(session: AsyncSession, device: GbDeviceRow, event: Event, run: str, at: datetime) -> None:
    """One event to its device. What nobody has accepted only knocks."""
    kind = str(event.get("kind"))
    if kind in KNOCKS:
        KNOCKS[kind](device, event, at)
    elif device.state != "accepted":
        return
    elif kind == "catalog":
        await take_page(session, device, event, run, at)
    elif kind == "catalog_change":
        items = event.get("items")
        await take_changes(session, device, items if isinstance(items, list) else [], at)
    elif kind in CHANGES:
        CHANGES[kind](device, event, at)


def knocked(device: GbDeviceRow, event: Event, at: datetime) -> None:
    device.knocks += 1
    device.first_seen_at = device.first_seen_at or at
    device.seen_at, device.address = at, texts(event.get("address"), 100)
    device.user_agent = texts(event.get("user_agent")) or device.user_agent


def troubled(device: GbDeviceRow, event: Event, at: datetime) -> None:
    kind = str(event.get("kind"))
    device.trouble = texts(event.get("why"), 20) if kind == "refused" else kind
    device.trouble_at = at


def came_online(device: GbDeviceRow, event: Event, at: datetime) -> None:
    device.online_since = device.online_since or at
    device.seen_at, device.offline_why = at, ""
    for name, longest in (("address", 100), ("transport", 8)):
        setattr(device, name, texts(event.get(name), longest) or getattr(device, name))
    device.said_version = texts(event.get("version"), 20) or device.said_version
    device.user_agent = texts(event.get("user_agent")) or device.user_agent
    device.realm_differs = bool(event.get("realm_differs", device.realm_differs))
    if device.trouble in ("password", "too_many", "malformed"):
        device.trouble, device.trouble_at = "", None


def went_offline(device: GbDeviceRow, event: Event, at: datetime) -> None:
    device.online_since, device.seen_at = None, at
    device.offline_why = "removed" if event.get("kind") == "removed" else texts(event.get("why"), 20)


def came_back(device: GbDeviceRow, event: Event, at: datetime) -> None:
    device.online_since, device.seen_at, device.offline_why = device.online_since or at, at, ""


def moved(device: GbDeviceRow, event: Event, at: datetime) -> None:
    device.address, device.seen_at = texts(event.get("address"), 100), at


def introduced(device: GbDeviceRow, event: Event, at: datetime) -> None:
    for name in ("manufacturer", "model", "firmware"):
        setattr(device, name, texts(event.get(name)))
    device.seen_at = at


def measured(device: GbDeviceRow, event: Event, at: datetime) -> None:
    device.seen_at = at
    offset = number(event.get("time_offset_s"), 1e10)
    device.time_offset_s = offset if offset is not None else device.time_offset_s


KNOCKS: dict[str, Change] = {"unknown": knocked, "refused": troubled}
CHANGES: dict[str, Change] = {
    "registered": came_online,
    "removed": went_offline,
    "gone": went_offline,
    "returned": came_back,
    "moved": moved,
    "flapping": troubled,
    "replayed": troubled,
    "info": introduced,
    "status": measured,
}
