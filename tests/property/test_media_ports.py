"""Whatever streams begin and end when: no port has two, none comes back too soon, none is ever lost."""

import contextlib

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bingjian.streaming.sources.media_ports import QUARANTINE_S, MediaPorts, NoPortLeft, Port
from tests.unit.streaming.test_media_ports import HOST, Hand, some_free

COUNT = 6


class Streams(RuleBasedStateMachine):
    """A model that counts: in use, resting, free."""

    @initialize()
    def begin(self) -> None:
        self.hand = Hand()
        self.first = some_free(COUNT)
        self.ports = MediaPorts(self.hand, HOST, self.first, COUNT)
        self.open: list[tuple[contextlib.AbstractContextManager[Port], int]] = []
        self.ended: dict[int, float] = {}

    @rule()
    def a_stream_begins(self) -> None:
        lease = self.ports.lease()
        try:
            port = lease.__enter__()
        except NoPortLeft:
            resting = [at for at in self.ended.values() if self.hand.seconds - at < QUARANTINE_S]
            assert len(self.open) + len(resting) == COUNT, "one was lost"
            return
        assert port.number in range(self.first, self.first + COUNT)
        assert port.number not in [number for _, number in self.open]
        assert self.hand.seconds - self.ended.pop(port.number, -QUARANTINE_S) >= QUARANTINE_S - 1e-6
        self.open.append((lease, port.number))

    @precondition(lambda self: self.open)
    @rule(data=st.data(), fails=st.booleans())
    def a_stream_ends(self, data: st.DataObject, fails: bool) -> None:
        lease, number = self.open.pop(data.draw(st.integers(0, len(self.open) - 1)))
        with contextlib.suppress(RuntimeError):
            error = RuntimeError("of the stream")
            lease.__exit__(*((RuntimeError, error, None) if fails else (None, None, None)))
        self.ended[number] = self.hand.seconds

    @rule(seconds=st.sampled_from([0.0, 1.0, QUARANTINE_S / 2, QUARANTINE_S, 1000.0]))
    def time_passes(self, seconds: float) -> None:
        self.hand.seconds += seconds

    @invariant()
    def it_counts_right(self) -> None:
        if hasattr(self, "ports"):
            assert self.ports.in_use == len(self.open)

    def teardown(self) -> None:
        for lease, _ in getattr(self, "open", []):
            lease.__exit__(None, None, None)


test_ports_are_never_shared_nor_lost = Streams.TestCase
