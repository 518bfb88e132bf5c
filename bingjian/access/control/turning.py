"""A camera that somebody turns, or has turned: what is known of it, and what the law says of a move."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from bingjian.inventory.aiming import CENTRE, Sight
from bingjian.inventory.mobility import Mobility
from bingjian.inventory.presets import PresetRow, PresetView
from bingjian.inventory.turntable import (
    STILL,
    Lens,
    Motion,
    NotTaken,
    Position,
    Rectangle,
    Turntable,
    TurntableAway,
)
from bingjian.rules.decision import Case, Grant, Refusal
from bingjian.rules.decisions import moving, privacy
from bingjian.rules.decisions.moving import TURN
from bingjian.rules.law import Law

AHEAD_DEG = 1.0  # a move is judged by where it leads: so much further
SELDOM_S = 8.0
CLOSER = 1.05  # likewise, of zoom

# What a camera does without a hand: it goes to what was drawn on its picture, and stands; or it goes round
# its presets, or to and fro, until it is told to stop.
Course = Literal["frame", "cruise", "scan"]


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
    course: Course | None = None
    lens: Lens = field(default_factory=Lens)
    mobility: Mobility = "turns"
    switched: set[int] = field(default_factory=set)  # switches that whoever controls it has turned on
    is_away: bool = False  # from its registered view
    is_panned: bool = False  # pan or tilt have moved since
    is_zoomed: bool = False
    is_on_mask: bool = False  # what was drawn on its picture was what a mask hides
    is_unstopped: bool = False  # it was told to stop, and nobody knows whether it did
    aimed_since: datetime | None = None  # at what a mask hides
    is_told: bool = False  # the journal has it that somebody keeps it so
    commands: int = 0  # of the lease
    number: int = 0  # of the last command: a late one does nothing
    used_at: datetime | None = None  # the last command of the lease, of whatever kind, or its begin
    says_where: bool = False  # it is a camera that does; an answer may be lost all the same
    is_let_go: bool = False  # its row says that the journal has the end of the lease
    failures: int = 0  # looks in a row at which it did not answer
    again_at: datetime | None = None  # the next look after such a one

    @property
    def has_home(self) -> bool:
        return self.home is not None or self.start is not None

    @property
    def is_moving(self) -> bool:
        """As far as anybody has told it to."""
        return bool(self.motion) or self.course is not None

    @property
    def is_aimed(self) -> bool:
        """At what a mask hides: by its direction, or because it zoomed in on it in the registered picture."""
        if not self.is_away:
            return False
        if self.aim is not None:
            return self.sight.is_aimed_at_mask(self.aim)
        return self.is_on_mask or (self.is_zoomed and not self.is_panned and self.sight.is_mask_at(CENTRE))

    def is_news(self, number: int) -> bool:
        """Whether a command is newer than all before it, which it then is."""
        if number <= self.number:
            return False
        self.number = number
        return True

    def is_unused(self, idle_s: float, now: datetime) -> bool:
        """Whether whoever has it has done nothing for longer than this, and nothing goes on."""
        rests = not self.is_moving and self.lens == Lens()
        return rests and self.used_at is not None and (now - self.used_at).total_seconds() > idle_s

    def looked_after(self, now: datetime, *, answers: bool) -> None:
        """One that does not answer is asked ever more seldom, at last every ``SELDOM_S``."""
        self.failures = 0 if answers else min(self.failures + 1, 10)
        self.again_at = None if answers else now + timedelta(seconds=min(2**self.failures / 4, SELDOM_S))

    def taken_by(self, person: UUID, now: datetime) -> None:
        """Whoever takes it answers for what it is aimed at from now on, not for who was before them."""
        if person != self.person:
            self.aimed_since, self.is_told = now if self.is_aimed else None, False
        self.person, self.commands, self.number = person, 0, 0
        self.used_at, self.is_let_go = now, False

    def found_at(self, position: Position) -> None:
        """The camera says where it looks."""
        self.position, self.aim, self.says_where = position, self.sight.aim_of(position), True

    def lost(self) -> None:
        """It no longer says where it looks."""
        self.position, self.aim = None, None if self.is_moving else self.aim

    def moved(self, motion: Motion, now: datetime) -> None:
        """It was told so."""
        self.motion, self.course, self.moved_at = motion, None, now
        if motion:
            is_panned = bool(motion.axes & {"pan", "tilt"})
            self.is_away = True
            self.is_panned, self.is_on_mask = self.is_panned or is_panned, self.is_on_mask and not is_panned
            self.is_zoomed |= motion.zoom > 0
            self.aim = self.aim if self.position is not None else None
        self.look_where(now)

    def framed(self, rectangle: Rectangle, now: datetime, *, closer: bool) -> None:
        """It goes to what was drawn on its picture."""
        self.is_on_mask = closer and not self.is_panned and self.sight.is_mask_at(rectangle.middle)
        self.is_zoomed |= closer
        aim = self.aim if self.position is not None else None
        self.aim = framed(aim, rectangle, closer=closer) if aim is not None else None
        self._goes("frame", now)

    def goes(self, course: Course, now: datetime, rests_at: PresetView | None = None) -> None:
        """It goes round or to and fro: where it looks is known only if it says so.

        ``rests_at``: what it comes to look at, again and again, for longer than anybody may.
        """
        self.is_on_mask, self.aim = False, self.aim if self.position is not None else rests_at
        self._goes(course, now)

    def _goes(self, course: Course, now: datetime) -> None:
        self.motion, self.course, self.moved_at = STILL, course, now
        self.is_away = self.is_panned = True
        self.look_where(now)

    def arrived(self) -> None:
        """At what was drawn."""
        self.course = None if self.course == "frame" else self.course

    def shows(self, view: PresetView, now: datetime, *, is_home: bool) -> None:
        """It went to a preset."""
        self.motion, self.course, self.moved_at, self.aim = STILL, None, now, view
        self.is_away, self.is_panned, self.is_zoomed, self.is_on_mask = not is_home, not is_home, False, False
        self.look_where(now)

    def went_home(self) -> None:
        self.motion, self.course, self.aim, self.aimed_since = STILL, None, None, None
        self.is_away = self.is_panned = self.is_zoomed = self.is_on_mask = self.is_told = False

    def look_where(self, now: datetime) -> None:
        """Since when it is aimed at what a mask hides; nudging it does not begin anew."""
        if not self.is_aimed:
            self.aimed_since, self.is_told = None, False
        elif self.aimed_since is None:
            self.aimed_since = now


@contextmanager
def as_before_if_not_taken(turning: Turning) -> Iterator[None]:
    """What is done here to ``turning`` is told to the camera. One that says no does what it did before; of
    one that says nothing the worse holds: that it goes on. Both may have left home.
    """
    before = replace(turning)
    try:
        yield
    except NotTaken:
        is_away = turning.is_away or before.is_away
        for one in fields(turning):
            setattr(turning, one.name, getattr(before, one.name))
        turning.is_away = is_away
        raise
    except TurntableAway:
        turning.is_away |= before.is_away
        turning.is_panned |= before.is_panned
        turning.is_zoomed |= before.is_zoomed
        if not turning.is_moving:
            turning.motion, turning.course = before.motion, before.course
        if turning.lens == Lens():
            turning.lens = before.lens
        raise


def may_move(law: Law, turning: Turning, motion: Motion) -> Grant | Refusal:
    """Arts. 9, 19¶1: inside the registered sweep, which meets no private part, by what can go home again."""
    case = leaving(law, turning)
    sweep, aim = turning.sight.sweep, turning.aim if turning.position is not None else None
    if sweep is None or aim is None:
        case.join(moving.may_turn_unseen(law, sweep, motion.axes))
    else:
        case.join(may_show(law, turning.sight, ahead(aim, motion)))
    return case.answer()


def may_go_on(law: Law, turning: Turning) -> Grant | Refusal:
    """The same of what it does, not saying where it looks any more. A cruise was judged by its presets."""
    axes = frozenset({"pan", "tilt", "zoom"}) if turning.course == "frame" else turning.motion.axes
    return moving.may_turn_unseen(law, turning.sight.sweep, axes)


def may_frame(law: Law, turning: Turning, rectangle: Rectangle, *, closer: bool) -> Grant | Refusal:
    """The same of what was drawn on the picture, judged by where that leads; unseen, along every axis."""
    case = leaving(law, turning)
    sweep, aim = turning.sight.sweep, turning.aim if turning.position is not None else None
    if sweep is None or aim is None:
        case.join(moving.may_turn_unseen(law, sweep, frozenset({"pan", "tilt", "zoom"})))
    else:
        case.join(may_show(law, turning.sight, framed(aim, rectangle, closer=closer)))
    return case.answer()


def may_cruise(law: Law, turning: Turning, presets: Iterable[PresetRow | None]) -> Grant | Refusal:
    """The same of presets one after the other (None: one that is not registered): all of them."""
    case = Case(law)
    case.join(moving.may_leave_home(law, turning.has_home))
    for preset in presets:
        view, is_home = (preset.view, preset.is_home) if preset is not None else (None, False)
        case.join(may_go(law, turning.sight, view, is_home=is_home))
    return case.answer()


def may_scan(law: Law, turning: Turning) -> Grant | Refusal:
    """The same of all that it may sweep, for where a scan's edges are nobody can tell."""
    case = leaving(law, turning)
    case.join(moving.may_roam(law, turning.sight.sweep))
    return case.answer()


