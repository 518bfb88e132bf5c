"""``kill -9`` of a recording process, for real: what it had written down is there, the rest has a name."""

import subprocess
import sys
from pathlib import Path

import pytest

from bingjian.recording import reader
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


@pytest.mark.parametrize("settled_s", [0, 3, 40, 350])
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
    after = reader.spans([volume], CAMERA, seconds(0), kept[-1].end_90k + 90_000)
    assert [(span.kind, span.cause) for span in after] == [
        ("present", None),
        ("missing", Cause.RECORDER_CRASHED),
    ]
    volume.close()
