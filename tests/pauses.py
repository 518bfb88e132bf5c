"""Awaits counted: a test can act at the n-th pause of some work, without a clock."""

import asyncio
from collections.abc import Callable, Coroutine, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any


@dataclass(frozen=True)
class Watched:
    """Awaited, it does what ``work`` does, and calls ``paused`` whenever that waits for something."""

    work: Coroutine[Any, Any, Any]
    paused: Callable[[], None]

    def __await__(self) -> Generator[Any, Any, Any]:
        go_on = partial(self.work.send, None)
        while True:
            try:
                awaited = go_on()
            except StopIteration as end:
                return end.value
            self.paused()
            try:
                yield awaited
                go_on = partial(self.work.send, None)
            except BaseException as error:
                go_on = partial(self.work.throw, error)


@contextmanager
def watched(paused: Callable[[], None]) -> Iterator[None]:
    """Every pause of every task that is made while this lasts."""
    loop = asyncio.get_running_loop()

    async def watch(work: Coroutine[Any, Any, Any]) -> Any:
        return await Watched(work, paused)

    def make(loop: asyncio.AbstractEventLoop, work: Any, **more: Any) -> asyncio.Task[Any]:
        return asyncio.Task(watch(work), loop=loop, **more)

    loop.set_task_factory(make)
    try:
        yield
    finally:
        loop.set_task_factory(None)


async def cancelled_at(pauses: set[int], work: Coroutine[Any, Any, object], patience_s: float) -> bool:
    """Do ``work``, cancelled at these of its pauses, the first being 1; False: it had ended before.

    Raises TimeoutError: it goes on, though cancelled.
    """
    count = 0

    def paused() -> None:
        nonlocal count
        count += 1
        if count in pauses:
            asyncio.get_running_loop().call_soon(task.cancel)

    with watched(paused):
        task = asyncio.create_task(work)
        await asyncio.wait([task], timeout=patience_s)
    if not task.done():
        raise TimeoutError
    if task.cancelled():
        return True
    task.result()  # raises what it ended with, if it did not end well
    return False


async def nothing_goes_on(patience_s: float) -> bool:
    """All other tasks end by themselves, soon."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    return not others or not (await asyncio.wait(others, timeout=patience_s))[1]
