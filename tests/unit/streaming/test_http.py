"""The media processes' own HTTP server, over real sockets."""

import asyncio
import json
import os
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
import websockets
from hypothesis import given
from hypothesis import strategies as st

from bingjian.recording.index import Entry
from bingjian.recording.piece import Piece
from bingjian.recording.proven import Proof
from bingjian.streaming.contents import FileContent, PiecedContent
from bingjian.streaming.http import (
    HttpProblem,
    Limits,
    Request,
    Response,
    Upgrade,
    byte_range,
    json_response,
    ranged,
)
from bingjian.streaming.http_reader import RequestReader, decoded_path
from bingjian.streaming.http_server import CHUNK, HttpServer
from bingjian.streaming.http_websocket import PONG_BACKLOG_BYTES, WebSocket

PAGE = "http://127.0.0.1:8800"


class Echo:
    """Answers a viewer's text with the same text."""

    def __init__(self, socket: WebSocket) -> None:
        self.socket = socket
        self.closed = 0

    def on_text(self, text: str) -> None:
        self.socket.send_text(text)

    def on_closed(self) -> None:
        self.closed += 1


async def answer(request: Request) -> Response | Upgrade:
    if request.path == "/socket":
        return Upgrade(Echo)
    if request.path == "/boom":
        raise ZeroDivisionError
    if request.path == "/slow":
        await asyncio.sleep(60)
    if request.path.startswith("/file"):
        return ranged(request, FileContent(request.query["name"]), "video/mp4")
    if request.path == "/no":
        raise HttpProblem(404, "not_here", "nothing here")
    return json_response(
        {"path": request.path, "method": request.method, "body": request.body.decode("latin-1")}
    )


@asynccontextmanager
async def served(limits: Limits | None = None) -> AsyncIterator[HttpServer]:
    server = HttpServer(answer, limits=limits, origins=lambda: {PAGE})
    await server.start("127.0.0.1", 0)
    try:
        yield server
    finally:
        await server.stop(0.5)


def viewer(server: HttpServer) -> websockets.connect:
    return websockets.connect(f"ws://127.0.0.1:{server.port}/socket", proxy=None)


def problem_or(call: Callable[[], object]) -> object:
    try:
        return call()
    except HttpProblem as problem:
        return problem


