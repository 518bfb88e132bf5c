"""Our side of one TLS connection (RFC 8446, RFC 5246): bytes in, plain text out, and bytes to send.

No socket, no clock: so connections in handshake are ours to count and to bound, which they are not where the
event loop does it. The records are OpenSSL's work.
"""

import contextlib
import ssl

HANDSHAKE = 22  # the first byte of whoever speaks TLS (RFC 8446 §5.1)
PIECE = 64 * 1024  # bytes of plain text read at once; a record holds 16 KiB

PLAIN_TEXT = "plain text"


class TlsError(Exception):
    """The other side: no TLS, or none that we agree on. Carries a few words; close after ``take_output``."""


class TlsStream:
    """Holds at most what OpenSSL does of an incomplete record or handshake message: some 100 KB.

    Attributes:
        is_begun: the other side speaks TLS, as it seems.
        is_secured: the handshake is done.
        is_ended: the other side has said that nothing more comes.
    """

    __slots__ = ("_in", "_out", "_tls", "is_begun", "is_ended", "is_secured")

    def __init__(self, context: ssl.SSLContext) -> None:
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_side=True)
        self.is_begun = self.is_secured = self.is_ended = False

    def receive_data(self, data: bytes) -> bytes:
        """What it says. Raises TlsError and nothing else; what came before in ``data`` is then lost."""
        if not self.is_begun and data[:1] != bytes([HANDSHAKE]):
            raise TlsError(PLAIN_TEXT)
        self.is_begun = True
        self._in.write(data)
        try:
            return self._read()
        except ssl.SSLWantReadError:
            return b""
        except ssl.SSLError as error:
            raise TlsError((error.reason or "fault of TLS").lower().replace("_", " ")) from error

    def _read(self) -> bytes:
        if not self.is_secured:
            self._tls.do_handshake()
            self.is_secured = True
        pieces: list[bytes] = []
        with contextlib.suppress(ssl.SSLWantReadError):
            while piece := self._tls.read(PIECE):
                pieces.append(piece)
            self.is_ended = True
        return b"".join(pieces)

    def send(self, text: bytes) -> None:
        """Nothing before the handshake is done, or after ``close``."""
        with contextlib.suppress(ssl.SSLError):
            self._tls.write(text)

    def close(self) -> None:
        """Say that nothing more comes (close_notify)."""
        with contextlib.suppress(ssl.SSLError):  # what the other side says to it is not waited for
            self._tls.unwrap()

    def take_output(self) -> bytes:
        return self._out.read()
