"""Every kind of journal entry: frozen dataclasses of plain values, on one page.

Ids are texts (UUID), instants RFC 3339 texts in UTC. No entry carries a password or a ticket.
"""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
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
    unit: str = ""  # whom the person acts for, by id
    destination: str = ""  # where it is shown
    grant: str | None = None  # id of the grant (arts. 20, 22) that it is shown by
    unmasked: bool = False  # without the camera's privacy masks, by that grant


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
    unit: str = ""
    destination: str = ""
    grant: str | None = None
    unmasked: bool = False
    source: str = ""  # "device": what the device's own storage holds, by its clock; empty: our recording


@dataclass(frozen=True, slots=True)
class ViewingContinued(Entry):
    """Every minute while somebody looks. ``opening``: number of the entry that opened the look."""

    kind: ClassVar[str] = "view.continued"
    opening: int
    camera: str
    seconds: int  # so far


@dataclass(frozen=True, slots=True)
class ViewingEnded(Entry):
    """Nobody looks any more by that opening."""

    kind: ClassVar[str] = "view.ended"
    opening: int
    camera: str
    reason: str  # "closed", "grant_ended", "session_ended", "revoked", "not_written", "worker_lost", "unused"
    at: str
    seconds: int  # looked at; of a lost worker: as far as it is known


@dataclass(frozen=True, slots=True)
class PictureOpened(Entry):
    """Somebody is shown one still picture."""

    kind: ClassVar[str] = "view.picture"
    camera: str
    at: str
    purpose: str | None
    address: str
    unit: str = ""
    destination: str = ""
    grant: str | None = None
    unmasked: bool = False


@dataclass(frozen=True, slots=True)
class SpriteOpened(Entry):
    """Somebody is shown small pictures of an interval, in one look."""

    kind: ClassVar[str] = "view.sprite"
    camera: str
    start: str
    end: str
    pictures: int  # at most
    purpose: str | None
    address: str
    unit: str = ""
    destination: str = ""


@dataclass(frozen=True, slots=True)
class CopyOpened(Entry):
    """Base. Somebody may take a copy of what was recorded away."""

    camera: str
    start: str
    end: str
    purpose: str
    address: str
    expires: str
    unit: str = ""
    destination: str = ""  # where the copy goes
    grant: str | None = None
    verb: str = "copy"  # code of ``access_verb``
    unmasked: bool = False


@dataclass(frozen=True, slots=True)
class ClipOpened(CopyOpened):
    """As fragmented MP4, for other programs."""

    kind: ClassVar[str] = "copy.clip"


@dataclass(frozen=True, slots=True)
class DownloadOpened(CopyOpened):
    """As plain MP4, for people."""

    kind: ClassVar[str] = "copy.download"


@dataclass(frozen=True, slots=True)
class CopyForwarded(CopyOpened):
    """A copy that was made before is given on, to one further recipient (art. 27¶1)."""

    kind: ClassVar[str] = "copy.forward"
    recipient: str = ""
    forwarded: int = 0  # number of the entry of the copy that is given on


@dataclass(frozen=True, slots=True)
class PackageHandedOver(Entry):
    """A file of a copy has gone out whole. ``actor``: the volume of the worker that made it."""

    kind: ClassVar[str] = "copy.package"
    camera: str
    opened: int  # number of the entry that the copy was opened under
    file: int  # which of its files, from 1
    size_bytes: int
    sha256: str  # of exactly the bytes that were sent


@dataclass(frozen=True, slots=True)
class BaseInfoOpened(Entry):
    """Somebody is shown base information of a camera under a grant."""

    kind: ClassVar[str] = "view.base_info"
    camera: str
    purpose: str
    address: str
    unit: str
    grant: str


@dataclass(frozen=True, slots=True)
class ControlBegun(Entry):
    """Somebody may turn a camera from now on, and nobody else."""

    kind: ClassVar[str] = "control.begun"
    camera: str
    purpose: str
    role: str  # that gives them the precedence they have
    address: str
    expires: str  # at the latest
    unit: str = ""


@dataclass(frozen=True, slots=True)
class ControlTaken(ControlBegun):
    """The same, from somebody who had it."""

    kind: ClassVar[str] = "control.taken"
    taken_from: str = ""  # person


