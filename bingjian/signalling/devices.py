"""The devices we were told of, and what we have learnt of each since we started."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from bingjian.protocols.gb28181 import Edition
from bingjian.protocols.gb28181.manscdp.queries import POSITION_INTERVALS_S
from bingjian.protocols.gb28181.manscdp.text import Charset
from bingjian.protocols.sip.digest import Account
from bingjian.protocols.sip.registrar_events import Terms

DEVICES_LIMIT = 500_000
FEW = 8  # channels that are looked through one by one
TEXT_LIMIT = 256  # characters of an id, or of a password
MEDIA = frozenset({"auto", "tcp", "tcp-active", "udp"})

_CHARSETS: Mapping[str, Charset | None] = {"auto": None, "gb": Charset.GB, "utf-8": Charset.UTF8}
_EDITIONS: Mapping[str, Edition | None] = {"auto": None, "2016": Edition.V2016, "2022": Edition.V2022}


class AssignmentError(Exception):
    """What we were told cannot be; carries one plain sentence."""


class Habits(NamedTuple):
    """How a device is to be spoken with."""

    terms: Terms
    charset: Charset | None  # None: as the device itself writes
    edition: Edition | None  # None: as it says at its registration
    media: str


class Facts(NamedTuple):
    """What a device has said of itself."""

    user_agent: str = ""
    realm: str = ""  # as it hashes it
    charset: Charset | None = None  # as it writes
    keep_alive_s: float = 0.0  # between its keep-alives, as it is set; 0: it has not said


_NOTHING = Facts()
Shared = TypeVar("Shared", Habits, Facts, Terms)


@dataclass(slots=True)
class Device:
    """As the inventory has it; and what we have learnt of it."""

    id: str
    password: str = field(repr=False)
    habits: Habits
    admitted: Collection[str] = ()  # channels whose pictures may be asked for (R9.6)
    positions_s: int = 0  # between positions that it is asked for; 0: it is asked for none
    facts: Facts = field(default=_NOTHING, compare=False)

    @property
    def account(self) -> Account:
        return Account(self.password, self.id)

    @property
    def terms(self) -> Terms:
        """The inventory's; a device that keeps alive less often than that is not silent in between."""
        terms = self.habits.terms
        if self.facts.keep_alive_s <= terms.keep_alive_s:
            return terms
        rarer: Terms = _same(terms._replace(keep_alive_s=self.facts.keep_alive_s))
        return rarer


@dataclass(frozen=True, slots=True)
class Assignment:
    epoch: int
    devices: dict[str, Device]


@lru_cache(maxsize=4096)
def _same(value: Shared) -> Shared:
    """Most devices of a city are of a few makes: one value for all who are alike."""
    return value


class Devices:
    """Belongs to the event loop."""

    def __init__(self) -> None:
        self._assignment = Assignment(-1, {})

    @property
    def epoch(self) -> int:
        """-1: we have been told nothing."""
        return self._assignment.epoch

    def __len__(self) -> int:
        return len(self._assignment.devices)

    def __iter__(self) -> Iterator[Device]:
        return iter(self._assignment.devices.values())

    def get(self, device: str) -> Device | None:
        return self._assignment.devices.get(device)

    def replace(self, assignment: Assignment) -> tuple[list[str], list[Device]]:
        """Returns ids that are listed no longer, and devices of which something has changed.

        Who is as before stays the value that it was, with the id that others hold: once in memory.
        """
        before = self._assignment.devices
        gone = [id for id in before if id not in assignment.devices]
        devices = [_renewed(before.get(id), device) for id, device in assignment.devices.items()]
        self._assignment = Assignment(assignment.epoch, {device.id: device for device in devices})
        return gone, [device for device in devices if before.get(device.id, device) is not device]

    def may_show(self, device: str, channel: str) -> bool:
        """R9.6: whether its picture may be asked for."""
        known = self.get(device)
        return known is not None and channel in known.admitted

    def facts(self, device: str) -> Facts:
        """Nothing in it if the device has said nothing."""
        known = self.get(device)
        return known.facts if known is not None else _NOTHING

    def learn(self, device: str, user_agent: str, realm: str) -> None:
        """At a registration."""
        self._note(device, user_agent=user_agent[:TEXT_LIMIT], realm=realm[:TEXT_LIMIT])

    def learn_charset(self, device: str, charset: Charset) -> None:
        if self.facts(device).charset is not charset:
            self._note(device, charset=charset)

    def learn_keep_alive(self, device: str, seconds: float) -> bool:
        """0: nothing is known of it any more. Whether that is news."""
        is_news = self.facts(device).keep_alive_s != seconds
        if is_news:
            self._note(device, keep_alive_s=seconds)
        return is_news

    def _note(self, device: str, **told: Any) -> None:
        known = self.get(device)
        if known is not None:
            known.facts = _same(known.facts._replace(**told))

    def charset(self, device: str) -> Charset:
        """The one to write to it in."""
        known = self.get(device)
        told = known.habits.charset if known is not None else None
        return told or self.facts(device).charset or Charset.GB

    def edition(self, device: str, version: str) -> Edition:
        """``version``: what it said at its registration."""
        known = self.get(device)
        return (known.habits.edition if known is not None else None) or Edition.of(version)


