"""What a simulated device is to be."""

from dataclasses import dataclass, field
from pathlib import Path

from bingjian.protocols.gb28181 import Edition, ids
from bingjian.simulate.gb28181.quirks import Quirk

MAKERS = ("Acme", "Hengda", "Kexin")  # names of nobody
FILMS = (("main", "g711"), ("h265", "aac"), ("main", ""), ("h265", "g711"))  # picture and sound, in turn
NAMES = ("东门", "南门", "西门", "北门", "大厅", "车库", "走廊", "广场")
CHANNEL_LIMIT = 1000  # of one device: three digits of the serial
DEVICE_LIMIT = 100_000


@dataclass(frozen=True, slots=True)
class Platform:
    """Where devices register."""

    host: str  # numeric address
    port: int
    id: str
    domain: str = ""  # empty: the id's first ten digits
    ca_file: Path | None = None  # over TLS: who has to have signed its certificate; None: anybody will do

    @property
    def realm(self) -> str:
        return self.domain or self.id[: ids.DOMAIN_LENGTH]


@dataclass(frozen=True, slots=True)
class ChannelSpec:
    id: str
    name: str
    picture: str = "main"  # a loop: "main" (H.264) or "h265"
    sound: str = "g711"  # "g711", "aac" or "" for none


@dataclass(frozen=True, slots=True)
class DeviceSpec:
    id: str
    name: str
    password: str = field(repr=False)
    channels: tuple[ChannelSpec, ...] = ()
    edition: Edition = Edition.V2016
    transport: str = "UDP"  # of signalling; or "TCP", "TLS"
    manufacturer: str = MAKERS[0]
    expires_s: int = 3600
    keep_alive_s: float = 60.0
    page: int = 2  # items of one catalogue message
    quirks: frozenset[Quirk] = frozenset()

    @property
    def connects(self) -> bool:
        """Everything goes over a connection of its own."""
        return self.transport != "UDP"


def make_devices(
    domain: str,
    count: int,
    channels: int,
    password: str,
    *,
    first: int = 1,
    edition: Edition = Edition.V2016,
    transport: str = "UDP",
    expires_s: int = 3600,
    keep_alive_s: float = 60.0,
    quirks: frozenset[Quirk] = frozenset(),
) -> tuple[DeviceSpec, ...]:
    """NVRs with ids of their own, numbered from ``first``. Raises ValueError: more than there are ids."""
    if not 0 <= channels < CHANNEL_LIMIT or not 0 < count < DEVICE_LIMIT:
        raise ValueError(f"{count} devices of {channels} channels are more than there are ids")
    return tuple(
        DeviceSpec(
            ids.make(domain, ids.Type.NVR, number),
            f"NVR {number}",
            password,
            _channels(domain, number, channels, Quirk.SHARED_CHANNELS in quirks),
            edition,
            transport,
            "" if Quirk.UNKNOWN_MAKER in quirks else MAKERS[number % len(MAKERS)],
            expires_s,
            keep_alive_s,
            quirks=quirks,
        )
        for number in range(first, first + count)
    )


def _channels(domain: str, device: int, count: int, shared: bool) -> tuple[ChannelSpec, ...]:
    """A thousand serials a device; after each thousand devices another type, then another network digit."""
    number = 0 if shared else device
    kind, network = ids.Type.CAMERA + number // 1000 % 2, number // 2000 % 10
    return tuple(
        ChannelSpec(
            ids.make(domain, kind, number % 1000 * 1000 + at, network=network),
            f"{NAMES[(at - 1) % len(NAMES)]} {device}-{at}",
            *FILMS[(at - 1) % len(FILMS)],
        )
        for at in range(1, count + 1)
    )
