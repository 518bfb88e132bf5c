"""One question to a store from a process that has never seen it, as ``bench seek`` asks it many times.

    python -m bench.seek_cold VOLUME CAMERA INSTANT_90K [uncached]

Asks which bytes hold the instant, and prints how long that took, from opening the volume to the answer:
{"ns", "path", "offset", "length"}. ``uncached``: takes the catalogue and the camera's files of that day out
of the page cache first.
"""

import json
import sys
import time
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from bench.store import forget_cached
from bingjian.clock import instant_of
from bingjian.recording import reader
from bingjian.recording.volume import CATALOGUE_FILE, Volume


class Place(NamedTuple):
    """Where the fragment that holds an instant lies."""

    path: Path
    offset: int
    length: int


def place_of(volume: Volume, camera: UUID, at_90k: int) -> Place | None:
    """None: nothing was recorded then."""
    for one in reader.segments([volume], camera, at_90k, at_90k + 1):
        for entry in reader.entries(one)[1:]:
            if entry.start_90k <= at_90k < entry.end_90k:
                return Place(one.path, entry.offset, entry.length)
    return None


def main() -> None:
    root, camera, at_90k = Path(sys.argv[1]), UUID(sys.argv[2]), int(sys.argv[3])
    day = root / "cameras" / str(camera) / f"{instant_of(at_90k):%Y-%m-%d}"
    if sys.argv[4:] == ["uncached"]:
        forget_cached([*root.glob(f"{CATALOGUE_FILE}*"), *day.iterdir()])
    began = time.perf_counter_ns()
    place = place_of(Volume.open(root, read_only=True), camera, at_90k)
    took = time.perf_counter_ns() - began
    found = {"path": str(place.path), "offset": place.offset, "length": place.length} if place else {}
    print(json.dumps({"ns": took, **found}))


if __name__ == "__main__":
    main()
