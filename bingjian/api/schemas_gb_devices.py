"""Devices of GB/T 28181, channels, alarms, and the signalling log over the wire."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, SecretStr, StringConstraints

from bingjian.api.ending import WHY, EndReason
from bingjian.api.schemas import In, Line, Name, Out
from bingjian.api.schemas_organisations import Division
from bingjian.protocols.gb28181.manscdp.queries import POSITION_INTERVALS_S

PASSWORD_MIN, PASSWORD_MAX = 8, 64  # characters; what devices take
NOTE_MAX = 500

DeviceCode = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9A-Za-z]{1,64}$")]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=NOTE_MAX), Line]
GbState = Literal["waiting", "accepted", "refused"]


def typeable(secret: SecretStr) -> SecretStr:
    """Devices take plain ASCII on their pages; what they make of the rest nobody knows."""
    text = secret.get_secret_value()
    if not (text.isascii() and text.isprintable()):
        raise ValueError("only letters, digits and signs of ASCII")
    return secret


Password = Annotated[
    SecretStr, Field(min_length=PASSWORD_MIN, max_length=PASSWORD_MAX), AfterValidator(typeable)
]
Charset = Literal["auto", "gb", "utf-8"]
Edition = Literal["auto", "2016", "2022"]
Media = Literal["auto", "tcp", "tcp-active", "udp"]
KeepAlive = Annotated[int, Field(ge=5, le=3600, description="Seconds between keep-alives")]
Misses = Annotated[int, Field(ge=1, le=20, description="Keep-alives that may fail to come in a row")]
Coordinates = Literal["wgs84", "gcj02"]
COORDINATES = "What its positions are in: by the standard WGS-84, of older devices often GCJ-02"
POSITIONS_S = "Seconds between positions that it is asked for, 5 to 3600; 0: none is asked for, none is kept"


def askable(interval_s: int) -> int:
    """An interval that the signal process takes."""
    if interval_s and interval_s not in POSITION_INTERVALS_S:
        raise ValueError(f"0, or from {POSITION_INTERVALS_S[0]} to {POSITION_INTERVALS_S[-1]} seconds")
    return interval_s


Positions = Annotated[int, Field(description=POSITIONS_S), AfterValidator(askable)]


class GbDeviceWish(In):
    """What a registrar says of a device."""

    name: Name
    division: Division = Field(description="Whose device it is; empty: the city's")
    organisation: UUID | None = Field(default=None, description="That runs it")
    password: Password | None = Field(default=None, description="Of its registration; absent: one is made up")
    charset: Charset = "auto"
    edition: Edition = "auto"
    media: Media = Field(default="auto", description="auto: TCP, and UDP where that brings nothing")
    roams: bool = Field(default=False, description="Its address may change at any time")
    tells_time: bool = Field(default=True, description="It is sent our time as it registers")
    keep_alive_s: KeepAlive = 60
    misses: Misses = 3
    positions_s: Positions = 0
    coordinates: Coordinates = Field(default="wgs84", description=COORDINATES)


class GbDeviceIn(GbDeviceWish):
    code: DeviceCode = Field(description="20 digits, as set in the device")


class GbDevicePatch(In):
    version: int = Field(description="As it was read: a newer one refuses the change")
    name: Name | None = None
    division: Division | None = None
    organisation: UUID | None = None
    password: Password | None = None
    new_password: bool = Field(default=False, description="Make one up; it is told once")
    reason: EndReason = Field(default="", description=WHY)
    charset: Charset | None = None
    edition: Edition | None = None
    media: Media | None = None
    roams: bool | None = None
    tells_time: bool | None = None
    keep_alive_s: KeepAlive | None = None
    misses: Misses | None = None
    positions_s: Positions | None = None
    coordinates: Coordinates | None = None


class GbRefusalIn(In):
    reason: EndReason = Field(default="", description="Never without one")


class GbDeviceLine(Out):
    """A device in the list."""

    id: UUID
    code: str
    name: str
    division: str
    organisation: UUID | None
    state: GbState
    reason: str
    manufacturer: str
    model: str
    user_agent: str
    address: str
    transport: str
    online_since: datetime | None = Field(description="Null: it is not registered now")
    offline_why: str = Field(description="removed, expired, silent, connection; empty: not known")
    seen_at: datetime | None
    knocks: int = Field(description="How often it was reported while nobody had accepted it")
    first_seen_at: datetime | None
    trouble: str = Field(description="password, too_many, malformed, replayed, flapping; empty: none")
    trouble_at: datetime | None
    channels: int
    matched: int = Field(description="Channels that have a camera in your areas")


class GbDeviceOut(GbDeviceLine):
    """A device in full; no password."""

    charset: Charset
    edition: Edition
    media: Media
    roams: bool
    tells_time: bool
    keep_alive_s: int
    misses: int
    positions_s: int = Field(description=POSITIONS_S)
    coordinates: Coordinates = Field(description=COORDINATES)
    firmware: str
    said_version: str = Field(description="Its X-GB-Ver; empty: it says none, as devices of 2016 do")
    realm_differs: bool = Field(description="It names another realm than ours: its server id is set wrong")
    time_offset_s: float | None = Field(description="Its clock minus ours")
    catalogue_at: datetime | None
    catalogue_complete: bool
    version: int
    changed_at: datetime


class GbDeviceAdded(GbDeviceOut):
    generated_password: str | None = Field(description="Shown this once; null if one was given")


class GbDevicesOut(Out):
    items: list[GbDeviceLine]
    next: str | None


class GbRecordedCamera(Out):
    id: UUID
    name: str


class GbRecordedOut(Out):
    """What is recorded from a device, in the person's areas."""

    items: list[GbRecordedCamera] = Field(description="By name, the first hundred")
    count: int = Field(description="Of all")