def leaving(law: Law, turning: Turning) -> Case:
    """What holds of every move that a hand or a camera chooses freely."""
    case = Case(law)
    case.join(moving.may_leave_home(law, turning.has_home))
    case.join(privacy.may_turn(law, turning.sight.seen(law)))
    return case


def may_go(law: Law, sight: Sight, view: PresetView | None, *, is_home: bool = False) -> Grant | Refusal:
    """The same of a preset with a registered view (None: it has none). The registered view is inside."""
    case = Case(law)
    case.join(privacy.may_turn(law, sight.seen(law, view) if view is not None else None))
    if view is not None and not is_home:
        case.join(may_show(law, sight, view))
    return case.answer()


def may_visit(law: Law, turning: Turning, preset: PresetRow) -> Grant | Refusal:
    """The same of a preset to be gone to: away from home only what can go back there."""
    case = Case(law)
    if not preset.is_home:
        case.join(moving.may_leave_home(law, turning.has_home))
    case.join(may_go(law, turning.sight, preset.view, is_home=preset.is_home))
    return case.answer()


def may_be_home(law: Law, turning: Turning) -> Grant | Refusal:
    """Art. 19¶1: what it shows now, as far as that is known, is the registered view."""
    home, aim = turning.sight.home, turning.aim
    return moving.may_be_home(law, beside(home, aim) if home is not None and aim is not None else 0.0)


def beside(home: PresetView, view: PresetView) -> float:
    """In percent of the width of ``home``, how far a view lies beside it, or is wider or narrower."""
    apart = abs((view.azimuth - home.azimuth + TURN / 2) % TURN - TURN / 2)
    return 100 * max(apart, abs(view.h_fov - home.h_fov)) / home.h_fov


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


def framed(aim: PresetView, rectangle: Rectangle, *, closer: bool) -> PresetView:
    """What the picture shows afterwards, by its angles; the upright one as the picture's shape has it."""
    across, down = rectangle.middle
    upright = aim.h_fov * rectangle.picture_height / rectangle.picture_width
    share = rectangle.share
    return PresetView(
        (aim.azimuth + aim.h_fov * (across - 0.5)) % TURN,
        aim.h_fov * share if closer else min(TURN, aim.h_fov / share),
        aim.pitch - upright * (down - 0.5),
    )


def sign(speed: int) -> int:
    return (speed > 0) - (speed < 0)
