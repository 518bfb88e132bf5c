"""Where the browser finds a media worker, named exactly, for ticket URLs and content security policy."""

from urllib.parse import urlsplit

from fastapi import Request

from bingjian.inventory.workers import Worker

LOOPBACK_NAMES = ("127.0.0.1", "localhost")


def media_origin(request: Request, worker: Worker, *, websocket: bool = False) -> str:
    """The worker's origin as this browser reaches it: ``http://host:port`` or ``ws://host:port``."""
    return origin_for(request.headers.get("host", ""), worker, websocket=websocket)


def origin_for(host_header: str, worker: Worker, *, websocket: bool = False) -> str:
    """As ``worker.public_url``; on loopback the name that the browser itself used."""
    url = urlsplit(worker.public_url)
    host, used = url.netloc, host_header.rpartition(":")[0] or host_header
    if url.hostname in LOOPBACK_NAMES and used in LOOPBACK_NAMES and url.port is not None:
        host = f"{used}:{url.port}"
    scheme = url.scheme.replace("http", "ws", 1) if websocket else url.scheme
    return f"{scheme}://{host}"
