"""``bingjian demo``: simulated cameras, the platform and its page on this machine.

The platform runs as it would for a city: the same supervisor, processes and sign-in. Only the cameras are
simulated, and even they are reached over real sockets.
"""

import asyncio
import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

import uvloop

from bingjian import telemetry
from bingjian.commands.console import Console, console
from bingjian.commands.language import either
from bingjian.commands.outcome import CommandFailed, Exit, note, settings_with, writable_log
from bingjian.commands.simulate import prepared_control, progress
from bingjian.processes.supervisor import CannotStart, port_for
from bingjian.processes.supervisor import serve as supervise
from bingjian.settings import Settings, VolumeSettings
from bingjian.simulate.camera import CameraSpec
from bingjian.simulate.city.people import ACCOUNTS, Account
from bingjian.simulate.footage import FootageError
from bingjian.simulate.simulator import SimulatedCamera, Simulator, SimulatorConfig

PORT = 8800  # preferred; any free one if it is taken
GIB = 1024**3
VOLUME_BYTES = 20 * GIB  # four hours of six cameras
RESERVE_BYTES = GIB // 2  # a demo must not fill a laptop's disk
GB28181_ID = "23010000002000000001"  # of the demo's city: its centre code, and 200 for a platform
WORKERS_MAX = 2  # six cameras need no more

