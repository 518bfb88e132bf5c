"""SIP messages: bytes in, frozen values out, and back (RFC 3261 §7, 18.3, 20; what RFC 4475 warns of).

What cannot be told apart safely is refused; what is only written oddly is read: compact and lower-case names,
folded lines, bare LF, blanks, a missing tag, a missing Content-Length. After ``build`` the headers that every
message must have are there and readable, so that nobody above has to ask again.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from bingjian.protocols.sip import dates
from bingjian.protocols.sip.errors import FramingError, MessageError
from bingjian.protocols.sip.fields import (
    Address,
    CSeq,
    Subject,
    Via,
    read_address,
    read_cseq,
    read_seconds,
    read_subject,
    read_version,
    read_via,
    split_list,
)
from bingjian.protocols.sip.headers import Headers

HEAD_LIMIT = 16 * 1024  # bytes of start line and headers; real ones stay below 2 KiB
LINE_LIMIT = 4 * 1024  # bytes of one header line, folded ones joined
HEADER_COUNT_LIMIT = 128  # lines
BODY_LIMIT = 8 << 20  # bytes; a catalogue of 10 000 channels in one message (GB/T 28181-2022) is 5 MB
STRANGER_BODY_LIMIT = 64 * 1024  # bytes, as a datagram; for who has not registered yet
PING_LIMIT = 4  # bytes; datagrams so short are some devices' way to keep a NAT open

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_METHOD = re.compile(r"[A-Za-z0-9.!%*_+`'~-]{1,32}")
_BLANK = b"\r\n\0 \t"


class _Readable:
    """What requests and responses have in common. Read once, then remembered."""

    headers: Headers

    @cached_property
    def via(self) -> Via:
        """The nearest hop."""
        return read_via((split_list(self.headers.get("Via")) or [""])[0])

    @cached_property
    def sender(self) -> Address:
        """``From``."""
        return read_address(self.headers.get("From"))

    @cached_property
    def to(self) -> Address:
        return read_address(self.headers.get("To"))

    @cached_property
    def cseq(self) -> CSeq:
        return read_cseq(self.headers.get("CSeq"))

    @cached_property
    def contact(self) -> Address | None:
        """The first one; None if it is missing, ``*`` or unreadable."""
        try:
            return read_address(split_list(self.headers.get("Contact"))[0])
        except (MessageError, IndexError):
            return None

    @property
    def expires_s(self) -> int | None:
        """Of a registration as Contact says, else as the header (RFC 3261 §10.2.1.1, 10.2.4); of others the
        other way round. None: neither says.
        """
        header = read_seconds(self.headers.get("Expires"))
        contact = read_seconds(self.contact.params.get("expires", "")) if self.contact else None
        first, second = (contact, header) if self.cseq.method == "REGISTER" else (header, contact)
        return second if first is None else first

    @property
    def subject(self) -> Subject | None:
        """Of an INVITE; None: missing or of another form."""
        return read_subject(self.headers.get("Subject"))

    @property
    def version(self) -> str:
        """``X-GB-Ver``: "2.0" if missing."""
        return read_version(self.headers.get("X-GB-Ver"))

    @property
    def date(self) -> datetime | None:
        """In UTC; None: missing or unreadable."""
        return dates.read(self.headers.get("Date"))

    @property
    def call_id(self) -> str:
        return self.headers.get("Call-ID")

    @property
    def content_type(self) -> str:
        """In lower case, without parameters: ``application/sdp``, ``application/mansrtsp``."""
        return self.headers.get("Content-Type").partition(";")[0].strip().lower()


@dataclass(frozen=True)
class Request(_Readable):
    method: str
    uri: str
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""


@dataclass(frozen=True)
class Response(_Readable):
    status: int
    reason: str
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""


Message = Request | Response


def read_datagram(data: bytes) -> Message | None:
    """One UDP datagram; None for what only keeps a NAT open.

    Bytes behind Content-Length are cut off; without one the body is all there is (RFC 3261 §18.3).

    Raises:
        MessageError: answer it or drop it, see there.
    """
    if len(data) <= PING_LIMIT or not (data := data.lstrip(_BLANK)):
        return None
    head_end, body_start = end_of_head(data, 0)
    if head_end < 0:
        head_end = body_start = len(data)
    start_line, headers = read_head(data[:head_end])
    length = body_length(start_line, headers)
    body = data[body_start:]
    if length is None:
        return build(start_line, headers, body)
    if length > len(body):
        raise fault("a SIP datagram is shorter than its Content-Length", start_line, headers)
    return build(start_line, headers, body[:length])


def serialise(message: Message) -> bytes:
    """The bytes to send. ``Content-Length`` is added; over TCP nothing could be told apart without it.

    Raises:
        ValueError: a field holds a control character, which would smuggle in another header. Ours to prevent.
    """
    if isinstance(message, Request):
        lines = [f"{message.method} {message.uri} SIP/2.0"]
    else:
        lines = [f"SIP/2.0 {message.status} {message.reason}"]
    lines += [f"{name}: {value}" for name, value in message.headers if name != "Content-Length"]
    lines.append(f"Content-Length: {len(message.body)}")
    if _FORBIDDEN.search("".join(lines)):
        raise ValueError("control character in a SIP header")
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape") + message.body


def end_of_head(buffer: bytes, at: int) -> tuple[int, int]:
    """Where the headers end and the body starts; (-1, -1) if not there. Bare LF is tolerated.

    Raises:
        FramingError: no end within ``HEAD_LIMIT``.
    """
    limit = at + HEAD_LIMIT
    end = buffer.find(b"\r\n\r\n", at, limit)
    bare = buffer.find(b"\n\n", at, limit if end < 0 else end)
    if bare >= 0:
        return bare, bare + 2
    if end >= 0:
        return end, end + 4
    if len(buffer) >= limit:
        raise FramingError(f"SIP headers are longer than {HEAD_LIMIT} bytes")
    return -1, -1


def read_head(head: bytes) -> tuple[str, Headers]:
    """Start line and headers. Raises FramingError."""
    text = head.decode("utf-8", "surrogateescape").replace("\r\n", "\n")
    if _CONTROL.search(text):
        raise FramingError("SIP headers contain control characters")
    lines = _unfolded(text)
    return lines[0].strip(), Headers(_pairs(lines))


def body_length(start_line: str, headers: Headers) -> int | None:
    """Content-Length; None if missing. Raises FramingError: unreadable, contradictory or too long."""
    if "Content-Length" not in headers:
        return None
    value = headers.get("Content-Length")
    if len(set(headers.get_all("Content-Length"))) > 1 or not (value.isascii() and value.isdigit()):
        raise fault("a SIP message has an unreadable Content-Length", start_line, headers)
    if len(value) > 9 or int(value) > BODY_LIMIT:
        raise fault(f"a SIP message body is longer than {BODY_LIMIT} bytes", start_line, headers, 413)
    return int(value)


def build(start_line: str, headers: Headers, body: bytes) -> Message:
    """The message, if it has the headers without which it belongs nowhere (RFC 3261 §8.1.1).

    Raises:
        FramingError: this is not SIP at all.
        MessageError: it is, and a later one may be better.
    """
    message = _started(start_line, headers, body)
    try:
        _ = message.via, message.sender, message.to
        method = message.cseq.method
        if not message.call_id:
            raise MessageError("a SIP message has no Call-ID")
        if isinstance(message, Request):
            _check_request(message, method)
    except MessageError as error:
        raise MessageError(str(error), error.status, _answerable(message)) from None
    return message


def fault(sentence: str, start_line: str, headers: Headers, status: int = 400) -> FramingError:
    """That this message's end is unknown, with the request to answer if it is one."""
    return FramingError(sentence, status, _answerable(_started(start_line, headers, b"")))


