"""How long a process that has never seen the law takes to have it, as ``bench rules`` asks it several times.

    python -m bench.rules_load ours|toml

Prints {"import_ns", "load_ns"}. ours: every edition and the holidays, read, checked and put together.
toml: the same files by tomllib alone, without a look at what they say.
"""

import json
import sys
import time
import tomllib
from collections.abc import Callable


def ours() -> Callable[[], None]:
    from bingjian.rules.library import holidays, law

    def load() -> None:
        law()
        holidays()

    return load


def toml() -> Callable[[], None]:
    from bingjian.rules.library import FOLDER, NAMES

    def load() -> None:
        for name in (*NAMES, "holidays"):
            tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))

    return load


def main() -> None:
    began = time.perf_counter_ns()
    load = {"ours": ours, "toml": toml}[sys.argv[1]]()
    imported = time.perf_counter_ns()
    load()
    print(json.dumps({"import_ns": imported - began, "load_ns": time.perf_counter_ns() - imported}))


if __name__ == "__main__":
    main()
