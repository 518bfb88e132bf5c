"""How a command ends, and how it shows what it found."""

import json
import sys
from collections.abc import Callable
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bingjian.commands.language import either

if TYPE_CHECKING:
    from bingjian.settings import Settings


class Exit(IntEnum):
    """The exit codes of every command."""

    OK = 0
    REFUSED = 1  # refused, or a check found something
    USAGE = 2  # a wrong argument, option or setting
    ENVIRONMENT = 3  # this machine: a port taken, a path not writable, a program missing


class CommandFailed(Exception):
    """A command ends here: one plain sentence for the person, and the exit code."""

    def __init__(self, sentence: str, code: Exit = Exit.REFUSED) -> None:
        super().__init__(sentence)
        self.code = code


def show(value: Any, as_json: bool, human: Callable[[], None]) -> None:
    """``value`` as one JSON document for programs, or ``human()`` for people."""
    if as_json:
        json.dump(value, sys.stdout, ensure_ascii=False, indent=2, default=str)
        print()
    else:
        human()


def note(sentence: str) -> None:
    """A remark beside the result, so that standard output stays clean."""
    print(sentence, file=sys.stderr, flush=True)


def settings_with(**given: Any) -> "Settings":
    """The settings of the environment, with what was given on the command line. Raises CommandFailed."""
    from pydantic import ValidationError

    from bingjian.settings import Settings

    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except (ValidationError, ValueError) as error:
        raise CommandFailed(setting_faults(error), Exit.USAGE) from error


def setting_faults(error: Exception) -> str:
    """Which setting is wrong and why, without its value: one may be a password."""
    faults = getattr(error, "errors", None)
    if faults is None:
        return str(error)
    named = (
        f"BINGJIAN_{'_'.join(map(str, fault['loc'])).upper()}: {fault['msg']}"
        for fault in faults(include_input=False, include_url=False)
    )
    return either("a setting is not accepted: ", "设置有误：") + "; ".join(named)


def secret_from_stdin() -> str:
    """The first line of standard input: never an argument, where every user of the machine could read it."""
    return sys.stdin.readline().rstrip("\r\n")


def writable_log(state_dir: Path, name: str) -> Path:
    """Where a command that keeps the terminal for people sends its processes' logs. Raises CommandFailed."""
    try:
        state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = state_dir / name
        file.touch(mode=0o600)
    except OSError as error:
        raise CommandFailed(
            either(
                f"{state_dir} cannot be written: {error.strerror}", f"无法写入 {state_dir}：{error.strerror}"
            ),
            Exit.ENVIRONMENT,
        ) from error
    return file
