"""A camera that somebody turns, or has turned: what is known of it, and what the law says of a move."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from bingjian.inventory.aiming import Sight
from bingjian.inventory.presets import PresetView
from bingjian.inventory.turntable import STILL, Lens, Motion, Position, Turntable
from bingjian.rules.decision import Case, Grant, Refusal
from bingjian.rules.decisions import moving, privacy
from bingjian.rules.law import Law

AHEAD_DEG = 1.0  # a move is judged by where it leads: so much further
CLOSER = 1.05  # likewise, of zoom


@dataclass(slots=True)
class Turning:
    """One camera. ``person``: who turned it last."""

    camera: UUID
    turntable: Turntable
    sight: Sight
    person: UUID
    moved_at: datetime  # the last command
    home: int | None = None  # the preset it goes back to
    start: Position | None = None  # where it was before anybody turned it, if it says so
    position: Position | None = None  # where it looks now, if it says so
    inside: Position | None = None  # where it last was inside the registered sweep
    aim: PresetView | None = None  # what it shows now, as far as it is known
    motion: Motion = STILL
    lens: Lens = field(default_factory=Lens)
    is_away: bool = False  # from its registered view
    is_panned: bool = False  # pan or tilt have moved since
    is_zoomed: bool = False
    is_unstopped: bool = False  # it was told to stop, and nobody knows whether it did
    aimed_since: datetime | None = None  # at what a mask hides
    is_told: bool = False  # the journal has it that somebody keeps it so
    commands: int = 0  # of the lease
    number: int = 0  # of the last command: a late one does nothing

    @property
    def has_home(self) -> bool:
        return self.home is not None or self.start is not None

    @property
    def is_aimed(self) -> bool:
        """At what a mask hides: by its direction, or because it zoomed in where it stood."""
        if not self.is_away:
            return False
        if self.aim is not None:
            return self.sight.is_aimed_at_mask(self.aim)
        return self.is_zoomed and not self.is_panned and self.sight.is_mask_in_the_middle

    def found_at(self, position: Position) -> None:
        """The camera says where it looks."""
        self.position, self.aim = position, self.sight.aim_of(position)

    def moved(self, motion: Motion, now: datetime) -> None:
        """It was told so."""
        self.motion, self.moved_at = motion, now
        if motion:
            self.is_away = True
            self.is_panned |= bool(motion.axes & {"pan", "tilt"})
            self.is_zoomed |= motion.zoom > 0
            self.aim = self.aim if self.position is not None else None
        self.look_where(now)

    def shows(self, view: PresetView, now: datetime, *, is_home: bool) -> None:
        """It went to a preset."""
        self.motion, self.moved_at, self.aim = STILL, now, view
        self.is_away, self.is_panned, self.is_zoomed = not is_home, not is_home, False
        self.look_where(now)

    def went_home(self) -> None:
        self.motion, self.aim, self.aimed_since = STILL, None, None
        self.is_away = self.is_panned = self.is_zoomed = self.is_told = False

    def look_where(self, now: datetime) -> None:
        """Since when it is aimed at what a mask hides; nudging it does not begin anew."""
        if not self.is_aimed:
            self.aimed_since, self.is_told = None, False
        elif self.aimed_since is None:
            self.aimed_since = now


def may_move(law: Law, turning: Turning, motion: Motion) -> Grant | Refusal:
    """Arts. 9, 19¶1: inside the registered sweep, which meets no private part, by what can go home again."""
    case = Case(law)
    case.join(moving.may_leave_home(law, turning.has_home))
    case.join(privacy.may_turn(law, turning.sight.seen(law)))
    sweep, aim = turning.sight.sweep, turning.aim if turning.position is not None else None
    if sweep is None or aim is None:
        case.join(moving.may_turn_unseen(law, sweep, motion.axes))
    else:
        case.join(may_show(law, turning.sight, ahead(aim, motion)))
    return case.answer()


def may_go(law: Law, sight: Sight, view: PresetView | None, *, is_home: bool = False) -> Grant | Refusal:
    """The same of a preset with a registered view (None: it has none). The registered view is inside."""
    case = Case(law)
    case.join(privacy.may_turn(law, sight.seen(law, view) if view is not None else None))
    if view is not None and not is_home:
        case.join(may_show(law, sight, view))
    return case.answer()


def may_show(law: Law, sight: Sight, view: PresetView) -> Grant | Refusal:
    """Art. 19¶1: whether it lies inside the registered sweep."""
    if sight.sweep is None:
        return moving.may_turn_unseen(law, None, frozenset({"pan"}))
    return moving.may_turn(law, sight.sweep, view.azimuth, view.pitch, sight.zoom_of(view))


def ahead(aim: PresetView, motion: Motion) -> PresetView:
    """Where a motion leads first."""
    return replace(
        aim,
        azimuth=aim.azimuth + AHEAD_DEG * sign(motion.pan),
        pitch=aim.pitch + AHEAD_DEG * sign(motion.tilt),
        h_fov=aim.h_fov / CLOSER ** sign(motion.zoom),
    )


def sign(speed: int) -> int:
    return (speed > 0) - (speed < 0)
