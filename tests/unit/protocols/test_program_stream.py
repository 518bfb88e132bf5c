"""Program streams over RTP: loss, order, marks and times as senders have them."""

import pytest

from bingjian.formats.access_unit import AccessUnit, Codec
from bingjian.protocols import rtp
from bingjian.protocols.depacketize.base import together
from bingjian.protocols.depacketize.program_stream import Payload, ProgramStream, packets, recognise
from tests.unit.formats.mpegps.wire import DELTA, KEY, PACK, PICTURE, frame, key_frame, outline, pes, stream
from tests.unit.protocols.packets import H264_SETS, Sender, h264_payloads, h264_slice, sample


class Device(Sender):
    """Packs cut into packets of at most 100 bytes."""

    def send(self, pack: bytes, timestamp: int, *, marks: bool = True, size: int = 100) -> list[bytes]:
        pieces = [pack[at : at + size] for at in range(0, len(pack), size)]
        return [
            self.packet(piece, timestamp, marks and n == len(pieces) - 1) for n, piece in enumerate(pieces)
        ]

    def picture(self, number: int, **how: bool) -> list[bytes]:
        return self.send(key_frame() if number == 0 else frame(number), 777 + number * PICTURE, **how)


def receiver(*, reorder: bool = False) -> rtp.Receiver:
    return rtp.Receiver(96, ProgramStream(), reorder=reorder)


def flushed(receiver: rtp.Receiver) -> list[AccessUnit]:
    depacketizer = receiver._depacketizer
    assert isinstance(depacketizer, ProgramStream)
    return depacketizer.flush()


@pytest.mark.parametrize("marks", [True, False])
@pytest.mark.parametrize("reorder", [True, False])
def test_pictures_come_out_with_and_without_marks(marks: bool, reorder: bool) -> None:
    device, taking = Device(), receiver(reorder=reorder)
    batches = [device.picture(n, marks=marks) for n in range(20)]
    units = [unit for batch in batches for unit in taking.receive(together(batch))]
    assert outline(units + flushed(taking)) == [(n, n == 0, False) for n in range(20)]
    assert taking.lost == 0
    assert taking.config is not None


def test_marks_that_proved_right_bring_a_picture_with_its_last_packet() -> None:
    device, taking = Device(), receiver()
    at_once = [len(taking.receive(together(device.picture(n)))) for n in range(14)]
    assert sum(at_once) == 14
    assert at_once[0] == 0


def test_when_trusted_marks_stop_every_picture_still_comes_with_the_next_but_one() -> None:
    """A packet without its end waits for that; marks were never waited for longer."""
    device, taking = Device(), receiver()
    for n in range(14):
        taking.receive(together(device.picture(n)))
    came = [len(taking.receive(together(device.picture(n, marks=False)))) for n in range(14, 19)]
    assert came == [0, 0, 1, 1, 1]
    assert outline(flushed(taking)) == [(17, False, False), (18, False, False)]


def test_a_lost_packet_costs_its_picture_only() -> None:
    device, taking = Device(), receiver()
    sent = [device.picture(n) for n in range(4)]
    sent.append(device.send(key_frame(4), 777 + 4 * PICTURE))
    del sent[2][1]
    units = [unit for batch in sent for unit in taking.receive(together(batch))] + flushed(taking)
    assert outline(units) == [(0, True, False), (1, False, False), (3, False, True), (4, True, False)]
    assert taking.take_lost() == 1


def test_a_loss_over_udp_told_between_frames_of_one_buffer() -> None:
    device, taking = Device(), receiver()
    sent = [packet for n in range(4) for packet in device.picture(n)]
    del sent[len(Device().picture(0)) + 1]
    units = taking.receive(together(sent)) + flushed(taking)
    assert outline(units) == [(0, True, False), (2, False, True), (3, False, True)]


