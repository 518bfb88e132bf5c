"""Where the browser finds who serves pictures, named exactly, for ticket URLs and content security policy."""

from urllib.parse import urlsplit

from fastapi import Request

from bingjian.access.door import Opened
from bingjian.api.platform import Platform
from bingjian.inventory.models import CameraRow

LOOPBACK_NAMES = ("127.0.0.1", "localhost")


def media_origin(
    request: Request, platform: Platform, camera: CameraRow, opened: Opened, *, websocket: bool = False
) -> str:
    """Whose pictures these are, as this browser reaches it: ``http://host:port`` or ``ws://host:port``."""
    public_url = platform.masked_url if opened.is_masked else platform.workers.of(camera).public_url
    return origin_for(request.headers.get("host", ""), public_url, websocket=websocket)


def origin_for(host_header: str, public_url: str, *, websocket: bool = False) -> str:
    """As ``public_url``; on loopback the name that the browser itself used."""
    url = urlsplit(public_url)
    host, used = url.netloc, host_header.rpartition(":")[0] or host_header
    if url.hostname in LOOPBACK_NAMES and used in LOOPBACK_NAMES and url.port is not None:
        host = f"{used}:{url.port}"
    scheme = url.scheme.replace("http", "ws", 1) if websocket else url.scheme
    return f"{scheme}://{host}"
