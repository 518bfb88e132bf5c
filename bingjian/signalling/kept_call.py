"""All that is needed to go on with a call after our own restart, as one opaque text.

The media worker that has the call keeps it for us: nothing is written to disk. What comes back is read
as a stranger's: nothing in it gets into a message or a table unchecked.
"""

import ipaddress
import json
import re
from base64 import b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any, Self

from bingjian.protocols.gb28181.ssrc import MAX_SSRC
from bingjian.protocols.sip.compose import Local
from bingjian.protocols.sip.dialog import Dialog, DialogKey
from bingjian.protocols.sip.errors import MessageError
from bingjian.protocols.sip.fields import read_address
from bingjian.protocols.sip.reply import Peer

LONGEST = 6_000  # characters: it travels in a request line, and a whole head has 16 KiB
LINE_LIMIT = 1_024  # characters of an address or a route; devices have some 60
ROUTES_LIMIT = 8
NUMBER_LIMIT = 2_000_000_000  # CSeq ends at 2³¹ (RFC 3261 §8.1.1.5)
STEP = 1_000  # more requests than the process that is gone has sent since it told this

_TOKEN = re.compile(r"[A-Za-z0-9]{1,64}")  # Call-ID and tag are made by us, of such letters
_LINE = re.compile(r"[^\x00-\x1f\x7f]+")
_BLANK = re.compile(r"\s")  # would end the address in a request line


class NoKeptCall(Exception):
    """The text is none that we have written; carries one plain sentence."""


@dataclass(frozen=True, slots=True)
class KeptCall:
    """One established call of ours to a channel."""

    teller: str  # the run of the process that has told this
    place: tuple[str, str, int]  # device, channel, stream
    key: DialogKey
    peer: Peer  # of a connection only where it led to: it ended with the process
    sender: str  # From, To, Request-URI and Route, as in Dialog
    to: str
    target: str
    routes: tuple[str, ...]
    number: int  # CSeq of the last request that had been sent
    ssrc: int | None  # the one we chose

    @classmethod
    def of(cls, dialog: Dialog, place: tuple[str, str, int], ssrc: int | None, teller: str) -> Self:
        peer = dialog.peer._replace(connection=0)
        lines = dialog.sender, dialog.to, dialog.target, dialog.routes
        return cls(teller, place, dialog.key, peer, *lines, dialog.number, ssrc)

    def dialog(self, local: Local, peer: Peer) -> Dialog:
        """As it goes on, from ``local`` to ``peer``."""
        lines = self.key, self.sender, self.to, self.target
        return Dialog(local, peer, *lines, self.number + STEP, self.routes)

    def written(self) -> str:
        """Empty if it could not be read again: then the call ends with the process."""
        told = [self.teller, *self.place, *self.key, *self.peer[:3], self.sender, self.to, self.target]
        line = json.dumps([*told, self.routes, self.number, self.ssrc], separators=(",", ":"))
        text = urlsafe_b64encode(line.encode()).decode()
        try:
            return text if read(text) == self else ""
        except NoKeptCall:
            return ""


def read(text: str) -> KeptCall:
    """What ``written`` wrote. Raises NoKeptCall."""
    if len(text) > LONGEST:
        raise NoKeptCall(f"a kept call has at most {LONGEST} characters")
    try:
        told = json.loads(b64decode(text, b"-_", validate=True))
        return _checked(*told)
    except NoKeptCall:
        raise
    except (ValueError, TypeError, RecursionError, MessageError) as error:
        raise NoKeptCall("a kept call cannot be read") from error


def _checked(
    teller: Any,
    device: Any,
    channel: Any,
    stream: Any,
    call_id: Any,
    tag: Any,
    transport: Any,
    host: Any,
    port: Any,
    sender: Any,
    to: Any,
    target: Any,
    routes: Any,
    number: Any,
    ssrc: Any,
) -> KeptCall:
    """Raises NoKeptCall, MessageError."""
    _require(isinstance(routes, list) and len(routes) <= ROUTES_LIMIT, "its routes")
    _require(isinstance(transport, str) and transport in ("UDP", "TCP", "TLS"), "its transport")
    kept = KeptCall(
        teller=_token(teller),
        place=(_token(device), _token(channel), _whole(stream, 9)),
        key=DialogKey(_token(call_id), _token(tag)),
        peer=Peer(transport, _host(host), _whole(port, 65_535)),
        sender=_line(sender),
        to=_line(to),
        target=_line(target),
        routes=tuple(map(_line, routes)),
        number=_whole(number, NUMBER_LIMIT),
        ssrc=None if ssrc is None else _whole(ssrc, MAX_SSRC),
    )
    _require(read_address(kept.sender).tag == kept.key.tag, "its From")
    _require(read_address(kept.to).uri != "", "its To")
    _require(kept.peer.port > 0 and not _BLANK.search(kept.target), "where it leads")
    return kept


def _require(true: bool, what: str) -> None:
    if not true:
        raise NoKeptCall(f"{what} cannot be of a kept call")


def _token(given: Any) -> str:
    _require(isinstance(given, str) and _TOKEN.fullmatch(given) is not None, "an id")
    return str(given)


def _line(given: Any) -> str:
    is_line = isinstance(given, str) and len(given) <= LINE_LIMIT and _LINE.fullmatch(given) is not None
    _require(is_line, "a line")
    return str(given)


def _whole(given: Any, most: int) -> int:
    _require(type(given) is int and 0 <= given <= most, "a number")
    return int(given)


def _host(given: Any) -> str:
    """Raises ValueError."""
    _require(isinstance(given, str) and len(given) <= 64, "a host")
    ipaddress.ip_address(given)
    return str(given)
