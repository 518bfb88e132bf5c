"""Pictures encoded live, in a process of their own: burnt-in time code and picture faults.

A process of its own, because encoding 1280x720 takes a third of a core and must not delay other cameras'
packets. It decodes the main loop, changes each picture, encodes it without delay and writes access units to
standard output, each after a header of 13 bytes: length (32 bits), capture time in UTC nanoseconds (64),
flags (8: 1 = key picture). The parent reads them with ``run`` and ends the process by closing the
pipe or killing it.
"""

import asyncio
import json
import os
import struct
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from bingjian.formats import nal
from bingjian.formats.access_unit import Codec
from bingjian.simulate.course import FIELD_ACROSS, FIELD_DOWN, Course, Look
from bingjian.simulate.footage import KEY_INTERVAL, RECIPES, LoopName, Recipe, configure, prepared
from bingjian.simulate.loop import FRAME_NS, LOOP_NS, VideoForm, parameter_sets
from bingjian.simulate.timecode import Digits, write_timecode

LATE_LIMIT_NS = 5 * FRAME_NS  # further behind: pictures are left out instead of sent in a heap
UNIT_LIMIT = 8 * 1024 * 1024  # bytes of one access unit

_HEADER = struct.Struct(">IQB")

Plane = NDArray[np.uint8]
Change = Callable[[VideoFrame, int], VideoFrame]  # (picture, capture time in UTC ms)
PlaneChange = Callable[[list[Plane], int], None]  # (Y, U and V planes to alter, capture time in UTC ms)

EFFECTS = ("timecode", "freeze", "black", "blur", "cover", "shift", "view")


@dataclass(frozen=True, slots=True)
class Wish:
    """What to encode."""

    effect: str  # one of EFFECTS
    loop: str  # file name of the main loop
    start_ns: int  # monotonic instant at which the camera's loop began: says which picture is due
    parameters: dict[str, float] = field(default_factory=dict)


class Unit(NamedTuple):
    """One access unit as the process wrote it."""

    capture_utc_ns: int
    key: bool
    units: list[bytes]  # NAL units


# ------------------------------------------------------------------------------------------------------------
# For the parent


