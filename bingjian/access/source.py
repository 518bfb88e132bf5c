"""Where a request comes from: its address and network, and the class of the device that asks."""

import re
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv6Address, ip_address, ip_network

ADDRESS_MAX = 64  # characters kept; an address has at most 45 (RFC 4291 §2.2), more with a zone
IPV4_PREFIX, IPV6_PREFIX = 24, 64  # what one subscriber or office usually has
WITH_PORT = re.compile(r"(?:\[([^\]]+)\]|([^:]+)):\d{1,5}")
PHONES = ("android", "iphone", "ipad", "mobile", "harmony")


class Device(StrEnum):
    """What kind of program asks, as it says of itself: a stolen token seldom moves within its class."""

    DESKTOP = "desktop"
    PHONE = "phone"
    COMMAND_LINE = "command_line"


@dataclass(frozen=True, slots=True)
class Source:
    """Whence a sign-in, or a request with a token, comes."""

    address: str
    device: Device = Device.COMMAND_LINE
    known: str | None = None  # what the browser keeps from earlier sign-ins, see ``known_devices``

    @property
    def network(self) -> str:
        return network_of(self.address)


def device_of(user_agent: str) -> Device:
    """The class by the User-Agent header (RFC 9110 §10.1.5): every browser calls itself Mozilla."""
    text = user_agent.lower()
    if not text.startswith("mozilla/"):
        return Device.COMMAND_LINE
    return Device.PHONE if any(word in text for word in PHONES) else Device.DESKTOP


def network_of(address: str) -> str:
    """The network that an address lies in, "192.0.2.0/24"; what is no address stands for itself.

    Args:
        address: perhaps with a port, as "192.0.2.7:5060" or "[2001:db8::1]:5060".
    """
    with_port = WITH_PORT.fullmatch(address)
    try:
        ip = ip_address((with_port[1] or with_port[2] if with_port else address).split("%")[0])
    except ValueError:
        return address[:ADDRESS_MAX]
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return str(ip_network((ip, IPV4_PREFIX if ip.version == 4 else IPV6_PREFIX), strict=False))
