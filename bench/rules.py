"""Rules: how long the law takes to load, and one decision on it.

Loading is timed in fresh processes, ours and the peer's by turns: every edition read, checked and put
together, the imports apart. Decisions are those below, granted and refused, found in the registry by the code
of their duty, and called by turns; each call is timed alone.

The peer of loading is tomllib on the same files: what the format costs before anybody has looked at what it
says. The peer of a decision is a bare comparison of two instants: what a program costs that hides the law in
an ``if``, without article, reason and remedy.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.report import Result, median, percentile
from bingjian.rules.decisions.filing import Filed, dues
from bingjian.rules.decisions.retention import Keeping, OtherLaw
from bingjian.rules.edition import Words
from bingjian.rules.library import holidays, law
from bingjian.rules.registry import decisions

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 4, 1, tzinfo=UTC)
OLD, FRESH = NOW - timedelta(days=400), NOW - timedelta(days=5)
KEY_TARGET = Keeping(counter_terror=True, other_laws=(OtherLaw(180, "GB 1 3.2"),))
SYSTEM = Filed(False, False, is_decree_class_a=True, accepted=FRESH, used=FRESH)


@dataclass(frozen=True, slots=True)
class Question:
    """A decision by the code of a duty and by its name, and the facts it is asked with."""

    code: str
    name: str
    facts: tuple[Any, ...]

    @property
    def decision(self) -> Callable[..., Any]:
        [found] = (each for each in decisions()[self.code] if each.__name__ == self.name)
        return found


def questions() -> tuple[Question, ...]:
    due = dues(law(), SYSTEM, holidays())[0]
    return (
        Question("R28.1", "may_remove", (OLD, Keeping(), False, 0, NOW)),
        Question("R28.1", "may_remove", (FRESH, Keeping(), False, 0, NOW)),
        Question("R28.1", "may_remove", (OLD, KEY_TARGET, True, 2, NOW)),
        Question("R28.5", "may_set_term", (OtherLaw(15, ""),)),
        Question("R28.9", "may_admit", (31, 29.96, Words("容量", "space"))),
        Question("R31.7", "may_pause", ("", "", None, NOW)),
        Question("R18.5", "dues", (SYSTEM, holidays())),
        Question("R18.1", "is_on_time", (due, FRESH, NOW)),
        Question("R18.1", "is_on_time", (due, None, NOW + timedelta(days=100))),
    )


def run(rounds: int, calls: int) -> Result:
    ours, toml = load_times(rounds)
    timed = decision_times(calls)
    every = [us for times in timed.values() for us in times]
    slowest = max(timed, key=lambda name: median(timed[name]))
    bare = comparison_times(calls)
    load_ms = median([times["load_ns"] for times in ours]) / 1e6
    toml_ms = median([times["load_ns"] for times in toml]) / 1e6
    return Result(
        bench="rules",
        params={
            "editions": len(law().editions),
            "duties": len(law().duties),
            "numbers": len(law().limits),
            "rounds": rounds,
            "questions": len(questions()),
            "calls": calls,
        },
        bingjian={
            "load_ms": load_ms,
            "import_ms": median([times["import_ns"] for times in ours]) / 1e6,
            "decision_us": median(every),
            "decision_us_p99": percentile(every, 99),
            "slowest": slowest,
            "slowest_us": median(timed[slowest]),
            "slowest_us_p99": percentile(timed[slowest], 99),
        },
        peer={"name": "tomllib; a bare comparison", "load_ms": toml_ms, "decision_us": median(bare)},
        ratios={"load_vs_tomllib": toml_ms / load_ms},
    )


def load_times(rounds: int) -> tuple[list[dict[str, int]], list[dict[str, int]]]:
    """Of ours and of tomllib's, by turns; nanoseconds."""
    pairs = [(_loaded("ours"), _loaded("toml")) for _ in range(rounds)]
    return [ours for ours, _ in pairs], [toml for _, toml in pairs]


def _loaded(what: str) -> dict[str, int]:
    command = [sys.executable, "-m", "bench.rules_load", what]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    times: dict[str, int] = json.loads(done.stdout)
    return times


def decision_times(calls: int) -> dict[str, list[float]]:
    """Microseconds of each call, by the name of the decision."""
    binding, asked = law(), [(one.decision, one.facts) for one in questions()]
    timed: dict[str, list[float]] = {function.__name__: [] for function, _ in asked}
    for _ in range(calls):
        for function, facts in asked:
            timed[function.__name__].append(_microseconds(lambda: function(binding, *facts)))  # noqa: B023
    return timed


def comparison_times(calls: int) -> list[float]:
    term = timedelta(days=30)
    return [_microseconds(lambda: OLD + term <= NOW) for _ in range(calls)]


def _microseconds(call: Callable[[], object]) -> float:
    began = time.perf_counter_ns()
    call()
    return (time.perf_counter_ns() - began) / 1e3


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="bench rules", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=15, help="fresh processes that load the law")
    parser.add_argument("--calls", type=int, default=2_000, help="of each question")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    options = parser.parse_args(arguments)
    run(options.rounds, options.calls).show(as_json=options.json)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
