"""R27.5: which copies the holds area has, and what readers make of them."""

import asyncio
import json
import shutil
from uuid import UUID

import pytest

from bingjian.recording import extract, holds, key_frames, presence, reader
from bingjian.recording.catalogue import Address
from bingjian.recording.cause import Cause
from bingjian.recording.held import HeldCopies
from bingjian.recording.reader import ReadError
from bingjian.recording.segment import index_path
from bingjian.recording.volume import Volume
from bingjian.recording.volumes import Volumes
from tests.unit.recording.footage import CAMERA, GIB, recorder, seconds, video, video_config

HOLD = UUID("99999999-0000-4000-8000-000000000001")
OTHER = UUID("99999999-0000-4000-8000-000000000002")
EVER = 0, seconds(60)


@pytest.fixture
async def held(volume, clock):
    """Segments of 0–4 s and 4–8 s, and a hold over the second."""
    one = recorder(volume, clock)
    one.set_tracks((video_config(),))
    one.write(video(0, 4))
    await one.close()
    one = recorder(volume, clock)
    one.set_tracks((video_config(),))
    one.write(video(4, 4))
    await one.close()
    volumes = Volumes([volume])
    volumes.held = HeldCopies(volume.path.parent / "holds")
    await asyncio.to_thread(copy, volumes)
    return volumes


def copy(volumes, hold=HOLD, interval=(5, 6)):
    area = next(iter(volumes)).path.parent / "holds"
    wish = (seconds(interval[0]), seconds(interval[1]))
    copied = holds.copy(volumes, area, hold, CAMERA, wish, next(iter(volumes)).storage)
    volumes.held.refresh()
    return copied


def place(volumes, hold=HOLD):
    return next(iter(volumes)).path.parent / "holds" / str(hold)


def lose(one):
    one.path.unlink()
    index_path(one.path).unlink()


def damage(path, at=-5):
    path.chmod(0o600)
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def only_held(volumes):
    return reader.segments(volumes, CAMERA, seconds(5), seconds(6))[0]


def test_R27_5_a_held_segment_knows_its_copies_and_no_other_does(held):
    first, second = reader.segments(held, CAMERA, *EVER)
    assert (first.copies, second.copies) == ((), (place(held) / second.path.name,))
    assert reader.segment(held, second.address) == second
    assert reader.segments(list(held), CAMERA, *EVER)[1].copies == (), "no area, no copies"


def test_R27_5_nothing_in_the_area_is_touched_to_answer(held):
    """Reading what is not held, and finding what is, costs memory only."""
    shutil.rmtree(place(held))
    found = reader.segments(held, CAMERA, *EVER)
    assert len(found) == 2
    assert reader.entries(found[0])
    assert presence.spans(held, CAMERA, seconds(0), seconds(4))[0].recovered_from is None


def test_R27_5_while_all_is_well_no_question_is_added(held, volume, monkeypatch):
    """None for a segment that is held, and for a timeline two for the whole of it."""
    questions = []
    reading = Volume.reading
    monkeypatch.setattr(Volume, "reading", lambda one: questions.append(one) or reading(one))

    def counted(answer, *interval):
        numbers = []
        for volumes in (held, [volume]):
            questions.clear()
            answer(volumes, CAMERA, *map(seconds, interval))
            numbers.append(len(questions))
        return numbers

    assert counted(reader.segments, 0, 60) == [1, 1]
    assert counted(presence.spans, 0, 60) == [3, 1]
    assert counted(presence.spans, 0, 4) == [1, 1], "nothing is held there"


