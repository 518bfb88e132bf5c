"""How the imaging process gets originals: from the camera's media worker, with a ticket it signs itself."""

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from uuid import UUID

import httpx

from bingjian.formats.access_unit import FormatError
from bingjian.formats.mp4 import Sample
from bingjian.formats.mp4_reader import read_fragment
from bingjian.imaging.errors import ImagingError
from bingjian.processes.imaging_assignment import Views
from bingjian.streaming.http import HttpProblem
from bingjian.streaming.ticket import OPEN_SECONDS, Kind, Ticket, sign

ANSWER_SECONDS = 20.0
LIFE_SECONDS = 24 * 3600  # of one live stream; then it is opened anew
PASSED_ON = (403, 404, 416, 422)  # what a worker refuses is refused to the viewer as well
AWAY = HttpProblem(503, "worker_away", "the camera's media worker does not answer", (("Retry-After", "1"),))


class Originals:
    """One client for all media workers."""

    def __init__(self, views: Views) -> None:
        self._views = views
        self._http = httpx.AsyncClient(timeout=ANSWER_SECONDS, trust_env=False)

    async def close(self) -> None:
        await self._http.aclose()

    def url(self, ticket: Ticket, kind: Kind | None = None) -> str:
        """Where the original of a masked view is: the same camera, interval and grant. Raises HttpProblem."""
        now = int(self._views.now())
        ours = replace(
            ticket,
            kind=kind or ticket.kind,
            masks="",
            unmask=True,
            service=True,
            opens_before=now + OPEN_SECONDS,
        )
        return self._signed(ours)

    def live_url(self, camera: UUID, role: str) -> str:
        """One for all who watch. Raises HttpProblem."""
        now = int(self._views.now())
        whole = Ticket(
            kind="live",
            camera=str(camera),
            role="sub" if role == "sub" else "main",
            start_90k=0,
            end_90k=0,
            person="imaging",  # who watches is in the entries of those who watch
            entry=0,
            opens_before=now + OPEN_SECONDS,
            expires=now + LIFE_SECONDS,
            unmask=True,
            service=True,
        )
        return self._signed(whole)

    def _signed(self, ticket: Ticket) -> str:
        worker = self._views.worker_of(UUID(ticket.camera))
        return f"{worker}/m/{sign(ticket, self._views.told.ticket_key)}"

    def stream(self, url: str) -> AbstractAsyncContextManager[httpx.Response]:
        """An answer as it comes. Raises httpx.HTTPError when entered or read."""
        return self._http.stream("GET", url)

    async def get(self, url: str, wanted: range | None = None) -> httpx.Response:
        """200 or 206, or HttpProblem."""
        headers = {} if wanted is None else {"Range": f"bytes={wanted.start}-{wanted.stop - 1}"}
        try:
            answer = await self._http.get(url, headers=headers)
        except httpx.HTTPError as error:
            raise AWAY from error
        if answer.status_code in (200, 206):
            return answer
        if answer.status_code in PASSED_ON:
            told = answer.json()
            raise HttpProblem(answer.status_code, told["code"], told["detail"])
        raise AWAY


def fragments_in(data: bytes) -> Iterator[list[Sample]]:
    """The samples of each fragment, side by side in ``data``. Raises ImagingError."""
    at = 0
    try:
        while at < len(data):
            fragment = read_fragment(data[at:] if at else data)
            yield [
                Sample(
                    run.track,
                    one.pts,
                    one.dts,
                    one.duration,
                    data[at + one.offset :][: one.size],
                    one.sync,
                    False,
                )
                for run in fragment.runs
                for one in run.samples
            ]
            at += fragment.size
    except FormatError as error:
        raise ImagingError("the original cannot be read") from error
