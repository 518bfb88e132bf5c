"""What a camera does beside turning while a key is held: frames, cruises, scans, switches, its own return.

Each is asked of the lease as a move is, judged as strictly, and ended by whatever ends a move: the next
command, a stop, the end of the lease. Nothing here goes on without somebody who says that they are there.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from bingjian.access.control.service import Control
from bingjian.access.control.turning import Turning, as_before_if_not_taken, may_cruise, may_frame, may_scan
from bingjian.entries import ReturnSet
from bingjian.inventory.cruises import CruiseRow
from bingjian.inventory.presets import PresetRow, PresetView
from bingjian.inventory.turntable import Edge, Rectangle, Tour
from bingjian.rules.decision import Grant
from bingjian.rules.decisions.moving import may_leave_home, may_wait_before_home


@dataclass(frozen=True, slots=True)
class Hand:
    """Whose command it is, of which camera, by which lease."""

    camera: UUID
    lease: UUID
    by: UUID


class Manoeuvres:
    """Every method raises ControlOver, NotTurnable, TurntableError; most of them Refused (R9.7, R19.4)."""

    def __init__(self, control: Control) -> None:
        self._control = control

    async def frame(self, hand: Hand, rectangle: Rectangle, number: int, *, closer: bool) -> None:
        """To what was drawn on the picture. ``number``: as of a move."""
        control = self._control
        async with control.commanding(hand.camera, hand.lease, hand.by) as (held, turning):
            if not turning.is_news(number):
                return
            await control.require(held, may_frame(control.law, turning, rectangle, closer=closer))
            with as_before_if_not_taken(turning):
                turning.framed(rectangle, control.now, closer=closer)
                await turning.turntable.frame(rectangle, closer=closer)

    async def start_cruise(self, hand: Hand, cruise: int, number: int) -> None:
        """Its presets as they are registered now. Raises NotThere."""
        control = self._control
        async with control.commanding(hand.camera, hand.lease, hand.by) as (held, turning):
            row = await control.cruises.get(hand.camera, cruise)
            if not turning.is_news(number):
                return
            presets = await self._presets(hand.camera, row.points)
            await control.require(held, may_cruise(control.law, turning, presets))
            with as_before_if_not_taken(turning):
                turning.goes("cruise", control.now, self._prying(turning, presets, row.dwell_s))
                await turning.turntable.start_cruise(cruise)

    async def set_cruise(self, hand: Hand, name: str, tour: Tour) -> CruiseRow:
        """In place of what had its number. What the camera has half of is not offered."""
        control = self._control
        async with control.commanding(hand.camera, hand.lease, hand.by) as (held, turning):
            presets = await self._presets(hand.camera, tour.points)
            await control.require(held, may_cruise(control.law, turning, presets))
            if any(row.number == tour.number for row in await control.cruises.of(hand.camera)):
                await control.cruises.delete(hand.camera, tour.number, held.by.id)
            await turning.turntable.set_cruise(tour)
            return await control.cruises.keep(hand.camera, name, tour, held.by.id)

    async def delete_cruise(self, hand: Hand, cruise: int) -> None:
        """Raises NotThere."""
        control = self._control
        async with control.commanding(hand.camera, hand.lease, hand.by) as (held, turning):
            await control.cruises.get(hand.camera, cruise)
            await turning.turntable.delete_cruise(cruise)
            await control.cruises.delete(hand.camera, cruise, held.by.id)

    async def start_scan(self, hand: Hand, scan: int, number: int) -> None:
        control = self._control
        async with control.commanding(hand.camera, hand.lease, hand.by) as (held, turning):
            if not turning.is_news(number):
                return
            await control.require(held, may_scan(control.law, turning))
            with as_before_if_not_taken(turning):
                turning.goes("scan", control.now)
                await turning.turntable.start_scan(scan)

    async def set_scan(self, hand: Hand, scan: int, edge: Edge | None, speed: int | None) -> None:
        """An edge where the camera looks now, a speed in percent, or both."""
        control = self._control
        async with control.commanding(hand.camera, hand.lease, hand.by) as (held, turning):
            await control.require(held, may_scan(control.law, turning))
            if edge is not None:
                await turning.turntable.set_scan_edge(scan, edge)
            if speed is not None:
                await turning.turntable.set_scan_speed(scan, speed)

    async def switch(self, hand: Hand, switch: int, *, on: bool) -> None:
        """Until the lease ends at the latest; a camera that does not turn has switches, too."""
        async with self._control.commanding(hand.camera, hand.lease, hand.by, turns=False) as (_, turning):
            turning.switched.add(switch)
            await turning.turntable.switch(switch, on=on)
            if not on:
                turning.switched.discard(switch)

    async def set_return(self, hand: Hand, delay_s: int | None) -> None:
        """The camera goes home by itself, too: also while nothing of the platform runs. None: no longer."""
        control = self._control
        async with control.commanding(hand.camera, hand.lease, hand.by) as (held, turning):
            home = turning.home
            await control.require(held, may_leave_home(control.law, home is not None))
            if delay_s is not None:
                await control.require(held, may_wait_before_home(control.law, delay_s))
            assert home is not None  # refused otherwise
            await control.write(ReturnSet(str(held.by.id), str(hand.camera), home, delay_s))
            await turning.turntable.set_return(home, delay_s)

    def _prying(self, turning: Turning, presets: list[PresetRow | None], dwell_s: int) -> PresetView | None:
        """R31.1: a point at which the cruise would rest on what a mask hides for longer than a person may."""
        views, now = [preset.view for preset in presets if preset is not None], self._control.now
        if isinstance(self._control.may_rest(turning, now, now + timedelta(seconds=dwell_s)), Grant):
            return None
        return next((view for view in views if turning.sight.is_aimed_at_mask(view)), None)

    async def _presets(self, camera: UUID, numbers: tuple[int, ...]) -> list[PresetRow | None]:
        """None: it is not registered, or no longer."""
        found = {row.number: row for row in await self._control.presets.of(camera)}
        return [found.get(number) for number in numbers]
