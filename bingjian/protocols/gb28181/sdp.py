"""The session description of an INVITE and of its answer, with the lines that only GB/T 28181 has.

``u=`` names what is to be played back, ``t=`` counts Unix seconds, ``y=`` is the SSRC and ``f=`` the media
wished for. Devices look at the order of lines and at the last line end, so both are as the standard has them;
of what devices send anything may be missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from ipaddress import ip_address
from types import MappingProxyType

from bingjian.protocols import sdp
from bingjian.protocols.errors import PeerError
from bingjian.protocols.gb28181 import ids, ssrc
from bingjian.protocols.sdp import Format

CONTENT_TYPE = "application/sdp"
BODY_LIMIT = 16 * 1024  # bytes; longer: PeerError. Real ones stay below 1 KiB
TEXT_LIMIT = 256  # characters of one value that we keep
NTP_EPOCH = 2_208_988_800  # Unix seconds at 1900: some peers count from there
NTP_FROM = 3_000_000_000  # from here on a time is one of those (as Unix time it would be the year 2065)

PLAY, PLAYBACK, DOWNLOAD, TALK = "Play", "Playback", "Download", "Talk"
_NAMES = {name.lower(): name for name in (PLAY, PLAYBACK, DOWNLOAD, TALK)}
UDP, TCP = "udp", "tcp"

PS = Format(96, "PS", 90_000)
PCMA = Format(8, "PCMA", 8000)
PCMU = Format(0, "PCMU", 8000)
OFFERED = (PS, Format(98, "H264", 90_000), Format(99, "H265", 90_000))
# Payload types without rtpmap. 100 is H.265 by the 2022 edition; nearly all devices use 99.
_USUAL: Mapping[int, Format] = MappingProxyType(
    {
        form.payload_type: form
        for form in (
            *OFFERED,
            PCMA,
            PCMU,
            Format(97, "MPEG4", 90_000),
            Format(100, "H265", 90_000),
            Format(102, "MPEG4-GENERIC", 90_000),
        )
    }
)
_PRIVATE = ("HIKVISION", "DAHUA")  # encodings that say: a stream of our own inside
_STREAM_NUMBERS = ("streamnumber", "streamprofile", "stream", "streammode")  # vendors' names for the 2022 one


@dataclass(frozen=True, slots=True)
class Wish:
    """``f=``: what is wished for or sent; codes are the standard's, empty where nothing is said."""

    video: tuple[str, str, str, str, str] = ("",) * 5  # codec, resolution, rate, rate type, kbit/s
    sound: tuple[str, str, str] = ("",) * 3  # codec, bit rate, sampling rate

    def __str__(self) -> str:
        return f"v/{'/'.join(self.video)}a/{'/'.join(self.sound)}"


G711_TALK = Wish(sound=("1", "8", "1"))


@dataclass(frozen=True, slots=True)
class Session:
    """One description, an offer or an answer."""

    owner: str = ""  # o=: the id of who sends it, in the field also of the device
    name: str = PLAY  # s=
    address: str = ""  # c=: where media go, or come from
    kind: str = "video"  # or "audio": broadcast and talk
    port: int = 0
    transport: str = UDP
    setup: str = ""  # TCP: "active": I connect; "passive": I listen
    direction: str = ""  # "recvonly", "sendonly", "sendrecv"; empty if not told
    formats: tuple[Format, ...] = (PS,)
    ssrc: int | None = None  # y=; None: not told, or unreadable
    channel: str = ""  # u=: whose recordings, or the address of a file
    channel_type: str = "0"  # u=, after the colon; 0: all
    start: int = 0  # Unix seconds; both 0: live
    end: int = 0
    speed: int = 0  # a=downloadspeed; 0: not told
    file_size: int | None = None  # a=filesize, bytes
    stream_number: str = ""  # which of the channel's streams, as the vendor has it; "0" is the main one
    wish: Wish | None = None  # f=

    @property
    def private_stream(self) -> str:
        """The vendor's name, if it says that it sends a stream of its own; empty if not."""
        return next((form.encoding for form in self.formats if form.encoding in _PRIVATE), "")

    @property
    def voice(self) -> Format:
        """The sound that a device wants to hear (quirk 42); of none that we have: A-law, which all know."""
        return next((form for form in self.formats if form.encoding in ("PCMA", "PCMU")), PCMA)

    @property
    def program_stream(self) -> Format | None:
        """The payload type that carries PS."""
        return next((form for form in self.formats if form.encoding == "PS"), None)


