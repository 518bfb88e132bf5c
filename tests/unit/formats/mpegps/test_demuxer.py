"""What cameras do with program streams, habit by habit, and what must come out."""

import tracemalloc

import pytest

from bingjian.formats import adts
from bingjian.formats.access_unit import AccessUnit, Codec
from bingjian.formats.mpegps import Demuxer
from bingjian.formats.mpegps.demuxer import ASTRAY_LIMIT
from bingjian.formats.mpegps.pictures import ACCESS_UNIT_LIMIT
from tests.unit.formats.material import H264Sps, h264_pps, sound_specific
from tests.unit.formats.mpegps.wire import (
    DELTA,
    END,
    KEY,
    MAP_H264,
    MPEG1_PACK,
    PACK,
    PICTURE,
    SYSTEM,
    demuxed,
    frame,
    key_frame,
    outline,
    pes,
    psm,
    stream,
    timestamp,
)
from tests.unit.protocols.packets import H264_SETS, H265_SETS, h264_slice, h265_slice, sample

WHOLE = [(0, True, False), (1, False, False), (2, False, False)]


def test_the_usual_stream_becomes_access_units() -> None:
    units = demuxed(key_frame(), frame(1), frame(2), END)
    assert outline(units) == WHOLE
    assert [unit.data for unit in units] == [sample(KEY), sample(DELTA), sample(DELTA)]
    assert units[0].config is not None
    assert (units[0].config.codec, units[1].config) == (Codec.H264, None)


def test_it_does_not_matter_where_the_bytes_are_cut() -> None:
    whole = key_frame() + frame(1) + frame(2)
    for size in (1, 2, 3, 5, 64):
        pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
        assert demuxed(*pieces) == demuxed(whole)


# --- The map ---------------------------------------------------------------------------------------------


def test_without_a_map_the_codec_is_read_from_the_pictures() -> None:
    h264 = PACK + pes(0xE0, stream(*H264_SETS, KEY), 0)
    h265 = PACK + pes(0xE0, stream(*H265_SETS, h265_slice(key=True)), 0)
    assert [unit.config.codec for unit in demuxed(h264) + demuxed(h265)] == [Codec.H264, Codec.H265]


def test_a_map_that_names_the_wrong_codec_is_not_believed() -> None:
    told = PACK + psm((0x24, 0xE0)) + pes(0xE0, stream(*H264_SETS, KEY), 0)
    assert [unit.data for unit in demuxed(told)] == [sample(KEY)]


@pytest.mark.parametrize(
    "told",
    [
        psm((0x1B, 0xE0), (0x91, 0xC0), table_length=0xFFFF),
        psm((0x1B, 0xE0), (0x91, 0xC0), table_length=0),
        psm((0x1B, 0xE0), (0x91, 0xC0), descriptors=b"\x40\x02hi"),
        psm((0x1B, 0xE0), (0x91, 0xC0)).replace(b"\xe1\xff\0\0", b"\xe1\xff\x7f\xff"),
    ],
    ids=["table too long", "table too short", "with descriptors", "descriptors too long"],
)
def test_lengths_inside_a_map_may_lie(told: bytes) -> None:
    units = demuxed(PACK + told + pes(0xE0, stream(*H264_SETS, KEY), 0) + pes(0xC0, b"\xd5" * 160, 0))
    assert {unit.track: unit.config.codec for unit in units} == {0: Codec.H264, 1: Codec.PCMU}


def test_a_map_that_lies_about_its_own_length_costs_no_picture() -> None:
    lying = MAP_H264[:4] + b"\0\x40" + MAP_H264[6:]
    body = pes(0xE0, stream(*H264_SETS, KEY), 0)
    assert [unit.data for unit in demuxed(PACK + lying + body + frame(1))] == [sample(KEY), sample(DELTA)]


def test_the_codec_may_change_while_the_stream_goes_on() -> None:
    h265 = PACK + pes(0xE0, stream(*H265_SETS, h265_slice(key=True)), 3 * PICTURE)
    units = demuxed(key_frame(), frame(1), h265, h265.replace(timestamp(2, 10800), timestamp(2, 14400)))
    assert [unit.sync for unit in units] == [True, False, True, True]
    assert [unit.config.codec for unit in units if unit.config] == [Codec.H264, Codec.H265]


