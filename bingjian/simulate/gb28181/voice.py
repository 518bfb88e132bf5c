"""Voice from the platform: the device is asked to listen, and asks for the sound itself (broadcast)."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bingjian.protocols import rtp
from bingjian.protocols.errors import PeerError
from bingjian.protocols.gb28181 import sdp
from bingjian.protocols.gb28181.manscdp import notifies
from bingjian.protocols.sip.client_transactions import TooManyRequests
from bingjian.protocols.sip.dialog import DialogKey
from bingjian.simulate.gb28181 import oddities
from bingjian.simulate.gb28181.outlet import bound
from bingjian.simulate.gb28181.quirks import Quirk

if TYPE_CHECKING:
    from bingjian.simulate.gb28181.device import Device


@dataclass(slots=True)
class Heard:
    """What has come so far, over all broadcasts of a device."""

    packets: int = 0
    bytes: int = 0
    payload_type: int = -1  # of the last packet


class Listener(asyncio.DatagramProtocol):
    """Where the sound arrives."""

    def __init__(self, device: "Device") -> None:
        self._device = device
        self.key: DialogKey | None = None
        self._transport: asyncio.DatagramTransport | None = None

    async def open(self) -> int:
        """The port. Raises OSError."""
        made = bound(self._device.element.host)
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=made)
        self._transport = transport
        return int(made.getsockname()[1])

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        try:
            header = rtp.read_header(data)
        except PeerError:
            return
        heard = self._device.heard
        heard.packets += 1
        heard.bytes += header.end - header.start
        heard.payload_type = header.payload_type
        if Quirk.VOICE in self._device.quirks and self.key:
            self._device.end_call(self.key)

    def close(self) -> None:
        if self._transport:
            self._transport.close()


async def listen(device: "Device", wish: notifies.Broadcast) -> None:
    """After our Response: INVITE the platform for sound."""
    target = wish.target_id if wish.target_id in device.channels else device.spec.id
    listener = Listener(device)
    port = await listener.open()
    device.streams += 1
    ssrc = oddities.own_ssrc(device.spec.id, device.streams) % 2_000_000_000
    offer = sdp.Session(
        owner=target,
        address=device.element.host,
        kind="audio",
        port=port,
        direction="recvonly",
        formats=(sdp.PCMU if Quirk.VOICE in device.quirks else sdp.PCMA,),
        ssrc=ssrc,
        wish=sdp.G711_TALK,
    )
    body = sdp.build(offer)
    body = oddities.bare_sdp(body) if Quirk.BARE_SDP in device.quirks else body
    subject = sdp.subject(wish.source_id, f"{ssrc:010d}", target)
    now = asyncio.get_running_loop().time()
    local, calls = device.element.local(target, device.platform.realm), device.element.calls
    try:
        key = calls.invite(
            local, device.peer, device.spec.id, wish.source_id, body, now, ("Subject", subject)
        )
    except TooManyRequests:
        listener.close()
        return
    listener.key = key
    device.listeners[key] = listener
    device.element.own(key, device)
    device.element.flush()
