"""GB/T 28181 devices: who waits, accepting and refusing, channels and their cameras, the signalling log."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from fastapi import Query
from fastapi.responses import Response
from pydantic import ValidationError

from bingjian.access.decisions import Actor, Verb
from bingjian.api.ending import Why
from bingjian.api.paging import PAGE_DEFAULT, BadCursor, Cursor, Limit, cursor_of, key_of
from bingjian.api.permissions import BaseChanger, BaseReader, admit_all
from bingjian.api.platform import Platform, ThePlatform
from bingjian.api.routes.places import history_out
from bingjian.api.routing import api_router
from bingjian.api.schemas import Line, Out
from bingjian.api.schemas_gb_devices import (
    GbCameraOut,
    GbCardsOut,
    GbChannelOut,
    GbChannelsOut,
    GbCheckOut,
    GbConfigurationOut,
    GbCountsOut,
    GbDeviceAdded,
    GbDeviceIn,
    GbDeviceLine,
    GbDeviceOut,
    GbDevicePatch,
    GbDevicesOut,
    GbDeviceWish,
    GbLogOut,
    GbMatchedOut,
    GbMatchIn,
    GbMessageOut,
    GbNodeOut,
    GbOrderIn,
    GbOrderOut,
    GbPositionOut,
    GbRecordedCamera,
    GbRecordedOut,
    GbRefusalIn,
    GbSettingOut,
    GbSignalOut,
    GbState,
    GbStatusOut,
    GbStorable,
    GbSuggestionOut,
    GbTreeOut,
    GbUpgradeIn,
    GbUpgradeOut,
)
from bingjian.api.schemas_places import HistoryOut
from bingjian.entries import InventoryExported
from bingjian.inventory.errors import SignalAway
from bingjian.inventory.gb28181.channels import ChannelFilter, Tree
from bingjian.inventory.gb28181.devices import SETTINGS, Accepted, DeviceFilter
from bingjian.inventory.gb28181.endings import Admit
from bingjian.inventory.gb28181.matching import Pair
from bingjian.inventory.gb28181.models import DeviceSettings, DeviceWish, GbChannelRow, GbDeviceRow
from bingjian.inventory.gb28181.positions import LastPlace
from bingjian.inventory.gb28181.upkeep import Firmware
from bingjian.protocols.gb28181.ids import is_valid
from bingjian.rules.decision import Grant

Answer = TypeVar("Answer", bound=Out)

LOG_KIND = "gb_signalling_log"  # of what left as a file, in the journal
RECORDED_MOST = 100  # names of cameras that whoever ends their recording is shown

router = api_router("/api/v1/gb-devices", "GB/T 28181")
Channel = Annotated[str, Query(max_length=64, description="Its id; empty: the whole device"), Line]
Search = Annotated[str | None, Query(max_length=100, description="Part of a name or id"), Line]


@router.get("")
async def list_gb_devices(
    actor: BaseReader,
    platform: ThePlatform,
    limit: Limit = PAGE_DEFAULT,
    cursor: Cursor = None,
    q: Search = None,
    state: GbState | None = None,
    division: Annotated[str | None, Query(pattern=r"^\d{6}$")] = None,
    organisation: UUID | None = None,
    online: bool | None = None,
) -> GbDevicesOut:
    """Devices of the person's areas, by name; those that wait by their code."""
    only = DeviceFilter(actor.areas, state, q, division, organisation, online)
    page = await platform.gb.devices.page(limit, id_key(cursor), only)
    counts = await platform.gb.channels.counts([row.id for row in page.items], actor.areas)
    items = [GbDeviceLine.model_validate(told(row, counts)) for row in page.items]
    return GbDevicesOut(items=items, next=cursor_of(page.next_key))


@router.get("/signal")
async def get_gb_signal(actor: BaseReader, platform: ThePlatform) -> GbSignalOut:
    """What to set in a device so that it finds us, and whether anybody listens there."""
    state, settings = await platform.gb.state(), platform.gb.listens
    counts = GbCountsOut.model_validate(await platform.gb.devices.counts(actor.areas))
    rate = (state or {}).get("messages_per_s")
    return GbSignalOut(
        is_on=platform.gb.is_on,
        answers=state is not None,
        sip_id=settings.id,
        sip_domain=settings.domain,
        sip_host=settings.host,
        sip_port=settings.port,
        sip_tls_port=settings.tls_port,
        counts=counts,
        messages_per_s=rate if isinstance(rate, int | float) else None,
    )


