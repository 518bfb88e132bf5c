"""What goes over the wire. The web application's types are generated from these classes."""

from datetime import UTC, date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    model_validator,
)

NAME_MAX = 200  # characters; a longer name is a mistake in pasting
URL_MAX = 2048  # characters; longer ones are cut by cameras themselves
PASSWORD_MAX = 1024  # characters; bounds the work of hashing
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
DAYS_MAX = 100_000  # of a retention term; what the rules allow is less
PURPOSE_MAX = 500  # characters, goes into every journal entry


def one_line(text: str) -> str:
    """No control characters: they hide in lists, and PostgreSQL keeps no NUL."""
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise ValueError("control characters are not accepted")
    return text


def encodable(secret: SecretStr) -> SecretStr:
    """JSON can carry half a surrogate pair, which is no text; no keyboard can."""
    try:
        secret.get_secret_value().encode()
    except UnicodeEncodeError:
        raise ValueError("this is not text") from None
    return secret


def within_reach(instant: datetime) -> datetime:
    """Cameras did not record before 1970; beyond, arithmetic in other time zones overflows."""
    if not EARLIEST <= instant < LATEST:
        raise ValueError("the instant must lie between 1970 and 2200")
    return instant


def day_within_reach(day: date) -> date:
    """As an instant."""
    within_reach(datetime(day.year, day.month, day.day, tzinfo=UTC))
    return day


Line = AfterValidator(one_line)
Day = Annotated[date, AfterValidator(day_within_reach)]
Moment = Annotated[AwareDatetime, AfterValidator(within_reach)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=NAME_MAX), Line]
Url = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=URL_MAX)]
Purpose = Annotated[str, StringConstraints(strip_whitespace=True, max_length=PURPOSE_MAX), Line]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=PURPOSE_MAX), Line]
Citation = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=NAME_MAX), Line]
RetentionClass = Literal["default", "counter_terror", "other_law"]
Secret = Annotated[SecretStr, Field(max_length=PASSWORD_MAX), AfterValidator(encodable)]
Area = Annotated[str, StringConstraints(pattern=r"^23\d{0,4}$")]  # prefix of a division code, GB/T 2260
Username = Annotated[str, StringConstraints(max_length=NAME_MAX), Line]
Transport = Literal["auto", "tcp", "udp"]
RoleName = Literal[
    "watcher",
    "shift_lead",
    "custodian",
    "officer",
    "maintainer",
    "builder",
    "construction_unit",
    "registrar",
    "archivist",
    "planner",
    "department_user",
    "city_data_authority",
    "workgroup_office",
    "public_security",
    "inspector",
    "discipline_body",
    "government",
    "telecom",
    "auditor",
    "sysadmin",
]
Language = Literal["zh", "en"]
StreamRole = Literal["main", "sub"]


class In(BaseModel):
    """A body we receive: unknown fields are an error, so a misspelt one is not silently dropped."""

    model_config = ConfigDict(extra="forbid")


class Out(BaseModel):
    """A body we send."""

    model_config = ConfigDict(from_attributes=True)


