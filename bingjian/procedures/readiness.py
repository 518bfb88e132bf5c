"""May this system enter service: what is known of it, gathered for one question (``rules…service``)."""

from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

from bingjian.inventory.organisations import OrganisationRow
from bingjian.procedures.acceptance_data import STATES, Acceptance
from bingjian.procedures.archive import Archive
from bingjian.procedures.junctions import JUNCTIONS
from bingjian.procedures.kinds import Data
from bingjian.procedures.link import Link
from bingjian.procedures.products import products_of
from bingjian.procedures.qualifications import units_of
from bingjian.procedures.signs import signs_at, templates
from bingjian.procedures.step import Step, data_of
from bingjian.procedures.system_data import System
from bingjian.procedures.system_facts import Facts, facts_of, labels_of, rows_of
from bingjian.rules.civil import civil_date
from bingjian.rules.decision import Case, Grant, Refusal
from bingjian.rules.decisions import acceptance, archive, connection, places, qualification, surroundings
from bingjian.rules.decisions.lifecycle import State, may_become
from bingjian.rules.decisions.service import Readiness, may_enter_service

Some = TypeVar("Some", bound=Data)


async def is_ready(step: Step, data: System) -> Grant | Refusal:
    """Everything that still bars service, lowest article first."""
    facts = await facts_of(step.session, step.law, step.record, data=data)
    ready, case = await readiness_of(step, facts), Case(step.law)
    case.join(may_become(step.law, facts.life(step.now), State.IN_SERVICE))
    case.join(may_enter_service(step.law, ready, step.now))
    is_public = any(row.is_public for row in facts.places)
    if places.decree_scope(step.law, data.purposes, is_public_place=is_public).is_under:
        signs = surroundings.are_signs_up(step.law, ready.places, ready.templates)
        necessity = places.Necessity(data.necessity, has_sign=isinstance(signs, Grant))
        case.join(places.is_necessary(step.law, necessity))
    return case.answer()


async def readiness_of(step: Step, facts: Facts) -> Readiness:
    """What is known. A camera that is not accepted stays out (R16.6), unless none is."""
    serving = facts.accepted_files(step.now) or facts.files
    labels, session = labels_of(facts.files), step.session
    archives = await _all(step, "archive", Archive)
    return Readiness(
        system=facts.kind,
        cameras=frozenset(labels[row.id] for row in serving),
        places=await _signs_of(step, facts),
        templates=await templates(session),
        connection=await connection_of(step, labels),
        products=await products_of(session, serving, civil_date(step.now)),
        units=await units_of(session, facts.data.units),
        checks=await _checks(step, facts),
        attempts=tuple(facts.attempts),
        papers=tuple(archive.Paper(paper.part, paper.name) for one in archives for paper in one.papers),
        archived=await _archived(step, archives),
        jobs=sum(len(one.jobs) for one in archives),
        answers=await JUNCTIONS.answers_about(step, step.record),
    )


async def connection_of(step: Step, labels: dict[UUID, str]) -> connection.Connection:
    """As the newest record has it."""
    links = await _all(step, "link", Link)
    if not links:
        return connection.Connection(None, frozenset(), None)
    link = links[-1]
    catalogue = frozenset(labels.get(camera, str(camera)) for camera in link.catalogue)
    return connection.Connection(link.tested, catalogue, link.interface)


async def _signs_of(step: Step, facts: Facts) -> tuple[surroundings.Place, ...]:
    public = [row for row in facts.places if row.is_public]
    signs = await signs_at(step.session, [row.id for row in public])
    return tuple(surroundings.Place(row.name, tuple(signs[row.id])) for row in public)


async def _checks(step: Step, facts: Facts) -> tuple[qualification.Check, ...]:
    """Of the acceptance that decides; of one that was not asked for (a volunteer's) those there are."""
    rows = await step.about(step.record.id, "acceptance", tuple(STATES))
    last = acceptance.deciding(facts.attempts, facts.kind, step.now)
    return tuple(
        item.check()
        for data in (data_of(row, Acceptance) for row in rows)
        if last is not None and data.held == last.held and not data.is_supplementary
        for item in data.items
    )


async def _archived(step: Step, archives: Sequence[Archive]) -> tuple[archive.ArchivedUnit, ...]:
    units = [unit for one in archives for unit in one.units]
    rows = await rows_of(step.session, OrganisationRow, [unit.organisation for unit in units])
    known = {row.id: row for row in rows}
    return tuple(
        archive.ArchivedUnit(
            unit.part,
            known[unit.organisation].name,
            known[unit.organisation].credit_code,
            unit.qualification,
            unit.staff,
            unit.certificate,
        )
        for unit in units
    )


async def _all(step: Step, kind: str, model: type[Some]) -> list[Some]:
    """The data of the records of a kind about this system, oldest first."""
    return [data_of(row, model) for row in await step.about(step.record.id, kind)]
