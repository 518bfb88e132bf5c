"""What must never stand in a log doesn't, wherever it comes from."""

import io
import json
import logging
from pathlib import Path

import structlog
from hypothesis import given
from hypothesis import strategies as st

from bingjian import telemetry

plain = st.text("abcXYZ019~-._", min_size=8, max_size=20).map(lambda text: "S" + text)


def lines(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_one_json_object_a_line_with_ids(tmp_path: Path) -> None:
    telemetry.configure("web", file=tmp_path / "log")
    with structlog.contextvars.bound_contextvars(request_id="r1"):
        structlog.get_logger().info("来了", camera="c1")
    logging.getLogger("library").warning("from %s", "elsewhere")
    ours, theirs = lines(tmp_path / "log")
    assert (ours["event"], ours["camera"], ours["request_id"], ours["process"]) == ("来了", "c1", "r1", "web")
    assert (theirs["event"], theirs["level"]) == ("from elsewhere", "warning")


def test_a_trace_has_no_secrets_either(tmp_path: Path) -> None:
    telemetry.configure("web", file=tmp_path / "log")
    try:
        raise ValueError("could not open rtsp://admin:hush@192.0.2.1/x")
    except ValueError:
        structlog.get_logger().exception(
            "failed", password="hush", url="rtsp://u:hush@h/", nested={"token": "hush"}
        )
        logging.getLogger("library").exception("GET /m/hush.hush/index.m3u8")
    text = (tmp_path / "log").read_text()
    assert "hush" not in text
    assert "192.0.2.1" in text
    assert len(lines(tmp_path / "log")) == 2


def test_quieter_than_the_level_is_not_written(tmp_path: Path) -> None:
    telemetry.configure("web", "warning", tmp_path / "log")
    structlog.get_logger().info("x")
    logging.getLogger("library").info("x")
    assert (tmp_path / "log").read_text() == ""
    assert io.StringIO().getvalue() == ""


@given(plain)
def test_wherever_a_secret_stands_in_a_url(secret: str) -> None:
    for text in (
        f"rtsp://admin:{secret}@h:554/x",
        f"rtsp://{secret}@h/",
        f"http://h:1/m/{secret}.{secret}/live",
        f"GET /m/{secret}/index.m3u8 HTTP/1.1",
        f"rtsp://h/?user={secret}&password={secret}&channel=1",
    ):
        assert secret not in telemetry.redact_text(text)


@given(
    st.recursive(st.text() | st.integers() | st.none(), lambda v: st.lists(v) | st.dictionaries(st.text(), v))
)
def test_any_value_can_be_redacted(value: object) -> None:
    telemetry.redact(value)
