"""Whose packets a media port takes: those of the device that was called, and nobody else's.

Devices use another SSRC than agreed, or 0; their media come from another address than their description says.
So a sender counts that either has the agreed SSRC or comes from where the device is known to be. Of two, the
one with the agreed SSRC is right: the other may be a stream of before, whose BYE was lost.
"""

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from bingjian.protocols.rtp import HEADER_SIZE

GUESSES = 16  # of the 10 000 that one domain has
FIRST_RTCP, LAST_RTCP = 192, 223  # second byte of RTCP packets (RFC 5761 §4)


@dataclass(slots=True)
class SenderLock:
    """Of one port. ``strangers``: packets or connections that were turned away."""

    hosts: frozenset[str] = frozenset()  # where the device is known to be; none known: anywhere
    ssrc: int | None = None  # agreed; None: none was
    strangers: int = 0
    stranger: str = ""  # the last one's address, for people

    def knows(self, host: str) -> bool:
        return not self.hosts or plain(host) in self.hosts

    def agrees(self, host: str, ssrc: int | None) -> bool:
        """Has it the agreed SSRC? Elsewhere than at the device it may be guessed, so not after many tries."""
        return ssrc is not None and ssrc == self.ssrc and (self.knows(host) or self.strangers < GUESSES)

    def turn_away(self, host: str) -> None:
        self.strangers += 1
        self.stranger = plain(host)

    @property
    def told(self) -> str:
        """A sentence's end about the strangers, empty if there were none."""
        return f"; {self.strangers} came from {self.stranger}, who was not called" if self.strangers else ""


def ssrc_of(packet: bytes | memoryview) -> int | None:
    """None if it is no RTP packet."""
    if len(packet) < HEADER_SIZE or packet[0] >> 6 != 2 or FIRST_RTCP <= packet[1] <= LAST_RTCP:
        return None
    return int.from_bytes(packet[8:HEADER_SIZE])


def plain(host: str) -> str:
    """An IPv4 address that comes in IPv6 clothes, without them."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)
