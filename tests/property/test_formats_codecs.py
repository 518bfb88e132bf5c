"""Parameter sets and sound configurations: the written is understood, garbage raises FormatError only."""

from contextlib import suppress

from hypothesis import example, given
from hypothesis import strategies as st

from bingjian.formats import aac, g711, h264, h265, nal
from bingjian.formats.access_unit import Codec, FormatError
from tests.unit.formats.material import (
    BitWriter,
    H264Sps,
    H265Sps,
    escape,
    h264_pps,
    h265_header,
    h265_pps,
    h265_vps,
)

# Zeros and threes make emulation prevention work; the edges are where lengths change their size.
spiky = st.lists(st.sampled_from([0, 0, 0, 1, 2, 3, 0x80, 0xFF]), max_size=40).map(bytes)
garbage = st.binary(max_size=64) | spiky | st.sampled_from([255, 256, 65_535, 65_536]).map(bytes)

scaling_lists = st.none() | st.lists(st.none() | st.integers(-128, 127), min_size=1, max_size=12).map(tuple)
h264_sets = st.builds(
    H264Sps,
    id=st.integers(0, 31),
    profile=st.sampled_from([66, 77, 88, 100, 110, 122, 244]),
    constraints=st.integers(0, 255),
    level=st.integers(0, 255),
    chroma=st.integers(0, 3),
    luma_bits=st.integers(8, 14),
    chroma_bits=st.integers(8, 14),
    scaling=scaling_lists,
    order_type=st.integers(0, 2),
    cycle=st.lists(st.integers(-(2**31) + 1, 2**31 - 1), max_size=255).map(tuple),
    wide=st.sampled_from([4, 1024]) | st.integers(4, 1024),
    high=st.sampled_from([4, 512]) | st.integers(4, 512),
    frames_only=st.booleans(),
    crop=st.none() | st.tuples(*[st.integers(0, 7)] * 4),
    aspect=st.none() | st.integers(0, 254) | st.tuples(st.integers(1, 65_535), st.integers(1, 65_535)),
    hrds=st.tuples(st.integers(0, 32), st.integers(0, 32)),
    reorder=st.none() | st.integers(0, 16),
    vui=st.booleans(),
)


def sub_layers_of(count):
    present = st.tuples(*[st.tuples(st.booleans(), st.booleans())] * (count - 1))
    reorders = st.lists(st.integers(0, 15), min_size=count, max_size=count) | st.lists(
        st.integers(0, 15), min_size=1, max_size=1
    )
    return st.tuples(st.just(count), present, reorders.map(tuple))


@st.composite
def h265_sets(draw):
    count, present, reorders = draw(st.integers(1, 7).flatmap(sub_layers_of))
    return H265Sps(
        id=draw(st.integers(0, 15)),
        general=draw(st.binary(min_size=12, max_size=12) | st.just(bytes(12))),
        sub_layers=count,
        present=present,
        chroma=draw(st.integers(0, 3)),
        width=draw(st.sampled_from([64, 16_384]) | st.integers(64, 16_384)),
        height=draw(st.sampled_from([64, 16_384]) | st.integers(64, 16_384)),
        window=draw(st.none() | st.tuples(*[st.integers(0, 7)] * 4)),
        luma_bits=draw(st.integers(8, 16)),
        chroma_bits=draw(st.integers(8, 16)),
        reorders=reorders,
        more=draw(spiky),
    )


@given(h264_sets)
def test_every_h264_sps_is_understood(sps):
    unit_x = 2 if sps.profile in h264.HIGH_SYNTAX and sps.chroma in (1, 2) else 1
    unit_y = 2 if sps.profile in h264.HIGH_SYNTAX and sps.chroma == 1 else 1
    if sps.profile not in h264.HIGH_SYNTAX:
        unit_x = unit_y = 2  # 4:2:0 by definition
    fields = 1 if sps.frames_only else 2
    left, right, top, bottom = sps.crop or (0, 0, 0, 0)
    read = h264.parse_sps(sps.unit())
    assert (read.id, read.profile, read.constraints, read.level) == (
        *(sps.id, sps.profile, sps.constraints, sps.level),
    )
    assert read.width == sps.wide * 16 - unit_x * (left + right)
    assert read.height == fields * (sps.high * 16 - unit_y * (top + bottom))
    if sps.vui and isinstance(sps.aspect, tuple):
        assert read.pixel_aspect == sps.aspect
    if sps.vui and sps.reorder is not None:
        assert read.reorder_frames in (0, sps.reorder)
    assert 0 <= read.reorder_frames <= 16


@given(h265_sets())
def test_every_h265_sps_is_understood(sps):
    unit_x, unit_y = {0: (1, 1), 1: (2, 2), 2: (2, 1), 3: (1, 1)}[sps.chroma]
    left, right, top, bottom = sps.window or (0, 0, 0, 0)
    read = h265.parse_sps(sps.unit())
    assert (read.id, read.general, read.sub_layers) == (sps.id, sps.general, sps.sub_layers)
    assert read.width == sps.width - unit_x * (left + right)
    assert read.height == sps.height - unit_y * (top + bottom)
    assert (read.luma_bits, read.chroma_bits) == (sps.luma_bits, sps.chroma_bits)
    assert read.reorder_frames == sps.reorders[-1]


