"""An RTSP 1.0 client's side of the conversation (RFC 2326): bytes in, events out, bytes to send.

    start() ─OPTIONS─► ─DESCRIBE─► Described ── setup() ─SETUP for each track─► ─PLAY─► Playing ── teardown()
                                       └── 461: NotOverThis ── setup(the other) ──┘

One request is under way at a time, but for keep-alives while playing. A 401 is answered once with the
strongest challenge, again only if the camera calls the nonce stale. The owner of the socket sends what
``take_output`` returns after every call, keeps all deadlines, and closes on ``Redirected``, ``Ended`` and any
PeerError.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bingjian.protocols import auth, sdp, url
from bingjian.protocols.rtsp import tracks as track_choice
from bingjian.protocols.rtsp.errors import PeerError, Refused, TransportRefused, Unauthorised
from bingjian.protocols.rtsp.message import Headers, Interleaved, Reader, Request, Response, serialise
from bingjian.protocols.rtsp.tracks import Track

USER_AGENT = "Bingjian"
DEFAULT_TIMEOUT_SECONDS = 60  # of a session, RFC 2326 §12.37
LONGEST_TIMEOUT_SECONDS = 24 * 3600  # longer ones are taken as this
ANSWERS_TO_401 = 3  # tries of one request, for nonces that go stale; then Unauthorised
PENDING_LIMIT = 8  # unanswered requests; more keep-alives are not sent

_REDIRECTS = frozenset({301, 302, 303, 305, 307})
_USE_PROXY = 305
_UNSUPPORTED_TRANSPORT = 461
_SESSION_NOT_FOUND = 454
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

Transport = Literal["tcp", "udp"]


@dataclass(frozen=True, slots=True)
class Described:
    """The camera told its tracks: call ``setup``."""

    tracks: tuple[Track, ...]
    left_out: list[str]  # media that are not received, in words


@dataclass(frozen=True, slots=True)
class NotOverThis:
    """The camera does not send over this transport: ``setup`` with the other, or give up."""

    transport: Transport


@dataclass(frozen=True, slots=True)
class Route:
    """Where one track's packets come from."""

    track: int
    rtp_channel: int = -1  # TCP
    rtcp_channel: int = -1
    server_rtp_port: int = 0  # UDP; 0: not told
    server_rtcp_port: int = 0


@dataclass(frozen=True, slots=True)
class Playing:
    """Packets are under way; the first may have come before."""

    routes: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class Redirected:
    """Connect there instead."""

    address: url.Url
    proxy: bool  # only the connection goes there; the request stays as it was (305)


@dataclass(frozen=True, slots=True)
class Ended:
    """The camera ended the session."""


Event = Described | NotOverThis | Playing | Redirected | Ended | Interleaved
_Handler = Callable[[Response], Event | None]


@dataclass(slots=True)
class _Pending:
    """A request that waits for its answer."""

    request: Request
    handler: _Handler
    tries: int = 1


