"""What devices tell of their own accord: registrations, alarms, positions and the rest, into the book.

Alarms come by MESSAGE and by NOTIFY, often both: one of them counts. One that came by MESSAGE is answered;
after a device's own alarm (method 2) it reports the next only when it is reset (GB/T 28181-2022 §9.4): it is,
also for one that is known, for our reset before may have been lost.
Positions come by either way too. Those of a device that nobody wants positions of are not told on.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from bingjian.protocols.gb28181.manscdp.configuration import SnapShotsUploaded
from bingjian.protocols.gb28181.manscdp.controls import DeviceControl
from bingjian.protocols.gb28181.manscdp.message import Message
from bingjian.protocols.gb28181.manscdp.notifies import (
    Alarm,
    AlarmTaken,
    MobilePosition,
    Position,
    UpgradeResult,
)
from bingjian.protocols.gb28181.manscdp.responses import DeviceInfo, DeviceStatus
from bingjian.protocols.sip.message import Request
from bingjian.protocols.sip.registrar_events import Gone, Kept, Refused, Registered, Why
from bingjian.protocols.sip.reply import Peer
from bingjian.signalling.endpoint import Endpoint
from bingjian.signalling.events import Book, written_or_none
from bingjian.signalling.listener import Listener
from bingjian.signalling.messages import Messages
from bingjian.signalling.problems import Problem
from bingjian.signalling.queries import Queries

UNKNOWN_AGAIN_S = 3600.0  # between two tellings of one unknown id
UNKNOWN_LIMIT = 10_000  # ids remembered for that; then the oldest is forgotten
UNKNOWN_PER_MINUTE = 600  # told; a flood of made-up ids fills no book
SAME_ALARM_S = 3600.0  # how long an alarm is known, to be told once
SAME_UNTIMED_S = 10.0  # that long one without a time; the next of its kind is another
RESET_AGAIN_S = 1.0  # between two resets for one kind of alarm: a device that only repeats makes no storm
ALARMS_LIMIT = 50_000  # known at a time
ALARMS_PER_MINUTE = 120  # of one device that are told; more is a fault of it
POSITIONS_PER_MINUTE = 600  # messages of one device with positions: 50 channels, each every 5 s
POSITIONS_LIMIT = 1_000  # places of one message; a device has fewer channels, what is more is not told
TEXT_LIMIT = 256  # characters of what a stranger says of itself

_WHY = {
    Why.EXPIRED: "expired",
    Why.SILENT: "silent",
    Why.CONNECTION: "connection",
    Why.PASSWORD: "password",
    Why.TOO_MANY: "too_many",
    Why.MALFORMED: "malformed",
    Why.UNKNOWN: "unknown",
}

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Minute:
    began: float
    count: int = 0

    def is_full(self, limit: int, now: float) -> bool:
        """Counts one more."""
        if now - self.began >= 60.0:
            self.began, self.count = now, 0
        self.count += 1
        return self.count > limit


class _Recent:
    """What came in the last ``life_s`` seconds, or of that the newest."""

    def __init__(self, life_s: float) -> None:
        self._life_s = life_s
        self._came: dict[int, float] = {}  # hashes of it, whatever is in it: 50 000 take 6 MB; oldest first

    def is_new(self, it: object, now: float) -> bool:
        """It counts as come, if it is."""
        key = hash(it)
        if now - self._came.get(key, -self._life_s) < self._life_s:
            return False
        self._came.pop(key, None)
        while self._came:
            oldest, at = next(iter(self._came.items()))
            if len(self._came) < ALARMS_LIMIT and now - at < self._life_s:
                break
            del self._came[oldest]
        self._came[key] = now
        return True


class Notices(Listener):
    """Writes the book. Belongs to the event loop."""

    def __init__(self, endpoint: Endpoint, messages: Messages, queries: Queries, book: Book) -> None:
        self._endpoint, self._queries, self._book = endpoint, queries, book
        self._unknown: dict[str, float] = {}  # when told; oldest first
        self._unknown_minute = _Minute(0.0)
        self._alarms, self._untimed_alarms = _Recent(SAME_ALARM_S), _Recent(SAME_UNTIMED_S)
        self._resets = _Recent(RESET_AGAIN_S)
        self._minutes: dict[str, _Minute] = {}  # of devices that raise alarms
        self._position_minutes: dict[str, _Minute] = {}  # of devices that say where they are
        self.alarms_refused = 0  # more than are told of one device
        self.positions_refused = 0  # no place of the world, or too many
        self.positions_unasked = 0  # messages of devices whose positions nobody wants
        messages.add(Alarm, self._alarm)
        messages.add(MobilePosition, self._position)
        messages.add(DeviceInfo, self._info)
        messages.add(DeviceStatus, self._status)
        messages.add(UpgradeResult, self._upgrade)
        messages.add(SnapShotsUploaded, self._snapshots)

    # --- registrations -----------------------------------------------------------------------------------

    def on_unknown(self, device: str, request: Request, peer: Peer) -> None:
        now = self._endpoint.now()
        told = self._unknown.get(device)
        if told is not None and now - told < UNKNOWN_AGAIN_S:
            return
        if not (device.isascii() and device.isalnum()):
            return  # nothing that an inventory could hold
        if self._unknown_minute.is_full(UNKNOWN_PER_MINUTE, now):
            return
        self._unknown.pop(device, None)
        if len(self._unknown) >= UNKNOWN_LIMIT:
            del self._unknown[next(iter(self._unknown))]
        self._unknown[device] = now
        agent = request.headers.get("User-Agent")[:TEXT_LIMIT]
        self._book.write("unknown", device, address=address(peer), user_agent=agent)

    def on_registered(self, outcome: Registered, request: Request) -> None:
        device, binding = outcome.device, outcome.binding
        self._unknown.pop(device, None)
        self._book.write(
            "registered",
            device,
            address=address(binding.peer),
            transport=binding.peer.transport.lower(),
            version=binding.version,
            fresh=outcome.fresh,
            realm_differs=outcome.realm != self._endpoint.identity.domain,
            user_agent=self._endpoint.devices.facts(device).user_agent,
            expires_s=round(binding.expires_at - self._endpoint.now()),
        )
        if outcome.moved and not outcome.fresh:
            self._book.write("moved", device, address=address(binding.peer))
        if outcome.flapping:
            self._book.write("flapping", device, address=address(binding.peer))

    def on_removed(self, device: str) -> None:
        self._book.write("removed", device)

    def on_dismissed(self, device: str) -> None:
        self._minutes.pop(device, None)
        self._position_minutes.pop(device, None)

    def on_refused(self, outcome: Refused, request: Request, peer: Peer) -> None:
        """Once for a while: the registrar says what has been said."""
        if outcome.first and outcome.why is not Why.UNKNOWN:
            self._book.write("refused", outcome.device, why=_WHY[outcome.why], address=address(peer))

    def on_replayed(self, device: str, peer: Peer) -> None:
        log.warning("digest_replayed", device=device, peer=peer.host)
        self._book.write("replayed", device, address=address(peer))

    def on_kept(self, device: str, kept: Kept, peer: Peer) -> None:
        if kept.returned:
            self._book.write("returned", device)
        if kept.moved:
            self._book.write("moved", device, address=address(peer))
        if kept.flapping:
            self._book.write("flapping", device, address=address(peer))

    def on_gone(self, device: str, gone: Gone) -> None:
        self._book.write("gone", device, why=_WHY[gone.why])

    # --- alarms ------------------------------------------------------------------------------------------

    def _alarm(self, device: str, alarm: Alarm, request: Request, notify: bool) -> None:
        now = self._endpoint.now()
        if not notify:
            self._tell(device, AlarmTaken(sn=alarm.sn, device_id=alarm.device_id or device, result="OK"))
        if alarm.wants_reset:
            reset = self._reset(device, alarm)
            if self._resets.is_new((device, reset.device_id, reset.alarm_type), now):
                self._tell(device, reset)
        known = self._alarms if alarm.time is not None else self._untimed_alarms
        if known.is_new((device, alarm.key), now) and not self._is_flood(device, now):
            self._book.write("alarm", device, **_described(alarm))

    def _is_flood(self, device: str, now: float) -> bool:
        minute = self._minutes.setdefault(device, _Minute(now))
        if not minute.is_full(ALARMS_PER_MINUTE, now):
            return False
        self.alarms_refused += 1
        if minute.count == ALARMS_PER_MINUTE + 1:
            log.warning("device_floods_alarms", device=device)
        return True

    def _reset(self, device: str, alarm: Alarm) -> DeviceControl:
        return DeviceControl(
            sn=self._queries.next_sn(),
            device_id=alarm.device_id or device,
            alarm="ResetAlarm",
            alarm_method=alarm.method,
            alarm_type=alarm.info.type if alarm.info is not None else "",
        )

    def _tell(self, device: str, message: Message) -> None:
        """What the device makes of it changes nothing."""
        try:
            self._queries.tell(device, message, _ignored)
        except Problem as problem:
            log.debug("device_not_told", device=device, reason=str(problem))

    # --- positions ---------------------------------------------------------------------------------------

    def _position(self, device: str, message: MobilePosition, request: Request, notify: bool) -> None:
        """One event, however many places; a message without one counts as one that is refused."""
        known, now = self._endpoint.devices.get(device), self._endpoint.now()
        if known is None or not known.positions_s:
            self.positions_unasked += 1
            return
        told = message.positions[:POSITIONS_LIMIT]
        items = [_placed(one, message, device) for one in told if _is_in_the_world(one)]
        self.positions_refused += max(len(message.positions), 1) - len(items)
        minute = self._position_minutes.setdefault(device, _Minute(now))
        if items and not minute.is_full(POSITIONS_PER_MINUTE, now):
            self._book.write("positions", device, items=items)
        else:
            self.positions_refused += len(items)

    # --- the rest ----------------------------------------------------------------------------------------

    def _info(self, device: str, message: DeviceInfo, request: Request, notify: bool) -> None:
        self._book.write(
            "info",
            device,
            manufacturer=message.manufacturer,
            model=message.model,
            firmware=message.firmware,
            channels=message.channels,
        )

    def _status(self, device: str, message: DeviceStatus, request: Request, notify: bool) -> None:
        self._book.write(
            "status",
            device,
            online=message.online.upper() != "OFFLINE",
            record=message.record.upper() == "ON" if message.record else None,
            time_offset_s=offset_s(message.time, self._endpoint.wall()),
        )

    def _upgrade(self, device: str, message: UpgradeResult, request: Request, notify: bool) -> None:
        self._book.write(
            "upgrade",
            device,
            session=message.session_id,
            result=message.upgrade_result,
            firmware=message.firmware,
            reason=message.failed_reason,
        )

    def _snapshots(self, device: str, message: SnapShotsUploaded, request: Request, notify: bool) -> None:
        self._book.write("snapshots", device, session=message.session_id, files=message.files)


def address(peer: Peer) -> str:
    return f"[{peer.host}]:{peer.port}" if ":" in peer.host else f"{peer.host}:{peer.port}"


def offset_s(told: datetime | None, now: datetime) -> float | None:
    """How far a device's clock is ahead of ours."""
    return None if told is None else round((told - now).total_seconds(), 1)


def _described(alarm: Alarm) -> dict[str, Any]:
    return {
        "channel": alarm.device_id,
        "priority": alarm.priority,
        "method": alarm.method,
        "type": alarm.info.type if alarm.info is not None else "",
        "event_type": alarm.info.event_type if alarm.info is not None else "",
        "time": written_or_none(alarm.time),
        "description": alarm.description,
        "longitude": alarm.longitude,
        "latitude": alarm.latitude,
    }


def _is_in_the_world(position: Position) -> bool:
    """A receiver without a fix says 0, 0: a place in the Gulf of Guinea."""
    longitude, latitude = position.longitude, position.latitude
    if longitude is None or latitude is None:
        return False
    return abs(longitude) <= 180 and abs(latitude) <= 90 and (longitude, latitude) != (0.0, 0.0)


def _placed(position: Position, message: MobilePosition, device: str) -> dict[str, Any]:
    return {
        "channel": position.device_id or message.device_id or device,
        "time": written_or_none(position.time or message.time),
        "longitude": position.longitude,
        "latitude": position.latitude,
        "speed_kmh": position.speed,
        "direction": position.direction,
        "altitude_m": position.altitude,
    }


def _ignored(status: int) -> None:
    pass
