"""A few seconds of real H.264, small enough that days of it fit on a disk: 160×96, 5 pictures a second."""

from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

import av
import numpy as np

from bingjian.clock import TICKS_PER_SECOND
from bingjian.formats import h264, nal
from bingjian.formats.access_unit import VideoConfig
from bingjian.formats.mp4 import Sample

RATE = 5  # pictures a second
LOOP_S = 20
KEY_PICTURES = 2 * RATE
WIDTH, HEIGHT = 160, 96
PICTURE_90K = TICKS_PER_SECOND // RATE


class SmallVideo(NamedTuple):
    """One loop; it goes on where it began."""

    config: VideoConfig
    pictures: tuple[tuple[bytes, bool], ...]  # NAL units with their lengths, and whether it is a key frame

    def second(self, number: int, start_90k: int) -> list[Sample]:
        """The samples of one second of the loop, as if taken from this instant on."""
        first = number % LOOP_S * RATE
        times = range(start_90k, start_90k + TICKS_PER_SECOND, PICTURE_90K)
        return [
            Sample(0, at, at, PICTURE_90K, data, sync, False)
            for at, (data, sync) in zip(times, self.pictures[first : first + RATE], strict=True)
        ]


@lru_cache(maxsize=1)
def small_video() -> SmallVideo:
    """Encoded anew in each process: it takes a tenth of a second."""
    context = av.CodecContext.create("libx264", "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height, context.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    context.framerate, context.time_base = Fraction(RATE), Fraction(1, RATE)
    keys = {"g": str(KEY_PICTURES), "bf": "0", "sc_threshold": "0"}
    context.options = {"preset": "veryfast", "crf": "30", "threads": "1", **keys}
    frames = [_frame(number) for number in range(LOOP_S * RATE)]
    packets = [packet for frame in [*frames, None] for packet in context.encode(frame)]
    units = [list(nal.split_start_codes(bytes(packet))) for packet in packets]
    config = h264.config_from([unit for unit in units[0] if h264.is_parameter_set(unit)])
    return SmallVideo(config, tuple(_picture(some) for some in units))


def _picture(units: list[bytes]) -> tuple[bytes, bool]:
    slices = [unit for unit in units if h264.is_slice(unit)]
    return nal.join(slices), any(map(h264.is_idr, slices))


def _frame(number: int) -> av.VideoFrame:
    """A wave that passes through once in a loop."""
    phase = 2 * np.pi * number / (LOOP_S * RATE)
    across = np.sin(np.arange(WIDTH) / 25 + phase)[None, :] * np.cos(np.arange(HEIGHT) / 20 - phase)[:, None]
    grey = np.asarray(128 + 100 * across, np.uint8)
    frame = av.VideoFrame.from_ndarray(np.repeat(grey[:, :, None], 3, axis=2), format="rgb24")
    frame = frame.reformat(WIDTH, HEIGHT, "yuv420p")
    frame.pts, frame.time_base = number, Fraction(1, RATE)
    return frame
