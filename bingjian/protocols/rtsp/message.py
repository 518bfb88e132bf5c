"""RTSP 1.0 messages and interleaved frames: bytes in, frozen events out, and back (RFC 2326 §4, 6, 7, 10.12).

One TCP connection carries, in any order, text messages (requests and responses, both ways) and binary frames
``'$' channel length(16) payload``. ``Reader`` tells them apart by their first byte. Frames are by far the
most, so consecutive ones of one channel leave as one event.
"""

import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

from bingjian.protocols.errors import PeerError as PeerError

FRAME_HEADER = 4  # bytes: '$', channel, 16-bit length
HEADER_LIMIT = 16 * 1024  # bytes of start line and headers; longer: PeerError. Real cameras stay below 2 KiB
BODY_LIMIT = 256 * 1024  # bytes of a message body; longer: PeerError. An SDP is 1–4 KiB
HEADER_COUNT_LIMIT = 128  # lines; more: PeerError

_DOLLAR = 0x24
_FRAME = struct.Struct(">BBH")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_TEXT_STARTS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")


class Headers:
    """Header fields in order, names compared without case, several values of one name allowed. Immutable."""

    __slots__ = ("_pairs",)

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._pairs = tuple(pairs)

    def get(self, name: str, default: str = "") -> str:
        """The first value of ``name``."""
        wanted = name.lower()
        return next((value for key, value in self._pairs if key.lower() == wanted), default)

    def get_all(self, name: str) -> list[str]:
        wanted = name.lower()
        return [value for key, value in self._pairs if key.lower() == wanted]

    def having(self, *pairs: tuple[str, str]) -> "Headers":
        """These fields with ``pairs`` appended."""
        return Headers((*self._pairs, *pairs))

    def __contains__(self, name: str) -> bool:
        return any(key.lower() == name.lower() for key, _ in self._pairs)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._pairs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self._pairs == other._pairs

    def __hash__(self) -> int:
        return hash(self._pairs)

    def __repr__(self) -> str:
        return f"Headers({list(self._pairs)!r})"


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    uri: str
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    reason: str
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""


class Interleaved(NamedTuple):
    """Consecutive frames of one channel. A named tuple because several are made for every picture.

    The packets stay where they were read, so that each payload is copied only once, by its depacketizer.
    """

    channel: int  # as agreed in SETUP, usually even: RTP, odd: RTCP
    buffer: bytes
    bounds: list[tuple[int, int]]  # packet = buffer[start:end], without the frame header

    @classmethod
    def of(cls, channel: int, packets: Iterable[bytes]) -> "Interleaved":
        """For sending, and for tests."""
        packets = list(packets)
        ends = list(accumulate(map(len, packets)))
        return cls(channel, b"".join(packets), list(zip([0, *ends[:-1]], ends, strict=True)) if ends else [])

    @property
    def packets(self) -> list[bytes]:
        return [self.buffer[start:end] for start, end in self.bounds]


Message = Request | Response
Event = Request | Response | Interleaved


def serialise(message: Event) -> bytes:
    """The bytes to send. ``Content-Length`` is added for a body.

    Raises:
        ValueError: a field holds a control character, which would smuggle in another header. Ours to prevent.
    """
    if isinstance(message, Interleaved):
        return b"".join(
            _FRAME.pack(_DOLLAR, message.channel, len(packet)) + packet for packet in message.packets
        )
    if isinstance(message, Request):
        lines = [f"{message.method} {message.uri} RTSP/1.0"]
    else:
        lines = [f"RTSP/1.0 {message.status} {message.reason}"]
    lines += [f"{name}: {value}" for name, value in message.headers]
    if message.body and "Content-Length" not in message.headers:
        lines.append(f"Content-Length: {len(message.body)}")
    if any(_CONTROL.search(line) for line in lines):
        raise ValueError("control character in an RTSP header")
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape") + message.body