# --- Packs and other units -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        MPEG1_PACK,
        PACK[:4],
        PACK[:-1] + b"\xff" + b"\xff" * 7,
        PACK[:-1] + b"\xfd" + b"\xff" * 3,
        PACK + b"\xff" * 20,
        PACK + b"\0" * 11,
        b"",
        PACK + pes(0xBD, b"vendor \0\0\1\xba data") + b"\0\0\1\xbe\0\x05\xff\xff\xff\xff\xff",
        PACK + SYSTEM + SYSTEM,
    ],
    ids=[
        *(
            "MPEG-1",
            "start code only",
            "stuffing of 7",
            "stuffing fewer than said",
            "stuffing more than said",
        ),
        *("zeros after it", "none", "private data and padding", "two system headers"),
    ],
)
def test_pack_headers_of_every_kind(head: bytes) -> None:
    units = demuxed(key_frame(), *(head + frame(n)[len(PACK) :] for n in (1, 2)), frame(3))
    assert outline(units) == [*WHOLE, (3, False, False)]


def test_packets_of_mpeg_1_form() -> None:
    data = stream(*H264_SETS, KEY)
    head = b"\xff\xff\x60\x2e" + timestamp(2, 7 * PICTURE)
    packet = b"\0\0\1\xe0" + (len(head) + len(data)).to_bytes(2) + head + data
    plain = b"\0\0\1\xe0" + (1 + len(stream(DELTA))).to_bytes(2) + b"\x0f" + stream(DELTA)
    units = demuxed(MPEG1_PACK + packet + plain)
    assert [(unit.timestamp, unit.data) for unit in units] == [
        (7 * PICTURE, sample(KEY)),
        (8 * PICTURE, sample(DELTA)),
    ]


# --- Packets and pictures --------------------------------------------------------------------------------


def test_a_picture_in_many_packets_with_the_same_pts_or_none() -> None:
    key, large = h264_slice(150_000, key=True), stream(h264_slice(150_000))
    pieces = [large[at : at + 60_000] for at in range(0, len(large), 60_000)]
    sets = [pes(0xE0, stream(unit), 0) for unit in (b"\x09\x10", *H264_SETS, b"\x06\x05\x01\x00\x80")]
    whole = stream(key)
    first = PACK + b"".join([*sets, pes(0xE0, whole[:50_000], 0), pes(0xE0, whole[50_000:110_000])])
    units = demuxed(
        first + pes(0xE0, whole[110_000:], 0),
        PACK + b"".join(pes(0xE0, piece, PICTURE) for piece in pieces),
        PACK + pes(0xE0, pieces[0], 2 * PICTURE) + b"".join(pes(0xE0, piece) for piece in pieces[1:]),
    )
    assert outline(units) == WHOLE
    assert units[0].data == sample(b"\x06\x05\x01\x00\x80", key)
    assert units[1].data == units[2].data == sample(h264_slice(150_000))


def test_each_slice_in_its_own_packet_with_pts_and_pack() -> None:
    second = h264_slice(first=False)
    pack = PACK + pes(0xE0, stream(DELTA), PICTURE) + PACK + pes(0xE0, stream(second), PICTURE)
    units = demuxed(key_frame(), pack, frame(2))
    assert [unit.data for unit in units] == [sample(KEY), sample(DELTA, second), sample(DELTA)]


def test_pictures_that_do_not_begin_where_packets_do() -> None:
    """As FFmpeg packs: 2 KiB each, the PTS that of the first picture to begin in it."""
    whole = [stream(*H264_SETS, KEY), *[stream(h264_slice(900 + 100 * n)) for n in range(20)]]
    data, starts, at = b"".join(whole), dict[int, int](), 0
    for number, piece in enumerate(whole):
        starts[at] = number * PICTURE
        at += len(piece)
    packets = []
    for start in range(0, len(data), 1000):
        begun = [time for at, time in starts.items() if start <= at < start + 1000]
        packets.append(PACK + pes(0xE0, data[start : start + 1000], begun[0] if begun else None))
    units = demuxed(*packets)
    assert outline(units) == [(n, n == 0, False) for n in range(21)]
    assert [len(unit.data) for unit in units[1:]] == [len(piece) for piece in whole[1:]]


