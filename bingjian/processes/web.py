"""The web process: API, browser application, journal; the only writer of the platform database.

``python -m bingjian.processes.web`` with a ``WebConfig`` as JSON on standard input.
"""

import asyncio
import contextlib
import json
import os
import secrets
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
import structlog
import uvicorn
import uvloop

import bingjian
from bingjian import telemetry
from bingjian.access.closing import Closing
from bingjian.access.door import Door
from bingjian.access.first import FirstAdministrator
from bingjian.access.guard import Guard
from bingjian.access.known_devices import KnownDevices
from bingjian.access.masking import Covering, Masking
from bingjian.access.passwords import Hasher
from bingjian.access.provider import Provider, ProviderWish
from bingjian.access.provider_sign_in import ProviderSignIn
from bingjian.access.second_factor import Factors
from bingjian.access.service import CONSOLE, People
from bingjian.access.sessions import Sessions
from bingjian.access.viewings import Viewings
from bingjian.api.app import create_app
from bingjian.api.parts import Parts
from bingjian.api.platform import Platform
from bingjian.clock import Clock, SteadyClock, SystemClock
from bingjian.db.errors import DatabaseError
from bingjian.db.platform import next_epoch
from bingjian.db.session import Database
from bingjian.db.state import StateInUse, key_file, state_lock, token_file, write_private
from bingjian.entries import PlatformStarted
from bingjian.imaging.client import Imaging, Tiles
from bingjian.inventory.deliveries import Deliveries
from bingjian.inventory.errors import InventoryError
from bingjian.inventory.gb28181.service import Gb28181, Listens
from bingjian.inventory.gb28181.signal_client import SignalPlace
from bingjian.inventory.gb28181.turntable import turntable_of
from bingjian.inventory.renditions import Knowledge, Renditions
from bingjian.inventory.service import Cameras
from bingjian.inventory.vault import Vault
from bingjian.inventory.workers import Worker, Workers
from bingjian.journal.append import Journal
from bingjian.journal.clock_watch import ClockWatch
from bingjian.journal.errors import JournalError
from bingjian.journal.witnessing import Witnessing
from bingjian.processes.guarded_http import CONNECTIONS_MAX, GuardedProtocol
from bingjian.processes.web_config import EXIT_CONFIG, SignalConfig, WebConfig
from bingjian.retention.remote import WorkerStores
from bingjian.retention.removal import Signer
from bingjian.retention.service import Retention
from bingjian.settings import Settings
from bingjian.streaming.sources.base import SourceAddress

CONSOLE_NAME = "console.json"
CLOCK_STEP_S = 1  # what is less is the keeping of time, not its setting
CLOCK_EVERY_S = 5.0
GRACE_SECONDS = 3  # for answers under way when we are told to stop
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Services:
    """The parts that need no other process: what a command may use while the platform isn't running."""

    database: Database
    journal: Journal
    people: People
    sessions: Sessions
    factors: Factors
    cameras: Cameras
    vault: Vault
    ticket_key: bytes
    signer: Signer


@asynccontextmanager
async def open_services(settings: Settings, clock: Clock) -> AsyncIterator[Services]:
    """Take the state directory and open what is in it.

    Raises:
        StateInUse: the platform is running; ask it instead.
        DatabaseError, JournalError, InventoryError, OSError: with one plain sentence each.
    """
    with state_lock(settings.run_dir):
        vault = Vault(key_file(settings.keys_dir / "cameras.key"))
        database = Database(settings.effective_database_url)
        try:
            await database.migrate()
            journal = Journal.open(settings.journal_dir, clock, origin=settings.journal_origin)
            try:
                hasher = Hasher()
                factors = Factors(database, journal, vault, clock, settings.second_factor)
                devices = KnownDevices(key_file(settings.keys_dir / "devices.key"))
                guard = Guard(database, journal, clock, devices)
                yield Services(
                    database,
                    journal,
                    People(database, journal, hasher, clock, settings.oidc_issuer),
                    Sessions(database, journal, hasher, clock, factors, guard),
                    factors,
                    Cameras(database, journal, vault, clock),
                    vault,
                    key_file(settings.keys_dir / "tickets.key"),
                    Signer.of_file(settings.keys_dir / "removal.key"),
                )
            finally:
                journal.close()
        finally:
            await database.close()


