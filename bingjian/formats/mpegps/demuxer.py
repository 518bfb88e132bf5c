"""A program stream to access units of one picture track and one sound track."""

from collections.abc import Callable

from bingjian.formats.access_unit import AccessUnit, Codec, VideoConfig
from bingjian.formats.mpegps.pictures import Pictures
from bingjian.formats.mpegps.reader import Data, Event, Map, Reader, Scrambled
from bingjian.formats.mpegps.sound import CODECS, Sound
from bingjian.formats.mpegps.syntax import NAMES, StreamType, is_sound, is_video

VIDEO, SOUND = 0, 1  # numbers of the tracks
ASTRAY_LIMIT = 256 * 1024  # bytes without a start code that makes sense, after which it is said


class Demuxer:
    """One stream's bytes in, access units out. Raises nothing; what is wrong is told by ``fault``.

    Pictures are track 0 and sound is track 1; the first unit of each, and the first after a change, carries
    its configuration. Timestamps are PTS, unwrapped, in the clock rate of their track; where there are none,
    the transport's ``stamp`` counts. Decode times are not given: the timeline makes its own.

    The first video and the first sound stream count, unless a map names others and packets of these come.
    Vendors' private streams are passed over. Memory: an access unit of each, at most
    ``pictures.ACCESS_UNIT_LIMIT``, and one packet.
    """

    __slots__ = (
        *("_lost", "_named_sound", "_named_video", "_pictures", "_reader", "_scrambled", "_sound"),
        *("_sound_id", "_types", "_video_id"),
    )

    def __init__(self, sound: Codec = Codec.PCMA) -> None:
        """``sound``: what it is where neither a map nor the bytes tell: what the SDP said."""
        self._reader = Reader()
        self._pictures, self._sound = Pictures(VIDEO), Sound(SOUND, sound)
        self._video_id = self._sound_id = 0  # of the streams that count; 0: none yet
        self._named_video = self._named_sound = 0  # of those that will, if the map tells the truth
        self._types: dict[int, int] = {}
        self._scrambled = False
        self._lost: list[AccessUnit] = []  # completed by a loss; given out with the next

    @property
    def video(self) -> VideoConfig | None:
        """The configuration in force; None until the stream has told it."""
        return self._pictures.config

    @property
    def announces_sound(self) -> bool:
        """A map names a sound stream that we store: sound is to be waited for."""
        return any(kind in CODECS for kind in self._types.values())

    @property
    def left_out(self) -> str:
        """The name of the sound that comes and is not stored; empty if there is none."""
        return self._sound.left_out

    @property
    def fault(self) -> str:
        """Why there are no pictures, in one plain sentence; empty if there are or none is known."""
        if self._scrambled:
            return "the stream is encrypted"
        if self._pictures.fault:
            return self._pictures.fault
        if self._reader.astray_bytes > ASTRAY_LIMIT:
            return "the camera sends something else than an MPEG program stream"
        kind = self._types.get(self._video_id) or self._types.get(self._named_video)
        if self._pictures.codec is None and kind in (StreamType.MPEG4, StreamType.SVAC):
            return f"the camera sends {NAMES[StreamType(kind)]}"
        return ""

    @property
    def trusts_marks(self) -> bool:
        """A picture is given out at its mark, not at the beginning of the next."""
        return self._pictures.trusts_marks

    def push(self, data: bytes, stamp: int | None = None) -> list[AccessUnit]:
        """The next bytes, cut anywhere. ``stamp``: the transport's time of them, unwrapped, in 1/90000 s."""
        units, self._lost = self._lost, []
        for event in self._reader.push(data, stamp):
            self._take(event, units)
        return units

    def mark(self) -> list[AccessUnit]:
        """The sender marked what was pushed last as the end of a picture."""
        units: list[AccessUnit] = []
        if self._reader.at_border:
            self._pictures.mark(units)
        return units

    def lose(self) -> None:
        """Bytes are missing before the next push."""
        self._pictures.lose(self._lost, self._reader.lose())
        self._sound.lose()

    def flush(self) -> list[AccessUnit]:
        """The stream has ended: what is open is over."""
        units, self._lost = self._lost, []
        for event in self._reader.finish():
            self._take(event, units)
        if self._reader.holds_video:
            self._pictures.lose(units, self._reader.lose())
        self._pictures.flush(units)
        return units

    def _take(self, event: Event, units: list[AccessUnit]) -> None:
        if isinstance(event, Data):
            self._take_data(event, units)
        elif isinstance(event, Map):
            self._take_map(event.types)
        elif isinstance(event, Scrambled):
            self._scrambled = self._scrambled or is_video(event.stream_id)
        else:
            self._pictures.lose(units)
            self._sound.lose()

    def _take_data(self, data: Data, units: list[AccessUnit]) -> None:
        if is_video(data.stream_id):
            if not self._video_id or data.stream_id == self._named_video:
                self._video_id = data.stream_id
            if data.stream_id == self._video_id:
                self._scrambled = False
                if data.header:
                    self._pictures.begin(data.pts, data.stamp)
                self._pictures.feed(data.buffer, data.start, data.end, units)
        else:
            if data.stream_id == self._named_sound != self._sound_id:
                self._sound.announce(self._types[data.stream_id])
            if not self._sound_id or data.stream_id == self._named_sound:
                self._sound_id = data.stream_id
            if data.stream_id == self._sound_id:
                sound = data.buffer[data.start : data.end]
                self._sound.feed(sound, data.pts, data.stamp, units)

    def _take_map(self, types: dict[int, int]) -> None:
        if types == self._types:
            return
        self._types = types
        self._named_video = _named(types, self._video_id, is_video)
        self._named_sound = _named(types, self._sound_id, is_sound)
        if self._named_sound and self._sound_id in (0, self._named_sound):
            self._sound.announce(types[self._named_sound])


def _named(types: dict[int, int], current: int, is_kind: Callable[[int], bool]) -> int:
    """The stream of a kind that counts by the map: the current one if it is there; 0: none."""
    named = [stream_id for stream_id in types if is_kind(stream_id)]
    return current if current in named else next(iter(named), 0)
