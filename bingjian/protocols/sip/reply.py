"""Answers to requests (RFC 3261 §8.2.6)."""

from typing import NamedTuple

from bingjian.protocols.sip.fields import Address, split_list
from bingjian.protocols.sip.headers import Headers
from bingjian.protocols.sip.message import Request, Response

SERVER = "Bingjian"
ALLOWED = "INVITE, ACK, CANCEL, BYE, INFO, OPTIONS, MESSAGE, REGISTER, SUBSCRIBE, NOTIFY"
REASONS = {
    100: "Trying",
    180: "Ringing",
    200: "OK",
    202: "Accepted",
    302: "Moved Temporarily",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    413: "Request Entity Too Large",
    415: "Unsupported Media Type",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    489: "Bad Event",
    500: "Server Internal Error",
    503: "Service Unavailable",
    505: "Version Not Supported",
    603: "Decline",
}


class Peer(NamedTuple):
    """Where a message came from or goes to."""

    transport: str  # "UDP", "TCP", "TLS"
    host: str  # numeric address
    port: int
    connection: int = 0  # names one stream of TCP or TLS; a lost one's number is never used again

    @property
    def reliable(self) -> bool:
        return self.transport != "UDP"


def reply(
    request: Request,
    status: int,
    *headers: tuple[str, str],
    seen_from: Peer | None = None,
    tag: str = "",
    body: bytes = b"",
) -> Response:
    """A response with the fields every response takes from its request.

    Args:
        seen_from: where the request came from: the first Via gets ``received`` and ``rport``.
        tag: for To, if the request has none there and this is no 100.
    """
    hops = request.headers.get_all("Via")
    if seen_from:
        first = str(request.via.seen_from(seen_from.host, seen_from.port))
        hops[0] = ", ".join([first, *split_list(hops[0])[1:]])
    fields = [("Via", hop) for hop in hops]
    fields += [("From", request.headers.get("From")), ("To", _tagged(request, status, tag))]
    fields += [("Call-ID", request.call_id), ("CSeq", request.headers.get("CSeq"))]
    fields += [*headers, ("User-Agent", SERVER)]
    return Response(status, REASONS.get(status, "Answer"), Headers(fields), body)


def _tagged(request: Request, status: int, tag: str) -> str:
    value = request.headers.get("To")
    if status == 100 or not tag or request.to.tag:
        return value
    return str(Address(request.to.uri, {**request.to.params, "tag": tag}, request.to.display))