class GbCountsOut(Out):
    waiting: int
    accepted: int
    refused: int
    online: int


class GbSignalOut(Out):
    """Where devices register, and how the process does that speaks with them."""

    is_on: bool = Field(description="False: no sip_id is set, so no port is open")
    answers: bool
    sip_id: str = Field(description="Our id, as devices are told it")
    sip_domain: str
    sip_host: str
    sip_port: int
    sip_tls_port: int = Field(description="0: devices are not heard over TLS")
    counts: GbCountsOut
    messages_per_s: float | None


class GbStorable(Out):
    """Whether a channel's pictures may be stored (R9.6), and why not."""

    may_store: bool
    code: str | None = None
    reason: str | None = None
    remedy: str | None = None


class GbCameraOut(Out):
    """The camera that a channel was matched with."""

    id: UUID
    name: str
    device_id: str | None
    has_source: bool = Field(description="Its stream comes from this channel")
    storable: GbStorable


class GbPositionOut(Out):
    """Where a channel of a moving device was last; base information (R27.3)."""

    longitude: float = Field(description="WGS-84")
    latitude: float
    told_in: Coordinates = Field(description="What the device told it in")
    speed_kmh: float | None
    direction: float | None = Field(description="Degrees from north, clockwise")
    altitude_m: float | None
    said_at: datetime | None = Field(description="By the device's clock")
    received_at: datetime = Field(description="By ours")
    age_s: float = Field(description="So long ago it was received")
    is_devices: bool = Field(description="The channel told none: it is where its device is")


class GbChannelOut(Out):
    channel: str = Field(description="Its id; 20 digits by the standard")
    name: str
    parents: list[str]
    civil_code: str
    business_group: str
    manufacturer: str
    model: str
    address: str
    status: str = Field(description="on, off, vlost, defect")
    ptz_type: str
    longitude: float | None = Field(description="As its catalogue has it")
    latitude: float | None
    position: GbPositionOut | None = Field(description="Where it was last; null: nothing is known")
    since: datetime
    gone_at: datetime | None
    is_code: bool = Field(description="Its id has 20 digits")
    matched_by_name: str
    matched_at: datetime | None
    camera: GbCameraOut | None = Field(description="Null: none, or one that lies outside your areas")


class GbChannelsOut(Out):
    items: list[GbChannelOut]
    next: str | None


class GbNodeOut(Out):
    """What channels are sorted under."""

    code: str
    name: str
    kind: str
    parent: str = Field(description="Empty: it stands at the top")
    channels: int = Field(description="Directly below it")
    online: int


