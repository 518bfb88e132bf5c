"""``kill -9`` at random instants under load: what it costs, and whether anything is corrupt or forgotten.

**Recorder.** Three media workers record simulated cameras into one volume. One after the other, chosen at
random, is killed at a random instant while the others go on, and started again. Then what it has changed is
read, every fragment hashed; after every hundredth kill everything, and ``bingjian check`` is asked too. Small
holds are copied and segments removed by receipt meanwhile: what a worker has once confirmed must stay so.

**Supervisor.** The platform as ``bingjian serve`` runs it is killed while it records and takes marks and
holds: the supervisor alone, and with all of its children, in turn (``bench.crash_platform``).

*Lost* runs from the last sample readable after the restart to the last access unit fully received before the
kill. What a worker has received cannot be asked of it once it is dead; but the stream dates no picture later
than it arrived, so the instant of the kill itself is taken: the figures are, if anything, too high, by the
age of the newest picture. Of a worker that had not yet had a key frame since its start nothing was lost.
"""

import argparse
import asyncio
import base64
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bench import store_check as store
from bench.crash_platform import kill_supervisors
from bench.report import Result
from bench.simulators import running_simulators
from bench.worker import Camera, Worker, cameras_of, start_worker
from bingjian.clock import TICKS_PER_SECOND, instant_of
from bingjian.entries import RemovalReceipt, receipt_payload
from bingjian.recording.check import Check
from bingjian.recording.volume import Volume

WORKER_CORE, SIMULATOR_CORE = 0, 1
WORKERS, CAMERAS_EACH = 3, 2
LONGEST_PAUSE_S = 1.0  # between a check and the next kill: with three workers each lives for some seconds
EVERYTHING_AFTER = 100  # kills
PROMISE_AFTER = 10  # kills: a hold is copied, a segment removed
PROMISE_S = 10.0  # a hold's interval reaches so far back
MAX_SHOWN = 5


