"""Nothing of the protocol lacks a simulated exchange, a recorded one, a test of each habit by number."""

import re
from types import ModuleType

from bingjian.protocols.gb28181.manscdp.message import NAMES
from bingjian.simulate.gb28181.quirks import PLATFORM_ONLY, Quirk
from tests.unit.protocols.gb28181.manscdp.test_recorded import FILES, MEANINGS
from tests.unit.simulate.gb28181 import test_at_our_platform, test_kinds, test_quirks


def numbers_in(module: ModuleType) -> set[str]:
    """Of the quirks that tests of a module are named after."""
    found = (re.match(r"test_quirk_([0-9]+a?)_", name) for name in vars(module))
    return {match[1] for match in found if match}


def test_every_kind_of_message_is_simulated_and_recorded() -> None:
    recorded = {type(meaning) for path in FILES for meaning in MEANINGS[path.stem]}
    assert {name for kind, name in NAMES.items() if kind not in test_kinds.KINDS} == set()
    assert {name for kind, name in NAMES.items() if kind not in recorded} == set()


def test_every_quirk_has_a_test_of_its_number() -> None:
    assert {quirk.number for quirk in Quirk} - numbers_in(test_quirks) == set()
    assert set(PLATFORM_ONLY) - numbers_in(test_at_our_platform) == set()
