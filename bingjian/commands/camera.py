"""``bingjian camera add``, ``list``, ``remove``: the cameras of the platform."""

import asyncio
from typing import Any

from rich.console import Console as Terminal
from rich.table import Table

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
    show(cameras, as_json, lambda: Terminal().print(camera_table(cameras)))


def camera_table(cameras: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in (
        either("Name", "名称"),
        either("State", "状态"),
        either("Codec", "编码"),
        either("Mbit/s", "兆位/秒"),
        either("Address", "地址"),
    ):
        table.add_column(heading, overflow="fold")
    for camera in cameras:
        table.add_row(*camera_row(camera))
    return table


def camera_row(camera: dict[str, Any]) -> tuple[str, ...]:
    state = camera["state"] or {}
    words = " ".join(filter(None, (state.get("state") or either("unknown", "未知"), state.get("cause"))))
    rate = f"{state['bit_rate_bps'] / 1e6:.2f}" if state.get("bit_rate_bps") else ""
    return camera["name"], words, state.get("codec") or "", rate, camera["url"] or ""


def remove(settings: Settings, wish: str, *, as_json: bool) -> None:
    """Stop recording a camera; what it recorded stays."""

    async def work() -> dict[str, Any]:
        async with console(settings) as platform:
            camera = await platform.camera_named(wish)
            await platform.ask("DELETE", f"/cameras/{camera['id']}")
            return camera

    camera = asyncio.run(work())
    done = either(
        f"removed {camera['name']}; its footage stays", f"已移除 {camera['name']}；已录制的内容保留"
    )
    show({"removed": camera["id"]}, as_json, lambda: print(done))
