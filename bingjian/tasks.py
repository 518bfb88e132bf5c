"""Tasks that end: what must not be cut in two, and what must not outlive whoever began it."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


async def carried_out(work: Coroutine[Any, Any, Result], patience_s: float) -> Result:
    """Carry ``work`` to its end in a task of its own; who is cancelled meanwhile hears of it only then.

    Args:
        patience_s: after a cancellation; what lasts longer is cancelled as well, once, and its end awaited.
    """
    task, cancelled = asyncio.create_task(work), None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            if cancelled is None:
                asyncio.get_running_loop().call_later(patience_s, task.cancel)
            cancelled = error
    if cancelled is not None:
        raise cancelled from (None if task.cancelled() else task.exception())
    return task.result()


async def together(*works: Coroutine[Any, Any, Result]) -> list[Result]:
    """As ``asyncio.gather``, but if one fails or all are cancelled it ends after the last, not the first."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(work) for work in works]
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
    return [task.result() for task in tasks]
