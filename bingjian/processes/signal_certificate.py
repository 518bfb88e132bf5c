"""The files of the certificate that devices are shown: read at the start, and again when others lie there."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import structlog

from bingjian.clock import Clock
from bingjian.processes.beginning import EXIT_UNAVAILABLE, StartError
from bingjian.signalling.certificate import Certificate, CertificateError, load
from bingjian.signalling.platform import Platform

LOOK_S = 60.0

Stamp = tuple[tuple[int, int, int], ...]
log = structlog.get_logger(__name__)


class CertificateFiles:
    """Of one process that serves over TLS; ``certificate`` is what they held at the start."""

    def __init__(self, certificate: Path, key: Path, clock: Clock) -> None:
        """Raises StartError: as for a port that is taken, the supervisor tries again and all else goes on."""
        self._certificate, self._key, self._clock = certificate, key, clock
        self._stamp = self._look()
        try:
            self.certificate = self._load()
        except CertificateError as error:
            raise StartError(str(error), EXIT_UNAVAILABLE) from error

    async def follow(self, platform: Platform) -> None:
        """For ever: a new certificate is what connections from then on are shown; those that are stay."""
        while True:
            await asyncio.sleep(LOOK_S)
            stamp = await asyncio.to_thread(self._look)
            if stamp == self._stamp:
                continue
            self._stamp = stamp
            try:
                platform.show(await asyncio.to_thread(self._load))
            except CertificateError as error:  # the other file may follow in a moment
                log.error("tls_certificate_not_taken", reason=str(error))
            else:
                log.info("tls_certificate_taken")

    def _load(self) -> Certificate:
        """Raises CertificateError."""
        now = datetime.fromtimestamp(self._clock.utc_ns() / 1e9, UTC)
        certificate = load(self._certificate, self._key, now)
        if certificate.ends_soon(now):
            log.warning("tls_certificate_ends_soon", at=certificate.ends.isoformat())
        return certificate

    def _look(self) -> Stamp:
        """Other files have another; empty where one of them cannot be seen."""
        try:
            seen = [path.stat() for path in (self._certificate, self._key)]
        except OSError:
            return ()
        return tuple((one.st_ino, one.st_size, one.st_mtime_ns) for one in seen)
