"""The media process: receives its cameras, records them, shows them live and plays them back.

``python -m bingjian.processes.media [FILE]`` with a ``MediaConfig`` as JSON in a file of mode 0600, or on
standard input. It needs nothing else to go on recording: no database, no web process, no journal.

    /healthz                      one word, for anybody
    /control/…, /metrics          the web process and the operator, with the bearer credential
    /m/<ticket>/…                 viewers, with a ticket that the door has signed
"""

import asyncio
import hmac
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import UUID

import structlog

from bingjian.clock import Clock, SteadyClock, SystemClock
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
from bingjian.processes.media_audit import Audits
from bingjian.processes.media_control import FootageControl
from bingjian.processes.media_metrics import exposition
from bingjian.processes.media_reports import Reports
from bingjian.processes.media_requests import instant_in, number_in, require, unknown, uuid_in
from bingjian.processes.media_voice import Speeches
from bingjian.protocols.gb28181.address import is_channel
from bingjian.recording import presence
from bingjian.recording.held import HeldCopies
from bingjian.recording.key_frames import MAX_STEPS
from bingjian.recording.known import KnownVolumes
from bingjian.recording.segment import Recovered
from bingjian.recording.volume import VolumeError
from bingjian.recording.volumes import Volumes, VolumeWish
from bingjian.streaming.assignment import AssignmentError, read_assignment
from bingjian.streaming.assignment_store import AssignmentStore, KeyUnusable
from bingjian.streaming.clip import Clips
from bingjian.streaming.contents import GuardedContent
from bingjian.streaming.device_playback import DevicePlayback, DeviceViewer
from bingjian.streaming.gap_filler import GapFiller, Pace
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
from bingjian.streaming.http_websocket import WebSocket
from bingjian.streaming.hub import Hub, rfc3339
from bingjian.streaming.live import Broadcast, Viewer
from bingjian.streaming.playback import BeyondTicket, Playback
from bingjian.streaming.sources.base import SourceAddress
from bingjian.streaming.sources.gb28181 import Channels
from bingjian.streaming.sources.gb_storage import GbStorage
from bingjian.streaming.sources.media_ports import ALL_ADDRESSES, MediaPorts
from bingjian.streaming.sources.receive import Sources
from bingjian.streaming.sources.signal_call import Line
from bingjian.streaming.ticket import COPIES, VOICE, Revoked, Ticket, TicketError, Turnstile
from bingjian.streaming.viewing import Viewings

log = structlog.get_logger(__name__)

EXIT_CANNOT_CREATE = 73  # sysexits.h EX_CANTCREAT: the volume cannot be recorded to
MAX_ASSIGNMENT_BYTES = 16 << 20  # 10 000 cameras of 1 KiB
MAX_TIMELINE_DAYS = 400  # a year and its margins; longer questions are a mistake
MAX_FILES = 16_384  # open at once: a connection and two files per camera, a connection per viewer
LOOK_SECONDS = 10.0  # between looks for a volume that was not there, and for new copies of held footage
ENTRY_MAX = 2**63 - 1  # the highest number of a journal entry
EARLY_SECONDS = 0.05  # live pictures of a grant stop so much before its end: none of later is under way


