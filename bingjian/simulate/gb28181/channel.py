"""One channel: what it shows, where it looks, who watches."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bingjian.simulate import live
from bingjian.simulate.course import Course
from bingjian.simulate.footage import LoopName
from bingjian.simulate.gb28181.film import Film
from bingjian.simulate.gb28181.mount import Mount
from bingjian.simulate.gb28181.rounds import Round
from bingjian.simulate.gb28181.sender import Sender, view_config
from bingjian.simulate.gb28181.spec import ChannelSpec
from bingjian.simulate.loop import LOOP_NS

VIEW_LIMIT = 2  # cameras of one process that are turned away at once: each is encoded live
HOLD_S = 2.2  # the view goes on until the loop had its next key picture


@dataclass(slots=True)
class Views:
    """How many cameras are encoded live; shared by all channels of a process."""

    main_loop: Path
    count: int = 0


@dataclass(slots=True)
class Channel:
    spec: ChannelSpec
    films: Mapping[tuple[str, str], Film]  # by picture and sound; filled while footage is being prepared
    views: Views
    start_ns: int = 0  # monotonic instant at which its loop began
    online: bool = True
    recording: bool = True
    guarded: bool = False
    mount: Mount = field(default_factory=Mount)
    round: Round = field(init=False)
    watchers: set[Sender] = field(default_factory=set)
    _orders: "asyncio.Queue[dict[str, float]] | None" = None  # while the view is encoded live
    _homeward: asyncio.TimerHandle | None = None
    _view: "asyncio.Task[None] | None" = None

    def __post_init__(self) -> None:
        self.mount.told = self._turned
        self.round = Round(self.mount)

    @property
    def turns(self) -> bool:
        """Has it a mount? What is encoded live is H.264, and a stream keeps its codec."""
        return self.spec.picture == LoopName.MAIN

    @property
    def film(self) -> Film | None:
        """None while its footage is being prepared."""
        return self.films.get((self.spec.picture, self.spec.sound))

    def position_90k(self) -> int:
        """Where the loop is now."""
        return (time.monotonic_ns() - self.start_ns) * 9 // 100_000

    def watch(self, sender: Sender) -> None:
        self.watchers.add(sender)
        self._follow()

    def leave(self, sender: Sender) -> None:
        self.watchers.discard(sender)
        if not self.watchers:
            self._stop_view()

    def key_frame(self) -> None:
        """An order to begin a group of pictures: the loop goes on with its next key picture, at once."""
        film = self.film
        for sender in self.watchers if film else ():
            sender.skip_to_key()

    def stop(self) -> None:
        self.round.stop()
        if self._homeward:
            self._homeward.cancel()
        self._stop_view()

    def is_away(self) -> bool:
        return self.mount.away

    def _turned(self, course: Course) -> None:
        if self._orders:
            self._orders.put_nowait(course.to_json())
        self._follow()
        self._wait_for_home()

    def _wait_for_home(self) -> None:
        """With a home position: back to it when nobody has turned the camera for its time."""
        if self._homeward:
            self._homeward.cancel()
            self._homeward = None
        home = self.mount.home
        idle = not self.round.kind and not self.mount.is_home
        if home.enabled == "1" and home.reset_time_s and idle:
            loop = asyncio.get_running_loop()
            self._homeward = loop.call_later(home.reset_time_s, self.mount.go_to, home.preset or 0)

    def _follow(self) -> None:
        """Begin or end the live view, as it is needed."""
        if self.turns and self.watchers and self.mount.away and self._view is None:
            if self.views.count < VIEW_LIMIT:
                self.views.count += 1
                self._orders = asyncio.Queue()
                self._view = asyncio.get_running_loop().create_task(self._show(self._orders))
        elif self._view and not self.mount.away:
            asyncio.get_running_loop().call_later(HOLD_S, self._stop_idle_view)

    def _stop_idle_view(self) -> None:
        if not self.mount.away:
            self._stop_view()

    def _stop_view(self) -> None:
        if self._view:
            self._view.cancel()
            self._forget_view()

    def _forget_view(self) -> None:
        self._view = self._orders = None
        self.views.count -= 1

    async def _show(self, orders: "asyncio.Queue[dict[str, float]]") -> None:
        config = view_config()
        start_ns = self.start_ns % LOOP_NS
        wish = live.Wish("view", str(self.views.main_loop), start_ns, self.mount.course.to_json())
        try:
            with suppress(asyncio.CancelledError):
                async for unit in live.run(wish, orders):
                    for sender in list(self.watchers):
                        sender.show_view(unit, config)
        finally:
            if self._orders is orders:  # it ended by itself
                self._forget_view()
