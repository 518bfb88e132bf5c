"""Payload formats: what cameras do with NAL units and sound frames, and what must come out."""

import pytest

from bingjian.formats.access_unit import AccessUnit, Codec
from bingjian.protocols import sdp
from bingjian.protocols.depacketize import depacketizer
from bingjian.protocols.depacketize.base import ACCESS_UNIT_LIMIT, together
from bingjian.protocols.depacketize.h264 import H264
from bingjian.protocols.depacketize.h265 import H265
from bingjian.protocols.errors import PeerError
from bingjian.protocols.rtp import Receiver
from tests.unit.formats.material import h264_pps, sound_specific
from tests.unit.protocols.packets import (
    H264_OTHER_SETS,
    H264_SETS,
    H265_SETS,
    Sender,
    aggregation,
    h264_payloads,
    h264_slice,
    h265_slice,
    sample,
    stap_a,
)

KEY, DELTA = h264_slice(250, key=True), h264_slice(250)


def received(receiver: Receiver, *packets: list[bytes]) -> list[AccessUnit]:
    return [unit for batch in packets for unit in receiver.receive(together(batch))]


def h264(*sets: bytes) -> tuple[Receiver, Sender]:
    return Receiver(96, H264(0, sets)), Sender()


def test_h264_fragments_and_single_units_become_samples() -> None:
    receiver, sender = h264(*H264_SETS)
    units = received(receiver, sender.h264([KEY], 0), sender.h264([DELTA, h264_slice(first=False)], 3600))
    assert units == [
        AccessUnit(0, 0, sample(KEY), True),
        AccessUnit(0, 3600, sample(DELTA, h264_slice(first=False)), False),
    ]


def test_h264_parameter_sets_in_band_are_told_once_and_kept_out_of_samples() -> None:
    receiver, sender = h264()
    units = received(
        receiver,
        sender.h264([h264_slice()], 0),  # nothing to decode it with
        sender.unit([stap_a(*H264_SETS, KEY)], 3600),
        sender.h264([*H264_SETS, KEY], 7200, mtu=5),
    )
    assert [(unit.timestamp, unit.data, unit.sync) for unit in units] == [
        (3600, sample(KEY), True),
        (7200, sample(KEY), True),
    ]
    assert units[0].config == receiver.config
    assert receiver.config is not None
    assert receiver.config.codec is Codec.H264
    assert units[1].config is None


def test_h264_new_parameter_sets_take_force_at_the_key_frame() -> None:
    receiver, sender = h264(*H264_SETS)
    first, second = received(receiver, sender.h264([KEY], 0), sender.h264([*H264_OTHER_SETS, KEY], 3600))
    assert first.config is None
    assert (second.config.width, second.config.height) == (1280, 720)


def test_h264_parameter_sets_ahead_of_a_dependent_picture_stay_in_it() -> None:
    receiver, sender = h264(*H264_SETS)
    other = h264_pps(id=1)
    units = received(
        receiver, sender.h264([KEY], 0), sender.h264([other, DELTA], 3600), sender.h264([KEY], 7200)
    )
    assert units[1].data == sample(other, DELTA)
    assert units[1].config is None
    assert units[2].config is not None
    assert other in units[2].config.parameter_sets


def test_h264_parameter_sets_that_lie_leave_the_configuration_and_are_named() -> None:
    receiver, sender = h264(*H264_SETS)
    depacketizer = receiver._depacketizer
    units = received(receiver, sender.h264([b"\x67\x64", b"\x68", KEY], 0))
    assert [unit.config for unit in units] == [None]
    assert isinstance(depacketizer, H264)
    assert depacketizer.fault


def test_h264_parameter_sets_with_their_own_timestamp_and_marker_belong_to_the_next_picture() -> None:
    receiver, sender = h264()
    units = received(receiver, sender.h264([*H264_SETS], 100), sender.h264([KEY], 3600))
    assert [(unit.timestamp, unit.data) for unit in units] == [(3600, sample(KEY))]


def test_what_decoders_do_not_need_is_left_out() -> None:
    receiver, sender = h264(*H264_SETS)
    delimiter, sei, filler = b"\x09\x10", b"\x06\x05\x01\x00\x80", b"\x0c" + b"\xff" * 300
    units = received(receiver, sender.h264([delimiter, sei, KEY, filler], 0))
    assert [unit.data for unit in units] == [sample(sei, KEY)]


