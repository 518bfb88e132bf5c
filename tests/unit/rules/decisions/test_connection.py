"""Connection to a platform, the interface kept ready, and platforms among each other."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bingjian.rules.decision import UsageError
from bingjian.rules.decisions.connection import (
    Connection,
    Interconnection,
    Interface,
    PlatformBuilder,
    has_caught_up,
    has_interface,
    is_connected,
    is_interconnected,
    is_tied_in,
    may_build,
    was_break_noticed,
)
from bingjian.rules.library import law
from tests.unit.rules.answers import codes, third, told, told_zh
from tests.unit.rules.decisions.test_systems import system
from tests.unit.rules.times import SECOND, beijing

NOW = beijing("2026-06-01 12:00:00")
TEN = frozenset(f"C{n}" for n in range(10))
READY = Interface("gb28181", "sip:230100@10.1.2.3", NOW - timedelta(days=1))
CONNECTED = Connection(NOW, TEN, None)


def test_R13_1_no_service_without_a_link_test() -> None:
    assert codes(is_connected(law(), TEN, CONNECTED, NOW)) == []
    answer = is_connected(law(), TEN, replace(CONNECTED, link_tested=None), NOW)
    assert codes(answer) == ["R13.1"]
    assert told(answer) == "no link test has passed"


def test_R13_1_nine_of_ten_cameras_in_the_catalogue_names_the_tenth() -> None:
    answer = is_connected(law(), TEN, replace(CONNECTED, catalogue=TEN - {"C7"}), NOW)
    assert codes(answer) == ["R13.1"]
    assert told(answer) == "1 of 10 cameras are not in the catalogue: C7"
    assert codes(is_connected(law(), TEN, replace(CONNECTED, catalogue=TEN | {"C99"}), NOW)) == []


def test_R13_1_no_camera_at_all_is_not_connected() -> None:
    assert codes(is_connected(law(), frozenset(), CONNECTED, NOW)) == ["R13.1"]


def test_R13_1_or_R13_2_as_the_system_is() -> None:
    only_ready = Connection(None, frozenset(), READY)
    built, other = system(government_built=True), system(government_invested=True)
    assert codes(is_tied_in(law(), built, TEN, only_ready, NOW)) == ["R13.1", "R13.1"]
    assert codes(is_tied_in(law(), other, TEN, only_ready, NOW)) == []
    assert codes(is_tied_in(law(), built, TEN, CONNECTED, NOW)) == []
    assert codes(is_tied_in(law(), other, TEN, CONNECTED, NOW)) == ["R13.2"] * 3


@pytest.mark.parametrize(
    ("change", "count"),
    [
        ({}, 0),  # a handshake is enough: no media passes
        ({"protocol": "none"}, 1),
        ({"protocol": "onvif"}, 0),
        ({"address": " "}, 1),
        ({"handshake": None}, 1),
        ({"protocol": "", "address": "", "handshake": None}, 3),
        ({"protocol": "none", "handshake": None, "exemption": "国办发〔2026〕1 号第二条"}, 0),
        ({"protocol": "none", "handshake": None, "exemption": " "}, 1),
    ],
)
def test_R13_2_protocol_address_and_handshake_or_a_cited_exemption(
    change: dict[str, object], count: int
) -> None:
    assert codes(has_interface(law(), replace(READY, **change), NOW)) == ["R13.2"] * count  # type: ignore[arg-type]


def test_R13_2_nothing_known_is_refused() -> None:
    answer = has_interface(law(), None, NOW)
    assert codes(answer) == ["R13.2"] * 3
    assert "接口从未握手成功" in told_zh(answer)


def test_R13_2_another_edition_may_add_a_protocol() -> None:
    wider = law().adding(third(code=("interface_protocol", "newer")))
    assert codes(has_interface(wider, replace(READY, protocol="newer"), NOW)) == []
    assert codes(has_interface(law(), replace(READY, protocol="newer"), NOW)) == ["R13.2"]


# --- platforms

CITY = PlatformBuilder(is_city=True, department="public_security", is_same_level=True)
DISTRICT = replace(CITY, is_city=False)


@pytest.mark.parametrize(
    ("platform", "expected"),
    [
        (CITY, []),
        (replace(CITY, department="city_management"), ["R13.7"]),
        (replace(CITY, is_same_level=False), ["R13.7"]),  # a district's
        (replace(CITY, department="housing", reason="有理由"), ["R13.7"]),
    ],
)
def test_R13_7_city_public_security_builds_the_city_platform(
    platform: PlatformBuilder, expected: list[str]
) -> None:
    assert codes(may_build(law(), platform)) == expected


@pytest.mark.parametrize(
    ("platform", "expected"),
    [
        (DISTRICT, []),
        (replace(DISTRICT, department="city_management"), ["R13.8"]),
        (replace(DISTRICT, department="city_management", reason=" "), ["R13.8"]),
        (replace(DISTRICT, department="city_management", reason="区政府会议纪要 3 号"), []),
        (replace(DISTRICT, is_same_level=False), ["R13.8"]),
    ],
)
def test_R13_8_districts_follow_the_model_or_say_why_not(
    platform: PlatformBuilder, expected: list[str]
) -> None:
    assert codes(may_build(law(), platform)) == expected


THERE = Interconnection("GB/T 28181-2022", "2022", True, True, frozenset({"live", "playback", "query"}))


def test_R13_8_the_same_versions_and_every_answer() -> None:
    assert codes(is_interconnected(law(), THERE, THERE)) == []


def test_R13_8_another_version_is_refused_with_both() -> None:
    answer = is_interconnected(law(), replace(THERE, protocol="GB/T 28181-2016"), THERE)
    assert codes(answer) == ["R13.8"]
    assert told(answer) == "protocol: the district has GB/T 28181-2016, the city GB/T 28181-2022"


@pytest.mark.parametrize(
    ("change", "count"),
    [
        ({"schema": "2016"}, 1),
        ({"protocol": " "}, 1),
        ({"is_registered": False}, 1),
        ({"has_catalogue": False}, 1),
        ({"answers": frozenset({"live", "query"})}, 1),
        ({"is_registered": False, "has_catalogue": False, "answers": frozenset()}, 3),
    ],
)
def test_R13_8_registered_catalogue_sent_questions_answered(change: dict[str, object], count: int) -> None:
    answer = is_interconnected(law(), replace(THERE, **change), THERE)  # type: ignore[arg-type]
    assert codes(answer) == ["R13.8"] * count


@pytest.mark.parametrize(("seconds", "expected"), [(179, []), (180, []), (181, ["R13.9"])])
def test_R13_9_a_break_is_noticed(seconds: int, expected: list[str]) -> None:
    at = NOW + timedelta(seconds=seconds)
    assert codes(was_break_noticed(law(), NOW, at, NOW + timedelta(hours=1))) == expected
    assert codes(was_break_noticed(law(), NOW, None, at)) == expected


def test_R13_9_a_break_that_nobody_noticed_yet_is_told_so() -> None:
    answer = was_break_noticed(law(), NOW, None, NOW + timedelta(seconds=200))
    assert told(answer) == "not noticed for 200 s, at most 180"


FIFTY = [f"E{n}" for n in range(50)]


@pytest.mark.parametrize(
    ("received", "reason"),
    [
        (FIFTY, ""),
        (FIFTY[:49], "50 owed: 1 lost, 0 twice, 0 unknown"),
        ([*FIFTY, "E3"], "50 owed: 0 lost, 1 twice, 0 unknown"),
        ([*FIFTY[1:], "E3", "X"], "50 owed: 1 lost, 1 twice, 1 unknown"),
        ([*FIFTY, "X"], "50 owed: 0 lost, 0 twice, 1 unknown"),
        (FIFTY[::-1], "50 owed: 0 lost, 0 twice, 0 unknown, out of order"),
        ([], "50 owed: 50 lost, 0 twice, 0 unknown"),
    ],
)
def test_R13_9_exactly_those_fifty_in_order(received: list[str], reason: str) -> None:
    answer = has_caught_up(law(), FIFTY, received)
    assert codes(answer) == (["R13.9"] if reason else [])
    assert told(answer) == reason


def test_facts_that_contradict_themselves_are_no_question() -> None:
    with pytest.raises(UsageError):
        Interface("onvif", "a", NOW.replace(tzinfo=None))
    with pytest.raises(UsageError):
        Connection(NOW.replace(tzinfo=None), TEN, None)
    with pytest.raises(UsageError):
        has_interface(law(), replace(READY, handshake=NOW + SECOND), NOW)
    with pytest.raises(UsageError):
        is_connected(law(), TEN, replace(CONNECTED, link_tested=NOW + SECOND), NOW)
    assert codes(has_interface(law(), replace(READY, handshake=NOW), NOW)) == []
    naive = NOW.replace(tzinfo=None)
    for ask in (
        lambda: has_interface(law(), READY, naive),
        lambda: is_connected(law(), TEN, CONNECTED, naive),
        lambda: was_break_noticed(law(), naive, None, NOW),
    ):
        with pytest.raises(UsageError):
            ask()
    assert codes(was_break_noticed(law(), NOW, NOW, NOW)) == []
    for noticed in (NOW - SECOND, NOW + 2 * SECOND):
        with pytest.raises(UsageError):
            was_break_noticed(law(), NOW, noticed, NOW + SECOND)
    with pytest.raises(UsageError):
        has_caught_up(law(), ["E1", "E1"], ["E1"])
