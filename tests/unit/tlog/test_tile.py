"""Tiles: their names as the specification writes them, and a tree read back out of them."""

import contextlib
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bingjian.tlog import tile, tree
from bingjian.tlog.tile import ENTRIES, Tile, TileBroken, TileHashes, tiles_between


@pytest.mark.parametrize(
    ("one", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(1, 1234067), "tile/1/x001/x234/067"),  # the specification's example
        (Tile(0, 273, 112), "tile/0/273.p/112"),
        (Tile(ENTRIES, 1000, 1), "tile/entries/x001/000.p/1"),
        (Tile(63, 999, 255), "tile/63/999.p/255"),
    ],
)
def test_path(one: Tile, path: str) -> None:
    assert one.path == path
    assert Tile.of_path(path) == one


@pytest.mark.parametrize(
    "path",
    [
        *(
            "",
            "tile",
            "tile/0",
            "tile/0/",
            "tile/0/1",
            "tile/0/0000",
            "tile/00/000",
            "tile/64/000",
            "/tile/0/000",
        ),
        *(
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/0/000.p/",
            "tile/0/x000/001",
            "tile/-1/000",
        ),
        *("tile/0/001/002", "tile/0/x001/x002", "tile/0/../000", "tile/0/000\n", "tile/0/٠٠٠"),
    ],
)
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(TileBroken):
        Tile.of_path(path)


@given(st.text() | st.from_regex(r"tile/\w+/[x/0-9]+(\.p/\d+)?", fullmatch=True))
def test_any_text_is_a_path_or_raises_its_own_error(text: str) -> None:
    with contextlib.suppress(TileBroken):
        assert Tile.of_path(text).path == text


def test_the_tiles_of_the_specifications_example() -> None:
    of_entries = [one for one in tiles_between(0, 70_000) if one.level == ENTRIES]
    tiles = [one for one in tiles_between(0, 70_000) if one.level >= 0]
    assert len(of_entries) == 274
    assert [(one.level, one.index, one.width) for one in tiles if one.width < 256] == [
        *((0, 273, 112), (1, 1, 17), (2, 0, 1))
    ]
    assert sum(one.level == 0 for one in tiles) == 274
    assert sum(one.level == 1 for one in tiles) == 2
    assert list(tiles_between(0, 256))[-1] == Tile(1, 0, 1)


@given(st.lists(st.integers(0, 200_000), min_size=1, max_size=5))
def test_growing_step_by_step_ends_with_all_tiles_of_the_whole(sizes: list[int]) -> None:
    steps, written = [0, *sorted(sizes)], set[Tile]()
    for old, size in itertools.pairwise(steps):
        written |= set(tiles_between(old, size))
    assert set(tiles_between(0, steps[-1])) <= written


def tiles_over(hashes: list[bytes]) -> dict[Tile, bytes]:
    """Every tile of the tree over these leaf hashes."""
    found = dict[Tile, bytes]()
    for one in tiles_between(0, len(hashes)):
        if one.level == 0:
            found[one] = b"".join(hashes[one.index * 256 : one.index * 256 + one.width])
        elif one.level > 0:
            below = (Tile(one.level - 1, one.index * 256 + at) for at in range(one.width))
            found[one] = b"".join(tile.fold(found[each]) for each in below)
    return found


LEAVES = [tree.leaf_hash(str(number).encode()) for number in range(70_000)]


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 65_535, 65_536, 65_537, 70_000])
def test_a_tree_out_of_its_tiles(size: int) -> None:
    stack = tree.Stack()
    for number in range(size):
        stack.append(str(number).encode())
    tiles = tiles_over(LEAVES[:size])
    node = TileHashes(size, tiles.__getitem__)
    assert tree.root_of(size, node) == stack.root()
    for index in {0, size // 3, size - 1}:
        path = tree.inclusion_proof(index, size, TileHashes(size, tiles.__getitem__))
        tree.check_inclusion(LEAVES[index], index, size, path, stack.root())


def test_a_tile_of_the_wrong_length_is_named() -> None:
    with pytest.raises(TileBroken, match=r"tile/0/000\.p/3 has 64 bytes"):
        tree.root_of(3, TileHashes(3, lambda _: bytes(64)))


def test_a_tile_that_a_tree_does_not_have() -> None:
    with pytest.raises(ValueError, match="has no tile"):
        tile.tile_in(256, 0, 1)


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_a_bundle_comes_apart_as_it_was_put_together(entries: list[bytes]) -> None:
    assert tile.entries_of(tile.bundle(entries), len(entries)) == entries


@given(st.binary(max_size=50), st.integers(0, 5))
def test_any_bundle_is_read_whole_or_refused(data: bytes, count: int) -> None:
    try:
        entries = tile.entries_of(data, count)
    except TileBroken:
        return
    assert tile.bundle(entries) == data


def test_an_entry_has_16_bits_of_length() -> None:
    assert tile.entries_of(tile.bundle([bytes(65_535)]), 1) == [bytes(65_535)]
    with pytest.raises(OverflowError):
        tile.bundle([bytes(65_536)])
