"""``bingjian simulate``: cameras that are not there, and what can happen to them."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import uvloop
from rich.console import Console as Terminal
from rich.progress import BarColumn, Progress, TextColumn

from bingjian.commands.language import either
from bingjian.commands.outcome import CommandFailed, Exit, note, show
from bingjian.simulate import footage
from bingjian.simulate.camera import FaultError
from bingjian.simulate.control import send_fault
from bingjian.simulate.footage import FootageError, LoopName
from bingjian.simulate.simulator import SimulatedCamera, Simulator, SimulatorConfig


def default_control() -> Path:
    """Where this user's simulator takes orders unless told otherwise: nobody else can put a socket there."""
    return footage.default_directory().parent / "simulator.sock"


def rtsp(config: SimulatorConfig, *, as_json: bool) -> int:
    """Play until Ctrl-C or SIGTERM. Raises CommandFailed."""
    try:
        return uvloop.run(
            _play(replace(config, control_socket=prepared_control(config.control_socket)), as_json)
        )
    except (FootageError, OSError, ValueError) as error:
        raise CommandFailed(str(error), Exit.ENVIRONMENT) from error


def prepared_control(wish: Path | None) -> Path:
    """The socket's path; its directory is there afterwards."""
    path = wish or default_control()
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


async def _play(config: SimulatorConfig, as_json: bool) -> int:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    simulator = Simulator()
    with progress() as told:
        await simulator.start(config, told)
        try:
            show([asdict(camera) for camera in simulator.cameras], as_json, lambda: say(simulator.cameras))
            sys.stdout.flush()
            await simulator.ready()
            note(either("all cameras play (Ctrl-C stops them)", "所有摄像机已开始播放（Ctrl-C 停止）"))
            await stopped.wait()
        finally:
            await simulator.stop()
    return Exit.OK


def say(cameras: Sequence[SimulatedCamera]) -> None:
    for camera in cameras:
        print(f"{camera.name}  {camera.main_url}  {camera.sub_url or ''}")
    login = cameras[0]
    print(either(f"user {login.username}, password ", f"用户名 {login.username}，密码 ") + login.password)


@contextlib.contextmanager
def progress() -> "Iterator[footage.Progress]":
    """A bar per loop while footage is being made, gone when it is there; only where a person can see it."""
    with Progress(
        TextColumn("{task.description}"), BarColumn(), console=Terminal(stderr=True), transient=True
    ) as shown:
        bars = {}

        def told(loop: LoopName, part: float) -> None:
            if loop not in bars:
                bars[loop] = shown.add_task(either(f"footage: {loop}", f"画面：{loop}"), total=1.0)
            shown.update(bars[loop], completed=part, visible=part < 1.0)

        yield told


def fault(control: Path | None, camera: str, kind: str, seconds: float, parameters: Sequence[str]) -> None:
    """Make something go wrong for a while. Raises CommandFailed."""
    path = control or default_control()
    try:
        asyncio.run(send_fault(path, camera, kind, seconds, **numbers(parameters)))
    except FaultError as error:
        raise CommandFailed(str(error)) from error
    except OSError as error:
        raise CommandFailed(
            either(f"no simulator takes orders at {path}", f"{path} 处没有运行中的模拟器"), Exit.ENVIRONMENT
        ) from error
    print(either(f"{camera}: {kind} for {seconds:g} s", f"{camera}：{kind}，{seconds:g} 秒"))


def numbers(parameters: Sequence[str]) -> dict[str, float]:
    """ "percent=20" → {"percent": 20.0}. Raises CommandFailed."""
    try:
        pairs = [parameter.split("=", 1) for parameter in parameters]
        return {name: float(value) for name, value in pairs}
    except ValueError as error:
        raise CommandFailed(
            either("a parameter is name=number", "参数的形式是 名称=数字"), Exit.USAGE
        ) from error
