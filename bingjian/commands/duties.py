"""``bingjian duties``: what everybody owes."""

import asyncio
from typing import Any

from bingjian.commands.console import console
from bingjian.commands.language import either
from bingjian.commands.outcome import show
from bingjian.settings import Settings


def recompute(settings: Settings, *, as_json: bool) -> None:
    """Have every duty computed anew. Raises CommandFailed."""

    async def work() -> dict[str, Any]:
        async with console(settings) as platform:
            done: dict[str, Any] = await platform.ask("POST", "/duties/recompute")
            return done

    done = asyncio.run(work())
    show(done, as_json, lambda: say(done))


def say(done: dict[str, Any]) -> None:
    print(
        either(
            f"{done['opened']} duties opened, {done['changed']} changed, {done['lapsed']} lapsed",
            f"新增义务 {done['opened']} 项，变更 {done['changed']} 项，不再负有 {done['lapsed']} 项",
        )
    )
