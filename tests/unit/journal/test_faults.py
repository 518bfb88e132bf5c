"""What was done to a list is told from what is left of it."""

from hypothesis import given
from hypothesis import strategies as st

from bingjian.journal.faults import difference

lists = st.lists(st.binary(min_size=1), min_size=2, max_size=20, unique=True)


@given(lists, st.data())
def test_each_damage_has_its_name(right: list[bytes], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(right) - 2))
    other = data.draw(st.integers(at + 1, len(right) - 1))
    swapped = right[:]
    swapped[at], swapped[other] = right[other], right[at]
    assert difference(right, swapped) == ("swapped", at)
    assert difference(right, [*right[:at], *right[at + 1 :]]) == ("removed", at)
    assert difference(right, right[:at]) == ("truncated", at)
    assert difference(right, [*right[:at], b"", *right[at:]]) == ("inserted", at)
    assert difference(right, [*right, b""]) == ("inserted", len(right))
    assert difference(right, [*right[:at], b"", *right[at + 1 :]]) == ("altered", at)
