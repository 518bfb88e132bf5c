"""Every stream has a camera file from its first moment, and one name with it.

The journal has these changes in the stream's own entries (``CameraAdded``, ``CameraChanged``).
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.inventory.camera_file_values import row_values
from bingjian.inventory.camera_files import BEGIN, KIND, CameraFileRow, dumps, values_of
from bingjian.inventory.history import Subject, differences, history_row
from bingjian.inventory.models import CameraRow


@dataclass(frozen=True, slots=True)
class By:
    """Whoever registers or renames the stream."""

    id: UUID
    name: str
    address: str = ""


def begin_file(session: AsyncSession, stream: CameraRow, who: By, now: datetime) -> None:
    """A file of which only the name is known, in the state where every file begins."""
    values = {"name": stream.name}
    row = CameraFileRow(id=stream.id, state=BEGIN, version=1, created_at=now, changed_at=now)
    for name, value in row_values(values).items():
        setattr(row, name, value)
    session.add(row)
    text = dumps(differences({}, values_of(row)))
    session.add(history_row(Subject(KIND, row.id, 1), "added", text, who, now, ""))


async def rename_file(session: AsyncSession, stream: CameraRow, who: By, now: datetime) -> None:
    """The file takes over the stream's name, with its history."""
    row = await session.get(CameraFileRow, stream.id)
    if row is None or row.name == stream.name:
        return
    before = values_of(row)
    for name, value in row_values(before | {"name": stream.name}).items():
        setattr(row, name, value)
    row.version, row.changed_at = row.version + 1, now
    text = dumps(differences(before, values_of(row)))
    session.add(history_row(Subject(KIND, row.id, row.version), "changed", text, who, now, ""))
