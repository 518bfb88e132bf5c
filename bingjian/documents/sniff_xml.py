"""The elements of a small XML part, without entities: a part that declares any is no part of a package."""

from xml.parsers import expat

from bingjian.documents.errors import ActiveFile, BrokenFile

DEPTH_MAX = 50  # elements inside each other; the parts that are read have three


class _Declared(Exception):
    """A document type declaration: where entities come from."""


def elements(part: bytes) -> list[tuple[str, dict[str, str]]]:
    """Name and attributes of each element, in order. Raises BrokenFile, ActiveFile."""
    found, depth = list[tuple[str, dict[str, str]]](), 0

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEPTH_MAX:
            raise _Declared
        found.append((name, attributes))

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def declared(*_: object) -> None:
        raise _Declared

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.StartDoctypeDeclHandler = declared
    try:
        parser.Parse(part, True)
    except _Declared:
        raise ActiveFile("a table of the package declares a document type") from None
    except (expat.ExpatError, ValueError, LookupError):
        raise BrokenFile("a table of the package is not XML") from None
    return found
