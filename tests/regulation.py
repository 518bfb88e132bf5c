"""docs/regulation.md: what each article demands, what decides it, which tests show it, and who asks.

    python -m tests.regulation      write the page (./run fmt does)

Read from the editions, from the names of tests (``test_R28_1_…``, ``test_N8_1_…``) and from who imports what.
"""

import ast
import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bingjian.rules.edition import Duty, Edition
from bingjian.rules.law import Law
from bingjian.rules.library import law
from bingjian.rules.registry import decisions

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "regulation.md"
RULES = "bingjian.rules"
CITED = re.compile(r"([A-Z]+)\d+(?:_\d+)*(?=_|$)")
Name = tuple[str, str]  # module and function
Decisions = Mapping[str, Collection[Callable[..., Any]]]

HEAD = """# The regulation, and what stands for it here

Written by `./run fmt`; edit the editions in `bingjian/rules/editions/`, not this page. An article with its
numbers, penalties and conflicts: `bingjian rules ARTICLE`.

Each requirement has a *decision*, a pure function that answers with a grant or a refusal (or with a value,
where that is the answer); *tests* are those whose names begin with its code. *In use* names the modules that
ask the decision. What *waits* is decided and tested, but its part of the platform is not built or does not
ask yet.
"""


# --- which tests name which code


@dataclass(frozen=True, slots=True)
class Citations:
    files: Mapping[str, tuple[str, ...]]  # by code, the files of its tests
    unknown: tuple[str, ...]  # tests that cite a code that nothing has: "tests/….py: test_R0_1_…"


def codes_in(test: str, known: Collection[str]) -> tuple[str, ...]:
    """Codes at the start of a test's name: "test_R28_4_R28_6_nothing_goes" → R28.4, R28.6.

    "test_N14_90_days" is about N14 unless there is an N14.90. "test_H264_…" cites nothing: no code begins so.
    """
    letters = {re.split(r"\d", code, maxsplit=1)[0] for code in known}
    rest, found = test.removeprefix("test_"), list[str]()
    while (cited := CITED.match(rest)) and cited[1] in letters:
        words = cited[0].split("_")
        several = ["_".join(words[:length]) for length in range(len(words), 0, -1)]
        best = next((one for one in several if _code(one) in known), cited[0])
        found.append(_code(best))
        rest = rest[len(best) :].removeprefix("_")
    return tuple(found)


def _code(words: str) -> str:
    return words.replace("_", ".")


def citations_of(files: Iterable[Path], known: Collection[str]) -> Citations:
    found, unknown = dict[str, dict[str, None]](), []
    for file in sorted(files):
        path = file.relative_to(ROOT).as_posix()
        for test in _test_names(file):
            for code in codes_in(test, known):
                if code in known:
                    found.setdefault(code, {})[path] = None
                else:
                    unknown.append(f"{path}: {test} cites {code}")
    return Citations({code: tuple(paths) for code, paths in found.items()}, tuple(unknown))


