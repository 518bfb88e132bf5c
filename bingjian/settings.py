"""Everything an operator may set, from the environment (``BINGJIAN_…``) or by the command line."""

import os
from datetime import date
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

LOOPBACK = ("127.0.0.1", "localhost", "::1")
WILDCARDS = ("0.0.0.0", "::")  # noqa: S104  # compared with, never a default
GIB = 1024**3


def default_state_dir() -> Path:
    """``$XDG_STATE_HOME/bingjian``, or ``~/.local/state/bingjian`` (XDG base directory specification 0.8)."""
    base = os.environ.get("XDG_STATE_HOME", "")
    return (Path(base) if base.startswith("/") else Path.home() / ".local" / "state") / "bingjian"


def default_masked_streams() -> int:
    """One a core: a 1080p picture, decoded and encoded again, takes most of one; recording goes first."""
    return os.cpu_count() or 1


class VolumeSettings(BaseModel):
    """One directory that footage is kept in."""

    path: Path
    size_bytes: int = Field(default=50 * GIB, gt=0)  # what footage may take at most
    reserve_bytes: int = Field(default=GIB, ge=0)  # what must stay free on the disk


class Settings(BaseSettings):
    """Set with ``BINGJIAN_<NAME>``; lists and volumes as JSON."""

    model_config = SettingsConfigDict(env_prefix="BINGJIAN_", extra="ignore")

    state_dir: Path = Field(default_factory=default_state_dir)  # database, journal, keys, footage by default
    host: str = "127.0.0.1"  # address that web and media workers listen on
    port: int = Field(default=8800, ge=0, le=65535)  # of the web process; 0: any free one
    media_workers: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1, le=256)
    media_port_base: int = Field(
        default=8810, ge=0, le=65535
    )  # worker n listens on base + n; 0: any free ones
    volumes: list[VolumeSettings] = Field(default_factory=list)  # none: <state_dir>/volume
    holds_dir: Path | None = None  # copies of held footage, best on another disk; none: <state_dir>/holds
    audit_days: int = Field(default=30, ge=1, le=365)  # in which everything stored is read again
    # the journal's name from its first start on, as video.example.org/journal; none: by chance
    journal_origin: str | None = Field(default=None, pattern=r"^[!-*,-~]+$")
    witness_url: str | None = None  # who cosigns the journal's checkpoints, for example http://127.0.0.1:8830
    witness_key: str | None = None  # the witness's public key, as ``bingjian witness serve`` says it
    database_url: str | None = None  # none: SQLite in the state directory
    public_url: str | None = None  # how browsers reach us, behind a proxy: https://video.example.org
    media_public_urls: list[str] = Field(default_factory=list)  # the same for each worker, in order
    imaging_port: int | None = Field(default=None, ge=0, le=65535)  # of masked pictures; none: one below
    imaging_public_url: str | None = None  # how browsers reach it, behind a proxy
    masked_streams: int = Field(default_factory=default_masked_streams, ge=1, le=256)  # made at a time
    # our 20-digit id towards GB/T 28181 devices; none: GB/T 28181 is off, and no port for it opens
    sip_id: str | None = Field(default=None, pattern=r"^[0-9]{20}$")
    sip_domain: str | None = Field(default=None, pattern=r"^[!-~]{1,64}$")  # none: the id's first 10 digits
    sip_host: str | None = None  # address that devices register at; none: as host
    sip_port: int = Field(default=5060, ge=0, le=65535)  # UDP and TCP; 0: any free one
    sip_public_host: str | None = None  # what devices are told behind NAT; none: the address they reach
    sip_tls_port: int = Field(default=0, ge=0, le=65535)  # SIP inside TLS, usually 5061; 0: off
    sip_tls_certificate: Path | None = None  # PEM: ours, and behind it those that signed it
    sip_tls_key: Path | None = None  # PEM, without a password
    gb_media_port_base: int = Field(default=30_000, ge=0, le=65535)  # of their media; 0: any free ones
    # gaps are filled from devices' own storage: so many times as fast as recorded, one download at a time in
    # each media worker; 0: never
    gap_fill_speed: int = Field(default=4, ge=0, le=16)
    gap_fill_days: int = Field(default=30, ge=1, le=365)  # older gaps are not asked for
    gb_media_ports: int = Field(default=1_000, ge=1, le=65535)  # split between the media workers
    # enforce: a camera whose term does not fit the volumes is refused; warn: for trials, it is only said
    admission: Literal["enforce", "warn"] = "enforce"
    # enforce: posts of watch and management only with valid training (R25.3); warn: it is only said
    training: Literal["enforce", "warn"] = "warn"
    # required: administrators of accounts, custodians and auditors use their roles only with a second factor;
    # optional: whoever has set one up is asked for it; off: nobody is
    second_factor: Literal["off", "optional", "required"] = "optional"
    # the city's own identity provider (OpenID Connect), beside names and passwords; none: no such sign-in
    oidc_issuer: str | None = None  # exactly as the provider names itself: https://id.example.org
    oidc_client_id: str | None = None
    oidc_client_secret_file: Path | None = None  # its first line is the secret
    oidc_label: str | None = Field(default=None, max_length=60)  # on the button; none: our own words
    # ours: a second factor is proven here; provider: one that the provider's answer names is enough
    oidc_second_factor: Literal["ours", "provider"] = "ours"
    oidc_acr: str | None = None  # asked for, and counts as a second factor beside amr "mfa"
    # whether the platform, its network and its screens stand in a domain marked for state secrets (27¶2):
    # only then are cameras of the levels national_security and state shown and copied
    marked_domain: bool = False
    measures_published: date | None = None  # when the city published its measures (art. 36); none: as drafted
    language: Literal["zh", "en"] = "zh"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_file: Path | None = None  # none: standard error

    @field_validator("public_url", "media_public_urls", "imaging_public_url")
    @classmethod
    def _origin_only(cls, value: str | list[str] | None) -> str | list[str] | None:
        for url in [value] if isinstance(value, str) else value or []:
            if not url.startswith(("http://", "https://")) or url.count("/") != 2:
                raise ValueError(f"{url!r} must be scheme://host[:port] without a path")
        return value

    @field_validator("oidc_issuer")
    @classmethod
    def _issuer_safe(cls, value: str | None) -> str | None:
        """Whoever can change what comes from there can sign in as anybody, so only HTTPS, or this machine."""
        url = urlsplit(value or "")
        is_safe = url.scheme == "https" or (url.scheme == "http" and url.hostname in LOOPBACK)
        if value is not None and not (is_safe and url.hostname and not url.query and not url.fragment):
            raise ValueError(f"{value!r} must be an https address without a query")
        return value

    @model_validator(mode="after")
    def _provided(self) -> "Settings":
        told = (self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret_file)
        if any(told) and not all(told):
            raise ValueError("oidc_issuer, oidc_client_id and oidc_client_secret_file go together")
        return self

    @model_validator(mode="after")
    def _witnessed(self) -> "Settings":
        if (self.witness_url is None) != (self.witness_key is None):
            raise ValueError("witness_url and witness_key go together")
        return self

    @model_validator(mode="after")
    def _room_for_media(self) -> "Settings":
        if self.gb_media_port_base and self.gb_media_port_base + self.gb_media_ports > 65_536:
            raise ValueError("gb_media_port_base and gb_media_ports go beyond port 65535")
        if self.gb_media_ports < self.media_workers:
            raise ValueError("gb_media_ports must hold one port for each media worker at least")
        return self

    @model_validator(mode="after")
    def _secured(self) -> "Settings":
        told = (self.sip_tls_port or None, self.sip_tls_certificate, self.sip_tls_key)
        if any(told) and not all(told):
            raise ValueError("sip_tls_port, sip_tls_certificate and sip_tls_key go together")
        if self.sip_tls_port and self.sip_tls_port == self.sip_port:
            raise ValueError("sip_tls_port must be another than sip_port")
        return self

    @model_validator(mode="after")
    def _reachable(self) -> "Settings":
        """Browsers and their security policy need exact names; guess none."""
        if self.host in WILDCARDS and self.public_url is None:
            raise ValueError("listening on every address needs public_url: how browsers reach this machine")
        if self.media_public_urls and len(self.media_public_urls) != self.media_workers:
            raise ValueError("media_public_urls must name every media worker")
        behind_tls = (self.public_url or "").startswith("https:")
        if behind_tls and not (self.media_public_urls and self.imaging_public_url):
            raise ValueError(
                "with an https public_url, media_public_urls and imaging_public_url must be https addresses"
            )
        return self

    @property
    def run_dir(self) -> Path:
        """What lives only while the platform runs: lock, console credential."""
        return self.state_dir / "run"

    @property
    def assignments_dir(self) -> Path:
        """What each media worker was told last, sealed: it records from it before anybody speaks to it."""
        return self.state_dir / "assignments"

    @property
    def keys_dir(self) -> Path:
        return self.state_dir / "keys"

    @property
    def journal_dir(self) -> Path:
        return self.state_dir / "journal"

    @property
    def effective_holds_dir(self) -> Path:
        return self.holds_dir or self.state_dir / "holds"

    @property
    def known_volumes_file(self) -> Path:
        """Which volume was at which path."""
        return self.state_dir / "volumes.json"

    @property
    def effective_database_url(self) -> str:
        return self.database_url or f"sqlite+aiosqlite:///{self.state_dir / 'bingjian.sqlite3'}"

    @property
    def effective_volumes(self) -> list[VolumeSettings]:
        return self.volumes or [VolumeSettings(path=self.state_dir / "volume")]

    def origins(self, port: int) -> list[str]:
        """The pages that may ask the media workers, named exactly."""
        if self.public_url:
            return [self.public_url]
        names = ("127.0.0.1", "localhost") if self.host in LOOPBACK else (self.host,)
        return [f"http://{bracketed(name)}:{port}" for name in names]

    def local_url(self, port: int) -> str:
        """How programs on this machine reach a port of ours."""
        name = "127.0.0.1" if self.host in WILDCARDS else self.host
        return f"http://{bracketed(name)}:{port}"

    @property
    def effective_sip_domain(self) -> str:
        return self.sip_domain or (self.sip_id or "")[:10]

    @property
    def effective_sip_host(self) -> str:
        return self.sip_host or self.host

    @property
    def told_sip_host(self) -> str:
        """What is set in devices, if we know it; empty: any address of this machine that they reach."""
        if self.sip_public_host:
            return self.sip_public_host
        return "" if self.effective_sip_host in WILDCARDS else self.effective_sip_host

    def gb_ports(self, worker: int) -> list[int]:
        """First and number of a media worker's ports for devices' media; [0, 0]: any free ones."""
        if not self.gb_media_port_base:
            return [0, 0]
        share = self.gb_media_ports // self.media_workers
        return [self.gb_media_port_base + worker * share, share]

    @property
    def signal_dir(self) -> Path:
        """Registrations of GB/T 28181 devices, kept over restarts."""
        return self.state_dir / "signal"

    @property
    def effective_imaging_port(self) -> int:
        """The one before the media workers' ports; 0, any free one, if theirs are so."""
        return max(self.media_port_base - 1, 0) if self.imaging_port is None else self.imaging_port

    def masked_url(self, port: int) -> str:
        """How browsers reach masked pictures: as set, else our own host at that port."""
        if self.imaging_public_url:
            return self.imaging_public_url
        host = urlsplit(self.public_url).hostname if self.public_url else self.host
        return f"http://{bracketed(host or self.host)}:{port}"

    def media_public_url(self, worker: int, port: int) -> str:
        """How browsers reach a media worker: as set, else our own host at the worker's port."""
        if self.media_public_urls:
            return self.media_public_urls[worker]
        host = urlsplit(self.public_url).hostname if self.public_url else self.host
        return f"http://{bracketed(host or self.host)}:{port}"


def bracketed(host: str) -> str:
    """A host as it stands in a URL (RFC 3986 §3.2.2)."""
    return f"[{host}]" if ":" in host else host
