"""tlog-proof: read as written, believed only as it is, and never a surprise."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bingjian.tlog import proof as proofs
from bingjian.tlog import tree
from bingjian.tlog.checkpoint import Checkpoint
from bingjian.tlog.note import NoteBroken, Signer
from bingjian.tlog.proof import Proof
from tests.unit.tlog.test_tree import nodes_of

LOG = Signer("example.com/log", b"l" * 32)
ENTRIES = [str(number).encode() for number in range(11)]
NODE = nodes_of([tree.leaf_hash(entry) for entry in ENTRIES])
HEAD = Checkpoint("example.com/log", 11, tree.root_of(11, NODE))


def proof_of(index: int, extra: bytes | None = None) -> Proof:
    path = tuple(tree.inclusion_proof(index, 11, NODE))
    return Proof(index, path, str(HEAD.signed(LOG)), extra)


@pytest.mark.parametrize("index", range(11))
@pytest.mark.parametrize("extra", [None, b"", b"\0opening"])
def test_every_entry_is_shown_to_be_there(index: int, extra: bytes | None) -> None:
    proof = proof_of(index, extra)
    assert proofs.parse(str(proof).encode()) == proof
    assert proofs.check(proof, ENTRIES[index], [LOG.verifier()])[0] == HEAD


def test_its_text_is_that_of_the_specification() -> None:
    first, extra, index, *path = str(proof_of(3, b"more")).split("\n\n")[0].split("\n")
    assert (first, extra, index, len(path)) == ("c2sp.org/tlog-proof@v1", "extra bW9yZQ==", "index 3", 4)


def test_another_entry_another_index_another_log_are_not_believed() -> None:
    with pytest.raises(tree.ProofBroken):
        proofs.check(proof_of(3), ENTRIES[4], [LOG.verifier()])
    moved = Proof(4, proof_of(3).path, str(HEAD.signed(LOG)))
    with pytest.raises(tree.ProofBroken):
        proofs.check(moved, ENTRIES[3], [LOG.verifier()])
    with pytest.raises(NoteBroken):
        proofs.check(proof_of(3), ENTRIES[3], [Signer("example.com/log", b"x" * 32).verifier()])


def test_every_changed_byte_outside_the_extra_is_noticed() -> None:
    data = str(proof_of(3)).encode()
    for at in range(len(data)):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        with pytest.raises((NoteBroken, tree.ProofBroken)):
            proofs.check(proofs.parse(changed), ENTRIES[3], [LOG.verifier()])


def test_no_path_is_longer_than_any_tree_is_high() -> None:
    long = Proof(3, (bytes(32),) * 63, str(HEAD.signed(LOG)))
    assert proofs.parse(str(long).encode()) == long
    with pytest.raises(NoteBroken, match="no list of hashes"):
        proofs.parse(str(Proof(3, (bytes(32),) * 64, long.checkpoint)).encode())


GOOD = str(proof_of(3, b"more"))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "\n\n",
            GOOD.replace("@v1", "@v2"),
            GOOD.replace("index 3", "index 03"),
            GOOD.replace("index", "Index"),
        ),
        *(GOOD.replace("extra bW9yZQ==\n", "extra bW9yZQ\n"), GOOD.replace("index 3\n", ""), "a" * 300_000),
        *(
            GOOD.replace("index 3\n", "index 3\nAAAA\n"),
            GOOD.replace("index 3\n", "index 3\n" + "A" * 43 + "=\n" * 64),
        ),
        GOOD.replace("\n\n", "\n"),
    ],
)
def test_what_is_no_proof_is_refused(text: str) -> None:
    with pytest.raises((NoteBroken, tree.ProofBroken)):
        proofs.check(proofs.parse(text.encode()), ENTRIES[3], [LOG.verifier()])


@given(
    st.binary(max_size=100) | st.text().map(lambda text: GOOD.replace("index", text).encode(errors="replace"))
)
def test_any_bytes_are_a_proof_or_raise_its_own_error(data: bytes) -> None:
    with contextlib.suppress(NoteBroken, tree.ProofBroken):
        proofs.check(proofs.parse(data), b"", [LOG.verifier()])
