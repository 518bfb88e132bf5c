"""What stays the same through a dialog: Call-ID, tags, where to send (RFC 3261 §12).

Devices leave tags out, answer with private addresses, or change their own while the dialog lasts. So a dialog
is known by Call-ID and *our* tag, 64 random bits; and requests go to where the peer was last heard, not to
Contact.
"""

import re
import secrets
from dataclasses import dataclass, field
from typing import NamedTuple

from bingjian.protocols.sip.compose import Local, at, compose, new_call_id, new_tag
from bingjian.protocols.sip.fields import Address, split_list
from bingjian.protocols.sip.message import Message, Request, Response
from bingjian.protocols.sip.reply import Peer

_BLANK = re.compile(r"\s")  # would end the address in a request line


class DialogKey(NamedTuple):
    call_id: str
    tag: str  # ours


@dataclass(slots=True)
class Dialog:
    local: Local
    peer: Peer  # where to send
    key: DialogKey
    sender: str  # From of our requests, whole
    to: str  # To of our requests, whole; the peer's tag in it, if it has one
    target: str  # Request-URI
    number: int = 0  # CSeq of our last request
    routes: tuple[str, ...] = field(default=())

    @classmethod
    def opened(cls, local: Local, peer: Peer, user: str) -> "Dialog":
        """By us, towards a device, channel or platform. The first request makes it."""
        key = DialogKey(new_call_id(), new_tag())
        sender = str(Address(local.uri, {"tag": key.tag}))
        to, target = f"<sip:{user}@{local.domain}>", f"sip:{user}@{at(peer.host, peer.port)}"
        return cls(local, peer, key, sender, to, target)

    @classmethod
    def asked_for(cls, request: Request, local: Local, peer: Peer, tag: str) -> "Dialog":
        """By the peer. ``tag``: the one our answer carries.

        Our CSeq begins anywhere: a peer may open two dialogs with one Call-ID, and by Call-ID and CSeq we
        know the answers to our requests.
        """
        own = request.to
        sender = str(Address(own.uri, {**own.params, "tag": tag}, own.display))
        target = _target(request, request.sender.uri, peer)
        key, routes = DialogKey(request.call_id, tag), _recorded(request)
        number, to = secrets.randbits(30), request.headers.get("From")
        return cls(local, peer, key, sender, to, target, number, tuple(routes))

    def confirm(self, response: Response, peer: Peer) -> None:
        """A 2xx: the peer has named its tag and contact, if it does; it is where the answer came from."""
        self.to, self.peer = response.headers.get("To"), peer
        self.target = _target(response, self.target, peer)
        self.routes = tuple(reversed(_recorded(response)))

    def request(self, method: str, *headers: tuple[str, str], body: bytes = b"") -> Request:
        self.number += 1
        return self._compose(method, self.number, headers, body)

    def ack(self, number: int) -> Request:
        """Of the 2xx to the INVITE with this CSeq number."""
        return self._compose("ACK", number, (), b"")

    def _compose(
        self, method: str, number: int, headers: tuple[tuple[str, str], ...], body: bytes
    ) -> Request:
        contact = ("Contact", self.local.contact(self.peer))
        given = [*headers, contact, *(("Route", route) for route in self.routes)]
        return compose(
            method,
            self.target,
            self.local,
            self.peer,
            *given,
            sender=self.sender,
            to=self.to,
            call_id=self.key.call_id,
            number=number,
            body=body,
        )


def same_origin(one: Peer, other: Peer) -> bool:
    """What proves least: the same connection, or over UDP the same host."""
    return one.connection == other.connection and (one.reliable or one.host == other.host)


def key_of(request: Request) -> DialogKey:
    """The dialog a request of the peer says it belongs to; an empty tag if it says none."""
    return DialogKey(request.call_id, request.to.tag)


def _target(message: Message, otherwise: str, peer: Peer) -> str:
    """The peer's Contact if it names somebody, else what was, else where it is."""
    contact = message.contact
    named = [contact.uri] if contact and contact.user else []
    fit = [uri for uri in (*named, otherwise) if uri and not _BLANK.search(uri)]
    return fit[0] if fit else f"sip:{at(peer.host, peer.port)}"


def _recorded(message: Message) -> list[str]:
    return [route for value in message.headers.get_all("Record-Route") for route in split_list(value)]
