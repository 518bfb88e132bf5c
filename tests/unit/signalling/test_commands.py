"""Controls at a device that loses or ignores them."""

import asyncio
from typing import Any

import pytest

from bingjian.protocols.gb28181 import manscdp, ptz
from bingjian.protocols.gb28181.manscdp.configuration import DeviceConfigResult
from bingjian.protocols.gb28181.manscdp.controls import DeviceControl
from bingjian.protocols.sip.message import Request
from bingjian.signalling import commands
from bingjian.signalling.problems import NoAnswer
from tests.unit.signalling.scripted import CHANNEL, DEVICE
from tests.unit.signalling.unwired import Unwired, settled, unwired

OTHER = "99010100001310000002"
MOVE, STOP = {"ptz": {"pan": 100}}, {"ptz": {}}
LENS: dict[str, Any] = {"lens": {"focus": 50}}


async def begun(here: Unwired, wish: dict[str, Any], channel: str = CHANNEL) -> asyncio.Task[Any]:
    given = {"channel": channel, **wish}
    task = asyncio.ensure_future(here.platform.commands.control(DEVICE, given))
    await settled()
    return task


async def given_up(task: asyncio.Task[Any]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def orders(here: Unwired) -> list[tuple[str, ptz.Command | None, Request]]:
    """Channel, movement and request of what was sent."""
    found = []
    for request in here.take("MESSAGE"):
        told = manscdp.parse(request.body)
        assert isinstance(told, DeviceControl)
        found.append((told.device_id, told.movement, request))
    return found


def movements(here: Unwired) -> set[ptz.Command | None]:
    return {movement for _, movement, _ in orders(here)}


async def test_a_move_is_not_repeated_when_its_caller_has_gone() -> None:
    with unwired() as here:
        here.register()
        task = await begun(here, MOVE)
        here.pass_s(3)
        assert movements(here) == {ptz.Move(pan=1, pan_speed=100)}
        await given_up(task)
        here.pass_s(40)
        assert orders(here) == []
        assert len(here.endpoint.transactions) == 0


async def test_a_lost_move_does_not_come_after_its_stop() -> None:
    with unwired() as here:
        here.register()
        move = await begun(here, MOVE)
        here.pass_s(1)
        here.take("MESSAGE")
        stop = await begun(here, STOP)
        here.pass_s(20)
        assert movements(here) == {ptz.STOP}
        for task in (move, stop):
            await given_up(task)


async def test_a_stop_goes_on_though_its_caller_has_gone_and_ends_with_a_newer_move() -> None:
    with unwired() as here:
        here.register()
        stop = await begun(here, STOP)
        here.pass_s(3)
        await given_up(stop)
        here.take("MESSAGE")
        here.pass_s(5)
        assert movements(here) == {ptz.STOP}
        move = await begun(here, MOVE)
        here.pass_s(5)
        assert movements(here) == {ptz.Move(pan=1, pan_speed=100)}
        await given_up(move)


async def test_a_slow_answer_to_a_move_counts_though_a_newer_one_follows() -> None:
    with unwired() as here:
        here.register()
        first = await begun(here, MOVE)
        request = here.take("MESSAGE")[0]
        second = await begun(here, {"ptz": {"pan": 50}})
        here.answer(request)
        here.answer(here.take("MESSAGE")[0])
        assert (await first, await second) == ({"result": "ok", "confirmed": True},) * 2
        assert here.platform.commands._moving == {}


async def test_lens_body_and_channels_do_not_take_each_others_place() -> None:
    with unwired() as here:
        here.register()
        tasks = [await begun(here, MOVE), await begun(here, LENS), await begun(here, MOVE, OTHER)]
        tasks.append(await begun(here, {"preset": {"action": "set", "number": 1}}))
        here.take("MESSAGE")
        here.pass_s(0.5)
        assert [(channel, type(movement)) for channel, movement, _ in orders(here)] == [
            (CHANNEL, ptz.Move),
            (CHANNEL, ptz.Lens),
            (OTHER, ptz.Move),
            (CHANNEL, ptz.Preset),
        ]
        for task in tasks:
            await given_up(task)


GUARD = {"guard": True}
BASIC = {"basic": {"name": "gate"}}


async def configuring(here: Unwired) -> asyncio.Task[Any]:
    task = asyncio.ensure_future(here.platform.commands.configure(DEVICE, BASIC))
    await settled()
    return task


async def test_a_device_that_is_silent_has_not_taken_a_command() -> None:
    with unwired() as here:
        here.register()
        for task in (await begun(here, GUARD), await configuring(here)):
            here.pass_s(commands.RESULT_S)
            with pytest.raises(NoAnswer):
                await task
        here.take("MESSAGE")
        here.pass_s(40)
        assert here.take("MESSAGE") == [], "nor will it, when nobody waits for it any more"


async def test_a_device_that_takes_a_command_and_says_no_more_has_not_confirmed_it() -> None:
    with unwired() as here:
        here.register()
        for task in (await begun(here, GUARD), await configuring(here)):
            for request in here.take("MESSAGE"):
                here.answer(request)
            here.pass_s(commands.RESULT_S)
            assert await task == {"result": "ok", "confirmed": False}


async def test_a_device_that_was_set_to_keep_alive_less_often_is_not_silent_in_between() -> None:
    with unwired() as here:
        here.register()
        wish = {"basic": {"heartbeat_interval": 300}}
        task = asyncio.ensure_future(here.platform.commands.configure(DEVICE, wish))
        await settled()
        told = manscdp.parse(here.take("MESSAGE")[0].body)
        here.say(DeviceConfigResult(sn=told.sn, device_id=DEVICE, result="OK"))
        assert (await task)["confirmed"]
        here.pass_s(400, step=5)
        assert here.endpoint.peer_of(DEVICE) is not None
        here.pass_s(600, step=5)
        assert here.endpoint.peer_of(DEVICE) is None
