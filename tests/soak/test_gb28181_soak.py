"""Devices of GB/T 28181 in trouble for as long as it takes: what is healthy comes back, and nothing piles up.

A signalling process and a media worker as real processes, simulated devices of both editions over both
transports, most of them idle and some recorded. Trouble of every kind for a part of each round; then all must
be registered and recorded again within ``RECOVERED_S``, and the processes hold what they held before. At the
end everybody leaves, and nothing may be left.

Twenty seconds of ten devices by default; ``--soak`` two hundred devices for five minutes, ``--soak=7200`` for
two hours. What was seen is printed as one line of JSON.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bingjian.protocols.gb28181 import Edition
from bingjian.simulate.gb28181.fleet import Fleet, FleetConfig
from bingjian.simulate.gb28181.spec import DeviceSpec, Platform, make_devices
from tests.soak.running import Running, started
from tests.soak.trouble import Trouble
from tests.unit.processes import media_worker, signal_process
from tests.unit.signalling.scripted import DOMAIN, PASSWORD, PLATFORM

HOST = "127.0.0.1"
KEEP_ALIVE_S, EXPIRES_S = 5, 90
LONGEST_S = 60.0  # of a round
SEED = 28181
# Wrong passwords are not looked at for 60 s, a worker tries again 45 s later at most, and what is lost is
# given up after 32 s.
RECOVERED_S = 140.0
CLEARED_S = 60.0  # transactions end after 32 s; a short run does not wait for that
FILLING = 1  # gaps are filled from devices' own storage, one download at a time
MIB = 1 << 20
GROWTH = 24 * MIB  # of memory, in the second half of a run
FILES_SLACK = 8  # segments that are just being changed, questions under way
TASKS_SLACK = 8


@dataclass(frozen=True, slots=True)
class Scale:
    devices: int
    recorded: int
    seconds: float
    each_s: float  # from one trouble to the next
    is_long: bool

    @property
    def size_bytes(self) -> int:
        """Of the volume: nothing is old enough to be removed, and what fills gaps needs room too."""
        return (1 + round(self.seconds / 300)) << 30


def scale_of(soak_s: int) -> Scale:
    """What two cores carry beside all else: some twenty streams."""
    return Scale(200, 20, float(soak_s), 0.25, True) if soak_s else Scale(10, 4, 20.0, 0.25, False)


@dataclass
class Seen:
    """For the line at the end."""

    rounds: list[dict[str, Any]] = field(default_factory=list)
    recovered_s: list[float] = field(default_factory=list)
    events: Counter[str] = field(default_factory=Counter)
    causes: Counter[str] = field(default_factory=Counter)  # of streams away, looked at once a second
    answers: Counter[str] = field(default_factory=Counter)  # to questions


def devices(scale: Scale) -> tuple[DeviceSpec, ...]:
    """In turn UDP and TCP, 2016 and 2022; one channel each, small pictures without sound."""
    kinds = [(way, edition) for edition in (Edition.V2016, Edition.V2022) for way in ("UDP", "UDP", "TCP")]
    made: list[DeviceSpec] = []
    for number in range(scale.devices):
        transport, edition = kinds[number % len(kinds)]
        (spec,) = make_devices(
            DOMAIN,
            1,
            1,
            PASSWORD,
            first=number + 1,
            edition=edition,
            transport=transport,
            expires_s=EXPIRES_S,
            keep_alive_s=KEEP_ALIVE_S,
        )
        made.append(replace(spec, channels=(replace(spec.channels[0], picture="sub", sound=""),)))
    return tuple(made)


def camera(number: int, spec: DeviceSpec) -> dict[str, object]:
    url = f"gb28181://{spec.id}/{spec.channels[0].id}"
    main = {"url": url, "username": "", "password": "", "transport": "auto", "verify_tls": True}
    return {"id": str(UUID(int=number + 1)), "name": spec.name, "main": main, "sub": None}


def ports(count: int) -> list[int]:
    """A range of which some are free; those that others have are passed over."""
    return [20_000 + time.monotonic_ns() // 1_000_000 % 8_000, count]


class City:
    """Both processes and the fleet. ``signal``, ``media``: clients of the web process's interfaces."""

    def __init__(
        self,
        scale: Scale,
        specs: tuple[DeviceSpec, ...],
        fleet: Fleet,
        running: tuple[Running, Running],
        clients: tuple[httpx.AsyncClient, httpx.AsyncClient],
    ) -> None:
        self.scale, self.specs, self.fleet = scale, specs, fleet
        self.processes = dict(zip(("signal", "media"), running, strict=True))
        self.signal, self.media = clients
        self.seen = Seen()
        self._event = 0

    async def assign(self, recorded: int, epoch: int) -> None:
        """Devices to the signalling process, the first so many of their channels to the worker."""
        told = [
            {
                "id": spec.id,
                "password": spec.password,
                "keep_alive_s": KEEP_ALIVE_S,
                "admitted": [channel.id for channel in spec.channels],
            }
            for spec in self.specs
        ]
        put = await self.signal.put("/control/assignment", json={"epoch": epoch, "devices": told})
        assert put.status_code == 204, put.text
        cameras = [camera(number, spec) for number, spec in enumerate(self.specs[:recorded])]
        await self._worker().assign(*cameras, epoch=epoch)

    def _worker(self) -> media_worker.Worker:
        media = self.processes["media"]
        return media_worker.Worker(media.process, media.started["port"])

    async def signalling(self) -> dict[str, Any]:
        state: dict[str, Any] = (await self.signal.get("/control/state")).json()
        return state

    async def streams(self) -> dict[str, dict[str, Any]]:
        """By device."""
        state = (await self.media.get("/control/state")).json()
        return {self.specs[UUID(id).int - 1].id: one["main"] for id, one in state["cameras"].items()}

    async def said_with(self, device: str) -> str:
        """For whoever looks why: what the device is like, and the last that was said with it."""
        log = (await self.signal.get(f"/control/devices/{device}/log")).json()["messages"][-200:]
        simulated = self.fleet.devices[device]
        state = f"{simulated.spec.transport} registered {simulated.registered} {simulated.quirks}"
        said = [f"{one['at']} {one['direction']} {one['peer']}\n{one['text']}" for one in log]
        return "\n".join([f"{device} {state} {simulated.weather}", *said])

    async def ill(self) -> list[str]:
        """What is not as it should be, of devices and streams."""
        state, streams = await self.signalling(), await self.streams()
        count = self.scale.devices
        wanted = {"registered": count, "online": count, "watch_waiting": 0}
        found = [f"{name} {state[name]}" for name, value in wanted.items() if state[name] != value]
        for device, one in streams.items():
            if not (one["state"] == "live" and one["recording"]):
                found.append(f"{device} {one['state']}: {one['cause']} {one['detail']}")
        open_calls, sent = state["calls"] - len(streams), self.sessions() - len(streams)
        if not 0 <= open_calls <= FILLING:
            found.append(f"{state['calls']} calls for {len(streams)} streams")
        if not 0 <= sent <= FILLING:
            found.append(f"devices send {self.sessions()} streams for {len(streams)}")
            found += [f"{id} sends {held}" for id, held in self.sending() if held > (id in streams)]
        return found

    async def still_open(self) -> list[str]:
        """Streams of devices, and calls, when nothing is recorded."""
        calls = (await self.signalling())["calls"]
        sending = [f"{id} sends" for id, device in self.fleet.devices.items() if device.sessions]
        return sending + ([f"{calls} calls"] if calls else [])

    async def still_registered(self) -> list[str]:
        state = await self.signalling()
        return [f"{name} {state[name]}" for name in ("registered", "queries") if state[name]]

    def sending(self) -> list[tuple[str, int]]:
        """How many streams of whom."""
        return [(id, len(device.sessions)) for id, device in self.fleet.devices.items()]

    def sessions(self) -> int:
        return sum(count for _, count in self.sending())

    async def hear(self) -> None:
        """Everything that the signalling process has told since."""
        answer = await self.signal.get("/control/events", params={"after": self._event, "wait_s": 0})
        for event in answer.json()["events"]:
            self._event = event["seq"]
            self.seen.events[event["kind"]] += 1
        causes = [one["cause"] for one in (await self.streams()).values()]
        self.seen.causes.update(cause for cause in causes if cause is not None)

    async def ask(self, device: str) -> None:
        """A question in between, to whoever may be in trouble; it is answered, or the reason said."""
        path = f"/control/devices/{device}/query"
        answer = await self.signal.post(path, json={"command": "DeviceStatus"})
        self.seen.answers[answer.json().get("code", "ok")] += 1

    async def figures(self) -> dict[str, dict[str, int]]:
        """By process; ``tasks`` are those of its event loop."""
        found = {name: running.figures() for name, running in self.processes.items()}
        for name, client in (("signal", self.signal), ("media", self.media)):
            told = text_string_to_metric_families((await client.get("/metrics")).text)
            values = {sample.name: int(sample.value) for family in told for sample in family.samples}
            found[name]["tasks"] = values[f"bingjian_{name}_tasks"]
        return found