def _renewed(before: Device | None, now: Device) -> Device:
    """What is known of it stays."""
    if before is None or before == now:
        return before or now
    return replace(now, id=before.id, facts=before.facts)


def read_assignment(body: bytes) -> Assignment:
    """The JSON of ``PUT /control/assignment``. Raises AssignmentError."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise AssignmentError("an assignment is JSON") from error
    if not isinstance(given, dict) or type(given.get("epoch")) is not int or given["epoch"] < 0:
        raise AssignmentError("an assignment has a whole number as its epoch")
    listed = given.get("devices")
    if not isinstance(listed, list) or len(listed) > DEVICES_LIMIT:
        raise AssignmentError(f"an assignment has a list of at most {DEVICES_LIMIT} devices")
    devices = {device.id: device for device in map(_device, listed)}
    if len(devices) != len(listed):
        raise AssignmentError("a device stands in an assignment twice")
    return Assignment(given["epoch"], devices)


def _device(given: Any) -> Device:
    if not isinstance(given, dict):
        raise AssignmentError("a device in an assignment is an object")
    id, admitted = _text(given, "id"), given.get("admitted", [])
    if (
        not (id.isascii() and id.isalnum())
        or not isinstance(admitted, list)
        or not all(isinstance(one, str) for one in admitted)
    ):
        raise AssignmentError("a device has an id, and admitted channels by their ids")
    return Device(
        id=id,
        password=_text(given, "password"),
        habits=_habits(given),
        admitted=_few_or_many(id, admitted),
        positions_s=_positions(given.get("positions_s", 0)),
    )


def _habits(given: dict[str, Any]) -> Habits:
    habits: Habits = _same(
        Habits(
            terms=_terms(given),
            charset=_chosen(given, "charset", _CHARSETS),
            edition=_chosen(given, "edition", _EDITIONS),
            media=_chosen(given, "media", {name: name for name in MEDIA}),
        )
    )
    return habits


def _few_or_many(id: str, admitted: list[str]) -> Collection[str]:
    """A set takes four times the memory of a few names, and most cameras are their own channel."""
    return frozenset(admitted) if len(admitted) > FEW else tuple(id if one == id else one for one in admitted)


def _positions(told: Any) -> int:
    if type(told) is not int or (told and told not in POSITION_INTERVALS_S):
        shortest, longest = POSITION_INTERVALS_S[0], POSITION_INTERVALS_S[-1]
        raise AssignmentError(f"positions_s is 0 or a whole number from {shortest} to {longest}")
    return told


def _terms(given: dict[str, Any]) -> Terms:
    usual = Terms()
    told = given.get("keep_alive_s", 60), given.get("misses", usual.misses)
    if not all(type(one) is int and 1 <= one <= 86_400 for one in told):
        raise AssignmentError("keep_alive_s and misses are whole numbers from 1 on")
    flags = given.get("roams", usual.roams), given.get("tells_time", usual.tells_time)
    if not all(type(one) is bool for one in flags):
        raise AssignmentError("roams and tells_time are true or false")
    return Terms(float(told[0]), told[1], *flags)


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name, "")
    if not isinstance(value, str) or len(value) > TEXT_LIMIT:
        raise AssignmentError(f"{name} is a text of at most {TEXT_LIMIT} characters")
    return value


def _chosen(given: dict[str, Any], name: str, known: Mapping[str, Any]) -> Any:
    value = given.get(name, "auto")
    if not isinstance(value, str) or value not in known:
        raise AssignmentError(f"{name} is one of {', '.join(sorted(known))}")
    return known[value]
