"""A request is granted as what was asked for, or as less; never as more."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bingjian.rules.decision import Grant
from bingjian.rules.decisions.granting import may_grant_as
from bingjian.rules.decisions.refusing import answer_until
from bingjian.rules.decisions.serving import AccessGrant
from bingjian.rules.library import law
from tests.unit.rules.decisions.test_access import NOW, application, codes
from tests.unit.rules.times import SECOND

ASKED = application()
GIVEN = AccessGrant(
    purpose=ASKED.purpose,
    verbs=ASKED.verbs,
    cameras=frozenset(ASKED.cameras),
    begin=ASKED.begin,
    end=ASKED.end,
    officers=frozenset({"a", "b"}),
    expires=NOW + SECOND,
)


def test_R22_8_what_was_asked_for_and_less_may_be_granted() -> None:
    assert isinstance(may_grant_as(law(), ASKED, GIVEN, NOW), Grant)
    less = replace(GIVEN, cameras=frozenset({"c1"}), begin=GIVEN.begin + SECOND, end=GIVEN.end - SECOND)
    assert isinstance(may_grant_as(law(), ASKED, less, NOW), Grant)


@pytest.mark.parametrize(
    "wider",
    [
        {"cameras": frozenset({"c1", "c3"})},
        {"cameras": frozenset()},
        {"begin": GIVEN.begin - SECOND},
        {"end": GIVEN.end + SECOND},
        {"verbs": frozenset({"view", "copy"})},
        {"verbs": frozenset()},
        {"officers": frozenset({"a", "c"})},
        {"officers": frozenset()},
        {"purpose": "attendance"},
        {"may_forward": True},
        {"recipients": frozenset({"检察院"})},
        {"expires": NOW},
        {"expires": NOW - SECOND},
    ],
)
def test_R22_8_nothing_wider_and_nothing_that_has_ended(wider: dict[str, object]) -> None:
    given = replace(GIVEN, **wider)  # type: ignore[arg-type]  # of that field
    assert codes(may_grant_as(law(), ASKED, given, NOW)) == ["R22.8"]


def test_R31_10_the_answer_is_due_within_24_hours() -> None:
    assert answer_until(law(), NOW) == NOW + timedelta(hours=24)


def test_R27_8_forwarding_is_granted_to_whom_it_was_asked_for() -> None:
    asked = replace(ASKED, wants_forward=True, recipients=frozenset({"检察院"}))
    given = replace(GIVEN, may_forward=True, recipients=frozenset({"检察院"}))
    assert isinstance(may_grant_as(law(), asked, given, NOW), Grant)
    other = replace(given, recipients=frozenset({"检察院", "报社"}))
    assert codes(may_grant_as(law(), asked, other, NOW)) == ["R22.8"]
