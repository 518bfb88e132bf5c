"""What a device had kept fills the gap and nothing else, and file, row, presence and check say so."""

import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from bench import store_check as store
from bingjian.clock import instant_of
from bingjian.recording import check, fragments, presence, reader
from bingjian.recording.catalogue import debts, gaps_between, recovering, segments_between
from bingjian.recording.cause import Cause
from bingjian.recording.filling import Filling, Lack, lacks
from bingjian.recording.inspection import stored_file
from bingjian.recording.segment import Identity, Recovered
from bingjian.recording.volume import CATALOGUE_FILE, Volume
from bingjian.recording.volumes import Volumes
from bingjian.recording.wanted import Interval
from bingjian.rules.decision import Grant
from bingjian.rules.decisions.tampering import LateUpload, may_add
from bingjian.rules.library import law
from tests.unit.recording.footage import (
    CAMERA,
    NO_SPACE,
    StandingClock,
    in_batches,
    recorder,
    seconds,
    video,
    video_config,
)

SOURCE = Recovered("34020000001110000001", "34020000001310000001", seconds(7200))
WINDOW = Interval(seconds(-10), seconds(3600))
VIDEO = (video_config(),)


@pytest.fixture
async def gappy(volume, clock) -> Volume:
    """A minute, a minute in which the camera was away, a minute."""
    one = recorder(volume, clock)
    one.set_tracks(VIDEO)
    one.write(video(0, 60))
    one.gap_begin(Cause.DISCONNECTED, "gone", seconds(60))
    one._finish_segment()  # what ten seconds of silence do
    one.write(video(120, 60))
    await one.close()
    return volume


def wanted_of(volume: Volume) -> list[tuple[int, int]]:
    return [tuple(lack.interval) for lack in lacks(Volumes([volume]), CAMERA, WINDOW)]


async def fill(volume: Volume, samples, source: Recovered = SOURCE) -> int:
    (lack, *_) = lacks(Volumes([volume]), CAMERA, WINDOW)
    filling = Filling(CAMERA, lack, source, worker="test", epoch=7)
    filling.begin(StandingClock())
    filling.set_tracks(VIDEO)
    for some in in_batches(samples):
        filling.write(some)
    return await filling.end()


def told(volume: Volume, end_s: float = 180) -> list[tuple[float, float, str, str | None]]:
    return [
        (
            (one.start_90k - seconds(0)) / 90_000,
            (one.end_90k - seconds(0)) / 90_000,
            one.kind,
            one.recovered_from,
        )
        for one in presence.spans([volume], CAMERA, seconds(0), seconds(end_s))
    ]


def recovered_rows(volume: Volume):
    with volume.reading() as rows:
        return [one for one in segments_between(rows, CAMERA, 0, 1 << 62) if one.recovered is not None]


def faults(volume: Volume, *, deep: bool = True) -> set[check.Fault]:
    reading = Volume.open(volume.path, read_only=True)
    found = {one.fault for one in check.Check(reading, deep=deep)}
    reading.close()
    return found


async def test_the_gap_is_what_is_asked_for(gappy):
    assert wanted_of(gappy) == [(seconds(60), seconds(120))]


async def test_what_the_device_kept_is_cut_at_the_borders_of_the_gap(gappy):
    assert await fill(gappy, video(50.48, 80)) == 59 * 90_000  # from key frame to key frame
    assert told(gappy) == [
        (0, 60, "present", None),
        (60, 60.48, "missing", None),
        (60.48, 119.48, "present", "device"),
        (119.48, 120, "missing", None),
        (120, 180, "present", None),
    ]


async def test_presence_says_from_which_device_and_when(gappy):
    await fill(gappy, video(60, 60))
    (one,) = [span for span in presence.spans([gappy], CAMERA, seconds(0), seconds(180)) if span.source]
    assert (one.start_90k, one.end_90k, one.source) == (seconds(60), seconds(120), SOURCE)


async def test_the_file_says_it_by_itself(gappy):
    await fill(gappy, video(60, 60))
    (row,) = recovered_rows(gappy)
    with stored_file(gappy.path / row.path) as source:
        said = fragments.identity_of(source)
    assert said == Identity(CAMERA, gappy.id, row.id, 7, SOURCE)


