"""What a recorder makes of samples, gaps and troubles: read back from the volume."""

import asyncio
import sqlite3
from hashlib import sha256
from threading import Event
from uuid import uuid4

from bingjian.formats import g711, mp4_reader
from bingjian.formats.access_unit import Codec
from bingjian.recording import index, presence, reader, writer
from bingjian.recording import recorder as recorder_module
from bingjian.recording.cause import Cause
from bingjian.recording.presence import Span
from bingjian.recording.segment import Identity
from bingjian.tlog import tree
from tests.unit.recording.footage import (
    CAMERA,
    IO_ERROR,
    NO_SPACE,
    in_batches,
    interleaved,
    recorder,
    seconds,
    sound,
    video,
    video_config,
)

VIDEO = (video_config(),)
ALL = (0, 1 << 62)
LONG = seconds(10_000)


def spans(volume, start_s, end_s):
    """As (start, end, cause) in seconds; what is present has no cause but a dash."""
    found = presence.spans([volume], CAMERA, seconds(start_s), seconds(end_s))
    return [
        (
            (span.start_90k - seconds(0)) / 90_000,
            (span.end_90k - seconds(0)) / 90_000,
            "present" if span.kind == "present" else span.cause,
        )
        for span in found
    ]


def started(volume, clock, tracks=VIDEO):
    one = recorder(volume, clock)
    one.set_tracks(tracks)
    return one


def starts(volume):
    """The start of each segment, in seconds."""
    return [(one.start_90k - seconds(0)) / 90_000 for one in reader.segments([volume], CAMERA, *ALL)]


async def test_a_segment_is_a_file_an_index_and_a_row_that_agree(volume, clock):
    one = started(volume, clock, (*VIDEO, g711.config_from(Codec.PCMA)))
    for batch in in_batches(interleaved(video(0, 5), sound(0, 4.96))):
        one.write(batch, clock_offset_ms=-40)
    await one.close()
    (kept,) = reader.segments([volume], CAMERA, *ALL)
    entries = reader.entries(kept)
    content = kept.path.read_bytes()
    assert kept.closed
    assert kept.size_bytes == len(content) == entries[-1].end
    assert kept.root == tree.root(map(index.pack, entries))
    assert [sha256(content[e.offset : e.end]).digest() for e in entries] == [e.sha256 for e in entries]
    assert [e.start_90k for e in entries] == [seconds(s) for s in (0, 0, 1, 2, 3, 4)]
    assert all(e.sync and e.clock_offset_ms == -40 for e in entries[1:])
    assert (kept.start_90k, kept.end_90k) == (seconds(0), seconds(5))


async def test_the_samples_come_back_untouched(volume, clock):
    sent = interleaved(video(0, 3), sound(0, 3))
    one = started(volume, clock, (*VIDEO, g711.config_from(Codec.PCMA)))
    one.write(sent)
    await one.close()
    (kept,) = reader.segments([volume], CAMERA, *ALL)
    content = kept.path.read_bytes()
    found = []
    for entry in reader.entries(kept)[1:]:
        data = content[entry.offset : entry.end]
        for run in mp4_reader.read_fragment(data).runs:
            found += [
                (run.track, s.pts, s.dts, s.duration, data[s.offset : s.offset + s.size]) for s in run.samples
            ]
    assert sorted(found) == sorted((s.track, s.pts, s.dts, s.duration, s.data) for s in sent)


async def test_the_file_says_whose_it_is(volume, clock):
    one = started(volume, clock)
    one.write(video(0, 1))
    await one.close()
    (kept,) = reader.segments([volume], CAMERA, *ALL)
    init = mp4_reader.read_init(reader.init_of(kept))
    assert Identity.unpack(init.identity) == Identity(CAMERA, volume.id, kept.id, 7)
    assert init.tracks == VIDEO
    assert str(kept.path.relative_to(volume.path)) == (
        f"cameras/{CAMERA}/2026-09-21/20260921T141320.000Z_{kept.id.hex}.mp4"
    )


