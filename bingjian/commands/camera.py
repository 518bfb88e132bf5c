"""``bingjian camera add``, ``list``, ``remove``: the cameras of the platform."""

import asyncio
from collections.abc import Iterator
from typing import Any

from rich.cells import cell_len, set_cell_size

from bingjian.commands.console import console
from bingjian.commands.language import either
from bingjian.commands.outcome import show
from bingjian.settings import Settings


def add(settings: Settings, wish: dict[str, Any], *, as_json: bool) -> None:
    """Register a camera; ``wish`` is the API's ``CameraIn``."""

    async def work() -> dict[str, Any]:
        async with console(settings) as platform:
            camera: dict[str, Any] = await platform.ask("POST", "/cameras", json=wish)
            return camera

    camera = asyncio.run(work())
    done = either(f"registered {camera['name']}: {camera['id']}", f"已登记 {camera['name']}：{camera['id']}")
    show(camera, as_json, lambda: print(done))


def listing(settings: Settings, search: str | None, *, as_json: bool) -> None:
    """All cameras and what each is doing."""

    async def work() -> list[dict[str, Any]]:
        async with console(settings) as platform:
            return await platform.cameras(search)

    cameras = asyncio.run(work())
    show(cameras, as_json, lambda: print("\n".join(camera_lines(cameras))))


def camera_lines(cameras: list[dict[str, Any]]) -> Iterator[str]:
    """Columns under headings; the address last and whole, so that it can be copied."""
    headings = (
        either("Name", "名称"),
        either("State", "状态"),
        either("Codec", "编码"),
        either("Mbit/s", "兆位/秒"),
        either("Address", "地址"),
    )
    rows = [headings, *map(camera_row, cameras)]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(set_cell_size(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip()


def camera_row(camera: dict[str, Any]) -> tuple[str, ...]:
    state = camera["state"] or {}
    words = " ".join(filter(None, (state.get("state") or either("unknown", "未知"), state.get("cause"))))
    rate = f"{state['bit_rate_bps'] / 1e6:.2f}" if state.get("bit_rate_bps") else ""
    return camera["name"], words, state.get("codec") or "", rate, camera["url"] or ""


def remove(settings: Settings, wish: str, reason: str, *, as_json: bool) -> None:
    """Stop recording a camera, for a reason; what it recorded stays."""

    async def work() -> dict[str, Any]:
        async with console(settings) as platform:
            camera = await platform.camera_named(wish)
            await platform.ask("DELETE", f"/cameras/{camera['id']}", params={"reason": reason})
            return camera

    camera = asyncio.run(work())
    done = either(
        f"removed {camera['name']}; its footage stays", f"已移除 {camera['name']}；已录制的内容保留"
    )
    show({"removed": camera["id"]}, as_json, lambda: print(done))
