"""One connection's bytes in, whole requests out. No socket, no clock.

Parsing is llhttp's (httptools); everything a peer can send without end has a limit in ``Limits``.
Specification: RFC 9112 (HTTP/1.1).
"""

from urllib.parse import parse_qsl, unquote_to_bytes

import httptools

from bingjian.streaming.http import HttpProblem, Limits, Request

MAX_PIPELINED = 8  # requests waiting on one connection; browsers do not pipeline. More: 400
SLACK_BYTES = 256 * 1024  # of one read from the socket, before an endless header is cut off


class RequestReader:
    """One connection's bytes in, whole requests out. No socket, no clock."""

    def __init__(self, limits: Limits, peer: str = "") -> None:
        self._limits = limits
        self._peer = peer
        self._parser = httptools.HttpRequestParser(self)
        self._requests: list[Request] = []
        self._problem: HttpProblem | None = None
        self.upgraded: bytes | None = None  # after an upgrade: what followed the request
        self.continue_wanted = False  # the peer waits for "100 Continue" before it sends its body
        self.partial = False  # a request has begun and is not complete
        self._begin()

    def _begin(self) -> None:
        self._url = b""
        self._headers: dict[str, str] = {}
        self._header_count = 0
        self._head_bytes = 0
        self._in_head = True
        self._body = bytearray()

    def receive_data(self, data: bytes) -> list[Request]:
        """Raises HttpProblem and nothing else; the connection is then finished after its answer."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self.upgraded = data[upgrade.args[0] :]
        except httptools.HttpParserError as error:
            raise self._problem or HttpProblem(400, "bad_request", "this is not HTTP/1.1") from error
        if self._in_head and self.partial:
            self._count_head(len(data))
        if self._problem:
            raise self._problem
        requests, self._requests = self._requests, []
        return requests

    def _count_head(self, length: int) -> None:
        """An endless header is held inside the parser, so bytes are counted here too."""
        self._head_bytes += length
        if self._head_bytes > self._limits.head_bytes + SLACK_BYTES:
            self._problem = HttpProblem(431, "headers_too_large", "the request's headers are too large")

    def _refuse(self, status: int, code: str, detail: str) -> None:
        """Raising ends the parse; llhttp's wrapper hides what was raised, so it is kept."""
        self._problem = self._problem or HttpProblem(status, code, detail)
        raise self._problem

    # llhttp's callbacks

    def on_message_begin(self) -> None:
        self._begin()
        self.partial = True

    def on_url(self, url: bytes) -> None:
        self._url += url
        if len(self._url) > self._limits.head_bytes:
            self._refuse(414, "target_too_long", "the request target is too long")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._header_count += 1
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > self._limits.head_bytes or self._header_count > self._limits.headers:
            self._refuse(431, "headers_too_large", "the request's headers are too large")
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        self._headers[key] = f"{self._headers[key]}, {text}" if key in self._headers else text

    def on_headers_complete(self) -> None:
        self._in_head = False
        if self._parser.get_http_version() == "1.1" and "host" not in self._headers:
            self._refuse(400, "no_host", "HTTP/1.1 wants a Host header")
        if "transfer-encoding" in self._headers:
            self._refuse(411, "length_required", "send the body with a Content-Length")
        if int(self._headers.get("content-length") or 0) > self._limits.body_bytes:
            self._refuse(413, "body_too_large", f"at most {self._limits.body_bytes} bytes are taken")
        self.continue_wanted = self._headers.get("expect", "").lower() == "100-continue"

    def on_body(self, body: bytes) -> None:
        self._body += body
        if len(self._body) > self._limits.body_bytes:
            self._refuse(413, "body_too_large", f"at most {self._limits.body_bytes} bytes are taken")

    def on_message_complete(self) -> None:
        self.partial = False
        self.continue_wanted = False
        if len(self._requests) >= MAX_PIPELINED:
            self._refuse(400, "too_many_pipelined", "wait for answers before asking more")
        try:
            self._requests.append(self._request())
        except HttpProblem as problem:
            self._refuse(problem.status, problem.code, problem.detail)

    def _request(self) -> Request:
        path, _, query = self._url.partition(b"?")
        return Request(
            method=self._parser.get_method().decode(),
            path=decoded_path(path),
            query=_decoded_query(query),
            headers=self._headers,
            body=bytes(self._body),
            peer=self._peer,
            keep_alive=self._parser.should_keep_alive(),
            upgrade=self._parser.should_upgrade(),
        )


def decoded_path(raw: bytes) -> str:
    """A request path as text, or HttpProblem 400 if it could mean two things."""
    try:
        path = unquote_to_bytes(raw).decode()
    except UnicodeDecodeError as error:
        raise HttpProblem(400, "bad_path", "the path is not UTF-8") from error
    plain = path.startswith("/") and path.isprintable() and "\\" not in path
    parts = path.split("/")[1:]
    if not plain or any(part in (".", "..") for part in parts) or "" in parts[:-1]:
        raise HttpProblem(400, "bad_path", "the path is not in its plain form")
    return path


def _decoded_query(raw: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(raw.decode(), keep_blank_values=True, errors="strict", max_num_fields=32))
    except ValueError as error:  # UnicodeDecodeError among them
        raise HttpProblem(400, "bad_query", "the query cannot be read") from error
