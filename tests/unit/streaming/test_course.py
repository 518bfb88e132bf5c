"""Instants and shown times of a device's playback, as devices behave in the field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bingjian.clock import TICKS_PER_SECOND as SECOND
from bingjian.streaming.course import AWAY_90K, Course

START = 1_767_240_000 * SECOND
END = START + 3600 * SECOND
FRAME = SECOND // 25
GOP = 25
NOW = 1_767_300_000 * SECOND  # arrivals: long after


class Device:
    """Plays pictures into a course; ``pts`` counts from anywhere."""

    def __init__(self, course: Course, pts: int = 777) -> None:
        self.course, self.pts, self.now = course, pts, NOW
        self.shown: list[int] = []
        self.at: list[int] = []
        self.number = 0

    def play(self, pictures: int, *, every: int = FRAME, pace: float = 1.0) -> None:
        for _ in range(pictures):
            shown = self.course.place(self.pts, self.now, sync=self.number % GOP == 0)
            if shown is not None:
                self.shown.append(shown)
                self.at.append(self.course.at_90k)
            self.number, self.pts = self.number + 1, self.pts + every
            self.now += int(every / pace)

    def leap(self, pts: int) -> None:
        self.pts, self.number = pts, 0


def seconds(*instants: int) -> list[float]:
    """After the window's start."""
    return [round((one - START) / SECOND, 2) for one in instants]


def test_the_first_picture_is_where_the_window_begins() -> None:
    device = Device(Course(START, END))
    device.play(50)
    assert seconds(device.at[0], device.at[-1]) == [0, 1.96]
    assert device.shown[0] == NOW
    assert [b - a for a, b in zip(device.shown, device.shown[1:], strict=False)] == [FRAME] * 49


def test_nothing_begins_without_a_key_picture() -> None:
    device = Device(Course(START, END))
    device.number = 20
    device.play(10)
    assert len(device.shown) == 5


def test_nothing_outside_the_window_is_shown() -> None:
    course = Course(START, START + SECOND)
    device = Device(course)
    device.play(40)
    assert len(device.shown) == 25
    assert max(device.at) < course.end_90k
    assert course.is_over


@pytest.mark.parametrize("speed", [0.25, 0.5, 2, 4, 8, 16])
def test_at_another_speed_footage_runs_and_shown_time_keeps_the_viewers_pace(speed: float) -> None:
    device = Device(Course(START, END))
    device.play(25)
    device.course.change_speed(speed)
    device.play(250, pace=speed)
    assert seconds(device.at[-1]) == [pytest.approx(10.96, abs=0.02)]
    assert device.shown[-1] - device.shown[24] == pytest.approx(10 * SECOND / speed, abs=AWAY_90K)
    assert device.shown == sorted(set(device.shown))


@pytest.mark.parametrize("leaps", [True, False], ids=["timestamps leap", "timestamps count on"])
@pytest.mark.parametrize("to_s", [600, 60, -30])
def test_a_seek_ends_where_it_went_however_the_device_counts(leaps: bool, to_s: int) -> None:
    course = Course(START, END)
    device = Device(course)
    device.play(50 * 25)
    course.seek(START + (50 + to_s if to_s < 0 else to_s) * SECOND, device.now)
    device.play(5)  # still on their way
    wanted = 50 + to_s if to_s < 0 else to_s
    device.leap(777 + (wanted - 1) * SECOND if leaps else device.pts)  # the key picture lies before
    device.play(4 * GOP)
    assert seconds(device.at[-1])[0] == pytest.approx(wanted + 3, abs=4)
    assert device.shown == sorted(set(device.shown))


def test_a_seek_that_the_device_takes_late_is_believed_when_it_leaps() -> None:
    course = Course(START, END)
    device = Device(course)
    device.play(10 * GOP)
    course.seek(START + 900 * SECOND, device.now)
    device.play(3 * GOP)  # three seconds of before: taken for a device that counts on
    device.leap(777 + 900 * SECOND)
    device.play(GOP)
    assert seconds(device.at[-1]) == [900.96]


