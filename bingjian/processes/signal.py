"""The signalling process: SIP with GB/T 28181 devices, HTTP with the web process and the media workers.

``python -m bingjian.processes.signal [FILE]`` with a ``SignalConfig`` as JSON in a file of mode 0600, or on
standard input. It has no database: what it knows of devices it was told last, and keeps sealed.

    /healthz                      one word, for anybody
    /control/calls                media workers, with their credential: one WebSocket is one call
    /control/voice                the same of voice to a device
    /control/…, /metrics          the web process and the operator, with the bearer credential
"""

import asyncio
import hmac
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from bingjian.clock import Clock, SystemClock
from bingjian.durable import DISK
from bingjian.processes.beginning import (
    EXIT_UNAVAILABLE,
    MIN_CREDENTIAL,
    STOP_SECONDS,
    ConfigError,
    StartError,
    begin,
    read_object,
    told_to_stop,
)
from bingjian.processes.media_requests import require, unknown
from bingjian.processes.signal_calls import open_call
from bingjian.processes.signal_certificate import CertificateFiles
from bingjian.processes.signal_control import DeviceControl
from bingjian.processes.signal_metrics import exposition
from bingjian.processes.signal_voice import open_voice
from bingjian.protocols.gb28181 import ids
from bingjian.signalling.devices import Assignment, AssignmentError, read_assignment
from bingjian.signalling.identity import Identity
from bingjian.signalling.platform import Platform
from bingjian.signalling.streams import Streams
from bingjian.signalling.voice import Voices
from bingjian.streaming.assignment_store import KeyUnusable, SealedAssignment
from bingjian.streaming.http import (
    HttpProblem,
    Limits,
    Request,
    Response,
    Upgrade,
    json_response,
    text_response,
)
from bingjian.streaming.http_server import HttpServer

log = structlog.get_logger(__name__)

MAX_ASSIGNMENT_BYTES = 64 << 20  # 100 000 devices, each with some channels
HANDLER_SECONDS = 40.0  # a device may take 25 s to tell all its recordings
MAX_CONNECTIONS = 20_000  # one WebSocket a call
MAX_FILES = 150_000  # one a device over TCP


@dataclass(frozen=True, slots=True)
class SignalConfig:
    """What the supervisor hands over."""

    port: int  # of the control interface; 0: any free one, see the log
    credential: str = field(repr=False)  # of the web process
    media_credential: str = field(repr=False)  # of media workers: calls, and what devices have recorded
    sip_id: str  # 20 digits
    sip_domain: str
    sip_host: str = "127.0.0.1"
    sip_port: int = 5060  # 0: any free one
    sip_public_host: str = ""
    sip_tls_certificate: str = ""  # a file; empty: no port is open for TLS
    sip_tls_key: str = ""
    sip_tls_port: int = 0  # 0: any free one
    bindings_file: str = ""  # registrations, to go on with after a restart; empty: not kept
    assignment_file: str = ""
    assignment_key: str = field(default="", repr=False)  # of that file: 32 bytes in base64
    worker: str = "signal"
    host: str = "127.0.0.1"  # of the control interface
    log_level: str = "info"

    @classmethod
    def read(cls, text: bytes) -> "SignalConfig":
        """Raises ConfigError."""
        config = read_object(cls, text)
        config.check()
        return config

    def check(self) -> None:
        """Raises ConfigError."""
        if min(len(self.credential), len(self.media_credential)) < MIN_CREDENTIAL:
            raise ConfigError("a credential is too short")
        if self.credential == self.media_credential:
            raise ConfigError("media workers must not have the credential of the web process")
        if not all(0 <= port <= 65535 for port in (self.port, self.sip_port, self.sip_tls_port)):
            raise ConfigError("a port is impossible")
        if bool(self.sip_tls_certificate) != bool(self.sip_tls_key):
            raise ConfigError("sip_tls_certificate and sip_tls_key go together")
        if not ids.is_valid(self.sip_id) or not self.sip_domain:
            raise ConfigError("sip_id has 20 digits, and sip_domain is not empty")

    @property
    def identity(self) -> Identity:
        told = (self.sip_id, self.sip_domain, self.sip_host, self.sip_port, self.sip_public_host)
        return Identity(*told, self.sip_tls_port)

    @property
    def sip_ports(self) -> str:
        """For a sentence about those that cannot be had."""
        tls = f" or {self.sip_tls_port}" if self.sip_tls_certificate else ""
        return f"port {self.sip_port}{tls} on {self.sip_host}"


