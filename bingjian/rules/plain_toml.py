"""The plain TOML that editions are written in, read a line at a time: several times as fast as ``tomllib``.

Plain is a line that is a ``[[table]]``, a key (or ``key.zh``) with one value on the same line, a comment, or
blank; a value is a text, a whole number, a date, a truth, or a list of texts. Whatever is not so plain, wrong
things above all, is left to ``tomllib``, which knows all of TOML and says what is wrong.
"""

import re
from datetime import date
from typing import Any

LETTERS = r'[^"\\\x00-\x1f\x7f]*'
TEXT = rf'"{LETTERS}"'
QUOTING = rf'"{LETTERS}(?:\\["\\]{LETTERS})*"'  # the same with \" and \\ in it
ESCAPED = re.compile(r'\\(["\\])')
VALUE = rf"({QUOTING})|(\d{{4}}-\d\d-\d\d)|(0|[1-9]\d*)|(true|false)|\[((?:{TEXT}, )*{TEXT}|)\]"
LINE = re.compile(
    rf"(?:\[\[(\w+)\]\]|([\w-]+)(?:\.([\w-]+))? *= *(?:{VALUE}))? *(?:#[^\x00-\x08\x0a-\x1f\x7f]*)?",
    re.ASCII,
)
Tree = dict[str, Any]


class _NotPlain(Exception):
    """``tomllib`` has to look."""


def plain_tree(text: str) -> Tree | None:
    """What ``tomllib.loads`` makes of it; None: not plain, ask that."""
    try:
        return _tree(text)
    except (_NotPlain, ValueError):  # ValueError: no such date
        return None


def _tree(text: str) -> Tree:
    tree: Tree = {}
    table, tables = tree, dict[str, list[Tree]]()
    for line in text.split("\n"):
        match = LINE.fullmatch(line)
        if match is None:
            raise _NotPlain
        name, key, below, *written = match.groups()
        if name:
            if name in tree and name not in tables:
                raise _NotPlain
            table = {}
            tree.setdefault(name, tables.setdefault(name, [])).append(table)
        elif key:
            _set(table, key, below, _value(*written))
    return tree


def _set(table: Tree, key: str, below: str | None, value: Any) -> None:
    if below is not None:
        table, key = table.setdefault(key, {}), below
        if not isinstance(table, dict):
            raise _NotPlain
    if key in table:
        raise _NotPlain
    table[key] = value


def _value(
    text: str | None, day: str | None, number: str | None, flag: str | None, texts: str | None
) -> str | date | int | bool | list[str]:
    if text is not None:
        return ESCAPED.sub(r"\1", text[1:-1]) if "\\" in text else text[1:-1]
    if texts is not None:
        return texts[1:-1].split('", "') if texts else []
    if number is not None:
        return int(number)
    return flag == "true" if flag is not None else date.fromisoformat(day or "")
