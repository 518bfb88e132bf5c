"""Frozen dataclasses to XML elements and back: a field's declaration says where its value stands.

Names are compared without case when read, for copies of the standard differ, and written as declared. What is
empty is not written. What stands in a message and in no field is kept as ``others``, if it is a plain value.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, TypeVar

from lxml import etree

from bingjian.protocols.gb28181 import Edition
from bingjian.protocols.gb28181.manscdp import values
from bingjian.protocols.gb28181.manscdp.text import TEXT_LIMIT, legal

ITEM_LIMIT = 10_000  # items of one message, by the standard; further ones are ignored
OTHERS_LIMIT = 64  # values that no field takes, kept of one message or item
SECRET = frozenset({"password"})  # never read, kept or shown

T = TypeVar("T")
Children = dict[str, list["etree._Element"]]  # by name in lower case
Node = "etree._Element"


@dataclass(frozen=True, slots=True)
class Binding:
    """Where a field's value stands, and what it is."""

    names: tuple[str, ...]  # paths with "/"; the first is written, all are read
    read: Callable[[str], Any] | None = None  # a single value
    write: Callable[[Any], str] = str
    part: type | None = None  # an element of its own, or the items of a list
    item: str = ""  # name of the items of a list; with ``part`` None they are plain values
    since: Edition = Edition.V2011
    until: Edition = Edition.V2022
    old_name: str = ""  # written before ``since``, and read too

    @property
    def is_list(self) -> bool:
        return bool(self.item)


def _bound(default: Any, binding: Binding) -> Any:
    return field(default=default, metadata={"binding": binding})


def _names(names: tuple[str, ...], old: str) -> tuple[str, ...]:
    return (*names, old) if old else names


def text(*names: str, since: Edition = Edition.V2011, until: Edition = Edition.V2022, old: str = "") -> Any:
    """A plain value; empty if absent. ``old``: its name before ``since``."""
    return _bound("", Binding(_names(names, old), str, str, None, "", since, until, old))


def whole(*names: str, since: Edition = Edition.V2011, until: Edition = Edition.V2022) -> Any:
    """A whole number; None if absent or unreadable."""
    return _bound(None, Binding(names, values.whole, str, None, "", since, until))


def real(*names: str, since: Edition = Edition.V2011, until: Edition = Edition.V2022) -> Any:
    """A decimal number; None if absent or unreadable."""
    return _bound(None, Binding(names, values.real, values.written_real, None, "", since, until))


def moment(*names: str, since: Edition = Edition.V2011) -> Any:
    """A time; None if absent or unreadable."""
    return _bound(None, Binding(names, values.moment, values.written_moment, None, "", since))


def part(cls: type, *names: str, since: Edition = Edition.V2011) -> Any:
    """An element with fields of its own; None if absent."""
    return _bound(None, Binding(names, part=cls, since=since))


def items(cls: type, name: str, item: str = "Item", *, since: Edition = Edition.V2011) -> Any:
    """``<name Num="n"><item>…``: a tuple, empty if absent."""
    return _bound((), Binding((name,), part=cls, item=item, since=since))


def texts(name: str, item: str, *, since: Edition = Edition.V2011) -> Any:
    """``<name><item>value</item>…``: a tuple of values; with an empty name the items stand for themselves."""
    return _bound((), Binding((name,), item=item, since=since))


@cache
def bindings(cls: type) -> Mapping[str, Binding]:
    """By the names of the fields, in their order."""
    found = ((each.name, each.metadata.get("binding")) for each in fields(cls))
    return {name: binding for name, binding in found if binding is not None}


@cache
def _known(cls: type) -> frozenset[str]:
    """First steps of every path, in lower case."""
    paths = [name for binding in bindings(cls).values() for name in (*binding.names, *_bare(binding))]
    return frozenset(name.split("/")[0].lower() for name in paths)


def _bare(binding: Binding) -> tuple[str, ...]:
    return (binding.item,) if binding.is_list else ()


# --- Reading ---------------------------------------------------------------------------------------------


def children_of(node: "etree._Element") -> Children:
    found: Children = {}
    for child in node:
        found.setdefault(local_name(child).lower(), []).append(child)
    return found


def local_name(node: "etree._Element") -> str:
    """Without a namespace."""
    return str(node.tag).rpartition("}")[2]


