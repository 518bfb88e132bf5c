"""RTSP URLs (RFC 2326 §3.2, RFC 3986): take credentials out, refuse what could smuggle, resolve controls."""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from bingjian.protocols.errors import PeerError

URL_LIMIT = 2048  # characters; longer is refused
DEFAULT_PORTS = {"rtsp": 554, "rtsps": 322}  # IANA

# The authority ends at the last '@' before the path: passwords with a plain '@', '#' or '?' are common and
# cameras' own pages print them so. The host is a name, an IPv4 address or a bracketed IPv6 address.
_URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://"
    r"(?:(?P<user>[^:@/]*)(?::(?P<password>[^/]*))?@)?"
    r"(?P<host>\[[0-9A-Fa-f:.%A-Za-z_-]+\]|[^\[\]/:?#@\s]+)"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<rest>[/?].*)?",
    re.DOTALL,
)
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\ud800-\udfff]")


class UrlError(PeerError):
    """The text is no RTSP URL; the sentence never repeats it, for it may hold a password."""


@dataclass(frozen=True, slots=True)
class Url:
    """A checked ``rtsp://`` or ``rtsps://`` URL. ``str()`` gives it without credentials."""

    scheme: str
    host: str  # without brackets
    port: int
    target: str  # path and query, with the leading '/' if there is any
    username: str = ""  # decoded
    password: str = field(default="", repr=False)

    @property
    def secure(self) -> bool:
        return self.scheme == "rtsps"

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.target}"


def parse(text: str) -> Url:
    """Raises UrlError: not RTSP, no host, an impossible port, white space or control characters, too long."""
    if len(text) > URL_LIMIT:
        raise UrlError(f"the address is longer than {URL_LIMIT} characters")
    if _FORBIDDEN.search(text):
        raise UrlError("the address contains spaces or control characters")
    match = _URL.fullmatch(text)
    if match is None or (match["user"] is None and "@" in text.split("://", 1)[1].partition("/")[0]):
        raise UrlError("the address is not of the form rtsp://host:port/path")
    scheme = match["scheme"].lower()
    if scheme not in DEFAULT_PORTS:
        raise UrlError("the address does not begin with rtsp:// or rtsps://")
    port = int(match["port"] or DEFAULT_PORTS[scheme])
    if not 0 < port <= 65535:
        raise UrlError("the address has an impossible port")
    username, password = _credential(match["user"]), _credential(match["password"])
    return Url(scheme, match["host"].strip("[]"), port, match["rest"] or "", username, password)


def resolve(base: str, control: str) -> str:
    """The request URI for a control attribute (RFC 2326 appendix C.1.1).

    Cameras mean by a relative control URL "append with a slash", also after a query, rather than RFC 3986
    resolution; ffmpeg, GStreamer and live555 all append, so do we. ``*`` and nothing mean the base itself.

    Args:
        base: Content-Base, else Content-Location, else the request's URL.

    Raises:
        UrlError: the camera named something that no request may carry.
    """
    control = control.strip()
    if control in ("", "*"):
        return base
    if "://" in control:
        return str(parse(control))
    if _FORBIDDEN.search(control) or len(base) + len(control) > URL_LIMIT:
        raise UrlError("the camera names a track by an address that cannot be requested")
    if control.startswith("/"):
        root = parse(base)
        return str(Url(root.scheme, root.host, root.port, control))
    return base + ("" if base.endswith("/") else "/") + control


def _credential(text: str | None) -> str:
    """Percent-decoded; bytes that are no UTF-8 come back as such in the request."""
    return unquote(text or "", errors="surrogateescape")
