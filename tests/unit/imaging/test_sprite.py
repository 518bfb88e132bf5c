"""Key frames become tiles in their order; what cannot be decoded is black, never an error of another kind."""

import io
import re

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bingjian.clock import SystemClock
from bingjian.formats import mp4, mp4_reader
from bingjian.imaging.errors import ImagingError
from bingjian.imaging.sprite import TILES_MAX, Sprite, sprite_of
from tests.backend import StillClock
from tests.unit.formats.material import encoded_aac
from tests.unit.imaging.test_still import PICTURES, level_of, movie


def alone(codec: str, copies: int = 1) -> bytes:
    """The first picture of a movie, a key frame, in fragments of its own."""
    whole = movie(codec)
    init = mp4_reader.read_init(whole)
    fragment = mp4_reader.read_fragment(whole[len(init.raw) :])
    first = fragment.runs[0].samples[0]
    data = whole[len(init.raw) + first.offset :][: first.size]
    samples = [
        mp4.Sample(0, first.pts + n * 90_000, first.dts + n * 90_000, 3600, data, True, False)
        for n in range(copies)
    ]
    return init.raw + b"".join(piece for n, one in enumerate(samples) for piece in mp4.fragment(n, [one]))


def tiles_of(made: Sprite) -> list[float]:
    """The grey of each tile."""
    with av.open(io.BytesIO(made.jpeg), format="mjpeg") as container:
        grey = next(container.decode(video=0)).to_ndarray(format="gray")
    rows = -(-made.tiles // made.columns)
    assert grey.shape == (rows * made.tile_height, made.columns * made.tile_width)
    return [
        float(np.mean(grey[y : y + made.tile_height, x : x + made.tile_width]))
        for y in range(0, grey.shape[0], made.tile_height)
        for x in range(0, grey.shape[1], made.tile_width)
    ]


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
def test_every_picture_is_a_tile_in_its_place(codec: str) -> None:
    made = sprite_of(movie(codec), 5, 80, SystemClock())
    assert (made.tile_width, made.tile_height, made.columns, made.tiles) == (80, 48, 5, PICTURES)
    shown = tiles_of(made)
    assert shown[:PICTURES] == pytest.approx([level_of(number) for number in range(PICTURES)], abs=6)
    assert max(shown[PICTURES:]) < 20


def test_movies_of_several_configurations_go_into_one() -> None:
    made = sprite_of(alone("libx264", 3) + alone("libx265", 2), 64, 40, SystemClock())
    assert (made.columns, made.tiles) == (5, 5)
    assert tiles_of(made) == pytest.approx([level_of(0)] * 5, abs=8)


def test_what_cannot_be_decoded_is_black() -> None:
    data = bytearray(alone("libx264", 3))
    second = [found.end() for found in re.finditer(b"mdat", data)][1]
    data[second : second + 40] = bytes(40)
    made = sprite_of(bytes(data), 3, 40, SystemClock())
    shown = tiles_of(made)
    assert (shown[0], shown[2]) == pytest.approx((level_of(0), level_of(0)), abs=8)
    assert shown[1] < 20


def test_bounds() -> None:
    with pytest.raises(ImagingError, match="more than"):
        sprite_of(alone("libx264", TILES_MAX + 1), 8, 40, SystemClock())

    class Rushing(StillClock):
        def monotonic_ns(self) -> int:
            self.wait(10)
            return self.now_ns

    with pytest.raises(ImagingError, match="too long"):
        sprite_of(movie("libx264"), 8, 40, Rushing())
    sound = encoded_aac()
    alone_in_it = mp4.init_segment([sound.config]) + b"".join(mp4.fragment(1, sound.samples[:3]))
    for nothing in (b"", b"nonsense", alone_in_it):
        with pytest.raises(ImagingError):
            sprite_of(nothing, 8, 40, SystemClock())


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_broken_bytes_raise_one_error_only(data: st.DataObject) -> None:
    whole = alone("libx264", 2) + alone("libx265", 1)
    broken = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    for _ in range(data.draw(st.integers(0, 8))):
        if broken:
            broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    try:
        made = sprite_of(bytes(broken), 4, 40, SystemClock())
    except ImagingError:
        return
    assert made.jpeg[:2] == b"\xff\xd8"
