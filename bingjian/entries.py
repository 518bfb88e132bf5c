"""Every kind of journal entry: frozen dataclasses of plain values, on one page.

Ids are texts (UUID), instants RFC 3339 texts in UTC. No entry carries a password or a ticket.
"""

import json
from dataclasses import asdict, dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Entry:
    """Base. ``kind`` is for programs and never renamed; ``actor`` is who did it."""

    kind: ClassVar[str]
    actor: str


@dataclass(frozen=True, slots=True)
class PlatformStarted(Entry):
    kind: ClassVar[str] = "platform.started"
    version: str
    epoch: int


@dataclass(frozen=True, slots=True)
class LiveOpened(Entry):
    """Somebody may look at a camera now."""

    kind: ClassVar[str] = "view.live"
    camera: str
    stream: str
    purpose: str | None
    address: str  # network address of the person's machine
    expires: str


@dataclass(frozen=True, slots=True)
class PlaybackOpened(Entry):
    """Somebody may look at what was recorded."""

    kind: ClassVar[str] = "view.playback"
    camera: str
    start: str
    end: str
    purpose: str | None
    address: str
    expires: str


@dataclass(frozen=True, slots=True)
class PictureOpened(Entry):
    """Somebody is shown one still picture."""

    kind: ClassVar[str] = "view.picture"
    camera: str
    at: str
    purpose: str | None
    address: str


@dataclass(frozen=True, slots=True)
class RefusalGiven(Entry):
    """The door said no."""

    kind: ClassVar[str] = "refusal"
    verb: str
    resource: str | None
    article: str
    code: str
    reason: str
    address: str


@dataclass(frozen=True, slots=True)
class CameraAdded(Entry):
    kind: ClassVar[str] = "camera.added"
    camera: str
    name: str
    url: str  # without credentials


@dataclass(frozen=True, slots=True)
class CameraChanged(Entry):
    kind: ClassVar[str] = "camera.changed"
    camera: str
    fields: tuple[str, ...]  # names of what was changed, never values: one may be a password


@dataclass(frozen=True, slots=True)
class CameraRemoved(Entry):
    kind: ClassVar[str] = "camera.removed"
    camera: str
    name: str


@dataclass(frozen=True, slots=True)
class PersonAdded(Entry):
    kind: ClassVar[str] = "person.added"
    person: str
    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PersonChanged(Entry):
    kind: ClassVar[str] = "person.changed"
    person: str
    fields: tuple[str, ...]
    roles: tuple[str, ...]  # held afterwards


@dataclass(frozen=True, slots=True)
class SignedIn(Entry):
    kind: ClassVar[str] = "session.signed_in"
    address: str


@dataclass(frozen=True, slots=True)
class SignedOut(Entry):
    kind: ClassVar[str] = "session.signed_out"
    address: str


@dataclass(frozen=True, slots=True)
class SignInFailed(Entry):
    """``actor`` is the id of the person if the name is one's, else empty: mistyped names may be passwords."""

    kind: ClassVar[str] = "session.sign_in_failed"
    address: str
    locked_for_s: int


@dataclass(frozen=True, slots=True)
class RemovalReceipt(Entry):
    """A segment's term has ended: the right to unlink it, and the proof that nobody did so earlier.

    Made by ``retention`` alone, durable in the journal before ``recording.removal`` acts on it. All values
    are text: UUIDs, RFC 3339 instants in UTC with microseconds, hexadecimal.
    """

    kind: ClassVar[str] = "footage.removed"
    camera: str
    segment: str
    volume: str
    start: str
    end: str
    root: str  # the segment's Merkle root
    rule: str  # code of the longest term, "R28.1"
    retain_until: str  # computed by that rule
    at: str
    signature: str  # Ed25519 over ``receipt_payload``


RECEIPT_CONTEXT = b"bingjian removal receipt v1\n"


def receipt_payload(receipt: RemovalReceipt) -> bytes:
    """What the signature covers: every other field, as compact JSON with sorted keys."""
    fields = asdict(receipt)
    del fields["signature"]
    return RECEIPT_CONTEXT + json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