async def run(config: WebConfig, clock: SteadyClock) -> None:
    """Serve until SIGTERM or SIGINT."""
    settings = config.settings
    async with open_services(settings, clock) as services:
        listener = listen(settings.host, settings.port)
        port = int(listener.getsockname()[1])
        epoch = await next_epoch(services.database)
        clock_watch = ClockWatch(services.journal, clock.wall, str(CONSOLE))
        await services.journal.append(PlatformStarted(str(CONSOLE), bingjian.__version__, epoch))
        async with (
            httpx.AsyncClient(trust_env=False) as http,
            open_platform(config, services, clock, epoch, port) as platform,
        ):
            witnessing = witnessing_of(settings, services.journal, http)
            working = [
                asyncio.create_task(platform.retention.run(platform.workers.assign_all)),
                asyncio.create_task(Deliveries(platform.workers, platform.journal).run()),
                asyncio.create_task(viewings_of(config, services, platform).run()),
                asyncio.create_task(clock_watch.run()),
                asyncio.create_task(platform.parts.raising.run()),
                asyncio.create_task(platform.parts.control.run()),
                asyncio.create_task(platform.parts.clockwork.run()),
                asyncio.create_task(platform.parts.refused_uploads.run()),
                asyncio.create_task(platform.gb.keep_fresh()),
                asyncio.create_task(platform.gb.follow()),
            ]
            if witnessing is not None:
                working.append(asyncio.create_task(witnessing.run()))
            try:
                listener.listen()  # whoever reads how to ask us waits, and is not refused
                with console_file(settings, port, platform.console_token):
                    await serve(platform, listener, behind_proxy=settings.public_url is not None)
            finally:
                for task in working:
                    task.cancel()
                _, late = await asyncio.wait(working, timeout=GRACE_SECONDS)
                if late:
                    log.warning("work_goes_on", tasks=len(late), after_s=GRACE_SECONDS)


def viewings_of(config: WebConfig, services: Services, platform: Platform) -> Viewings:
    """Who follows the looks that media workers tell of, and the imaging process of masked pictures."""
    imaging = Worker("imaging", config.imaging_url, "", config.imaging_credential)
    told = services.database, platform.journal, platform.workers, platform.parts.register
    return Viewings(*told, platform.clock, [imaging])


def witnessing_of(settings: Settings, journal: Journal, http: httpx.AsyncClient) -> Witnessing | None:
    """Who shows checkpoints to the witness, if one is set. Raises JournalBroken."""
    if settings.witness_url is None or settings.witness_key is None:
        return None
    return Witnessing.of(journal, settings.witness_url, settings.witness_key, http)


@asynccontextmanager
async def open_platform(
    config: WebConfig, services: Services, clock: Clock, epoch: int, port: int
) -> AsyncIterator[Platform]:
    """The platform over its services, watching its media workers."""
    settings = config.settings
    workers = Workers(
        [Worker(one.name, one.control_url, one.public_url, one.credential) for one in config.workers],
        services.cameras,
        clock,
        epoch=epoch,
        ticket_key=services.ticket_key,
        origins=settings.origins(port),
        receipt_key=services.signer.public_key,
    )
    retention = Retention(
        services.database,
        services.journal,
        services.cameras,
        WorkerStores(workers),
        services.signer,
        clock,
    )
    workers.pauses = retention.pauses.in_force
    workers.released_holds = retention.holds.released
    imaging = Imaging(config.imaging_url, config.imaging_credential)

    async def decode(fmp4: bytes, at_90k: int, covering: Covering) -> bytes:
        return await imaging.jpeg_of(fmp4, at_90k, covering.params)

    async def tile(movies: bytes, columns: int, width: int, covering: Covering) -> Tiles:
        return await imaging.sprite_of(movies, columns, width, covering.params)

    async def look_at(address: SourceAddress) -> object:
        from bingjian.streaming.sources.probe import probe  # rarely asked for: loaded when it is

        return await probe(address, clock)

    parts = Parts.open(
        services.database,
        services.journal,
        clock,
        settings.state_dir,
        settings.measures_published,
        settings.training,
    )
    gb = gb28181_of(config, services, parts, clock, epoch)
    gb.attend(workers, parts.banning.stopped)
    workers.revoked = parts.grants.revoked
    workers.hidden = parts.picture_masks.hidden
    told = services.database, clock, parts.lawbook.at
    workers.closed = Closing(*told, is_marked=settings.marked_domain).cameras
    renditions = Renditions(
        Knowledge(
            config.imaging_url,
            config.imaging_credential,
            epoch,
            services.ticket_key,
            settings.origins(port),
        ),
        parts.picture_masks,
        services.cameras,
        workers,
        parts.grants.masking,
        parts.grants.revoked,
        services.people.changed_lately,
    )
    workers.told = renditions.assign
    workers.changed = services.people.changed_lately
    parts.control.turntable_of = partial(turntable_of, gb.client)
    parts.device_recordings.signal = gb.client
    parts.control.hush = workers.hush
    await parts.prepare()
    provider = provider_of(settings, services, clock)
    watching = [asyncio.create_task(one) for one in (workers.watch(), renditions.watch())]
    try:
        yield Platform(
            clock=clock,
            people=services.people,
            sessions=services.sessions,
            factors=services.factors,
            first=FirstAdministrator(
                services.database, services.journal, services.people, services.sessions.guard, clock
            ),
            door=Door(
                services.journal,
                workers,
                decode,
                clock,
                services.ticket_key,
                tile,
                parts.grants,
                parts.lawbook.at,
                Masking(parts.picture_masks, parts.lawbook.at, renditions.require_room),
                is_marked=settings.marked_domain,
            ),
            masked_url=config.masked_url,
            cameras=services.cameras,
            workers=workers,
            journal=services.journal,
            retention=retention,
            parts=parts,
            gb=gb,
            admission=settings.admission,
            probe=look_at,
            console_token=secrets.token_urlsafe(32),
            metrics_token=token_file(settings.state_dir / "metrics.token"),
            origins=tuple(settings.origins(port)),
            provider=provider,
            web_root=web_root(),
        )
    finally:
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
        await parts.control.close()
        await workers.close()
        await renditions.close()
        await imaging.close()
        await gb.close()
        if provider is not None:
            await provider.provider.close()


