"""``serve``: one web, N media, one imaging process, and one for signalling if GB/T 28181 is on.

Each child gets its configuration, with a credential made for this run, on standard input: never as an
argument, where every user of the machine could read it.
"""

import asyncio
import base64
import contextlib
import ctypes
import json
import secrets
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx
import structlog

from bingjian.clock import Clock, SystemClock
from bingjian.db.state import PRIVATE_DIRECTORY, StateInUse, key_file, state_lock
from bingjian.processes.web_config import EXIT_CONFIG, SignalConfig, WebConfig, WorkerConfig
from bingjian.settings import WILDCARDS, Settings

EXIT_UNAVAILABLE = 69  # sysexits.h EX_UNAVAILABLE: a port is taken
EXIT_CANNOT_CREATE = 73  # EX_CANTCREAT: a path cannot be written
EXIT_TRY_LATER = 75  # EX_TEMPFAIL: already running

STOP_SECONDS = 9.0  # for a clean stop; then the rest is killed, so that ten are never exceeded
RESTART_FIRST = 0.5  # seconds; doubled by each further failure …
RESTART_MAX = 30.0  # … up to this
STEADY_SECONDS = 60.0  # a child that lived so long starts over with the first delay
READY_SECONDS = 60.0  # for a slow disk's first migration
READY_POLL = 0.05
PR_SET_PDEATHSIG = 1  # linux/prctl.h
LIBC = ctypes.CDLL(None, use_errno=True)

log = structlog.get_logger()


class CannotStart(Exception):
    """The platform cannot start; carries one plain sentence and the exit code."""

    def __init__(self, sentence: str, exit_code: int) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code


@dataclass(frozen=True, slots=True)
class Plan:
    """Who runs where; fixed for this run."""

    web: WebConfig
    media: tuple[dict[str, object], ...] = field(repr=False)
    imaging: dict[str, object] = field(repr=False)
    signal: dict[str, object] | None = field(default=None, repr=False)  # None: GB/T 28181 is off

    @property
    def url(self) -> str:
        """Where a browser on this machine finds us."""
        return self.web.settings.local_url(self.web.settings.port)


class Child:
    """One child process, started again with growing patience whenever it ends by itself."""

    def __init__(
        self, name: str, module: str, config: str, clock: Clock, log_file: Path | None = None
    ) -> None:
        """``log_file`` receives the child's standard error; None: it shares ours."""
        self.name = name
        self._module = module
        self._config = config
        self._clock = clock
        self._log_file = log_file
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def keep_running(self) -> int:
        """Until ``stop``, or until it says that starting again would not help; returns its last exit code."""
        delay = RESTART_FIRST
        while True:
            begun_ns = self._clock.monotonic_ns()
            code = await self._run_once()
            if self._stopping or code == EXIT_CONFIG:
                return code
            if self._clock.monotonic_ns() - begun_ns > STEADY_SECONDS * 1e9:
                delay = RESTART_FIRST
            log.error("child_ended", child=self.name, exit_code=code, again_in_s=delay)
            await asyncio.sleep(delay)
            if self._stopping:
                return code
            delay = min(delay * 2, RESTART_MAX)

    async def _run_once(self) -> int:
        with contextlib.ExitStack() as held:
            errors = held.enter_context(self._log_file.open("ab")) if self._log_file else None
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                self._module,
                stdin=asyncio.subprocess.PIPE,
                stderr=errors,
                start_new_session=True,  # a Ctrl-C at the terminal is ours to pass on
                preexec_fn=end_with_parent,
            )
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            await self._process.communicate(self._config.encode())
        return await self._process.wait()

    def stop(self) -> None:
        """Ask it to end cleanly."""
        self._stopping = True
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)


