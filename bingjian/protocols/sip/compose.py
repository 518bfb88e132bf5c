"""Requests of ours, outside and inside of dialogs (RFC 3261 §8.1.1)."""

import secrets
from dataclasses import dataclass

from bingjian.protocols.sip.fields import MAGIC_COOKIE
from bingjian.protocols.sip.headers import Headers
from bingjian.protocols.sip.message import Request
from bingjian.protocols.sip.reply import SERVER, Peer

MAX_FORWARDS = "70"


@dataclass(frozen=True, slots=True)
class Local:
    """Who we are towards a peer. Cameras drop what does not come from the address they are set to."""

    id: str  # 20 digits
    domain: str  # 10 digits, or as the peer wants it
    host: str  # our address that the peer reaches; IPv6 without brackets
    port: int  # UDP and TCP
    tls_port: int = 0  # 0: none

    @property
    def uri(self) -> str:
        return f"sip:{self.id}@{self.domain}"

    def at(self, peer: Peer) -> str:
        """The address and port of ours that this peer speaks to."""
        return at(self.host, self.tls_port if peer.transport == "TLS" else self.port)

    def contact(self, peer: Peer) -> str:
        """For TLS as common stacks write it: ``sips`` would bind every hop behind the device (RFC 5630)."""
        over = ";transport=tls" if peer.transport == "TLS" else ""
        return f"<sip:{self.id}@{self.at(peer)}{over}>"

    def via(self, peer: Peer) -> str:
        """A new one, with a branch of its own."""
        return f"SIP/2.0/{peer.transport} {self.at(peer)};rport;branch={new_branch()}"


def at(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def new_branch() -> str:
    return MAGIC_COOKIE + secrets.token_hex(10)


def new_tag() -> str:
    return secrets.token_hex(8)


def new_call_id() -> str:
    """128 random bits: weak ones met each other (gb28181.md, quirk 27), and a stranger must not guess one."""
    return secrets.token_hex(16)


def compose(
    method: str,
    uri: str,
    local: Local,
    peer: Peer,
    *headers: tuple[str, str],
    sender: str,
    to: str,
    call_id: str,
    number: int,
    body: bytes = b"",
) -> Request:
    """A request with the fields every request has. ``sender`` and ``to``: whole values of From and To."""
    fields = [("Via", local.via(peer)), ("From", sender), ("To", to), ("Call-ID", call_id)]
    fields += [("CSeq", f"{number} {method}"), ("Max-Forwards", MAX_FORWARDS), ("User-Agent", SERVER)]
    return Request(method, uri, Headers([*fields, *headers]), body)


def message(local: Local, peer: Peer, device: str, content_type: str, body: bytes) -> Request:
    """A MESSAGE to a device or platform, outside of any dialog."""
    return compose(
        "MESSAGE",
        f"sip:{device}@{at(peer.host, peer.port)}",
        local,
        peer,
        ("Content-Type", content_type),
        sender=f"<{local.uri}>;tag={new_tag()}",
        to=f"<sip:{device}@{local.domain}>",
        call_id=new_call_id(),
        number=1,
        body=body,
    )