@router.post("", status_code=201)
async def add_gb_device(wish: GbDeviceIn, actor: BaseChanger, platform: ThePlatform) -> GbDeviceAdded:
    """Accept a device by its code, before it was ever heard or while it waits."""
    accepted = await platform.gb.devices.add(wish.code, wish_of(wish), actor)
    await platform.gb.refresh()
    return await added_out(platform, actor, accepted)


@router.get("/{device}")
async def get_gb_device(device: UUID, actor: BaseReader, platform: ThePlatform) -> GbDeviceOut:
    """One device."""
    return await device_out(platform, actor, await platform.gb.devices.get(device, actor.areas))


@router.get("/{device}/recorded")
async def get_gb_recorded(device: UUID, actor: BaseReader, platform: ThePlatform) -> GbRecordedOut:
    """Cameras whose recording ends when the device is refused or removed, or gets another password."""
    recorded = await platform.gb.devices.recorded(device, actor.areas)
    items = [GbRecordedCamera(id=one.camera, name=one.name) for one in recorded[:RECORDED_MOST]]
    return GbRecordedOut(items=items, count=len(recorded))


@router.get("/{device}/history")
async def get_gb_device_history(device: UUID, actor: BaseReader, platform: ThePlatform) -> HistoryOut:
    """Every decision about it, newest first."""
    return history_out(await platform.gb.devices.history(device, actor.areas))


@router.post("/{device}/acceptance")
async def accept_gb_device(
    device: UUID, wish: GbDeviceWish, actor: BaseChanger, platform: ThePlatform
) -> GbDeviceAdded:
    """From now on it may register; a password that we make up is told this once."""
    accepted = await platform.gb.devices.accept(device, wish_of(wish), actor)
    await platform.gb.refresh()
    return await added_out(platform, actor, accepted)


@router.post("/{device}/refusal")
async def refuse_gb_device(
    device: UUID, wish: GbRefusalIn, actor: BaseChanger, platform: ThePlatform
) -> GbDeviceOut:
    """It may not register; if it is registered, that ends, and nothing of it is stored any more."""
    row = await platform.gb.devices.refuse(device, wish.reason, actor, admission(platform, actor))
    await platform.gb.refresh()
    return await device_out(platform, actor, row)


@router.patch("/{device}")
async def change_gb_device(
    device: UUID, wish: GbDevicePatch, actor: BaseChanger, platform: ThePlatform
) -> GbDeviceAdded:
    """Change what is given; 409 if somebody else has changed it since it was read. Another password ends its
    registration and calls at once: nothing of it is recorded until it registers with that.
    """
    admit = admission(platform, actor)
    changed = await platform.gb.devices.change(
        device, wish.version, fields_of(wish), wish.reason, actor, admit
    )
    await platform.gb.refresh()
    return await added_out(platform, actor, changed)


@router.delete("/{device}", status_code=204)
async def remove_gb_device(device: UUID, actor: BaseChanger, platform: ThePlatform, reason: Why = "") -> None:
    """Forget a device and its channels. Cameras and what they recorded stay; if it knocks, it waits again."""
    await platform.gb.devices.remove(device, reason, actor, admission(platform, actor))
    await platform.gb.refresh()


@router.post("/{device}/catalogue", status_code=202)
async def ask_gb_catalogue(device: UUID, actor: BaseChanger, platform: ThePlatform) -> None:
    """Ask the device for its channels now; they come in page by page."""
    row = await platform.gb.devices.get(device, actor.areas)
    await platform.gb.client.query(row.code, "Catalog")


# --- what a device is told and asked


@router.post("/{device}/orders")
async def order_gb_device(
    device: UUID, wish: GbOrderIn, actor: BaseChanger, platform: ThePlatform
) -> GbOrderOut:
    """Restart, guard, alarm reset, key picture, its own recording: written down, then told to the device."""
    confirmed = await platform.gb.upkeep.order(device, wish.order, wish.channel, actor)
    return GbOrderOut(confirmed=confirmed)


