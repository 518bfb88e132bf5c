"""The picture asked for comes out, of real H.264 and H.265; broken streams raise one error only."""

import io
import re
from fractions import Fraction
from functools import cache

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from hypothesis import given, settings
from hypothesis import strategies as st

from bingjian.clock import SystemClock
from bingjian.formats import h264, h265, mp4
from bingjian.imaging.errors import ImagingError
from bingjian.imaging.still import jpeg_of
from tests.backend import StillClock

START_90K = 1_767_240_000 * 90_000  # absolute, as in our files
STEP_90K = 3600  # 25 pictures a second
PICTURES = 12


def level_of(number: int) -> int:
    """Each picture has its own grey."""
    return 30 + number * 16


def units_of(packet: bytes) -> list[bytes]:
    """NAL units of a byte stream (ISO/IEC 14496-10 annex B)."""
    return [unit.rstrip(b"\x00") for unit in re.split(b"\x00\x00\x01", packet) if unit.strip(b"\x00")]


@cache
def movie(codec: str, b_frames: int = 0) -> bytes:
    """``PICTURES`` grey pictures in one fragment of our own format, on the UTC timeline."""
    form = h264 if codec == "libx264" else h265
    encoder = av.CodecContext.create(codec, "w")
    encoder.width, encoder.height, encoder.pix_fmt = 160, 96, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, 90_000), Fraction(25)
    encoder.options = {"preset": "ultrafast", "bf": str(b_frames)}
    if form is h265:
        encoder.options |= {"x265-params": f"log-level=none:bframes={b_frames}"}
    packets = []
    for number in range(PICTURES):
        frame = VideoFrame.from_ndarray(np.full((96, 160), level_of(number), np.uint8), format="gray")
        frame = frame.reformat(format="yuv420p")
        frame.pts, frame.time_base = number * STEP_90K, Fraction(1, 90_000)
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    config = form.config_from([u for u in units_of(bytes(packets[0])) if form.is_parameter_set(u)])
    samples = [
        mp4.Sample(
            0,
            START_90K + packet.pts,
            START_90K + packet.dts,
            STEP_90K,
            b"".join(len(u).to_bytes(4) + u for u in units_of(bytes(packet)) if not form.is_parameter_set(u)),
            packet.is_keyframe,
            False,
        )
        for packet in packets
    ]
    return mp4.init_segment((config,)) + b"".join(mp4.fragment(1, samples))


def shown_in(jpeg: bytes) -> int:
    """Which picture it is."""
    with av.open(io.BytesIO(jpeg), format="mjpeg") as container:
        grey = next(container.decode(video=0)).to_ndarray(format="gray").mean()
    return min(range(PICTURES), key=lambda number: abs(level_of(number) - grey))


@pytest.mark.parametrize(
    ("codec", "b_frames"), [("libx264", 0), ("libx264", 2), ("libx265", 0), ("libx265", 2)]
)
def test_the_last_picture_at_or_before_an_instant(codec: str, b_frames: int) -> None:
    data = movie(codec, b_frames)
    for number in (0, 5, PICTURES - 1):
        at = START_90K + number * STEP_90K
        assert shown_in(jpeg_of(data, SystemClock(), at)) == number
        assert shown_in(jpeg_of(data, SystemClock(), at + STEP_90K - 1)) == number
    assert shown_in(jpeg_of(data, SystemClock())) == PICTURES - 1


def test_a_jpeg_of_the_same_size() -> None:
    jpeg = jpeg_of(movie("libx264"), SystemClock())
    assert (jpeg[:2], jpeg[-2:]) == (b"\xff\xd8", b"\xff\xd9")
    with av.open(io.BytesIO(jpeg), format="mjpeg") as container:
        frame = next(container.decode(video=0))
    assert (frame.width, frame.height) == (160, 96)


def test_decoding_has_a_deadline() -> None:
    class Rushing(StillClock):
        def monotonic_ns(self) -> int:
            self.wait(10)
            return self.now_ns

    with pytest.raises(ImagingError, match="too long"):
        jpeg_of(movie("libx264"), Rushing())


def test_sound_alone_gives_no_picture() -> None:
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        container.add_stream("aac", rate=8000)
    with pytest.raises(ImagingError):
        jpeg_of(out.getvalue(), SystemClock())


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_broken_bytes_raise_one_error_only(data: st.DataObject) -> None:
    whole = movie("libx264")
    cut = data.draw(st.integers(0, len(whole)))
    broken = bytearray(whole[:cut])
    for _ in range(data.draw(st.integers(0, 8))):
        if broken:
            broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    try:
        jpeg = jpeg_of(bytes(broken), SystemClock())
    except ImagingError:
        return
    assert jpeg[:2] == b"\xff\xd8"