# One of each kind first: what a city has.
KINDS = (
    CameraSpec("cam01", "h264", "aac"),
    CameraSpec("cam02", "h265", "aac"),
    CameraSpec("cam03", "h264", "g711"),
    CameraSpec("cam04", "smart"),
    CameraSpec("cam05", "h264", transports=("udp",)),
    CameraSpec("cam06", "h264", "aac"),
)
PLACES = (
    ("East gate", "东门"),
    ("Market", "市场"),
    ("Bridge", "大桥"),
    ("School road", "校园路"),
    ("Metro exit", "地铁口"),
    ("Park", "公园"),
)
WIDE = 118  # characters of a terminal in which two accounts stand side by side


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for on the command line."""

    cameras: int
    state_dir: Path | None  # None: a fresh one, removed at the end
    port: int | None
    footage: str  # simulate.footage.choose
    control: Path | None = None  # where faults are asked for; None: nobody asks
    screenshot: Path | None = None
    city: bool = False  # with a small city around the cameras, if the directory is fresh
    gb28181: bool = False  # with devices that register over SIP; they need the city


@dataclass(frozen=True, slots=True)
class Running:
    """A demo that is up."""

    url: str
    settings: Settings
    console: Console
    cameras: tuple[dict[str, Any], ...]  # the API's CameraOut, in order
    passwords: dict[str, str] = field(repr=False)  # of ACCOUNTS, by name


Act = Callable[[Running], Awaitable[int]]  # what to do while it runs; returns the exit code


def run(wish: Wish, *, check: bool) -> int:
    """The exit code. Raises CommandFailed."""
    if not check:
        wish = replace(wish, control=prepared_control(wish.control))
    with workspace(wish.state_dir) as state_dir:
        settings = settings_for(wish, state_dir, check=check)
        telemetry.configure("demo", settings.log_level, settings.log_file)
        try:
            return uvloop.run(checked(wish, settings) if check else shown(wish, settings))
        except (CannotStart, FootageError, OSError) as error:
            raise CommandFailed(str(error), Exit.ENVIRONMENT) from error


async def checked(wish: Wish, settings: Settings) -> int:
    """Start the browser beside the platform, and look."""
    from bingjian.commands.demo_check import browser, look

    async with browser() as started:
        return await play(wish, settings, lambda running: look(running, started, wish.screenshot))


async def shown(wish: Wish, settings: Settings) -> int:
    """Say where it is, and leave the rest to the person."""

    async def wait(running: Running) -> int:
        greet(running)
        await asyncio.Event().wait()
        return Exit.OK

    return await play(wish, settings, wait)


async def play(wish: Wish, settings: Settings, act: Act) -> int:
    """Run everything until ``act`` is done or we are told to stop."""
    passwords = await small_city(wish, settings) if wish.city else {}
    stop = asyncio.Event()
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    platform = asyncio.create_task(supervise(settings, on_ready=ready.set_result, stop=stop))
    acting = asyncio.create_task(act_when_ready(wish, settings, ready, act, passwords))
    try:
        await asyncio.wait([platform, acting], return_when=asyncio.FIRST_COMPLETED)
        return acting.result() if acting.done() else Exit.OK
    finally:
        acting.cancel()
        await asyncio.gather(acting, return_exceptions=True)
        stop.set()
        await platform


async def small_city(wish: Wish, settings: Settings) -> dict[str, str]:
    """Fill a fresh directory with a city that has a past; the passwords of its accounts."""
    from bingjian.simulate.city.files import LIVE  # all of the platform: loaded when a city is wished for
    from bingjian.simulate.city.story import build, is_fresh

    if not is_fresh(settings):
        return {}
    note(either("making a small city …", "正在准备演示城市……"))
    names = [named(spec.name, number) for number, spec in enumerate(specs(wish.cameras)[:LIVE])]
    built = await build(settings, names)
    note(
        either(
            f"a small city is there after {built.seconds:.1f} s",
            f"演示城市已就绪，用时 {built.seconds:.1f} 秒",
        )
    )
    return built.passwords


async def act_when_ready(
    wish: Wish, settings: Settings, ready: "asyncio.Future[str]", act: Act, known: dict[str, str]
) -> int:
    """Cameras and platform start side by side; then people and cameras are registered.

    Args:
        known: passwords of the accounts that are there already.
    """
    async with simulator(wish, settings) as cameras:
        url = await ready
        async with console(settings) as platform:
            passwords = known or await accounts(platform)
            registered = [await register(platform, camera, number) for number, camera in enumerate(cameras)]
            async with gb28181_devices(wish, platform) as more:
                return await act(Running(url, settings, platform, (*registered, *more), passwords))


@contextlib.asynccontextmanager
async def gb28181_devices(wish: Wish, platform: Console) -> AsyncIterator[Sequence[dict[str, Any]]]:
    """The cameras that devices of GB/T 28181 became, if they are wished for."""
    if not wish.gb28181:
        yield ()
        return
    from bingjian.commands.demo_gb28181 import registered  # XML and all: loaded when it is wished for

    async with registered(platform, wish.footage) as cameras:
        names = [str(camera["name"]) for camera in cameras]
        note(
            either(
                f"{len(cameras)} GB/T 28181 devices are registered: {', '.join(names)} "
                "(on the wall, P steers one, D plays back what it has stored itself)",
                f"{len(cameras)} 台国标设备已注册：{'、'.join(names)}"
                "（在视频墙上按 P 控制云台，按 D 回放设备自己的录像）",
            )
        )
        yield cameras


@contextlib.contextmanager
def workspace(state_dir: Path | None) -> Iterator[Path]:
    """The directory given, or a fresh one for this demo alone."""
    if state_dir is not None:
        yield state_dir
        return
    fresh = Path(tempfile.mkdtemp(prefix="bingjian-demo-"))
    try:
        yield fresh
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def settings_for(wish: Wish, state_dir: Path, *, check: bool) -> Settings:
    return settings_with(
        state_dir=state_dir,
        host="127.0.0.1",
        port=port_of(wish.port, check=check),
        media_port_base=0,
        media_workers=min(WORKERS_MAX, os.cpu_count() or 1),
        volumes=[
            VolumeSettings(path=state_dir / "volume", size_bytes=VOLUME_BYTES, reserve_bytes=RESERVE_BYTES)
        ],
        sip_id=GB28181_ID if wish.gb28181 else None,
        sip_port=0,
        gb_media_port_base=0,
        admission="warn",  # a demo lasts hours, not the days that footage must be kept
        language=either("en", "zh"),
        log_file=writable_log(state_dir, "demo.log"),
    )


def port_of(wish: int | None, *, check: bool) -> int:
    """The one asked for; otherwise the usual one where it is free. A check disturbs nobody: any free one."""
    if wish is not None:
        return wish
    try:
        with port_for("127.0.0.1", 0 if check else PORT) as port:
            return port
    except CannotStart:
        return 0


# --- cameras and people


@contextlib.asynccontextmanager
async def simulator(wish: Wish, settings: Settings) -> AsyncIterator[Sequence[SimulatedCamera]]:
    """The cameras, playing. Footage is made at the first start: a few seconds for the first camera."""
    playing = Simulator()
    config = SimulatorConfig(
        cameras=specs(wish.cameras),
        footage=wish.footage,
        control_socket=wish.control,
        faults=wish.control is not None,
    )
    with progress() as told:
        await playing.start(config, told)
        try:
            yield playing.cameras
        finally:
            await playing.stop()


def specs(count: int) -> tuple[CameraSpec, ...]:
    """The kinds in order, then plain cameras with sound."""
    more = (CameraSpec(f"cam{number + 1:02}", "h264", "aac") for number in range(len(KINDS), count))
    return (*KINDS[:count], *more)


def named(camera: str, number: int) -> str:
    """ "cam01 East gate": the simulator's name first, because faults are asked for by it."""
    return f"{camera} {either(*PLACES[number % len(PLACES)])}"


