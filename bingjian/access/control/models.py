"""Cameras that somebody has turned and that are not back: so that they go back also after a restart."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from bingjian.db.base import Base, Instant


class TurnedCameraRow(Base):
    """One camera away from its registered view, or under control now."""

    __tablename__ = "turned_cameras"

    camera: Mapped[UUID] = mapped_column(primary_key=True)
    person: Mapped[UUID]  # who had it last
    entry: Mapped[int]  # number of the journal entry that their control began with
    since: Mapped[datetime] = mapped_column(Instant)
    is_ended: Mapped[bool]  # the journal has the end of it
