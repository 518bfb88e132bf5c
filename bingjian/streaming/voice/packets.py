"""Sound as a page sends it to RTP packets of G.711 (RFC 3551 §4.5.14). No socket, no clock."""

from bingjian.formats import g711
from bingjian.formats.access_unit import Codec
from bingjian.protocols import rtp

RATE = g711.DEFAULT_RATE  # samples a second, of the page too
SAMPLE = 2  # bytes: 16 bits, little-endian
UDP_MS, TCP_MS = 20, 60  # a packet; over TCP some devices make noise of shorter ones (quirk 42)


class Packets:
    """Of one speech."""

    def __init__(self, codec: Codec, payload_type: int, ssrc: int, packet_ms: int) -> None:
        self._codec, self._payload_type, self._ssrc = codec, payload_type, ssrc
        self._size = RATE * packet_ms // 1000 * SAMPLE
        self._rest = b""
        self._sequence = self._samples = 0
        self.sent = 0

    def of(self, pcm: bytes) -> list[bytes]:
        """Whole packets; what is left waits for the next sound. The first has the marker bit."""
        sound, made = self._rest + pcm, list[bytes]()
        for start in range(0, len(sound) - self._size + 1, self._size):
            made.append(self._packet(sound[start : start + self._size]))
        self._rest = sound[len(made) * self._size :]
        return made

    def _packet(self, pcm: bytes) -> bytes:
        begins = self.sent == 0
        head = rtp.pack_header(self._payload_type, self._sequence, self._samples, self._ssrc, marker=begins)
        self._sequence, self._samples, self.sent = (
            self._sequence + 1,
            self._samples + len(pcm) // SAMPLE,
            self.sent + 1,
        )
        return head + g711.encoded(self._codec, pcm)