def test_a_length_of_zero_goes_on_to_the_next_unit() -> None:
    units = demuxed(
        PACK + pes(0xE0, stream(*H264_SETS, KEY), 0, length=0),
        PACK + pes(0xE0, stream(DELTA), PICTURE, length=0) + pes(0xC0, b"\xd5" * 160, PICTURE),
        PACK + pes(0xE0, stream(DELTA), 2 * PICTURE, length=0),
    )
    assert outline(unit for unit in units if unit.track == 0) == WHOLE
    assert len([unit for unit in units if unit.track == 1]) == 1


@pytest.mark.parametrize("wrong", [-100, -1, 1, 20, 200], ids=lambda wrong: f"{wrong:+}")
def test_lengths_that_lie_are_found_out(wrong: int) -> None:
    data = stream(DELTA)
    frames = [PACK + pes(0xE0, data, n * PICTURE, length=len(data) + 8 + wrong) for n in (1, 2)]
    units = demuxed(key_frame() + frames[0] + frames[1] + frame(3) + frame(4))
    assert outline(units) == [*WHOLE, (3, False, False), (4, False, False)]
    assert [unit.data for unit in units[1:]] == [sample(DELTA)] * 4


def test_a_picture_over_64_kib_under_a_length_cut_to_16_bits() -> None:
    large = h264_slice(150_000)
    pieces = key_frame() + PACK + pes(0xE0, stream(large), PICTURE) + frame(2)
    units = demuxed(*(pieces[at : at + 1400] for at in range(0, len(pieces), 1400)))
    assert outline(units) == WHOLE
    assert units[1].data == sample(large)


def test_what_looks_like_a_start_code_inside_a_packet_is_data() -> None:
    odd = DELTA + b"\0\0\1\xba\x44\0\0\1\xe0" + DELTA
    assert [unit.data for unit in demuxed(key_frame(), frame(1, odd), frame(2))][1] == sample(odd)


def test_two_fields_under_one_pts_are_one_picture() -> None:
    sets = (H264Sps(frames_only=False, high=34).unit(), h264_pps())
    first = PACK + pes(0xE0, stream(*sets, KEY), 0) + pes(0xE0, stream(DELTA), 0)
    second = PACK + pes(0xE0, stream(DELTA, DELTA), PICTURE)
    units = demuxed(first, second, frame(2))
    assert [unit.data for unit in units] == [sample(KEY, DELTA), sample(DELTA, DELTA), sample(DELTA)]


def test_a_second_video_stream_is_left_out_unless_the_map_moves_there() -> None:
    other = pes(0xE1, stream(DELTA), 5)
    units = demuxed(key_frame() + other, frame(1) + other)
    assert outline(units) == WHOLE[:2]
    moved = PACK + psm((0x1B, 0xE2)) + pes(0xE2, stream(*H264_SETS, KEY), 2 * PICTURE)
    assert len(demuxed(key_frame(), moved)) == 2
    assert outline(demuxed(key_frame(), moved, frame(3))) == [(0, True, False), (2, True, False)]


def test_M5_a_map_that_names_streams_that_do_not_come_is_not_believed() -> None:
    told = PACK + psm((0x1B, 0xE1), (0x91, 0xC1))
    sound = pes(0xC0, b"\xd5" * 320, 0)
    first = told + pes(0xE0, stream(*H264_SETS, KEY), 0) + sound
    units = demuxed(first, told + frame(1) + sound, frame(2))
    assert outline(unit for unit in units if unit.track == 0) == WHOLE
    assert [unit.config.codec for unit in units if unit.config] == [Codec.PCMU, Codec.H264]
    assert len(units) == len(WHOLE) + 2
    midway = PACK + psm((0x1B, 0xE1), (0x91, 0xC1)) + frame(1) + sound
    assert len(demuxed(key_frame() + sound, midway, frame(2))) == len(WHOLE) + 2


def test_M5_sound_moves_to_the_stream_that_the_map_names_when_it_comes() -> None:
    moved = PACK + psm((0x1B, 0xE0), (0x91, 0xC1))
    units = demuxed(pes(0xC0, b"\xd5" * 320, 0) + moved + pes(0xC0, b"\xd5" * 320), pes(0xC1, b"\xd5" * 80))
    assert [(unit.config and unit.config.codec, len(unit.data)) for unit in units] == [
        (Codec.PCMA, 320),
        (None, 320),
        (Codec.PCMU, 80),
    ]


# --- Time ------------------------------------------------------------------------------------------------