class Problem(BaseModel):
    """RFC 9457 problem details; the media type is application/problem+json."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = Field(description="One plain sentence for the person")
    instance: str = Field(description="Id of the request, also in the logs: urn:uuid:…")
    code: str = Field(description="For programs and dictionaries; never renamed")
    article: str | None = Field(default=None, description="The article of law a refusal rests on")
    remedy: str | None = Field(default=None, description="What the person can do now")
    refusals: list["RefusalOut"] | None = Field(
        default=None, description="All that refuses, lowest article first, where there is more than one"
    )
    gone: list["GonePart"] | None = Field(default=None, description="What was removed, with code R28.6")
    errors: list["FieldProblem"] | None = Field(default=None, description="Set with status 422")


class RefusalOut(BaseModel):
    """One of several refusals."""

    article: str
    code: str
    reason: str
    remedy: str


class GonePart(BaseModel):
    """Footage that was removed because its term had ended, and the journal entries of its receipts."""

    model_config = ConfigDict(from_attributes=True)

    start: datetime
    end: datetime
    first_entry: int | None = Field(description="Absent while the removal is being carried out")
    last_entry: int | None


class FieldProblem(BaseModel):
    """One field of the request that was not accepted."""

    field: str
    detail: str


# --- people and sessions


OneTimeCode = Annotated[SecretStr, Field(max_length=100), AfterValidator(encodable)]


class SessionIn(In):
    name: Name
    password: Secret
    code: OneTimeCode | None = Field(
        default=None,
        description="Of the authenticator, or a recovery code; `second_factor_needed` asks for it",
    )


class PersonOut(Out):
    id: UUID
    name: str
    roles: list[RoleName]
    language: Language
    organisation: UUID | None = Field(default=None, description="Whom the person acts for")
    areas: list[str] = Field(default=[], description="Prefixes of division codes that the roles are bound to")


class SessionOut(Out):
    person: PersonOut
    unit: str = Field(
        default="", description="Whom the person acts for, by name: part of the mark on pictures"
    )
    expires: datetime | None = Field(description="When the session ends by itself; null for the console")
    must_enrol: bool = Field(
        default=False, description="The person's roles are of no use until a second factor is set up"
    )
    sign_out_at: str | None = Field(
        default=None,
        description="Of a session by the identity provider: where the browser is signed out there",
    )
    untrained: list[RefusalOut] = Field(
        default_factory=list, description="What the person's posts of watch or management still want (R25.3)"
    )


LONGITUDE = r"-?(180(\.0{1,7})?|(1[0-7][0-9]|[0-9]{1,2})(\.[0-9]{1,7})?)"
LATITUDE = r"-?(90(\.0{1,7})?|[0-8]?[0-9](\.[0-9]{1,7})?)"
HOME = f"^({LONGITUDE},{LATITUDE})?$"
CertificateKind = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40), Line]
CertificateNumber = Annotated[str, StringConstraints(strip_whitespace=True, max_length=80), Line]
Home = Annotated[str, StringConstraints(strip_whitespace=True, pattern=HOME)]


Subject = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=255, pattern=r"^[!-~]*$"),
    Field(description="What the city's identity provider calls the person (`sub`)"),
]


class PersonIn(In):
    name: Name
    password: Secret | None = Field(default=None, description="Absent: one is generated and returned once")
    roles: list[RoleName] = Field(min_length=1)
    language: Language = "zh"
    organisation: UUID | None = None
    areas: list[Area] = Field(default=["2301"], min_length=1, max_length=20)
    valid_from: Day | None = Field(default=None, description="First day of the contract, in China")
    contract_ends: Day | None = Field(default=None, description="Its last day; the account closes at its end")
    certificate_kind: CertificateKind = ""
    certificate_number: CertificateNumber = ""
    subject: Subject = ""
    home: Home = Field(default="", description="Where the person lives: longitude,latitude (WGS-84)")


class PersonPatch(In):
    """Fields that are absent or null stay as they are; of the two dates, null takes the date away."""

    roles: list[RoleName] | None = Field(default=None, min_length=1)
    language: Language | None = None
    password: Secret | None = None
    enabled: bool | None = None
    organisation: UUID | None = None
    areas: list[Area] | None = Field(default=None, min_length=1, max_length=20)
    valid_from: Day | None = None
    contract_ends: Day | None = None
    certificate_kind: CertificateKind | None = None
    certificate_number: CertificateNumber | None = None
    subject: Subject | None = None
    home: Home | None = None


class PersonRow(PersonOut):
    enabled: bool
    is_open: bool = Field(description="Not closed by anybody, and within the contract")
    valid_from: date | None
    contract_ends: date | None
    certificate_kind: str
    certificate_number: str
    subject: str | None = Field(
        default=None, description="What the identity provider that is set calls the person; null: unbound"
    )
    home: str
    created_at: datetime


class PersonAdded(PersonRow):
    generated_password: str | None = Field(description="Shown this once; null if one was given")


class PeopleOut(Out):
    items: list[PersonRow]
    next: str | None


# --- cameras


class CameraStateOut(Out):
    """What the media worker sees of the main stream right now."""

    state: Literal["connecting", "live", "reconnecting", "stopped"]
    cause: str | None = None
    detail: str | None = None
    since: datetime | None = None
    bit_rate_bps: int | None = None
    frame_rate: float | None = None
    codec: str | None = None
    width: int | None = None
    height: int | None = None
    audio: str | None = None
    packets_lost: int = 0
    clock_offset_ms: float | None = None
    transport: str | None = None
    viewers: int = 0
    recording: bool = False
    last_picture: datetime | None = None


class CameraOut(Out):
    id: UUID
    name: str
    url: str | None = Field(description="Without credentials; null unless the person may register cameras")
    sub_url: str | None = Field(description="As `url`")
    transport: Transport
    verify_tls: bool
    created_at: datetime
    has_sub: bool
    has_device_storage: bool = Field(
        description="It is a channel of a GB/T 28181 device, whose own recordings can be asked for"
    )
    state: CameraStateOut | None = Field(description="Null while its media worker says nothing")


class CamerasOut(Out):
    items: list[CameraOut]
    next: str | None = Field(description="Give it back as `cursor` for the next page; null on the last")


class CameraIn(In):
    name: Name
    url: Url = Field(
        description="rtsp:// or rtsps://, may carry user and password, percent-encoded; or of a GB/T 28181 "
        "channel gb28181://device/channel, its sub stream with ?stream=1"
    )
    sub_url: Url | None = None
    username: Username | None = None
    password: Secret | None = None
    transport: Transport = "auto"
    verify_tls: bool = True


class CameraPatch(In):
    """Fields that are absent stay as they are; `sub_url: null` removes the sub stream."""

    name: Name | None = None
    url: Url | None = None
    sub_url: Url | None = None
    username: Username | None = None
    password: Secret | None = None
    transport: Transport | None = None
    verify_tls: bool | None = None


class CameraTestIn(In):
    url: Url
    username: Username | None = None
    password: Secret | None = None
    transport: Transport = "auto"
    verify_tls: bool = True


class ProbeTrackOut(Out):
    kind: Literal["video", "audio"]
    codec: str
    width: int | None = None
    height: int | None = None
    frame_rate: float | None = None
    bit_rate_bps: int | None = None
    key_frame_interval_s: float | None = None
    sample_rate: int | None = None
    channels: int | None = None


class FindingOut(Out):
    code: str
    zh: str
    en: str


class ProbeOut(Out):
    """What a camera offers, or what is wrong with it."""

    ok: bool
    transport: str | None
    tracks: list[ProbeTrackOut]
    clock_offset_ms: float | None
    packets_lost: int = 0
    findings: list[FindingOut]


# --- watching


GrantId = Annotated[UUID | None, Field(description="Under which grant (art. 22); absent: by one's role")]


UNMASK = "Without the camera's privacy masks: by a grant that says so, else refused (R6.2)"
Unmask = Annotated[bool | None, Field(description=UNMASK)]
Masked = Annotated[bool, Field(description="Its privacy masks are in the picture; say so where it is shown")]


class LiveIn(In):
    stream: StreamRole = "main"
    purpose: Purpose | None = None
    grant: GrantId = None
    unmask: Unmask = None


class PlaybackIn(In):
    start: Moment
    end: Moment
    purpose: Purpose | None = None
    grant: GrantId = None
    unmask: Unmask = None


WATERMARK = "Name, unit and minute, to be drawn over the picture for as long as it is shown"


class LiveTicketOut(Out):
    url: str = Field(description="ws://host:port/m/<ticket>/live")
    opens_before: datetime
    expires: datetime
    masked: Masked = False
    watermark: str = Field(description=WATERMARK)


class TrialIn(In):
    stream: StreamRole = "main"


class TrialTicketOut(LiveTicketOut):
    watermark: str = Field(description=WATERMARK)


class PlaybackTicketOut(Out):
    url: str = Field(description="http://host:port/m/<ticket>/index.m3u8")
    heartbeat_url: str = Field(description="POST at least every 20 s while watching")
    opens_before: datetime
    expires: datetime
    masked: Masked = False
    watermark: str = Field(description=WATERMARK)


class DevicePlaybackIn(In):
    start: Moment = Field(description="By the device's clock")
    end: Moment
    purpose: Purpose | None = None
    grant: GrantId = None


class DevicePlaybackTicketOut(Out):
    url: str = Field(description="ws://host:port/m/<ticket>/live")
    start: datetime = Field(description="Where it begins: the first that the device has of the interval")
    end: datetime
    opens_before: datetime
    expires: datetime
    watermark: str = Field(description=WATERMARK)


class ClipIn(In):
    start: Moment
    end: Moment
    purpose: Annotated[Purpose, Field(min_length=1)] = Field(description="Why the copy leaves the platform")
    destination: Purpose | None = Field(default=None, description="Where it goes; a grant says it itself")
    grant: GrantId = None
    unmask: Unmask = None
    verb: Literal["copy", "retrieve"] | None = Field(
        default=None, description="Which of the rights of a grant; absent: copy"
    )
    form: Literal["fragmented", "download"] = Field(
        default="download",
        description="fragmented: as stored, times absolute, at most 24 h; download: plain MP4, at most 6 h",
    )


class ClipTicketOut(Out):
    url: str = Field(description="The first file; `?file=2` the second, if there are several")
    files_url: str = Field(description="JSON: the files, usually one; one per configuration of the camera")
    opens_before: datetime
    expires: datetime
    masked: Masked = False


class SpritePictureOut(Out):
    """One small picture."""

    tile: int = Field(description="Its place in the sprite, row by row, from 0")
    at: datetime = Field(description="When it was taken, UTC by our clock")
    at_local: str = Field(description="The same with +08:00")
    clock_offset_ms: int = Field(description="The camera's clock minus ours")


class SpriteOut(Out):
    """The key frames of an interval, small, in one JPEG."""

    jpeg: str = Field(description="Base64; black where a picture could not be decoded")
    columns: int
    tile_width: int = Field(description="Pixels")
    tile_height: int
    masked: Masked = False
    steps: list[SpritePictureOut | None] = Field(
        description="By equal steps of the interval; null where nothing was recorded"
    )


class RecoveredOut(Out):
    """Where footage was fetched from that we had not recorded ourselves."""

    device: str
    channel: str
    fetched_at: datetime = Field(description="When it was asked for, UTC by our clock")


class SpanOut(Out):
    start: datetime
    end: datetime
    kind: Literal["present", "missing"]
    cause: str | None = None
    detail: str | None = None
    recovered_from: Literal["hold", "device"] | None = Field(
        default=None,
        description="hold: the original is lost; what is shown is the copy of an evidence hold."
        " device: fetched afterwards from the device's own storage",
    )
    recovered: RecoveredOut | None = Field(default=None, description="From which device, and when")


class TimelineOut(Out):
    spans: list[SpanOut]
    now: datetime = Field(description="The server's clock")


class DeviceRecordingOut(Out):
    start: datetime
    end: datetime


class DeviceRecordingsOut(Out):
    recordings: list[DeviceRecordingOut] = Field(
        description="By time, none touches another; cut to the interval; by the device's clock"
    )
    complete: bool = Field(description="The device sent as many files as it had announced")
    asked_at: datetime = Field(description="When the device was asked; an answer holds for some seconds")
    now: datetime = Field(description="The server's clock")


# --- retention


class ProtectionIn(In):
    start: Moment
    end: Moment
    reason: Reason
    article: Citation


class ReleaseIn(In):
    reason: Reason


class ReleaseOut(Out):
    """The first person asked, a second one confirmed."""

    asked_by: str = Field(description="Name of the person")
    asked_at: datetime
    confirmed_by: str | None
    confirmed_at: datetime | None
    reason: str


class MarkOut(Out):
    id: UUID
    camera: UUID
    camera_name: str
    start: datetime
    end: datetime
    reason: str
    article: str
    state: Literal["in_force", "release_asked", "released"]
    by: str = Field(description="Name of the person")
    at: datetime
    release: ReleaseOut | None


class MarksOut(Out):
    items: list[MarkOut]
    next: str | None


class MissingOut(Out):
    start: datetime
    end: datetime
    cause: str


class HoldOut(MarkOut):
    copied_segments: int | None = Field(description="Null until the copy is made")
    copied_bytes: int | None
    sha256: str | None = Field(description="Over the copy")
    missing: list[MissingOut] = Field(description="What of the interval the copy has not, and why")
    verified_at: datetime | None = Field(description="When the copy was last read and found whole")


class HoldsOut(Out):
    items: list[HoldOut]
    next: str | None


class RetentionIn(In):
    """Counts for what is recorded from now on; what was recorded before keeps its longer term."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    kind: RetentionClass = Field(alias="class")
    days: int | None = Field(default=None, ge=1, le=DAYS_MAX, description="With other_law alone")
    citation: Annotated[str, StringConstraints(strip_whitespace=True, max_length=PURPOSE_MAX), Line] = ""
    reason: Reason

    @model_validator(mode="after")
    def _days_belong_to_other_law(self) -> "RetentionIn":
        if (self.kind == "other_law") != (self.days is not None):
            raise ValueError("days go with other_law, and only there")
        return self