@dataclass(frozen=True, slots=True)
class ControlEnded(Entry):
    """Somebody no longer turns a camera; it was told to stop before."""

    kind: ClassVar[str] = "control.ended"
    opening: int  # number of the entry that it began with
    camera: str
    reason: str  # "released", "taken", "silent", "session_ended", "rights_ended", "idle", "restart"
    at: str
    seconds: int
    commands: int
    stopped: bool  # the device said that it had taken the stop


@dataclass(frozen=True, slots=True)
class VoiceBegun(Entry):
    """Somebody who controls a camera may speak through it from now on; durable before the first sound."""

    kind: ClassVar[str] = "voice.begun"
    opening: int  # number of the entry that their control began with: it has the purpose
    camera: str
    address: str
    expires: str  # at the latest


@dataclass(frozen=True, slots=True)
class VoiceEnded(Entry):
    """They no longer do."""

    kind: ClassVar[str] = "voice.ended"
    opening: int  # number of the entry that it began with
    camera: str
    reason: str  # "released", "silent", "time", "withdrawn", "not_taken", "by_device"
    heard_from: str  # when the first sound went to the device; empty: none did
    at: str  # the end
    seconds: int  # between the two


@dataclass(frozen=True, slots=True)
class CameraHomed(Entry):
    """Nobody has turned a camera for a while, and it went back to its registered view (R19.4).

    ``actor``: who had turned it.
    """

    kind: ClassVar[str] = "control.homed"
    camera: str
    idle_seconds: int
    code: str = "R19.4"


@dataclass(frozen=True, slots=True)
class PresetSet(Entry):
    kind: ClassVar[str] = "preset.set"
    camera: str
    preset: int
    name: str
    is_home: bool


@dataclass(frozen=True, slots=True)
class PresetDeleted(Entry):
    kind: ClassVar[str] = "preset.deleted"
    camera: str
    preset: int
    name: str


@dataclass(frozen=True, slots=True)
class CruiseSet(Entry):
    """A round of presets that the camera may go by itself while somebody controls it."""

    kind: ClassVar[str] = "cruise.set"
    camera: str
    cruise: int
    name: str
    presets: list[int]


@dataclass(frozen=True, slots=True)
class CruiseDeleted(Entry):
    kind: ClassVar[str] = "cruise.deleted"
    camera: str
    cruise: int
    name: str


@dataclass(frozen=True, slots=True)
class ReturnSet(Entry):
    """The camera itself goes back to its registered view after so long, or no longer does."""

    kind: ClassVar[str] = "return.set"
    camera: str
    preset: int
    delay_seconds: int | None


@dataclass(frozen=True, slots=True)
class PryingSuspected(Entry):
    """Somebody keeps a camera aimed at what a privacy mask hides (R31.1): for whoever watches over that."""

    kind: ClassVar[str] = "prying.suspected"
    camera: str
    since: str
    seconds: int
    is_masked: bool  # the mask covers it where the camera looks now
    code: str = "R31.1"


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
    reason: str  # may be empty where it was not recorded


@dataclass(frozen=True, slots=True)
class InventoryChanged(Entry):
    """Something in the inventory, or a procedure, was changed; its history has the values."""

    kind: ClassVar[str] = "inventory.changed"
    subject_kind: str
    subject: str
    act: str
    version: int  # afterwards
    fields: tuple[str, ...]  # names of what was changed, never values: they may be base information
    sha256: str  # of the changes as the history has them


@dataclass(frozen=True, slots=True)
class InventoryExported(Entry):
    """A list of the inventory left as a file; written before its first byte is sent."""

    kind: ClassVar[str] = "inventory.exported"
    subject_kind: str
    form: str  # "xlsx", "csv"
    rows: int  # when it was asked for
    sha256: str  # of the filter; its text may be base information
    address: str  # where the request came from


@dataclass(frozen=True, slots=True)
class DeviceOrdered(Entry):
    """A device is told to do something, other than turning; written before it is told."""

    kind: ClassVar[str] = "device.ordered"
    device_id: str  # as it registers
    channel_id: str  # empty: the device as a whole
    order: str  # "restart", "guard", "unguard", "reset_alarm", "key_frame", "record", "upgrade"
    detail: str  # of an upgrade: the firmware, and where it is fetched from
    address: str


