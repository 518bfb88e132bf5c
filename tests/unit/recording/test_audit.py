"""The audit: what it finds, keeps and owes; its pace; and that it goes on where it stopped."""

import fcntl
import json
import os
import sqlite3
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from bingjian.recording import audit, removal
from bingjian.recording.alignment import Kind
from bingjian.recording.audit import Audit
from bingjian.recording.catalogue import debts
from bingjian.recording.findings_table import FIRST, closed_after, findings_after
from bingjian.recording.inspection import stored_file
from bingjian.recording.segment import index_path
from bingjian.recording.strays import NOBODY
from bingjian.recording.volume import CAMERAS, Volume
from tests.unit.recording.footage import CAMERA, StandingClock, recorder, seconds, video, video_config
from tests.unit.recording.test_removal import KEY, PUBLIC, catalogue_of, receipt_for, remove, segments

DAY_S = 86_400


@pytest.fixture
async def recorded(volume, clock) -> Volume:
    """Three closed segments of 4 s, and one that is being written."""
    one = recorder(volume, clock)
    for number in range(4):
        one.set_tracks((video_config(wide=16 + number),))
        one.write(video(4 * number, 4, size=400))
    await volume.settled()
    return volume


class Sleeper:
    """Sleeping moves the clock; after so many seconds the audit is told to stop."""

    def __init__(self, clock: StandingClock, stop_after_s: float) -> None:
        self.clock, self.left_s = clock, stop_after_s
        self.slept: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.advance(seconds)
        self.left_s -= seconds

    def stopping(self) -> bool:
        return self.left_s <= 0


def auditor(volume: Volume, clock: StandingClock, sleep=lambda _: None, **more) -> Audit:
    return Audit(volume, clock=clock, sleep=sleep, receipt_key=PUBLIC, **more)


def found(volume: Volume) -> list[tuple[str, int, int]]:
    with volume.reading() as catalogue:
        rows = findings_after(catalogue, 100)
    return sorted((row.finding.kind.value, row.finding.start_90k, row.finding.end_90k) for row in rows)


def progress(volume: Volume) -> audit.Progress:
    with volume.reading() as catalogue:
        return audit.progress(catalogue)


def path_of(volume: Volume, number: int) -> Path:
    with volume.reading() as catalogue:
        return volume.path / closed_after(catalogue, FIRST, 10)[number].path


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


async def test_what_is_whole_is_accused_of_nothing(recorded, clock):
    assert auditor(recorded, clock).full_pass() == 0
    assert found(recorded) == []
    done = progress(recorded)
    assert (done.audited_until_90k, done.last_round_at_90k) == (seconds(0), seconds(0))
    assert done.covered_bytes == done.total_bytes


async def test_a_finding_is_kept_once_and_owed_to_the_journal_once(recorded, clock):
    flip(path_of(recorded, 1), -10)
    assert auditor(recorded, clock).full_pass() == 1
    clock.advance(60)
    assert auditor(recorded, clock).full_pass() == 0
    assert found(recorded) == [("altered", seconds(7), seconds(8))]
    with recorded.reading() as catalogue:
        (row,) = findings_after(catalogue, 10)
        owed = [one for one in debts(catalogue, 0, 100) if one.body["kind"] == "finding.made"]
    assert row.found_at_90k == seconds(0)
    assert row.finding.camera == CAMERA
    assert [one.key for one in owed] == [f"finding:{row.id}"]
    assert owed[0].body["finding"] == "altered"


async def test_findings_come_page_by_page_newest_first(recorded, clock):
    for number in range(3):
        flip(path_of(recorded, number), -10)
        auditor(recorded, clock).full_pass()
        clock.advance(60)
    with recorded.reading() as catalogue:
        whole = findings_after(catalogue, 10)
        first = findings_after(catalogue, 2)
        rest = findings_after(catalogue, 2, (first[-1].found_at_90k, first[-1].id))
    assert first + rest == whole
    assert [row.finding.start_90k for row in whole] == [seconds(11), seconds(7), seconds(3)]


@pytest.mark.parametrize("gone", ["mp4", "idx", "both", "day"])
async def test_what_is_gone_is_removed(recorded, clock, gone):
    path = path_of(recorded, 0)
    if gone in ("mp4", "both"):
        path.unlink()
    if gone in ("idx", "both"):
        index_path(path).unlink()
    if gone == "day":
        path.parent.rename(recorded.path.parent / "elsewhere")
    auditor(recorded, clock).full_pass()
    expected = {("removed", seconds(4 * number), seconds(4 * number + 4)) for number in range(3)}
    assert set(found(recorded)) == (expected if gone == "day" else {("removed", seconds(0), seconds(4))})


async def test_a_link_or_a_pipe_in_place_of_the_file_does_not_hold_it_up(recorded, clock):
    first, second = path_of(recorded, 0), path_of(recorded, 1)
    first.rename(recorded.path.parent / "elsewhere.mp4")
    first.symlink_to(recorded.path.parent / "elsewhere.mp4")
    second.unlink()
    os.mkfifo(second)
    auditor(recorded, clock).full_pass()
    assert found(recorded) == [
        ("removed", seconds(0), seconds(4)),
        ("removed", seconds(4), seconds(8)),
    ]


