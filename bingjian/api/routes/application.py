"""The web application's files; any path that is no file is a page of the application."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi import Path as InPath
from fastapi.responses import FileResponse

from bingjian.api.permissions import Open
from bingjian.api.platform import ThePlatform

router = APIRouter(include_in_schema=False)

IMMUTABLE = "public, max-age=31536000, immutable"  # the build puts a hash into each name under assets/
NOT_BUILT = "the web application is not built; the API is under /api/v1"


@router.api_route(
    "/{path:path}",
    methods=["GET", "HEAD"],
    response_class=Response,
    dependencies=[Depends(Open("the application's files hold no data"))],
)
async def application_file(
    path: Annotated[str, InPath()], request: Request, platform: ThePlatform
) -> Response:
    """A file of the build, or its first page."""
    if path == "api" or path.startswith("api/"):
        raise HTTPException(404, "there is no such path in the API")
    if platform.web_root is None:
        return Response(NOT_BUILT, 404, media_type="text/plain")
    file = file_under(platform.web_root, path)
    if file is not None:
        caching = IMMUTABLE if path.startswith("assets/") else "no-cache"
        return FileResponse(file, headers={"Cache-Control": caching})
    if path.startswith("assets/"):
        raise HTTPException(404, "there is no such file")
    return FileResponse(platform.web_root / "index.html", headers={"Cache-Control": "no-cache"})


def file_under(root: Path, path: str) -> Path | None:
    """The file that ``path`` names below ``root``; None for anything outside, hidden or not a file."""
    if "\0" in path or any(part.startswith(".") for part in path.split("/")):
        return None
    file = (root / path).resolve()
    return file if file.is_relative_to(root.resolve()) and file.is_file() else None
