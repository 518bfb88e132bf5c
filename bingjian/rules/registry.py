"""Which decision answers for which duty: every module of ``decisions``, looked through once."""

import pkgutil
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import Any

import bingjian.rules.decisions as package
from bingjian.rules.decision import DECISIONS, decides
from bingjian.rules.edition import Article
from bingjian.rules.law import Law


@cache
def decisions() -> Mapping[str, tuple[Callable[..., Any], ...]]:
    """By the code of a duty, the functions that decide it, by module and name."""
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        import_module(module.name)
    return {code: tuple(sorted(functions, key=_name)) for code, functions in sorted(DECISIONS.items())}


def _name(function: Callable[..., Any]) -> tuple[str, str]:
    return function.__module__, function.__name__


@decides("R1.1")
def sources(law: Law, name: str) -> tuple[Article, ...]:
    """Art. 1: where a rule comes from; the article that decides in front, then those that say the same.

    Args:
        name: key of a number, "retention.default", or code of a duty, "R28.1".

    Raises:
        UsageError: no edition in force has it.
    """
    return law.cited(name) if law.binds(name) else law.limit(name).articles
