"""Packages in a ZIP: XLSX, DOCX (ECMA-376) and OFD (GB/T 33190). Nothing is unpacked but a few small parts.

The directory is bounded before it is read, and what it declares before anything is believed.
"""

import io
import mmap
import struct
import zipfile
import zlib
from collections.abc import Iterable
from typing import Any

from bingjian.documents.errors import ActiveFile, BrokenFile, EncryptedFile, SwollenFile, UnknownFile
from bingjian.documents.sniff_xml import elements

MEMBERS_MAX = 10_000  # files in a package; a drawing in OFD has some hundred
DIRECTORY_MAX = 4 * 1024 * 1024  # bytes
UNPACKED_MAX = 512 * 1024 * 1024  # bytes of all members together
RATIO_MAX = 200  # a member's bytes against those it takes; deflate gives 1032 at most, sheets about 20
RATIO_FREE = 1024 * 1024  # bytes of a member that may be packed as tightly as it likes: blank pages are
PART_MAX = 4 * 1024 * 1024  # bytes of a part that is read
PARTS_MAX = 32 * 1024 * 1024  # bytes of all parts that are read
END = struct.Struct("<4s4H2LH")  # end of central directory, APPNOTE 4.3.16
END_SIGN = b"PK\x05\x06"
ENCRYPTED = 0x1 | 0x40 | 0x2000  # general purpose flags, APPNOTE 4.4.4
DAMAGED = (  # what zipfile raises for bytes that are no good archive
    *(zipfile.BadZipFile, zlib.error, EOFError, KeyError),
    *(NotImplementedError, RuntimeError, ValueError, OSError, struct.error),
)
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEXT = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
OFFICE = {f"{SHEET}.main+xml": SHEET, f"{TEXT}.main+xml": TEXT}
OFD = "application/ofd"
CONTENTS = "[Content_Types].xml"
WEB = ("http://", "https://", "mailto:")  # what a link in a text may point to
MACROS = ("vbaproject", "vbadata", "/activex/", "/macrosheets/", "/dialogsheets/", "/ctrlprops/")
CARRIED = ("/embeddings/", "/externallinks/", "/altchunk", "/customui/")
PROGRAMS = (  # suffixes of what runs, and of pages that carry scripts
    *(".exe", ".dll", ".com", ".scr", ".msi", ".jar", ".class", ".apk", ".swf", ".lnk", ".hta"),
    *(".bat", ".cmd", ".ps1", ".vbs", ".js", ".jse", ".wsf", ".sh", ".py"),
    *(".svg", ".htm", ".html", ".mht", ".xhtml"),
)

Bytes = bytes | mmap.mmap


class Window(io.RawIOBase):
    """Bytes, or a mapped file, as a file: nothing is copied but what is read."""

    def __init__(self, content: Bytes) -> None:
        super().__init__()
        self._content, self._at = content, 0

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._content)}[whence]
        if base + offset < 0:
            raise ValueError("before the beginning")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        part = self._content[self._at : self._at + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)


def package(content: Bytes) -> str:
    """Raises UnknownFile, BrokenFile, ActiveFile, EncryptedFile, SwollenFile."""
    require_small_directory(content)
    try:
        with zipfile.ZipFile(io.BufferedReader(Window(content))) as opened:
            require_modest(opened.infolist(), len(content))
            return office_or_ofd(opened)
    except DAMAGED:
        raise BrokenFile("the package is damaged") from None


def require_small_directory(content: Bytes) -> None:
    """The last bytes say how large the directory is; ZIP64 is for what we never take."""
    at = content.rfind(END_SIGN, max(0, len(content) - END.size - 0xFFFF))
    if at < 0 or at + END.size > len(content):
        raise BrokenFile("the package is cut off")
    _, disk, first, here, members, size, offset, comment = END.unpack(content[at : at + END.size])
    if disk or first or here != members or at + END.size + comment != len(content) or offset + size != at:
        raise BrokenFile("the package is cut off, or something stands before or behind it")
    if members > MEMBERS_MAX or size > DIRECTORY_MAX:
        raise SwollenFile(f"the package holds more than {MEMBERS_MAX} files")


