"""People, their sessions, and failed sign-ins."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bingjian.access.decisions import Role
from bingjian.db.base import Base, Instant


class PersonRow(Base):
    __tablename__ = "people"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    password_hash: Mapped[str] = mapped_column(Text)  # argon2id, PHC string
    roles: Mapped[str] = mapped_column(String(400))  # names, sorted, joined by ','
    organisation: Mapped[UUID | None]  # whom the person acts for
    areas: Mapped[str] = mapped_column(Text)  # prefixes of division codes, joined by ','
    language: Mapped[str] = mapped_column(String(8))
    enabled: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(Instant)

    @property
    def role_set(self) -> frozenset[Role]:
        return frozenset(Role(name) for name in self.roles.split(",") if name)

    @property
    def area_codes(self) -> tuple[str, ...]:
        return tuple(area for area in self.areas.split(",") if area)


class SessionRow(Base):
    __tablename__ = "sessions"

    token_hash: Mapped[bytes] = mapped_column(
        LargeBinary, primary_key=True
    )  # SHA-256: the token itself is nowhere
    person: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)


class SignInFailureRow(Base):
    __tablename__ = "sign_in_failures"

    account: Mapped[bytes] = mapped_column(
        LargeBinary, primary_key=True
    )  # SHA-256 of the name; empty: any name
    address: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(Instant, index=True)
    locked_until: Mapped[datetime] = mapped_column(Instant)
