"""The hub: cameras come, change, go; sub streams only while watched; what the state says."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import UUID

from bingjian.clock import Clock
from bingjian.recording import presence
from bingjian.recording.cause import Cause
from bingjian.recording.volume import Volume
from bingjian.recording.volumes import Volumes
from bingjian.streaming.assignment import Assignment, CameraAssignment
from bingjian.streaming.hub import LINGER_S, Hub
from bingjian.streaming.sources.base import SourceAddress, SourceError
from bingjian.streaming.stream import Stream
from tests.unit.streaming.footage import SECOND, START, VIDEO, SetClock, picture, play

ONE, TWO = (UUID(int=n) for n in (1, 2))
MAIN, SUB = SourceAddress("rtsp://192.0.2.1/main", password="hunter2"), SourceAddress("rtsp://192.0.2.1/sub")


@dataclass
class Sources:
    """Plays two seconds to every session, then waits; notes who was asked for."""

    clock: SetClock
    asked: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    async def __call__(
        self,
        address: SourceAddress,
        sink: Stream,
        clock: Clock,
        *,
        on_connected: Callable[[str], None] | None = None,
    ) -> None:
        self.asked.append(address.url)
        if "bad" in address.url:
            raise SourceError(Cause.REFUSED, "the camera refuses")
        assert on_connected is not None
        on_connected("tcp")
        sink.on_tracks((VIDEO,))
        play(sink, [picture(n) for n in range(50)], self.clock)
        try:
            await asyncio.Event().wait()
        finally:
            self.ended.append(address.url)


@asynccontextmanager
async def hub_at(path: Path) -> AsyncIterator[tuple[Hub, Sources, SetClock]]:
    clock = SetClock()
    volume = Volume.create(path / "volume", size_bytes=1 << 30, reserve_bytes=0, clock=clock)
    sources = Sources(clock)
    hub = Hub(Volumes([volume]), worker="w", clock=clock, receive=sources)
    try:
        yield hub, sources, clock
    finally:
        await hub.close()
        await asyncio.to_thread(volume.close)


def wanted(*cameras: CameraAssignment, epoch: int = 1) -> Assignment:
    return Assignment(epoch, b"k" * 32, frozenset(), {camera.id: camera for camera in cameras})


def camera(id: UUID = ONE, main: SourceAddress = MAIN, sub: SourceAddress | None = SUB) -> CameraAssignment:
    return CameraAssignment(id, "南门", main, sub)


async def settle() -> None:
    """Lets tasks that are ready run."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_cameras_come_and_go_and_the_rest_notices_nothing(tmp_path: Path) -> None:
    async with hub_at(tmp_path) as (hub, sources, _):
        await hub.assign(wanted(camera(ONE), camera(TWO)))
        await settle()
        first = hub.cameras[ONE]
        assert sources.asked == [MAIN.url] * 2
        await hub.assign(wanted(camera(ONE), epoch=2))
        assert hub.cameras == {ONE: first}
        assert sources.ended == [MAIN.url]
        assert len(sources.asked) == 2


async def test_an_older_epoch_is_ignored(tmp_path: Path) -> None:
    async with hub_at(tmp_path) as (hub, _, _):
        assert await hub.assign(wanted(camera(), epoch=5))
        assert not await hub.assign(wanted(epoch=4))
        assert await hub.assign(wanted(camera(), epoch=5))
        assert list(hub.cameras) == [ONE]


async def test_another_address_is_a_new_session_and_the_same_recorder(tmp_path: Path) -> None:
    async with hub_at(tmp_path) as (hub, sources, _):
        await hub.assign(wanted(camera()))
        await settle()
        recorder = hub.cameras[ONE].recorder
        moved = replace(MAIN, url="rtsp://192.0.2.9/main")
        await hub.assign(wanted(camera(main=moved)))
        await settle()
        assert sources.asked == [MAIN.url, moved.url]
        assert hub.cameras[ONE].recorder is recorder


async def test_a_new_name_alone_touches_no_stream(tmp_path: Path) -> None:
    async with hub_at(tmp_path) as (hub, sources, _):
        await hub.assign(wanted(camera()))
        await settle()
        await hub.assign(wanted(replace(camera(), name="北门")))
        await settle()
        assert sources.asked == [MAIN.url]


async def test_a_sub_stream_runs_while_watched_and_a_little_longer(tmp_path: Path) -> None:
    async with hub_at(tmp_path) as (hub, sources, clock):
        await hub.assign(wanted(camera()))
        await settle()
        one = hub.cameras[ONE]
        assert SUB.url not in sources.asked
        assert one.watched("sub") is one.sub is not None
        await settle()
        assert SUB.url in sources.asked
        for _ in range(int(LINGER_S)):
            await one.tick()
            clock.pass_ns(SECOND)
        assert one.sub.running
        clock.pass_ns(SECOND)
        await one.tick()
        assert not one.sub.running
        assert one.main.running


async def test_a_camera_without_sub_stream_has_none_to_watch(tmp_path: Path) -> None:
    async with hub_at(tmp_path) as (hub, _, _):
        await hub.assign(wanted(camera(sub=None)))
        assert hub.cameras[ONE].watched("sub") is None
        assert hub.state()["cameras"][str(ONE)]["sub"] is None


async def test_a_bad_camera_is_named_and_the_good_one_records(tmp_path: Path) -> None:
    async with hub_at(tmp_path) as (hub, _, clock):
        bad = SourceAddress("rtsp://192.0.2.2/bad", password="hunter2")
        await hub.assign(wanted(camera(ONE), camera(TWO, main=bad)))
        await settle()
        clock.pass_ns(SECOND)
        for one in hub.cameras.values():
            await one.tick()
        state = hub.state()
        good, failed = state["cameras"][str(ONE)]["main"], state["cameras"][str(TWO)]["main"]
        assert (good["state"], good["recording"], good["codec"]) == ("live", True, "h264")
        assert (failed["state"], failed["cause"]) == ("reconnecting", "refused")
        assert failed["detail"] == "the camera refuses"
        assert good["transport"] == "tcp"
        assert good["since"].endswith("Z")
        assert [one["state"] for one in state["volumes"]] == ["writable"]
        assert "hunter2" not in str(state)


async def test_what_was_received_is_durable_when_the_hub_has_closed(tmp_path: Path) -> None:
    async with hub_at(tmp_path) as (hub, _, clock):
        await hub.assign(wanted(camera()))
        await settle()
        await hub.close()
        spans = await asyncio.to_thread(presence.spans, hub.volumes, ONE, START, START + 10 * 90_000)
        assert (spans[0].kind, spans[0].start_90k, spans[0].end_90k) == ("present", START, START + 2 * 90_000)
        assert (spans[1].kind, spans[1].cause) == ("missing", Cause.RECORDER_STOPPED)
        assert clock.utc // SECOND == START // 90_000 + 2
