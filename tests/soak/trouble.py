"""What befalls simulated devices, by a seeded random: faults of the network, habits, calls that end."""

import asyncio
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

from bingjian.simulate.gb28181.fleet import Fleet
from bingjian.simulate.gb28181.quirks import Quirk

NOT_AT_RUN_TIME = frozenset({Quirk.SHARED_CHANNELS})  # ids are given at the start
QUIRKS = tuple(quirk for quirk in Quirk if quirk not in NOT_AT_RUN_TIME)
LASTS_S = (2.0, 12.0)  # no longer: a blank password that is tried more often is not looked at for a minute
PARAMETERS: dict[str, Callable[[Random], dict[str, float]]] = {
    "loss": lambda random: {"percent": random.uniform(2, 30)},
    "delay": lambda random: {"ms": random.uniform(50, 900)},
    "reorder": lambda random: {"percent": random.uniform(2, 20)},
    "silence": lambda random: {},
    "crash": lambda random: {},
}
ENDS = ("hang_up", "register", "leave")


class Trouble:
    """For the devices of one fleet. ``seen``: how often each kind has come."""

    def __init__(self, fleet: Fleet, random: Random, favoured: list[str]) -> None:
        """``favoured``: devices that half of all trouble comes to, those that are recorded."""
        self._fleet, self._random, self._favoured = fleet, random, favoured
        self._others = [id for id in fleet.devices if id not in set(favoured)] or favoured
        self._undo: list[tuple[float, dict[str, Any]]] = []  # when, and the order that ends it
        self.seen: Counter[str] = Counter()

    async def reign(self, seconds: float, each_s: float) -> None:
        """Something new every ``each_s``; when this returns all of it is over, but for what is left."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while loop.time() < end:
            self._begin(loop.time(), end)
            self._end(loop.time())
            await asyncio.sleep(each_s)
        self._end(float("inf"))

    def anybody(self) -> str:
        return self._random.choice(self._random.choice((self._favoured, self._others)))

    def _begin(self, now: float, end: float) -> None:
        random = self._random
        device = self.anybody()
        lasts_s = min(random.uniform(*LASTS_S), max(end - now, 0.1))
        pick = random.choice(("fault", "quirk", "quirk", "end"))
        if pick == "fault":
            kind = random.choice(sorted(PARAMETERS))
            told = PARAMETERS[kind](random)
            self._order(kind, do="fault", device=device, kind=kind, seconds=lasts_s, parameters=told)
        elif pick == "quirk":
            quirk = random.choice(QUIRKS)
            self._order(f"quirk {quirk.number}", do="quirk", device=device, quirk=quirk.number, on=True)
            off = {"do": "quirk", "device": device, "quirk": quirk.number, "on": False}
            self._undo.append((now + lasts_s, off))
        else:
            kind = random.choice(ENDS)
            self._order(kind, do=kind, device=device)
            if kind == "leave":
                self._undo.append((now + lasts_s, {"do": "register", "device": device}))

    def _order(self, name: str, **order: Any) -> None:
        self.seen[name] += 1
        self._fleet.handle(order)

    def _end(self, now: float) -> None:
        due = [order for at, order in self._undo if at <= now]
        self._undo = [(at, order) for at, order in self._undo if at > now]
        for order in due:
            self._fleet.handle(order)
