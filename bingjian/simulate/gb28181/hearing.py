"""What a device does not hear, and how what it says is altered on the way: the quirks of its signalling."""

import asyncio
from collections import deque
from dataclasses import replace
from ipaddress import ip_address
from typing import TYPE_CHECKING

from bingjian.protocols.gb28181 import Edition
from bingjian.protocols.sip.compose import new_call_id
from bingjian.protocols.sip.message import Message, Request, Response
from bingjian.protocols.sip.reply import Peer
from bingjian.simulate.gb28181 import oddities
from bingjian.simulate.gb28181.quirks import Quirk

if TYPE_CHECKING:
    from bingjian.simulate.gb28181.device import Device

BURST_S = 0.1  # between INVITEs; what comes sooner is lost (quirk 27)
LOST_LIMIT = 64  # of which it is known that they are lost; each is repeated for 32 s
KEEPS_SENDING_S = 60.0  # after a BYE that was not heard (quirk 5)
SHORT_EXPIRES_S = 30  # quirk 36


class Hearing:
    def __init__(self, device: "Device") -> None:
        self._device = device
        self._invited_at = -BURST_S
        self._lost = deque[str](maxlen=LOST_LIMIT)  # Call-IDs of INVITEs that were not heard

    # In

    def hears(self, message: Message, peer: Peer) -> Message | None:
        if isinstance(message, Response):
            return self._hears_response(message)
        if Quirk.KNOWN_SERVER_ONLY in self._device.quirks and not self._names_platform(message):
            return None
        if message.method == "BYE" and Quirk.KEEPS_SENDING in self._device.quirks:
            self._keep_sending(message)
            return None
        if message.method == "INVITE" and Quirk.BURST in self._device.quirks and self._is_burst(message):
            return None
        return message

    def _hears_response(self, response: Response) -> Response | None:
        if response.status != 401 or "WWW-Authenticate" not in response.headers:
            return response
        if Quirk.NEEDS_ALGORITHM in self._device.quirks and not oddities.names_algorithm(response):
            return None
        if Quirk.WRONG_DOMAIN in self._device.quirks:
            return oddities.with_realm(response, self._device.domain)
        return response

    def _names_platform(self, request: Request) -> bool:
        contact = request.contact
        hosts = {request.via.host, *([contact.uri.rpartition("@")[2].partition(":")[0]] if contact else [])}
        return hosts == {self._device.platform.host}

    def _keep_sending(self, bye: Request) -> None:
        """And end the stream by ourselves when it has been long enough."""
        for key, session in self._device.sessions.items():
            if key.call_id == bye.call_id and not session.timers:
                loop = asyncio.get_running_loop()
                session.timers.append(loop.call_later(KEEPS_SENDING_S, self._device.end, session))

    def _is_burst(self, invite: Request) -> bool:
        now = asyncio.get_running_loop().time()
        soon = now - self._invited_at < BURST_S
        if soon and invite.call_id not in self._lost:
            self._lost.append(invite.call_id)
        if invite.call_id in self._lost:
            return True
        self._invited_at = now
        return False

    # Out

    def altered_request(self, request: Request) -> Request:
        device = self._device
        if request.method == "REGISTER":
            return self._altered_registration(request)
        if request.method == "BYE" and Quirk.FOREIGN_BYE in device.quirks:
            return oddities.foreign(request, new_call_id())
        if Quirk.PRIVATE_ADDRESS in device.quirks and "Contact" in request.headers:
            return replace(request, headers=request.headers.replacing("Contact", self._private()))
        return request

    def altered_response(self, response: Response) -> Response:
        if response.cseq.method != "INVITE" or not 200 <= response.status < 300:
            return response
        headers = response.headers
        if Quirk.ODD_ANSWER in self._device.quirks:
            headers = oddities.without_tag(headers)
        if not response.body:
            headers = headers.replacing("Content-Type")
        return replace(response, headers=headers)

    def _altered_registration(self, request: Request) -> Request:
        device, headers = self._device, request.headers
        old = device.spec.edition < Edition.V2022
        headers = headers.replacing("X-GB-Ver", *([] if old else [device.spec.edition.header]))
        if Quirk.NO_EXPIRES in device.quirks and request.expires_s:
            even = device.registrations % 2 == 0
            headers = headers.replacing("Expires", *([str(SHORT_EXPIRES_S)] if even else []))
        if Quirk.PRIVATE_ADDRESS in device.quirks:
            headers = headers.replacing("Contact", self._private())
        return replace(request, headers=headers)

    def _private(self) -> str:
        return f"<sip:{self._device.spec.id}@{oddities.UNREACHABLE}:5060>"


def other_host(host: str) -> str:
    """Another address of this machine, where there is one without asking: the loopback net has many."""
    address = ip_address(host)
    if address.version != 4 or not address.is_loopback:
        return host
    return str(address + 1) if int(address) & 0xFF < 0xFE else str(address - 1)