@router.post("/{device}/upgrade", status_code=202)
async def upgrade_gb_device(
    device: UUID, wish: GbUpgradeIn, actor: BaseChanger, platform: ThePlatform
) -> GbUpgradeOut:
    """New firmware, which the device fetches; it restarts, and what came of it is in the journal."""
    firmware = Firmware(wish.firmware, wish.url, wish.manufacturer)
    return GbUpgradeOut(session=await platform.gb.upkeep.upgrade(device, firmware, actor))


@router.get("/{device}/status")
async def ask_gb_status(
    device: UUID, actor: BaseChanger, platform: ThePlatform, channel: Channel = ""
) -> GbStatusOut:
    """Ask the device, or one of its channels, how it is."""
    return answer_of(GbStatusOut, await platform.gb.upkeep.status(device, channel, actor.areas))


@router.get("/{device}/cards")
async def ask_gb_cards(device: UUID, actor: BaseChanger, platform: ThePlatform) -> GbCardsOut:
    """Ask the device for its storage cards (2022)."""
    return answer_of(GbCardsOut, await platform.gb.upkeep.cards(device, actor.areas))


@router.get("/{device}/configuration")
async def ask_gb_configuration(
    device: UUID, actor: BaseChanger, platform: ThePlatform, channel: Channel = ""
) -> GbConfigurationOut:
    """Ask the device, or one of its channels, what it is set to."""
    told = await platform.gb.upkeep.configuration(device, channel, actor.areas)
    return GbConfigurationOut(items=list(settings_in(told)))


# --- channels


@router.get("/{device}/channels")
async def list_gb_channels(
    device: UUID,
    actor: BaseReader,
    platform: ThePlatform,
    limit: Limit = PAGE_DEFAULT,
    cursor: Cursor = None,
    q: Search = None,
    civil_code: Annotated[
        str | None, Query(pattern=r"^[^|%]{0,20}$", description="Exactly this"), Line
    ] = None,
    parent: Annotated[
        str | None, Query(pattern=r"^[^|%]{0,64}$", description="Empty: at the top"), Line
    ] = None,
    matched: bool | None = None,
    present: Annotated[bool | None, Query(description="In the last complete catalogue")] = True,
    status: Literal["on", "off", "vlost", "defect"] | None = None,
) -> GbChannelsOut:
    """Channels of a device by name, each with its camera."""
    only = ChannelFilter(q, civil_code, parent, matched, present, status)
    page = await platform.gb.channels.page(device, actor.areas, limit, key_of(cursor, 2), only)
    return GbChannelsOut(items=await channels_out(platform, actor, page.items), next=cursor_of(page.next_key))


@router.get("/{device}/tree")
async def get_gb_tree(
    device: UUID, actor: BaseReader, platform: ThePlatform, by: Tree = "civil_code"
) -> GbTreeOut:
    """What the channels are sorted under: civil codes, or business groups and virtual organisations."""
    nodes = await platform.gb.channels.tree(device, actor.areas, by)
    return GbTreeOut(items=[GbNodeOut.model_validate(node) for node in nodes])


@router.get("/{device}/channels/{channel}/check")
async def check_gb_channel(
    device: UUID, channel: str, actor: BaseReader, platform: ThePlatform
) -> GbCheckOut:
    """The channel's id as a device code, and the camera files that it may be."""
    found = await platform.gb.matching.check(device, channel, actor.areas)
    suggestions = [
        GbSuggestionOut(file=one.file.id, name=one.file.name, device_id=one.file.device_id, by=one.by)
        for one in found.suggestions
    ]
    faults = [words.zh if actor.language == "zh" else words.en for words in found.faults]
    return GbCheckOut(is_code=found.is_code, faults=faults, suggestions=suggestions)


@router.put("/{device}/channels/{channel}/match")
async def match_gb_channel(
    device: UUID, channel: str, wish: GbMatchIn, actor: BaseChanger, platform: ThePlatform
) -> GbChannelOut:
    """This channel is that camera: it becomes its source as soon as both are registered (R9.6)."""
    pair = await platform.gb.matching.match(device, channel, wish.file, actor, may_differ=wish.may_differ)
    await platform.gb.refresh()
    (matched,) = await channels_out(platform, actor, [pair.channel])
    return matched