def require_modest(members: list[zipfile.ZipInfo], size_bytes: int) -> None:
    """Names, methods and declared sizes; members that share bytes are a bomb's."""
    for member in members:
        if member.flag_bits & ENCRYPTED:
            raise EncryptedFile("the package is encrypted: save it without a password")
        if member.compress_type not in METHODS or not is_plain(member.filename):
            raise BrokenFile("the package is not as office programs write it")
        if member.file_size > max(RATIO_FREE, RATIO_MAX * member.compress_size):
            raise SwollenFile(f"a file in the package unpacks to more than {RATIO_MAX} times its size")
    if sum(member.file_size for member in members) > UNPACKED_MAX:
        raise SwollenFile(f"the package unpacks to more than {UNPACKED_MAX // 1024**2} MiB")
    if sum(member.compress_size for member in members) > size_bytes:
        raise SwollenFile("files in the package share their bytes")
    if len({member.filename.lower() for member in members}) != len(members):
        raise BrokenFile("two files in the package have the same name")


def is_plain(name: str) -> bool:
    parts = name.split("/")
    return not name.startswith("/") and ".." not in parts and "\\" not in name and "\0" not in name


def office_or_ofd(opened: zipfile.ZipFile) -> str:
    names = opened.namelist()
    require_passive(names)
    if CONTENTS in names:
        found = office(opened)
    elif "OFD.xml" in names:
        found = ofd(opened)
    else:
        raise UnknownFile("the file is an archive, but not XLSX, DOCX or OFD: upload its files one by one")
    return found


def require_passive(names: Iterable[str]) -> None:
    for name in names:
        low = f"/{name.lower()}"
        if any(part in low for part in MACROS):
            raise ActiveFile("the package holds macros or controls: save it without them")
        if any(part in low for part in CARRIED):
            raise ActiveFile("the package carries other files or links to them: paste their values instead")
        if low.endswith(PROGRAMS):
            raise ActiveFile(f"the package holds a program or a web page (*{low[low.rindex('.') :]})")


def office(opened: zipfile.ZipFile) -> str:
    """By the main part's content type, never by a name."""
    declared = {
        attributes.get("ContentType", "").strip().lower()
        for _, attributes in elements(part(opened, CONTENTS))
    }
    if any("macroenabled" in one or "vba" in one or "activex" in one for one in declared):
        raise ActiveFile("the package holds macros or controls: save it without them")
    kinds = {kind for main, kind in OFFICE.items() if main in declared}
    if len(kinds) != 1:
        raise UnknownFile("the package is neither a workbook (XLSX) nor a text (DOCX)")
    tables = [one for one in opened.infolist() if one.filename.lower().endswith(".rels")]
    if sum(one.file_size for one in tables) > PARTS_MAX:
        raise SwollenFile("the tables of the package are larger than any that office programs write")
    for one in tables:
        require_inside(part(opened, one.filename))
    return kinds.pop()


def require_inside(relations: bytes) -> None:
    """Relations lead to parts of the package; only a link that a person clicks may lead to the web."""
    for _, attributes in elements(relations):
        is_link = attributes.get("Type", "").endswith("/hyperlink")
        target = attributes.get("Target", "").strip().lower()
        if attributes.get("TargetMode", "").strip().lower() != "external":
            continue
        if not (is_link and target.startswith(WEB)):
            raise ActiveFile("the package links to something outside it: break the links first")


def ofd(opened: zipfile.ZipFile) -> str:
    root, _ = next(iter(elements(part(opened, "OFD.xml"))), ("", {}))
    if root.rpartition(":")[2] != "OFD":
        raise BrokenFile("the OFD does not begin as one")
    return OFD


def part(opened: zipfile.ZipFile, name: str) -> bytes:
    """A small part's bytes. Raises SwollenFile."""
    with opened.open(name) as file:
        content = file.read(PART_MAX + 1)
    if len(content) > PART_MAX:
        raise SwollenFile("a table of the package is larger than any that office programs write")
    return content