@asynccontextmanager
async def city(scale: Scale, folder: Path) -> AsyncIterator[City]:
    specs, fleet = devices(scale), Fleet()
    sip = {"sip_id": PLATFORM, "sip_domain": DOMAIN, "sip_port": 0, "port": 0}
    keys = {
        "credential": signal_process.CREDENTIAL,
        "media_credential": signal_process.MEDIA_CREDENTIAL,
    }
    async with started("bingjian.processes.signal", {**sip, **keys}) as signal:
        line = {
            "signal_url": f"http://{HOST}:{signal.started['port']}",
            "signal_credential": signal_process.MEDIA_CREDENTIAL,
            "gb_host": HOST,
            "gb_ports": ports(scale.recorded * 10),
        }
        config = media_worker.config(folder, **line)
        config["volumes"] = [{"path": str(folder), "size_bytes": scale.size_bytes, "reserve_bytes": 0}]
        async with (
            started("bingjian.processes.media", config) as media,
            signal.client() as asking,
            media.client() as worker,
        ):
            where = Platform(HOST, signal.started["sip_port"], PLATFORM)
            made = City(scale, specs, fleet, (signal, media), (asking, worker))
            await made.assign(0, 1)
            await fleet.start(FleetConfig(where, specs, footage="drawn"))
            try:
                await fleet.ready()
                yield made
            finally:
                await fleet.stop()


