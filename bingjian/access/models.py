"""People, their sessions and second factors, and failed sign-ins."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Date, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bingjian.access.decisions import Role
from bingjian.db.base import Base, Instant
from bingjian.rules.civil import DAY, start_of_day


class PersonRow(Base):
    __tablename__ = "people"
    __table_args__ = (Index("ix_people_oidc", "oidc_issuer", "oidc_subject", unique=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    password_hash: Mapped[str] = mapped_column(Text)  # argon2id, PHC string
    roles: Mapped[str] = mapped_column(String(400))  # names, sorted, joined by ','
    organisation: Mapped[UUID | None]  # whom the person acts for
    areas: Mapped[str] = mapped_column(Text)  # prefixes of division codes, joined by ','
    language: Mapped[str] = mapped_column(String(8))
    enabled: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(Instant)
    valid_from: Mapped[date | None] = mapped_column(Date)  # first day of the contract, in China
    contract_ends: Mapped[date | None] = mapped_column(Date)  # its last day
    certificate_kind: Mapped[str] = mapped_column(String(40))  # code of ``certificate``; empty: none
    certificate_number: Mapped[str] = mapped_column(String(80))
    rights_changed_at: Mapped[datetime | None] = mapped_column(Instant)  # earlier tickets of theirs are void
    oidc_issuer: Mapped[str | None] = mapped_column(String(500))  # the identity provider, and its name for
    oidc_subject: Mapped[str | None] = mapped_column(String(255))  # the person; both or neither
    home: Mapped[str] = mapped_column(String(40))  # "longitude,latitude", WGS-84 (R31.2); empty: not known

    @property
    def role_set(self) -> frozenset[Role]:
        return frozenset(Role(name) for name in self.roles.split(",") if name)

    @property
    def area_codes(self) -> tuple[str, ...]:
        return tuple(area for area in self.areas.split(",") if area)

    @property
    def home_position(self) -> tuple[float, float] | None:
        """Longitude and latitude of where the person lives, if it is known."""
        longitude, _, latitude = self.home.partition(",")
        return (float(longitude), float(latitude)) if latitude else None

    @property
    def closes_at(self) -> datetime | None:
        """First instant after the contract: 24:00 of its last day (R25.2, N19). UTC."""
        return start_of_day(self.contract_ends + DAY) if self.contract_ends else None

    def is_open(self, now: datetime) -> bool:
        """Whether the account may be used: not closed by anybody, and within the contract."""
        has_begun = self.valid_from is None or start_of_day(self.valid_from) <= now
        return self.enabled and has_begun and (self.closes_at is None or now < self.closes_at)


class SessionRow(Base):
    __tablename__ = "sessions"

    token_hash: Mapped[bytes] = mapped_column(
        LargeBinary, primary_key=True
    )  # SHA-256: the token itself is nowhere
    id: Mapped[UUID] = mapped_column(unique=True)  # what a list of sessions names it by
    person: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    device: Mapped[str] = mapped_column(String(20))  # its class, see ``source.Device``
    address: Mapped[str] = mapped_column(String(64))  # where it was opened
    created_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)  # to the minute
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    by_provider: Mapped[bool]  # opened by the city's identity provider
    provider_factor: Mapped[bool]  # where a second factor was proven as well


class SignInFailureRow(Base):
    """Failures of one account, or of all, from one source; see ``lockout``."""

    __tablename__ = "sign_in_failures"

    account: Mapped[bytes] = mapped_column(
        LargeBinary, primary_key=True
    )  # SHA-256 of the name; empty: any name
    source: Mapped[str] = mapped_column(String(64), primary_key=True)  # network, device; empty: from anywhere
    recent: Mapped[str] = mapped_column(Text)  # the last failures, microseconds since 1970 joined by ','
    count: Mapped[int]  # of locks in a row; from anywhere: how far the bucket is filled
    last_at: Mapped[datetime] = mapped_column(Instant, index=True)
    locked_until: Mapped[datetime | None] = mapped_column(Instant)


class SecondFactorRow(Base):
    """A person's authenticator (RFC 6238). The secrets are sealed by the vault."""

    __tablename__ = "second_factors"

    person: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True)
    secret: Mapped[bytes | None] = mapped_column(LargeBinary)  # None: never confirmed
    enrolled_at: Mapped[datetime | None] = mapped_column(Instant)
    last_step: Mapped[int]  # of the last code taken: no code is taken twice
    pending: Mapped[bytes | None] = mapped_column(LargeBinary)  # shown, waits for its first code
    pending_until: Mapped[datetime | None] = mapped_column(Instant)


class RecoveryCodeRow(Base):
    """One recovery code that has not been used."""

    __tablename__ = "recovery_codes"

    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)  # SHA-256, with the person's id
    person: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