async def test_what_we_recorded_ourselves_does_not_say_it(gappy):
    with gappy.reading() as rows:
        (first, *_) = segments_between(rows, CAMERA, 0, 1 << 62)
    with stored_file(gappy.path / first.path) as source:
        assert fragments.identity_of(source).recovered is None


async def test_R31_6_the_gaps_row_stands_and_the_law_allows_what_fills_it(gappy):
    before = gaps_of(gappy)
    await fill(gappy, video(60, 60))
    assert gaps_of(gappy) == before
    (row,), (gap, *_) = recovered_rows(gappy), before
    upload = LateUpload(
        *(instant_of(row.start_90k), instant_of(row.end_90k)),
        gap=(instant_of(gap.start_90k), instant_of(gap.end_90k)),
        is_device_authenticated=True,
        is_signature_good=None,
        is_marked_recovered=row.recovered is not None,
    )
    assert isinstance(may_add(law(), upload), Grant)


def gaps_of(volume: Volume):
    with volume.reading() as rows:
        return gaps_between(rows, CAMERA, 0, 1 << 62)


async def test_completeness_counts_it_and_tells_it_apart(gappy):
    await fill(gappy, video(60, 30))
    sums = presence.completeness([gappy], CAMERA, seconds(0), seconds(180), 2 * 90_000)
    assert sums.present_90k == 150 * 90_000
    assert sums.recovered_90k == 30 * 90_000
    assert sums.missing_90k == {Cause.DISCONNECTED: 30 * 90_000}
    assert sums.outages == 1


async def test_the_journal_is_owed_when_it_was_fetched(gappy):
    await fill(gappy, video(60, 60))
    (row,) = recovered_rows(gappy)
    with gappy.reading() as rows:
        owed = {one.key: one.body for one in debts(rows, 0, 100)}
    assert owed[f"segment:{row.id}"]["root"] == row.root.hex()
    assert owed[f"recovered:{row.id}"] == {
        "kind": "segment.recovered",
        "camera": str(CAMERA),
        "segment": str(row.id),
        "start_90k": seconds(60),
        "end_90k": seconds(120),
        "device": SOURCE.device,
        "channel": SOURCE.channel,
        "fetched_90k": SOURCE.fetched_90k,
    }


async def test_where_the_device_has_a_hole_the_next_file_begins(gappy):
    await fill(gappy, [*video(60, 20), *video(90, 30)])
    assert len(recovered_rows(gappy)) == 2
    assert told(gappy)[1:4] == [
        (60, 80, "present", "device"),
        (80, 90, "missing", None),
        (90, 120, "present", "device"),
    ]


async def test_a_second_round_asks_for_what_is_still_missing(gappy):
    await fill(gappy, video(60, 20))
    assert wanted_of(gappy) == [(seconds(80), seconds(120))]
    await fill(gappy, video(60, 60), replace(SOURCE, fetched_90k=seconds(9000)))
    assert wanted_of(gappy) == []
    assert [(one.start_90k, one.end_90k) for one in recovered_rows(gappy)] == [
        (seconds(60), seconds(80)),
        (seconds(80), seconds(120)),
    ]


async def test_check_finds_nothing_and_the_independent_check_neither(gappy):
    await fill(gappy, video(50, 80))
    assert faults(gappy) == set()
    assert store.corrupt(gappy.path, store.rows_of(gappy.path)) == []
    assert store.unaccounted(gappy.path) == []


async def test_check_names_what_lies_over_other_footage(gappy):
    outside = Lack(gappy, Interval(seconds(30), seconds(90)))
    filling = Filling(CAMERA, outside, SOURCE, worker="test", epoch=7)
    filling.begin(StandingClock())
    filling.set_tracks(VIDEO)
    filling.write(video(30, 60))
    await filling.end()
    assert faults(gappy) == {check.Fault.OUTSIDE_GAP}


async def test_check_names_a_row_that_denies_what_its_file_says(gappy):
    await fill(gappy, video(60, 60))
    with sqlite3.connect(gappy.path / CATALOGUE_FILE) as connection:
        connection.execute("UPDATE recovered SET channel = '34020000001310000002'")
    connection.close()
    assert faults(gappy) == {check.Fault.IDENTITY}