class Reader:
    """One connection's bytes in, events out. No socket, no clock, no logger.

    Holds at most one incomplete message or frame: below 64 KiB, or ``HEADER_LIMIT`` + ``BODY_LIMIT``.
    """

    __slots__ = ("_need", "_rest")

    def __init__(self) -> None:
        self._rest = bytearray()
        self._need = 0  # bytes that must be there before looking again is worth while

    def receive_data(self, data: bytes | memoryview) -> list[Event]:
        """Raises PeerError and nothing else; the connection is then finished."""
        rest = self._rest
        if rest:
            if len(rest) + len(data) < self._need:
                rest += data
                return []
            buffer = b"".join((rest, data))
            rest.clear()
        else:
            buffer = bytes(data)
        events: list[Event] = []
        at = self._read(buffer, events)
        if at < len(buffer):
            rest += buffer[at:]
        return events

    def _read(self, buffer: bytes, events: list[Event]) -> int:
        """Take every whole event out of ``buffer``; return where the first incomplete one starts."""
        at, size = 0, len(buffer)
        unpack, last_channel = _FRAME.unpack_from, -1
        bounds: list[tuple[int, int]] = []
        while size - at >= FRAME_HEADER:
            mark, channel, length = unpack(buffer, at)
            if mark == _DOLLAR:
                start = at + FRAME_HEADER
                end = start + length
                if end > size:
                    self._need = end - at
                    return at
                if channel != last_channel:
                    last_channel, bounds = channel, []
                    events.append(Interleaved(channel, buffer, bounds))
                bounds.append((start, end))
                at = end
            else:
                next_at = self._read_text(buffer, at, events)
                if next_at == at:
                    return at
                at, last_channel = next_at, -1
        if at < size and buffer[at] != _DOLLAR:
            return self._skip_blank(buffer, at)
        self._need = FRAME_HEADER
        return at

    def _skip_blank(self, buffer: bytes, at: int) -> int:
        """Empty lines between messages are allowed (RFC 2326 §4.1 by way of RFC 2068 §4.1)."""
        while at < len(buffer) and buffer[at] in b"\r\n":
            at += 1
        if at < len(buffer) and buffer[at] not in _TEXT_STARTS and buffer[at] != _DOLLAR:
            raise PeerError(f"expected an RTSP message or '$', got byte {buffer[at]:#04x}")
        self._need = FRAME_HEADER
        return at

    def _read_text(self, buffer: bytes, at: int, events: list[Event]) -> int:
        """One request or response at ``at``; returns its end, or ``at`` if it is not complete yet."""
        start = self._skip_blank(buffer, at)
        if start != at:
            return start
        head_end, body_start = _end_of_head(buffer, at)
        if head_end < 0:
            self._need = len(buffer) - at + 1
            return at
        lines = _unfolded(buffer[at:head_end])
        if _CONTROL.search(lines[0]):
            raise PeerError("an RTSP start line contains control characters")
        headers = _headers(lines[1:])
        body_end = body_start + _body_length(headers)
        if body_end > len(buffer):
            self._need = body_end - at
            return at
        events.append(_message(lines[0], headers, buffer[body_start:body_end]))
        return body_end


def _end_of_head(buffer: bytes, at: int) -> tuple[int, int]:
    """Where the headers end and the body starts; (-1, -1) if not there yet. Bare LF is tolerated."""
    limit = at + HEADER_LIMIT
    ends = [
        (found, found + len(blank))
        for blank in (b"\r\n\r\n", b"\n\n")
        if (found := buffer.find(blank, at, limit)) >= 0
    ]
    if ends:
        return min(ends)
    if len(buffer) >= limit:
        raise PeerError(f"RTSP headers are longer than {HEADER_LIMIT} bytes")
    return -1, -1


def _unfolded(head: bytes) -> list[str]:
    """Start line and header lines; a line that begins with white space continues the one before."""
    lines: list[str] = []
    for line in head.decode("utf-8", "surrogateescape").replace("\r\n", "\n").split("\n"):
        if line[:1] in (" ", "\t") and lines:
            lines[-1] += " " + line.strip()
        else:
            lines.append(line)
    if len(lines) > HEADER_COUNT_LIMIT:
        raise PeerError(f"an RTSP message has more than {HEADER_COUNT_LIMIT} header lines")
    return lines


def _headers(lines: list[str]) -> Headers:
    pairs = []
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise PeerError("an RTSP header line has no name")
        if _CONTROL.search(line):
            raise PeerError("an RTSP header line contains control characters")
        pairs.append((name.strip(), value.strip()))
    return Headers(pairs)


def _body_length(headers: Headers) -> int:
    values = set(headers.get_all("Content-Length"))
    if not values:
        return 0
    value = values.pop()
    if values or not (value.isascii() and value.isdigit()):
        raise PeerError("an RTSP message has an unreadable Content-Length")
    if len(value) > 9 or int(value) > BODY_LIMIT:
        raise PeerError(f"an RTSP message body is longer than {BODY_LIMIT} bytes")
    return int(value)


def _message(start_line: str, headers: Headers, body: bytes) -> Message:
    first, _, rest = start_line.partition(" ")
    if first.upper().startswith("RTSP/"):
        status, _, reason = rest.strip().partition(" ")
        if not (len(status) == 3 and status.isascii() and status.isdigit()):
            raise PeerError("an RTSP response has no status code")
        return Response(int(status), reason.strip(), headers, body)
    uri, _, version = rest.strip().rpartition(" ")
    if not uri or not version.upper().startswith("RTSP/"):
        raise PeerError("expected an RTSP request or response")
    return Request(first, uri.strip(), headers, body)
