"""The index of a segment: 64 bytes for its init segment, then 64 for every fragment, appended as they are
stored.

    offset  size  field
         0     8  start_90k          UTC since 1970 in 1/90000 s, of the first presented picture
         8     4  duration_90k
        12     4  length             bytes of the fragment, ``moof`` and ``mdat``
        16     8  offset             of its first byte in the segment file
        24     4  flags              1 sync, 2 damaged, 4 rebuilt
        28     4  clock_offset_ms    signed: the camera's clock minus ours
        32    32  sha256             of those bytes, taken in memory before they were written

Big-endian. Entry 0 covers ``ftyp moov``: offset 0, duration 0, and the start of the segment. The bytes of
an entry are also its Merkle leaf. Source: docs/recording.md."""

from collections.abc import Iterator
from struct import Struct
from typing import NamedTuple

from bingjian.recording.segment import CLOSE_90K

LAYOUT = Struct(">QIIQIi32s")
ENTRY_BYTES = LAYOUT.size
assert ENTRY_BYTES == 64

SYNC = 1  # starts with a key frame: a place to seek to
DAMAGED = 2  # holds pictures that lost packets, or build on such
REBUILT = 4  # made at start-up from what was on disk: its hash proves nothing about the time before

LATEST_90K = 1 << 62  # the year 1 625 000: later is damage, and would not fit a catalogue
MAX_OFFSET_MS = 2**31 - 1  # 24 days; a camera's clock that is further off is just wrong


class Entry(NamedTuple):
    """One fragment of a segment, or with number 0 its init segment."""

    start_90k: int
    duration_90k: int
    length: int
    offset: int
    flags: int
    clock_offset_ms: int
    sha256: bytes

    @property
    def end_90k(self) -> int:
        return self.start_90k + self.duration_90k

    @property
    def end(self) -> int:
        """Offset of the first byte behind it."""
        return self.offset + self.length

    @property
    def sync(self) -> bool:
        return bool(self.flags & SYNC)

    @property
    def damaged(self) -> bool:
        return bool(self.flags & DAMAGED)


def pack(entry: Entry) -> bytes:
    return LAYOUT.pack(*entry)


def entries_of(index: bytes) -> Iterator[Entry]:
    """All whole entries, oldest first; what is behind the last whole one is a torn write and ignored."""
    whole = len(index) - len(index) % ENTRY_BYTES
    return map(Entry._make, LAYOUT.iter_unpack(memoryview(index)[:whole]))


def sound_prefix(index: bytes, file_size: int) -> list[Entry]:
    """The entries up to the first that does not follow from the one before, or lies outside the file.

    Every later entry begins where the one before ends, starts no earlier than it, and no later than a segment
    may go on after its first.
    """
    sound: list[Entry] = []
    start_90k, offset, last_90k = 0, 0, LATEST_90K
    for entry in entries_of(index):
        if entry.offset != offset or entry.end > file_size or not entry.length:
            break
        if not start_90k <= entry.start_90k <= last_90k or entry.duration_90k > CLOSE_90K:
            break
        if not sound:
            last_90k = entry.start_90k + CLOSE_90K
        sound.append(entry)
        start_90k, offset = entry.start_90k, entry.end
    return sound


def clamped_offset_ms(milliseconds: int) -> int:
    """A clock offset that fits its field."""
    return max(-MAX_OFFSET_MS, min(milliseconds, MAX_OFFSET_MS))
