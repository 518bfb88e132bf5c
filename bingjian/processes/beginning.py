"""How media and signalling processes begin: configuration, limits, and what they say when they cannot."""

import asyncio
import gc
import json
import os
import resource
import signal
import stat
import sys
from collections.abc import Callable, Coroutine
from dataclasses import MISSING, fields
from typing import Any, Protocol, TypeVar, get_origin

import structlog
import uvloop

from bingjian import telemetry

EXIT_UNAVAILABLE = 69  # sysexits.h EX_UNAVAILABLE: a port is taken
EXIT_CONFIG = 78  # EX_CONFIG: starting again would not help
MIN_CREDENTIAL = 16  # characters
STOP_SECONDS = 2.0  # for answers under way when we stop
SWITCH_SECONDS = 0.001  # the event loop gets the interpreter back from a reading thread after so long
COLLECT_AFTER = 20_000  # objects between two collections: access units are short-lived and free of cycles

log = structlog.get_logger(__name__)


class Config(Protocol):
    """What every process is told."""

    @property
    def worker(self) -> str: ...
    @property
    def log_level(self) -> str: ...


Told = TypeVar("Told")
Chosen = TypeVar("Chosen", bound=Config)


class ConfigError(Exception):
    """The process was started wrongly; carries one plain sentence."""


class StartError(Exception):
    """The process cannot start; carries one plain sentence and the exit code."""

    def __init__(self, sentence: str, exit_code: int) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code


def read_object(kind: type[Told], text: bytes) -> Told:
    """A dataclass of plain values out of a JSON object; members it does not know are passed over.

    Raises:
        ConfigError: never with a value in it: one may be a credential.
    """
    try:
        given = json.loads(text)
    except ValueError as error:
        raise ConfigError("the configuration is not JSON") from error
    if not isinstance(given, dict):
        raise ConfigError("the configuration is not a JSON object")
    known = fields(kind)  # type: ignore[arg-type]  # every configuration is a dataclass
    for one in known:
        required = one.default is MISSING and one.default_factory is MISSING
        if required and one.name not in given:
            raise ConfigError(f"the configuration has no {one.name!r}")
        if one.name in given and type(given[one.name]) is not (get_origin(one.type) or one.type):
            raise ConfigError(f"{one.name!r} in the configuration is not of the right kind")
    return kind(**{one.name: given[one.name] for one in known if one.name in given})


def configuration(arguments: list[str], read: Callable[[bytes], Told]) -> Told:
    """From the file named, which only we may read, or from standard input. Raises ConfigError."""
    if not arguments:
        return read(sys.stdin.buffer.read())
    try:
        with open(arguments[0], "rb") as file:
            if os.fstat(file.fileno()).st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise ConfigError(
                    "the configuration holds a credential: make its file readable for you alone"
                )
            return read(file.read())
    except OSError as error:
        raise ConfigError(f"the configuration cannot be read: {error.strerror}") from error


def told_to_stop() -> asyncio.Event:
    """Set by SIGTERM and SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def begin(
    read: Callable[[bytes], Chosen], run: Callable[[Chosen], Coroutine[Any, Any, None]], files: int
) -> None:
    """``main`` of a process.

    Args:
        run: until it is told to stop. Raises StartError, ConfigError.
        files: open at once, at most: 1024, the usual, is too few for connections and segments.
    """
    raise_file_limit(files)
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.set_threshold(COLLECT_AFTER)
    try:
        config = configuration(sys.argv[1:], read)
        telemetry.configure(config.worker, config.log_level)
        uvloop.run(run(config))
    except ConfigError as error:
        print(error, file=sys.stderr)
        sys.exit(EXIT_CONFIG)
    except StartError as error:
        log.error("cannot_start", reason=str(error))
        sys.exit(error.exit_code)


def raise_file_limit(most: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