async def test_recording_begins_with_a_key_frame(volume, clock):
    one = started(volume, clock)
    one.write(video(0, 2)[5:])
    assert one.recording
    await one.close()
    assert starts(volume) == [1]


# --- When a segment ends --------------------------------------------------------------------------


async def test_a_segment_ends_at_the_first_key_frame_after_4_50(volume, clock):
    one = started(volume, clock)
    one.write(video(0, 310, gop=4 * 25))
    await one.close()
    assert starts(volume) == [0, 292]


async def test_a_segment_ends_at_5_00_without_a_key_frame(volume, clock):
    one = started(volume, clock)
    one.write(video(0, 310, gop=10**6))
    await one.close()
    assert starts(volume) == [0, 300]
    assert spans(volume, 0, 310) == [(0, 310, "present")]


async def test_a_segment_ends_at_its_size(volume, clock, monkeypatch):
    monkeypatch.setattr(recorder_module, "CLOSE_BYTES", 20_000)
    one = started(volume, clock)
    one.write(video(0, 10, size=300))
    await one.close()
    kept = reader.segments([volume], CAMERA, *ALL)
    assert len(kept) == 5
    assert max(one.size_bytes for one in kept) <= 20_000


async def test_a_change_of_codec_ends_it(volume, clock):
    one = started(volume, clock)
    one.write(video(0, 2.4))
    one.set_tracks((video_config(),))  # the same again
    one.set_tracks((video_config(wide=16),))
    one.write(video(2.48, 2))
    await one.close()
    first, second = reader.segments([volume], CAMERA, *ALL)
    assert first.init_sha != second.init_sha
    assert (first.end_90k, second.start_90k) == (seconds(2.4), seconds(2.48))


async def test_time_that_runs_backwards_without_a_word_opens_another(volume, clock):
    one = started(volume, clock)
    one.write(video(100, 3))
    one.write(video(50, 3))
    await one.close()
    assert starts(volume) == [50, 100]


async def test_a_clock_step_is_a_gap_and_a_new_segment(volume, clock):
    one = started(volume, clock)
    one.write(video(0, 3.4))
    one.discontinuity(Cause.CLOCK_STEP, seconds(3600))
    one.write(video(3600, 2))
    await one.close()
    assert starts(volume) == [0, 3600]
    assert spans(volume, 0, 3601) == [
        (0, 3.4, "present"),
        (3.4, 3600, Cause.CLOCK_STEP),
        (3600, 3601, "present"),
    ]


async def test_a_clock_step_back_keeps_both_takes(volume, clock):
    one = started(volume, clock)
    one.write(video(3600, 3))
    one.discontinuity(Cause.CLOCK_STEP, seconds(0))
    one.write(video(0.4, 2))
    await one.close()
    assert starts(volume) == [0.4, 3600]
    assert spans(volume, 0, 2)[0] == (0, 0.4, Cause.CLOCK_STEP)


# --- Gaps -----------------------------------------------------------------------------------------


async def test_a_gap_lasts_from_the_last_sample_to_the_next(volume, clock):
    """It need not be a key frame: the stream knows whether pictures go on where they were."""
    one = started(volume, clock)
    one.write(video(0, 2.2))
    one.gap_begin(Cause.NO_PACKETS, "silent", seconds(2.2))
    one.gap_end(seconds(4))
    one.write(video(3.6, 2, gop=20)[10:])
    one.write(video(5.6, 1))
    await one.close()
    assert len(starts(volume)) == 1
    assert spans(volume, 0, 6.6) == [
        (0, 2.2, "present"),
        (2.2, 4.0, Cause.NO_PACKETS),
        (4.0, 6.6, "present"),
    ]


async def test_a_last_picture_that_ends_before_the_one_it_follows_makes_no_gap_within_the_segment(
    volume, clock
):
    one = started(volume, clock)
    one.write(video(0, 2))
    early = video(1.96, 0.04)[0]
    one.write([early._replace(pts=seconds(1.99), dts=seconds(1.99), duration=90)])
    await one.close()
    assert spans(volume, 0, 2) == [(0, 2, "present")]
    assert [one.end_90k for one in reader.segments([volume], CAMERA, *ALL)] == [seconds(2)]