def recipe_of(effect: str) -> Recipe:
    """A fault keeps the main loop's parameter sets; the time code is baseline, a key picture each second."""
    main = RECIPES[LoopName.MAIN]
    if effect == "view":
        quick = {"tune": "zerolatency", "preset": "ultrafast", "g": str(KEY_INTERVAL // 2)}
        return replace(main, options={**main.options, **quick})
    if effect != "timecode":
        return replace(main, options={**main.options, "tune": "zerolatency"})
    options = {**main.options, "tune": "zerolatency", "profile": "baseline", "g": str(KEY_INTERVAL // 2)}
    return replace(main, options={**options, "preset": "ultrafast"})


@cache
def form_of(effect: str) -> VideoForm:
    """How the live track is announced, without starting a process."""
    encoder = _encoder(recipe_of(effect))
    return VideoForm(Codec.H264, parameter_sets(Codec.H264, encoder.extradata or b""))


async def run(wish: Wish, orders: "asyncio.Queue[dict[str, float]] | None" = None) -> AsyncIterator[Unit]:
    """Start the process and give its units; closing the iterator ends it.

    Args:
        orders: for the effect "view": courses (``course.Course``) to follow from now on.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bingjian.simulate.live",
        json.dumps(asdict(wish)),
        stdin=asyncio.subprocess.PIPE if orders else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    told = asyncio.create_task(_tell(orders, process.stdin)) if orders and process.stdin else None
    try:
        while True:
            length, capture_utc_ns, flags = _HEADER.unpack(await process.stdout.readexactly(_HEADER.size))
            if length > UNIT_LIMIT:
                return
            data = await process.stdout.readexactly(length)
            yield Unit(capture_utc_ns, bool(flags & 1), list(nal.split_start_codes(data)))
    except asyncio.IncompleteReadError:
        return
    finally:
        if told:
            told.cancel()
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _tell(orders: "asyncio.Queue[dict[str, float]]", pipe: asyncio.StreamWriter) -> None:
    while True:
        pipe.write(json.dumps(await orders.get()).encode() + b"\n")
        await pipe.drain()


# ------------------------------------------------------------------------------------------------------------
# In the process


def main() -> int:
    wish = Wish(**json.loads(sys.argv[1]))
    out = sys.stdout.buffer
    try:
        for unit in encoded(wish):
            out.write(unit)
            out.flush()
    except (BrokenPipeError, KeyboardInterrupt):
        sys.stderr.close()  # the parent is gone: nothing to say
    return 0


def encoded(wish: Wish) -> Iterator[bytes]:
    """Header and access unit of one picture after the other, for ever, in real time."""
    recipe = recipe_of(wish.effect)
    encoder, change = _encoder(recipe), _change_of(wish)
    for number, (picture, capture_utc_ns) in enumerate(_paced(wish)):
        frame = prepared(change(picture, capture_utc_ns // 1_000_000), recipe, number)
        for packet in encoder.encode(frame):
            flags = 1 if packet.is_keyframe else 0
            yield _HEADER.pack(packet.size, capture_utc_ns, flags) + bytes(packet)


def _encoder(recipe: Recipe) -> av.VideoCodecContext:
    context = av.CodecContext.create(recipe.codec, "w")
    assert isinstance(context, av.VideoCodecContext)
    configure(context, recipe)
    context.flags |= av.codec.context.Flags.global_header  # parameter sets apart: the parent puts them in
    context.open()
    return context


def _paced(wish: Wish) -> Iterator[tuple[VideoFrame, int]]:
    """The loop's pictures, each at its instant of the camera's clock, with the UTC nanoseconds then."""
    due = -(-(time.monotonic_ns() - wish.start_ns) // FRAME_NS) * FRAME_NS
    pictures = _from_position(Path(wish.loop), due % LOOP_NS // FRAME_NS)
    due = -(-(time.monotonic_ns() - wish.start_ns) // FRAME_NS) * FRAME_NS
    for picture in pictures:
        ahead = wish.start_ns + due - time.monotonic_ns()
        if ahead > 0:
            time.sleep(ahead / 1e9)
        if ahead > -LATE_LIMIT_NS:
            yield picture, time.time_ns()
        due += FRAME_NS


def _from_position(path: Path, skip: int) -> Iterator[VideoFrame]:
    """Decode round after round, leaving out the first ``skip`` pictures."""
    while True:
        with av.open(str(path)) as film:
            for picture in film.decode(video=0):
                if skip:
                    skip -= 1
                else:
                    yield picture


def _change_of(wish: Wish) -> Change:
    if wish.effect == "blur":
        return _blur(wish.parameters)
    if wish.effect == "view":
        return _view(wish.parameters)
    makers: dict[str, Callable[[dict[str, float]], PlaneChange]] = {
        "timecode": _timecode,
        "freeze": _freeze,
        "black": lambda _: _black,
        "cover": lambda _: _cover,
        "shift": _shift,
    }
    return _on_planes(makers[wish.effect](wish.parameters))


def _on_planes(alter: PlaneChange) -> Change:
    def change(picture: VideoFrame, milliseconds: int) -> VideoFrame:
        whole = np.asarray(picture.to_ndarray(format="yuv420p"), np.uint8)
        height, width = picture.height, picture.width
        luma, flat = whole[:height], whole[height:].reshape(2, height // 2, width // 2)
        alter([luma, flat[0], flat[1]], milliseconds)
        frame = VideoFrame.from_ndarray(whole, format="yuv420p")
        frame.colorspace, frame.color_range = 1, 1
        return frame

    return change


def _blur(parameters: dict[str, float]) -> Change:
    """Out of focus: the picture made small and large again."""
    radius = min(max(int(parameters.get("radius", 16)), 2), 64)

    def change(picture: VideoFrame, milliseconds: int) -> VideoFrame:
        small = picture.reformat(
            picture.width // radius & ~1, picture.height // radius & ~1, interpolation="AREA"
        )
        return small.reformat(picture.width, picture.height, interpolation="BICUBIC")

    return change


def _view(parameters: dict[str, float]) -> Change:
    """The camera turns and zooms: a window of the scene, which goes on as its own mirror image."""
    os.set_blocking(0, False)
    course = Course(**parameters)

    def change(picture: VideoFrame, milliseconds: int) -> VideoFrame:
        nonlocal course
        course = _ordered() or course
        look = course.at(time.monotonic_ns())
        whole = np.asarray(picture.to_ndarray(format="yuv420p"), np.uint8)
        height, width = picture.height, picture.width
        flat = whole[height:].reshape(2, height // 2, width // 2)
        seen = [
            _window(plane, look, unit) for plane, unit in ((whole[:height], 4), (flat[0], 2), (flat[1], 2))
        ]
        rows = np.concatenate([seen[0], *(plane.reshape(-1, seen[0].shape[1]) for plane in seen[1:])])
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(rows), format="yuv420p")
        frame.colorspace, frame.color_range = 1, 1
        return frame

    return change


def _ordered() -> Course | None:
    """The last course on standard input, if there is one."""
    try:
        lines = os.read(sys.stdin.fileno(), 65536).splitlines()
    except BlockingIOError:
        return None
    return Course(**json.loads(lines[-1])) if lines else None


def _window(plane: Plane, look: Look, unit: int) -> Plane:
    rows = _mirrored(plane.shape[0], look.tilt / FIELD_DOWN, look.zoom, unit)
    columns = _mirrored(plane.shape[1], look.pan / FIELD_ACROSS, look.zoom, unit)
    return np.asarray(plane[rows][:, columns])


def _mirrored(size: int, away: float, zoom: float, unit: int) -> "NDArray[np.int64]":
    """Which lines are seen: a run of them, folded back at the edges of the scene.

    Its length is a multiple of ``unit``: 4 of luma, 2 of chroma, so that one is twice the other.
    """
    count = max(int(size / zoom) // unit * unit, unit)
    first = (size - count) // 2 + int(away * size)
    line = np.arange(first, first + count) % (2 * size)
    return np.where(line < size, line, 2 * size - 1 - line)


def _timecode(_: dict[str, float]) -> PlaneChange:
    digits = Digits()

    def change(planes: list[Plane], milliseconds: int) -> None:
        for plane in planes[1:]:
            plane[8:44, 8:400] = 128
        write_timecode(planes[0], milliseconds)
        digits.write(planes[0], milliseconds)

    return change


def _freeze(_: dict[str, float]) -> PlaneChange:
    kept: list[Plane] = []

    def change(planes: list[Plane], milliseconds: int) -> None:
        if not kept:
            kept.extend(plane.copy() for plane in planes)
        for plane, standing in zip(planes, kept, strict=True):
            plane[:] = standing

    return change


def _black(planes: list[Plane], milliseconds: int) -> None:
    for plane, level in zip(planes, (16, 128, 128), strict=True):
        plane[:] = level


def _cover(planes: list[Plane], milliseconds: int) -> None:
    """Something dark hangs before the lens: a narrow rim of the scene is left on the right."""
    for plane, level in zip(planes, (38, 124, 132), strict=True):
        edge = plane.shape[1] * 7 // 8
        plane[:, :edge] = level


def _shift(parameters: dict[str, float]) -> PlaneChange:
    """The camera was turned: the scene lies elsewhere, its edge pulled out over what was not seen."""
    across, down = int(parameters.get("x", 320)) & ~1, int(parameters.get("y", 120)) & ~1

    def change(planes: list[Plane], milliseconds: int) -> None:
        for plane, divisor in zip(planes, (1, 2, 2), strict=True):
            rows = np.clip(np.arange(plane.shape[0]) - down // divisor, 0, plane.shape[0] - 1)
            columns = np.clip(np.arange(plane.shape[1]) - across // divisor, 0, plane.shape[1] - 1)
            plane[:] = plane[rows][:, columns]

    return change


if __name__ == "__main__":
    sys.exit(main())
