"""One word for load balancers, numbers for Prometheus."""

from fastapi import Depends, Response
from prometheus_client import CONTENT_TYPE_LATEST

from bingjian.api.metrics import exposition
from bingjian.api.permissions import Open, Token
from bingjian.api.platform import ThePlatform
from bingjian.api.routing import api_router

router = api_router("", "health")


@router.get("/healthz", response_class=Response, dependencies=[Depends(Open("one word, no more"))])
async def healthz() -> Response:
    """The process answers."""
    return Response("ok", media_type="text/plain")


@router.get("/readyz", response_class=Response, dependencies=[Depends(Open("one word, no more"))])
async def readyz(platform: ThePlatform) -> Response:
    """The process can serve: the journal can be written and every media worker answers."""
    ready = platform.journal.writable and platform.workers.all_up()
    return Response("ready" if ready else "waiting", 200 if ready else 503, media_type="text/plain")


@router.get("/metrics", response_class=Response, dependencies=[Depends(Token())])
async def metrics(platform: ThePlatform) -> Response:
    """Prometheus text; wants its own bearer token."""
    return Response(exposition(platform), headers={"Content-Type": CONTENT_TYPE_LATEST})
