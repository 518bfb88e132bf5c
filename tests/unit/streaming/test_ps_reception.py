"""What a GB/T 28181 session does with packets, without sockets."""

from itertools import count

import pytest
from structlog.testing import capture_logs

from bingjian.formats.access_unit import Codec
from bingjian.protocols.depacketize.base import together
from bingjian.streaming.sources.ps_reception import OTHER_TYPES_LIMIT, PsReception
from tests.unit.formats.mpegps.wire import MAP_H264, PACK, pes, psm
from tests.unit.recording.footage import StandingClock
from tests.unit.streaming.gb_devices import Pictures
from tests.unit.streaming.test_sources_rtsp import Heard

SECOND_NS = 1_000_000_000


def reception(heard: Heard, *, reorder: bool = True) -> PsReception:
    return PsReception(heard, StandingClock(), reorder=reorder)


@pytest.mark.parametrize("reorder", [True, False])
@pytest.mark.parametrize("at_once", [True, False])
def test_M7_a_packet_that_opens_the_way_does_not_bind_the_session(*, reorder: bool, at_once: bool) -> None:
    heard, opening, pictures = Heard(), Pictures(payload_type=127, sequence=7), Pictures(sequence=100)
    taking, arrivals = reception(heard, reorder=reorder), count(5)
    packets = opening.wrap(b"\0" * 20) + [packet for _ in range(60) for packet in pictures.next()]
    for piece in [packets] if at_once else [[packet] for packet in packets]:
        taking.take(together(piece), next(arrivals))
    taking.finish(next(arrivals))
    assert taking.first_ns == 5, "deadlines count from the first packet of all"
    assert len(heard.units) >= 50
    assert all(unit.data for unit in heard.units)


def test_M7_after_the_first_units_other_types_are_not_the_stream() -> None:
    heard, pictures = Heard(), Pictures(sequence=100)
    taking = reception(heard)
    taking.take(together([packet for _ in range(12) for packet in pictures.next()]), 5)
    other = Pictures(payload_type=8, sequence=9, ssrc=7)
    taking.take(together([packet for _ in range(OTHER_TYPES_LIMIT) for packet in other.wrap(b"\0" * 20)]), 6)
    assert taking.ssrc == pictures.ssrc
    taking.take(together([packet for _ in range(12) for packet in pictures.next()]), 7)
    taking.finish(8)
    assert len(heard.units) == 24


def test_M8_when_nothing_more_comes_the_last_picture_is_given_out() -> None:
    heard, pictures = Heard(), Pictures(sequence=100)
    taking = reception(heard)
    packets = [packet for _ in range(3) for packet in pictures.next()]
    taking.take(together(packets[:-3] + packets[-2:]), 5)  # one of the last picture's never comes
    taking.finish(6)
    assert len(heard.units) == 2
    assert [config.codec for config in heard.tracks[0]] == [Codec.H264]  # sound is not waited for any more


def test_M4_what_waits_for_sound_when_a_session_ends_is_given_out() -> None:
    heard, pictures = Heard(), Pictures(sequence=100)
    taking = reception(heard)
    taking.take(together([packet for _ in range(3) for packet in pictures.next()]), 5)
    assert heard.units == []
    taking.give_out(6)
    assert [config.codec for config in heard.tracks[0]] == [Codec.H264]
    assert len(heard.units) == 2, "the last picture may be cut short"
    taking.give_out(7)
    assert len(heard.units) == 2


def test_M8_nothing_may_have_come_at_all() -> None:
    heard = Heard()
    reception(heard).finish(5)
    assert heard.tracks == []


def test_M4_sound_that_is_left_out_is_named_once() -> None:
    taking = reception(Heard())
    told = PACK + psm((0x1B, 0xE0), (0x93, 0xC0)) + pes(0xC0, b"\1" * 24, 0)
    with capture_logs() as lines:
        for second in range(3):
            taking.take(together(Pictures(number=second, sequence=second).wrap(told)), second * SECOND_NS)
            taking.look(second * SECOND_NS)
    assert lines == [{"event": "sound_left_out", "sound": "G.723.1 sound", "log_level": "info"}]
    with capture_logs() as lines:
        quiet = reception(Heard())
        quiet.take(together(Pictures().wrap(PACK + MAP_H264)), 0)
        quiet.look(0)
    assert lines == []
