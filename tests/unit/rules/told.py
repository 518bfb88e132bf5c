"""What the tests of the rules read out of an answer."""

from bingjian.rules.decision import Grant, Refusal, all_of


def codes(answer: object) -> list[str]:
    """Of everything that refuses; none if granted."""
    assert isinstance(answer, Grant | Refusal)
    return [refusal.code for refusal in all_of(answer)]


def reasons(answer: object) -> str:
    """All that a refused person reads in English; each refusal has both languages and something to do."""
    assert isinstance(answer, Refusal)
    for refusal in all_of(answer):
        assert all((*refusal.reason, *refusal.remedy))
    return " | ".join(refusal.reason.en for refusal in all_of(answer))
