"""Time burnt into pictures as a row of black and white cells, for measuring latency in a browser.

Geometry, in pixels of a 1280x720 picture (scale all by width/1280 for other sizes): ``CELLS`` = 48 square
cells of ``CELL`` = 16 pixels in one row, the first one's upper left corner at (``LEFT``, ``TOP``) = (16,
16).

    cell 0         white (level 235)     what "1" looks like
    cell 1         black (level 16)      what "0" looks like
    cells 2 – 43   42 bits, most significant first: milliseconds since 1970-01-01T00:00:00Z
    cells 44 – 47   4 bits, most significant first: that number modulo 15

To read a cell take the mean of its middle 8x8 pixels and compare it with the mean of cells 0 and 1. A
reading counts if cell 0 is at least ``CONTRAST`` brighter than cell 1 and the check digit is right: any
single wrong cell is noticed. ``python -m bingjian.simulate.timecode`` prints ``GEOMETRY`` as JSON, for
programs in other languages.
"""

import json
import sys
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from bingjian.simulate.lettering import letters
from bingjian.simulate.painting import Layer

WIDTH = 1280
LEFT, TOP, CELL, CELLS = 16, 16, 16, 48
VALUE_BITS, CHECK_BITS, CHECK_MODULUS = 42, 4, 15
CONTRAST = 64  # levels out of 255
WHITE, BLACK = 235, 16  # luma of BT.709, limited range

GEOMETRY: Mapping[str, int] = MappingProxyType(
    {
        "width": WIDTH,
        "left": LEFT,
        "top": TOP,
        "cell": CELL,
        "cells": CELLS,
        "white_cell": 0,
        "black_cell": 1,
        "first_value_cell": 2,
        "value_bits": VALUE_BITS,
        "check_bits": CHECK_BITS,
        "check_modulus": CHECK_MODULUS,
        "sample_inset": CELL // 4,
        "contrast": CONTRAST,
    }
)


def write_timecode(luma: NDArray[np.uint8], milliseconds: int) -> None:
    """Draw the cells into the luma plane, shape (720, 1280), of a picture."""
    value = milliseconds % (1 << VALUE_BITS)
    bits = f"10{value:0{VALUE_BITS}b}{value % CHECK_MODULUS:0{CHECK_BITS}b}"
    levels = np.array([WHITE if bit == "1" else BLACK for bit in bits], np.uint8)
    luma[TOP : TOP + CELL, LEFT : LEFT + CELLS * CELL] = np.repeat(levels, CELL)[None, :]


def read_timecode(grey: NDArray[np.uint8]) -> int | None:
    """The milliseconds since 1970 burnt into a picture.

    Args:
        grey: brightness, shape (height, width), 0 to 255; any size of the same proportions.

    Returns:
        None if no time code is there or it cannot be trusted.
    """
    scale = grey.shape[1] / WIDTH
    means = [_cell_mean(grey, number, scale) for number in range(CELLS)]
    white, black = means[0], means[1]
    if not white - black >= CONTRAST:
        return None
    bits = "".join("1" if mean > (white + black) / 2 else "0" for mean in means[2:])
    value, check = int(bits[:VALUE_BITS], 2), int(bits[VALUE_BITS:], 2)
    return value if value % CHECK_MODULUS == check else None


def _cell_mean(grey: NDArray[np.uint8], number: int, scale: float) -> float:
    left, top = LEFT + number * CELL + CELL // 4, TOP + CELL // 4
    rows = slice(round(top * scale), max(round((top + CELL // 2) * scale), round(top * scale) + 1))
    columns = slice(round(left * scale), max(round((left + CELL // 2) * scale), round(left * scale) + 1))
    part = grey[rows, columns]
    return float(part.mean()) if part.size else 0.0


class Digits:
    """The same time for people, written below the cells: ``HH:MM:SS.mmm`` UTC."""

    _HEIGHT = 24

    def __init__(self) -> None:
        self._signs = {sign: self._sign(sign) for sign in "0123456789:."}

    def _sign(self, sign: str) -> NDArray[np.uint8]:
        layer = Layer.empty(26, self._HEIGHT + 14)
        letters(layer, (2, 7), sign, self._HEIGHT, (1.0, 1.0, 1.0), 3)
        return np.asarray(BLACK + layer.colour[:, :, 0] * (WHITE - BLACK), np.uint8)

    def write(self, luma: NDArray[np.uint8], milliseconds: int) -> None:
        seconds, rest = divmod(milliseconds % 86_400_000, 1000)
        text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:03d}"
        strip = np.concatenate([self._signs[sign] for sign in text], axis=1)
        top = TOP + CELL + 8
        luma[top : top + strip.shape[0], LEFT : LEFT + strip.shape[1]] = strip


if __name__ == "__main__":
    sys.stdout.write(json.dumps(dict(GEOMETRY)) + "\n")
