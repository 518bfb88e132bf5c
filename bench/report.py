"""What every benchmark shares: the machine, CPU and memory of processes, and the one shape of a result."""

import json
import os
import platform
import statistics
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure has to be."""

    bound: float
    at_least: bool = False  # else: at most

    def said(self, value: float) -> str:
        met = value >= self.bound if self.at_least else value <= self.bound
        return f"{'≥' if self.at_least else '≤'} {self.bound:g}{'' if met else ', MISSED'}"


@dataclass(frozen=True, slots=True)
class Result:
    """One benchmark: ours, the peer's in the same run, and what divides them."""

    bench: str
    params: dict[str, Any]
    bingjian: dict[str, Any]
    peer: dict[str, Any] = field(default_factory=dict)
    ratios: dict[str, float] = field(default_factory=dict)
    goals: dict[str, Goal] = field(default_factory=dict)  # of figures of ours; shown in the table

    def show(self, *, as_json: bool) -> None:
        """Print one JSON object on standard output, or a table for people."""
        if as_json:
            told = asdict(self)
            del told["goals"]
            print(json.dumps({"machine": machine(), **told}, ensure_ascii=False))
            return
        table = Table("", "value", *(["goal"] if self.goals else []), title=f"bench {self.bench}")
        for part in ("params", "bingjian", "peer", "ratios"):
            for name, value in getattr(self, part).items():
                goal = self.goals.get(name) if part == "bingjian" else None
                table.add_row(f"{part}.{name}", _plain(value), *([goal.said(value)] if goal else []))
        console = Console()
        console.print(f"machine: {machine()['description']}")
        console.print(table)


def _plain(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def machine() -> dict[str, Any]:
    """What a reader needs to weigh the figures; nothing that identifies the machine."""
    model = next(
        (line.split(":", 1)[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        "?",
    )
    memory_gib = round(psutil.virtual_memory().total / 2**30)
    return {
        "description": f"{os.cpu_count()} × {model}, {memory_gib} GiB, Linux {platform.release()}",
        "cores": os.cpu_count(),
        "cpu": model,
        "memory_gib": memory_gib,
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def _lines(path: str) -> list[str]:
    with open(path, encoding="utf-8") as file:
        return file.read().splitlines()


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time that these processes, with all their threads, have used so far."""
    return sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in pids)


def memory_mb(pids: Iterable[int]) -> float:
    """Proportional set size in 10⁶ bytes: shared pages are counted once among those who share them."""
    return sum(psutil.Process(pid).memory_full_info().pss for pid in pids) / 1e6


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that ``percent`` of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, min(len(ordered) - 1, round(percent / 100 * len(ordered) + 0.5) - 1))]


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def pinned(core: int, command: Sequence[str]) -> list[str]:
    """The command bound to one core where the machine has more than one, else as it is."""
    if (os.cpu_count() or 1) < 2:
        return list(command)
    return [sys.executable, "-c", _PIN, str(core), *command]


_PIN = "import os,sys; os.sched_setaffinity(0,{int(sys.argv[1])}); os.execvp(sys.argv[2],sys.argv[2:])"
