"""A recipient's mark, drawn into the pixels of a derived copy (R31.5): visible, small, in any script.

The text is set by typst with the fonts that our papers are printed with, so no font of the machine is needed.
It goes from corner to corner: no part of the picture stays under it, and no crop of the film is without it.
"""

import io
import json
from collections import OrderedDict
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
import pylopdf_fonts_zh_cn as fonts
import typst
from av.error import FFmpegError
from numpy.typing import NDArray

from bingjian.imaging.errors import ImagingError

FONTS = str(Path(fonts.sans_path()).parent)
ONE_IN = 36  # letters are this part of the picture's height: legible, and no more
SMALLEST = 10  # pixels; below it Chinese cannot be read
WIDEST = 0.9  # of the picture; what is longer goes on in the next line
SHADE = 0.35  # what is left of the picture's light under the mark, so that white letters are read on white
WHITE, BLACK, NO_COLOUR = 235, 16, 128  # levels of a limited range
STAYS_90K = 10 * 90_000  # in one corner
KEPT = 4  # sizes of picture
FAULTS = (RuntimeError, ValueError, FFmpegError, StopIteration)
SHEET = Path(__file__).with_suffix(".typ")

Pixels = NDArray[np.uint8]


class Corner(NamedTuple):
    """Where the mark stands in a picture; in pixels, all of them even."""

    top: int
    left: int


class Stamp:
    """One mark, for pictures of any size."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._set: OrderedDict[tuple[int, int], Pixels] = OrderedDict()

    def on(self, pixels: Pixels, width: int, height: int, pts_90k: int) -> None:
        """Draw it.

        Args:
            pixels: the planes of a 4:2:0 picture of even sides, one behind the other, limited range.
            pts_90k: when the picture was taken: says in which corner.

        Raises ImagingError.
        """
        letters = self.letters(width, height)
        top, left = corner_of(letters.shape, width, height, pts_90k)
        rows, columns = slice(top, top + letters.shape[0]), slice(left, left + letters.shape[1])
        shaded = BLACK + (pixels[:height][rows, columns].astype(np.float32) - BLACK) * SHADE
        drawn = shaded + (WHITE - shaded) * (letters.astype(np.float32) / 255)
        pixels[:height][rows, columns] = np.clip(drawn, 0, 255).astype(np.uint8)
        planes = pixels[height:].reshape(2, height // 2, width // 2)
        planes[:, top // 2 : rows.stop // 2, left // 2 : columns.stop // 2] = NO_COLOUR

    def letters(self, width: int, height: int) -> Pixels:
        """How much of each pixel the letters cover, 0 … 255; sides even. Raises ImagingError."""
        found = self._set.get((width, height))
        if found is None:
            size = max(SMALLEST, height // ONE_IN)
            found = self._set[width, height] = typeset(self.text, size, round(width * WIDEST) - size)
            found = self._set[width, height] = found[: height // 2 * 2, : width // 2 * 2]
            if len(self._set) > KEPT:
                self._set.popitem(last=False)
        return found


def corner_of(shape: tuple[int, ...], width: int, height: int, pts_90k: int) -> Corner:
    """Below left, below right, above right, above left."""
    bottom, right = height - shape[0], width - shape[1]
    corners = Corner(bottom, 0), Corner(bottom, right), Corner(0, right), Corner(0, 0)
    return corners[pts_90k // STAYS_90K % len(corners)]


def typeset(text: str, size: int, width: int) -> Pixels:
    """The text in letters of so many pixels, in lines no wider than ``width``. Raises ImagingError."""
    told = json.dumps({"text": text, "size": size, "width": width}, ensure_ascii=False)
    try:
        made = typst.compile(
            str(SHEET),
            root=str(SHEET.parent),
            font_paths=[FONTS],
            ignore_system_fonts=True,
            sys_inputs={"told": told},
            format="png",
            ppi=72.0,  # a point is a pixel
        )
        assert isinstance(made, bytes)
        with av.open(io.BytesIO(made), "r") as container:
            letters = next(container.decode(video=0)).to_ndarray(format="gray").astype(np.uint8)
    except FAULTS as error:
        raise ImagingError("the recipient's mark cannot be drawn") from error
    return np.pad(letters, [(0, side % 2) for side in letters.shape])
