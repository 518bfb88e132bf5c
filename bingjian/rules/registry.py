"""Which decision answers for which duty: every module of this folder, looked through once."""

import pkgutil
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import Any

import bingjian.rules
from bingjian.rules.decision import DECISIONS


@cache
def decisions() -> Mapping[str, tuple[Callable[..., Any], ...]]:
    """By the code of a duty, the functions that decide it."""
    for module in pkgutil.iter_modules(bingjian.rules.__path__, "bingjian.rules."):
        import_module(module.name)
    return {code: tuple(functions) for code, functions in sorted(DECISIONS.items())}
