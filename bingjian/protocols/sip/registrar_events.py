"""What registrations and keep-alives come to."""

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from bingjian.protocols.sip.message import Response
from bingjian.protocols.sip.reply import Peer

LATE_S = 5.0  # a keep-alive may be under way
KEEP_ALIVE_SHORTEST_S = 5.0  # devices configure 0 and less (gb28181.md, quirk 33)


class Terms(NamedTuple):
    """What was agreed with a device."""

    keep_alive_s: float = 60.0
    misses: int = 3  # keep-alives missed one after another: offline
    roams: bool = False  # its keep-alives are believed from another host: 4G, and it never registers again
    tells_time: bool = True  # the answer to REGISTER carries ``Date``, which sets the camera's clock

    @property
    def silence_s(self) -> float:
        return max(self.keep_alive_s, KEEP_ALIVE_SHORTEST_S) * max(self.misses, 1) + LATE_S


USUAL = Terms()


class Why(Enum):
    """Of a refusal, or of an end."""

    MALFORMED = "malformed"  # no id, a longer one than any, or From and To differ
    UNKNOWN = "unknown"  # nobody told us of this device
    PASSWORD = "password"  # noqa: S105  (a reason, no secret)
    TOO_MANY = "too many failures"
    EXPIRED = "expired"
    SILENT = "silent"  # keep-alives missed; it comes back with the next
    CONNECTION = "connection lost"


class Binding(NamedTuple):
    """Where a device is."""

    peer: Peer  # where to send: the source of its last message, whatever its Contact says
    version: str  # "2.0", "3.0"
    expires_at: float
    seen_at: float
    online: bool
    unheard: bool = False  # from before our own restart, and silent since; perhaps it is there


@dataclass(frozen=True, slots=True)
class Challenged:
    device: str
    answer: Response  # 401; send it with ``respond_once``, nothing has to be remembered
    replayed: bool = False  # it repeats an answer that was right once, and not as the device itself would


@dataclass(frozen=True, slots=True)
class Registered:
    device: str
    answer: Response
    binding: Binding
    fresh: bool  # perhaps restarted: subscribe again, and see whether its streams still come
    moved: bool  # to another address
    flapping: bool  # hosts alternate: two devices have this id; said once in a while
    realm: str  # as the device hashes it; another than ours: it is set up wrongly, though it works
    superseded: int = 0  # the connection that spoke for it before: close it, unless others came over it too
    first: bool = False  # that we see of it since we started: whether the device did so too is not known
    doubtful: bool = (
        False  # a refresh by its time, a start by its Call-ID: see whether it knows its subscriptions
    )


@dataclass(frozen=True, slots=True)
class Removed:
    """It signed off."""

    device: str
    answer: Response


@dataclass(frozen=True, slots=True)
class Refused:
    device: str  # as it calls itself; may be anything up to ``ID_LIMIT`` characters
    answer: Response
    why: Why
    first: bool = True  # False: it has been said already, a log needs no further line


@dataclass(frozen=True, slots=True)
class Gone:
    device: str
    why: Why  # EXPIRED, SILENT or CONNECTION
    peer: Peer | None = field(default=None, compare=False)  # where it was


Outcome = Challenged | Registered | Removed | Refused


class Kept(NamedTuple):
    """What a keep-alive did."""

    known: bool = True  # False: answer 404, then most devices register
    moved: bool = False
    returned: bool = False  # it was silent
    flapping: bool = False  # hosts alternate; said once in a while, for anybody can send keep-alives


KEPT, NOT_KNOWN = Kept(), Kept(known=False)
