"""TLS connections that came to nothing: said at once, and then once a minute for each host and cause."""

import structlog

from bingjian.clock import Clock
from bingjian.tally import Tally

HOSTS_LIMIT = 100  # hosts and causes told apart; all are looked through at each failure, so few

log = structlog.get_logger(__name__)


class TlsFailures:
    """Counts since the start; belongs to the event loop."""

    def __init__(self, clock: Clock) -> None:
        self.count = 0
        self._tally: Tally[tuple[str, str]] = Tally(clock, HOSTS_LIMIT, lambda key: ("others", key[1]))

    def note(self, host: str, why: str) -> None:
        self.count += 1
        self._tally.count((host, why))
        for due in self._tally.due():
            (host, why), times = due.key, due.count
            log.warning("tls_refused", host=host, why=why, times=times)
