"""GB/T 28181 signalling: 100 000 devices registered, kept alive, catalogued and invited, on one process.

The signalling process has one core, the crowd of devices the other; everything goes over loopback in UDP.

* ``messages_per_s``: keep-alives answered each second when they come as fast as they are answered; in the
  same run Kamailio (C, one worker) answers the same keep-alives.
* ``answer_ms_p99`` and ``cpu_cores``: of all devices keeping alive every 60 s, which is ``--rate``
  messages/s.
* ``memory_kb_per_device``: what the process has grown by, accounts and all, once all are registered, have
  been asked what a new device is asked, have granted both subscriptions, and are idle. Of 100 000 the last
  is asked eleven minutes after it came. The recorder with all the channels comes only then.
* ``storm_s``: ``--storm`` devices that register at once, until the last has its 200; ``storm_lost`` never
  got it.
* ``catalogue_s``: 10 000 channels in one synchronisation, four to a message, each page after the answer to
  the one before.
* ``invite_others_delayed_ms_p95``: while 100 calls are asked of devices that answer after 5 s or never, how
  much longer than the device's own delay the set-up of calls to other devices takes.

A figure that misses its goal says so in the table.
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil

from bench import sip_peer
from bench.report import Goal, Result, cpu_seconds, percentile
from bench.signal_process import Signal, running_signal
from bench.sip_devices import (
    Behaviour,
    Crowd,
    channel_id,
    crowd,
    device_id,
    drained,
    flooded,
    paced,
    password_of,
    registered,
)
from bench.worker import free_port
from bingjian.protocols.gb28181.address import ChannelAddress
from bingjian.streaming.sources.signal_call import CallEnded, calling

SIGNAL_CORE, DEVICES_CORE = 0, 1
CHANNELS = 10_000
SLOW, SLOW_S, OTHERS, OTHERS_S = 100, 5.0, 50, 0.2
REGISTER_AT_ONCE, WINDOW, FLOOD_S = 200, 64, 10.0
PATIENCE_S, ASKED_PER_S = 120.0, 50.0  # the platform asks at most 150 new devices a second
KEEP_ALIVE_S = 60.0
IDLE_S = 40.0  # after the last question: transactions are forgotten after 32


GOALS = {
    "storm_s": Goal(30.0),
    "storm_lost": Goal(0),
    "memory_kb_per_device": Goal(2.0),
    "catalogue_s": Goal(20.0),
    "invite_others_delayed_ms_p95": Goal(1000 * OTHERS_S / 2),  # set-up within 1.5 × the device's own delay
    "invite_slow_answered": Goal(SLOW / 2, at_least=True),  # the other half never answers
    "answer_ms_p99": Goal(200.0),
    "cpu_cores": Goal(1.0),
    "messages_per_s": Goal(1700.0, at_least=True),
}


async def assigned(signal: Signal, devices: int) -> None:
    """All accounts in one assignment."""
    await signal.assign(
        [
            {"id": device_id(n), "password": password_of(n), "admitted": [channel_id(n)]}
            for n in range(devices)
        ]
    )


class Follower:
    """Reads the events as the web process does, all the while; remembers the channels told of one device."""

    def __init__(self, signal: Signal, device: str) -> None:
        self._signal, self._device = signal, device
        self.channels, self.is_whole = set[str](), asyncio.Event()

    async def run(self) -> None:
        after, run = 0, ""
        while True:
            # without a run nothing counts as read, and stays
            asked = {"after": after, "wait_s": 20, "run": run}
            answer = await self._signal.http.get("/control/events", params=asked)
            answer.raise_for_status()
            told = answer.json()
            run = told["run"]
            for event in told["events"]:
                after = event["seq"]
                if event["kind"] == "catalog" and event["device"] == self._device:
                    self._note(event)

    def _note(self, event: dict[str, Any]) -> None:
        self.channels.update(item["id"] for item in event["items"])
        if event["last"] and len(self.channels) == CHANNELS:
            self.is_whole.set()

    async def catalogue_s(self) -> float:
        """From the question until all channels are told."""
        self.channels.clear()
        self.is_whole.clear()
        began = time.monotonic()
        answer = await self._signal.http.post(
            f"/control/devices/{self._device}/query", json={"command": "Catalog"}
        )
        answer.raise_for_status()
        async with asyncio.timeout(120):
            await self.is_whole.wait()
        return time.monotonic() - began


@contextmanager
def followed(signal: Signal, device: str) -> Iterator[Follower]:
    follower = Follower(signal, device)
    following = asyncio.create_task(follower.run())
    try:
        yield follower
    finally:
        following.cancel()


async def all_asked(signal: Signal, many: Crowd, devices: int) -> None:
    """Until every device has been asked what the platform asks of a new one; they keep alive meanwhile."""
    limit_s = PATIENCE_S + devices / ASKED_PER_S
    keeping_alive = asyncio.create_task(paced(many, devices, devices / KEEP_ALIVE_S, limit_s))
    try:
        async with asyncio.timeout(limit_s):
            while (state := await signal.state())["watch_waiting"] or state["watch_asking"]:
                await asyncio.sleep(1)
            await asyncio.sleep(IDLE_S)
    finally:
        keeping_alive.cancel()
    await drained(many)


async def catalogued(many: Crowd, number: int, follower: Follower) -> float:
    """Asked once more, after what a new device is asked."""
    await registered(many, [number], 1)
    async with asyncio.timeout(PATIENCE_S):
        await follower.is_whole.wait()
    return await follower.catalogue_s()


def resident_mb(pid: int) -> float:
    """Not the proportional set, which grows when another process ends that shared our libraries."""
    return float(psutil.Process(pid).memory_info().rss) / 1e6


async def set_up_s(signal: Signal, number: int, patience_s: float) -> float | None:
    """Seconds until a call to the device's channel is accepted; None: it never was."""
    began = time.monotonic()
    channel = ChannelAddress(device_id(number), channel_id(number), 0)
    try:
        async with asyncio.timeout(patience_s), calling(signal.line, channel, "udp", free_port()) as call:
            await call.accepted()
            return time.monotonic() - began
    except (CallEnded, TimeoutError):
        return None