# --- Files without a row


@pytest.mark.parametrize("name", ["notes.txt", "20260921T141320.000Z_zz.mp4", "lonely.idx", ".hidden"])
async def test_a_file_without_a_row_was_inserted(recorded, clock, name):
    day = path_of(recorded, 0).parent
    (day / name).write_bytes(b"rubbish")
    auditor(recorded, clock).full_pass()
    ((kind, start_90k, end_90k),) = found(recorded)
    assert kind == "inserted"
    assert end_90k - start_90k == DAY_S * 90_000, "its day is all that is known"


async def test_footage_without_a_row_is_named_with_its_interval(recorded, clock):
    path = path_of(recorded, 1)
    strange = recorded.path / CAMERAS / "99999999-2222-4333-8444-555555555555" / path.parent.name
    strange.mkdir(parents=True)
    (strange / path.name).write_bytes(path.read_bytes())
    auditor(recorded, clock).full_pass()
    assert found(recorded) == [("inserted", seconds(4), seconds(8))]


async def test_times_that_no_calendar_has_are_not_believed(recorded, clock):
    """A fragment may say any 64-bit time of itself."""
    path = path_of(recorded, 1)
    content = bytearray(path.read_bytes())
    at = content.rfind(b"tfdt") + 8
    content[at : at + 8] = b"\xff" * 8
    stray = path.with_name(f"20260921T141320.000Z_{'ab' * 16}.mp4")
    stray.write_bytes(content)
    auditor(recorded, clock).full_pass()
    assert found(recorded) == [("inserted", seconds(0), seconds(0))]


async def test_a_fault_of_our_own_with_one_segment_does_not_end_it(recorded, clock, monkeypatch):
    look = audit.segment_findings

    def faulty(volume, row, pause):
        if row.start_90k == seconds(0):
            raise RuntimeError
        return look(volume, row, pause)

    monkeypatch.setattr(audit, "segment_findings", faulty)
    flip(path_of(recorded, 1), -10)
    assert auditor(recorded, clock).full_pass() == 1


async def test_files_that_belong_to_nobody_are_found_too(recorded, clock):
    (recorded.path / CAMERAS / "what").mkdir()
    (recorded.path / CAMERAS / "what" / "is this").write_bytes(b"")
    auditor(recorded, clock).full_pass()
    with recorded.reading() as catalogue:
        (row,) = findings_after(catalogue, 10)
    assert (row.finding.kind, row.finding.camera) == (Kind.INSERTED, NOBODY)


async def test_a_file_that_waits_for_its_row_and_a_draft_are_no_strays(recorded, clock):
    newest = segments(recorded)[-1]
    with catalogue_of(recorded) as catalogue, catalogue.transaction():
        catalogue._connection.execute("DELETE FROM segments WHERE state = 'open'")
    assert newest.path.exists()
    first = index_path(path_of(recorded, 0))
    first.with_name(f".{first.name}.new").write_bytes(b"half")
    assert auditor(recorded, clock).full_pass() == 0


async def test_a_name_without_bytes_is_what_a_power_cut_leaves(recorded, clock):
    day = path_of(recorded, 0).parent
    for suffix, content in ((".mp4", bytes(900)), (".idx", b"")):
        (day / f"20260921T141320.000Z_{'ab' * 16}{suffix}").write_bytes(content)
    assert auditor(recorded, clock).full_pass() == 0
    (day / f"20260921T141320.000Z_{'ab' * 16}.mp4").write_bytes(bytes(900) + b"x")
    auditor(recorded, clock).full_pass()
    assert {kind for kind, _, _ in found(recorded)} == {"inserted"}


async def test_a_file_made_this_very_moment_waits_for_its_row(recorded, clock):
    path = path_of(recorded, 0).with_name(f"20260921T141320.000Z_{'ab' * 16}.mp4")
    path.write_bytes(b"ftyp, or what is there of it")
    clock.utc = path.stat().st_ctime_ns + 10**9
    assert auditor(recorded, clock).full_pass() == 0
    clock.advance(120)
    assert auditor(recorded, clock).full_pass() == 1


# --- Removals


async def test_a_removal_in_order_is_no_finding(recorded, clock):
    remove(recorded, receipt_for(segments(recorded)[0]))
    assert auditor(recorded, clock).full_pass() == 0


async def test_R31_6_a_removal_before_its_term_is_named(recorded, clock):
    first = segments(recorded)[0]
    remove(recorded, receipt_for(first, retain_until="2027-01-01T16:00:00.000000Z"))
    auditor(recorded, clock).full_pass()
    assert found(recorded) == [("early_deleted", seconds(0), seconds(4))]


