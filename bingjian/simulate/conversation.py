"""The camera's side of RTSP 1.0 (RFC 2326): requests in, answers and orders out. No socket, clock or camera.

Between OPTIONS and TEARDOWN a client describes a stream, sets up its tracks and plays. What needs the
outside (UDP ports, sending) leaves as an ``Order`` that the shell carries out before it sends the answer.
"""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from bingjian.protocols import auth, sdp
from bingjian.protocols.rtsp.message import Headers, Request, Response

SESSION_SECONDS = 60  # told to clients; without a request for that long a UDP session ends
METHODS = ("OPTIONS", "DESCRIBE", "SETUP", "PLAY", "PAUSE", "GET_PARAMETER", "SET_PARAMETER", "TEARDOWN")

_REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    454: "Session Not Found",
    455: "Method Not Valid in This State",
    461: "Unsupported Transport",
    500: "Internal Server Error",
    501: "Not Implemented",
    503: "Service Unavailable",
}
_TRACK = re.compile(r"/trackID=(\d)/?$")


@dataclass(frozen=True, slots=True)
class Offer:
    """A stream that a client may ask for."""

    camera: str
    role: str  # "main" or "sub"
    media: tuple[sdp.Media, ...]
    transports: tuple[str, ...] = ("tcp", "udp")


@dataclass(frozen=True, slots=True)
class Tcp:
    """Packets in the RTSP connection."""

    rtp_channel: int
    rtcp_channel: int


@dataclass(frozen=True, slots=True)
class Udp:
    """Packets to the client's host."""

    rtp_port: int
    rtcp_port: int


@dataclass(frozen=True, slots=True)
class SetUp:
    offer: Offer
    track: int
    transport: Tcp | Udp


@dataclass(frozen=True, slots=True)
class Play:
    pass


@dataclass(frozen=True, slots=True)
class Pause:
    pass


@dataclass(frozen=True, slots=True)
class TearDown:
    pass


Order = SetUp | Play | Pause | TearDown


@dataclass(frozen=True, slots=True)
class Answer:
    response: Response
    order: Order | None = None