@router.delete("/{device}/channels/{channel}/match", status_code=204)
async def unmatch_gb_channel(
    device: UUID, channel: str, actor: BaseChanger, platform: ThePlatform, reason: Why = ""
) -> None:
    """The channel is not this camera; nothing more of it is stored. What was recorded stays."""
    await platform.gb.matching.unmatch(device, channel, reason, actor)
    await platform.gb.refresh()


@router.post("/{device}/matches")
async def match_equal_gb_channels(device: UUID, actor: BaseChanger, platform: ThePlatform) -> GbMatchedOut:
    """Match all channels whose code a camera file has, up to 500 at a time."""
    matched = await platform.gb.matching.match_equal(device, actor)
    await platform.gb.refresh()
    return GbMatchedOut(matched=matched)


# --- the signalling log


@router.get("/{device}/log")
async def get_gb_log(
    device: UUID,
    actor: BaseChanger,
    platform: ThePlatform,
    after: Annotated[int, Query(ge=0, le=2**53)] = 0,
) -> GbLogOut:
    """The last messages with the device, oldest first; passwords and digest answers are blanked."""
    row = await platform.gb.devices.get(device, actor.areas)
    return GbLogOut(messages=messages_in(await platform.gb.client.log(row.code, after)))


@router.get("/{device}/log.txt", response_class=Response)
async def download_gb_log(device: UUID, actor: BaseChanger, platform: ThePlatform) -> Response:
    """The same as a text file; written down first."""
    row = await platform.gb.devices.get(device, actor.areas)
    messages = messages_in(await platform.gb.client.log(row.code))
    await note_export(platform, actor, row, "txt", len(messages))
    return file_of("".join(map(text_of, messages)).encode(), "text/plain; charset=utf-8", f"{row.code}.txt")


@router.get("/{device}/log.pcap", response_class=Response)
async def download_gb_capture(device: UUID, actor: BaseChanger, platform: ThePlatform) -> Response:
    """The same for Wireshark; written down first."""
    row = await platform.gb.devices.get(device, actor.areas)
    capture = await platform.gb.client.pcap(row.code)
    await note_export(platform, actor, row, "pcap", 1)
    return file_of(capture, "application/vnd.tcpdump.pcap", f"{row.code}.pcap")


def admission(platform: Platform, actor: Actor) -> Admit:
    """What all the cameras of a device are asked about before something is done to it."""
    return partial(admit_all, platform, actor, Verb.BASE_CHANGE)


async def note_export(platform: Platform, actor: Actor, row: GbDeviceRow, form: str, rows: int) -> None:
    digest = hashlib.sha256(row.code.encode()).hexdigest()
    entry = InventoryExported(str(actor.id), LOG_KIND, form, rows, digest, actor.address)
    await platform.journal.append(entry)


def answer_of(kind: type[Answer], told: dict[str, Any]) -> Answer:
    """Raises SignalAway: the process says something else."""
    try:
        return kind.model_validate(told)
    except ValidationError as error:
        raise SignalAway from error


def settings_in(told: Mapping[str, Any]) -> Iterator[GbSettingOut]:
    """Every value of every block that a device told; what it left out is not there."""
    for block, value in told.items():
        if block != "device_id":
            for name, text in leaves(value):
                yield GbSettingOut(block=block, name=name, value=text)