async def register(platform: Console, camera: SimulatedCamera, number: int) -> dict[str, Any]:
    """A new camera, or in a kept directory the same one at its new address."""
    name = named(camera.name, number)
    body = {
        "url": camera.main_url,
        "sub_url": camera.sub_url,
        "username": camera.username,
        "password": camera.password,
    }
    known = [one for one in await platform.cameras(camera.name) if one["name"].split(" ")[0] == camera.name]
    if known:
        return dict(await platform.ask("PATCH", f"/cameras/{known[0]['id']}", json=body))
    return dict(await platform.ask("POST", "/cameras", json={"name": name, **body}))


async def accounts(platform: Console) -> dict[str, str]:
    """The password of each account, by name."""
    people = (await platform.ask("GET", "/people", params={"limit": 100}))["items"]
    ids = {person["name"]: str(person["id"]) for person in people}
    return {one.name: await account(platform, one, ids.get(one.name)) for one in ACCOUNTS}


async def account(platform: Console, one: Account, known: str | None) -> str:
    """The password made for a person; one known from an earlier demo gets a new one, and today's roles."""
    from bingjian.access.passwords import generate

    rights: dict[str, Any] = {"roles": list(one.roles), "areas": list(one.areas)}
    if one.organisation is not None:
        rights["organisation"] = str(one.organisation)
    if known is not None:
        password = generate()
        await platform.ask("PATCH", f"/people/{known}", json={"password": password, **rights})
        return password
    wish = {"name": one.name, "language": either("en", "zh"), **rights}
    added = await platform.ask("POST", "/people", json=wish)
    return str(added["generated_password"])


def greet(running: Running) -> None:
    """Where it is and how to get in; the passwords are shown this once and kept nowhere."""
    print(either(f"\n  Bingjian is at {running.url}\n", f"\n  冰鉴已就绪：{running.url}\n"))
    for line in columns([told(one, running.passwords[one.name]) for one in ACCOUNTS]):
        print(f"  {line}")
    plug, log = "bingjian simulate fault cam01 drop --seconds 20", running.settings.log_file
    print(either(f"\n  Pull a plug: {plug}\n  Log: {log}", f"\n  拔掉插头：{plug}\n  日志：{log}"))
    print(either("  Ctrl-C stops everything.", "  Ctrl-C 停止。"), flush=True)


def told(one: Account, password: str) -> str:
    return f"{one.name:10} {password}  {either(*one.purpose)}"


def columns(lines: list[str]) -> list[str]:
    """In two columns, read downwards, where the terminal is wide enough."""
    if shutil.get_terminal_size().columns < WIDE:
        return lines
    half = -(-len(lines) // 2)
    width = max(map(cells, lines[:half])) + 3
    pairs = zip(lines[:half], [*lines[half:], *[""] * (2 * half - len(lines))], strict=True)
    return [f"{left}{' ' * (width - cells(left))}{right}".rstrip() for left, right in pairs]


def cells(text: str) -> int:
    """How wide a terminal shows it: Chinese characters take two cells."""
    return sum(1 + (east_asian_width(one) in "WF") for one in text)
