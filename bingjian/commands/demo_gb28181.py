"""The demo's GB/T 28181 devices: four that register over SIP and become cameras of the small city.

They go the way of every device: a registrar accepts them, their channels are matched with camera files by the
20-digit code, and only then anything of them is stored (R9.6).
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from bingjian.commands.console import Console
from bingjian.commands.demo import GB28181_ID
from bingjian.commands.language import either
from bingjian.commands.outcome import CommandFailed, Exit
from bingjian.commands.simulate import progress
from bingjian.protocols.gb28181 import Edition, ids
from bingjian.simulate.gb28181.fleet import Fleet, FleetConfig
from bingjian.simulate.gb28181.spec import FILMS, ChannelSpec, DeviceSpec, Platform

DEVICES = 4
FILES_LOOKED_AT = 60  # camera files of the city, to find some that turn
PATIENCE_S = 90.0  # from registration until every channel is a camera
LOOK_S = 0.5


@contextlib.asynccontextmanager
async def registered(platform: Console, footage: str) -> AsyncIterator[list[dict[str, Any]]]:
    """The cameras (the API's CameraOut) that four simulated devices became. Raises CommandFailed."""
    files = await files_for(platform)
    passwords = [await accepted(platform, number, file) for number, file in enumerate(files)]
    fleet = Fleet()
    with progress() as told:
        await fleet.start(FleetConfig(await where(platform), specs(files, passwords), footage=footage), told)
        try:
            await fleet.ready()
            yield await matched(platform, files)
        finally:
            await fleet.stop()


async def files_for(platform: Console) -> list[dict[str, Any]]:
    """The cameras of our devices from an earlier demo, else files in service that have no stream yet; those
    that may turn come first. Raises CommandFailed.
    """
    kept = [file for number in range(DEVICES) for file in await files_of(platform, number)]
    if len(kept) == DEVICES:
        return kept
    wish = {"limit": FILES_LOOKED_AT, "has_stream": False}
    page = await platform.ask("GET", "/camera-files", params=wish)
    ids_ = [one["id"] for one in page["items"] if one["state"] == "in_service" and one["device_id"]]
    free = [await platform.ask("GET", f"/camera-files/{id}") for id in ids_]
    free.sort(key=lambda file: file["view"].get("sweep") is None)
    if len(free) < DEVICES:
        raise CommandFailed(
            either(
                "the demo's devices need its small city: start it in a fresh directory",
                "国标设备演示需要演示城市：请用新的目录启动",
            ),
            Exit.ENVIRONMENT,
        )
    return free[:DEVICES]


async def files_of(platform: Console, number: int) -> list[dict[str, Any]]:
    """The camera files of a device that is known already."""
    found: list[dict[str, Any]] = []
    for row in (await platform.ask("GET", "/gb-devices", params={"q": device_code(number)}))["items"]:
        channels = (await platform.ask("GET", f"/gb-devices/{row['id']}/channels"))["items"]
        cameras = [channel["camera"]["id"] for channel in channels if channel["camera"]]
        found += [await platform.ask("GET", f"/camera-files/{file}") for file in cameras]
    return found


async def accepted(platform: Console, number: int, file: dict[str, Any]) -> str:
    """A device that may register; its password, made anew where it was known already."""
    code = device_code(number)
    known = (await platform.ask("GET", "/gb-devices", params={"q": code}))["items"]
    if known:
        row = await platform.ask("GET", f"/gb-devices/{known[0]['id']}")
        reason = either("the demo begins anew", "演示重新开始")
        wish: dict[str, Any] = {"version": row["version"], "new_password": True, "reason": reason}
        row = await platform.ask("PATCH", f"/gb-devices/{row['id']}", json=wish)
    else:
        name = either(f"Recorder {number + 1}", f"录像机 {number + 1}")
        wish = {"code": code, "name": name, "division": file["division"]}
        row = await platform.ask("POST", "/gb-devices", json=wish)
    return str(row["generated_password"])


def device_code(number: int) -> str:
    return ids.make(GB28181_ID[: ids.DOMAIN_LENGTH], ids.Type.NVR, number + 1)


async def where(platform: Console) -> Platform:
    signal = await platform.ask("GET", "/gb-devices/signal")
    return Platform(str(signal["sip_host"]), int(signal["sip_port"]), str(signal["sip_id"]))


def specs(files: list[dict[str, Any]], passwords: list[str]) -> tuple[DeviceSpec, ...]:
    """One speaks over TCP, and half of them the 2022 edition: both kinds are in the field."""
    return tuple(
        DeviceSpec(
            device_code(number),
            f"NVR {number + 1}",
            password,
            (ChannelSpec(str(file["device_id"]), str(file["name"]), *FILMS[number % len(FILMS)]),),
            edition=Edition.V2022 if number % 2 == 0 else Edition.V2016,
            transport="TCP" if number == 1 else "UDP",
        )
        for number, (file, password) in enumerate(zip(files, passwords, strict=True))
    )


async def matched(platform: Console, files: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Once all channels are told they are matched, each by its code. Raises CommandFailed."""
    wanted = [str(file["id"]) for file in files]
    try:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                await match_all(platform)
                cameras = {camera["id"]: camera for camera in await platform.cameras()}
                if all(id in cameras for id in wanted):
                    return [cameras[id] for id in wanted]
                await asyncio.sleep(LOOK_S)
    except TimeoutError as error:
        raise CommandFailed(
            either(
                f"the simulated devices did not become cameras within {PATIENCE_S:.0f} s; the log says why",
                f"模拟国标设备未能在 {PATIENCE_S:.0f} 秒内接入；原因见日志",
            )
        ) from error


async def match_all(platform: Console) -> None:
    for number in range(DEVICES):
        found = await platform.ask("GET", "/gb-devices", params={"q": device_code(number)})
        for row in found["items"]:
            if row["channels"] > row["matched"]:
                await platform.ask("POST", f"/gb-devices/{row['id']}/matches")
