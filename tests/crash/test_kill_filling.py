"""``kill -9`` of a process that fills a gap, again and again: each goes on where the last had come."""

import subprocess
import sys
from pathlib import Path
from random import Random

from bench import store_check as store
from bingjian.recording import check, presence
from bingjian.recording.catalogue import gaps_between
from bingjian.recording.cause import Cause
from bingjian.recording.volume import Volume
from tests.unit.recording.footage import CAMERA, GIB, StandingClock, recorder, seconds, video, video_config

GAP = (60, 960)
KILLS = 8

# Fills what is missing, a second of footage at a time, and says how far it has come.
PROGRAM = """
import asyncio, sys
from pathlib import Path
from bingjian.recording.filling import Filling, lacks
from bingjian.recording.segment import Recovered
from bingjian.recording.volume import Volume
from bingjian.recording.volumes import Volumes
from bingjian.recording.wanted import Interval
from tests.unit.recording.footage import CAMERA, START_90K, StandingClock, seconds, video, video_config

async def main():
    volumes = Volumes([Volume.open(Path(sys.argv[1]), clock=StandingClock())])
    source = Recovered("34020000001110000001", "34020000001310000001", seconds(5000 + int(sys.argv[2])))
    for lack in lacks(volumes, CAMERA, Interval(seconds(0), seconds(3600))):
        filling = Filling(CAMERA, lack, source, worker="w", epoch=1)
        filling.begin(StandingClock())
        filling.set_tracks((video_config(),))
        start_s = (lack.interval.start_90k - START_90K) // 90_000 - 1
        for number in range((lack.interval.end_90k - lack.interval.start_90k) // 90_000 + 3):
            filling.write(video(start_s + number, 1, size=4000))
            print(number, flush=True)
            await asyncio.sleep(0.002)
        await filling.end()

asyncio.run(main())
"""


async def test_what_was_killed_goes_on_and_fills_only_what_is_missing(tmp_path: Path):
    root = tmp_path / "volume"
    await _record_around_the_gap(root)
    gap = _gaps(root)
    chance, filled_s = Random(7), list[float]()
    for life in range(KILLS):
        _fill_until_killed(root, life, chance.randint(1, 150))
        filled_s.append(_repaired_and_right(root))
    assert filled_s == sorted(filled_s), "nothing is lost again"
    assert filled_s[-1] > 0
    _fill_to_the_end(root)
    assert _repaired_and_right(root) == GAP[1] - GAP[0]
    assert _gaps(root) == gap
    assert _spans(root) == [("present", None), ("present", "device"), ("present", None)]


async def _record_around_the_gap(root: Path) -> None:
    volume = Volume.create(root, size_bytes=GIB, reserve_bytes=0, clock=StandingClock())
    one = recorder(volume, StandingClock())
    one.set_tracks((video_config(),))
    one.write(video(0, GAP[0]))
    one.gap_begin(Cause.DISCONNECTED, "gone", seconds(GAP[0]))
    one._finish_segment()
    one.write(video(GAP[1], 60))
    await one.close()
    volume.close()


def _fill_until_killed(root: Path, life: int, seconds_sent: int) -> None:
    arguments = [sys.executable, "-c", PROGRAM, str(root), str(life)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for _ in range(seconds_sent):
            assert process.stdout.readline(), "there is more to fill than that"
        process.kill()


def _fill_to_the_end(root: Path) -> None:
    for life in range(100, 105):  # where a piece is missing between two files, it is a hole of its own
        subprocess.run([sys.executable, "-c", PROGRAM, str(root), str(life)], check=True, capture_output=True)


def _repaired_and_right(root: Path) -> float:
    """Seconds that have been filled, after everything was found to be as it should."""
    volume = Volume.open(root, clock=StandingClock())
    assert [*check.Check(volume, deep=True)] == []
    sums = presence.completeness([volume], CAMERA, seconds(0), seconds(GAP[1] + 60), 0)
    volume.close()
    assert store.corrupt(root, store.rows_of(root)) == []
    assert store.unaccounted(root) == []
    assert store.bad_gaps(root) == []
    return sums.recovered_90k / 90_000


def _gaps(root: Path):
    volume = Volume.open(root, read_only=True)
    with volume.reading() as rows:
        found = gaps_between(rows, CAMERA, 0, 1 << 62)
    volume.close()
    return found


def _spans(root: Path) -> list[tuple[str, str | None]]:
    volume = Volume.open(root, read_only=True)
    told = presence.spans([volume], CAMERA, seconds(0), seconds(GAP[1] + 60))
    volume.close()
    found = list[tuple[str, str | None]]()
    for span in told:
        said = span.kind, span.recovered_from
        if not found or found[-1] != said:
            found.append(said)
    return found
