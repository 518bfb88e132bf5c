"""Where fragments begin and end."""

from bingjian.formats import g711
from bingjian.formats.access_unit import Codec
from bingjian.recording import fragmenter
from bingjian.recording.fragmenter import Fragmenter
from tests.unit.recording.footage import FRAME_90K, interleaved, seconds, sound, video, video_config

VIDEO = (video_config(),)
BOTH = (video_config(), g711.config_from(Codec.PCMA))
SOUND = (g711.config_from(Codec.PCMA),)


def test_ends_before_a_key_frame():
    done = Fragmenter(VIDEO).push(video(0, 1, gop=10))
    assert [(len(one.samples), one.sync) for one in done] == [(10, True), (10, True)]


def test_ends_when_a_second_is_held_though_no_key_frame_comes():
    done = Fragmenter(VIDEO).push(video(0, 3, gop=250))
    assert [(len(one.samples), one.sync) for one in done] == [(25, True), (25, False), (25, False)]


def test_starts_with_the_first_presented_picture_and_lasts_as_long_as_its_pictures():
    pictures = video(0, 1)
    late = [sample._replace(pts=sample.pts + 2 * FRAME_90K) for sample in pictures]
    (done,) = Fragmenter(VIDEO).push(late)
    assert (done.start_90k, done.end_90k) == (seconds(0.08), seconds(1.08))


def test_sound_goes_with_the_pictures_it_arrived_with():
    done = Fragmenter(BOTH).push(interleaved(video(0, 2.5), sound(0, 2.5)))
    assert [one.start_90k for one in done] == [seconds(0), seconds(1)]
    assert all(48 <= len([s for s in one.samples if s.track == 1]) <= 52 for one in done)


def test_sound_between_a_full_second_and_its_key_frame_makes_no_fragment_of_its_own():
    cutter = Fragmenter(BOTH)
    cutter.push(video(0, 1))
    assert cutter.push([*sound(1, 0.02), *video(1, 0.04)]) == []
    assert cutter.flush().start_90k == seconds(1)


def test_sound_goes_on_in_short_fragments_when_the_pictures_stop():
    done = Fragmenter(BOTH).push(sound(0, 4.1))
    assert [(one.start_90k, one.end_90k, one.sync) for one in done] == [
        (seconds(0), seconds(2), False),
        (seconds(2), seconds(4), False),
    ]


def test_without_video_sound_takes_the_lead():
    done = Fragmenter(SOUND).push(sound(0, 2, track=0))
    assert [(one.start_90k, one.duration_90k, one.sync) for one in done] == [
        (seconds(0), 90_000, True),
        (seconds(1), 90_000, True),
    ]


def test_a_sample_that_does_not_follow_begins_a_fragment():
    first, second = video(0, 0.4, gop=99), video(0.6, 0.4, gop=99)
    cutter = Fragmenter(VIDEO)
    done = cutter.push([*first, second[0]._replace(sync=False), *second[1:]])
    assert [len(one.samples) for one in done] == [10]
    assert cutter.flush().start_90k == seconds(0.6)


def test_jitter_of_a_sound_card_does_not():
    jittery = [s._replace(dts=s.dts + n % 3, pts=s.pts + n % 3) for n, s in enumerate(sound(0, 0.9))]
    assert Fragmenter(BOTH).push(jittery) == []


def test_memory_is_bounded_by_shorter_fragments():
    large = video(0, 0.48, gop=99, size=1 << 20)
    cutter = Fragmenter(VIDEO)
    done = [*cutter.push(large), cutter.flush()]
    assert max(one.size_bytes for one in done) <= fragmenter.MAX_BYTES
    assert sum(len(one.samples) for one in done) == 12


def test_one_damaged_picture_marks_the_fragment():
    pictures = video(0, 1)
    pictures[7] = pictures[7]._replace(damaged=True)
    assert [one.damaged for one in Fragmenter(VIDEO).push(pictures)] == [True]


def test_a_picture_that_claims_to_stand_for_hours_is_not_believed():
    (done,) = Fragmenter(VIDEO).push([video(0, 0.04)[0]._replace(duration=2**40)])
    assert done.end_90k == seconds(300)


def test_nothing_held_nothing_flushed():
    assert Fragmenter(VIDEO).flush() is None
