"""The benchmarks still run: tiny stores, few samples; their figures mean nothing here."""

import subprocess

import pytest

from bench import decide, inventory, journal, record, rules, seek, seek_store, start
from bench.seek_store import Plan
from bench.simulators import running_simulators
from bench.store import Rows, with_files
from bench.worker import cameras_of
from bingjian.recording import reader
from bingjian.recording.catalogue import Catalogue
from bingjian.recording.volume import CATALOGUE_FILE, Volume
from bingjian.rules.decision import Grant, Refusal
from bingjian.rules.library import law
from tests.unit.recording.footage import CAMERA, GIB, seconds


@pytest.fixture
def filed(tmp_path):
    """A store with two files of three seconds, five minutes apart."""
    volume = Volume.create(tmp_path / "volume", size_bytes=GIB, reserve_bytes=0)
    volume.close()
    rows = Rows.of("test")
    catalogue = Catalogue(volume.path / CATALOGUE_FILE, volume.id)
    with catalogue.transaction():
        wanted = [rows.row(CAMERA, seconds(start_s), 3) for start_s in (0, 300)]
        catalogue.add_closed(with_files(volume.path, volume.id, wanted))
    catalogue.close()
    return Volume.open(volume.path, read_only=True)


@pytest.mark.interop
def test_files_made_for_a_benchmark_are_footage(filed):
    for one in reader.segments([filed], CAMERA, seconds(0), seconds(400)):
        command = ["ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames"]
        told = subprocess.run([*command, "-of", "csv=p=0", one.path], capture_output=True, text=True)
        assert (told.stdout.strip(), told.stderr) == ("15", "")
        assert reader.picture([filed], CAMERA, one.start_90k + 90_000) is not None


def test_media_bytes_are_those_of_the_samples(filed):
    entries = [
        entry
        for one in reader.segments([filed], CAMERA, seconds(0), seconds(400))
        for entry in reader.entries(one)[1:]
    ]
    held = sum(entry.length for entry in entries)
    around = held - record.media_bytes(filed.path)
    assert around == len(entries) * (24 + 8 + 16 + 20 + 20 + 5 * 16 + 8), "moof of five samples, mdat header"


@pytest.mark.interop
async def test_seek(tmp_path, monkeypatch):
    monkeypatch.setattr(seek_store, "CACHE", tmp_path)
    plan = Plan(cameras=3, days=2, filed_cameras=1, filed_days=1)
    told = await seek.run(plan, 2, rebuild=False)
    goals = {"bytes_for_instant_ms_p99", "first_byte_ms_p95", "month_timeline_ms_p95", "completeness_ms"}
    assert goals <= set(told.bingjian)
    assert told.params["segments"] == 3 * 2 * 288
    assert seek_store.built(plan, rebuild=False) is None, "the store was kept"


async def test_start_and_record(tmp_path, monkeypatch):
    monkeypatch.setattr(start, "RECORDED_S", 1)
    monkeypatch.setattr(record, "SETTLE_S", 0)
    async with running_simulators(1, core=1) as simulators:
        cameras = cameras_of(simulators.urls, simulators.username, simulators.password)
        assert start.fill(tmp_path / "volume", [camera.id for camera in cameras], 5) == 5
        assert await start.record_and_kill(tmp_path, cameras) == 1, "left open"
        took = await start.restart(tmp_path, cameras)
        assert 0 < took["answering_s"] < took["first_camera_s"] <= took["all_cameras_s"]
        (tmp_path / "again").mkdir()
        measured = await record.record_ourselves(simulators, 1, tmp_path / "again")
    assert 0 < measured.catalogue_share < measured.write_amplification - 1


def test_rules():
    told = rules.run(rounds=1, calls=3)
    assert {"load_ms", "decision_us", "decision_us_p99"} <= set(told.bingjian)
    assert 0 < told.bingjian["decision_us"] <= told.bingjian["decision_us_p99"]
    assert told.peer["load_ms"] > 0
    assert told.params["duties"] == len(law().duties)


def test_the_questions_of_the_rules_are_granted_and_refused():
    answers = [one.decision(law(), *one.facts) for one in rules.questions()]
    assert {Grant, Refusal} <= {type(answer) for answer in answers}


def test_journal(tmp_path):
    told = journal.run(1000, 3000, 200, 0.5, 20, tmp_path)
    assert {"appended_per_s", "durable_ms_p95", "proof_ms_p95", "verified_per_s"} <= set(told.bingjian)


async def test_inventory(tmp_path):
    url = f"sqlite+aiosqlite:///{tmp_path / 'db.sqlite3'}"
    told = await inventory.measured(url, tmp_path, inventory.sheet(20), 9)
    assert told.keys() == {"import_s", "list_ms_p95", "search_ms_p95", "viewport_ms_p95"}
    assert (await inventory.owed(f"sqlite+aiosqlite:///{tmp_path / 'duties.sqlite3'}", tmp_path, 100))[
        "duties"
    ]


async def test_decide():
    told = (await decide.run(cameras=20, people=40, decisions=200, looks=3)).bingjian
    assert {"decide_us_p95", "ticket_overhead_ms_p95"} <= set(told)
    assert 0 < told["granted"] < 1
