"""One table for every kind of procedure: what it is about, where it stands, and its papers as data."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bingjian.db.base import Base, Instant


class RecordRow(Base):
    """One plan, notice, acceptance …; its data are those of its kind (``kinds.Kind.data``), checked there."""

    __tablename__ = "records"
    __table_args__ = (
        Index("ix_records_kind_state", "kind", "state"),
        Index("ix_records_subject", "subject", "kind"),
        Index("ix_records_kind_changed", "kind", "changed_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    number: Mapped[str] = mapped_column(String(40), unique=True)  # that people write: "GH-2026-0001"
    title: Mapped[str] = mapped_column(String(200))  # never base information
    division: Mapped[str] = mapped_column(String(6))  # empty: the whole city
    organisation: Mapped[UUID | None] = mapped_column(index=True)  # whose it is
    subject: Mapped[UUID | None]  # the system, camera, plan … it is about
    state: Mapped[str] = mapped_column(String(40))  # as a step left it; see ``Kind.state_of``
    ends_at: Mapped[datetime | None] = mapped_column(Instant)  # first instant at which ``Kind.lapse`` holds
    data_json: Mapped[str] = mapped_column(Text)
    search: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    opened_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