@dataclass(frozen=True, slots=True)
class MediaConfig:
    """What the supervisor hands over."""

    worker: str
    port: int  # 0: any free one, see the log
    volumes: list[dict[str, object]]  # path, size_bytes, reserve_bytes of each, see VolumeWish
    credential: str = field(repr=False)  # of the control interface
    holds_path: str = ""  # directory for copies of held footage; empty: none are made
    audit_days: int = 30  # in which everything stored is read again
    known_volumes: str = ""  # file that says which volume was where, see recording.known; empty: none
    assignment_file: str = ""  # the last assignment, to start from; empty: not kept
    assignment_key: str = field(default="", repr=False)  # of that file: 32 bytes in base64
    host: str = "127.0.0.1"
    log_level: str = "info"
    signal_url: str = ""  # http://host:port of the signalling process; empty: GB/T 28181 is off
    signal_credential: str = field(default="", repr=False)  # for calls
    gb_ports: list[int] = field(default_factory=lambda: [0, 0])  # first and count; 0: any free ports
    gap_fill_speed: int = 4  # of downloads from devices, times as fast as recorded; 0: gaps stay
    gap_fill_days: int = 30  # older gaps are not asked for
    gb_host: str = ""  # where devices send their media, and are told to; empty: on all addresses

    @classmethod
    def read(cls, text: bytes) -> "MediaConfig":
        """Raises ConfigError."""
        config = read_object(cls, text)
        if len(config.credential) < MIN_CREDENTIAL or not 0 <= config.port <= 65535:
            raise ConfigError("the credential is too short, or the port impossible")
        if not are_ports(config.gb_ports):
            raise ConfigError("'gb_ports' in the configuration is no range of ports")
        return config

    @property
    def wishes(self) -> list[VolumeWish]:
        """Raises ConfigError."""
        try:
            return [
                VolumeWish(
                    Path(str(one["path"])), int(str(one["size_bytes"])), int(str(one["reserve_bytes"]))
                )
                for one in self.volumes
            ]
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigError("a volume in the configuration is not what it should be") from error


def are_ports(given: list[int]) -> bool:
    """First and count of a range; or 0 for any."""
    if len(given) != 2 or not all(type(one) is int for one in given):
        return False
    first, count = given
    return first == 0 or (first > 0 and count > 0 and first + count <= 65536)


def channels_of(config: MediaConfig, clock: Clock) -> Channels | None:
    """None: GB/T 28181 is off."""
    if not config.signal_url:
        return None
    first, count = config.gb_ports
    ports = MediaPorts(clock, config.gb_host or ALL_ADDRESSES, first, count)
    return Channels(line_of(config), ports, config.gb_host)


def line_of(config: MediaConfig) -> Line:
    return Line(config.signal_url, config.signal_credential)


def filler_of(config: MediaConfig, hub: Hub, channels: Channels | None, clock: Clock) -> GapFiller | None:
    """None: there is no device that could be asked."""
    if channels is None:
        return None
    pace = Pace(config.gap_fill_speed, config.gap_fill_days)
    return GapFiller(hub, GbStorage(line_of(config), channels, clock), clock, pace)


def source_out(source: Recovered) -> dict[str, str]:
    """Where footage was fetched from, and when."""
    at = rfc3339(source.fetched_90k)
    return {"device": source.device, "channel": source.channel, "fetched_at": at}