async def test_after_a_leap_only_a_key_frame_ends_the_gap(volume, clock):
    one = started(volume, clock)
    one.write(video(0, 2.2))
    one.discontinuity(Cause.CLOCK_STEP, seconds(3))
    one.gap_begin(Cause.NO_PACKETS, "silent", seconds(3.2))
    one.write(video(3.6, 2, gop=20)[10:])
    await one.close()
    assert spans(volume, 0, 5.6) == [
        (0, 2.2, "present"),
        (2.2, 3.2, Cause.CLOCK_STEP),
        (3.2, 4.4, Cause.NO_PACKETS),
        (4.4, 5.6, "present"),
    ]


async def test_a_leap_within_a_gap_leaves_what_was_missing_its_cause(volume, clock):
    one = started(volume, clock)
    one.write(video(0, 2))
    one.gap_begin(Cause.DISCONNECTED, "", seconds(2))
    one.discontinuity(Cause.CLOCK_STEP, seconds(9))
    one.write(video(10, 1))
    await one.close()
    assert spans(volume, 0, 11) == [
        (0, 2, "present"),
        (2, 9, Cause.DISCONNECTED),
        (9, 10, Cause.CLOCK_STEP),
        (10, 11, "present"),
    ]


async def test_what_nobody_named_before_a_gap_is_named(volume, clock):
    """As when a camera gets another address, which then cannot be reached."""
    one = started(volume, clock)
    one.write(video(0, 2))
    one.gap_begin(Cause.UNREACHABLE, "", seconds(5))
    await volume.settled()
    assert spans(volume, 0, 6) == [
        (0, 2, "present"),
        (2, 5, Cause.NO_PACKETS),
        (5, 6, Cause.UNREACHABLE),
    ]


async def test_the_cause_of_a_gap_may_change_and_gaps_never_overlap(volume, clock):
    one = started(volume, clock)
    one.write(video(0, 2))
    one.gap_begin(Cause.DISCONNECTED, "", seconds(1))  # before the end of what is kept
    one.gap_begin(Cause.UNREACHABLE, "", seconds(3))
    one.gap_begin(Cause.UNREACHABLE, "still", seconds(5))
    one.gap_begin(Cause.AUTHENTICATION, "", seconds(7))
    await volume.settled()
    assert spans(volume, 0, 8) == [
        (0, 2, "present"),
        (2, 3, Cause.DISCONNECTED),
        (3, 7, Cause.UNREACHABLE),
        (7, 8, Cause.AUTHENTICATION),
    ]


async def test_a_long_silence_closes_the_segment(volume, clock, monkeypatch):
    monkeypatch.setattr(recorder_module, "SILENCE_S", 0.01)
    one = started(volume, clock)
    one.write(video(0, 2.2))
    one.gap_begin(Cause.NO_PACKETS, "", seconds(2.2))
    while one.open_segment is not None:
        await asyncio.sleep(0.01)
    await volume.settled()
    assert [kept.closed for kept in reader.segments([volume], CAMERA, *ALL)] == [True]


async def test_a_short_silence_does_not(volume, clock):
    one = started(volume, clock)
    one.write(video(0, 2))
    one.gap_begin(Cause.NO_PACKETS, "", seconds(2))
    one.write(video(4, 2))
    await one.close()
    assert starts(volume) == [0]


async def test_losses_close_together_are_one_gap(volume, clock):
    one = started(volume, clock)
    one.write(video(0, 10))
    for at in (1, 1.5, 2.2, 6):
        one.loss(seconds(at), seconds(at + 0.04))
    await one.close()
    assert spans(volume, 0, 10) == [
        (0, 1, "present"),
        (1, 2.24, Cause.PACKET_LOSS),
        (2.24, 6, "present"),
        (6, 6.04, Cause.PACKET_LOSS),
        (6.04, 10, "present"),
    ]


