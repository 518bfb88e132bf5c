"""The witness over HTTP: C2SP tlog-witness, ``POST /add-checkpoint``, and what it signed, for monitors."""

import asyncio

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bingjian.journal.witness import Witness
from bingjian.tlog.witness import REQUEST_BYTES_MAX, SIZE_TYPE, NotWitnessed

PLAIN = "text/plain; charset=utf-8"
CONNECTIONS_MAX = 100  # logs ask every few seconds


def create_app(witness: Witness) -> Starlette:
    """There is no authentication but the logs' signatures: a log that is not known is refused."""

    async def add_checkpoint(request: Request) -> Response:
        body = await limited_body(request)
        if body is None:
            return Response("the request is too long\n", 413, media_type=PLAIN)
        try:
            line = await asyncio.to_thread(witness.add_checkpoint, body)
        except NotWitnessed as error:
            if error.size is not None:
                return Response(f"{error.size}\n", error.status, headers={"Content-Type": SIZE_TYPE})
            return Response(f"{error}\n", error.status, media_type=PLAIN)
        except OSError as error:
            return Response(f"{error}\n", 503, media_type=PLAIN)
        return Response(line, media_type=PLAIN)

    async def checkpoint(request: Request) -> Response:
        found = await asyncio.to_thread(witness.checkpoint, request.path_params["origin"])
        return Response(found or "nothing was signed for this log\n", 200 if found else 404, media_type=PLAIN)

    return Starlette(
        routes=[
            Route("/add-checkpoint", add_checkpoint, methods=["POST"]),
            Route("/{origin}/checkpoint", checkpoint, methods=["GET"]),
        ]
    )


async def limited_body(request: Request) -> bytes | None:
    """None as soon as it is too long."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > REQUEST_BYTES_MAX:
            return None
    return body


def serve(witness: Witness, host: str, port: int) -> None:
    """Until SIGTERM or SIGINT."""
    uvicorn.run(
        create_app(witness),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=CONNECTIONS_MAX,
    )
