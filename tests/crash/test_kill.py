"""``kill -9`` of a recording process, for real: what it had written down is there, the rest has a name."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from uuid import UUID

import pytest

from bench import store_check as store
from bingjian.clock import TICKS_PER_SECOND
from bingjian.recording import presence, reader
from bingjian.recording.cause import Cause
from bingjian.recording.volume import Volume
from tests.unit.recording.footage import CAMERA, StandingClock, seconds
from tests.unit.recording.test_recovery import checked

PROGRAM = """
import asyncio, sys
from pathlib import Path
from bingjian.recording.volume import Volume
from tests.unit.recording.footage import GIB, StandingClock, recorder, video, video_config

async def main():
    volume = Volume.create(Path(sys.argv[1]), size_bytes=GIB, reserve_bytes=0)
    one = recorder(volume, StandingClock())
    one.set_tracks((video_config(),))
    for second in range(10**6):
        one.write(video(second, 1, size=4000))
        if second == int(sys.argv[2]):
            await volume.settled()
            print("settled", flush=True)
        await asyncio.sleep(0.002)

asyncio.run(main())
"""


@pytest.mark.parametrize("settled_s", [0, 3, 305])
def test_killed_while_recording(tmp_path: Path, settled_s: int):
    root = tmp_path / "volume"
    arguments = [sys.executable, "-c", PROGRAM, str(root), str(settled_s)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"settled\n"
        process.kill()
    volume = Volume.open(root, clock=StandingClock())
    assert len(volume.repairs) == 1
    kept = reader.segments([volume], CAMERA, 0, 1 << 62)
    assert all(one.closed for one in kept)
    assert kept[-1].end_90k >= seconds(settled_s + 1)
    if len(kept) == 1:
        checked(volume)
    after = presence.spans([volume], CAMERA, seconds(0), kept[-1].end_90k + 90_000)
    assert [(span.kind, span.cause) for span in after] == [
        ("present", None),
        ("missing", Cause.RECORDER_CRASHED),
    ]
    volume.close()


# In real time, saying what has been received: picture by picture, on its standard output.
PACED_PROGRAM = """
import asyncio, sys
from pathlib import Path
from uuid import UUID
from bingjian.clock import SystemClock
from bingjian.recording.recorder import Recorder
from bingjian.recording.volume import Volume
from bingjian.recording.volumes import Volumes
from tests.unit.recording.footage import FRAME_90K, video, video_config

async def main(root, camera, start_s):
    volume = Volume.open(root)
    one = Recorder(Volumes([volume]), camera, worker="w", epoch=1, clock=SystemClock())
    loop = asyncio.get_running_loop()
    began = loop.time()
    for number in range(10**6):
        if number % 45 == 0:
            one.set_tracks((video_config(wide=20 + number // 45 % 2),))
        (picture,) = video(start_s + number / 25, 0.04, size=3000)
        one.write([picture._replace(sync=number % 45 % 25 == 0)])
        print(picture.dts + 2 * FRAME_90K, flush=True)
        await asyncio.sleep(began + (number + 1) / 25 - loop.time())

asyncio.run(main(Path(sys.argv[1]), UUID(int=int(sys.argv[2])), int(sys.argv[3])))
"""
KILLS_EACH = 5
LANES = 2  # processes that record into the volume at a time
LIFE_S = 10  # of the tests' timeline, which a process has to itself


def test_two_seconds_are_the_most_that_a_kill_costs_while_others_record_into_the_volume(tmp_path: Path):
    root = tmp_path / "volume"
    Volume.create(root, size_bytes=1 << 30, reserve_bytes=0).close()
    with ThreadPoolExecutor(LANES) as threads:
        lanes = list(threads.map(lambda camera: _killed_again_and_again(root, camera), range(1, LANES + 1)))
    lost_s = [one for lane in lanes for one in lane]
    assert max(lost_s) <= 2.0
    assert max(lost_s) > 0.3, "or nothing was killed"
    Volume.open(root).close()
    assert store.corrupt(root, store.rows_of(root)) == []
    assert store.unaccounted(root) == []
    assert store.bad_gaps(root) == []
    assert {row.state for row in store.rows_of(root)} == {"closed"}


def _killed_again_and_again(root: Path, camera: int) -> list[float]:
    """Seconds lost by each kill, as the next life finds them."""
    chance, lost_s = Random(camera), []
    for life in range(KILLS_EACH):
        received_90k = _one_life(root, camera, life * LIFE_S, chance.randint(5, 50))
        volume = Volume.open(root)  # repairs, as the next program does
        kept = reader.segments([volume], UUID(int=camera), 0, 1 << 62)
        volume.close()
        assert store.corrupt(root, [row for row in store.rows_of(root) if row.camera.int == camera]) == []
        readable_90k = max((one.end_90k for one in kept), default=0)
        lost_s.append((received_90k - max(readable_90k, seconds(life * LIFE_S))) / TICKS_PER_SECOND)
    return lost_s


def _one_life(root: Path, camera: int, start_s: int, pictures: int) -> int:
    """Killed somewhere after so many pictures; the end of the last one received."""
    arguments = [sys.executable, "-c", PACED_PROGRAM, str(root), str(camera), str(start_s)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for _ in range(pictures):
            assert process.stdout.readline()
        process.kill()
        said = process.stdout.read().split()
    return int(said[-1]) if said else seconds(start_s + pictures / 25)
