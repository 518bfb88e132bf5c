"""Assignments: what is understood, and that nothing else is."""

import json
from base64 import b64encode
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bingjian.streaming.assignment import AssignmentError, read_assignment

ADDRESS = {"url": "rtsp://c/1", "username": "u", "password": "p", "transport": "auto", "verify_tls": True}
CAMERA = {"id": "00000000-0000-4000-8000-000000000001", "name": "南门", "main": ADDRESS, "sub": None}
GIVEN: dict[str, Any] = {
    "epoch": 3,
    "ticket_key": b64encode(b"k" * 32).decode(),
    "origins": ["http://127.0.0.1:8800"],
    "cameras": [CAMERA, {**CAMERA, "id": "00000000-0000-4000-8000-000000000002", "sub": ADDRESS}],
}


def body(**changes: object) -> bytes:
    return json.dumps({**GIVEN, **changes}).encode()


def test_a_whole_assignment_is_understood() -> None:
    assignment = read_assignment(body())
    assert (assignment.epoch, assignment.ticket_key, assignment.origins) == (
        3,
        b"k" * 32,
        frozenset({"http://127.0.0.1:8800"}),
    )
    plain, with_sub = assignment.cameras.values()
    assert plain.id == UUID(CAMERA["id"])  # type: ignore[arg-type]  # a str
    assert (plain.name, plain.main.url, plain.main.password, plain.sub) == ("南门", "rtsp://c/1", "p", None)
    assert with_sub.sub == plain.main


def test_R27_5_released_holds_are_told_if_there_are_any() -> None:
    assert read_assignment(body()).released_holds == frozenset()
    assert read_assignment(body(released_holds=[CAMERA["id"]])).released_holds == {UUID(str(CAMERA["id"]))}
    for wrong in (None, "", [7], ["x"]):
        with pytest.raises(AssignmentError, match="released_holds"):
            read_assignment(body(released_holds=wrong))


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"[]",
        b"[" * 100_000,
        body(epoch=-1),
        body(epoch=True),
        body(epoch="3"),
        body(ticket_key="!"),
        body(ticket_key=b64encode(b"short").decode()),
        body(origins="x"),
        body(origins=[1]),
        body(cameras=[1]),
        body(cameras=[{**CAMERA, "id": "x"}]),
        body(cameras=[{**CAMERA, "main": None}]),
        body(cameras=[{**CAMERA, "sub": {"url": "rtsp://x"}}]),
        body(cameras=[{**CAMERA, "main": {**ADDRESS, "transport": "smoke"}}]),
        body(cameras=[{**CAMERA, "main": {**ADDRESS, "verify_tls": 1}}]),
    ],
)
def test_anything_else_is_an_assignment_error(wrong: bytes) -> None:
    with pytest.raises(AssignmentError):
        read_assignment(wrong)


def test_errors_never_repeat_a_password() -> None:
    with pytest.raises(AssignmentError) as error:
        read_assignment(body(cameras=[{**CAMERA, "main": {**ADDRESS, "password": ["hunter2"]}}]))
    assert "hunter2" not in str(error.value)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*GIVEN, *CAMERA, *ADDRESS]), inner)
    ),
)


@given(st.sampled_from(sorted(GIVEN)), values)
def test_any_json_is_taken_or_an_assignment_error(name: str, value: object) -> None:
    try:
        read_assignment(body(**{name: value}))
    except AssignmentError as error:
        assert str(error)  # noqa: PT017  # both ways are right here
