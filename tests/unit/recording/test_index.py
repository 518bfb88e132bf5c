"""The 64 bytes of an index entry."""

from hashlib import sha256

from bingjian.recording import index

FIRST = index.Entry(1000, 0, 700, 0, 0, 0, sha256(b"init").digest())
SECOND = index.Entry(1000, 90_000, 5000, 700, index.SYNC | index.DAMAGED, -250, sha256(b"one").digest())
THIRD = index.Entry(91_000, 90_000, 4000, 5700, 0, 3, sha256(b"two").digest())
WHOLE = b"".join(map(index.pack, (FIRST, SECOND, THIRD)))


def test_layout_is_the_documented_one():
    packed = index.pack(SECOND)
    assert packed[:32].hex() == "00000000000003e800015f900000138800000000000002bc00000003ffffff06"
    assert packed[32:] == SECOND.sha256


def test_round_trip():
    assert list(index.entries_of(WHOLE)) == [FIRST, SECOND, THIRD]
    assert (SECOND.end_90k, SECOND.end, SECOND.sync, SECOND.damaged) == (91_000, 5700, True, True)


def test_a_torn_entry_is_not_there():
    assert list(index.entries_of(WHOLE[:-1])) == [FIRST, SECOND]


def test_sound_prefix_ends_where_the_file_does():
    assert index.sound_prefix(WHOLE, 9700) == [FIRST, SECOND, THIRD]
    assert index.sound_prefix(WHOLE, 9699) == [FIRST, SECOND]
    assert index.sound_prefix(WHOLE, 0) == []


def test_sound_prefix_ends_at_an_entry_that_does_not_follow():
    def before(wrong: index.Entry) -> int:
        return len(index.sound_prefix(b"".join(map(index.pack, (FIRST, SECOND, wrong))), 10**6))

    assert before(THIRD._replace(offset=5701)) == 2
    assert before(THIRD._replace(start_90k=999)) == 2
    assert before(THIRD._replace(length=0)) == 2
    assert before(index.Entry(0, 0, 0, 0, 0, 0, bytes(32))) == 2


def test_a_clock_that_is_absurdly_off_fits_its_field():
    assert index.clamped_offset_ms(-(10**15)) == -(2**31 - 1)
    index.pack(THIRD._replace(clock_offset_ms=index.clamped_offset_ms(10**15)))