@dataclass(frozen=True, slots=True)
class DeviceUpgraded(Entry):
    """A device has told what came of an upgrade; nobody's act, so ``actor`` is empty."""

    kind: ClassVar[str] = "device.upgraded"
    device_id: str
    session: str
    result: str  # "OK", "ERROR"
    firmware: str  # that it has now
    reason: str  # of a failure: 01 no download, 02 damaged, 03 system, 99 other


@dataclass(frozen=True, slots=True)
class DutyReminded(Entry):
    """Something is due soon, and whoever owes it has been reminded."""

    kind: ClassVar[str] = "duty.reminded"
    duty: str
    code: str
    subject: str


@dataclass(frozen=True, slots=True)
class DutyOverdue(Entry):
    """A term has ended without what was due."""

    kind: ClassVar[str] = "duty.overdue"
    duty: str
    code: str
    subject: str


@dataclass(frozen=True, slots=True)
class DutiesRecomputed(Entry):
    """What everybody owes was computed anew from what is registered; how many duties followed."""

    kind: ClassVar[str] = "duties.recomputed"
    opened: int
    changed: int  # another term or another owner
    lapsed: int  # owed by nobody any more


@dataclass(frozen=True, slots=True)
class ReportMade(Entry):
    """Somebody was given a report."""

    kind: ClassVar[str] = "report.made"
    report: str  # "compliance"
    at: str  # the instant it is of
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class RegisterExported(Entry):
    """Part of the register of art. 25(5) left as a file; written before its first byte is sent."""

    kind: ClassVar[str] = "register.exported"
    form: str  # "pdf", "csv"
    rows: int
    file_sha256: str
    address: str
    person: str | None  # whose looks, which camera's, when, of what footage; None: not asked for
    camera: str | None
    start: str | None
    end: str | None
    shown_from: str | None
    shown_until: str | None
    sha256: str | None  # of a file that turned up


@dataclass(frozen=True, slots=True)
class FileTraced(Entry):
    """Somebody asked to whom a file that turned up had been given."""

    kind: ClassVar[str] = "file.traced"
    file_sha256: str
    by: str  # what it was known by: "sha256", "mark"; empty: nothing is known of it
    found: tuple[int, ...]  # numbers of the entries that it was handed out under
    address: str


@dataclass(frozen=True, slots=True)
class DocumentStored(Entry):
    """A version of a paper is kept, durable before this is written."""

    kind: ClassVar[str] = "document.stored"
    document: str
    version: int
    document_kind: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class DocumentOpened(Entry):
    """Somebody is given a paper's bytes."""

    kind: ClassVar[str] = "document.opened"
    document: str
    version: int
    sha256: str
    address: str


@dataclass(frozen=True, slots=True)
class DocumentRecipientsChanged(Entry):
    """Whom a paper may be given to beside its own organisation; ids of organisations."""

    kind: ClassVar[str] = "document.recipients"
    document: str
    recipients: tuple[str, ...]


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
    device: str = ""  # its class
    is_known: bool = False  # whether this device has signed in to this account before
    factor: str = ""  # "totp", "recovery", "provider"; empty: none
    by: str = ""  # "provider": by the city's identity provider; empty: by password


@dataclass(frozen=True, slots=True)
class SignedOut(Entry):
    kind: ClassVar[str] = "session.signed_out"
    address: str


@dataclass(frozen=True, slots=True)
class SessionEnded(Entry):
    """A session was ended from elsewhere, by its person or by an administrator of accounts."""

    kind: ClassVar[str] = "session.ended"
    person: str
    sessions: int  # how many
    address: str


