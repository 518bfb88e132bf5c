"""Footage for simulated cameras: made once on the machine, kept in a cache, never committed.

At most four picture loops are encoded, each ``LOOP_SECONDS`` long, and one loop of sound in two codings;
cameras differ by where in the loop they begin. Pictures come from a film of the user's own, from the street
clip of Debian's ``opencv-doc``, or are drawn (``street.py``). The main loop is made first and the others
from it, so that the first camera can start while the rest is still being encoded.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from hashlib import sha256
from itertools import islice
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from bingjian.simulate.stage import FRAME_RATE, LOOP_FRAMES, LOOP_SECONDS
from bingjian.simulate.street import Street

EDITION = 1  # counts up when the same source would be encoded differently: older loops are then left aside
KEY_INTERVAL = 2 * FRAME_RATE  # pictures
LONG_KEY_INTERVAL = 8 * FRAME_RATE  # pictures, as "smart codec" cameras do
SOUND_RATE = 16_000  # Hz, AAC; G.711 is 8000
DOWNLOAD_SECONDS = 40  # then the street is drawn instead
_CLIP_IN_PACKAGE = "usr/share/doc/opencv-doc/examples/data/vtest.avi"


class FootageError(Exception):
    """No footage could be made; carries one plain sentence."""


class LoopName(StrEnum):
    """In the order they are made."""

    MAIN = "main"  # H.264, 1280x720, 3 Mbit/s, key frame every 2 s, no B-frames
    AAC = "aac"  # 16 kHz mono
    G711 = "g711"  # A-law, 8 kHz mono, bare samples
    SUB = "sub"  # H.264 baseline, 640x360, 0.5 Mbit/s
    H265 = "h265"  # 1280x720, 1.5 Mbit/s
    SMART = "smart"  # H.264 with B-frames, key frame every 8 s, 1.5 Mbit/s


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one picture loop is encoded."""

    width: int
    height: int
    codec: str
    bit_rate: int
    options: dict[str, str] = field(default_factory=dict)


def _x264(key_interval: int, peak: int, **more: str) -> dict[str, str]:
    """Constant frame rate is told to x264 because live encoding implies it: the SPS must say the same."""
    rate = {"maxrate": str(peak), "bufsize": str(peak), "x264-params": "force-cfr=1"}
    return {"preset": "veryfast", "g": str(key_interval), "bf": "0", "sc_threshold": "0", **rate, **more}


RECIPES = {
    LoopName.MAIN: Recipe(1280, 720, "libx264", 3_000_000, _x264(KEY_INTERVAL, 3_000_000)),
    LoopName.SUB: Recipe(640, 360, "libx264", 500_000, _x264(KEY_INTERVAL, 600_000, profile="baseline")),
    LoopName.SMART: Recipe(1280, 720, "libx264", 1_500_000, _x264(LONG_KEY_INTERVAL, 3_000_000, bf="2")),
    LoopName.H265: Recipe(
        1280,
        720,
        "libx265",
        1_500_000,
        {
            "preset": "ultrafast",
            "x265-params": f"keyint={KEY_INTERVAL}:min-keyint={KEY_INTERVAL}:scenecut=0:bframes=0"
            ":open-gop=0:log-level=error",
        },
    ),
}

Progress = Callable[[LoopName, float], None]  # the loop being made, and how much of it is done (0 to 1)


