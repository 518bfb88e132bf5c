"""Datagrams of a device: few wake-ups while nobody watches, and none of them lost for it."""

import asyncio
import socket
from itertools import pairwise

import pytest

from bingjian.clock import SystemClock
from bingjian.protocols.depacketize.base import Frames
from bingjian.streaming.sources import gathering, gb_inlets
from bingjian.streaming.sources.datagrams import BATCH_LIMIT
from bingjian.streaming.sources.gathering import REST_S
from bingjian.streaming.sources.gb_inlets import UdpIn
from bingjian.streaming.sources.sender_lock import SenderLock
from bingjian.streaming.sources.udp import bound

PACKETS = 300


class Taken:
    """What came, and with how many wake-ups."""

    def __init__(self) -> None:
        self.prompt = False
        self.reads: list[tuple[float, list[bytes]]] = []

    @property
    def packets(self) -> list[bytes]:
        return [packet for _, packets in self.reads for packet in packets]

    def on_datagrams(self, frames: Frames) -> None:
        buffer, bounds = frames
        packets = [buffer[start:end] for start, end in bounds]
        self.reads.append((asyncio.get_running_loop().time(), packets))

    def on_frames(self, frames: Frames) -> None:
        raise AssertionError("nothing comes over TCP")

    def on_failed(self, error: Exception) -> None:
        raise error

    def on_hung_up(self) -> None:
        raise AssertionError("there is no connection")


def packet(number: int) -> bytes:
    return bytes((0x80, 96)) + number.to_bytes(2) + bytes(4) + (7).to_bytes(4) + bytes(100)


async def sent(port: socket.socket, numbers: range) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
        for number in numbers:
            device.sendto(packet(number), port.getsockname())
            await asyncio.sleep(0.003)


@pytest.fixture
def observed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "OBSERVE_S", 0.0)


@pytest.mark.usefixtures("observed_at_once")
async def test_while_nobody_watches_datagrams_are_read_together_and_all() -> None:
    port, taken = bound(socket.AF_INET, "127.0.0.1", 0), Taken()
    inlet = UdpIn(port, SenderLock(ssrc=7), taken, SystemClock())
    inlet.begin()
    await sent(port, range(PACKETS))
    await asyncio.sleep(2 * REST_S)
    inlet.close()
    assert taken.packets == [packet(number) for number in range(PACKETS)]
    assert all(later - sooner >= 0.9 * REST_S for (sooner, _), (later, _) in pairwise(taken.reads))


@pytest.mark.usefixtures("observed_at_once")
async def test_after_a_pause_it_is_woken_and_for_a_viewer_reads_at_once() -> None:
    port, taken = bound(socket.AF_INET, "127.0.0.1", 0), Taken()
    inlet = UdpIn(port, SenderLock(ssrc=7), taken, SystemClock())
    inlet.begin()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
        device.sendto(packet(0), port.getsockname())
        await asyncio.sleep(3 * REST_S)
        taken.prompt = True
        for number in (1, 2):
            device.sendto(packet(number), port.getsockname())
            await asyncio.sleep(REST_S / 4)
            assert len(taken.reads) == number + 1
    inlet.close()


@pytest.mark.usefixtures("observed_at_once")
async def test_a_read_full_of_strangers_datagrams_is_followed_by_the_next_at_once() -> None:
    """Else the device's own would wait in the kernel behind them until that is full."""
    port, taken = bound(socket.AF_INET, "127.0.0.1", 0), Taken()
    inlet = UdpIn(port, SenderLock(ssrc=7), taken, SystemClock())
    inlet.begin()
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger,
    ):
        device.sendto(packet(0), port.getsockname())
        await asyncio.sleep(REST_S / 4)
        for _ in range(2 * BATCH_LIMIT):
            stranger.sendto(bytes(20), port.getsockname())
        device.sendto(packet(1), port.getsockname())
        await asyncio.sleep(2 * REST_S)
    inlet.close()
    (first, _), (second, packets) = taken.reads
    assert packets == [packet(1)]
    assert second - first < 2 * REST_S


async def test_what_waits_for_the_agreed_ssrc_is_bounded_by_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gb_inlets, "WAITING_BYTES", 10 * len(packet(0)))
    port, taken = bound(socket.AF_INET, "127.0.0.1", 0), Taken()
    inlet = UdpIn(port, SenderLock(ssrc=8), taken, SystemClock())
    inlet.begin()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
        for number in range(10):
            device.sendto(packet(number), port.getsockname())
        await asyncio.sleep(0.01)
        assert taken.reads == []
        device.sendto(packet(10), port.getsockname())
        await asyncio.sleep(0.01)
    inlet.close()
    assert taken.packets == [packet(number) for number in range(11)]
