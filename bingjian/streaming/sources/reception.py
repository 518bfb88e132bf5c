"""What an RTSP session does with packets: access units for the sink, reports for the camera."""

from collections.abc import Sequence
from operator import itemgetter

from bingjian.clock import Clock
from bingjian.formats.access_unit import AccessUnit, TrackConfig
from bingjian.protocols import rtcp, rtp
from bingjian.protocols.depacketize.base import Frames
from bingjian.protocols.errors import PeerError
from bingjian.protocols.rtsp.tracks import Track, depacketizers
from bingjian.streaming.sources.base import Sink
from bingjian.streaming.sources.receiver_reports import ReceiverReports

VIDEO = 0  # the track that always is there
_config_of = itemgetter(AccessUnit._fields.index("config"))


class CameraSaidGoodbye(PeerError):
    """RTCP BYE of a track we receive."""


class Reception:
    """The tracks of one session. Belongs to the event loop; never waits."""

    def __init__(self, tracks: Sequence[Track], sink: Sink, clock: Clock, *, reorder: bool) -> None:
        """``reorder``: packets come over UDP. Raises PeerError."""
        self._sink, self._clock, self._reorder = sink, clock, reorder
        self.depacketizers = depacketizers(tuple(tracks))
        self.receivers = [
            rtp.Receiver(track.format.payload_type, depacketizer, reorder=reorder)
            for track, depacketizer in zip(tracks, self.depacketizers, strict=True)
        ]
        self._clock_rates = [track.format.clock_rate or 90_000 for track in tracks]
        self._configs = [depacketizer.config for depacketizer in self.depacketizers]  # as of the last unit
        self._told: tuple[TrackConfig, ...] | None = None  # what the sink knows
        self._reports = ReceiverReports()
        self.last_video_ns = clock.monotonic_ns()  # arrival of the last picture's packet
        self.first_video_ns: int | None = None
        self.pictures = False  # at least one unit of video came out

    def take(self, track: int, frames: Frames, arrival_ns: int) -> None:
        """RTP packets of one track in the order they came. Raises PeerError."""
        receiver = self.receivers[track]
        units = receiver.receive(frames, arrival_ns)
        if self._reorder:  # over TCP jitter means nothing
            receiver.note_arrival(arrival_ns * self._clock_rates[track] // 1_000_000_000)
        self._pass_on(track, receiver, units, arrival_ns)

    def release(self, since_ns: int, arrival_ns: int) -> None:
        """Give up the packets that have been missing since then."""
        for track, receiver in enumerate(self.receivers):
            if receiver.held_since is not None:
                self._pass_on(track, receiver, receiver.release(since_ns), arrival_ns)

    @property
    def held_since_ns(self) -> int | None:
        """Packets wait so long for one that is missing; None: none does."""
        times = [receiver.held_since for receiver in self.receivers]
        return min((since for since in times if since is not None), default=None)

    def take_control(self, track: int, packet: bytes, arrival_ns: int) -> None:
        """An RTCP packet; one that cannot be read is passed over. Raises CameraSaidGoodbye."""
        try:
            reports = rtcp.parse(packet)
        except PeerError:
            return
        for report in reports:
            if isinstance(report, rtcp.SenderReport):
                self._note_sender_report(track, report, arrival_ns)
            elif isinstance(report, rtcp.Goodbye):
                self._note_goodbye(track, report)

    def tell_tracks(self) -> None:
        """Tell the sink, if every configuration is known and it does not know them yet."""
        configs = tuple(config for config in self._configs if config is not None)
        if len(configs) == len(self._configs) and configs != self._told:
            self._told = configs
            self._sink.on_tracks(configs)

    def reports(self, now_ns: int) -> list[tuple[int, bytes]]:
        """A receiver report for each track that has sent: (track, RTCP packet)."""
        found = [(track, receiver.reception()) for track, receiver in enumerate(self.receivers)]
        return [
            (track, self._reports.packet(track, state, now_ns)) for track, state in found if state is not None
        ]

    @property
    def fault(self) -> str:
        """Why the camera's parameter sets are not accepted; empty if they are."""
        return str(getattr(self.depacketizers[VIDEO], "fault", ""))

    # --- inside ------------------------------------------------------------------------------------------

    def _pass_on(self, track: int, receiver: rtp.Receiver, units: list[AccessUnit], arrival_ns: int) -> None:
        if track == VIDEO:
            self.last_video_ns = arrival_ns
            if not self.pictures:
                self._note_first(units, arrival_ns)
        if receiver.lost_untold:
            self._sink.on_loss(track, receiver.take_lost())
        if not units:
            return
        if self._told is not None and (track != VIDEO or not any(map(_config_of, units))):
            self._sink.on_units(units, arrival_ns)
        else:
            self._pass_on_changed(units, arrival_ns)

    def _note_first(self, units: list[AccessUnit], arrival_ns: int) -> None:
        if self.first_video_ns is None:
            self.first_video_ns = arrival_ns
        self.pictures = bool(units)

    def _pass_on_changed(self, units: list[AccessUnit], arrival_ns: int) -> None:
        """Before a unit with another configuration the sink is told; before the first, units have no use."""
        run: list[AccessUnit] = []
        for unit in units:
            if unit.config is not None:
                if run:
                    self._sink.on_units(run, arrival_ns)
                    run = []
                self._configs[unit.track] = unit.config
                self.tell_tracks()
            if self._told is not None:
                run.append(unit)
        if run:
            self._sink.on_units(run, arrival_ns)

    def _note_sender_report(self, track: int, report: rtcp.SenderReport, arrival_ns: int) -> None:
        receiver = self.receivers[track]
        state = receiver.reception()
        if state is None or report.ssrc != state.ssrc or report.ntp == 0:
            return
        self._reports.note_sender_report(track, report.ntp, arrival_ns)
        timestamp = rtp.unwrap(receiver.timestamp, report.rtp_timestamp)
        self._sink.on_sender_report(track, timestamp, report.utc_ns, arrival_ns)

    def _note_goodbye(self, track: int, report: rtcp.Goodbye) -> None:
        state = self.receivers[track].reception()
        if state is not None and state.ssrc in report.ssrcs:
            raise CameraSaidGoodbye("the camera ended the stream")
