"""Bytes to an XML tree and back, as devices need it.

What a device declares is not what it sends: the text is GB 18030 or UTF-8 whatever the first line says, it
holds control characters, bare ``&`` and tags twice. So text is decoded by what it is, repaired, and only then
read, without entities, network or document types. What still is no XML is read as far as it goes.
"""

import re
from enum import Enum
from html import escape

from lxml import etree

from bingjian.protocols.errors import PeerError

BODY_LIMIT = 8 * 1024 * 1024  # bytes; longer: PeerError. 10 000 items, the most that one message may hold
TAG_LIMIT = 800_000  # "<" in one message; more: PeerError. The same items with 40 elements each
TEXT_LIMIT = 4096  # characters of one value that we keep

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
# Every character that XML 1.0 forbids (§2.2), and lone surrogates
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)")
_REFERENCE = re.compile(r"&#(?:x([0-9a-f]{1,6})|([0-9]{1,7}));", re.IGNORECASE)
_ADDRESS_LINE = re.compile(r"^[ \t]*<Address\b.*$", re.MULTILINE | re.IGNORECASE)


class Charset(Enum):
    """How a device wants its text. The first is the most widely understood."""

    GB = ("gb18030", "GB2312")  # encoding, and what is declared
    GB18030 = ("gb18030", "GB18030")
    UTF8 = ("utf-8", "UTF-8")


def decode(body: bytes) -> str:
    """By a byte order mark, else UTF-8 if it can be that, else GB 18030, which holds GBK and GB 2312."""
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("gb18030", "replace")


def charset_of(body: bytes) -> Charset | None:
    """What a device really sends, to answer it alike; None if it was plain ASCII and tells nothing."""
    if body.isascii():
        return None
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return Charset.GB
    return Charset.UTF8


def repaired(text: str) -> str:
    """Without what no XML may hold, and from the first tag to the last."""
    text = _ILLEGAL.sub("", text)
    text = text[text.find("<") : text.rfind(">") + 1] if "<" in text else ""
    if "&" not in text:
        return text
    return _BARE_AMPERSAND.sub("&amp;", _REFERENCE.sub(_resolved, text))


def _resolved(found: re.Match[str]) -> str:
    """A character reference as its character; empty where XML forbids that."""
    code = int(found[1], 16) if found[1] else int(found[2])
    character = chr(code) if code <= 0x10FFFF else ""
    return escape(_ILLEGAL.sub("", character), quote=False)


def read(body: bytes) -> "etree._Element":
    """The root element; what its first line declares is not looked at.

    Raises:
        PeerError: there is none, or more than a message may hold.
    """
    if len(body) > BODY_LIMIT:
        raise PeerError(f"a MANSCDP message is longer than {BODY_LIMIT} bytes")
    text = repaired(decode(body))
    if text.count("<") > TAG_LIMIT:
        raise PeerError("a MANSCDP message has too many elements")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise PeerError("a MANSCDP message with a document type")
    for attempt, forgive in ((text, False), (_ADDRESS_LINE.sub("", text), False), (text, True)):
        root = _parsed(attempt, forgive)
        if root is not None:
            return root
    raise PeerError("a MANSCDP message that is no XML")


def _parsed(text: str, forgive: bool) -> "etree._Element | None":
    parser = etree.XMLParser(
        encoding="utf-8",
        recover=forgive,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
    try:
        return etree.fromstring(text.encode("utf-8"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def write(root: "etree._Element", charset: Charset) -> bytes:
    """The body, with its declaration."""
    encoding, declared = charset.value
    text = etree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="{declared}"?>\r\n{text}\r\n'.encode(encoding)


def legal(value: str) -> str:
    """A value of ours as XML can hold it."""
    return _ILLEGAL.sub("", value)
