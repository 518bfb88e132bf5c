"""Footage goes only by a receipt of retention's, and then completely, whatever interrupts it."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bingjian.clock import instant_of
from bingjian.entries import RemovalReceipt, receipt_payload
from bingjian.recording import presence, reader, removal
from bingjian.recording.catalogue import Catalogue
from bingjian.recording.cause import Cause
from bingjian.recording.segment import index_path
from bingjian.recording.volume import Volume
from tests.unit.recording.footage import CAMERA, recorder, seconds, video, video_config

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
PUBLIC = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def rfc3339(ticks_90k: int) -> str:
    return instant_of(ticks_90k).isoformat(timespec="microseconds").replace("+00:00", "Z")


def receipt_for(one: reader.Segment, **changes: str) -> RemovalReceipt:
    """As retention makes it."""
    receipt = RemovalReceipt(
        actor="retention",
        camera=str(one.camera),
        segment=str(one.id),
        volume=str(one.volume),
        start=rfc3339(one.start_90k),
        end=rfc3339(one.end_90k),
        root=(one.root or b"").hex(),
        rule="R28.1",
        retain_until=rfc3339(one.end_90k),
        at=rfc3339(one.end_90k),
        signature="",
    )
    receipt = replace(receipt, **changes)
    return replace(receipt, signature=KEY.sign(receipt_payload(receipt)).hex())


@pytest.fixture
async def recorded(volume, clock):
    """Two closed segments and one that is open, of twelve seconds in all."""
    one = recorder(volume, clock)
    one.set_tracks((video_config(),))
    one.write(video(0, 4))
    one.set_tracks((video_config(wide=16),))
    one.write(video(4, 4))
    one.set_tracks((video_config(),))
    one.write(video(8, 4))
    await volume.settled()
    return volume


def segments(volume: Volume) -> list[reader.Segment]:
    return reader.segments([volume], CAMERA, seconds(0), seconds(60))


@contextmanager
def catalogue_of(volume: Volume) -> Iterator[Catalogue]:
    catalogue = volume.own_catalogue()
    yield catalogue
    catalogue.close()


def remove(volume: Volume, *receipts: RemovalReceipt, public_key: bytes = PUBLIC) -> removal.Outcome:
    with catalogue_of(volume) as catalogue:
        return removal.remove(volume.path, volume.id, catalogue, volume.storage, receipts, public_key)


def files(one: reader.Segment) -> list[bool]:
    return [path.exists() for path in (one.path, index_path(one.path))]


async def test_R28_1_a_receipt_removes_its_segment_and_nothing_else(recorded):
    first, second, _ = segments(recorded)
    with catalogue_of(recorded) as catalogue:
        used = catalogue.used_bytes()
    assert remove(recorded, receipt_for(first)) == ([str(first.id)], [])
    assert (files(first), files(second)) == ([False, False], [True, True])
    assert segments(recorded)[0].id == second.id
    with catalogue_of(recorded) as catalogue:
        assert used - catalogue.used_bytes() == first.size_bytes + 64 * 5


async def test_what_is_removed_is_missing_because_its_term_ended(recorded):
    first, *_ = segments(recorded)
    remove(recorded, receipt_for(first))
    spans = presence.spans([recorded], CAMERA, seconds(0), seconds(8))
    assert [(s.start_90k, s.end_90k, s.kind, s.cause) for s in spans] == [
        (seconds(0), seconds(4), "missing", Cause.EXPIRED),
        (seconds(4), seconds(8), "present", None),
    ]


async def test_the_same_receipt_again_changes_nothing(recorded):
    first, *_ = segments(recorded)
    remove(recorded, receipt_for(first))
    with catalogue_of(recorded) as catalogue:
        used = catalogue.used_bytes()
        assert remove(recorded, receipt_for(first)) == ([str(first.id)], [])
        assert catalogue.used_bytes() == used


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"root": "00" * 32}, "other bytes"),
        ({"volume": str(uuid4())}, "another volume"),
        ({"segment": str(uuid4())}, "no such closed segment"),
        ({"camera": str(uuid4())}, "no such closed segment"),
        ({"camera": "x"}, "does not say which"),
        ({"start": "yesterday"}, "does not say which"),
    ],
)
async def test_R31_6_a_receipt_for_something_else_removes_nothing(recorded, change, reason):
    first, *_ = segments(recorded)
    removed, refused = remove(recorded, receipt_for(first, **change))
    assert removed == []
    assert reason in refused[0].reason
    assert files(first) == [True, True]


async def test_R31_6_a_receipt_that_retention_did_not_sign_removes_nothing(recorded):
    first, *_ = segments(recorded)
    good = receipt_for(first)
    stranger = Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    assert remove(recorded, good, public_key=stranger).removed == []
    for bad in (replace(good, retain_until="2020-01-01T00:00:00.000000Z"), replace(good, signature="zz")):
        assert "signature" in remove(recorded, bad).refused[0].reason
    assert files(first) == [True, True]


async def test_an_open_segment_cannot_be_removed(recorded):
    newest = segments(recorded)[-1]
    assert not newest.closed
    assert "no such closed segment" in remove(recorded, receipt_for(newest)).refused[0].reason
    assert newest.path.exists()


@pytest.mark.parametrize("what", ["unlink", "sync_directory"])
async def test_an_interrupted_removal_is_completed_when_the_volume_is_opened(recorded, disk, what):
    first, *_ = segments(recorded)
    disk.broken[what] = errno.EIO
    with pytest.raises(OSError, match="Input/output error"):
        remove(recorded, receipt_for(first))
    assert first.id not in [one.id for one in segments(recorded)], "gone is gone"
    disk.broken.clear()
    recorded.close()
    again = Volume.open(recorded.path, storage=disk)
    assert files(first) == [False, False]
    with catalogue_of(again) as catalogue:
        assert catalogue.removal_queue() == []
    again.close()


def test_nothing_else_unlinks_footage():
    """R27.4: there is no other code path."""
    root = Path(removal.__file__).parents[1]
    callers = {path.relative_to(root) for path in root.rglob("*.py") if "storage.unlink(" in path.read_text()}
    assert callers == {Path("recording/removal.py")}
