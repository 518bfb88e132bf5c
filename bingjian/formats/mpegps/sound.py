"""Packets of one sound stream to access units: AAC with ADTS headers, or G.711."""

from bingjian.formats import aac, adts, g711
from bingjian.formats.access_unit import AccessUnit, AudioConfig, Codec, FormatError
from bingjian.formats.mpegps.syntax import CLOCK_RATE, NAMES, StreamType, stream_type, unwrap

CODECS = {StreamType.AAC: Codec.AAC, StreamType.G711_A: Codec.PCMA, StreamType.G711_U: Codec.PCMU}
TOLERANCE_90K = (
    CLOCK_RATE * 5 // 1000
)  # a PTS this near to where the sound before it ended is rounded, not moved


BAD_FRAMES_LIMIT = 16  # AAC frames in a row that we do not read: so many are no damage


class Sound:
    """One sound stream. Timestamps are in its own clock rate and count sample by sample.

    ``left_out``: what it is, if we do not store it; empty for others.
    """

    __slots__ = (
        *(
            "_announced",
            "_bad_frames",
            "_codec",
            "_expected",
            "_fallback",
            "_last_90k",
            "_offset",
            "_rest",
            "_told",
        ),
        *("_track", "config", "left_out"),
    )

    def __init__(self, track: int, fallback: Codec) -> None:
        """``fallback``: what sound is, if neither the map nor the bytes tell."""
        self._track, self._fallback = track, fallback
        self._announced: int | None = None
        self._codec: Codec | None = None  # None: not known yet
        self.config: AudioConfig | None = None
        self.left_out = ""
        self._told = False  # the configuration in force went out with a unit
        self._rest = b""  # of an AAC frame that goes on in the next packet
        self._bad_frames = 0  # of AAC, in a row
        self._last_90k: int | None = None  # the last PTS, unwrapped
        self._offset = 0  # PTS minus stamp
        self._expected: int | None = None  # timestamp at which the next samples begin

    def announce(self, kind: int) -> None:
        """The map says this stream type. It repeats with each key frame, so only a change is looked at."""
        if kind == self._announced:
            return
        self._announced, self._codec = kind, None
        known = stream_type(kind)
        if known is not None:
            self.left_out = NAMES.get(known, "")
            self._fallback = CODECS.get(known, self._fallback)

    def feed(self, data: bytes, pts: int | None, stamp: int | None, units: list[AccessUnit]) -> None:
        """The data of one packet. ``pts``: 33 bits; ``stamp``: unwrapped, in 1/90000 s."""
        if not data or self.left_out:
            return
        if self._codec is None:
            # The bytes are believed before the map, but only where they can be nothing else.
            self._codec = Codec.AAC if adts.fills(data) else self._fallback
        start_90k = self._time(pts, stamp)
        if self._codec is Codec.AAC:
            self._feed_aac(data, start_90k, units)
        else:
            self._use(g711.config_from(self._codec))
            self._place(start_90k)
            self._give(data, len(data), units)

    def lose(self) -> None:
        """Bytes are missing before the next ``feed``."""
        self._rest = b""
        self._expected = None

    def _feed_aac(self, data: bytes, start_90k: int | None, units: list[AccessUnit]) -> None:
        """The PTS is that of the first frame that begins in this packet."""
        continued, at = len(self._rest), 0
        data = self._rest + data
        while (frame := adts.read_header(data, at)) is None or frame.end <= len(data):
            if frame is None:
                at = _next_header(data, at)
                if at < 0:
                    break
                continue
            is_usable = self._use_specific(frame.specific)
            if at >= continued and self.config is not None:
                self._place(start_90k)
                start_90k = None
            samples = self.config.samples_per_unit if self.config else 0
            if is_usable:
                self._give(data[frame.start : frame.end], samples, units)
            elif self._expected is not None:
                self._expected += samples
            at = frame.end
        self._rest = data[at:] if at >= 0 else data[-adts.HEADER_SIZE :]

    def _use_specific(self, specific: bytes) -> bool:
        """False: no frame that we store, or a damaged header."""
        if self.config is None or self.config.specific != specific:
            try:
                self._use(aac.config_from(specific))
            except FormatError as error:
                self._bad_frames += 1
                if self._bad_frames >= BAD_FRAMES_LIMIT:
                    self.left_out = str(error)
                return False
        self._bad_frames = 0
        return True

    def _use(self, config: AudioConfig) -> None:
        if config != self.config:
            self.config, self._told, self._expected = config, False, None

    def _time(self, pts: int | None, stamp: int | None) -> int | None:
        """When the packet's sound begins, in 1/90000 s; None if nothing tells."""
        if pts is None:
            return None if stamp is None or self._expected is not None else stamp + self._offset
        self._last_90k = unwrap(self._last_90k, pts) if self._last_90k is not None else pts
        self._offset = self._last_90k - (stamp or 0)
        return self._last_90k

    def _place(self, start_90k: int | None) -> None:
        if start_90k is None or self.config is None:
            return
        rate = self.config.clock_rate
        if self._expected is not None:
            off_90k = start_90k - self._expected * CLOCK_RATE // rate
            if abs(off_90k) <= TOLERANCE_90K:
                return
        self._expected = (start_90k * rate + CLOCK_RATE // 2) // CLOCK_RATE

    def _give(self, data: bytes, samples: int, units: list[AccessUnit]) -> None:
        if self.config is None or not data:
            return
        at = self._expected or 0
        told, self._told = self._told, True
        units.append(AccessUnit(self._track, at, data, True, False, None if told else self.config))
        self._expected = at + samples


def _next_header(data: bytes, at: int) -> int:
    """The next byte that may begin an ADTS header, if it can be judged already; -1 if not."""
    while 0 <= (at := data.find(b"\xff", at + 1)) <= len(data) - adts.HEADER_SIZE:
        if adts.read_header(data, at) is not None:
            return at
    return -1
