"""The log's side of a witness: each new checkpoint is shown to it, and its signature put under it."""

import asyncio
from urllib.parse import urlsplit

import httpx
import structlog

from bingjian.entries import IntrusionSuspected, Sign
from bingjian.journal.append import Journal
from bingjian.journal.errors import JournalBroken, JournalError, JournalUnavailable
from bingjian.tlog.checkpoint import Checkpoint, decimal
from bingjian.tlog.cosignature import cosigned_at
from bingjian.tlog.note import Note, NoteBroken, Verifier
from bingjian.tlog.witness import ANSWER_BYTES_MAX, Request, signatures_in

EVERY_SECONDS = 10.0  # as often as checkpoints come by themselves
ANSWER_SECONDS = 10.0
log = structlog.get_logger()


class Witnessing:
    """Asks one witness, again and again; a witness that is away stops nothing."""

    def __init__(self, journal: Journal, url: str, witness: Verifier, http: httpx.AsyncClient) -> None:
        self._journal = journal
        self._url = url.rstrip("/")
        self._witness = witness
        self._http = http
        self._is_suspect = False  # its last answer was no signature of it
        self._signed_size = 0  # what the witness signed last, as far as we know; it corrects us

    @classmethod
    def of(cls, journal: Journal, url: str, key: str, http: httpx.AsyncClient) -> "Witnessing":
        """With the witness's public key as text. Raises JournalBroken."""
        try:
            return cls(journal, url, Verifier.parse(key), http)
        except NoteBroken as error:
            raise JournalBroken(f"the witness's key is not accepted: {error}") from error

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.round()
            await asyncio.sleep(EVERY_SECONDS)

    async def round(self) -> None:
        """Ask once; what is no signature of the witness is a sign of intrusion (R31.4), told once."""
        try:
            await self.ask()
            self._is_suspect = False
        except NoteBroken as error:
            log.warning("witness_did_not_sign", witness=self._witness.name, error=str(error))
            await self._suspect()
        except (httpx.HTTPError, JournalError, OSError) as error:
            log.warning("witness_did_not_sign", witness=self._witness.name, error=str(error))

    async def _suspect(self) -> None:
        if self._is_suspect:
            return
        try:
            witness = urlsplit(self._url).netloc
            await self._journal.append(IntrusionSuspected("", "", Sign.BAD_WITNESS, witness))
            self._is_suspect = True
        except JournalUnavailable:
            log.warning("witness_suspected_unwritten", witness=self._witness.name)

    async def ask(self) -> None:
        """Have the newest checkpoint witnessed, unless it is.

        Raises:
            JournalBroken: the witness has signed more than our log has, or what ours does not continue.
            NoteBroken: its answer is no signature of it.
            httpx.HTTPError, JournalUnavailable, OSError.
        """
        note = await self._journal.checkpoint()
        if cosigned_at(note, self._witness) is not None:
            return
        answer = await self._request(note)
        if answer.status_code == 409:  # it tells what it signed last
            self._signed_size = decimal(answer.text.removesuffix("\n"))
            if self._signed_size > Checkpoint.of_text(note.text).size:
                raise JournalBroken(f"the witness has signed {self._signed_size} entries: ours are fewer")
            answer = await self._request(note)
        if answer.status_code != 200:
            raise JournalBroken(f"the witness refuses ({answer.status_code}): {answer.text[:200]}")
        await self._take(note, answer.content)

    async def _request(self, note: Note) -> httpx.Response:
        size = Checkpoint.of_text(note.text).size
        old = min(self._signed_size, size)
        path, _ = await self._journal.growth(old, note)
        body = str(Request(old, tuple(path), str(note)))
        answer = await self._http.post(
            f"{self._url}/add-checkpoint", content=body.encode(), timeout=ANSWER_SECONDS
        )
        if len(answer.content) > ANSWER_BYTES_MAX:
            raise NoteBroken("the witness's answer is too long")
        return answer

    async def _take(self, note: Note, answer: bytes) -> None:
        for signature in signatures_in(answer):
            if self._witness.made(signature):
                cosigned_at(Note(note.text, (signature,)), self._witness)
                await self._journal.cosigned(note.text, signature)
                self._signed_size = Checkpoint.of_text(note.text).size
                return
        raise NoteBroken("the witness's answer has no signature of its key")
