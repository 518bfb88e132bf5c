"""What the imaging process is told: which cameras are shown masked, with which masks, and who may look."""

from functools import cached_property
from typing import Any, Self
from uuid import UUID

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, ValidationError, model_validator

from bingjian.clock import Clock
from bingjian.imaging.masks import Mask, Standing, applied, digest_of
from bingjian.processes.media_reports import Reports
from bingjian.streaming.http import HttpProblem
from bingjian.streaming.ticket import COPIES, Revoked, Ticket, TicketError, Turnstile
from bingjian.streaming.viewing import Viewings

CHANGED = HttpProblem(503, "masks_changed", "the masks have changed: open it again", (("Retry-After", "1"),))


class MaskTold(BaseModel):
    polygon: list[tuple[float, float]]
    is_window: bool = False
    until_90k: int | None = None

    @cached_property
    def mask(self) -> Mask:
        return Mask.checked(self.polygon, is_window=self.is_window)

    @model_validator(mode="after")
    def hides_something(self) -> Self:
        """Checked when it is told, so that it holds wherever it is used."""
        Mask.checked(self.polygon, is_window=self.is_window)
        return self


class CameraTold(BaseModel):
    url: str  # of the media worker that has it: http://host:port
    masks: list[MaskTold]


class Assignment(BaseModel):
    """Everything; replaces what was told before."""

    model_config = ConfigDict(frozen=True)

    epoch: int = Field(ge=0)
    ticket_key: Base64Bytes = Field(repr=False, min_length=16)
    origins: frozenset[str]  # of the pages that may open tickets here
    cameras: dict[UUID, CameraTold]
    grants: dict[str, list[MaskTold]] = {}  # those that bring masks of their own, by id
    revoked_grants: frozenset[str] = frozenset()
    closed_cameras: frozenset[str] = frozenset()  # shown to nobody: their level of secrecy (R27.6)
    changed_people: dict[str, int] = {}  # whose rights have changed, and when: seconds since 1970

    def is_revoked(self, ticket: Ticket) -> bool:
        """Whether its grant ended early, its camera was closed, or its person's rights have changed since."""
        has_changed = ticket.signed_at <= self.changed_people.get(ticket.person, -1)
        return has_changed or ticket.grant in self.revoked_grants or ticket.camera in self.closed_cameras


def read_assignment(body: bytes) -> Assignment:
    """Raises HttpProblem 400; never with the values: one is a key."""
    try:
        return Assignment.model_validate_json(body)
    except ValidationError as error:
        raise HttpProblem(400, "bad_assignment", "the assignment cannot be understood") from error


class OfAnOriginal(TicketError):
    """What it opens is not shown here."""

    sign = "other_ticket"


class Views:
    """Which tickets open what. One for the process; lives on the event loop."""

    def __init__(self, clock: Clock) -> None:
        self.assignment: Assignment | None = None
        self._clock = clock
        self.turnstile = Turnstile()
        self.viewings = Viewings(self.turnstile, clock, self.is_revoked)
        self.reports = Reports(self.viewings, clock)

    def assign(self, body: bytes) -> None:
        """Raises HttpProblem."""
        assignment = read_assignment(body)
        if self.assignment is not None and assignment.epoch < self.assignment.epoch:
            raise HttpProblem(409, "old_epoch", "a later assignment is in force")
        self.assignment = assignment

    def state(self) -> dict[str, Any]:
        """For the web process: whether we know what we should."""
        return {"epoch": self.assignment.epoch if self.assignment is not None else None}

    def origins(self) -> frozenset[str]:
        return self.assignment.origins if self.assignment is not None else frozenset()

    def is_revoked(self, ticket: Ticket) -> bool:
        """By the grant's end, the camera's closing, or a change of the person's rights."""
        return self.assignment is not None and self.assignment.is_revoked(ticket)

    def enter(self, text: str, address: str) -> Ticket:
        """Every request is a sign of life. Raises HttpProblem."""
        try:
            ticket = self.viewings.enter(text, self.told.ticket_key, address)
            if not ticket.masks:
                raise OfAnOriginal("this ticket opens no masked rendition", ticket)
            if self.told.is_revoked(ticket):
                raise Revoked("the right to look has been taken away", ticket)
        except TicketError as error:
            self.reports.note_refused(error.sign, address, error.opening)
            raise HttpProblem(403, "ticket_refused", str(error)) from error
        self.masks_of(ticket)
        return ticket

    def holds(self, text: str, ticket: Ticket) -> bool:
        """Whether an open view may go on."""
        if self.assignment is None or self.assignment.is_revoked(ticket):
            return False
        if ticket.kind not in COPIES and not self.viewings.holds(text):
            return False
        try:
            self.masks_of(ticket)
        except HttpProblem:
            return False
        return self.turnstile.alive(text, ticket, self.now())

    def each_second(self) -> None:
        """Note who has gone, and when the clock was set."""
        self.turnstile.sweep(self.now())
        self.viewings.sweep()
        self.reports.each_second()

    def masks_of(self, ticket: Ticket) -> tuple[Mask, ...]:
        """Exactly those that it names. Raises HttpProblem: others are in force by now."""
        begin_90k = None if ticket.kind == "live" else ticket.start_90k
        return self.masks(UUID(ticket.camera), ticket.grant, begin_90k, ticket.masks)

    def masks(self, camera: UUID, grant: str, begin_90k: int | None, digest: str) -> tuple[Mask, ...]:
        """The masks of this name, if they are what must be applied. Raises HttpProblem."""
        told = self.told.cameras.get(camera)
        standing = [Standing(one.mask, one.until_90k) for one in told.masks] if told is not None else []
        own = [one.mask for one in self.told.grants.get(grant, ())]
        found = applied(standing, begin_90k, own)
        if not digest or digest_of(found) != digest:
            raise CHANGED
        return found

    def worker_of(self, camera: UUID) -> str:
        """Raises HttpProblem."""
        told = self.told.cameras.get(camera)
        if told is None:
            raise CHANGED
        return told.url

    @property
    def told(self) -> Assignment:
        """Raises HttpProblem."""
        if self.assignment is None:
            raise HttpProblem(
                503, "not_assigned", "imaging has just started; try again", (("Retry-After", "1"),)
            )
        return self.assignment

    def now(self) -> float:
        return self._clock.utc_ns() / 1e9

    def now_90k(self) -> int:
        return self._clock.utc_ns() * 9 // 100_000
