"""A rule says which law it comes from, and which decision answers for it."""

import pytest

from bingjian.rules.decision import UsageError
from bingjian.rules.library import law
from bingjian.rules.registry import decisions, sources


def test_R1_1_a_number_says_its_source() -> None:
    limit = law().limit("retention.default")
    assert (limit.value, limit.unit) == (30, "days")
    assert [article.number for article in sources(law(), "retention.default")] == [28, 17]
    assert str(sources(law(), "R9.1")[0]) == "9"


def test_R1_1_every_number_and_duty_has_a_source() -> None:
    for name in (*law().limits, *law().duties):
        assert sources(law(), name)


def test_R1_1_what_no_law_says_has_none() -> None:
    with pytest.raises(UsageError):
        sources(law(), "retention.forever")


def test_R1_1_each_duty_of_articles_1_to_10_and_12_has_a_decision_but_those_of_others() -> None:
    mine = [code for code, duty in law().duties.items() if duty.article.number in {*range(1, 11), 12}]
    here = {code for code in mine if law().duty(code).article.edition.code == "harbin_draft_2023"}
    decree = {"N2", "N5", "N7.1", "N7.2", "N7.3", "N8.1", "N8.2", "N9", "N10", "N13"}
    assert (here - {"R4.2", "R6.1", "R6.2"}) | decree <= set(decisions())
