"""The elements of a small XML part, without entities: a part that declares any is no part of a package."""

from xml.parsers import expat

from bingjian.documents.errors import ActiveFile, BrokenFile, SwollenFile

DEPTH_MAX = 50  # elements inside each other; the parts that are read have three
ELEMENTS_MAX = 100_000  # of one part: a link for each camera of a city

Elements = list[tuple[str, dict[str, str]]]


class Gathering:
    """What expat calls while it reads; its limits end the reading with our own errors."""

    def __init__(self) -> None:
        self.found = Elements()
        self._depth = 0

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise BrokenFile("a table of the package is nested too deeply")
        if len(self.found) == ELEMENTS_MAX:
            raise SwollenFile(f"a table of the package has more than {ELEMENTS_MAX} elements")
        self.found.append((name, attributes))

    def end(self, _name: str) -> None:
        self._depth -= 1

    def declared(self, *_: object) -> None:
        """A document type declaration: where entities come from."""
        raise ActiveFile("a table of the package declares a document type")


def elements(part: bytes) -> Elements:
    """Name and attributes of each element, in order. Raises BrokenFile, ActiveFile, SwollenFile."""
    gathering, parser = Gathering(), expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = gathering.begin, gathering.end
    parser.StartDoctypeDeclHandler = gathering.declared
    try:
        parser.Parse(part, True)
    except (expat.ExpatError, ValueError, LookupError):
        raise BrokenFile("a table of the package is not XML") from None
    return gathering.found
