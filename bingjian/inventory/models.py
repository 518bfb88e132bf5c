"""Cameras: what is kept of each, and what someone wishes to register."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bingjian.db.base import Base, Instant


class CameraRow(Base):
    """What it takes to reach the camera is in ``sealed`` alone; the other columns may be shown."""

    __tablename__ = "cameras"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    url_shown: Mapped[str] = mapped_column(Text)  # without credentials
    sub_url_shown: Mapped[str | None] = mapped_column(Text)
    sealed: Mapped[bytes] = mapped_column(
        LargeBinary
    )  # vault: JSON of {main, sub} addresses with credentials
    transport: Mapped[str] = mapped_column(String(8))
    verify_tls: Mapped[bool]
    worker: Mapped[str | None] = mapped_column(String(64))  # the media worker that has its footage
    search_name: Mapped[str] = mapped_column(Text)  # lower case
    search: Mapped[str] = mapped_column(Text)  # lower case: name and shown addresses
    created_at: Mapped[datetime] = mapped_column(Instant)


class FormerCameraRow(Base):
    """A camera that was removed: its footage is still kept, marked, held and at last removed."""

    __tablename__ = "former_cameras"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    worker: Mapped[str | None] = mapped_column(String(64))
    removed_at: Mapped[datetime] = mapped_column(Instant)


@dataclass(frozen=True, slots=True)
class Place:
    """Whose footage, and the media worker that has it (None: never assigned); also of former cameras."""

    camera: UUID
    name: str
    worker: str | None


@dataclass(frozen=True, slots=True)
class CameraWish:
    """A camera as someone asks for it; nothing is checked yet."""

    name: str
    url: str = field(repr=False)  # may carry credentials
    sub_url: str | None = field(default=None, repr=False)
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    transport: str = "auto"
    verify_tls: bool = True
