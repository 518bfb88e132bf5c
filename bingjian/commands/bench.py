"""``bingjian bench``: the benchmarks of the source tree, each against a peer in the same run."""

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

import bingjian
from bingjian.commands.language import either
from bingjian.commands.outcome import CommandFailed, Exit


def names(folder: Path) -> list[str]:
    """Modules whose ``main`` takes arguments, told by their text: importing them all would take seconds."""
    return sorted(file.stem for file in folder.glob("*.py") if "\ndef main(arguments" in file.read_text())


def run(name: str | None, arguments: Sequence[str]) -> int:
    """The benchmark's exit code. Raises CommandFailed."""
    root = Path(bingjian.__file__).resolve().parent.parent
    known = names(root / "bench")
    if not known:
        raise CommandFailed(
            either(
                "benchmarks are part of the source tree: clone it, then ./run bench",
                "基准测试在源代码树中：克隆后运行 ./run bench",
            ),
            Exit.ENVIRONMENT,
        )
    if name not in known:
        raise CommandFailed(
            either(f"benchmarks: {', '.join(known)}", f"可用的基准测试：{', '.join(known)}"), Exit.USAGE
        )
    sys.path.insert(0, str(root))
    return int(importlib.import_module(f"bench.{name}").main(list(arguments)) or 0)
