"""Where a channel's stream is: ``gb28181://<device id>/<channel id>``, a sub stream with ``?stream=1``.

No host: the device registers with us, and is called where it was last heard.
"""

import re
from dataclasses import dataclass

from bingjian.protocols.gb28181.ids import LONGEST
from bingjian.protocols.url import UrlError

SCHEME = "gb28181"
MAX_STREAM = 9

_ADDRESS = re.compile(
    rf"{SCHEME}://(?P<device>[0-9A-Za-z]{{1,{LONGEST}}})/(?P<channel>[0-9A-Za-z]{{1,{LONGEST}}})"
    r"(?:\?stream=(?P<stream>[0-9]))?",
    re.ASCII | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ChannelAddress:
    """``str()`` gives the one way it is written."""

    device: str
    channel: str
    stream: int = 0  # 0: main, 1: first sub stream

    def __str__(self) -> str:
        return f"{SCHEME}://{self.device}/{self.channel}" + (f"?stream={self.stream}" if self.stream else "")


def is_channel(text: str) -> bool:
    """Whether it means to be one."""
    return text[: len(SCHEME) + 1].lower() == f"{SCHEME}:"


def parse(text: str) -> ChannelAddress:
    """Raises UrlError."""
    match = _ADDRESS.fullmatch(text)
    if match is None:
        raise UrlError("the address is not of the form gb28181://device/channel, perhaps with ?stream=1")
    return ChannelAddress(match["device"], match["channel"], int(match["stream"] or 0))
