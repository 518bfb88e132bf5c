"""The journal's page says every kind of entry, and every field of one, in both languages."""

import dataclasses
import re
from pathlib import Path

import pytest

from bingjian.entries import Entry

DICTIONARIES = Path(__file__).parents[2] / "web" / "src" / "shared" / "dictionaries"


def entries() -> list[type[Entry]]:
    found, left = list[type[Entry]](), [Entry]
    while left:
        subclasses = left.pop().__subclasses__()
        left += subclasses
        found += [one for one in subclasses if "kind" in vars(one)]
    return found


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_kind_and_every_field_has_words(language: str) -> None:
    said = (DICTIONARIES / f"journal.{language}.ts").read_text()
    words = dict(re.findall(r'^ +"?(\w+)"?: "(.+)",$', said, re.M))
    kinds = {one.kind.replace(".", "_") for one in entries()}
    fields = {field.name for one in entries() for field in dataclasses.fields(one)} - {"actor"}
    assert len(kinds) > 50
    assert (kinds | fields) - words.keys() == set()
