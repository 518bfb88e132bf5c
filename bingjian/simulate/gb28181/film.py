"""Loops of footage as access units, loaded once and shared by all channels that show them."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

import av

from bingjian.formats import aac, g711, h264, h265, nal
from bingjian.formats.access_unit import (
    VIDEO_CLOCK_RATE,
    AccessUnit,
    AudioConfig,
    Codec,
    TrackConfig,
    VideoConfig,
)
from bingjian.simulate.footage import Footage, LoopName
from bingjian.simulate.loop import FRAME_TICKS, G711_SAMPLES, parameter_sets
from bingjian.simulate.stage import LOOP_SECONDS

LOOP_90K = LOOP_SECONDS * VIDEO_CLOCK_RATE
PICTURE, SOUND = 0, 1  # tracks
AAC_SAMPLES = 1024


class Sample(NamedTuple):
    """One access unit; its timestamp counts from the start of the loop, in the track's clock."""

    due_90k: int  # since the start of the loop
    unit: AccessUnit


@dataclass(frozen=True)
class Film:
    """Endless: round after round. The first sample is a key picture."""

    tracks: tuple[TrackConfig, ...]
    samples: tuple[Sample, ...]  # as they are due

    @cached_property
    def _keys(self) -> list[int]:
        return [
            at for at, sample in enumerate(self.samples) if sample.unit.track == PICTURE and sample.unit.sync
        ]

    @cached_property
    def _key_times(self) -> list[int]:
        return [self.samples[at].due_90k for at in self._keys]

    @cached_property
    def bytes_per_second(self) -> int:
        return sum(len(sample.unit.data) for sample in self.samples) // LOOP_SECONDS

    def key_before(self, at_90k: int) -> int:
        """The last key picture at or before an instant, both counted from the start of round 0."""
        rounds, within = divmod(at_90k, LOOP_90K)
        return rounds * LOOP_90K + self._key_times[bisect_right(self._key_times, within) - 1]

    def key_after(self, at_90k: int) -> int:
        """The first one later than an instant."""
        rounds, within = divmod(at_90k, LOOP_90K)
        number = bisect_right(self._key_times, within)
        if number == len(self._key_times):
            return (rounds + 1) * LOOP_90K
        return rounds * LOOP_90K + self._key_times[number]

    def run(self, from_90k: int) -> Iterator[tuple[int, Sample]]:
        """From the key picture at or before an instant on, for ever; with the instant of each sample."""
        start = self.key_before(from_90k)
        rounds, within = divmod(start, LOOP_90K)
        first = self._keys[self._key_times.index(within)]
        while True:
            for sample in self.samples[first:]:
                yield rounds * LOOP_90K + sample.due_90k, sample
            rounds, first = rounds + 1, 0


@cache
def load_film(footage: Footage, picture: LoopName, sound: LoopName | None) -> Film:
    """Read one prepared loop of pictures, and one of sound; once in a process, for neither changes."""
    config, samples = _pictures(footage.path(picture), Codec.H265 if picture is LoopName.H265 else Codec.H264)
    if sound is None:
        return Film((config,), tuple(samples))
    heard, more = _sound(footage.path(sound), sound)
    return Film((config, heard), tuple(sorted([*samples, *more], key=lambda sample: sample.due_90k)))


def _pictures(path: Path, codec: Codec) -> tuple[VideoConfig, list[Sample]]:
    """Due every 40 ms; of loops without B-frames, whose decoding order is that of presentation."""
    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        sets = parameter_sets(codec, stream.codec_context.extradata or b"")
        packets = [(bytes(packet), packet.is_keyframe) for packet in film.demux(stream) if packet.size]
    config = (h265 if codec is Codec.H265 else h264).config_from(sets)
    samples = []
    for number, (data, key) in enumerate(packets):
        own = nal.join(unit for unit in nal.split(data) if unit not in sets)
        samples.append(Sample(number * FRAME_TICKS, AccessUnit(PICTURE, number * FRAME_TICKS, own, key)))
    return config, samples


def _sound(path: Path, name: LoopName) -> tuple[AudioConfig, list[Sample]]:
    if name is LoopName.G711:
        heard = path.read_bytes()
        config = g711.config_from(Codec.PCMA)
        pieces = [heard[at : at + G711_SAMPLES] for at in range(0, len(heard), G711_SAMPLES)]
        return config, _evenly(pieces, G711_SAMPLES, config.clock_rate)
    with av.open(str(path)) as film:
        stream = film.streams.audio[0]
        config = aac.config_from(stream.codec_context.extradata or b"")
        pieces = [bytes(packet) for packet in film.demux(stream) if packet.size]
    return config, _evenly(pieces, AAC_SAMPLES, config.clock_rate)


def _evenly(pieces: list[bytes], samples: int, rate: int) -> list[Sample]:
    return [
        Sample(number * samples * VIDEO_CLOCK_RATE // rate, AccessUnit(SOUND, number * samples, piece, True))
        for number, piece in enumerate(pieces)
    ]
