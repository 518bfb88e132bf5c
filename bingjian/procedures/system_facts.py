"""What is known of a system, gathered for the rules: its places, its cameras, its acceptances."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.inventory.camera_files import CameraFileRow, files_of_system
from bingjian.inventory.organisations import OrganisationRow
from bingjian.inventory.place_rows import PartRow, PlaceRow
from bingjian.procedures.acceptance_data import STATES, Acceptance
from bingjian.procedures.models import RecordRow
from bingjian.procedures.step import data_of
from bingjian.procedures.system_data import Found, System
from bingjian.rules.decisions import acceptance, building, lifecycle, support, systems
from bingjian.rules.law import Law

TOGETHER = 500  # ids in one statement
Row = TypeVar("Row", PlaceRow, PartRow, OrganisationRow, CameraFileRow)


@dataclass(frozen=True, slots=True)
class Facts:
    """A system with all that hangs on it."""

    law: Law
    record: RecordRow
    data: System
    places: Sequence[PlaceRow]
    files: Sequence[CameraFileRow]
    attempts: Sequence[acceptance.Attempt]  # those concluded

    @property
    def kind(self) -> systems.System:
        """As the articles on building tell systems apart."""
        return kind_of(self.law, self.record.id, self.data, self.places)

    def life(self, now: datetime, *, is_noticed: bool = False) -> lifecycle.System:
        """As the order of its states is asked for."""
        last, kind = acceptance.deciding(self.attempts, self.kind, now), self.kind
        return lifecycle.System(
            lifecycle.State(self.record.state),
            kind.is_government_invested,
            kind.is_class_a,
            kind.is_article8,
            last is not None and last.stands(now),
            is_noticed,
        )

    def accepted_files(self, now: datetime) -> list[CameraFileRow]:
        """The cameras that may be in service (R16.6)."""
        labels = labels_of(self.files)
        several = frozenset(labels.values())
        good = acceptance.accepted_cameras(self.law, self.kind, several, self.attempts, now)
        return [row for row in self.files if labels[row.id] in good]


async def facts_of(
    session: AsyncSession,
    law: Law,
    record: RecordRow,
    *,
    data: System | None = None,
    files: Sequence[CameraFileRow] | None = None,
    concluded: tuple[UUID, str, Acceptance] | None = None,
) -> Facts:
    """All that is known of a system.

    Args:
        data: as the step makes it; None: as it is written.
        files: only these cameras matter; None: all.
        concluded: an acceptance (id, state, data) as the step that is being taken makes it.
    """
    data = data or data_of(record, System)
    files = await files_of_system(session, record.id) if files is None else files
    rows = await session.execute(acceptances_of(record.id))
    written = {id_: (state, Acceptance.model_validate_json(text)) for id_, state, text in rows}
    if concluded is not None:
        written[concluded[0]] = concluded[1:]
    labels = labels_of(files)
    attempts = [attempt_of(record.id, one, state, labels) for state, one in written.values()]
    places = await rows_of(session, PlaceRow, data.places)
    return Facts(law, record, data, places, files, [one for one in attempts if one is not None])


def acceptances_of(system: UUID) -> Any:
    columns = RecordRow.id, RecordRow.state, RecordRow.data_json
    return select(*columns).where(RecordRow.subject == system, RecordRow.kind == "acceptance")


def attempt_of(
    system: UUID, data: Acceptance, state: str, labels: dict[UUID, str]
) -> acceptance.Attempt | None:
    """As the rules ask about it; None: not concluded yet, or withdrawn before it was."""
    if state not in STATES or data.held is None:
        return None
    return acceptance.Attempt(
        system=str(system),
        built=data.built,
        held=data.held,
        standards=data.standards,
        results=tuple(map(str, data.items)),
        is_passed=STATES[state],
        participants=tuple(acceptance.Participant(one.body, one.name) for one in data.participants),
        report_hash=data.report_hash,
        cameras=frozenset(labels.get(camera, str(camera)) for camera in data.cameras),
        is_supplementary=data.is_supplementary,
        revoked=data.revoked,
    )


def labels_of(files: Iterable[CameraFileRow]) -> dict[UUID, str]:
    """What cameras are called in a refusal: by name; by their id too where two have one name."""
    several = tuple(files)
    names = Counter(row.name for row in several)
    return {row.id: row.name if names[row.name] == 1 else f"{row.name} ({row.id})" for row in several}


def place_of(data: System, row: PlaceRow) -> building.Place:
    """A place as building asks about it."""
    ruling = building.Ruling(data.ruled_by, data.ruling) if data.ruling else None
    return building.Place(row.kind, row.is_public, ruling)


def kind_of(law: Law, system: UUID, data: System, places: Iterable[PlaceRow]) -> systems.System:
    """What its places and its money make of a system."""
    rows = tuple(places)
    several = [place_of(data, row) for row in rows]
    return systems.System(
        str(system),
        data.investment == support.GOVERNMENT,
        any(building.is_government_built(law, place) for place in several),
        data.is_key_area,
        any(row.categories for row in rows),
        building.DecreeClass.A in classes_of(law, several),
    )


def classes_of(law: Law, places: Iterable[building.Place]) -> list[building.DecreeClass]:
    """Of the decree, the stricter first."""
    return sorted({one for place in places if (one := building.decree_class(law, place)) is not None})


def found_of(law: Law, system: UUID, data: System, places: Iterable[PlaceRow]) -> Found:
    """The same as people are shown it."""
    rows = tuple(places)
    kind = kind_of(law, system, data, rows)
    classes = classes_of(law, (place_of(data, row) for row in rows))
    return Found(
        is_article8=kind.is_article8,
        is_government_built=kind.is_government_built,
        decree_class=str(classes[0]) if classes else "",
        must_connect=kind.must_connect,
        is_level_mismatched=support.is_level_mismatch(law, funding_of(data)),
    )


def funding_of(data: System) -> support.Funding:
    return support.Funding(
        data.investment,
        data.level,
        data.budget_level,
        data.build_item,
        data.operation_item,
        data.programme,
    )


async def rows_of(session: AsyncSession, table: type[Row], ids: Iterable[UUID]) -> list[Row]:
    """These rows, in any order."""
    wanted, found = list(dict.fromkeys(ids)), list[Row]()
    for first in range(0, len(wanted), TOGETHER):
        some = wanted[first : first + TOGETHER]
        found += await session.scalars(select(table).where(table.id.in_(some)))
    return found
