"""What transactions tell: frozen, and named tuples where one is made for every keep-alive."""

from dataclasses import dataclass
from typing import NamedTuple

from bingjian.protocols.sip.message import Request, Response
from bingjian.protocols.sip.reply import Peer

ServerKey = str


class ClientKey(NamedTuple):
    """Names a request of ours. Peers mangle Via, but they give back Call-ID and CSeq."""

    call_id: str  # ours hold 128 random bits, so a stranger cannot answer
    number: int
    method: str


class Outgoing(NamedTuple):
    data: bytes
    peer: Peer


class Asked(NamedTuple):
    """A new request: answer it with ``respond``, at once unless it is an INVITE."""

    key: ServerKey
    request: Request
    peer: Peer


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The ACK to a 2xx of ours has come, once."""

    key: ServerKey
    request: Request


@dataclass(frozen=True, slots=True)
class Unacknowledged:
    """No ACK within 64·T1: end the dialog if the answer was a 2xx."""

    key: ServerKey
    response_status: int


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The peer took its INVITE back; 487 has been sent."""

    key: ServerKey


@dataclass(frozen=True, slots=True)
class Answered:
    """A response to a request of ours; a final one once, unless an INVITE is accepted by several."""

    key: ClientKey
    request: Request
    response: Response
    peer: Peer  # where the response came from


@dataclass(frozen=True, slots=True)
class Unanswered:
    """No final response: the time is over, or the connection is lost."""

    key: ClientKey
    request: Request
    lost: bool = False  # the connection, not the time


@dataclass(frozen=True, slots=True)
class Stray:
    """A response that belongs to nothing we wait for: a 2xx to an INVITE must be acknowledged and ended."""

    response: Response
    peer: Peer


Event = Asked | Acknowledged | Unacknowledged | Cancelled | Answered | Unanswered | Stray
