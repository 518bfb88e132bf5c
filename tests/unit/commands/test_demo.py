import socket
from pathlib import Path

import pytest

from bingjian.commands import demo
from bingjian.commands.demo_check import LAYOUTS


def test_a_fresh_directory_goes_with_the_demo() -> None:
    with demo.workspace(None) as fresh:
        (fresh / "something").write_text("")
    assert not fresh.exists()


def test_a_directory_of_ones_own_stays(tmp_path: Path) -> None:
    with demo.workspace(tmp_path) as mine:
        (mine / "something").write_text("")
    assert (tmp_path / "something").exists()


@pytest.mark.parametrize("count", range(4, 17))
def test_every_demo_has_h265_and_g711_and_names_of_their_own(count: int) -> None:
    specs = demo.specs(count)
    assert len({spec.name for spec in specs}) == count
    assert "h265" in {spec.video for spec in specs}
    assert "g711" in {spec.audio for spec in specs}
    assert count <= max(LAYOUTS)


def test_browsers_without_h265_get_its_sub_stream() -> None:
    assert all(spec.sub for spec in demo.specs(16) if spec.video == "h265")


def test_the_usual_port_gives_way_to_who_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setattr(demo, "PORT", taken.getsockname()[1])
        assert demo.port_of(None, check=False) == 0
        assert demo.port_of(4321, check=False) == 4321


def test_a_check_takes_any_free_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "PORT", 1)
    assert demo.port_of(None, check=True) > 1
