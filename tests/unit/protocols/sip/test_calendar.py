from bingjian.protocols.sip.calendar import LITTER, Calendar


def test_whoever_is_put_off_is_found_at_its_new_time_without_a_word() -> None:
    due = {"a": 10.0, "b": 10.5}
    calendar = Calendar(due, due.get)
    for key, at in due.items():
        calendar.note(key, at)
    due["a"] = 190.0
    assert calendar.due(10.4) == []
    assert calendar.due(10.5) == ["b"]
    del due["b"]
    assert calendar.due(189.9) == []
    assert calendar.due(190.0) == ["a"]
    assert calendar.next() is None


def test_who_is_noted_twice_comes_once() -> None:
    due = {"a": 10.0, "b": 10.0}
    calendar = Calendar(due, due.get)
    for _ in range(3):
        calendar.note("a", 10.0)
    calendar.note("b", 10.0)
    assert calendar.due(9.0) == []
    calendar.note("a", 10.0)
    assert calendar.due(10.0, at_most=1) == ["a"]
    due["a"] = 99.0
    assert calendar.due(10.0) == ["b"]


def test_earlier_needs_a_word() -> None:
    due = {"a": 100.0}
    calendar = Calendar(due, due.get)
    calendar.note("a", 100.0)
    due["a"] = 5.0
    calendar.note("a", 5.0)
    assert calendar.next() == 5.0
    assert calendar.due(5.0) == ["a"]
    del due["a"]
    assert calendar.due(1_000.0) == []
    assert calendar.entries == 0


def test_who_comes_and_goes_does_not_pile_up() -> None:
    due: dict[int, float] = {}
    calendar = Calendar(due, due.get)
    for key in range(10_000):
        due[key] = 1e6 + key
        calendar.note(key, due[key])
        del due[key]
    assert calendar.entries <= LITTER + 2