class Media:
    """The routes."""

    def __init__(self, config: MediaConfig, volumes: Volumes, clock: Clock) -> None:
        """Raises ConfigError."""
        self._config = config
        self._store = assignment_store(config)
        self._steady = SteadyClock(clock)  # no ticket lives again because somebody set the clock back
        self.sources = Sources(channels_of(config, clock))
        self.hub = Hub(volumes, worker=config.worker, clock=clock, receive=self.sources.receive)
        self.filler = filler_of(config, self.hub, self.sources.channels, clock)
        self.playback = Playback(volumes, clock)
        self.clips = Clips(volumes)
        self._clock = clock
        self.devices: set[DeviceViewer] = set()  # those who look at what devices have stored themselves
        self._audits = Audits(clock, config.audit_days)
        area = Path(config.holds_path) if config.holds_path else None
        self._footage = FootageControl(self.hub, area, self._audits.period_s)
        self.turnstile = Turnstile()
        self.viewings = Viewings(self.turnstile, self._steady, self.is_revoked)
        self.reports = Reports(self.viewings, clock)
        self.speeches = Speeches(self.hub, self.sources.channels, self.reports, clock)
        self.server = HttpServer(
            self.handle, limits=Limits(body_bytes=MAX_ASSIGNMENT_BYTES), origins=self._origins
        )

    def _origins(self) -> frozenset[str]:
        return self.hub.assignment.origins if self.hub.assignment is not None else frozenset()

    async def handle(self, request: Request) -> Response | Upgrade:
        parts = request.path[1:].split("/")
        if parts[0] == "m" and len(parts) == 3:
            return await self._media(request, parts[1], parts[2])
        if parts == ["healthz"]:
            require(request, "GET", "HEAD")
            return text_response("ok")
        if parts[0] in ("control", "metrics"):
            return await self._control(request, parts)
        raise unknown()

    # --- For the web process

    async def _control(self, request: Request, parts: list[str]) -> Response:
        if not hmac.compare_digest(request.bearer().encode(), self._config.credential.encode()):
            self.reports.note_refused("bad_credential", request.peer)
            challenge = (("WWW-Authenticate", "Bearer"),)
            raise HttpProblem(401, "not_authorised", "this path wants its credential", challenge)
        match parts:
            case ["metrics"]:
                require(request, "GET", "HEAD")
                return text_response(exposition(self.hub, self.server), "text/plain; version=0.0.4")
            case ["control", "state"]:
                require(request, "GET", "HEAD")
                return json_response(self.hub.state())
            case ["control", "assignment"]:
                require(request, "PUT")
                return await self._assign(request)
            case ["control", "reports"]:
                return await self.reports.handle(request)
            case ["control", "cameras", camera, "timeline"]:
                require(request, "GET", "HEAD")
                return await self._timeline(request, uuid_in(camera))
            case ["control", "cameras", camera, "voice"]:
                require(request, "DELETE")
                self.speeches.withdraw(uuid_in(camera), number_in(request, "up_to", 0, ENTRY_MAX))
                return Response(204)
            case ["control", "cameras", camera, "picture"]:
                require(request, "GET", "HEAD")
                return await self._picture(request, uuid_in(camera))
            case ["control", "cameras", camera, "key-frames"]:
                require(request, "GET", "HEAD")
                start_90k, end_90k = instant_in(request, "start"), instant_in(request, "end")
                steps = number_in(request, "steps", 1, MAX_STEPS)
                return await self.clips.key_frames(uuid_in(camera), start_90k, end_90k, steps)
            case ["control", *rest]:
                return await self._footage.handle(request, rest)
            case _:
                raise unknown()

    async def _assign(self, request: Request) -> Response:
        try:
            assignment = read_assignment(request.body)
        except AssignmentError as error:
            raise HttpProblem(400, "bad_assignment", str(error)) from error
        if not await asyncio.shield(self.hub.assign(assignment)):
            raise HttpProblem(409, "old_epoch", "a later assignment is in force")
        self._audits.begin(self.hub.volumes, assignment.receipt_key)
        self.each_second()  # whoever watches under a grant that it revokes is shown out at once
        if self._store is not None:
            await self._store.keep(request.body, assignment.epoch)
        return Response(204)

    async def resume(self) -> None:
        """Go on with what we were told last, until somebody says otherwise."""
        kept = await self._store.load() if self._store is not None else None
        if kept is not None:
            await self.hub.assign(kept)
            self._audits.begin(self.hub.volumes, kept.receipt_key)

    async def _timeline(self, request: Request, camera: UUID) -> Response:
        start_90k, end_90k = instant_in(request, "start"), instant_in(request, "end")
        if not 0 <= end_90k - start_90k <= MAX_TIMELINE_DAYS * 86_400 * 90_000:
            raise HttpProblem(400, "bad_interval", f"an interval has 0 to {MAX_TIMELINE_DAYS} days")
        resolution_90k = number_in(request, "resolution_ms", 0, 86_400_000, default=0) * 90
        spans = await self.playback.spans(camera, start_90k, end_90k)
        return json_response(
            {
                "spans": [
                    {
                        "start": rfc3339(span.start_90k),
                        "end": rfc3339(span.end_90k),
                        "kind": span.kind,
                        "cause": span.cause and span.cause.value,
                        "detail": span.detail,
                        "recovered_from": span.recovered_from,
                        "recovered": span.source and source_out(span.source),
                    }
                    for span in presence.coarse(spans, resolution_90k)
                ]
            }
        )

    async def _picture(self, request: Request, camera: UUID) -> Response:
        at_90k = instant_in(request, "at")
        picture = await self.playback.picture(camera, at_90k)
        if picture is None:
            problem = HttpProblem(404, "no_picture", "there is no picture of this instant")
            return problem.response(cause=await self._cause_at(camera, at_90k))
        taken = (("X-Picture-Time", rfc3339(picture.at_90k)),)
        return Response(200, picture.init + picture.fragments, "video/mp4", taken)

    async def _cause_at(self, camera: UUID, at_90k: int) -> str | None:
        """Why there is nothing, if it is known."""
        spans = await self.playback.spans(camera, at_90k, at_90k + 1)
        return next((span.cause.value for span in spans if span.cause is not None), None)

    # --- For viewers

    async def _media(self, request: Request, text: str, name: str) -> Response | Upgrade:
        ticket = self._ticket(text, request.peer)
        try:
            return await self._opened(request, ticket, text, name)
        except HttpProblem as problem:
            if is_beyond(problem):
                self.reports.note_refused("other_ticket", request.peer, ticket.entry)
            raise

    async def _opened(self, request: Request, ticket: Ticket, text: str, name: str) -> Response | Upgrade:
        if ticket.kind == "live" and name == "live":
            require(request, "GET")
            return self._live(ticket, text)
        if ticket.kind == "device" and name == "live":
            require(request, "GET")
            return self._device(ticket, text, dict(request.query).get("at_ms", ""))
        if ticket.kind == VOICE:
            if name != "voice":
                raise unknown()
            return self.speeches.open(ticket, request)
        if name == "heartbeat":
            require(request, "POST")
            return Response(204)
        require(request, "GET", "HEAD")
        return self._while_held(ticket, await self._stored(request, ticket, name), text)

    async def _stored(self, request: Request, ticket: Ticket, name: str) -> Response:
        if ticket.kind in COPIES:
            return await self.clips.answer(request, ticket, name)
        if ticket.kind == "playback":
            return await self._played(request, ticket, name)
        raise unknown()

    def _while_held(self, ticket: Ticket, answer: Response, text: str) -> Response:
        """What is on its way stops when the look or its grant ends, or when its camera is given masks."""
        if isinstance(answer.body, bytes):
            return answer
        body = GuardedContent(answer.body, lambda: self._goes_on(ticket, text))
        return replace(answer, body=body)

    def _goes_on(self, ticket: Ticket, text: str) -> bool:
        if self.is_masked(ticket):
            return False
        if ticket.kind in COPIES:
            is_over = bool(ticket.grant) and self.now() >= ticket.expires
            return not (is_over or self.is_revoked(ticket))
        return self.viewings.holds(text)

    def _ticket(self, text: str, address: str) -> Ticket:
        """Every request is a sign of life."""
        if self.hub.assignment is None:
            raise HttpProblem(503, "not_assigned", "this worker has just started; try again")
        try:
            ticket = self.viewings.enter(text, self.hub.assignment.ticket_key, address)
            if self.is_revoked(ticket):
                raise Revoked("the right to look has been taken away", ticket)
            if self.is_masked(ticket):
                raise Masked("this camera is shown masked: open it again", ticket)
        except TicketError as error:
            log.info("ticket_refused", reason=str(error), entry=error.opening)
            self.reports.note_refused(error.sign, address, error.opening)
            code = "masked" if isinstance(error, Masked) else "ticket_refused"
            raise HttpProblem(403, code, str(error)) from error
        return ticket

    def is_revoked(self, ticket: Ticket) -> bool:
        """Whether its grant ended early, its camera was closed, or its person's rights have changed since."""
        told = self.hub.assignment
        if told is None:
            return False
        has_changed = ticket.signed_at <= told.changed_people.get(ticket.person, -1)
        return has_changed or ticket.grant in told.revoked_grants or ticket.camera in told.closed_cameras

    def is_masked(self, ticket: Ticket) -> bool:
        """Whether what it opens is the masked rendition, which is not made here; or the camera has been given
        masks since it was signed.
        """
        if ticket.kind == VOICE:
            return False  # shows nothing
        camera = self.hub.cameras.get(UUID(ticket.camera))
        return ticket.masks != "" or (camera is not None and camera.assigned.masked and not ticket.unmask)

    def _live(self, ticket: Ticket, text: str) -> Upgrade:
        camera = self.hub.cameras.get(UUID(ticket.camera))
        stream = camera.watched(ticket.role) if camera is not None else None
        if stream is None:
            raise HttpProblem(404, "no_such_stream", "this worker does not have that stream")
        broadcast = stream.broadcast
        who = {"person": ticket.person, "entry": ticket.entry}
        log.info("viewer_came", camera=ticket.camera, role=ticket.role, **who)
        return Upgrade(lambda socket: self._watching(socket, broadcast, LiveTicket(self, ticket, text)))

    def _watching(self, socket: WebSocket, broadcast: Broadcast, right: "LiveTicket") -> Viewer:
        """Under a grant they are shown out before its last second has passed, not at the next look around."""
        viewer = Viewer(socket, broadcast, right)
        self.viewings.joined(right.text)
        if right.ticket.grant:
            left_s = max(0.0, right.ticket.expires - self.now() - EARLY_SECONDS)
            asyncio.get_running_loop().call_later(left_s, viewer.close, "the grant has ended")
        return viewer

    def _device(self, ticket: Ticket, text: str, at_ms: str) -> Upgrade:
        """A device's own storage, played for this viewer alone. Never under a grant, never masked.

        ``at_ms``: where to begin; what is no place in the window is its beginning.
        """
        camera, channels = self.hub.cameras.get(UUID(ticket.camera)), self.sources.channels
        if ticket.grant or ticket.masks:
            raise HttpProblem(403, "ticket_refused", "a device's own storage is shown neither so nor masked")
        if camera is None or channels is None or not is_channel(camera.assigned.main.url):
            raise HttpProblem(404, "no_such_stream", "this worker knows no such device")
        window_90k = ticket.start_90k, ticket.end_90k
        at_90k = int(at_ms) * 90 if at_ms.isascii() and at_ms.isdigit() and len(at_ms) < 16 else 0
        playback = DevicePlayback(camera.assigned.main, window_90k, channels, self._clock, at_90k)
        log.info("device_viewer_came", camera=ticket.camera, person=ticket.person, entry=ticket.entry)
        right = DeviceTicket(self, ticket, text, camera.assigned.main)
        return Upgrade(lambda socket: self._playing(socket, playback, right))

    def _playing(self, socket: WebSocket, playback: DevicePlayback, right: "DeviceTicket") -> DeviceViewer:
        viewer = DeviceViewer(socket, playback, right)
        self.viewings.joined(right.text)
        self.devices = {*self.devices, viewer}
        playback.start()
        return viewer

    async def _played(self, request: Request, ticket: Ticket, name: str) -> Response:
        stem, _, suffix = name.rpartition(".")
        if name == "index.m3u8":
            return await self.playback.playlist(ticket)
        if suffix == "mp4" and stem.startswith("init-"):
            return await self.playback.init(ticket, stem.removeprefix("init-"))
        if suffix == "mp4" and stem.startswith("edge-"):
            return await self.playback.edge(request, ticket, stem.removeprefix("edge-"))
        if suffix == "mp4":
            return await self.playback.segment(request, ticket, stem)
        raise unknown()

    def now(self) -> float:
        return self._steady.utc_ns() / 1e9

    # --- Running

    def each_second(self) -> None:
        """Viewers whose ticket has ended are shown out."""
        self.turnstile.sweep(self.now())
        self.viewings.sweep()
        self.speeches.each_second(self.is_revoked)
        self.reports.each_second()
        for viewer in self.hub.viewers():
            show_out(viewer)
        for looking in self.devices:
            looking.playback.tick()
            show_out(looking)
        self.devices = {looking for looking in self.devices if not looking.playback.is_left}

    async def close(self) -> None:
        """Stop serving and receiving; everything received is durable when this returns."""
        for looking in self.devices:
            looking.playback.leave()
        self.speeches.close()
        await asyncio.gather(self.server.stop(STOP_SECONDS), self.hub.close())
        await asyncio.gather(*(looking.playback.ended() for looking in self.devices))
        self.playback.close()
        self.clips.close()
        self._footage.close()
        self._audits.stop()