def end_with_parent() -> None:
    """In the child, before it begins: be asked to end should the supervisor die without a word (prctl(2))."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


async def serve(
    settings: Settings, *, on_ready: Callable[[str], None] | None = None, stop: asyncio.Event | None = None
) -> int:
    """Run the platform until SIGTERM, SIGINT or ``stop``.

    Args:
        on_ready: called once with the URL when web answers and every media worker has its cameras.
        stop: for callers that end the platform themselves; signals set it too.

    Returns:
        The exit code: 0 after a clean stop.

    Raises:
        CannotStart: one plain sentence and the exit code.
    """
    stop = stop or asyncio.Event()
    with prepared(settings), signals_set(stop), contextlib.ExitStack() as held:
        plan = plan_for(settings, held)
        child = partial(Child, clock=SystemClock(), log_file=settings.log_file)
        children = [
            child("web", "bingjian.processes.web", plan.web.model_dump_json()),
            child("imaging", "bingjian.processes.imaging", json.dumps(plan.imaging)),
            *(child(str(one["worker"]), "bingjian.processes.media", json.dumps(one)) for one in plan.media),
        ]
        if plan.signal is not None:
            children.append(child("signal", "bingjian.processes.signal", json.dumps(plan.signal)))
        return await supervise(children, plan.url, on_ready, stop)


async def supervise(
    children: list[Child], url: str, on_ready: Callable[[str], None] | None, stop: asyncio.Event
) -> int:
    """Keep the children running until ``stop``, or until one cannot run at all."""
    running = {asyncio.create_task(child.keep_running()): child for child in children}
    stopped = asyncio.create_task(stop.wait())
    ready = asyncio.create_task(announce(url, on_ready))
    try:
        done, _ = await asyncio.wait([stopped, *running], return_when=asyncio.FIRST_COMPLETED)
        failed = [running[task].name for task in done if task in running]
    finally:
        stopped.cancel()
        ready.cancel()
        await end(running)
    if failed and not stop.is_set():
        raise CannotStart(f"the {failed[0]} process cannot run; its last line says why", EXIT_CONFIG)
    return 0


async def end(running: dict[asyncio.Task[int], Child]) -> None:
    """Stop every child, the patient way first."""
    for child in running.values():
        child.stop()
    _, late = await asyncio.wait(running, timeout=STOP_SECONDS)
    for task in late:
        log.error("child_killed", child=running[task].name)
        running[task].kill()
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def announce(url: str, on_ready: Callable[[str], None] | None) -> None:
    """Wait for /readyz and tell whoever wants to know."""
    if on_ready is None:
        return
    async with httpx.AsyncClient(trust_env=False, timeout=READY_SECONDS) as client:
        while True:
            with contextlib.suppress(httpx.HTTPError):
                if (await client.get(f"{url}/readyz")).status_code == 200:
                    on_ready(url)
                    return
            await asyncio.sleep(READY_POLL)


@contextlib.contextmanager
def signals_set(stop: asyncio.Event) -> Iterator[None]:
    """SIGTERM and SIGINT set ``stop`` while this lasts."""
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGTERM, signal.SIGINT)
    for number in numbers:
        loop.add_signal_handler(number, stop.set)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


@contextlib.contextmanager
def prepared(settings: Settings) -> Iterator[None]:
    """Directories made and writable, and nobody else supervising them. Raises CannotStart."""
    try:
        require_writable(settings.state_dir)
        require_writable(settings.assignments_dir)
        if settings.sip_id:
            require_writable(settings.signal_dir)
        for volume in settings.effective_volumes:
            require_writable(volume.path)
        with state_lock(settings.run_dir, "supervisor.lock"):
            yield
    except StateInUse as error:
        raise CannotStart(str(error), EXIT_TRY_LATER) from error


def require_writable(path: Path) -> None:
    """Raises CannotStart."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=PRIVATE_DIRECTORY)
        tempfile.TemporaryFile(dir=path).close()  # without a name: a kill in between leaves nothing
    except OSError as error:
        raise CannotStart(f"{path} cannot be written: {error.strerror}", EXIT_CANNOT_CREATE) from error


def plan_for(settings: Settings, held: contextlib.ExitStack) -> Plan:
    """Ports, credentials and shares of the volumes. Raises CannotStart for a port that is taken.

    The ports are kept for the children as long as ``held`` is open.
    """
    port = held.enter_context(port_for(settings.host, settings.port))
    media_ports = [
        held.enter_context(port_for(settings.host, settings.media_port_base and base))
        for base in range(settings.media_port_base, settings.media_port_base + settings.media_workers)
    ]
    imaging_port = held.enter_context(port_for("127.0.0.1", 0))
    views_port = held.enter_context(port_for(settings.host, settings.effective_imaging_port))
    signal = signal_config(settings, held) if settings.sip_id else None
    media = tuple(
        media_config(settings, number, port) | calls_config(settings, number, signal)
        for number, port in enumerate(media_ports)
    )
    imaging = {
        "host": "127.0.0.1",
        "port": imaging_port,
        "credential": secrets.token_urlsafe(32),
        "views_host": settings.host,
        "views_port": views_port,
        "masked_streams": settings.masked_streams,
        "copies_dir": str(settings.state_dir / "masked"),
        "log_level": settings.log_level,
    }
    web = WebConfig(
        settings=settings.model_copy(update={"port": port}),
        workers=[worker_config(settings, number, one) for number, one in enumerate(media)],
        imaging_url=f"http://127.0.0.1:{imaging_port}",
        imaging_credential=str(imaging["credential"]),
        masked_url=settings.masked_url(views_port),
        signal=signal_seen(settings, signal) if signal is not None else None,
    )
    return Plan(web, media, imaging, signal)