class TooLate(AssertionError):
    """Carries what is still wrong."""


async def within(seconds: float, wrong: Callable[[], Awaitable[list[str]]]) -> float:
    """Until nothing is wrong: how long that took. Raises TooLate."""
    began = time.monotonic()
    while found := await wrong():
        if time.monotonic() - began > seconds:
            raise TooLate(found)
        await asyncio.sleep(0.5)
    return time.monotonic() - began


def rounds(seconds: float) -> Iterator[float]:
    """How long each lasts."""
    count = max(1, round(seconds / LONGEST_S))
    yield from islice(iter(lambda: seconds / count, None), count)


async def recovered(here: City) -> float:
    return await well(here, RECOVERED_S, here.ill)


async def well(here: City, seconds: float, wrong_now: Callable[[], Awaitable[list[str]]]) -> float:
    """How long it took. Raises AssertionError with what was said with those that are not well."""
    try:
        return await within(seconds, wrong_now)
    except TooLate as error:
        wrong: list[str] = error.args[0]
        ids = [device for device in here.fleet.devices if any(one.startswith(device) for one in wrong)]
        said = [await here.said_with(device) for device in ids[:3]]
        raise AssertionError("\n".join([*wrong, *said])) from error


async def one_round(here: City, trouble: Trouble, seconds: float) -> None:
    """Trouble for half of it, then peace."""
    began = time.monotonic()
    reigning = asyncio.create_task(trouble.reign(seconds / 2, here.scale.each_s))
    asking: list[asyncio.Task[None]] = []
    while not reigning.done():
        await here.hear()
        asking.append(asyncio.create_task(here.ask(trouble.anybody())))
        await asyncio.wait([reigning], timeout=1.0)
    await asyncio.gather(reigning, *asking)
    here.seen.recovered_s.append(round(await recovered(here), 1))
    await here.hear()
    await asyncio.sleep(max(0.0, began + seconds - time.monotonic()))
    await recovered(here)
    here.seen.rounds.append(await here.figures())
    assert (await here.signalling())["faults"] == 0
    assert [line for running in here.processes.values() for line in running.complaints] == []


