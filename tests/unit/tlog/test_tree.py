"""RFC 6962 hashing against the vectors that every Certificate Transparency log is tested with."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from bingjian.tlog import tree

# certificate-transparency, merkle_tree_test: leaves, and the root over the first n of them.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        *("", "00", "10", "2021", "3031", "40414243", "5051525354555657"),
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(1, 9))
def test_root(size):
    assert tree.root(LEAVES[:size]).hex() == ROOTS[size - 1]


def test_empty_tree():
    assert tree.root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_growing_tree_has_every_root_on_its_way():
    stack = tree.Stack()
    for size, leaf in enumerate(LEAVES):
        stack.append(leaf)
        assert (stack.size, stack.root().hex()) == (size + 1, ROOTS[size])


# ---- proofs ------------------------------------------------------------------------------------------------

A, B, C = (
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
)
D, E, F = (
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
)
# certificate-transparency, merkle_tree_test: leaf, size, path; older size, size, path.
INCLUSION = [
    (0, 1, []),
    (0, 8, [A, B, C]),
    (5, 8, [D, E, ROOTS[3]]),
    (2, 3, [ROOTS[1]]),
    (1, 5, [ROOTS[0], B, D]),
]
CONSISTENCY = [(1, 1, []), (1, 8, [A, B, C]), (6, 8, [F, E, ROOTS[3]]), (2, 5, [B, D])]
SIZES = range(1, 301)


def nodes_of(hashes: list[bytes]) -> tree.NodeAt:
    """Every complete subtree of these leaves, computed once."""
    levels = [hashes]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([tree.node_hash(*below[at : at + 2]) for at in range(0, len(below) - 1, 2)])
    return lambda height, index: levels[height][index]


SOME = nodes_of([tree.leaf_hash(leaf) for leaf in LEAVES])


@pytest.mark.parametrize(("index", "size", "path"), INCLUSION)
def test_inclusion_proof(index: int, size: int, path: list[str]) -> None:
    found = tree.inclusion_proof(index, size, SOME)
    assert [one.hex() for one in found] == path
    tree.check_inclusion(tree.leaf_hash(LEAVES[index]), index, size, found, bytes.fromhex(ROOTS[size - 1]))


@pytest.mark.parametrize(("old", "size", "path"), CONSISTENCY)
def test_consistency_proof(old: int, size: int, path: list[str]) -> None:
    found = tree.consistency_proof(old, size, SOME)
    assert [one.hex() for one in found] == path
    tree.check_consistency(old, bytes.fromhex(ROOTS[old - 1]), size, bytes.fromhex(ROOTS[size - 1]), found)


def defined_root(leaves: list[bytes]) -> bytes:
    """MTH as RFC 6962 §2.1 defines it."""
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return tree.node_hash(defined_root(leaves[:k]), defined_root(leaves[k:]))


def defined_growth(old: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    """SUBPROOF as RFC 6962 §2.1.2 defines it."""
    if old == len(leaves):
        return [] if whole else [defined_root(leaves)]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    if old <= k:
        return [*defined_growth(old, leaves[:k], whole), defined_root(leaves[k:])]
    return [*defined_growth(old - k, leaves[k:], whole=False), defined_root(leaves[:k])]


def test_equal_to_a_second_implementation_for_every_size() -> None:
    """Roots and all inclusion proofs of 1 to 300 leaves. Its consistency proofs have another form."""
    leaves = [str(number).encode() for number in SIZES]
    other = InmemoryTree.init_from_entries(leaves, algorithm="sha256")
    node = nodes_of([tree.leaf_hash(leaf) for leaf in leaves])
    for size in SIZES:
        assert tree.root_of(size, node) == other.get_root(size)
        for index in range(size):
            theirs = other.prove_inclusion(index + 1, size).serialize()["path"]
            assert [one.hex() for one in tree.inclusion_proof(index, size, node)] == theirs[1:]


@pytest.mark.parametrize("size", [*range(1, 65), 100, 127, 128, 129, 200, 255, 256, 257, 299, 300])
def test_growth_is_proven_as_the_definition_says(size: int) -> None:
    leaves = [tree.leaf_hash(str(number).encode()) for number in range(size)]
    node = nodes_of(leaves)
    for old in range(1, size + 1):
        assert tree.consistency_proof(old, size, node) == defined_growth(old, leaves)


def test_growth_holds_between_all_sizes() -> None:
    node = nodes_of([tree.leaf_hash(str(number).encode()) for number in SIZES])
    roots = [tree.root_of(size, node) for size in range(301)]
    for size in SIZES:
        for old in range(1, size + 1):
            path = tree.consistency_proof(old, size, node)
            tree.check_consistency(old, roots[old], size, roots[size], path)


hashes = st.binary(min_size=32, max_size=32)


@given(st.integers(1, 300), st.data())
def test_only_the_right_proof_is_believed(size: int, data: st.DataObject) -> None:
    leaves = [tree.leaf_hash(str(number).encode()) for number in range(size)]
    node, root = nodes_of(leaves), tree.root_of(size, nodes_of(leaves))
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    path, growth = tree.inclusion_proof(index, size, node), tree.consistency_proof(old, size, node)
    old_root = tree.root_of(old, node)
    tree.check_inclusion(leaves[index], index, size, path, root)
    tree.check_consistency(old, old_root, size, root, growth)
    for wrong in spoilt(path, data.draw(hashes)):
        with pytest.raises(tree.ProofBroken):
            tree.check_inclusion(leaves[index], index, size, wrong, root)
    for wrong in spoilt(growth, data.draw(hashes)):
        with pytest.raises(tree.ProofBroken):
            tree.check_consistency(old, old_root, size, root, wrong)
    with pytest.raises(tree.ProofBroken):
        tree.check_consistency(old, data.draw(hashes), size, root, growth)


def spoilt(path: list[bytes], other: bytes) -> list[list[bytes]]:
    """Each hash another, left out, or doubled; one more behind."""
    found = [[*path, other]]
    for at in range(len(path)):
        found += [[*path[:at], other, *path[at + 1 :]], [*path[:at], *path[at + 1 :]]]
    return found


@given(st.integers(-1, 70), st.integers(-1, 70), hashes, hashes, st.lists(hashes, max_size=10))
def test_any_sizes_and_paths_raise_one_error_at_most(
    one: int, other: int, first: bytes, second: bytes, path: list[bytes]
) -> None:
    with contextlib.suppress(tree.ProofBroken):
        tree.check_consistency(one, first, other, second, path)
    with contextlib.suppress(tree.ProofBroken):
        tree.check_inclusion(first, one, other, path, second)


def test_what_is_not_in_the_tree_has_no_proof() -> None:
    for index, size in ((-1, 3), (3, 3)):
        with pytest.raises(ValueError, match="not in a tree"):
            tree.inclusion_proof(index, size, SOME)
    with pytest.raises(ValueError, match="does not come before"):
        tree.consistency_proof(4, 3, SOME)
    assert tree.root_of(0, SOME) == tree.EMPTY_ROOT
