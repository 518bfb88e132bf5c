"""What odd devices make of bytes: XML, session descriptions, program streams. Pure."""

import re
from dataclasses import replace

from bingjian.formats.mpegps import program_map
from bingjian.formats.mpegps.syntax import MAP, PRIVATE_1, START, StreamType
from bingjian.protocols.gb28181 import sdp, ssrc
from bingjian.protocols.sip.headers import Headers
from bingjian.protocols.sip.message import Request, Response

RARE = "䶮㛃𠮷"  # characters that GB 2312 does not have, the last one outside of the basic plane
PRIVATE = START + bytes((PRIVATE_1,)) + (12).to_bytes(2) + b"HKPRIVATE\0\1\2"
UNREACHABLE = "10.255.255.1"
_VIDEO = re.compile(rb"\x00\x00\x01[\xe0-\xef]")


def broken_xml(body: bytes) -> bytes:
    """Bare ``&`` and ``<``, NUL and 0x01 in an address; the last tag twice. One element a line, as usual."""
    lines = body.rstrip().replace(b"><", b">\r\n<")
    lines = re.sub(rb"<Address>[^<]*", b"<Address>A&B \x01\0<1F", lines)
    last = lines[lines.rfind(b"</") :]
    return lines.replace(b"<CmdType>", b"\x01<CmdType>") + b"\r\n" + last + b"\0"


def utf8_as_gb(body: bytes) -> bytes:
    """``body`` is UTF-8 and says so; afterwards it says GB2312."""
    return body.replace(b'encoding="UTF-8"', b'encoding="GB2312"', 1)


def bare_sdp(body: bytes) -> bytes:
    """No rtpmap, no leading zeros in y=, no line end at the end."""
    lines = [line for line in body.decode().split("\r\n") if line and not line.startswith("a=rtpmap")]
    stripped = [f"y={line[2:].lstrip('0') or '0'}" if line.startswith("y=") else line for line in lines]
    return "\r\n".join(stripped).encode()


def odd_answer(body: bytes) -> bytes:
    """y= too long, the receiver's direction, RTP/AVP whatever was offered."""
    text = body.decode().replace("a=sendonly", "a=recvonly").replace("TCP/RTP/AVP", "RTP/AVP")
    return re.sub(r"y=(\d+)", r"y=00\1", text).encode()


def ntp_window(session: sdp.Session) -> sdp.Session:
    """t= counts from 1900."""
    if not session.start:
        return session
    return replace(session, start=session.start + sdp.NTP_EPOCH, end=session.end + sdp.NTP_EPOCH)


def dislikes_order(body: bytes) -> bool:
    """Would a strict device answer 415? y= among the last two lines, and a line end at the end."""
    lines = [line for line in body.decode("utf-8", "replace").split("\r\n") if line]
    near_end = any(line.startswith("y=") for line in lines[-2:])
    return not (near_end and body.endswith(b"\r\n"))


def dislikes_formats(body: bytes) -> bool:
    """Would a device answer 488 that wants PS first?"""
    text = body.decode("utf-8", "replace").replace("\r\n", "\n")
    return "a=recvonly\na=rtpmap:96 PS/90000" not in text


class OddStream:
    """Quirk 26: no map at the first key picture, then a wrong one; a private packet before each picture."""

    def __init__(self) -> None:
        self._keys = 0

    def __call__(self, pack: bytes) -> bytes:
        at = pack.find(START + bytes((MAP,)))
        found = _VIDEO.search(pack)
        if found is None:
            return pack
        head, picture = pack[: found.start()], pack[found.start() :]
        if at >= 0:
            self._keys += 1
            head = head[:at] + (_wrong_map(head[at:]) if self._keys > 1 else b"")
        return head + PRIVATE + picture


def _wrong_map(map: bytes) -> bytes:
    """The other video codec, and a table that is longer than the map."""
    types = program_map.read(map, 0, len(map))
    other: dict[int, int] = {StreamType.H264: StreamType.H265, StreamType.H265: StreamType.H264}
    made = bytearray(program_map.build({id: other.get(kind, kind) for id, kind in types.items()}))
    made[10:12] = (0x0FFF).to_bytes(2)
    return bytes(made)


def with_realm(response: Response, realm: str) -> Response:
    """A challenge as a device reads it that is set to another realm."""
    values = response.headers.get_all("WWW-Authenticate")
    changed = [re.sub(r'realm="[^"]*"', f'realm="{realm}"', value) for value in values]
    return replace(response, headers=response.headers.replacing("WWW-Authenticate", *changed))


def names_algorithm(response: Response) -> bool:
    return "algorithm" in response.headers.get("WWW-Authenticate").lower()


def without_tag(headers: Headers) -> Headers:
    """To without the tag."""
    return headers.replacing("To", re.sub(r";tag=[^;]*", "", headers.get("To")))


def foreign(bye: Request, call_id: str) -> Request:
    """A BYE that names no dialog."""
    headers = without_tag(bye.headers.replacing("Call-ID", call_id))
    return replace(bye, headers=headers)


def own_ssrc(device: str, stream: int) -> int:
    """Of a device that does not look at y=; never one that a platform would give."""
    return (0xB0000000 + int(device[-6:] or "0") * 97 + stream) & ssrc.MAX_SSRC