def test_a_missing_packet_drops_its_unit_and_marks_those_after_it() -> None:
    receiver, sender = h264(*H264_SETS)
    units = received(
        receiver,
        sender.h264([KEY], 0),
        sender.h264([DELTA], 7200)[:1],
        sender.h264([DELTA], 10800),
        sender.h264([KEY], 14400),
    )
    assert [(unit.timestamp, unit.sync, unit.damaged) for unit in units] == [
        (0, True, False),
        (10800, False, True),
        (14400, True, False),
    ]


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_whichever_piece_is_missing_the_unit_is_dropped(missing: int) -> None:
    receiver, sender = h264(*H264_SETS)
    torn = sender.h264([KEY, DELTA], 0), sender.h264([DELTA], 3600), sender.h264([DELTA], 7200)
    del torn[1][missing]
    units = received(receiver, *torn)
    assert [(unit.timestamp, unit.damaged) for unit in units] == [(0, False), (7200, True)]
    assert receiver.take_lost() == 1
    assert receiver.take_lost() == 0


def test_a_whole_missing_unit_marks_the_next_but_drops_none() -> None:
    receiver, sender = h264(*H264_SETS)
    first = sender.h264([KEY], 0)
    sender.h264([DELTA], 3600)
    units = received(receiver, first, sender.h264([DELTA], 7200))
    assert [(unit.timestamp, unit.damaged) for unit in units] == [(0, False), (7200, True)]


def test_without_any_marker_the_timestamp_ends_units() -> None:
    receiver, sender = h264(*H264_SETS)
    packets = [sender.packet(h264_slice(key=n == 0), n * 3600) for n in range(3)]
    assert [unit.timestamp for unit in received(receiver, packets)] == [0, 3600]


def test_a_marker_on_every_slice_is_seen_through() -> None:
    receiver, sender = h264(*H264_SETS)
    slices = [h264_slice(), h264_slice(first=False)]
    packets = [sender.packet(h264_slice(key=True), 0, True), sender.packet(h264_slice(), 3600, True)]
    for n in range(1, 5):
        packets += [sender.packet(unit, 3600 * n, True) for unit in slices]
    units = received(receiver, packets)
    assert [unit.data for unit in units[-2:]] == [sample(*slices)] * 2
    assert [unit.timestamp for unit in units[-2:]] == [7200, 10800]


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\x7c",
        b"\x7c\x85",
        b"\x7c\x45\x00",
        b"\x78\xff\xff\x41",
        b"\x78\x00\x00",
        b"\x78\x00",
        b"\x41",
        b"\x00",
        b"\x1f\xff",
    ],
)
def test_h264_payloads_that_lie_cost_their_unit_at_most(payload: bytes) -> None:
    receiver, sender = h264(*H264_SETS)
    units = received(
        receiver, sender.h264([KEY], 0), [sender.packet(payload, 3600, True)], sender.h264([KEY], 7200)
    )
    assert [unit.timestamp for unit in units if unit.sync] == [0, 7200]


