"""The masked rendition of a stream: decoded, covered, encoded again as H.264. Samples in, samples out.

Times stay what they are: a picture keeps its instant on the UTC timeline, and sound goes through as it came.
There are no B-frames, so a picture leaves as soon as it is decoded and its decode time is its presentation
time. Everything blocks; call it in a thread.
"""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import cast

import av
from av.error import FFmpegError
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from bingjian.formats import h264, h265, nal
from bingjian.formats.access_unit import Codec, FormatError, TrackConfig, VideoConfig
from bingjian.formats.mp4 import Sample
from bingjian.imaging.cover import Cover, even_size
from bingjian.imaging.errors import ImagingError
from bingjian.imaging.still import require_size

GOP_90K = 2 * 90_000  # between key frames: whoever comes waits no longer for a picture
GIVEN_MAX = 64  # pictures that a decoder keeps back, and more; those that it never gave are forgotten
TICK = Fraction(1, 90_000)
# Its ticks count pictures: rate control needs no more, and UTC in 1/90000 s is more than it can count.
FRAME_RATE = Fraction(25)
FAULTS = (FFmpegError, FormatError, ValueError, OverflowError, MemoryError)
ENCODER = {
    "preset": "superfast",
    "tune": "zerolatency",
    "crf": "25",
    "g": "100000",  # key frames come when we say so
    "sc_threshold": "0",
    "bf": "0",
    "forced-idr": "1",
}
GLOBAL_HEADER = 1 << 22  # libavcodec: parameter sets beside the stream


class Rendition:
    """One decoder, one encoder; what follows another configuration needs another."""

    def __init__(self, tracks: Sequence[TrackConfig], cover: Cover) -> None:
        """Raises ImagingError: no picture in it, or none that can be decoded."""
        found = [(at, track) for at, track in enumerate(tracks) if isinstance(track, VideoConfig)]
        if len(found) != 1:
            raise ImagingError("there is not one video in it")
        self.track, video = found[0]
        require_size(video.width, video.height)
        self._cover = cover
        self._size = even_size(video.width, video.height)
        try:
            self._decoder, self._encoder = decoder_of(video), encoder_of(*self._size)
            masked = h264.config_from(nal.split_start_codes(self._encoder.extradata or b""))
        except FAULTS as error:
            raise ImagingError("the stream cannot be decoded") from error
        self.tracks = tuple(masked if at == self.track else track for at, track in enumerate(tracks))
        self.pictures = 0  # so far
        self._given: dict[int, int] = {}  # durations of pictures that the decoder still has, by instant
        self._last_key: int | None = None
        self._last_pts = -1

    def take(self, samples: Iterable[Sample]) -> list[Sample]:
        """What has become of these, and of some before; sound as it is. Raises ImagingError."""
        out: list[Sample] = []
        for sample in samples:
            if sample.track != self.track:
                out.append(sample)
                continue
            self._given[sample.pts] = sample.duration
            out += self._encoded(self._decoded(packet_of(sample)))
        return spaced(out, self.track)

    def finish(self) -> list[Sample]:
        """Pictures that the decoder still had. Raises ImagingError."""
        return spaced(self._encoded(self._decoded(None)), self.track)

    def _decoded(self, packet: "Packet[VideoStream] | None") -> list[VideoFrame]:
        """Nothing of a picture that no decoder takes: the others count."""
        try:
            return list(self._decoder.decode(packet))
        except FAULTS:
            return []

    def _encoded(self, frames: Iterable[VideoFrame]) -> Iterator[Sample]:
        for frame in frames:
            pts = frame.pts
            if pts is None or pts == self._last_pts:
                continue
            duration = self._given.pop(pts, 1)
            if len(self._given) > GIVEN_MAX:
                self._given.clear()
            self._last_pts = pts
            try:
                yield self._picture(frame, pts, duration)
            except FAULTS as error:
                raise ImagingError("the masked picture cannot be made") from error

    def _picture(self, frame: VideoFrame, pts: int, duration: int) -> Sample:
        covered = self._cover.over(frame, self._size)
        covered.pts, covered.time_base = self.pictures, 1 / FRAME_RATE
        if self._last_key is None or abs(pts - self._last_key) >= GOP_90K:
            covered.pict_type, self._last_key = PictureType.I, pts
        (packet,) = self._encoder.encode(covered)
        self.pictures += 1
        slices = nal.join(unit for unit in nal.split_start_codes(bytes(packet)) if h264.is_slice(unit))
        return Sample(self.track, pts, pts, duration, slices, packet.is_keyframe, False)


def packet_of(sample: Sample) -> "Packet[VideoStream]":
    packet = cast("Packet[VideoStream]", Packet(sample.data))
    packet.pts, packet.dts, packet.time_base = sample.pts, sample.dts, TICK
    packet.is_keyframe = sample.sync
    return packet


def decoder_of(video: VideoConfig) -> VideoCodecContext:
    """Of samples as they stand in our files."""
    decoder = av.CodecContext.create("h264" if video.codec is Codec.H264 else "hevc", "r")
    form = h264 if video.codec is Codec.H264 else h265
    decoder.extradata = form.decoder_configuration(video.parameter_sets)
    decoder.thread_type = "NONE"  # a stream may take one core, no more
    decoder.open()
    assert isinstance(decoder, VideoCodecContext)
    return decoder


def encoder_of(width: int, height: int) -> VideoCodecContext:
    """Equal sizes have equal parameter sets, so a view's pieces go together whenever they were made."""
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.framerate = 1 / FRAME_RATE, FRAME_RATE
    encoder.thread_count, encoder.options = 1, dict(ENCODER)
    encoder.flags |= GLOBAL_HEADER
    encoder.open()
    assert isinstance(encoder, VideoCodecContext)
    return encoder


def spaced(samples: Iterable[Sample], track: int) -> list[Sample]:
    """Each picture up to the next of these: in a fragment one begins where another ends."""
    out = list(samples)
    at = [number for number, sample in enumerate(out) if sample.track == track]
    for one, following in pairwise(at):
        apart = out[following].pts - out[one].pts
        if apart > 0:  # else time went back
            out[one] = out[one]._replace(duration=apart)
    return out
