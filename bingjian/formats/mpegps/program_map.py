"""The program stream map (§2.5.4): which elementary stream is of which type."""

from collections.abc import Mapping

from bingjian.formats.mpegps.syntax import MAP, PRIVATE_1, START, crc32

SIZE_LIMIT = 1024  # bytes after the length field; the specification allows 1018, more is a lie
HEAD = 10  # bytes before the descriptors of the program


def read(buffer: bytes, at: int, end: int) -> dict[int, int]:
    """Stream types by stream id, of the map from ``at`` (its start code) to ``end``; empty if unreadable.

    Only the map's own length is believed. Cameras write wrong lengths of the entries' table and of
    descriptors, and wrong checksums, so none of these is looked at more than it must.
    """
    descriptors = int.from_bytes(buffer[at + 8 : at + HEAD])
    types = _entries(buffer, at + HEAD + descriptors + 2, end)
    return types or _entries(buffer, at + HEAD + 2, end)


def _entries(buffer: bytes, at: int, end: int) -> dict[int, int]:
    """As many entries as make sense: type, stream id, length of descriptors, descriptors."""
    types = dict[int, int]()
    while at + 4 <= end - 4 and buffer[at + 1] >= PRIVATE_1:  # the last 4 bytes are the checksum
        types[buffer[at + 1]] = buffer[at]
        at += 4 + int.from_bytes(buffer[at + 2 : at + 4])
    return types


def build(types: Mapping[int, int]) -> bytes:
    """A whole map, version 0, without descriptors."""
    entries = b"".join(bytes((kind, stream_id, 0, 0)) for stream_id, kind in types.items())
    body = b"\xe0\xff\0\0" + len(entries).to_bytes(2) + entries
    whole = START + bytes((MAP,)) + (len(body) + 4).to_bytes(2) + body
    return whole + crc32(whole).to_bytes(4)
