"""Where a camera that turns may look: what its file registers, and what lies on the ground that it would see.

Read once when somebody begins to control it, then asked without a database.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import cos, inf, radians, sin
from typing import Any
from uuid import UUID

import shapely

from bingjian.db.session import Database
from bingjian.imaging.masks import Mask
from bingjian.inventory.camera_file_values import Values, standing_of
from bingjian.inventory.camera_files import CameraFileRow, values_of
from bingjian.inventory.errors import FieldsNotAccepted
from bingjian.inventory.ground import Frame
from bingjian.inventory.picture_masks import standing as masks_standing
from bingjian.inventory.presets import PresetView
from bingjian.inventory.siting import Siting, Standing
from bingjian.inventory.turntable import Position
from bingjian.inventory.view import DISTANCE_MOST_M, TURN, View, view_polygon
from bingjian.rules.decisions.moving import UPRIGHT, Sweep
from bingjian.rules.decisions.privacy import Seen
from bingjian.rules.law import Law

CENTRE = (0.5, 0.5)  # of a picture: what a camera is aimed at


@dataclass(frozen=True, slots=True)
class Sight:
    """One camera's file, masks and surroundings, as they were when this was read."""

    values: Values
    siting: Siting
    standing: Standing
    picture_masks: tuple[Mask, ...]
    is_masked_inside: bool  # the camera has masks of its own, which turn with it

    @property
    def sweep(self) -> Sweep | None:
        """The registered one. What it does not bound is bounded by the camera alone."""
        told = self.values.get("sweep")
        return sweep_of(told) if told else None

    def aim_of(self, position: Position) -> PresetView | None:
        """Where a camera looks that says so; None: nobody registered where its own zero is."""
        zero = (self.values.get("sweep") or {}).get("pan_zero")
        if zero is None:
            return None
        widest, zoom = self.values.get("h_fov") or 1.0, max(1.0, position.zoom)
        return PresetView((zero + position.pan) % TURN, position.h_fov or widest / zoom, position.tilt)

    @property
    def home(self) -> PresetView | None:
        """The registered view."""
        azimuth, h_fov = self.values.get("azimuth"), self.values.get("h_fov")
        if azimuth is None or not h_fov:
            return None
        return PresetView(float(azimuth), float(h_fov), float(self.values.get("pitch") or 0))

    def zoom_of(self, view: PresetView) -> float:
        """How many times closer than the widest view, from the angles."""
        widest = self.values.get("h_fov") or view.h_fov
        return max(1.0, float(widest) / view.h_fov)

    def seen(self, law: Law, view: PresetView | None = None) -> Sequence[Seen] | None:
        """What a view (None: the whole sweep) meets of closed parts. None: not known.

        A mask that the platform fills in stays where it is in the picture, so it hides nothing of what a
        camera is turned to: only the camera's own masks count.
        """
        where = self.standing if view is None else replace(self.standing, view=self._ground_of(view))
        return self.siting.seen(law, where if self.is_masked_inside else replace(where, masks=()))

    def _ground_of(self, view: PresetView) -> Any:
        position, far = self.standing.position, self.values.get("max_view_distance")
        if position is None or not far:
            return None
        return view_polygon(View(*position, view.azimuth, view.h_fov, min(far, DISTANCE_MOST_M)))

    def is_aimed_at_mask(self, view: PresetView) -> bool:
        """Whether the middle of the picture meets ground that a mask is registered for."""
        position, far = self.standing.position, self.values.get("max_view_distance") or DISTANCE_MOST_M
        if position is None or not self.standing.masks:
            return False
        frame, turned = Frame(*position), radians(view.azimuth)
        reach = min(far, DISTANCE_MOST_M)
        line = shapely.LineString([(0, 0), (reach * sin(turned), reach * cos(turned))])
        return any(line.intersects(frame.polygon(mask)) for mask in self.standing.masks)

    def is_mask_at(self, middle: tuple[float, float]) -> bool:
        """Whether a mask covers this point of the picture, as long as the camera is not turned."""
        point = shapely.Point(middle)
        return any(shapely.Polygon(mask.polygon).covers(point) for mask in self.picture_masks)


def sweep_of(told: Any) -> Sweep:
    """As the file has it."""
    least, most, zoom = (told.get(name) for name in ("tilt_least", "tilt_most", "zoom_most"))
    return Sweep(
        pan_from=told["pan_from"],
        pan_width=told["pan_width"],
        tilt_least=-UPRIGHT if least is None else least,
        tilt_most=UPRIGHT if most is None else most,
        zoom_most=inf if zoom is None else zoom,
    )


async def sight_of(database: Database, camera: UUID) -> Sight:
    """Of a camera; of one without a file as of one whose file is empty."""
    async with database.read() as session:
        row = await session.get(CameraFileRow, camera)
        values = values_of(row) if row is not None else {}
        where = standing_in(values)
        siting = await Siting.around(session, where)
        masks = await masks_standing(session, camera)
    inside = any(one.where == "camera" for one in masks)
    return Sight(values, siting, where, tuple(one.mask for one in masks), inside)


def standing_in(values: Values) -> Standing:
    """As the file says; a view that no camera has is not known."""
    try:
        return standing_of(values)
    except FieldsNotAccepted:
        return standing_of({name: value for name, value in values.items() if name != "azimuth"})
