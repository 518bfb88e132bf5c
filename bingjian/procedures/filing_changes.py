"""What of a filed system is no longer as it was filed (Decree 799 art. 14), and what every system owes.

Compared is the inventory: how many cameras, of what kinds, kept how long, in which places, run by whom; as
it was when the filing was handed in, and as it is. Set-based, for a whole city at once.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.duties.models import DutyRow, Obligation
from bingjian.duties.owing import owe, pieces
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.inventory.organisations import OrganisationRow
from bingjian.procedures.filing_facts import (
    Filing,
    all_filings,
    filings_of,
    still_owed,
)
from bingjian.procedures.known_system import KIND, KnownSystem, known
from bingjian.procedures.lawbook import Lawbook
from bingjian.procedures.models import RecordRow
from bingjian.procedures.step import data_of, subject_of
from bingjian.rules.civil import end_of_filing
from bingjian.rules.decisions.submission import Change

CODE, CHANGE, TERM = "N14", "change", "filing.change"
FILED = ("filed", "changed")
USED = ("accepted", "in_service", "suspended")  # states of a system that is to be filed
RETIRED = "retired"  # state of a camera that counts no more
Inventory = Mapping[str, str]  # by code of ``filing_field``


async def filing_obligations(session: AsyncSession, book: Lawbook, now: datetime) -> list[Obligation]:
    """Of every system what it owes now, changes included; for ``duties.owing.reconcile``."""
    query = select(RecordRow).where(RecordRow.kind == KIND, RecordRow.state.in_(USED))
    systems = [known(row) for row in await session.scalars(query)]
    filings, inventories = await all_filings(session), await inventories_of(session, systems)
    bodies = {row.id: row for row in await session.scalars(select(OrganisationRow))}
    begun = await changes_begun(session)
    found = list[Obligation]()
    for system in systems:
        id_ = system.record.id
        own = filings.get(id_, [])
        found += still_owed(book, system, own, bodies, now)
        found += change_owed(book, system, own, inventories[id_], begun.get(id_, now))
    return found


async def changes_due(book: Lawbook, session: AsyncSession, systems: Collection[UUID], now: datetime) -> None:
    """Open the duties to file changes of these systems; asked in the transaction that changed their cameras.

    A duty whose change was undone lapses with the nightly round.
    """
    found = await used_among(session, systems)
    if not found:
        return
    only = found[0].record.id if len(found) == 1 else None
    filings = await all_filings(session) if only is None else {only: await filings_of(session, only)}
    inventories, begun = await inventories_of(session, found), await changes_begun(session, only)
    for system in found:
        id_ = system.record.id
        own = filings.get(id_, [])
        for due in change_owed(book, system, own, inventories[id_], begun.get(id_, now)):
            await owe(session, due)


async def used_among(session: AsyncSession, systems: Collection[UUID]) -> list[KnownSystem]:
    """Those of these systems that are to be filed, retired ones not among them."""
    found = list[KnownSystem]()
    for some in pieces(sorted(systems)):
        query = select(RecordRow).where(RecordRow.id.in_(some), RecordRow.kind == KIND)
        found += [known(row) for row in await session.scalars(query.where(RecordRow.state.in_(USED)))]
    return found


def change_owed(
    book: Lawbook, system: KnownSystem, filings: list[RecordRow], inventory: Inventory, begun: datetime
) -> list[Obligation]:
    """At most one: a filed system of the decree whose inventory is another than was filed.

    Args:
        begun: when the change was noticed first.
    """
    law = book.at(begun)
    filed = [row for row in filings if row.state in FILED]
    if not filed or not system.is_class_a or not law.binds(CODE):
        return []
    if not change_of(data_of(filed[-1], Filing), inventory, begun).fields(law):
        return []
    due = end_of_filing(begun, law.number(TERM), book.holidays)
    return [Obligation(CODE, subject_of(system.record), system.managing_unit, begun, due, CHANGE)]


def change_of(filed: Filing, inventory: Inventory, at: datetime) -> Change:
    """What was filed and what is so; of a system without camera files nothing is known to have changed."""
    is_known = "device_count" in filed.inventory and "device_count" in inventory
    return Change(filed.inventory if is_known else {}, inventory if is_known else {}, at)


async def changes_begun(session: AsyncSession, system: UUID | None = None) -> dict[UUID, datetime]:
    """By system, since when a change is known that is not filed: a later one gains no time."""
    query = select(DutyRow.subject, DutyRow.begun_at).where(
        DutyRow.code == CODE, DutyRow.key == CHANGE, DutyRow.closed_at.is_(None)
    )
    if system is not None:
        query = query.where(DutyRow.subject == system)
    return {row.subject: row.begun_at for row in await session.execute(query)}


async def inventory_of(session: AsyncSession, system: KnownSystem) -> Inventory:
    return (await inventories_of(session, [system]))[system.record.id]


async def inventories_of(session: AsyncSession, systems: list[KnownSystem]) -> dict[UUID, Inventory]:
    """By system how its cameras are now, by code of ``filing_field``."""
    only = systems[0].record.id if len(systems) == 1 else None
    counts, kinds, places = (
        await counted(session, only),
        await kinds_in(session, only),
        await places_of(session, only),
    )
    found = dict[UUID, Inventory]()
    for system in systems:
        id_, one = system.record.id, {"unit": str(system.managing_unit or "")}
        if id_ in counts:
            count, term = counts[id_]
            one |= {"device_count": str(count), "storage_term": str(term or "")}
            one |= {"device_types": kinds[id_], "location": places[id_]}
        found[id_] = one
    return found


async def counted(session: AsyncSession, only: UUID | None) -> dict[UUID, tuple[int, int | None]]:
    """By system how many cameras, and the shortest term that footage is kept."""
    table = CameraFileRow
    query = select(table.system, func.count(), func.min(table.record_save_days)).group_by(table.system)
    rows = await session.execute(restricted(query, only))
    return {system: (count, term) for system, count, term in rows}


async def kinds_in(session: AsyncSession, only: UUID | None) -> dict[UUID, str]:
    """By system what kinds of devices."""
    table = CameraFileRow
    query = select(table.system, table.structure_type, table.function_type).distinct()
    found = defaultdict[UUID, set[str]](set)
    for system, structure, function in await session.execute(restricted(query, only)):
        found[system].add(f"{structure}/{function}")
    return {system: ",".join(sorted(kinds)) for system, kinds in found.items()}


async def places_of(session: AsyncSession, only: UUID | None) -> dict[UUID, str]:
    """By system where its cameras are: divisions and places by id, no address."""
    table = CameraFileRow
    query = select(table.system, table.division, table.place).distinct()
    found = defaultdict[UUID, set[str]](set)
    for system, division, place in await session.execute(restricted(query, only)):
        found[system].add(f"{division}:{place or ''}")
    return {system: ",".join(sorted(places)) for system, places in found.items()}


def restricted(query: Any, only: UUID | None) -> Any:
    """Cameras that belong to a system and are not retired; of one system, or of all."""
    query = query.where(CameraFileRow.system.is_not(None), CameraFileRow.state != RETIRED)
    return query if only is None else query.where(CameraFileRow.system == only)
