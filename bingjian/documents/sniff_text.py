"""Text: UTF-8 or GB 18030, nothing that a browser or a shell would run."""

import codecs
import csv
import mmap
import re

from bingjian.documents.errors import ActiveFile, UnknownFile

BLOCK = 1024 * 1024  # bytes decoded at a time
ROWS = 20  # looked at to tell a table from a text
HEAD = 64 * 1024  # characters those rows are sought in
ENCODINGS = ("utf-8-sig", "gb18030")  # in this order: what is valid UTF-8 is UTF-8
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")  # a text has tabs, line ends and form feeds
MARKUP = re.compile(
    r"<\s*(?:!doctype|\?xml|\?php|html|head|body|script|svg|iframe|object|embed|job|package|%)\b|<%", re.I
)
SCRIPT = re.compile(r"\A\s*(?:#!|@echo\b|powershell\b|sub\s+autoopen\b)|^mime-version:", re.I | re.M)
OVERLAP = 64  # characters kept of the block before, for a tag that two blocks share


def text(content: bytes | mmap.mmap) -> str:
    """``text/csv`` or ``text/plain``. Raises UnknownFile, ActiveFile."""
    for encoding in ENCODINGS:
        head = read_through(content, encoding)
        if head is not None:
            return "text/csv" if is_table(head) else "text/plain"
    raise UnknownFile("the file is neither PDF, a picture, XLSX, DOCX, OFD nor text in UTF-8 or GB 18030")


def read_through(content: bytes | mmap.mmap, encoding: str) -> str | None:
    """The text's beginning; None if the bytes are not a text in this encoding. Raises ActiveFile."""
    decoder = codecs.getincrementaldecoder(encoding)()
    head, before = "", ""
    for at in range(0, len(content), BLOCK):
        try:
            part = decoder.decode(content[at : at + BLOCK], final=at + BLOCK >= len(content))
        except UnicodeDecodeError:
            return None
        if CONTROL.search(part):
            return None
        head = head or part[:HEAD]
        refuse_what_runs(before + part, is_first=at == 0)
        before = part[-OVERLAP:]
    return head


def refuse_what_runs(part: str, *, is_first: bool) -> None:
    if found := MARKUP.search(part):
        raise ActiveFile(f"the text holds markup that a browser would run: {found.group()[:20].strip()}")
    if is_first and SCRIPT.search(part):
        raise ActiveFile("the text is a script or a saved web page")


def is_table(head: str) -> bool:
    """Whether its first rows have equally many fields, more than one."""
    lines = head.splitlines()
    rows = lines[: -1 if len(head) == HEAD else None][:ROWS]
    return any(len(columns := fields(rows, sign)) == 1 and columns.pop() > 1 for sign in ",;\t")


def fields(rows: list[str], sign: str) -> set[int]:
    """How many fields rows have; nothing if there are fewer than two rows."""
    try:
        counts = [len(row) for row in csv.reader(rows, delimiter=sign) if row]
    except csv.Error:
        return set()
    return set(counts) if len(counts) > 1 else set()
