"""Every pixel that a mask touches is one grey, in stills, small pictures and streams; others stay."""

import numpy as np
import pytest
import shapely
from av.video.frame import VideoFrame
from hypothesis import given, settings
from hypothesis import strategies as st

from bingjian.clock import SystemClock
from bingjian.formats import mp4
from bingjian.formats.access_unit import AudioConfig, Codec
from bingjian.formats.mp4 import Sample
from bingjian.imaging.cover import GREY, Cover, covered_cells
from bingjian.imaging.errors import ImagingError
from bingjian.imaging.masks import Mask, MaskError
from bingjian.imaging.rendition import GOP_90K, Rendition
from bingjian.imaging.sprite import sprite_of
from bingjian.imaging.still import jpeg_of
from tests.unit.formats.material import encoded_video
from tests.unit.imaging.test_masks import WINDOW
from tests.unit.imaging.test_sprite import alone
from tests.unit.imaging.test_still import movie
from tests.unit.processes.masked import CODING, is_covered, pictures_in

MASK = Mask(WINDOW)
LIGHT = 200
IN_A_JPEG = round((GREY[0] - 16) * 255 / 219)  # the same grey in the full range of levels


def plain(width: int, height: int) -> VideoFrame:
    return VideoFrame.from_ndarray(np.full((height * 3 // 2, width), LIGHT, np.uint8), format="yuv420p")


shares = st.integers(0, 50).map(lambda n: n / 50)
corners = st.lists(st.tuples(shares, shares), min_size=3, max_size=7)


@settings(max_examples=80, deadline=None)
@given(corners, st.booleans())
def test_a_cell_is_covered_if_the_mask_touches_it(points: list[tuple[float, float]], is_window: bool) -> None:
    try:
        mask = Mask.checked(points, is_window=is_window)
    except MaskError:
        return
    cells = covered_cells([mask], 24, 16)
    shape = shapely.Polygon([(x * 24, y * 16) for x, y in mask.polygon])
    for row in range(16):
        for column in range(24):
            inside = shapely.box(column, row, column + 1, row + 1).intersection(shape).area
            hidden = 1 - inside if is_window else inside
            assert cells[row, column] or hidden < 1e-9


def test_the_decoders_own_frame_is_not_touched() -> None:
    frame = plain(64, 48)
    covered = Cover([MASK]).over(frame).to_ndarray()
    assert (frame.to_ndarray() == LIGHT).all()
    assert {*np.unique(covered[:48])} == {GREY[0], LIGHT}
    assert {*np.unique(covered[48:])} == {GREY[1], LIGHT}


def test_of_a_window_only_its_inside_is_left() -> None:
    luma = Cover([Mask(WINDOW, is_window=True)]).over(plain(100, 100)).to_ndarray()[:100]
    assert (luma[14:46, 14:36] == LIGHT).all()
    outside = np.ones((100, 100), np.bool_)
    outside[10:50, 10:40] = False
    assert (luma[outside] == GREY[0]).all()


@pytest.mark.parametrize(("width", "height"), [(2, 2), (1920, 1080), (1080, 1920), (352, 288)])
def test_pictures_of_any_size(width: int, height: int) -> None:
    covered = Cover([Mask(((0, 0), (1, 0), (1, 1), (0, 1)))]).over(plain(width, height))
    assert (covered.to_ndarray()[:height] == GREY[0]).all()


def test_a_picture_that_cannot_be_masked_is_not_shown() -> None:
    frame = VideoFrame.from_ndarray(np.zeros((1, 9), np.uint8), format="gray")
    with pytest.raises(ImagingError):
        Cover([MASK]).over(frame)


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
def test_R6_2_stills_and_sprites_are_masked(codec: str) -> None:
    whole = Cover([Mask(((0, 0), (1, 0), (1, 1), (0, 1)))])
    still = pictures_in(jpeg_of(movie(codec), SystemClock(), None, whole), "mjpeg")
    sprite = pictures_in(sprite_of(alone(codec, 4), 4, 80, SystemClock(), whole).jpeg, "mjpeg")
    for (picture,) in (still, sprite):
        assert np.abs(picture.astype(int) - IN_A_JPEG).max() <= CODING


@pytest.mark.parametrize(
    ("codec", "options"), [("libx264", "g=25,bf=2"), ("libx265", "x265-params=log-level=0")]
)
def test_R6_2_a_stream_is_masked_and_keeps_its_times_and_sound(codec: str, options: str) -> None:
    stream = encoded_video(codec, options, frames=75)
    sound = AudioConfig(Codec.PCMA, 8000, 1, b"", "alaw", 1)
    spoken = Sample(1, 7, 7, 160, b"\xd5" * 160, True, False)
    rendition = Rendition([stream.config, sound], Cover([MASK]))
    made = rendition.take([*stream.samples[:40], spoken, *stream.samples[40:]]) + rendition.finish()
    pictures = [one for one in made if one.track == 0]
    assert [one.pts for one in pictures] == sorted(one.pts for one in stream.samples)
    assert [one for one in made if one.track == 1] == [spoken]
    assert rendition.tracks[1] == sound
    keys = [one.pts for one in pictures if one.sync]
    assert keys == [pictures[0].pts, pictures[0].pts + GOP_90K]
    assert all(one.pts == one.dts for one in pictures)
    only = Rendition([stream.config], Cover([MASK]))
    fragment = mp4.fragment(1, only.take(stream.samples) + only.finish())
    shown = pictures_in(mp4.init_segment(only.tracks) + b"".join(fragment))
    assert len(shown) == 75
    assert all(map(is_covered, shown))


def test_broken_samples_leave_no_picture_and_no_error_of_another_kind() -> None:
    stream = encoded_video("libx264", "g=25,bf=0", frames=10)
    rendition = Rendition([stream.config], Cover([MASK]))
    broken = [one._replace(data=bytes(len(one.data))) for one in stream.samples]
    assert rendition.take(broken) == []
    with pytest.raises(ImagingError):
        Rendition([AudioConfig(Codec.PCMA, 8000, 1, b"", "alaw", 1)], Cover([MASK]))