def test_packets_out_of_order_are_put_in_order() -> None:
    device, taking = Device(), receiver(reorder=True)
    sent = [packet for n in range(6) for packet in device.picture(n)]
    shuffled = [packet for at in range(0, len(sent), 4) for packet in reversed(sent[at : at + 4])]
    first = sent[:1] + [packet for packet in shuffled if packet is not sent[0]]
    units = taking.receive(together(first)) + taking.release(0) + flushed(taking)
    assert outline(units) == [(n, n == 0, False) for n in range(6)]


def test_every_unit_of_the_stream_in_a_packet_of_its_own() -> None:
    device, taking = Device(), receiver()
    sent = []
    for number in range(3):
        sets = H264_SETS if number == 0 else ()
        parts = [
            PACK,
            *(pes(0xE0, stream(unit), number * PICTURE) for unit in (*sets, KEY if sets else DELTA)),
        ]
        sent += [packet for part in parts for packet in device.send(part, number * PICTURE, size=1400)]
    units = taking.receive(together(sent)) + flushed(taking)
    assert [unit.data for unit in units] == [sample(KEY), sample(DELTA), sample(DELTA)]


def test_without_pts_rtp_tells_the_time() -> None:
    device, taking = Device(), receiver()
    first = PACK + pes(0xE0, stream(*H264_SETS, KEY))
    sent = device.send(first, 0xFFFFFFFF) + device.send(PACK + pes(0xE0, stream(DELTA)), 4499)
    units = taking.receive(together(sent)) + flushed(taking)
    assert units[1].timestamp - units[0].timestamp == 4500


@pytest.mark.parametrize("ssrc", [0, 0xFFFFFFFF])
def test_the_ssrc_is_whatever_comes_and_may_change(ssrc: int) -> None:
    taking = receiver()
    sent = [packet for n in range(3) for packet in Device(ssrc=ssrc, sequence=100 * n).picture(n)]
    assert outline(taking.receive(together(sent[:4])) + flushed(taking)) == [(0, True, False)]
    other = Device(ssrc=5, sequence=9000)
    again = [packet for n in (0, 1, 0, 1) for packet in other.picture(n)]
    assert any(unit.sync for unit in taking.receive(together(again)) + flushed(taking))
    found = taking.reception()
    assert found is not None
    assert found.ssrc == 5


def test_sound_is_a_track_of_its_own() -> None:
    device, taking = Device(), receiver()
    pack = key_frame() + pes(0xC0, b"\xd5" * 160, 0)
    units = taking.receive(together(device.send(pack, 0))) + flushed(taking)
    assert [(unit.track, unit.config.codec) for unit in units] == [(1, Codec.PCMA), (0, Codec.H264)]
    depacketizer = taking._depacketizer
    assert isinstance(depacketizer, ProgramStream)
    assert depacketizer.fault == ""


def test_packets_to_send() -> None:
    pack = key_frame() + frame(1)
    taking = receiver()
    sent = packets(pack, 96, 65535, 1000, 7, limit=100)
    assert all(len(packet) <= 112 for packet in sent)
    assert [packet[1] >> 7 for packet in sent] == [0] * (len(sent) - 1) + [1]
    assert outline(taking.receive(together(sent)) + flushed(taking)) == [(0, True, False), (1, False, False)]


def test_what_comes_is_recognised() -> None:
    def cut(whole: bytes) -> list[bytes]:
        return [whole[at : at + 100] for at in range(0, len(whole), 100)]

    h264 = [part for unit in (*H264_SETS, KEY, h264_slice(500)) for part in h264_payloads(unit, 100)]
    h265 = [b"\x40\x01\x0c\x01", b"\x42\x01\x01\x01", b"\x62\x01\x93\x00", b"\x02\x01\x80\x00"]
    assert recognise(cut(frame(1)[40:] + key_frame())) is Payload.PROGRAM_STREAM
    assert recognise([(b"\x47" + bytes(187)) * 7] * 2) is Payload.TRANSPORT_STREAM
    assert recognise(h264) is Payload.H264
    assert recognise(h265) is Payload.H265
    assert recognise([b"\xd5" * 160] * 3) is None
    assert recognise([]) is recognise([b"ab"]) is None