class RetentionOut(Out):
    camera: UUID
    name: str
    kind: RetentionClass = Field(alias="class")
    days: int
    article: str
    code: str
    citation: str
    oldest: datetime | None = Field(description="Start of the oldest footage; null: none, or worker away")
    marks: int = Field(description="In force")
    holds: int = Field(description="In force")
    overdue_segments: int = Field(description="Given up more than 24 hours ago and not yet removed")


class RetentionsOut(Out):
    items: list[RetentionOut]
    next: str | None


class PauseIn(In):
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=PURPOSE_MAX), Line] = ""
    order: Annotated[str, StringConstraints(strip_whitespace=True, max_length=PURPOSE_MAX), Line] = ""
    until: Moment | None = None


class PauseOut(Out):
    id: UUID
    camera: UUID
    reason: str
    order: str
    until: datetime
    by: str = Field(description="Name of the person")
    at: datetime


# --- the platform


class VolumeOut(Out):
    id: str | None = Field(description="None while it cannot be opened")
    path: str
    size_bytes: int = Field(description="What footage may take")
    used_bytes: int = Field(description="By footage and its indexes")
    free_bytes: int
    reserve_bytes: int = Field(description="What stays free on the disk")
    state: str
    cause: str | None = None
    detail: str = ""
    write_bytes_per_s: int
    cameras: int
    workers: list[str]