async def exchange(server: HttpServer, sent: bytes) -> bytes:
    """Everything the server says to these bytes until it closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(sent)
    received = await reader.read()
    writer.close()
    return received


def client(server: HttpServer) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", trust_env=False)


async def test_keeps_a_connection_and_answers_in_order() -> None:
    async with served() as server, client(server) as web:
        assert (await web.get("/a")).json()["path"] == "/a"
        assert (await web.post("/b", content=b"hello")).json()["body"] == "hello"
        assert len(server.connections) == 1


async def test_pipelined_requests_are_answered_in_order() -> None:
    async with served() as server:
        two = b"GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        text = (await exchange(server, two)).decode()
        assert text.index('"/1"') < text.index('"/2"')


async def test_head_has_the_length_and_no_body() -> None:
    async with served() as server, client(server) as web:
        whole, head = await web.get("/a"), await web.head("/a")
        assert int(head.headers["content-length"]) > 0
        assert head.content == b""
        assert len(whole.content) == int(whole.headers["content-length"])


async def test_problems_are_problem_details_and_our_faults_have_an_id() -> None:
    async with served() as server, client(server) as web:
        missing, boom = await web.get("/no"), await web.get("/boom")
        assert missing.status_code == 404
        assert missing.headers["content-type"] == "application/problem+json"
        assert missing.json()["code"] == "not_here"
        assert boom.status_code == 500
        assert boom.json()["id"]
        assert "ZeroDivision" not in boom.text


@pytest.mark.parametrize(
    ("header", "status", "expected"),
    [
        (None, 200, slice(None)),
        ("bytes=0-0", 206, slice(0, 1)),
        ("bytes=5-", 206, slice(5, None)),
        ("bytes=-7", 206, slice(-7, None)),
        (f"bytes=100-{2 * CHUNK + 5}", 206, slice(100, 2 * CHUNK + 6)),
        ("bytes=3-99999999", 206, slice(3, None)),
        ("bytes=1-2,4-5", 200, slice(None)),
        ("lines=1-2", 200, slice(None)),
    ],
)
async def test_file_ranges(tmp_path: Path, header: str | None, status: int, expected: slice) -> None:
    data = os.urandom(3 * CHUNK + 11)
    (tmp_path / "f").write_bytes(data)
    async with served() as server, client(server) as web:
        got = await web.get(
            "/file", params={"name": str(tmp_path / "f")}, headers={"Range": header} if header else {}
        )
        assert got.status_code == status
        assert got.content == data[expected]


async def test_range_outside_is_416_with_the_size(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"12345")
    async with served() as server, client(server) as web:
        got = await web.get("/file", params={"name": str(tmp_path / "f")}, headers={"Range": "bytes=5-"})
        assert got.status_code == 416
        assert got.headers["content-range"] == "bytes */5"


@given(st.text(alphabet="bytes=-,0123456789 ", max_size=40), st.integers(0, 1000))
def test_any_range_is_inside_or_refused(text: str, size: int) -> None:
    request = Request("GET", "/", {}, {"range": text})
    window = problem_or(lambda: byte_range(request, size))
    if isinstance(window, HttpProblem):
        assert window.status == 416
    else:
        assert window is None or isinstance(window, range)
        assert window is None or 0 <= window.start < window.stop <= size


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x00\xff\x00garbage\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n\r\n", b"400"),
        (b"GET /../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", b"400"),
        (b"GET /%2e%2e/x HTTP/1.1\r\nHost: x\r\n\r\n", b"400"),
        (b"GET /a%00b HTTP/1.1\r\nHost: x\r\n\r\n", b"400"),
        (b"GET /%ff HTTP/1.1\r\nHost: x\r\n\r\n", b"400"),
        (b"GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 100 + b"\r\n", b"431"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"b" * 20_000 + b"\r\n\r\n", b"431"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"b" * 400_000, b"431"),
        (b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"414"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n", b"413"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", b"411"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 20, b"400"),
    ],
)
async def test_bad_requests_get_their_status_and_the_door(sent: bytes, status: bytes) -> None:
    async with served() as server:
        received = await exchange(server, sent)
        assert received.split(b" ", 2)[1] == status
        async with client(server) as web:
            assert (await web.get("/still")).status_code == 200


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=4))
def test_the_reader_raises_only_problems(data: bytes, cuts: list[int]) -> None:
    reader = RequestReader(Limits())
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    for start, stop in pairwise(edges):
        result = problem_or(partial(reader.receive_data, data[start:stop]))
        if isinstance(result, HttpProblem):
            assert 400 <= result.status < 500
            break


@given(st.binary(max_size=60))
def test_a_path_is_plain_or_refused(raw: bytes) -> None:
    path = problem_or(lambda: decoded_path(b"/" + raw))
    if isinstance(path, HttpProblem):
        assert path.status == 400
    else:
        assert isinstance(path, str)
        assert "\0" not in path
        assert "/../" not in f"{path}/"
        assert "//" not in path


async def test_a_slow_request_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bingjian.streaming.http_server.SWEEP_SECONDS", 0.02)
    async with served(Limits(request_seconds=0.05)) as server:
        assert b" 408 " in await exchange(server, b"GET / HTTP/1.1\r\nHost:")
        assert await exchange(server, b"") == b""


async def test_a_slow_answer_is_ended() -> None:
    async with served(Limits(handler_seconds=0.05)) as server, client(server) as web:
        assert (await web.get("/slow")).status_code == 504


async def test_a_peer_that_reads_nothing_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bingjian.streaming.http_server.SWEEP_SECONDS", 0.02)
    with (tmp_path / "f").open("wb") as file:
        file.truncate(64 * 1024 * 1024)
    async with served(Limits(stall_seconds=0.2)) as server:
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.transport.pause_reading()
        writer.write(f"GET /file?name={tmp_path}/f HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        await until(lambda: len(server.connections) == 1)
        await until(lambda: not server.connections)
        writer.close()


async def test_too_many_connections_are_told_so() -> None:
    async with served(Limits(connections=1)) as server:
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        await until(lambda: len(server.connections) == 1)
        assert b" 503 " in await exchange(server, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        writer.close()


async def test_cross_origin_answers_name_exactly_the_configured_page() -> None:
    async with served() as server, client(server) as web:
        ours = await web.get("/a", headers={"Origin": PAGE})
        other = await web.get("/a", headers={"Origin": "http://evil.example"})
        assert ours.headers["access-control-allow-origin"] == PAGE
        assert "access-control-allow-origin" not in other.headers
        asks = {"Access-Control-Request-Method": "GET"}
        assert (await web.options("/a", headers={"Origin": PAGE, **asks})).status_code == 204
        assert (await web.options("/a", headers={"Origin": "null", **asks})).status_code == 403
        assert (await web.post("/a", headers={"Origin": "null"})).status_code == 403


async def test_websocket_with_a_foreign_client() -> None:
    async with served() as server:
        address = f"ws://127.0.0.1:{server.port}/socket"
        async with websockets.connect(address, origin=PAGE, proxy=None, compression=None) as socket:
            for text in ("", "冰鉴", "x" * 125, "y" * 126, "z" * 4096):
                await socket.send(text)
                assert await socket.recv() == text
            await (await socket.ping())
        await until(lambda: not server.connections)


@pytest.mark.parametrize(("message", "code"), [("x" * 5000, 1009), (b"binary", 1003)])
async def test_websocket_refuses_what_no_viewer_sends(message: str | bytes, code: int) -> None:
    async with served() as server, viewer(server) as socket:
        await socket.send(message)
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await socket.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == code


async def test_pings_of_a_peer_that_reads_nothing_fill_no_memory() -> None:
    hello = (
        b"GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    pings = (b"\x89\xfd\0\0\0\0" + bytes(125)) * 1000
    async with served() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1024)
        writer.write(hello)
        await reader.readuntil(b"\r\n\r\n")
        for _ in range(150):  # 20 MB: more than the kernel keeps for whoever does not read
            writer.write(pings)
            await writer.drain()
        (socket,) = server.connections
        assert isinstance(socket, WebSocket)
        assert 0 < socket.backlog_bytes() < 2 * PONG_BACKLOG_BYTES
        writer.transport.abort()
        await until(lambda: not server.connections)


async def test_websocket_from_another_page_is_refused() -> None:
    async with served() as server:
        with pytest.raises(websockets.InvalidStatus) as refused:
            await websockets.connect(
                f"ws://127.0.0.1:{server.port}/socket", origin="http://evil.example", proxy=None
            )
        assert refused.value.response.status_code == 403


async def test_stopping_tells_viewers() -> None:
    async with served() as server, viewer(server) as socket:
        stopping = asyncio.create_task(server.stop(2.0))
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await socket.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1001
        await stopping


async def test_json_keeps_chinese() -> None:
    body = json_response({"name": "冰鉴"}).body
    assert isinstance(body, bytes)
    assert json.loads(body) == {"name": "冰鉴"}


async def until(true: Callable[[], bool]) -> None:
    """Waits for a condition; the test's own time-out ends a vain wait."""
    while not true():
        await asyncio.sleep(0.005)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 40)), max_size=60), st.data())
