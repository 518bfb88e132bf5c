"""What every source of pictures has in common: where it is, whom it feeds, how it fails."""

from dataclasses import dataclass, field
from typing import Literal, Protocol

from bingjian.formats.access_unit import AccessUnit, TrackConfig
from bingjian.protocols import url
from bingjian.protocols.gb28181 import address
from bingjian.recording.cause import Cause

Transport = Literal["auto", "tcp", "udp"]


class Sink(Protocol):
    """Who takes what a source receives. Called on the event loop; must not block."""

    @property
    def prompt(self) -> bool:
        """Whether somebody waits for every picture; else a source may bring several at a time."""

    def on_tracks(self, tracks: tuple[TrackConfig, ...]) -> None:
        """The configuration of every track, before the first units; again whenever one changes."""

    def on_units(self, units: list[AccessUnit], arrival_ns: int) -> None:
        """Access units in the order received; ``arrival_ns`` is ``Clock.monotonic_ns()`` at the read."""

    def on_sender_report(self, track: int, rtp_timestamp: int, ntp_utc_ns: int, arrival_ns: int) -> None:
        """The camera says: this (unwrapped) timestamp was sampled at this instant of my clock."""

    def on_loss(self, track: int, packets: int) -> None:
        """So many packets never came (or too late)."""

    def on_packets_only(self, first_ns: int, newest_ns: int) -> None:
        """Packets of video come, but no picture to begin decoding with; told once a second while it is so.
        When the first and the newest arrived.
        """


class SourceError(Exception):
    """A source ended; the hub decides when to try again."""

    def __init__(self, cause: Cause, detail: str) -> None:
        super().__init__(f"{cause.value}: {detail}")
        self.cause = cause
        self.detail = detail  # one plain English sentence, never with credentials


@dataclass(frozen=True, slots=True)
class SourceAddress:
    """Where a camera's stream is and how to be let in."""

    url: str  # without credentials
    username: str = ""
    password: str = field(default="", repr=False)
    transport: Transport = "auto"  # auto: TCP, and UDP where TCP is refused
    verify_tls: bool = True  # rtsps:// only

    @classmethod
    def of(cls, text: str, *, transport: Transport = "auto", verify_tls: bool = True) -> "SourceAddress":
        """From a URL that may carry percent-encoded credentials, or a GB/T 28181 channel's. Raises
        ``url.UrlError``.
        """
        if address.is_channel(text):
            return cls(str(address.parse(text)), transport=transport, verify_tls=verify_tls)
        parts = url.parse(text)
        return cls(str(parts), parts.username, parts.password, transport, verify_tls)