class Masked(Revoked):
    """What it opens is shown masked by now, and not from here."""


def is_beyond(problem: HttpProblem) -> bool:
    """Whether something was asked for that the ticket opens not, or that no ticket of its kind does."""
    return isinstance(problem, BeyondTicket) or problem.code == unknown().code


@dataclass(frozen=True, slots=True)
class LiveTicket:
    """A viewer's right to go on watching."""

    media: Media
    ticket: Ticket
    text: str = field(repr=False)

    def renew(self) -> None:
        self.media.viewings.renew(self.text)

    def holds(self) -> bool:
        return not self.media.is_masked(self.ticket) and self.media.viewings.holds(self.text)

    def left(self) -> None:
        self.media.viewings.left(self.text)


@dataclass(frozen=True, slots=True)
class DeviceTicket(LiveTicket):
    """The same for a device's own storage: as long as the camera is that channel."""

    channel: SourceAddress

    def holds(self) -> bool:
        camera = self.media.hub.cameras.get(UUID(self.ticket.camera))
        is_there = camera is not None and camera.assigned.main == self.channel
        return is_there and LiveTicket.holds(self)


def show_out(viewer: Viewer) -> None:
    """If the right to look has ended."""
    if not viewer.right.holds():
        viewer.close("the ticket has ended")


