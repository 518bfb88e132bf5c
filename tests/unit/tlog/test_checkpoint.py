"""Checkpoints and cosignatures: the specifications' examples, and what is neither."""

import base64
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bingjian.tlog import checkpoint as checkpoints
from bingjian.tlog import cosignature, note
from bingjian.tlog.checkpoint import Checkpoint
from bingjian.tlog.note import COSIGNATURE, Note, NoteBroken, Signature, Signer
from bingjian.tlog.tree import EMPTY_ROOT

# C2SP tlog-cosignature, first example; its keys are not published
TEXT = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
EXAMPLE = TEXT + (
    "\n— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE"
    "+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1n"
    "PZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)
LOG = Signer("example.com/log", b"l" * 32)
WITNESS = Signer("example.com/witness", b"w" * 32)
HEAD = Checkpoint("example.com/log", 5, b"r" * 32)


def test_the_specifications_example_is_read() -> None:
    found = note.parse(EXAMPLE.encode())
    head = Checkpoint.of_text(found.text)
    assert (head.origin, head.size, head.text) == ("example.com/behind-the-sofa", 20_852_163, TEXT)
    assert str(found) == EXAMPLE
    assert cosignature.time_of(found.signatures[1]) == 1_679_315_147
    assert cosignature.message(TEXT, 1_679_315_147).decode() == "cosignature/v1\ntime 1679315147\n" + TEXT


def test_signed_and_opened() -> None:
    data = str(HEAD.signed(LOG)).encode()
    found, signed = checkpoints.opened(data, [LOG.verifier()])
    assert (found, signed.text) == (HEAD, HEAD.text)


def test_a_log_signs_for_its_own_origin_only() -> None:
    other = Checkpoint("example.com/other", 5, b"r" * 32)
    with pytest.raises(NoteBroken):
        checkpoints.opened(str(other.signed(LOG)).encode(), [LOG.verifier()])


def test_extension_lines_are_signed_too() -> None:
    head = Checkpoint("example.com/log", 0, EMPTY_ROOT, ("more", "and more"))
    assert checkpoints.opened(str(head.signed(LOG)).encode(), [LOG.verifier()])[0] == head


def test_nothing_has_one_root_only() -> None:
    head = Checkpoint("example.com/log", 0, b"r" * 32)
    with pytest.raises(NoteBroken, match="empty log"):
        checkpoints.opened(str(head.signed(LOG)).encode(), [LOG.verifier()])


ROOT = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "\n",
            "a\n",
            "a\n1\n",
            f"\n1\n{ROOT}\n",
            f"a\n01\n{ROOT}\n",
            f"a\n-1\n{ROOT}\n",
            f"a\n1.0\n{ROOT}\n",
        ),
        *(
            f"a\n٣\n{ROOT}\n",
            f"a\n{1 << 63}\n{ROOT}\n",
            f"a\n{'9' * 5000}\n{ROOT}\n",
            "a\n1\nAAAA\n",
            "a\n1\n?\n",
        ),
        *(f"a\n1\n{ROOT}\n\n", f"a\n1\n{ROOT}\n\nmore\n", f"a\n1\n{ROOT} \n"),
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteBroken):
        Checkpoint.of_text(text)


@given(st.text())
def test_any_text_is_a_checkpoint_or_raises_its_own_error(text: str) -> None:
    with contextlib.suppress(NoteBroken):
        Checkpoint.of_text(text)


def cosigned(*signatures: Signature) -> Note:
    return Note(HEAD.text, (*HEAD.signed(LOG).signatures, *signatures))


def test_a_cosignature_says_when() -> None:
    mine = cosignature.cosign(HEAD.text, 1_700_000_000, WITNESS)
    found = note.parse(str(cosigned(mine)).encode())
    assert cosignature.cosigned_at(found, WITNESS.verifier(COSIGNATURE)) == 1_700_000_000
    assert cosignature.cosigned_at(found, WITNESS.verifier()) is None
    assert cosignature.cosigned_at(found, LOG.verifier(COSIGNATURE)) is None


@pytest.mark.parametrize("at", [0, 7, 8, 71])
def test_a_changed_cosignature_is_none(at: int) -> None:
    mine = cosignature.cosign(HEAD.text, 1_700_000_000, WITNESS)
    data = mine.data[:at] + bytes([mine.data[at] ^ 0x80]) + mine.data[at + 1 :]
    with pytest.raises(NoteBroken):
        cosignature.cosigned_at(
            cosigned(Signature(mine.name, mine.key_id, data)), WITNESS.verifier(COSIGNATURE)
        )


def test_a_cosignature_of_another_length_is_none() -> None:
    mine = cosignature.cosign(HEAD.text, 1, WITNESS)
    for data in (b"", mine.data[:-1], mine.data + b"\0"):
        with pytest.raises(NoteBroken):
            cosignature.time_of(Signature(mine.name, mine.key_id, data))