async def test_a_hole_that_nobody_explained_is_named_all_the_same(volume, clock):
    one = started(volume, clock)
    one.write(video(0, 2))
    one.write(video(5, 2))
    one.loss(seconds(7), seconds(9))
    one.write(video(9, 2))
    await one.close()
    assert spans(volume, 0, 11) == [
        (0, 2, "present"),
        (2, 5, Cause.NO_PACKETS),
        (5, 7, "present"),
        (7, 9, Cause.PACKET_LOSS),
        (9, 11, "present"),
    ]


async def test_a_stop_is_a_gap_until_the_next_recorder_starts(volume, clock):
    one = started(volume, clock)
    one.write(video(0, 2))
    await one.close(Cause.RECORDER_STOPPED, "update")
    again = started(volume, clock)
    again.write(video(60, 2))
    await volume.settled()
    assert presence.spans([volume], CAMERA, seconds(1), seconds(61)) == [
        Span(seconds(1), seconds(2), "present"),
        Span(seconds(2), seconds(60), "missing", Cause.RECORDER_STOPPED, "update"),
        Span(seconds(60), seconds(61), "present"),
    ]


async def test_after_close_nothing_is_kept(volume, clock):
    one = started(volume, clock)
    one.write(video(0, 2))
    await one.close()
    one.write(video(2, 2))
    one.loss(seconds(2), seconds(3))
    one.gap_begin(Cause.UNREACHABLE, "", seconds(3))
    await one.close()
    assert spans(volume, 0, 4) == [(0, 2, "present"), (2, 4, Cause.RECORDER_STOPPED)]


async def test_silence_between_two_recorders_is_explained(volume, clock):
    """As after a crash between two segments, when no open one is left to tell."""
    one = started(volume, clock)
    one.write(video(0, 2))
    await one.close()
    with sqlite3.connect(volume.path / "catalogue.sqlite3") as catalogue:
        catalogue.execute("DELETE FROM gaps")
    again = started(volume, clock)
    again.write(video(60, 2))
    await again.close()
    assert (2, 60, Cause.RECORDER_CRASHED) in spans(volume, 0, 62)


# --- What readers see of an open segment ----------------------------------------------------------


async def test_an_open_segment_is_readable_to_its_last_fragment(volume, clock):
    one = started(volume, clock)
    one.write(video(0, 3.5))
    await volume.settled()
    seen = one.open_segment
    (kept,) = reader.segments([volume], CAMERA, *ALL)
    assert not kept.closed
    assert (seen.start_90k, seen.end_90k) == (kept.start_90k, kept.end_90k) == (seconds(0), seconds(3))
    assert list(index.entries_of(seen.entries)) == reader.entries(kept)
    assert kept.size_bytes == kept.path.stat().st_size
    assert spans(volume, 0, 20) == [(0, 3, "present")]  # later is not decided yet


# --- A disk in trouble ----------------------------------------------------------------------------


async def test_a_failing_disk_stops_recording_by_name_and_hurts_nothing(volume, clock, disk):
    troubles = []
    volume.on_trouble(troubles.append)
    one = started(volume, clock)
    one.write(video(0, 3))
    await volume.settled()
    disk.broken, disk.short = {"write": IO_ERROR}, True
    one.write(video(3, 2))
    await volume.settled()
    assert volume.trouble.cause is Cause.VOLUME_FAILING
    one.write(video(5, 2))
    assert not one.recording

    disk.broken, disk.short = {}, False
    clock.advance(10)
    await volume.settled()
    assert volume.trouble is None
    one.write(video(20, 2))
    await one.close()
    await asyncio.sleep(0)
    assert [trouble and trouble.cause for trouble in troubles] == [Cause.VOLUME_FAILING, None]
    assert spans(volume, 0, 22) == [
        (0, 3, "present"),
        (3, 20, Cause.VOLUME_FAILING),
        (20, 22, "present"),
    ]
    torn = reader.segments([volume], CAMERA, *ALL)[0]
    assert torn.closed
    assert torn.size_bytes == torn.path.stat().st_size == reader.entries(torn)[-1].end


