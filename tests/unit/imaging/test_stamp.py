"""A recipient's mark in the pixels: legible in both scripts, in every corner in turn, and only there."""

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from bingjian.imaging.stamp import STAYS_90K, WIDEST, Stamp, corner_of, typeset

WHO = "王小明 · 哈尔滨市公安局道里分局 · Wang · 2026-11-26 18:30 · №17"
SIZES = [(320, 240), (704, 576), (1280, 720), (1920, 1080)]


def planes(width: int, height: int, level: int = 150) -> NDArray[np.uint8]:
    return np.full((height * 3 // 2, width), level, np.uint8)


@cache
def letters_of(text: str, width: int, height: int) -> NDArray[np.uint8]:
    return Stamp(text).letters(width, height)


def likeness(picture: NDArray[np.uint8], text: str, pts_90k: int) -> float:
    """How well a picture's luma goes with this mark where it should stand; −1 … 1."""
    height, width = picture.shape
    letters = letters_of(text, width, height)
    top, left = corner_of(letters.shape, width, height, pts_90k)
    shown = picture[top : top + letters.shape[0], left : left + letters.shape[1]]
    return float(np.corrcoef(shown.ravel(), letters.ravel())[0, 1])


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("level", [16, 128, 235])
def test_R31_5_it_is_read_on_black_and_on_white(width: int, height: int, level: int) -> None:
    pixels = planes(width, height, level)
    Stamp(WHO).on(pixels, width, height, 0)
    luma = pixels[:height]
    assert likeness(luma, WHO, 0) > 0.99
    top, left = corner_of(Stamp(WHO).letters(width, height).shape, width, height, 0)
    shown = luma[top:, left : left + 100]
    assert int(shown.max()) - int(shown.min()) > 100


@pytest.mark.parametrize(
    ("one", "other"), [("王小明", "王小朋"), ("Wang", "Wong"), ("№17", "№11"), ("〔U+20BB7〕", "〔U+20BB8〕")]
)
def test_R31_5_marks_of_two_recipients_are_told_apart(one: str, other: str) -> None:
    a, b = (np.pad(typeset(text, 20, 400), [(0, 0), (0, 200)])[:, :200] for text in (one, other))
    assert (a > 128).any()
    assert (a != b).any()


def test_R31_5_it_goes_from_corner_to_corner() -> None:
    pixels = [planes(640, 360) for _ in range(5)]
    for number, one in enumerate(pixels):
        Stamp(WHO).on(one, 640, 360, number * STAYS_90K)
    drawn = [(one[:360] != 150) for one in pixels]
    assert not (drawn[0] & drawn[2]).any()  # nothing of the picture stays under it
    assert (drawn[0] == drawn[4]).all()
    halves = [(one[:180].any(), one[180:].any()) for one in drawn]
    assert halves[:4] == [(False, True), (False, True), (True, False), (True, False)]


def test_what_is_beside_it_stays_as_it_is() -> None:
    pixels = planes(1280, 720)
    Stamp("王").on(pixels, 1280, 720, 0)
    rows, columns = Stamp("王").letters(1280, 720).shape
    luma, chroma = pixels[:720] != 150, (pixels[720:] != 150).reshape(2, 360, 640)
    assert luma.sum() == luma[720 - rows :, :columns].sum() > 0
    assert chroma.sum() == chroma[:, 360 - rows // 2 :, : columns // 2].sum() == rows * columns // 2


def test_a_long_one_goes_on_in_the_next_line() -> None:
    short, long = typeset("王", 20, 300), typeset(WHO * 3, 20, 300)
    assert long.shape[0] > 3 * short.shape[0]
    assert long.shape[1] <= 300 + 20


@pytest.mark.parametrize(("width", "height"), [(2, 2), (16, 8), (40, 4), *SIZES])
def test_it_fits_every_picture(width: int, height: int) -> None:
    for corner in range(4):
        pixels = planes(width, height)
        Stamp(WHO * 3).on(pixels, width, height, corner * STAYS_90K)
        assert (pixels != 150).any()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_none_of_it_is_cut_off_at_the_side(width: int, height: int) -> None:
    one, three = Stamp("王").letters(width, height), Stamp(WHO * 3).letters(width, height)
    assert three.shape[1] <= width * WIDEST
    assert three.shape[0] > 1.5 * one.shape[0]