@given(h264_sets, st.integers(0, 255))
def test_avcc_returns_its_parameter_sets(sps, pps_id):
    config = h264.config_from([sps.unit(), h264_pps(pps_id, sps.id)])
    record = h264.decoder_configuration(config.parameter_sets)
    assert h264.config_from(h264.parameter_sets_of(record)) == config


@given(h265_sets(), st.integers(0, 63), st.integers(0, 15))
def test_hvcc_returns_its_parameter_sets(sps, pps_id, vps_id):
    config = h265.config_from([h265_vps(vps_id), sps.unit(), h265_pps(pps_id, sps.id)])
    record = h265.decoder_configuration(config.parameter_sets)
    assert h265.config_from(h265.parameter_sets_of(record)) == config


@given(st.one_of(h264_sets, h265_sets()), st.data())
def test_a_damaged_parameter_set_raises_format_error_or_makes_sense(sps, data):
    damaged = bytearray(sps.unit())
    for _ in range(data.draw(st.integers(0, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(damaged[: data.draw(st.integers(0, len(damaged)))])
    for codec in (h264, h265):
        with suppress(FormatError):
            read = codec.parse_sps(cut)
            assert 0 < read.width <= nal.MAX_DIMENSION
            assert 0 < read.height <= nal.MAX_DIMENSION
            assert 0 <= read.reorder_frames <= 16


headers = st.sampled_from(
    [b"", b"\x67", b"\x68", b"\x65", b"\x67\x64\x00\x28", *map(h265_header, (h265.VPS, h265.SPS, h265.PPS))]
)


@given(st.lists(st.builds(bytes.__add__, headers, garbage), max_size=6))
def test_garbage_parameter_sets_raise_format_error_only(units):
    for codec in (h264, h265):
        for ask in (codec.nal_type, codec.first_slice, codec.is_slice, codec.is_parameter_set):
            for unit in units:
                ask(unit)
        for make in (codec.config_from, codec.decoder_configuration):
            with suppress(FormatError):
                make(units)
    with suppress(FormatError):
        h264.pixel_aspect(units)


@given(garbage, st.booleans())
def test_garbage_decoder_configurations_raise_format_error_only(record, plausible):
    if plausible:
        record = b"\x01\x64\x00\x28\xff\xe1" + record
    for codec in (h264, h265):
        with suppress(FormatError):
            codec.parameter_sets_of(record)


@given(garbage, st.none() | st.integers(-1, 400_000))
def test_garbage_sound_configurations_raise_format_error_only(specific, clock):
    with suppress(FormatError):
        config = aac.config_from(specific, clock)
        assert config.samples_per_unit >= 1
        assert 1 <= config.channels <= 8


@given(st.integers(), st.integers())
def test_g711_raises_format_error_only(rate, channels):
    with suppress(FormatError):
        assert g711.config_from(Codec.PCMU, rate, channels).clock_rate == rate


@given(st.sampled_from(sorted(aac.ACCEPTED)), st.integers(0, 12), st.sampled_from(sorted(aac.CHANNELS)))
def test_every_accepted_sound_is_understood(kind, rate_index, layout):
    writer = BitWriter()
    writer.bits(kind, 5) if kind < 31 else writer.bits(31, 5).bits(kind - 32, 6)
    read = aac.parse(writer.bits(rate_index, 4).bits(layout, 4).bits(0, 3).plain())
    assert (read.object_type, read.sampling_rate) == (kind, aac.SAMPLING_RATES[rate_index])
    assert read.channels == aac.CHANNELS[layout]


@given(spiky | st.binary(max_size=200))
def test_emulation_prevention_is_undone(raw):
    assert nal.unescape(escape(raw)) == raw


units_of_a_sample = st.lists(st.binary(min_size=1, max_size=300), max_size=8)


@given(units_of_a_sample)
def test_length_framing_is_undone(units):
    assert list(nal.split(nal.join(units))) == units


@given(st.lists(st.binary(min_size=1, max_size=100), max_size=8), st.lists(st.booleans(), min_size=8))
def test_start_codes_are_undone(raws, long_codes):
    units = [escape(raw) + b"\x80" for raw in raws]  # a unit never ends in a zero
    stream = b"".join(
        (b"\0\0\0\1" if long else b"\0\0\1") + unit for unit, long in zip(units, long_codes, strict=False)
    )
    assert list(nal.split_start_codes(stream)) == units


@given(garbage)
@example(b"\0\0\0\0")
@example(b"\0\0\0")
@example(b"\xff\xff\xff\xff\x65")
def test_garbage_samples_raise_format_error_only(sample):
    list(nal.split_start_codes(sample))
    with suppress(FormatError):
        assert nal.join(nal.split(sample)) == sample