@contextlib.contextmanager
def port_for(host: str, port: int) -> Iterator[int]:
    """A free port; 0 finds any. Raises CannotStart.

    While this lasts, Linux gives it to nobody who asks for any port, nor as the near end of a connection. Our
    child, who asks for it by its number and with SO_REUSEADDR, gets it, also when it is started again.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            holder.bind((host, port))
        except OSError as error:
            raise CannotStart(
                f"port {port} on {host} cannot be had: {error.strerror}", EXIT_UNAVAILABLE
            ) from error
        yield int(holder.getsockname()[1])


def media_config(settings: Settings, number: int, port: int) -> dict[str, object]:
    """What one media worker is handed; every worker records to every volume."""
    name = f"media-{number}"
    return {
        "worker": name,
        "assignment_file": str(settings.assignments_dir / f"{name}.sealed"),
        "assignment_key": base64.b64encode(key_file(settings.keys_dir / "assignments.key")).decode(),
        "host": settings.host,
        "port": port,
        "volumes": [one.model_dump(mode="json") for one in settings.effective_volumes],
        "audit_days": settings.audit_days,
        "gap_fill_speed": settings.gap_fill_speed,
        "gap_fill_days": settings.gap_fill_days,
        "holds_path": str(settings.effective_holds_dir),
        "known_volumes": str(settings.known_volumes_file),
        "credential": secrets.token_urlsafe(32),
        "log_level": settings.log_level,
    }


def signal_config(settings: Settings, held: contextlib.ExitStack) -> dict[str, object]:
    """What the signalling process is handed. Raises CannotStart for a port that is taken."""
    key = key_file(settings.keys_dir / "assignments.key")
    return {
        "port": held.enter_context(port_for("127.0.0.1", 0)),
        "credential": secrets.token_urlsafe(32),
        "media_credential": secrets.token_urlsafe(32),
        "sip_id": settings.sip_id,
        "sip_domain": settings.effective_sip_domain,
        "sip_host": settings.effective_sip_host,
        "sip_port": held.enter_context(port_for(settings.effective_sip_host, settings.sip_port)),
        "sip_public_host": settings.sip_public_host or "",
        **tls_config(settings, held),
        "bindings_file": str(settings.signal_dir / "bindings.jsonl"),
        "assignment_file": str(settings.assignments_dir / "signal.sealed"),
        "assignment_key": base64.b64encode(key).decode(),
        "log_level": settings.log_level,
    }


def tls_config(settings: Settings, held: contextlib.ExitStack) -> dict[str, object]:
    """Empty: devices are not heard over TLS. Raises CannotStart for a port that is taken."""
    if not settings.sip_tls_port:
        return {}
    return {
        "sip_tls_port": held.enter_context(port_for(settings.effective_sip_host, settings.sip_tls_port)),
        "sip_tls_certificate": str(settings.sip_tls_certificate),
        "sip_tls_key": str(settings.sip_tls_key),
    }


def signal_seen(settings: Settings, signal: dict[str, object]) -> SignalConfig:
    """The same process as the web process sees it."""
    return SignalConfig(
        url=f"http://127.0.0.1:{signal['port']}",
        credential=str(signal["credential"]),
        sip_id=str(signal["sip_id"]),
        sip_domain=str(signal["sip_domain"]),
        sip_host=settings.told_sip_host,
        sip_port=int(str(signal["sip_port"])),
        sip_tls_port=settings.sip_tls_port,
    )


def calls_config(settings: Settings, number: int, signal: dict[str, object] | None) -> dict[str, object]:
    """What a media worker needs beyond its own to get devices' media."""
    if signal is None:
        return {}
    host = settings.effective_sip_host
    return {
        "signal_url": f"http://127.0.0.1:{signal['port']}",
        "signal_credential": signal["media_credential"],
        "gb_ports": settings.gb_ports(number),
        "gb_host": "" if host in WILDCARDS else host,
    }


def worker_config(settings: Settings, number: int, media: dict[str, object]) -> WorkerConfig:
    """The same worker as the web process sees it."""
    port = int(str(media["port"]))
    return WorkerConfig(
        name=str(media["worker"]),
        control_url=settings.local_url(port),
        public_url=settings.media_public_url(number, port),
        credential=str(media["credential"]),
    )
