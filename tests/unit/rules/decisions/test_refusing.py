"""Lawful use that is not answered, or refused against the record. Art. 22¶2 itself: ``test_access``."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bingjian.rules.decision import Grant, Refusal, UsageError, all_of
from bingjian.rules.decisions.refusing import Asked, is_use_respected
from bingjian.rules.library import law
from tests.unit.rules.times import SECOND, beijing

RECEIVED = beijing("2026-11-26 12:00:00")
DUE = RECEIVED + timedelta(hours=24)
TWO = frozenset({"min_two_officers"})


def asked(**changes: object) -> Asked:
    made = Asked("public_security", RECEIVED, RECEIVED + SECOND, None, frozenset())
    return replace(made, **changes)  # type: ignore[arg-type]


def codes(answer: Grant | Refusal) -> list[str]:
    return [refusal.code for refusal in all_of(answer)]


@pytest.mark.parametrize(
    ("by", "code"),
    [
        ("public_security", "R31.10"),
        ("administrative_department", "R31.10"),
        ("court", "R31.11"),
        ("procuratorate", "R31.11"),
        ("supervision_organ", "R31.11"),
        ("somebody", "R31.11"),
    ],
)
def test_R31_10_a_refusal_that_the_record_contradicts_is_flagged_a_courts_under_item_11(
    by: str, code: str
) -> None:
    refused = is_use_respected(law(), asked(by=by, refused_items=TWO), DUE)
    assert codes(refused) == [code]
    assert isinstance(is_use_respected(law(), asked(by=by, refused_items=TWO, lacking_items=TWO), DUE), Grant)


def test_R31_10_a_refusal_without_an_item_is_flagged() -> None:
    assert codes(is_use_respected(law(), asked(refused_items=frozenset()), DUE)) == ["R31.10"]
    half = asked(refused_items=TWO | {"registered"}, lacking_items=TWO)
    assert codes(is_use_respected(law(), half, DUE)) == ["R31.10"]


@pytest.mark.parametrize(("at", "on_time"), [(DUE - SECOND, True), (DUE, True), (DUE + SECOND, False)])
def test_R31_10_a_valid_request_is_answered_in_time(at: object, on_time: bool) -> None:
    wanted = [] if on_time else ["R31.10"]
    assert codes(is_use_respected(law(), asked(answered=None), at)) == wanted  # type: ignore[arg-type]
    assert codes(is_use_respected(law(), asked(answered=at), DUE + SECOND)) == wanted


def test_R31_10_facts_that_contradict_themselves_are_no_question() -> None:
    for broken in (
        lambda: asked(answered=RECEIVED - SECOND),
        lambda: asked(answered=None, refused_items=TWO),
        lambda: asked(received=RECEIVED.replace(tzinfo=None)),
        lambda: is_use_respected(law(), asked(), RECEIVED),
        lambda: is_use_respected(law(), asked(refused_items=frozenset({"mood"})), DUE),
    ):
        with pytest.raises(UsageError):
            broken()
