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

CODE_SECONDS = 600  # as long as a code counts (access/first.py); then the next is said


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
    """At the very first start nobody can sign in yet: say how to change that, until somebody has."""
    while (code := await first_code(settings)) is not None:
        note(
            either(
                f"Nobody can sign in yet. Code for the first administrator: {code} (10 minutes, once)",
                f"还没有人可以登录。首位管理员请在登录页输入代码 {code}（10 分钟内有效，仅限一次）",
            )
        )
        await asyncio.sleep(CODE_SECONDS)


async def first_code(settings: Settings) -> str | None:
    """A code for the first administrator; None: there is somebody already."""
    async with console(settings) as platform:
        if not (await platform.ask("GET", "/first-administrator"))["is_awaited"]:
            return None
        return str((await platform.ask("POST", "/first-administrator/code"))["code"])