# --- The process


async def run(config: MediaConfig) -> None:
    """Serve until SIGTERM or SIGINT. Raises StartError."""
    stop = told_to_stop()
    clock = SystemClock()
    volumes = await asyncio.to_thread(open_volumes, config, clock)
    try:
        await serve(Media(config, volumes, clock), config, stop)
    finally:
        await asyncio.to_thread(volumes.close)
    log.info("media_stopped", worker=config.worker)


def open_volumes(config: MediaConfig, clock: Clock) -> Volumes:
    """Blocks: repairs what a crash has left. Raises StartError and ConfigError."""
    known = KnownVolumes(Path(config.known_volumes)) if config.known_volumes else None
    try:
        volumes = Volumes.open(config.wishes, clock=clock, known=known)
        volumes.held = HeldCopies(Path(config.holds_path) if config.holds_path else None)
        volumes.held.refresh()
        return volumes
    except VolumeError as error:
        raise StartError(str(error), EXIT_CANNOT_CREATE) from error


def assignment_store(config: MediaConfig) -> AssignmentStore | None:
    """Raises ConfigError."""
    if not config.assignment_file:
        return None
    try:
        return AssignmentStore(Path(config.assignment_file), config.assignment_key, config.worker)
    except KeyUnusable as error:
        raise ConfigError(str(error)) from error