def leaves(value: Any, way: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Values below one, each with its way there: ``schedules.1.week_day``."""
    if isinstance(value, Mapping):
        for name, below in value.items():
            yield from leaves(below, (*way, str(name)))
    elif isinstance(value, list):
        for number, below in enumerate(value, 1):
            yield from leaves(below, (*way, str(number)))
    elif value not in (None, ""):
        yield ".".join(way), str(value)


def file_of(content: bytes, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)


def messages_in(told: dict[str, Any]) -> list[GbMessageOut]:
    """Raises SignalAway: the process says something else than messages."""
    try:
        return [GbMessageOut.model_validate(one) for one in told.get("messages") or ()]
    except ValidationError as error:
        raise SignalAway from error


def text_of(message: GbMessageOut) -> str:
    arrow = "<-" if message.direction == "in" else "->"
    head = f"{message.at.isoformat()} {message.transport} {message.local} {arrow} {message.peer}"
    return f"# {head} x{message.count}\n{message.text}\n\n"


# --- how things look over the wire


def id_key(cursor: str | None) -> list[str] | None:
    """A cursor that ends with an id. Raises BadCursor."""
    key = key_of(cursor, 2)
    try:
        return key and [key[0], str(UUID(key[1]))]
    except ValueError as error:
        raise BadCursor from error


def wish_of(wish: GbDeviceWish) -> DeviceWish:
    given = {name: getattr(wish, name) for name in SETTINGS}
    password = wish.password.get_secret_value() if wish.password else None
    return DeviceWish(wish.name, wish.division, wish.organisation, password, DeviceSettings(**given))


def fields_of(wish: GbDevicePatch) -> dict[str, Any]:
    """What was given; nothing where something must be means: leave it."""
    given = wish.model_dump(exclude_unset=True, exclude={"version", "password", "reason"})
    found = {name: value for name, value in given.items() if value is not None or name == "organisation"}
    return found | ({"password": wish.password.get_secret_value()} if wish.password else {})


def told(row: GbDeviceRow, counts: dict[UUID, tuple[int, int]]) -> dict[str, Any]:
    names = GbDeviceAdded.model_fields.keys() - {"channels", "matched", "generated_password"}
    channels, matched = counts.get(row.id, (0, 0))
    return {name: getattr(row, name) for name in names} | {"channels": channels, "matched": matched}


async def device_out(platform: Platform, actor: Actor, row: GbDeviceRow) -> GbDeviceOut:
    return GbDeviceOut.model_validate(told(row, await platform.gb.channels.counts([row.id], actor.areas)))


async def added_out(platform: Platform, actor: Actor, accepted: Accepted) -> GbDeviceAdded:
    found = told(accepted.row, await platform.gb.channels.counts([accepted.row.id], actor.areas))
    return GbDeviceAdded.model_validate(found | {"generated_password": accepted.password})


async def channels_out(platform: Platform, actor: Actor, rows: Sequence[GbChannelRow]) -> list[GbChannelOut]:
    """Channels of one device, with their cameras and where they were last."""
    pairs = await platform.gb.matching.pairs_of(rows, actor.areas)
    places = await platform.gb.positions.of_channels(rows)
    return [channel_out(platform, actor, row, pairs.get(row.id), places.get(row.id)) for row in rows]


def channel_out(
    platform: Platform, actor: Actor, row: GbChannelRow, pair: Pair | None, place: LastPlace | None
) -> GbChannelOut:
    names = GbChannelOut.model_fields.keys() - {"is_code", "camera", "parents", "position"}
    found: dict[str, Any] = {name: getattr(row, name) for name in names}
    camera = camera_out(platform, actor, pair) if pair is not None else None
    if camera is None:  # whoever may not know of the camera is not told that there is one
        found |= {"matched_by_name": "", "matched_at": None}
    found |= {"parents": list(row.parents), "is_code": is_valid(row.channel), "camera": camera}
    return GbChannelOut.model_validate(found | {"position": place and position_out(place)})


def position_out(place: LastPlace) -> GbPositionOut:
    names = GbPositionOut.model_fields.keys() - {"age_s", "is_devices"}
    found: dict[str, Any] = {name: getattr(place.row, name) for name in names}
    return GbPositionOut.model_validate(found | {"age_s": place.age_s, "is_devices": place.is_devices})


def camera_out(platform: Platform, actor: Actor, pair: Pair) -> GbCameraOut:
    answer = platform.gb.matching.may_store(pair)
    storable = GbStorable(may_store=isinstance(answer, Grant))
    if not isinstance(answer, Grant):
        chinese = actor.language == "zh"
        storable.code = answer.code
        storable.reason = answer.reason.zh if chinese else answer.reason.en
        storable.remedy = answer.remedy.zh if chinese else answer.remedy.en
    return GbCameraOut(
        id=pair.file.id,
        name=pair.file.name,
        device_id=pair.file.device_id,
        has_source=pair.source == pair.address,
        storable=storable,
    )