async def test_a_playlist_goes_on_through_what_was_recovered(gappy):
    await fill(gappy, video(60, 60))
    found = reader.segments([gappy], CAMERA, seconds(0), seconds(180))
    assert [(one.start_90k, one.end_90k) for one in found] == [
        (seconds(0), seconds(60)),
        (seconds(60), seconds(120)),
        (seconds(120), seconds(180)),
    ]


async def test_R28_1_its_term_counts_from_the_time_of_the_picture(gappy):
    """Retention asks for what ended by an instant: when it was fetched does not matter."""
    await fill(gappy, video(60, 60))
    (row,) = recovered_rows(gappy)
    by_then = reader.stored([gappy], CAMERA, 0, seconds(120), 10)
    assert [one.id for one in by_then][1:] == [row.id]
    assert row.end_90k == seconds(120)


async def test_while_it_is_filled_the_newest_is_told_as_ever(volume, clock):
    """A file of the past that grows says nothing about what is being recorded now."""
    now = recorder(volume, clock)
    now.set_tracks(VIDEO)
    now.write(video(0, 60))
    now.gap_begin(Cause.DISCONNECTED, "gone", seconds(60))
    now._finish_segment()
    now.write(video(120, 60))
    await volume.settled()
    before = gaps_of(volume)
    filling = await half_filled(volume)
    assert told(volume, 300) == HALF_TOLD
    await filling.end()
    assert gaps_of(volume) == before, "and no gap of its own"
    await now.close()


async def test_also_where_nothing_is_being_recorded_this_moment(volume, clock):
    now = recorder(volume, clock)
    now.set_tracks(VIDEO)
    now.write(video(0, 60))
    now.gap_begin(Cause.DISCONNECTED, "gone", seconds(60))
    now._finish_segment()
    now.write(video(120, 60))
    now._finish_segment()
    await volume.settled()
    filling = await half_filled(volume)
    assert told(volume, 180) == HALF_TOLD
    await filling.end()
    await now.close()


HALF_TOLD = [
    (0, 60, "present", None),
    (60, 90, "present", "device"),
    (90, 120, "missing", None),
    (120, 180, "present", None),
]


async def half_filled(volume: Volume) -> Filling:
    (lack,) = lacks(Volumes([volume]), CAMERA, WINDOW)
    filling = Filling(CAMERA, lack, SOURCE, worker="test", epoch=7)
    filling.begin(StandingClock())
    filling.set_tracks(VIDEO)
    filling.write(video(60, 30))
    await volume.settled()
    return filling


async def test_a_full_volume_ends_it_and_makes_no_new_gap(gappy, disk, clock):
    before = gaps_of(gappy)
    (lack,) = lacks(Volumes([gappy]), CAMERA, WINDOW)
    filling = Filling(CAMERA, lack, SOURCE, worker="test", epoch=7)
    filling.begin(clock)
    filling.set_tracks(VIDEO)
    filling.write(video(60, 20))
    await gappy.settled()
    disk.broken["write"] = NO_SPACE
    filling.write(video(80, 20))
    await gappy.settled()
    assert await filling.end() >= 0
    assert gaps_of(gappy) == before
    assert lacks(Volumes([gappy]), CAMERA, WINDOW) == []  # nobody knows what lies there


async def test_while_a_volume_is_away_nothing_is_asked_for(gappy):
    volumes = Volumes([gappy])
    volumes.closed[Path("/nowhere")] = "gone"
    assert lacks(volumes, CAMERA, WINDOW) == []


# --- After a crash


@pytest.fixture
def killed(tmp_path, gappy) -> Path:
    """Copied while a gap was being filled, 20 s of it written."""
    return tmp_path / "killed"


async def leave_open(volume: Volume, to: Path) -> None:
    (lack,) = lacks(Volumes([volume]), CAMERA, WINDOW)
    filling = Filling(CAMERA, lack, SOURCE, worker="test", epoch=7)
    filling.begin(StandingClock())
    filling.set_tracks(VIDEO)
    filling.write(video(60, 20))
    await volume.settled()
    shutil.copytree(volume.path, to)
    await filling.end()


