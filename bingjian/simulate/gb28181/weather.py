"""What the network does to a device: loss, delay, reordering, silence. Numbers are parts of all datagrams."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

REORDER_HOLD_S = 0.03  # a datagram that others overtake; longer than most pauses between packets of a picture


class NetworkFault(StrEnum):
    """Every fault ends by itself after the seconds it was given.

    loss     ``percent`` of the datagrams, signalling and media, are not sent, 5
    delay    every datagram leaves ``ms`` later, 200
    reorder  ``percent`` of the datagrams are overtaken by others, 5
    silence  nothing is sent, and nothing that comes is heard
    crash    the device is gone without a word; afterwards it starts anew and registers
    """

    LOSS = "loss"
    DELAY = "delay"
    REORDER = "reorder"
    SILENCE = "silence"
    CRASH = "crash"


@dataclass(slots=True)
class Weather:
    loss: float = 0.0  # 0 to 1
    delay_s: float = 0.0
    reorder: float = 0.0
    silent: bool = False
    ends: dict[NetworkFault, asyncio.TimerHandle] = field(default_factory=dict)  # of what was ordered
    mtu_bytes: int = 0  # longer datagrams come in fragments, which this network loses; 0: none is lost
    _random: random.Random = field(default_factory=lambda: random.Random(28181))  # noqa: S311 (no secret)

    def send(self, data: bytes, transmit: Callable[[bytes], None]) -> None:
        """One datagram: now, later, or never."""
        if self.silent or (self.loss and self._random.random() < self.loss):
            return
        if self.mtu_bytes and len(data) > self.mtu_bytes:
            return
        later_s = self.delay_s
        if self.reorder and self._random.random() < self.reorder:
            later_s += REORDER_HOLD_S
        if later_s:
            asyncio.get_running_loop().call_later(later_s, transmit, data)
        else:
            transmit(data)