def value_of(node: "etree._Element") -> str:
    return (node.text or "").strip()[:TEXT_LIMIT]


def read_fields(cls: type, node: "etree._Element") -> dict[str, Any]:
    """The values of the bound fields that are there."""
    steps: dict[str, Children] = {"": children_of(node)}
    found = {name: _read(binding, steps) for name, binding in bindings(cls).items()}
    return {name: value for name, value in found.items() if value is not None}


def read_part(cls: type[T], node: "etree._Element") -> T:
    """An element as an instance of ``cls``."""
    found = read_fields(cls, node)
    if any(each.name == "others" for each in fields(cls)):  # type: ignore[arg-type]
        found["others"] = others(cls, node)
    return cls(**found)


def others(
    cls: type, node: "etree._Element", known: frozenset[str] = frozenset()
) -> tuple[tuple[str, str], ...]:
    """Plain values that no field takes."""
    taken = _known(cls) | known | SECRET | getattr(cls, "READ_ABOVE", frozenset())
    kept: list[tuple[str, str]] = []
    for child in node:
        name = local_name(child)
        if name.lower() not in taken and not len(child) and len(kept) < OTHERS_LIMIT:
            kept.append((name[:TEXT_LIMIT], value_of(child)))
    return tuple(kept)


def _read(binding: Binding, steps: dict[str, Children]) -> Any:
    if binding.is_list:
        return _read_list(binding, steps)
    for name in binding.names:
        for node in _nodes(name, steps):
            if binding.part is not None:
                inside: Any = read_part(binding.part, node)
                return None if inside == binding.part() else inside  # an element with nothing in it
            if binding.read is not None and (value := value_of(node)):
                return binding.read(value)
    return None


def _read_list(binding: Binding, steps: dict[str, Children]) -> tuple[Any, ...]:
    """The items, also where the list around them is missing."""
    path = f"{binding.names[0]}/{binding.item}" if binding.names[0] else binding.item
    nodes = _nodes(path, steps) or (_nodes(binding.item, steps) if binding.part else [])
    if binding.part is not None:
        return tuple(read_part(binding.part, node) for node in nodes[:ITEM_LIMIT])
    return tuple(value for node in nodes[:ITEM_LIMIT] if (value := value_of(node)))


def _nodes(path: str, steps: dict[str, Children]) -> list["etree._Element"]:
    """All at a path; of the elements on the way only the first of its name is looked into."""
    way, _, last = path.lower().rpartition("/")
    if way not in steps:
        above = _nodes(way, steps)
        steps[way] = children_of(above[0]) if above else {}
    return steps[way].get(last, [])


# --- Writing ---------------------------------------------------------------------------------------------


def write_fields(node: "etree._Element", value: Any, edition: Edition) -> None:
    """The bound fields of ``value`` that are not empty and that the edition knows."""
    cls: Any = type(value)
    for name, binding in bindings(cls).items():
        held = getattr(value, name)
        if held is None or held == "" or held == ():
            continue
        if binding.since <= edition <= binding.until:
            _write(node, binding, binding.names[0], held, edition)
        elif binding.old_name and edition < binding.since:
            _write(node, binding, binding.old_name, held, edition)


def _write(node: "etree._Element", binding: Binding, path: str, held: Any, edition: Edition) -> None:
    if binding.is_list:
        _write_list(node, binding, path, held, edition)
        return
    element = _walk(node, path.split("/"))
    if binding.part is not None:
        write_fields(element, held, edition)
    else:
        element.text = legal(binding.write(held))


def _write_list(node: "etree._Element", binding: Binding, path: str, held: Any, edition: Edition) -> None:
    around = _walk(node, [step for step in path.split("/") if step])
    if binding.part is not None:
        around.set("Num", str(len(held)))
    for each in held:
        element = etree.SubElement(around, binding.item)
        if binding.part is not None:
            write_fields(element, each, edition)
        else:
            element.text = legal(each)


def _walk(node: "etree._Element", way: list[str]) -> "etree._Element":
    """Down the way, making what is missing."""
    for step in way:
        below = node.find(step)
        node = etree.SubElement(node, step) if below is None else below
    return node


def walk_classes(cls: type) -> Iterator[type]:
    """A class and those of its parts: for the tests that go through all of them."""
    yield cls
    for binding in bindings(cls).values():
        if binding.part is not None:
            yield from walk_classes(binding.part)
