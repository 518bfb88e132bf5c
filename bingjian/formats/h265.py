"""H.265 / HEVC: what a parameter set says, and the few questions the hot path asks of a NAL unit.

Sources: Rec. ITU-T H.265 §7.3.1 (NAL unit), §7.3.2 (parameter sets), §7.3.3 (profile, tier, level); ISO/IEC
14496-15 §8.3.3 (hvcC) and Annex E (codec string).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from struct import pack

from bingjian.formats.access_unit import Codec, FormatError, VideoConfig
from bingjian.formats.bits import BitReader
from bingjian.formats.nal import checked_size, cleaned, counted, read_counted, unescape

LAST_SLICE, FIRST_IRAP, LAST_IRAP = 31, 16, 23  # nal_unit_type, table 7-1; slices are 0 to 31
IDR_W_RADL, IDR_N_LP, CRA = 19, 20, 21
VPS, SPS, PPS, DELIMITER, PREFIX_SEI, SUFFIX_SEI = 32, 33, 34, 35, 39, 40
NO_UNIT = 63  # nal_unit_type "unspecified", also given for a unit shorter than its header

HEADER_SIZE = 2  # bytes
MAX_IDS = {VPS: 15, SPS: 15, PPS: 63}
MAX_DPB_PICTURES = 16


@dataclass(frozen=True, slots=True)
class Sps:
    """What we need of a sequence parameter set."""

    id: int
    general: (
        bytes  # general profile space, tier, profile; compatibility; constraints; level: 12 bytes as in hvcC
    )
    sub_layers: int
    nested: bool  # sps_temporal_id_nesting_flag
    chroma_format: int  # 0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4
    luma_bits: int
    chroma_bits: int
    width: int  # pixels after the conformance window
    height: int
    reorder_frames: int  # sps_max_num_reorder_pics of the highest sub-layer


# --- The hot path's questions ---------------------------------------------------------------------


def nal_type(unit: bytes) -> int:
    """nal_unit_type; 63 for a unit shorter than its header."""
    return unit[0] >> 1 & 0x3F if len(unit) >= HEADER_SIZE else NO_UNIT


def is_irap(unit: bytes) -> bool:
    """Is it a slice of a picture at which decoding can start (BLA, IDR, CRA)?"""
    return FIRST_IRAP <= nal_type(unit) <= LAST_IRAP


def is_slice(unit: bytes) -> bool:
    """Is it part of a coded picture (VCL)?"""
    return nal_type(unit) <= LAST_SLICE


def is_parameter_set(unit: bytes) -> bool:
    return VPS <= nal_type(unit) <= PPS


def first_slice(unit: bytes) -> bool:
    """Does a picture begin with this unit? A slice with first_slice_segment_in_pic_flag."""
    return len(unit) > HEADER_SIZE and unit[0] < (LAST_SLICE + 1) << 1 and unit[2] >= 0x80


# --- Configuration --------------------------------------------------------------------------------


def config_from(parameter_sets: Iterable[bytes]) -> VideoConfig:
    """The configuration these parameter sets make, VPS first.

    A later set replaces an earlier one of the same kind and id, so ``config_from([*old, *new])`` is the
    change that in-band sets bring; the same sets again give an equal configuration. Other NAL units are
    passed over, and so are sets of enhancement layers and a PPS without its SPS.

    Raises:
        FormatError: no usable VPS, SPS and PPS, or one that lies.
    """
    sets = _by_id(parameter_sets)
    used = [unit for unit in sets[PPS].values() if _sps_of(unit) in sets[SPS]]
    if not used or not sets[VPS]:
        raise FormatError(
            "H.265 without a video, a sequence and a picture parameter set that belong together"
        )
    active = parse_sps(sets[SPS][_sps_of(used[0])])
    return VideoConfig(
        codec=Codec.H265,
        parameter_sets=(*sets[VPS].values(), *sets[SPS].values(), *used),
        width=active.width,
        height=active.height,
        reorder_frames=active.reorder_frames,
        codec_string=codec_string(active),
    )


def codec_string(sps: Sps) -> str:
    """ISO/IEC 14496-15 Annex E.3: ``hvc1.1.6.L93.B0``."""
    space_tier_profile = sps.general[0]
    space = ("", "A", "B", "C")[space_tier_profile >> 6]
    tier = "H" if space_tier_profile & 0x20 else "L"
    reversed_compatibility = int(f"{int.from_bytes(sps.general[1:5]):032b}"[::-1], 2)
    constraints = "".join(f".{byte:X}" for byte in sps.general[5:11].rstrip(b"\0"))
    profile = f"{space}{space_tier_profile & 0x1F}"
    return f"hvc1.{profile}.{reversed_compatibility:X}.{tier}{sps.general[11]}{constraints}"


def decoder_configuration(parameter_sets: Iterable[bytes]) -> bytes:
    """HEVCDecoderConfigurationRecord for NAL units with 4-byte lengths: the content of ``hvcC``."""
    units = list(parameter_sets)
    sps = [unit for unit in units if nal_type(unit) == SPS]
    if not sps:
        raise FormatError("hvcC needs a sequence parameter set")
    first = parse_sps(sps[0])
    kinds = [kind for kind in (VPS, SPS, PPS) if any(nal_type(unit) == kind for unit in units)]
    return b"".join(
        [
            b"\1" + first.general,
            pack(">HBB", 0xF000, 0xFC, 0xFC | first.chroma_format),  # segmentation and parallelism unknown
            pack(
                ">BBH", 0xF8 | (first.luma_bits - 8), 0xF8 | (first.chroma_bits - 8), 0
            ),  # frame rate unknown
            bytes([min(first.sub_layers, 7) << 3 | first.nested << 2 | 3, len(kinds)]),
            *(_array(kind, [unit for unit in units if nal_type(unit) == kind]) for kind in kinds),
        ]
    )


def _array(kind: int, units: list[bytes]) -> bytes:
    """One array of the hvcC, complete: none of this kind is in the samples, as ``hvc1`` demands."""
    return pack(">BH", 0x80 | kind, len(units)) + b"".join(map(counted, units))


def parameter_sets_of(record: bytes) -> list[bytes]:
    """The parameter sets in an ``hvcC``'s content.

    Raises:
        FormatError: a count or length goes beyond the end, or lengths before NAL units are not of 4 bytes.
    """
    if len(record) < 23 or record[0] != 1 or record[21] & 3 != 3:
        raise FormatError("an hvcC of another version or NAL unit length")
    units, at = list[bytes](), 23
    for _ in range(record[22]):
        array, at = read_counted(record, at + 3, int.from_bytes(record[at + 1 : at + 3]))
        units += array
    return units


def _by_id(units: Iterable[bytes]) -> dict[int, dict[int, bytes]]:
    """The base layer's parameter sets by kind and id, in order of first appearance."""
    sets: dict[int, dict[int, bytes]] = {VPS: {}, SPS: {}, PPS: {}}
    for unit in cleaned(unit for unit in units if is_parameter_set(unit)):
        if _layer(unit) == 0:
            kind = nal_type(unit)
            sets[kind][_id_of(kind, unit)] = unit
    return sets


