"""Who we are towards devices, and under which of our addresses each of them reaches us.

Cameras drop requests that do not come from the address they are set to (gb28181.md, quirk 19), so Via and
Contact name the address of ours that lies towards the device.
"""

import socket
from dataclasses import dataclass

WILDCARDS = frozenset({"", "0.0.0.0", "::"})  # noqa: S104  (compared with, never bound by default)
HOSTS_KEPT = 20_000  # devices' addresses whose way is remembered; then all are looked up anew
_MAPPED = "::ffff:"
_ANY_PORT = 9  # nothing is sent there: asking for the way needs one


@dataclass(frozen=True, slots=True)
class Identity:
    id: str  # 20 digits
    domain: str  # 10 digits
    host: str  # to listen on
    port: int  # UDP and TCP; 0: any free one
    public_host: str = ""  # what devices are told when we are behind NAT; empty: our address on their side
    tls_port: int = 0  # where there is a certificate; 0: any free one


class OwnAddresses:
    """Which address of ours a device reaches. Asks the kernel's routes; no packet is sent."""

    def __init__(self, identity: Identity) -> None:
        fixed = identity.public_host or ("" if identity.host in WILDCARDS else identity.host)
        self._fixed = fixed
        self._toward: dict[str, str] = {}

    def toward(self, host: str) -> str:
        if self._fixed:
            return self._fixed
        known = self._toward.get(host)
        if known is None:
            if len(self._toward) >= HOSTS_KEPT:
                self._toward.clear()
            known = self._toward[host] = _looked_up(host)
        return known


def plain(host: str) -> str:
    """An address as it is compared: IPv4 that came through an IPv6 socket as IPv4."""
    return host.removeprefix(_MAPPED) if "." in host else host


def mapped(host: str) -> str:
    """An IPv4 address as an IPv6 socket sends to it."""
    return host if ":" in host else _MAPPED + host


def family_of(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _looked_up(host: str) -> str:
    """Loopback if there is no way: then nothing that we send arrives, whatever we call ourselves."""
    with socket.socket(family_of(host), socket.SOCK_DGRAM) as asking:
        try:
            asking.connect((host, _ANY_PORT))
        except OSError:
            return "127.0.0.1"
        return str(asking.getsockname()[0])
