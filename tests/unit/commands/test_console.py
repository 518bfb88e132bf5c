import json
import os
from pathlib import Path

import httpx
import pytest

from bingjian.api.errors import HTTP_CODES, KINDS
from bingjian.commands.console import failure_of, headers_of, running_platform
from bingjian.commands.outcome import CommandFailed, Exit
from bingjian.commands.problem_words import IN_CHINESE
from bingjian.settings import Settings


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BINGJIAN_LANGUAGE", "en")


def problem(status: int, **fields: object) -> httpx.Response:
    return httpx.Response(status, json={"code": "x", "detail": "it is so", **fields})


def test_a_problem_becomes_one_sentence() -> None:
    failure = failure_of(problem(409))
    assert (str(failure), failure.code) == ("it is so", Exit.REFUSED)


def test_fields_are_named() -> None:
    fields = [{"field": "body.name", "detail": "too long"}]
    assert str(failure_of(problem(422, errors=fields))) == "it is so (body.name: too long)"


def test_what_the_server_cannot_do_is_the_environment() -> None:
    assert failure_of(problem(503)).code == Exit.ENVIRONMENT


def test_a_known_code_is_told_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BINGJIAN_LANGUAGE", "zh")
    assert str(failure_of(problem(409, code="camera_name_taken"))).startswith("已有同名摄像机")


def test_every_code_has_its_chinese_words() -> None:
    """But those of the law, whose sentences come in Chinese by themselves."""
    codes = {kind.code for kind in KINDS.values()} | set(HTTP_CODES.values())
    assert codes | {"not_accepted", "http_error", "bug"} == set(IN_CHINESE)
    assert not [words for words in IN_CHINESE.values() if words.isascii()]


def test_the_console_asks_in_its_language(monkeypatch: pytest.MonkeyPatch) -> None:
    assert headers_of("t")["Accept-Language"] == "en"
    monkeypatch.setenv("BINGJIAN_LANGUAGE", "zh")
    assert headers_of("t")["Accept-Language"] == "zh-CN"


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"detail": 1}'])
def test_an_answer_that_is_no_problem_is_still_one_sentence(body: bytes) -> None:
    assert str(failure_of(httpx.Response(502, content=body))) == "the platform answered 502"


def settings_with(console: str | None, tmp_path: Path) -> Settings:
    settings = Settings(state_dir=tmp_path)
    if console is not None:
        settings.run_dir.mkdir()
        (settings.run_dir / "console.json").write_text(console)
    return settings


def test_no_file_means_no_platform(tmp_path: Path) -> None:
    assert running_platform(settings_with(None, tmp_path)) is None


def test_the_file_of_a_killed_platform_counts_for_nothing(tmp_path: Path) -> None:
    gone = json.dumps({"url": "http://127.0.0.1:1", "token": "t", "pid": 2**22 - 1})
    assert running_platform(settings_with(gone, tmp_path)) is None


def test_a_living_platform_is_found(tmp_path: Path) -> None:
    here = json.dumps({"url": "http://127.0.0.1:1", "token": "t", "pid": os.getpid()})
    assert running_platform(settings_with(here, tmp_path)) == {"url": "http://127.0.0.1:1", "token": "t"}


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed) as caught:
        running_platform(settings_with("{", tmp_path))
    assert caught.value.code == Exit.ENVIRONMENT