@dataclass(frozen=True, slots=True)
class Agreed:
    """What holds after offer and answer."""

    ssrc: int | None  # the answer's, if it has a readable one: the receiver is keyed to it before the ACK
    transport: str  # ours: some devices answer RTP/AVP to TCP and connect all the same
    setup: str  # our role: "active", "passive", or empty over UDP
    address: str  # the other side's
    port: int
    formats: tuple[Format, ...]


def agree(offer: Session, answer: Session | None) -> Agreed:
    """Our offer and what came back; a 200 without a description leaves everything as we said."""
    if answer is None:
        return Agreed(offer.ssrc, offer.transport, offer.setup, "", 0, offer.formats)
    return Agreed(
        offer.ssrc if answer.ssrc is None else answer.ssrc,
        offer.transport,
        offer.setup,
        answer.address,
        answer.port,
        answer.formats or offer.formats,
    )


def answer_to(
    offer: Session,
    *,
    owner: str,
    address: str,
    port: int,
    ssrc: int | None = None,
    direction: str = "sendonly",
) -> Session:
    """What a sender answers: same name, window and transport, the other TCP role, one format.

    Args:
        ssrc: ours, if we choose it (2022, another domain); None: the offer's.
    """
    opposite = {"active": "passive", "passive": "active"}
    return replace(
        offer,
        owner=owner,
        address=address,
        port=port,
        direction=direction,
        setup=opposite.get(offer.setup, ""),
        ssrc=offer.ssrc if ssrc is None else ssrc,
        formats=(offer.program_stream or PS,) if offer.kind == "video" else (offer.voice,),
        channel="" if offer.name not in (PLAYBACK, DOWNLOAD) else offer.channel,
    )


def subject(sender: str, sender_serial: str, receiver: str, receiver_serial: str = "0") -> str:
    """The Subject header of an INVITE; the sender's serial is the SSRC as written, by common practice."""
    return f"{sender}:{sender_serial},{receiver}:{receiver_serial}"


def read_subject(text: str) -> tuple[str, str, str, str]:
    """Sender, its serial, receiver, its serial; empty where not told."""
    sender, _, receiver = text.partition(",")
    first, second = sender.partition(":"), receiver.partition(":")
    found = (first[0], first[2], second[0], second[2])
    return tuple(ids.cleaned(part) for part in found)  # type: ignore[return-value]


# --- Building --------------------------------------------------------------------------------------------


def build(session: Session) -> bytes:
    """The body; its lines in the standard's order, each with CRLF.

    Raises:
        ValueError: a value holds a line end. Ours to prevent.
    """
    lines = ["v=0", f"o={session.owner} 0 0 IN {_family(session.address)}", f"s={session.name}"]
    if session.channel:
        lines.append(f"u={session.channel}:{session.channel_type}")
    lines += [f"c=IN {_family(session.address)}", f"t={session.start} {session.end}"]
    lines += _media_lines(session)
    lines += [f"y={ssrc.written(session.ssrc)}"] if session.ssrc is not None else []
    lines += [f"f={session.wish}"] if session.wish is not None else []
    if any(not line.isprintable() for line in lines):
        raise ValueError("a control character in a session description")
    return ("\r\n".join(lines) + "\r\n").encode()


def _family(address: str) -> str:
    return f"{'IP6' if ':' in address else 'IP4'} {address}"