def default_directory() -> Path:
    """Where loops are kept: the user's cache."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "bingjian" / "footage"


# ------------------------------------------------------------------------------------------------------------
# Sources


@dataclass(frozen=True, slots=True)
class Source:
    """Where the pictures come from; without a clip they are drawn."""

    clip: Path | None = None

    @property
    def key(self) -> str:
        """The name of its directory in the cache: another clip, or another edition, is another directory."""
        if self.clip is None:
            return f"drawn-{EDITION}"
        stat = self.clip.stat()
        told = f"{self.clip.resolve()} {stat.st_size} {stat.st_mtime_ns}"
        return f"clip-{sha256(told.encode()).hexdigest()[:12]}-{EDITION}"

    def pictures(self) -> Iterator[VideoFrame]:
        """``LOOP_FRAMES`` pictures, 25 a second."""
        if self.clip is None:
            street = Street()
            return (VideoFrame.from_ndarray(street.picture(n), format="rgb24") for n in range(LOOP_FRAMES))
        return _clip_pictures(self.clip)


def choose(wish: str, directory: Path | None = None) -> Source:
    """What the user asked for: ``drawn``, ``debian`` (the clip of opencv-doc), ``auto``, or a film's name.

    ``auto`` takes Debian's clip and falls back to drawing when it cannot be had.

    Raises:
        FootageError: the named film or Debian's clip cannot be had.
    """
    if wish == "drawn":
        return Source()
    if wish in ("auto", "debian"):
        try:
            return Source(_debian_clip(directory or default_directory()))
        except FootageError:
            if wish == "debian":
                raise
            return Source()
    clip = Path(wish)
    if not clip.is_file():
        raise FootageError(f"there is no film {clip}")
    return Source(clip)


def _debian_clip(directory: Path) -> Path:
    """vtest.avi of Debian's opencv-doc: unpacked into the cache, not installed, no root needed."""
    kept = directory / "vtest.avi"
    if kept.exists():
        return kept
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise FootageError("the street clip comes from a Debian package, and this is no Debian")
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory) as folder:
        try:
            _unpack_package("opencv-doc", Path(folder))
            os.replace(Path(folder) / _CLIP_IN_PACKAGE, kept)
        except (subprocess.SubprocessError, OSError) as error:
            raise FootageError("Debian's package opencv-doc could not be fetched") from error
    return kept


def _unpack_package(name: str, folder: Path) -> None:
    _run_quietly(["apt-get", "download", name], folder)
    package = next(folder.glob("*.deb"), None)
    if package is None:
        raise FootageError(f"Debian's package {name} could not be fetched")
    _run_quietly(["dpkg-deb", "-x", package.name, "."], folder)


