"""Media tickets: the short-lived right to open one picture, signed by the door, checked by the media worker.

A ticket stands in the path (``/m/<ticket>/…``), so relative playlist lines carry it on. It must be opened
within ``OPEN_SECONDS``; from then on it lives while the viewer gives a sign of life at least every
``HEARTBEAT_SECONDS``, and never longer than ``expires``; a copy (clip, download) is fetched by a program that
knows no heartbeat and lives ``COPY_SILENCE_SECONDS`` from request to request. The signature is HMAC-SHA256
under a key that only the web process and the worker have.
"""

import hmac
import json
import math
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Literal

OPEN_SECONDS = 60  # from issue to first use: a leaked log line or history entry is worthless soon after
HEARTBEAT_SECONDS = 20  # silence after which an opened ticket is spent; the page sends one every 6 s
COPY_SILENCE_SECONDS = 3600  # for copies, which nobody watches: one may take long, break, and go on
MAX_TICKET_LENGTH = 1280  # characters; ours have about 570, with a mark at most 1000
MARK_MAX = 80  # characters of a recipient's mark
MAX_OPENED = 20_000  # remembered per worker; each is under 1 KB, and no worker carries so many viewers


Kind = Literal["live", "playback", "device", "clip", "download", "voice"]  # device: of its own storage
COPIES = ("clip", "download")
VOICE: Literal["voice"] = "voice"  # to speak to the camera; shows nothing


@dataclass(frozen=True, slots=True)
class Ticket:
    """What may be watched, by whom, under which journal entry, and until when."""

    kind: Kind
    camera: str  # its id
    role: Literal["main", "sub"]
    start_90k: int  # first instant of the interval, UTC since 1970 in 1/90000 s; live: 0
    end_90k: int  # end of the interval, may lie in the future with playback; live: 0
    person: str  # id, for logs
    entry: int  # sequence number of the journal entry that was durable before this was signed
    opens_before: int  # seconds since 1970, UTC
    expires: int  # seconds since 1970, UTC: the grant's end
    grant: str = ""  # id of the grant under art. 22 that it was signed by; empty: by the person's role
    exact: bool = False  # nothing outside the interval is given, also of the fragments at its ends
    masks: str = ""  # which privacy masks are applied, by their digest: opens the masked rendition alone
    unmask: bool = False  # opens the original of a camera that has masks
    mark: str = ""  # of a masked copy: who gets it, by name and unit, drawn into its pixels (R31.5)
    service: bool = False  # one of our own processes fetches it for somebody, whose look is counted there

    @property
    def signed_at(self) -> int:
        """Seconds since 1970, UTC."""
        return self.opens_before - OPEN_SECONDS

    @property
    def silence_seconds(self) -> int:
        """How long the viewer may be silent."""
        return COPY_SILENCE_SECONDS if self.kind in COPIES else HEARTBEAT_SECONDS


class TicketError(Exception):
    """The ticket opens nothing; carries one plain sentence. Answered with 403."""

    sign = "spent_ticket"  # as the journal calls it

    def __init__(self, sentence: str, ticket: Ticket | None = None) -> None:
        """``ticket``: if it is one of ours."""
        super().__init__(sentence)
        self.ticket = ticket

    @property
    def opening(self) -> int | None:
        """The entry that it was signed under."""
        return self.ticket.entry if self.ticket is not None else None


class Forged(TicketError):
    """Its signature is not ours."""

    sign = "bad_ticket"


class Revoked(TicketError):
    """The right was taken away, or the camera was given masks since."""

    sign = "revoked_ticket"


def sign(ticket: Ticket, key: bytes) -> str:
    """The ticket as one path segment: base64url(payload) "." base64url(HMAC-SHA256 of that text)."""
    payload = _b64(json.dumps(asdict(ticket), separators=(",", ":"), ensure_ascii=False).encode())
    return f"{payload}.{_signature(payload, key)}"


def verify(text: str, key: bytes, now: float) -> Ticket:
    """The ticket behind ``text`` if the signature holds and its end is not reached.

    Says nothing about ``opens_before``: that only counts for the first use, which ``Turnstile`` knows.

    Args:
        text: as ``sign`` made it.
        key: the worker's ticket key.
        now: seconds since 1970, UTC.

    Raises:
        TicketError: mangled or expired; Forged.
    """
    payload, _, signature = text.partition(".")
    if len(text) > MAX_TICKET_LENGTH or not text.isascii():
        raise Forged("the ticket is malformed")
    if not hmac.compare_digest(signature, _signature(payload, key)):
        raise Forged("the ticket's signature does not hold")
    try:
        fields = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        ticket = Ticket(**fields)
    except (ValueError, TypeError) as error:
        raise TicketError("the ticket is malformed") from error
    if now >= ticket.expires:
        raise TicketError("the ticket has expired", ticket)
    return ticket


class Turnstile:
    """Which tickets have been opened, and when each viewer last gave a sign of life. One per worker.

    Kept in memory only: after a restart of the worker, viewers ask the door again.
    """

    def __init__(self) -> None:
        # ticket text → seconds since 1970 of the last sign, and how many of silence it may be followed by
        self._last_sign: dict[str, tuple[float, int]] = {}

    def enter(self, text: str, key: bytes, now: float) -> Ticket:
        """Verify and count as a sign of life.

        Raises:
            TicketError: see ``verify``; also opened too late, or silent for too long.
        """
        ticket = verify(text, key, now)
        opened = text in self._last_sign
        if not opened and now >= ticket.opens_before:
            raise TicketError("the ticket was not opened in time", ticket)
        if opened and not self.alive(text, ticket, now):
            raise TicketError("the viewer was silent for too long", ticket)
        if not opened and len(self._last_sign) >= MAX_OPENED:
            raise TicketError("this worker has too many viewers", ticket)
        self._last_sign[text] = now, ticket.silence_seconds
        return ticket

    def alive(self, text: str, ticket: Ticket, now: float) -> bool:
        """Whether an opened ticket still holds."""
        last, silence = self._last_sign.get(text, (-math.inf, 0))
        return now - last <= silence and now < ticket.expires

    def renew(self, text: str, ticket: Ticket, now: float) -> None:
        """A sign of life by other means than a request; one that comes too late changes nothing."""
        if self.alive(text, ticket, now):
            self._last_sign[text] = now, ticket.silence_seconds

    def sweep(self, now: float) -> None:
        """Forget tickets that can never be used again.

        A lapsed ticket is kept ``OPEN_SECONDS`` longer: by then it can no longer be opened afresh.
        """
        spent = [
            text for text, (last, silence) in self._last_sign.items() if now - last > OPEN_SECONDS + silence
        ]
        for text in spent:
            del self._last_sign[text]


def redact(path: str) -> str:
    """A request path fit for logs: the ticket in ``/m/<ticket>/…`` is replaced."""
    if not path.startswith("/m/"):
        return path
    _, _, rest = path[3:].partition("/")
    return f"/m/…/{rest}"


def _signature(payload: str, key: bytes) -> str:
    return _b64(hmac.digest(key, payload.encode(), sha256))


def _b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
