"""What devices tell is taken in whatever is in it: one event that is a fault of ours stops no other."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from itertools import repeat
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from bingjian.db.errors import DatabaseRefuses, DatabaseUnavailable
from bingjian.inventory.gb28181 import service
from bingjian.inventory.gb28181.intake import Event
from bingjian.inventory.gb28181.service import AGAIN_MOST, AGAIN_SECONDS, TRIES, Gb28181, pause_after
from bingjian.journal.errors import JournalUnavailable
from tests.signal import SpokenSignal
from tests.unit.api.test_gb_devices import API, FAR, NVR, accepted, gb, registrar, told

__all__ = ["gb", "registrar"]  # fixtures
Take = Callable[[str, Sequence[Event]], Awaitable[None]]


class Taken:
    """The intake, with the faults that one device's events meet, and the batches that it was given."""

    def __init__(self, real: Take, faults: Iterable[Exception]) -> None:
        self._real, self._faults = real, iter(faults)
        self.batches = list[list[str]]()
        self.landed = asyncio.Event()  # an event of the sound device

    async def take(self, run: str, events: Sequence[Event]) -> None:
        devices = [str(event["device"]) for event in events]
        self.batches.append(devices)
        if FAR in devices and (fault := next(self._faults, None)) is not None:
            raise fault
        await self._real(run, events)
        if NVR in devices:
            self.landed.set()


async def followed(gb: Gb28181, taken: Taken) -> None:
    """Until something of the sound device has landed, and one round more."""
    running = asyncio.create_task(gb.follow())
    await asyncio.wait({running, landing := asyncio.create_task(taken.landed.wait())}, timeout=10)
    assert landing.done()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


@pytest.fixture
async def both(
    gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """Ids of two devices, of which the first has told something that the platform has not read."""
    monkeypatch.setattr(service, "AGAIN_SECONDS", 0.01)
    ids = {NVR: (await accepted(registrar))["id"]}
    ids[FAR] = (await accepted(registrar, FAR, division="230103"))["id"]
    signal.tell("registered", NVR, address="192.0.2.7:5060", transport="udp")
    await told(gb)
    signal.tell("info", FAR, manufacturer="Far")
    signal.tell("info", NVR, manufacturer="Near")
    return ids


@pytest.mark.parametrize("fault", [ValueError("a fault of ours"), DatabaseRefuses("no such value")])
async def test_an_event_that_is_a_fault_of_ours_is_put_aside_by_name_and_the_others_land(
    gb: Gb28181,
    signal: SpokenSignal,
    registrar: httpx.AsyncClient,
    both: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    fault: Exception,
) -> None:
    taken = Taken(gb._intake.take, repeat(fault))
    monkeypatch.setattr(gb._intake, "take", taken.take)
    signal.bindings[FAR] = {"online": True, "address": "192.0.2.8:5060", "transport": "udp"}
    with capture_logs() as logs:
        await followed(gb, taken)
        await told(gb)
    assert taken.batches[: TRIES + 1] == [[FAR, NVR]] * (TRIES - 1) + [[FAR], [NVR]]
    near = (await registrar.get(f"{API}/gb-devices/{both[NVR]}")).json()
    assert near["manufacturer"] == "Near"
    aside = [one for one in logs if one["event"] == "gb_event_put_aside"]
    named = {name: aside[0][name] for name in ("run", "seq", "kind", "device")}
    assert named == {"run": "first", "seq": 2, "kind": "info", "device": FAR}
    assert len(aside) == 1
    # What was put aside may have said who came or went: that is asked.
    assert (await registrar.get(f"{API}/gb-devices/{both[FAR]}")).json()["online_since"] is not None


@pytest.mark.parametrize("away", [DatabaseUnavailable("it is away"), JournalUnavailable("it is away")])
@pytest.mark.parametrize("faults", [0, TRIES - 1])
async def test_while_the_database_or_the_journal_is_away_no_event_is_put_aside(
    gb: Gb28181,
    registrar: httpx.AsyncClient,
    both: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    faults: int,
    away: Exception,
) -> None:
    """Also not after so many faults of ours that the events are taken one by one."""
    taken = Taken(gb._intake.take, [*repeat(ValueError("ours"), faults), *repeat(away, 2 * TRIES)])
    monkeypatch.setattr(gb._intake, "take", taken.take)
    with capture_logs() as logs:
        await followed(gb, taken)
    first = [FAR] if faults else [FAR, NVR]
    assert taken.batches[faults : faults + 2 * TRIES + 1] == [first] * (2 * TRIES + 1)
    assert not [one for one in logs if one["event"] == "gb_event_put_aside"]
    for device, maker in ((NVR, "Near"), (FAR, "Far")):
        row: dict[str, Any] = (await registrar.get(f"{API}/gb-devices/{both[device]}")).json()
        assert row["manufacturer"] == maker


async def test_who_is_online_is_asked_until_it_was_answered(
    gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = (await accepted(registrar))["id"]
    signal.bindings[NVR] = {"online": True, "address": "192.0.2.8:5060", "transport": "udp"}
    real = gb._intake.set_bindings

    async def fails(_: object) -> None:
        raise ValueError("a fault of ours")

    monkeypatch.setattr(gb._intake, "set_bindings", fails)
    with pytest.raises(ValueError, match="a fault of ours"):
        await gb.take_next(0)
    monkeypatch.setattr(gb._intake, "set_bindings", real)
    await gb.take_next()
    assert (await registrar.get(f"{API}/gb-devices/{device}")).json()["online_since"] is not None
    assert signal.polls[-1][1] == 0  # it did not wait for events first


def test_after_a_fault_that_stays_the_pauses_grow_and_are_bounded() -> None:
    pauses = [pause_after(faults) for faults in range(1, 8)]
    assert pauses[:3] == [AGAIN_SECONDS, 2 * AGAIN_SECONDS, 4 * AGAIN_SECONDS]
    assert pauses[-2:] == [AGAIN_MOST] * 2
    assert pause_after(5000) == AGAIN_MOST
