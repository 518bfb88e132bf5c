"""What calls tell. Every call that we began or accepted ends with one ``Ended``."""

from dataclasses import dataclass
from enum import Enum

from bingjian.protocols.sip.dialog import DialogKey
from bingjian.protocols.sip.events import ClientKey, ServerKey
from bingjian.protocols.sip.message import Request
from bingjian.protocols.sip.reply import Peer


class Why(Enum):
    REFUSED = "refused"  # ``status`` says how: 486 no more streams, 488 SDP, 404 unknown channel
    NO_ANSWER = "no answer"  # within the time; taken back, and ended if an answer comes yet
    PEER = "peer"  # BYE, CANCEL, or 481: it knows of no such call
    OURS = "ours"  # ``status`` is that of our BYE: 408 says that the peer may still be sending
    LOST = "lost"  # the connection, or the device started anew
    NO_ACK = "no ACK"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The peer takes our INVITE: prepare for its media, then ``acknowledge`` or ``end``."""

    call: DialogKey
    content_type: str
    body: bytes  # SDP; may be empty, as some devices leave it out
    peer: Peer


@dataclass(frozen=True, slots=True)
class Offered:
    """An INVITE of the peer: ``accept`` or ``reject``. 100 has been sent."""

    call: DialogKey
    request: Request
    peer: Peer


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The peer has acknowledged that we accept: send."""

    call: DialogKey


@dataclass(frozen=True, slots=True)
class Controlled:
    """An INFO of the peer, such as MANSRTSP: answer it with ``respond`` of the transactions."""

    call: DialogKey
    transaction: ServerKey
    request: Request
    peer: Peer


@dataclass(frozen=True, slots=True)
class ControlAnswered:
    """Our INFO; 408 if no answer came."""

    call: DialogKey
    transaction: ClientKey
    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Ended:
    call: DialogKey
    why: Why
    status: int = 0  # of the answer that ended it, if one did


CallEvent = Accepted | Offered | Confirmed | Controlled | ControlAnswered | Ended
