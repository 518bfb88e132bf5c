"""The burnt-in time: what is written is read, and what is damaged is noticed."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bingjian.simulate.timecode import CELL, CELLS, GEOMETRY, LEFT, TOP, Digits, read_timecode, write_timecode

INSTANTS = st.sampled_from([0, 1, 15, (1 << 42) - 1, 1_790_000_000_000]) | st.integers(0, (1 << 42) - 1)

NOISE = np.random.default_rng(3).integers(0, 255, (720, 1280), np.uint8)


def picture(milliseconds: int) -> np.ndarray:
    grey = NOISE.copy()
    write_timecode(grey, milliseconds)
    return grey


@settings(deadline=None, max_examples=50)
@given(INSTANTS)
def test_what_is_written_is_read(milliseconds: int) -> None:
    assert read_timecode(picture(milliseconds)) == milliseconds


@settings(deadline=None, max_examples=50)
@given(INSTANTS, st.integers(2, CELLS - 1))
def test_one_wrong_cell_is_noticed(milliseconds: int, cell: int) -> None:
    grey = picture(milliseconds)
    part = grey[TOP : TOP + CELL, LEFT + cell * CELL : LEFT + (cell + 1) * CELL]
    part[:] = 251 - part
    assert read_timecode(grey) is None


def test_half_size_is_read_too() -> None:
    grey = picture(1_790_000_123_456)
    halved = grey.reshape(360, 2, 640, 2).mean(axis=(1, 3)).astype(np.uint8)
    assert read_timecode(halved) == 1_790_000_123_456


def test_a_picture_without_one_gives_none() -> None:
    assert read_timecode(np.zeros((720, 1280), np.uint8)) is None
    assert read_timecode(np.zeros((1, 1), np.uint8)) is None
    assert read_timecode(np.zeros((0, 0), np.uint8)) is None


def test_the_geometry_adds_up() -> None:
    assert GEOMETRY["cells"] == GEOMETRY["first_value_cell"] + GEOMETRY["value_bits"] + GEOMETRY["check_bits"]


def test_digits_leave_the_cells_alone() -> None:
    grey = picture(1_790_000_123_456)
    Digits().write(grey, 1_790_000_123_456)
    assert read_timecode(grey) == 1_790_000_123_456