async def test_a_disk_that_fails_to_sync_closes_nothing(volume, clock, disk):
    one = started(volume, clock)
    one.write(video(0, 3))
    await volume.settled()
    disk.broken = {"sync": IO_ERROR}
    await one.close()
    assert [kept.closed for kept in reader.segments([volume], CAMERA, *ALL)] == [False]
    disk.broken = {}
    clock.advance(10)
    await volume.settled()
    assert [kept.closed for kept in reader.segments([volume], CAMERA, *ALL)] == [True]


async def test_a_segment_that_cannot_be_opened_is_a_gap_from_its_start(volume, clock, disk):
    disk.broken = {"create": IO_ERROR}
    one = started(volume, clock)
    one.write(video(0, 3))
    await volume.settled()
    assert spans(volume, 0, 3) == [(0, 3, Cause.VOLUME_FAILING)]
    disk.broken = {}
    clock.advance(10)
    await volume.settled()
    one.write(video(3, 2))
    await one.close()
    assert spans(volume, 0, 5) == [(0, 3, Cause.VOLUME_FAILING), (3, 5, "present")]


async def test_a_disk_without_space_is_full_not_failing(volume, clock, disk):
    one = started(volume, clock)
    one.write(video(0, 3))
    await volume.settled()
    disk.broken, disk.short = {"write": NO_SPACE}, True
    one.write(video(3, 2))
    await volume.settled()
    assert volume.trouble.cause is Cause.VOLUME_FULL


async def test_a_full_volume_closes_its_segments_and_goes_on_when_there_is_room(volume, clock, disk):
    one = started(volume, clock)
    one.write(video(0, 3))
    await volume.settled()
    disk.free = 0
    clock.advance(3)
    one.write(video(3, 1))
    await volume.settled()
    assert volume.trouble.cause is Cause.VOLUME_FULL
    assert volume.free_bytes() == 0
    assert [kept.closed for kept in reader.segments([volume], CAMERA, *ALL)] == [True]
    one.write(video(4, 4))
    one.gap_begin(Cause.UNREACHABLE, "", seconds(8))
    one.gap_end(seconds(9))
    disk.free = None
    clock.advance(10)
    await volume.settled()
    one.write(video(20, 2))
    await one.close()
    assert spans(volume, 0, 22) == [
        (0, 4, "present"),
        (4, 8, Cause.VOLUME_FULL),
        (8, 9, Cause.UNREACHABLE),
        (9, 20, Cause.VOLUME_FULL),
        (20, 22, "present"),
    ]


async def test_a_slow_disk_costs_fragments_not_memory(volume, clock, disk, monkeypatch):
    monkeypatch.setattr(writer, "MAX_QUEUED_BYTES", 100_000)
    one = started(volume, clock)
    one.write(video(0, 1))
    await volume.settled()
    disk.hold = Event()
    for second in range(1, 100):
        one.write(video(second, 1, size=2000))
    assert volume.trouble == writer.BEHIND
    disk.hold.set()
    await volume.settled()
    await volume.settled()
    assert volume.trouble is None
    one.write(video(100, 2))
    await one.close()
    assert spans(volume, 0, 102) == [
        (0, 3, "present"),
        (3, 100, Cause.VOLUME_FAILING),
        (100, 102, "present"),
    ]


async def test_a_fragment_that_no_file_can_hold_is_left_out(volume, clock):
    one = started(volume, clock)
    impossible = [sample._replace(pts=sample.pts - 10**6) for sample in video(1, 1)]
    one.write([*video(0, 1), *impossible, *video(2, 2)])
    await one.close()
    assert volume.trouble is None
    assert any(span.cause is Cause.PROTOCOL for span in presence.spans([volume], CAMERA, 0, LONG))


async def test_cameras_do_not_disturb_each_other(volume, clock):
    many = {uuid4(): n for n in range(20)}
    recorders = [recorder(volume, clock, camera=camera) for camera in many]
    for one, n in zip(recorders, many.values(), strict=True):
        one.set_tracks(VIDEO)
        one.write(video(n, 2))
    await asyncio.gather(*(one.close() for one in recorders))
    for camera, n in many.items():
        (kept,) = reader.segments([volume], camera, *ALL)
        assert (kept.start_90k, kept.end_90k) == (seconds(n), seconds(n + 2))
