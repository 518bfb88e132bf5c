"""A held segment that no volume knows any more: what its copies alone say of it (R27.5).

All of it is proven by the segment's root, so an answer once found stays right and is remembered.
"""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from bingjian.formats import mp4, mp4_reader
from bingjian.formats.access_unit import FormatError
from bingjian.recording.proven import ProvenReader, Unproven, proof_of
from bingjian.recording.segment import Identity


class Head(NamedTuple):
    """What its catalogue row would say."""

    identity: Identity
    size_bytes: int
    mime: str
    init_sha: bytes


@lru_cache(maxsize=4096)  # a fortnight, 1 KiB each
def head(files: tuple[Path, ...], root: bytes) -> Head:
    """By the first file that has its beginning. Raises Unproven."""
    proof = proof_of(files, root)
    try:
        init = mp4_reader.read_init(ProvenReader(proof).read(0, proof.entries[0].length))
        sha = sha256(mp4.init_segment(init.tracks)).digest()
    except FormatError as wrong:
        raise Unproven(f"its beginning is no init segment: {wrong}") from wrong
    identity = Identity.unpack(init.identity)
    if identity is None:
        raise Unproven("its moov does not say whose it is")
    return Head(identity, proof.size_bytes, mp4.mime_type(init.tracks), sha)


@lru_cache(maxsize=8192)  # a month
def runs(files: tuple[Path, ...], root: bytes, joined_90k: int) -> tuple[tuple[int, int], ...]:
    """From when to when it has footage, by start; holes up to ``joined_90k`` closed. Raises Unproven."""
    found: list[tuple[int, int]] = []
    for entry in proof_of(files, root).entries[1:]:
        if found and entry.start_90k - found[-1][1] <= joined_90k:
            found[-1] = found[-1][0], max(found[-1][1], entry.end_90k)
        else:
            found.append((entry.start_90k, entry.end_90k))
    return tuple(found)