async def test_R27_5_what_another_volume_misses_is_in_the_copy(held, tmp_path, clock):
    """The volume with the original is gone; a hole inside the copy is told as well."""
    one = recorder(next(iter(held)), clock)
    one.set_tracks((video_config(),))
    one.write(video(20, 2))
    one.gap_begin(Cause.PACKET_LOSS, "", seconds(22))
    one.write(video(23, 2))
    await one.close()
    copy(held, OTHER, (20, 25))
    other = Volume.create(tmp_path / "other", size_bytes=GIB, reserve_bytes=0, clock=clock)
    catalogue = other.own_catalogue()
    with catalogue.transaction():
        catalogue.add_gap(CAMERA, Cause.DISCONNECTED, "", seconds(3), seconds(24))
    catalogue.close()
    left = Volumes([other])
    left.held = held.held
    found = presence.spans(left, CAMERA, seconds(2), seconds(26))
    other.close()
    assert [(one.start_90k, one.kind, one.cause, one.recovered_from) for one in found] == [
        (seconds(2), "missing", None, None),
        (seconds(3), "missing", Cause.DISCONNECTED, None),
        (seconds(4), "present", None, "hold"),
        (seconds(8), "missing", Cause.DISCONNECTED, None),
        (seconds(20), "present", None, "hold"),
        (seconds(22), "missing", Cause.DISCONNECTED, None),
        (seconds(23), "present", None, "hold"),
        (seconds(25), "missing", None, None),
    ]


async def test_R27_5_what_another_volume_has_is_an_original(held, tmp_path, clock):
    other = Volume.create(tmp_path / "other", size_bytes=GIB, reserve_bytes=0, clock=clock)
    one = recorder(other, clock)
    one.set_tracks((video_config(),))
    one.write(video(3, 3))
    await one.close()
    left = Volumes([other])
    left.held = held.held
    found = presence.spans(left, CAMERA, seconds(2), seconds(8))
    other.close()
    assert [(one.start_90k, one.recovered_from) for one in found if one.kind == "present"] == [
        (seconds(3), None),
        (seconds(6), "hold"),
    ]


def test_R27_5_without_a_row_a_segment_is_what_its_row_said(held):
    said = only_held(held)
    alone = Volumes([])
    alone.held = held.held
    found = only_held(alone)
    assert (found.id, found.volume, found.mime, found.init_sha) == (
        said.id,
        said.volume,
        said.mime,
        said.init_sha,
    )
    assert (found.start_90k, found.end_90k, found.size_bytes) == (
        said.start_90k,
        said.end_90k,
        said.size_bytes,
    )
    assert (found.root, found.epoch, found.closed) == (said.root, said.epoch, True)
    assert reader.segment(alone, said.address) == found
    assert reader.segment(alone, Address(CAMERA, said.start_90k, HOLD)) is None
    assert reader.cameras(alone) == [CAMERA]


def test_R27_5_any_file_of_a_segment_may_be_the_one_that_is_left(held):
    copy(held, OTHER)
    one = only_held(held)
    whole = one.path.read_bytes()
    lose(one)
    damage(one.copies[0])
    assert reader.read(one, 0, one.size_bytes) == whole
    damage(one.copies[1])
    with pytest.raises(ReadError, match="as they were written"):
        reader.read(one, 0, one.size_bytes)
    assert reader.read(one, 0, 1000) == whole[:1000], "the rest can be proven"


def test_R27_5_a_lost_neighbour_refuses_no_held_interval(held):
    for one in reader.segments(held, CAMERA, *EVER):
        lose(one)
    for form in (extract.clips, extract.downloads):
        (plan,) = form(held, CAMERA, seconds(5), seconds(6))
        assert all(piece.path is None or piece.proof is not None for piece in plan.pieces)
        with pytest.raises(ReadError):
            form(held, CAMERA, seconds(1), seconds(6))


def test_a_lost_file_leaves_its_steps_empty_and_no_others(held):
    first, _ = reader.segments(held, CAMERA, *EVER)
    index_path(first.path).unlink()
    found = key_frames.key_frames(held, CAMERA, seconds(0), seconds(8), 8)
    assert [step for frame in found.frames for step in frame.steps] == [4, 5, 6, 7]
    assert key_frames.key_frames(held, CAMERA, seconds(0), seconds(4), 4).frames == ()


