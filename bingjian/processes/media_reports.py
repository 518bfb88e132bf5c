"""What a media worker owes the journal of those who look through it, fetched by the web process in one batch.

    GET  /control/reports   looks that are open, due for an entry, ended; tickets refused; voice; clock steps
    POST /control/reports   what of it is durable now, and whose look is to end

Until it is said to be durable, it is told again.
"""

import asyncio
import json
from collections.abc import Iterable
from itertools import islice
from typing import Any, NamedTuple
from uuid import uuid4

from bingjian.clock import Clock, StepWatch
from bingjian.processes.media_requests import require
from bingjian.streaming.http import HttpProblem, Request, Response, json_response
from bingjian.streaming.hub import rfc3339
from bingjian.streaming.viewing import Viewing, Viewings
from bingjian.tally import Counted, Tally

MAX_TOLD = 2000  # looks of a kind in one answer; the others come with the next
MAX_SOURCES = 1000  # addresses that refusals are counted by; all beyond are counted as one
WRITTEN_S = 10  # so long a note may take to become durable: several rounds of whoever fetches
MAX_STEPS = 100  # of the clock that are remembered
ELSEWHERE = ""  # address of all those beyond


class Shown(NamedTuple):
    """What somebody showed that was refused."""

    sign: str  # as ``entries.TicketsRefused``
    address: str
    opening: int | None = None  # the entry that the ticket was signed under; None: it is none of ours


class Reports:
    """Lives on the event loop."""

    def __init__(self, viewings: Viewings, clock: Clock) -> None:
        self._viewings = viewings
        self._clock = clock
        self._steps = StepWatch(clock)
        self._run = str(uuid4())
        self._since = self._utc()
        self._refused = Tally[Shown](clock, MAX_SOURCES, lambda shown: Shown(shown.sign, ELSEWHERE))
        self._notes: dict[int, dict[str, Any]] = {}  # told, not yet durable, in the order of their numbers
        self._last = 0
        self._awaited: dict[int, asyncio.Future[None]] = {}  # notes that somebody waits for to be durable

    def note_refused(self, sign: str, address: str, opening: int | None = None) -> None:
        """A ticket or a credential was refused: told soon, and then of the same once a minute."""
        self._refused.count(Shown(sign, address, opening))

    def each_second(self) -> None:
        """Notice when the clock was set."""
        step_ms = self._steps.look()
        if step_ms is not None and len(self._notes) < MAX_STEPS + MAX_SOURCES:
            self._note({"kind": "clock_step", "step_ms": step_ms, "at": self._utc()})

    async def tell(self, note: dict[str, Any]) -> None:
        """Have it written down; it is durable when this returns. Raises TimeoutError."""
        number = self._note({**note, "at": self._utc()})
        self._awaited[number] = asyncio.get_running_loop().create_future()
        try:
            await asyncio.wait_for(self._awaited[number], WRITTEN_S)
        finally:
            del self._awaited[number]

    def owe(self, note: dict[str, Any]) -> None:
        """Have it written down; nobody waits."""
        self._note({**note, "at": self._utc()})

    async def handle(self, request: Request) -> Response:
        """Raises HttpProblem."""
        require(request, "GET", "POST")
        if request.method == "POST":
            return self._take(request.body)
        return json_response(self._told())

    def _told(self) -> dict[str, Any]:
        if len(self._notes) < MAX_SOURCES:
            for one in self._refused.due():
                self._note(refused_out(one))
        return {
            "run": self._run,
            "since": self._since,
            "open": [[one.ticket.entry, one.ticket.person] for one in self._viewings.open()],
            "due": [look_out(one) for one in islice(self._viewings.due(), MAX_TOLD)],
            "ended": [ended_out(one) for one in islice(self._viewings.ended(), MAX_TOLD)],
            "notes": [{"number": number, **note} for number, note in self._notes.items()],
        }

    def _take(self, body: bytes) -> Response:
        try:
            given = json.loads(body)
            continued, ended, dismissed = (
                numbers_in(given[name]) for name in ("continued", "ended", "dismissed")
            )
            (noted,) = numbers_in([given["noted"]])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            problem = "continued, ended and dismissed must be lists of numbers, noted a number"
            raise HttpProblem(400, "bad_report", problem) from error
        self._viewings.told(continued, ended, dismissed)
        self._notes = {number: note for number, note in self._notes.items() if number > noted}
        for number, waits in self._awaited.items():
            if number <= noted and not waits.done():
                waits.set_result(None)
        return Response(204)

    def _note(self, note: dict[str, Any]) -> int:
        self._last += 1
        self._notes[self._last] = note
        return self._last

    def _utc(self) -> str:
        return rfc3339(self._clock.utc_ns() * 9 // 100_000)


def refused_out(one: Counted[Shown]) -> dict[str, Any]:
    at = rfc3339(one.first_utc_ns * 9 // 100_000)
    return {"kind": "refused", **one.key._asdict(), "count": one.count, "at": at}


def look_out(one: Viewing) -> dict[str, Any]:
    ticket = one.ticket
    ids = {"opening": ticket.entry, "person": ticket.person, "camera": ticket.camera}
    return {**ids, "seconds": one.seconds}


def ended_out(one: Viewing) -> dict[str, Any]:
    return {**look_out(one), "reason": one.ending, "at": rfc3339(one.ended_utc_ns * 9 // 100_000)}


def numbers_in(given: Iterable[object]) -> frozenset[int]:
    """Raises TypeError."""
    numbers = frozenset(one for one in given if isinstance(one, int) and not isinstance(one, bool))
    if not isinstance(given, list) or len(numbers) != len(set(map(str, given))):
        raise TypeError
    return numbers
