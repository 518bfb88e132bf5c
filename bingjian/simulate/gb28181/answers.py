"""Queries and their answers, each a page or more."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bingjian.protocols.gb28181 import Edition
from bingjian.protocols.gb28181.manscdp import catalog, configuration, queries, responses
from bingjian.protocols.gb28181.manscdp.message import Message
from bingjian.simulate.gb28181 import recordings
from bingjian.simulate.gb28181.channel import Channel
from bingjian.simulate.gb28181.oddities import RARE
from bingjian.simulate.gb28181.quirks import Quirk

if TYPE_CHECKING:
    from bingjian.simulate.gb28181.device import Device

TCP_PAGE = 50  # items of a message where none can be lost
BEIJING = timedelta(hours=8)
CIVIL_CODE_LENGTH = 6


def answers(device: "Device", query: Message) -> list[Message] | None:
    """None: a query that this device does not know, as one of 2016 does not know those of 2022."""
    maker: Callable[..., Iterator[Message]] | None = _MAKERS.get(type(query))
    if device.spec.edition < Edition.V2022:
        maker = _MAKERS_2016.get(type(query))
    return list(maker(device, query)) if maker else None


def item_of(device: "Device", channel: Channel, number: int = 0) -> catalog.Item:
    """A channel as the catalogue has it."""
    spec, quirks = channel.spec, device.quirks
    parent = device.spec.id
    if Quirk.ODD_PARENTS in quirks:
        parent = (spec.id, device.platform.id)[number % 2]
    longitude, latitude = device.place
    return catalog.Item(
        device_id=spec.id,
        name=spec.name + (RARE if Quirk.UTF8_AS_GB in quirks else ""),
        manufacturer=device.manufacturer,
        model="SIM-1",
        owner="Owner",
        civil_code=spec.id[:CIVIL_CODE_LENGTH],
        address=f"{spec.name} 1 号杆",
        parental="0",
        parent_id=parent,
        register_way="1",
        secrecy="0",
        status="ON" if channel.online else "OFF",
        longitude=longitude + number * 1e-4,
        latitude=latitude,
        info=catalog.ItemInfo(ptz_type="1" if channel.turns else "3"),
    )


def _catalog(device: "Device", query: catalog.CatalogQuery) -> Iterator[Message]:
    wanted = device.asked(query.device_id)
    items = [item_of(device, channel, number) for number, channel in enumerate(wanted)]
    if not device.channels:
        items = [catalog.Item(device_id=device.spec.id, name=device.spec.name, status="ON", parental="0")]
    size = TCP_PAGE if device.spec.connects else device.spec.page
    size = max(len(items), 1) if Quirk.BIG_DATAGRAMS in device.quirks else size
    total = len(items) + (Quirk.WRONG_SUM in device.quirks)
    pages: list[Message] = [
        catalog.CatalogPage(
            sn=query.sn, device_id=query.device_id, total=total, items=tuple(items[at : at + size])
        )
        for at in range(0, len(items), size)
    ] or [catalog.CatalogPage(sn=query.sn, device_id=query.device_id, total=0)]
    yield from pages
    if Quirk.WRONG_SUM in device.quirks:
        yield pages[0]
    if Quirk.UNSOLICITED_PAGE in device.quirks and items:
        own = device.next_sn()
        yield catalog.CatalogPage(sn=own, device_id=query.device_id, total=1, items=(items[0],))


def _info(device: "Device", query: Message) -> Iterator[Message]:
    yield responses.DeviceInfo(
        sn=query.sn,
        device_id=query.device_id,
        result="OK",
        name=device.settings.basic.name,
        manufacturer=device.manufacturer,
        model="SIM-1",
        firmware=device.firmware,
        channels=len(device.channels),
    )


def _status(device: "Device", query: Message) -> Iterator[Message]:
    yield responses.DeviceStatus(
        sn=query.sn,
        device_id=query.device_id,
        result="OK",
        online="ONLINE",
        status="OK",
        encode="ON",
        record="ON" if any(channel.recording for channel in device.channels.values()) else "OFF",
        time=device.told(device.clock()),
        alarm_inputs=tuple(
            responses.AlarmInput(device_id=id, duty_status="ONDUTY" if channel.guarded else "OFFDUTY")
            for id, channel in device.channels.items()
            if id in (query.device_id, next(iter(device.channels)))
        ),
    )


def _records(device: "Device", query: queries.RecordInfoQuery) -> Iterator[Message]:
    found = [
        each for channel in device.asked(query.device_id) for each in _recordings(device, channel, query)
    ]
    size = TCP_PAGE if device.spec.connects else device.spec.page
    for at in range(0, max(len(found), 1), size):
        yield responses.RecordPage(
            sn=query.sn,
            device_id=query.device_id,
            name=device.spec.name,
            total=len(found),
            items=tuple(found[at : at + size]),
        )


def _recordings(
    device: "Device", channel: Channel, query: queries.RecordInfoQuery
) -> Iterator[responses.Recording]:
    if query.start_time is None or query.end_time is None or channel.film is None:
        return
    start, end = (device.understood(moment) for moment in (query.start_time, query.end_time))
    start = max(start, int(device.storage.formatted_at))
    for span in recordings.spans(start, end, int(device.clock().timestamp())):
        if query.type in ("", "all", span.kind):
            listed = recordings.listed(
                channel.spec.id, channel.spec.name, span, channel.film.bytes_per_second
            )
            yield _shifted(device, listed)


def _shifted(device: "Device", listed: responses.Recording) -> responses.Recording:
    assert listed.start_time
    assert listed.end_time
    return replace(listed, start_time=device.told(listed.start_time), end_time=device.told(listed.end_time))


def _presets(device: "Device", query: Message) -> Iterator[Message]:
    known = [item for channel in device.asked(query.device_id)[:1] for item in channel.mount.presets.items()]
    yield responses.PresetList(
        sn=query.sn,
        device_id=query.device_id,
        total=len(known),
        presets=tuple(responses.Preset(number=str(number), name=name) for number, (name, _) in sorted(known)),
    )


def _configuration(device: "Device", query: queries.ConfigDownloadQuery) -> Iterator[Message]:
    """One answer for each block, as is allowed; a block that is not there is not answered."""
    for name in query.config_type.split("/"):
        block = device.settings.told(name)
        if name == "BasicParam" and Quirk.ZERO_HEARTBEAT in device.quirks:
            block = {"basic": replace(device.settings.basic, heartbeat_interval=0, heartbeat_count=0)}
        if block:
            yield configuration.Configuration(sn=query.sn, device_id=query.device_id, result="OK", **block)


def _home(device: "Device", query: Message) -> Iterator[Message]:
    for channel in device.asked(query.device_id)[:1]:
        yield responses.HomePositionFound(
            sn=query.sn, device_id=query.device_id, home_position=channel.mount.home
        )


def _cruises(device: "Device", query: Message) -> Iterator[Message]:
    for channel in device.asked(query.device_id)[:1]:
        groups, names = sorted(channel.mount.cruises), channel.mount.cruise_names
        yield responses.CruiseTrackList(
            sn=query.sn,
            device_id=query.device_id,
            total=len(groups),
            tracks=tuple(responses.CruiseTrackName(number=group, name=names[group]) for group in groups),
        )


def _cruise(device: "Device", query: queries.CruiseTrackQuery) -> Iterator[Message]:
    for channel in device.asked(query.device_id)[:1]:
        number = query.number or next(iter(sorted(channel.mount.cruises)), 0)
        pace = channel.mount.cruise_pace
        stay_s, speed = pace.get(("dwell", number), 5), min(pace.get(("speed", number), 8), 15)
        points = [
            responses.CruisePoint(preset=preset, stay_s=stay_s, speed=speed)
            for preset in channel.mount.cruises.get(number, ())
        ]
        yield responses.CruiseTrack(
            sn=query.sn,
            device_id=query.device_id,
            number=number,
            name=channel.mount.cruise_names.get(number, ""),
            total=len(points),
            points=tuple(points),
        )


def _position(device: "Device", query: Message) -> Iterator[Message]:
    for channel in device.asked(query.device_id)[:1]:
        look = channel.mount.look
        yield responses.PtzPosition(
            sn=query.sn, device_id=query.device_id, pan=look.pan % 360, tilt=look.tilt, zoom=look.zoom
        )


def _cards(device: "Device", query: Message) -> Iterator[Message]:
    card = device.storage.card(device.clock().timestamp())
    yield responses.StorageCards(sn=query.sn, device_id=query.device_id, total=1, cards=(card,))


def beijing_as_utc(moment: datetime) -> datetime:
    """So that UTC is written where Beijing's time belongs."""
    return moment.astimezone(UTC) - BEIJING


_MAKERS_2016: dict[type[Message], Callable[..., Iterator[Message]]] = {
    catalog.CatalogQuery: _catalog,
    queries.DeviceInfoQuery: _info,
    queries.DeviceStatusQuery: _status,
    queries.RecordInfoQuery: _records,
    queries.PresetQuery: _presets,
    queries.ConfigDownloadQuery: _configuration,
}
_MAKERS: dict[type[Message], Callable[..., Iterator[Message]]] = {
    **_MAKERS_2016,
    queries.HomePositionQuery: _home,
    queries.CruiseTrackListQuery: _cruises,
    queries.CruiseTrackQuery: _cruise,
    queries.PtzPositionQuery: _position,
    queries.StorageCardQuery: _cards,
}