@dataclass(slots=True)
class Conversation:
    """One client connection.

    Args:
        find: the stream at a path ("/cam01/main"); a status code if it cannot be served (404, 503).
        challenge: what the client must answer; None lets everybody in.
    """

    find: Callable[[str], Offer | int]
    username: str = ""
    password: str = ""
    challenge: auth.Challenge | None = None
    session: str = ""
    offer: Offer | None = None
    tracks: set[int] = field(default_factory=set)

    def receive(self, request: Request) -> Answer:
        """The answer to one request; never raises."""
        if request.method == "OPTIONS":
            return self._answer(request, 200, ("Public", ", ".join(METHODS)))
        if request.method not in METHODS:
            return self._answer(request, 501)
        if not self._allowed(request):
            assert self.challenge is not None
            return self._answer(request, 401, ("WWW-Authenticate", self.challenge.header()))
        if request.method == "DESCRIBE":
            return self._describe(request)
        if request.method == "SETUP":
            return self._set_up(request)
        return self._in_session(request)

    def set_up_response(
        self, request: Request, order: SetUp, server_ports: tuple[int, int], ssrc: int
    ) -> Response:
        """The answer to SETUP once the shell has its ports (ignored for TCP)."""
        if isinstance(order.transport, Tcp):
            channels = f"{order.transport.rtp_channel}-{order.transport.rtcp_channel}"
            told = f"RTP/AVP/TCP;unicast;interleaved={channels};ssrc={ssrc:08X};mode=play"
        else:
            ports = f"client_port={order.transport.rtp_port}-{order.transport.rtcp_port}"
            server = f"server_port={server_ports[0]}-{server_ports[1]}"
            told = f"RTP/AVP;unicast;{ports};{server};ssrc={ssrc:08X};mode=play"
        return self._answer(request, 200, ("Transport", told)).response

    def _allowed(self, request: Request) -> bool:
        if self.challenge is None:
            return True
        given = request.headers.get("Authorization")
        return auth.verify(self.challenge, given, request.method, self.username, self.password)

    def _describe(self, request: Request) -> Answer:
        path, _ = _path_and_track(request.uri)
        offer = self.find(path)
        if isinstance(offer, int):
            return self._answer(request, offer)
        body = sdp.build(sdp.Description(offer.media, name=f"{offer.camera} {offer.role}"))
        base = request.uri.rstrip("/") + "/"
        return self._answer(
            request, 200, ("Content-Base", base), ("Content-Type", "application/sdp"), body=body
        )

    def _set_up(self, request: Request) -> Answer:
        path, track = _path_and_track(request.uri)
        offer = self.find(path)
        if isinstance(offer, int):
            return self._answer(request, offer)
        if track >= len(offer.media):
            return self._answer(request, 404)
        if self.offer and (self.offer.camera, self.offer.role) != (offer.camera, offer.role):
            return self._answer(request, 455)
        transport = _transport(request.headers.get("Transport"), track, offer.transports)
        if transport is None:
            return self._answer(request, 461)
        self.session = self.session or secrets.token_hex(8)
        self.offer = offer
        self.tracks.add(track)
        order = SetUp(offer, track, transport)
        return Answer(self.set_up_response(request, order, (0, 0), 0), order)

    def _in_session(self, request: Request) -> Answer:
        if request.method in ("GET_PARAMETER", "SET_PARAMETER"):
            return self._answer(request, 200)
        if not self.session or request.headers.get("Session").partition(";")[0].strip() != self.session:
            return self._answer(request, 454)
        if request.method == "PLAY":
            return self._answer(request, 200, ("Range", "npt=now-"), order=Play())
        if request.method == "PAUSE":
            return self._answer(request, 200, order=Pause())
        answer = self._answer(request, 200, order=TearDown())
        self.session, self.offer, self.tracks = "", None, set()
        return answer

    def _answer(
        self,
        request: Request,
        status: int,
        *more: tuple[str, str],
        body: bytes = b"",
        order: Order | None = None,
    ) -> Answer:
        fields = [("CSeq", request.headers.get("CSeq", "0")), ("Server", "bingjian simulator")]
        if self.session and status == 200:
            fields.append(("Session", f"{self.session};timeout={SESSION_SECONDS}"))
        return Answer(Response(status, _REASONS[status], Headers([*fields, *more]), body), order)


def refusal(request: Request, status: int) -> Response:
    """An answer outside any conversation, as a broken camera gives it."""
    return Response(
        status, _REASONS.get(status, "Error"), Headers([("CSeq", request.headers.get("CSeq", "0"))])
    )


def camera_of(uri: str) -> str:
    """The camera a request is about: the first part of its path; empty for ``*``."""
    return _path_and_track(uri)[0].strip("/").partition("/")[0]


def _path_and_track(uri: str) -> tuple[str, int]:
    try:
        path = unquote(urlsplit(uri).path)
    except ValueError:
        return "", 0
    track = _TRACK.search(path)
    return (path[: track.start()], int(track.group(1))) if track else (path.rstrip("/"), 0)


def _transport(header: str, track: int, allowed: tuple[str, ...]) -> Tcp | Udp | None:
    """The first transport the client offers that the camera can do."""
    for offer in header.split(","):
        parts = [part.strip() for part in offer.split(";")]
        kind, parameters = parts[0].upper(), dict(part.partition("=")[::2] for part in parts[1:])
        if kind == "RTP/AVP/TCP" and "tcp" in allowed:
            pair = _pair(parameters.get("interleaved", f"{2 * track}-{2 * track + 1}"), 255)
            return Tcp(*pair) if pair else None
        if kind in ("RTP/AVP", "RTP/AVP/UDP") and "udp" in allowed and "multicast" not in parameters:
            pair = _pair(parameters.get("client_port", ""), 65535)
            return Udp(*pair) if pair and pair[0] else None
    return None


def _pair(text: str, limit: int) -> tuple[int, int] | None:
    first, _, second = text.partition("-")
    if not (first.isascii() and first.isdigit() and len(first) <= 5):
        return None
    low = int(first)
    high = int(second) if second.isascii() and second.isdigit() and len(second) <= 5 else low + 1
    return (low, high) if low <= limit and high <= limit else None
