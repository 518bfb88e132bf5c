"""Session descriptions as RTSP uses them (RFC 8866; RFC 2326 appendix C): parse, and build for the simulator.

Reading is tolerant as cameras need it: unknown lines are skipped, a wrong parameter set is left out (it may
come in-band). Only text that is no description at all is an error.
"""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bingjian.protocols.errors import PeerError

MEDIA_LIMIT = 16  # m= lines; further ones are ignored
FORMAT_LIMIT = 16  # payload types of one m= line; further ones are ignored
PARAMETER_SETS_LIMIT = 32  # NAL units taken from one description; further ones are ignored
CLOCK_RATE_LIMIT = 1_000_000_000  # Hz; above: taken as unknown (0)

# RFC 3551 table 4 and 5, as far as cameras send them: payload type → encoding, clock rate, channels
STATIC_TYPES = MappingProxyType(
    {0: ("PCMU", 8000, 1), 8: ("PCMA", 8000, 1), 26: ("JPEG", 90000, 0), 33: ("MP2T", 90000, 0)}
)
_SPROP = ("sprop-vps", "sprop-sps", "sprop-pps", "sprop-parameter-sets")  # RFC 7798 §7.1, RFC 6184 §8.1

Section = list[tuple[str, str]]  # (type letter, value)


@dataclass(frozen=True, slots=True)
class Format:
    """One payload type of one medium."""

    payload_type: int
    encoding: str  # upper case: "H264", "MPEG4-GENERIC"; empty if unknown
    clock_rate: int = 0  # Hz; 0 if not told
    channels: int = 1  # sound only
    parameters: Mapping[str, str] = field(default_factory=dict)  # a=fmtp, names in lower case

    @property
    def parameter_sets(self) -> tuple[bytes, ...]:
        """NAL units of (VPS,) SPS, PPS, without start codes."""
        coded = [self.parameters[name] for name in _SPROP if name in self.parameters]
        units = [_decoded(part) for value in coded for part in value.split(",")]
        return tuple(unit for unit in units if unit)[:PARAMETER_SETS_LIMIT]


@dataclass(frozen=True, slots=True)
class Media:
    """One ``m=`` section."""

    kind: str  # "video", "audio", "application"
    formats: tuple[Format, ...]  # in the order of preference
    control: str = ""  # a=control as written; empty if absent
    port: int = 0
    direction: str = "recvonly"  # or sendonly, sendrecv, inactive; from the section or the session
    frame_rate: float = 0.0  # a=framerate, 1/s; 0 if not told


@dataclass(frozen=True, slots=True)
class Description:
    media: tuple[Media, ...]
    control: str = ""  # session level a=control
    name: str = ""  # s=


def parse(body: bytes) -> Description:
    """Raises PeerError if this is no session description."""
    session, *media = sections(body.decode("utf-8", "replace"))
    if not any(kind == "v" for kind, _ in session):
        raise PeerError("the description of the stream is not SDP")
    default = _direction(session, "recvonly")
    return Description(
        tuple(_media(section, default) for section in media[:MEDIA_LIMIT]),
        attributes(session).get("control", ""),
        next((value for kind, value in session if kind == "s"), ""),
    )


def build(description: Description, *, address: str = "0.0.0.0", origin: int = 1) -> bytes:  # noqa: S104 (SDP: "any")
    """The text for a DESCRIBE answer.

    Args:
        address: connection address; 0.0.0.0 leaves it to RTSP (RFC 2326 appendix C.1.7).
        origin: session id and version.
    """
    lines = ["v=0", f"o=- {origin} {origin} IN IP4 127.0.0.1", f"s={description.name or '-'}"]
    lines += [f"c=IN IP4 {address}", "t=0 0", f"a=control:{description.control or '*'}"]
    for media in description.media:
        lines += _media_lines(media)
    return ("\r\n".join(lines) + "\r\n").encode()


def sprop(units: Iterable[bytes]) -> str:
    """Parameter sets as ``sprop-…`` value: base64, separated by commas."""
    return ",".join(b64encode(unit).decode() for unit in units)


