"""Structured logs: one JSON object a line, with ids, and without secrets."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

import structlog

SECRET_KEYS = re.compile(r"passw|secret|token|credential|cookie|authorization|ticket|private|_key$", re.I)
TICKET_PATH = re.compile(r"/m/[^/\s\"']+")  # tickets stand in the path (streaming.ticket)
URL_LOGIN = re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^/\s@\"']*@", re.I)  # user and password in a URL
URL_SECRET = re.compile(
    r"(?i)(\b(?:user(?:name)?|usr|pass(?:word|wd)?|pwd|auth|token|key)=)[^&\s\"'_/;]+"
)  # cameras take them in query and path
REDACTED = "[redacted]"


def redact_text(text: str) -> str:
    """A text without the tickets and credentials that stand in its URLs."""
    text = TICKET_PATH.sub(f"/m/{REDACTED}", text)
    text = URL_LOGIN.sub(rf"\1{REDACTED}@", text)
    return URL_SECRET.sub(rf"\1{REDACTED}", text)


def redact(value: object) -> object:
    """The same for nested values; whatever stands under a secret's name goes as a whole."""
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, Mapping):
        return {k: REDACTED if SECRET_KEYS.search(str(k)) else redact(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [redact(item) for item in value]
    return value


def _redact_event(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in list(event.items()):
        event[key] = REDACTED if SECRET_KEYS.search(key) and value is not None else redact(value)
    return event


def configure(process: str, level: str = "info", file: Path | None = None) -> None:
    """Send this process's logs, the libraries' too, as JSON lines to ``file`` or standard error."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redact_event,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.FileHandler(file) if file else logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared[:-1], structlog.stdlib.ExtraAdder(), _redact_event],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("httpx", "httpcore", "alembic", "aiosqlite", "uvicorn"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.contextvars.bind_contextvars(process=process)
