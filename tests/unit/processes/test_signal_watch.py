"""What the signalling process goes on to want of a device: its keep-alive interval, its subscriptions."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bingjian.protocols.gb28181.manscdp.configuration import BasicParam, Configuration
from bingjian.protocols.gb28181.manscdp.queries import ConfigDownloadQuery
from bingjian.protocols.sip.digest import Account
from bingjian.protocols.sip.enrolment import Enrolment
from bingjian.protocols.sip.events import Asked
from bingjian.signalling import watch
from tests.unit.processes.signal_process import Asking, running
from tests.unit.processes.test_signal import Camera, camera
from tests.unit.signalling.scripted import DEVICE, PASSWORD, PLATFORM, Moved, assignment, until


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test waits for a device's turn."""
    monkeypatch.setattr(watch, "JITTER_S", 0.0)


def online(asking: Asking) -> bool:
    return asking.process.platform.endpoint.peer_of(DEVICE) is not None


def pass_time(asking: Asking, clock: Moved, seconds: float) -> None:
    clock.pushed_s += seconds
    asking.process.platform.endpoint.tick()


# --- the interval between keep-alives


@asynccontextmanager
async def rarely_keeping_alive(clock: Moved) -> AsyncIterator[tuple[Asking, Camera]]:
    """It keeps alive every 300 s and says so; the inventory has 60 s."""
    async with running(None, clock) as asking:
        await asking.assign(assignment())
        device = await camera(asking)
        basic = BasicParam(heartbeat_interval=300, heartbeat_count=3)
        device.answers_to[ConfigDownloadQuery] = [
            lambda sn: Configuration(sn=sn, device_id=DEVICE, basic=basic)
        ]
        await device.register()
        facts = asking.process.platform.devices.facts
        await until(lambda: facts(DEVICE).keep_alive_s == 300, "what the device says of its keep-alives")
        yield asking, device
        device.close()


async def test_the_interval_that_a_device_keeps_outlives_its_refresh() -> None:
    clock = Moved()
    async with rarely_keeping_alive(clock) as (asking, device):
        await device.register()
        pass_time(asking, clock, 299.0)
        assert online(asking)


async def test_and_a_change_of_the_inventory() -> None:
    clock = Moved()
    async with rarely_keeping_alive(clock) as (asking, _):
        changed = {"id": DEVICE, "password": PASSWORD, "admitted": ["99010100001310000001"]}
        await asking.assign(json.dumps({"epoch": 2, "devices": [changed]}).encode())
        pass_time(asking, clock, 299.0)
        assert online(asking)


async def test_but_not_a_fresh_registration() -> None:
    clock = Moved()
    async with rarely_keeping_alive(clock) as (asking, device):
        device.answers_to.clear()
        again = await camera(asking)
        await again.register()
        pass_time(asking, clock, 299.0)
        assert not online(asking)
        again.close()


# --- subscriptions


@asynccontextmanager
async def subscribed(clock: Moved, expires_s: int = 86_400) -> AsyncIterator[tuple[Asking, Camera]]:
    """A device, registered for so long, that has granted both subscriptions, for an hour."""
    async with running(None, clock) as asking:
        await asking.assign(assignment())
        device = await camera(asking)
        enrol_for(device, expires_s)
        await device.register()
        await until_granted(asking)
        yield asking, device
        device.close()


async def until_granted(asking: Asking, number: int = 2) -> None:
    granted = asking.process.platform.endpoint.subscriptions
    await until(lambda: granted.next_deadline() and len(granted) == number, f"{number} subscriptions")


