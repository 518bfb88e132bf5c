"""Masks put over decoded pictures: every pixel that a mask touches becomes one constant colour.

A chroma sample of a 4:2:0 picture belongs to four pixels, so pixels are covered in cells of two by two: a
cell that the mask touches at all is covered as a whole, and nothing from under a mask is left in its colours.
The encoder never sees what is covered, so no artefact of its can tell of it.
"""

from collections import OrderedDict
from collections.abc import Sequence
from math import ceil, floor

import numpy as np
import shapely
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from bingjian.imaging.errors import ImagingError
from bingjian.imaging.masks import Mask
from bingjian.imaging.stamp import Stamp

CELL = 2  # pixels, see above
GREY = (96, 128, 128)  # Y, Cb, Cr: neither black, as a dark night is, nor white
KEPT = 4  # shapes of picture: a camera has a main and a sub stream

Cells = NDArray[np.bool_]
Pixels = NDArray[np.uint8]


class Cover:
    """The masks of one view, over pictures of any size, and over them the mark of whoever gets it."""

    def __init__(self, masks: Sequence[Mask], stamp: Stamp | None = None) -> None:
        self.masks = tuple(masks)
        self._stamp = stamp
        self._cells: OrderedDict[tuple[int, int], Cells] = OrderedDict()

    def over(self, frame: VideoFrame, size: tuple[int, int] | None = None) -> VideoFrame:
        """The picture in 4:2:0 of even sides, covered; the frame itself is not touched: it may be what the
        decoder predicts the next one from. ``size``: as ``even_size`` gives it; None: the picture's own.
        Raises ImagingError.
        """
        width, height = size or even_size(frame.width, frame.height)
        even = frame.reformat(width=width, height=height, format="yuv420p", dst_color_range="MPEG")
        pixels = even.to_ndarray().astype(np.uint8, copy=True)
        self._fill(pixels, width, height)
        if self._stamp is not None:
            self._stamp.on(pixels, width, height, frame.pts or 0)
        covered = VideoFrame.from_ndarray(pixels, format="yuv420p")
        covered.pts = frame.pts
        if frame.time_base is not None:
            covered.time_base = frame.time_base
        covered.color_range = 1  # limited, as converted above
        return covered

    def _fill(self, pixels: Pixels, width: int, height: int) -> None:
        """``pixels``: the planes of a 4:2:0 picture, one behind the other."""
        cells = self._of(width, height)
        luma = pixels[:height].reshape(height // CELL, CELL, width // CELL, CELL)
        np.copyto(luma, np.uint8(GREY[0]), where=cells[:, None, :, None])
        planes = pixels[height:].reshape(2, height // CELL, width // CELL)
        for plane, colour in zip(planes, GREY[1:], strict=True):
            np.copyto(plane, np.uint8(colour), where=cells)

    def _of(self, width: int, height: int) -> Cells:
        found = self._cells.get((width, height))
        if found is None:
            found = self._cells[width, height] = covered_cells(self.masks, width // CELL, height // CELL)
            if len(self._cells) > KEPT:
                self._cells.popitem(last=False)
        return found


def even_size(width: int, height: int) -> tuple[int, int]:
    """Raises ImagingError."""
    if width < CELL or height < CELL:
        raise ImagingError("the picture is too small to be masked")
    return width // CELL * CELL, height // CELL * CELL


def covered_cells(masks: Sequence[Mask], columns: int, rows: int) -> Cells:
    """Which cells of the picture are covered: those a mask touches; of a window, those not whole in it."""
    covered = np.zeros((rows, columns), np.bool_)
    for mask in masks:
        shape = shapely.Polygon([(x * columns, y * rows) for x, y in mask.polygon])
        if mask.is_window:
            shape = shapely.box(-1, -1, columns + 1, rows + 1).difference(shape)
        covered |= touched(shape, columns, rows)
    return covered


def touched(shape: shapely.Geometry, columns: int, rows: int) -> Cells:
    """Cells of side 1 that a shape touches: in each row, the stretches that its part in that row spans."""
    found = np.zeros((rows, columns), np.bool_)
    strips = shapely.box(-1, np.arange(rows), columns + 1, np.arange(rows) + 1)
    shapely.prepare(shape)
    for row, part in enumerate(shapely.intersection(shape, strips)):
        for piece in shapely.get_parts(part):
            west, _, east, _ = shapely.bounds(piece)
            if not np.isnan(west):
                found[row, max(floor(west), 0) : min(ceil(east), columns)] = True
    return found
