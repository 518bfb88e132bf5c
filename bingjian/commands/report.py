"""``bingjian report``: what the law asks to be reported, as files or on standard output."""

import asyncio
import sys
from pathlib import Path

from bingjian.commands.console import console
from bingjian.commands.language import either
from bingjian.commands.outcome import CommandFailed, Exit, note
from bingjian.durable import Storage
from bingjian.settings import Settings

FORMATS = {".json": "json", ".csv": "csv"}


def compliance(settings: Settings, at: str | None, output: Path | None) -> None:
    """Write the report. Raises CommandFailed."""
    wanted = "json" if output is None else FORMATS.get(output.suffix.lower())
    if wanted is None:
        told = either("the file's name must end in .json or .csv", "文件名须以 .json 或 .csv 结尾")
        raise CommandFailed(told, Exit.USAGE)
    content = asyncio.run(fetched(settings, at, wanted))
    if output is None:
        sys.stdout.buffer.write(content + b"\n")
        return
    try:
        Storage().write_atomically(output.absolute(), content)
    except OSError as error:
        raise CommandFailed(f"{output}: {error.strerror}", Exit.ENVIRONMENT) from error
    note(either(f"{len(content)} bytes in {output}", f"已写入 {output}，共 {len(content)} 字节"))


async def fetched(settings: Settings, at: str | None, wanted: str) -> bytes:
    params = {"format": wanted} | ({"at": at} if at is not None else {})
    async with console(settings) as platform:
        return await platform.fetch("/reports/compliance", params=params)