def test_pts_wraps_at_33_bits_and_may_step_back() -> None:
    start = (1 << 33) - PICTURE
    times = [start, start + 3 * PICTURE, start + PICTURE, start + 2 * PICTURE]
    first = PACK + pes(0xE0, stream(*H264_SETS, KEY), start)
    rest = [PACK + pes(0xE0, stream(DELTA), time % (1 << 33)) for time in times[1:]]
    assert [unit.timestamp for unit in demuxed(first, *rest)] == times


def test_pts_of_a_seek_and_of_playing_backwards_are_taken_as_they_come() -> None:
    """Backwards, groups of pictures come in reverse, each forwards in itself."""
    numbers = [100, 101, 5000, 5001, 50, 51, 25, 26]
    packs = [key_frame(n) if at % 2 == 0 else frame(n) for at, n in enumerate(numbers)]
    assert outline(demuxed(*packs)) == [(n, at % 2 == 0, False) for at, n in enumerate(numbers)]


def test_a_start_code_cut_in_two_belongs_to_the_packet_that_it_began_in() -> None:
    data = stream(*H264_SETS, KEY, DELTA, DELTA)
    second = data.rindex(b"\0\0\0\1")  # of the third picture
    first = data.rindex(b"\0\0\0\1", 0, second)
    for cut in range(2, 6):  # a single zero may as well end the picture before
        packets = [
            pes(0xE0, data[:first], 0, length=0),
            pes(0xE0, data[first : second + cut], 2 * PICTURE),
            pes(0xE0, data[second + cut :] + stream(DELTA), 5 * PICTURE, length=0),
        ]
        whole = b"".join(PACK + packet for packet in packets)
        times = [
            unit.timestamp // PICTURE
            for unit in demuxed(*(whole[at : at + 7] for at in range(0, len(whole), 7)))
        ]
        assert times == [0, 2, 4, 5]


def test_without_pts_the_transport_tells_the_time_and_without_that_a_frame_passes() -> None:
    bare = [PACK + pes(0xE0, stream(*H264_SETS, KEY)), *[PACK + pes(0xE0, stream(DELTA))] * 3]
    demuxer = Demuxer()
    units = [unit for n, piece in enumerate(bare) for unit in demuxer.push(piece, 1000 + 4500 * n)]
    assert [unit.timestamp for unit in units + demuxer.flush()] == [1000, 5500, 10000, 14500]
    assert [unit.timestamp for unit in demuxed(key_frame(10), frame(12), bare[1], bare[2])] == [
        n * PICTURE for n in (10, 12, 14, 16)
    ]


def test_a_pts_that_never_moves_is_no_time() -> None:
    demuxer, frames = Demuxer(), [key_frame(), *[frame(0)] * 3]
    units = [unit for n, piece in enumerate(frames) for unit in demuxer.push(piece, 777 + 1800 * n)]
    assert [unit.timestamp for unit in units + demuxer.flush()] == [0, 1800, 3600, 5400]


# --- Sound -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "codec"),
    [((0x90,), Codec.PCMA), ((0x91,), Codec.PCMU), ((), Codec.PCMA)],
    ids=["A-law", "µ-law", "no map"],
)
def test_g711(told: tuple[int, ...], codec: Codec) -> None:
    head = PACK + psm((0x1B, 0xE0), *((kind, 0xC0) for kind in told))
    units = demuxed(*(head + pes(0xC0, b"\xd5" * 320, 90_000 + PICTURE * n) for n in range(3)))
    assert [(unit.track, unit.timestamp, len(unit.data)) for unit in units] == [
        (1, 8000 + 320 * n, 320) for n in range(3)
    ]
    assert units[0].config.codec is codec


def test_sound_counts_sample_by_sample_and_follows_a_jump() -> None:
    times = [0, 3590, 7215, 90_000, None]
    units = demuxed(*(PACK + pes(0xC0, b"\xd5" * 320, time) for time in times))
    assert [unit.timestamp for unit in units] == [0, 320, 640, 8000, 8320]


def test_aac_frames_across_packets_whatever_the_map_says() -> None:
    specific, frames = sound_specific(), [bytes((n,)) * (90 + n) for n in range(12)]
    data = b"".join(adts.header(specific, len(each)) + each for each in frames)
    pieces = [data[:300], data[300:450], data[450:460], data[460:]]
    head = PACK + psm((0x1B, 0xE0), (0x90, 0xC0))
    units = demuxed(*(head + pes(0xC0, piece, 45_000 if n == 0 else None) for n, piece in enumerate(pieces)))
    assert [unit.data for unit in units] == frames
    assert [unit.timestamp for unit in units] == [8000 + 1024 * n for n in range(12)]
    assert (units[0].config.codec, units[0].config.specific) == (Codec.AAC, specific)


