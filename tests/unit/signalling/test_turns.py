"""The queue of INVITEs to one device."""

from itertools import pairwise

import hypothesis.strategies as st
from hypothesis import given

from bingjian.signalling.turns import APART_S, IN_FLIGHT, WAIT_S, Turn, Turns

DEVICE = "d"


class Asking:
    """Turns as they begin, by a clock of its own."""

    def __init__(self) -> None:
        self.turns, self.now = Turns(), 100.0
        self.begun: list[tuple[str, float]] = []
        self.late: list[str] = []

    def ask(self, name: str, device: str = DEVICE) -> Turn:
        return self.turns.wait(
            device, lambda: self.begun.append((name, self.now)), lambda: self.late.append(name), self.now
        )

    def leave(self, turn: Turn) -> None:
        self.turns.leave(turn, self.now)

    def pass_s(self, seconds: float) -> None:
        """As the endpoint does: told whenever a deadline has come."""
        until = self.now + seconds
        while (at := self.turns.next_deadline()) is not None and at <= until:
            self.now = max(self.now, at)
            self.turns.expire(self.now)
        self.now = until


def test_two_at_a_time_and_not_at_once() -> None:
    asking = Asking()
    first, *_ = [asking.ask(name) for name in "abcd"]
    assert asking.begun == [("a", 100.0)]
    asking.pass_s(APART_S + 0.001)
    assert [name for name, _ in asking.begun] == ["a", "b"]
    asking.pass_s(5)
    asking.ask("e")
    assert len(asking.begun) == IN_FLIGHT
    asking.leave(first)
    assert [name for name, _ in asking.begun] == ["a", "b", "c"]


def test_devices_do_not_wait_for_each_other() -> None:
    asking = Asking()
    for n in range(100):
        asking.ask(str(n), f"device {n}")
    assert len(asking.begun) == 100


def test_who_waits_too_long_is_told_once() -> None:
    asking = Asking()
    turns = [asking.ask(name) for name in "abc"]
    asking.pass_s(WAIT_S + 1)
    assert asking.late == ["c"]
    for turn in turns:
        asking.leave(turn)
        asking.leave(turn)
    asking.pass_s(1)
    assert len(asking.turns) == 0
    assert asking.turns.next_deadline() is None


@given(st.lists(st.tuples(st.sampled_from(["ask", "leave", "pass"]), st.integers(0, 9)), max_size=60))
def test_whatever_happens_the_rules_hold_and_nothing_is_left(steps: list[tuple[str, int]]) -> None:
    asking, turns = Asking(), list[Turn]()
    for what, number in steps:
        if what == "ask":
            turns.append(asking.ask(str(len(turns)), f"device {number % 2}"))
        elif what == "leave" and turns:
            asking.leave(turns[number % len(turns)])
        else:
            asking.pass_s(number / 20)
        for device in ("device 0", "device 1"):
            mine = [turn for turn in turns if turn.device == device]
            assert sum(turn.begun and not turn.over for turn in mine) <= IN_FLIGHT
            at = [at for name, at in asking.begun if turns[int(name)].device == device] if turns else []
            assert all(b - a >= APART_S - 1e-9 for a, b in pairwise(at))
    for turn in turns:
        asking.leave(turn)
    asking.pass_s(WAIT_S)
    assert len(asking.turns) == 0