class StoredVolumeOut(VolumeOut):
    state: Literal["writable", "full", "failing", "away"]
    days_left: float | None = Field(description="Until it is full at the rate of now; None: it never will be")
    alarm: bool = Field(description="It fails, is full, or will be within days")


class StorageOut(Out):
    volumes: list[StoredVolumeOut]
    days_needed: int = Field(description="The longest that footage of any camera must lie there")


class CompletenessDayOut(Out):
    day: date = Field(description="In Asia/Shanghai")
    due_s: float = Field(description="Of the day, up to now")
    present_s: float
    recovered_s: float = Field(default=0.0, description="Of that, fetched from the device afterwards")
    missing: dict[str, float] = Field(description="Seconds by cause")
    outages: int = Field(description="Gaps of more than 2.0 s (R25.5)")


class CompletenessOut(Out):
    days: list[CompletenessDayOut]


class CameraCompletenessOut(Out):
    camera: UUID
    name: str
    due_s: float
    present_s: float


class CompletenessOfDayOut(Out):
    day: date
    items: list[CameraCompletenessOut]
    next: str | None


class AuditFindingOut(Out):
    id: UUID
    kind: Literal["altered", "removed", "inserted", "reordered", "early_deleted"]
    camera: UUID
    camera_name: str
    volume: UUID
    start: datetime
    end: datetime
    found_at: datetime
    detail: str


