"""What a witness signs and what it doesn't, by the rules of tlog-witness."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bingjian.tlog import tree
from bingjian.tlog.checkpoint import Checkpoint
from bingjian.tlog.note import NoteBroken, Signer
from bingjian.tlog.witness import NotWitnessed, Request, judged, signatures_in
from tests.unit.tlog.test_tree import nodes_of

LOG = Signer("example.com/log", b"l" * 32)
LOGS = {"example.com/log": LOG.verifier()}
NODE = nodes_of([tree.leaf_hash(str(number).encode()) for number in range(300)])
OTHER = nodes_of([tree.leaf_hash(f"other {number}".encode()) for number in range(300)])


def head(size: int, node: tree.NodeAt = NODE) -> Checkpoint:
    return Checkpoint("example.com/log", size, tree.root_of(size, node))


def request(old: int, size: int, node: tree.NodeAt = NODE) -> Request:
    return Request(old, tuple(tree.consistency_proof(old, size, node)), str(head(size, node).signed(LOG)))


@pytest.mark.parametrize(("old", "size"), [(0, 0), (0, 5), (5, 5), (5, 6), (8, 300), (100, 257)])
def test_what_continues_is_signed(old: int, size: int) -> None:
    asked = request(old, size)
    assert Request.parse(str(asked).encode()) == asked
    assert judged(asked, LOGS, head(old) if old else None)[0] == head(size)


def refused(asked: Request, last: Checkpoint | None) -> NotWitnessed:
    with pytest.raises(NotWitnessed) as error:
        judged(asked, LOGS, last)
    return error.value


def test_each_refusal_has_its_status() -> None:
    unknown = Request(0, (), str(Checkpoint("other", 0, tree.EMPTY_ROOT).signed(Signer("other", bytes(32)))))
    unsigned = Request(0, (), str(head(5).signed(Signer("example.com/log", b"x" * 32))))
    assert refused(unknown, None).status == 404
    assert refused(unsigned, None).status == 403
    assert (refused(request(3, 9), None).status, refused(request(3, 9), None).size) == (409, 0)
    assert (refused(request(3, 9), head(5)).status, refused(request(3, 9), head(5)).size) == (409, 5)
    assert refused(Request(9, (), str(head(5).signed(LOG))), head(9)).status == 400
    assert refused(Request(0, (bytes(32),), str(head(5).signed(LOG))), None).status == 422
    assert refused(Request(5, (), str(head(9).signed(LOG))), head(5)).status == 422
    assert refused(request(5, 9, OTHER), head(5)).status == 422
    assert refused(request(5, 5, OTHER), head(5)).status == 422


def test_only_a_log_against_itself_is_evidence() -> None:
    for asked, last in (
        (request(5, 9, OTHER), head(5)),
        (request(5, 5, OTHER), head(5)),
        (request(0, 5, OTHER), head(5)),
        (request(0, 5), head(9)),
        (Request(9, (), str(head(5).signed(LOG))), head(9)),
    ):
        assert refused(asked, last).misled
    for asked, last in ((request(3, 9), head(5)), (request(0, 5), head(5)), (request(3, 9), None)):
        assert not refused(asked, last).misled


GOOD = str(request(5, 9))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        GOOD.replace("old 5", "old 05"),
        GOOD.replace("old 5", "Old 5"),
        GOOD.replace("\n\n", "\n"),
        GOOD.replace("old 5\n", "old 5\nAAAA\n"),
        GOOD.replace("example.com/log\n9", "example.com/log\n-9"),
        GOOD.replace("old 5\n", "old 5\n" + ("A" * 43 + "=\n") * 64),
    ],
)
def test_what_is_no_request_is_400(text: str) -> None:
    with pytest.raises(NotWitnessed) as error:
        judged(Request.parse(text.encode()), LOGS, None)
    assert error.value.status == 400


@given(
    st.binary(max_size=100) | st.text().map(lambda text: GOOD.replace("old", text).encode(errors="replace"))
)
def test_any_bytes_raise_its_own_error_only(data: bytes) -> None:
    with contextlib.suppress(NotWitnessed):
        judged(Request.parse(data), LOGS, head(5))
    with contextlib.suppress(NoteBroken):
        signatures_in(data)
