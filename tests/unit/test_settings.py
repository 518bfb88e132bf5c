"""Settings: from the environment, checked, with exact names for browsers."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from bingjian.settings import Settings


def test_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BINGJIAN_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("BINGJIAN_PORT", "9000")
    monkeypatch.setenv("BINGJIAN_VOLUMES", f'[{{"path": "{tmp_path}/v", "size_bytes": 5}}]')
    settings = Settings()
    assert (settings.state_dir, settings.port) == (tmp_path, 9000)
    assert [(volume.path, volume.size_bytes) for volume in settings.effective_volumes] == [
        (tmp_path / "v", 5)
    ]


def test_the_state_directory_follows_xdg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BINGJIAN_STATE_DIR", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", "/somewhere")
    assert Settings().state_dir == Path("/somewhere/bingjian")
    monkeypatch.setenv("XDG_STATE_HOME", "relative/is/ignored")
    assert Settings().state_dir.parts[-3:] == (".local", "state", "bingjian")


def test_origins_are_named_exactly() -> None:
    assert Settings().origins(8800) == ["http://127.0.0.1:8800", "http://localhost:8800"]
    assert Settings(host="192.0.2.7").origins(1) == ["http://192.0.2.7:1"]
    assert Settings(host="::1").local_url(1) == "http://[::1]:1"
    public = Settings(host="0.0.0.0", public_url="http://video.example:8800")
    assert public.origins(8800) == ["http://video.example:8800"]
    assert public.media_public_url(0, 8810) == "http://video.example:8810"
    assert public.local_url(5) == "http://127.0.0.1:5"


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": "0.0.0.0"},
        {"public_url": "video.example"},
        {"public_url": "http://video.example/path"},
        {"public_url": "https://video.example"},
        {"media_workers": 2, "media_public_urls": ["http://a"]},
        {"media_workers": 0},
        {"port": 70000},
        {"volumes": [{"path": "/v", "size_bytes": 0}]},
    ],
)
def test_what_cannot_work_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings(**wrong)  # type: ignore[arg-type]  # wrong on purpose


def test_gb28181_is_off_without_an_id_and_shares_its_ports() -> None:
    assert Settings().sip_id is None
    on = Settings(sip_id="99010100002000000001", media_workers=3, gb_media_ports=100)
    assert on.effective_sip_domain == "9901010000"
    assert on.told_sip_host == "127.0.0.1"
    assert [on.gb_ports(n) for n in range(3)] == [[30_000, 33], [30_033, 33], [30_066, 33]]
    assert Settings(gb_media_port_base=0).gb_ports(1) == [0, 0]
    everywhere = {"host": "0.0.0.0", "public_url": "http://video.example:8800"}
    assert Settings.model_validate(everywhere).told_sip_host == ""
    assert (
        Settings.model_validate({**everywhere, "sip_public_host": "192.0.2.1"}).told_sip_host == "192.0.2.1"
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"sip_id": "123"},
        {"sip_domain": "two words"},
        {"gb_media_port_base": 65_000, "gb_media_ports": 1_000},
        {"gb_media_ports": 1, "media_workers": 2},
        {"sip_tls_port": 5061},
        {"sip_tls_port": 5061, "sip_tls_certificate": "/c"},
        {"sip_tls_certificate": "/c", "sip_tls_key": "/k"},
        {"sip_tls_port": 5060, "sip_tls_certificate": "/c", "sip_tls_key": "/k"},
    ],
)
def test_impossible_settings_of_gb28181_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(wrong)
