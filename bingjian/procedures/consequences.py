"""What a step of one record does to others: each with its own version and history, in one transaction."""

from collections.abc import Collection

from bingjian.inventory.camera_files import CameraFileRow, set_states
from bingjian.inventory.history import Subject, differences, remember
from bingjian.procedures.kinds import Data
from bingjian.procedures.models import RecordRow
from bingjian.procedures.step import Step


async def bring(step: Step, record: RecordRow, state: str, act: str) -> None:
    """Bring another record to a state, because of this step; the record of the step is the reason."""
    changes = differences({"state": record.state}, {"state": state})
    record.state, record.version, record.changed_at = state, record.version + 1, step.now
    subject = Subject(record.kind, record.id, record.version)
    reason = step.record.number
    await remember(step.session, step.journal, subject, act, changes, step.actor, step.now, reason)


async def revise(step: Step, record: RecordRow, before: Data, after: Data, act: str) -> None:
    """Give another record other data, because of this step."""
    changes = differences(before.model_dump(mode="json"), after.model_dump(mode="json"))
    record.data_json = after.model_dump_json()
    record.version, record.changed_at = record.version + 1, step.now
    subject = Subject(record.kind, record.id, record.version)
    reason = step.record.number
    await remember(step.session, step.journal, subject, act, changes, step.actor, step.now, reason)


async def bring_cameras(step: Step, files: Collection[CameraFileRow], state: str) -> None:
    """Bring cameras to a state of their life."""
    ids = [row.id for row in files]
    await set_states(step.session, step.journal, ids, state, step.actor, step.now, step.record.number)
