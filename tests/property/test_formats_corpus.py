"""Bytes that once broke a parser, or lie in a way that would: each through every parser of formats.

A file's name says what is wrong with it. To add one, put the bytes into ``tests/corpus/formats``.
"""

import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from bingjian.formats import aac, h264, h265, mp4_reader, nal
from bingjian.formats.access_unit import FormatError

CORPUS = sorted((Path(__file__).parent.parent / "corpus" / "formats").glob("*.bin"))
MEMORY_LIMIT = 4 << 20  # bytes at the peak, for inputs of at most 64 KiB

PARSERS: list[Callable[[bytes], Any]] = [
    aac.config_from,
    h264.parse_sps,
    h264.parameter_sets_of,
    lambda data: h264.config_from([data]),
    lambda data: h264.config_from(nal.split_start_codes(data)),
    h265.parse_sps,
    h265.parameter_sets_of,
    lambda data: h265.config_from([data]),
    lambda data: list(nal.split(data)),
    lambda data: list(nal.split_start_codes(data)),
    lambda data: list(mp4_reader.boxes(data)),
    mp4_reader.read_init,
    mp4_reader.hide_g711,
    mp4_reader.read_fragment,
]


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_broken_bytes_raise_format_error_only_and_cost_little(path):
    data = path.read_bytes()
    tracemalloc.start()
    try:
        for parse in PARSERS:
            with suppress(FormatError):
                parse(data)
        assert tracemalloc.get_traced_memory()[1] < MEMORY_LIMIT
    finally:
        tracemalloc.stop()


OWN_PARSERS = {
    "h264-sps": h264.parse_sps,
    "h264-pps": lambda data: h264.config_from([data]),
    "h265-sps": h265.parse_sps,
    "aac": aac.config_from,
    "nal-length": lambda data: list(nal.split(data)),
    "mp4-run": mp4_reader.read_fragment,
    "mp4-mdat": mp4_reader.read_fragment,
    "mp4-moof": mp4_reader.read_fragment,
    "mp4-track-id": mp4_reader.read_fragment,
    "mp4": mp4_reader.read_init,
}
UNDERSTOOD = {  # odd, but not wrong
    "h264-sps-order-cycle-of-255",
    "h264-sps-32-schedules-cut",  # a VUI that ends early counts as silent
    "h264-sps-all-ones",  # happens to be a picture of 16 by 16
    "aac-sync-extension-cut",
    "nal-no-start-code",
}


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_the_parser_concerned_refuses(path):
    parse = next((parse for prefix, parse in OWN_PARSERS.items() if path.stem.startswith(prefix)), None)
    if parse is None or path.stem in UNDERSTOOD:
        return
    with pytest.raises(FormatError):
        parse(path.read_bytes())
