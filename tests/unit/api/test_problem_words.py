"""The pages say every problem of the API by its code, in both languages."""

import re
from pathlib import Path

import pytest

from bingjian.api.errors import HTTP_CODES, KINDS

DICTIONARIES = Path(__file__).parents[3] / "web" / "src" / "shared" / "dictionaries"
OTHERS = {"not_accepted", "http_error", "bug"}  # made by ``api/errors.py`` itself


def words(language: str) -> dict[str, str]:
    said = (DICTIONARIES / f"problems.{language}.ts").read_text()
    return dict(re.findall(r'^ +(\w+): "(.+)",$', said, re.M))


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_code_has_its_words(language: str) -> None:
    """But those of the law, whose sentences come in the reader's language by themselves."""
    codes = {kind.code for kind in KINDS.values()} | set(HTTP_CODES.values())
    assert codes | OTHERS == set(words(language))


def test_both_languages_are_what_they_are_called() -> None:
    assert not [text for text in words("zh-CN").values() if text.isascii()]
    assert all(text.isascii() for text in words("en").values())


def test_no_code_is_made_elsewhere() -> None:
    """A code that a route makes by itself would have no words."""
    api = Path(__file__).parents[3] / "bingjian" / "api"
    makers = [path.name for path in api.rglob("*.py") if re.search(r"\bProblem\(", path.read_text())]
    assert sorted(makers) == ["errors.py", "schemas.py"]