def _layer(unit: bytes) -> int:
    """nuh_layer_id."""
    return (unit[0] & 1) << 5 | unit[1] >> 3


def _id_of(kind: int, unit: bytes) -> int:
    if kind == SPS:
        return parse_sps(unit).id
    reader = BitReader(unescape(unit)[HEADER_SIZE:])
    return reader.bits(4) if kind == VPS else reader.at_most(MAX_IDS[PPS], "pps_pic_parameter_set_id")


def _sps_of(pps: bytes) -> int:
    reader = BitReader(unescape(pps)[HEADER_SIZE:])
    reader.golomb()  # its own id
    return reader.at_most(MAX_IDS[SPS], "pps_seq_parameter_set_id")


# --- The sequence parameter set -------------------------------------------------------------------


def parse_sps(unit: bytes) -> Sps:
    """A sequence parameter set of the base layer, §7.3.2.2, as far as its reordering.

    Raises:
        FormatError: it is none, ends early, or states what cannot be.
    """
    if nal_type(unit) != SPS:
        raise FormatError("not an H.265 sequence parameter set")
    reader = BitReader(unescape(unit)[HEADER_SIZE:])
    reader.bits(4)  # sps_video_parameter_set_id
    sub_layers = reader.bits(3) + 1
    if sub_layers > 7:
        raise FormatError("H.265 with more than 7 temporal sub-layers")
    nested = reader.flag()
    general = _profile_tier_level(reader, sub_layers)
    id = reader.at_most(MAX_IDS[SPS], "sps_seq_parameter_set_id")
    chroma = reader.at_most(3, "chroma_format_idc")
    if chroma == 3:
        reader.flag()  # separate_colour_plane_flag
    width, height = _size(reader, chroma)
    luma_bits = 8 + reader.at_most(8, "bit_depth_luma_minus8")
    chroma_bits = 8 + reader.at_most(8, "bit_depth_chroma_minus8")
    reader.at_most(12, "log2_max_pic_order_cnt_lsb_minus4")
    reorder = _reorder(reader, sub_layers)
    return Sps(id, general, sub_layers, nested, chroma, luma_bits, chroma_bits, width, height, reorder)


def _profile_tier_level(reader: BitReader, sub_layers: int) -> bytes:
    """The general part, 12 bytes; the sub-layers' are read over (§7.3.3)."""
    general = reader.bits(96).to_bytes(12)
    if sub_layers > 1:
        present = [(reader.flag(), reader.flag()) for _ in range(sub_layers - 1)]
        reader.bits(2 * (9 - sub_layers))  # alignment to 8 pairs
        for profile, level in present:
            reader.bits(88 * profile + 8 * level)
    return general


def _size(reader: BitReader, chroma: int) -> tuple[int, int]:
    """Width and height after the conformance window, in pixels."""
    width, height = checked_size(reader.golomb(), reader.golomb())
    if reader.flag():  # conformance_window_flag
        unit_x = 2 if chroma in (1, 2) else 1
        unit_y = 2 if chroma == 1 else 1
        left, right, top, bottom = (reader.golomb() for _ in range(4))
        width -= unit_x * (left + right)
        height -= unit_y * (top + bottom)
    return checked_size(width, height)


def _reorder(reader: BitReader, sub_layers: int) -> int:
    """sps_max_num_reorder_pics of the highest sub-layer: the last one stated."""
    stated_for_all = reader.flag()  # sps_sub_layer_ordering_info_present_flag
    reorder = 0
    for _ in range(sub_layers if stated_for_all else 1):
        reader.at_most(MAX_DPB_PICTURES - 1, "sps_max_dec_pic_buffering_minus1")
        reorder = reader.at_most(MAX_DPB_PICTURES - 1, "sps_max_num_reorder_pics")
        reader.golomb()  # sps_max_latency_increase_plus1
    return reorder
