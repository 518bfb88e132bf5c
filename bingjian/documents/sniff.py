"""What a file is, by its bytes and never by its name, and whether such a file is kept.

Accepted: PDF, PNG, JPEG, TIFF, XLSX, DOCX, OFD, and text in UTF-8 or GB 18030. Whatever runs, reaches
outside, or hides other files is refused with a sentence that says what was found and where.
"""

import mmap
from collections.abc import Callable
from typing import IO

from bingjian.documents.errors import ActiveFile, BrokenFile, UnknownFile
from bingjian.documents.sniff_pdf import pdf
from bingjian.documents.sniff_picture import jpeg, png, tiff
from bingjian.documents.sniff_text import text
from bingjian.documents.sniff_zip import package

SUFFIXES = {  # of each media type that is kept
    "application/pdf": "pdf",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/tiff": "tif",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/ofd": "ofd",
    "text/csv": "csv",
    "text/plain": "txt",
}
Bytes = bytes | mmap.mmap
ACCEPTED: tuple[tuple[bytes, Callable[[Bytes], str]], ...] = (
    (b"%PDF-", pdf),
    (b"\x89PNG\r\n\x1a\n", png),
    (b"\xff\xd8\xff", jpeg),
    (b"II*\0", tiff),
    (b"MM\0*", tiff),
    (b"PK\x03\x04", package),
)
PROGRAMS = {
    b"MZ": "a Windows program",
    b"\x7fELF": "a Linux program",
    b"\xca\xfe\xba\xbe": "a program",
    b"\xfe\xed\xfa": "a macOS program",
    b"\xcf\xfa\xed\xfe": "a macOS program",
    b"#!": "a script",
    b"L\0\0\0\x01\x14\x02\0": "a shortcut",
}
NOT_KEPT = {
    b"\xd0\xcf\x11\xe0": "an old Office file: save it as XLSX, DOCX or PDF",
    b"{\\rtf": "an RTF file: save it as DOCX or PDF",
    b"PK\x05\x06": "an empty archive",
    b"GIF8": "a GIF: save it as PNG",
    b"BM": "a BMP: save it as PNG",
    b"Rar!": "an archive: upload its files one by one",
    b"7z\xbc\xaf": "an archive: upload its files one by one",
    b"\x1f\x8b": "an archive: upload its files one by one",
}


def media_type_of(file: IO[bytes]) -> str:
    """Looked at without being read into memory. Raises FileNotAccepted and nothing else."""
    file.flush()
    try:
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except ValueError:
        raise BrokenFile("the file is empty") from None
    with content:
        return recognised(content)


def recognised(content: Bytes) -> str:
    """The media type of these bytes, one of ``SUFFIXES``. Raises FileNotAccepted and nothing else."""
    head = content[:16]
    for magic, look in ACCEPTED:
        if head.startswith(magic):
            return look(content)
    for magic, what in PROGRAMS.items():
        if head.startswith(magic) and not (magic == b"MZ" and b"\0" not in content[:256]):
            raise ActiveFile(f"the file is {what}")
    for magic, what in NOT_KEPT.items():
        if head.startswith(magic) and not (magic == b"BM" and b"\0" not in content[:256]):
            raise UnknownFile(f"the file is {what}")
    return text(content)