def test_R27_5_the_timeline_tells_a_copy_from_an_original(held):
    def told():
        found = presence.spans(held, CAMERA, seconds(0), seconds(8))
        return [(one.start_90k, one.end_90k, one.kind, one.recovered_from) for one in found]

    assert told() == [(seconds(0), seconds(8), "present", None)]
    lose(only_held(held))
    assert told() == [
        (seconds(0), seconds(4), "present", None),
        (seconds(4), seconds(8), "present", "hold"),
    ]
    coarse = presence.coarse(presence.spans(held, CAMERA, seconds(0), seconds(8)), 90 * 60_000)
    assert [one.kind for one in coarse] == ["present"]


def test_R27_5_a_released_hold_shows_nothing(held):
    one = only_held(held)
    lose(one)
    held.held.release([OTHER])
    assert only_held(held).copies
    held.held.release([HOLD])
    assert only_held(held).copies == ()
    held.held.refresh()
    assert only_held(held).copies == (), "also after the next look"


def test_R27_5_a_hold_set_after_the_loss_copies_the_copy(held):
    one = only_held(held)
    lose(one)
    copied = copy(held, OTHER)
    assert (copied.segments, copied.missing) == (1, [])
    shutil.rmtree(place(held))
    held.held.refresh()
    assert len(reader.read(only_held(held), 0, one.size_bytes)) == one.size_bytes


def test_R27_5_a_damaged_copy_is_not_forgotten(held):
    """It counts no more, but its root stays known, and by it what is left of it."""
    one = only_held(held)
    head = one.path.read_bytes()[:1000]
    lose(one)
    damage(one.copies[0])
    assert copy(held).segments == 0
    assert reader.read(only_held(held), 0, 1000) == head


def test_R27_5_a_copy_is_made_anew_of_what_is_left_everywhere(held):
    """Original and copy are damaged, each in another place."""
    one = only_held(held)
    whole = one.path.read_bytes()
    damage(one.path, at=-5)
    damage(one.copies[0], at=20)
    assert copy(held).segments == 1
    assert one.copies[0].read_bytes() == whole


def test_R27_5_a_false_manifest_makes_no_other_false(held):
    copy(held, OTHER)
    said = json.loads((place(held) / "hold.json").read_text())
    said["copies"][0]["root"] = "00" * 32
    (place(held) / "hold.json").write_text(json.dumps(said))
    held.held.refresh()
    alone = Volumes([])
    alone.held = held.held
    one = only_held(alone)
    assert reader.read(one, 0, one.size_bytes) == only_held(held).path.read_bytes()
    assert [span.recovered_from for span in presence.spans(alone, CAMERA, seconds(4), seconds(8))] == ["hold"]


def test_R27_5_a_copy_that_was_exchanged_is_no_copy(held):
    """Whole in itself, but with another root than it had when it was made."""
    first, one = reader.segments(held, CAMERA, *EVER)
    target = one.copies[0]
    for source, exchanged in ((first.path, target), (index_path(first.path), index_path(target))):
        exchanged.unlink()
        shutil.copy(source, exchanged)
    lose(one)
    assert copy(held).segments == 0
    with pytest.raises(ReadError):
        reader.entries(only_held(held))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 2}', '{"format": 1, "hold": 7}'])
def test_a_manifest_that_cannot_be_read_hides_no_other_hold(held, text):
    place(held, OTHER).mkdir()
    (place(held, OTHER) / "hold.json").write_text(text)
    (place(held).parent / "a file").write_text("")
    held.held.refresh()
    assert len(only_held(held).copies) == 1


def test_a_manifest_names_files_of_its_own_directory_only(held):
    manifest = place(held) / "hold.json"
    said = json.loads(manifest.read_text())
    name = said["copies"][0]["name"]
    said["copies"][0]["name"] = f"../../volume/{name}"
    manifest.write_text(json.dumps(said))
    held.held.refresh()
    assert only_held(held).copies == (place(held) / name,)


def test_an_area_that_is_not_there_holds_nothing(tmp_path):
    for area in (None, tmp_path / "nowhere"):
        copies = HeldCopies(area)
        copies.refresh()
        assert copies.between(CAMERA, *EVER) == []
