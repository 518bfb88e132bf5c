"""H.265 parameter sets and NAL unit questions."""

import pytest

from bingjian.formats import h265
from bingjian.formats.access_unit import Codec, FormatError
from tests.unit.formats.material import H265Sps, encoded_video, h265_header, h265_pps, h265_vps

SETS = [h265_vps(), H265Sps().unit(), h265_pps()]


def test_a_full_hd_camera():
    config = h265.config_from(SETS)
    assert (config.codec, config.width, config.height) == (Codec.H265, 1920, 1080)
    assert config.codec_string == "hvc1.1.6.L120.90"
    assert config.reorder_frames == 2
    assert config.parameter_sets == tuple(SETS)


@pytest.mark.parametrize(
    ("general", "expected"),
    [
        (
            "0160000000B000000000005D",
            "hvc1.1.6.L93.B0",
        ),  # ISO/IEC 14496-15 Annex E's example
        ("414000000000000000000078", "hvc1.A1.2.L120"),
        ("222000000090000000000096", "hvc1.2.4.H150.90"),
        ("040800000098080000000000", "hvc1.4.10.L0.98.8"),
        ("016000000000000000010078", "hvc1.1.6.L120.0.0.0.0.1"),
    ],
)
def test_codec_strings(general, expected):
    sps = h265.parse_sps(H265Sps(general=bytes.fromhex(general)).unit())
    assert h265.codec_string(sps) == expected


@pytest.mark.parametrize("bframes", [0, 1, 3])
def test_reorder_covers_what_the_encoder_does(bframes):
    stream = encoded_video(
        "libx265", f"preset=ultrafast,x265-params=log-level=none:bframes={bframes}:keyint=25"
    )
    assert stream.config.reorder_frames == stream.reordering


def test_the_highest_sub_layer_says_how_much_is_reordered():
    three = H265Sps(sub_layers=3, present=((True, True), (False, True)), reorders=(0, 1, 2))
    assert h265.parse_sps(three.unit()).reorder_frames == 2
    assert h265.parse_sps(three.unit()).sub_layers == 3


@pytest.mark.parametrize(
    "sps",
    [
        H265Sps(width=0),
        H265Sps(height=16385),
        H265Sps(width=2**32 - 2),
        H265Sps(window=(480, 480, 0, 0)),
        H265Sps(id=16),
        H265Sps(chroma=4),
        H265Sps(luma_bits=17),
        H265Sps(sub_layers=8, present=((False, False),) * 7, reorders=(0,)),
        H265Sps(reorders=(16,)),
    ],
)
def test_lies_are_refused(sps):
    with pytest.raises(FormatError):
        h265.parse_sps(sps.unit())


@pytest.mark.parametrize("unit", [b"", b"\x42", b"\x42\x01", b"\x42\x01" + bytes(40), h265_vps()])
def test_what_is_no_sps_is_refused(unit):
    with pytest.raises(FormatError):
        h265.parse_sps(unit)


@pytest.mark.parametrize("missing", range(3))
def test_incomplete_sets_are_refused(missing):
    with pytest.raises(FormatError):
        h265.config_from(SETS[:missing] + SETS[missing + 1 :])


def test_sets_of_enhancement_layers_are_passed_over():
    layer = [
        h265_vps(layer=1),
        H265Sps(layer=1, width=640, height=480, window=None).unit(),
        h265_pps(layer=1),
    ]
    assert h265.config_from(SETS + layer) == h265.config_from(SETS)


def test_a_later_set_of_the_same_id_replaces_the_earlier():
    small = H265Sps(width=640, height=480, window=None).unit()
    assert h265.config_from([h265_vps(), small, h265_pps(), *SETS]) == h265.config_from(SETS)


def test_hvcc():
    record = h265.decoder_configuration(SETS)
    assert record[:23].hex() == "01" + "016000000090000000000078" + "f000fcfdf8f80000" + "0f" + "03"
    assert record[23:26] == bytes([0x80 | 32, 0, 1])
    assert h265.parameter_sets_of(record) == SETS


def test_hot_path_questions():
    assert h265.is_irap(h265_header(h265.CRA) + b"\x80")
    assert h265.is_irap(h265_header(h265.IDR_W_RADL) + b"\x80")
    assert not h265.is_irap(h265_header(1) + b"\x80")
    assert h265.first_slice(h265_header(1) + b"\x80")
    assert not h265.first_slice(h265_header(1) + b"\x40")
    assert not h265.first_slice(h265_header(h265.PREFIX_SEI) + b"\x80")
    assert h265.is_slice(h265_header(1))
    assert all(h265.is_parameter_set(h265_header(kind)) for kind in (h265.VPS, h265.SPS, h265.PPS))
    assert not h265.is_parameter_set(h265_header(h265.DELIMITER))


@pytest.mark.parametrize("unit", [b"", b"\x26"])
def test_hot_path_questions_bear_short_units(unit):
    assert h265.nal_type(unit) == h265.NO_UNIT
    assert not any(ask(unit) for ask in (h265.is_irap, h265.is_slice, h265.first_slice))
