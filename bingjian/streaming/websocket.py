"""WebSocket frames, RFC 6455, server side: bytes in, frames out, and headers built once for shared bytes.

Extensions are never agreed: compressing video costs CPU and saves nothing.
"""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha1
from struct import Struct

MAX_MESSAGE = (
    4096  # bytes of one message *from* a viewer; the page sends heartbeats of 20. Longer: closed, 1009
)
MAX_CONTROL = 125  # RFC 6455 §5.5
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # §1.3

_SHORT, _MEDIUM, _LONG = Struct("!BB"), Struct("!BBH"), Struct("!BBQ")
_FIN, _RESERVED, _MASKED = 0x80, 0x70, 0x80


class Opcode(IntEnum):
    """RFC 6455 §5.2."""

    CONTINUATION = 0
    TEXT = 1
    BINARY = 2
    CLOSE = 8
    PING = 9
    PONG = 10


class CloseCode(IntEnum):
    """RFC 6455 §7.4.1."""

    NORMAL = 1000
    GOING_AWAY = 1001
    PROTOCOL_ERROR = 1002
    UNSUPPORTED = 1003
    BAD_TEXT = 1007
    POLICY = 1008  # here: the ticket has ended
    TOO_BIG = 1009


class WebSocketError(Exception):
    """The viewer's side broke the protocol: close with ``code``."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Message:
    """A whole message (TEXT, BINARY), or a control frame."""

    opcode: Opcode
    payload: bytes


class Reader:
    """One viewer's bytes in, whole messages out. Holds at most ``MAX_MESSAGE`` and one frame."""

    def __init__(self) -> None:
        self._rest = b""
        self._opcode: Opcode | None = None  # of the message whose continuation is awaited
        self._parts = b""

    def receive_data(self, data: bytes) -> list[Message]:
        """Raises WebSocketError and nothing else; the connection is then finished."""
        buffer, at, messages = self._rest + data, 0, list[Message]()
        while (frame := _frame(buffer, at)) is not None:
            final, opcode, payload, at = frame
            message = self._take(final, opcode, payload)
            if message is not None:
                messages.append(message)
        self._rest = buffer[at:]  # less than one frame, which is bounded
        return messages

    def _take(self, final: bool, opcode: Opcode, payload: bytes) -> Message | None:
        """Control frames may stand between the parts of a message (§5.4)."""
        if opcode >= Opcode.CLOSE:
            return Message(opcode, payload)
        if (opcode == Opcode.CONTINUATION) == (self._opcode is None):
            raise WebSocketError(CloseCode.PROTOCOL_ERROR, "continuation out of order")
        self._opcode = self._opcode or opcode
        self._parts += payload
        if len(self._parts) > MAX_MESSAGE:
            raise WebSocketError(CloseCode.TOO_BIG, "message too big")
        return self._whole() if final else None

    def _whole(self) -> Message:
        assert self._opcode is not None
        message = Message(self._opcode, self._parts)
        self._opcode, self._parts = None, b""
        return message


def _frame(buffer: bytes, at: int) -> tuple[bool, Opcode, bytes, int] | None:
    """The frame that begins at ``at`` (final, opcode, payload, end), or None while it is incomplete."""
    if len(buffer) - at < 2:
        return None
    first, second = buffer[at], buffer[at + 1]
    opcode = _checked_opcode(first, second)
    size_length = {126: 2, 127: 8}.get(second & 0x7F, 0)
    mask_at = at + 2 + size_length
    if len(buffer) < mask_at + 4:
        return None
    length = int.from_bytes(buffer[at + 2 : mask_at]) if size_length else second & 0x7F
    if length > (MAX_CONTROL if opcode >= Opcode.CLOSE else MAX_MESSAGE):
        raise WebSocketError(CloseCode.TOO_BIG, "frame too big")
    end = mask_at + 4 + length
    if len(buffer) < end:
        return None
    return bool(first & _FIN), opcode, _unmask(buffer[mask_at : mask_at + 4], buffer[mask_at + 4 : end]), end


def _checked_opcode(first: int, second: int) -> Opcode:
    if first & _RESERVED:
        raise WebSocketError(CloseCode.PROTOCOL_ERROR, "reserved bits without an extension")
    if not second & _MASKED:
        raise WebSocketError(CloseCode.PROTOCOL_ERROR, "a client must mask its frames")
    try:
        opcode = Opcode(first & 0x0F)
    except ValueError as error:
        raise WebSocketError(CloseCode.PROTOCOL_ERROR, "unknown opcode") from error
    if opcode >= Opcode.CLOSE and not first & _FIN:
        raise WebSocketError(CloseCode.PROTOCOL_ERROR, "a control frame must be whole")
    return opcode


def _unmask(mask: bytes, payload: bytes) -> bytes:
    """XOR with the repeated mask, as one large number: no loop over bytes."""
    repeated = (mask * (len(payload) // 4 + 1))[: len(payload)]
    return (int.from_bytes(payload) ^ int.from_bytes(repeated)).to_bytes(len(payload))


def header(opcode: Opcode, length: int) -> bytes:
    """Header of one whole unmasked frame with a payload of ``length`` bytes (§5.2)."""
    if length <= MAX_CONTROL:
        return _SHORT.pack(_FIN | opcode, length)
    if length <= 0xFFFF:
        return _MEDIUM.pack(_FIN | opcode, 126, length)
    return _LONG.pack(_FIN | opcode, 127, length)


def text_frame(text: str) -> bytes:
    """A whole text message."""
    payload = text.encode()
    return header(Opcode.TEXT, len(payload)) + payload


def close_frame(code: CloseCode, reason: str = "") -> bytes:
    """A close frame; the reason is cut to what a control frame holds."""
    payload = code.to_bytes(2) + reason.encode()[: MAX_CONTROL - 2]
    return header(Opcode.CLOSE, len(payload)) + payload


def accept_key(key: str) -> str | None:
    """``Sec-WebSocket-Accept`` for a client's key (§4.2.2), or None if the key is not 16 bytes in base64."""
    try:
        if len(b64decode(key, validate=True)) != 16:
            return None
    except (Base64Error, ValueError):
        return None
    # SHA-1 is what the RFC asks for; it guards against caches, not attackers.
    return b64encode(sha1(key.encode() + GUID, usedforsecurity=False).digest()).decode()