def _test_names(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield node.name


# --- who asks which decision


@dataclass(frozen=True, slots=True)
class Askers:
    """Of each function of the rules, the modules that use it."""

    outside: Mapping[Name, tuple[str, ...]]  # of the rules; also through other functions of the rules
    inside: Mapping[Name, tuple[str, ...]]  # modules of the rules themselves


def askers(package: Path) -> Askers:
    modules = {_module(file): ast.parse(file.read_text(encoding="utf-8")) for file in package.rglob("*.py")}
    used = dict[Name, set[str]]()
    inside = dict[Name, set[Name]]()
    for module, tree in sorted(modules.items()):
        if _is_rules(module):
            for function, name in _calls_within(module, tree):
                inside.setdefault(name, set()).add(function)
        else:
            for name in _names_used(tree, {}):
                used.setdefault(name, set()).add(module)
    return Askers(
        {name: tuple(sorted(_through(name, used, inside, set()))) for name in (*used, *inside)},
        {name: tuple(sorted({module for module, _ in callers})) for name, callers in inside.items()},
    )


def _through(
    name: Name, used: Mapping[Name, set[str]], inside: Mapping[Name, set[Name]], seen: set[Name]
) -> set[str]:
    """Who asks it: directly, or through a function of the rules that does."""
    seen.add(name)
    found = set(used.get(name, ()))
    for caller in inside.get(name, set()) - seen:
        found |= _through(caller, used, inside, seen)
    return found


def _module(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _is_rules(module: str) -> bool:
    return module == RULES or module.startswith(f"{RULES}.")


def _calls_within(module: str, tree: ast.Module) -> Iterator[tuple[Name, Name]]:
    """Each function of a module of the rules, with each function of the rules that it names."""
    own = {node.name: (module, node.name) for node in tree.body if isinstance(node, ast.FunctionDef)}
    known = {**_imported(tree), **own}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            for name in _names_used(node, known) - {(module, node.name)}:
                yield (module, node.name), name


def _names_used(tree: ast.AST, known: Mapping[str, Name]) -> set[Name]:
    """Functions of the rules that a piece of code names: imported by name, or as ``filing.is_on_time``."""
    known = known or _imported(tree)
    found = set[Name]()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=word, ctx=ast.Load()) if word in known:
                found.add(known[word])
            case ast.Attribute(value=ast.Name(id=word), attr=attribute) if word in known:
                found.add((".".join(known[word]), attribute))
    return found


def _imported(tree: ast.AST) -> dict[str, Name]:
    return {
        alias.asname or alias.name: (node.module or "", alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and _is_rules(node.module or "")
        for alias in node.names
    }


# --- what is missing


def undecided(law: Law, decided: Decisions) -> list[str]:
    """Requirements without a decision."""
    return [
        f"{code}: {duty.article.en}, {duty.text.en}"
        for code, duty in law.duties.items()
        if code not in decided
    ]


def untested(decided: Decisions, tests: Citations) -> list[str]:
    """Decisions without a test of their code's name."""
    return [
        f"{code}: {', '.join(_full_name(one) for one in functions)} wants a test_{code.replace('.', '_')}_…"
        for code, functions in decided.items()
        if code not in tests.files
    ]


def unfounded(law: Law, decided: Decisions) -> list[str]:
    """Decisions of codes that no edition has."""
    return [
        f"{code}: {', '.join(_full_name(one) for one in functions)}"
        for code, functions in decided.items()
        if not law.binds(code)
    ]


def _full_name(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{function.__name__}"


# --- the page


@dataclass(frozen=True, slots=True)
class Found:
    """All that the page says about duties."""

    law: Law
    decided: Decisions
    tests: Citations
    asked: Askers

    def users(self, duty: Duty) -> list[str]:
        """Modules that ask a decision of this duty; of one that is the rules' own, those of the rules too."""
        names = [(one.__module__, one.__name__) for one in self.decided.get(duty.code, ())]
        kinds = [self.asked.outside] + ([self.asked.inside] if duty.part == "rules" else [])
        return sorted({module for asked in kinds for name in names for module in asked.get(name, ())})


@cache
def found() -> Found:
    binding = law()
    known = {*binding.duties, *(conflict.code for conflict in binding.conflicts)}
    files = (ROOT / "tests").rglob("test_*.py")
    return Found(binding, decisions(), citations_of(files, known), askers(ROOT / "bingjian"))


def page(found: Found) -> str:
    parts = [HEAD, _summary(found), *(_edition(found, edition) for edition in found.law.editions)]
    return "\n".join((*parts, _conflicts(found)))


def _summary(found: Found) -> str:
    lines = ["| edition | requirements | decided | tested | in use |", "|---|---|---|---|---|"]
    for edition in found.law.editions:
        duties = edition.duties
        decided = sum(duty.code in found.decided for duty in duties)
        tested = sum(duty.code in found.tests.files for duty in duties)
        in_use = sum(bool(found.users(duty)) for duty in duties)
        lines.append(f"| {edition.title.en} | {len(duties)} | {decided} | {tested} | {in_use} |")
    lines += ["", "| waits for | requirements |", "|---|---|"]
    waiting = dict[str, list[str]]()
    for duty in found.law.duties.values():
        if not found.users(duty):
            waiting.setdefault(duty.part, []).append(duty.code)
    lines += [f"| {part} | {', '.join(codes)} |" for part, codes in sorted(waiting.items())]
    return "\n".join(lines) + "\n"


def _edition(found: Found, edition: Edition) -> str:
    lines, silent = [f"## {edition.title.en} ({edition.title.zh})", ""], []
    for provision in edition.provisions:
        duties = [duty for duty in edition.duties if duty.article.number == provision.article.number]
        if not duties:
            silent.append(str(provision.article))
            continue
        lines += [f"### {provision.article} {provision.heading.en} ({provision.heading.zh})", ""]
        lines += ["| article | requirement | code | decision | tests | state |", "|---|---|---|---|---|---|"]
        lines += [_row(found, duty) for duty in duties]
        lines.append("")
    if silent:
        lines += [f"Nothing for a program to decide: {', '.join(silent)}.", ""]
    return "\n".join(lines)


def _row(found: Found, duty: Duty) -> str:
    functions = found.decided.get(duty.code, ())
    decided = [f"[{one.__name__}](../{one.__module__.replace('.', '/')}.py)" for one in functions]
    tests = [f"[{Path(file).stem}](../{file})" for file in found.tests.files.get(duty.code, ())]
    users = [f"`{module.removeprefix('bingjian.')}`" for module in found.users(duty)]
    state = f"in use: {', '.join(users)}" if users else f"waits for: {duty.part}"
    cells = (
        str(duty.article),
        duty.text.en,
        duty.code,
        ", ".join(decided) or "none",
        ", ".join(tests) or "none",
        state,
    )
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _conflicts(found: Found) -> str:
    lines = [
        "## Where they disagree",
        "",
        "| code | conflict | chosen | carried out by |",
        "|---|---|---|---|",
    ]
    for one in found.law.conflicts:
        lines.append(f"| {one.code} | {one.conflict.en} | {one.choice.en} | {', '.join(one.duties)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the page, where it is not so already."""
    written = page(found())
    if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != written:
        PAGE.write_text(written, encoding="utf-8")
        print(f"wrote {PAGE.relative_to(ROOT)}", file=sys.stderr)


if __name__ == "__main__":
    main()
