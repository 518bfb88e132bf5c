"""Emergency orders: who issues them, when media passes, and what meets them."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bingjian.rules.decision import UsageError
from bingjian.rules.decisions.emergency import (
    Delivery,
    MetBy,
    Order,
    is_named,
    is_order_met,
    may_order,
    may_use_link,
    met_by,
    seconds_to_first_picture,
    still_owing,
)
from bingjian.rules.library import law
from tests.unit.rules.answers import codes, third, told, told_zh
from tests.unit.rules.times import SECOND, beijing

START, END = beijing("2026-06-01 08:00:00"), beijing("2026-06-01 20:00:00")
ORDER = Order("public_security", "EV-1", frozenset({"S1"}), START, END, "王五 110")


@pytest.mark.parametrize("issuer", ["city_management", "city_data_authority", "emergency", "", "government"])
def test_R13_3_public_security_and_nobody_else(issuer: str) -> None:
    assert codes(may_order(law(), ORDER)) == []
    answer = may_order(law(), replace(ORDER, issuer=issuer))
    assert codes(answer) == ["R13.3"]
    assert told_zh(answer) == "只有公安机关可以要求应急接入"


@pytest.mark.parametrize("lack", [{"event": " "}, {"systems": frozenset()}, {"contact": ""}])
def test_R13_3_names_event_systems_and_contact(lack: dict[str, object]) -> None:
    assert codes(may_order(law(), replace(ORDER, **lack))) == ["R13.3"]  # type: ignore[arg-type]


def test_R13_3_all_that_is_missing_at_once() -> None:
    empty = Order("housing", "", frozenset(), START, None, "")
    assert codes(may_order(law(), empty)) == ["R13.3"] * 4 + ["R13.6"]


def test_R13_3_another_edition_may_name_another_issuer() -> None:
    wider = law().adding(third(code=("emergency_issuer", "emergency")))
    assert codes(may_order(wider, replace(ORDER, issuer="emergency"))) == []


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (START - SECOND, ["R13.3"]),
        (START, []),
        (START + SECOND, []),
        (END - SECOND, []),
        (END, ["R13.6"]),
        (END + SECOND, ["R13.6"]),
    ],
)
def test_R13_6_media_passes_from_the_start_until_the_end(now: datetime, expected: list[str]) -> None:
    assert codes(may_use_link(law(), ORDER, "S1", True, now)) == expected
    assert codes(may_use_link(law(), ORDER, "S1", False, now)) == []  # the handshake stays


def test_R13_6_the_refusal_says_when_it_ended() -> None:
    assert (
        told(may_use_link(law(), ORDER, "S1", True, END)) == "the order ended at 2026-06-01 20:00:00 (+08:00)"
    )


def test_R13_6_an_order_has_an_end() -> None:
    endless = replace(ORDER, end=None)
    assert codes(may_order(law(), endless)) == ["R13.6"]
    assert "R13.6" in codes(may_use_link(law(), endless, "S1", True, START))


def test_R13_3_only_the_systems_that_it_names() -> None:
    assert codes(may_use_link(law(), ORDER, "S2", True, START)) == ["R13.3"]
    assert codes(may_use_link(law(), replace(ORDER, event=""), "S1", True, START)) == ["R13.3"]


def test_R13_3_seconds_to_the_first_picture() -> None:
    assert seconds_to_first_picture(START, START + timedelta(milliseconds=1500)) == 1.5
    with pytest.raises(UsageError):
        seconds_to_first_picture(START, START - SECOND)


GOOD = Delivery("P-1", is_verified=True, register_entry="REG-9")


@pytest.mark.parametrize(
    ("picture", "delivery", "how"),
    [
        (START, None, MetBy.LINK),
        (START, replace(GOOD, is_verified=False), MetBy.LINK),
        (None, GOOD, MetBy.DELIVERY),
        (None, replace(GOOD, is_verified=False), None),
        (None, replace(GOOD, register_entry=" "), None),
        (None, None, None),
    ],
)
def test_R13_5_met_by_link_or_by_a_package_that_verifies(
    picture: datetime | None, delivery: Delivery | None, how: MetBy | None
) -> None:
    assert met_by(picture, delivery) is how
    assert codes(is_order_met(law(), picture, delivery)) == ([] if how else ["R13.5"])


def test_R13_5_says_why_it_is_still_open() -> None:
    assert told(is_order_met(law(), None, None)) == "no picture has come, and nothing was handed over"
    bad = is_order_met(law(), None, replace(GOOD, is_verified=False))
    assert told(bad) == "the package P-1 does not verify"
    assert told(is_order_met(law(), None, replace(GOOD, register_entry=""))).endswith("not in the register")


def test_R13_3_an_order_asks_for_the_systems_that_it_names() -> None:
    assert codes(is_named(law(), ORDER, "S1")) == []
    assert codes(is_named(law(), ORDER, "S2")) == ["R13.3"]


@pytest.mark.parametrize(
    ("answers", "owing"),
    [
        ({"S1": None, "S2": None}, {"S1", "S2"}),
        ({"S1": MetBy.LINK, "S2": None}, {"S2"}),
        ({"S1": MetBy.LINK, "S2": MetBy.DELIVERY}, set()),
    ],
)
def test_R13_5_each_system_owes_it_by_itself(answers: dict[str, MetBy | None], owing: set[str]) -> None:
    assert still_owing(answers) == owing


def test_facts_that_contradict_themselves_are_no_question() -> None:
    for wrong in ({"end": START}, {"end": START - SECOND}, {"start": START.replace(tzinfo=None)}):
        with pytest.raises(UsageError):
            replace(ORDER, **wrong)  # type: ignore[arg-type]
    assert seconds_to_first_picture(START, START) == 0
    naive = START.replace(tzinfo=None)
    with pytest.raises(UsageError):
        seconds_to_first_picture(naive, START)
    with pytest.raises(UsageError):
        is_order_met(law(), naive, None)
    with pytest.raises(UsageError):
        may_use_link(law(), ORDER, "S1", True, START.replace(tzinfo=None))
