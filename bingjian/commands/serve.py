"""``bingjian serve``: the platform, until it is told to stop."""

import asyncio

import uvloop

from bingjian import telemetry
from bingjian.commands.console import console
from bingjian.commands.language import either
from bingjian.commands.outcome import CommandFailed, Exit, note
from bingjian.processes.supervisor import CannotStart
from bingjian.processes.supervisor import serve as supervise
from bingjian.settings import Settings


def run(settings: Settings) -> int:
    """The exit code after a clean stop. Raises CommandFailed."""
    telemetry.configure("supervisor", settings.log_level, settings.log_file)
    try:
        return uvloop.run(_serve(settings))
    except CannotStart as error:
        raise CommandFailed(str(error), Exit.ENVIRONMENT) from error


async def _serve(settings: Settings) -> int:
    greetings: list[asyncio.Task[None]] = []

    def ready(url: str) -> None:
        note(either(f"Bingjian is at {url} (Ctrl-C stops it)", f"冰鉴已就绪：{url}（Ctrl-C 停止）"))
        greetings.append(asyncio.create_task(greet(settings)))

    return await supervise(settings, on_ready=ready)


async def greet(settings: Settings) -> None:
    """At the very first start nobody can sign in yet: say how to change that."""
    async with console(settings) as platform:
        people = await platform.ask("GET", "/people", params={"limit": 1})
    if not people["items"]:
        command = "bingjian user add NAME --role watcher --role registrar"
        note(either(f"Nobody can sign in yet. First: {command}", f"还没有人可以登录。请先运行：{command}"))