def test_a_picture_without_end_is_given_up() -> None:
    receiver, sender = h264(*H264_SETS)
    start, middle, *_ = h264_payloads(h264_slice(200_000, key=True), 60_000)
    receiver.receive(together([sender.packet(start, 0)]))
    endless = (sender.packet(middle, 0) for _ in range(ACCESS_UNIT_LIMIT // 60_000 + 1))
    with pytest.raises(PeerError, match="larger than"):
        received(receiver, *([packet] for packet in endless))


def test_a_picture_of_endless_tiny_pieces_is_given_up() -> None:
    receiver, sender = h264(*H264_SETS)
    receiver.receive(together([sender.packet(b"\x7c\x85\x88", 0)]))
    with pytest.raises(PeerError, match="larger than"):
        receiver.receive(together([sender.packet(b"\x7c\x05\x00", 0) for _ in range(40_000)]))


def test_h265_fragments_aggregates_and_single_units_become_samples() -> None:
    receiver, sender = Receiver(96, H265(0)), Sender()
    key, delta = h265_slice(300, key=True), h265_slice(300)
    units = received(
        receiver,
        sender.unit([aggregation(*H265_SETS, h265_slice(key=True))], 0),
        sender.h265([*H265_SETS, key], 3600),
        sender.h265([delta, h265_slice(first=False)], 7200),
    )
    assert [unit.data for unit in units] == [
        sample(h265_slice(key=True)),
        sample(key),
        sample(delta, h265_slice(first=False)),
    ]
    assert [unit.sync for unit in units] == [True, True, False]
    assert units[0].config is not None
    assert units[0].config.codec is Codec.H265
    assert units[1].config is None


@pytest.mark.parametrize(
    "payload", [b"", b"\x62", b"\x62\x01", b"\x62\x01\x93", b"\x60\x01\x00", b"\x02\x01"]
)
def test_h265_payloads_that_lie_cost_their_unit_at_most(payload: bytes) -> None:
    receiver, sender = Receiver(96, H265(0, H265_SETS)), Sender()
    key = h265_slice(300, key=True)
    units = received(
        receiver, sender.h265([key], 0), [sender.packet(payload, 3600, True)], sender.h265([key], 7200)
    )
    assert [unit.timestamp for unit in units if unit.sync] == [0, 7200]


def aac_form(**parameters: str) -> sdp.Format:
    known = {"config": sound_specific().hex(), "sizelength": "13", "indexlength": "3"}
    return sdp.Format(97, "MPEG4-GENERIC", 16_000, 1, {**known, **parameters})


def aac_payload(*frames: bytes, sizes: list[int] | None = None) -> bytes:
    sizes = sizes if sizes is not None else [len(frame) for frame in frames]
    headers = b"".join((size << 3).to_bytes(2) for size in sizes)
    return (len(headers) * 8).to_bytes(2) + headers + b"".join(frames)


def test_aac_frames_leave_one_by_one() -> None:
    receiver, sender = Receiver(97, depacketizer(1, aac_form())), Sender(97)
    packets = [
        sender.packet(aac_payload(b"one", b"three"), 1000, True),
        sender.packet(aac_payload(b"x"), 3048),
    ]
    assert receiver.receive(together(packets)) == [
        AccessUnit(1, 1000, b"one", True),
        AccessUnit(1, 2024, b"three", True),
        AccessUnit(1, 3048, b"x", True),
    ]


def test_an_aac_frame_over_several_packets_is_joined_and_dropped_if_torn() -> None:
    receiver, sender = Receiver(97, depacketizer(1, aac_form())), Sender(97)
    whole = [sender.packet(aac_payload(part, sizes=[6]), 0) for part in (b"abc", b"def")]
    assert receiver.receive(together(whole)) == [AccessUnit(1, 0, b"abcdef", True)]
    torn = [sender.packet(aac_payload(part, sizes=[9]), 1024) for part in (b"abc", b"def", b"ghi")]
    after = sender.packet(aac_payload(b"next"), 2048)
    assert [unit.data for unit in receiver.receive(together([torn[0], torn[2], after]))] == [b"next"]


@pytest.mark.parametrize(
    "payload",
    [b"", b"\0", b"\0\x10", b"\xff\xff\0\0", aac_payload(b"ab", sizes=[0]), aac_payload(b"a", sizes=[2, 9])],
)
def test_aac_payloads_that_lie_give_nothing(payload: bytes) -> None:
    receiver, sender = Receiver(97, depacketizer(1, aac_form())), Sender(97)
    assert receiver.receive(together([sender.packet(payload, 0, True)])) == []


@pytest.mark.parametrize(
    "wrong", [{"config": "zz"}, {"config": ""}, {"sizelength": "x"}, {"sizelength": "99"}]
)
def test_sound_described_wrongly_is_a_peers_fault(wrong: dict[str, str]) -> None:
    with pytest.raises(PeerError):
        depacketizer(1, aac_form(**wrong))


def test_g711_payload_is_the_samples() -> None:
    receiver, sender = Receiver(8, depacketizer(1, sdp.Format(8, "PCMA", 8000, 1))), Sender(8)
    units = receiver.receive(together([sender.packet(b"\xd5" * 160, 320), sender.packet(b"", 480)]))
    assert units == [AccessUnit(1, 320, b"\xd5" * 160, True)]
    assert receiver.config is not None
    assert receiver.config.codec is Codec.PCMA