async def invited(signal: Signal, first: int) -> tuple[list[float], int]:
    """While slow devices are invited: the set-up of others, and how many slow calls had their answer."""
    slow = [asyncio.create_task(set_up_s(signal, first + n, 40)) for n in range(SLOW)]
    await asyncio.sleep(0.3)
    others = await asyncio.gather(*(set_up_s(signal, first + SLOW + n, 20) for n in range(OTHERS)))
    answered = [one for one in await asyncio.gather(*slow) if one is not None]
    if None in others:
        raise RuntimeError(f"{others.count(None)} calls to quick devices were not set up")
    return [one for one in others if one is not None], len(answered)


def behaviours(devices: int) -> dict[int, Behaviour]:
    """The last devices are for the catalogue and the calls."""
    first = devices - SLOW - OTHERS - 1
    slow = {first + n: Behaviour(answers_invite_after_s=SLOW_S if n % 2 else None) for n in range(SLOW)}
    others = {first + SLOW + n: Behaviour(answers_invite_after_s=OTHERS_S) for n in range(OTHERS)}
    return {**slow, **others, devices - 1: Behaviour(channels=CHANNELS)}


async def run(options: argparse.Namespace, place: Path) -> Result:
    ours: dict[str, Any] = {}
    devices, first = options.devices, options.devices - SLOW - OTHERS - 1
    async with running_signal(place, core=SIGNAL_CORE) as signal:
        empty_mb = resident_mb(signal.pid)
        await assigned(signal, devices)
        target, wish = ("127.0.0.1", signal.sip_port), options.subscriptions
        with ExitStack() as stack:
            many = stack.enter_context(crowd(target, behaviours(devices), subscriptions=wish))
            follower = stack.enter_context(followed(signal, device_id(devices - 1)))
            ours |= await registrations(many, devices - 1, options.storm)
            await all_asked(signal, many, devices - 1)
            ours["memory_kb_per_device"] = (resident_mb(signal.pid) - empty_mb) * 1000 / devices
            ours["subscriptions"] = (await signal.state())["subscriptions"]
            ours["catalogue_s"] = await catalogued(many, devices - 1, follower)
            ours |= await calls(signal, first)
            ours |= await kept_alive(signal, many, first, options)
    peer = await peer_flooded(min(devices, 10_000)) if sip_peer.installed() else {}
    ratios = {"messages_vs_kamailio": ours["messages_per_s"] / peer["messages_per_s"]} if peer else {}
    return Result("sip", {**vars(options), "window": WINDOW}, ours, peer, ratios, GOALS)


async def kept_alive(
    signal: Signal, many: Crowd, devices: int, options: argparse.Namespace
) -> dict[str, Any]:
    """At the pace of all devices, then as fast as it goes."""
    before, began = cpu_seconds([signal.pid]), time.monotonic()
    seen = await paced(many, devices, options.rate, options.seconds)
    used = (cpu_seconds([signal.pid]) - before) / (time.monotonic() - began)
    return {
        "paced_per_s": len(seen.answered) / options.seconds,
        "answer_ms_p99": 1000 * percentile(seen.answered, 99),
        "cpu_cores": used,
        "keep_alives_unanswered": seen.unanswered,
        "messages_per_s": await flooded(many, devices, WINDOW, FLOOD_S),
    }


async def registrations(many: Crowd, devices: int, storm: int) -> dict[str, float]:
    """The storm first, then everybody else."""
    storm_s, lost = await registered(many, range(storm), storm)
    others_s, others_lost = await registered(many, range(storm, devices), REGISTER_AT_ONCE)
    await drained(many)
    if others_lost:
        raise RuntimeError(f"devices are not registered, by status: {dict(others_lost)}")
    rate = (devices - storm) / others_s
    return {"storm_s": storm_s, "storm_lost": lost.total(), "registered_per_s": rate}


async def calls(signal: Signal, first: int) -> dict[str, float]:
    took, slow_answered = await invited(signal, first)
    return {
        "invite_others_ms_p95": 1000 * percentile(took, 95),
        "invite_others_delayed_ms_p95": 1000 * (percentile(took, 95) - OTHERS_S),
        "invite_slow_answered": slow_answered,
    }


async def peer_flooded(devices: int) -> dict[str, Any]:
    with sip_peer.kamailio(SIGNAL_CORE) as port:
        await asyncio.sleep(2)
        with crowd(("127.0.0.1", port)) as many:
            _, lost = await registered(many, range(devices), REGISTER_AT_ONCE)
            rate = await flooded(many, devices, WINDOW, FLOOD_S)
    return {"name": sip_peer.version(), "devices": devices - lost.total(), "messages_per_s": rate}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bench sip", description=__doc__)
    parser.add_argument("--devices", type=int, default=100_000)
    parser.add_argument("--rate", type=float, default=1_700)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--storm", type=int, default=10_000)
    parser.add_argument(
        "--no-subscriptions", dest="subscriptions", action="store_false", help="devices refuse them"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    options = parser.parse_args(arguments)
    as_json = options.json
    del options.json
    os.sched_setaffinity(0, {DEVICES_CORE % (os.cpu_count() or 1)})
    with tempfile.TemporaryDirectory(prefix="bingjian-bench-") as place:
        asyncio.run(run(options, Path(place))).show(as_json=as_json)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