async def test_a_crash_leaves_what_was_written_and_no_second_gap(gappy, killed):
    before = gaps_of(gappy)
    await leave_open(gappy, killed)
    again = Volume.open(killed, clock=StandingClock())
    assert [(one.start_90k, one.end_90k) for one in recovered_rows(again)] == [(seconds(60), seconds(80))]
    assert gaps_of(again) == before
    assert wanted_of(again) == [(seconds(80), seconds(120))]
    assert faults(again) == set()
    again.close()


async def test_its_row_is_made_again_from_the_file_alone(gappy, killed, clock):
    """Between the file and its row: the day is not among the camera's newest, and found all the same."""
    await leave_open(gappy, killed)
    with sqlite3.connect(killed / CATALOGUE_FILE) as connection:
        connection.execute("DELETE FROM segments WHERE state = 'open'")
        connection.execute("DELETE FROM recovered")
    connection.close()
    for day in ("2027-01-01", "2027-01-02"):
        (killed / "cameras" / str(CAMERA) / day).mkdir()
    assert check_of(killed) == set()
    again = Volume.open(killed, clock=StandingClock())
    (row,) = recovered_rows(again)
    assert (row.recovered, row.end_90k, row.state) == (SOURCE, seconds(80), "closed")
    assert faults(again) == set()
    again.close()


def check_of(root: Path) -> set[check.Fault]:
    reading = Volume.open(root, read_only=True)
    found = {one.fault for one in check.Check(reading)}
    reading.close()
    return found


async def test_a_torn_head_is_lost_without_a_gap_of_its_own(gappy, killed):
    before = gaps_of(gappy)
    await leave_open(gappy, killed)
    with sqlite3.connect(killed / CATALOGUE_FILE) as connection:
        ((id,),) = connection.execute("SELECT id FROM segments WHERE state = 'open'").fetchall()
        connection.execute("DELETE FROM segments WHERE state = 'open'")
        connection.execute("DELETE FROM recovered")
    connection.close()
    (path,) = killed.glob(f"cameras/*/*/*{id.hex()}.mp4")
    path.write_bytes(b"")
    again = Volume.open(killed, clock=StandingClock())
    assert gaps_of(again) == before
    assert wanted_of(again) == [(seconds(60), seconds(120))]
    again.close()


async def test_afterwards_nothing_is_searched_any_more(gappy):
    await fill(gappy, video(60, 60))
    with gappy.reading() as rows:
        assert recovering(rows) == {}


# --- Older catalogues


def make_older(root: Path) -> None:
    with sqlite3.connect(root / CATALOGUE_FILE) as connection:
        connection.execute("DROP TABLE recovered")
        connection.execute("PRAGMA user_version = 2")
    connection.close()


async def test_a_catalogue_of_the_version_before_is_read_as_it_stands(gappy, tmp_path):
    root = Path(shutil.copytree(gappy.path, tmp_path / "older"))
    make_older(root)
    older = Volume.open(root, read_only=True)
    assert told(older) == told(gappy)
    older.close()
    with sqlite3.connect(root / CATALOGUE_FILE) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    connection.close()


async def test_and_made_one_of_ours_when_it_is_recorded_to(gappy, tmp_path):
    root = Path(shutil.copytree(gappy.path, tmp_path / "older"))
    make_older(root)
    newer = Volume.open(root, clock=StandingClock())
    await fill(newer, video(60, 60))
    assert told(newer)[1] == (60, 120, "present", "device")
    newer.close()


def test_an_id_that_no_device_has_is_refused():
    for bad in ("", "x" * 33, "摄像机", "a\n"):
        with pytest.raises(ValueError, match="no id"):
            Recovered(bad, "1", 0)


def test_identities_of_both_versions_are_read_back():
    plain = Identity(CAMERA, CAMERA, CAMERA, 7)
    for one in (plain, replace(plain, recovered=SOURCE)):
        assert Identity.unpack(one.pack()) == one
        assert Identity.unpack(one.pack() + b"x") is None
        assert Identity.unpack(one.pack()[:-1]) is None
    assert len(plain.pack()) == 64
    assert len(replace(plain, recovered=SOURCE).pack()) == 136
