"""How a device says that a recording has been played to its end."""

import asyncio
from typing import TYPE_CHECKING

from bingjian.protocols.gb28181 import manscdp, mansrtsp
from bingjian.protocols.gb28181.manscdp import notifies
from bingjian.protocols.sip.client_transactions import TooManyRequests
from bingjian.protocols.sip.compose import at, compose, message, new_tag
from bingjian.protocols.sip.message import Request
from bingjian.simulate.gb28181.quirks import Quirk
from bingjian.simulate.gb28181.session import Session

if TYPE_CHECKING:
    from bingjian.simulate.gb28181.device import Device

STRANGER = "00000000001320000001"  # whom nobody knows (quirk 43)
WAYS = ("info", "outside", "never")  # of quirk 37, in turn


def tell_end(device: "Device", session: Session) -> None:
    """MediaStatus 121 in the dialog, as the standard has it, or as this device has it."""
    told = notifies.MediaStatus(
        sn=device.next_sn(), device_id=session.channel.spec.id, notify_type=notifies.END_OF_FILE
    )
    way = WAYS[(device.ends - 1) % len(WAYS)] if Quirk.END_OF_FILE in device.quirks else "inside"
    try:
        _tell(device, session, device.body(told), "foreign" if Quirk.FOREIGN_STATUS in device.quirks else way)
    except TooManyRequests:
        return
    device.element.flush()


def _tell(device: "Device", session: Session, body: bytes, way: str) -> None:
    now = asyncio.get_running_loop().time()
    element = device.element
    if way == "inside":
        element.calls.control(session.key, manscdp.CONTENT_TYPE, body, now, "MESSAGE")
    elif way == "info":
        line = mansrtsp.build(mansrtsp.Request(mansrtsp.Finished(), 0))
        element.calls.control(session.key, mansrtsp.CONTENT_TYPE, line, now)
    elif way == "outside":
        local = element.local(device.spec.id, device.domain)
        request = message(local, device.peer, device.platform_id, manscdp.CONTENT_TYPE, body)
        element.transactions.request(request, device.peer, now)
    elif way == "foreign":
        element.transactions.request(_foreign(device, session, body), device.peer, now)


def _foreign(device: "Device", session: Session, body: bytes) -> Request:
    """With the Call-ID of the INVITE and the From of somebody else."""
    local = device.element.local(STRANGER, device.domain)
    return compose(
        "MESSAGE",
        f"sip:{device.platform_id}@{at(device.peer.host, device.peer.port)}",
        local,
        device.peer,
        ("Content-Type", manscdp.CONTENT_TYPE),
        sender=f"<{local.uri}>;tag={new_tag()}",
        to=f"<sip:{device.platform_id}@{local.domain}>",
        call_id=session.key.call_id,
        number=1,
        body=body,
    )