def _unfolded(text: str) -> list[str]:
    """Start line and header lines; a line that begins with white space continues the one before."""
    lines = text.split("\n")
    if "\n " in text or "\n\t" in text:
        joined: list[list[str]] = [[lines[0]]]
        for line in lines[1:]:
            if line[:1] in (" ", "\t"):
                joined[-1].append(line.strip())
            else:
                joined.append([line])
        lines = [" ".join(parts) for parts in joined]
    if len(lines) > HEADER_COUNT_LIMIT:
        raise FramingError(f"a SIP message has more than {HEADER_COUNT_LIMIT} header lines")
    if len(text) > LINE_LIMIT and max(map(len, lines)) > LINE_LIMIT:
        raise FramingError(f"a SIP header line is longer than {LINE_LIMIT} characters")
    return lines


def _pairs(lines: list[str]) -> list[tuple[str, str]]:
    """A line without a name says nothing and is left out."""
    pairs = []
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if colon and (name := name.strip()):
            pairs.append((name, value.strip()))
    return pairs


def _started(line: str, headers: Headers, body: bytes) -> Message:
    first, _, rest = line.partition(" ")
    if first[:4].upper() == "SIP/":
        status, _, reason = rest.strip().partition(" ")
        if not (len(status) == 3 and status.isascii() and status.isdigit() and status >= "100"):
            raise FramingError("a SIP response has no status code")
        return Response(int(status), reason.strip(), headers, body)
    uri, _, version = rest.strip().rpartition(" ")
    if not _METHOD.fullmatch(first) or version[:4].upper() != "SIP/":
        raise FramingError("expected a SIP request or response")
    request = Request(first.upper(), uri.strip().strip("<>"), headers, body)
    if version.upper() != "SIP/2.0":
        raise FramingError("a SIP version other than 2.0", 505, _answerable(request))
    return request


def _check_request(request: Request, method: str) -> None:
    if method != request.method:
        raise MessageError("a SIP request's CSeq names another method")
    if not request.uri or " " in request.uri or "\t" in request.uri:
        raise MessageError("a SIP request has no readable address")


def _answerable(message: Message) -> Request | None:
    """Without a readable Via and CSeq an answer would reach nobody who knows it; an ACK never gets one."""
    try:
        _ = message.via, message.cseq
    except MessageError:
        return None
    return message if isinstance(message, Request) and message.method != "ACK" else None
