"""H.264 parameter sets and NAL unit questions."""

import pytest

from bingjian.formats import h264
from bingjian.formats.access_unit import Codec, FormatError
from tests.unit.formats.material import H264Sps, encoded_video, h264_pps


def test_a_full_hd_camera():
    config = h264.config_from([H264Sps(reorder=0).unit(), h264_pps()])
    assert (config.codec, config.width, config.height) == (Codec.H264, 1920, 1080)
    assert config.codec_string == "avc1.640028"
    assert config.reorder_frames == 0


@pytest.mark.parametrize(
    ("sps", "frames"),
    [
        (H264Sps(reorder=3), 3),  # stated
        (H264Sps(vui=False), 4),  # level 4: 32768 macroblocks hold four pictures of 8160
        (H264Sps(vui=False, level=0), 16),  # no such level: the most there is
        (H264Sps(vui=False, profile=66), 0),
        (H264Sps(vui=False, order_type=2), 0),
        (H264Sps(vui=False, constraints=0x10), 0),  # High 10 Intra and its kin
        (H264Sps(vui=False, profile=77, constraints=0x10, level=11, wide=11, high=9, crop=None), 4),  # 1b
    ],
)
def test_reorder_is_stated_or_the_most_a_level_allows(sps, frames):
    assert h264.parse_sps(sps.unit()).reorder_frames == frames


@pytest.mark.parametrize("bframes", [0, 1, 3])
def test_reorder_covers_what_the_encoder_does(bframes):
    stream = encoded_video("libx264", f"preset=ultrafast,bf={bframes},g=25,b_strategy=0")
    assert stream.config.reorder_frames == stream.reordering


def test_field_coding_doubles_the_height():
    sps = h264.parse_sps(H264Sps(high=34, frames_only=False, crop=(0, 0, 0, 2)).unit())
    assert (sps.width, sps.height) == (1920, 1080)


def test_pixel_aspect_by_number_and_in_full():
    assert h264.pixel_aspect([H264Sps(aspect=2).unit()]) == (12, 11)
    assert h264.pixel_aspect([H264Sps(aspect=(4, 3)).unit()]) == (4, 3)
    assert h264.pixel_aspect([H264Sps(aspect=(0, 3)).unit()]) == (1, 1)
    assert h264.pixel_aspect([H264Sps(aspect=200).unit()]) == (1, 1)
    assert h264.pixel_aspect([]) == (1, 1)


def test_a_vui_that_ends_early_counts_as_silent():
    whole = H264Sps(reorder=0).unit()
    assert h264.parse_sps(whole[:-4]).reorder_frames == 4


@pytest.mark.parametrize(
    "sps",
    [
        H264Sps(wide=1025),
        H264Sps(high=1025),
        H264Sps(high=1024, frames_only=False),
        H264Sps(crop=(0, 960, 0, 0)),
        H264Sps(crop=(0, 0, 2**32 - 2, 2**32 - 2)),
        H264Sps(id=32),
        H264Sps(order_type=3),
        H264Sps(chroma=4),
        H264Sps(luma_bits=15),
        H264Sps(order_type=1, cycle=(1,) * 256),
    ],
)
def test_lies_are_refused(sps):
    with pytest.raises(FormatError):
        h264.parse_sps(sps.unit())


@pytest.mark.parametrize(
    "unit", [b"", b"\x67", b"\x67\x64\x00\x28", b"\x67\x64\x00\x28" + bytes(20), h264_pps()]
)
def test_what_is_no_sps_is_refused(unit):
    with pytest.raises(FormatError):
        h264.parse_sps(unit)


def test_a_later_set_of_the_same_id_replaces_the_earlier():
    small, large = H264Sps(wide=40, high=30, crop=None).unit(), H264Sps().unit()
    config = h264.config_from([small, h264_pps(), large])
    assert config.parameter_sets == (large, h264_pps())
    assert h264.config_from([*config.parameter_sets, large, h264_pps()]) == config


def test_a_pps_of_another_layer_is_passed_over():
    config = h264.config_from([H264Sps().unit(), h264_pps(0, 0), h264_pps(1, 7)])
    assert config.parameter_sets == (H264Sps().unit(), h264_pps(0, 0))


def test_the_sps_that_the_first_pps_names_is_the_active_one():
    unused, used = H264Sps(id=0, wide=40, high=30, crop=None).unit(), H264Sps(id=1).unit()
    assert h264.config_from([unused, used, h264_pps(0, 1)]).width == 1920


@pytest.mark.parametrize("sets", [[], [H264Sps().unit()], [h264_pps()], [H264Sps().unit(), h264_pps(0, 5)]])
def test_incomplete_sets_are_refused(sets):
    with pytest.raises(FormatError):
        h264.config_from(sets)


def test_trailing_zeros_of_sloppy_cameras_do_not_matter():
    clean = [H264Sps().unit(), h264_pps()]
    assert h264.config_from([unit + b"\0\0" for unit in clean]) == h264.config_from(clean)


def test_more_sets_than_a_file_holds_are_refused():
    with pytest.raises(FormatError):
        h264.config_from([H264Sps(id=id).unit() for id in range(32)] + [h264_pps()])


def test_avcc_of_main_profile_ends_after_the_sets():
    sps, pps = H264Sps(profile=77).unit(), h264_pps()
    expected = bytes([1, 77, 0, 40, 0xFF, 0xE1, 0, len(sps)]) + sps + bytes([1, 0, len(pps)]) + pps
    assert h264.decoder_configuration([sps, pps]) == expected


def test_avcc_of_high_profile_states_chroma_and_depth():
    record = h264.decoder_configuration([H264Sps(profile=110, chroma=2, luma_bits=10).unit(), h264_pps()])
    assert record[-4:] == bytes([0xFE, 0xFA, 0xF8, 0])
    assert h264.parameter_sets_of(record) == [
        H264Sps(profile=110, chroma=2, luma_bits=10).unit(),
        h264_pps(),
    ]


def test_hot_path_questions():
    assert h264.is_idr(b"\x65\x88")
    assert not h264.is_idr(b"\x41\x9a")
    assert h264.first_slice(b"\x65\x88")
    assert h264.first_slice(b"\x41\x9a")
    assert not h264.first_slice(b"\x41\x1a")
    assert not h264.first_slice(b"\x06\x80")
    assert h264.is_slice(b"\x41\x9a")
    assert not h264.is_slice(b"\x09\xf0")
    assert h264.is_parameter_set(b"\x67")
    assert h264.is_parameter_set(b"\x68")


def test_hot_path_questions_bear_empty_units():
    assert h264.nal_type(b"") == h264.NO_UNIT
    assert not any(ask(b"") for ask in (h264.is_idr, h264.is_slice, h264.first_slice))
    assert not h264.first_slice(b"\x65")
