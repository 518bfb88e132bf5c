"""The regulation: public text, for everybody who is signed in."""

from fastapi import Request, Response

from bingjian.api.permissions import LawReader
from bingjian.api.platform import ThePlatform
from bingjian.api.regulation import rendered
from bingjian.api.routing import api_router
from bingjian.api.schemas_regulation import RegulationOut
from bingjian.clock import utc_now
from bingjian.rules.library import law

router = api_router("/api/v1/regulation", "regulation")

REVALIDATED = "private, no-cache"  # may be kept, but is asked for again each time, by its ETag


@router.get("", response_model=RegulationOut)
async def read_regulation(request: Request, actor: LawReader, platform: ThePlatform) -> Response:
    """Every edition with its articles, duties, numbers, lists and penalties, and the choices between them.

    Carries an ETag; a request with it in `If-None-Match` is answered with 304 while nothing has changed.
    """
    answer = rendered(law(), utc_now(platform.clock))
    headers = {"ETag": answer.etag, "Cache-Control": REVALIDATED}
    if matches(request.headers.get("if-none-match"), answer.etag):
        return Response(status_code=304, headers=headers)
    return Response(answer.body, headers=headers, media_type="application/json")


def matches(if_none_match: str | None, etag: str) -> bool:
    """RFC 9110 §13.1.2: a list of tags, weak or strong, or any at all."""
    tags = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    return etag in tags or "*" in tags
