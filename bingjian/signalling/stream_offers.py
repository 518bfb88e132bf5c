"""What is said to a device when its stream is asked for, and what its answer means."""

from dataclasses import dataclass
from typing import Literal

from bingjian.protocols.errors import PeerError
from bingjian.protocols.gb28181 import sdp
from bingjian.protocols.sip.call_events import Accepted
from bingjian.protocols.sip.compose import Local
from bingjian.signalling.devices import Device

Kind = Literal["play", "playback", "download"]
Transport = Literal["tcp", "tcp-active", "udp"]  # "tcp": we listen

KINDS: dict[Kind, str] = {"play": sdp.PLAY, "playback": sdp.PLAYBACK, "download": sdp.DOWNLOAD}
TRANSPORTS: tuple[Transport, ...] = ("tcp", "tcp-active", "udp")
_SETUP = {"tcp": "passive", "tcp-active": "active", "udp": ""}
_SOUNDS = {"1": "pcma", "6": "aac"}  # codes of f=


@dataclass(frozen=True, slots=True)
class Wish:
    """One stream of one channel, and where it is to go."""

    device: str
    channel: str
    port: int
    kind: Kind = "play"
    stream: int = 0  # 0: main, 1: first sub stream
    transport: Transport = "tcp"
    host: str = ""  # of the port, as the device is to know it; empty: our address on its side
    start: int = 0  # Unix seconds: the window of playback and download
    end: int = 0
    speed: int = 0  # of a download, times real time; 0: as the device likes

    @property
    def is_history(self) -> bool:
        return self.kind != "play"


@dataclass(frozen=True, slots=True)
class Answer:
    """What holds after offer and answer; empty where the device says nothing."""

    ssrc: int | None
    peer_host: str
    peer_port: int
    from_host: str  # where the answer came from
    setup: str  # the device's role
    transport: str
    sound: str
    private: str  # the vendor's name, if it says that it sends a stream of its own
    filesize: int | None
    dialog: str = ""  # opaque: with it a live call is taken up after our own restart


def transport_for(wish: Wish, device: Device) -> Transport:
    """As it is fixed for this device, if it is."""
    return next((known for known in TRANSPORTS if known == device.habits.media), wish.transport)


def offer_for(wish: Wish, device: Device, local: Local, ssrc: int, public_host: str = "") -> sdp.Session:
    """``public_host``: what devices are told where we are behind NAT, whatever the port's own address is."""
    transport = transport_for(wish, device)
    return sdp.Session(
        owner=local.id,
        name=KINDS[wish.kind],
        address=public_host or wish.host or local.host,
        port=wish.port,
        transport=sdp.UDP if transport == "udp" else sdp.TCP,
        setup=_SETUP[transport],
        direction="recvonly",
        formats=sdp.OFFERED,
        ssrc=ssrc,
        channel=wish.channel if wish.is_history else "",
        start=wish.start,
        end=wish.end,
        speed=wish.speed,
        stream_number=str(wish.stream) if wish.stream else "",
    )


def answer_of(offer: sdp.Session, transport: Transport, accepted: Accepted) -> Answer:
    """Whatever the device leaves out or writes wrongly, our offer holds (quirks 39 and 40)."""
    try:
        answered = sdp.parse(accepted.body) if accepted.body.strip() else None
    except PeerError:
        answered = None
    agreed = sdp.agree(offer, answered)
    wish = answered.wish if answered is not None else None
    return Answer(
        ssrc=agreed.ssrc,
        peer_host=agreed.address,
        peer_port=agreed.port,
        from_host=accepted.peer.host,
        setup=answered.setup if answered is not None else "",
        transport=transport,
        sound=_SOUNDS.get(wish.sound[0], "") if wish is not None else "",
        private=answered.private_stream if answered is not None else "",
        filesize=answered.file_size if answered is not None else None,
    )
