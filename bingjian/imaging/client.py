"""How the web process has pictures made: it asks the imaging process, so a broken stream cannot hurt it."""

from dataclasses import dataclass, field

import httpx

from bingjian.imaging.errors import ImagingError
from bingjian.trust import trusted

ANSWER_SECONDS = 20.0
Params = dict[str, int | str]


@dataclass(frozen=True, slots=True)
class Tiles:
    """Small pictures side by side in one JPEG, row by row."""

    jpeg: bytes = field(repr=False)
    tile_width: int  # pixels
    tile_height: int
    columns: int
    tiles: int


class Imaging:
    """Client of ``processes.imaging``."""

    def __init__(self, url: str, credential: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {credential}"},
            timeout=ANSWER_SECONDS,
            trust_env=False,
            verify=trusted(),
        )

    async def jpeg_of(self, fmp4: bytes, at_90k: int, covered: Params | None = None) -> bytes:
        """The last picture of some fragments at or before an instant, as a JPEG. Raises ImagingError.

        Args:
            covered: names the masks that it is shown with; None: none are.
        """
        return (await self._ask("/still", {"at_90k": at_90k, **(covered or {})}, fmp4)).content

    async def sprite_of(
        self, movies: bytes, columns: int, width: int, covered: Params | None = None
    ) -> Tiles:
        """All pictures of some key frames, small, in one JPEG. Raises ImagingError."""
        params = {"columns": columns, "width": width, **(covered or {})}
        answer = await self._ask("/sprite", params, movies)
        return Tiles(answer.content, *map(int, answer.headers["X-Layout"].split()))

    async def _ask(self, path: str, params: Params, content: bytes) -> httpx.Response:
        try:
            answer = await self._http.post(path, params=params, content=content)
        except httpx.HTTPError as error:
            raise ImagingError("the imaging process does not answer") from error
        if answer.status_code != 200:
            raise ImagingError("no picture could be decoded there")
        return answer

    async def close(self) -> None:
        await self._http.aclose()
