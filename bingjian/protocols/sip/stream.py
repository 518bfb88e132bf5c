"""SIP over TCP and TLS: messages cut out of a stream by Content-Length (RFC 3261 §18.3)."""

from typing import NamedTuple

from bingjian.protocols.sip.errors import FramingError, MessageError
from bingjian.protocols.sip.headers import Headers
from bingjian.protocols.sip.message import (
    BODY_LIMIT,
    STRANGER_BODY_LIMIT,
    Message,
    body_length,
    build,
    end_of_head,
    fault,
    read_head,
)

_BETWEEN = b"\r\n\0"  # what keeps a NAT open between messages (RFC 5626 §3.5.1; NUL is seen in the field)
_STARTS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")


class _Head(NamedTuple):
    start_line: str
    headers: Headers
    size: int  # bytes from the start of the message to its body
    end: int  # bytes from the start of the message to its end


class Reader:
    """One connection's bytes in, messages out.

    Holds at most one incomplete message: ``HEAD_LIMIT`` and a body, which is small until ``trust`` is called.
    """

    __slots__ = ("_body_limit", "_head", "_need", "_rest")

    def __init__(self) -> None:
        self._rest = bytearray()
        self._need = 0  # bytes that must be there before looking again is worth while
        self._head: _Head | None = None  # of the incomplete message, if it is there
        self._body_limit = STRANGER_BODY_LIMIT

    def trust(self) -> None:
        """Who is behind this connection has registered: catalogues may come."""
        self._body_limit = BODY_LIMIT

    def receive_data(self, data: bytes) -> list[Message | MessageError]:
        """Messages, and those that could not be understood though their ends are known.

        Raises:
            FramingError, and nothing else: close. Whole messages before it in the same call are lost with it.
        """
        rest = self._rest
        if len(rest) + len(data) < self._need:
            rest += data
            return []
        buffer = b"".join((rest, data)) if rest else data
        rest.clear()
        messages: list[Message | MessageError] = []
        at = self._read(buffer, messages)
        rest += buffer[at:]
        return messages

    def _read(self, buffer: bytes, messages: list[Message | MessageError]) -> int:
        """Take every whole message out of ``buffer``; return where the first incomplete one starts."""
        at = 0
        while True:
            if self._head is None:
                at = _skip_between(buffer, at)
                self._head = self._read_head(buffer, at)
            head = self._head
            self._need = head.end if head else 0
            if head is None or len(buffer) - at < head.end:
                return at
            messages.append(_built(head, buffer[at + head.size : at + head.end]))
            at, self._head = at + head.end, None

    def _read_head(self, buffer: bytes, at: int) -> _Head | None:
        head_end, body_start = end_of_head(buffer, at)
        if head_end < 0:
            return None
        start_line, headers = read_head(buffer[at:head_end])
        size = body_start - at
        return _Head(start_line, headers, size, size + self._length(start_line, headers))

    def _length(self, start_line: str, headers: Headers) -> int:
        """Without Content-Length a message must have no body, else the next cannot be found."""
        length = body_length(start_line, headers)
        if length is None and "Content-Type" in headers:
            raise fault("a SIP message on a stream has a body without Content-Length", start_line, headers)
        if length is not None and length > self._body_limit:
            sentence = f"a SIP message body is longer than {self._body_limit} bytes"
            raise fault(sentence, start_line, headers, 413)
        return length or 0


def _built(head: _Head, body: bytes) -> Message | MessageError:
    try:
        return build(head.start_line, head.headers, body)
    except FramingError:
        raise
    except MessageError as error:
        return error


def _skip_between(buffer: bytes, at: int) -> int:
    while at < len(buffer) and buffer[at] in _BETWEEN:
        at += 1
    if at < len(buffer) and buffer[at] not in _STARTS:
        raise FramingError(f"expected a SIP message, got byte {buffer[at]:#04x}")
    return at
