"""Values of SIP header fields: addresses, Via, CSeq, Subject, Expires, the GB version (RFC 3261 §20, 25).

Read as leniently as the field writes: an address without ``<>`` or without a tag, a host that is nonsense, an
id with blanks around it. Ids are opaque: devices send 19 or 21 digits and letters too.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from bingjian.protocols.sip.errors import MessageError

SEQUENCE_LIMIT = 2**32  # RFC 3261 §8.1.1.5 says 2**31; devices count on
EXPIRES_LIMIT_S = 2**32 - 1  # RFC 3261 §20.19; larger ones are taken as this
MAGIC_COOKIE = "z9hG4bK"  # begins every branch of RFC 3261
DEFAULT_VERSION = "2.0"  # GB/T 28181-2022 annex I: who says nothing is of 2016
OUR_VERSION = "3.0"

# None of these may meet a run of the same letters twice: a header line of 4 KiB must cost microseconds.
_NAME_ADDRESS = re.compile(r'(?:"((?:[^"\\]|\\.)*)"\s*|([^<"]*))<([^<>]*)>\s*(;.*)?', re.DOTALL)
_PARAMETER = re.compile(r';\s*([^\s=;]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^;]*))?')
_VIA = re.compile(
    r"SIP\s*/\s*2\.0\s*/\s*([A-Za-z0-9-]+)\s+(\[[0-9A-Fa-f:.]+\]|[^\s:;,\[\]]+)"
    r"(?:\s*:\s*([0-9]{1,5}))?\s*(;.*)?",
    re.IGNORECASE | re.DOTALL,
)
_SEQUENCE = re.compile(r"([0-9]{1,10})\s+([A-Za-z0-9.!%*_+`'~-]+)")
_URI = re.compile(
    r"(?:(?:sips?):)?(?:([^@]*)@)?(\[[0-9A-Fa-f:.]+\]|[^:;?\[\]@]*)(?::([0-9]{1,5}))?(?:[;?].*)?",
    re.IGNORECASE | re.DOTALL,
)
_SUBJECT = re.compile(r"([^:,]+):([^:,]*),([^:,]+)(?::([^:,]*))?")
_SECONDS = re.compile(r"([0-9]+)\s*(?:[;(].*)?", re.DOTALL)
_GROUPED = re.compile(r'"(?:[^"\\]|\\.)*(?:"|$)|<[^<>]*>', re.DOTALL)
_VERSION = re.compile(r"[0-9]\.[0-9]")


class CSeq(NamedTuple):
    number: int
    method: str

    def __str__(self) -> str:
        return f"{self.number} {self.method}"


class Uri(NamedTuple):
    """A ``sip:`` URI as far as we need it. ``host`` says nothing about where to send."""

    user: str  # the 20-digit id, without blanks and without a password
    host: str
    port: int  # 0: not named


@dataclass(frozen=True, slots=True)
class Address:
    """From, To or Contact: a URI with parameters."""

    uri: str
    params: Mapping[str, str]
    display: str = ""

    @property
    def user(self) -> str:
        """The id of a device, channel or platform."""
        return read_uri(self.uri).user

    @property
    def tag(self) -> str:
        """Empty if missing, as some devices leave it out."""
        return self.params.get("tag", "")

    def __str__(self) -> str:
        name = '"' + self.display.replace("\\", "\\\\").replace('"', '\\"') + '" ' if self.display else ""
        return f"{name}<{self.uri}>{_written(self.params)}"


@dataclass(frozen=True, slots=True)
class Via:
    """One hop. ``host`` and ``port`` are what the sender believes of itself (sent-by)."""

    transport: str  # "UDP", "TCP", "TLS"
    host: str
    port: int  # 0: not named
    params: Mapping[str, str]

    @property
    def branch(self) -> str:
        return self.params.get("branch", "")

    def seen_from(self, host: str, port: int) -> "Via":
        """With ``received`` and ``rport`` as the packet came (RFC 3261 §18.2.1, RFC 3581 §4)."""
        params = dict(self.params)
        if host != self.host or "rport" in params:
            params["received"] = host
        if "rport" in params:
            params["rport"] = str(port)
        return Via(self.transport, self.host, self.port, params)

    def __str__(self) -> str:
        port = f":{self.port}" if self.port else ""
        return f"SIP/2.0/{self.transport} {self.host}{port}{_written(self.params)}"


@dataclass(frozen=True, slots=True)
class Subject:
    """``sender:serial,receiver:serial`` of an INVITE. A sender drops its old stream of the same serial."""

    sender: str  # channel id
    sender_serial: str  # first character 0: live, 1: history; commonly the SSRC
    receiver: str
    receiver_serial: str

    def __str__(self) -> str:
        return f"{self.sender}:{self.sender_serial},{self.receiver}:{self.receiver_serial}"


def read_address(value: str) -> Address:
    """Raises MessageError: no address at all, or a name that does not end."""
    match = _NAME_ADDRESS.fullmatch(value.strip())
    if match:
        quoted, plain, uri, rest = match.groups()
        display = plain if quoted is None else re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL)
        return Address(uri.strip(), _parameters(rest or ""), display.strip())
    uri, semicolon, rest = value.strip().partition(";")
    if not uri or '"' in uri or "<" in uri or ">" in uri:
        raise MessageError("a SIP address cannot be read")
    return Address(uri.strip(), _parameters(semicolon + rest))


def read_uri(uri: str) -> Uri:
    """Never raises: what is no SIP URI has an empty user."""
    match = _URI.fullmatch(uri.strip())
    if match is None:
        return Uri("", "", 0)
    user, host, port = match.groups()
    name = (user or "").partition(":")[0].partition(";")[0].strip()
    return Uri(name, host.strip(), int(port or 0) if int(port or 0) < 65536 else 0)


def read_via(value: str) -> Via:
    """Raises MessageError."""
    match = _VIA.fullmatch(value.strip())
    if match is None or int(match[3] or 0) > 65535:
        raise MessageError("a Via header cannot be read")
    transport, host, port, rest = match.groups()
    return Via(transport.upper(), host, int(port or 0), _parameters(rest or ""))


def read_cseq(value: str) -> CSeq:
    """Raises MessageError."""
    match = _SEQUENCE.fullmatch(value.strip())
    if match is None or int(match[1]) >= SEQUENCE_LIMIT:
        raise MessageError("a CSeq header cannot be read")
    return CSeq(int(match[1]), match[2].upper())


def read_subject(value: str) -> Subject | None:
    """None: missing, as upper platforms may leave it, or of another form."""
    match = _SUBJECT.fullmatch("".join(value.split()))
    return Subject(match[1], match[2], match[3], match[4] or "") if match else None


def read_seconds(value: str) -> int | None:
    """An ``Expires`` or ``Retry-After``; None if it is no number. A comment or parameters may follow."""
    digits = _SECONDS.fullmatch(value.strip())
    if digits is None:
        return None
    return EXPIRES_LIMIT_S if len(digits[1]) > 10 else min(int(digits[1]), EXPIRES_LIMIT_S)


def read_version(value: str) -> str:
    """``X-GB-Ver``: "1.0", "1.1", "2.0", "3.0" or later."""
    return value.strip() if _VERSION.fullmatch(value.strip()) else DEFAULT_VERSION


def split_list(value: str) -> list[str]:
    """The values of one line, separated by commas outside quotes and angle brackets."""
    if "," not in value:
        return [value]
    masked = _GROUPED.sub(lambda match: "_" * len(match.group()), value)
    parts, start = [], 0
    for end in [at for at, letter in enumerate(masked) if letter == ","] + [len(value)]:
        parts.append(value[start:end].strip())
        start = end + 1
    return [part for part in parts if part]


def _parameters(text: str) -> dict[str, str]:
    """Names in lower case; the first of a repeated name counts."""
    found: dict[str, str] = {}
    for name, value in _PARAMETER.findall(text):
        found.setdefault(name.lower(), value.strip())
    return found


def _written(params: Mapping[str, str]) -> str:
    return "".join(f";{name}={value}" if value else f";{name}" for name, value in params.items())
