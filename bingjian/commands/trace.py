"""``bingjian trace``: to whom a file that turned up had been given (R31.5).

The file stays where it is: its hash is asked for, and what it says of itself.
"""

import asyncio
import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from bingjian.clock import CHINA
from bingjian.commands.console import console
from bingjian.commands.language import either
from bingjian.commands.outcome import CommandFailed, Exit, show
from bingjian.formats.mp4_movie import START
from bingjian.recording.extract import Origin
from bingjian.settings import Settings

READ_BYTES = 1 << 20
HEAD = b"uuid" + START  # of the box that says whose footage it is, and under which entry it was handed out
BOX_MAX = 128  # bytes of that box: more than any version of it has


def trace(settings: Settings, file: Path, *, as_json: bool) -> int:
    """Exit code OK if it is known. Raises CommandFailed."""
    try:
        clue = clue_in(file)
    except OSError as error:
        raise CommandFailed(f"{file}: {error.strerror}", Exit.ENVIRONMENT) from error
    found = asyncio.run(asked(settings, clue))
    show(found, as_json, lambda: say(found))
    return Exit.OK if found["items"] else Exit.REFUSED


async def asked(settings: Settings, clue: dict[str, Any]) -> dict[str, Any]:
    async with console(settings) as platform:
        found: dict[str, Any] = await platform.ask("POST", "/register/trace", json=clue)
        return found


def clue_in(file: Path) -> dict[str, Any]:
    """Its hash, and the first box in it that names an entry. Raises OSError."""
    digest, origin, before = hashlib.sha256(), None, b""
    for data in read(file):
        digest.update(data)
        if origin is None:
            origin = origin_in(before + data)
        before = (before + data)[-BOX_MAX:]  # a box may lie across two pieces
    told = {} if origin is None else {"entry": origin.entry, "camera": str(origin.camera)}
    return {"sha256": digest.hexdigest(), **told}


def read(file: Path) -> Iterator[bytes]:
    with file.open("rb") as content:
        while data := content.read(READ_BYTES):
            yield data


def origin_in(data: bytes) -> Origin | None:
    """Wherever the box stands: a file that was cut or packed anew may still have it."""
    at = data.find(HEAD)
    while at >= 0:
        size = int.from_bytes(data[max(at - 4, 0) : at])
        origin = Origin.unpack(data[at + len(HEAD) : at - 4 + size]) if size <= BOX_MAX else None
        if origin is not None and origin.entry:
            return origin
        at = data.find(HEAD, at + 1)
    return None


def say(found: dict[str, Any]) -> None:
    if not found["items"]:
        print(either("nothing is known of this file", "没有关于此文件的任何记录"))
    for one in found["items"]:
        print("\n".join(lines_of(one, found["by"])))


def lines_of(one: dict[str, Any], by: str) -> list[str]:
    """Who got it, by which grant, and the entry; one a line."""
    row = one["registered"]
    who = "；".join(" · ".join(filter(None, (each["name"], each["unit"]))) for each in one["recipients"])
    place, span = row["camera"]["name"], f"{local(row['start'])} – {local(row['end'])}"
    grant = " ".join(filter(None, (row["grant_number"], row["grant"]))) or either("none", "无")
    entry, at, maker = row["sequence"], local(row["at"]), row["person"]["name"]
    return [
        either(f"given to: {who}", f"接收人：{who}"),
        either(f"by grant: {grant}", f"授权：{grant}"),
        either(f"entry: {entry}, {at}, by {maker}", f"日志序号：{entry}，{at}，经办人 {maker}"),
        either(f"footage: {place}, {span}", f"内容：{place}，{span}"),
        either(f"went to: {row['destination']}", f"去向：{row['destination']}"),
        certainty(one["file"], by),
    ]


def certainty(file: int | None, by: str) -> str:
    if by == "sha256":
        return either(f"certain: it is file {file} as it left", f"确定：与交付的第 {file} 个文件逐字节相同")
    return either(
        "by its own word: it names this entry, but its bytes are not those that left",
        "仅凭文件自述：文件内写有此序号，但其字节与交付时不同",
    )


def local(instant: str | None) -> str:
    if instant is None:
        return ""
    return f"{datetime.fromisoformat(instant).astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