class AuditOut(Out):
    period_days: float
    covered_percent: float = Field(description="Of the round that goes on")
    last_round_at: datetime | None = Field(description="When everything had been read again last")


class FindingsOut(Out):
    items: list[AuditFindingOut]
    next: str | None
    audit: AuditOut


class WorkerOut(Out):
    name: str
    up: bool
    detail: str | None = Field(description="Why it is not up")
    cameras: int
    seen_at: datetime | None


class SystemOut(Out):
    version: str
    now: datetime
    modules: dict[str, bool] = Field(
        description="By code of ``system_module`` (art. 3), what its probe found"
    )
    fault: str = Field(description="What is missing or failing, by art. 3; empty: the system is whole")
    volumes: list[VolumeOut]
    workers: list[WorkerOut]


class JournalEntryOut(Out):
    sequence: int
    at: datetime
    kind: str
    entry: dict[str, object]
    hash: str


class CheckpointOut(Out):
    """The log's signed head. ``text``: the signed note itself; ``key``: what it is checked with."""

    origin: str
    size: int
    root: str  # base64
    signed_at: datetime
    text: str
    key: str


class GrowthOut(Out):
    """A consistency proof (RFC 6962 §2.1.2)."""

    old: int
    hashes: list[str]  # base64
    checkpoint: str


class JournalOut(Out):
    """``names``: of the persons, units and cameras in these entries, by id, as they are called now."""

    items: list[JournalEntryOut]
    names: dict[UUID, str]
    next: str | None
