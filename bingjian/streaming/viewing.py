"""Who looks through one worker, from the first request to the end, and what the journal knows of it (R22.4).

A ticket opens one look, under the number of the journal's entry that was written first. While it lasts, the
journal is owed an entry every ``TOLD_EVERY_S``, and one at its end; the web process fetches what is owed and
says what has become durable. A look whose entry is overdue ends: logged first, served after.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Literal

from bingjian.clock import Clock
from bingjian.streaming.ticket import COPIES, VOICE, Ticket, TicketError, Turnstile

TOLD_EVERY_S = 60  # between two entries of one look
OVERDUE_S = 6  # so long the journal may be late: three rounds of whoever fetches, or one restart
SECOND_NS = 1_000_000_000

Ending = Literal[
    "closed",  # by whoever looked: left, or fell silent
    "grant_ended",  # the grant's last instant has passed
    "session_ended",  # signed out, or the session's time was over
    "revoked",  # the grant was ended early
    "not_written",  # the journal could not be written
    "worker_lost",  # written by the web process: nobody can say when exactly
    "unused",  # written by the web process: the ticket was never opened
]


@dataclass(slots=True)
class Viewing:
    """One look."""

    ticket: Ticket
    text: str = field(repr=False)
    address: str  # where it was opened from: nobody goes on with it from elsewhere
    began_ns: int  # monotonic, like all of these
    seen_ns: int  # the last sign of life
    told_ns: int  # the journal knows of it up to here
    sockets: int = 0
    dismissed: bool = False  # the web process wants it ended
    ending: Ending | None = None
    ended_utc_ns: int = 0
    written: bool = False  # its end is in the journal

    @property
    def seconds(self) -> int:
        """How long it has lasted, rounded."""
        return round((self.seen_ns - self.began_ns) / SECOND_NS)


class Viewings:
    """All looks of one worker. Kept in memory only: whoever starts anew knows none, and says so."""

    def __init__(
        self,
        turnstile: Turnstile,
        clock: Clock,
        is_revoked: Callable[[Ticket], bool],
    ) -> None:
        self._turnstile = turnstile
        self._clock = clock
        self._is_revoked = is_revoked
        self._all: dict[str, Viewing] = {}  # by ticket
        self._services: dict[str, Ticket] = {}  # of our own processes: no looks, by ticket

    def enter(self, text: str, key: bytes, address: str) -> Ticket:
        """Verify a ticket and count its use as a sign of life.

        Raises:
            TicketError: see ``Turnstile.enter``; also: the look has ended.
            Replayed: it was opened from another address.
        """
        known = self._all.get(text)
        if known is not None and known.address != address:
            raise Replayed("the ticket was opened from another address", known.ticket)
        if known is not None and self._why(known) is not None:
            raise TicketError("this look has ended; open another", known.ticket)
        now_ns = self._clock.monotonic_ns()
        ticket = self._turnstile.enter(text, key, self._now())
        if known is not None:
            known.seen_ns = now_ns
        elif ticket.service:
            self._services[text] = ticket
        elif ticket.kind not in (*COPIES, VOICE) and not self._is_revoked(ticket):
            self._all[text] = Viewing(ticket, text, address, now_ns, now_ns, now_ns)
        return ticket

    def renew(self, text: str) -> None:
        """A sign of life by other means than a request."""
        one = self._all.get(text)
        if text in self._services:
            self._turnstile.renew(text, self._services[text], self._now())
        if one is not None and self._why(one) is None:
            self._turnstile.renew(text, one.ticket, self._now())
            one.seen_ns = self._clock.monotonic_ns()

    def holds(self, text: str) -> bool:
        """Whether it goes on."""
        if text in self._services:
            return self._serves(text, self._services[text])
        one = self._all.get(text)
        return one is not None and self._why(one) is None

    def joined(self, text: str) -> None:
        """A connection that shows it has been opened."""
        if text in self._all:
            self._all[text].sockets += 1

    def left(self, text: str) -> None:
        """Such a connection has gone; with the last the look ends."""
        one = self._all.get(text)
        if one is None:
            return
        one.sockets -= 1
        if one.sockets == 0 and one.ending is None:
            why = self._why(one)
            if why is None:
                one.seen_ns = self._clock.monotonic_ns()
            self._end(one, why or "closed")

    def sweep(self) -> None:
        """Note what has ended, and forget what can never be asked for again. Called every second."""
        self._services = {text: one for text, one in self._services.items() if self._serves(text, one)}
        for text, one in list(self._all.items()):
            if one.ending is None and (why := self._why(one)) is not None:
                self._end(one, why)
            if one.written and not self._may_come_back(one):
                del self._all[text]

    # --- what the web process is told, and tells

    def open(self) -> list[Viewing]:
        return [one for one in self._all.values() if one.ending is None]

    def due(self) -> list[Viewing]:
        """Those that the journal is owed a new entry of."""
        since = self._clock.monotonic_ns() - TOLD_EVERY_S * SECOND_NS
        return [one for one in self.open() if one.told_ns <= since]

    def ended(self) -> list[Viewing]:
        """Those whose end is not written down yet."""
        return [one for one in self._all.values() if one.ending is not None and not one.written]

    def told(self, continued: Collection[int], ended: Collection[int], dismissed: Collection[int]) -> None:
        """What is durable now, and who is to look no longer; by the number of the opening entry."""
        for one in self._all.values():
            if one.ticket.entry in continued and one.ending is None:
                one.told_ns += TOLD_EVERY_S * SECOND_NS
            if one.ticket.entry in ended and one.ending is not None:
                one.written = True
            if one.ticket.entry in dismissed:
                one.dismissed = True

    # --- inside

    def _now(self) -> float:
        return self._clock.utc_ns() / 1e9

    def _serves(self, text: str, ticket: Ticket) -> bool:
        now = self._now()
        lives = now < ticket.expires and self._turnstile.alive(text, ticket, now)
        return lives and not self._is_revoked(ticket)

    def _end(self, one: Viewing, why: Ending) -> None:
        one.ending, one.ended_utc_ns = why, self._clock.utc_ns()

    def _why(self, one: Viewing) -> Ending | None:
        """Why it has ended, if it has."""
        if one.ending is not None:
            return one.ending
        if self._is_revoked(one.ticket):
            return "revoked"
        if self._now() >= one.ticket.expires:
            return "grant_ended" if one.ticket.grant else "session_ended"
        if one.dismissed:
            return "session_ended"
        if self._clock.monotonic_ns() - one.told_ns > (TOLD_EVERY_S + OVERDUE_S) * SECOND_NS:
            return "not_written"
        return None if self._turnstile.alive(one.text, one.ticket, self._now()) else "closed"

    def _may_come_back(self, one: Viewing) -> bool:
        """Whether its ticket would be let in if we knew nothing of it."""
        now = self._now()
        return now < one.ticket.opens_before or self._turnstile.alive(one.text, one.ticket, now)


class Replayed(TicketError):
    """A ticket that somebody else has opened."""

    sign = "replayed_ticket"
