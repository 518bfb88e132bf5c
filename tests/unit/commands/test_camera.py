import pytest

from bingjian.commands.camera import camera_lines, camera_row


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BINGJIAN_LANGUAGE", "en")


def test_a_camera_nothing_is_known_of() -> None:
    row = camera_row({"name": "gate", "state": None, "url": None})
    assert row == ("gate", "unknown", "", "", "")


def test_a_live_camera() -> None:
    state = {"state": "live", "cause": None, "codec": "h264", "bit_rate_bps": 3_010_000}
    row = camera_row({"name": "gate", "state": state, "url": "rtsp://192.0.2.1/"})
    assert row == ("gate", "live", "h264", "3.01", "rtsp://192.0.2.1/")


def test_a_camera_in_trouble_says_why() -> None:
    state = {"state": "reconnecting", "cause": "refused", "codec": None, "bit_rate_bps": None}
    assert camera_row({"name": "gate", "state": state, "url": None})[1] == "reconnecting refused"


def test_columns_stand_straight_under_chinese_names() -> None:
    cameras = [
        {"name": "东门", "state": None, "url": "rtsp://192.0.2.1/"},
        {"name": "gate", "state": None, "url": "rtsp://192.0.2.2/"},
    ]
    _, chinese, latin = camera_lines(cameras)
    assert chinese.index("unknown") + len("东门") == latin.index("unknown")