class Sign(StrEnum):
    """That somebody may be trying to get in (R31.4)."""

    FAILED_SIGN_INS = "failed_sign_ins"
    OTHER_DEVICE = "other_device"  # a session's token on another class of device
    REPLAYED_CODE = "replayed_code"
    FOREIGN_ORIGIN = "foreign_origin"  # another site's page used a session
    PROVIDER_ANSWER = "provider_answer"  # somebody answers in the identity provider's place
    BAD_WITNESS = "bad_witness"
    UNKNOWN_CAMERA = "unknown_camera"  # a GB/T 28181 device that nobody accepted
    GUESSING = "camera_password"  # somebody tries the password of one
    REPLAYED_DIGEST = "replayed_digest"
    CAMERA_TWICE = "camera_twice"  # one of them from two places


@dataclass(frozen=True, slots=True)
class IntrusionSuspected(Entry):
    """Somebody may be trying to get in (R31.4): for whoever watches over that."""

    kind: ClassVar[str] = "intrusion.suspected"
    person: str  # whose account, if it is one's
    sign: Sign
    address: str
    detail: str = ""  # one word: what of the provider's answer does not fit; the id that a device claims
    code: str = "R31.4"


@dataclass(frozen=True, slots=True)
class TicketsRefused(Entry):
    """A process that shows pictures was shown a ticket that opens nothing, or a wrong credential.

    ``actor``: the process. Of one ticket and source at most one entry a minute.
    """

    kind: ClassVar[str] = "tickets.refused"
    # "bad_ticket", "replayed_ticket", "bad_credential": what nobody honest has. "spent_ticket": it has ended,
    # or was never opened in time; "revoked_ticket": the right was taken away, or masks were drawn since;
    # "other_ticket": asked for something else than it opens.
    sign: str
    address: str  # empty: of so many others that they are counted together
    count: int
    at: str  # the first of them
    code: str = "R31.4"  # R27.1: of a right that was theirs, and has ended or reaches no further
    opening: int | None = None  # the entry that the ticket was signed under; None: it is none of ours


@dataclass(frozen=True, slots=True)
class UploadRefused(Entry):
    """A file was not taken in; nothing of it is kept. Of one person and cause at most one entry a minute."""

    kind: ClassVar[str] = "upload.refused"
    cause: str  # as the answer's code: "file_too_large", "file_unknown", …
    path: str  # of the route: what it was for
    address: str  # where it came from
    count: int
    at: str  # the first of them


@dataclass(frozen=True, slots=True)
class ClockStepped(Entry):
    """A clock of the platform was set by more than a second. ``actor``: the process that noticed."""

    kind: ClassVar[str] = "clock.step"
    step_ms: int  # back: negative
    at: str  # what it said afterwards


@dataclass(frozen=True, slots=True)
class SecondFactorChanged(Entry):
    kind: ClassVar[str] = "second_factor.changed"
    person: str
    act: str  # "enrolled", "given_up" by its person, "reset" by an administrator


@dataclass(frozen=True, slots=True)
class FirstCodeGiven(Entry):
    """The console was given a code for the first administrator."""

    kind: ClassVar[str] = "first_administrator.code"
    expires: str


@dataclass(frozen=True, slots=True)
class SignInFailed(Entry):
    """``actor`` is the id of the person if the name is one's, else empty: mistyped names may be passwords."""

    kind: ClassVar[str] = "session.sign_in_failed"
    address: str
    locked_for_s: int
    why: str = ""  # by the city's identity provider: "away", "lost", "unbound" …; empty: password or code


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


@dataclass(frozen=True, slots=True)
class AlarmsRemoved(Entry):
    """Handled alarms of one camera whose term has ended: they are about footage that may go as well."""

    kind: ClassVar[str] = "alarms.removed"
    camera: str  # empty: their channel had none
    start: str  # when the oldest happened
    end: str  # the newest
    alarms: int
    rule: str  # code of the longest term, "R28.1"


RECEIPT_CONTEXT = b"bingjian removal receipt v1\n"


def receipt_payload(receipt: RemovalReceipt) -> bytes:
    """What the signature covers: every other field, as compact JSON with sorted keys."""
    fields = asdict(receipt)
    del fields["signature"]
    return RECEIPT_CONTEXT + json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class MarkSet(Entry):
    """An interval of a camera is important: kept for two years (art. 28¶2)."""

    kind: ClassVar[str] = "mark.set"
    mark: str
    camera: str
    start: str
    end: str
    reason: str
    article: str


