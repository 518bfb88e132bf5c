"""Merkle tree hashing (RFC 6962 §2.1): leaves and nodes are hashed under different prefixes, so that
neither can pass for the other."""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    return sha256(b"\0" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


class Stack:
    """A tree that grows at the right: it holds one hash for each complete subtree, log₂ n of them."""

    def __init__(self) -> None:
        self.size = 0  # leaves
        self._subtrees: list[bytes] = []  # roots of complete subtrees, largest first

    def append(self, leaf: bytes) -> None:
        """Add a leaf (its bytes, not its hash)."""
        subtree = leaf_hash(leaf)
        complete = self.size
        while complete & 1:  # a subtree of this height stands there already: the two make a higher one
            subtree = node_hash(self._subtrees.pop(), subtree)
            complete >>= 1
        self._subtrees.append(subtree)
        self.size += 1

    def root(self) -> bytes:
        """The tree's root hash; the hash of nothing while it is empty."""
        if not self._subtrees:
            return EMPTY_ROOT
        *lefts, root = self._subtrees
        for left in reversed(lefts):
            root = node_hash(left, root)
        return root


def root(leaves: Iterable[bytes]) -> bytes:
    """The root over these leaves (their bytes, not their hashes)."""
    stack = Stack()
    for leaf in leaves:
        stack.append(leaf)
    return stack.root()


# ---- proofs ------------------------------------------------------------------------------------------------

NodeAt = Callable[[int, int], bytes]
"""The root of a complete subtree: of the 2^height leaves that begin at leaf ``index``·2^height."""


class ProofBroken(Exception):
    """The proof does not show what it is said to show."""


def _split(count: int) -> int:
    """The largest power of two below ``count`` (RFC 6962: k)."""
    return 1 << (count - 1).bit_length() - 1


def range_hash(first: int, end: int, node: NodeAt) -> bytes:
    """MTH of the leaves first…end-1, where ``first`` is a multiple of the power of two that spans them."""
    count = end - first
    if count & (count - 1) == 0:
        height = count.bit_length() - 1
        return node(height, first >> height)
    middle = first + _split(count)
    return node_hash(range_hash(first, middle, node), range_hash(middle, end, node))


def root_of(size: int, node: NodeAt) -> bytes:
    """The root over the first ``size`` leaves."""
    return range_hash(0, size, node) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, node: NodeAt) -> list[bytes]:
    """PATH(index, D[size]) of RFC 6962 §2.1.1: from the leaf's sibling up to the root's child."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    path, first, end = list[bytes](), 0, size
    while end - first > 1:
        middle = first + _split(end - first)
        if index < middle:
            path.append(range_hash(middle, end, node))
            end = middle
        else:
            path.append(range_hash(first, middle, node))
            first = middle
    return path[::-1]


def consistency_proof(old: int, size: int, node: NodeAt) -> list[bytes]:
    """PROOF(old, D[size]) of RFC 6962 §2.1.2; nothing where one tree is empty or both are the same."""
    if not 0 <= old <= size:
        raise ValueError(f"a tree of {old} does not come before one of {size}")
    if old in (0, size):
        return []
    path, first, end, whole = list[bytes](), 0, size, True
    while old != end:
        middle = first + _split(end - first)
        if old <= middle:
            path.append(range_hash(middle, end, node))
            end = middle
        else:
            path.append(range_hash(first, middle, node))
            first, whole = middle, False
    if not whole:  # the verifier has the old root only if it spans everything on the left
        path.append(range_hash(first, end, node))
    return path[::-1]


def check_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """That the leaf with this hash is entry ``index`` of the tree. Raises ProofBroken.

    Source: RFC 9162 §2.1.3.2.
    """
    if not 0 <= index < size:
        raise ProofBroken(f"entry {index} is not in a tree of {size}")
    number, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise ProofBroken("the path is too long")
        if number & 1 or number == last:
            found = node_hash(sibling, found)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        number, last = number >> 1, last >> 1
    if last != 0:
        raise ProofBroken("the path is too short")
    if found != root:
        raise ProofBroken("the path does not lead to the root")


def check_consistency(old: int, old_root: bytes, size: int, new_root: bytes, path: Sequence[bytes]) -> None:
    """That the tree of ``old`` leaves is how the tree of ``size`` began. Raises ProofBroken.

    Source: RFC 9162 §2.1.4.2.
    """
    if not 0 <= old <= size:
        raise ProofBroken(f"a tree of {size} is smaller than one of {old}")
    if old in (0, size):
        if path:
            raise ProofBroken("nothing is to be proven, but there is a path")
        if (old == 0 and old_root != EMPTY_ROOT) or (old == size and old_root != new_root):
            raise ProofBroken("two trees of the same size have different roots")
        return
    _check_growth(old, old_root, size, new_root, list(path))


def _check_growth(old: int, old_root: bytes, size: int, new_root: bytes, path: list[bytes]) -> None:
    if old & (old - 1) == 0:  # the old tree is complete: its root is where the path begins
        path.insert(0, old_root)
    if not path:
        raise ProofBroken("the path is empty")
    number, last = old - 1, size - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    before = after = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofBroken("the path is too long")
        if number & 1 or number == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        number, last = number >> 1, last >> 1
    if last != 0:
        raise ProofBroken("the path is too short")
    if before != old_root or after != new_root:
        raise ProofBroken("the path does not lead to both roots")