def sections(text: str) -> list[Section]:
    """The session's lines, then those of each m= section; for descriptions with lines of their own too."""
    found: list[Section] = [[]]
    for line in text.replace("\r", "\n").split("\n"):
        kind, equals, value = line.strip().partition("=")
        if not equals or len(kind) != 1:
            continue
        if kind == "m":
            found.append([])
        found[-1].append((kind, value.strip()))
    return found


def attributes(section: Section) -> dict[str, str]:
    """a= lines by name in lower case; the first of a repeated name counts."""
    found: dict[str, str] = {}
    for kind, value in section:
        if kind == "a":
            name, _, rest = value.partition(":")
            found.setdefault(name.strip().lower(), rest.strip())
    return found


def _direction(section: Section, default: str) -> str:
    told = attributes(section)
    known = ("sendonly", "recvonly", "sendrecv", "inactive")
    return next((name for name in known if name in told), default)


def _media(section: Section, default_direction: str) -> Media:
    kind, port, _, *types = [*section[0][1].split(), "", "", ""][: 3 + FORMAT_LIMIT]
    maps, parameters = _by_payload_type(section, "rtpmap"), _by_payload_type(section, "fmtp")
    numbers = [_number(text, 127) for text in types if text.isdecimal()]
    told = attributes(section)
    return Media(
        kind.lower(),
        tuple(_format(number, maps.get(number, ""), parameters.get(number, "")) for number in numbers),
        told.get("control", ""),
        _number(port.partition("/")[0], 65535),
        _direction(section, default_direction),
        _frame_rate(told.get("framerate", "")),
    )


def _by_payload_type(section: Section, name: str) -> dict[int, str]:
    found: dict[int, str] = {}
    for kind, value in section:
        label, _, rest = value.partition(":")
        number, _, text = rest.strip().partition(" ")
        if kind == "a" and label.strip().lower() == name and number.isdecimal() and len(number) <= 3:
            found.setdefault(int(number), text.strip())
    return found


def _format(payload_type: int, rtpmap: str, fmtp: str) -> Format:
    encoding, clock_rate, channels = STATIC_TYPES.get(payload_type, ("", 0, 1))
    if rtpmap:
        name, *rest = rtpmap.split("/")
        encoding = name.strip().upper()
        clock_rate = _number(rest[0], CLOCK_RATE_LIMIT) if rest else clock_rate
        channels = (_number(rest[1], 255) or 1) if len(rest) > 1 else 1
    return Format(payload_type, encoding, clock_rate, channels, MappingProxyType(_fmtp(fmtp)))


def _fmtp(text: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in text.split(";")]
    return {name.strip().lower(): value.strip() for name, _, value in pairs if name.strip()}


def _number(text: str, limit: int) -> int:
    """0 for what is no number or beyond ``limit``."""
    text = text.strip()
    value = int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else 0
    return value if value <= limit else 0


def _frame_rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        return 0.0
    return rate if 0 < rate < 1000 else 0.0


def _decoded(text: str) -> bytes:
    """One base64 parameter set; empty if unreadable. Cameras forget the padding."""
    text = text.strip().rstrip("=")
    try:
        return b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (Base64Error, ValueError):
        return b""


def _media_lines(media: Media) -> list[str]:
    types = " ".join(str(form.payload_type) for form in media.formats)
    lines = [f"m={media.kind} {media.port} RTP/AVP {types}"]
    for form in media.formats:
        channels = f"/{form.channels}" if media.kind == "audio" else ""
        lines.append(f"a=rtpmap:{form.payload_type} {form.encoding}/{form.clock_rate}{channels}")
        if form.parameters:
            pairs = "; ".join(f"{name}={value}" for name, value in form.parameters.items())
            lines.append(f"a=fmtp:{form.payload_type} {pairs}")
    lines += [f"a=framerate:{media.frame_rate:g}"] if media.frame_rate else []
    lines += [f"a=control:{media.control}"] if media.control else []
    return lines