def check_growth(seen: Seen) -> None:
    """After the first half nothing grows any more."""
    middle, last = seen.rounds[len(seen.rounds) // 2], seen.rounds[-1]
    for process in ("signal", "media"):
        grown = {name: last[process][name] - middle[process][name] for name in last[process]}
        assert grown["memory"] < GROWTH, (process, seen.rounds)
        assert grown["files"] <= FILES_SLACK, (process, seen.rounds)
        assert grown["tasks"] <= TASKS_SLACK, (process, seen.rounds)


async def nothing_is_left(here: City, before: dict[str, dict[str, int]]) -> None:
    """No call, no port, no task, nothing registered: as it was before the first device came."""
    await here.assign(0, 3)
    await well(here, CLEARED_S, here.still_open)
    for id in here.fleet.devices:
        here.fleet.handle({"do": "leave", "device": id})
    await within(CLEARED_S, here.still_registered)
    await here.fleet.stop()

    async def left() -> list[str]:
        state, now = await here.signalling(), await here.figures()
        waits = here.scale.is_long and state["transactions"]
        found = [f"transactions {state['transactions']}"] if waits else []
        for process, name in ((p, n) for p in now for n in ("files", "tasks", "udp", "listening")):
            slack = 2 if name == "files" else 0  # connections of this test
            if now[process][name] > before[process][name] + slack:
                found.append(f"{process}: {name} {now[process][name]} not {before[process][name]}")
        return found

    await within(CLEARED_S, left)


@pytest.mark.timeout(0)  # as long as it was asked for
async def test_devices_in_trouble_come_back_and_nothing_piles_up(
    tmp_path: Path, pytestconfig: pytest.Config, capsys: pytest.CaptureFixture[str]
) -> None:
    scale = scale_of(pytestconfig.getoption("--soak"))
    async with asyncio.timeout(scale.seconds * 2 + 300), city(scale, tmp_path / "v") as here:
        before = await here.figures()
        await here.assign(scale.recorded, 2)
        await recovered(here)
        trouble = Trouble(here.fleet, Random(SEED), [spec.id for spec in here.specs[: scale.recorded]])
        for seconds in rounds(scale.seconds):
            await one_round(here, trouble, seconds)
        check_growth(here.seen)
        await nothing_is_left(here, before)
    with capsys.disabled():
        print("\n" + json.dumps(told(here, trouble, before)))


def told(here: City, trouble: Trouble, before: dict[str, dict[str, int]]) -> dict[str, Any]:
    seen = here.seen
    return {
        "devices": here.scale.devices,
        "recorded": here.scale.recorded,
        "seconds": here.scale.seconds,
        "seed": SEED,
        "troubles": trouble.seen.total(),
        "by_kind": dict(sorted(trouble.seen.items())),
        "recovered_s": seen.recovered_s,
        "events": dict(sorted(seen.events.items())),
        "answers": dict(sorted(seen.answers.items())),
        "causes": dict(sorted(seen.causes.items())),
        "lines_of_log": {name: running.lines for name, running in here.processes.items()},
        "streams_asked_for": sum(device.streams for device in here.fleet.devices.values()),
        "figures": {"before": before, "rounds": seen.rounds},
    }