async def serve(media: Media, config: MediaConfig, stop: asyncio.Event) -> None:
    """From the first connection taken to the last sample durable. Raises StartError."""
    try:
        await media.server.start(config.host, config.port)
    except OSError as error:
        where = f"port {config.port} on {config.host}"
        raise StartError(f"{where} cannot be had: {error.strerror}", EXIT_UNAVAILABLE) from error
    log.info("media_started", worker=config.worker, port=media.server.port)
    await media.resume()
    ticking = asyncio.create_task(media.hub.run(media.each_second))
    looking = asyncio.create_task(look_around(media.hub.volumes))
    filling = asyncio.create_task(media.filler.run()) if media.filler is not None else None
    await stop.wait()
    log.info("media_stopping", worker=config.worker)
    ticking.cancel()
    looking.cancel()
    if filling is not None:
        await ended(filling)
    await media.close()


async def ended(filling: asyncio.Task[None]) -> None:
    """What was being fetched is durable as far as it came, before the volumes close."""
    filling.cancel()
    await asyncio.wait([filling])


async def look_around(volumes: Volumes) -> None:
    """Volumes that could not be opened are tried again, and copies that other workers made seen, for ever."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        if volumes.closed:
            await asyncio.to_thread(volumes.reopen)
        await asyncio.to_thread(volumes.held.refresh)


def main() -> None:
    begin(MediaConfig.read, run, MAX_FILES)


if __name__ == "__main__":
    main()
