"""SIP header fields (RFC 3261 §7.3): one spelling for every name, compact forms too, values as they came."""

from collections.abc import Iterable, Iterator

_COMPACT = {  # RFC 3261 §7.3.3, 6665 §8.2.1
    "c": "Content-Type",
    "e": "Content-Encoding",
    "f": "From",
    "i": "Call-ID",
    "k": "Supported",
    "l": "Content-Length",
    "m": "Contact",
    "o": "Event",
    "s": "Subject",
    "t": "To",
    "u": "Allow-Events",
    "v": "Via",
}
_SPELLED = (  # the names that a rule of thumb would spell otherwise, and the frequent ones for speed
    *("Call-ID", "CSeq", "WWW-Authenticate", "X-GB-Ver", "MIME-Version", "SIP-ETag", "SIP-If-Match"),
    *("Via", "From", "To", "Contact", "Max-Forwards", "User-Agent", "Expires", "Content-Type"),
    *("Content-Length", "Authorization", "Proxy-Authenticate", "Proxy-Authorization", "Date", "Subject"),
    *("Event", "Subscription-State", "Allow", "Route", "Record-Route", "Supported", "Server", "Retry-After"),
    *("Min-Expires", "Note", "Monitor-User-Identity", "X-RoutePath", "X-PreferredPath"),
)
_NAMES = {
    **{name: name for name in _SPELLED},
    **{name.lower(): name for name in _SPELLED},
    **_COMPACT,
    **{short.upper(): name for short, name in _COMPACT.items()},
}


def spelled(name: str) -> str:
    """The one spelling of a field name: ``call-id``, ``CALL-ID`` and ``i`` are ``Call-ID``."""
    return _NAMES.get(name) or _NAMES.get(name.lower()) or "-".join(map(str.capitalize, name.split("-")))


class Headers:
    """Fields in order, several of one name allowed, names in one spelling. Immutable."""

    __slots__ = ("_first", "_pairs")

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        names = _NAMES
        self._pairs = tuple([(names.get(name) or spelled(name), value) for name, value in pairs])
        self._first = dict(reversed(self._pairs))  # of a repeated name the first

    def get(self, name: str, default: str = "") -> str:
        """The first value of ``name``."""
        return self._first.get(_NAMES.get(name) or spelled(name), default)

    def get_all(self, name: str) -> list[str]:
        wanted = spelled(name)
        return [value for key, value in self._pairs if key == wanted]

    def having(self, *pairs: tuple[str, str]) -> "Headers":
        """These fields with ``pairs`` appended."""
        return Headers((*self._pairs, *pairs))

    def replacing(self, name: str, *values: str) -> "Headers":
        """These fields with all of ``name`` taken out, and ``values`` at the place of the first of them."""
        wanted = spelled(name)
        at = next((n for n, (key, _) in enumerate(self._pairs) if key == wanted), len(self._pairs))
        rest = [pair for pair in self._pairs[at:] if pair[0] != wanted]
        return Headers((*self._pairs[:at], *((wanted, value) for value in values), *rest))

    def __contains__(self, name: str) -> bool:
        return spelled(name) in self._first

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._pairs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self._pairs == other._pairs

    def __hash__(self) -> int:
        return hash(self._pairs)

    def __repr__(self) -> str:
        return f"Headers({list(self._pairs)!r})"
