"""One subscription that we have at a device, as small as it can be kept: 100 000 devices have two each."""

from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from bingjian.protocols.sip.compose import Local, at
from bingjian.protocols.sip.dialog import Dialog, DialogKey
from bingjian.protocols.sip.fields import Address
from bingjian.protocols.sip.reply import Peer

LEFT = 0.2  # of the time granted, when it is refreshed
RETRY_S = 30.0  # after a refresh that nobody answered, while there is time

_USUAL: tuple[str, tuple[str, ...]] = ("", ())


class Wish(NamedTuple):
    """What was asked for; the same for most devices."""

    local: Local
    event: str  # "Catalog;id=1", "presence"
    expires_s: int
    topic: str


@lru_cache(maxsize=1024)
def wish(local: Local, event: str, expires_s: int, topic: str) -> Wish:
    """One value for all who are asked the same."""
    return Wish(local, event, expires_s, topic)


class Stage(Enum):
    ASKED = "asked"
    GRANTED = "granted"
    REFRESHING = "refreshing"
    ENDING = "ending"


class Subscription:
    """What can be made again is not kept: what devices write as everybody does, when a refresh is due."""

    __slots__ = (
        *("device", "end_at", "granted_s", "named", "number", "peer", "reminded", "stage", "to", "turn"),
        "wish",
    )

    def __init__(self, device: str, peer: Peer, wish: Wish, turn: int) -> None:
        self.device, self.peer, self.wish, self.turn = device, peer, wish, turn
        self.end_at, self.granted_s = 0.0, 0
        self.reminded = 0  # how often it has been due since it was granted
        self.number = 0  # CSeq of our last request
        self.to = b""  # behind the usual To: the device's tag; or all of it, if it writes it otherwise
        self.named = _USUAL  # where to send, and by which way
        self.stage = Stage.ASKED

    @property
    def is_granted(self) -> bool:
        return self.stage in (Stage.GRANTED, Stage.REFRESHING)

    def grant(self, now: float, expires_s: int) -> None:
        self.stage, self.reminded, self.end_at = Stage.GRANTED, 0, now + expires_s
        self.granted_s = self.wish.expires_s if expires_s == self.wish.expires_s else expires_s  # one int

    def due_at(self) -> float | None:
        """When it is to be refreshed, next; or when it ends."""
        if not self.is_granted:
            return None
        return min(self.end_at - LEFT * self.granted_s + RETRY_S * self.reminded, self.end_at)

    def dialog(self, key: DialogKey) -> Dialog:
        local, (target, routes) = self.wish.local, self.named
        sender = str(Address(local.uri, {"tag": key.tag}))
        to = self.to.decode("utf-8", "surrogateescape")
        to = self._usual_to() + to if to[:1] in ("", ";") else to
        return Dialog(local, self.peer, key, sender, to, target or self._usual_target(), self.number, routes)

    def note(self, dialog: Dialog) -> None:
        """What the device has named. Of what is usual nothing is kept."""
        self.peer = dialog.peer if dialog.peer != self.peer else self.peer
        self.to = dialog.to.removeprefix(self._usual_to()).encode("utf-8", "surrogateescape")
        named = dialog.target if dialog.target != self._usual_target() else "", dialog.routes
        self.named = named if any(named) else _USUAL

    def _usual_to(self) -> str:
        return f"<sip:{self.device}@{self.wish.local.domain}>"

    def _usual_target(self) -> str:
        return f"sip:{self.device}@{at(self.peer.host, self.peer.port)}"