@dataclass(slots=True)
class Tally:
    """What the kills have cost."""

    kills: int = 0
    supervisor_kills: int = 0
    lost_s: list[float] = field(default_factory=list)  # per kill, of the camera that lost most
    corrupt: list[str] = field(default_factory=list)
    unaccounted: list[str] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)

    @property
    def max_lost_s(self) -> float:
        return max(self.lost_s, default=0.0)

    @property
    def good(self) -> bool:
        return self.max_lost_s <= 2.0 and not (self.corrupt or self.unaccounted or self.forgotten)

    def figures(self) -> dict[str, Any]:
        return {
            "kills": self.kills,
            "max_lost_s": round(self.max_lost_s, 3),
            "median_lost_s": round(sorted(self.lost_s)[len(self.lost_s) // 2], 3) if self.lost_s else None,
            "corrupt": len(self.corrupt),
            "unaccounted": len(self.unaccounted),
            "forgotten": len(self.forgotten),
            "supervisor_kills": self.supervisor_kills,
            "what": [*self.corrupt, *self.unaccounted, *self.forgotten][:MAX_SHOWN],
        }


# --- One worker -----------------------------------------------------------------------------------


@dataclass(slots=True)
class Lane:
    """One worker and its cameras, over all its lives."""

    name: str
    cameras: list[Camera]
    volume: Path
    receipt_key: str
    worker: Worker | None = None
    checked: set[UUID] = field(default_factory=set)  # closed segments once found whole

    async def start(self) -> None:
        more = {"name": self.name, "holds_path": str(self.volume.parent / "holds")}
        known = str(self.volume.parent / "known.json")
        log = self.volume.parent / f"{self.volume.name}.log"
        self.worker = start_worker(self.volume, core=WORKER_CORE, log=log, known_volumes=known, **more)
        await self.worker.answering()
        await self.worker.assign(self.cameras, receipt_key=self.receipt_key)

    async def kill(self, pause_s: float) -> dict[UUID, float]:
        """At an instant that has nothing to do with the question before it.

        Returns:
            Per camera the instant of the kill, less that from which its pictures counted: s.
        """
        assert self.worker is not None
        asked = time.time()
        streams = {UUID(id): one["main"] for id, one in (await self.worker.state())["cameras"].items()}
        await asyncio.sleep(pause_s)
        await self.worker.kill()
        return {id: live_since(stream, asked) for id, stream in streams.items()}

    def changed(self) -> list[store.Row]:
        """Its segments that were not yet found whole."""
        ids = {camera.id for camera in self.cameras}
        return [row for row in store.rows_of(self.volume) if row.camera in ids and row.id not in self.checked]


def live_since(stream: dict[str, Any], asked: float) -> float:
    """From when on a killed worker's pictures counted: its first key frame, or, if it had none when asked,
    not before that question."""
    since = datetime.fromisoformat(stream["since"]).timestamp()
    return since if stream["state"] == "live" else asked


# --- The run --------------------------------------------------------------------------------------


class Crashes:
    """Kills, one after the other, and looks."""

    def __init__(self, lanes: Sequence[Lane], promises: "Promises", chance: Random) -> None:
        self._lanes = lanes
        self._promises = promises
        self._chance = chance
        self._volume = lanes[0].volume
        self.tally = Tally()

    async def run(self, kills: int) -> None:
        await asyncio.gather(*(lane.start() for lane in self._lanes))
        try:
            for number in range(1, kills + 1):
                await self._once(self._chance.choice(self._lanes))
                if number % PROMISE_AFTER == 0:
                    await self._promises.make(self._chance.choice(self._lanes))
                if number % EVERYTHING_AFTER == 0 or number == kills:
                    await asyncio.to_thread(self._check_everything)
        finally:
            for lane in self._lanes:
                if lane.worker is not None:
                    await lane.worker.kill()

    async def _once(self, lane: Lane) -> None:
        await asyncio.sleep(self._chance.uniform(0, LONGEST_PAUSE_S))
        counted_from = await lane.kill(self._chance.uniform(0, 0.2))
        killed = time.time()
        lane.worker = None
        self.tally.kills += 1
        await lane.start()
        await asyncio.to_thread(self._check_changes, lane, counted_from, killed)

    def _check_changes(self, lane: Lane, counted_from: dict[UUID, float], killed: float) -> None:
        """What the killed worker has left; its new segments are looked at after the next kill."""
        rows = [row for row in lane.changed() if row.start_90k < killed * TICKS_PER_SECOND]
        self.tally.corrupt += store.corrupt(lane.volume, rows)
        lane.checked.update(row.id for row in rows if row.state == "closed")
        self.tally.lost_s.append(max(self._lost_s(rows, killed, counted_from)))
        self.tally.forgotten += self._promises.broken()

    @staticmethod
    def _lost_s(rows: Sequence[store.Row], killed: float, counted_from: dict[UUID, float]) -> list[float]:
        ends = {
            camera: max((row.end_90k / TICKS_PER_SECOND for row in rows if row.camera == camera), default=0.0)
            for camera in counted_from
        }
        return [max(0.0, killed - max(ends[id], since)) for id, since in counted_from.items()] or [0.0]

    def _check_everything(self) -> None:
        """Nobody is dead now, so nothing may be without an owner."""
        self.tally.corrupt += store.corrupt(self._volume, store.rows_of(self._volume))
        self.tally.corrupt += store.bad_gaps(self._volume)
        self.tally.unaccounted += store.unaccounted(self._volume)
        self.tally.forgotten += self._promises.broken() + store.removed_more_than_once(self._volume)
        volume = Volume.open(self._volume, read_only=True)
        self.tally.corrupt += [f"check: {one}" for one in Check(volume, deep=True)]
        volume.close()


# --- What workers have confirmed ------------------------------------------------------------------


class Promises:
    """Copies of held footage, and removals: made through the control interface, looked for on the disk."""

    def __init__(self, volume: Path) -> None:
        self._volume = volume
        self._key = Ed25519PrivateKey.generate()
        self._copies: dict[UUID, int] = {}  # hold → segments that were confirmed
        self._removed: set[UUID] = set()

    @property
    def public_key(self) -> str:
        raw = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return base64.b64encode(raw).decode()

    async def make(self, lane: Lane) -> None:
        """The newest seconds of a camera held, its oldest segment removed."""
        assert lane.worker is not None
        camera, now = lane.cameras[0].id, datetime.now(UTC)
        wish = {"hold": str(uuid4()), "camera": str(camera)}
        interval = {"start": (now - timedelta(seconds=PROMISE_S)).isoformat(), "end": now.isoformat()}
        said = await lane.worker.ask("POST", "/control/holds", json=wish | interval)
        self._copies[UUID(said["hold"])] = said["segments"]
        await self._remove_oldest(lane.worker, camera, now - timedelta(seconds=PROMISE_S))

    async def _remove_oldest(self, worker: Worker, camera: UUID, before: datetime) -> None:
        asked = {"camera": str(camera), "before": before.isoformat(), "limit": 1}
        for one in (await worker.ask("GET", "/control/footage", params=asked))["segments"]:
            receipts = [self._receipt(one)]
            said = await worker.ask("POST", "/control/removals", json={"receipts": receipts})
            self._removed.update(map(UUID, said["removed"]))

    def _receipt(self, one: dict[str, Any]) -> dict[str, str]:
        start = instant_of(one["start_90k"]).isoformat(timespec="microseconds")
        receipt = RemovalReceipt(
            *("bench", one["camera"], one["segment"], one["volume"], start, start, one["root"]),
            *("R28.1", start, start, ""),
        )
        return asdict(replace(receipt, signature=self._key.sign(receipt_payload(receipt)).hex()))

    def broken(self) -> list[str]:
        """Confirmed once, and not so any more."""
        area = self._volume.parent / "holds"
        lost = [
            f"hold {hold}: a copy is gone"
            for hold, segments in self._copies.items()
            if len(list((area / str(hold)).glob("*.mp4"))) < segments
        ]
        back = {store.id_in(path) for path in self._volume.glob("cameras/*/*/*.mp4")} & self._removed
        return lost + [f"segment {id}: removed, and there again" for id in back]


# --- Command line ---------------------------------------------------------------------------------


async def run(kills: int, supervisor_kills: int, seed: int, work: Path) -> Tally:
    chance, volume = Random(seed), work / "volume"
    promises = Promises(volume)
    async with running_simulators(WORKERS * CAMERAS_EACH, core=SIMULATOR_CORE) as simulators:
        cameras = cameras_of(simulators.urls, simulators.username, simulators.password)
        lanes = [
            Lane(f"media-{number}", cameras[number::WORKERS], volume, promises.public_key)
            for number in range(WORKERS)
        ]
        crashes = Crashes(lanes, promises, chance)
        await crashes.run(kills)
        tally = crashes.tally
        if supervisor_kills:
            forgotten, faults, strangers = await kill_supervisors(
                supervisor_kills, cameras[:CAMERAS_EACH], work / "platform", chance
            )
            tally.supervisor_kills = supervisor_kills
            tally.forgotten += forgotten
            tally.corrupt += faults
            tally.unaccounted += strangers
    return tally


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bench crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=100, help="of a recorder")
    parser.add_argument("--supervisor-kills", type=int, help="default: a fiftieth of them, at least 2")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4)))
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    options = parser.parse_args(arguments)
    supervisor_kills = options.supervisor_kills
    if supervisor_kills is None:
        supervisor_kills = max(2, options.kills // 50)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bingjian-bench-") as work:
        tally = asyncio.run(run(options.kills, supervisor_kills, options.seed, Path(work)))
    params = {
        "workers": WORKERS,
        "cameras": WORKERS * CAMERAS_EACH,
        "seed": options.seed,
        "seconds": round(time.monotonic() - began),
    }
    Result(bench="crash", params=params, bingjian=tally.figures()).show(as_json=options.json)
    return 0 if tally.good else 1


if __name__ == "__main__":
    raise SystemExit(main())
