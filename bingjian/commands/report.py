"""``bingjian report``: what the law asks to be reported, as files or on standard output."""

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path

from bingjian.commands.console import console
from bingjian.commands.language import either
from bingjian.commands.outcome import CommandFailed, Exit, note
from bingjian.durable import Storage
from bingjian.settings import Settings

FORMATS = {".json": "json", ".csv": "csv", ".pdf": "pdf"}
PAPERS = {".json": "json", ".pdf": "pdf"}


def compliance(settings: Settings, at: str | None, output: Path | None) -> None:
    """Write the report. Raises CommandFailed."""
    wanted = {"format": wanted_of(output, FORMATS), "at": at, "language": language()}
    write(asyncio.run(fetched(settings, "compliance", wanted)), output)


def inspection(settings: Settings, number: str, at: str | None, output: Path | None) -> None:
    """Write the report of one inspection. Raises CommandFailed."""
    wanted = {"number": number, "at": at, "format": wanted_of(output, PAPERS), "language": language()}
    write(asyncio.run(fetched(settings, "inspection", wanted)), output)


def wanted_of(output: Path | None, formats: Mapping[str, str]) -> str:
    """The format that a file's name asks for. Raises CommandFailed."""
    wanted = "json" if output is None else formats.get(output.suffix.lower())
    if wanted is None:
        endings = ", ".join(formats)
        told = either(f"the file's name must end in one of: {endings}", f"文件名须以其一结尾：{endings}")
        raise CommandFailed(told, Exit.USAGE)
    return wanted


def language() -> str:
    return either("en", "zh")


def write(content: bytes, output: Path | None) -> None:
    """To the file, or to standard output. Raises CommandFailed."""
    if output is None:
        sys.stdout.buffer.write(content + b"\n")
        return
    try:
        Storage().write_atomically(output.absolute(), content)
    except OSError as error:
        raise CommandFailed(f"{output}: {error.strerror}", Exit.ENVIRONMENT) from error
    note(either(f"{len(content)} bytes in {output}", f"已写入 {output}，共 {len(content)} 字节"))


async def fetched(settings: Settings, name: str, wanted: Mapping[str, str | None]) -> bytes:
    params = {key: value for key, value in wanted.items() if value is not None}
    async with console(settings) as platform:
        return await platform.fetch(f"/reports/{name}", params=params)
