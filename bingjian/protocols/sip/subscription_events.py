"""What subscriptions tell. Every one that was granted, or asked for by us, ends with one ``Lapsed``."""

from dataclasses import dataclass, field
from enum import Enum

from bingjian.protocols.sip.dialog import DialogKey
from bingjian.protocols.sip.message import Request
from bingjian.protocols.sip.reply import Peer


class Why(Enum):
    REFUSED = "refused"  # ``status`` says how: 489 or 400 that the device knows no such event
    NO_ANSWER = "no answer"
    EXPIRED = "expired"
    PEER = "peer"  # the notifier terminated it, the subscriber cancelled it, or knows of none (481)
    OURS = "ours"


@dataclass(frozen=True, slots=True)
class Granted:
    """The peer takes our SUBSCRIBE, or goes on with it."""

    subscription: DialogKey
    expires_s: int
    body: bytes  # may hold a Response with its Result


@dataclass(frozen=True, slots=True)
class RefreshDue:
    """Call ``refresh`` with a new body (its SN rises), or let it lapse."""

    subscription: DialogKey
    device: str = field(default="", compare=False)  # that was asked
    topic: str = field(default="", compare=False)  # the subscriber's own word for it


@dataclass(frozen=True, slots=True)
class Notified:
    """A NOTIFY of the peer; 200 has been sent."""

    subscription: DialogKey
    request: Request
    peer: Peer
    device: str  # that was asked, whoever From names


@dataclass(frozen=True, slots=True)
class SubscriptionAsked:
    """A SUBSCRIBE of the peer: ``grant`` or ``refuse``. ``renews``: the subscription is there already."""

    subscription: DialogKey
    request: Request
    peer: Peer
    expires_s: int
    renews: bool


@dataclass(frozen=True, slots=True)
class Lapsed:
    subscription: DialogKey
    why: Why
    status: int = 0
    device: str = field(default="", compare=False)  # that was asked; empty: it asked us
    topic: str = field(default="", compare=False)  # the subscriber's own word for it


SubscriptionEvent = Granted | RefreshDue | Notified | SubscriptionAsked | Lapsed
