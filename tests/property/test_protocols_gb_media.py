"""RTP over TCP and program streams over RTP: cut anywhere, with junk, loss and disorder."""

from contextlib import suppress
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from bingjian.formats.access_unit import AccessUnit
from bingjian.protocols import rtp
from bingjian.protocols.depacketize.base import together
from bingjian.protocols.depacketize.program_stream import ProgramStream, packets, recognise
from bingjian.protocols.errors import PeerError
from bingjian.protocols.rtp_over_tcp import Reader, frame
from tests.unit.formats.mpegps.wire import PACK, PICTURE, pes, stream
from tests.unit.protocols.packets import H264_SETS, Sender, h264_slice, sample
from tests.unit.protocols.test_rtp_over_tcp import interleaved

sizes = st.sampled_from([0, 1, 244, 1400, 0x2480 - 12, 65_523])
wraps = st.sampled_from([frame, interleaved])


def cut(whole: bytes, data: st.DataObject) -> list[bytes]:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    return [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]


@given(st.lists(sizes, max_size=8), st.data())
def test_how_tcp_cuts_the_stream_does_not_matter(lengths: list[int], data: st.DataObject) -> None:
    sender, wrap, reader = Sender(), data.draw(wraps), Reader()
    sent = [sender.packet(bytes(length), 0) for length in lengths]
    received = []
    for piece in cut(b"".join(map(wrap, sent)), data):
        found = reader.receive_data(piece)
        received += [found.buffer[start:end] for start, end in found.bounds]
    if sum(lengths) + len(lengths) * 14 >= 5:
        assert received == sent


@given(st.lists(st.binary(max_size=64), max_size=12))
def test_whatever_comes_over_tcp_only_peer_error_is_raised(pieces: list[bytes]) -> None:
    reader = Reader()
    with suppress(PeerError):
        for piece in pieces:
            for start, end in reader.receive_data(piece).bounds:
                assert 0 < start < end
    recognise(pieces)


@st.composite
def sent_pictures(draw: st.DrawFn) -> tuple[list[list[bytes]], list[bytes]]:
    """(packets of each pack, samples); sizes around those of packets."""
    size, sequence = draw(st.sampled_from([100, 1400])), draw(st.integers(0, 65535))
    batches, samples = [], []
    for number in range(draw(st.integers(1, 6) | st.integers(9, 14))):  # marks are trusted after eight
        unit = h264_slice(draw(st.sampled_from([1, 60, 99, 500, 5000])), key=number == 0, fill=number + 1)
        sets = H264_SETS if number == 0 else ()
        pack = PACK + pes(0xE0, stream(*sets, unit), number * PICTURE)
        batches.append(packets(pack, 96, sequence, number * PICTURE, 1, limit=size))
        sequence += len(batches[-1])
        samples.append(sample(unit))
    return batches, samples


def taken(batches: list[list[bytes]], *, reorder: bool) -> list[AccessUnit]:
    depacketizer = ProgramStream()
    receiver = rtp.Receiver(96, depacketizer, reorder=reorder)
    units = [unit for batch in batches for unit in receiver.receive(together(batch))]
    return units + receiver.release(0) + depacketizer.flush()


@given(sent_pictures(), st.sets(st.integers(0, 120), max_size=5))
def test_what_is_torn_never_comes_out(sent: tuple[list[list[bytes]], list[bytes]], missing: set[int]) -> None:
    batches, samples = sent
    numbers = iter(range(10_000))
    kept = [[packet for packet in batch if next(numbers) not in missing] for batch in batches]
    units = taken(kept, reorder=False)
    assert {unit.data for unit in units} <= set(samples)
    if kept == batches:
        assert [unit.data for unit in units] == samples
    for unit in units:
        number = samples.index(unit.data)
        assert unit.damaged or unit.sync or kept[: number + 1] == batches[: number + 1]


@given(sent_pictures(), st.data(), st.booleans())
def test_how_packets_are_read_together_does_not_matter(
    sent: tuple[list[list[bytes]], list[bytes]], data: st.DataObject, reorder: bool
) -> None:
    """Packets in order are taken past the reordering window, all others through it."""
    whole = [packet for batch in sent[0] for packet in batch]
    for _ in range(data.draw(st.integers(0, 6))):
        at, kind = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(0, 5))
        packet = whole[at]
        later = min(at + data.draw(st.integers(1, 9)), len(whole))
        others = [packet[:11], packet[:1] + b"\x08" + packet[2:], packet[:8] + bytes(4) + packet[12:]]
        if kind < len(others):
            whole[at] = others[kind]
        elif kind == 3:
            whole.insert(later, packet)
        elif kind == 4:
            whole.insert(later - 1, whole.pop(at))
        elif len(whole) > 1:
            del whole[at]
    cuts = sorted(data.draw(st.sets(st.integers(1, len(whole)), max_size=6)))
    cut = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    receivers, given_out = [], []
    for batches in (cut, [[packet] for packet in whole]):
        depacketizer = ProgramStream()
        receiver = rtp.Receiver(96, depacketizer, reorder=reorder)
        units = [unit for batch in batches for unit in receiver.receive(together(batch))]
        receivers.append((receiver.reception(), receiver.held_since))
        given_out.append(units + receiver.release(0) + depacketizer.flush())
    assert receivers[0] == receivers[1]
    assert given_out[0] == given_out[1]


@given(sent_pictures(), st.randoms(use_true_random=False))
def test_disorder_within_the_window_does_not_matter(
    sent: tuple[list[list[bytes]], list[bytes]], chance: Random
) -> None:
    batches, samples = sent
    whole = [packet for batch in batches for packet in batch]
    first, rest = whole[:1], whole[1:]
    for at in range(0, len(rest), 16):
        part = rest[at : at + 16]
        chance.shuffle(part)
        rest[at : at + 16] = part
    assert [unit.data for unit in taken([[*first, *rest]], reorder=True)] == samples
