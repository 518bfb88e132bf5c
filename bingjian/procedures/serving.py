"""Whether pictures of a camera may be shown: of a system that is not accepted to its builder alone (art. 16).

A camera that belongs to no system on record is shown as before.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Actor, Verb
from bingjian.clock import Clock, utc_now
from bingjian.db.session import Database
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.inventory.errors import NoSuchCamera
from bingjian.journal.append import Journal
from bingjian.journal.refusals import note_refusal, written_down
from bingjian.procedures.banning import Banning
from bingjian.procedures.lawbook import Lawbook
from bingjian.procedures.models import RecordRow
from bingjian.procedures.step import data_of
from bingjian.procedures.system_data import System
from bingjian.procedures.system_facts import Facts, facts_of, labels_of
from bingjian.rules.decision import granted
from bingjian.rules.decisions.acceptance import TrialView, is_accepted, may_view_trial, not_building
from bingjian.rules.decisions.lifecycle import State
from bingjian.rules.decisions.secrecy import Parcel, may_leave
from bingjian.rules.law import Law

EXPORT = "export"  # code of ``way_out``


class Serving:
    """Asked before the door opens; a refusal is written down before it is said."""

    def __init__(
        self, database: Database, journal: Journal, clock: Clock, lawbook: Lawbook, banning: Banning
    ) -> None:
        self._database = database
        self._journal = journal
        self._clock = clock
        self._lawbook = lawbook
        self._banning = banning

    async def require_shown(
        self, actor: Actor, camera: UUID, verb: Verb, start: datetime | None = None
    ) -> None:
        """Raises Refused: its system, or the camera itself, is not accepted (R16.3, R16.6, N11), or its part
        became forbidden before ``start`` (None: now), when what is asked for begins (R9.5)."""
        await written_down(self._journal, self._require_shown(camera, start), actor, str(verb), camera)

    async def require_leaving(self, actor: Actor, camera: UUID, *, is_granted: bool) -> None:
        """A file of a camera's footage is taken away: state secrets never are, trade secrets only by whom a
        grant names. Raises Refused (R6.1, R27.6)."""
        working = self._require_leaving(actor, camera, is_granted=is_granted)
        await written_down(self._journal, working, actor, str(Verb.COPY), camera)

    async def require_test_view(self, actor: Actor, camera: UUID) -> None:
        """For the builder of a system on trial. Raises NoSuchCamera (not theirs), Refused (R16.5): written
        down, both."""
        verb = str(Verb.TRIAL)
        try:
            await written_down(self._journal, self._require_test_view(actor, camera), actor, verb, camera)
        except NoSuchCamera:
            no = not_building(self._lawbook.at(utc_now(self._clock)))
            await note_refusal(self._journal, no, actor, verb, camera)
            raise

    async def _require_shown(self, camera: UUID, start: datetime | None) -> None:
        now = utc_now(self._clock)
        async with self._database.read() as session:
            await self._banning.require_open(session, camera, start or now)
            facts = await facts_of_camera(session, self._lawbook.at(now), camera)
        if facts is not None:
            names = frozenset(labels_of(facts.files).values())
            granted(is_accepted(facts.law, facts.kind, names, facts.attempts, now))

    async def _require_leaving(self, actor: Actor, camera: UUID, *, is_granted: bool) -> None:
        async with self._database.read() as session:
            file = await session.get(CameraFileRow, camera)
        level = file.secrecy if file is not None else ""  # what nobody has set is unknown, and stays
        taker = frozenset({str(actor.id)})
        parcel = Parcel({str(camera): level}, EXPORT, taker, taker if is_granted else frozenset())
        granted(may_leave(self._lawbook.at(utc_now(self._clock)), parcel))

    async def _require_test_view(self, actor: Actor, camera: UUID) -> None:
        now = utc_now(self._clock)
        async with self._database.read() as session:
            if not await is_building(session, actor, camera):
                raise NoSuchCamera
            facts = await facts_of_camera(session, self._lawbook.at(now), camera)
        assert facts is not None  # whoever builds a system builds one on record
        granted(may_view_trial(facts.law, view_of(facts, actor)))


async def facts_of_camera(session: AsyncSession, law: Law, camera: UUID) -> Facts | None:
    """Of the system that a camera belongs to, with this camera alone; None: of none on record."""
    file = await session.get(CameraFileRow, camera)
    record = await session.get(RecordRow, file.system) if file is not None and file.system else None
    if file is None or record is None or record.kind != "system":
        return None
    return await facts_of(session, law, record, files=[file])


async def is_building(session: AsyncSession, actor: Actor, camera: UUID) -> bool:
    """Whether the camera is of a system that is the actor's to build: one statement, also for none."""
    of = CameraFileRow, CameraFileRow.system == RecordRow.id
    query = select(RecordRow).join(*of).where(CameraFileRow.id == camera, RecordRow.kind == "system")
    record = await session.scalar(query)
    return record is not None and actor.organisation in builders_of(record, data_of(record, System))


def builders_of(record: RecordRow, data: System) -> set[UUID | None]:
    """Whose test view it is: whoever has it built, and the firms that build it."""
    firms = {unit.organisation for unit in data.units}
    return ({record.organisation, data.organiser} | firms) - {None}


def view_of(facts: Facts, actor: Actor) -> TrialView:
    """The test view: the page draws the viewer's mark over it; every stream is recorded; the door logs."""
    viewers = [role for role in actor.roles if role in facts.law.codes("trial_viewer")]
    return TrialView(
        role=min(viewers, default=""),
        is_test_view=True,
        is_watermarked=True,
        is_kept=True,
        is_logged=True,
        is_on_trial=facts.record.state == State.TRIAL,
    )
