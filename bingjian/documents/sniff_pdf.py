"""PDF: whole, readable, and without anything that runs, reaches outside or carries other files.

Names are sought in the whole file and in its object streams (ISO 32000-1 §7.5.7), which hold objects
compressed; a name may write any of its letters as ``#`` and two hexadecimal digits (§7.3.5). What cannot be
looked into is refused. This keeps out what programs write; whoever forges a file by hand may still fool some
reader, so documents are only ever handed out as attachments.
"""

import mmap
import re
import zlib

from bingjian.documents.errors import ActiveFile, BrokenFile, EncryptedFile, SwollenFile

TAIL = 1024  # bytes that the last %%EOF stands in, as readers have it
AROUND = 4096  # bytes of the dictionary before and after the type of an object stream
STREAMS_MAX = 20_000  # object streams of one file; they have about a hundred objects each
UNPACKED_MAX = 256 * 1024 * 1024  # bytes of all object streams together


def spelt(name: str) -> bytes:
    """A pattern for a name however its letters are written."""
    return b"".join(b"(?:%s|#%02x|#%02X)" % (re.escape(c.encode()), ord(c), ord(c)) for c in name)


END = rb"(?=[\s\[\]<>(){}/%\0])"
FORBIDDEN = {
    "JavaScript": "JavaScript",
    "Launch": "an action that starts programs",
    "EmbeddedFile": "embedded files",
    "EmbeddedFiles": "embedded files",
    "Rendition": "media with a script",
    "RichMedia": "embedded media",
    "SubmitForm": "an action that sends data away",
    "ImportData": "an action that reads other files",
    "GoToR": "an action that opens other files",
    "GoToE": "an action that opens embedded files",
    "XFA": "an XFA form",
}
ACTIVE = re.compile(rb"/(?:" + b"|".join(b"(%s)" % spelt(name) for name in FORBIDDEN) + rb")" + END)
ENCRYPTED = re.compile(b"/" + spelt("Encrypt") + END)
PACKED = re.compile(b"/(?:" + spelt("ObjStm") + b"|" + spelt("First") + rb"\s+\d+(?!\s+\d+\s+R)" + b")" + END)
BLOCK = 64 * 1024  # bytes unpacked at a time
NAME = re.compile(rb"/([^\s\[\]<>(){}/%\0]+)")
STREAM = re.compile(rb">>\s*stream\r?\n")

Bytes = bytes | mmap.mmap


def pdf(content: Bytes) -> str:
    """Raises BrokenFile, EncryptedFile, ActiveFile, SwollenFile."""
    if b"%%EOF" not in content[-TAIL:]:
        raise BrokenFile("the PDF is cut off or something hangs behind it")
    if ENCRYPTED.search(content):
        raise EncryptedFile("the PDF is encrypted: save it without a password")
    require_passive(content)
    unpacked = 0
    for number, found in enumerate(PACKED.finditer(content)):
        if number == STREAMS_MAX:
            raise SwollenFile(f"the PDF has more than {STREAMS_MAX} object streams")
        objects = opened(content, found.start(), UNPACKED_MAX - unpacked)
        unpacked += len(objects)
        require_passive(objects)
    return "application/pdf"


def require_passive(part: Bytes) -> None:
    if found := ACTIVE.search(part):
        name = list(FORBIDDEN)[(found.lastindex or 1) - 1]
        raise ActiveFile(f"the PDF holds {FORBIDDEN[name]} (/{name}): print it to a new PDF")


def opened(content: Bytes, at: int, most: int) -> bytes:
    """The objects in the stream whose dictionary names its type at ``at``."""
    window = content[max(0, at - AROUND) : at + AROUND]
    middle = at - max(0, at - AROUND)
    begin, follows = window.rfind(b"obj", 0, middle), STREAM.search(window, middle)
    if begin < 0 or follows is None:
        raise EncryptedFile("the PDF has an object stream that cannot be looked into")
    names = {plain(name) for name in NAME.findall(window[begin : follows.start() + 2])}
    if not names & {"Filter"}:
        return b""  # not compressed: looked at with the file
    if "DecodeParms" in names or "F" in names or not is_deflated(names):
        raise EncryptedFile("the PDF has an object stream that cannot be looked into")
    return inflated(content, max(0, at - AROUND) + follows.end(), most)


def is_deflated(names: set[str]) -> bool:
    """By one filter alone; short names (Fl) are for inline images only."""
    return {name for name in names if name.endswith(("Decode", "Crypt"))} == {"FlateDecode"}


def plain(name: bytes) -> str:
    written = re.sub(rb"#([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), name)
    return written.decode("latin-1")


def inflated(content: Bytes, at: int, most: int) -> bytes:
    """Raises EncryptedFile, SwollenFile."""
    unpacking, objects = zlib.decompressobj(), bytearray()
    while not unpacking.eof and at < len(content):
        try:
            objects += unpacking.decompress(content[at : at + BLOCK], most + 1 - len(objects))
        except zlib.error:
            raise EncryptedFile("the PDF has an object stream that cannot be looked into") from None
        if len(objects) > most:
            raise SwollenFile(f"the PDF unpacks to more than {UNPACKED_MAX // 1024**2} MiB")
        at += BLOCK
    if not unpacking.eof:
        raise BrokenFile("an object stream of the PDF is cut off")
    return bytes(objects)