async def test_devices_that_do_not_answer_hold_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many take no notice of ConfigDownload."""
    monkeypatch.setattr(watch, "AT_ONCE", 1)
    ids = [f"9901010000118000001{number}" for number in range(4)]
    async with running() as asking:
        await asking.assign(assignment(*ids))
        devices = [await camera(asking, id=id) for id in ids]
        for device in devices:
            await device.register()
        await until(lambda: all(device.subscribed for device in devices), "the turn of each")
        for device in devices:
            device.close()


async def test_what_lapsed_in_a_long_silence_is_made_again_with_the_first_keep_alive() -> None:
    clock = Moved()
    async with subscribed(clock) as (asking, device):
        device.subscribed.clear()
        for _ in range(80):
            pass_time(asking, clock, 50.0)
        assert len(asking.process.platform.endpoint.subscriptions) == 0
        assert await device.keep_alive() == 200
        await until(lambda: len(device.subscribed) == 2, "two subscriptions anew")


async def test_or_with_its_refresh() -> None:
    clock = Moved()
    async with subscribed(clock) as (asking, device):
        device.subscribed.clear()
        for _ in range(80):
            pass_time(asking, clock, 50.0)
        await device.register()
        await until(lambda: len(device.subscribed) == 2, "two subscriptions anew")
        await device.keep_alive()
        assert len(device.subscribed) == 2, "once"


async def test_a_subscription_that_held_is_made_again_however_often_it_lapsed() -> None:
    clock = Moved()
    async with subscribed(clock) as (asking, device):
        subscriptions = asking.process.platform.endpoint.subscriptions
        for _ in range(2 * watch.SUBSCRIBE_TRIES):
            device.subscribed.clear()
            pass_time(asking, clock, watch.TRIES_S)
            await device.keep_alive()
            for event in subscriptions.abandon(DEVICE):
                asking.process.platform.watch.on_subscription(event)
            pass_time(asking, clock, watch.AGAIN_S)
            await until(lambda: len(device.subscribed) == 2, "both anew")


async def test_one_that_fails_again_and_again_is_not() -> None:
    clock = Moved()
    async with subscribed(clock) as (asking, device):
        subscriptions = asking.process.platform.endpoint.subscriptions
        for number in range(watch.SUBSCRIBE_TRIES):
            for event in subscriptions.abandon(DEVICE):
                asking.process.platform.watch.on_subscription(event)
            device.subscribed.clear()
            pass_time(asking, clock, watch.AGAIN_S)
            await device.keep_alive()
            expected = 2 if number + 1 < watch.SUBSCRIBE_TRIES else 0
            await until(lambda: len(device.subscribed) == expected, f"{expected} anew")  # noqa: B023


# --- quirk 31: a new Call-ID when a refresh is due


async def registers_anew_when_due(asking: Asking, clock: Moved, device: Camera) -> None:
    """With a new Call-ID, from where it is: as devices do that keep none, and as one that has started."""
    pass_time(asking, clock, 150.0)
    device.subscribed.clear()
    enrol_for(device, 300)
    await device.register()


def enrol_for(device: Camera, seconds: int) -> None:
    given = (device.transactions, device.local, device.peer, PLATFORM, Account(PASSWORD, DEVICE))
    device.enrolment = Enrolment(*given, expires_s=seconds)


async def test_quirk_31_subscriptions_and_calls_outlive_a_refresh_with_a_new_call_id(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Moved()
    async with subscribed(clock, 300) as (asking, device):
        lost: list[str] = []
        monkeypatch.setattr(
            asking.process.platform.endpoint.calls, "lose", lambda *told: lost.append(told[0])
        )
        held = asking.process.platform.endpoint.subscriptions.of_device(DEVICE)
        await registers_anew_when_due(asking, clock, device)
        await until(lambda: len(device.subscribed) == 2, "both are refreshed")
        assert asking.process.platform.endpoint.subscriptions.of_device(DEVICE) == held
        assert lost == []


async def test_quirk_31_a_device_that_knows_them_no_more_is_subscribed_to_anew() -> None:
    clock = Moved()
    async with subscribed(clock, 300) as (asking, device):
        held = asking.process.platform.endpoint.subscriptions.of_device(DEVICE)
        device.handlers.append(lambda asked: knows_none(device, asked))
        await registers_anew_when_due(asking, clock, device)
        subscriptions = asking.process.platform.endpoint.subscriptions
        await until(lambda: len(subscriptions) == 0, "that it knows none")
        device.handlers.pop()
        pass_time(asking, clock, watch.AGAIN_S)
        await until_granted(asking)
        assert not set(held) & set(subscriptions.of_device(DEVICE))


def knows_none(device: Camera, asked: Asked) -> bool:
    if asked.request.method != "SUBSCRIBE":
        return False
    device.answer(asked, 481)
    return True
