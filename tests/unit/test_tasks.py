"""What is carried out is carried to its end; what is done together ends together."""

import asyncio

import pytest

from bingjian.tasks import carried_out, together


async def test_a_result_and_an_error_come_out_as_they_are() -> None:
    async def work(value: int) -> int:
        await asyncio.sleep(0)
        return 6 // value

    assert await carried_out(work(2), 1) == 3
    assert await together(work(1), work(2), work(3)) == [6, 3, 2]
    for broken in (carried_out(work(0), 1), together(work(1), work(0))):
        with pytest.raises(ZeroDivisionError):
            await broken


@pytest.mark.parametrize("times", [1, 3])
async def test_a_cancellation_waits_for_the_end(times: int) -> None:
    steps = list[int]()

    async def work() -> None:
        for step in range(10):
            await asyncio.sleep(0)
            steps.append(step)
        raise KeyError("told as the cause")

    task = asyncio.create_task(carried_out(work(), 60))
    for _ in range(times):
        await asyncio.sleep(0)
        task.cancel()
    with pytest.raises(asyncio.CancelledError) as cancelled:
        await task
    assert steps == list(range(10))
    assert isinstance(cancelled.value.__cause__, KeyError)


async def test_patience_ends() -> None:
    undone = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            undone.set()

    task = asyncio.create_task(carried_out(work(), 0.01))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert undone.is_set()


@pytest.mark.parametrize("cancelled", [True, False])
async def test_the_first_to_end_waits_for_the_last(cancelled: bool) -> None:
    ended = list[str]()

    async def quick() -> None:
        await asyncio.sleep(0)
        if not cancelled:
            raise KeyError
        await asyncio.Event().wait()

    async def slow() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            for _ in range(10):
                await asyncio.sleep(0)
            ended.append("slow")

    task = asyncio.create_task(together(quick(), slow()))
    for _ in range(3):
        await asyncio.sleep(0)
    if cancelled:
        task.cancel()
    with pytest.raises(asyncio.CancelledError if cancelled else KeyError):
        await task
    assert ended == ["slow"]
