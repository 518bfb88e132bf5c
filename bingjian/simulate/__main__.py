"""``python -m bingjian.simulate``: play cameras until stopped.

Prints one JSON object when the first camera can be read, {"port", "control", "cameras": [{"name",
"main_url", "sub_url", "username", "password"}]}, and a second one, {"ready": true}, when all can. A
password may be given in the environment as ``BINGJIAN_SIMULATE_PASSWORD``, so that it shows in no process
list.
"""

import asyncio
import json
import os
import signal
import sys
from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path

import uvloop

from bingjian.simulate.camera import CameraSpec
from bingjian.simulate.footage import FootageError
from bingjian.simulate.simulator import Simulator, SimulatorConfig, equal_cameras, mixed_cameras


def main() -> int:
    arguments = _arguments()
    try:
        uvloop.run(_play(_config(arguments)))
    except (FootageError, OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _arguments() -> Namespace:
    parser = ArgumentParser(
        prog="python -m bingjian.simulate", description="Play simulated cameras over RTSP."
    )
    parser.add_argument("--cameras", type=int, default=4)
    parser.add_argument(
        "--kind", choices=("mixed", "equal"), default="mixed", help="equal: 720p H.264 3 Mbit/s"
    )
    parser.add_argument("--timecode", action="store_true", help="add a camera 'timecode' with burnt-in time")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--username", default="camera")
    parser.add_argument("--footage", default="auto", help="auto, drawn, debian, or a film's file name")
    parser.add_argument("--directory", type=Path, default=None, help="where prepared footage is kept")
    parser.add_argument("--control", type=Path, default=None, help="path of the control socket to make")
    parser.add_argument("--no-faults", action="store_true", help="prepare only the loops that cameras play")
    return parser.parse_args()


def _config(arguments: Namespace) -> SimulatorConfig:
    make = equal_cameras if arguments.kind == "equal" else mixed_cameras
    timecode = (CameraSpec("timecode", "timecode", sub=False),) if arguments.timecode else ()
    return SimulatorConfig(
        cameras=(*make(arguments.cameras), *timecode),
        host=arguments.host,
        port=arguments.port,
        username=arguments.username,
        password=os.environ.get("BINGJIAN_SIMULATE_PASSWORD", ""),
        footage=arguments.footage,
        footage_directory=arguments.directory,
        control_socket=arguments.control,
        faults=not arguments.no_faults,
    )


async def _play(config: SimulatorConfig) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    simulator = Simulator()
    await simulator.start(config)
    try:
        control = str(config.control_socket) if config.control_socket else None
        _say({"port": simulator.port, "control": control, "cameras": [asdict(c) for c in simulator.cameras]})
        await simulator.ready()
        _say({"ready": True})
        await stopped.wait()
    finally:
        await simulator.stop()


def _say(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