class Client:
    """One session. No socket, no clock, no logger."""

    def __init__(self, address: str, username: str = "", password: str = "") -> None:
        """Raises UrlError, or PeerError for a user name that no header can carry."""
        self._url = str(url.parse(address))
        if _CONTROL.search(username):
            raise PeerError("the user name contains control characters")
        self._username, self._password = username, password
        self._transport: Transport = "tcp"
        self._reader = Reader()
        self._output: list[bytes] = []
        self._pending: dict[int, _Pending] = {}  # by CSeq
        self._cseq = 0
        self._challenges: Sequence[str] = ()
        self._nonce_count = 0
        self._base = self._aggregate = self._url
        self._session = ""
        self._methods: frozenset[str] = frozenset()
        self._ports: Sequence[int] = ()
        self._playing = False
        self.tracks: tuple[Track, ...] = ()
        self.routes: list[Route] = []  # known from the answers to SETUP, before Playing
        self.timeout_seconds = DEFAULT_TIMEOUT_SECONDS

    # --- what the owner of the socket calls --------------------------------------------------------------

    def start(self) -> None:
        self._request("OPTIONS", self._url, self._on_options)

    def setup(self, transport: Transport, ports: Sequence[int] = ()) -> None:
        """After Described. ``ports``: our RTP port of each track for UDP; RTCP is the next one."""
        self._transport, self._ports = transport, ports
        self._setup_next()

    def keep_alive(self) -> None:
        """Due before ``timeout_seconds`` have passed. By GET_PARAMETER if the camera announced it."""
        if self._playing and len(self._pending) < PENDING_LIMIT:
            method = "GET_PARAMETER" if "GET_PARAMETER" in self._methods else "OPTIONS"
            self._request(method, self._aggregate, self._on_keep_alive)

    def teardown(self) -> None:
        """Says good-bye if there is a session; no answer is waited for."""
        if self._session:
            self._request("TEARDOWN", self._aggregate, self._on_teardown)

    @property
    def has_output(self) -> bool:
        return bool(self._output)

    def take_output(self) -> bytes:
        output = b"".join(self._output)
        self._output.clear()
        return output

    def receive_data(self, data: bytes | memoryview) -> list[Event]:
        """Raises PeerError and its subclasses only; the conversation is then finished."""
        events: list[Event] = []
        messages = self._reader.receive_data(data)
        if len(messages) == 1 and type(message := messages[0]) is Interleaved:
            return [message]  # nearly always
        for message in messages:
            if type(message) is Interleaved:
                events.append(message)
            elif type(message) is Response:
                event = self._answered(message)
                events += [event] if event else []
            elif type(message) is Request:
                event = self._asked(message)
                events += [event] if event else []
        return events

    # --- requests and their answers ----------------------------------------------------------------------

    def _request(self, method: str, uri: str, handler: _Handler, *extra: tuple[str, str]) -> None:
        self._send(_Pending(Request(method, uri, Headers(extra)), handler))

    def _send(self, pending: _Pending) -> None:
        self._cseq += 1
        self._pending[self._cseq] = pending
        request = pending.request
        fields = [("CSeq", str(self._cseq)), ("User-Agent", USER_AGENT)]
        fields += [("Session", self._session)] if self._session else []
        fields += self._authorization(request)
        headers = Headers((*fields, *request.headers))
        self._output.append(serialise(replace(request, headers=headers)))

    def _authorization(self, request: Request) -> list[tuple[str, str]]:
        if not self._challenges:
            return []
        self._nonce_count += 1
        value = auth.answer(
            self._challenges,
            request.method,
            request.uri,
            self._username,
            self._password,
            count=self._nonce_count,
        )
        return [("Authorization", value)] if value else []

    def _answered(self, response: Response) -> Event | None:
        pending = self._take_pending(response)
        if pending is None or response.status < 200:
            return None
        if response.status == 401:
            self._authenticate(pending, response)
            return None
        if response.status in _REDIRECTS and not self._playing:
            return self._redirected(response)
        return pending.handler(response)

    def _take_pending(self, response: Response) -> _Pending | None:
        """The request this answers; a camera that leaves out CSeq means the oldest."""
        text = response.headers.get("CSeq").strip()
        if not text and self._pending:
            text = str(next(iter(self._pending)))
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            return None
        if response.status < 200:
            return self._pending.get(int(text))
        return self._pending.pop(int(text), None)

    def _authenticate(self, pending: _Pending, response: Response) -> None:
        challenges = response.headers.get_all("WWW-Authenticate")
        offer = auth.best_challenge(challenges)
        if not (self._username or self._password):
            raise Unauthorised("the camera asks for a user name and password")
        if offer is None:
            raise Unauthorised("the camera asks for a kind of authentication that is not supported")
        renewed = offer.stale or (pending.tries == 1 and self._is_new(offer))
        if pending.tries >= ANSWERS_TO_401 or not renewed:
            raise Unauthorised("the camera does not accept the user name or the password")
        self._challenges, self._nonce_count = challenges, 0
        self._send(_Pending(pending.request, pending.handler, pending.tries + 1))

    def _is_new(self, offer: auth.Challenge) -> bool:
        """Not the very challenge that the refused request already answered."""
        last = auth.best_challenge(self._challenges)
        return last is None or (offer.scheme == "Digest" and offer.nonce != last.nonce)

    def _redirected(self, response: Response) -> Redirected:
        target = url.parse(response.headers.get("Location").strip())
        return Redirected(target, proxy=response.status == _USE_PROXY)

    # --- one handler for each method ---------------------------------------------------------------------

    def _on_options(self, response: Response) -> None:
        """Its answer is only advice: cameras that do not know OPTIONS may know the rest."""
        self._note_methods(response)
        self._request("DESCRIBE", self._url, self._on_describe, ("Accept", "application/sdp"))

    def _note_methods(self, response: Response) -> None:
        names = ",".join(response.headers.get_all("Public")).upper().split(",")
        self._methods = frozenset(name.strip() for name in names)

    def _on_describe(self, response: Response) -> Described:
        _expect_success("DESCRIBE", response)
        self._base = self._base_of(response)
        description = sdp.parse(response.body)
        self._aggregate = url.resolve(self._base, description.control)
        self.tracks = track_choice.choose(description, self._base)
        return Described(self.tracks, track_choice.left_out(description, self.tracks))

    def _base_of(self, response: Response) -> str:
        """Content-Base, Content-Location or the request's URL (RFC 2326 C.1.1), the first that is one."""
        for name in ("Content-Base", "Content-Location"):
            try:
                return str(url.parse(response.headers.get(name).strip()))
            except url.UrlError:
                continue
        return self._url

    def _setup_next(self) -> None:
        """SETUP the first track without a route; PLAY when all have one."""
        index = len(self.routes)
        if index == len(self.tracks):
            self._request("PLAY", self._aggregate, self._on_play, ("Range", "npt=0.000-"))
            return
        if self._transport == "tcp":
            transport = f"RTP/AVP/TCP;unicast;interleaved={2 * index}-{2 * index + 1}"
        else:
            port = self._ports[index]
            transport = f"RTP/AVP;unicast;client_port={port}-{port + 1}"
        self._request("SETUP", self.tracks[index].uri, self._on_setup, ("Transport", transport))

    def _on_setup(self, response: Response) -> NotOverThis | None:
        if response.status == _UNSUPPORTED_TRANSPORT and not self.routes:
            return NotOverThis(self._transport)
        _expect_success("SETUP", response)
        self._note_session(response)
        self.routes.append(self._route(response.headers.get("Transport")))
        self._setup_next()
        return None

    def _note_session(self, response: Response) -> None:
        session, _, rest = response.headers.get("Session").partition(";")
        self._session = session.strip() or self._session
        timeout = re.search(r"timeout\s*=\s*([0-9]{1,9})", rest, re.IGNORECASE)
        if timeout:
            self.timeout_seconds = max(1, min(int(timeout[1]), LONGEST_TIMEOUT_SECONDS))

    def _route(self, transport: str) -> Route:
        """From the Transport the camera chose; what it does not say is as we asked."""
        index = len(self.routes)
        fields = _transport_fields(transport)
        over_tcp = "/TCP" in transport.upper()
        if transport and over_tcp != (self._transport == "tcp"):
            raise TransportRefused(f"the camera does not send over {self._transport.upper()}")
        if self._transport == "udp":
            rtp, rtcp = _pair(fields.get("server_port", ""), 65535) or (0, 0)
            return Route(index, server_rtp_port=rtp, server_rtcp_port=rtcp)
        rtp, rtcp = _pair(fields.get("interleaved", ""), 255) or (2 * index, 2 * index + 1)
        return Route(index, rtp_channel=rtp, rtcp_channel=rtcp)

    def _on_play(self, response: Response) -> Playing:
        _expect_success("PLAY", response)
        self._note_session(response)
        self._playing = True
        return Playing(tuple(self.routes))

    def _on_keep_alive(self, response: Response) -> Ended | None:
        """A refused GET_PARAMETER means: use OPTIONS from now on."""
        if response.status == _SESSION_NOT_FOUND:
            return Ended()
        if response.status >= 400:
            self._methods -= {"GET_PARAMETER"}
        return None

    def _on_teardown(self, response: Response) -> None:
        """Nothing more to do."""

    # --- requests of the camera --------------------------------------------------------------------------

    def _asked(self, request: Request) -> Event | None:
        known = request.method.upper() in (
            "OPTIONS",
            "GET_PARAMETER",
            "SET_PARAMETER",
            "TEARDOWN",
            "REDIRECT",
        )
        self._reply(request, 200 if known else 501)
        if request.method.upper() == "TEARDOWN":
            return Ended()
        if request.method.upper() == "REDIRECT":
            return Redirected(url.parse(request.headers.get("Location").strip()), proxy=False)
        return None

    def _reply(self, request: Request, status: int) -> None:
        fields = [("CSeq", request.headers.get("CSeq"))] if "CSeq" in request.headers else []
        reason = "OK" if status == 200 else "Not Implemented"
        self._output.append(serialise(Response(status, reason, Headers(fields))))


def _expect_success(method: str, response: Response) -> None:
    if not 200 <= response.status < 300:
        raise Refused(method, response.status, response.reason[:80])


def _transport_fields(transport: str) -> dict[str, str]:
    """The parameters of a Transport header, names in lower case."""
    pairs = [part.partition("=") for part in transport.partition(",")[0].split(";")]
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _pair(text: str, limit: int) -> tuple[int, int] | None:
    """``4-5`` or ``4``; the second is then the next. None if unreadable."""
    match = re.fullmatch(r"([0-9]{1,5})(?:-([0-9]{1,5}))?", text.strip())
    if match is None:
        return None
    first = int(match[1])
    second = int(match[2]) if match[2] else first + 1
    return (first, second) if first <= limit and second <= limit else None
