"""Many small pictures in one JPEG, to show while somebody drags through time."""

import io
from collections.abc import Iterator
from dataclasses import dataclass

import av
import numpy as np
from av.error import FFmpegError
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from bingjian.clock import Clock
from bingjian.formats.access_unit import FormatError
from bingjian.formats.mp4_reader import boxes
from bingjian.imaging.cover import Cover
from bingjian.imaging.errors import ImagingError
from bingjian.imaging.still import DECODE_SECONDS, encoded, require_size

TILES_MAX = 64
WIDTH_MIN, WIDTH_MAX = 16, 640  # pixels of one picture
HEIGHT_MAX = 640  # pixels of one picture; a camera on its side is taller than wide

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Sprite:
    """The pictures side by side, row by row, in the order they came in; black where one could not be
    decoded.
    """

    jpeg: bytes
    tile_width: int  # pixels
    tile_height: int
    columns: int
    tiles: int


def sprite_of(movies: bytes, columns: int, width: int, clock: Clock, cover: Cover | None = None) -> Sprite:
    """Every picture of some fMP4s, small.

    Args:
        movies: ``ftyp moov`` and fragments of one key frame each, and the same again of another
        configuration;
            H.264 or H.265.
        columns: pictures in a row.
        width: of one picture, in pixels; its height follows from the first one's shape.
        cover: the masks that they are shown with.

    Raises:
        ImagingError: no picture, broken streams, too many or too large ones, or too slow.
    """
    strip = Strip(width, clock, cover)
    try:
        for movie in each_movie(movies):
            strip.take(movie)
    except (FFmpegError, FormatError, ValueError, OverflowError, MemoryError) as error:
        raise ImagingError("the pictures in it cannot be decoded") from error
    return strip.assembled(columns)


def each_movie(data: bytes) -> Iterator[bytes]:
    """Cut before every ``ftyp``."""
    starts = [box.start for box in boxes(data) if box.type == b"ftyp"]
    for start, end in zip(starts, [*starts[1:], len(data)], strict=True):
        yield data[start:end]


class Strip:
    """The small pictures so far; each is made small as soon as it is decoded, so memory stays bounded."""

    def __init__(self, width: int, clock: Clock, cover: Cover | None = None) -> None:
        self._width = width
        self._cover = cover
        self._height = 0  # follows from the first picture
        self._clock = clock
        self._deadline_ns = clock.monotonic_ns() + int(DECODE_SECONDS * 1e9)
        self._tiles: list[Pixels | None] = []  # None: could not be decoded

    def take(self, movie: bytes) -> None:
        """All pictures of one movie. Raises ImagingError, FFmpegError."""
        with av.open(io.BytesIO(movie), "r", format="mp4") as container:
            if not container.streams.video:
                raise ImagingError("there is no video in it")
            stream = container.streams.video[0]
            if stream.codec_context is None:  # a codec that nobody knows
                raise ImagingError("the pictures in it cannot be decoded")
            require_size(stream.codec_context.width, stream.codec_context.height)
            stream.thread_type = "NONE"  # this process may take one core, no more
            times: list[int] = []
            small: dict[int | None, Pixels] = {}
            for packet in container.demux(stream):
                if packet.pts is not None:
                    times.append(packet.pts)
                small |= {frame.pts: self._small(frame) for frame in decoded(packet)}
                self._require_bounds(len(times))
            self._tiles += [small.get(time) for time in times]

    def _small(self, frame: VideoFrame) -> Pixels:
        require_size(frame.width, frame.height)
        self._height = self._height or min(max(frame.height * self._width // frame.width, 1), HEIGHT_MAX)
        shown = self._cover.over(frame) if self._cover is not None else frame  # before colours run together
        small = shown.reformat(width=self._width, height=self._height, format="rgb24")
        return small.to_ndarray().astype(np.uint8, copy=False)

    def _require_bounds(self, more: int) -> None:
        if len(self._tiles) + more > TILES_MAX:
            raise ImagingError(f"more than {TILES_MAX} pictures")
        if self._clock.monotonic_ns() > self._deadline_ns:
            raise ImagingError("decoding took too long")

    def assembled(self, columns: int) -> Sprite:
        """Row by row. Raises ImagingError if there is no picture at all."""
        if not self._height:
            raise ImagingError("there is no whole picture in it")
        columns = min(columns, len(self._tiles))
        rows = -(-len(self._tiles) // columns)
        whole = np.zeros((rows * self._height, columns * self._width, 3), np.uint8)
        for number, tile in enumerate(self._tiles):
            if tile is not None:
                top, left = number // columns * self._height, number % columns * self._width
                whole[top : top + self._height, left : left + self._width] = tile
        jpeg = encoded(VideoFrame.from_ndarray(whole, format="rgb24"))
        return Sprite(jpeg, self._width, self._height, columns, len(self._tiles))


def decoded(packet: "Packet[VideoStream]") -> list[VideoFrame]:
    """Nothing of a packet that no decoder takes: the others count."""
    try:
        return [frame for frame in packet.decode() if isinstance(frame, VideoFrame)]
    except FFmpegError:
        return []
