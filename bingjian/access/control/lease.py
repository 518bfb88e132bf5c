"""The lease of a camera's motors, as values: who has it, who may take it, when it is over.

Free ──take──► held ──beat every 2 s──► held ──release, silence, idling, end of session or rights──► free
                 └──take, by who has precedence, or by the same person──► held by another

No clock and no camera here: whoever ends a lease tells the camera to stop first (``service``).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from bingjian.access.decisions import Role

BEAT = timedelta(seconds=2)  # so often whoever controls says that they are there
BEATS_LOST = 2  # so many in a row and they are gone: a line that stutters loses one
# Who gives way to whom, least first: repair to watching, watching to its lead, all to the police, who answer
# for order and emergencies. Equals do not take it from each other.
PRECEDENCE = (Role.MAINTAINER, Role.WATCHER, Role.SHIFT_LEAD, Role.PUBLIC_SECURITY)

Reason = Literal["released", "taken", "silent", "session_ended", "rights_ended", "idle", "restart"]


@dataclass(frozen=True, slots=True)
class Controller:
    """Whoever controls."""

    id: UUID
    name: str
    role: Role  # of theirs, the one with most precedence
    unit: str  # whom they act for, by name; empty: nobody
    address: str

    @property
    def rank(self) -> int:
        return PRECEDENCE.index(self.role)


@dataclass(frozen=True, slots=True)
class Lease:
    """Of one camera; nobody else has one of it. Instants aware."""

    id: UUID
    camera: UUID
    by: Controller
    begun: datetime
    beat: datetime  # when they last said that they are there
    expires: datetime  # the last instant of their session
    entry: int  # number of the journal entry that it began with

    @property
    def until(self) -> datetime:
        """Its last instant, if no beat comes."""
        return min(self.beat + BEATS_LOST * BEAT, self.expires)

    def over(self, now: datetime) -> Reason | None:
        """Why it has ended by itself; None: it goes on."""
        if now <= self.until:
            return None
        return "session_ended" if now > self.expires else "silent"


def role_of(roles: Iterable[Role]) -> Role:
    """The one with most precedence. Raises ValueError: none of them controls."""
    held = [role for role in PRECEDENCE if role in set(roles)]
    if not held:
        raise ValueError("none of these roles controls cameras")
    return held[-1]


def may_take(held: Lease | None, by: Controller) -> bool:
    """Whoever has it gives way to a higher role, and to themselves in another window."""
    return held is None or held.by.id == by.id or by.rank > held.by.rank