def test_a_seek_before_the_first_picture_is_not_taken_for_where_that_one_is() -> None:
    course = Course(START, END)
    device = Device(course)
    course.begin(START)
    course.seek(START + 600 * SECOND, device.now)
    device.play(5)
    assert seconds(device.at[-1])[0] < 1
    assert course.is_seeking
    device.leap(777 + 600 * SECOND)
    device.play(1)
    assert seconds(device.at[-1]) == [600]
    assert not course.is_seeking


def test_a_seek_that_was_taken_before_the_first_picture_is_where_that_one_is() -> None:
    course = Course(START, END)
    device = Device(course)
    course.begin(START)
    course.seek(START + 600 * SECOND, device.now)
    course.take_seek(None)
    device.play(1)
    assert seconds(device.at[-1]) == [600]


def test_where_the_device_says_it_goes_on_counts() -> None:
    course = Course(START, END)
    device = Device(course)
    device.play(GOP)
    course.seek(START + 600 * SECOND, device.now)
    course.take_seek(START + 640 * SECOND)
    device.leap(777 + 640 * SECOND)
    device.play(1)
    assert seconds(device.at[-1]) == [640]


def test_a_hole_in_the_footage_passes_at_once() -> None:
    device = Device(Course(START, END))
    device.play(GOP)
    device.leap(device.pts + 300 * SECOND)
    device.play(GOP)
    assert seconds(device.at[-1]) == [pytest.approx(301.96, abs=0.02)]
    assert device.shown[GOP] - device.shown[GOP - 1] == FRAME


def test_after_a_pause_shown_time_goes_on_with_the_arrivals() -> None:
    device = Device(Course(START, END))
    device.play(GOP)
    device.now += 20 * SECOND
    device.play(GOP)
    assert device.shown[GOP] == pytest.approx(device.now - SECOND, abs=FRAME)
    assert device.at[GOP] - device.at[GOP - 1] == FRAME


def test_backwards_groups_follow_one_another_and_end_at_the_beginning() -> None:
    course = Course(START, END)
    device = Device(course)
    device.play(4 * GOP)
    course.change_speed(-1.0)
    for group in range(3, -2, -1):
        device.leap(777 + group * SECOND)
        device.play(GOP)
    assert device.shown == sorted(set(device.shown))
    assert device.at[-1] < START + SECOND
    assert min(device.at) >= START
    assert course.is_over


def test_a_burst_is_shown_faster_until_it_is_caught_up_with() -> None:
    device = Device(Course(START, END))
    device.play(10 * GOP, pace=4)
    ahead = device.shown[-1] - device.now
    assert ahead < 5 * SECOND  # 7.5 without


def test_another_call_begins_at_its_own_place() -> None:
    course = Course(START, END)
    device = Device(course)
    device.play(GOP)
    course.begin(START + 100 * SECOND)
    device.leap(5)
    device.play(GOP)
    assert seconds(device.at[-1]) == [100.96]
    assert device.shown == sorted(set(device.shown))


def test_sound_goes_with_pictures_at_plain_speed_alone() -> None:
    course = Course(START, END)
    assert course.place_sound(0) is None
    shown = course.place(0, NOW, sync=True)
    assert shown is not None
    assert course.place_sound(FRAME) == shown + FRAME
    assert course.place_sound(100 * SECOND) is None
    course.change_speed(2.0)
    assert course.place_sound(2 * FRAME) is None


PICTURES = st.tuples(
    st.integers(-(1 << 40), 1 << 40) | st.integers(0, 10 * SECOND), st.booleans(), st.integers(0, SECOND)
)


@given(st.lists(PICTURES, max_size=30), st.sampled_from([-1.0, 0.25, 1.0, 16.0]), st.integers(-9, 4000))
def test_whatever_a_device_sends_only_the_window_is_shown_and_key_pictures_go_forward(
    pictures: list[tuple[int, bool, int]], speed: float, to_s: int
) -> None:
    course, now, last = Course(START, END), NOW, 0
    for number, (pts, sync, passed) in enumerate(pictures):
        now += passed
        if number == 3:
            course.change_speed(speed)
        if number == 6:
            course.seek(START + to_s * SECOND, now)
        shown = course.place(pts, now, sync=sync)
        if shown is not None:
            assert START <= course.at_90k < END
            assert shown > last or not sync
            last = max(last, shown)
