"""The last messages with each device, for a field engineer: as text, or as a file for Wireshark.

Bounded for each device and for all together. Answers to challenges and passwords are blanked when it is read,
each character by another, so that lengths stay right.
"""

import re
from collections import deque
from dataclasses import dataclass

from bingjian.clock import Clock
from bingjian.protocols.gb28181.manscdp.text import decode
from bingjian.protocols.sip.reply import Peer
from bingjian.signalling.devices import Devices
from bingjian.signalling.events import written
from bingjian.signalling.listener import Tap

MESSAGES_LIMIT = 200  # of one device
BYTES_LIMIT = 256 * 1024  # of one device
ALL_BYTES_LIMIT = 16 << 20  # of all; then the oldest go, whosever they are
MESSAGE_BYTES_LIMIT = 65_000  # of one message; a catalogue of megabytes is cut
HEAD_BYTES = 2_048  # in which From and To are looked for
_OVERHEAD = 700  # bytes that an entry takes beside its data, if it is the only one of its device

_PARTY = re.compile(rb"^(?:from|f|to|t)[ \t]*:[^\r\n]*?sips?:([^@;>\s]{1,64})@", re.IGNORECASE | re.MULTILINE)
_ANSWER = re.compile(rb'(\bresponse\s*=\s*"?)([^",\s]+)', re.IGNORECASE)
_PASSWORD = re.compile(rb"(<\s*(?:\w+:)?(?:Password|PassWd|Pwd)\s*>)([^<]+)", re.IGNORECASE)


@dataclass(slots=True)
class Entry:
    seq: int
    at_ns: int  # UTC
    inbound: bool
    peer: Peer
    data: bytes  # empty: keep-alives, of which the last came then
    count: int = 1
    first_ns: int = 0

    @property
    def size(self) -> int:
        return len(self.data) + _OVERHEAD


class MessageLog(Tap):
    """Belongs to the event loop."""

    def __init__(self, clock: Clock, devices: Devices, platform: str, *, size: int = ALL_BYTES_LIMIT) -> None:
        self._clock, self._devices, self._platform = clock, devices, platform
        self._size_limit, self._size, self._count = size, 0, 0
        self._entries: dict[str, list[Entry]] = {}  # a deque takes 700 bytes a device
        self._sizes: dict[str, int] = {}
        self._order: deque[tuple[int, str]] = deque()  # of all entries, the oldest first; some are gone
        self._last = 0

    def heard(self, resident: str, peer: Peer, data: bytes) -> None:
        self._note(resident, True, peer, data)

    def sent(self, resident: str, peer: Peer, data: bytes) -> None:
        self._note(resident, False, peer, data)

    def kept_alive(self, device: str, peer: Peer) -> None:
        """Counted in the device's newest entry, if that is of keep-alives. They push nobody else's messages
        out: a device that has none here gets an entry for them only while there is room.
        """
        entries = self._entries.get(device)
        if entries is None and self._size > self._size_limit // 2:
            return
        if entries is None or entries[-1].data:
            self._add(device, True, peer, b"")
            return
        entries[-1].count += 1
        entries[-1].at_ns = self._clock.utc_ns()

    def messages(self, device: str, after: int = 0) -> list[Entry]:
        return [entry for entry in self._entries.get(device, ()) if entry.seq > after]

    def _note(self, resident: str, inbound: bool, peer: Peer, data: bytes) -> None:
        """With the device that From or To names, if we were told of it; else with who registered from there.
        What is with neither is not kept.
        """
        parties = (found[1].decode("ascii", "replace") for found in _PARTY.finditer(data, 0, HEAD_BYTES))
        named = (self._devices.get(one) for one in parties if one != self._platform)
        device = next((known.id for known in named if known is not None), resident)
        if device:
            self._add(device, inbound, peer, data)

    def _add(self, device: str, inbound: bool, peer: Peer, data: bytes) -> None:
        now_ns = self._clock.utc_ns()
        self._last += 1
        kept = data[:MESSAGE_BYTES_LIMIT]
        entry = Entry(self._last, now_ns, inbound, peer, kept, 1, now_ns)
        self._entries.setdefault(device, []).append(entry)
        self._order.append((entry.seq, device))
        self._sizes[device] = self._sizes.get(device, 0) + entry.size
        self._size += entry.size
        self._count += 1
        entries = self._entries[device]
        while len(entries) > MESSAGES_LIMIT or (self._sizes[device] > BYTES_LIMIT and len(entries) > 1):
            self._drop_oldest(device)
        self._bound()

    def _bound(self) -> None:
        while self._order and (self._size > self._size_limit or self._is_gone(*self._order[0])):
            seq, device = self._order.popleft()
            if not self._is_gone(seq, device):
                self._drop_oldest(device)
        if len(self._order) > 2 * self._count + MESSAGES_LIMIT:  # behind an old one many are gone
            self._order = deque(one for one in self._order if not self._is_gone(*one))

    def _is_gone(self, seq: int, device: str) -> bool:
        entries = self._entries.get(device)
        return not entries or entries[0].seq > seq

    def _drop_oldest(self, device: str) -> None:
        entries = self._entries[device]
        size = entries.pop(0).size
        self._size -= size
        self._count -= 1
        self._sizes[device] -= size
        if not entries:
            del self._entries[device], self._sizes[device]

    def forget(self, device: str) -> None:
        while device in self._entries:
            self._drop_oldest(device)


def shown(entry: Entry, local: str) -> dict[str, object]:
    """``local``: our own address, as host:port."""
    host = f"[{entry.peer.host}]" if ":" in entry.peer.host else entry.peer.host
    told: dict[str, object] = {
        "seq": entry.seq,
        "at": written(entry.at_ns),
        "direction": "in" if entry.inbound else "out",
        "transport": entry.peer.transport.lower(),
        "local": local,
        "peer": f"{host}:{entry.peer.port}",
        "text": decode(blanked(entry.data)),
    }
    if not entry.data:
        told |= {"keep_alives": entry.count, "first_at": written(entry.first_ns)}
    return told


def blanked(data: bytes) -> bytes:
    """Without what lets others in: digest answers, passwords."""
    return _PASSWORD.sub(_covered, _ANSWER.sub(_covered, data))


def _covered(found: re.Match[bytes]) -> bytes:
    return found[1] + b"*" * len(found[2])
