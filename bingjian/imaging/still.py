"""One picture out of a few fragments, as a JPEG."""

import io
from collections.abc import Iterator
from fractions import Fraction

import av
from av.error import FFmpegError
from av.video.frame import VideoFrame

from bingjian.clock import Clock
from bingjian.imaging.cover import Cover
from bingjian.imaging.errors import ImagingError

SIDE_MAX = 8192  # pixels; a stream that claims more lies, and decoding it would take gigabytes
DECODE_SECONDS = 15.0  # a GOP of a 4K camera takes 2 s on a slow core
QUALITY = 3  # of mjpeg's 2 (best) to 31


def jpeg_of(fmp4: bytes, clock: Clock, at_90k: int | None = None, cover: Cover | None = None) -> bytes:
    """The last picture at or before ``at_90k``, or simply the last.

    Args:
        fmp4: an init segment and fragments, from one with a key frame on; H.264 or H.265.
        at_90k: presentation time, UTC since 1970 in 1/90000 s.
        cover: the masks that it is shown with.

    Raises:
        ImagingError: no picture, a broken stream, one too large, or one too slow.
    """
    try:
        with av.open(io.BytesIO(fmp4), "r", format="mp4") as container:
            if not container.streams.video:
                raise ImagingError("there is no video in it")
            stream = container.streams.video[0]
            if stream.codec_context is None:  # a codec that nobody knows
                raise ImagingError("the pictures in it cannot be decoded")
            require_size(stream.codec_context.width, stream.codec_context.height)
            stream.thread_type = "NONE"  # this process may take one core, no more
            frame = last_of(container.decode(stream), clock, at_90k)
            return encoded(cover.over(frame) if cover is not None else frame)
    except (FFmpegError, ValueError, OverflowError, MemoryError) as error:
        raise ImagingError("the pictures in it cannot be decoded") from error


def last_of(frames: Iterator[VideoFrame], clock: Clock, at_90k: int | None) -> VideoFrame:
    """The wanted picture; what was decoded before the stream broke counts."""
    deadline_ns = clock.monotonic_ns() + int(DECODE_SECONDS * 1e9)
    chosen: VideoFrame | None = None
    try:
        for frame in frames:
            if at_90k is not None and chosen is not None and ticks_of(frame) > at_90k:
                break
            require_size(frame.width, frame.height)
            chosen = frame
            if clock.monotonic_ns() > deadline_ns:
                raise ImagingError("decoding took too long")
    except FFmpegError:
        if chosen is None:
            raise
    if chosen is None:
        raise ImagingError("there is no whole picture in it")
    return chosen


def ticks_of(frame: VideoFrame) -> int:
    """Presentation time in 1/90000 s; a frame without one counts as early."""
    if frame.pts is None or frame.time_base is None:
        return 0
    return int(frame.pts * frame.time_base * 90_000)


def encoded(frame: VideoFrame) -> bytes:
    """A frame as a JPEG of the same size."""
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height = frame.width, frame.height
    encoder.pix_fmt = "yuvj420p"
    encoder.time_base = Fraction(1, 90_000)
    encoder.options = {"qmin": str(QUALITY), "qmax": str(QUALITY)}
    picture = frame.reformat(format="yuvj420p", dst_color_range="JPEG")
    picture.pts = 0
    return b"".join(bytes(packet) for packet in [*encoder.encode(picture), *encoder.encode(None)])


def require_size(width: int, height: int) -> None:
    if not 0 < width <= SIDE_MAX or not 0 < height <= SIDE_MAX:
        raise ImagingError("the picture has an impossible size")