class GbTreeOut(Out):
    items: list[GbNodeOut]


class GbSuggestionOut(Out):
    file: UUID
    name: str
    device_id: str | None
    by: str = Field(description="code: the file has this code; name: it has this name and no code")


class GbCheckOut(Out):
    """A channel's id as a device code, and which camera it may be."""

    is_code: bool
    faults: list[str]
    suggestions: list[GbSuggestionOut]


class GbMatchIn(In):
    file: UUID
    may_differ: bool = Field(default=False, description="The file keeps another code than the channel's")


class GbMatchedOut(Out):
    matched: int


class GbMessageOut(Out):
    """One message, as it was on the wire; passwords and digest answers blanked."""

    seq: int
    at: datetime
    direction: Literal["in", "out"]
    transport: str
    local: str
    peer: str
    text: str
    count: int = Field(default=1, description="So many alike in a row: keep-alives are kept as one")


class GbLogOut(Out):
    messages: list[GbMessageOut]


class GbOrderIn(In):
    order: Literal["restart", "guard", "unguard", "reset_alarm", "key_frame", "record"]
    channel: str = Field(default="", max_length=64, description="Id of a channel; empty: the whole device")


class GbOrderOut(Out):
    confirmed: bool = Field(description="False: it was taken, and the device said no more")


class GbUpgradeIn(In):
    """Firmware that the device fetches by itself."""

    firmware: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64), Line]
    url: Annotated[str, StringConstraints(pattern=r"^https?://[!-~]{1,1000}$")]
    manufacturer: Annotated[str, StringConstraints(strip_whitespace=True, max_length=64), Line]


class GbUpgradeOut(Out):
    session: str = Field(description="Under which the journal has the result, after the device's restart")


class GbStatusOut(Out):
    """How a device or channel is, by its own words."""

    online: str = Field(description="ONLINE, OFFLINE")
    status: str = Field(description="OK, ERROR")
    reason: str
    encode: str = Field(description="ON, OFF")
    record: str = Field(description="ON, OFF: its own recording")
    time: datetime | None = Field(description="Its clock")
    alarm_inputs: list["GbAlarmInputOut"]


class GbAlarmInputOut(Out):
    device_id: str
    duty_status: str = Field(description="ONDUTY, OFFDUTY, ALARM")


class GbCardOut(Out):
    number: int | None
    name: str
    status: str = Field(description="ok, formatting, unformatted, idle, error")
    format_progress: int | None = Field(description="Per cent")
    capacity_mb: int | None
    free_mb: int | None


class GbCardsOut(Out):
    cards: list[GbCardOut]


class GbSettingOut(Out):
    """One value of a device's configuration."""

    block: str = Field(description="basic, video_options, video_params, …")
    name: str = Field(description="Of the value within its block; items of lists by number")
    value: str


class GbConfigurationOut(Out):
    items: list[GbSettingOut]


class GbAlarmOut(Out):
    id: UUID
    device: UUID
    channel: str
    camera: UUID | None
    label: str = Field(description="Name of the camera, else of the channel or device")
    priority: str = Field(description="1 highest … 4")
    method: str = Field(description="AlarmMethod of GB/T 28181: 1 phone … 7 other")
    type: str
    event_type: str
    description: str
    longitude: float | None
    latitude: float | None
    said_at: str = Field(description="As the device wrote it")
    received_at: datetime
    happened_at: datetime = Field(description="On our clock")
    start: datetime = Field(description="Footage that shows it: from here")
    end: datetime
    handled_by_name: str
    handled_at: datetime | None
    note: str


class GbAlarmsOut(Out):
    items: list[GbAlarmOut]
    next: str | None


class GbAlarmMark(Out):
    """An alarm on a camera's timeline."""

    id: UUID
    start: datetime
    end: datetime
    method: str
    type: str
    is_handled: bool


class GbAlarmMarksOut(Out):
    items: list[GbAlarmMark]
    more: bool = Field(description="There are older ones in the interval")


class GbHandlingIn(In):
    note: Note = ""
