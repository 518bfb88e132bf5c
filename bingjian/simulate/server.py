"""The simulator's RTSP connections: a thin shell around ``conversation``."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from typing import cast

from bingjian.protocols import auth
from bingjian.protocols.errors import PeerError
from bingjian.protocols.rtsp.message import Interleaved, Reader, Request, Response, serialise
from bingjian.simulate.camera import Camera
from bingjian.simulate.conversation import (
    Conversation,
    Offer,
    Pause,
    Play,
    SetUp,
    TearDown,
    Udp,
    camera_of,
    refusal,
)
from bingjian.simulate.player import Outlet, Player, TcpOutlet, UdpOutlet

CONNECTION_LIMIT = 1024  # further ones are closed at once


@dataclass(frozen=True, slots=True)
class Access:
    """Who may look; an empty password lets everybody in."""

    username: str
    password: str
    algorithm: str = "MD5"  # what every client understands; or "SHA-256"

    def challenge(self) -> auth.Challenge:
        """MD5 as most cameras do it, without qop: GStreamer's client knows no other form."""
        return auth.Challenge(algorithm=self.algorithm, qop_auth=self.algorithm != "MD5")


class Connection(asyncio.Protocol):
    """One client. Clients that break the protocol are closed, whatever they sent."""

    def __init__(
        self, cameras: Mapping[str, Camera], access: Access, all_connections: "set[Connection]"
    ) -> None:
        self._cameras, self._all = cameras, all_connections
        challenge = access.challenge() if access.password else None
        self._conversation = Conversation(self._find, access.username, access.password, challenge)
        self._reader = Reader()
        self._player: Player | None = None
        self._transport: asyncio.Transport | None = None

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance
        if len(self._all) >= CONNECTION_LIMIT:
            self._transport.abort()
            return
        self._all.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._all.discard(self)
        self._stop()

    def data_received(self, data: bytes) -> None:
        try:
            events = self._reader.receive_data(data)
        except PeerError:
            self.close()
            return
        for event in events:
            if isinstance(event, Request):
                self._receive(event)
            elif isinstance(event, Interleaved) and self._player:
                self._player.last_request_ns = (
                    time.monotonic_ns()
                )  # receiver reports keep a session alive too

    def close(self) -> None:
        self._stop()
        if self._transport:
            self._transport.abort()

    # Requests

    def _find(self, path: str) -> Offer | int:
        name, _, role = path.strip("/").partition("/")
        camera = self._cameras.get(name)
        return camera.offer(role or "main") if camera else 404

    def _receive(self, request: Request) -> None:
        camera = self._cameras.get(camera_of(request.uri))
        if camera and camera.refusing is not None:
            if not camera.refusing:
                self.close()
            else:
                self._send(refusal(request, camera.refusing), camera)
            return
        if self._player:
            self._player.last_request_ns = time.monotonic_ns()
        answer = self._conversation.receive(request)
        response = answer.response
        if isinstance(answer.order, SetUp):
            response = self._set_up(request, answer.order)
        self._send(response, camera)
        self._carry_out(answer.order)

    def _carry_out(self, order: object) -> None:
        if isinstance(order, Play) and self._player:
            self._player.play()
        elif isinstance(order, Pause) and self._player:
            self._player.pause()
        elif isinstance(order, TearDown):
            self._stop()

    def _set_up(self, request: Request, order: SetUp) -> Response:
        assert self._transport is not None
        camera = self._cameras[order.offer.camera]
        if self._player is None:
            self._player = Player(camera, order.offer.role, self._transport)
        outlet: Outlet
        ports = (0, 0)
        if isinstance(order.transport, Udp):
            host, peer = (
                self._transport.get_extra_info("sockname")[0],
                self._transport.get_extra_info("peername")[0],
            )
            try:
                outlet = UdpOutlet(host, (peer, order.transport.rtp_port, order.transport.rtcp_port))
            except OSError:
                return refusal(request, 503)
            ports = outlet.ports
        else:
            outlet = TcpOutlet(self._transport, order.transport.rtp_channel, order.transport.rtcp_channel)
        ssrc = self._player.set_up(order.track, outlet)
        return self._conversation.set_up_response(request, order, ports, ssrc)

    def _send(self, response: Response, camera: Camera | None) -> None:
        assert self._transport is not None
        skew = camera.skew_ns / 1e9 if camera else 0.0
        dated = response.headers.having(("Date", formatdate(time.time() + skew, usegmt=True)))
        self._transport.write(serialise(Response(response.status, response.reason, dated, response.body)))

    def _stop(self) -> None:
        if self._player:
            self._player.close()
            self._player = None


async def listen(
    cameras: Mapping[str, Camera], access: Access, host: str, port: int
) -> tuple[asyncio.Server, Callable[[], None]]:
    """Serve cameras; also returns what closes all their connections. Raises OSError if the port is taken."""
    connections: set[Connection] = set()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(cameras, access, connections), host, port)

    def close_all() -> None:
        for connection in list(connections):
            connection.close()

    return server, close_all
