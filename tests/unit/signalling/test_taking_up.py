"""Live calls over a restart of the signalling process: a second one, on the same port, goes on with them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bingjian.protocols.sip.calls import OWED_S
from bingjian.protocols.sip.message import Request
from bingjian.signalling import kept_call
from bingjian.signalling.bindings import Bindings
from bingjian.signalling.devices import read_assignment
from bingjian.signalling.endpoint import Endpoint
from bingjian.signalling.kept_call import STEP, KeptCall
from bingjian.signalling.stream_offers import Wish
from bingjian.signalling.streams import Cause, StreamCall, Streams
from tests.unit.signalling.callee import Callee, Heard, Invited
from tests.unit.signalling.scripted import (
    CHANNEL,
    DEVICE,
    Moved,
    ScriptedDevice,
    assignment,
    running,
    until,
)

LIVE = Wish(DEVICE, CHANNEL, 30_012)
WINDOW = Wish(DEVICE, CHANNEL, 30_014, "playback", start=1_700_000_000, end=1_700_000_600)


@dataclass
class Before:
    """What is left of the process that died: the device, its INVITE, and what its worker keeps."""

    port: int
    callee: Callee
    invited: Invited
    dialog: str

    @property
    def kept(self) -> KeptCall:
        return kept_call.read(self.dialog)


@asynccontextmanager
async def died(
    *, tcp: bool = False, wish: Wish = LIVE, bindings: Path | None = None
) -> AsyncIterator[Before]:
    """A call has been set up, and the process that did so is gone without a word."""
    async with running(assignment(admitted=[CHANNEL])) as (endpoint, _):
        file = Bindings(bindings, endpoint, Moved()) if bindings else None
        if file is not None:
            await file.load()
            file.restore()
            endpoint.listeners.append(file)
        streams, heard = Streams.of(endpoint), Heard()
        callee = await Callee.registered(endpoint.port, Invited.accept, tcp=tcp)
        streams.ask(wish, heard)
        before = Before(endpoint.port, callee, await callee.call(), (await heard.answer()).dialog)
        await until(lambda: before.invited.acknowledged)
        if file is not None:
            await file.keep()
    if tcp:
        await callee.device.closed.wait()
    yield before
    callee.device.close()


@asynccontextmanager
async def after(
    before: Before, *, admitted: tuple[str, ...] = (CHANNEL,), clock: Moved | None = None, id: str = DEVICE
) -> AsyncIterator[tuple[Endpoint, Streams]]:
    """The process after it."""
    async with running(assignment(id, admitted=list(admitted)), clock, port=before.port) as (endpoint, _):
        yield endpoint, Streams.of(endpoint)


def taken_up(streams: Streams, before: Before, wish: Wish = LIVE) -> tuple[StreamCall, Heard]:
    heard = Heard()
    return streams.take_up(wish, before.kept, heard), heard


def ends_the_call(bye: Request, invited: Invited) -> None:
    """A device that goes by RFC 3261 §12.2.2 takes it."""
    invite = invited.asked.request
    assert bye.call_id == invite.call_id
    assert bye.sender.tag == invite.sender.tag
    assert bye.to.tag == invited.tag
    assert (bye.sender.user, bye.to.user) == (invite.sender.user, invite.to.user)
    assert bye.cseq.number > invite.cseq.number + STEP - 1


async def test_it_goes_on_without_a_word_and_ends_by_a_bye_that_fits() -> None:
    async with died() as before, after(before) as (endpoint, streams):
        call, heard = taken_up(streams, before)
        assert (len(heard.taken_up), heard.ends) == (1, [])
        assert endpoint.peer_of(DEVICE) is None
        assert before.callee.device.asked == [before.invited.asked.request], "nothing was asked of it"
        streams.let_go(call)
        ends_the_call(await before.invited.until_asked("BYE"), before.invited)
        await until(lambda: len(streams) == 0)
        assert (heard.ends, streams._pool._taken, streams._live) == ([], set(), {})


async def test_it_is_taken_up_again_and_again() -> None:
    async with died() as before:
        numbers = [before.kept.number]
        for _ in range(3):
            async with after(before) as (_, streams):
                _, heard = taken_up(streams, before)
                before.dialog = heard.taken_up[0]
                numbers.append(before.kept.number)
        assert numbers == [numbers[0] + STEP * times for times in range(4)]
        async with after(before) as (_, streams):
            call, _ = taken_up(streams, before)
            streams.let_go(call)
            bye = await before.invited.until_asked("BYE")
            assert bye.cseq.number > numbers[-1]


async def test_the_device_ends_it() -> None:
    async with died() as before, after(before) as (_, streams):
        _, heard = taken_up(streams, before)
        assert await before.invited.send("BYE") == 200
        assert await heard.end() is Cause.PEER
        assert len(streams) == 0


async def test_a_stream_has_its_ssrc_and_its_place_as_before() -> None:
    async with died() as before, after(before) as (_, streams):
        taken_up(streams, before)
        assert before.kept.ssrc is not None
        assert streams._pool._taken == {before.kept.ssrc % 10_000}
        await before.callee.device.register()
        second = Heard()
        streams.ask(LIVE, second)
        assert second.ends[0][0] is Cause.BUSY


# --- what is not taken up -----------------------------------------------------------------------------------


async def test_r9_6_a_channel_that_has_lost_its_place_meanwhile() -> None:
    async with died() as before, after(before, admitted=()) as (_, streams):
        _, heard = taken_up(streams, before)
        assert heard.taken_up == []
        assert heard.ends[0][0] is Cause.NOT_ADMITTED
        ends_the_call(await before.invited.until_asked("BYE"), before.invited)


async def test_r9_6_and_one_that_loses_it_afterwards() -> None:
    async with died() as before, after(before) as (endpoint, streams):
        _, heard = taken_up(streams, before)
        endpoint.devices.replace(read_assignment(assignment(epoch=2, admitted=[])))
        streams.recheck()
        assert await heard.end() is Cause.NOT_ADMITTED
        ends_the_call(await before.invited.until_asked("BYE"), before.invited)


async def test_a_device_that_is_listed_no_longer_is_told_to_stop() -> None:
    async with died() as before, after(before, id="99010100001180000008") as (_, streams):
        _, heard = taken_up(streams, before)
        assert heard.ends[0][0] is Cause.UNKNOWN
        ends_the_call(await before.invited.until_asked("BYE"), before.invited)


async def test_a_second_stream_of_the_same_place_is_ended() -> None:
    """The device came back and was called anew before its worker could take the old call up."""
    async with died() as before, after(before) as (_, streams):
        await before.callee.device.register()
        new = Heard()
        streams.ask(LIVE, new)
        await new.answer()
        _, heard = taken_up(streams, before)
        assert heard.ends[0][0] is Cause.BUSY
        ends_the_call(await before.invited.until_asked("BYE"), before.invited)
        assert (await before.callee.call(2)).asked_of("BYE") == []
        assert new.ends == []


async def test_what_this_process_has_ended_itself_is_not_taken_up() -> None:
    """The connection to the worker broke, and nobody died."""
    async with died() as before, after(before) as (_, streams):
        call, heard = taken_up(streams, before)
        twice, late = Heard(), Heard()
        streams.take_up(LIVE, before.kept, twice)
        assert twice.ends[0][0] is Cause.LOST
        assert heard.ends == [], "the first goes on"
        before.dialog = heard.taken_up[0]
        streams.let_go(call)
        await until(lambda: len(streams) == 0)
        streams.take_up(LIVE, before.kept, late)
        assert late.ends[0][0] is Cause.LOST
        assert len(streams) == 0


async def test_an_ssrc_that_somebody_has_meanwhile_stays_theirs() -> None:
    async with died() as before, after(before) as (_, streams):
        streams._pool.hold(before.kept.ssrc)
        call, heard = taken_up(streams, before)
        assert heard.taken_up
        streams.let_go(call)
        await until(lambda: len(streams) == 0)
        assert len(streams._pool._taken) == 1


async def test_playback_is_not_kept() -> None:
    async with died(wish=WINDOW) as before:
        assert before.dialog == ""


# --- devices that come back ---------------------------------------------------------------------------------


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
async def test_quirk_31_the_first_registration_that_we_see_ends_nothing(tcp: bool) -> None:
    async with died(tcp=tcp) as before, after(before) as (_, streams):
        call, heard = taken_up(streams, before)
        device = await ScriptedDevice(before.port, tcp=tcp).open()
        await device.register()
        assert heard.ends == []
        streams.let_go(call)
        await until(lambda: device.asked)
        ends_the_call(device.asked[0], before.invited)
        device.close()


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
async def test_quirk_31_the_second_one_of_its_own_is_a_power_cut(tcp: bool) -> None:
    async with died(tcp=tcp) as before, after(before) as (_, streams):
        _, heard = taken_up(streams, before)
        device = await ScriptedDevice(before.port, tcp=tcp).open()
        await device.register()
        again = await ScriptedDevice(before.port, tcp=tcp).open()
        await again.register()
        assert heard.ends[0][0] is Cause.LOST
        device.close()
        again.close()


async def test_a_bye_waits_for_a_device_over_tcp() -> None:
    async with died(tcp=True) as before, after(before) as (endpoint, streams):
        call, _ = taken_up(streams, before)
        streams.let_go(call)
        assert streams._live == {}, "its place is free"
        assert len(endpoint.calls) == 1
        device = await ScriptedDevice(before.port, tcp=True).open()
        await device.register()
        await until(lambda: device.asked)
        ends_the_call(device.asked[0], before.invited)
        await until(lambda: len(endpoint.calls) == 0)
        device.close()


async def test_a_bye_that_was_lost_is_said_again_to_where_the_device_is_heard() -> None:
    """Its address has changed, and it sends on: nobody but us could end that."""
    clock = Moved()
    async with died() as before, after(before, clock=clock) as (endpoint, streams):
        call, _ = taken_up(streams, before)
        device = await ScriptedDevice(before.port).open()
        await device.register()
        device.close()
        streams.let_go(call)
        clock.pushed_s += 33.0
        endpoint.tick()
        assert (len(streams), len(endpoint.calls)) == (0, 1)
        elsewhere = await ScriptedDevice(before.port).open()
        await elsewhere.keep_alive()
        await until(lambda: elsewhere.asked)
        ends_the_call(elsewhere.asked[0], before.invited)
        await until(lambda: len(endpoint.calls) == 0)
        elsewhere.close()


async def test_but_not_for_ever() -> None:
    clock = Moved()
    async with died(tcp=True) as before, after(before, clock=clock) as (endpoint, streams):
        call, _ = taken_up(streams, before)
        streams.let_go(call)
        for pushed_s, left in ((OWED_S - 1.0, 1), (2.0, 0)):
            clock.pushed_s += pushed_s
            endpoint.tick()
            assert (len(streams), len(endpoint.calls)) == (0, left)
        assert streams._pool._taken == set()


async def test_a_device_that_was_registered_is_called_before_it_is_heard(tmp_path: Path) -> None:
    path, clock = tmp_path / "bindings", Moved()
    async with died(bindings=path) as before, after(before, clock=clock) as (endpoint, streams):
        file = Bindings(path, endpoint, clock)
        await file.load()
        assert file.restore() == 1
        assert endpoint.peer_of(DEVICE) is None, "a page does not say that it is online"
        heard = Heard()
        call = streams.ask(LIVE, heard)
        await heard.answer()
        streams.let_go(call)
        await (await before.callee.call(2)).until_asked("BYE")
        clock.pushed_s += 60 * 3 + 6
        endpoint.tick()
        silent = Heard()
        streams.ask(LIVE, silent)
        assert silent.ends[0][0] is Cause.OFFLINE


async def test_quirk_31_a_refresh_after_our_restart_ends_no_call(tmp_path: Path) -> None:
    """It was set up before the device was heard; the Call-ID of its registration we do not know."""
    path = tmp_path / "bindings"
    async with died(bindings=path) as before, after(before) as (endpoint, streams):
        file = Bindings(path, endpoint, Moved())
        await file.load()
        file.restore()
        heard = Heard()
        streams.ask(LIVE, heard)
        await heard.answer()
        await before.callee.device.register()
        assert heard.ends == []
        await before.callee.device.register()
        assert heard.ends == [], "one that follows the first"
