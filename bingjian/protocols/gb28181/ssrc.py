"""The SSRC that ``y=`` carries: ten decimal digits that are the RTP SSRC as a number.

Digit 1 is 0 for live and 1 for history, digits 2 to 6 are digits 4 to 8 of the SIP domain, 7 to 10 a serial.
Within a domain the inviter chooses and the device should use it; a platform of another domain chooses its own
and says so in its answer, which counts. Many devices send another all the same.
"""

from bingjian.protocols.gb28181.ids import DOMAIN_LENGTH

DIGITS = 10
SERIALS = 10_000  # of one domain at a time
QUARANTINE_S = 15.0  # before one is used again: devices and media servers mix up streams that share it
MAX_SSRC = 0xFFFFFFFF


class NoSsrcLeft(Exception):
    """All serials are in use or in quarantine: no more streams at present."""


def make(domain: str, serial: int, *, history: bool) -> int:
    """Raises ValueError if the domain is not of ten digits or the serial not of four. Ours to prevent."""
    if (
        len(domain) != DOMAIN_LENGTH
        or not (domain.isascii() and domain.isdigit())
        or not 0 <= serial < SERIALS
    ):
        raise ValueError(f"no SSRC of domain {domain!r} and serial {serial}")
    return int(f"{int(history)}{domain[3:8]}{serial:04d}")


def written(ssrc: int) -> str:
    """As ``y=`` and ``Subject`` have it, with leading zeros."""
    return f"{ssrc:0{DIGITS}d}"


def read(text: str) -> int | None:
    """Leading zeros may be missing. None for what is no SSRC: then ours holds."""
    text = text.strip()
    if not (text.isascii() and text.isdigit()) or len(text) > DIGITS:
        return None
    return value if (value := int(text)) <= MAX_SSRC else None


class Pool:
    """The serials of one domain. Instants are of any steady clock, in seconds."""

    def __init__(self, domain: str, first: int = 0) -> None:
        """``first``: where to begin; random, so that a restart does not meet the streams before it."""
        make(domain, 0, history=False)
        self._domain, self._next = domain, first % SERIALS
        self._taken: set[int] = set()
        self._resting: dict[int, float] = {}  # serial → until when

    def take(self, now: float, *, history: bool) -> int:
        """An SSRC that nobody has and nobody had lately. Raises NoSsrcLeft."""
        for step in range(SERIALS):
            serial = (self._next + step) % SERIALS
            if serial in self._taken or self._resting.get(serial, now) > now:
                continue
            self._resting.pop(serial, None)
            self._taken.add(serial)
            self._next = (serial + 1) % SERIALS
            return make(self._domain, serial, history=history)
        raise NoSsrcLeft

    def hold(self, ssrc: int | None) -> int | None:
        """One that was taken before our own restart is in use again. None: it is none of this domain, or
        somebody has it meanwhile.
        """
        if ssrc is None or not self._is_ours(ssrc) or ssrc % SERIALS in self._taken:
            return None
        self._resting.pop(ssrc % SERIALS, None)
        self._taken.add(ssrc % SERIALS)
        return ssrc

    def give_back(self, ssrc: int, now: float) -> None:
        """One that ``take`` gave; others, and repeats, are passed over."""
        serial = ssrc % SERIALS
        if self._is_ours(ssrc) and serial in self._taken:
            self._taken.discard(serial)
            self._resting[serial] = now + QUARANTINE_S

    def _is_ours(self, ssrc: int) -> bool:
        return any(ssrc == make(self._domain, ssrc % SERIALS, history=history) for history in (False, True))
