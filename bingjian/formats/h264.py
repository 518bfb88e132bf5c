"""H.264 / AVC: what a parameter set says, and the few questions the hot path asks of a NAL unit.

Sources: Rec. ITU-T H.264 §7.3.1 (NAL unit), §7.3.2 (parameter sets), Annex A (levels), Annex E (VUI);
ISO/IEC 14496-15 §5.3.3 (avcC); RFC 6381 §3.3 (codec string).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from struct import pack

from bingjian.formats.access_unit import Codec, FormatError, VideoConfig
from bingjian.formats.bits import BitReader
from bingjian.formats.nal import (
    MAX_DIMENSION,
    checked_size,
    cleaned,
    counted,
    read_counted,
    unescape,
)

SLICE, PARTITION_A, IDR, SEI, SPS, PPS, DELIMITER = 1, 2, 5, 6, 7, 8, 9  # nal_unit_type, table 7-1
NO_UNIT = 0  # nal_unit_type "unspecified", also given for an empty unit

MAX_SPS_IN_AVCC, MAX_PPS_IN_AVCC = 31, 255
MAX_MACROBLOCKS = MAX_DIMENSION // 16  # along one side
BASELINE, MAIN, EXTENDED = 66, 77, 88  # profile_idc whose SPS and avcC lack the High fields
HIGH_SYNTAX = frozenset({44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 144, 244})  # §7.3.2.1.1
INTRA_PROFILES = frozenset({44, 86, 100, 110, 122, 244})  # with constraint_set3: intra only, Annex A.2

# MaxDpbMbs by level_idc, table A-1: how many macroblocks of pictures a decoder of that level holds.
DPB_MACROBLOCKS = {
    9: 396,
    10: 396,
    11: 900,
    12: 2376,
    13: 2376,
    20: 2376,
    21: 4752,
    22: 8100,
    30: 8100,
    31: 18000,
    32: 20480,
    40: 32768,
    41: 32768,
    42: 34816,
    50: 110400,
    51: 184320,
    52: 184320,
    60: 696320,
    61: 696320,
    62: 696320,
}
MAX_DPB_FRAMES = 16

# Width and height of one pixel by aspect_ratio_idc, table E-1; 0 is "unspecified".
PIXEL_ASPECTS = (
    *((1, 1), (1, 1), (12, 11), (10, 11), (16, 11), (40, 33), (24, 11), (20, 11), (32, 11)),
    *((80, 33), (18, 11), (15, 11), (64, 33), (160, 99), (4, 3), (3, 2), (2, 1)),
)
EXTENDED_ASPECT = 255  # aspect_ratio_idc: width and height follow


@dataclass(frozen=True, slots=True)
class Sps:
    """What we need of a sequence parameter set."""

    id: int
    profile: int  # profile_idc
    constraints: int  # the byte of constraint_set flags
    level: int  # level_idc
    chroma_format: int  # 0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4
    luma_bits: int
    chroma_bits: int
    width: int  # pixels after cropping
    height: int
    reorder_frames: int  # stated by the VUI, or the most that the level allows
    pixel_aspect: tuple[int, int]  # width and height of one pixel
    frames_only: bool  # no picture is a single field


# --- The hot path's questions ---------------------------------------------------------------------


def nal_type(unit: bytes) -> int:
    """nal_unit_type; 0 for an empty unit."""
    return unit[0] & 0x1F if unit else NO_UNIT


def is_idr(unit: bytes) -> bool:
    """Is it a slice of a picture at which decoding can start?"""
    return nal_type(unit) == IDR


def is_slice(unit: bytes) -> bool:
    """Is it part of a coded picture (VCL)?"""
    return SLICE <= nal_type(unit) <= IDR


def is_parameter_set(unit: bytes) -> bool:
    return nal_type(unit) in (SPS, PPS)


def first_slice(unit: bytes) -> bool:
    """Does a picture begin with this unit? A slice of first_mb_in_slice 0, which as ue(v) is a 1 bit."""
    return len(unit) > 1 and unit[0] & 0x1F in (SLICE, PARTITION_A, IDR) and unit[1] >= 0x80


# --- Configuration --------------------------------------------------------------------------------


def config_from(parameter_sets: Iterable[bytes]) -> VideoConfig:
    """The configuration these parameter sets make, SPS first.

    A later set replaces an earlier one of the same kind and id, so ``config_from([*old, *new])`` is the
    change that in-band sets bring; the same sets again give an equal configuration. Other NAL units are
    passed over, as is a PPS without its SPS (of a scalable or multi-view layer).

    Raises:
        FormatError: no usable SPS and PPS, or one that lies.
    """
    sps, pps = _by_id(parameter_sets)
    used = {id: unit for id, unit in pps.items() if _sps_of(unit) in sps}
    if not used:
        raise FormatError("H.264 without a sequence and a picture parameter set that belong together")
    _check_counts(len(sps), len(used))
    active = parse_sps(sps[_sps_of(next(iter(used.values())))])
    return VideoConfig(
        codec=Codec.H264,
        parameter_sets=(*sps.values(), *used.values()),
        width=active.width,
        height=active.height,
        reorder_frames=active.reorder_frames,
        codec_string=f"avc1.{active.profile:02x}{active.constraints:02x}{active.level:02x}",
    )


def decoder_configuration(parameter_sets: Iterable[bytes]) -> bytes:
    """AVCDecoderConfigurationRecord for NAL units with 4-byte lengths: the content of ``avcC``."""
    units = list(parameter_sets)
    sps = [unit for unit in units if nal_type(unit) == SPS]
    pps = [unit for unit in units if nal_type(unit) == PPS]
    if not sps or not pps:
        raise FormatError("avcC needs a sequence and a picture parameter set")
    _check_counts(len(sps), len(pps))
    first = parse_sps(sps[0])
    head = pack(">BBBBBB", 1, first.profile, first.constraints, first.level, 0xFF, 0xE0 | len(sps))
    sets = [*map(counted, sps), bytes([len(pps)]), *map(counted, pps)]
    high = b"" if first.profile in (BASELINE, MAIN, EXTENDED) else _high_fields(first)
    return head + b"".join(sets) + high


def _check_counts(sps: int, pps: int) -> None:
    if sps > MAX_SPS_IN_AVCC or pps > MAX_PPS_IN_AVCC:
        raise FormatError(f"{sps} sequence and {pps} picture parameter sets are more than avcC can hold")


def _high_fields(sps: Sps) -> bytes:
    """Chroma format and bit depths, reserved bits set, no SPS extension."""
    return pack(
        ">BBBB", 0xFC | sps.chroma_format, 0xF8 | (sps.luma_bits - 8), 0xF8 | (sps.chroma_bits - 8), 0
    )


def parameter_sets_of(record: bytes) -> list[bytes]:
    """The parameter sets in an ``avcC``'s content.

    Raises:
        FormatError: a count or length goes beyond the end, or lengths before NAL units are not of 4 bytes.
    """
    if len(record) < 7 or record[0] != 1 or record[4] & 3 != 3:
        raise FormatError("an avcC of another version or NAL unit length")
    sps, at = read_counted(record, 6, record[5] & 0x1F)
    if at >= len(record):
        raise FormatError("an avcC that ends before its picture parameter sets")
    pps, _ = read_counted(record, at + 1, record[at])
    return sps + pps


def pixel_aspect(parameter_sets: Iterable[bytes]) -> tuple[int, int]:
    """Width and height of one pixel, as the first SPS says."""
    for unit in parameter_sets:
        if nal_type(unit) == SPS:
            return parse_sps(unit).pixel_aspect
    return 1, 1


def _by_id(units: Iterable[bytes]) -> tuple[dict[int, bytes], dict[int, bytes]]:
    """SPS and PPS by their ids, in order of first appearance."""
    sps: dict[int, bytes] = {}
    pps: dict[int, bytes] = {}
    for unit in cleaned(unit for unit in units if is_parameter_set(unit)):
        if nal_type(unit) == SPS:
            sps[parse_sps(unit).id] = unit
        else:
            pps[BitReader(unescape(unit[1:])).at_most(255, "pic_parameter_set_id")] = unit
    return sps, pps


def _sps_of(pps: bytes) -> int:
    reader = BitReader(unescape(pps[1:]))
    reader.golomb()  # its own id
    return reader.at_most(31, "seq_parameter_set_id")


# --- The sequence parameter set -------------------------------------------------------------------


def parse_sps(unit: bytes) -> Sps:
    """A sequence parameter set, §7.3.2.1.1.

    Raises:
        FormatError: it is none, ends early, or states what cannot be.
    """
    if nal_type(unit) != SPS or len(unit) < 4:
        raise FormatError("not an H.264 sequence parameter set")
    profile, constraints, level = unit[1:4]
    reader = BitReader(unescape(unit)[4:])
    id = reader.at_most(31, "seq_parameter_set_id")
    chroma, luma_bits, chroma_bits = _high_syntax(reader) if profile in HIGH_SYNTAX else (1, 8, 8)
    reader.at_most(12, "log2_max_frame_num_minus4")
    order_type = _picture_order(reader)
    reader.at_most(MAX_DPB_FRAMES, "max_num_ref_frames")
    reader.flag()  # gaps_in_frame_num_value_allowed_flag
    wide = reader.at_most(MAX_MACROBLOCKS - 1, "pic_width_in_mbs_minus1") + 1
    high = reader.at_most(MAX_MACROBLOCKS - 1, "pic_height_in_map_units_minus1") + 1  # of a frame or field
    frames_only = reader.flag()
    high *= 1 if frames_only else 2
    if not frames_only:
        reader.flag()  # mb_adaptive_frame_field_flag
    reader.flag()  # direct_8x8_inference_flag
    width, height = _cropped(reader, wide * 16, high * 16, chroma, frames_only)
    aspect, stated_reorder = _vui(reader) if reader.flag() else ((1, 1), None)
    if _never_reorders(profile, constraints, order_type):
        reorder = 0
    elif stated_reorder is not None:
        reorder = stated_reorder
    else:
        reorder = _dpb_frames(level, constraints, wide * high)
    return Sps(
        id=id,
        profile=profile,
        constraints=constraints,
        level=level,
        chroma_format=chroma,
        luma_bits=luma_bits,
        chroma_bits=chroma_bits,
        width=width,
        height=height,
        reorder_frames=reorder,
        pixel_aspect=aspect,
        frames_only=frames_only,
    )


def _high_syntax(reader: BitReader) -> tuple[int, int, int]:
    """Chroma format and bit depths of the High profiles; scaling lists are read over."""
    chroma = reader.at_most(3, "chroma_format_idc")
    if chroma == 3:
        reader.flag()  # separate_colour_plane_flag
    luma_bits = 8 + reader.at_most(6, "bit_depth_luma_minus8")
    chroma_bits = 8 + reader.at_most(6, "bit_depth_chroma_minus8")
    reader.flag()  # qpprime_y_zero_transform_bypass_flag
    if reader.flag():
        for index in range(8 if chroma != 3 else 12):
            if reader.flag():
                _skip_scaling_list(reader, 16 if index < 6 else 64)
    return chroma, luma_bits, chroma_bits


def _skip_scaling_list(reader: BitReader, size: int) -> None:
    """§7.3.2.1.1.1: a difference per value until the next scale is 0."""
    last = 8
    for _ in range(size):
        last = (last + reader.signed_golomb()) % 256
        if last == 0:
            return


def _picture_order(reader: BitReader) -> int:
    """pic_order_cnt_type; type 2 means output in decoding order."""
    kind = reader.at_most(2, "pic_order_cnt_type")
    if kind == 0:
        reader.at_most(12, "log2_max_pic_order_cnt_lsb_minus4")
    elif kind == 1:
        reader.flag()  # delta_pic_order_always_zero_flag
        reader.signed_golomb()
        reader.signed_golomb()
        for _ in range(reader.at_most(255, "num_ref_frames_in_pic_order_cnt_cycle")):
            reader.signed_golomb()
    return kind


def _cropped(reader: BitReader, width: int, height: int, chroma: int, frames_only: bool) -> tuple[int, int]:
    """The size after the frame cropping that follows, in pixels (equations 7-19 to 7-22)."""
    if reader.flag():
        unit_x = 2 if chroma in (1, 2) else 1
        unit_y = (2 if chroma == 1 else 1) * (1 if frames_only else 2)
        left, right, top, bottom = (reader.golomb() for _ in range(4))
        width -= unit_x * (left + right)
        height -= unit_y * (top + bottom)
    return checked_size(width, height)


def _vui(reader: BitReader) -> tuple[tuple[int, int], int | None]:
    """Pixel aspect and max_num_reorder_frames, if stated (Annex E.1.1).

    Cameras get the VUI wrong more than anything else and decoders forgive them: one that ends early or states
    nonsense counts as silent from there on.
    """
    aspect, reorder = (1, 1), None
    try:
        aspect = _aspect(reader)
        _skip_video_signal(reader)
        _skip_timing(reader)
        reorder = _stated_reorder(reader)
    except FormatError:
        pass
    return aspect, reorder


def _aspect(reader: BitReader) -> tuple[int, int]:
    if not reader.flag():
        return 1, 1
    index = reader.bits(8)
    if index == EXTENDED_ASPECT:
        wide, high = reader.bits(16), reader.bits(16)
        return (wide, high) if wide and high else (1, 1)
    return PIXEL_ASPECTS[index] if index < len(PIXEL_ASPECTS) else (1, 1)


def _skip_video_signal(reader: BitReader) -> None:
    if reader.flag():  # overscan_info_present_flag
        reader.flag()
    if reader.flag():  # video_signal_type_present_flag
        reader.bits(4)  # video_format, video_full_range_flag
        if reader.flag():  # colour_description_present_flag
            reader.bits(24)
    if reader.flag():  # chroma_loc_info_present_flag
        reader.golomb()
        reader.golomb()


def _skip_timing(reader: BitReader) -> None:
    if reader.flag():  # timing_info_present_flag
        reader.bits(65)  # num_units_in_tick, time_scale, fixed_frame_rate_flag
    nal_hrd = reader.flag()
    if nal_hrd:
        _skip_hrd(reader)
    vcl_hrd = reader.flag()
    if vcl_hrd:
        _skip_hrd(reader)
    if nal_hrd or vcl_hrd:
        reader.flag()  # low_delay_hrd_flag
    reader.flag()  # pic_struct_present_flag


def _skip_hrd(reader: BitReader) -> None:
    """hrd_parameters, Annex E.1.2."""
    count = reader.at_most(31, "cpb_cnt_minus1") + 1
    reader.bits(8)  # scales
    for _ in range(count):
        reader.golomb()
        reader.golomb()
        reader.flag()
    reader.bits(20)  # lengths of delays and offsets


def _stated_reorder(reader: BitReader) -> int | None:
    if not reader.flag():  # bitstream_restriction_flag
        return None
    reader.flag()  # motion_vectors_over_pic_boundaries_flag
    for _ in range(4):  # denominators and vector lengths
        reader.golomb()
    return reader.at_most(MAX_DPB_FRAMES, "max_num_reorder_frames")


def _never_reorders(profile: int, constraints: int, order_type: int) -> bool:
    """No B slices in (constrained) baseline, none in intra profiles, nor with picture order type 2."""
    intra_only = profile in INTRA_PROFILES and bool(constraints & 0x10)  # constraint_set3_flag
    return profile == BASELINE or order_type == 2 or intra_only


def _dpb_frames(level: int, constraints: int, macroblocks: int) -> int:
    """MaxDpbFrames, §A.3.1 h): what a decoder of this level may hold, so the most that is out of order."""
    if level == 11 and constraints & 0x10:
        level = 9  # level 1b
    return min(DPB_MACROBLOCKS.get(level, 0) // macroblocks or MAX_DPB_FRAMES, MAX_DPB_FRAMES)
