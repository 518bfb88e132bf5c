"""What a GB/T 28181 session does with packets: a program stream's access units for the sink.

Pictures and sound come in one stream, and the configuration of sound only with its first unit. So the first
moments are held until both are known, and given on with the times at which they arrived.
"""

from collections import deque
from operator import itemgetter

import structlog

from bingjian.clock import Clock
from bingjian.formats.access_unit import AccessUnit, Codec, TrackConfig
from bingjian.protocols import rtp
from bingjian.protocols.depacketize.base import Frames
from bingjian.protocols.depacketize.program_stream import Payload, ProgramStream, recognise
from bingjian.streaming.sources.base import Sink

SOUND_SECONDS = 1.0  # a map announces sound: waited for so long after the first picture
NO_SOUND_SECONDS = 0.3  # nothing announces it, but there may be some all the same
HOLD_LIMIT = 512  # units; more: no more waiting
SAMPLES = 64  # payloads kept to tell what comes instead of a program stream
OTHER_TYPES_LIMIT = 8  # packets in a row of another payload type than the first packet's: they are the stream
VIDEO = 0

log = structlog.get_logger(__name__)

_config_of = itemgetter(AccessUnit._fields.index("config"))
_track_of = itemgetter(AccessUnit._fields.index("track"))


class PsReception:
    """One stream. Belongs to the event loop; never waits."""

    def __init__(self, sink: Sink, clock: Clock, *, reorder: bool, sound: Codec = Codec.PCMA) -> None:
        """``reorder``: packets come over UDP. ``sound``: what it is where the stream does not tell."""
        self._sink, self._clock, self._reorder = sink, clock, reorder
        self._stream = ProgramStream(sound)
        self._receiver: rtp.Receiver | None = None  # begins with the first packet, by its payload type
        self._configs: list[TrackConfig | None] = [None, None]  # pictures, sound
        self._told: tuple[TrackConfig, ...] | None = None  # what the sink knows
        self._held: list[tuple[int, AccessUnit]] | None = []  # with arrival, until the sink was told
        self._begins: deque[bytes] = deque(maxlen=SAMPLES)  # of the newest packets
        self._left_out = ""  # sound that is not stored, as the log was told
        self._payload_type = 0  # that counts
        self._other_types = 0  # packets of another one, in a row, before there were units
        self.first_ns: int | None = None  # arrival of the first packet
        self.last_ns = clock.monotonic_ns()  # of the last packet until there are pictures, then of pictures
        self.pictures = False

    def take(self, frames: Frames, arrival_ns: int) -> None:
        """RTP packets in the order they came. Raises PeerError."""
        buffer, bounds = frames
        if not bounds:
            return
        receiver = self._receiver
        if receiver is None or not self.pictures:
            receiver = self._receiver_of([buffer[start:end] for start, end in bounds[:SAMPLES]], arrival_ns)
        units = receiver.receive(frames, arrival_ns)
        if self._reorder:
            receiver.note_arrival(arrival_ns * 9 // 100_000)
        self._pass_on(receiver, units, arrival_ns)

    @property
    def held_since_ns(self) -> int | None:
        """Packets wait so long for one that is missing; None: none does."""
        return self._receiver.held_since if self._receiver is not None else None

    def release(self, since_ns: int, arrival_ns: int) -> None:
        """Give up the packets that have been missing since then. Raises PeerError."""
        if self._receiver is not None:
            self._pass_on(self._receiver, self._receiver.release(since_ns), arrival_ns)

    def look(self, now_ns: int) -> None:
        """Once a second: sound that was waited for does not come, or is not stored."""
        if self._held:
            self._tell_if_due(now_ns)
        left_out = self._stream.demuxer.left_out
        if left_out and left_out != self._left_out:
            self._left_out = left_out
            log.info("sound_left_out", sound=left_out)

    def finish(self, arrival_ns: int) -> None:
        """Nothing more comes: what is open is over. Raises PeerError."""
        receiver = self._receiver
        if receiver is None:
            return
        self._pass_on(receiver, receiver.release(arrival_ns) + self._stream.flush(), arrival_ns)
        self.give_out(arrival_ns)

    def give_out(self, now_ns: int) -> None:
        """The session ends: what waits for sound waits no longer. What is still open may be cut short, and
        stays away.
        """
        self.look(now_ns + int(SOUND_SECONDS * 1e9))

    def reception(self) -> rtp.Reception | None:
        """For a receiver report."""
        return self._receiver.reception() if self._receiver is not None else None

    @property
    def ssrc(self) -> int | None:
        state = self.reception()
        return state.ssrc if state is not None else None

    @property
    def fault(self) -> str:
        """Why there are no pictures, in one plain sentence; empty if there are or nothing is known."""
        if self.pictures:
            return ""
        kind = recognise(self._payloads())
        if kind in (None, Payload.PROGRAM_STREAM):
            return self._stream.fault
        return f"the camera sends {kind} by itself instead of a program stream"

    # --- inside ------------------------------------------------------------------------------------------

    def _receiver_of(self, packets: list[bytes], arrival_ns: int) -> rtp.Receiver:
        """Whatever payload type was agreed, the one that comes counts; some open the way with another."""
        if self.first_ns is None:
            self.first_ns = arrival_ns
        receiver = self._receiver or self._begin(_payload_type_of(packets[0]))
        if not self.pictures:
            self._begins.extend(packets)
        if self._held is None or self._held:
            return receiver
        for packet in packets:
            is_other = _payload_type_of(packet) != self._payload_type
            self._other_types = self._other_types + 1 if is_other else 0
        if self._other_types < OTHER_TYPES_LIMIT:
            return receiver
        return self._begin(_payload_type_of(packets[-1]))

    def _begin(self, payload_type: int) -> rtp.Receiver:
        self._payload_type, self._other_types = payload_type, 0
        self._receiver = rtp.Receiver(payload_type, self._stream, reorder=self._reorder)
        return self._receiver

    def _payloads(self) -> list[bytes]:
        return [packet[rtp.HEADER_SIZE :] for packet in self._begins]

    def _pass_on(self, receiver: rtp.Receiver, units: list[AccessUnit], arrival_ns: int) -> None:
        if receiver.lost_untold:
            self._sink.on_loss(VIDEO, receiver.take_lost())
        if not self.pictures:
            self.last_ns = arrival_ns
        if not units:
            return
        if VIDEO in map(_track_of, units):
            self.last_ns = arrival_ns
            self.pictures = True
            self._begins.clear()
        if self._held is not None:
            self._hold(units, arrival_ns)
        elif any(map(_config_of, units)):
            self._pass_on_changed(units, arrival_ns)
        else:
            self._sink.on_units(units, arrival_ns)

    def _hold(self, units: list[AccessUnit], arrival_ns: int) -> None:
        assert self._held is not None
        self._held += [(arrival_ns, unit) for unit in units]
        for unit in units:
            if unit.config is not None:
                self._configs[unit.track] = unit.config
        self._tell_if_due(arrival_ns)

    def _tell_if_due(self, now_ns: int) -> None:
        """Sound without pictures is not recorded: what is held of it is let go of."""
        held = self._held
        assert held is not None
        first_ns = next((arrival_ns for arrival_ns, unit in held if unit.track == VIDEO), None)
        if first_ns is None or self._configs[VIDEO] is None:
            del held[:-HOLD_LIMIT]
            return
        patience_s = SOUND_SECONDS if self._stream.demuxer.announces_sound else NO_SOUND_SECONDS
        if self._configs[1] is not None or len(held) > HOLD_LIMIT or now_ns - first_ns >= patience_s * 1e9:
            self._held = None
            self._tell_tracks()
            self._let_go(held)

    def _let_go(self, held: list[tuple[int, AccessUnit]]) -> None:
        """Each read's units together, as they came; a configuration that changed meanwhile is told before."""
        at = 0
        while at < len(held):
            arrival_ns, end = held[at][0], at
            while end < len(held) and held[end][0] == arrival_ns:
                end += 1
            self._pass_on_changed([unit for _, unit in held[at:end]], arrival_ns)
            at = end

    def _pass_on_changed(self, units: list[AccessUnit], arrival_ns: int) -> None:
        """Before a unit with another configuration the sink is told."""
        run: list[AccessUnit] = []
        for unit in units:
            if unit.config is not None and unit.config != self._configs_told(unit.track):
                if run:
                    self._sink.on_units(run, arrival_ns)
                    run = []
                self._configs[unit.track] = unit.config
                self._tell_tracks()
            run.append(unit)
        if run:
            self._sink.on_units(run, arrival_ns)

    def _configs_told(self, track: int) -> TrackConfig | None:
        return self._told[track] if self._told is not None and track < len(self._told) else None

    def _tell_tracks(self) -> None:
        configs = tuple(config for config in self._configs if config is not None)
        if configs != self._told and self._configs[VIDEO] is not None:
            self._told = configs
            self._sink.on_tracks(configs)


def _payload_type_of(packet: bytes) -> int:
    return packet[1] & 0x7F if len(packet) >= rtp.HEADER_SIZE else -1