def listens_of(told: SignalConfig) -> Listens:
    return Listens(told.sip_id, told.sip_domain, told.sip_host, told.sip_port, told.sip_tls_port)


def gb28181_of(config: WebConfig, services: Services, parts: Parts, clock: Clock, epoch: int) -> Gb28181:
    """Devices of GB/T 28181; without a signal process they can be looked at, and nothing comes of them."""
    told = config.signal
    place = SignalPlace(told.url, told.credential) if told else None
    listens = listens_of(told) if told else None
    return Gb28181(
        services.database,
        services.journal,
        services.vault,
        services.cameras,
        parts.camera_files,
        clock,
        parts.lawbook.at,
        place,
        epoch,
        listens,
    )


def provider_of(settings: Settings, services: Services, clock: Clock) -> ProviderSignIn | None:
    """Sign-in by the city's identity provider, if one is set. Raises OSError: no secret can be read."""
    if settings.oidc_issuer is None or settings.oidc_client_id is None:
        return None
    wish = ProviderWish(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=secret_of(settings.oidc_client_secret_file),
        label=settings.oidc_label,
        takes_factor=settings.oidc_second_factor == "provider",
        acr=settings.oidc_acr,
    )
    key = key_file(settings.keys_dir / "provider.key")
    told = services.database, services.journal, services.sessions, clock, key
    return ProviderSignIn(Provider(wish, clock), *told)


def secret_of(path: Path | None) -> str:
    """The first line of a file. Raises OSError: none there."""
    lines = path.read_text(encoding="utf-8").splitlines() if path is not None else []
    secret = lines[0].strip() if lines else ""
    if not secret:
        raise OSError(f"{path} holds no client secret of the identity provider")
    return secret


async def serve(platform: Platform, listener: socket.socket, *, behind_proxy: bool) -> None:
    """uvicorn on our socket, its own log lines off: the front door writes them.

    Args:
        behind_proxy: believe a proxy on this machine about who asks (X-Forwarded-For).
    """
    server = QuietServer(
        uvicorn.Config(
            create_app(platform),
            loop="uvloop",
            http=GuardedProtocol,
            limit_concurrency=CONNECTIONS_MAX,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=behind_proxy,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )

    def stop() -> None:
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    log.info("web_started", port=listener.getsockname()[1])
    await server.serve(sockets=[listener])


class QuietServer(uvicorn.Server):
    """uvicorn's server; signals are ours, for it would raise them again and end us before we clean up."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen(host: str, port: int) -> socket.socket:
    """A bound socket. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    return listener


@contextlib.contextmanager
def console_file(settings: Settings, port: int, token: str) -> Iterator[None]:
    """While we serve, whoever may read the state directory finds out how to ask us."""
    path = settings.run_dir / CONSOLE_NAME
    text = json.dumps({"url": settings.local_url(port), "token": token, "pid": os.getpid()})
    write_private(path, text.encode())
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def web_root() -> Path | None:
    """The built web application, if it is in the package."""
    root = Path(bingjian.__file__).parent / "_web"
    return root if (root / "index.html").is_file() else None


def main() -> None:
    config = WebConfig.model_validate_json(sys.stdin.buffer.read())
    telemetry.configure("web", config.settings.log_level, config.settings.log_file)
    try:
        uvloop.run(run(config, SteadyClock(SystemClock())))
    except (StateInUse, DatabaseError, JournalError, InventoryError, OSError) as error:
        log.error("web_cannot_start", error=str(error))
        sys.exit(EXIT_CONFIG)


if __name__ == "__main__":
    main()