def _run_quietly(command: list[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, capture_output=True, timeout=DOWNLOAD_SECONDS, check=True)


def _clip_pictures(clip: Path) -> Iterator[VideoFrame]:
    """A film brought to 25 pictures a second and 16:9 (cut above and below), repeated if it is short."""
    given = 0
    while given < LOOP_FRAMES:
        before = given
        for picture in _evenly(clip):
            yield picture
            given += 1
            if given == LOOP_FRAMES:
                return
        if given == before:
            raise FootageError(f"{clip.name} holds no pictures")


def _evenly(clip: Path) -> Iterator[VideoFrame]:
    """Each picture as often as 25 a second need it."""
    given = 0
    with av.open(str(clip)) as film:
        rate = film.streams.video[0].average_rate or Fraction(FRAME_RATE)
        for number, frame in enumerate(film.decode(video=0)):
            while given <= number * FRAME_RATE / rate:
                yield _widescreen(frame)
                given += 1


def _widescreen(frame: VideoFrame) -> VideoFrame:
    rows = min(frame.height, frame.width * 9 // 16) & ~1
    columns = min(frame.width, rows * 16 // 9) & ~1
    top, left = (frame.height - rows) // 2, (frame.width - columns) // 2
    whole = np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
    picture = np.ascontiguousarray(whole[top : top + rows, left : left + columns])
    return VideoFrame.from_ndarray(picture, format="rgb24")


# ------------------------------------------------------------------------------------------------------------
# Encoding


@dataclass(frozen=True, slots=True)
class Footage:
    """One source's loops in the cache."""

    directory: Path

    @classmethod
    def of(cls, source: Source, directory: Path | None = None) -> "Footage":
        return cls((directory or default_directory()) / source.key)

    def path(self, name: LoopName) -> Path:
        return self.directory / (f"{name}.alaw" if name is LoopName.G711 else f"{name}.mp4")

    def missing(self, names: Iterable[LoopName]) -> list[LoopName]:
        return [name for name in names if not self.path(name).exists()]


def prepare(
    source: Source,
    names: Iterable[LoopName] = tuple(LoopName),
    directory: Path | None = None,
    progress: Progress = lambda name, part: None,
) -> Footage:
    """Make the loops that are not in the cache yet; a second process waits for the first.

    Raises:
        FootageError: the cache cannot be written, or the clip cannot be read.
    """
    footage = Footage.of(source, directory)
    wanted = [name for name in LoopName if name in set(names)]
    if set(wanted) & set(RECIPES):
        wanted = [LoopName.MAIN, *(name for name in wanted if name is not LoopName.MAIN)]
    try:
        footage.directory.mkdir(parents=True, exist_ok=True)
        with _locked(footage.directory / "lock"):
            for name in footage.missing(wanted):
                _make(footage, source, name, progress)
    except OSError as error:
        raise FootageError(f"footage cannot be kept in {footage.directory}: {error.strerror}") from error
    except av.FFmpegError as error:
        raise FootageError(f"footage cannot be made: {error.strerror}") from error
    return footage


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(footage: Footage, source: Source, name: LoopName, progress: Progress) -> None:
    """Write beside, then rename: a loop in the cache is always whole."""
    target = footage.path(name)
    unfinished = target.with_name(f".{target.name}")
    if name is LoopName.AAC:
        _write_aac(unfinished)
    elif name is LoopName.G711:
        unfinished.write_bytes(_alaw(street_sound(8000)))
    else:
        pictures = source.pictures() if name is LoopName.MAIN else _decoded(footage.path(LoopName.MAIN))
        _write_pictures(unfinished, RECIPES[name], _counted(pictures, name, progress))
    os.replace(unfinished, target)
    progress(name, 1.0)


def _counted(pictures: Iterator[VideoFrame], name: LoopName, progress: Progress) -> Iterator[VideoFrame]:
    for number, picture in enumerate(pictures):
        if number % FRAME_RATE == 0:
            progress(name, number / LOOP_FRAMES)
        yield picture


def _decoded(path: Path) -> Iterator[VideoFrame]:
    with av.open(str(path)) as film:
        yield from film.decode(video=0)


def _write_pictures(path: Path, recipe: Recipe, pictures: Iterator[VideoFrame]) -> None:
    with av.open(str(path), "w", format="mp4") as film:
        stream = film.add_stream(recipe.codec, rate=FRAME_RATE)
        assert isinstance(stream, VideoStream)
        configure(stream.codec_context, recipe)
        for number, picture in enumerate(pictures):
            film.mux(stream.encode(prepared(picture, recipe, number)))
        film.mux(stream.encode(None))


def configure(context: "av.VideoCodecContext", recipe: Recipe) -> None:
    """Set an encoder up; loops and live pictures use the same settings, so their parameter sets are equal."""
    context.width, context.height, context.pix_fmt = recipe.width, recipe.height, "yuv420p"
    context.bit_rate = recipe.bit_rate
    context.framerate, context.time_base = Fraction(FRAME_RATE), Fraction(1, FRAME_RATE)
    context.color_range, context.colorspace, context.color_primaries, context.color_trc = 1, 1, 1, 1  # BT.709
    context.options = dict(recipe.options)


def prepared(picture: VideoFrame, recipe: Recipe, number: int) -> VideoFrame:
    """The picture in the encoder's size and colours, with its number as time."""
    frame = picture.reformat(
        recipe.width, recipe.height, "yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG"
    )
    frame.pts, frame.time_base = number, Fraction(1, FRAME_RATE)
    frame.pict_type = 0  # a decoded picture remembers what it was; the encoder decides anew
    return frame


# ------------------------------------------------------------------------------------------------------------
# Sound


def street_sound(rate: int) -> NDArray[np.int16]:
    """Distant traffic, cars passing, steps and a quiet chime: one loop of mono samples without a seam."""
    count = rate * LOOP_SECONDS
    time = np.arange(count) / rate
    random = np.random.default_rng(5)
    hum = _band(random.standard_normal(count), rate, 40, 420) * 0.10
    rush = _band(random.standard_normal(count), rate, 200, 2600)
    passing = sum(_hump(time, at, 1.1) for at in (1.8, 5.2, 9.4, 13.6)) * 0.22
    steps = sum(_hump(time, at, 0.028) for at in np.arange(0.3, LOOP_SECONDS, 0.5)) * 0.16
    chime = sum(_bell(time, at, pitch) for at, pitch in ((7.0, 880.0), (7.45, 660.0))) * 0.10
    mixed = hum + rush * passing + _band(random.standard_normal(count), rate, 700, 3400) * steps + chime
    return np.asarray(np.clip(mixed, -0.95, 0.95) * 32767, np.int16)


def _band(noise: NDArray[np.float64], rate: int, low: float, high: float) -> NDArray[np.float64]:
    """Noise between two pitches; filtered as a circle, so that its end fits its start."""
    spectrum = np.fft.rfft(noise)
    pitch = np.fft.rfftfreq(len(noise), 1 / rate)
    spectrum[(pitch < low) | (pitch > high)] = 0
    sound = np.fft.irfft(spectrum, len(noise))
    return np.asarray(sound / np.abs(sound).max())


def _hump(time: NDArray[np.float64], at: float, width: float) -> NDArray[np.float64]:
    away = (time - at + LOOP_SECONDS / 2) % LOOP_SECONDS - LOOP_SECONDS / 2
    return np.exp(-((away / width) ** 2))


def _bell(time: NDArray[np.float64], at: float, pitch: float) -> NDArray[np.float64]:
    since = (time - at) % LOOP_SECONDS
    return np.sin(2 * np.pi * pitch * since) * np.exp(-since * 2.4)


def _alaw(samples: NDArray[np.int16]) -> bytes:
    context = av.CodecContext.create("pcm_alaw", "w")
    assert isinstance(context, av.AudioCodecContext)
    context.sample_rate, context.layout, context.format = 8000, "mono", "s16"
    packets = context.encode(_sound_frame(samples, 8000))
    return b"".join(bytes(packet) for packet in packets)


def _write_aac(path: Path) -> None:
    """Three rounds are encoded and the middle one kept: its first frame follows from its last."""
    rounds = np.tile(street_sound(SOUND_RATE), 3)
    frames = LOOP_SECONDS * SOUND_RATE // 1024
    with av.open(str(path), "w", format="mp4") as film:
        stream = film.add_stream("aac", rate=SOUND_RATE)
        assert isinstance(stream, AudioStream)
        stream.layout, stream.bit_rate = "mono", 32_000
        packets = stream.encode(_sound_frame(rounds, SOUND_RATE))
        for number, packet in enumerate(islice(packets, frames, 2 * frames)):
            packet.pts = packet.dts = number * 1024
            film.mux(packet)


def _sound_frame(samples: NDArray[np.int16], rate: int) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(samples[None, :], format="s16", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
    return frame


# ------------------------------------------------------------------------------------------------------------
# As a program: preparing must not disturb the pacing of cameras that already play


def main() -> int:
    """Prepare loops; one JSON object a line on standard output: {"loop", "part", "path"} or {"error"}."""
    parser = ArgumentParser(description="Prepare footage for simulated cameras.")
    parser.add_argument("--source", default="auto", help="auto, drawn, debian, or a film's file name")
    parser.add_argument("--directory", type=Path, default=None, help="where loops are kept")
    parser.add_argument("loops", nargs="*", help="which loops; all if none is named")
    arguments = parser.parse_args()
    try:
        source = choose(arguments.source, arguments.directory)
        footage = Footage.of(source, arguments.directory)

        def tell(name: LoopName, part: float) -> None:
            _say({"loop": name, "part": round(part, 3), "path": str(footage.path(name))})

        names = [LoopName(name) for name in arguments.loops] or list(LoopName)
        prepare(source, names, arguments.directory, tell)
        for name in names:
            tell(name, 1.0)
    except (FootageError, ValueError) as error:
        _say({"error": str(error)})
        return 1
    return 0


def _say(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
