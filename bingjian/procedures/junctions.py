"""Where the life of a system meets other kinds, which it does not know; the catalogue hangs them in.

What is not hung in was not looked at, and so refuses: a system enters service only on answers.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from bingjian.procedures.models import RecordRow
from bingjian.procedures.step import Step
from bingjian.procedures.system_data import System
from bingjian.rules.decision import Grant, Refusal
from bingjian.rules.decisions.lifecycle import State

Answer = Callable[[Step, RecordRow], Awaitable[Grant | Refusal]]  # about a system
Effect = Callable[[Step, System], Awaitable[None]]  # of a step of ``step.record``; its data afterwards
Move = Callable[[Step, System, State], Awaitable[None]]  # a system's step; its data afterwards, its new state
Fact = Callable[[Step, RecordRow], Awaitable[bool]]


async def is_noticed(step: Step, system: RecordRow) -> bool:
    """Whether a removal notice about the system was acknowledged (art. 19¶2)."""
    return bool(await step.about(system.id, "relocation", ("acknowledged",)))


@dataclass(slots=True)
class Junctions:
    """All of them."""

    answers: dict[str, Answer] = field(default_factory=dict)  # by code of ``rules…service.ELSEWHERE``
    accepted: list[Effect] = field(default_factory=list)  # a system was accepted
    used: list[Effect] = field(default_factory=list)  # a system entered service
    moved: list[Move] = field(default_factory=list)  # a system came to another state, this one
    noticed: Fact = is_noticed

    async def answers_about(self, step: Step, system: RecordRow) -> Mapping[str, Grant | Refusal]:
        return {code: await answer(step, system) for code, answer in self.answers.items()}


JUNCTIONS = Junctions()
