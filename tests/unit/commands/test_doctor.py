import socket
from pathlib import Path

import pytest

from bingjian.commands import doctor
from bingjian.settings import Settings, VolumeSettings


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BINGJIAN_LANGUAGE", "en")


def test_a_directory_that_can_be_made_is_good(tmp_path: Path) -> None:
    assert doctor.directory("state", tmp_path / "a" / "b").verdict == "good"


def test_a_file_in_the_way_is_bad_and_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    finding = doctor.directory("state", tmp_path / "a" / "b")
    assert finding.verdict == "bad"
    assert finding.remedy


def test_others_looking_in_is_a_warning(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    assert doctor.private(tmp_path).verdict == "warning"
    tmp_path.chmod(0o700)
    assert doctor.private(tmp_path).verdict == "good"


def test_too_little_room_is_bad(tmp_path: Path) -> None:
    assert doctor.room(VolumeSettings(path=tmp_path / "v", reserve_bytes=0)).verdict == "good"
    assert doctor.room(VolumeSettings(path=tmp_path / "v", reserve_bytes=2**62)).verdict == "bad"


def test_ports_free_and_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        found = list(doctor.ports(Settings(port=port, media_port_base=0)))
    assert [finding.verdict for finding in found] == ["bad"]
    assert list(doctor.ports(Settings(port=0, media_port_base=0))) == []


def test_workers_volumes_and_cameras_that_are_not_well() -> None:
    assert (
        doctor.worker_finding({"name": "media-0", "up": False, "detail": "does not answer"}).verdict == "bad"
    )
    volume = {"path": "/v", "cause": "volume_full", "detail": "no room"}
    assert doctor.volume_finding(volume).verdict == "bad"
    silent = {"name": "gate", "state": {"state": "reconnecting", "cause": "no_packets", "detail": None}}
    assert doctor.camera_finding(silent).sentence == "reconnecting · no_packets"
    assert not doctor.is_live({"name": "new", "state": None})
