"""Merkle tree hashing (RFC 6962 §2.1): leaves and nodes are hashed under different prefixes, so that
neither can pass for the other."""

from collections.abc import Iterable
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
