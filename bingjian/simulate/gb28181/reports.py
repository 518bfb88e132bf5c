"""What a device tells by itself: alarms, positions, changes of the catalogue."""

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bingjian.protocols.errors import PeerError
from bingjian.protocols.gb28181 import Edition, manscdp
from bingjian.protocols.gb28181.manscdp import catalog, notifies, queries, responses
from bingjian.protocols.gb28181.manscdp.message import Message
from bingjian.protocols.sip.client_transactions import TooManyRequests
from bingjian.protocols.sip.dialog import DialogKey
from bingjian.protocols.sip.subscription_events import Lapsed, SubscriptionAsked, SubscriptionEvent
from bingjian.simulate.gb28181.answers import item_of
from bingjian.simulate.gb28181.channel import Channel
from bingjian.simulate.gb28181.drive import spot

if TYPE_CHECKING:
    from bingjian.simulate.gb28181.device import Device

DEVICE_ALARM = "2"  # the method after which a device waits for ResetAlarm
INTERVAL_S = 5  # between positions, if the subscriber names none


@dataclass(slots=True)
class _Watch:
    query: Message
    timer: asyncio.TimerHandle | None = None


class Reports:
    def __init__(self, device: "Device") -> None:
        self._device = device
        self._watches: dict[DialogKey, _Watch] = {}
        self._waits_for_reset = False

    # Subscriptions

    def subscribed(self, event: SubscriptionEvent, now: float) -> None:
        if isinstance(event, Lapsed):
            self._drop(event.subscription)
        elif isinstance(event, SubscriptionAsked):
            self._asked(event, now)

    def stop(self) -> None:
        for key in list(self._watches):
            self._drop(key)

    def watched(self, kind: type[Message]) -> list[DialogKey]:
        return [key for key, watch in self._watches.items() if isinstance(watch.query, kind)]

    def _asked(self, event: SubscriptionAsked, now: float) -> None:
        notifier = self._device.element.notifier
        query = _query(event.request.body)
        if query is None:
            notifier.refuse(event.subscription, 489, now)
            return
        local = self._device.element.local(event.request.to.user, self._device.platform.realm)
        notifier.grant(event.subscription, local, event.expires_s, self._granted(query), now)
        self._drop(event.subscription)
        self._watches[event.subscription] = _Watch(query)
        asyncio.get_running_loop().call_soon(self._begin, event.subscription, query, event.renews)

    def _granted(self, query: Message) -> bytes:
        """What stands in the 200: some devices say there that they will tell of positions."""
        if not isinstance(query, queries.MobilePositionQuery):
            return b""
        told = responses.MobilePositionResult(sn=query.sn, device_id=query.device_id, result="OK")
        return self._device.body(told)

    def _begin(self, key: DialogKey, query: Message, renews: bool) -> None:
        """What a subscriber has to know at once: who is off; where it is."""
        if isinstance(query, catalog.CatalogQuery) and not renews:
            off = [channel for channel in self._device.channels.values() if not channel.online]
            for channel in off:
                self.catalog_change(channel, "OFF", key)
        if isinstance(query, queries.MobilePositionQuery):
            self._position_due(key, query.interval or INTERVAL_S)

    def _position_due(self, key: DialogKey, interval_s: float) -> None:
        watch = self._watches.get(key)
        if watch is None:
            return
        self._notify(key, self.position())
        watch.timer = asyncio.get_running_loop().call_later(interval_s, self._position_due, key, interval_s)

    def _drop(self, key: DialogKey) -> None:
        watch = self._watches.pop(key, None)
        if watch and watch.timer:
            watch.timer.cancel()

    def _notify(self, key: DialogKey, message: Message) -> None:
        element, now = self._device.element, asyncio.get_running_loop().time()
        try:
            element.notifier.notify(key, manscdp.CONTENT_TYPE, self._device.body(message), now)
        except TooManyRequests:
            return  # the next one says it again
        element.flush()

    # What is told

    def alarm(
        self,
        channel: Channel,
        *,
        method: str = "5",
        type: str = "2",
        priority: str = "4",
        event_type: str = "",
        description: str = "",
    ) -> bool:
        """By MESSAGE and to who subscribed. False: the device waits for ResetAlarm first."""
        if method == DEVICE_ALARM and self._waits_for_reset:
            return False
        self._waits_for_reset = self._waits_for_reset or method == DEVICE_ALARM
        longitude, latitude = self._device.place
        told = notifies.Alarm(
            sn=self._device.next_sn(),
            device_id=channel.spec.id,
            priority=priority,
            method=method,
            time=self._device.told(self._device.clock()),
            description=description,
            longitude=longitude,
            latitude=latitude,
            info=notifies.AlarmInfo(type=type, event_type=event_type),
        )
        self._device.tell(told)
        for key in self.watched(queries.AlarmQuery):
            self._notify(key, replace(told, sn=self._device.next_sn()))
        return True

    def reset(self) -> None:
        """ResetAlarm has come."""
        self._waits_for_reset = False

    def catalog_change(self, channel: Channel, event: str, key: DialogKey | None = None) -> None:
        """ON, OFF, VLOST, DEFECT, DEL with the id alone; ADD and UPDATE with all of the item."""
        if event in ("ADD", "UPDATE"):
            item = replace(item_of(self._device, channel), event=event)
        else:
            item = catalog.Item(device_id=channel.spec.id, event=event)
        told = catalog.CatalogChange(
            sn=self._device.next_sn(), device_id=self._device.spec.id, total=1, items=(item,)
        )
        for each in [key] if key else self.watched(catalog.CatalogQuery):
            self._notify(each, told)

    def position(self) -> notifies.MobilePosition:
        """In its own name: where the device is, its channels are. As its edition has it."""
        now = self._device.clock()
        here = spot(self._device.place, now.timestamp())
        told, own = self._device.told(now), self._device.spec.id
        where = {
            "longitude": here.longitude,
            "latitude": here.latitude,
            "speed": here.speed_kmh,
            "direction": here.direction,
        }
        item = notifies.Position(device_id=own, time=told, **where)
        new = self._device.spec.edition >= Edition.V2022
        return notifies.MobilePosition(
            sn=self._device.next_sn(),
            device_id=own,
            time=told,
            **({"total": 1, "devices": (item,)} if new else where),
        )

    def turned(self, channel: Channel) -> None:
        """To who subscribed to where cameras look (2022)."""
        look = channel.mount.look
        told = notifies.PtzPositionChange(
            sn=self._device.next_sn(),
            device_id=channel.spec.id,
            pan=look.pan % 360,
            tilt=look.tilt,
            zoom=look.zoom,
        )
        for key in self.watched(queries.PtzPositionQuery):
            self._notify(key, told)

    def ask_to_be_watched(self, channel: Channel) -> None:
        """A moving device wants its live picture to be fetched (2022)."""
        longitude, latitude = self._device.place
        told = notifies.VideoUpload(
            sn=self._device.next_sn(),
            device_id=channel.spec.id,
            time=self._device.told(self._device.clock()),
            longitude=longitude,
            latitude=latitude,
        )
        self._device.tell(told)

    def send_position(self) -> None:
        """To who subscribed; without a subscriber by MESSAGE, as some devices do."""
        keys = self.watched(queries.MobilePositionQuery)
        for key in keys:
            self._notify(key, self.position())
        if not keys:
            self._device.tell(self.position())


def _query(body: bytes) -> Message | None:
    """What can be subscribed to."""
    try:
        query = manscdp.parse(body)
    except PeerError:
        return None
    kinds = (
        catalog.CatalogQuery,
        queries.AlarmQuery,
        queries.MobilePositionQuery,
        queries.PtzPositionQuery,
    )
    return query if isinstance(query, kinds) else None
