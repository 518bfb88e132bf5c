"""How the web process has pictures made: it asks the imaging process, so a broken stream cannot hurt it."""

import httpx

from bingjian.imaging.errors import ImagingError

ANSWER_SECONDS = 20.0


class Imaging:
    """Client of ``processes.imaging``."""

    def __init__(self, url: str, credential: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {credential}"},
            timeout=ANSWER_SECONDS,
            trust_env=False,
        )

    async def jpeg_of(self, fmp4: bytes, at_90k: int) -> bytes:
        """The last picture of some fragments at or before an instant, as a JPEG. Raises ImagingError."""
        try:
            answer = await self._http.post("/still", params={"at_90k": at_90k}, content=fmp4)
        except httpx.HTTPError as error:
            raise ImagingError("the imaging process does not answer") from error
        if answer.status_code != 200:
            raise ImagingError("no picture could be decoded there")
        return answer.content

    async def close(self) -> None:
        await self._http.aclose()
