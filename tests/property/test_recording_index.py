"""Index, Merkle tree and fragmenter against what their documents say, for every length."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from bingjian.formats import g711
from bingjian.formats.access_unit import Codec
from bingjian.formats.mp4 import Sample
from bingjian.recording import fragmenter, index
from bingjian.recording.fragmenter import Fragmenter
from bingjian.tlog import tree
from tests.unit.recording.footage import video_config

U32 = st.integers(0, 2**32 - 1) | st.sampled_from([0, 1, 2**31, 2**32 - 1])
U64 = st.integers(0, 2**64 - 1) | st.sampled_from([0, 1, 2**63, 2**64 - 1])
ENTRIES = st.builds(
    index.Entry,
    U64,
    U32,
    U32,
    U64,
    U32,
    st.integers(-(2**31), 2**31 - 1),
    st.binary(min_size=32, max_size=32),
)


@given(st.lists(ENTRIES, max_size=5), st.binary(max_size=63))
def test_entries_round_trip_and_a_torn_one_is_ignored(entries, torn):
    assert list(index.entries_of(b"".join(map(index.pack, entries)) + torn)) == entries


@given(st.binary(max_size=400), st.integers(0, 2**40))
def test_a_sound_prefix_is_sound(raw, size):
    found = index.sound_prefix(raw, size)
    assert found == list(index.entries_of(raw))[: len(found)]
    assert [entry.offset for entry in found] == [0, *(entry.end for entry in found)][: len(found)]
    assert all(entry.end <= size for entry in found)


def root_by_definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 §2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0]).digest()
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return sha256(b"\1" + root_by_definition(leaves[:k]) + root_by_definition(leaves[k:])).digest()


@given(st.lists(st.binary(max_size=3), max_size=70))
def test_the_root_is_the_one_of_the_definition(leaves):
    assert tree.root(leaves) == root_by_definition(leaves)


TRACKS = (video_config(), g711.config_from(Codec.PCMA))
STEPS = st.tuples(
    st.integers(0, 1),  # track
    st.sampled_from([0, 0, 0, 0, 1, -1, 150, -150, 100_000, -90_000]),  # hole before it
    st.sampled_from([1, 160, 3600, 3003, 90_000, 400_000]),  # duration
    st.sampled_from([0, 1, 100, 5_000_000]),  # bytes
    st.booleans(),  # sync
    st.booleans(),  # damaged
)


def samples_of(steps) -> list[Sample]:
    at, made = [10**9, 10**8], []
    for track, hole, duration, size, sync, damaged in steps:
        at[track] = max(0, at[track] + hole)
        made.append(Sample(track, at[track], at[track], duration, bytes(size), sync or track == 1, damaged))
        at[track] += duration
    return made


@given(st.lists(STEPS, max_size=60), st.integers(1, 7))
def test_fragments_hold_every_sample_once_in_order_and_within_bounds(steps, batch):
    sent, cutter = samples_of(steps), Fragmenter(TRACKS)
    done = [one for at in range(0, len(sent), batch) for one in cutter.push(sent[at : at + batch])]
    last = cutter.flush()
    done += [last] if last else []
    assert [sample for one in done for sample in one.samples] == sent
    for one in done:
        assert one.damaged == any(sample.damaged for sample in one.samples)
        assert len(one.samples) == 1 or one.size_bytes <= fragmenter.MAX_BYTES + 60 * 40
        _check_track_by_track(one)


def _check_track_by_track(one: fragmenter.Fragment) -> None:
    """What the file will say of each sample's time is right to a fiftieth of a second.

    Only the first picture may be a key frame.
    """
    for track, config in enumerate(TRACKS):
        run = [sample for sample in one.samples if sample.track == track]
        at = run[0].dts if run else 0
        for sample in run:
            assert abs(sample.dts - at) <= config.clock_rate // fragmenter.TOLERATED_PARTS
            at = sample.dts + sample.duration
        held = sum(sample.duration for sample in run[:-1])
        limit = fragmenter.HELD_S if track == 0 else fragmenter.FOLLOWER_S
        assert held < limit * config.clock_rate
        if track == 0 and run:
            assert not any(sample.sync for sample in run[1:])
            assert (one.start_90k, one.sync) == (run[0].pts, run[0].sync)
