from hypothesis import given
from hypothesis import strategies as st

from bingjian.protocols.sip.calendar import LITTER
from bingjian.protocols.sip.deadlines import Deadlines


def test_before_at_and_after() -> None:
    deadlines: Deadlines[str] = Deadlines()
    deadlines.set("a", 10.0)
    deadlines.set("b", 5.0)
    assert deadlines.next() == 5.0
    assert deadlines.due(4.999) == []
    assert deadlines.due(5.0) == ["b"]
    assert deadlines.due(99.0) == ["a"]
    assert deadlines.next() is None


def test_put_off_brought_forward_and_cleared() -> None:
    deadlines: Deadlines[str] = Deadlines()
    for key in "abc":
        deadlines.set(key, 10.0)
    deadlines.set("a", 20.0)
    deadlines.set("b", 5.0)
    deadlines.clear("c")
    deadlines.clear("unknown")
    assert deadlines.due(10.0) == ["b"]
    assert deadlines.next() == 20.0
    assert deadlines.due(20.0) == ["a"]
    assert len(deadlines) == 0


def test_put_off_within_a_second_that_has_begun() -> None:
    deadlines: Deadlines[str] = Deadlines()
    deadlines.set("a", 0.9)
    assert deadlines.due(0.5) == []
    deadlines.set("a", 5.0)
    assert deadlines.due(10.0) == ["a"]


def test_a_million_keep_alives_leave_one_entry_a_device() -> None:
    deadlines: Deadlines[int] = Deadlines()
    for now in range(1_000):
        for key in range(100):
            deadlines.set(key, now + 180.0)
        assert deadlines.due(float(now)) == []
    assert deadlines._calendar.entries == 100


def test_what_was_cleared_does_not_pile_up() -> None:
    deadlines: Deadlines[int] = Deadlines()
    for key in range(10_000):
        deadlines.set(key, 1e9 - key)
        deadlines.set(key, 1e8 - key)
        deadlines.clear(key)
    assert deadlines._calendar.entries <= LITTER
    assert deadlines.next() is None


steps = st.lists(st.tuples(st.sampled_from("sssscd"), st.integers(0, 5), st.integers(0, 30)), max_size=60)


@given(steps)
def test_as_a_plain_table_would(steps: list[tuple[str, int, int]]) -> None:
    deadlines, table, now = Deadlines[int](), dict[int, float](), 0.0
    for what, key, number in steps:
        if what == "s":
            deadlines.set(key, float(number))
            table[key] = float(number)
        elif what == "c":
            deadlines.clear(key)
            table.pop(key, None)
        else:
            now += number / 4
            due = {key for key, at in table.items() if at <= now}
            assert set(deadlines.due(now)) == due
            table = {key: at for key, at in table.items() if key not in due}
        earliest = deadlines.next()
        assert (earliest is None) == (not table)
        assert earliest is None or earliest <= min(table.values())