def _media_lines(session: Session) -> list[str]:
    protocol = "TCP/RTP/AVP" if session.transport == TCP else "RTP/AVP"
    types = " ".join(str(form.payload_type) for form in session.formats)
    lines = [f"m={session.kind} {session.port} {protocol} {types}"]
    lines += [f"a={session.direction}"] if session.direction else []
    lines += [f"a=rtpmap:{form.payload_type} {form.encoding}/{form.clock_rate}" for form in session.formats]
    if session.transport == TCP:
        lines += [f"a=setup:{session.setup or 'passive'}", "a=connection:new"]
    if session.name == DOWNLOAD and session.speed:
        lines.append(f"a=downloadspeed:{session.speed}")
    lines += [f"a=filesize:{session.file_size}"] if session.file_size is not None else []
    lines += [f"a=streamnumber:{session.stream_number}"] if session.stream_number else []
    return lines


# --- Reading ---------------------------------------------------------------------------------------------


def parse(body: bytes) -> Session:
    """Raises PeerError if this is no session description, or one without media."""
    if len(body) > BODY_LIMIT:
        raise PeerError(f"a session description is longer than {BODY_LIMIT} bytes")
    described = sdp.parse(body)
    if not described.media:
        raise PeerError("a session description without media")
    media = described.media[0]
    own, section = sdp.sections(_text(body))[:2]
    lines = {kind: value[:TEXT_LIMIT] for kind, value in reversed([*own, *section])}
    told = {**sdp.attributes(own), **sdp.attributes(section)}
    channel, channel_type = _channel(lines.get("u", ""))
    start, end = _window(lines.get("t", ""))
    directions = ("recvonly", "sendonly", "sendrecv", "inactive")
    setup = told.get("setup", "").lower()
    return Session(
        owner=ids.cleaned(lines.get("o", "").partition(" ")[0]),
        name=_NAMES.get(lines.get("s", "").lower(), lines.get("s", "")),
        address=_address(section) or _address(own),
        kind=media.kind,
        port=media.port,
        transport=TCP if "TCP" in section[0][1].upper() else UDP,
        setup=setup if setup in ("active", "passive") else "",
        direction=next((name for name in directions if name in told), ""),
        formats=tuple(_usual(form) for form in media.formats),
        ssrc=ssrc.read(lines.get("y", "")),
        channel=channel,
        channel_type=channel_type,
        start=start,
        end=end,
        speed=_number(told.get("downloadspeed", "")) or 0,
        file_size=_number(told.get("filesize", "")),
        stream_number=next((told[name][:TEXT_LIMIT] for name in _STREAM_NUMBERS if told.get(name)), ""),
        wish=_wish(lines["f"]) if "f" in lines else None,
    )


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")


def _usual(form: Format) -> Format:
    """A payload type without rtpmap means what it usually does."""
    return form if form.encoding else _USUAL.get(form.payload_type, form)


def _address(section: sdp.Section) -> str:
    """Of a c= line: ``IN IP4 192.0.2.10``, perhaps with a TTL. Empty for a name: nobody looks up for a peer
    what it likes, and each packet would.
    """
    words = next((value for kind, value in section if kind == "c"), "").split()
    told = words[2].partition("/")[0] if len(words) > 2 else ""
    try:
        ip_address(told)
    except ValueError:
        return ""
    return told[:TEXT_LIMIT]


def _channel(text: str) -> tuple[str, str]:
    """u=: ``id:type``, or the address of a file."""
    if "://" in text:
        return text, "0"
    channel, _, kind = text.partition(":")
    return ids.cleaned(channel), ids.cleaned(kind) or "0"


def _window(text: str) -> tuple[int, int]:
    """t= in Unix seconds; 0 where it is unreadable."""
    words = [*text.split(), "", ""][:2]
    values = [_number(word) or 0 for word in words]
    start, end = (value - NTP_EPOCH if value > NTP_FROM else value for value in values)
    return start, end


def _number(text: str) -> int | None:
    text = text.strip()
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        return None
    return int(text)


def _wish(text: str) -> Wish:
    """f=: ``v/2/6/25/1/4000a/1/8/1``; what is missing is empty."""
    video, _, sound = text.strip().partition("a/")
    parts = [*video.removeprefix("v").removeprefix("/").strip().split("/"), *[""] * 5][:5]
    sounds = [*sound.strip().split("/"), *[""] * 3][:3]
    return Wish((parts[0], parts[1], parts[2], parts[3], parts[4]), (sounds[0], sounds[1], sounds[2]))