class Signal:
    """The routes."""

    def __init__(self, config: SignalConfig, clock: Clock) -> None:
        """Raises ConfigError, StartError."""
        self._config = config
        self._store = assignment_store(config)
        bindings = Path(config.bindings_file) if config.bindings_file else None
        self._certificates = certificates_of(config, clock)
        shown = self._certificates.certificate if self._certificates is not None else None
        self.platform = Platform(config.identity, clock, bindings, shown)
        self.streams = Streams.of(self.platform.endpoint, self.platform.book)
        self.voices = Voices.of(self.platform.endpoint, self.platform.queries, self.streams)
        self.platform.on_assigned += [self.streams.recheck, self.voices.recheck]
        self._devices = DeviceControl(self.platform)
        limits = Limits(
            body_bytes=MAX_ASSIGNMENT_BYTES, handler_seconds=HANDLER_SECONDS, connections=MAX_CONNECTIONS
        )
        self.server = HttpServer(self.handle, limits=limits)

    async def handle(self, request: Request) -> Response | Upgrade:
        parts = request.path[1:].split("/")
        if parts == ["healthz"]:
            require(request, "GET", "HEAD")
            return text_response("ok")
        if parts == ["control", "calls"]:
            self._require(request, self._config.media_credential)
            return open_call(self.streams, request)
        if parts == ["control", "voice"]:
            self._require(request, self._config.media_credential)
            return open_voice(self.voices, request)
        if self._is_workers(request) and parts[:1] + parts[-1:] == ["control", "query"]:
            return await self._devices.storage_for_worker(request, parts[1:])
        if parts[0] in ("control", "metrics"):
            self._require(request, self._config.credential)
            return await self._control(request, parts)
        raise unknown()

    def _is_workers(self, request: Request) -> bool:
        return hmac.compare_digest(request.bearer().encode(), self._config.media_credential.encode())

    def _require(self, request: Request, credential: str) -> None:
        if not hmac.compare_digest(request.bearer().encode(), credential.encode()):
            challenge = (("WWW-Authenticate", "Bearer"),)
            raise HttpProblem(401, "not_authorised", "this path wants its credential", challenge)

    async def _control(self, request: Request, parts: list[str]) -> Response:
        match parts:
            case ["metrics"]:
                require(request, "GET", "HEAD")
                return text_response(exposition(self.platform), "text/plain; version=0.0.4")
            case ["control", "state"]:
                require(request, "GET", "HEAD")
                return json_response(self.platform.state())
            case ["control", "assignment"]:
                require(request, "PUT")
                return await self._assign(request)
            case ["control", *rest]:
                return await self._devices.handle(request, rest)
            case _:
                raise unknown()

    async def _assign(self, request: Request) -> Response:
        try:
            assignment = await asyncio.to_thread(read_assignment, request.body)
        except AssignmentError as error:
            raise HttpProblem(400, "bad_assignment", str(error)) from error
        if not self.platform.assign(assignment):
            raise HttpProblem(409, "old_epoch", "a later assignment is in force")
        if self._store is not None:
            await self._store.keep(request.body, assignment.epoch)
        return Response(204)

    async def resume(self) -> None:
        """Go on with what we were told last, until somebody says otherwise. Before devices are heard: the
        first of them would be strangers.
        """
        await self.platform.load()
        kept = await self._store.load() if self._store is not None else None
        if kept is not None:
            self.platform.assign(kept)

    async def follow(self) -> None:
        """For ever: what may change while we serve."""
        if self._certificates is not None:
            await self._certificates.follow(self.platform)

    async def close(self) -> None:
        """Stop serving; devices stay registered for the next start."""
        await self.server.stop(STOP_SECONDS)
        await self.platform.stop()


def certificates_of(config: SignalConfig, clock: Clock) -> CertificateFiles | None:
    """None: no TLS. Raises StartError."""
    if not config.sip_tls_certificate:
        return None
    return CertificateFiles(Path(config.sip_tls_certificate), Path(config.sip_tls_key), clock)


def assignment_store(config: SignalConfig) -> SealedAssignment[Assignment] | None:
    """Raises ConfigError."""
    if not config.assignment_file:
        return None
    try:
        return SealedAssignment(
            Path(config.assignment_file),
            config.assignment_key,
            config.worker,
            DISK,
            read=read_assignment,
            refusals=AssignmentError,
            limit=MAX_ASSIGNMENT_BYTES + (1 << 20),
        )
    except KeyUnusable as error:
        raise ConfigError(str(error)) from error


# --- The process


async def run(config: SignalConfig) -> None:
    """Serve until SIGTERM or SIGINT. Raises StartError, ConfigError."""
    await serve(Signal(config, SystemClock()), config, told_to_stop())
    log.info("signal_stopped", worker=config.worker)


async def serve(process: Signal, config: SignalConfig, stop: asyncio.Event) -> None:
    """Devices are heard before anybody asks for them. Raises StartError."""
    where = config.sip_ports
    try:
        await process.resume()
        await process.platform.start()
        where = f"port {config.port} on {config.host}"
        await process.server.start(config.host, config.port)
    except OSError as error:
        await process.platform.stop()
        raise StartError(f"{where} cannot be had: {error.strerror}", EXIT_UNAVAILABLE) from error
    ports = {name: process.platform.state()[name] for name in ("sip_port", "sip_tls_port")}
    log.info("signal_started", worker=config.worker, port=process.server.port, **ports)
    following = asyncio.create_task(process.follow())
    await stop.wait()
    following.cancel()
    log.info("signal_stopping", worker=config.worker)
    await process.close()


def main() -> None:
    begin(SignalConfig.read, run, MAX_FILES)


if __name__ == "__main__":
    main()
