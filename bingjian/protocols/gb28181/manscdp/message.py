"""What all messages have in common: the four roots, the envelope, and how a class is found for one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from bingjian.protocols.gb28181.manscdp.binding import text

ROOTS = ("Control", "Query", "Notify", "Response")
MAX_SN = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """The envelope. A response has the SN of its request; match by device, command and SN."""

    sn: int  # 1 or more; 0: the device told none
    device_id: str  # whom it is about; devices put their own id or the channel's
    others: tuple[tuple[str, str], ...] = ()  # values that no field takes: name, value. Not written


@dataclass(frozen=True, slots=True, kw_only=True)
class Response(Message):
    result: str = text("Result")  # "OK", "ERROR"; empty where the answer is the result

    @property
    def is_error(self) -> bool:
        return self.result.upper() not in ("", "OK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown(Message):
    """A message that we have no class for; its plain values are in ``others``."""

    root: str
    command: str


T = TypeVar("T", bound=type[Message])
CLASSES: dict[tuple[str, str], type[Message]] = {}  # by root and CmdType in lower case
NAMES: dict[type[Message], tuple[str, str]] = {}  # as written


def message(root: str, command: str) -> Callable[[T], T]:
    """Says what a class is written as; below it ``dataclass``."""

    def register(cls: T) -> T:
        CLASSES[root.lower(), command.lower()] = cls
        NAMES[cls] = (root, command)
        return cls

    return register