def test_pieces_read_like_the_whole_they_make(shapes: list[tuple[bool, int]], data: st.DataObject) -> None:
    """Bytes in memory and ranges of two files in any order, also more in one read than are read at once."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in "ab"]
        for path in paths:
            path.write_bytes(os.urandom(200))
        pieces, whole = [], b""
        for number, (stored, length) in enumerate(shapes):
            path, offset = paths[number % 2], number % 150
            part = path.read_bytes()[offset : offset + length] if stored else os.urandom(length)
            pieces.append(Piece(length, path=path, offset=offset) if stored else Piece(length, part))
            whole += part
        content = PiecedContent(pieces)
        assert content.size == len(whole)
        start = data.draw(st.integers(0, len(whole)))
        length = data.draw(st.integers(0, len(whole) - start))
        read = asyncio.run(content.read(start, length))
        content.close()
        assert read == whole[start : start + length]


async def test_R27_5_a_piece_with_a_proof_comes_from_whichever_file_has_it(tmp_path: Path) -> None:
    """Read in small parts, on either side of fragments; what no file has any more cuts the connection."""
    files = [tmp_path / "original", tmp_path / "copy"]
    entries = tuple(
        Entry(0, 0, 5, offset, 0, 0, sha256(b"0123456789"[offset : offset + 5]).digest()) for offset in (0, 5)
    )
    files[0].write_bytes(b"01234x6789")
    files[1].write_bytes(b"x123456789")
    content = PiecedContent(
        [Piece(2, b"ab"), Piece(8, path=files[0], offset=1, proof=Proof(entries, tuple(files)))]
    )
    assert b"".join([await content.read(at, 1) for at in range(content.size)]) == b"ab12345678"
    files[1].unlink()
    assert await content.read(2, 4) == b"1234"
    assert await content.read(2, 5) == b""
    content.close()


async def test_pieces_of_a_file_that_is_gone_or_has_shrunk_end_early(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"0123456789")
    for length, there in ((10, True), (11, True), (5, False)):
        if not there:
            path.unlink()
        content = PiecedContent([Piece(3, b"abc"), Piece(length, path=path)])
        assert await content.read(0, 3) == b"abc"
        whole = await content.read(0, content.size)
        assert whole == (b"abc0123456789" if length == 10 else b"")
        content.close()