def test_M4_a_frame_with_a_damaged_header_is_passed_over() -> None:
    """It takes its time all the same."""
    good, bad = (_adts(bytes((n,)) * 90) for n in (1, 2))
    bad = bad[:2] + bytes((bad[2] & ~1, bad[3] & 0x3F)) + bad[4:]  # channel configuration 0
    packets = [good * 2, bad + good, good + bad + good, *[bad] * 15, good]
    demuxer = Demuxer()
    pieces = [PACK + pes(0xC0, data, 90_000 if n < 1 else None) for n, data in enumerate(packets)]
    units = demuxed(*pieces, demuxer=demuxer)
    assert [unit.timestamp // 1024 - units[0].timestamp // 1024 for unit in units] == [0, 1, 3, 4, 6, 22]
    assert demuxer.left_out == ""
    assert [unit.config is not None for unit in units] == [True, *[False] * 5]


def test_M4_a_first_frame_that_is_damaged_leaves_its_time_to_the_next() -> None:
    good = _adts(bytes(90))
    bad = good[:2] + bytes((good[2] & ~1, good[3] & 0x3F)) + good[4:]
    (unit,) = demuxed(PACK + pes(0xC0, bad + good, 90_000))
    assert unit.timestamp == unit.config.clock_rate


def test_M4_sound_of_which_no_frame_is_read_is_named() -> None:
    good = _adts(bytes(90))
    bad = good[:2] + bytes((good[2] & ~1, good[3] & 0x3F)) + good[4:]
    demuxer = Demuxer()
    assert demuxed(PACK + pes(0xC0, bad * 16, 0), PACK + pes(0xC0, good, 0), demuxer=demuxer) == []
    assert demuxer.left_out == "AAC channel configuration 0"


def _adts(raw: bytes) -> bytes:
    return adts.header(sound_specific(), len(raw)) + raw


def test_sound_that_we_do_not_store_is_named() -> None:
    demuxer = Demuxer()
    units = demuxed(PACK + psm((0x1B, 0xE0), (0x93, 0xC0)) + pes(0xC0, b"\1" * 24, 0), demuxer=demuxer)
    assert (units, demuxer.left_out, demuxer.announces_sound) == ([], "G.723.1 sound", False)


# --- Damage ----------------------------------------------------------------------------------------------


def test_joining_in_the_middle_waits_for_a_key_frame() -> None:
    joined = frame(1)[60:] + frame(2) + key_frame(3) + frame(4)
    assert outline(demuxed(joined)) == [(3, True, False), (4, False, False)]


def test_what_cannot_be_decoded_yet_does_not_come_out() -> None:
    without_key = PACK + pes(0xE0, stream(*H264_SETS, DELTA), 0)
    assert outline(demuxed(without_key, frame(1), key_frame(2), frame(3))) == [
        (2, True, False),
        (3, False, False),
    ]


def test_a_stream_that_ends_in_a_packet_ends_with_the_picture_before() -> None:
    large = stream(h264_slice(1000))
    torn = PACK + pes(0xE0, large[:600], 2 * PICTURE) + pes(0xE0, large[600:])
    assert outline(demuxed(key_frame(), frame(1), torn[:-100])) == WHOLE[:2]
    assert outline(demuxed(key_frame(), frame(1), torn[:500])) == WHOLE[:2]
    assert outline(demuxed(key_frame(), frame(1), torn)) == WHOLE


def test_a_length_that_reaches_beyond_the_end_hides_nothing() -> None:
    lying = PACK + pes(0xE0, stream(DELTA), PICTURE, length=60_000)
    assert outline(demuxed(key_frame() + lying + frame(2) + frame(3))) == [*WHOLE, (3, False, False)]
    sound = pes(0xC0, b"\xd5" * 160, 0, length=60_000)
    found = demuxed(key_frame() + frame(1) + sound + frame(2) + key_frame(3))
    assert outline(found)[-2:] == [(2, False, True), (3, True, False)]


def test_a_loss_drops_its_picture_and_flags_those_after_it() -> None:
    demuxer = Demuxer()
    units = demuxer.push(key_frame()) + demuxer.push(frame(1)) + demuxer.push(frame(2)[:100])
    demuxer.lose()
    units += demuxer.push(frame(2)[200:]) + demuxer.push(frame(3)) + demuxer.push(key_frame(4))
    units += demuxer.push(frame(5))
    assert outline(units + demuxer.flush()) == [
        *WHOLE[:2],
        (3, False, True),
        (4, True, False),
        (5, False, False),
    ]


def test_a_loss_after_a_marked_picture_costs_only_what_is_missing() -> None:
    demuxer = Demuxer()
    units = list[AccessUnit]()
    for number in range(4):
        units += demuxer.push(frame(number) if number else key_frame()) + demuxer.mark()
    demuxer.lose()
    units += demuxer.push(frame(5)) + demuxer.flush()
    assert outline(units) == [*WHOLE, (3, False, False), (5, False, True)]


def test_damaged_bytes_are_passed_over() -> None:
    torn = frame(2)[:20] + b"\0\0\0" + frame(2)[23:]  # the packet has no header any more
    units = demuxed(key_frame() + frame(1) + torn + frame(3) + key_frame(4))
    assert [entry for entry in outline(units) if entry[0] > 2] == [(3, False, True), (4, True, False)]
    assert not any(unit.damaged for unit in units if unit.timestamp < 2 * PICTURE)


def test_a_picture_without_end_is_dropped_and_not_kept() -> None:
    demuxer, piece = Demuxer(), b"\x5a" * (1 << 20)
    demuxer.push(key_frame() + PACK + pes(0xE0, stream(DELTA), PICTURE, length=0))
    tracemalloc.start()
    for _ in range(ACCESS_UNIT_LIMIT // len(piece) + 4):
        demuxer.push(piece)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 2 * len(piece)
    assert "larger than" in demuxer.fault
    assert outline(demuxer.push(frame(2)) + demuxer.push(key_frame(3)) + demuxer.flush()) == [
        (2, False, True),
        (3, True, False),
    ]


# --- Marks -----------------------------------------------------------------------------------------------


def test_marks_that_proved_right_end_a_picture_at_once() -> None:
    demuxer = Demuxer()
    at_once = []
    for number in range(12):
        demuxer.push(frame(number) if number else key_frame())
        at_once.append(len(demuxer.mark()))
    assert at_once == [0] * 9 + [1] * 3 or at_once == [0] * 8 + [1] * 4


def test_marks_on_every_packet_are_found_out_and_cost_nothing() -> None:
    large = stream(h264_slice(100_000))
    demuxer, units = Demuxer(), list[AccessUnit]()
    for number in range(30):
        head = key_frame() if number == 0 else PACK + pes(0xE0, large[:60_000], number * PICTURE)
        for piece in [head] if number == 0 else [head, pes(0xE0, large[60_000:])]:
            units += demuxer.push(piece) + demuxer.mark()
    units += demuxer.flush()
    assert outline(units) == [(n, n == 0, False) for n in range(30)]
    assert {len(unit.data) for unit in units[1:]} == {len(large)}


# --- Faults ----------------------------------------------------------------------------------------------


def test_an_encrypted_stream_is_named() -> None:
    demuxer = Demuxer()
    clear = pes(0xE0, stream(*H264_SETS, KEY), 0)
    assert demuxed(PACK + clear[:6] + b"\xbc" + clear[7:], demuxer=demuxer) == []
    assert demuxer.fault == "the stream is encrypted"


def test_M6_encrypted_sound_is_no_encrypted_stream() -> None:
    demuxer = Demuxer()
    sound = pes(0xC0, b"\xd5" * 160, 0)
    demuxed(PACK + sound[:6] + b"\xbc" + sound[7:], demuxer=demuxer)
    assert demuxer.fault == ""


def test_svac_is_named() -> None:
    demuxer = Demuxer()
    demuxed(PACK + psm((0x80, 0xE0)) + pes(0xE0, stream(b"\x12\x34"), 0), demuxer=demuxer)
    assert demuxer.fault == "the camera sends SVAC video"


def test_what_is_no_program_stream_is_said_and_not_kept() -> None:
    demuxer = Demuxer()
    for _ in range(ASTRAY_LIMIT // 65536 + 1):
        assert demuxer.push(b"\x47" + bytes(range(1, 188)) * 350) == []
    assert "something else" in demuxer.fault