@dataclass(frozen=True, slots=True)
class MarkReleaseAsked(Entry):
    kind: ClassVar[str] = "mark.release_asked"
    mark: str
    camera: str
    reason: str


@dataclass(frozen=True, slots=True)
class MarkReleased(Entry):
    """``actor`` confirmed what ``asked_by`` had asked for."""

    kind: ClassVar[str] = "mark.released"
    mark: str
    camera: str
    asked_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class HoldSet(Entry):
    """An interval of a camera is evidence: never removed while the hold stands (art. 27¶2)."""

    kind: ClassVar[str] = "hold.set"
    hold: str
    camera: str
    start: str
    end: str
    reason: str
    article: str


@dataclass(frozen=True, slots=True)
class HoldCopied(Entry):
    """The copy was made or read again; ``sha256`` is over it, as the media worker computed it."""

    kind: ClassVar[str] = "hold.copied"
    hold: str
    camera: str
    segments: int
    size_bytes: int
    sha256: str
    missing_intervals: int


@dataclass(frozen=True, slots=True)
class HoldReleaseAsked(Entry):
    kind: ClassVar[str] = "hold.release_asked"
    hold: str
    camera: str
    reason: str


@dataclass(frozen=True, slots=True)
class HoldReleased(Entry):
    """``actor`` confirmed what ``asked_by`` had asked for."""

    kind: ClassVar[str] = "hold.released"
    hold: str
    camera: str
    asked_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class RetentionClassChanged(Entry):
    """What a camera records from here on is kept by these terms; what it recorded before, by the longer."""

    kind: ClassVar[str] = "retention.class_changed"
    camera: str
    before: str
    after: str
    days: int | None  # with other_law alone
    citation: str
    reason: str


@dataclass(frozen=True, slots=True)
class RecordingPaused(Entry):
    """Recording of a camera is interrupted by order, until an instant (art. 31(7))."""

    kind: ClassVar[str] = "recording.paused"
    pause: str
    camera: str
    reason: str
    order: str  # the order or work order that asks for it
    until: str


@dataclass(frozen=True, slots=True)
class RecordingPauseEnded(Entry):
    """By somebody, or by itself at its end: ``actor`` is then the retention job."""

    kind: ClassVar[str] = "recording.pause_ended"
    pause: str
    camera: str


@dataclass(frozen=True, slots=True)
class RecordingEnded(Entry):
    """Somebody ended the recording of a camera on purpose, with nothing at which it goes on (art. 31(7))."""

    kind: ClassVar[str] = "recording.ended"
    camera: str
    reason: str
    verb: str  # what ended it: "camera.remove"
    resource: str  # to what that was done, by id: the camera, or the device whose channel it is
    address: str


@dataclass(frozen=True, slots=True)
class SegmentClosed(Entry):
    """A stored file is complete; ``root`` is the Merkle root that proves it. ``actor``: the volume."""

    kind: ClassVar[str] = "segment.closed"
    camera: str
    segment: str
    start: str
    end: str
    root: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class GapEnded(Entry):
    """Nothing was recorded between these instants, and why. ``actor``: the volume."""

    kind: ClassVar[str] = "gap.ended"
    camera: str
    start: str
    end: str
    cause: str


@dataclass(frozen=True, slots=True)
class SegmentRecovered(Entry):
    """A segment was fetched from a device's own storage into a gap, and when (art. 31(6)). ``actor``: the
    volume.
    """

    kind: ClassVar[str] = "segment.recovered"
    camera: str
    segment: str
    start: str
    end: str
    device_id: str
    channel_id: str
    fetched: str


@dataclass(frozen=True, slots=True)
class SegmentUnlinked(Entry):
    """A removal receipt has been carried out. ``actor``: the volume."""

    kind: ClassVar[str] = "segment.unlinked"
    camera: str
    segment: str


@dataclass(frozen=True, slots=True)
class FindingMade(Entry):
    """The audit found stored footage not as it was recorded. ``actor``: the volume."""

    kind: ClassVar[str] = "finding.made"
    camera: str
    segment: str
    finding: str  # altered, removed, inserted, reordered, early_deleted
    start: str
    end: str
    detail: str
