"""Keeps presets of cameras: judged, told to the camera, then registered. The home is there until another is.

The camera is told first: one that it did not take is not offered, and what was home before still is.
"""

from dataclasses import dataclass
from uuid import UUID

from bingjian.access.control.lease import Lease
from bingjian.access.control.service import Control, home_of
from bingjian.access.control.turning import Turning, may_be_home, may_go
from bingjian.inventory.errors import FieldsNotAccepted
from bingjian.inventory.presets import PresetRow, PresetView, PresetWish
from bingjian.rules.decisions.moving import may_leave_home


@dataclass(frozen=True, slots=True)
class PresetIn:
    """A preset as somebody asks for it. ``view`` None: where the camera says that it looks, or home."""

    number: int
    name: str
    view: PresetView | None
    is_home: bool


class Keeping:
    """Every method raises ControlOver, NotTurnable, Refused (R9.7, R19.4), TurntableError."""

    def __init__(self, control: Control) -> None:
        self._control = control

    async def set_preset(self, camera: UUID, lease: UUID, by: UUID, wish: PresetIn) -> PresetRow:
        """Keep where the camera looks now.

        Raises FieldsNotAccepted: it is to be home, and the file has no registered view.
        """
        control = self._control
        async with control.commanding(camera, lease, by) as (held, turning):
            view = view_of(turning, wish)
            await control.require(held, may_go(control.law, turning.sight, view, is_home=wish.is_home))
            assert view is not None  # refused otherwise
            if wish.is_home:
                await control.require(held, may_be_home(control.law, turning))
            else:
                await self._forget(held, turning, wish.number)
            await turning.turntable.set_preset(wish.number)
            kept = PresetWish(wish.number, wish.name, view, wish.is_home)
            row = await control.presets.keep(camera, kept, held.by.id)
            turning.home = home_of(await control.presets.of(camera))
            return row

    async def delete_preset(self, camera: UUID, lease: UUID, by: UUID, number: int) -> None:
        """Raises NotThere."""
        control = self._control
        async with control.commanding(camera, lease, by) as (held, turning):
            await control.presets.get(camera, number)
            await self._require_home(held, turning, number)
            await turning.turntable.delete_preset(number)
            await control.presets.delete(camera, number, held.by.id)
            turning.home = home_of(await control.presets.of(camera))

    async def _forget(self, held: Lease, turning: Turning, number: int) -> None:
        """What had this number is not offered while the camera is told another view."""
        await self._require_home(held, turning, number)
        presets = self._control.presets
        if any(row.number == number for row in await presets.of(held.camera)):
            await presets.delete(held.camera, number, held.by.id)
            turning.home = home_of(await presets.of(held.camera))

    async def _require_home(self, held: Lease, turning: Turning, number: int) -> None:
        """A camera that is away keeps the home that it has to go back to."""
        has_home = not turning.is_away or turning.home != number
        await self._control.require(held, may_leave_home(self._control.law, has_home))


def view_of(turning: Turning, wish: PresetIn) -> PresetView | None:
    """What a preset shows: the registered view, what the camera says, or what the person says.

    Raises FieldsNotAccepted: it is to be the registered view, and none is registered.
    """
    if wish.is_home:
        if turning.sight.home is None:
            raise FieldsNotAccepted({"is_home": "the camera's file has no azimuth and field of view"})
        return turning.sight.home
    return turning.aim if turning.position is not None and turning.aim is not None else wish.view