@pytest.mark.parametrize(
    "forged",
    [
        lambda good: "",
        lambda good: "[]",
        lambda good: json.dumps(asdict(replace(good, retain_until="2020-01-01T00:00:00.000000Z"))),
        lambda good: json.dumps(asdict(signed(replace(good, root="00" * 32)))),
        lambda good: json.dumps(asdict(replace(good, signature="00" * 64))),
        lambda good: json.dumps(asdict(signed(replace(good, at="some day")))),
    ],
)
async def test_R31_6_a_removal_without_a_valid_receipt_is_named(recorded, clock, forged):
    first = segments(recorded)[0]
    remove(recorded, receipt_for(first))
    with sqlite3.connect(recorded.path / "catalogue.sqlite3") as connection:
        connection.execute("UPDATE removed SET receipt = ?", (forged(receipt_for(first)),))
    connection.close()
    auditor(recorded, clock).full_pass()
    assert found(recorded) == [("early_deleted", seconds(0), seconds(4))]


def signed(receipt):
    return replace(receipt, signature=KEY.sign(removal.receipt_payload(receipt)).hex())


async def test_what_is_given_up_while_it_is_read_is_not_missing(recorded, clock, monkeypatch):
    first = segments(recorded)[0]
    look = audit.segment_findings

    def removed_meanwhile(volume, row, pause):
        if row.id == first.id:
            remove(recorded, receipt_for(first))
        return look(volume, row, pause)

    monkeypatch.setattr(audit, "segment_findings", removed_meanwhile)
    assert auditor(recorded, clock).full_pass() == 0


# --- Pace


async def test_a_round_takes_its_period(recorded, clock):
    sleeper = Sleeper(clock, 40 * DAY_S)
    auditor(recorded, clock, sleeper).run(sleeper.stopping)
    assert max(sleeper.slept) <= max(audit.SLICE_S, audit.WAIT_S)
    done = progress(recorded)
    assert done.audited_until_90k == seconds(0)
    assert abs((done.last_round_at_90k or 0) - seconds(30 * DAY_S)) < 90_000 * 600
    assert 0 < done.covered_bytes < done.total_bytes, "the next round goes on"


async def test_it_never_reads_faster_than_it_may(recorded, clock):
    """Late in the period everything is still to be read."""
    sleeper = Sleeper(clock, 1000)
    auditor(recorded, clock, sleeper, period_s=1, max_bytes_per_s=1000).run(sleeper.stopping)
    first_round = sleeper.slept[: sleeper.slept.index(audit.WAIT_S)]
    total = sum(one.size_bytes for one in segments(recorded)[:3])
    assert sum(first_round) >= total / 1000


async def test_stopped_in_the_middle_it_goes_on_there(recorded, clock, monkeypatch):
    seen = []
    look = audit.segment_findings
    monkeypatch.setattr(audit, "segment_findings", lambda v, r, p: seen.append(r.start_90k) or look(v, r, p))
    for _ in range(4):
        sleeper = Sleeper(clock, 0.5 * 30 * DAY_S)
        auditor(recorded, clock, sleeper).run(sleeper.stopping)
        if len(seen) >= 3:
            break
    assert seen[:3] == [seconds(0), seconds(4), seconds(8)]


async def test_the_next_round_waits_for_the_next_period(recorded, clock):
    auditor(recorded, clock).full_pass()
    flip(path_of(recorded, 0), -10)
    sleeper = Sleeper(clock, 20 * DAY_S)
    auditor(recorded, clock, sleeper).run(sleeper.stopping)
    assert found(recorded) == []
    sleeper = Sleeper(clock, 45 * DAY_S)
    auditor(recorded, clock, sleeper).run(sleeper.stopping)
    assert found(recorded) == [("altered", seconds(3), seconds(4))]


async def test_one_process_audits_and_the_others_wait(recorded, clock):
    flip(path_of(recorded, 0), -10)
    descriptor = os.open(recorded.path / CAMERAS, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    sleeper = Sleeper(clock, DAY_S)
    auditor(recorded, clock, sleeper).run(sleeper.stopping)
    assert found(recorded) == []
    os.close(descriptor)
    sleeper = Sleeper(clock, 31 * DAY_S)
    auditor(recorded, clock, sleeper).run(sleeper.stopping)
    assert len(found(recorded)) == 1


async def test_what_the_disk_does_not_give_is_nobodys_deed(recorded, clock, monkeypatch):
    def broken(volume, row, pause):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(audit, "segment_findings", broken)
    auditor(recorded, clock).full_pass()
    assert found(recorded) == []
    with catalogue_of(recorded) as catalogue:
        assert json.loads(catalogue.value("audit"))["unreadable"] == 3


async def test_a_cursor_that_cannot_be_read_begins_a_round(recorded, clock):
    with catalogue_of(recorded) as catalogue, catalogue.transaction():
        catalogue.set_value("audit", '{"part": 3}')
    flip(path_of(recorded, 0), -10)
    sleeper = Sleeper(clock, 31 * DAY_S)
    auditor(recorded, clock, sleeper).run(sleeper.stopping)
    assert len(found(recorded)) == 1


def test_reading_pauses_after_small_pieces(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(bytes(1_000_000))
    told: list[int] = []
    with stored_file(path, told.append) as source:
        assert source is not None
        assert source.read(0, 2_000_000) == bytes(1_000_000)
    assert sum(told) == 1_000_000
    assert max(told) <= 256 << 10
